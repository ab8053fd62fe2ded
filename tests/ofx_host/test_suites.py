"""What the host answers: a probe asks, rightly and wrongly, and tells what it did not expect."""

from __future__ import annotations

import pytest
from tests.ofx_host.build import Built
from tests.ofx_host.driver import Host
from tests.ofx_host.effect import Effect

CORE = {
    *("OfxPropertySuite 1", "OfxImageEffectSuite 1", "OfxParameterSuite 1"),
    *("OfxMemorySuite 1", "OfxMultiThreadSuite 1", "OfxMessageSuite 1"),
}
PROGRESS = {"OfxProgressSuite 1", "OfxProgressSuite 2"}
SUITES = {
    "resolve": CORE | PROGRESS | {"OfxMessageSuite 2"},
    "nuke": CORE | PROGRESS | {"OfxMessageSuite 2", "persistent messages", "OfxTimeLineSuite 1"},
    "natron": CORE | PROGRESS | {"OfxMessageSuite 2", "persistent messages", "OfxTimeLineSuite 1"},
    "plain-1.5": CORE | PROGRESS | {"OfxMessageSuite 2", "persistent messages", "OfxTimeLineSuite 1"},
    "bare": CORE,
}


def asked(host: Host, built: Built) -> Effect:
    return host.load(built.probe("asks"))["org.example.asks"].create((16, 8))


def said(host: Host, about: str) -> list[str]:
    return [m["text"] for m in host.messages if m["id"] == about]


@pytest.mark.parametrize("profile", SUITES)
def test_suites_of_each_host(built: Built, profile: str) -> None:
    with Host(built, profile, strict=False) as host:
        asked(host, built)
        assert set(said(host, "suite")) == SUITES[profile]


def test_statuses_are_those_of_the_specification(built: Built) -> None:
    with Host(built, "plain-1.5", strict=False) as host:
        effect = asked(host, built)
        effect.set("flag", 1)
        assert said(host, "unexpected") == []
        # The plugin's own changes are told to it once each, after its own change.
        assert said(host, "changed")[0] == "flag OfxChangeUserEdited"
        assert sorted(said(host, "changed")[1:]) == [
            f"{name} OfxChangePluginEdited" for name in ("colour", "real", "text")
        ]
        assert (effect.value("real"), effect.value("text")) == ("4", "words")
        assert [float(c) for c in effect.value("colour").split(",")] == [0.1, 0.2, 0.3]


def test_choices_by_the_names_of_their_options(built: Built) -> None:
    with Host(built, "nuke", strict=False) as host:
        effect = asked(host, built)
        effect.set("choice", "option 2")
        assert effect.value("choice") == "2"
