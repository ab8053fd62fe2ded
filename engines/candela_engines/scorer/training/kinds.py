"""Which ladder of faults shows which kind of reason, and which kinds are only a consequence of another."""

from __future__ import annotations

__all__ = ["FOLLOWS", "LADDERS"]

LADDERS = {
    "highlights_clipped": ("hl_clip",),
    "blacks_crushed": ("crush",),
    "blacks_lifted": ("lift",),
    "banding": ("band",),
    "noise": ("noise",),
    "soft": ("blur",),
    "halo": ("halo",),
    "compression": ("x265", "x264", "av1"),
    "tones_reversed": ("curve",),
    "exposure": ("exp+", "exp-"),
    "white_balance": ("wb_warm", "wb_cool"),
    "hue": ("hue",),
    "saturation": ("sat+", "sat-"),
    "contrast": ("con+", "con-", "curve"),
}
"""Ladders of each kind of reason that has any."""

FOLLOWS = {
    "highlights_clipped": ("con+", "exp+", "halo"),
    "blacks_crushed": ("con+", "exp-", "halo"),
    "blacks_lifted": ("con-", "blur"),
    "banding": ("x265", "x264", "av1"),
    "soft": ("x265", "x264", "av1"),
    "compression": ("blur",),
    "exposure": ("con+", "con-", "curve", "lift"),
    "saturation": ("lift", "exp+", "exp-", "x265", "x264", "av1", "wb_warm", "wb_cool"),
    "white_balance": ("sat+", "sat-", "hue"),
    "hue": ("x265", "x264", "av1", "wb_warm", "wb_cool"),
    "contrast": ("exp+", "exp-", "lift", "crush"),
}
"""Ladders on which a kind is a consequence: neither found nor a false alarm there."""
