"""A host's config and names of colour spaces, resolved as the host does and written down for the record."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Any

import candela_ocio
from candela_bridge.helper.given import Given
from candela_bridge.helper.job import Answer, Refused

__all__ = ["HostColour", "host_colour", "resolve_config"]

# A role with what it stands for, as Nuke shows it: `scene_linear (ACEScg)`, `default (sRGB)`.
_ROLE = re.compile(r"(?P<role>[^()]+?)\s*\((?P<space>.+)\)")
_MOST_LEVELS = 8


@dataclass(frozen=True)
class HostColour:
    """What a host called a colour. name: what Candela takes for it. ocio: the config for it, or None.

    record: how it was found, for results.
    """

    name: str | None
    ocio: str | None
    record: Answer | None


def host_colour(side: Given) -> HostColour:
    """Of the `colour` of a side: nothing (its tags say it), a name of Candela's, or a config with a space.

    A space is always taken from the host's config, whatever Candela itself calls so. `white_nits` is what 1.0
    of a scene-referred space is. Raises Refused for a name that the host's config does not have.
    """
    colour = side.maybe("colour")
    if colour is None:
        return HostColour(None, None, None)
    name = colour.maybe_text("name")
    if name is not None:
        return HostColour(name, _config_text(colour), {"name": name})
    resolved, space, how = _find(colour)
    nits = colour.number("white_nits", 0.01, 10000)
    relative = space.reference == "scene" or space.encoding == "sdr-video"
    if space.is_data:
        raise colour.refuse("space", f"{space.name!r} holds data, and says nothing of light")
    if space.reference == "scene" and nits is None:
        raise colour.refuse(
            "white_nits",
            f"{space.name!r} is scene-referred: 1.0 has no luminance of its own. Say what it is in nits, or "
            "give the picture as a display sees it",
        )
    at = f"@{nits:g}" if relative and nits is not None else ""
    candela = f"ocio:{space.name}{at}"
    record = {
        "name": candela,
        "asked": colour.text("space"),
        "space": space.name,
        "found": how,
        "reference": space.reference,
        "encoding": space.encoding,
        "white_nits": nits if at else None,
        "config": config_record(resolved),
    }
    own = resolved.path_or_uri == str(candela_ocio.candela_config_path())
    return HostColour(candela, None if own else resolved.path_or_uri, record)


def resolve_config(given: Given) -> candela_ocio.ResolvedConfig:
    """The host's config; without one Candela's own. Raises Refused for one that cannot be used."""
    text = _config_text(given)
    try:
        return candela_ocio.in_force(text or str(candela_ocio.candela_config_path()))
    except candela_ocio.OcioConfigError as error:
        raise Refused(str(error), "ColourStateError") from error


def config_record(resolved: candela_ocio.ResolvedConfig) -> Answer:
    """A config as results have it."""
    import PyOpenColorIO

    return {
        "path": resolved.path_or_uri,
        "name": resolved.name,
        "identity": resolved.identity,
        "sha256": resolved.sha256,
        "cache_id": resolved.cache_id,
        "library": str(PyOpenColorIO.GetVersion()),
    }


def _config_text(given: Given) -> str | None:
    text = given.maybe_text("config")
    if text is not None and not text.startswith("ocio://"):
        return str(given.path("config"))
    return text


def _find(colour: Given) -> tuple[candela_ocio.ResolvedConfig, candela_ocio.Space, str]:
    asked = colour.text("space").strip()
    resolved = resolve_config(colour)
    for name, how in _readings(asked):
        space = candela_ocio.find_space(resolved, name)
        # Only if it is what it looks like: `a/b` may be of no family, and `a (b)` a space with a slip in it.
        fits = {"family": _of_family, "menu": _is_role}.get(how)
        if space is not None and (fits is None or fits(resolved, space, asked)):
            return resolved, space, "role" if how == "menu" else how
    known: list[str] = candela_ocio.space_names(resolved)
    close = difflib.get_close_matches(asked, known, 4, 0.5)
    hint = f"; close to it: {', '.join(map(repr, close))}" if close else ""
    raise colour.refuse("space", f"{asked[:100]!r} is in no form a space of {resolved.path_or_uri}{hint}")


def _readings(asked: str) -> list[tuple[str, str]]:
    """What a name in a host's menu may mean, the plain one first."""
    found = [(asked, "name")]
    role = _ROLE.fullmatch(asked)
    if role is not None:
        found += [(role["space"], "menu"), (role["role"], "menu")]
    parts = asked.split("/")
    found += [("/".join(parts[n:]), "family") for n in range(1, min(len(parts), _MOST_LEVELS))]
    return [(name.strip(), how) for name, how in found if name.strip()]


def _is_role(resolved: candela_ocio.ResolvedConfig, space: candela_ocio.Space, asked: str) -> bool:
    config, match = resolved.config, _ROLE.fullmatch(asked)
    # Nuke's own menus have `default (sRGB)`, which is a role in many configs and in some none.
    return match is not None and (match["role"] == "default" or bool(config.hasRole(match["role"])))


def _of_family(resolved: candela_ocio.ResolvedConfig, space: candela_ocio.Space, asked: str) -> bool:
    config: Any = resolved.config
    family = str(config.getColorSpace(space.name).getFamily())
    separator = str(config.getFamilySeparator() or "/").strip("\0") or "/"
    levels = [part.strip().lower() for part in re.split(f"[{re.escape(separator)}/]", family) if part.strip()]
    said = [part.strip().lower() for part in asked.split("/")][: len(levels)]
    return bool(levels) and said == levels
