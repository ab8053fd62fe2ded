"""Engines on a server of the Open Inference Protocol (KServe v2 over gRPC): Triton, KServe and others.

A server's model is used after these checks: it is ready; its tensors are those of our engine; its graph is
ours, by the SHA-256 in its configuration, where the server has Triton's call for that; and, with a machine to
compute it here, a known answer comes out, which a coarser arithmetic on the server does not give.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InfrastructureError, InputError
from candela_engines.runtime.engines import Engine, Feed, check_feed
from candela_engines.runtime.graph import Tensor
from candela_engines.runtime.probe import differs
from candela_engines.runtime.providers import Machine
from candela_engines.runtime.triton_config import SHA256, protocol_modules

__all__ = ["OpenInferenceRunner"]

_TYPES = {"float32": "FP32", "int32": "INT32"}
_PAUSE = 0.1  # seconds before the second attempt; it doubles
_UNLIMITED = (("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1))


class _Remote:
    """One engine on the server, as a session."""

    def __init__(self, call: Callable[[Engine, Feed], npt.NDArray[np.float32]], engine: Engine) -> None:
        self._call, self._engine = call, engine

    def run(self, feed: Feed) -> npt.NDArray[np.float32]:
        return self._call(self._engine, feed)


class OpenInferenceRunner:
    """A `Runner` on a server; for several threads at once.

    address: host:port, or unix:/path. timeout: seconds for a call with all its attempts. retries: further
    attempts where the server is not to be reached (UNAVAILABLE); every call can be repeated.
    root_certificates: PEM, for TLS; empty bytes: those of the system; None: no TLS. token: sent as
    `authorization: Bearer`, with TLS only. reference: where a known answer is computed, for comparison.
    pixels: that a call should have.
    """

    def __init__(
        self,
        address: str,
        *,
        timeout: float = 60.0,
        retries: int = 3,
        root_certificates: bytes | None = None,
        token: str | None = None,
        reference: Machine | None = None,
        pixels: int = 1 << 19,
    ) -> None:
        if timeout <= 0 or retries < 0:
            raise InputError(f"{address}: timeout {timeout} s with {retries} retries; above 0 s, 0 or more")
        if token is not None and root_certificates is None:
            raise InputError(f"{address}: a token is sent over TLS only; give certificates to trust as well")
        _, self._messages, stubs = protocol_modules()
        import grpc

        self._grpc, self.address, self.pixels = grpc, address, pixels
        self.timeout, self._retries, self._reference = timeout, retries, reference
        self._metadata = () if token is None else (("authorization", f"Bearer {token}"),)
        if root_certificates is None:
            self._channel = grpc.insecure_channel(address, options=_UNLIMITED)
        else:
            trusted = grpc.ssl_channel_credentials(root_certificates or None)
            self._channel = grpc.secure_channel(address, trusted, options=_UNLIMITED)
        self._stub = stubs.GRPCInferenceServiceStub(self._channel)
        self._lock = threading.Lock()
        self._checked: dict[str, str] = {}

    def ready(self) -> bool:
        """Whether the server takes calls; False too where it is not to be reached."""
        try:
            return bool(self._call("ServerReady", self._messages.ServerReadyRequest()).ready)
        except InfrastructureError:
            return False

    def check(self, engine: Engine) -> str:
        """Make sure that the server runs an engine of ours; how that is known.

        Raises InfrastructureError where it has none of the name and version, another one, or is off.
        """
        model = {"name": engine.name, "version": str(engine.version)}
        if not self._call("ModelReady", self._messages.ModelReadyRequest(**model)).ready:
            raise self._fault(f"{engine.name} version {engine.version} is not ready")
        found = self._call("ModelMetadata", self._messages.ModelMetadataRequest(**model))
        self._compare(engine, found.inputs, engine.inputs, "input")
        self._compare(engine, found.outputs, (engine.output,), "output")
        digest = self._digest(model)
        if digest not in ("", engine.sha256):
            raise self._fault(
                f"{engine.name} has SHA-256 {digest[:12]}…, {engine.sha256[:12]}… is needed: write its "
                "models with the same version of Candela (candela export-triton)"
            )
        how = "SHA-256" if digest else "its tensors alone"
        if self._reference is not None:
            trusted = self._reference.session(engine, "cpu")
            wrong = differs(_Remote(self._infer, engine), trusted, engine)
            if wrong:
                raise self._fault(f"{engine.name}: {wrong}")
            how = f"{'SHA-256' if digest else 'its tensors'} and a known answer"
        return how

    def run(self, engine: Engine, feed: Feed) -> npt.NDArray[np.float32]:
        """The output of an engine, which is checked before its first call."""
        check_feed(engine, feed)
        with self._lock:
            if engine.name not in self._checked:
                self._checked[engine.name] = self.check(engine)
        return self._infer(engine, feed)

    def describe(self, engine: Engine) -> str:
        """Where it runs."""
        how = self._checked.get(engine.name)
        return f"server {self.address}" + (f", known by {how}" if how else ", not asked yet")

    def close(self) -> None:
        """Let go of the connection."""
        self._channel.close()

    def __enter__(self) -> OpenInferenceRunner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _infer(self, engine: Engine, feed: Feed) -> npt.NDArray[np.float32]:
        request = self._messages.ModelInferRequest(
            model_name=engine.name, model_version=str(engine.version), outputs=[{"name": engine.output.name}]
        )
        for t in engine.inputs:
            array = np.ascontiguousarray(feed[t.name], np.dtype(t.dtype).newbyteorder("<"))
            request.inputs.add(name=t.name, datatype=_TYPES[t.dtype], shape=array.shape)
            request.raw_input_contents.append(array.tobytes())
        answer = self._call("ModelInfer", request)
        return self._array(engine, answer)

    def _array(self, engine: Engine, answer: Any) -> npt.NDArray[np.float32]:
        outputs, raw = list(answer.outputs), list(answer.raw_output_contents)
        if len(outputs) != 1 or outputs[0].name != engine.output.name or outputs[0].datatype != "FP32":
            names = ", ".join(o.name[:40] for o in outputs[:4]) or "nothing"
            raise self._fault(f"{engine.name} answers with {names} where {engine.output.name} is due")
        shape = tuple(outputs[0].shape)
        # Servers may put numbers into the message itself, in place of bytes behind it.
        data = raw[0] if raw else np.array(outputs[0].contents.fp32_contents, "<f4").tobytes()
        if min(shape, default=0) < 0 or len(data) != 4 * math.prod(shape):
            raise self._fault(f"{engine.name} answers with {len(data)} bytes for a shape of {list(shape)}")
        return np.frombuffer(data, "<f4").astype(np.float32, copy=False).reshape(shape)

    def _compare(self, engine: Engine, found: Any, due: Sequence[Tensor], what: str) -> None:
        has = {t.name: (t.datatype, tuple(t.shape)) for t in found}
        for t in due:
            wanted = (_TYPES[t.dtype], tuple(d if isinstance(d, int) else -1 for d in t.dims))
            if has.pop(t.name, None) != wanted:
                raise self._fault(f"{engine.name} has no {what} {t.name} of {wanted[0]} {list(wanted[1])}")
        if has:
            raise self._fault(f"{engine.name} has an unknown {what} {next(iter(has))[:60]!r}")

    def _digest(self, model: dict[str, str]) -> str:
        try:
            config = self._call("ModelConfig", self._messages.ModelConfigRequest(**model)).config
        except InfrastructureError as error:
            code = getattr(error.__cause__, "code", lambda: None)()
            if code == self._grpc.StatusCode.UNIMPLEMENTED:
                return ""
            raise
        return str(config.parameters[SHA256].string_value) if SHA256 in config.parameters else ""

    def _call(self, method: str, request: Any) -> Any:
        """One call within the time allowed; again where the server is not to be reached."""
        deadline = time.monotonic() + self.timeout
        attempt = 0
        while True:
            left = max(deadline - time.monotonic(), 0.001)
            try:
                return getattr(self._stub, method)(request, timeout=left, metadata=self._metadata)
            except self._grpc.RpcError as error:
                pause = _PAUSE * 2**attempt
                unreachable = error.code() == self._grpc.StatusCode.UNAVAILABLE
                if not unreachable or attempt == self._retries or time.monotonic() + pause >= deadline:
                    raise self._fault(_said(method, error)) from error
            time.sleep(pause)
            attempt += 1

    def _fault(self, text: str) -> InfrastructureError:
        return InfrastructureError(f"inference server {self.address}: {text}")


def _said(method: str, error: Any) -> str:
    lines = (error.details() or "").strip().splitlines()
    return f"{method}: {error.code().name}" + (f": {lines[0][:200]}" if lines else "")
