"""What is seen of an OpenTimelineIO timeline: tracks, stacks, clips, gaps and transitions as one layer."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

from candela_engines.errors import InputError
from candela_engines.media.otio_clips import clip_source
from candela_engines.media.otio_times import frames_in, range_in, rate_in
from candela_engines.media.timecode import can_drop, timecode_of
from candela_engines.media.timeline_layers import Fade, Layer, Piece, over

__all__ = ["OtioWalk", "frames_in", "rate_in"]

_MOST_NESTED = 64
_MOST_CLIPS = 100_000
_ZERO = Fraction(0)


class OtioWalk:
    """One timeline while it is gone through. Everything is in frames of the timeline, exact.

    notes: what was left out or not certain.
    """

    def __init__(self, path: Path, rate: Fraction, start: int, *, bundle: bool) -> None:
        self._path = path
        self._rate = rate
        self._start = start
        self._bundle = bundle
        self._count = 0
        self.notes: list[str] = []

    def timeline(self, timeline: Any) -> Layer:
        """What is seen of its tracks."""
        return self._stack(timeline.tracks, _ZERO, 0)

    def _say(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def _where(self, item: Any, at: Fraction) -> str:
        label = timecode_of(self._start + math.floor(at), self._rate, drop=can_drop(self._rate))
        return f"{self._path.name}: {str(item.name or type(item).__name__)[:80]} at {label}"

    def _stack(self, stack: Any, at: Fraction, depth: int) -> Layer:
        """All children begin together; the last one is on top."""
        layer = Layer()
        tracks = 0
        for child in stack:
            seen = self._item(child, at, depth + 1)
            tracks += bool(seen.pieces)
            layer = over(seen, layer)
        if tracks > 1:
            self._say(f"{tracks} picture tracks over each other; the uppermost picture counts")
        return self._trim(stack, layer, at)

    def _track(self, track: Any, at: Fraction, depth: int) -> Layer:
        """Children follow each other; a transition lies over the cut where it stands and takes no time."""
        layer = Layer()
        position = _ZERO
        for child in track:
            if type(child).__name__ == "Transition":
                layer.fades.append(self._fade(child, position, at))
                continue
            seen = self._item(child, at + position, depth + 1).moved(position)
            layer.pieces += seen.pieces
            layer.fades += seen.fades
            position += self._duration(child, at + position)
        layer.fades.sort(key=lambda fade: fade.start)
        return self._trim(track, layer, at)

    def _fade(self, transition: Any, cut: Fraction, at: Fraction) -> Fade:
        where = self._where(transition, at + cut)
        before, after = (
            _ZERO if offset is None else frames_in(offset, self._rate, where)
            for offset in (transition.in_offset, transition.out_offset)
        )
        if before < 0 or after < 0:
            raise InputError(f"{where}: a transition of negative length")
        kind = str(transition.transition_type or "")
        kind = "dissolve" if kind in ("", "SMPTE_Dissolve", "Custom_Transition") else kind[:40]
        return Fade(max(_ZERO, cut - before), cut + after, cut, kind)

    def _item(self, item: Any, at: Fraction, depth: int) -> Layer:
        """What is seen of one child, from 0; nothing of sound, gaps and what is switched off."""
        kind = type(item).__name__
        if depth > _MOST_NESTED:
            raise InputError(
                f"{self._where(item, at)}: compounds more than {_MOST_NESTED} deep; flatten them"
            )
        if kind not in ("Clip", "Gap", "Stack", "Track"):
            raise InputError(
                f"{self._where(item, at)}: a {kind[:40]}, which is not known; remove or render it"
            )
        if kind == "Gap" or (kind == "Track" and item.kind != "Video"):
            return Layer()
        if not item.enabled:
            self._say(f"switched off and left out: {str(item.name or kind)[:80]}")
            return Layer()
        if kind == "Clip":
            return self._clip(item, at)
        if any(hasattr(effect, "time_scalar") for effect in item.effects):
            raise InputError(
                f"{self._where(item, at)}: a change of speed on a whole {kind.lower()} of clips; "
                "take it apart, or render it, before exporting"
            )
        if depth > 1:
            self._say("holds compounds; the clips inside are taken")
        return self._stack(item, at, depth) if kind == "Stack" else self._track(item, at, depth)

    def _clip(self, clip: Any, at: Fraction) -> Layer:
        self._count += 1
        if self._count > _MOST_CLIPS:
            raise InputError(f"{self._path.name}: more than {_MOST_CLIPS:,} clips")
        source = clip_source(
            clip, str(self._count), self._where(clip, at), self._rate, self._path.parent, bundle=self._bundle
        )
        if source is None:
            self._say(f"generated and no shot: {str(clip.name)[:80]}")
        return Layer([Piece(_ZERO, self._duration(clip, at), source)])

    def _duration(self, item: Any, at: Fraction) -> Fraction:
        """How much of its parent's time an item takes."""
        where = self._where(item, at)
        if item.source_range is not None:
            return range_in(item.source_range, self._rate, where)[1]
        kind = type(item).__name__
        if kind == "Track":
            parts = [child for child in item if type(child).__name__ != "Transition"]
            return sum((self._duration(child, at) for child in parts), _ZERO)
        if kind == "Stack":
            return max((self._duration(child, at) for child in item), default=_ZERO)
        available = getattr(item.media_reference, "available_range", None) if kind == "Clip" else None
        if available is None:
            raise InputError(f"{where}: neither the clip nor its media says how long it is")
        return range_in(available, self._rate, where)[1]

    def _trim(self, item: Any, layer: Layer, at: Fraction) -> Layer:
        if item.source_range is None:
            return layer
        first, duration = range_in(item.source_range, self._rate, self._where(item, at))
        trimmed = layer.trimmed(first, first + duration).moved(-first)
        if len(trimmed.fades) < len(layer.fades):
            self._say(f"a transition at the edge of a compound is left out: {str(item.name)[:80]}")
        return trimmed
