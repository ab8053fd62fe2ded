"""Profiles: which rules count, how gravely, and with which limits. TOML files that inherit from one another.

title = "Our HDR10 delivery"
inherits = "hdr10-1000"          # a shipped name, or a file beside this one

[expect]
transfer = "pq"                  # also primaries, range; several with commas

[rules."light.max_cll"]
severity = "blocker"             # fyi, issue, blocker, off
limit_nits = 600
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from candela_engines.errors import InputError
from candela_engines.qc.findings import Severity
from candela_engines.qc.result import ProfileUsed
from candela_engines.qc.rule import Rule, Setting
from candela_engines.qc.rules import RULES, rule_of

__all__ = ["SHIPPED", "Profile", "load_profile"]

SHIPPED = ("hdr10-1000", "hdr10-4000", "hlg", "web", "archive")
_TOP = ("title", "inherits", "expect", "rules")
_EXPECT = ("transfer", "primaries", "range")
_DEEPEST = 8
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Resolved. severities: by code, None where a rule is off. settings: by code and name. expect: as
    `[expect]`."""

    name: str
    title: str
    file: str | None
    inherits: tuple[str, ...]
    severities: Mapping[str, Severity | None]
    settings: Mapping[str, Mapping[str, Any]]
    expect: Mapping[str, str]

    def used(self) -> ProfileUsed:
        """As results tell it."""
        values: dict[str, float | str | bool] = {f"expect.{k}": v for k, v in self.expect.items()}
        for rule in RULES:
            severity = self.severities[rule.code]
            values[f"rules.{rule.code}.severity"] = "off" if severity is None else severity.value
            for name, value in self.settings[rule.code].items():
                values[f"rules.{rule.code}.{name}"] = value
        text = json.dumps(values, sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()
        return ProfileUsed(self.name, self.title, self.file, self.inherits, digest, values)


@dataclass(frozen=True, slots=True)
class _Document:
    """One file. text: for finding the line of a key."""

    where: str
    name: str
    text: str
    data: dict[str, Any]
    path: Path | None


def load_profile(name: str, allowed: Callable[[Path], Path] = Path) -> Profile:
    """A shipped profile by its name, or one in a TOML file by its path.

    allowed: gives a path back that may be read, and raises for others. Raises InputError for an unknown name,
    a file that cannot be read, and for every key, value and type that is wrong, with the file, the line and
    the place.
    """
    chain = [_read(name, None, allowed)]
    while (parent := chain[-1].data.get("inherits")) is not None:
        if not isinstance(parent, str):
            raise _wrong(chain[-1], ("inherits",), "the name of a profile is needed")
        if len(chain) > _DEEPEST or parent in [one.name for one in chain]:
            raise _wrong(chain[-1], ("inherits",), f"{parent!r} comes back to itself")
        chain.append(_read(parent, chain[-1], allowed))
    severities: dict[str, Severity | None] = {r.code: r.severity if r.enabled else None for r in RULES}
    settings = {r.code: {name: s.default for name, s in r.settings.items()} for r in RULES}
    expect: dict[str, str] = {}
    for document in reversed(chain):
        _apply(document, severities, settings, expect)
    own = chain[0]
    title = next((str(one.data["title"]) for one in chain if "title" in one.data), own.name)
    file = None if own.path is None else str(own.path)
    return Profile(own.name, title, file, tuple(one.name for one in chain[1:]), severities, settings, expect)


def _read(name: str, asked_by: _Document | None, allowed: Callable[[Path], Path]) -> _Document:
    path = None
    if name in SHIPPED:
        where, text = f"profile {name}", _shipped(name)
    else:
        beside = Path() if asked_by is None or asked_by.path is None else asked_by.path.parent
        path = beside / name
        where = str(path)
        if path.suffix.lower() != ".toml":
            close = difflib.get_close_matches(name, SHIPPED, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            message = (
                f"profile {name[:80]!r}: there are {', '.join(SHIPPED)}, and TOML files by their path{hint}"
            )
            raise InputError(message) if asked_by is None else _wrong(asked_by, ("inherits",), message)
        text = _file_text(allowed(path))
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{where}: is no TOML: {error}") from None
    return _Document(where, path.stem if path is not None else name, text, data, path)


def _shipped(name: str) -> str:
    return (resources.files("candela_engines.qc") / "profiles" / f"{name}.toml").read_text("utf-8")


def _file_text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: the profile cannot be read: {error.strerror or error}") from None
    if len(data) > _MOST_BYTES:
        raise InputError(f"{path}: above 1 MiB; that is no profile")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{path}: is no UTF-8 text") from None


def _apply(
    document: _Document,
    severities: dict[str, Severity | None],
    settings: dict[str, dict[str, Any]],
    expect: dict[str, str],
) -> None:
    data = document.data
    _known(document, (), data, _TOP)
    if not isinstance(data.get("title", ""), str):
        raise _wrong(document, ("title",), "text is needed")
    for what, wanted in _table(document, data, ("expect",)).items():
        _known(document, ("expect",), {what: wanted}, _EXPECT)
        if not isinstance(wanted, str):
            raise _wrong(document, ("expect", what), "text is needed")
        if wanted:
            expect[what] = wanted
        else:
            expect.pop(what, None)
    for code in _table(document, data, ("rules",)):
        rule = rule_of(code)
        if rule is None:
            close = difflib.get_close_matches(code, [r.code for r in RULES], n=1, cutoff=0.5)
            hint = f"; did you mean {close[0]}?" if close else "; docs/qc.md lists them"
            raise _wrong(document, ("rules", code), f"there is no such rule{hint}")
        values = _table(document, data["rules"], (code,), ("rules",))
        _known(document, ("rules", code), values, ("severity", *rule.settings))
        for name, value in values.items():
            place = ("rules", code, name)
            if name == "severity":
                severities[code] = _severity(document, place, value)
            else:
                settings[code][name] = _value(document, place, value, rule, rule.settings[name])


def _table(
    document: _Document, data: Any, place: tuple[str, ...], above: tuple[str, ...] = ()
) -> dict[str, Any]:
    found = data.get(place[-1], {})
    if not isinstance(found, dict):
        raise _wrong(document, (*above, *place), "a table is needed")
    return found


def _severity(document: _Document, place: tuple[str, ...], value: Any) -> Severity | None:
    if value == "off":
        return None
    if value not in [s.value for s in Severity]:
        raise _wrong(document, place, f"{value!r}; fyi, issue, blocker or off is needed")
    return Severity(value)


def _value(document: _Document, place: tuple[str, ...], value: Any, rule: Rule, setting: Setting) -> Any:
    default = setting.default
    if isinstance(default, bool) or isinstance(value, bool):
        if not (isinstance(default, bool) and isinstance(value, bool)):
            raise _wrong(
                document,
                place,
                f"{value!r}; {'true or false' if isinstance(default, bool) else 'a number'} is needed",
            )
        return value
    if isinstance(default, str):
        if not isinstance(value, str):
            raise _wrong(document, place, f"{value!r}; text is needed")
        return value
    if not isinstance(value, int | float) or not setting.least <= value <= setting.most:
        raise _wrong(
            document,
            place,
            f"{value!r}; a number from {setting.least:g} to {setting.most:g} ({setting.unit}) is needed",
        )
    return float(value)


def _known(
    document: _Document, place: tuple[str, ...], values: Mapping[str, Any], known: tuple[str, ...]
) -> None:
    for key in values:
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
            hint = f"; did you mean {close[0]}?" if close else f"; known are {', '.join(known)}"
            raise _wrong(document, (*place, key), f"unknown key{hint}")


def _wrong(document: _Document, place: tuple[str, ...], what: str) -> InputError:
    line = _line_of(document.text, place)
    at = f":{line}" if line else ""
    return InputError(f"{document.where}{at}: {' -> '.join(place)}: {what}")


_HEADER = re.compile(r"^\s*\[([^\[\]]*)\]\s*(#.*)?$")
_KEY = re.compile(r"""^\s*("[^"]*"|'[^']*'|[A-Za-z0-9_.-]+)\s*=""")


def _line_of(text: str, place: tuple[str, ...]) -> int | None:
    """The line on which a key (or the header of its table) stands; None where it is written another way."""
    table: tuple[str, ...] = ()
    best = None
    for number, line in enumerate(text.splitlines(), 1):
        if (header := _HEADER.match(line)) is not None:
            table = _parts(header[1])
            if table == place:
                return number
            if table == place[: len(table)] and table:
                best = number
        elif (key := _KEY.match(line)) is not None and (*table, *_parts(key[1])) == place:
            return number
    return best


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[^.\s]+", text))
