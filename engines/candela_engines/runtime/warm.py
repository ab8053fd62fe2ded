"""An engine that answers at once and gets faster: TensorRT compiles in the background and is then swapped in.

Until then CUDA answers, or the CPU. What was compiled is held against the answer of the one before it, and is
not taken if it is off, does not load or fails later: the engine says so and goes on as it was.
"""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InfrastructureError
from candela_engines.runtime.engine_cache import EngineCache
from candela_engines.runtime.engines import Engine, Feed, check_feed
from candela_engines.runtime.probe import differs, probe_feed
from candela_engines.runtime.providers import Choice, Machine, Provider, Session

__all__ = ["WarmEngine"]


class WarmEngine:
    """One engine on one machine; for several threads at once. `close` waits for what is compiling."""

    def __init__(self, engine: Engine, machine: Machine, choice: Choice, cache: EngineCache) -> None:
        self._engine, self._machine, self._cache = engine, machine, cache
        self._lock = threading.Lock()
        self._notes: list[str] = []
        self._settled = threading.Event()
        compiles = machine.compiles(choice.provider)
        quick: Provider = choice.provider
        if compiles:
            quick = "cpu" if machine.lacks("cuda") else "cuda"
        self._quick = self._now = self._loaded(quick)
        self._thread: threading.Thread | None = None
        if not compiles:
            self._settled.set()
            return
        name = f"compile {engine.name}"
        self._thread = threading.Thread(target=self._compile, args=(choice.provider,), name=name, daemon=True)
        self._thread.start()

    @property
    def provider(self) -> Provider:
        """What computes now."""
        return self._now[0]

    @property
    def notes(self) -> tuple[str, ...]:
        """What did not go as chosen."""
        with self._lock:
            return tuple(self._notes)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the chosen provider computes or was given up; whether that is so."""
        return self._settled.wait(seconds)

    def text(self) -> str:
        """What computes, for people."""
        compiling = [] if self._settled.is_set() else ["TensorRT is compiling"]
        return "; ".join([self.provider, *compiling, *self.notes])

    def run(self, feed: Feed) -> npt.NDArray[np.float32]:
        """The output. InfrastructureError where no provider can give it."""
        check_feed(self._engine, feed)
        taken = self._now  # one look: it may be swapped at any time
        try:
            return taken[1].run(feed)
        except Exception as error:
            if taken is self._quick:
                raise self._failed(taken[0], error) from error
            with self._lock:
                if self._now is taken:
                    self._now = self._quick
                    self._notes.append(f"{taken[0]} failed and is used no longer: {_said(error)}")
        try:
            return self._quick[1].run(feed)
        except Exception as error:
            raise self._failed(self._quick[0], error) from error

    def close(self) -> None:
        """Wait until nothing compiles any more."""
        if self._thread is not None:
            self._thread.join()

    def _failed(self, provider: Provider, error: Exception) -> InfrastructureError:
        return InfrastructureError(f"{self._engine.name} failed on {provider}: {_said(error)}")

    def _note(self, text: str) -> None:
        with self._lock:
            self._notes.append(text)

    def _loaded(self, provider: Provider) -> tuple[Provider, Session]:
        """A provider that needs no compiling, or the CPU where it does not load."""
        try:
            return provider, self._machine.session(self._engine, provider)
        except Exception as error:
            if provider == "cpu":
                raise InfrastructureError(f"{self._engine.name} does not load: {_said(error)}") from error
            self._note(f"{provider} does not load: {_said(error)}")
        return self._loaded("cpu")

    def _compile(self, provider: Provider) -> None:
        try:
            key = self._cache.key(self._engine.sha256, provider, self._machine.facts())
            session = self._cached(provider, key) or self._built(provider, key)
            with self._lock:
                self._now = (provider, session)
        except Exception as error:  # whatever goes wrong here, what answers now goes on
            self._note(f"{provider} is not used: {_said(error)}")
        finally:
            self._settled.set()

    def _cached(self, provider: Provider, key: str) -> Session | None:
        """The session of a cached entry; one that does not load or is off is thrown away."""
        entry = self._cache.find(key)
        if entry is None:
            return None
        try:
            return self._checked(provider, entry)
        except Exception as error:
            self._cache.discard(key)
            self._note(f"a compiled engine was thrown away: {_said(error)}")
        return None

    def _built(self, provider: Provider, key: str) -> Session:
        """Compile, keep, and load what was kept: so it is known to load the next time.

        A provider that writes its cache on closing has written it then.
        """
        try:
            part = self._cache.begin(key)
        except InfrastructureError as error:
            self._note(str(error))
            return self._checked(provider, None)
        try:
            session = self._machine.session(self._engine, provider, part)
            session.run(probe_feed(self._engine))
            del session
            entry = self._cache.keep(key, part)
            return self._checked(provider, entry)
        except Exception:
            self._cache.discard(key)
            raise
        finally:
            self._cache.drop(part)

    def _checked(self, provider: Provider, folder: Path | None) -> Session:
        session = self._machine.session(self._engine, provider, folder)
        wrong = differs(session, self._quick[1], self._engine)
        if wrong:
            raise InfrastructureError(wrong)
        return session


def _said(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:200]
