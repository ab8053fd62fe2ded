"""The two things of an ICC profile that settle a colour state: its cicp tag, or a well-known description.

Source: ICC.1:2022, clauses 7.2 (header), 7.3 (tag table), 9.2.17 (cicpTag), 10.15 (multiLocalizedUnicode);
ICC.1:2001-04, 6.5.17 (textDescriptionType).
"""

from __future__ import annotations

import struct

from candela_engines.colour.state import Primaries, Transfer
from candela_engines.media.decoded import TagFinding
from candela_engines.media.tags_cicp import Cicp, cicp_finding, state_of

__all__ = ["icc_colour_space", "icc_description", "icc_finding"]

_MAX_TAGS = 100

# Descriptions as the issuers print them, compared in lower case.
_KNOWN: dict[str, tuple[Primaries, Transfer]] = {
    "srgb": ("bt709", "srgb"),
    "srgb iec61966-2.1": ("bt709", "srgb"),
    "srgb iec61966-2-1": ("bt709", "srgb"),
    "srgb built-in": ("bt709", "srgb"),
    "srgb2014": ("bt709", "srgb"),
    "iec 61966-2-1 default rgb colour space - srgb": ("bt709", "srgb"),
    "rgb_d65_srg_rel_srg": ("bt709", "srgb"),
    "display p3": ("p3d65", "srgb"),
    "rgb_d65_dci_rel_srg": ("p3d65", "srgb"),
    "rec. itu-r bt.709-5": ("bt709", "bt1886"),
    "rec.2020-pq": ("bt2020", "pq"),
    "rec2020-pq": ("bt2020", "pq"),
    "rec2100pq": ("bt2020", "pq"),
    "rec.2100-pq": ("bt2020", "pq"),
    "rec. itu-r bt.2100 pq": ("bt2020", "pq"),
    "rgb_d65_202_rel_peq": ("bt2020", "pq"),
    "rec2100hlg": ("bt2020", "hlg"),
    "rec.2100-hlg": ("bt2020", "hlg"),
    "rec. itu-r bt.2100 hlg": ("bt2020", "hlg"),
    "rgb_d65_202_rel_hlg": ("bt2020", "hlg"),
}


def _tags(profile: bytes) -> dict[bytes, bytes]:
    """The tag table; anything that points outside the profile is left out."""
    if len(profile) < 132 or profile[36:40] != b"acsp":
        return {}
    (count,) = struct.unpack_from(">I", profile, 128)
    tags: dict[bytes, bytes] = {}
    for index in range(min(count, _MAX_TAGS)):
        entry = profile[132 + 12 * index : 144 + 12 * index]
        if len(entry) < 12:
            break
        name, offset, size = struct.unpack(">4sII", entry)
        if offset + size <= len(profile):
            tags[name] = profile[offset : offset + size]
    return tags


def _text(tag: bytes) -> str:
    """The text of a `desc` or `mluc` tag; empty where it is neither or damaged."""
    kind = tag[:4]
    if kind == b"desc" and len(tag) >= 12:
        (length,) = struct.unpack_from(">I", tag, 8)
        return tag[12 : 12 + length].split(b"\0")[0].decode("latin-1").strip()
    if kind == b"mluc" and len(tag) >= 28:
        length, offset = struct.unpack_from(">II", tag, 20)
        return tag[offset : offset + length].decode("utf-16-be", "replace").strip("\0 ")
    return ""


def icc_description(profile: bytes) -> str:
    """The profile's own name, or an empty string."""
    return _text(_tags(profile).get(b"desc", b""))


def icc_colour_space(profile: bytes) -> str:
    """The data colour space of the header, as RGB, GRAY or CMYK; empty for bytes that are no profile."""
    if len(profile) < 132 or profile[36:40] != b"acsp":
        return ""
    return profile[16:20].decode("latin-1").strip()


def icc_finding(profile: bytes) -> TagFinding:
    """What an embedded profile says. A profile that we cannot name gives no state: never a guess."""
    tags = _tags(profile)
    if not tags:
        return TagFinding(None, "an ICC profile that cannot be parsed")
    cicp = tags.get(b"cicp", b"")
    if len(cicp) >= 12 and cicp[:4] == b"cicp":
        return cicp_finding(Cicp(cicp[8], cicp[9], cicp[10], bool(cicp[11])), "ICC cicp tag")
    name = _text(tags.get(b"desc", b""))
    known = _KNOWN.get(name.lower())
    if known is None:
        return TagFinding(None, f"an ICC profile named {name!r}, whose colour state we do not know by name")
    return TagFinding(state_of(*known), f"ICC profile {name!r}")
