"""Frames out of Nuke: a temporary Write of EXR, raw, in the working space."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from typing import Any, Iterator, List

from candela_bridge.nuke.host import nuke

__all__ = ["Written", "key_numbers", "write_frames"]


@dataclass(frozen=True)
class Written:
    """EXR files in a folder of their own. path: the pattern, or the one file."""

    folder: str
    path: str
    numbers: List[int]

    def remove(self) -> None:
        """The files are not needed any more."""
        shutil.rmtree(self.folder, ignore_errors=True)


def write_frames(node: Any, numbers: List[int]) -> Written:
    """Have Nuke render frames of what comes into `node`. On the main thread, and Nuke waits for it.

    They go into a folder in $CANDELA_TEMP, where a sidecar that others run may not look into the usual one.

    The Write is made silently, renders the view that is worked in, and is deleted, whatever happens; none of
    it can be undone, as Ctrl-Z would bring the Write back. Raises RuntimeError as Nuke says it, and where
    nothing can be written.
    """
    host, source = nuke(), node.input(0)
    if source is None:
        raise ValueError(f"{node.name()}: nothing is connected to it")
    proxy = host.root().knob("proxy")
    if proxy is not None and proxy.value():
        raise ValueError(
            "proxy mode is on, and what it renders is another picture; turn it off, and try again"
        )
    temporary = os.environ.get("CANDELA_TEMP") or None
    try:
        place = tempfile.mkdtemp(prefix="candela-nuke-", dir=temporary)
    except OSError as error:
        raise RuntimeError(
            f"{temporary or 'the folder of temporary files'}: no frames can be written there: "
            f"{error.strerror or error}; CANDELA_TEMP names another folder"
        ) from error
    path = os.path.join(place, "frame.%07d.exr").replace("\\", "/")
    write = None
    # Where the source is: a button's script runs inside the node that has it. nodes.Write and not createNode,
    # which would hang it into the stream behind whatever is selected.
    around = source.parent() if hasattr(source, "parent") else host.root()
    try:
        with _unnoticed(), around:
            write = host.nodes.Write()
            write.setInput(0, source)
            write["file"].setValue(path)
            write["file_type"].setValue("exr")
            for name, value in (("raw", True), ("channels", "rgb"), ("datatype", "32 bit float")):
                knob = write.knob(name)
                if knob is not None:
                    knob.setValue(value)
            for number in numbers:  # without a view it renders all of them, each over the other
                host.execute(write, number, number, 1, [str(host.thisView())])
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    finally:
        if write is not None:
            with _unnoticed(), around:
                host.delete(write)
    missing = [number for number in numbers if not os.path.isfile(path % number)]
    if missing:
        shutil.rmtree(place, ignore_errors=True)
        raise RuntimeError(f"Nuke wrote no frame {missing[0]}, and does not say why")
    return Written(place, path % numbers[0] if len(numbers) == 1 else path, numbers)


@contextlib.contextmanager
def _unnoticed() -> Iterator[None]:
    """Steps that the artist has not made are none of his to undo."""
    undo = nuke().Undo
    undo.disable()
    try:
        yield
    finally:
        undo.enable()


def key_numbers(first: int, last: int, most: int) -> List[int]:
    """Up to `most` frames of a range, evenly, both ends among them."""
    count = last - first + 1
    if count <= most:
        return list(range(first, last + 1))
    return sorted({first + round(n * (count - 1) / (most - 1)) for n in range(most)})
