"""QC: a pass over clips against a profile, whole or in chunks of shots."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from candela_engines import __version__
from candela_engines.colour.ocio import resolved_config
from candela_engines.errors import CandelaError, ColourStateError, InfrastructureError, InputError
from candela_engines.qc.columns import MEASURES_VERSION
from candela_engines.qc.folder import make_folder, store_folder
from candela_engines.qc.profile import Profile, load_profile
from candela_engines.qc.result import ClipResult, QcResult, Software
from candela_server.reports import write_reports
from candela_server.service.in_words import in_words
from candela_server.service.qc_clip import ClipPass, failed_clip
from candela_server.service.qc_inputs import QcInput, inputs_of, open_input
from candela_server.service.qc_request import QcOutcome, QcRequest, ShotsMeasured
from candela_server.service.qc_score import models_used
from candela_server.service.results import Work, WorkProgress, no_work
from candela_server.service.timeline_within import check_within

__all__ = ["find_shots", "measure_shots", "profile_of", "qc", "work_folder"]


def qc(request: QcRequest, progress: WorkProgress = no_work) -> QcOutcome:
    """Measure all inputs, judge them, and write the report if one was asked for.

    Raises InputError for an unknown profile, no input and a single clip that cannot be opened; of several,
    one that cannot be is told in the result. InfrastructureError for a full disk: what was measured is kept,
    and an earlier report is as it was.
    """
    started = _now()
    profile = profile_of(request)
    given = inputs_of(request)
    folder = work_folder(request)
    if request.report is not None and not request.report.absolute().parent.is_dir():
        raise InputError(
            f"{request.report}: the folder {request.report.absolute().parent} does not exist; create it first"
        )
    clips: list[ClipResult] = []
    pictures: dict[tuple[str, str], bytes] = {}
    for one in given:
        try:
            with closing(open_input(one, request.said)) as clip:
                step = ClipPass.begin(one, clip, request, folder, progress)
                spans = step.measure_all()
                result, shots = step.result(profile, spans)
                if request.report is not None:
                    pictures |= step.pictures(shots)
            clips.append(result)
        except InfrastructureError:
            raise
        except CandelaError as error:
            if len(given) == 1:
                raise
            clips.append(failed_clip(one, str(error)))
    if all(clip.failed is not None for clip in clips):
        raise InputError("; ".join(str(clip.failed) for clip in clips))
    ocio, identity = _ocio(request.said.ocio)
    models = models_used() if request.score else {}
    software = Software(__version__, MEASURES_VERSION, models, ocio, identity)
    inputs = tuple(str(path) for path in request.inputs)
    result_of_all = QcResult(
        software, profile.used(), inputs, request.fail_on, tuple(clips), started=started, finished=_now()
    )
    # The software names an OCIO config by its full path, here as there.
    told = replace(in_words(result_of_all, request.called), software=software)
    reports: tuple[Path, ...] = ()
    if request.report is not None:
        progress(Work("write", 0, 1, "reports"))
        ours = {theirs.path: one.path for theirs, one in zip(told.clips, clips, strict=True)}
        timelines = {str(one.timeline.path): one.timeline.path for one in given if one.timeline is not None}
        timelines = {in_words(name, request.called): path for name, path in timelines.items()}
        reports = write_reports(
            told,
            request.report,
            lambda clip, shot: pictures.get((ours[clip.path], shot.name)),
            lambda timeline: timelines[timeline],
        )
    return QcOutcome(told, reports, pictures)


def profile_of(request: QcRequest) -> Profile:
    """The profile, and those that it inherits from, where they may be read. Raises as `load_profile`."""
    return load_profile(request.profile, lambda path: check_within(path, request.within))


def find_shots(request: QcRequest, progress: WorkProgress = no_work) -> list[tuple[str, str, int, int]]:
    """The shots of all inputs in order, as (clip, name, first, last); they are kept in the work folder, by
    which chunks on other machines know them. Raises as `qc`.
    """
    folder = work_folder(request)
    found = []
    for one in inputs_of(request):
        with closing(open_input(one, request.said)) as clip:
            step = ClipPass.begin(one, clip, request, folder, progress)
            found += [(one.name, span.name, span.first, span.last) for span in step.spans()]
    return found


def measure_shots(
    request: QcRequest, wanted: frozenset[int], progress: WorkProgress = no_work
) -> ShotsMeasured:
    """Measure and score the shots of these numbers (from 1, over all inputs) into the work folder; numbers
    beyond the last do nothing. Raises as `qc`.
    """
    profile_of(request)
    folder = work_folder(request)
    number, frames = 0, 0
    done: list[str] = []
    for one in inputs_of(request):
        with closing(open_input(one, request.said)) as clip:
            step = ClipPass.begin(one, clip, request, folder, progress)
            for span in step.spans():
                number += 1
                if number in wanted:
                    step.measure(span.first, span.last)
                    step.scores([span])
                    done.append(span.name if len(request.inputs) == 1 else f"{_short(one)} {span.name}")
                    frames += sum(span.first <= n <= span.last for n in step.measured.numbers)
    return ShotsMeasured(number, tuple(done), frames)


def _short(given: QcInput) -> str:
    return Path(given.name).name


def work_folder(request: QcRequest) -> Path:
    """Where measurements are kept, made where it is not there. Raises InputError for a file."""
    folder = request.work or store_folder()
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file; give a folder for the measurements")
    make_folder(folder)
    return folder


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _ocio(said: str | None) -> tuple[str | None, str | None]:
    """The config in force, by its path or name as resolved, and its identity."""
    try:
        config = resolved_config(said)
    except (ColourStateError, InfrastructureError):
        if said is not None:
            raise
        return None, None
    return config.path_or_uri, config.identity
