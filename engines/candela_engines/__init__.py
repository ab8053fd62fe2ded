"""Candela's engines: everything that computes. Knows no transport and no host."""

__version__ = "0.1.0"

__all__ = ["__version__"]
