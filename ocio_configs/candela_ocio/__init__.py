"""OCIO configs as package data, and finding the config in force.

Importing this package does not import PyOpenColorIO; the functions do when they are called.
"""

from candela_ocio.errors import OcioConfigError
from candela_ocio.in_force import CANDELA_CONFIG, ResolvedConfig, candela_config_path, in_force
from candela_ocio.spaces import Direction, Space, apply, find_space, render, space_names

__all__ = [
    "CANDELA_CONFIG",
    "Direction",
    "OcioConfigError",
    "ResolvedConfig",
    "Space",
    "apply",
    "candela_config_path",
    "find_space",
    "in_force",
    "render",
    "space_names",
]
