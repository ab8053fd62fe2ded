"""Starting the helper from inside a host, whose environment is not the helper's."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Mapping, Optional, Sequence

from candela_bridge.client.errors import HelperMissingError, HelperStartError
from candela_bridge.place import Place

__all__ = ["HOSTS_OWN", "Launch", "Started", "clean_environment", "find_command"]

_MOST_LOG = 1 << 20
_RUNNING: "List[subprocess.Popen[bytes]]" = []  # helpers outlive bridges; those that ended are taken leave of
_RUNNING_LOCK = threading.Lock()
# What hosts set for the Python, Qt and libraries of their own, which another Python must not find.
HOSTS_OWN = (
    "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "DYLD_FRAMEWORK_PATH",
    "PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONEXECUTABLE", "PYTHONNOUSERSITE", "PYTHONPLATLIBDIR",
    "PYTHONSAFEPATH", "PYTHONOPTIMIZE", "PYTHONINSPECT", "PYTHONUSERBASE", "__PYVENV_LAUNCHER__",
    "QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH", "QML2_IMPORT_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR",
)  # fmt: skip


@dataclass(frozen=True)
class Launch:
    """command: None looks for it when it is needed. environment: in place of the host's own, tidied up."""

    command: Optional[Sequence[str]] = None
    environment: Optional[Mapping[str, str]] = None
    more: Sequence[str] = field(default=())

    def start(self, place: Place) -> "Started":
        """Start the helper for a place, and do not wait for it.

        Raises HelperMissingError where there is no command, HelperStartError where the system refuses.
        """
        command = [*(self.command or find_command()), "--dir", str(place.folder), "--detached", *self.more]
        environment = dict(clean_environment() if self.environment is None else self.environment)
        try:
            return _spawn(command, environment, place.log)
        except OSError as error:
            raise HelperStartError(f"{command[0]}: cannot be started: {error.strerror or error}") from error


@dataclass
class Started:
    """A helper that was started. log: what it says; from where in it."""

    process: "subprocess.Popen[bytes]"
    log: Path
    begin: int

    def ended(self) -> Optional[int]:
        """Its exit code, None while it runs."""
        return self.process.poll()

    def last_words(self) -> str:
        """The last line that it wrote, or nothing."""
        try:
            with self.log.open("rb") as stream:
                stream.seek(self.begin)
                lines = stream.read(65536).decode("utf-8", "replace").split("\n")
        except OSError:
            return ""
        return next((line.strip()[:500] for line in reversed(lines) if line.strip()), "")


def find_command() -> Sequence[str]:
    """`candela bridge`: of $CANDELA_COMMAND, of the file that `candela install` leaves beside this package,
    or of the path. HelperMissingError where there is none.
    """
    said = os.environ.get("CANDELA_COMMAND")
    if said:
        return (_executable(said, "$CANDELA_COMMAND"), "bridge")
    beside = Path(__file__).resolve().parents[1] / "candela_command.txt"
    with contextlib.suppress(OSError, ValueError):
        text = beside.read_text("utf-8").strip()
        if text:
            return (_executable(text, str(beside)), "bridge")
    found = shutil.which("candela")
    if found is None:
        raise HelperMissingError(
            "the candela command was not found; install Candela (pip install candela-hdr), or set "
            "CANDELA_COMMAND to where it is"
        )
    return (found, "bridge")


def _executable(text: str, said: str) -> str:
    found = shutil.which(text)
    if found is None:
        raise HelperMissingError(f"{said} names {text}, which is no program; correct it")
    return found


def clean_environment(given: Optional[Mapping[str, str]] = None) -> Dict[str, str]:
    """An environment without what a host has set for itself. given: None for that of this process."""
    source = os.environ if given is None else given
    return {name: value for name, value in source.items() if name.upper() not in HOSTS_OWN}


def _spawn(command: Sequence[str], environment: Dict[str, str], log: Path) -> Started:
    with contextlib.suppress(OSError):
        if log.stat().st_size > _MOST_LOG:
            log.replace(log.with_suffix(".old"))
    with log.open("ab") as out:
        begin = out.seek(0, os.SEEK_END)
        # close_fds=False lets Python take posix_spawn or vfork: a fork would copy the page tables of a host
        # of many gigabytes, with Python's lock held. The helper closes what it inherits by itself.
        flags = 0
        if sys.platform == "win32":
            flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment, close_fds=False,
            creationflags=flags,
        )  # fmt: skip
    with _RUNNING_LOCK:  # every bridge has a thread, and two may start a helper at once
        _RUNNING[:] = [process, *(each for each in _RUNNING if each.poll() is None)]
    return Started(process, log, begin)
