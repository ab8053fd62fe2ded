"""Use cases and the `candela` command, on top of the engines."""
