"""The helper's way to the sidecar: found where it always is, started where there is none, anew when it
died."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from candela_bridge.helper.heartbeat import Hangs, status_of
from candela_bridge.helper.job import Answer, Job, Refused
from candela_bridge.vital import listener

if TYPE_CHECKING:
    from candela_server.client import Sidecar

__all__ = ["SidecarLink"]

T = TypeVar("T")
_ANSWER_SECONDS = 5.0
_START_SECONDS = 90.0
_WATCH_SECONDS = 0.3
_ORPHAN_SECONDS = 120.0
"""After which a sidecar that a helper started ends, where the helper was killed and cannot end it."""
_log = logging.getLogger("candela.bridge")


class SidecarLink:
    """address: as `candela --sidecar` takes it. roots: of a sidecar that is started. folder: for its log.

    start: whether one may be started; not for an address on another machine. patience: seconds in which a
    living one says that it lives, on a busy machine too. orphan: seconds for which a sidecar that is started
    outlives its helper, where that is killed.
    """

    def __init__(
        self,
        address: str,
        roots: Sequence[Path],
        folder: Path,
        *,
        start: bool = True,
        patience: float = _ANSWER_SECONDS,
        orphan: float = _ORPHAN_SECONDS,
    ) -> None:
        self.address, self._roots, self._start_allowed = address, tuple(roots), start
        self._log_file, self._card = folder / "sidecar.log", folder / "sidecar-started.json"
        self._patience, self._orphan = patience, orphan
        self._closed = threading.Event()
        threading.Thread(target=self._keep, name="candela keep", daemon=True).start()
        self._lock = threading.Lock()
        self._sidecar: Sidecar | None = None
        self._status: Any = None
        self._active, self._hung = 0, 0
        self._watch_lock = threading.Lock()

    def use(self, job: Job, work: Callable[[Sidecar], T]) -> T:
        """Have `work` done with a sidecar that answers; a cancelled job is cancelled there too.

        Raises CandelaError; UnreachableError where the sidecar died meanwhile: the next call starts another.
        """
        from candela_server.jobs.errors import CancelledError, UnreachableError

        sidecar = self.ready(job)
        request = secrets.token_hex(12)
        job.on_cancel(lambda: self._cancel(sidecar, request))
        try:
            with self._watched():
                return work(sidecar.as_call(request, job.seconds_left))
        except UnreachableError as error:
            self._forget(sidecar)
            raise UnreachableError(
                "the sidecar ended in the middle of the work; call again and it is started anew"
            ) from error
        except CancelledError:
            job.check()
            if self._hung == id(sidecar):
                raise UnreachableError(self._hangs()) from None
            raise

    def ready(self, job: Job) -> Sidecar:
        """A sidecar that answered just now. Raises Refused where there is none and none can be started,
        UnreachableError for one of somebody else's that hangs."""
        with self._lock:
            job.check()
            # A connection that was lost takes gRPC its time to mend; a new one is there at once.
            for fresh in (False, True):
                if self._sidecar is None or fresh:
                    self._drop()
                    self._sidecar = self._connect()
                if self._answers(self._sidecar):
                    return self._sidecar
            self._drop()
            if not self._start_allowed:
                raise Refused(f"no sidecar answers at {self.address}; start it there", "UnreachableError", 3)
            self._start(job)
            self._sidecar = self._connect()
            self._status = self._sidecar.as_call("status", _START_SECONDS).status()
            return self._sidecar

    def _answers(self, sidecar: Sidecar) -> bool:
        from candela_server.jobs.errors import UnreachableError

        try:
            self._status = status_of(sidecar, self.address, "status", self._patience)
            return True
        except UnreachableError:
            return False
        except Hangs:
            number = self._ours()
            if number is None:
                raise UnreachableError(self._hangs()) from None
            _log.error("the sidecar, process %d, hangs and is ended", number)
            with contextlib.suppress(OSError):
                os.kill(number, signal.SIGKILL)
            return False

    def _ours(self) -> int | None:
        """The sidecar's process, if it is one that a helper started and so may end."""
        number = self._started()
        said = None if self._status is None else self._status.process_id
        known = (said, listener(self.address.removeprefix("unix:")))
        return number if number is not None and number in known else None

    def _hangs(self) -> str:
        what = (
            "end it, and call again" if self._ours() is None else "the next call ends it and starts another"
        )
        return f"the sidecar at {self.address} is there and does not answer; {what}"

    def known(self) -> Answer | None:
        """What the sidecar said last of itself, without asking; None before."""
        status = self._status
        if status is None:
            return None
        return {
            "address": self.address,
            "version": status.version,
            "process": status.process_id,
            "workers": status.workers,
            "trouble": status.trouble or None,
        }

    def close(self) -> None:
        """Let go of the sidecar, and end it where a helper started it and it has nothing to do."""
        self._closed.set()
        with self._lock:
            try:
                status = self._sidecar.as_call("status", 1.0).status() if self._sidecar else None
            except Exception:  # it is gone or busy: nothing to end
                status = None
            self._drop()
            if status is not None and not status.jobs and self._started() == status.process_id:
                _log.info("the sidecar, process %d, is ended", status.process_id)
                with contextlib.suppress(OSError):
                    os.kill(status.process_id, signal.SIGTERM)

    def _connect(self) -> Sidecar:
        from candela_server.client import Sidecar
        from candela_server.rpc.settings import read_token

        token, ca = os.environ.get("CANDELA_TOKEN_FILE"), os.environ.get("CANDELA_CA")
        # No second tries: a helper that waits for a dead sidecar would look like a host that hangs.
        return Sidecar(
            self.address,
            token=read_token(Path(token)) if token else None,
            ca=Path(ca) if ca else None,
            seconds=_ANSWER_SECONDS,
            retries=0,
        )

    def _start(self, job: Job) -> None:
        roots = [part for root in self._roots for part in ("--root", str(root))]
        command = [
            sys.executable, "-m", "candela_server.cli", "serve", "--listen", self.address, "--shared-memory",
            "--daemon", "--log", str(self._log_file), "--idle", f"{self._orphan:g}", *roots,
        ]  # fmt: skip
        _log.info("starting %s", " ".join(command))
        end = time.monotonic() + _START_SECONDS
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as process:
            said = self._wait(process, job, end)
            # 2: another helper or a user was faster, or the address is no good; to connect tells them apart.
            if process.returncode not in (0, 2):
                last = next((line for line in reversed(said.splitlines()) if line.strip()), "it says nothing")
                raise Refused(f"the sidecar did not start: {last.strip()[:500]}", "InfrastructureError", 3)
            if process.returncode == 2 and "serves there already" not in " ".join(said.split()):
                raise Refused(f"the sidecar did not start: {' '.join(said.split())[:500]}", "InputError", 2)
        self._remember()

    @staticmethod
    def _wait(process: subprocess.Popen[str], job: Job, end: float) -> str:
        while time.monotonic() < end:
            job.progress("start", 0.0, "the engines are being started")
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.communicate(timeout=0.1)[1]
        process.kill()
        raise Refused(f"the sidecar did not start within {_START_SECONDS:g} s", "InfrastructureError", 3)

    def _remember(self) -> None:
        """That a helper started it, so that a later helper may end it."""
        sidecar = self._connect()
        try:
            number = sidecar.as_call("status", _ANSWER_SECONDS).status().process_id
            self._card.write_text(json.dumps({"process": number}), "ascii")
        except Exception as error:  # then it stays, which costs memory and nothing else
            _log.warning("the sidecar will not be ended by itself: %s", error)
        finally:
            sidecar.close()

    def _started(self) -> int | None:
        try:
            found = json.loads(self._card.read_text("ascii"))["process"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return found if isinstance(found, int) else None

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        """While calls go on, somebody asks the sidecar whether it lives."""
        with self._watch_lock:
            self._active += 1
            if self._active == 1:
                threading.Thread(target=self._watch, name="candela watch", daemon=True).start()
        try:
            yield
        finally:
            with self._watch_lock:
                self._active -= 1

    def _watch(self) -> None:
        while True:
            time.sleep(_WATCH_SECONDS)
            with self._watch_lock:
                if self._active == 0:
                    return
            sidecar = self._sidecar
            if sidecar is None:
                continue
            try:
                self._status = status_of(sidecar, self.address, "watch", 2 * self._patience)
            except Hangs:
                _log.error("the sidecar does not answer; its calls are given up")
                self._hung = id(sidecar)
                self._forget(sidecar)
            except Exception:  # it died, which its calls see by themselves
                _log.debug("the sidecar is not there any more", exc_info=True)

    def _keep(self) -> None:
        """While the helper lives, a call now and then, so that the sidecar stays."""
        while not self._closed.wait(self._orphan / 4):
            sidecar = self._sidecar
            if sidecar is not None:
                with contextlib.suppress(Exception):  # the next call finds out, and starts another
                    sidecar.as_call("keep", _ANSWER_SECONDS).status()

    def _cancel(self, sidecar: Sidecar, request: str) -> None:
        def ask() -> None:
            with contextlib.suppress(Exception):  # it is gone, and the work with it
                sidecar.as_call(f"cancel-{request}", _ANSWER_SECONDS).cancel(request)

        threading.Thread(target=ask, name="candela cancel", daemon=True).start()

    def _forget(self, sidecar: Sidecar) -> None:
        with self._lock:
            if self._sidecar is sidecar:
                self._drop()

    def _drop(self) -> None:
        if self._sidecar is not None:
            self._sidecar.close()
            self._sidecar = None
