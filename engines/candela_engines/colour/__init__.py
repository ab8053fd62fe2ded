"""One standard a module: transfer functions, gamuts, PU21, ICtCp, and the colour state of an image."""
