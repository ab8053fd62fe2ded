"""Where a payload lives inside each file format."""
