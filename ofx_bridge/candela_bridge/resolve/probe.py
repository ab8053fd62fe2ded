"""Whether Resolve can be scripted from here. The vendor's module can crash a Python that it does not like,
so it is tried in another process first.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence

__all__ = ["Probe", "connect", "environment", "probe"]

_SECONDS = 15.0
# Printed last, on a line of its own: the vendor's library writes to stdout as it likes.
_TRY = """
import json, sys
sys.path[:0] = sys.argv[1:]
import DaVinciResolveScript as script
resolve = script.scriptapp("Resolve")
if resolve is None:
    said = {"why": "closed"}
else:
    said = {"product": resolve.GetProductName(), "version": resolve.GetVersionString()}
print("\\ncandela " + json.dumps(said))
"""


@dataclass(frozen=True)
class Probe:
    """ok: it can. product, version: as Resolve says them. why: else what is in the way, and what to do."""

    ok: bool
    product: str = ""
    version: str = ""
    why: str = ""

    @property
    def studio(self) -> bool:
        """Whether it is the edition that may be scripted."""
        return "Studio" in self.product


def environment(platform: str = sys.platform, given: Optional[Mapping[str, str]] = None) -> Dict[str, str]:
    """Where the vendor's scripting files are, by its own variables or in the usual places of a platform."""
    source = dict(os.environ if given is None else given)
    if platform == "darwin":
        api = "/Library/Application Support/Blackmagic Design/DaVinci Resolve/Developer/Scripting"
        library = (
            "/Applications/DaVinci Resolve/DaVinci Resolve.app/Contents/Libraries/Fusion/fusionscript.so"
        )
    elif platform == "win32":
        data = source.get("PROGRAMDATA", r"C:\ProgramData")
        api = data + r"\Blackmagic Design\DaVinci Resolve\Support\Developer\Scripting"
        library = r"C:\Program Files\Blackmagic Design\DaVinci Resolve\fusionscript.dll"
    else:
        root = next((r for r in ("/opt/resolve", "/home/resolve") if os.path.isdir(r)), "/opt/resolve")
        api, library = f"{root}/Developer/Scripting", f"{root}/libs/Fusion/fusionscript.so"
    source.setdefault("RESOLVE_SCRIPT_API", api)
    source.setdefault("RESOLVE_SCRIPT_LIB", library)
    return source


def probe(
    python: Optional[Sequence[str]] = None,
    given: Optional[Mapping[str, str]] = None,
    seconds: float = _SECONDS,
) -> Probe:
    """Try it in another process: with this Python, or the command `python`. It waits, for `seconds` at
    most."""
    values = environment(given=given)
    command = [*(python or [sys.executable]), "-c", _TRY, *_modules(values)]
    try:
        done = subprocess.run(
            command, env=values, capture_output=True, timeout=seconds, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        return Probe(
            False, why=f"Resolve's scripting module does not answer within {seconds:g} s; is a dialogue open?"
        )
    except OSError as error:
        return Probe(False, why=f"{command[0]}: cannot be started: {error.strerror or error}")
    text = done.stdout.decode("utf-8", "replace")
    lines = [line[len("candela ") :] for line in text.splitlines() if line.startswith("candela ")]
    if done.returncode or not lines:
        return Probe(False, why=_why(done.returncode, done.stderr.decode("utf-8", "replace"), values))
    try:
        said = json.loads(lines[-1])
    except ValueError:
        return Probe(False, why="Resolve's scripting module answers nonsense")
    if "why" in said:
        return Probe(
            False,
            why="Resolve is not running, or does not let itself be scripted: start it, and set Preferences > "
            "System > General > External scripting using to Local. The free edition has no such setting: use "
            "timeline files",
        )
    found = Probe(True, str(said.get("product") or ""), str(said.get("version") or ""))
    return (
        found
        if found.studio
        else Probe(True, found.product, found.version, "this edition may refuse to be scripted")
    )


def connect(given: Optional[Mapping[str, str]] = None, seconds: float = _SECONDS) -> Any:
    """Resolve itself, in this process. Only after `probe` said that it can. None where it does not answer, or
    not within `seconds`: a dialogue may have been opened meanwhile, and whoever asks must not hang with it.
    """
    found: "queue.SimpleQueue[Any]" = queue.SimpleQueue()

    def ask() -> None:
        try:
            found.put(_resolve(given))
        except BaseException as error:
            found.put(error)

    threading.Thread(target=ask, name="candela resolve", daemon=True).start()
    try:
        answer = found.get(timeout=seconds)
    except queue.Empty:
        return None
    if isinstance(answer, BaseException):
        raise answer
    return answer


def _resolve(given: Optional[Mapping[str, str]]) -> Any:
    values = environment(given=given)
    for name in ("RESOLVE_SCRIPT_API", "RESOLVE_SCRIPT_LIB"):
        os.environ.setdefault(name, values[name])
    for path in _modules(values):
        if path not in sys.path:
            sys.path.append(path)
    import DaVinciResolveScript as script  # type: ignore[import-not-found,unused-ignore]

    return script.scriptapp("Resolve")


def _modules(values: Mapping[str, str]) -> List[str]:
    return [os.path.join(values["RESOLVE_SCRIPT_API"], "Modules")]


def _why(code: int, said: str, values: Mapping[str, str]) -> str:
    if code < 0 or code in (139, 0xC0000005):
        return (
            f"Resolve's scripting module crashes this Python {sys.version.split()[0]}; use another, as 3.10"
        )
    if "No module named 'DaVinciResolveScript'" in said:
        where = _modules(values)[0]
        return f"Resolve's scripting module is not in {where}: install Resolve, or set RESOLVE_SCRIPT_API"
    last = next((line for line in reversed(said.splitlines()) if line.strip()), "it does not say why")
    return f"Resolve's scripting module does not load: {last.strip()[:300]}"
