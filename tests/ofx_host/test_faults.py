"""The host sees what it is there to see: each probe has one fault, and what the host says names it."""

from __future__ import annotations

import numpy as np
import pytest
from tests.ofx_host.build import Built
from tests.ofx_host.driver import Host, HostEnded, Plugin
from tests.ofx_host.effect import Effect

# fault → words of the violation. What happens before there is an instance is found by then.
DESCRIBED = {
    "unknown_property": "OfxParamPropNobodyKnows of parameter amount, which the specification does not know",
    "wrong_type": "writes a int into OfxParamPropDefault of parameter amount, a double",
    "index_beyond": "writes index 1 of OfxParamPropDefault of parameter amount, which has 1",
    "defined_twice": "parameter amount is defined twice",
    "choice_without_options": "choice choice has no options",
    "host_property": "writes OfxPropName of parameter amount, which is the host's",
}
RENDERED = {
    "spills": "wrote outside the render window, first at pixel (8, 0)",
    "leaks_image": "the image of Output is not released",
    "throws": "an exception leaves the plugin",
    "skips_pixels": "left pixels of the render window unwritten, first (0, 0)",
    "writes_source": "wrote into the image of Source",
    "releases_twice": "releases an image that it does not hold",
    "sets_in_render": "sets parameter amount in an action where values may not be set",
    "reads_without_time": "paramGetValue of amount: Render asks for values at its time",
}


def bad(host: Host, built: Built, fault: str) -> Plugin:
    plugins = host.load(built.probe("bad"))
    host.violations.clear()  # one of the binary's effects has its fault here
    return plugins[f"org.example.bad.{fault}"]


def rendered(plugin: Plugin) -> Effect:
    pixels = np.random.default_rng(1).random((8, 16, 4), np.float32)
    effect = plugin.create((16, 8), like=pixels)
    effect.frame(pixels)
    effect.render(windows=[(0, 0, 8, 8)])
    return effect


@pytest.mark.parametrize("fault", DESCRIBED)
def test_faults_of_descriptions_are_named(built: Built, fault: str) -> None:
    with Host(built, "natron", strict=False) as host:
        bad(host, built, fault).describe()
        assert any(DESCRIBED[fault] in v for v in host.violations), host.violations


@pytest.mark.parametrize("fault", RENDERED)
def test_faults_of_rendering_are_named(built: Built, fault: str) -> None:
    with Host(built, "natron", strict=False) as host:
        rendered(bad(host, built, fault))
        assert any(RENDERED[fault] in v for v in host.violations), host.violations


@pytest.mark.parametrize("fault", [*DESCRIBED, *RENDERED])
def test_one_fault_is_all_that_is_found(built: Built, fault: str) -> None:
    with Host(built, "natron", strict=False) as host:
        plugin = bad(host, built, fault)
        effect = rendered(plugin)
        effect.destroy()
        plugin.unload()
        wanted = (DESCRIBED | RENDERED)[fault]
        others = [v for v in host.violations if wanted not in v]
        # A mark can stay as well as a byte change where rows run on into pixels that are not asked for.
        assert not others or fault == "defined_twice", others


def test_what_is_not_freed_is_named_at_unload(built: Built) -> None:
    for fault, words in (
        ("leaks_memory", "100 bytes of memory are not freed"),
        ("leaks_mutex", "a mutex is not"),
    ):
        with Host(built, "nuke", strict=False) as host:
            plugin = bad(host, built, fault)
            plugin.describe()
            assert not host.violations
            plugin.unload()
            assert any(words in v for v in host.violations), host.violations


def test_suites_are_not_there_before_load(built: Built) -> None:
    with Host(built, "nuke", strict=False) as host:
        host.load(built.probe("bad"))
        assert any("fetches suites while the host is set" in v for v in host.violations)


def test_statuses_that_an_action_does_not_have_are_named(built: Built) -> None:
    with Host(built, "nuke", strict=False) as host:
        plugin = bad(host, built, "odd_status")
        with pytest.raises(RuntimeError, match="CreateInstance answers status 12"):
            plugin.create((16, 8))
        assert any("answers status 12, which this action does not have" in v for v in host.violations)


def test_handles_of_descriptions_that_are_gone_are_found(built: Built) -> None:
    """The probe keeps a handle of its last description, unloads, and uses it again."""
    with Host(built, "nuke", strict=False) as host:
        plugin = bad(host, built, "stale_handle")
        rendered(plugin)
        assert not host.violations  # the description lives as long as the plugin is loaded


def test_ranges_matter_to_the_host_that_needs_both(built: Built) -> None:
    for profile, found in (("natron", False), ("resolve", True)):
        with Host(built, profile, strict=False) as host:
            bad(host, built, "no_ranges").describe()
            assert any("no range or no display range" in v for v in host.violations) is found


def test_vectors_of_integers_matter_to_the_host_that_they_crash(built: Built) -> None:
    for profile, found in (("natron", False), ("resolve", True)):
        with Host(built, profile, strict=False) as host:
            bad(host, built, "integer_vector").describe()
            assert any("of a type that crashes this host" in v for v in host.violations) is found


def test_reading_beyond_an_image_ends_the_process_at_a_fence(built: Built) -> None:
    with pytest.raises(HostEnded), Host(built, "resolve") as host:
        host.strict = False
        plugin = bad(host, built, "reads_beyond")
        pixels = np.zeros((8, 16, 4), np.float32)
        effect = plugin.create((16, 8), like=pixels)
        effect.frame(pixels, fence="after")
        effect.render()
