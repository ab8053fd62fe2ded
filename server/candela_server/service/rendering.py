"""Where pictures are rendered: by an inference server, on this machine's GPU, or by the native kernel.

What renders is chosen once a process, when the first picture comes. Where it fails the picture is rendered
here all the same, by the native kernel, and a note says so: both are within 2e-6 of PQ's full scale of the
same light.
"""

from __future__ import annotations

import functools
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InfrastructureError, InputError
from candela_engines.itm.decode import Decoded
from candela_engines.itm.shot_model import ShotModel, ShotRenderer
from candela_engines.native import native
from candela_engines.runtime.frame import Encoding
from candela_engines.runtime.gpu import find_gpu
from candela_engines.runtime.providers import wanted_provider

if TYPE_CHECKING:  # it loads what builds the graphs, which the native kernel does without
    from candela_engines.runtime.engines import Runner

__all__ = [
    "Backend",
    "Renderer",
    "backend_of",
    "describe",
    "engine_runner",
    "renderer_of",
    "rendering_notes",
    "renders_here",
    "strips_of",
    "use_backend",
]

SERVER, CA, TOKEN = "CANDELA_INFERENCE_SERVER", "CANDELA_INFERENCE_CA", "CANDELA_INFERENCE_TOKEN_FILE"
_REST_SECONDS = 30.0  # that a server which failed is left alone for
Codes = npt.NDArray[np.generic]


@dataclass(frozen=True)
class Backend:
    """What was asked for. provider: of ONNX Runtime, None for whatever is best. server: HOST:PORT of an
    inference server, or unix:/PATH. certificates: PEM to trust, for TLS; None for no TLS. token: for it, over
    TLS alone."""

    provider: str | None = None
    server: str | None = None
    certificates: bytes | None = None
    token: str | None = field(default=None, repr=False)


def backend_of(
    provider: str | None = None, server: str | None = None, ca: Path | None = None, token: str | None = None
) -> Backend:
    """What was said, and what the environment says where nothing was ($CANDELA_PROVIDER,
    $CANDELA_INFERENCE_SERVER, $CANDELA_INFERENCE_CA). Raises InputError for what cannot be."""
    wanted = wanted_provider(provider)
    server = server or os.environ.get(SERVER) or None
    ca = ca or (Path(os.environ[CA]) if os.environ.get(CA) else None)
    if server is None and (ca or token):
        raise InputError("a certificate and a token are for an inference server; name it, too")
    try:
        certificates = None if ca is None else ca.read_bytes()
    except OSError as error:
        raise InputError(f"{ca}: cannot be read: {error.strerror or error}") from error
    if token is not None and certificates is None:
        raise InputError(
            f"inference server {server}: a token is sent over TLS alone; give its certificate too"
        )
    return Backend(wanted, server, certificates, token)


class Renderer(Protocol):
    """Renders frames of a shot, or a still as its frame 0; as `ShotRenderer.render` does."""

    def render(
        self,
        number: int,
        codes: Codes,
        bits: int,
        out: Codes | None = None,
        encoding: Encoding = "nits",
        *,
        out_bits: int = 16,
        threads: int = 0,
    ) -> Codes:
        """One frame as HDR."""
        ...


class _State:
    """What this process renders with. trouble: why that did not do it of late."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.asked: Backend | None = None
        self.chosen = False
        self.runner: Runner | None = None
        self.trouble, self.rest_until = "", 0.0


_STATE = _State()


def use_backend(asked: Backend | None) -> None:
    """Render there from now on; None: what the environment says."""
    with _STATE.lock:
        close = getattr(_STATE.runner, "close", None)
        if close is not None:
            close()
        _STATE.__init__()  # type: ignore[misc]
        _STATE.asked = asked


def rendering_notes() -> tuple[str, ...]:
    """What whoever looks at a picture should know of how it was rendered."""
    return (_STATE.trouble,) if _STATE.trouble else ()


def describe() -> str:
    """What renders here, in words."""
    runner = engine_runner()
    if runner is None:
        library = native()
        return "numpy" if library is None else f"native kernel, {library.instruction_sets()[0]}"
    if getattr(runner, "ready", lambda: True)():
        choice = getattr(runner, "choice", None)
        return f"ONNX Runtime, {choice.provider}" if choice else f"server {getattr(runner, 'address', '')}"
    return f"native kernel, as the server {getattr(runner, 'address', '')} is not to be reached"


def renders_here() -> bool:
    """Whether the native kernel or numpy renders, and no engine."""
    return engine_runner() is None


def renderer_of(model: ShotModel, height: int, width: int) -> Renderer:
    """For frames of a payload. Not for several threads at once."""
    runner = engine_runner()
    return ShotRenderer(model, height, width) if runner is None else _Guarded(model, height, width, runner)


def strips_of(
    decoded: Decoded, signal: npt.NDArray[np.float32]
) -> Iterator[tuple[int, npt.NDArray[np.floating]]]:
    """HDR light of a still in strips: (top row, nits (h, W, 3)), linear BT.2020. signal: codes over full
    scale."""
    if engine_runner() is None:
        yield from decoded.model.strips(signal, decoded.payload.sdr)
        return
    model = ShotModel(decoded.payload, None, decoded.model)
    nits = renderer_of(model, *signal.shape[:2]).render(0, signal, decoded.payload.bits)
    yield 0, np.asarray(nits, np.float32)


class _Guarded:
    """By engines, and by the native kernel where they fail."""

    def __init__(self, model: ShotModel, height: int, width: int, runner: Runner) -> None:
        from candela_engines.itm.engine_renderer import EngineRenderer

        self._engines = EngineRenderer(model, height, width, runner)
        self._plain = ShotRenderer(model, height, width)

    def render(
        self,
        number: int,
        codes: Codes,
        bits: int,
        out: Codes | None = None,
        encoding: Encoding = "nits",
        *,
        out_bits: int = 16,
        threads: int = 0,
    ) -> Codes:
        """One frame as HDR."""
        more = {"out_bits": out_bits, "threads": threads}
        if time.monotonic() >= _STATE.rest_until:
            try:
                made = self._engines.render(number, codes, bits, out, encoding, **more)
            except InfrastructureError as error:
                _STATE.trouble = f"rendered by the native kernel, as engines were not to be had: {error}"
                _STATE.rest_until = time.monotonic() + _REST_SECONDS
            else:
                _STATE.trouble = ""
                return made
        return self._plain.render(number, codes, bits, out, encoding, **more)


def engine_runner() -> Runner | None:
    """What runs the ONNX engines, None where the native kernel renders.

    InputError for a provider that is not known, InfrastructureError for one that was asked for and cannot
    be had.
    """
    with _STATE.lock:
        if not _STATE.chosen:
            _STATE.runner = _chosen(_STATE.asked or backend_of(token=_token()))
            _STATE.chosen = True
        return _STATE.runner


def _chosen(asked: Backend) -> Runner | None:
    if asked.provider is None and asked.server is None and native() is not None and not _gpu():
        return None  # what follows would come to the same, and load ONNX Runtime for it
    from candela_engines.runtime.backend import backend

    return backend(asked.provider, asked.server, certificates=asked.certificates, token=asked.token)


@functools.cache
def _gpu() -> bool:
    return not isinstance(find_gpu(), str)


def _token() -> str | None:
    name = os.environ.get(TOKEN)
    if not name:
        return None
    try:
        return Path(name).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"${TOKEN}: {name} cannot be read as ASCII text ({error})") from error
