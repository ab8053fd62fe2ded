"""Finding, embedding and stripping a payload, whatever the format.

Decided:

- A file holds one payload. Embedding takes out whatever is there first, so a second embed is a strip
  and an embed, byte for byte. Equal copies, which another program may have made, count as one;
  copies that differ are refused by reading, and replaced or removed together by embedding and stripping.
- The payload in the file goes before the sidecar. Embedding in one place removes it from the other.
  A sidecar also serves where the structure of the file cannot be read, but not where the payload in
  the file is damaged.
- Nothing is written before it is known how it will be taken out: the edited file is stripped again, as a
  list of pieces, and has to be the original. What a later `strip` gives is thus proven, not hoped for.
- A file of a known format that is damaged is refused; only `carrier="sidecar"` goes past that.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from candela_engines.errors import CarrierError, MediaError, NoPayloadError, PayloadError
from candela_engines.itm.carriers._base import (
    HEAD_BYTES,
    PAYLOAD_MAGIC,
    REEL_MAGIC,
    Carrier,
    Held,
    Removal,
    check_kind,
    check_size,
)
from candela_engines.itm.carriers._registry import chosen, recognised
from candela_engines.itm.carriers._source import Copy, Source, open_source
from candela_engines.itm.carriers._write import remove, stage
from candela_engines.itm.carriers.sidecar import MAGIC, SIDECAR, sidecar_path

StrPath = str | Path


@dataclass(frozen=True, slots=True)
class Found:
    """A payload: which carrier, in which file (the sidecar's own path for a sidecar), at which bytes."""

    carrier: str
    path: Path
    payload: bytes
    spans: tuple[Copy, ...]
    copies: int


@dataclass(frozen=True, slots=True)
class EmbedReport:
    """What embedding did. `bytes_added`: against the same picture without a payload, sidecar included."""

    carrier: str
    path: Path
    payload_bytes: int
    bytes_added: int
    replaced: bool
    note: str


@dataclass(frozen=True, slots=True)
class StripReport:
    """What stripping did.

    `exact`: what embedding did to this file is undone; otherwise `note` says why not. `as_embedded`: the
    payload was as and where embedding writes it; if not, another program has rewritten the file since. That
    none has rewritten other bytes cannot be known. `sidecar`: a sidecar file that was removed; `left`: one
    that stays beside the source, which is another file than the destination.
    """

    carrier: str
    bytes_removed: int
    exact: bool
    note: str
    as_embedded: bool = True
    sidecar: Path | None = None
    left: Path | None = None


def find_payload(path: StrPath) -> Found | None:
    """The payload of a picture, in the file or beside it; None where there is none.

    CarrierError for a damaged file, PayloadError for a damaged payload, MediaError for what cannot be read.
    """
    path = Path(path)
    damaged: CarrierError | None = None
    with open_source(path) as source:
        carrier = recognised(source.head(HEAD_BYTES))
        if carrier is not None:
            try:
                copies = carrier.find(source)
            except CarrierError as error:
                damaged, copies = error, ()
            if copies:
                return _one(carrier, path, copies)
    beside = sidecar_path(path)
    if _exists(beside):
        with open_source(beside) as source:
            if not SIDECAR.recognise(source.head(HEAD_BYTES)):
                raise CarrierError(f"{beside}: has the name of a sidecar file, but is none")
            return _one(SIDECAR, beside, SIDECAR.find(source))
    if damaged is not None:
        raise damaged
    return None


def read_payload(path: StrPath) -> bytes:
    """The payload of a picture; NoPayloadError where there is none."""
    found = find_payload(path)
    if found is None:
        raise NoPayloadError(f"{path}: carries no payload, and there is no {sidecar_path(Path(path)).name}")
    return found.payload


def embed_payload(
    source: StrPath, destination: StrPath, payload: bytes, *, carrier: str | None = None
) -> EmbedReport:
    """Write `source` with `payload` to `destination`, which may be the same file.

    `carrier` forces one by name (`"sidecar"`); by default the content of the file decides, and an
    unknown format gets a sidecar. Media bytes stay as they are. Nothing is written on any error.
    """
    check_size(payload)
    source, destination = Path(source), Path(destination)
    beside = sidecar_path(destination)
    in_place = _same_file(source, destination)
    notes = []
    with ExitStack() as stagings:
        with open_source(source) as root:
            if not root.size:
                raise MediaError(f"{source}: is empty")
            to = chosen(root, carrier)
            check_kind(root, (recognised(root.head(HEAD_BYTES)) or to).holds, payload)
            if to is SIDECAR and carrier is None:
                notes.append("there is no carrier for this format: the payload lies in a file beside it")
            taken = _removal(root, lenient=to is SIDECAR)
            base = root.edited(taken.edits) if taken else root
            if taken is not None and not taken.exact:
                notes.append(taken.note)
            replaced = taken is not None or (in_place and _is_sidecar(beside))
            # All files are complete before the first takes its name. The sidecar goes first: should
            # the picture then fail, the payload that it still holds is not lost.
            if to is SIDECAR:
                view = root.edited(SIDECAR.insert(root, payload))
                staged = [stagings.enter_context(stage(view, beside, mode=root.mode))]
                if taken is not None or not in_place:
                    staged.append(stagings.enter_context(stage(base, destination, mode=root.mode)))
            else:
                view = base.edited(to.insert(base, payload))
                _prove(to, view, base, payload)
                staged = [stagings.enter_context(stage(view, destination, mode=root.mode))]
        for file in staged:
            file.commit()
    if to is not SIDECAR and _is_sidecar(beside):
        remove(beside)
    return EmbedReport(
        carrier=to.name,
        path=beside if to is SIDECAR else destination,
        payload_bytes=len(payload),
        bytes_added=view.size - (0 if to is SIDECAR else base.size),
        replaced=replaced,
        note="; ".join(notes),
    )


def plan_payload(source: StrPath, size: int, *, carrier: str | None = None) -> tuple[str, int]:
    """The carrier that embedding `size` bytes would use, and the bytes it would add to them.

    Writes nothing, and takes hardly longer for a movie of many gigabytes. CarrierError where `embed_payload`
    would raise it; a sidecar may serve then.
    """
    with open_source(Path(source)) as root:
        to = chosen(root, carrier)
        if to is SIDECAR:
            return to.name, to.least_overhead
        taken = _removal(root, lenient=False)
        base = root.edited(taken.edits) if taken else root
        payload = (REEL_MAGIC if to.holds == "reel" else PAYLOAD_MAGIC) + bytes(max(size - 4, 0))
        check_size(payload)
        view = base.edited(to.insert(base, payload))
        _prove(to, view, base, payload)
        return to.name, max(0, view.size - base.size - len(payload))


def strip_payload(source: StrPath, destination: StrPath) -> StripReport:
    """Write `source` without its payload to `destination`, which may be the same file.

    NoPayloadError, and nothing written, where there is none. A sidecar beside the destination goes; one
    beside another source stays.
    """
    source, destination = Path(source), Path(destination)
    in_place = _same_file(source, destination)
    with ExitStack() as stagings:
        with open_source(source) as root:
            from_ = chosen(root, None)
            has_sidecar = _is_sidecar(sidecar_path(source))
            taken = _removal(root, lenient=has_sidecar)
            if taken is None and not has_sidecar:
                raise NoPayloadError(f"{source}: carries no payload")
            base = root.edited(taken.edits) if taken else root
            as_embedded = taken is None or _as_embedded(from_, root, base)
            removed = root.size - base.size
            staged = []
            if taken is not None or not in_place:
                staged.append(stagings.enter_context(stage(base, destination, mode=root.mode)))
        for file in staged:
            file.commit()
    beside = sidecar_path(destination)
    gone = beside if _is_sidecar(beside) else None
    left = sidecar_path(source) if has_sidecar and not in_place else None
    if gone is not None:
        removed += beside.stat().st_size if in_place else 0
        remove(beside)
    if taken is None:
        return StripReport(SIDECAR.name, removed, exact=True, note="", sidecar=gone, left=left)
    return StripReport(from_.name, removed, taken.exact, taken.note, as_embedded, gone, left)


def _removal(root: Source, *, lenient: bool) -> Removal | None:
    carrier = recognised(root.head(HEAD_BYTES))
    if carrier is None:
        return None
    try:
        return carrier.remove(root)
    except CarrierError:
        if lenient:
            return None
        raise


def _as_embedded(carrier: Carrier, root: Source, base: Source) -> bool:
    """Whether embedding into `base` gives `root` again, byte for byte."""
    try:
        payloads = {held.payload for held in carrier.find(root)}
        if len(payloads) != 1:
            return False
        return base.edited(carrier.insert(base, payloads.pop())).same_as(root)
    except (CarrierError, PayloadError):
        return False


def _prove(carrier: Carrier, view: Source, base: Source, payload: bytes) -> None:
    """CarrierError unless `view` holds the payload, and stripping it gives `base`."""
    undo = carrier.remove(view)
    if (
        [held.payload for held in carrier.find(view)] != [payload]
        or undo is None
        or not undo.exact
        or not view.edited(undo.edits).same_as(base)
    ):
        raise CarrierError(
            f"{view.path}: the structure of this file does not allow a payload to be taken out again; "
            'use carrier="sidecar"'
        )


def _one(carrier: Carrier, path: Path, copies: tuple[Held, ...]) -> Found:
    if len({held.payload for held in copies}) > 1:
        raise CarrierError(
            f"{path}: carries {len(copies)} payloads that differ; embed anew, or strip them all"
        )
    first = copies[0]
    return Found(carrier.name, path, first.payload, first.spans, len(copies))


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False


def _exists(path: Path) -> bool:
    try:
        path.stat()
    except (OSError, ValueError):
        return False
    return True


def _is_sidecar(path: Path) -> bool:
    """Whether a file is a sidecar of ours. Any other file of that name is not ours to delete."""
    if not _exists(path):
        return False
    with open_source(path) as source:
        return source.head(len(MAGIC)) == MAGIC
