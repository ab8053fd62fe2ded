"""What fitted shots depend on, in plain JSON: if any of it changes, they are of other work."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from candela_engines import __version__
from candela_engines.errors import MediaError
from candela_engines.itm.payload import VERSION
from candela_engines.media.clip import ClipInfo
from candela_server.service.clips import Side, path_of_frame
from candela_server.service.results import state_json
from candela_server.service.shots_embed_request import EmbedShotsRequest

__all__ = ["clip_facts", "option_facts", "sample_facts", "shot_facts"]


def option_facts(request: EmbedShotsRequest) -> dict[str, Any]:
    """By the flag that a user knows. Cuts are no part of it: every shot has its frames in its name."""
    return {
        "--effort": request.effort,
        "--seed": request.seed,
        "--floor": request.floor,
        "--sdr-range": request.sdr_range,
        "--sdr-matrix": request.sdr_matrix,
        "--hdr-range": request.hdr_range,
        "--hdr-matrix": request.hdr_matrix,
        "version of Candela": f"{__version__}, payload {VERSION}",
        **dict(request.teacher_facts),
    }


def clip_facts(side: Side) -> dict[str, Any]:
    """What a clip is, and of a movie its size and time. MediaError for a file that is gone.

    Of a sequence every shot remembers its own files (`shot_facts`), so that one frame that is repaired does
    not undo all the others.
    """
    info = side.info
    facts: dict[str, Any] = {
        "path": str(info.files[0].parent.absolute()),
        "size": [info.width, info.height],
        "state": state_json(side.state),
    }
    if info.kind == "movie":
        facts |= {"file": info.files[0].name, "frames": info.count, "bytes and time": _status(info.files[0])}
    return facts


def sample_facts(side: Side, first: int, last: int) -> list[str]:
    """The digests of a movie's outermost frames.

    Both are decoded in any case. MediaError where one of them cannot be, naming the first frame that cannot.
    """
    ends = [n for n in sorted({first, last}) if n not in side.info.missing]
    try:
        digests = [side.clip.frame(number).digest().hex() for number in ends]
    except MediaError:
        # The end of a stream that changes or breaks off is not where it does: look for that.
        for _ in side.clip.frames(first, last):
            pass
        raise
    return digests if side.info.kind == "movie" else []


def shot_facts(info: ClipInfo, first: int, last: int) -> str:
    """The files of a sequence's frames first..last, by name, size and time; of a movie nothing."""
    if info.kind == "movie":
        return ""
    files = (path_of_frame(info, number) for number in range(first, last + 1))
    known = [(path.name, *_status(path)) for path in files if path is not None]
    return hashlib.sha256(repr(known).encode()).hexdigest()[:32]


def _status(path: Path) -> list[int]:
    try:
        status = path.stat()
    except OSError as error:
        raise MediaError(f"{path}: cannot be read: {error.strerror or error}") from error
    return [status.st_size, status.st_mtime_ns]
