"""A disk that takes no more: the error names the file, finished frames stay, and nothing is left half."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

# A limit of the process on the size of files stands in for a full disk.
SCRIPT = """
import json, sys
from fractions import Fraction
from pathlib import Path
import numpy as np
import resource
from candela_engines.colour.names import NAMED
from candela_engines.errors import InfrastructureError
from candela_engines.media.write_movie import open_movie_writer

folder, name, codec, quality = Path(sys.argv[1]), sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
rng = np.random.default_rng(0)
try:
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
    with open_movie_writer(
        folder / name, size=(64, 48), rate=Fraction(24), encoding=NAMED["rec2100-pq"], codec=codec,
        quality=quality,
    ) as writer:
        for _ in range(30):
            writer.write(rng.integers(0, 65536, (48, 64, 3), dtype=np.uint16))
except InfrastructureError as error:
    print(json.dumps(str(error)))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX")
@pytest.mark.parametrize(
    ("name", "codec", "quality"),
    [
        ("out.mov", "prores4444", None),
        ("out.mp4", "hevc", 0),
        ("out.mkv", "hevc", 0),
        ("out.mp4", "av1", 0),
    ],
)
def test_a_full_disk_is_said(tmp_path: Path, name: str, codec: str, quality: int | None) -> None:
    arguments = [sys.executable, "-c", SCRIPT, str(tmp_path), name, codec, json.dumps(quality)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    assert said.startswith(f"{tmp_path / name}: cannot be written:")
    assert not list(tmp_path.iterdir())
