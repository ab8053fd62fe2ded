"""An installation carried out, or taken back, with a list of what was changed.

The list is written before anything else, so that what broke off can be taken back as well.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
from pathlib import Path
from typing import Any, Dict, List, Optional

from candela_bridge.install.block import BlockError, find_block, with_block, without_block
from candela_bridge.install.disk import guarded, made_folders, read, read_record, writable, write
from candela_bridge.install.plan import Change, Done, InstallError, Plan, digest

__all__ = ["apply", "undo"]

Record = Dict[str, Any]
_KEPT = "kept"


def apply(plan: Plan, *, dry_run: bool = False) -> Done:
    """Carry out a plan. dry_run: only say what would be done.

    Files of others are kept in the plan's folder and come back with `undo`; nothing is changed twice. Raises
    InstallError for what is in the way, RightsError for a folder that may not be written into.
    """
    with guarded(plan.folder):
        old = read_record(plan.record)
        _check_folder(plan, old)
        changes = _file_changes(plan, old)
        edit = None if plan.lines is None else _edited(*plan.lines)
        if plan.lines is not None and edit is not None:
            shown = " / ".join(plan.lines[1])
            changes.append(Change("edited", str(plan.lines[0]), f"these lines at its end: {shown}"))
        state = "unchanged" if not changes else "replaced" if old is not None else "installed"
        done = Done(plan.host, state, dry_run, str(plan.folder), changes, list(plan.notes))
        if not changes:
            return done
        closed = _closed([plan.folder, *plan.files, *([plan.lines[0]] if plan.lines is not None else [])])
        if dry_run:
            done.notes[:0] = [f"{path} cannot be written without more rights" for path in closed[:1]]
            return done
        _refuse(closed)
        _carry_out(plan, old, edit, done)
    return done


def undo(host: str, folder: Path, *, dry_run: bool = False) -> Done:
    """Take out what `apply` put in, by the list in `folder`; what others changed since stays, and is said.

    Raises InstallError where nothing was installed, or lines of ours are not whole any more.
    """
    with guarded(folder):
        record = read_record(Plan(host, folder, {}).record)
        if record is None:
            raise InstallError(f"{folder}: candela install {host} put nothing there")
        done = Done(host, "removed", dry_run, str(folder))
        if not dry_run:
            edited = record.get("lines")
            _refuse(_closed([folder, *([Path(edited["path"])] if edited else [])]))
        _take_lines(record, done)
        for name, known in sorted(record["files"].items()):
            _take_file(Path(name), known, record["kept"].get(name), done)
        if not dry_run:
            _take_folders(folder, record)
            if folder.exists():
                done.notes.append(f"{folder} stays, as there are files in it that are not ours any more")
    return done


def _check_folder(plan: Plan, old: Optional[Record]) -> None:
    if plan.folder.is_symlink() or (plan.folder.exists() and not plan.folder.is_dir()):
        raise InstallError(f"{plan.folder}: is a link or a file, and no folder of ours; move it away")
    # What an earlier installation kept for somebody, or left to him, is no reason against a new one.
    if old is None and plan.folder.is_dir() and {path.name for path in plan.folder.iterdir()} - {_KEPT}:
        raise InstallError(
            f"{plan.folder}: is there, with files that are not of candela install or were changed since; "
            "move it away, or say another place with --to"
        )


def _closed(places: "List[Path]") -> List[str]:
    """Which of them may not be written. A file that is write-protected counts, though a folder lets it be
    replaced: somebody wants it to stay."""
    return sorted({str(path) for path in places if not writable(path)})


def _refuse(closed: List[str]) -> None:
    if closed:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), closed[0])


def _file_changes(plan: Plan, old: Optional[Record]) -> List[Change]:
    known: Dict[str, str] = {} if old is None else old["files"]
    found: List[Change] = []
    for path, data in plan.files.items():
        there = read(path)
        if there is None:
            found.append(Change("written", str(path)))
        elif there != data:
            ours = known.get(str(path)) == digest(there)
            why = "" if ours else f"what was there is kept in {plan.folder / _KEPT}"
            found.append(Change("replaced", str(path), why))
        elif str(path) not in known:
            found.append(Change("kept", str(path), "it was there already, and is the same"))
    for name, was in known.items():
        if Path(name) not in plan.files:
            there = read(Path(name))
            if there is not None:
                same = digest(there) == was
                found.append(
                    Change("removed" if same else "left", name, "" if same else "it was changed since")
                )
    return found


def _edited(path: Path, lines: List[str]) -> Optional[bytes]:
    """The file with our lines; None where they stand there already."""
    before = read(path) or b""
    try:
        after = with_block(before, lines)
    except BlockError as error:
        raise InstallError(f"{path}: {error}") from None
    return None if after == before else after


def _carry_out(plan: Plan, old: Optional[Record], edit: Optional[bytes], done: Done) -> None:
    record: Record = {
        "version": 1,
        "host": plan.host,
        "files": {str(path): digest(data) for path, data in plan.files.items()},
        "kept": {} if old is None else dict(old["kept"]),
        "folders": [] if old is None else list(old.get("folders", [])),
        "lines": None if old is None else old.get("lines"),
    }
    record["folders"] += made_folders(plan.folder)
    _plan_kept(plan, old, record)
    if plan.lines is not None and record["lines"] is None:
        record["lines"] = {"path": str(plan.lines[0]), "created": not os.path.lexists(plan.lines[0])}
    _write_record(plan, record)
    try:
        for path, data in plan.files.items():
            kept = record["kept"].get(str(path))
            if kept is not None and not os.path.lexists(kept) and path.exists():
                Path(kept).parent.mkdir(exist_ok=True)
                shutil.copy2(path, kept)
            record["folders"] += made_folders(path.parent)
            if read(path) != data:
                write(path, data)
        for name, was in ({} if old is None else old["files"]).items():
            there = read(Path(name)) if Path(name) not in plan.files else None
            if there is not None and digest(there) == was:
                Path(name).unlink()
        if plan.lines is not None and edit is not None:
            _write_lines(plan, plan.lines[0], edit, record)
    finally:
        _write_record(plan, record)


def _plan_kept(plan: Plan, old: Optional[Record], record: Record) -> None:
    """Which files of others get out of the way, and where to."""
    known: Dict[str, str] = {} if old is None else old["files"]
    for path, data in plan.files.items():
        there = read(path)
        if there is None or there == data or known.get(str(path)) == digest(there):
            continue
        if str(path) in known:  # ours, and changed by somebody: kept for him, and not put back by us
            extra = plan.folder / _KEPT / f"{path.name}.{digest(there)[:8]}"
            extra.parent.mkdir(exist_ok=True)
            if not extra.exists():
                shutil.copy2(path, extra)
        else:
            kept = plan.folder / _KEPT / path.name
            if os.path.lexists(kept):  # of an earlier installation, and somebody's
                kept = kept.with_name(f"{path.name}.{digest(there)[:8]}")
            record["kept"][str(path)] = str(kept)


def _write_lines(plan: Plan, path: Path, edit: bytes, record: Record) -> None:
    before = read(path)
    record["folders"] += made_folders(path.parent)
    if before is not None and find_block(before) is None:
        backup = plan.folder / _KEPT / f"{path.name}.before"
        backup.parent.mkdir(exist_ok=True)
        write(backup, before, like=path)
        record["lines"]["backup"] = str(backup)
        record["lines"]["before"] = digest(before)
    write(path, edit)


def _write_record(plan: Plan, record: Record) -> None:
    record["folders"] = list(dict.fromkeys(record["folders"]))
    write(plan.record, (json.dumps(record, indent=1) + "\n").encode())


def _take_lines(record: Record, done: Done) -> None:
    lines = record.get("lines")
    if not lines:
        return
    path = Path(lines["path"])
    now = read(path)
    if now is None:
        return
    try:
        after = without_block(now)
    except BlockError as error:
        raise InstallError(f"{path}: {error}") from None
    if after == now:
        done.notes.append(f"{path}: had no lines of ours any more")
    elif lines.get("created") and not after:
        done.changes.append(Change("removed", str(path), "it held our lines alone"))
        if not done.dry_run:
            path.unlink()
    else:
        same = lines.get("before") == digest(after)
        how = "byte for byte as it was before" if same else "what was written into it since stays"
        done.changes.append(Change("edited", str(path), f"our lines are out; {how}"))
        if not done.dry_run:
            write(path, after)
    backup = lines.get("backup")
    if backup and not done.dry_run:
        with contextlib.suppress(FileNotFoundError):
            Path(backup).unlink()


def _take_file(path: Path, known: str, kept: Optional[str], done: Done) -> None:
    there = read(path)
    if there is not None and digest(there) != known:
        done.changes.append(Change("left", str(path), "it was changed since it was installed"))
        return
    if kept is not None and os.path.lexists(kept):
        done.changes.append(Change("restored", str(path), "what was there before"))
        if not done.dry_run:
            Path(kept).replace(path)
    elif there is not None:
        done.changes.append(Change("removed", str(path)))
        if not done.dry_run:
            path.unlink()


def _take_folders(folder: Path, record: Record) -> None:
    """The list itself, and folders that were made and have nothing in them."""
    Plan("", folder, {}).record.unlink()
    inner = [p for p in folder.rglob("*") if p.is_dir()] if folder.exists() else []
    for made in sorted({*map(Path, record.get("folders", [])), *inner}, key=lambda p: -len(p.parts)):
        with contextlib.suppress(OSError):  # somebody has put something there
            made.rmdir()
