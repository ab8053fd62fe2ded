"""Candela from inside a host: calls to the helper process, which does everything that is heavy.

    bridge = Bridge("Nuke 15.1v1", deliver=on_main_thread)
    call = bridge.call("score", {"grade": {"path": "/shots/a.exr"}}, progress=show, done=show_result)
    call.cancel()

Standard library alone, Python 3.9 and later. Nothing here waits, except `Call.result` for who asks for it.
A helper that ends costs the calls that it was at, with HelperDiedError; the next one starts another.
"""

from candela_bridge.client.bridge import Bridge
from candela_bridge.client.call import Call
from candela_bridge.client.errors import (
    BridgeError,
    CallError,
    DeadlineError,
    HelperDiedError,
    HelperMissingError,
    HelperSilentError,
    HelperStartError,
)
from candela_bridge.client.heart import Timing
from candela_bridge.client.launch import Launch
from candela_bridge.place import Place

__all__ = [
    "Bridge",
    "BridgeError",
    "Call",
    "CallError",
    "DeadlineError",
    "HelperDiedError",
    "HelperMissingError",
    "HelperSilentError",
    "HelperStartError",
    "Launch",
    "Place",
    "Timing",
]
