"""What Nuke calls the colours of a script: its OCIO config, its working space, the space of a Read.

Where the config is found is what Nuke's own scripts do (`ocionuke/config.py`): the custom path, else a
folder or file of that name under `OCIOConfigs/configs` in the plug-in path.
"""

from __future__ import annotations

import os
from typing import Any, Dict, List, Optional

from candela_bridge.nuke.host import nuke

__all__ = ["as_read", "config", "is_ocio", "plain", "without_role", "working_space"]

Colour = Dict[str, Any]

# Curves of Nuke's own colour management that are an encoding of display light; what the others mean for a
# display nobody says. A file read as rec709 is one that a BT.1886 display is meant for.
_OWN = {
    "sRGB": "srgb",
    "rec709": "rec709",
    "rec1886": "rec709",
    "Gamma2.4": "rec709",
    "st2084": "rec2100-pq",
    "HybridLogGamma": "rec2100-hlg",
}


def is_ocio() -> bool:
    """Whether the script is managed by OCIO, and not by Nuke's own curves."""
    knob = nuke().root().knob("colorManagement")
    return knob is not None and knob.value() == "OCIO"


def config() -> Optional[str]:
    """The path of the config in force; None where Nuke manages colours by itself.

    Raises ValueError for one that is chosen and not there.
    """
    if not is_ocio():
        return None
    root = nuke().root()
    chosen = str(root["OCIO_config"].value())
    if chosen == "custom":
        path = str(root["customOCIOConfigPath"].value() or os.environ.get("OCIO", ""))
        if not path:
            raise ValueError("a custom OCIO config is chosen in the project settings, and no path given")
        return path
    for folder in _folders():
        path = os.path.join(folder, "OCIOConfigs", "configs", chosen)
        for found in (os.path.join(path, "config.ocio"), f"{path}.ocio"):
            if os.path.isfile(found):
                return found
    raise ValueError(f"the OCIO config {chosen!r} of the project settings was not found in the plug-in path")


def working_space() -> str:
    """As the project settings have it, without the words around: `scene_linear (ACEScg)` stays."""
    knob = nuke().root().knob("workingSpaceLUT")
    return plain(str(knob.value())) if knob is not None else "linear"


def as_read(node: Any) -> Optional[Colour]:
    """The colour of the file that a Read reads, for the bridge; None where only the file's tags can say it.

    node: a Read. `raw` means that Nuke takes the numbers as they are, and so knows nothing of them.
    """
    raw, space = node.knob("raw"), node.knob("colorspace")
    if space is None or (raw is not None and raw.value()):
        return None
    name = plain(str(space.value()))
    if is_ocio():
        return {"config": config(), "space": name}
    known = _OWN.get(name)
    return None if known is None else {"name": known}


def without_role(name: str) -> str:
    """`scene_linear (ACEScg)`, as menus show roles, is ACEScg."""
    begin = name.find(" (")
    return name[begin + 2 : -1] if begin > 0 and name.endswith(")") and " " not in name[:begin] else name


def plain(name: str) -> str:
    """`default (sRGB)` is sRGB."""
    return name[len("default (") : -1] if name.startswith("default (") and name.endswith(")") else name


def _folders() -> List[str]:
    found = [str(path) for path in nuke().pluginPath()]
    module = getattr(nuke(), "__file__", "") or ""
    if "Contents" in module.split(os.sep):  # macOS keeps them in the bundle's resources
        found.append(os.path.join(module[: module.rindex("Contents") + len("Contents")], "Resources"))
    return found
