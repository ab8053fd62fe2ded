"""Where results go: names that fit, files that must not be overwritten, and what a carrier will take."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from candela_engines.errors import CarrierError, InfrastructureError, InputError
from candela_engines.itm.carriers import carrier_for, embed_payload, sidecar_path

__all__ = ["Carriage", "check_keeps_format", "check_writable", "plan_carriage", "same_file"]

# Extensions that promise a format. A name with another one is taken as it is.
_FAMILIES = (
    (".png", ".apng"),
    (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    (".tif", ".tiff", ".dng"),
    (".exr",),
    (".dpx",),
    (".avif", ".avifs"),
    (".heif", ".heic", ".hif"),
    (".jxl",),
    (".hdr",),
    (".candela",),
    (".mov", ".qt"),
    (".mp4", ".m4v"),
    (".mkv", ".mk3d"),
    (".webm",),
    (".mxf",),
    (".avi",),
    (".ts", ".mts", ".m2ts"),
    (".y4m",),
)
_ALIGNING = {"dpx": 3, "tiff": 3}  # carriers that round a payload up, by at most so many bytes


@dataclass(frozen=True)
class Carriage:
    """How the payload will travel. overhead: bytes that the carrier adds to it."""

    carrier: str
    overhead: int
    forced: str | None
    notes: tuple[str, ...]


def same_file(one: Path, other: Path) -> bool:
    """Whether two names lead to one file."""
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False


def check_writable(out: Path, *, inputs: tuple[Path, ...]) -> None:
    """Refuse an output that cannot be written or would destroy an input, before any work is done."""
    for path in inputs:
        if same_file(out, path):
            raise InputError(f"{out}: is an input; give -o another name, so that nothing is lost")
    if out.is_dir():
        raise InputError(f"{out}: is a folder; give the name of the file to write")
    folder = Path(os.path.realpath(out)).parent
    if not folder.is_dir():
        raise InputError(f"{out}: the folder {out.parent} does not exist; create it first")
    if not os.access(folder, os.W_OK) or (out.exists() and not os.access(out, os.W_OK)):
        raise InfrastructureError(
            f"{out}: cannot be written: no permission, or a read-only disk; nothing was changed"
        )


def check_keeps_format(source: Path, out: Path) -> None:
    """Refuse an output whose name promises another format than the picture, which is never re-encoded."""
    theirs = next((f for f in _FAMILIES if source.suffix.lower() in f), None)
    ours = next((f for f in _FAMILIES if out.suffix.lower() in f), None)
    if ours is not None and theirs is not None and ours is not theirs:
        raise InputError(
            f"{out}: what is embedded into stays the {source.suffix} that it is, byte for byte; "
            f"name it {out.with_suffix(source.suffix).name}"
        )


def plan_carriage(source: Path, out: Path | None, size: int, *, sidecar: bool) -> Carriage:
    """What carries a payload of about `size` bytes, tried with a stand-in before anything is fitted.

    So a read-only folder, a full disk or a file that cannot carry it is found now and not after the fit.
    out: None to write nothing but in the system's folder for temporary files.
    """
    carrier = carrier_for(source)
    where = sidecar_path(out or source)
    if sidecar or carrier.name == "sidecar":
        note = "" if sidecar else f"{source.suffix or 'this format'} has no place for it: "
        return Carriage(
            "sidecar",
            12,
            "sidecar" if sidecar else None,
            (f"{note}the payload lies in {where} beside the picture; keep the two together",),
        )
    with _stand_in_path(out) as path:
        try:
            report = embed_payload(source, path, b"CNDL" + bytes(max(1, size - carrier.least_overhead - 4)))
        except CarrierError as error:
            return Carriage(
                "sidecar",
                12,
                "sidecar",
                (f"{error}. So the payload lies in {where} beside the picture; keep the two together",),
            )
        except InfrastructureError as error:
            # It is the output that cannot be, not a stand-in that nobody knows of.
            raise InfrastructureError(str(error).replace(str(path), str(out or path))) from error
    overhead = max(0, report.bytes_added - report.payload_bytes) + _ALIGNING.get(carrier.name, 0)
    return Carriage(carrier.name, overhead, None, ())


@contextmanager
def _stand_in_path(out: Path | None) -> Iterator[Path]:
    folder = Path(tempfile.gettempdir()) if out is None else Path(os.path.realpath(out)).parent
    # Named before it is made: an interrupt between the two, or while it is removed, must not leave it.
    name = folder / f".candela-{secrets.token_hex(8)}"
    try:
        try:
            name.mkdir(mode=0o700)
            yield name / "stand-in"
        finally:
            try:
                shutil.rmtree(name, ignore_errors=True)
            finally:
                shutil.rmtree(name, ignore_errors=True)
    except OSError as error:
        raise InfrastructureError(
            f"{out or tempfile.gettempdir()}: cannot be written: {error.strerror or error}; "
            "nothing was changed"
        ) from error
