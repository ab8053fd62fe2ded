"""Processes that do the work: whatever a picture makes of a decoder, the sidecar stays up.

See docs/decisions/2026-11-26-worker-processes.md.
"""
