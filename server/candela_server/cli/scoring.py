"""The commands that judge HDR grades: score and compare."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from candela_server.cli.measuring import _colour, _matrix, _range
from candela_server.cli.options import Frames, JsonFlag, Ocio, QuietFlag, RangeName, refuse_sidecar, settings
from candela_server.cli.output import say, show
from candela_server.cli.progress import ProgressBar
from candela_server.cli.remote import use_cases

__all__ = ["compare", "score"]


class EngineName(StrEnum):
    """What scores: the grade model, or a vision language model that is served elsewhere."""

    grade = "grade"
    vlm = "vlm"


_GRADE, _REFERENCE = "How the grade is read", "How the SDR reference is read"
_SERVED = "A served model"
_PATH = "An HDR grade: a still, a movie, a pattern such as shot.####.exr, or a folder."
Reference = Annotated[
    Path | None,
    typer.Option(
        metavar="SDR", readable=False, help="Its SDR version, of the same size. Without it less is told."
    ),
]
Offset = Annotated[
    int | None,
    typer.Option(metavar="N", help="A frame's SDR reference has its number and N on top."),
]
KeyFrames = Annotated[int, typer.Option(metavar="N", help="Key frames of a shot at most, 1 to 50.")]
Anyway = Annotated[
    bool, typer.Option("--anyway", help="Judge beside a reference that looks like another shot.")
]
HouseModel = Annotated[
    Path | None,
    typer.Option(
        "--model", metavar="HOUSE", readable=False, help="Score by a house model that candela calibrate made."
    ),
]
Colour = Annotated[str | None, _colour(_GRADE)]
Range = Annotated[RangeName | None, _range(_GRADE)]
Matrix = Annotated[str | None, _matrix(_GRADE)]
ReferenceColour = Annotated[str | None, _colour(_REFERENCE)]
ReferenceRange = Annotated[RangeName | None, _range(_REFERENCE)]
ReferenceMatrix = Annotated[str | None, _matrix(_REFERENCE)]


def score(
    context: typer.Context,
    grades: Annotated[list[Path], typer.Argument(metavar="GRADE…", readable=False, help=_PATH)],
    reference: Reference = None,
    colour: Colour = None,
    range: Range = None,
    matrix: Matrix = None,
    reference_colour: ReferenceColour = None,
    reference_range: ReferenceRange = None,
    reference_matrix: ReferenceMatrix = None,
    frames: Frames = None,
    offset: Offset = None,
    key_frames: KeyFrames = 5,
    overlay: Annotated[
        Path | None,
        typer.Option(metavar="DIR", readable=False, help="Write pictures there: nits, faults, difference."),
    ] = None,
    fail_on: Annotated[
        float | None,
        typer.Option(metavar="S", help="Exit with 1 for a violation of severity S, 0 to 1, or more."),
    ] = None,
    anyway: Anyway = False,
    model: HouseModel = None,
    engine: Annotated[
        EngineName,
        typer.Option(help="grade: the grade model. vlm: a served model's opinion.", rich_help_panel=_SERVED),
    ] = EngineName.grade,
    endpoint: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Its server, of vLLM or TensorRT-LLM.", rich_help_panel=_SERVED),
    ] = None,
    vlm_model: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Its name there; else the only one.", rich_help_panel=_SERVED),
    ] = None,
    samples: Annotated[
        int,
        typer.Option(
            metavar="K",
            help="Answers a frame, of which the mean; 1 is at temperature 0.",
            rich_help_panel=_SERVED,
        ),
    ] = 5,
    timeout: Annotated[
        float, typer.Option(metavar="S", help="Seconds of one request.", rich_help_panel=_SERVED)
    ] = 120.0,
    retries: Annotated[
        int, typer.Option(metavar="N", help="More tries of one.", rich_help_panel=_SERVED)
    ] = 2,
    price: Annotated[
        float, typer.Option(metavar="P", help="Of a million tokens, for the cost.", rich_help_panel=_SERVED)
    ] = 0.0,
    ocio: Ocio = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Judge HDR grades: what is wrong with them, where, and by what evidence.

    Violations are faults; deviations from the expected rendering of the SDR reference are described and not
    punished; what cannot be known is said. Nobody rated these pictures: nothing here is a preference.

    candela score grade.exr --reference sdr.png

    candela score shot.####.exr --reference sdr.mov --overlay looks --json

    candela score grade.exr --reference sdr.png --engine vlm --endpoint http://127.0.0.1:8000
    """
    from candela_engines.errors import InputError
    from candela_server import service
    from candela_server.cli import text_score

    said = settings(context, json, quiet, ocio)
    _check(key_frames)
    if fail_on is not None and not 0 <= fail_on <= 1:
        raise InputError(f"--fail-on {fail_on:g}: 0 to 1 are possible")
    if overlay is not None and len({path.stem for path in grades}) < len(grades):
        raise InputError("--overlay: two of the grades have one name; judge them one at a time")
    if engine is EngineName.vlm:
        refuse_sidecar(said, "score --engine vlm")
    vlm = _served(engine, endpoint, model, vlm_model, samples, timeout, retries, price)
    results = []
    with use_cases(said) as doing, ProgressBar(quiet=said.quiet) as bar:
        for path in grades:
            if len(grades) > 1:
                bar.subject(path.name)
            request = service.ScoreRequest(
                path,
                _side("--colour", colour, range, matrix, said.ocio),
                reference,
                _side("--reference-colour", reference_colour, reference_range, reference_matrix, said.ocio),
                frames=_frames(frames),
                offset=offset,
                key_frames=key_frames,
                overlay=overlay,
                anyway=anyway,
                model=model,
                vlm=vlm,
            )
            results.append(doing.score(request, bar.work))
    for number, result in enumerate(results):
        if number and not said.json and not said.quiet:
            say("")
        if not said.json:
            show(said, text_score.scored(result))
    if said.json:
        documents = [result.to_json() for result in results]
        show(said, (), documents[0] if len(documents) == 1 else {"command": "score", "grades": documents})
    if fail_on is not None and any(result.worst_violation >= fail_on for result in results):
        raise typer.Exit(1)


def compare(
    context: typer.Context,
    first: Annotated[Path, typer.Argument(metavar="A", readable=False, help=_PATH)],
    second: Annotated[
        Path, typer.Argument(metavar="B", readable=False, help="Another grade of the same shot.")
    ],
    reference: Reference = None,
    colour: Colour = None,
    range: Range = None,
    matrix: Matrix = None,
    reference_colour: ReferenceColour = None,
    reference_range: ReferenceRange = None,
    reference_matrix: ReferenceMatrix = None,
    frames: Frames = None,
    offset: Offset = None,
    key_frames: KeyFrames = 5,
    anyway: Anyway = False,
    model: HouseModel = None,
    ocio: Ocio = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Say which of two HDR grades of one shot is better, by how much and why, as far as it can be known.

    --colour, --range and --matrix are of both grades, where their tags do not say it.

    candela compare a.exr b.exr --reference sdr.png
    """
    from candela_server import service
    from candela_server.cli import text_score

    said = settings(context, json, quiet, ocio)
    _check(key_frames)
    side = _side("--colour", colour, range, matrix, said.ocio)
    request = service.CompareRequest(
        first,
        second,
        side,
        side,
        reference,
        _side("--reference-colour", reference_colour, reference_range, reference_matrix, said.ocio),
        frames=_frames(frames),
        offset=offset,
        key_frames=key_frames,
        anyway=anyway,
        model=model,
    )
    with use_cases(said) as doing, ProgressBar(quiet=said.quiet) as bar:
        result = doing.compare(request, bar.work)
    show(said, text_score.compared(result), result.to_json())


def _check(key_frames: int) -> None:
    from candela_engines.errors import InputError

    if not 1 <= key_frames <= 50:
        raise InputError(f"--key-frames {key_frames}: 1 to 50 are possible")


def _served(
    engine: EngineName,
    endpoint: str | None,
    house: Path | None,
    name: str | None,
    samples: int,
    timeout: float,
    retries: int,
    price: float,
) -> Any:
    """What is asked of a served model; None where none is. InputError for halves."""
    from candela_engines.errors import InputError
    from candela_server.service.score_vlm import VlmSaid

    if engine is EngineName.grade:
        if endpoint is not None or name is not None:
            raise InputError("--endpoint and --vlm-model are of --engine vlm; say that as well")
        return None
    if endpoint is None:
        raise InputError("--engine vlm: asks a served model; say where with --endpoint http://HOST:PORT")
    if house is not None:
        raise InputError("--engine vlm and --model: one of them scores; leave one out")
    return VlmSaid(endpoint, name, samples, timeout, retries, price)


def _side(
    flag: str, colour: str | None, range: RangeName | None, matrix: str | None, ocio: str | None
) -> Any:
    from candela_server import service

    return service.SaidSide(flag, colour, None if range is None else range.value, matrix, ocio)


def _frames(said: str | None) -> tuple[int, int] | None:
    from candela_server.cli import ranges

    return None if said is None else ranges.frame_range(said, "--frames")
