"""What candela upconvert does: HDR of a still or of shots, distilled into the SDR file, or as a LUT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candela_server.cli.options import refuse_flags
from candela_server.cli.output import show
from candela_server.cli.progress import ProgressBar

if TYPE_CHECKING:
    from candela_server.cli.options import Settings
    from candela_server.service import DistilRequest, UpconvertClipRequest, UpconvertRequest

__all__ = ["clip", "cube", "distil", "still"]


def distil(said: Settings, request: DistilRequest) -> None:
    """Fit, write and show what came of it. Raises InputError for options that are no use with the file."""
    from candela_server.cli import text_upconvert
    from candela_server.cli.remote import use_cases
    from candela_server.service.clip_kind import kind_of_input

    if kind_of_input(request.file) == "still":
        only_shots: dict[str, object] = {
            "--bytes-per-second": request.bytes_per_second,
            "--frames": request.frames,
            "--rate": request.rate,
            "--sdr-matrix": request.sdr_matrix,
        }
        refuse_flags(request.file, only_shots, "is a still picture", "movies and sequences")
        with use_cases(said) as doing, ProgressBar(quiet=said.quiet) as bar:
            still = doing.distil(request, bar)
        show(said, text_upconvert.distilled(still), still.to_json())
        return
    refuse_flags(request.file, {"--seconds": request.seconds}, "is a clip", "stills")
    with use_cases(said) as doing, ProgressBar(quiet=said.quiet) as bar:
        if kind_of_input(request.file) == "timeline":
            whole = doing.distil_timeline(request, bar.work)
            show(said, text_upconvert.distilled_timeline(whole), whole.to_json())
            return
        shots = doing.distil_shots(request, bar.work)
    show(said, text_upconvert.distilled_shots(shots), shots.to_json())


def cube(said: Settings, request: UpconvertClipRequest) -> None:
    """Write the LUT and show how close it is. Raises InputError for a timeline, which has one a shot."""
    from candela_server.cli import text_upconvert
    from candela_server.cli.remote import use_cases

    with use_cases(said) as doing, ProgressBar(quiet=said.quiet) as bar:
        result = doing.upconvert_cube(request, bar.work)
    show(said, text_upconvert.cube(result), result.to_json())


def still(said: Settings, request: UpconvertRequest) -> None:
    """Write the HDR and show what came of it."""
    from candela_server.cli import text_upconvert
    from candela_server.cli.remote import use_cases

    with use_cases(said) as doing, ProgressBar(quiet=said.quiet) as bar:
        result = doing.upconvert(request, bar)
    show(said, text_upconvert.upconverted(result), result.to_json())


def clip(said: Settings, request: UpconvertClipRequest) -> None:
    """Write the HDR and show what came of it."""
    from candela_server.cli import text_upconvert
    from candela_server.cli.remote import use_cases
    from candela_server.service.clip_kind import kind_of_input

    with use_cases(said) as doing, ProgressBar(quiet=said.quiet) as bar:
        if kind_of_input(request.file) == "timeline":
            whole = doing.upconvert_timeline(request, bar.work)
            show(said, text_upconvert.upconverted_timeline(whole), whole.to_json())
            return
        result = doing.upconvert_clip(request, bar.work)
    show(said, text_upconvert.upconverted_clip(result), result.to_json())

