"""`candela bridge`: from a start by hand or by a host to a helper that serves."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from candela_bridge.helper.job import Answer, Job
from candela_bridge.helper.roots import usual_roots
from candela_bridge.helper.serve import AlreadyServed, serve
from candela_bridge.helper.session import Work
from candela_bridge.helper.store import Store, default_folder, version
from candela_bridge.place import Place, default_place, has_unix_sockets, own_folder

if TYPE_CHECKING:
    from candela_bridge.helper.sidecar import SidecarLink

__all__ = ["NAMES", "run"]

NAMES = (
    "ping", "status", "engines", "resolve", "inspect", "setup", "recall", "score", "compare", "shots",
    "embed", "reconstruct", "look", "mark", "export",
)  # fmt: skip
"""Of all calls; a test holds them to `calls.Calls`."""


def run(
    folder: Path | None = None,
    *,
    sidecar: str | None = None,
    roots: Sequence[Path] = (),
    cache: Path | None = None,
    idle: float = 600.0,
    detached: bool = False,
) -> str:
    """Serve until SIGTERM, or nobody was here for `idle` seconds. What was done, in words.

    folder: for socket and logs, None for the user's own. sidecar: its address, None for the usual one. roots:
    of a sidecar that is started. detached: a host started this, whose terminal and files are to be let go.

    Raises PlaceError for a folder that is not private.
    """
    if detached:
        _detach()
    place = default_place() if folder is None else Place(own_folder(folder), has_unix_sockets())
    # Of whoever started this; each host says its own, and what it says alone counts.
    os.environ.pop("OCIO", None)
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    calls = _Late(place.folder, sidecar, list(roots), cache)
    try:
        serve(place, calls.table(), about={"version": version()}, idle=idle, ready=calls.warm)
    except AlreadyServed as error:
        return str(error)
    finally:
        calls.close()
    return f"{place.folder}: the helper ended"


class _Late:
    """The calls, put together when the first one comes: a second of imports that no host waits for before it
    is greeted."""

    def __init__(self, folder: Path, sidecar: str | None, roots: list[Path], cache: Path | None) -> None:
        self._folder, self._sidecar, self._roots, self._cache = folder, sidecar, roots, cache
        self._lock = threading.Lock()
        self._link: SidecarLink | None = None
        self._table: Mapping[str, Work] | None = None

    def table(self) -> dict[str, Work]:
        """By name."""
        return {name: functools.partial(self._call, name) for name in NAMES}

    def warm(self) -> None:
        """Import what calls will need, in a thread."""

        def load() -> None:
            with contextlib.suppress(Exception):  # whoever calls is told
                self._made()
                import candela_server.client  # noqa: F401

        threading.Thread(target=load, name="candela warm", daemon=True).start()

    def close(self) -> None:
        """Let go of the sidecar."""
        if self._link is not None:
            self._link.close()

    def _call(self, name: str, job: Job) -> Answer:
        return self._made()[name](job)

    def _made(self) -> Mapping[str, Work]:
        with self._lock:
            if self._table is None:
                from candela_bridge.helper.calls import Calls, default_link

                self._link = default_link(self._folder, self._sidecar, self._roots or usual_roots())
                store = Store(self._cache or default_folder())
                self._table = Calls(self._link, store, self._folder / "looks").table()
            return self._table


def _detach() -> None:
    """Leave the host's terminal, and close what it had open: sockets of its licence, say."""
    if hasattr(os, "setsid"):
        with contextlib.suppress(OSError):  # it leads a session already
            os.setsid()
        os.closerange(3, min(os.sysconf("SC_OPEN_MAX"), 1 << 16))
