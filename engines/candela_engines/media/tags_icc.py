"""The two things of an ICC profile that settle a colour state: its cicp tag, or a well-known description.

Source: ICC.1:2022, clauses 7.2 (header), 7.3 (tag table), 9.2.17 (cicpTag), 10.15 (multiLocalizedUnicode);
ICC.1:2001-04, 6.5.17 (textDescriptionType).
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.gamuts import GAMUTS, rgb_to_xyz
from candela_engines.colour.state import Primaries, Transfer
from candela_engines.media.decoded import TagFinding
from candela_engines.media.tags_cicp import Cicp, cicp_finding, primaries_of, state_of

__all__ = ["D50", "chad_matrix", "colorants_d50", "icc_finding", "icc_primaries"]

_MAX_TAGS = 100

#: White of the profile connection space, ICC.1:2022 clause 7.2.16.
D50 = np.array([0.9642, 1.0, 0.8249])

# ICC.1:2022 annex E.
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])

# Profiles differ by rounded whites and matrices: sRGB profiles of several makers lie within 0.002.
_COLORANT_TOLERANCE = 0.004

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
    "srgb gamut with srgb transfer": ("bt709", "srgb"),
    "display p3 gamut with srgb transfer": ("p3d65", "srgb"),
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


def icc_primaries(profile: bytes) -> Primaries | None:
    """The gamut of a profile by its cicp tag, else by its colorants; None where it is none that we know."""
    tags = _tags(profile)
    cicp = tags.get(b"cicp", b"")
    if len(cicp) >= 12:
        return primaries_of(cicp[8])
    columns = [tags.get(name, b"") for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
    if any(len(column) < 20 for column in columns):
        return None
    colorants = [struct.unpack_from(">3i", column, 8) for column in columns]
    matrix = np.array(colorants, dtype=np.float64).T / 65536
    for name in GAMUTS:
        if np.abs(matrix - colorants_d50(name)).max() < _COLORANT_TOLERANCE:
            return name
    return None


def colorants_d50(primaries: Primaries) -> NDArray[np.float64]:
    """RGB to XYZ of the profile connection space, (3, 3): Bradford-adapted to its D50."""
    return chad_matrix(primaries) @ rgb_to_xyz(primaries)


def chad_matrix(primaries: Primaries) -> NDArray[np.float64]:
    """Bradford adaptation from the gamut's white to D50, (3, 3), as the chad tag holds it."""
    x, y = GAMUTS[primaries].white
    white = np.array([x / y, 1.0, (1 - x - y) / y])
    gains = (_BRADFORD @ D50) / (_BRADFORD @ white)
    return np.asarray(np.linalg.inv(_BRADFORD) @ np.diag(gains) @ _BRADFORD, dtype=np.float64)


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
