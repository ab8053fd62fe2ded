"""Pictures of frames for a panel: made by the sidecar, left in a file that the host reads and takes away."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from candela_bridge.helper.colour import HostColour
from candela_bridge.helper.given import Given
from candela_bridge.helper.job import Answer, Job, Refused
from candela_bridge.helper.sidecar import SidecarLink
from candela_bridge.helper.sides import one_config, reference_of, side_of

if TYPE_CHECKING:
    from candela_server.service import LookRequest

__all__ = ["Looking"]

_VIEWS = ("picture", "nits", "reconstruction", "reconstruction_nits", "faults")
_UNREAD_SECONDS, _MOST_FILES = 30.0, 64


class Looking:
    """folder: for the samples, which are too many for a message. Files that nobody took away go after half a
    minute."""

    def __init__(self, link: SidecarLink, folder: Path) -> None:
        self._link, self._folder = link, folder

    def look(self, job: Job) -> Answer:
        """Views of frames. The document, in which every picture has its place in `file`: `offset` and
        `bytes`, rows of R, G and B of 8 bits; of scopes `waveform` and `cie` are such places of opacities."""
        request, colours = _look_request(Given(job.given))

        def heard(work: Any) -> None:
            job.progress(work.stage, work.done / work.total if work.total else 0.0)

        result = self._link.use(job, lambda sidecar: sidecar.look(request, heard))
        document: dict[str, Any] = dict(result.to_json())
        parts: list[bytes] = []
        at = 0

        def place(samples: bytes) -> Answer:
            nonlocal at
            parts.append(samples)
            at += len(samples)
            return {"offset": at - len(samples), "bytes": len(samples)}

        for said, picture in zip(document["pictures"], result.pictures, strict=True):
            said |= place(picture.pixels)
        if result.scopes is not None:
            document["scopes"] |= {"waveform": place(result.scopes.waveform), "cie": place(result.scopes.cie)}
        job.check()
        document["file"] = str(self._write(parts))
        document["colours"] = {name: colour.record for name, colour in colours.items()}
        return document

    def _write(self, parts: list[bytes]) -> Path:
        self._sweep()
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(dir=self._folder, suffix=".rgb")
            with os.fdopen(number, "wb") as out:
                out.writelines(parts)
        except OSError as error:
            text = f"{self._folder}: pictures cannot be written: {error.strerror or error}"
            raise Refused(text, "InfrastructureError", 3) from error
        return Path(name)

    def _sweep(self) -> None:
        with contextlib.suppress(OSError):
            found = sorted((e.stat().st_mtime, e.path) for e in os.scandir(self._folder) if e.is_file())
            old = time.time() - _UNREAD_SECONDS
            for number, (made, path) in enumerate(found):
                if made < old or number < len(found) - _MOST_FILES:
                    Path(path).unlink(missing_ok=True)


def _look_request(given: Given) -> tuple[LookRequest, dict[str, HostColour]]:
    from candela_server.service import LookRequest

    path, said, colour = side_of(given.inner("grade"), "--colour")
    colours = {"grade": colour}
    reference, other = reference_of(given, colours)
    said, other = one_config(given, said, other)
    request = LookRequest(
        path,
        said,
        reference,
        other,
        views=tuple(given.choices("views", _VIEWS)) or ("picture",),  # type: ignore[arg-type]
        frames=given.frames(),
        step=given.whole("step", 1, 1 << 20) or 1,
        width=given.whole("width", 16, 8192) or 960,
        scopes=given.flag("scopes"),
        offset=given.whole("offset"),
        anyway=given.flag("anyway"),
    )
    return request, colours
