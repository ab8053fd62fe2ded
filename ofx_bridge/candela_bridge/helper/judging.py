"""Scores and comparisons for hosts: what the command line says, with the colours as the host called them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from candela_bridge.helper.colour import HostColour
from candela_bridge.helper.given import Given
from candela_bridge.helper.job import Answer, Job, Refused
from candela_bridge.helper.scope import scope_document
from candela_bridge.helper.sidecar import SidecarLink
from candela_bridge.helper.sides import one_config, reference_of, side_of
from candela_bridge.helper.store import Store, installation, stamps, version
from candela_bridge.wire import MOST_BYTES, WireError, encode

if TYPE_CHECKING:
    from candela_server.service import CompareRequest, ScoreRequest
    from candela_server.service.results import Work

__all__ = ["Judging"]

_ROOM = 4096  # of a frame, for what is around a result


class Judging:
    """score, recall and compare. Their results have the document of the command line in `result`, how the
    colours were found in `colours`, and the path of the whole in `document`."""

    def __init__(self, link: SidecarLink, store: Store) -> None:
        self._link, self._store = link, store

    def score(self, job: Job) -> Answer:
        """Judge a grade. `fresh`: although it was judged before and nothing has changed."""
        request, colours = _score_request(Given(job.given))
        key = self._key("score", request, colours)
        if not job.given.get("fresh"):
            kept = self._kept(key)
            if kept is not None:
                return kept
        return self._judge(job, key, colours, lambda sidecar, heard: sidecar.score(request, heard))

    def recall(self, job: Job) -> Answer:
        """What `score` would give without any work: `{"found": false}` where it would have to be done."""
        request, colours = _score_request(Given(job.given))
        kept = self._kept(self._key("score", request, colours))
        return {"found": False} if kept is None else {"found": True, **kept}

    def compare(self, job: Job) -> Answer:
        """Which of two grades is better."""
        request, colours = _compare_request(Given(job.given))
        key = self._key("compare", request, colours)
        return self._kept(key) or self._judge(
            job, key, colours, lambda sidecar, heard: sidecar.compare(request, heard)
        )

    def _judge(
        self,
        job: Job,
        key: str | None,
        colours: dict[str, HostColour],
        call: Callable[[Any, Callable[[Work], None]], Any],
    ) -> Answer:
        begin = time.monotonic()

        def heard(work: Work) -> None:
            fraction = work.done / work.total if work.total else 0.0
            job.progress(work.stage, fraction, f"{work.stage} {work.done:g} of {work.total:g} {work.unit}")

        job.progress("queued", 0.0, "waiting for the sidecar")
        document = self._link.use(job, lambda sidecar: call(sidecar, heard)).to_json()
        seconds = round(time.monotonic() - begin, 3)
        whole: Answer = {
            "result": document,
            "colours": {name: colour.record for name, colour in colours.items()},
            "sidecar": self._link.known(),
            "host": job.host,
            "seconds": seconds,
        }
        path = self._store.put(key, whole) if key is not None and self._ours(whole["sidecar"]) else None
        scope = None
        if path is not None and document.get("command") == "score":
            scope = self._store.write(path.with_suffix(".scope.json"), scope_document(document))
        return _fitting({**whole, "cached": False, "document": _text(path), "scope": _text(scope)})

    def _kept(self, key: str | None) -> Answer | None:
        whole = None if key is None else self._store.get(key)
        if key is None or whole is None:
            return None
        whole.pop("key", None)
        path = self._store.path(key)
        scope = path.with_suffix(".scope.json")
        there = str(scope) if scope.is_file() else None
        return _fitting({**whole, "cached": True, "document": str(path), "scope": there})

    @staticmethod
    def _ours(sidecar: Answer | None) -> bool:
        """Whether the sidecar is of this installation: only then is a result that of the next call, too."""
        return sidecar is not None and sidecar["version"] == version()

    def _key(self, call: str, request: Any, colours: dict[str, HostColour]) -> str | None:
        """None for what cannot be kept: files that are not there, and pictures of faults to be written."""
        if getattr(request, "overlay", None) is not None:
            return None
        sides = [getattr(request, name, None) for name in ("grade", "first", "second", "reference", "model")]
        frames = request.frames
        found = [stamps(path, None if n else frames) for n, path in enumerate(sides) if path is not None]
        if not all(found):
            return None
        records = {name: colour.record for name, colour in colours.items()}
        return self._store.key(call, repr(request), found, records, installation())


def _score_request(given: Given) -> tuple[ScoreRequest, dict[str, HostColour]]:
    from candela_server.service import ScoreRequest

    path, said, colour = side_of(given.inner("grade"), "--colour")
    colours = {"grade": colour}
    reference, other = reference_of(given, colours)
    said, other = one_config(given, said, other)
    request = ScoreRequest(
        path,
        said,
        reference,
        other,
        frames=given.frames(),
        offset=given.whole("offset"),
        key_frames=given.whole("key_frames", 1, 50) or 5,
        overlay=given.maybe_path("overlay"),
        anyway=given.flag("anyway"),
        model=given.maybe_path("house_model"),
    )
    return request, colours


def _compare_request(given: Given) -> tuple[CompareRequest, dict[str, HostColour]]:
    from candela_server.service import CompareRequest

    first, first_said, first_colour = side_of(given.inner("first"), "--colour")
    second, second_said, second_colour = side_of(given.inner("second"), "--colour")
    colours = {"first": first_colour, "second": second_colour}
    reference, other = reference_of(given, colours)
    first_said, second_said, other = one_config(given, first_said, second_said, other)
    request = CompareRequest(
        first,
        second,
        first_said,
        second_said,
        reference,
        other,
        frames=given.frames(),
        offset=given.whole("offset"),
        key_frames=given.whole("key_frames", 1, 50) or 5,
        anyway=given.flag("anyway"),
        model=given.maybe_path("house_model"),
    )
    return request, colours


def _fitting(answer: Answer) -> Answer:
    """An answer that goes into a frame: what is too much of it is left to the file that has it all."""
    if _fits(answer):
        return answer
    result = dict(answer["result"])
    for shot in result.get("shots", ()):
        shot["frames"] = [{"frame": f["frame"], "score": f["score"]} for f in shot["frames"]]
    result["frames"] = [{"frame": f["frame"], "better": f["better"]} for f in result.get("frames", ())]
    answer = {**answer, "result": result, "trimmed": True}
    if _fits(answer):
        return answer
    text = f"the result is too long for a host; it is in {answer['document']}"
    raise Refused(text, "InfrastructureError", 3)


def _fits(answer: Answer) -> bool:
    try:
        return len(encode(answer)) < MOST_BYTES - _ROOM
    except WireError:
        return False


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
