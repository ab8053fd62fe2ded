"""The active picture, as `metrics.active` finds it."""

from candela_engines.metrics.active import DARK_NITS, active_area, common_area

__all__ = ["DARK_NITS", "active_area", "common_area"]
