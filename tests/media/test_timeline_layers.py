"""Pieces laid over each other, against a count of every frame."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.media.timeline_layers import Fade, Layer, Piece, Source, over, shots_of, transitions_of


def layer_of(lengths: list[tuple[int, int]], name: str) -> Layer:
    """Pieces of (gap before, length), each of a source whose frames begin at 100."""
    at, pieces = 0, []
    for number, (gap, length) in enumerate(lengths):
        at += gap
        source = Source(f"{name}{number}", str(number), Fraction(100))
        pieces.append(Piece(Fraction(at), Fraction(at + length), source))
        at += length
    return Layer(pieces)


def frames_of(layer: Layer) -> dict[int, tuple[str, int]]:
    """What is seen at every frame: name and frame of the source."""
    shots, notes = shots_of(layer.pieces)
    assert notes == []
    seen: dict[int, tuple[str, int]] = {}
    for shot in shots:
        for record in range(shot.record_first, shot.record_last + 1):
            assert record not in seen
            seen[record] = (shot.name, shot.source_at(record))
    return seen


LENGTHS = st.lists(st.tuples(st.integers(0, 6), st.integers(1, 8)), max_size=7)


@settings(deadline=None)
@given(st.lists(LENGTHS, min_size=1, max_size=4))
def test_the_uppermost_is_seen(tracks: list[list[tuple[int, int]]]) -> None:
    layers = [layer_of(lengths, f"t{number}.") for number, lengths in enumerate(tracks)]
    seen, expected = Layer(), {}
    for layer in layers:
        expected |= frames_of(layer)
        seen = over(layer, seen)
    assert frames_of(seen) == expected


@settings(deadline=None)
@given(LENGTHS, st.integers(0, 30), st.integers(0, 30), st.integers(-20, 20))
def test_trimmed_and_moved(lengths: list[tuple[int, int]], start: int, count: int, by: int) -> None:
    layer = layer_of(lengths, "t")
    got = frames_of(layer.trimmed(Fraction(start), Fraction(start + count)).moved(Fraction(by)))
    kept = {at + by: what for at, what in frames_of(layer).items() if start <= at < start + count}
    assert got == kept


def test_a_transition_is_seen_where_nothing_lies_over_it() -> None:
    lower = layer_of([(0, 10), (0, 10)], "low")
    lower.fades.append(Fade(Fraction(8), Fraction(12), Fraction(10), "dissolve"))
    assert over(layer_of([(12, 3)], "top"), lower).fades == lower.fades
    assert over(layer_of([(11, 3)], "top"), lower).fades == []
    shots, _ = shots_of(lower.pieces)
    (fade,) = transitions_of(lower.fades, shots)
    assert (fade.outgoing, fade.incoming) == (0, 1)
    assert (fade.outgoing_source, fade.incoming_source) == ((108, 111), (98, 101))
    assert lower.trimmed(Fraction(9), Fraction(20)).fades == []


def test_black_hides_what_is_below_and_is_no_shot() -> None:
    black = Layer([Piece(Fraction(2), Fraction(4), None)])
    assert sorted(frames_of(over(black, layer_of([(0, 6)], "low")))) == [0, 1, 4, 5]
