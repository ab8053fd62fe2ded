"""The versions of scenes that people choose between, as a table or as folders.

A data set is a folder, or a CSV file by itself. The table, `versions.csv`, has a row a version: scene,
condition and file are needed; reference (the SDR version of the scene), colour, reference_colour, master and
jod (where ratings were scaled already, with jod_low and jod_high) are not. Paths are relative to the table.
Without a table, a folder holds one folder a scene, in it the versions by name, and `sdr.*` or `reference.*`,
the reference, and `master.*`, the master, which is a version as well.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from candela_engines.errors import InputError

__all__ = ["Version", "find_versions", "read_versions", "references_named"]

TABLE = "versions.csv"
_REFERENCES = ("sdr", "reference")
_MOST_BYTES = 16 << 20
_SKIPPED = {".csv", ".json", ".html", ".txt", ".md", ".xml", ".otio", ".edl", ".candela"}


@dataclass(frozen=True)
class Version:
    """One grade of a scene. jod: as given, with its interval; NaN where it was not."""

    scene: str
    condition: str
    file: Path
    reference: Path | None = None
    colour: str | None = None
    reference_colour: str | None = None
    master: Path | None = None
    jod: float = math.nan
    jod_low: float = math.nan
    jod_high: float = math.nan

    @property
    def key(self) -> tuple[str, str]:
        """Scene and condition: what a choice names."""
        return self.scene, self.condition

    @property
    def is_reference(self) -> bool:
        """Whether it is the scene's SDR reference itself, which people may judge and no scorer scores."""
        return self.reference is not None and self.file.resolve() == self.reference.resolve()


def find_versions(media: Sequence[Path]) -> dict[tuple[str, str], Version]:
    """Of several tables and folders together, in order.

    Raises InputError for what is neither, a table with a row that is none, and a version that is given twice
    with different files.
    """
    found: dict[tuple[str, str], Version] = {}
    for place in media:
        for version in read_versions(place):
            before = found.setdefault(version.key, version)
            if before.file != version.file:
                raise InputError(
                    f"{version.scene}, {version.condition} is {before.file} and also {version.file}; one of "
                    "them has to have another name"
                )
    return found


def references_named(
    known: Mapping[tuple[str, str], Version], keys: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Version]:
    """Those of the scenes and conditions that no table has and that name their scene's SDR reference: `sdr`
    where its file is sdr.png. It was judged with the grades, then.
    """
    beside = {v.scene: v for v in known.values() if v.reference is not None}
    found = {}
    for scene, condition in keys:
        one = beside.get(scene)
        if (scene, condition) in known or one is None or one.reference is None:
            continue
        if one.reference.stem == condition:
            colour = one.reference_colour
            found[scene, condition] = Version(scene, condition, one.reference, one.reference, colour, colour)
    return found


def read_versions(place: Path) -> list[Version]:
    """Of one table or folder."""
    if place.is_dir():
        table = place / TABLE
        return _of_table(table) if table.is_file() else _of_folders(place)
    if place.suffix.lower() == ".csv" and place.is_file():
        return _of_table(place)
    raise InputError(
        f"{place}: is neither a folder nor a table of versions; give the folder with {TABLE}, or with a "
        "folder a scene"
    )


def _of_table(table: Path) -> list[Version]:
    try:
        if table.stat().st_size > _MOST_BYTES:
            raise InputError(f"{table}: is above {_MOST_BYTES >> 20} MiB; that is no table of versions")
        text = table.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{table}: cannot be read as text: {error}") from error
    try:
        rows = list(csv.DictReader(io.StringIO(text.replace("\0", ""), newline=""), strict=True))
    except csv.Error as error:
        raise InputError(f"{table}: is no CSV: {error}") from error
    if not rows:
        raise InputError(f"{table}: holds no version; the first line names columns, every other is a version")
    missing = [name for name in ("scene", "condition", "file") if name not in rows[0]]
    if missing:
        raise InputError(f"{table}: lacks the column {missing[0]}; needed are scene, condition and file")
    found: dict[tuple[str, str], Version] = {}
    for number, row in enumerate(rows, 2):
        version = _version(table, number, {str(k): (v or "").strip() for k, v in row.items() if k})
        if version.key in found:
            raise InputError(
                f"{table}, line {number}: {version.scene}, {version.condition} was given before; name every "
                "version of a scene otherwise"
            )
        found[version.key] = version
    return list(found.values())


def _version(table: Path, number: int, row: dict[str, str]) -> Version:
    def path(name: str) -> Path | None:
        return table.parent / row[name] if row.get(name) else None

    def figure(name: str) -> float:
        if not row.get(name):
            return math.nan
        try:
            value = float(row[name])
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise InputError(f"{table}, line {number}: {name} is {row[name][:40]!r}; a number is needed")
        return value

    file = path("file")
    if not row["scene"] or not row["condition"] or file is None:
        raise InputError(f"{table}, line {number}: lacks its scene, condition or file")
    return Version(
        row["scene"], row["condition"], file, path("reference"), row.get("colour") or None,
        row.get("reference_colour") or None, path("master"), figure("jod"), figure("jod_low"),
        figure("jod_high"),
    )  # fmt: skip


def _of_folders(folder: Path) -> list[Version]:
    found = []
    for scene in sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".")):
        files = sorted(
            p for p in scene.iterdir()
            if not p.name.startswith(".") and p.suffix.lower() not in _SKIPPED
        )  # fmt: skip
        reference = next((p for p in files if p.stem.lower() in _REFERENCES), None)
        master = next((p for p in files if p.stem.lower() == "master"), None)
        names: dict[str, Path] = {}
        for file in files:
            if file == reference:
                continue
            if file.stem in names:
                raise InputError(f"{file} and {names[file.stem]} have one name; name versions otherwise")
            names[file.stem] = file
        found += [Version(scene.name, name, file, reference, master=master) for name, file in names.items()]
    if not found:
        raise InputError(
            f"{folder}: holds no versions: neither {TABLE} nor a folder a scene with pictures in it"
        )
    return found
