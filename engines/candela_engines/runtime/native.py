"""The native library, as the engines above `media` know it (`candela_engines.native_library`)."""

from candela_engines.native_library import VARIABLE, native, native_status

__all__ = ["VARIABLE", "native", "native_status"]
