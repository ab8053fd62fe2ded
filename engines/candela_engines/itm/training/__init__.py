"""Meta-training of the shipped start. Needs the extra `train`."""
