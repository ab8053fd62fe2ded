"""Benchmarks that anyone can run on a folder of their own HDR stills."""
