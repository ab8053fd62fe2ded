"""The bridge's own thread: it connects, starts the helper where there is none, and carries calls."""

from __future__ import annotations

import collections
import contextlib
import selectors
import socket
import threading
import time
from typing import Callable, Deque, Dict, Optional

from candela_bridge.client.call import Call
from candela_bridge.client.errors import (
    BridgeError,
    CallError,
    DeadlineError,
    HelperDiedError,
    HelperSilentError,
)
from candela_bridge.client.heart import Heart, Timing
from candela_bridge.client.launch import Launch
from candela_bridge.client.link import Link
from candela_bridge.client.rise import Rise
from candela_bridge.place import Place
from candela_bridge.wire import MOST_CALLS, MOST_LONG, QUICK, Message, WireError

__all__ = ["Loop"]


class Loop:
    """place: where helpers are; asked in the thread, as it may look at the disk."""

    def __init__(self, host: str, launch: Launch, place: Callable[[], Place], timing: Timing) -> None:
        self._rise, self._heart = Rise(host, launch, place, timing), Heart(timing)
        self._new: Deque[Call] = collections.deque()
        self._dropped: Deque[Call] = collections.deque()
        self._waiting: Deque[Call] = collections.deque()
        # Cancelled, and not answered yet: they go on at the helper, and count there.
        self._leaving: Dict[int, str] = {}
        self._sent: Dict[int, Call] = {}
        self._number = 0
        self._link: Optional[Link] = None
        self._closing = False
        self._door = threading.Lock()
        self._ear, self._bell = socket.socketpair()
        self._ear.setblocking(False)
        self._bell.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._ear, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, name="candela bridge", daemon=True)
        self._thread.start()

    @property
    def helper(self) -> Optional[Message]:
        """What the helper said of itself, None while there is none."""
        link = self._link
        return None if link is None else link.welcome

    def take(self, call: Call) -> None:
        """A call to make. Does not wait."""
        with self._door:
            closed = self._closing
            if not closed:
                self._new.append(call)
        if closed:
            call.fail(BridgeError("the bridge was closed"))
        else:
            self._ring()

    def drop(self, call: Call) -> None:
        """A call that was cancelled."""
        self._dropped.append(call)
        self._ring()

    def close(self) -> None:
        """End, and cancel what goes on."""
        self._closing = True
        self._ring()

    def join(self, seconds: float) -> None:
        """Wait for the end."""
        self._thread.join(seconds)

    def _ring(self) -> None:
        with contextlib.suppress(OSError):  # full: it rings already; closed: nobody is there
            self._bell.send(b"\0")

    def _run(self) -> None:
        error: BaseException = BridgeError("the bridge was closed")
        try:
            while not self._closing:
                self._turn()
        except Exception as found:  # a fault of ours must not leave anybody waiting
            error = BridgeError(f"the bridge failed: {type(found).__name__}: {found}")
            error.__cause__ = found
        finally:
            with self._door:
                self._closing = True
            self._lose(error)
            self._fail_waiting(error)
            self._selector.close()
            self._ear.close()
            self._bell.close()

    def _turn(self) -> None:
        self._take_new()
        now = time.monotonic()
        self._expire(now)
        self._connect()
        self._feel(now)
        self._rise.bury()
        for key, _ in self._selector.select(self._pause(time.monotonic())):
            if key.fileobj is self._ear:
                with contextlib.suppress(BlockingIOError):
                    while self._ear.recv(4096):
                        pass
            elif self._link is not None:
                self._converse(self._link)

    def _take_new(self) -> None:
        while self._new:
            call = self._new.popleft()
            if not call.done():
                self._waiting.append(call)
        while self._dropped:
            call = self._dropped.popleft()
            if self._sent.pop(call.id, None) is not None and self._link is not None:
                self._leave(self._link, call)
        self._pass_on()

    def _leave(self, link: Link, call: Call) -> None:
        self._leaving[call.id] = call.name
        link.send({"cancel": call.id})

    def _pass_on(self) -> None:
        link = self._link
        if link is None or link.welcome is None:
            return
        there = [*self._leaving.values(), *(call.name for call in self._sent.values())]
        total, long = len(there), sum(name not in QUICK for name in there)
        queue, self._waiting = self._waiting, collections.deque()
        for call in queue:
            quick = call.name in QUICK
            if call.done():
                continue
            if total >= MOST_CALLS or (not quick and long >= MOST_LONG):
                self._waiting.append(call)
                continue
            self._number += 1
            call.id = self._number
            message: Message = {"id": call.id, "call": call.name, "with": call.given}
            if call.end is not None:
                message["seconds"] = max(call.end - time.monotonic(), 0.001)
            try:
                link.send(message)
            except WireError as error:
                call.fail(BridgeError(f"{call.name}: {error}"))
                continue
            if not self._sent:
                self._heart.begin()
            self._sent[call.id] = call
            total, long = total + 1, long + (not quick)
        self._watch(link)

    def _expire(self, now: float) -> None:
        for call in [*self._waiting, *self._sent.values()]:
            if call.end is not None and now >= call.end and not call.done():
                about = str(call.last.get("text") or call.last.get("stage") or "")
                where = f"; it was at: {about}" if about else ""
                call.fail(DeadlineError(f"{call.name}: not done within {call.seconds:g} s{where}"))
                if self._sent.pop(call.id, None) is not None and self._link is not None:
                    self._leave(self._link, call)
                    self._watch(self._link)
        self._waiting = collections.deque(call for call in self._waiting if not call.done())

    def _connect(self) -> None:
        if self._link is not None or not self._waiting:
            return
        try:
            link = self._rise.link()
        except BridgeError as error:
            self._fail_waiting(error)
            return
        if link is not None:
            self._link = link
            self._heart.begin()
            self._selector.register(link.socket, selectors.EVENT_READ | selectors.EVENT_WRITE)

    def _feel(self, now: float) -> None:
        """Whether the helper lives: it was greeted and said nothing, or has calls and answers no question."""
        link = self._link
        if link is None or (link.welcome is not None and not self._sent) or now < self._heart.next:
            return
        if self._heart.stopped(link):
            ended = link.end_helper()
            more = "it was ended, and the next call starts another" if ended else "end it by hand"
            self._lose(HelperSilentError(f"the Candela helper says nothing any more; {more}"), not ended)
        elif link.welcome is not None:
            link.send({"ping": 0})
            self._watch(link)

    def _pause(self, now: float) -> Optional[float]:
        times = [call.end for call in (*self._waiting, *self._sent.values()) if call.end is not None]
        if self._waiting and self._link is None:
            times.append(self._rise.next)
        if self._link is not None and (self._sent or self._link.welcome is None):
            times.append(self._heart.next)
        if self._rise.children:
            times.append(now + 5.0)  # to take leave of those that ended
        return None if not times else max(0.0, min(times) - now)

    def _watch(self, link: Link) -> None:
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if link.wants_to_write else 0)
        self._selector.modify(link.socket, wanted)

    def _converse(self, link: Link) -> None:
        try:
            link.write()
            messages = link.read()
        except BridgeError as error:
            self._lose(error, greeting_counts=not isinstance(error, HelperDiedError))
            return
        for message in messages:
            self._hear(message)
        if link.welcome is not None:
            self._rise.rest()
            self._pass_on()
        else:
            self._watch(link)

    def _hear(self, message: Message) -> None:
        number = message.get("id")
        call = self._sent.get(number) if isinstance(number, int) else None
        progress, result, error = (message.get(name) for name in ("progress", "result", "error"))
        if call is None:
            if isinstance(number, int) and progress is None:
                self._leaving.pop(number, None)
            return
        if isinstance(progress, dict):
            call.moved(progress)
            return
        del self._sent[call.id]
        if isinstance(result, dict):
            call.succeed(result)
        elif isinstance(error, dict):
            code = error.get("exit_code")
            code = code if isinstance(code, int) else 3
            text = str(error.get("message") or "the helper failed and does not say why")
            call.fail(CallError(str(error.get("kind") or "Error"), text, code))
        else:
            call.fail(BridgeError(f"{call.name}: the helper's answer is none"))

    def _lose(self, error: BaseException, greeting_counts: bool = True) -> None:
        """The connection is gone: what was sent fails with it. What was not yet is sent to another helper."""
        link, self._link = self._link, None
        if link is not None:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(link.socket)
            link.close()
        sent, self._sent = self._sent, {}
        self._leaving.clear()
        for call in sent.values():
            # A quick call only looks at something, and may have been on its way when the helper ended.
            if isinstance(error, HelperDiedError) and call.name in QUICK and not call.again:
                call.again = True
                self._waiting.append(call)
            else:
                call.fail(error)
        if link is not None and link.welcome is None and (self._rise.lost() or greeting_counts):
            self._fail_waiting(error)

    def _fail_waiting(self, error: BaseException) -> None:
        self._rise.rest()
        waiting = [*self._waiting, *self._new]
        self._waiting.clear()
        self._new.clear()
        for call in waiting:
            call.fail(error)
