"""Where samples come from and go to: files inside roots, shared memory, files that were sent."""
