"""Running one command: the one place where errors become exit codes and lines."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any

import typer

from candela_engines.errors import CandelaError, InfrastructureError
from candela_server.cli.app import program_for
from candela_server.cli.lines import columns, folded
from candela_server.cli.output import say, settle
from candela_server.cli.progress_openjd import fail_line, wants_openjd
from candela_server.cli.stopping import SIGNALS

__all__ = ["CANCELLED", "INFRASTRUCTURE", "run"]

USAGE = 2
INFRASTRUCTURE = 3
CANCELLED = 130

# Typer brings its own copy of click or uses the installed one, by version; this is the class of either.
_ClickError: Any = typer.BadParameter.__mro__[2]


def run(arguments: Sequence[str]) -> int:
    """Run `candela ARGUMENTS`; the exit code."""
    try:
        return _run(arguments)
    finally:
        settle()


def _run(arguments: Sequence[str]) -> int:
    as_json = "--json" in arguments
    for stream in (sys.stdout, sys.stderr):
        # A terminal that has no Δ shows an escape instead of an error.
        with contextlib.suppress(AttributeError, ValueError, OSError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    SIGNALS.clear()
    try:
        with _terminable():
            code = _called(list(arguments))
        # Newer typers turn Ctrl-C into this code by themselves.
        return _cancelled(as_json) if code == CANCELLED else code if isinstance(code, int) else 0
    except CandelaError as error:
        return _say(error.exit_code, type(error).__name__, str(error), as_json)
    except (KeyboardInterrupt, typer.Abort):
        return _cancelled(as_json)
    except MemoryError:
        return _say(INFRASTRUCTURE, "InfrastructureError", "not enough memory for this picture", as_json)
    except Exception as error:
        if isinstance(error, _ClickError):
            return _usage(error, as_json)
        if SIGNALS:  # as numpy, which makes an ImportError of a Ctrl-C while it is being imported
            return _cancelled(as_json)
        return _say(INFRASTRUCTURE, "InternalError", _incident(error), as_json)


def _called(arguments: list[str]) -> Any:
    some = program_for(arguments)
    try:
        return some(arguments, prog_name="candela", standalone_mode=False)
    except _ClickError as error:
        context = getattr(error, "ctx", None)
        if context is None or context.parent is not None or some is program_for(()):
            raise
    # No command began: there is none of that name, and what was meant is among all of them.
    return program_for(())(arguments, prog_name="candela", standalone_mode=False)


def _cancelled(as_json: bool) -> int:
    return _say(CANCELLED, "Cancelled", "cancelled; nothing half-written was left", as_json)


def _say(code: int, kind: str, message: str, as_json: bool) -> int:
    text = " ".join(message.split())
    if wants_openjd():
        with contextlib.suppress(InfrastructureError):
            say(fail_line(text))
    if as_json:
        document = {"error": {"kind": kind, "message": text, "exit_code": code}}
        try:
            say(json.dumps(document, ensure_ascii=False))
            return code
        except InfrastructureError:
            pass
    print("\n".join(folded([f"candela: {text}"], columns(sys.stderr), indent=9)), file=sys.stderr)
    return code


def _usage(error: Exception, as_json: bool) -> int:
    message = str(getattr(error, "format_message", error.__str__)())
    context = getattr(error, "ctx", None)
    if context is not None and type(error).__name__ == "NoArgsIsHelpError":
        # `candela` alone: the help is the answer.
        print(context.get_help(), file=sys.stderr)
        return USAGE
    path = context.command_path if context is not None else "candela"
    return _say(USAGE, "UsageError", f"{message.rstrip('.')}. See: {path} --help", as_json)


def _incident(error: Exception) -> str:
    """One line for a fault of ours. The number is that of the place, so that reports of one fault agree."""
    if os.environ.get("CANDELA_DEBUG"):
        traceback.print_exception(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rsplit(os.sep, 1)[-1]}:{frames[-1].name}" if frames else "?"
    number = hashlib.sha256(f"{type(error).__name__} {place}".encode()).hexdigest()[:8]
    return (
        f"internal error, incident {number} ({type(error).__name__} in {place}: {str(error)[:200]}). "
        "Please report it with the output of the same command under CANDELA_DEBUG=1"
    )


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM, which render farms send, clean up and leave just as Ctrl-C does.

    `SIGNALS` gets them. A handler of SIGINT that is not Python's own is left alone.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        SIGNALS.append(number)
        raise KeyboardInterrupt

    before: dict[signal.Signals, Any] = {}
    try:
        before[signal.SIGTERM] = signal.signal(signal.SIGTERM, stop)
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            before[signal.SIGINT] = signal.signal(signal.SIGINT, stop)
    except ValueError:  # not the main thread: whoever runs us there has handlers of its own
        yield
        return
    hook = sys.unraisablehook

    def lost(found: sys.UnraisableHookArgs) -> None:
        """A Ctrl-C that Python drops is told by `stopping`, and is no fault to show a traceback of."""
        if not issubclass(found.exc_type, KeyboardInterrupt):
            hook(found)

    sys.unraisablehook = lost
    try:
        yield
    finally:
        sys.unraisablehook = hook
        for number, handler in before.items():
            signal.signal(number, handler)
