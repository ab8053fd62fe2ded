"""The native library, where it was built: see `candela_engines.native`, which media imports as well."""

from candela_engines.native import VARIABLE, native, native_status

__all__ = ["VARIABLE", "native", "native_status"]
