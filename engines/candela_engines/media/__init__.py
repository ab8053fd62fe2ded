"""Frames in and out: stills, each with its colour state."""
