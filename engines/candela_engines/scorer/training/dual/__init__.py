"""A network beside the descriptors: a context encoder and a pixel encoder as in CP-LLM, without the
language model."""
