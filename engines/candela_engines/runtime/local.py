"""Engines in this process: each loaded when it is first asked for, on the provider that was chosen."""

from __future__ import annotations

import threading
from types import TracebackType

import numpy as np
import numpy.typing as npt

from candela_engines.runtime.engine_cache import EngineCache, cache_folder
from candela_engines.runtime.engines import Engine, Feed
from candela_engines.runtime.providers import Choice, Machine, choose, wanted_provider
from candela_engines.runtime.warm import WarmEngine

__all__ = ["LocalRunner"]

ON_CPU = 1 << 15  # pixels a call: activations of 48 units stay within a second-level cache
ON_GPU = 1 << 19


class LocalRunner:
    """A `Runner` on a machine; for several threads at once.

    provider: what to use in place of the best; default $CANDELA_PROVIDER. Raises InputError for an unknown
    one, InfrastructureError for one that cannot be used here.
    """

    def __init__(
        self, machine: Machine, provider: str | None = None, *, cache: EngineCache | None = None
    ) -> None:
        self.choice: Choice = choose(machine, wanted_provider(provider))
        self._machine = machine
        self._cache = cache or EngineCache(cache_folder())
        self._lock = threading.Lock()
        self._warm: dict[str, WarmEngine] = {}

    @property
    def pixels(self) -> int:
        """How many pixels a call should have."""
        return ON_CPU if self.choice.provider == "cpu" else ON_GPU

    def warm(self, engine: Engine) -> WarmEngine:
        """The loaded engine."""
        with self._lock:
            if engine.name not in self._warm:
                self._warm[engine.name] = WarmEngine(engine, self._machine, self.choice, self._cache)
            return self._warm[engine.name]

    def run(self, engine: Engine, feed: Feed) -> npt.NDArray[np.float32]:
        """The output of an engine."""
        return self.warm(engine).run(feed)

    def describe(self, engine: Engine) -> str:
        """What computes it now, in words; of one that is not loaded, what will."""
        with self._lock:
            warm = self._warm.get(engine.name)
        return self.choice.provider if warm is None else warm.text()

    def close(self) -> None:
        """Wait until nothing compiles any more, and let go of all engines."""
        with self._lock:
            loaded, self._warm = list(self._warm.values()), {}
        for warm in loaded:
            warm.close()

    def __enter__(self) -> LocalRunner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
