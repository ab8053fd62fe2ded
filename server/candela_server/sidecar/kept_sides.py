"""Movies that stay open between looks: the next frames of one are asked for before long, and to find the way
to them again would be to decode all since the last key frame."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import fields
from pathlib import Path
from types import TracebackType
from typing import Any

from candela_server.service.metrics_sides import MetricsSide, SaidSide, open_side

__all__ = ["KeptSides", "kept_sides"]

_MOST = 2
Key = tuple[str, SaidSide, int, int, int]


class _Kept(MetricsSide):
    """Stays open when whoever looks at it goes."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing: see `KeptSides.broken`."""

    def close(self) -> None:
        """Let go of the file."""
        if self.clip is not None:
            self.clip.close()


class KeptSides:
    """Opens as `open_side` does, for one task at a time. Numbered frames and stills are opened anew, as any
    of their files may have changed."""

    def __init__(self) -> None:
        self._open: OrderedDict[Key, _Kept] = OrderedDict()

    def __call__(self, path: Path, said: SaidSide) -> MetricsSide:
        """A side. Raises as `open_side`."""
        key = _key(path, said)
        found = None if key is None else self._open.pop(key, None)
        if found is None:
            side = open_side(path, said)
            if key is None or side.clip is None:
                return side
            found = _Kept(**{field.name: getattr(side, field.name) for field in fields(MetricsSide)})
        if key is not None:
            self._open[key] = found
        while len(self._open) > _MOST:
            self._open.popitem(last=False)[1].close()
        return found

    def broken(self) -> None:
        """Something failed: what was open may be in any state."""
        while self._open:
            self._open.popitem()[1].close()


def _key(path: Path, said: SaidSide) -> Key | None:
    try:
        found = path.stat()
    except OSError:
        return None
    if not path.is_file():
        return None
    return str(path), said, found.st_size, found.st_mtime_ns, found.st_ino


def kept_sides(shelf: dict[str, Any]) -> KeptSides:
    """Those of a worker."""
    made: KeptSides = shelf.setdefault("sides", KeptSides())
    return made
