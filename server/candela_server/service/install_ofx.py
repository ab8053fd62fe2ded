"""Install: the OpenFX bundle put where hosts look for it, whole or not at all, and taken back.

What was there before is kept in a folder beside the bundle, under a name that no host takes for a bundle.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from candela_engines.errors import InfrastructureError, InputError
from candela_server.service.ofx_bundle import Bundle, check_bundle
from candela_server.service.results import Json

__all__ = ["InstallOfxRequest", "InstallOfxResult", "find_bundle", "install_ofx", "plugin_folder"]

NAME = "Candela.ofx.bundle"
KEPT = "@candela"
Scope = Literal["system", "user", "folder"]


@dataclass(frozen=True)
class InstallOfxRequest:
    """scope: `folder` is `folder` itself. bundle: None takes the one that was built or came with the package.
    dry_run: say what would be done. undo: take the bundle out again and put back what was there before."""

    scope: Scope = "system"
    folder: Path | None = None
    bundle: Path | None = None
    dry_run: bool = False
    undo: bool = False


@dataclass(frozen=True)
class InstallOfxResult:
    """done: what happened, or would. kept: where what was there before lies now, or None."""

    done: Literal["installed", "replaced", "unchanged", "removed", "restored"]
    path: Path
    bundle: Bundle | None
    kept: Path | None
    dry_run: bool
    notes: tuple[str, ...]

    def to_json(self) -> Json:
        """As it stands."""
        return {
            "command": "install-ofx",
            "done": self.done,
            "path": str(self.path),
            "bundle": None if self.bundle is None else str(self.bundle.path),
            "plugins": [] if self.bundle is None else [p.to_json() for p in self.bundle.plugins],
            "kept": None if self.kept is None else str(self.kept),
            "dry_run": self.dry_run,
            "notes": list(self.notes),
        }


def install_ofx(request: InstallOfxRequest) -> InstallOfxResult:
    """Install, or take back.

    Raises InputError for a bundle that is none or not for this machine, and for an undo of nothing;
    InfrastructureError for a folder that cannot be written, and a bundle that does not load.
    """
    folder = request.folder if request.scope == "folder" else plugin_folder(request.scope)
    if folder is None:
        raise InputError("--to: the folder to install into is missing")
    if request.undo:
        if request.bundle is not None:
            raise InputError("--undo: takes out what is installed; leave --bundle out")
        return _guarded(folder, lambda: _undo(folder, request.dry_run))
    bundle = check_bundle(find_bundle() if request.bundle is None else request.bundle)
    return _guarded(folder, lambda: _install(folder, bundle, request))


def plugin_folder(scope: Scope) -> Path:
    """Where bundles go. Hosts look into the system's by themselves, and into a user's where OFX_PLUGIN_PATH
    names it."""
    system = platform.system()
    if scope == "system":
        if system == "Darwin":
            return Path("/Library/OFX/Plugins")
        if system == "Windows":
            return (
                Path(os.environ.get("COMMONPROGRAMFILES", r"C:\Program Files\Common Files"))
                / "OFX"
                / "Plugins"
            )
        return Path("/usr/OFX/Plugins")
    home = Path.home()
    if system == "Darwin":
        return home / "Library" / "OFX" / "Plugins"
    if system == "Windows":
        return Path(os.environ.get("LOCALAPPDATA", str(home / "AppData" / "Local"))) / "OFX" / "Plugins"
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "OFX" / "Plugins"


def find_bundle() -> Path:
    """The bundle that came with the package, or that `make plugin` built. InputError where there is none."""
    here = Path(__file__).resolve()
    places = (
        here.parents[1] / "ofx" / NAME,
        here.parents[3] / "build" / "ofx" / NAME,
        Path("build") / "ofx" / NAME,
    )
    for place in places:
        if place.is_dir():
            return place
    raise InputError(
        f"there is no {NAME} here: build it with `make plugin` in Candela's sources, or name it with --bundle"
    )


def _guarded(folder: Path, work: Callable[[], InstallOfxResult]) -> InstallOfxResult:
    try:
        return work()
    except PermissionError as error:
        raise InfrastructureError(
            f"{folder}: no permission to write there ({error.strerror}); nothing was changed. Run it as an "
            "administrator, as with sudo, or install for yourself with --user"
        ) from error
    except OSError as error:
        raise InfrastructureError(f"{folder}: cannot be written: {error.strerror or error}") from error


def _install(folder: Path, bundle: Bundle, request: InstallOfxRequest) -> InstallOfxResult:
    path = folder / NAME
    if bundle.path.resolve() == path.resolve():
        raise InputError(f"{path}: is the bundle that is to be installed; it is there already")
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        raise InputError(f"{path}: is a link or a file, and no bundle of ours; take it away first")
    notes = _notes(folder)
    before = _digest(path) if path.is_dir() else None
    ours = _digest(bundle.path)
    kept = None if before is None else folder / KEPT / "previous"
    done: Literal["installed", "replaced", "unchanged"]
    done = "installed" if before is None else "unchanged" if before == ours else "replaced"
    if done == "unchanged":
        kept = None
    if request.dry_run or done == "unchanged":
        if not _writable(folder):
            notes.insert(0, f"{folder} cannot be written without more rights: sudo, or --user")
        return InstallOfxResult(done, path, bundle, kept, request.dry_run, tuple(notes))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / KEPT).mkdir(exist_ok=True)
    fresh = folder / KEPT / f"new.{secrets.token_hex(4)}"
    try:
        shutil.copytree(bundle.path, fresh)
        if _digest(fresh) != ours:
            raise InfrastructureError(
                f"{folder}: what was copied is not what was to be; the disk is at fault"
            )
        _swap(path, fresh, kept)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    record = {"digest": ours, "from": str(bundle.path.resolve())}
    (folder / KEPT / "installed.json").write_text(json.dumps(record), encoding="utf-8")
    notes.append("hosts find it when they are started anew")
    return InstallOfxResult(done, path, bundle, kept, False, tuple(notes))


def _swap(path: Path, fresh: Path, kept: Path | None) -> None:
    """Put `fresh` at `path`, and what was there at `kept`; back again where it does not work."""
    if kept is not None:
        shutil.rmtree(kept, ignore_errors=True)
        path.rename(kept)
    try:
        fresh.rename(path)
    except OSError:
        if kept is not None:
            kept.rename(path)
        raise


def _undo(folder: Path, dry_run: bool) -> InstallOfxResult:
    path, kept = folder / NAME, folder / KEPT / "previous"
    try:
        record = json.loads((folder / KEPT / "installed.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"{folder}: nothing was installed there by candela install-ofx") from None
    except ValueError as error:
        raise InputError(
            f"{folder / KEPT / 'installed.json'}: is damaged; take {path} out by hand"
        ) from error
    if path.is_dir() and _digest(path) != record.get("digest"):
        raise InputError(f"{path}: is not what was installed; it was changed since, so it is left alone")
    restored = kept.is_dir()
    done: Literal["removed", "restored"] = "restored" if restored else "removed"
    if dry_run:
        return InstallOfxResult(done, path, None, None, True, ())
    away = folder / KEPT / f"old.{secrets.token_hex(4)}"
    if path.is_dir():
        path.rename(away)
    if restored:
        kept.rename(path)
    shutil.rmtree(folder / KEPT)
    return InstallOfxResult(done, path, None, None, False, ("hosts see it when they are started anew",))


def _digest(folder: Path) -> str:
    """Of the names and contents of all files."""
    total = hashlib.sha256()
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = file.relative_to(folder).as_posix().encode()
        total.update(len(name).to_bytes(4, "big") + name + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def _writable(folder: Path) -> bool:
    there = next((p for p in (folder, *folder.parents) if p.exists()), folder)
    return os.access(there, os.W_OK)


def _notes(folder: Path) -> list[str]:
    """Whether hosts will look there."""
    if folder == plugin_folder("system"):
        return []
    named = [Path(p) for p in os.environ.get("OFX_PLUGIN_PATH", "").split(os.pathsep) if p]
    if folder.resolve() in [p.resolve() for p in named]:
        return []
    joined = os.pathsep.join([str(folder), *map(str, named)])
    return [
        "hosts look there only if OFX_PLUGIN_PATH names it, for the session that starts them: "
        f"{'set' if platform.system() == 'Windows' else 'export'} OFX_PLUGIN_PATH={joined}"
    ]
