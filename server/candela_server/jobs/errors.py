"""Errors that only a server has. As everywhere: what failed, which value, what to do."""

from __future__ import annotations

from candela_engines.errors import CandelaError, InfrastructureError, InputError

__all__ = [
    "CancelledError",
    "DeadlineError",
    "FieldError",
    "FrameMemoryError",
    "MemoryLimitError",
    "NotSupportedError",
    "PathRefusedError",
    "QueueFullError",
    "StoppingError",
    "TokenError",
    "TooLargeError",
    "UnreachableError",
    "WorkerDiedError",
]


class CancelledError(CandelaError):
    """The client cancelled the call, or went away."""

    exit_code = 130


class DeadlineError(InfrastructureError):
    """The client's deadline passed before the work was done."""


class QueueFullError(InfrastructureError):
    """As much work as may wait is waiting. retry_seconds: when it is worth asking again."""

    def __init__(self, message: str, retry_seconds: float = 1.0) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds


class WorkerDiedError(InfrastructureError):
    """The process that did the work ended in the middle of it."""


class MemoryLimitError(InfrastructureError):
    """The work took more memory than there is for all, and was ended."""


class StoppingError(InfrastructureError):
    """The sidecar is stopping and takes no new work."""


class UnreachableError(InfrastructureError):
    """No sidecar answers at an address."""


class TokenError(CandelaError):
    """A token that is missing or wrong."""


class PathRefusedError(InputError):
    """A path outside the roots that the operator allows, or no regular file."""


class TooLargeError(InputError):
    """A picture, upload or region beyond the sidecar's limits."""


class FrameMemoryError(InputError):
    """A region of shared memory that is unknown, out of bounds, or of another kind than it has to be."""


class NotSupportedError(InputError):
    """A combination of a call and a way of transport that makes no sense or does not exist."""


class FieldError(InputError):
    """A field of a message that is missing or wrong: its path, as `sdr.colour.range`, and what is wrong."""

    @property
    def field(self) -> str:
        """The path."""
        return str(self).partition(": ")[0]
