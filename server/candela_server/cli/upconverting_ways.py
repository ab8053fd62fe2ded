"""The other ways of candela upconvert: distilled into the SDR file, and as a LUT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candela_server.cli.options import refuse_flags
from candela_server.cli.output import show
from candela_server.cli.progress import ProgressBar

if TYPE_CHECKING:
    from candela_server.cli.options import Settings
    from candela_server.service import DistilRequest, UpconvertClipRequest

__all__ = ["cube", "distil"]


def distil(said: Settings, request: DistilRequest) -> None:
    """Fit, write and show what came of it. Raises InputError for options that are no use with the file."""
    from candela_server import service
    from candela_server.cli import text_upconvert
    from candela_server.service.clip_kind import kind_of_name

    if kind_of_name(request.file) == "still":
        only_shots: dict[str, object] = {
            "--bytes-per-second": request.bytes_per_second,
            "--frames": request.frames,
            "--rate": request.rate,
            "--sdr-matrix": request.sdr_matrix,
        }
        refuse_flags(request.file, only_shots, "is a still picture", "movies and sequences")
        with ProgressBar(quiet=said.quiet) as bar:
            still = service.distil(request, bar)
        show(said, text_upconvert.distilled(still), still.to_json())
        return
    refuse_flags(request.file, {"--seconds": request.seconds}, "is a clip", "stills")
    with ProgressBar(quiet=said.quiet) as bar:
        shots = service.distil_shots(request, bar.work)
    show(said, text_upconvert.distilled_shots(shots), shots.to_json())


def cube(said: Settings, request: UpconvertClipRequest) -> None:
    """Write the LUT and show how close it is."""
    from candela_server import service
    from candela_server.cli import text_upconvert

    with ProgressBar(quiet=said.quiet) as bar:
        result = service.upconvert_cube(request, bar.work)
    show(said, text_upconvert.cube(result), result.to_json())
