"""Which execution provider engines run on: the best that this machine has, or the one that was asked for.

ONNX Runtime lists providers that the machine cannot use; only a session tells. Everything that takes a GPU to
try is behind `Machine`: `candela_engines.runtime.onnx_machine` for real, a stand-in in the tests.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, get_args

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InfrastructureError, InputError
from candela_engines.runtime.engines import Engine, Feed

__all__ = ["VARIABLE", "Choice", "Machine", "Provider", "Session", "choose", "wanted_provider"]

Provider = Literal["tensorrt", "tensorrt-rtx", "cuda", "cpu"]
PROVIDERS: tuple[Provider, ...] = get_args(Provider)  # the best first
VARIABLE = "CANDELA_PROVIDER"


class Session(Protocol):
    """A loaded engine."""

    def run(self, feed: Feed) -> npt.NDArray[np.float32]:
        """Its output. Any exception: the provider failed."""
        ...


class Machine(Protocol):
    """What engines run on."""

    def lacks(self, provider: Provider) -> str:
        """Why a provider cannot be used here; nothing where it can be tried."""
        ...

    def session(self, engine: Engine, provider: Provider, cache: Path | None = None) -> Session:
        """An engine loaded on a provider and on no other; any exception where that fails.

        cache: folder for what the provider compiles, TensorRT's engines. With what an earlier session left
        there it loads in seconds, else it builds for minutes.
        """
        ...

    def compiles(self, provider: Provider) -> bool:
        """Whether loading on it takes long the first time and is worth a cache."""
        ...

    def facts(self) -> Mapping[str, str]:
        """What a compiled engine depends on: GPU, driver, versions of the libraries."""
        ...


@dataclass(frozen=True)
class Choice:
    """passed_over: better providers, and why they were not taken. asked: whether somebody named it."""

    provider: Provider
    passed_over: tuple[tuple[Provider, str], ...] = ()
    asked: bool = False

    def text(self) -> str:
        """One line for people."""
        reasons: dict[str, list[str]] = {}
        for provider, reason in self.passed_over:
            reasons.setdefault(reason, []).append(provider)
        why = "; ".join(f"not {', '.join(names)}: {reason}" for reason, names in reasons.items())
        how = " as asked" if self.asked else ""
        return f"{self.provider}{how}" + (f" ({why})" if why else "")


def wanted_provider(argument: str | None = None) -> Provider | None:
    """What was asked for, by an argument or by $CANDELA_PROVIDER; None or `auto`: whatever is best.

    Raises InputError for an unknown name.
    """
    name = argument or os.environ.get(VARIABLE) or "auto"
    if name == "auto":
        return None
    if name not in PROVIDERS:
        where = "" if argument else f"${VARIABLE} is "
        raise InputError(f"provider: {where}{name[:40]!r}; one of auto, {', '.join(PROVIDERS)} is needed")
    return name


def choose(machine: Machine, wanted: Provider | None = None) -> Choice:
    """The provider to use. InfrastructureError where the one that was asked for cannot be used."""
    if wanted is not None:
        reason = machine.lacks(wanted)
        if reason:
            raise InfrastructureError(f"provider {wanted} was asked for and cannot be used: {reason}")
        return Choice(wanted, asked=True)
    passed_over: list[tuple[Provider, str]] = []
    for provider in PROVIDERS:
        reason = machine.lacks(provider)
        if not reason:
            return Choice(provider, tuple(passed_over))
        passed_over.append((provider, reason))
    raise InfrastructureError(f"no engine can run here: {passed_over[-1][1]}")
