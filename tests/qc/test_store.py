"""Where measurements are kept: what killed processes left goes, what a living one writes stays."""

from __future__ import annotations

import os
import time
from pathlib import Path

from candela_engines.qc.store import MeasureStore


def test_what_killed_processes_left_goes(tmp_path: Path) -> None:
    MeasureStore(tmp_path, "settings")
    (kind,) = (tmp_path / "measures").iterdir()
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    old = time.time() - 2 * 3600
    left = [kind / ".0a1b.0123456789ab.part.npz", pictures / ".aa.ba9876543210.part.cbor"]
    theirs = [kind / ".mine.npz", kind / "0a1b.part.npz", pictures / ".aa.part.cbor"]
    fresh = kind / ".0a1b.ffffffffffff.part.npz"
    for path in (*left, *theirs, fresh):
        path.write_bytes(b"begun")
        if path != fresh:
            os.utime(path, (old, old))
    MeasureStore(tmp_path, "settings")
    assert not [path for path in left if path.exists()]
    assert all(path.read_bytes() == b"begun" for path in (*theirs, fresh))
    assert {path.name for path in kind.iterdir()} == {theirs[0].name, theirs[1].name, fresh.name}
