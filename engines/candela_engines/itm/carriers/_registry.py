"""The one list of carriers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import MappingProxyType

from candela_engines.errors import CarrierError, InputError
from candela_engines.itm.carriers._base import HEAD_BYTES, Carrier
from candela_engines.itm.carriers._source import Source, open_source
from candela_engines.itm.carriers.dpx import DPX
from candela_engines.itm.carriers.exr import EXR
from candela_engines.itm.carriers.isobmff import ISOBMFF, MP4
from candela_engines.itm.carriers.jpeg import JPEG
from candela_engines.itm.carriers.jxl import JXL
from candela_engines.itm.carriers.matroska import MATROSKA
from candela_engines.itm.carriers.png import PNG
from candela_engines.itm.carriers.sidecar import SIDECAR
from candela_engines.itm.carriers.tiff import TIFF


def registry(carriers: Iterable[Carrier]) -> MappingProxyType[str, Carrier]:
    """Carriers by name. InputError where two have a name or a format in common."""
    by_name: dict[str, Carrier] = {}
    owners: dict[str, str] = {}
    for carrier in carriers:
        if carrier.name in by_name:
            raise InputError(f"two carriers are called {carrier.name!r}")
        for kind in carrier.formats:
            if kind in owners:
                raise InputError(f"carriers {owners[kind]!r} and {carrier.name!r} both claim {kind}")
            owners[kind] = carrier.name
        by_name[carrier.name] = carrier
    return MappingProxyType(by_name)


CARRIERS = registry((PNG, JPEG, TIFF, EXR, DPX, ISOBMFF, JXL, MP4, MATROSKA, SIDECAR))
"""Every carrier by name. A new one is a module beside these and an entry here."""


def recognised(head: bytes) -> Carrier | None:
    """The carrier that knows a file by its first bytes; SIDECAR for a sidecar file itself."""
    return next((carrier for carrier in CARRIERS.values() if carrier.recognise(head)), None)


def carrier_for(path_or_head: str | Path | bytes) -> Carrier:
    """The carrier of a file, by its content and never by its name; the sidecar for an unknown format.

    Takes a path, or the first `HEAD_BYTES` bytes of a file.
    """
    if isinstance(path_or_head, bytes):
        return recognised(path_or_head[:HEAD_BYTES]) or SIDECAR
    with open_source(Path(path_or_head)) as source:
        return recognised(source.head(HEAD_BYTES)) or SIDECAR


def chosen(source: Source, name: str | None) -> Carrier:
    """The carrier to embed with: `name` where one is given and fits, otherwise by content."""
    known = recognised(source.head(HEAD_BYTES))
    if known is SIDECAR:
        raise CarrierError(f"{source.path}: is a sidecar file; name the picture that it lies beside")
    if name is None:
        return known or SIDECAR
    if name not in CARRIERS:
        raise InputError(f"there is no carrier {name!r}; there are: {', '.join(CARRIERS)}")
    if name != SIDECAR.name and (known is None or name != known.name):
        found = f"a file for carrier {known.name!r}" if known else "of a format without a carrier"
        raise CarrierError(f"{source.path}: is {found}, not for {name!r}")
    return CARRIERS[name]
