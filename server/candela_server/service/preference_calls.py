"""The use cases of preference under one name: what people chose, taught, asked and held against."""

from candela_server.service.calibrate import CalibrateRequest, CalibrateResult, calibrate
from candela_server.service.versions_measured import Said

__all__ = ["CalibrateRequest", "CalibrateResult", "Said", "calibrate"]
