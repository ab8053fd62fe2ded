"""The colour fields of a DPX header.

Source: SMPTE ST 268-1:2014, tables 1 to 3 (offsets), 5A and 5B (transfer and colorimetric codes). Those
tables end before HDR: PQ and HLG have no code that readers in the field agree on. What `write_hdr` puts
into such a file is the code 0 (user defined) and the state in words in the project name, read back here.
"""

from __future__ import annotations

import struct
from pathlib import Path

from candela_engines.colour.state import Range
from candela_engines.errors import MediaError
from candela_engines.media.decoded import MetadataValue, TagFinding
from candela_engines.media.source import open_source
from candela_engines.media.state_text import parse_state_text
from candela_engines.media.tags_cicp import state_of

__all__ = ["PROJECT_OFFSET", "PROJECT_SIZE", "read_dpx_header"]

PROJECT_OFFSET, PROJECT_SIZE = 260, 200
_ELEMENT = 780
_UNDEFINED = 0xFFFFFFFF

_TRANSFER_NAMES = {
    0: "user defined", 1: "printing density", 2: "linear", 3: "logarithmic", 4: "unspecified video",
    5: "SMPTE 274M", 6: "ITU-R BT.709", 7: "ITU-R BT.601 625", 8: "ITU-R BT.601 525", 9: "composite NTSC",
    10: "composite PAL", 11: "Z linear", 12: "Z homogeneous",
}  # fmt: skip

# Broadcast camera curves in a graded file mean the BT.1886 display that it was judged on.
_VIDEO = (5, 6)


def _range_of(low: int, high: int, bits: int) -> Range | None:
    """Narrow or full by the reference low and high data codes; None where they say something else."""
    if low in (0, _UNDEFINED) and high in ((1 << bits) - 1, 0, _UNDEFINED):
        return "full"
    if bits >= 8 and low == 16 << (bits - 8) and high == 235 << (bits - 8):
        return "narrow"
    return None


def read_dpx_header(path: Path, bits: int) -> tuple[TagFinding, dict[str, MetadataValue]]:
    """The colour state that the header settles. Raises MediaError for a header that is cut short."""
    with open_source(path) as stream:
        header = stream.read(2048)
    if len(header) < 2048:
        raise MediaError(f"{path}: the DPX header has {len(header)} bytes of 2048; it is truncated")
    order = ">" if header[:4] == b"SDPX" else "<"
    low, high = struct.unpack_from(order + "I4xI", header, _ELEMENT + 4)
    transfer, colorimetric = header[_ELEMENT + 21], header[_ELEMENT + 22]
    project = header[PROJECT_OFFSET : PROJECT_OFFSET + PROJECT_SIZE].split(b"\0")[0].decode("latin-1")
    metadata: dict[str, MetadataValue] = {"dpx_transfer": transfer, "dpx_colorimetric": colorimetric}
    ours = parse_state_text(project)
    if ours is not None:
        return TagFinding(ours, f"DPX project field {project!r}"), metadata
    name = _TRANSFER_NAMES.get(transfer, f"code {transfer}")
    found = f"DPX transfer {name}, colorimetric {_TRANSFER_NAMES.get(colorimetric, f'code {colorimetric}')}"
    range_ = _range_of(low, high, bits)
    if range_ is not None:
        metadata["dpx_range"] = range_
    if transfer in _VIDEO and colorimetric in _VIDEO and range_ is not None:
        return TagFinding(state_of("bt709", "bt1886", range_), f"{found}, {range_} range"), metadata
    return TagFinding(None, found), metadata
