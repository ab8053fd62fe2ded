"""Described, loaded and unloaded as hosts do it, in every profile, without a violation."""

from __future__ import annotations

import numpy as np
import pytest
from tests.ofx_host.build import Built
from tests.ofx_host.driver import FILTER, PROFILES, Host, Plugin

SIZE = (40, 24)


def plugins(host: Host, built: Built, *, set_host: bool = True) -> dict[str, Plugin]:
    return host.load(built.bundle, set_host=set_host)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("set_host", [True, False])
def test_described_and_unloaded_again_and_again(built: Built, profile: str, set_host: bool) -> None:
    with Host(built, profile) as host:
        for _ in range(2):
            found = plugins(host, built, set_host=set_host)
            assert len(found) == 2
            for _ in range(3):
                for plugin in found.values():
                    assert plugin.describe()["status"] == 0
                for plugin in found.values():
                    plugin.unload()
            host.close()


@pytest.mark.parametrize("profile", PROFILES)
def test_instances_of_every_context_come_and_go(built: Built, profile: str) -> None:
    with Host(built, profile) as host:
        for plugin in plugins(host, built).values():
            for context in plugin.describe()["contexts"]:
                first = plugin.create(SIZE, context=context)
                second = plugin.create(SIZE, context=context)
                for effect in (first, second):
                    effect.frame(np.zeros((SIZE[1], SIZE[0], 4), np.float32))
                    effect.disconnect()
                    for action in ("OfxActionSyncPrivateData", "OfxActionPurgeCaches"):
                        assert effect.action(action) in (0, 14)
                    for action in ("OfxActionBeginInstanceEdit", "OfxActionEndInstanceEdit"):
                        assert effect.action(action) in (0, 14)
                    effect.destroy()
            plugin.unload()


@pytest.mark.parametrize("profile", PROFILES)
def test_one_effect_is_unloaded_while_the_other_works(built: Built, profile: str) -> None:
    """Hosts load a binary once and its plugins one by one."""
    with Host(built, profile) as host:
        first, second = plugins(host, built).values()
        first.describe()
        effect = second.create(SIZE)
        first.unload()
        effect.frame(np.full((SIZE[1], SIZE[0], 4), 0.5, np.float32))
        effect.render()
        effect.destroy()


@pytest.mark.parametrize("profile", PROFILES)
def test_every_value_of_every_parameter_is_taken(built: Built, profile: str) -> None:
    """By users, by projects and by undo; what the host asks in between is answered."""
    with Host(built, profile) as host:
        for plugin in plugins(host, built).values():
            effect = plugin.create(SIZE)
            effect.frame(np.zeros((SIZE[1], SIZE[0], 4), np.float32))
            for name, parameter in plugin.parameters(FILTER).items():
                for value in values_of(parameter):
                    effect.set(name, value)
                    effect.ask("region", time=1)
                    effect.ask("interest", time=1, region="2,3,9,8")
                    effect.ask("identity", time=1, window="2,3,9,8")
                if parameter["type"] == "OfxParamTypePushButton":
                    effect.press(name)


def values_of(parameter: dict[str, object]) -> list[object]:
    properties: dict[str, list[object]] = parameter["properties"]  # type: ignore[assignment]
    kind = str(parameter["type"]).removeprefix("OfxParamType")
    if kind == "Choice":
        return list(properties["OfxParamPropChoiceOption"])
    if kind in ("Double", "Integer"):
        names = ("OfxParamPropMin", "OfxParamPropMax", "OfxParamPropDefault")
        return [properties[name][0] for name in names]
    if kind == "Boolean":
        return [0, 1]
    return ["", "/nonexistent/frame.####.png", "%d#" * 400] if kind == "String" else []
