"""The score of a shot of an HDR grade, with its reasons."""

from candela_engines.scorer.descriptors import DESCRIPTORS, Description, Descriptor, describe, names, vector

__all__ = ["DESCRIPTORS", "Description", "Descriptor", "describe", "names", "vector"]
