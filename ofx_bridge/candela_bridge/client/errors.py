"""What a host is told when a call fails: what failed, and what to do."""

from __future__ import annotations

__all__ = [
    "BridgeError",
    "CallError",
    "DeadlineError",
    "HelperDiedError",
    "HelperMissingError",
    "HelperSilentError",
    "HelperStartError",
]


class BridgeError(Exception):
    """Base of all of them."""


class HelperMissingError(BridgeError):
    """There is no `candela` command to start the helper with."""


class HelperStartError(BridgeError):
    """The helper was started, and does not answer, or ended."""


class HelperDiedError(BridgeError):
    """The helper ended in the middle of a call. The next call starts another."""


class HelperSilentError(BridgeError):
    """The helper is there and says nothing any more. The next call ends it and starts another."""


class DeadlineError(BridgeError):
    """The call's time is up."""


class CallError(BridgeError):
    """The helper or the sidecar refuses or fails.

    kind: the class of the error there, as `ColourStateError`. exit_code: what the command line would return:
    2 bad input, 3 the machine failed, 130 cancelled.
    """

    def __init__(self, kind: str, message: str, exit_code: int = 3) -> None:
        super().__init__(message)
        self.kind, self.exit_code = kind, exit_code
