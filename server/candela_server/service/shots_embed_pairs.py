"""Frames of the SDR shot beside those of its master: decoded side by side, the master brought to nits."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from candela_engines.colour.convert import to_nits_rec2020
from candela_engines.errors import InputError
from candela_engines.itm.field import over_full_scale
from candela_engines.itm.shot_pairs import PairFrame
from candela_engines.media.clip import Clip, ClipFrame
from candela_server.service.alpha import Covered, match_alpha
from candela_server.service.clips import Side, frame_file
from candela_server.service.pictures import hold_light, nonfinite_text

__all__ = ["LightNotes", "Pairs"]

_STRIP_PIXELS = 1 << 20
# Where so many frames lie between two that are wanted, going to them is faster than decoding what is between.
_FAR = 12
F32 = npt.NDArray[np.float32]


@dataclass
class LightNotes:
    """What had to be done to the master's light, frame by frame, told once for the whole clip."""

    low: dict[int, int] = field(default_factory=dict)
    high: dict[int, int] = field(default_factory=dict)
    alpha: dict[str, int] = field(default_factory=dict)

    def told(self) -> list[str]:
        """In words."""
        notes = []
        for counts, words in (
            (self.low, "are negative in BT.2020 and were taken as 0"),
            (self.high, "are above 10000 nit and were held there"),
        ):
            if counts:
                most = max(counts, key=lambda n: counts[n])
                frames = "1 frame" if len(counts) == 1 else f"{len(counts)} frames"
                notes.append(f"samples in {frames} {words}; most in frame {most}: {counts[most]}")
        return notes + [f"{text} (from frame {number})" for text, number in self.alpha.items()]


@dataclass(frozen=True, eq=False)
class Pairs:
    """A `PairSource`. offset: a frame of the master has the number of its SDR frame and this on top.

    Raises MediaError for a frame that cannot be decoded, InputError for one that is missing, of another size
    or with samples that are no light; all name file and frame. Holds one frame of each clip.
    """

    sdr: Side
    hdr: Side
    offset: int = 0
    light: LightNotes = field(default_factory=LightNotes)

    def __call__(self, first: int, last: int, wanted: Collection[int] | None = None) -> Iterator[PairFrame]:
        """Frames first..last that are wanted, in order."""
        numbers = None if wanted is None else sorted(n for n in set(wanted) if first <= n <= last)
        if numbers is not None and not numbers:
            return
        shifted = None if numbers is None else [n + self.offset for n in numbers]
        mastered = _frames(self.hdr.clip, first + self.offset, last + self.offset, shifted)
        yield from self.beside(_frames(self.sdr.clip, first, last, numbers), mastered)

    def beside(self, graded: Iterator[ClipFrame], mastered: Iterator[ClipFrame]) -> Iterator[PairFrame]:
        """Every frame of `graded` with its master, both in order. Masters without a frame are passed over."""
        for frame in graded:
            yield self.paired(frame, self.partner(mastered, frame.number))

    def paired(self, frame: ClipFrame, master: ClipFrame, digest: bytes | None = None) -> PairFrame:
        """One frame with its master as light. digest: of the frame, where it is known already."""
        if frame.codes.shape != master.codes.shape:
            (h, w), (mh, mw) = frame.codes.shape[:2], master.codes.shape[:2]
            raise InputError(
                f"{frame_file(self.sdr.info, frame.number)} is {w}x{h}, "
                f"{frame_file(self.hdr.info, master.number)} is {mw}x{mh}: both have to be of one size"
            )
        if frame.codes.dtype.kind == "f" and not _all_finite(frame.codes):
            name = frame_file(self.sdr.info, frame.number)
            raise InputError(f"{name}: {nonfinite_text(frame.codes)}; an SDR picture has none")
        digest = frame.digest() if digest is None else digest
        # A movie's samples are floats by now; what they were rounded to is what the fit may undo.
        bits = self.sdr.info.bits if self.sdr.info.kind == "movie" else frame.bits
        return PairFrame(frame.number, frame.codes, bits, self._nits(frame, master), digest)

    def partner(self, mastered: Iterator[ClipFrame], number: int) -> ClipFrame:
        """The master of frame `number`, out of frames in order. InputError where it is not there."""
        wanted = number + self.offset
        for master in mastered:
            if master.number == wanted:
                return master
            if master.number > wanted:
                break
        raise InputError(
            f"{self.hdr.info.name}: has no frame {wanted}, the master of frame {number} of "
            f"{self.sdr.info.name}; bring it back, or leave the frame out with --frames"
        )

    def _nits(self, frame: ClipFrame, master: ClipFrame) -> F32:
        name, state = frame_file(self.hdr.info, master.number), self.hdr.state
        if master.codes.dtype.kind == "f" and not _all_finite(master.codes):
            raise InputError(
                f"{name}: {nonfinite_text(master.codes)}. Light has to be a number everywhere: repair the "
                "master (render the pixels again, or paint them out)"
            )
        nits = np.empty(master.codes.shape, np.float32)
        for rows in _strips(nits.shape):
            floats = over_full_scale(master.codes[rows], master.bits)
            nits[rows] = to_nits_rec2020(floats, state, bits=master.bits)
        for note in match_alpha(nits, _covered(self.hdr, master), _covered(self.sdr, frame)):
            self.light.alpha.setdefault(note, master.number)
        low, high = hold_light(nits, state, str(name))
        if low:
            self.light.low[master.number] = low
        if high:
            self.light.high[master.number] = high
        return nits


def _frames(clip: Clip, first: int, last: int, numbers: list[int] | None) -> Iterator[ClipFrame]:
    """Frames of a clip, all or those numbered, by whichever way decodes less."""
    if numbers is None:
        yield from clip.frames(first, last)
        return
    missing = set(clip.info.missing)
    numbers = [n for n in numbers if n not in missing]
    if clip.info.kind == "sequence" or (numbers and _sparse(numbers)):
        for number in numbers:
            yield clip.frame(number)
        return
    wanted = set(numbers)
    if wanted:
        yield from (f for f in clip.frames(numbers[0], numbers[-1]) if f.number in wanted)


def _sparse(numbers: list[int]) -> bool:
    return (numbers[-1] - numbers[0] + 1) > _FAR * len(numbers)


def _covered(side: Side, frame: ClipFrame) -> Covered:
    # OpenEXR has associated colours by definition; of a movie's alpha nothing says so.
    return Covered(frame.alpha, frame.alpha is not None and side.info.format.startswith("exr"))


def _all_finite(codes: npt.NDArray[np.generic]) -> bool:
    return all(bool(np.isfinite(codes[rows]).all()) for rows in _strips(codes.shape))


def _strips(shape: tuple[int, ...]) -> Iterator[slice]:
    rows = max(1, _STRIP_PIXELS // shape[1])
    return (slice(top, top + rows) for top in range(0, shape[0], rows))
