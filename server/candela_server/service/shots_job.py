"""The job folder `OUT.candela-job`: what is finished of long work, so that it need not be done again.

    job.json                  what the work is: inputs by size, time and samples, options, versions
    part-000-1001-1100.shot   one shot, fitted or encoded: CNDJ, a CBOR map, CRC-32
    part-1001-1100.mov        its segment of a movie that is being written
    lock                      held by the process that works on it

Every file is written whole or not at all. A folder of other work is begun anew, a damaged entry done again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import zlib
from pathlib import Path
from types import TracebackType
from typing import Any

import cbor2

from candela_engines.errors import InfrastructureError, InputError
from candela_engines.media import write_atomic
from candela_server.service.shots_job_lock import LOCK, FolderLock

__all__ = ["SUFFIX", "Job", "job_folder"]

SUFFIX = ".candela-job"
_MAGIC = b"CNDJ"
_FORMAT = 1
_MANIFEST = "job.json"
_ENTRY = ".shot"
_SEGMENTS = (".mp4", ".mov")
_CRC_BYTES = 4

Facts = dict[str, Any]


def job_folder(out: Path) -> Path:
    """The job folder of an output: beside it, named after it."""
    whole = out if out.name not in ("", "..") else out.resolve()
    return whole.with_name(whole.name + SUFFIX) if whole.name else whole / SUFFIX


class Job:
    """Finished work in a folder. A context manager, which lets go of the folder and leaves what is finished.

    After an error with nothing finished the folder goes; after an interrupt what was remembered stays too.

    facts: everything that the work depends on, plain JSON, by a name that can be told to a user. loose: names
    of facts that do not count once `begin_writing` was called, because the work itself changes them.
    Raises InputError for a folder that is not a job's, or that another process works on.
    """

    def __init__(
        self, folder: Path, facts: Facts, *, resume: bool = True, loose: frozenset[str] = frozenset()
    ) -> None:
        self.folder = folder
        self.notes: list[str] = []
        self._refuse_strangers()
        self._lock = FolderLock(folder)
        self._lock.take()
        try:
            self._take_up(_plain(facts), resume, loose)
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Job:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        spared = isinstance(error, KeyboardInterrupt) and bool(self._remembered)
        if error is not None and not spared and not self._finished():
            self.remove()
        self._lock.release()

    def load(self, key: str) -> Facts | None:
        """What was stored under `key`; None where nothing was, or it is damaged, which is noted."""
        path = self._path(key)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InfrastructureError(f"{path}: cannot be read: {error.strerror or error}") from error
        entry = _entry_in(data)
        if entry is None:
            self.notes.append(f"{path}: is damaged; that shot is done again")
            return None
        if entry.get("key") != key or entry.get("job") != self._identity:
            return None
        found: Facts = entry["value"]
        return found

    def store(self, key: str, value: Facts) -> None:
        """Keep `value`, of what CBOR has, under `key`; on the disk when this returns."""
        data = _MAGIC + cbor2.dumps({"key": key, "job": self._identity, "value": value}, canonical=True)
        write_atomic(self._path(key), data + zlib.crc32(data).to_bytes(_CRC_BYTES, "big"))

    def recall(self, name: str) -> Any:
        """What was remembered of the work as a whole, as its cuts; None where nothing was."""
        return self._remembered.get(name)

    def remember(self, name: str, value: object) -> None:
        """Keep a small fact, plain JSON, until the work is done or becomes another."""
        self._remembered[name] = value
        self._write()

    @property
    def writing(self) -> bool:
        """Whether everything was finished and writing the output had begun."""
        return bool(self._remembered.get("writing"))

    def begin_writing(self) -> None:
        """From here on the output changes; facts that are loose no longer count."""
        if not self.writing:
            self.remember("writing", True)

    @property
    def kept(self) -> bool:
        """Whether the folder is there, with what was finished."""
        return self.folder.is_dir()

    def remove(self) -> None:
        """The work is done: the folder goes."""
        for path in self._ours():
            with contextlib.suppress(OSError):
                path.unlink()
        # Last, while it is held: whoever waits for it then finds no folder.
        with contextlib.suppress(OSError):
            (self.folder / LOCK).unlink()
        with contextlib.suppress(OSError):
            self.folder.rmdir()
        self._lock.release()

    def _finished(self) -> bool:
        """Whether anything is in the folder that would have to be done again."""
        return any(path.stat().st_size for path in self.folder.glob(f"*{_ENTRY}"))

    def _take_up(self, facts: Facts, resume: bool, loose: frozenset[str]) -> None:
        self._facts = facts
        before, self._remembered = self._read()
        passed_over = loose if self._remembered.get("writing") else frozenset()
        if before is not None and resume:
            changed = [n for n in facts if n not in passed_over and before.get(n) != facts[n]]
            if not changed:
                self._identity = _identity(before)
                self._facts = before
                return
            self.notes.append(
                f"{self.folder}: finished shots were of other work ({_listed(changed)}) and are done again"
            )
        elif before is None and any(self.folder.glob(f"*{_ENTRY}")):
            self.notes.append(f"{self.folder}: {_MANIFEST} is damaged or missing; all shots are done again")
        for path in self._ours():
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise InfrastructureError(f"{path}: cannot be removed: {error.strerror or error}") from error
        self._remembered = {}
        self._identity = _identity(facts)
        self._write()

    def _read(self) -> tuple[Facts | None, Facts]:
        try:
            read = json.loads((self.folder / _MANIFEST).read_bytes())
            facts, remembered = read["facts"], read["remembered"]
            if read["format"] != _FORMAT or not isinstance(facts, dict) or not isinstance(remembered, dict):
                return None, {}
            if read["identity"] != _identity(facts):
                return None, {}
        except (OSError, ValueError, KeyError, TypeError):
            return None, {}
        return facts, remembered

    def _write(self) -> None:
        read = {
            "format": _FORMAT,
            "identity": self._identity,
            "facts": self._facts,
            "remembered": self._remembered,
        }
        write_atomic(self.folder / _MANIFEST, json.dumps(read, indent=1, ensure_ascii=False).encode())

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{_ENTRY}"

    def _ours(self) -> list[Path]:
        """Files of ours, among them what a process that was killed left half-written."""
        segments = [path for ending in _SEGMENTS for path in self.folder.glob(f"part-*{ending}")]
        entries = [*self.folder.glob(f"*{_ENTRY}"), *self.folder.glob(".*.part.*")]
        return [*segments, *entries, self.folder / _MANIFEST]

    def _refuse_strangers(self) -> None:
        """A folder that somebody made for something else is not ours to empty."""
        if self.folder.is_dir() and not self.folder.is_symlink():
            names = {path.name for path in self.folder.iterdir()}
            strange = sorted(n for n in names if not _of_a_job(n))
            if not strange:
                return
            what = f"has {strange[0]} in it, which is not of a job"
        elif self.folder.exists() or self.folder.is_symlink():
            what = "is not a folder"
        else:
            return
        raise InputError(
            f"{self.folder}: {what}; finished shots go there: move it away or give -o another name"
        )


def _of_a_job(name: str) -> bool:
    ends = (_ENTRY, *(_SEGMENTS if name.startswith("part-") else ()))
    return name in (LOCK, _MANIFEST) or name.endswith(ends) or (name.startswith(".") and ".part" in name)


def _entry_in(data: bytes) -> Facts | None:
    """The map in an entry's bytes; None for what is damaged."""
    body = data[:-_CRC_BYTES]
    if not body.startswith(_MAGIC) or zlib.crc32(body).to_bytes(_CRC_BYTES, "big") != data[-_CRC_BYTES:]:
        return None
    try:
        entry = cbor2.loads(body[len(_MAGIC) :])
    except (cbor2.CBORError, ValueError, TypeError, RecursionError):
        return None
    return entry if isinstance(entry, dict) and isinstance(entry.get("value"), dict) else None


def _plain(facts: Facts) -> Facts:
    """As they come back from JSON: lists for tuples, strings for keys."""
    read: Facts = json.loads(json.dumps(facts))
    return read


def _identity(facts: Facts) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]


def _listed(names: list[str]) -> str:
    return ", ".join(names[:4]) + (", …" if len(names) > 4 else "")
