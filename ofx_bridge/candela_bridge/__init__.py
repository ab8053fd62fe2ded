"""What grading hosts load. Imports nothing of the engines: it runs inside somebody else's Python."""
