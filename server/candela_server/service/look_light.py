"""What is looked at: a file's frames, as they are or as the HDR that it carries, and how they are shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.false_colour import BANDS
from candela_engines.colour.state import ColourState
from candela_engines.errors import NoPayloadError
from candela_engines.itm.shot_model import decode_shot
from candela_engines.media import read_still
from candela_engines.media.display_planes import can_show, planes_picture
from candela_engines.media.movie import Movie
from candela_engines.media.open_clip import open_clip
from candela_engines.qc.scopes import sampled
from candela_engines.scorer.engine import installed_engine
from candela_engines.scorer.overlay import KIND_COLOURS, fault_picture
from candela_server.service.binding import demand_match, load_payload
from candela_server.service.clip_kind import kind_of_name
from candela_server.service.look_samples import Samples, averaged, is_light, size_of, thinned
from candela_server.service.look_scopes import LookScopes, scopes_of
from candela_server.service.metrics_sides import MetricsSide, OpenSide
from candela_server.service.rendering import Renderer, renderer_of, rendering_notes, strips_of
from candela_server.service.results import DISTILLED
from candela_server.service.score import judged
from candela_server.service.score_sides import open_grade
from candela_server.service.shot_binding import ShotCheck, check_clip_size, load_shots
from candela_server.service.shot_reading import open_as_embedded

if TYPE_CHECKING:
    from candela_server.service.look import LookRequest

__all__ = ["LookView", "OpenLook", "Shown", "open_look"]

LookView = Literal["picture", "nits", "reconstruction", "reconstruction_nits", "faults"]
"""picture: SDR as it is, HDR tone-mapped from 1000 nit (BT.2446 A). nits: false colour of the light.
reconstruction, reconstruction_nits: the same of the HDR that the file carries. faults: masks of what is
found.
"""
F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]
Colour = tuple[int, int, int]
_ANY: Colour = (240, 240, 240)


class _Rendered(Protocol):
    def __call__(self, number: int, /) -> F32: ...


@dataclass(frozen=True, eq=False)
class Shown:
    """pixels: (h, w, 3) uint8 sRGB. legend: words and their colour, empty for a picture that needs none."""

    pixels: U8
    legend: Sequence[tuple[str, Colour]] = ()


@dataclass(eq=False)
class OpenLook:
    """Open. numbers: of its frames. What was decoded or rendered last is kept, as views share it."""

    request: LookRequest
    side: MetricsSide
    opened: OpenSide
    render: _Rendered | None
    notes: list[str]
    _kept: dict[tuple[str, int], Any] = field(default_factory=dict)

    @property
    def state(self) -> ColourState:
        """Of the file's own samples."""
        return self.side.state

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of frames in pixels."""
        return self.side.size

    @property
    def numbers(self) -> list[int]:
        """Of the frames that there are."""
        return self.side.numbers

    @property
    def rate(self) -> Fraction | None:
        """Frames a second."""
        return None if self.side.info is None else self.side.info.rate

    def shown(self, view: LookView, number: int, width: int) -> Shown:
        """A view of a frame, about `width` wide."""
        if view == "faults":
            return self._faults(number, width)
        small = self._by_planes(number, width) if self._is_plain else None
        if small is not None:
            return Shown(small)
        source = self._source(view, number)
        if view in ("nits", "reconstruction_nits"):
            picture = source.coloured(thinned(source.samples, width))
            return Shown(picture, [(band.words, band.colour) for band in BANDS])
        return Shown(source.display(averaged(source.samples, width)))

    def scopes(self, view: LookView, number: int) -> LookScopes:
        """Of what a view shows."""
        source = self._source(view, number)
        some = source.light(sampled(source.samples))
        top = source.top()
        return scopes_of(some, number, float(top.max()), float(top.mean(dtype=np.float64)))

    @property
    def _is_plain(self) -> bool:
        """Whether nothing but pictures is asked for, so that no other needs a frame at its full size."""
        return set(self.request.views) == {"picture"} and not self.request.scopes

    def _by_planes(self, number: int, width: int) -> U8 | None:
        """A movie's frame without its full size, None where that is not possible."""
        clip, step = self.side.clip, size_of(self.size, width)[0]
        if not isinstance(clip, Movie) or not can_show(self.state, step):
            return None
        frame = next(clip.stored(number, number))
        return planes_picture(frame.planes, clip.model, self.state, hdr=is_light(self.state), step=step)

    def _source(self, view: LookView, number: int) -> Samples:
        made = self.render if view.startswith("reconstruction") else None
        key = ("own" if made is None else "made", number)
        if key not in self._kept:
            self._kept = {k: v for k, v in self._kept.items() if k[1] == number}
            self._kept[key] = self._own(number) if made is None else Samples.of_light(made(number))
        found: Samples = self._kept[key]
        return found

    def _own(self, number: int) -> Samples:
        if self.side.clip is None:
            sdr = None if is_light(self.state) else self.state.peak_nits
            return Samples.of_light(self.side.light(number), sdr)
        frame = self.side.clip.frame(number)
        return Samples.of_codes(frame.codes, frame.bits, self.state)

    def _faults(self, number: int, width: int) -> Shown:
        asked = self.request
        with open_grade(
            asked.grade, asked.said, asked.reference, asked.reference_said,
            frames=(number, number), offset=asked.offset, anyway=asked.anyway, opened=self.opened,
        ) as grade:  # fmt: skip
            frame = grade.frame(number)
            verdict = judged(frame, installed_engine())
        faults = [
            (r.kind, r.mask) for r in verdict.reasons if r.mask is not None and r.reason_class != "abstained"
        ]
        legend = [(kind.replace("_", " "), KIND_COLOURS.get(kind, _ANY)) for kind, _ in faults]
        return Shown(thinned(fault_picture(frame.nits, faults), width), list(dict.fromkeys(legend)))


@contextmanager
def open_look(request: LookRequest, opened: OpenSide) -> Iterator[OpenLook]:
    """Open a file for looks; the HDR that it carries only where a view wants that."""
    with ExitStack() as stack:
        wants = [view for view in request.views if view.startswith("reconstruction")]
        if wants and kind_of_name(request.grade) == "clip":
            yield _carrying_clip(request, opened, stack)
            return
        side = stack.enter_context(opened(request.grade, request.said))
        notes = list(side.notes)
        render = _carried_by_still(request.grade, notes) if wants else None
        yield OpenLook(request, side, opened, render, notes)


def _carried_by_still(path: Path, notes: list[str]) -> _Rendered:
    _, decoded = load_payload(path)
    still = read_still(path, colour=decoded.payload.sdr)
    match = demand_match(path, decoded.payload, still, force=True)
    if match.kind == "altered":
        notes.append("the picture is not the one that its HDR was made for; shown without any promise")
    if decoded.payload.provenance == "distilled":
        notes.append(DISTILLED)

    def render(number: int, /) -> F32:
        del number
        nits = np.empty(still.pixels.shape, np.float32)
        for top, strip in strips_of(decoded, still.pixels):
            nits[top : top + len(strip)] = strip
        notes.extend(rendering_notes())
        return nits

    return render


def _carrying_clip(request: LookRequest, opened: OpenSide, stack: ExitStack) -> OpenLook:
    side = stack.enter_context(opened(request.grade, request.said))
    with open_clip(str(request.grade)) as plain:
        carried = load_shots(plain.info)
    clip = stack.enter_context(open_as_embedded(request.grade, carried, ocio=request.said.ocio))
    check = ShotCheck(clip.info, carried)
    notes = [*side.notes, *clip.notes]
    if any(shot.payload.provenance == "distilled" for shot in carried.shots):
        notes.append(DISTILLED)
    renderers: dict[int, Renderer] = {}

    def render(number: int, /) -> F32:
        shot = carried.at(number)
        if shot is None:
            raise NoPayloadError(f"{request.grade}: no shot of its payload has frame {number}")
        check_clip_size(clip.info, shot)
        frame = clip.clip.frame(number)
        if check.matches(number, frame.digest()) is False:
            notes.append(check.text(number))
        renderer = renderers.get(id(shot))
        if renderer is None:
            renderer = renderers[id(shot)] = renderer_of(
                decode_shot(shot.payload), clip.info.height, clip.info.width
            )
        place = carried.place(number)
        return np.asarray(renderer.render(place, frame.codes, frame.bits), np.float32)

    return OpenLook(request, side, opened, render, notes)
