"""QC on render farms: an Open Job Description template, and an OpenCue outline beside it."""

from candela_server.farm.export import OUTLINE, TEMPLATE, FarmFiles, export_farm

__all__ = ["OUTLINE", "TEMPLATE", "FarmFiles", "export_farm"]
