"""Which OCIO config is in force: what `--ocio` says, then `$OCIO`, then the bundled one."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from candela_ocio.errors import OcioConfigError

__all__ = ["CANDELA_CONFIG", "ResolvedConfig", "candela_config_path", "in_force"]

CANDELA_CONFIG = "candela-config-v1.0.0_aces-v2.0_ocio-v2.4.ocio"

Source = Literal["flag", "env", "candela"]
_REMEDY = {
    "flag": "give --ocio an existing .ocio or .ocioz file or an ocio:// name",
    "env": "set $OCIO to an existing config, unset it, or give --ocio",
    "candela": "reinstall candela-hdr: its bundled config is damaged",
}


@dataclass(frozen=True, slots=True)
class ResolvedConfig:
    """A config that was found, loaded and checked.

    path_or_uri: the file, or the ocio:// name with any `-latest` alias resolved. source: who named it. name:
    the config's own name, else its file's. sha256: of the file, or of the serialised config for ocio:// ones.
    cache_id: OCIO's own, which also depends on the library version and on referenced LUT files.
    identity: `name#` and 12 digits of sha256, fit for writing into files: it names no folder of this machine.
    config: the PyOpenColorIO.Config.
    """

    path_or_uri: str
    source: Source
    name: str
    sha256: str
    cache_id: str
    config: Any = field(repr=False, compare=False)

    @property
    def identity(self) -> str:
        """Name and hash, the same on every machine that has the same config."""
        return f"{self.name}#{self.sha256[:12]}"


def candela_config_path() -> Path:
    """Path of the bundled config."""
    return Path(__file__).with_name(CANDELA_CONFIG)


def in_force(explicit: str | None = None) -> ResolvedConfig:
    """The config in force.

    explicit: what `--ocio` was given, a path or an ocio:// name; None or empty when the flag was not given.
    Then $OCIO, then the bundled config. A config named but unusable is an error, never a reason to take the
    next one. Raises OcioConfigError for a missing or unreadable config, one of a later version than the
    library reads, and the raw config that OCIO falls back to without saying so.
    """
    if explicit:
        return _resolve(explicit, "flag")
    from_environment = os.environ.get("OCIO", "")
    if from_environment:
        return _resolve(from_environment, "env")
    return _resolve(str(candela_config_path()), "candela")


def _resolve(given: str, source: Source) -> ResolvedConfig:
    if given.startswith("ocio://"):
        return _load(given, source, None)
    path = Path(given).expanduser()
    try:
        stamp = path.stat()
    except OSError as error:
        raise OcioConfigError(f"OCIO config {given!r}: {error.strerror}; {_REMEDY[source]}") from error
    if path.is_dir():
        raise OcioConfigError(f"OCIO config {given!r} is a folder; {_REMEDY[source]}")
    return _load(str(path.resolve()), source, (stamp.st_mtime_ns, stamp.st_size))


@lru_cache(maxsize=8)
def _load(given: str, source: Source, _stamp: tuple[int, int] | None) -> ResolvedConfig:
    """Load once for each version of the file: `_stamp` is part of the cache key only."""
    ocio = _library()
    try:
        uri = str(ocio.ResolveConfigPath(given))
        config = ocio.Config.CreateFromFile(uri)
        config.validate()
    except (ocio.Exception, OSError, ValueError, RuntimeError) as error:  # ValueError: text that is no UTF-8
        reason = " ".join(str(error).split())[:400]
        raise OcioConfigError(
            f"OCIO config {given!r} cannot be used by OpenColorIO {ocio.GetVersion()}: {reason}; "
            f"{_REMEDY[source]}"
        ) from error
    names = list(config.getColorSpaceNames())
    if [name.lower() for name in names] == ["raw"]:
        raise OcioConfigError(
            f"OCIO config {given!r} has the one space 'raw', OCIO's silent stand-in for no config; "
            f"{_REMEDY[source]}"
        )
    is_file = not uri.startswith("ocio://")
    content = Path(uri).read_bytes() if is_file else config.serialize().encode()
    name = config.getName() or (Path(uri).name if is_file else uri.removeprefix("ocio://"))
    return ResolvedConfig(
        path_or_uri=uri,
        source=source,
        name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        cache_id=str(config.getCacheID()),
        config=config,
    )


def _library() -> Any:
    try:
        import PyOpenColorIO
    except ImportError as error:
        raise OcioConfigError(
            "OpenColorIO is not installed, and a colour space was named that only it knows; "
            "pip install 'opencolorio>=2.4.2'"
        ) from error
    return PyOpenColorIO
