"""Use cases, free of any transport: each takes a frozen request and gives back a frozen result.

    result = embed(EmbedRequest(sdr=Path("grade.png"), hdr=Path("master.exr"), out=Path("out.png")))
    result.to_json()

`to_json()` holds bare numbers with the unit in the key: `_db`, `_nits`, `_px`, `_bytes`, `_seconds`;
ΔE_ITP has none. A PSNR of `null` stands for no difference at all.
Every use case takes `progress(stage, fraction)`, those of shots `progress(work)`, and raises `CandelaError`
only. Those of quality control are in `service.qc_calls`, which takes as long to import as all others.

What is listed here is imported when it is first asked for (PEP 562): a short command needs one use case, and
all of them take half of its time.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from candela_server.service.clip_result import ClipResult
    from candela_server.service.compare import CompareRequest, CompareResult, compare
    from candela_server.service.embed import EmbedRequest, EmbedResult, embed
    from candela_server.service.export_code import ExportCodeRequest, ExportCodeResult, export_code
    from candela_server.service.export_cube import ExportCubeRequest, ExportCubeResult, export_cube
    from candela_server.service.export_triton import ExportTritonRequest, ExportTritonResult, export_triton
    from candela_server.service.inspect import InspectRequest, InspectResult, inspect
    from candela_server.service.install_ofx import InstallOfxRequest, InstallOfxResult, install_ofx
    from candela_server.service.look import LookRequest, LookResult, look
    from candela_server.service.mark_timeline import MarkRequest, MarkResult, frame_shown, mark_timeline
    from candela_server.service.metrics import MetricsRequest, MetricsResult, metrics
    from candela_server.service.metrics_sides import SaidSide
    from candela_server.service.qc_request import QcOutcome, QcRequest, QcSaid, ShotsMeasured
    from candela_server.service.reconstruct import ReconstructRequest, ReconstructResult, reconstruct
    from candela_server.service.reconstruct_clip import ReconstructClipRequest, reconstruct_clip
    from candela_server.service.results import Progress, Work, WorkProgress
    from candela_server.service.runtime import RuntimeResult, runtime
    from candela_server.service.score import ScoreRequest, ScoreResult, score
    from candela_server.service.shots import ShotsRequest, shots
    from candela_server.service.shots_embed import embed_shots
    from candela_server.service.shots_embed_request import EmbedShotsRequest
    from candela_server.service.shots_embed_result import EmbedShotsResult
    from candela_server.service.shots_findings import ShotFinding
    from candela_server.service.shots_inspect import (
        InspectShotsRequest,
        InspectShotsResult,
        inspect_shots,
        is_reel_file,
    )
    from candela_server.service.shots_result import ShotsResult
    from candela_server.service.shots_strip import StripShotsRequest, StripShotsResult, strip_shots
    from candela_server.service.shots_verify import (
        VerifyShotsRequest,
        VerifyShotsResult,
        verify_shots,
    )
    from candela_server.service.strip import StripRequest, StripResult, strip
    from candela_server.service.upconvert import UpconvertResult, upconvert
    from candela_server.service.upconvert_clip import UpconvertClipResult, upconvert_clip
    from candela_server.service.upconvert_cube import UpconvertCubeResult, upconvert_cube
    from candela_server.service.upconvert_distil import (
        DistilRequest,
        DistilResult,
        DistilShotsResult,
        distil,
        distil_shots,
    )
    from candela_server.service.upconvert_request import UpconvertClipRequest, UpconvertRequest
    from candela_server.service.upconvert_timeline import (
        DistilTimelineResult,
        UpconvertTimelineResult,
        distil_timeline,
        upconvert_timeline,
    )
    from candela_server.service.verify import Finding, VerifyRequest, VerifyResult, verify

__all__ = [
    "ClipResult",
    "CompareRequest",
    "CompareResult",
    "DistilRequest",
    "DistilResult",
    "DistilShotsResult",
    "DistilTimelineResult",
    "EmbedRequest",
    "EmbedResult",
    "EmbedShotsRequest",
    "EmbedShotsResult",
    "ExportCodeRequest",
    "ExportCodeResult",
    "ExportCubeRequest",
    "ExportCubeResult",
    "ExportTritonRequest",
    "ExportTritonResult",
    "Finding",
    "InspectRequest",
    "InspectResult",
    "InspectShotsRequest",
    "InspectShotsResult",
    "InstallOfxRequest",
    "InstallOfxResult",
    "LookRequest",
    "LookResult",
    "MarkRequest",
    "MarkResult",
    "MetricsRequest",
    "MetricsResult",
    "Progress",
    "QcOutcome",
    "QcRequest",
    "QcSaid",
    "ReconstructClipRequest",
    "ReconstructRequest",
    "ReconstructResult",
    "RuntimeResult",
    "SaidSide",
    "ScoreRequest",
    "ScoreResult",
    "ShotFinding",
    "ShotsMeasured",
    "ShotsRequest",
    "ShotsResult",
    "StripRequest",
    "StripResult",
    "StripShotsRequest",
    "StripShotsResult",
    "UpconvertClipRequest",
    "UpconvertClipResult",
    "UpconvertCubeResult",
    "UpconvertRequest",
    "UpconvertResult",
    "UpconvertTimelineResult",
    "VerifyRequest",
    "VerifyResult",
    "VerifyShotsRequest",
    "VerifyShotsResult",
    "Work",
    "WorkProgress",
    "compare",
    "distil",
    "distil_shots",
    "distil_timeline",
    "embed",
    "embed_shots",
    "export_code",
    "export_cube",
    "export_triton",
    "frame_shown",
    "inspect",
    "inspect_shots",
    "install_ofx",
    "is_reel_file",
    "look",
    "mark_timeline",
    "metrics",
    "reconstruct",
    "reconstruct_clip",
    "runtime",
    "score",
    "shots",
    "strip",
    "strip_shots",
    "upconvert",
    "upconvert_clip",
    "upconvert_cube",
    "upconvert_timeline",
    "verify",
    "verify_shots",
]

_WHERE = {
    "clip_result": "ClipResult",
    "compare": "CompareRequest CompareResult compare",
    "embed": "EmbedRequest EmbedResult embed",
    "export_code": "ExportCodeRequest ExportCodeResult export_code",
    "export_cube": "ExportCubeRequest ExportCubeResult export_cube",
    "export_triton": "ExportTritonRequest ExportTritonResult export_triton",
    "inspect": "InspectRequest InspectResult inspect",
    "install_ofx": "InstallOfxRequest InstallOfxResult install_ofx",
    "look": "LookRequest LookResult look",
    "mark_timeline": "MarkRequest MarkResult frame_shown mark_timeline",
    "metrics": "MetricsRequest MetricsResult metrics",
    "metrics_sides": "SaidSide",
    "qc_request": "QcOutcome QcRequest QcSaid ShotsMeasured",
    "reconstruct": "ReconstructRequest ReconstructResult reconstruct",
    "reconstruct_clip": "ReconstructClipRequest reconstruct_clip",
    "results": "Progress Work WorkProgress",
    "runtime": "RuntimeResult runtime",
    "score": "ScoreRequest ScoreResult score",
    "shots": "ShotsRequest shots",
    "shots_embed": "embed_shots",
    "shots_embed_request": "EmbedShotsRequest",
    "shots_embed_result": "EmbedShotsResult",
    "shots_findings": "ShotFinding",
    "shots_inspect": "InspectShotsRequest InspectShotsResult inspect_shots is_reel_file",
    "shots_result": "ShotsResult",
    "shots_strip": "StripShotsRequest StripShotsResult strip_shots",
    "shots_verify": "VerifyShotsRequest VerifyShotsResult verify_shots",
    "strip": "StripRequest StripResult strip",
    "upconvert": "UpconvertResult upconvert",
    "upconvert_clip": "UpconvertClipResult upconvert_clip",
    "upconvert_cube": "UpconvertCubeResult upconvert_cube",
    "upconvert_distil": "DistilRequest DistilResult DistilShotsResult distil distil_shots",
    "upconvert_request": "UpconvertClipRequest UpconvertRequest",
    "upconvert_timeline": "DistilTimelineResult UpconvertTimelineResult distil_timeline upconvert_timeline",
    "verify": "Finding VerifyRequest VerifyResult verify",
}
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names.split()}


class _UseCases(ModuleType):
    """Looks up what is not there yet. Several use cases have the name of their module, which Python's import
    would put in their place."""

    def __getattr__(self, name: str) -> Any:
        module = _MODULE_OF.get(name)
        if module is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        found = getattr(importlib.import_module(f"{self.__name__}.{module}"), name)
        super().__setattr__(name, found)
        return found

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _MODULE_OF and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *__all__})


sys.modules[__name__].__class__ = _UseCases
