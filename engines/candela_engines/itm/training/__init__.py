"""Training of the shipped starts: a development tool, on data that is no part of the project."""
