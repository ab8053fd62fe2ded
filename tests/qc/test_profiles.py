"""Profiles: shipped ones load, own ones inherit, and what is wrong is told with file, line and place."""

from __future__ import annotations

from pathlib import Path

import pytest

from candela_engines.errors import InputError
from candela_engines.qc.findings import Severity
from candela_engines.qc.profile import SHIPPED, load_profile


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_profiles_load(name: str) -> None:
    used = load_profile(name).used()
    assert used.name == name and len(used.sha256) == 64 and used.title


def test_an_own_profile_inherits(tmp_path: Path) -> None:
    path = tmp_path / "house.toml"
    path.write_text(
        'title = "House"\ninherits = "hdr10-4000"\n[rules."light.max_cll"]\nlimit_nits = 600\n'
        '[rules."gamut.p3"]\nseverity = "off"\n'
    )
    profile = load_profile(str(path))
    assert profile.inherits == ("hdr10-4000", "hdr10-1000")
    assert profile.settings["light.max_cll"]["limit_nits"] == 600
    assert profile.settings["light.max_fall"]["limit_nits"] == 800
    assert profile.severities["gamut.p3"] is None
    assert profile.severities["metadata.colour"] is Severity.BLOCKER
    child = tmp_path / "child.toml"
    child.write_text('inherits = "house.toml"\n')
    assert load_profile(str(child)).settings["light.max_cll"]["limit_nits"] == 600


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '[rules."light.max_cll"]\nlimit_nit = 600\n',
            r":2: rules -> light.max_cll -> limit_nit: unknown key; did you",
        ),
        (
            '[rules."light.maxcll"]\n',
            r":1: rules -> light.maxcll: there is no such rule; did you mean light.max_cll",
        ),
        ('[rules."light.max_cll"]\nlimit_nits = "high"\n', r":2: .*a number from 1 to 10000"),
        ('[rules."light.max_cll"]\nlimit_nits = 20000\n', r":2: .*a number from 1 to 10000"),
        ('[rules."light.max_cll"]\nlimit_nits = true\n', r":2: .*a number"),
        ('title = "x"\n\n[rules."gamut.p3"]\nseverity = "fatal"\n', r":4: .*fyi, issue, blocker or off"),
        ('[expct]\ntransfer = "pq"\n', r":1: expct: unknown key; did you mean expect"),
        ('inherits = "hdr10-1001"\n', r":1: inherits: profile 'hdr10-1001': .*did you mean hdr10-1000"),
        ('inherits = "bad.toml"\n', r":1: inherits: 'bad.toml' comes back|comes back to itself"),
        ("limit = \n", r"is no TOML"),
        ('[rules]\n"light.max_cll" = 3\n', r":2: .*a table is needed"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=told) as caught:
        load_profile(str(path))
    assert "bad.toml" in str(caught.value)


def test_an_unknown_profile(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean hlg"):
        load_profile("hlgg")
    with pytest.raises(InputError, match="cannot be read"):
        load_profile(str(tmp_path / "none.toml"))
