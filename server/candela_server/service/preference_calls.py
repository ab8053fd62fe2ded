"""The use cases of preference under one name: what people choose, taught, and held against."""

from candela_server.service.calibrate import CalibrateRequest, CalibrateResult, calibrate
from candela_server.service.evaluate import PUBLISHED, EvaluateRequest, EvaluateResult, evaluate
from candela_server.service.study import QUESTION, StudyRequest, StudyResult, study
from candela_server.service.versions_measured import Said

__all__ = [
    "PUBLISHED",
    "QUESTION",
    "CalibrateRequest",
    "CalibrateResult",
    "EvaluateRequest",
    "EvaluateResult",
    "Said",
    "StudyRequest",
    "StudyResult",
    "calibrate",
    "evaluate",
    "study",
]
