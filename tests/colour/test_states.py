"""Colour states: validation, names, serialisation."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candela_engines.colour.names import ALIASES, NAMED, name_of, parse_colour
from candela_engines.colour.state import ColourState
from candela_engines.errors import ColourStateError

states = st.builds(
    ColourState,
    st.sampled_from(["bt709", "p3d65", "bt2020", "ap0", "ap1"]),
    st.sampled_from(["bt1886", "srgb", "gamma22", "gamma24", "gamma26", "pq", "hlg", "linear"]),
    st.sampled_from(["full", "narrow"]),
    st.floats(0.001, 1e6),
    st.floats(0.001, 1e6),
    st.sampled_from([1.0, 100.0, 0.5]),
)
json_values = (
    st.sampled_from(["bt709", "pq", "narrow", "", "\0", b"pq", None, True, [], {}, [[1]], 10**5000])
    | st.integers()
    | st.floats()
)


@given(states)
def test_dict_round_trip(state: ColourState) -> None:
    assert ColourState.from_dict(json.loads(json.dumps(state.to_dict()))) == state


def test_dict_is_compact() -> None:
    assert NAMED["rec709"].to_dict() == {"p": "bt709", "t": "bt1886"}
    assert NAMED["rec2100-hlg"].to_dict() == {"p": "bt2020", "t": "hlg", "pk": 1000, "rw": 203}


@given(st.dictionaries(st.sampled_from(["p", "t", "r", "pk", "rw", "un", "os", "oc", "x"]), json_values))
def test_untrusted_maps_give_a_state_or_our_error(data: dict) -> None:
    try:
        state = ColourState.from_dict(data)
    except ColourStateError:
        return
    assert ColourState.from_dict(state.to_dict()) == state


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ([], "map"),
        ({}, "primaries"),
        ({"p": "bt709"}, "transfer"),
        ({"p": "bt709", "t": "pq", "zz": 1}, "'zz'"),
        ({"p": "bt709", "t": "pq", 3: 1}, "3"),
        ({"p": "rec709", "t": "pq"}, "'rec709'"),
        ({"p": "bt709", "t": ["pq"]}, "transfer"),
        ({"p": "bt709", "t": "pq", "pk": "1000"}, "'1000'"),
        ({"p": "bt709", "t": "pq", "pk": math.nan}, "nan"),
        ({"p": "bt709", "t": "pq", "pk": math.inf}, "inf"),
        ({"p": "bt709", "t": "pq", "pk": 0}, "peak_nits"),
        ({"p": "bt709", "t": "pq", "pk": True}, "True"),
        ({"p": "bt709", "t": "pq", "pk": 10**400}, "peak_nits"),
        ({"p": "bt709", "t": "pq", "un": -1}, "unit_nits"),
        ({"p": "bt709", "t": "pq", "os": "x" * 300, "oc": "c"}, "ocio_space"),
        ({"p": "bt709", "t": "pq", "os": "a\nb", "oc": "c"}, "ocio_space"),
        ({"p": "bt709", "t": "pq", "os": "ACEScg"}, "together"),
    ],
)
def test_bad_maps_say_what_is_wrong(data, told: str) -> None:
    with pytest.raises(ColourStateError, match=told):
        ColourState.from_dict(data)


def test_every_name_and_alias() -> None:
    for name, state in NAMED.items():
        assert parse_colour(name) == parse_colour(f"  {name.upper()} ") == state
        assert name_of(state) == name
    for alias, name in ALIASES.items():
        assert parse_colour(alias) == NAMED[name]
        assert alias not in NAMED and name in NAMED


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("rec2100-hlg@2000", "peak_nits", 2000),
        ("rec2100-pq @ 1000 nit", "peak_nits", 1000),
        ("rec709@48", "peak_nits", 48),
        ("rec709@203", "reference_white_nits", 203),
        ("linear-rec2020@100", "unit_nits", 100),
        ("srgb@80.5", "peak_nits", 80.5),
    ],
)
def test_luminance_after_the_name(name: str, field: str, value: float) -> None:
    state = parse_colour(name)
    assert getattr(state, field) == value
    assert parse_colour(name_of(state)) == state


@pytest.mark.parametrize("name", ["", "   ", "rec2100-hlg@0"])
def test_empty_and_impossible(name: str) -> None:
    with pytest.raises(ColourStateError):
        parse_colour(name)


def test_what_counts_as_hdr() -> None:
    hdr = {name for name, state in NAMED.items() if state.is_hdr}
    assert hdr == {"rec2100-pq", "rec2100-hlg", "p3-pq", "linear-rec2020"}
    assert not parse_colour("rec709@203").is_hdr
