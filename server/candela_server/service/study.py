"""A study of preference: which pairs to show to whom, and what to show them with.

Written into a folder: `trials.csv` (every showing of every rater, in order), `versions.csv` (what was
compared, so that `calibrate` and `evaluate` find the pictures), `study.html` (the page that collects
choices), and with `host` a timeline a rater to play on a reference display.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from candela_engines import __version__
from candela_engines.errors import InputError
from candela_engines.media.atomic import write_atomic
from candela_engines.scorer.eye.choices import CATCH
from candela_engines.scorer.eye.design import (
    Trial,
    balanced_pairs,
    choices_so_far,
    informative_pairs,
    ordered_trials,
)
from candela_server.reports.study_page import PageTrial, study_page
from candela_server.service.calibrate import read_all_choices
from candela_server.service.results import Json, Work, WorkProgress, no_work
from candela_server.service.study_pictures import page_pictures
from candela_server.service.study_timeline import timeline_of
from candela_server.service.versions import Version, find_versions
from candela_server.service.versions_measured import Said

__all__ = ["QUESTION", "StudyRequest", "StudyResult", "study"]

QUESTION = "Which version is the better grade?"
_MOST_RATERS, _MOST_TRIALS = 200, 2000
_MOST_PAGE_BYTES = 96 << 20


@dataclass(frozen=True)
class StudyRequest:
    """media: the versions. out: a folder to write. choices: earlier ones, which make the choice adaptive.

    pairs: of a scene at most, None for all (once a rater); with earlier choices as many as there are
    versions. raters: lists to make. catches: trials a rater with a known answer. host: no pictures in the
    page, a timeline instead. width: of the page's pictures, pixels. frame: of clips, None for the middle one.
    """

    media: tuple[Path, ...]
    out: Path
    choices: tuple[Path, ...] = ()
    pairs: int | None = None
    raters: int = 12
    catches: int = 3
    host: bool = False
    width: int = 1280
    question: str = QUESTION
    frame: int | None = None
    said: Said | None = None
    seed: int = 0


@dataclass(frozen=True, eq=False)
class StudyResult:
    """study_id: in the page and in the names of its files. adaptive: whether earlier choices chose the
    pairs.
    """

    request: StudyRequest
    study_id: str
    scenes: int
    versions: int
    pairs: int
    trials_each: int
    adaptive: bool
    files: tuple[Path, ...]
    notes: tuple[str, ...]

    def to_json(self) -> Json:
        """Bare numbers."""
        return {
            "command": "study",
            "study": self.study_id,
            "scenes": self.scenes,
            "versions": self.versions,
            "pairs": self.pairs,
            "raters": self.request.raters,
            "trials_each": self.trials_each,
            "design": "expected information gain" if self.adaptive else "balanced circulant",
            "host": self.request.host,
            "files": [str(path) for path in self.files],
            "notes": list(self.notes),
        }


def study(request: StudyRequest, progress: WorkProgress = no_work) -> StudyResult:
    """Make it. Raises InputError for versions that are none, too few pairs, or a page that would be too
    large.
    """
    _check(request)
    scenes = _scenes(find_versions(request.media))
    earlier = read_all_choices(request.choices)
    dice = np.random.default_rng(request.seed)
    pairs: list[tuple[str, str, str]] = []
    for scene, versions in scenes.items():
        names = [v.condition for v in versions]
        wins = choices_so_far(earlier, scene, names)
        if wins.any():
            found = informative_pairs(wins, request.pairs or len(names), dice)
        else:
            every = len(names) * (len(names) - 1) // 2
            found = balanced_pairs(len(names), min(request.pairs or every, every), dice)
        pairs += [(scene, names[i], names[j]) for i, j in found]
    catches = 0 if request.host else request.catches
    raters = [ordered_trials(pairs, k, dice, catches=catches) for k in range(request.raters)]
    if len(raters[0]) > _MOST_TRIALS:
        raise InputError(
            f"{len(raters[0])} trials a rater: above {_MOST_TRIALS} nobody judges any more; show fewer "
            "--pairs of a scene, or make several studies"
        )
    digest = hashlib.sha256(repr((request.seed, raters)).encode()).hexdigest()[:8]
    files, notes = _written(request, digest, scenes, raters, progress)
    adaptive = any(choices_so_far(earlier, s, [v.condition for v in vs]).any() for s, vs in scenes.items())
    if earlier and not adaptive:
        notes.append("none of the earlier choices is of these versions: the design is the balanced one")
    if request.host and request.catches:
        notes.append("catch trials are made for pages with pictures; a host plays none")
    return StudyResult(
        request, digest, len(scenes), sum(map(len, scenes.values())), len(pairs), len(raters[0]), adaptive,
        tuple(files), tuple(notes),
    )  # fmt: skip


def _check(request: StudyRequest) -> None:
    if not 1 <= request.raters <= _MOST_RATERS:
        raise InputError(f"--raters {request.raters}: 1 to {_MOST_RATERS} are possible")
    if not 0 <= request.catches <= 50:
        raise InputError(f"--catches {request.catches}: 0 to 50 are possible")
    if not 256 <= request.width <= 3840:
        raise InputError(f"--width {request.width}: 256 to 3840 pixels are possible")
    if request.out.exists() and not request.out.is_dir():
        raise InputError(f"{request.out}: is a file; name a folder for the study")


def _scenes(known: dict[tuple[str, str], Version]) -> dict[str, list[Version]]:
    """By scene, those with two versions at least. Raises InputError where there is none."""
    scenes: dict[str, list[Version]] = {}
    for version in known.values():
        if not version.file.exists() and "#" not in version.file.name and "%" not in version.file.name:
            raise InputError(f"{version.file} ({version.scene}, {version.condition}) is not there")
        scenes.setdefault(version.scene, []).append(version)
    alone = sorted(scene for scene, versions in scenes.items() if len(versions) < 2)
    if alone:
        raise InputError(f"scene {alone[0]} has one version; there is nothing to compare it with")
    return dict(sorted(scenes.items()))


def _written(
    request: StudyRequest,
    study_id: str,
    scenes: dict[str, list[Version]],
    raters: Sequence[Sequence[Trial]],
    progress: WorkProgress,
) -> tuple[list[Path], list[str]]:
    known = {v.key: v for versions in scenes.values() for v in versions}
    pictures: dict[str, bytes] = {}
    notes: list[str] = []
    if not request.host:
        said = request.said or Said()
        pictures, notes = page_pictures(scenes, said, request.width, request.frame, progress)
        size = sum(map(len, pictures.values()))
        if size > _MOST_PAGE_BYTES:
            raise InputError(
                f"the page would hold {size >> 20} MiB of pictures, more than browsers bear; say a smaller "
                "--width, make several studies, or play on a host with --host"
            )
    progress(Work("write", 0, 1, "files"))
    out = request.out
    page = study_page(
        study_id, [[_page_trial(t, known) for t in trials] for trials in raters], pictures,
        question=request.question, host=request.host, version=__version__,
    )  # fmt: skip
    contents = {
        "study.html": page.encode(),
        "trials.csv": _trials_csv(raters, known),
        "versions.csv": _versions_csv(known, request.said or Said()),
    }
    if request.host:
        for number, trials in enumerate(raters, 1):
            contents[f"rater-{number:02}.otio"] = timeline_of(
                f"{study_id}, rater {number}",
                [(t.a, t.b, known[t.scene, t.a], known[t.scene, t.b]) for t in trials],
            )
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{out}: cannot be made: {error.strerror or error}") from error
    for name, data in contents.items():
        write_atomic(out / name, data)
    progress(Work("write", 1, 1, "files"))
    return [out / name for name in contents], notes


def _page_trial(trial: Trial, known: dict[tuple[str, str], Version]) -> PageTrial:
    a, b = sorted((trial.a, trial.b))

    def file(condition: str) -> str:
        return "" if condition == CATCH else str(known[trial.scene, condition].file.absolute())

    return {
        "scene": trial.scene, "a": a, "b": b, "file_a": file(a), "file_b": file(b), "swapped": trial.a == b,
        "first": f"{trial.scene}\n{trial.a}", "second": f"{trial.scene}\n{trial.b}",
    }  # fmt: skip


def _trials_csv(raters: Sequence[Sequence[Trial]], known: dict[tuple[str, str], Version]) -> bytes:
    rows: list[tuple[object, ...]] = [
        ("rater", "trial", "scene", "first", "second", "first_file", "second_file", "catch")
    ]
    for number, trials in enumerate(raters, 1):
        for at, t in enumerate(trials, 1):
            files = [str(known[t.scene, c].file.absolute()) if c != CATCH else "" for c in (t.a, t.b)]
            rows.append((number, at, t.scene, t.a, t.b, *files, int(t.is_catch)))
    return _csv(rows)


def _versions_csv(known: dict[tuple[str, str], Version], said: Said) -> bytes:
    """With the colours that were said beside them, so that the table is read as the study read it."""
    rows: list[tuple[object, ...]] = [
        ("scene", "condition", "file", "reference", "colour", "reference_colour", "master")
    ]
    for v in known.values():
        paths = ["" if p is None else str(p.absolute()) for p in (v.file, v.reference, v.master)]
        beside = v.reference_colour or said.reference_colour or ""
        colours = v.colour or (beside if v.is_reference else said.colour or ""), beside
        rows.append((v.scene, v.condition, *paths[:2], *colours, paths[2]))
    return _csv(rows)


def _csv(rows: Sequence[tuple[object, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8", "surrogateescape")
