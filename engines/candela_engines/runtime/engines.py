"""The ONNX engines by name: what each takes and gives, in which colours, and how to build its graph.

To add one: a builder of its graph and one entry of ENGINES; tests/runtime runs every entry through the same
checks.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from candela_engines.colour.state import ColourState
from candela_engines.errors import InfrastructureError, InputError
from candela_engines.runtime.graph import Tensor
from candela_engines.runtime.graph_default import Encoding, build_default, default_inputs, default_output
from candela_engines.runtime.graph_paper import PAPER_INPUTS, PAPER_OUTPUT, build_paper

__all__ = [
    "DEPTHS",
    "ENGINES",
    "Engine",
    "Feed",
    "Runner",
    "check_feed",
    "default_engine",
    "engine",
    "registry",
]

Feed = Mapping[str, npt.NDArray[np.generic]]
F32 = npt.NDArray[np.float32]

PQ = ColourState("bt2020", "pq", peak_nits=10000, reference_white_nits=203)
NITS = ColourState("bt2020", "linear", peak_nits=10000, reference_white_nits=203, unit_nits=1)
DEPTHS = (2, 4)  # hidden layers: what fits make, and the most that a payload may have


@dataclass(frozen=True)
class Engine:
    """What an engine is. version: goes up when its graph says something else.

    colour_in: None where it is the SDR state that the payload names. requests: how many requests a server may
    put into one call along the first axis of every tensor; 1 where tensors have no such axis.
    """

    name: str
    version: int
    colour_in: ColourState | None
    colour_out: ColourState
    inputs: tuple[Tensor, ...]
    output: Tensor
    build: Callable[[], bytes]
    requests: int = 1
    precision: Literal["float32"] = "float32"

    def model(self) -> bytes:
        """The ONNX bytes. InfrastructureError where onnx is missing."""
        return _built(self.build)

    @property
    def sha256(self) -> str:
        """Of the ONNX bytes, in hexadecimal: two engines with one hash give one result."""
        return hashlib.sha256(self.model()).hexdigest()


class Runner(Protocol):
    """Where engines run: in this process or on a server."""

    @property
    def pixels(self) -> int:
        """How many pixels a call should have."""
        ...

    def run(self, engine: Engine, feed: Feed) -> F32:
        """The output for one input a tensor. InfrastructureError where the machine or the server fails."""
        ...

    def describe(self, engine: Engine) -> str:
        """What computes it now, in words."""
        ...


@functools.cache
def _built(build: Callable[[], bytes]) -> bytes:
    return build()


def _default(depth: int, encoding: Encoding) -> Engine:
    return Engine(
        f"candela_default_{encoding}" if depth == DEPTHS[0] else f"candela_deep_{encoding}",
        1,
        None,
        PQ if encoding == "pq" else NITS,
        default_inputs(depth),
        default_output(encoding),
        functools.partial(build_default, depth, encoding),
    )


def registry(engines: Iterable[Engine]) -> dict[str, Engine]:
    """Engines by name; InputError for two of one name."""
    found: dict[str, Engine] = {}
    for one in engines:
        if one.name in found:
            raise InputError(f"two engines are named {one.name!r}; give one of them another name")
        found[one.name] = one
    return found


ENGINES = registry(
    (
        _default(DEPTHS[0], "pq"),
        _default(DEPTHS[0], "nits"),
        _default(DEPTHS[1], "pq"),
        _default(DEPTHS[1], "nits"),
        Engine("candela_paper", 1, None, PQ, PAPER_INPUTS, PAPER_OUTPUT, build_paper, requests=8),
    )
)


def engine(name: str) -> Engine:
    """An engine by name; InputError for a name that there is not."""
    if name not in ENGINES:
        raise InputError(f"no engine is named {name[:60]!r}; there are {', '.join(ENGINES)}")
    return ENGINES[name]


def default_engine(depth: int, encoding: Encoding) -> Engine:
    """The engine for a default network with so many hidden layers."""
    which = "default" if depth <= DEPTHS[0] else "deep"
    return ENGINES[f"candela_{which}_{encoding}"]


def check_feed(engine: Engine, feed: Feed) -> None:
    """Raise InfrastructureError unless a feed has every input of an engine, in its type and shape."""
    missing = {t.name for t in engine.inputs} ^ set(feed)
    if missing:
        raise InfrastructureError(f"{engine.name}: inputs missing or unknown: {', '.join(sorted(missing))}")
    sizes: dict[str, Any] = {}
    for t in engine.inputs:
        array = feed[t.name]
        fits = array.dtype == t.dtype and array.ndim == len(t.dims)
        for dim, size in zip(t.dims, array.shape, strict=False):
            fits = fits and size == (dim if isinstance(dim, int) else sizes.setdefault(dim, size))
        if not fits:
            wanted = f"{t.dtype} {list(t.dims)}"
            raise InfrastructureError(
                f"{engine.name}: {t.name} is {array.dtype} {list(array.shape)}, {wanted} is needed"
            )
