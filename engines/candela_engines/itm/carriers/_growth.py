"""What carrying a payload costs a file: the bytes that embedding added and that stripping takes away."""

from __future__ import annotations

from pathlib import Path

from candela_engines.itm.carriers._api import StrPath, find_payload
from candela_engines.itm.carriers._base import HEAD_BYTES
from candela_engines.itm.carriers._registry import recognised
from candela_engines.itm.carriers._source import open_source
from candela_engines.itm.carriers.sidecar import SIDECAR

__all__ = ["payload_growth"]


def payload_growth(path: StrPath) -> int:
    """Bytes that a picture or movie is larger by for its payload, or of the sidecar file; 0 without one.

    As `EmbedReport.bytes_added` and `StripReport.bytes_removed` count. Errors as `find_payload`.
    """
    path = Path(path)
    found = find_payload(path)
    if found is None:
        return 0
    if found.carrier == SIDECAR.name:
        return found.path.stat().st_size
    with open_source(path) as root:
        carrier = recognised(root.head(HEAD_BYTES))
        taken = None if carrier is None else carrier.remove(root)
        return 0 if taken is None else root.size - root.edited(taken.edits).size
