"""What the operator decides."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from candela_engines.errors import InputError
from candela_server.jobs.scheduler import Limits
from candela_server.rpc.address import Address, default_address
from candela_server.service.rendering import Backend

__all__ = ["Settings", "check_settings", "default_memory", "read_token"]

_LEAST_TOKEN = 16


@dataclass(frozen=True)
class Settings:
    """roots: folders that file references may name. most_message: bytes of one message. most_upload: of all
    uploads together. most_pixels: of a picture. drain: seconds that work has to end in when the sidecar is
    stopped. idle: seconds without a call after which it ends by itself, None for never. metrics_port: on
    127.0.0.1, None for no metrics. backend: where pictures are rendered."""

    address: Address = field(default_factory=default_address)
    roots: tuple[Path, ...] = ()
    tls_cert: Path | None = None
    tls_key: Path | None = None
    token_file: Path | None = None
    limits: Limits = field(default_factory=Limits)
    most_message: int = 16 << 20
    most_upload: int = 4 << 30
    most_pixels: int = 150_000_000
    shared_memory: bool = False
    drain: float = 30.0
    idle: float | None = None
    metrics_port: int | None = None
    backend: Backend | None = None


def check_settings(s: Settings) -> None:
    """Raise InputError for what is unsafe or makes no sense, naming the flag."""
    if (s.tls_cert is None) != (s.tls_key is None):
        raise InputError("--tls-cert and --tls-key go together; one is missing")
    if not s.address.loopback and (s.tls_cert is None or s.token_file is None):
        raise InputError(
            f"--listen {s.address.target}: others reach that; it needs --tls-cert, --tls-key and "
            "--token-file. For this "
            "machine alone leave it out, or take 127.0.0.1:PORT"
        )
    if s.shared_memory and not s.address.loopback:
        raise InputError("--shared-memory is for clients on this machine; it does not go with this address")
    for value, flag in (
        (s.limits.workers, "--workers"),
        (s.limits.waiting, "--queue"),
        (s.limits.memory, "--memory"),
        (s.most_message, "--max-message"),
        (s.most_upload, "--max-upload"),
        (s.most_pixels, "--max-pixels"),
    ):
        if value < 1:
            raise InputError(f"{flag} {value}: 1 or more is needed")
    if not s.drain >= 0:
        raise InputError(f"--drain {s.drain:g}: seconds, 0 or more")
    if s.idle is not None and not s.idle > 0:
        raise InputError(f"--idle {s.idle:g}: seconds, above 0")


def read_token(path: Path, flag: str = "--token-file") -> str:
    """The token in a file that nobody else may read. InputError for one that is short, odd or open to
    others."""
    try:
        mode, text = path.stat().st_mode, path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{flag} {path}: cannot be read as ASCII text ({error})") from error
    if mode & 0o077:
        raise InputError(f"{flag} {path}: others may read it; chmod 600 it")
    if len(text) < _LEAST_TOKEN or not text.isprintable() or " " in text:
        raise InputError(f"{flag} {path}: one word of {_LEAST_TOKEN} characters or more is needed")
    return text


def default_memory() -> int:
    """Half of the machine's memory, in bytes."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (AttributeError, ValueError, OSError):  # Windows has no such question
        return 4 << 30
