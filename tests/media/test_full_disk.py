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
from candela_engines.media.write_sequence import open_sequence_writer

folder, name, codec, quality = Path(sys.argv[1]), sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
rng = np.random.default_rng(0)
try:
    if codec == "exr":
        with open_sequence_writer(folder / name, size=(128, 96), encoding=NAMED["linear-rec2020"]) as writer:
            for number in range(8):
                if number == 2:
                    writer._pool.submit(int).result()
                    while len(writer._done) < 2:
                        pass
                    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
                writer.write(number, np.zeros((96, 128, 3), np.float16))
    else:
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
    ("name", "codec", "quality", "left"),
    [
        ("out.mov", "prores4444", None, []),
        ("out.mp4", "hevc", 0, []),
        ("out.mkv", "hevc", 0, []),
        ("out.mp4", "av1", 0, []),
        ("out.#.exr", "exr", None, ["out.0.exr", "out.1.exr"]),
    ],
)
def test_a_full_disk_is_said(
    tmp_path: Path, name: str, codec: str, quality: int | None, left: list[str]
) -> None:
    arguments = [sys.executable, "-c", SCRIPT, str(tmp_path), name, codec, json.dumps(quality)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    expected = name if codec != "exr" else "out.2.exr"
    assert said.startswith(f"{tmp_path / expected}: cannot be written:")
    assert sorted(p.name for p in tmp_path.iterdir()) == left
