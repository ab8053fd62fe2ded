"""The use cases of quality control under one name, as a sidecar's client has them too."""

from candela_server.service.qc import find_shots, measure_shots, qc
from candela_server.service.qc_parts import find_parts, measure_parts

__all__ = ["find_parts", "find_shots", "measure_parts", "measure_shots", "qc"]
