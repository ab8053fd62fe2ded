"""What stands for each frame of a clip before it is decoded (`media.frame_keys`), remembered between runs.

    FOLDER/seen/<path>.json    prints of a clip's frames, by the size and time of its files

A movie's are made all at once, in a pass over its packets. A sequence's are made file by file, as they are
asked for: a file is hashed just before it is decoded, and so comes from the disk once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock

from candela_engines.media.atomic import write_atomic
from candela_engines.media.clip import ClipInfo
from candela_engines.media.frame_keys import file_key, movie_keys
from candela_engines.qc.folder import make_folder

__all__ = ["FramePrints"]

_Stamp = list[int]


class FramePrints:
    """Prints of the frames of a clip, 16 bytes each. numbers: of the frames that there are, in order.

    Several threads may ask.
    """

    def __init__(self, info: ClipInfo, numbers: Sequence[int], folder: Path) -> None:
        self._info, self._numbers = info, numbers
        name = hashlib.sha256(str(Path(info.name).absolute()).encode()).hexdigest()[:24]
        self._path = folder / "seen" / f"{name}.json"
        self._found: dict[int, bytes] = {}
        self._files = {} if info.kind == "movie" else dict(zip(numbers, info.files, strict=False))
        self._fresh = False
        self._lock, self._making = Lock(), dict[int, Lock]()
        self._recall()

    def known(self, number: int) -> bool:
        """Whether it is there without a look at the file."""
        return number in self._found

    def of(self, number: int) -> bytes | None:
        """Of a frame; None of one that a truncated movie lost. Raises MediaError for what cannot be read."""
        if number not in self._found:
            if number not in self._files:
                return None
            # Threads ask for a frame and for the one before it: a second one waits for the first.
            with self._lock:
                lock = self._making.setdefault(number, Lock())
            with lock:
                if number not in self._found:
                    self._found[number] = file_key(self._files[number])
                    self._fresh = True
            self._making.pop(number, None)
        return self._found[number]

    def complete(self, told: Callable[[int, int], None] = lambda done, total: None) -> None:
        """Make all that are not there. told: bytes of a movie read and in all; frames of a sequence."""
        if self._info.kind == "movie":
            if not self._found:
                keys = movie_keys(self._info, told)
                self._found = dict(zip(self._numbers, keys, strict=False))
                self._fresh = True
            return
        for done, number in enumerate(self._numbers):
            told(done, len(self._numbers))
            self.of(number)

    def remember(self) -> None:
        """Keep what was made. Raises InfrastructureError where the disk refuses."""
        if not self._fresh:
            return
        make_folder(self._path.parent)
        self._recall()  # what others have made of the same clip meanwhile
        prints = {str(number): key.hex() for number, key in list(self._found.items())}
        held = {"name": self._info.name, "asked": self._asked(), "files": self._stamps(), "prints": prints}
        write_atomic(self._path, json.dumps(held).encode())
        self._fresh = False

    def _recall(self) -> None:
        """What a run before has kept, of the files that are as they were."""
        try:
            held = json.loads(self._path.read_text())
            stamps, then = self._stamps(), held["files"]
            if self._info.kind == "movie" and (stamps != then or held["asked"] != self._asked()):
                return
            for text, key in held["prints"].items():
                number = int(text)
                name = str(self._files[number]) if number in self._files else None
                if self._info.kind == "movie" or (name is not None and stamps[name] == then.get(name)):
                    self._found.setdefault(number, bytes.fromhex(key))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return

    def _asked(self) -> list[int | None]:
        return [self._info.first, self._info.last, self._info.cut_after]

    def _stamps(self) -> dict[str, _Stamp]:
        return {str(file): _stamp(file) for file in self._info.files}


def _stamp(file: Path) -> _Stamp:
    try:
        status = file.stat()
    except OSError:
        return [-1, -1]
    return [status.st_size, status.st_mtime_ns]
