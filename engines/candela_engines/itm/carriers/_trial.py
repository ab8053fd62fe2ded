"""What embedding would do, without writing: for movies, which are too large to be copied for a trial."""

from __future__ import annotations

from pathlib import Path

from candela_engines.errors import MediaError
from candela_engines.itm.carriers._api import _prove, _removal
from candela_engines.itm.carriers._base import HEAD_BYTES, check_kind, check_size
from candela_engines.itm.carriers._registry import chosen, recognised
from candela_engines.itm.carriers._source import open_source
from candela_engines.itm.carriers.sidecar import SIDECAR


def try_payload(source: Path | str, payload: bytes, *, carrier: str | None = None) -> tuple[str, int]:
    """The carrier's name, and by how many bytes `source` (or its sidecar file) would grow.

    payload: of the size that is to come, beginning as it will. Raises what `embed_payload` would of the file:
    CarrierError for one that cannot carry it, MediaError for one that cannot be read.
    """
    check_size(payload)
    with open_source(Path(source)) as root:
        if not root.size:
            raise MediaError(f"{source}: is empty")
        to = chosen(root, carrier)
        check_kind(root, (recognised(root.head(HEAD_BYTES)) or to).holds, payload)
        taken = _removal(root, lenient=to is SIDECAR)
        if to is SIDECAR:
            return to.name, root.edited(SIDECAR.insert(root, payload)).size
        base = root.edited(taken.edits) if taken else root
        view = base.edited(to.insert(base, payload))
        _prove(to, view, base, payload)
        return to.name, view.size - base.size
