"""Calls on files that carry HDR: what is in them, what it takes to show it, to make it and to write it
out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from candela_bridge.helper.colour import host_colour
from candela_bridge.helper.given import Given
from candela_bridge.helper.job import Answer, Job
from candela_bridge.helper.sidecar import SidecarLink
from candela_bridge.helper.store import stamps

if TYPE_CHECKING:
    from candela_server.client import Sidecar
    from candela_server.service.results import Work

__all__ = ["Working"]

_PAGE, _MOST_LISTS = 200, 4
_EFFORTS = ("fast", "normal", "best")


class Working:
    """inspect, setup, shots, embed and reconstruct: results are the documents of the command line."""

    def __init__(self, link: SidecarLink) -> None:
        self._link = link
        self._lists: dict[str, Answer] = {}  # of timelines whose later parts are asked for

    def inspect(self, job: Job) -> Answer:
        """What a file carries; of a clip its shots as `shots` has them."""
        given = Given(job.given)
        path = given.path("path")
        return _page(given, self._link.use(job, lambda sidecar: _inspected(sidecar, path).to_json()))

    def setup(self, job: Job) -> Answer:
        """What a host's effect needs to show the HDR that `path` carries; NoPayloadError where it carries
        none.

        Of a sequence the path is its pattern. `frame` is one that has to be covered.
        """
        from candela_server.service.results import DISTILLED

        given = Given(job.given)
        path, frame = given.path("path"), given.whole("frame")
        found = self._link.use(job, lambda sidecar: _inspected(sidecar, path))
        document = found.to_json()
        shots = getattr(found, "shots", None)
        payload = found.payload if shots is None else shots[0].payload
        covered = None
        if shots is not None and frame is not None:
            covered = any(shot.first <= frame <= shot.last for shot in shots)
        return {
            "file": str(path),
            "carrier": document["carrier"],
            "payload_file": document["payload_file"],
            "picture": document["picture"],
            "picture_text": document["picture_text"],
            "width_px": payload.width,
            "height_px": payload.height,
            "sdr_colour": document.get("sdr_colour"),
            "input": "As stored in the file",
            "sdr_transfer": payload.sdr.transfer,
            "sdr_primaries": payload.sdr.primaries,
            "reference_white_nits": payload.hdr.reference_white_nits,
            "needs_ocio": payload.sdr.ocio_config,
            "shots": None if shots is None else [[shot.first, shot.last] for shot in shots],
            "frame_covered": covered,
            "provenance": payload.provenance,
            "distilled": DISTILLED if any(_payloads_distilled(found)) else None,
            "fidelity": document.get("fidelity") or document["shots"][0]["fidelity"],
            "document": {**document, "shots": None},
        }

    def shots(self, job: Job) -> Answer:
        """The shots of a clip or a timeline, 200 at a time from `from` on; `count` is how many there are.

        unopened: of a timeline what it says itself, at once; whether its media are there is not known then.
        """
        from candela_server import service

        given = Given(job.given)
        request = service.ShotsRequest(
            given.path("path"),
            detect=given.flag("detect"),
            media=given.paths("media"),
            rate=given.fraction("rate"),
            unopened=given.flag("unopened"),
        )
        key = repr((request, stamps(request.file)))
        document = self._lists.get(key) if given.whole("from", 0) else None
        if document is None:
            document = self._link.use(job, lambda sidecar: sidecar.shots(request, _heard(job)).to_json())
            self._lists[key] = document
            while len(self._lists) > _MOST_LISTS:
                self._lists.pop(next(iter(self._lists)))
        return _page(given, document)

    def embed(self, job: Job) -> Answer:
        """Put the HDR of `hdr` into `sdr`, written to `out`."""
        from candela_server import service
        from candela_server.service.clip_kind import kind_of_name

        given = Given(job.given)
        sdr, hdr = given.inner("sdr"), given.inner("hdr")
        names: dict[str, Any] = {}
        configs: set[str | None] = set()
        for name, side in (("sdr", sdr), ("hdr", hdr)):
            colour = host_colour(side)
            configs |= {colour.ocio} - {None}
            names |= {f"{name}_colour": colour.name, f"{name}_range": side.range()}
        if len(configs) > 1:
            raise given.refuse("hdr.colour.config", "is another OCIO config than that of the SDR")
        common: dict[str, Any] = {
            **names,
            "ocio": next(iter(configs), None),
            "effort": given.choice("effort", _EFFORTS, "normal"),
            "bytes": given.whole("bytes", 1, 256 << 10),
            "sidecar": given.flag("sidecar_file"),
            "dry_run": given.flag("dry_run"),
        }
        path, out, master = sdr.path("path"), given.maybe_path("out"), hdr.path("path")
        if kind_of_name(path) == "still":
            still = service.EmbedRequest(path, out, master, **common)
            return self._link.use(job, lambda s: s.embed(still, job.progress).to_json())
        clip = service.EmbedShotsRequest(path, out, master, **common, frames=given.frames())
        clip = replace(
            clip, sdr_matrix=sdr.maybe_text("matrix"), hdr_matrix=hdr.maybe_text("matrix"),
            hdr_offset=given.whole("offset"),
        )  # fmt: skip
        return self._link.use(job, lambda s: s.embed_shots(clip, _heard(job)).to_json())

    def reconstruct(self, job: Job) -> Answer:
        """Write the HDR that `path` carries to `out`."""
        from candela_server import service
        from candela_server.service.clip_kind import kind_of_name

        given = Given(job.given)
        path, out = given.path("path"), given.path("out")
        common: dict[str, Any] = {
            "encoding": given.maybe_text("encoding"),
            "peak": given.number("peak_nits", 1, 10000),
            "bits": given.whole("bits", 8, 32),
            "force": given.flag("force"),
        }
        if kind_of_name(path) == "still":
            still = service.ReconstructRequest(path, out, **common)
            return self._link.use(job, lambda s: s.reconstruct(still, job.progress).to_json())
        clip = service.ReconstructClipRequest(path, out, frames=given.frames(), **common)
        return self._link.use(job, lambda s: s.reconstruct_clip(clip, _heard(job)).to_json())


def _page(given: Given, document: Answer) -> Answer:
    """A document with many shots in parts, as a frame holds only so many."""
    every, begin = document.get("shots"), given.whole("from", 0) or 0
    if not isinstance(every, list):
        return document
    return {**document, "shots": every[begin : begin + _PAGE], "from": begin, "count": len(every)}


def _inspected(sidecar: Sidecar, path: Path) -> Any:
    from candela_server import service
    from candela_server.service.clip_kind import kind_of_name

    if kind_of_name(path) == "clip" or service.is_reel_file(path):
        return sidecar.inspect_shots(service.InspectShotsRequest(path))
    return sidecar.inspect(service.InspectRequest(path))


def _heard(job: Job) -> Callable[[Work], None]:
    def heard(work: Work) -> None:
        fraction = work.done / work.total if work.total else 0.0
        text = f"{work.stage} {work.done:g} of {work.total:g} {work.unit}"
        job.progress(work.stage, fraction, f"{work.subject}: {text}" if work.subject else text)

    return heard


def _payloads_distilled(found: Any) -> Iterator[bool]:
    """Of each payload of a file, whether its light is no master's."""
    for holder in getattr(found, "shots", None) or (found,):
        yield holder.payload.provenance == "distilled"
