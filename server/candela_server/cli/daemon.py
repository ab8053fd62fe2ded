"""Going on in the background."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

from candela_engines.errors import InfrastructureError, InputError
from candela_server.cli.output import say

__all__ = ["detach"]


class _Terminal(io.TextIOWrapper):
    """A stream whose descriptor is not handed on: helpers of multiprocessing take that of stderr."""

    def fileno(self) -> int:
        """None to be had."""
        raise io.UnsupportedOperation("fileno")


def detach(log: Path | None) -> Callable[[str], None] | None:
    """Leave the terminal; before any thread is started, as only that is safe.

    In the process that the user started it waits until the other one serves, says so and gives None, or
    raises where that one ends before: InputError where that was its exit code, else InfrastructureError. In
    the other one it gives what to call when it serves.
    """
    if not hasattr(os, "fork"):
        raise InputError("--daemon is not there on this system; start it without, or as a service")
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        with os.fdopen(reading) as pipe:
            address = pipe.read()
        if not address:
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            kind = InputError if code == InputError.exit_code else InfrastructureError
            told = log or "--log FILE"
            raise kind(f"the sidecar did not start; {told} says why (its errors are above, too)")
        say(f"serving on {address} in the background")
        return None
    os.close(reading)
    os.setsid()
    out = os.open(log or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    # Until it serves, errors go to the terminal; of what it starts meanwhile nothing does, as that would hold
    # the terminal for ever.
    sys.stdout.flush()
    kept = [os.dup(1), os.dup(2)]
    sys.stdout, sys.stderr = (_Terminal(os.fdopen(number, "wb"), write_through=True) for number in kept)
    for number in (1, 2):
        os.dup2(out, number)

    def ready(address: str) -> None:
        os.write(writing, address.encode())
        os.close(writing)
        sys.stdout.flush()
        for number in kept:
            os.dup2(out, number, inheritable=False)

    return ready
