"""The package `candela`, by version."""
