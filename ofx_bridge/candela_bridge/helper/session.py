"""One host at the helper: its handshake, its calls, its cancellations."""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from candela_bridge.helper.job import Answer, Cancelled, Job, Refused
from candela_bridge.place import new_token, proof
from candela_bridge.wire import MOST_CALLS, MOST_LONG, PROTOCOL, QUICK, Decoder, Message, WireError, encode

__all__ = ["Session", "Threads", "Work"]

Work = Callable[[Job], Answer]
_MOST_UNREAD = 8 << 20
_GREETING_SECONDS = 5.0
_READ_BYTES = 1 << 16
_log = logging.getLogger("candela.bridge")


class Threads:
    """What calls run on: those that somebody waits for never stand behind such as take long."""

    def __init__(self) -> None:
        self._quick = ThreadPoolExecutor(8, "candela quick")
        self._long = ThreadPoolExecutor(MOST_LONG, "candela long")

    def of(self, name: str) -> ThreadPoolExecutor:
        """For a call of that name."""
        return self._quick if name in QUICK else self._long

    def close(self) -> None:
        """Start nothing more."""
        for pool in (self._quick, self._long):
            pool.shutdown(wait=False, cancel_futures=True)


class _Leave(Exception):
    """The host does not keep to the protocol."""


class Session:
    """calls: what there is to call, by name. token: empty on a Unix socket. about: goes with the welcome."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        calls: Mapping[str, Work],
        threads: Threads,
        *,
        token: str,
        about: Answer,
    ) -> None:
        self._reader, self._writer, self._calls, self._threads = reader, writer, calls, threads
        self._token, self._about = token, about
        self._loop = asyncio.get_running_loop()
        self._decoder = Decoder()
        self._heard: list[Message] = []
        self._jobs: dict[int, Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.host = "?"

    @property
    def busy(self) -> bool:
        """Whether a call goes on."""
        return bool(self._jobs)

    async def run(self) -> None:
        """Until the host leaves. Then its calls are cancelled: nobody would hear of them."""
        try:
            await asyncio.wait_for(self._greet(), _GREETING_SECONDS)
            while (message := await self._next()) is not None:
                self._take(message)
                await self._writer.drain()
        except (TimeoutError, _Leave, WireError) as error:
            _log.warning("%s is sent away: %s", self.host, error or "it did not greet in time")
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            for job in list(self._jobs.values()):
                job.cancel()
            self._writer.close()

    def leave(self) -> None:
        """Send the host away: the helper stops."""
        for job in list(self._jobs.values()):
            job.cancel()
        self._writer.transport.abort()

    async def _next(self) -> Message | None:
        while not self._heard:
            data = await self._reader.read(_READ_BYTES)
            if not data:
                return None
            self._heard = self._decoder.feed(data)
        return self._heard.pop(0)

    async def _greet(self) -> None:
        hello = await self._next()
        if hello is None:
            return
        if not isinstance(hello.get("hello"), int):
            raise _Leave("it did not begin with hello")
        self.host = str(hello.get("host") or "?")[:200]
        nonce, other = new_token(), str(hello.get("nonce", ""))[:200]
        welcome: Message = {"welcome": PROTOCOL, "nonce": nonce, **self._about}
        if self._token:
            welcome["proof"] = proof(self._token, "helper", other, nonce)
        self._send(welcome)
        if self._token:
            answer = await self._next()
            given = str((answer or {}).get("proof", "")).encode("utf-8", "replace")
            if not hmac.compare_digest(given, proof(self._token, "host", other, nonce).encode()):
                raise _Leave("it does not know the token")
        _log.info("%s is here", self.host)

    def _take(self, message: Message) -> None:
        if "ping" in message:
            self._send({"pong": message["ping"]})
        elif "cancel" in message:
            job = self._jobs.get(message["cancel"]) if isinstance(message["cancel"], int) else None
            if job is not None:
                job.cancel()
        elif "call" in message:
            self._begin(message)
        else:
            raise _Leave("it sent a message of no known kind")

    def _begin(self, message: Message) -> None:
        number, name, given = message.get("id"), message["call"], message.get("with", {})
        seconds = message.get("seconds")
        if not isinstance(number, int) or isinstance(number, bool) or number in self._jobs:
            raise _Leave("a call has no id of its own")
        work = self._calls.get(name) if isinstance(name, str) else None
        if work is None:
            known = ", ".join(self._calls)
            self._fail(number, "InputError", f"there is no call {str(name)[:80]!r}; there are {known}", 2)
        elif not isinstance(given, dict):
            self._fail(number, "InputError", f"{name}: `with` is an object", 2)
        elif seconds is not None and not (isinstance(seconds, (int, float)) and seconds > 0):
            self._fail(number, "InputError", f"{name}: `seconds` is a number above 0", 2)
        elif len(self._jobs) >= MOST_CALLS:
            self._fail(number, "QueueFullError", f"{MOST_CALLS} calls go on already; wait for one of them", 3)
        else:
            job = Job(self.host, given, seconds, lambda said: self._from_thread(number, {"progress": said}))
            self._jobs[number] = job
            task = self._loop.create_task(self._answer(number, name, job, work))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer(self, number: int, name: str, job: Job, work: Work) -> None:
        try:
            result = await self._loop.run_in_executor(self._threads.of(name), work, job)
        except Cancelled:
            self._end(number, {"error": {"kind": "Cancelled", "message": "cancelled", "exit_code": 130}})
        except Exception as error:  # a call that fails is the host's news, and no other call's
            self._end(number, {"error": _told(name, error)})
        else:
            self._end(number, {"result": result})

    def _end(self, number: int, message: Message) -> None:
        del self._jobs[number]
        try:
            self._send({"id": number, **message})
        except WireError as error:
            self._fail(number, "InternalError", str(error), 3)

    def _fail(self, number: int, kind: str, text: str, code: int) -> None:
        self._send({"id": number, "error": {"kind": kind, "message": text[:4000], "exit_code": code}})

    def _from_thread(self, number: int, message: Message) -> None:
        def send() -> None:
            if number in self._jobs:
                self._send({"id": number, **message})

        self._loop.call_soon_threadsafe(send)

    def _send(self, message: Message) -> None:
        if self._writer.is_closing():
            return
        self._writer.write(encode(message))
        if self._writer.transport.get_write_buffer_size() > _MOST_UNREAD:
            _log.warning("%s does not read what it is sent, and is sent away", self.host)
            self._writer.transport.abort()


def _told(name: str, error: Exception) -> dict[str, Any]:
    """As the host is told. What is raised on purpose says its exit code; the rest gets a number."""
    code, kind = getattr(error, "exit_code", None), type(error).__name__
    if isinstance(error, Refused):
        return {"kind": error.kind, "message": str(error)[:4000], "exit_code": error.exit_code}
    if isinstance(code, int):
        return {"kind": kind, "message": " ".join(str(error).split())[:4000], "exit_code": code}
    incident = secrets.token_hex(4)
    _log.error("incident %s in %s", incident, name, exc_info=error)
    text = f"{name}: internal error, incident {incident} ({kind}); the helper's log has the rest"
    return {"kind": "InternalError", "message": text, "exit_code": 3}
