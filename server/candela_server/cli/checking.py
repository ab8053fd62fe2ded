"""The commands of quality control: qc and waive."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from candela_server.cli.measuring import _colour, _matrix, _range
from candela_server.cli.options import JsonFlag, Media, Ocio, QuietFlag, RangeName, settings
from candela_server.cli.output import say, show
from candela_server.cli.progress import ProgressBar
from candela_server.cli.progress_openjd import fail_line, status_line, wants_openjd
from candela_server.cli.remote import qc_cases

if TYPE_CHECKING:
    from candela_server.service.qc_request import QcRequest, QcSaid

__all__ = ["qc", "waive"]

_READ = "How clips are read"
_REFERENCE = "The SDR reference"
_FARM = "In chunks, as on a farm"
Inputs = Annotated[
    list[Path],
    typer.Argument(
        metavar="INPUT…",
        readable=False,
        help="Movies, stills, patterns such as shot.####.exr, folders, timelines (OTIO, EDL, FCPXML).",
    ),
]
ProfileName = Annotated[
    str,
    typer.Option(metavar="NAME", help="hdr10-1000, hdr10-4000, hlg, web, archive, or a TOML file."),
]
Colour = Annotated[str | None, _colour(_READ)]
Range = Annotated[RangeName | None, _range(_READ)]
Matrix = Annotated[str | None, _matrix(_READ)]
Work = Annotated[
    Path | None,
    typer.Option(metavar="DIR", readable=False, help="Keep measurements there; else in the user's cache."),
]
References = Annotated[
    list[str] | None,
    typer.Option(
        "--reference",
        metavar="SDR",
        help=(
            "The SDR version of the input, beside which shots are scored; of several inputs several, or a"
            " folder, which are matched by name: sh010_sdr.mov to sh010.mov. Empty for none."
        ),
        rich_help_panel=_REFERENCE,
    ),
]
ReferenceColour = Annotated[str | None, _colour(_REFERENCE)]
ReferenceRange = Annotated[RangeName | None, _range(_REFERENCE)]
ReferenceMatrix = Annotated[str | None, _matrix(_REFERENCE)]
Rate = Annotated[str | None, typer.Option(metavar="FPS", help="Frames a second of an EDL.")]


class SeverityName(StrEnum):
    """How grave a finding is."""

    fyi = "fyi"
    issue = "issue"
    blocker = "blocker"


class OnFindings(StrEnum):
    """What findings do to the exit code."""

    tell = "tell"
    fail = "fail"


def qc(
    context: typer.Context,
    inputs: Inputs,
    profile: ProfileName = "hdr10-1000",
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="DIR", readable=False, help="Write the report into this folder."),
    ] = None,
    fail_on: Annotated[
        SeverityName, typer.Option(help="Exit with 1 for findings as grave as this, or graver.")
    ] = SeverityName.issue,
    on_findings: Annotated[
        OnFindings, typer.Option(help="tell: exit with 0 whatever is found, as a farm wants it.")
    ] = OnFindings.fail,
    colour: Colour = None,
    range: Range = None,
    matrix: Matrix = None,
    reference: References = None,
    reference_colour: ReferenceColour = None,
    reference_range: ReferenceRange = None,
    reference_matrix: ReferenceMatrix = None,
    media: Media = None,
    rate: Rate = None,
    work: Work = None,
    find_shots: Annotated[
        bool,
        typer.Option("--find-shots", help="Find the shots, list them, and no more.", rich_help_panel=_FARM),
    ] = False,
    shots: Annotated[
        str | None,
        typer.Option(
            metavar="A-B",
            help=(
                "Measure and score only these shots, counted from 1 over all inputs, and report nothing; a"
                " later run with the same --work goes on from there."
            ),
            rich_help_panel=_FARM,
        ),
    ] = None,
    find_parts: Annotated[
        bool,
        typer.Option(
            "--find-parts",
            help="List the parts: shots of a timeline, else stretches of frames. Nothing is decoded.",
            rich_help_panel=_FARM,
        ),
    ] = False,
    parts: Annotated[
        str | None,
        typer.Option(metavar="A-B", help="As --shots, of parts.", rich_help_panel=_FARM),
    ] = None,
    measure_only: Annotated[
        bool, typer.Option("--measure-only", help="Measure, and judge nothing.", rich_help_panel=_FARM)
    ] = False,
    score: Annotated[
        bool,
        typer.Option("--score/--no-score", help="Judge shots as candela score does, with a grade model."),
    ] = True,
    ocio: Ocio = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Check HDR clips against a delivery profile: light, metadata, levels, gamut, picture, time.

    Every frame is read once. What was measured is kept: an interrupted run goes on where it was, another
    profile needs no second look, and only what has changed is measured again.

    candela qc reel1.mov --profile hdr10-1000 -o qc/reel1

    candela qc cut.otio --media /plates --fail-on blocker --json

    candela qc grades --reference sdr --profile house.toml -o qc/reel1
    """
    from candela_engines.qc.findings import Severity
    from candela_server.cli import text_qc

    said = settings(context, json, quiet, ocio)
    request = _request(inputs, profile, colour, range, matrix, said.ocio, work, media, rate)
    request = replace(
        request,
        score=score,
        references=tuple(Path(path) for path in reference or () if path),
        reference_said=_said(reference_colour, reference_range, reference_matrix, said.ocio),
    )
    with qc_cases(said) as doing, ProgressBar(quiet=said.quiet) as bar:
        if find_shots or find_parts:
            of = "parts" if find_parts else "shots"
            found = (doing.find_parts if find_parts else doing.find_shots)(request, bar.work)
            listed = [{"clip": c, "name": n, "first": a, "last": b} for c, n, a, b in found]
            bar.pause()
            show(said, text_qc.shots_found(found, of), {"command": "qc", of: listed})
            return
        if shots is not None or parts is not None or measure_only:
            wanted = frozenset(_numbers(parts or shots or "1-1000000"))
            by_shots = parts is None and shots is not None
            measure = doing.measure_shots if by_shots else doing.measure_parts
            chunk = measure(request, wanted, bar.work)
            bar.pause()
            show(said, text_qc.measured(chunk.shots, chunk.measured, chunk.frames, chunk.of), chunk.to_json())
            return
        request = replace(request, report=out, fail_on=Severity(fail_on.value))
        outcome = doing.qc(request, bar.work)
    result = outcome.result
    show(said, text_qc.checked(result, tuple(map(str, outcome.reports))), result.to_json())
    failed = not result.passed and on_findings is OnFindings.fail
    if wants_openjd():
        verdict = f"QC {text_qc.verdict(result)}"
        if outcome.unread:
            say(fail_line("; ".join(outcome.unread)))
        say(fail_line(verdict) if failed else status_line(verdict))
    if outcome.unread:
        if said.quiet:  # else the text has told
            typer.echo("candela: " + "; ".join(outcome.unread), err=True)
        raise typer.Exit(2)
    if failed:
        raise typer.Exit(1)


def waive(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="CLIP", readable=False, help="The clip, as it was given to qc.")
    ],
    key: Annotated[
        str | None,
        typer.Argument(
            metavar="KEY", help="Of the finding, as qc prints it in [brackets]; none lists what is waived."
        ),
    ] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why it may pass.")] = None,
    author: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who says so; else the user's name.")
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the waiver away.")] = False,
    profile: ProfileName = "hdr10-1000",
    colour: Colour = None,
    range: Range = None,
    matrix: Matrix = None,
    work: Work = None,
    ocio: Ocio = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Let a finding pass, with a reason and a name; or list what was let pass, or take it back.

    Waivers lie in a file beside the clip. They hold for the same picture, in any later run, and not for a
    changed one.

    candela waive reel1.mov 3fa9c1d2 --reason "sun is meant to clip" --author "A. Colourist"

    candela waive reel1.mov

    candela waive reel1.mov 3fa9c1d2 --remove
    """
    from candela_engines.errors import InputError
    from candela_server.cli.lines import line
    from candela_server.service import qc_waive

    said = settings(context, json, quiet, ocio)
    if said.sidecar is not None:
        raise InputError(
            "waive writes a file beside the clip and needs no sidecar: run it without --sidecar where the "
            "clip lies. Passes over a sidecar read that file"
        )
    request = _request([file], profile, colour, range, matrix, said.ocio, work, None, None)
    with ProgressBar(quiet=said.quiet) as bar:
        if key is None:
            done = qc_waive.listed(request)
        elif remove:
            done = qc_waive.removed(request, key)
        else:
            done = qc_waive.added(request, key, reason, author, bar.work)
    lines = [line("file", str(done.path))]
    for one in done.waivers:
        where = "" if one.shot is None else f", {one.shot}"
        w = one.waiver
        lines.append(line(one.id, f"{one.code}{where}: {w.reason} ({w.author}, {w.date})"))
    if not done.waivers:
        lines.append(line("waived", "nothing"))
    show(said, lines, done.to_json())


def _request(
    inputs: list[Path], profile: str, colour: str | None, range: RangeName | None, matrix: str | None,
    ocio: str | None, work: Path | None, media: list[Path] | None, rate: str | None,
) -> QcRequest:  # fmt: skip
    from candela_server.cli import ranges
    from candela_server.service.qc_request import QcRequest

    return QcRequest(
        tuple(inputs),
        profile,
        _said(colour, range, matrix, ocio),
        work=work,
        media=tuple(media or ()),
        rate=None if rate is None else ranges.rate(rate, "--rate"),
    )


def _said(colour: str | None, range: RangeName | None, matrix: str | None, ocio: str | None) -> QcSaid:
    from candela_server.service.qc_request import QcSaid

    return QcSaid(colour, None if range is None else range.value, matrix, ocio)


def _numbers(text: str) -> set[int]:
    """Shots of `1-4,7`."""
    from candela_engines.errors import InputError
    from candela_server.cli.ranges import frame_range

    out: set[int] = set()
    for part in text.split(","):
        first, last = frame_range(part.strip(), "--shots")
        if first < 1 or last - first > 10_000_000:
            raise InputError(f"--shots {text[:40]}: shots are counted from 1")
        out.update(range(first, last + 1))
    return out
