"""Waivers of a clip's findings: listed, added, removed."""

from __future__ import annotations

import getpass
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from candela_engines.errors import InputError
from candela_engines.qc.findings import Waiver
from candela_engines.qc.profile import load_profile
from candela_engines.qc.records import to_plain
from candela_engines.qc.waivers import Waived, WaiverFile, waived, waiver_path
from candela_server.service.qc import _now, work_folder
from candela_server.service.qc_clip import ClipPass
from candela_server.service.qc_inputs import inputs_of, open_input
from candela_server.service.qc_request import QcRequest
from candela_server.service.results import Json, WorkProgress, no_work

__all__ = ["Waivers", "added", "listed", "removed"]

_LEAST_KEY = 4


@dataclass(frozen=True)
class Waivers:
    """path: of the file, whether it is there or not."""

    path: Path
    waivers: tuple[Waived, ...]

    def to_json(self) -> Json:
        """Bare numbers."""
        return {"command": "waive", "file": str(self.path), "waivers": to_plain(self.waivers)}


def listed(request: QcRequest) -> Waivers:
    """What is waived of the one clip of the request."""
    path = _path(request)
    return Waivers(path, WaiverFile.read(path).waivers)


def removed(request: QcRequest, key: str) -> Waivers:
    """Without the waiver of that id. InputError where there is none."""
    path = _path(request)
    held = WaiverFile.read(path).waivers
    left = tuple(one for one in held if not one.id.startswith(key[:8]))
    if len(key) < _LEAST_KEY or len(left) == len(held):
        known = ", ".join(one.id for one in held) or "none"
        raise InputError(f"{key[:40]}: there is no such waiver; there are {known}")
    WaiverFile(left).write(path)
    return Waivers(path, left)


def added(
    request: QcRequest, key: str, reason: str | None, author: str | None, progress: WorkProgress = no_work
) -> Waivers:
    """With a waiver of the finding of that key, of the profile of the request; the clip is measured where it
    is not.

    Raises InputError for a key of no finding, or of several, and where there is no reason.
    """
    if reason is None or not reason.strip():
        raise InputError("--reason: say why this may pass; whoever reads the report wants to know")
    if len(key) < _LEAST_KEY:
        raise InputError(f"{key!r}: at least {_LEAST_KEY} digits of the key are needed")
    who = author if author is not None else getpass.getuser()
    profile = load_profile(request.profile)
    given = inputs_of(request)[0]
    with closing(open_input(given, request.said)) as clip:
        path = waiver_path(clip.info)
        held = WaiverFile.read(path).waivers
        step = ClipPass.begin(given, clip, request, work_folder(request), progress)
        result, shots = step.result(profile, step.measure_all())
        found = [finding for finding in result.findings if finding.key.startswith(key)]
        if len({finding.key for finding in found}) != 1:
            there = ", ".join(f"{f.key[:8]} ({f.code})" for f in result.findings[:12]) or "none"
            several = "is of several findings" if found else "is of no finding"
            raise InputError(f"{key[:40]}: {several} with profile {request.profile}; there are {there}")
        shot = next((s for s in shots if s.span.name == found[0].shot), None)
        waiver = Waiver(who, reason.strip(), _now())
        made = waived(found[0], shot, result.identity, clip.info.first, waiver)
        kept = tuple(one for one in held if one.id != made.id)
        every = (*kept, replace(made))
        WaiverFile(every).write(path)
    return Waivers(path, every)


def _path(request: QcRequest) -> Path:
    given = inputs_of(request)
    if len(given) != 1:
        raise InputError(f"{request.inputs[0]}: has {len(given)} clips; give one of them")
    with closing(open_input(given[0], request.said)) as clip:
        return waiver_path(clip.info)
