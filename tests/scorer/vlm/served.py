"""A local server that speaks the chat API of OpenAI, as vLLM does, and misbehaves as it is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

GOOD = "<think>Highlights keep their detail.</think><answer>{}</answer>"
Behaviour = Callable[["Handler", dict[str, Any]], None]


@dataclass
class Served:
    """answers: how the next chat requests are answered, the last one for ever. asked: their bodies."""

    url: str
    answers: list[Behaviour] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    models: list[str] = field(default_factory=lambda: ["Qwen/Qwen2.5-VL-7B-Instruct"])
    stop: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served: Served

    def log_message(self, *_: Any) -> None:
        pass

    def send(self, status: int, body: bytes, kind: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.send(200, json.dumps({"data": [{"id": name} for name in self.served.models]}).encode())

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.served.asked.append(body)
        self.served.headers.append({k.lower(): v for k, v in self.headers.items()})
        waiting = self.served.answers
        behave = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        try:
            behave(self, body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


@contextmanager
def serving(*answers: Behaviour) -> Iterator[Served]:
    served = Served("", list(answers))
    kind = type("Bound", (Handler,), {"served": served})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.stop.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def completion(*texts: object, usage: object = None) -> bytes:
    choices = [
        {"index": k, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        for k, text in enumerate(texts)
    ]
    used = {"prompt_tokens": 1000, "completion_tokens": 20} if usage is None else usage
    return json.dumps({"object": "chat.completion", "choices": choices, "usage": used}).encode()


def says(*texts: object) -> Behaviour:
    """The same answers whatever was asked for."""
    return lambda handler, _: handler.send(200, completion(*texts))


def scores(*values: object) -> Behaviour:
    """Well-formed answers, as many as were asked for."""

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        some = [GOOD.format(values[k % len(values)]) for k in range(body["n"])]
        handler.send(200, completion(*some))

    return behave


def status(code: int, words: str = "overloaded", **headers: str) -> Behaviour:
    body = json.dumps({"error": {"message": words}}).encode()
    return lambda handler, _: handler.send(code, body, **headers)


def raw(data: bytes) -> Behaviour:
    """Bytes as they are, and the end of the connection."""

    def behave(handler: Handler, _: dict[str, Any]) -> None:
        handler.wfile.write(data)
        handler.close_connection = True

    return behave


def hangs(handler: Handler, _: dict[str, Any]) -> None:
    handler.served.stop.wait(20)
    handler.close_connection = True


def drips(head: bytes) -> Behaviour:
    """A byte at a time, for ever: no single read ever takes long."""

    def behave(handler: Handler, _: dict[str, Any]) -> None:
        handler.wfile.write(head)
        until = time.monotonic() + 20
        while time.monotonic() < until and not handler.served.stop.wait(0.02):
            handler.wfile.write(b" ")
            handler.wfile.flush()
        handler.close_connection = True

    return behave
