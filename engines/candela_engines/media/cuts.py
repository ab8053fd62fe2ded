"""Where one shot ends and the next begins: hard cuts, dissolves and fades, in one pass over a light proxy.

    finder = CutFinder()
    for frame in clip.frames():
        finder.add(frame.number, proxy_of(frame.codes, frame.bits))
    shots = finder.finish()

A frame is judged when enough of its future is known, so memory does not depend on the length, and nothing
depends on how the frames arrive. docs/shots.md says what is found and what is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

import numpy as np

from candela_engines.errors import InputError
from candela_engines.media.cuts_compare import Unlike, compare
from candela_engines.media.cuts_mix import fade_in, fade_out, find_mix
from candela_engines.media.cuts_proxy import FLAT, Look, Proxy, look_at, proxy_of
from candela_engines.media.cuts_score import AROUND, RETURN, judge, pair_probability
from candela_engines.media.cuts_shots import Joins, Opening, Pop, Shot, numbering, shots_of
from candela_engines.media.decoded import Samples

__all__ = ["CutFinder", "HasCodes", "Opening", "Pop", "Shot", "find_shots", "proxy_of"]

_SOFT = 54  # frames on both sides of one that a dissolve or a fade is looked for in
_HARD_DELAY = RETURN + 1
_SOFT_DELAY = _HARD_DELAY + _SOFT
_KEPT = _SOFT_DELAY + _SOFT + 4
_PICTURE = 0.5  # probability above which it is a cut, or two pictures are of different shots
_ENDS = 0.275  # the same for the ends of a dissolve, for which the ramp speaks already


class HasCodes(Protocol):
    """What shot detection needs of a frame; `ClipFrame` has it."""

    @property
    def number(self) -> int:
        """Its number in the clip."""
        ...

    @property
    def codes(self) -> Samples:
        """(H, W, 3), integers or floats over full scale."""
        ...

    @property
    def bits(self) -> int:
        """Of an integer sample."""
        ...


class CutFinder:
    """Takes proxies in the order of their numbers and tells the shots; `pops` is complete after `finish`."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self.pops: list[Pop] = []
        self._looks: list[Look] = []
        self._changes: list[Unlike] = []  # into the look of the same place; the very first stands for nothing
        self._begin = 0  # count of the oldest look
        self._count = 0
        self._last = 0
        self._gaps: list[tuple[int, int]] = []
        self._after_gap: set[int] = set()
        self._recent: list[int] = []  # counts of the hard cuts among the frames that are kept
        self._found = Joins()
        self._finished: list[Shot] | None = None

    def add(self, number: int, proxy: Proxy) -> None:
        """Take the next frame. number: above the last one; gaps are no cuts. proxy: of `proxy_of`.

        Raises InputError for a number out of order, a proxy of another shape, or a finder that has finished.
        """
        if self._finished is not None:
            raise InputError(f"shot detection: frame {number} after the end; start a new CutFinder")
        if self._count and number <= self._last:
            raise InputError(
                f"shot detection: frame {number} after frame {self._last}; frames go up in number"
            )
        look = look_at(proxy)
        if not self._count or number != self._last + 1:
            self._gaps.append((self._count, number))
            self._after_gap.add(self._count)
        self._changes.append(compare(self._looks[-1] if self._looks else look, look))
        self._looks.append(look)
        self._last = number
        self._count += 1
        self._judge(self._count - 1 - _HARD_DELAY)
        self._soften(self._count - 1 - _SOFT_DELAY)
        if len(self._looks) > _KEPT:
            del self._looks[0], self._changes[0]
            self._begin += 1
            self._recent = [at for at in self._recent if at >= self._begin]

    def finish(self) -> list[Shot]:
        """The shots; together they are all frames that were added. Empty if there was none."""
        if self._finished is None:
            for count in range(self._count - _HARD_DELAY, self._count):
                self._judge(count)
            for count in range(self._count - _SOFT_DELAY, self._count):
                self._soften(count)
            number_of = numbering(self._gaps)
            self._finished = shots_of(self._found, self._count, number_of) if self._count else []
            mixed = [shot.transition for shot in self._finished if shot.transition]
            self.pops = [p for p in self.pops if not any(a <= p.frame <= b + 1 for a, b in mixed)]
            self._looks, self._changes = [], []
        return list(self._finished)

    def _judge(self, count: int) -> None:
        """Whether there is a hard cut or a pop into the frame of that count."""
        if count < 1:
            return
        place = count - self._begin
        low, high = max(1 - self._begin, place - AROUND, 0), place + AROUND + 1
        early = max(0, place - RETURN - 1)
        verdict = judge(
            self._changes[low:high],
            place - low,
            self._looks[early : place + RETURN + 1],
            place - early,
        )
        probability = verdict.probability
        if count in self._after_gap:
            # Much may have moved in frames that are missing: there the pictures alone decide.
            probability = min(probability, pair_probability(self._changes[place]))
        if probability >= _PICTURE:
            self._found.cuts[count] = probability
            self._recent.append(count)
        elif verdict.pop:
            self.pops.append(Pop(numbering(self._gaps)(count), round(verdict.pop, 4)))

    def _soften(self, count: int) -> None:
        """Whether there is a dissolve around, or a fade into or out of, the frame of that count."""
        if count < 0:
            return
        place, looks = count - self._begin, self._looks
        early, late = max(0, place - _SOFT), min(len(looks), place + _SOFT + 1)
        cuts = [at - self._begin for at in self._recent]
        low = max([at for at in cuts if early <= at <= place], default=early)
        high = min([at for at in cuts if place < at < late], default=late) - 1
        if looks[place].contrast < FLAT:
            self._found.add_flat(count)
            if place > 0 and looks[place - 1].contrast >= FLAT:
                first = fade_out(looks[low : place + 1], place - low)
                if first is not None:
                    self._found.outs.append((first + low + self._begin, count))
            if place + 1 < len(looks) and looks[place + 1].contrast >= FLAT:
                last = fade_in(looks[place : high + 1], 0)
                if last is not None:
                    self._found.ins.append((count, last + count))
            return
        if high - low < 8:
            return
        coarse = np.stack([look.coarse for look in looks[low : high + 1]])
        mix = find_mix(coarse, place - low, 0, high - low)
        if mix is None:
            return
        a, b = looks[low + mix.first - 1], looks[low + mix.last + 1]
        sure = pair_probability(compare(a, b))
        confidence = 0.5 * (sure + mix.quality)
        if confidence >= _ENDS and sure >= _ENDS and min(a.contrast, b.contrast) >= FLAT:
            offset = low + self._begin
            self._found.add_mix(mix.first + offset, mix.last + offset, confidence)


def find_shots(
    frames: Iterable[HasCodes],
    *,
    progress: Callable[[int], None] | None = None,
    codes_of: Callable[[HasCodes], tuple[Samples, int]] | None = None,
) -> tuple[Shot, ...]:
    """The shots of a clip: `find_shots(clip.frames())`.

    progress: told the number of every frame. codes_of: codes and bits of a frame, where its own are no
    perceptual encoding (light of an EXR). Raises InputError as `CutFinder.add` and `proxy_of`; whatever
    `frames` raises.
    """
    finder = CutFinder()
    for frame in frames:
        codes, bits = codes_of(frame) if codes_of else (frame.codes, frame.bits)
        finder.add(frame.number, proxy_of(codes, bits))
        if progress is not None:
            progress(frame.number)
    return tuple(finder.finish())
