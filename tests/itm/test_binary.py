"""The binary coder: every decision comes back, whatever the contexts, and the cost follows the odds."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candela_engines.errors import PayloadError
from candela_engines.itm.coding.binary import SQUASH, STRETCH, Decoder, Encoder

DECISION = st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 2), st.integers(0, 1))


@given(
    st.lists(DECISION, max_size=400),
    st.lists(st.tuples(st.integers(1, 20), st.integers(0, 2**20)), max_size=20),
)
def test_every_decision_comes_back(
    decisions: list[tuple[int, int, int, int]], raws: list[tuple[int, int]]
) -> None:
    encoder = Encoder(contexts=12, mixers=3, inputs=2)
    for a, b, mixer, value in decisions:
        encoder.bit((a, 6 + b), mixer, value)
    for count, value in raws:
        encoder.raw(count, value & ((1 << count) - 1))
    decoder = Decoder(encoder.finish(), contexts=12, mixers=3, inputs=2)
    assert [decoder.bit((a, 6 + b), mixer) for a, b, mixer, _ in decisions] == [d[3] for d in decisions]
    assert [decoder.raw(count) for count, _ in raws] == [value & ((1 << count) - 1) for count, value in raws]


@pytest.mark.parametrize("odds", [0.002, 0.05, 0.3, 0.5, 0.9])
def test_cost_is_near_the_entropy(odds: float) -> None:
    rng = random.Random(7)
    n = 20_000
    encoder = Encoder(contexts=2, mixers=1, inputs=2)
    ones = 0
    for _ in range(n):
        bit = int(rng.random() < odds)
        ones += bit
        encoder.bit((0, 1), 0, bit)
    p = ones / n
    entropy = -(p * math.log2(p) + (1 - p) * math.log2(1 - p))
    assert len(encoder.finish()) * 8 / n < entropy * 1.03 + 0.006


def test_tables_are_monotone_and_each_other_s_inverse() -> None:
    assert sorted(SQUASH) == SQUASH
    assert sorted(STRETCH) == STRETCH
    assert SQUASH[2047] in (2047, 2048)
    assert max(abs(SQUASH[STRETCH[p] + 2047] - p) for p in range(1, 4094)) <= 8
    # The logistic function itself, from the definition.
    assert max(abs(SQUASH[x + 2047] - 4096 / (1 + math.exp(-x / 256))) for x in range(-2047, 2048)) < 24


def test_a_decoder_of_nothing_does_not_fail_and_is_bounded() -> None:
    decoder = Decoder(b"", contexts=1, mixers=1, inputs=1, limit=100)
    assert {decoder.bit((0,), 0) for _ in range(100)} <= {0, 1}
    with pytest.raises(PayloadError, match="damaged"):
        decoder.bit((0,), 0)


def test_the_format_does_not_drift() -> None:
    """A lock, not a proof: these bytes were written by this coder, and files in the field depend on them."""
    encoder = Encoder(contexts=4, mixers=2, inputs=2)
    for i in range(200):
        encoder.bit((i % 2, 2 + (i // 2) % 2), i % 2, int(i % 7 == 0))
    encoder.raw(16, 0xBEEF)
    assert encoder.finish().hex() == LOCK


LOCK = "7d00b49460999804c48347ef1ada3b8d28b8"
