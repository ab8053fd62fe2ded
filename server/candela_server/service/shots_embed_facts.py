"""What fitted shots depend on, in plain JSON: if any of it changes, they are of other work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from candela_engines import __version__
from candela_engines.errors import MediaError
from candela_engines.itm.payload import VERSION
from candela_server.service.clips import Side
from candela_server.service.results import state_json
from candela_server.service.shots_embed_request import EmbedShotsRequest

__all__ = ["clip_facts", "option_facts", "sample_facts"]


def option_facts(request: EmbedShotsRequest) -> dict[str, Any]:
    """By the flag that a user knows. Cuts are no part of it: every shot has its frames in its name."""
    return {
        "--effort": request.effort,
        "--seed": request.seed,
        "--floor": request.floor,
        "version of Candela": f"{__version__}, payload {VERSION}",
    }


def clip_facts(side: Side) -> dict[str, Any]:
    """Files by number, size and time; and what their samples mean. MediaError for a file that is gone."""
    info = side.info
    total = newest = 0
    for path in info.files:
        status = _status(path)
        total, newest = total + status[0], max(newest, status[1])
    return {
        "path": str(info.files[0].absolute()),
        "files": len(info.files),
        "bytes": total,
        "changed_ns": newest,
        "frames": [info.first, info.last],
        "size": [info.width, info.height],
        "state": state_json(side.state),
    }


def sample_facts(side: Side, first: int, last: int) -> list[str]:
    """The digests of two frames' samples. MediaError where one of them cannot be decoded."""
    ends = (first,) if first == last else (first, last)
    return [side.clip.frame(number).digest().hex() for number in ends if number not in side.info.missing]


def _status(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise MediaError(f"{path}: cannot be read: {error.strerror or error}") from error
    return status.st_size, status.st_mtime_ns
