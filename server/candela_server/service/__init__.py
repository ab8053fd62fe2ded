"""Use cases, free of any transport: each takes a frozen request and gives back a frozen result.

    result = embed(EmbedRequest(sdr=Path("grade.png"), hdr=Path("master.exr"), out=Path("out.png")))
    result.to_json()

`to_json()` holds bare numbers with the unit in the key: `_db`, `_nits`, `_px`, `_bytes`, `_seconds`;
ΔE_ITP has none. A PSNR of `null` stands for no difference at all.
Every use case takes `progress(stage, fraction)`, those of shots `progress(work)`, and raises `CandelaError`
only. Those of quality control are in `service.qc_calls`, which takes as long to import as all others.
"""

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
