"""The up-conversion networks in torch, and their training: the extra `train`. Nothing outside imports it."""
