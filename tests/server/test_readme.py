"""The commands of README.md and of the guide, run as they stand there on small pictures."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import numpy as np
import pytest

from candela_engines.colour.names import NAMED
from candela_engines.media import write_hdr

from .conftest import Candela
from .pictures import QUICK, grade, light, make_pair, write_plain
from .shots import make_movies, make_sequence

pytestmark = pytest.mark.usefixtures("short_schedules")

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "docs/guide.md")
MARK = "<!-- runs in the tests -->"


def commands(page: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = re.findall(rf"{re.escape(MARK)}\n```console\n(.*?)```", text, flags=re.DOTALL)
    joined = "".join(blocks).replace("\\\n", " ")
    return [line[2:] for line in joined.splitlines() if line.startswith("$ ")]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the pages talk of."""
    pair = make_pair(tmp_path)
    pair.sdr.rename(tmp_path / "grade.png")
    pair.hdr.rename(tmp_path / "master.exr")
    write_hdr(tmp_path / "phone.jpg", light(), encoding=NAMED["rec2100-pq"])
    write_plain(tmp_path / "grade.tif", grade(light()))
    write_plain(tmp_path / "narrow.dpx", np.rint(16 + grade(light()) * (219 / 255)).astype(np.uint8))
    write_plain(tmp_path / "master.tif", (np.clip(light() / 10000, 0, 1) ** 0.15 * 65535).astype(np.uint16))
    make_movies(tmp_path, suffix=".mov", codec="prores_ks")
    make_sequence(tmp_path, count=3)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", PAGES)
def test_every_command_runs(candela: Candela, desk: Path, page: str) -> None:
    lines = commands(page)
    assert len(lines) >= 5
    for line in lines:
        words = shlex.split(line)
        if words[0] != "candela":
            assert subprocess.run(words, check=False).returncode == 0, line
            continue
        quick: tuple[str, ...] = ()
        if words[1] == "embed":
            quick = QUICK[:2] if words[2].endswith(".mov") or "####" in words[2] else QUICK
        said = candela(*words[1:], *quick)
        assert said.code == 0, f"{line}\n{said.err}"
    text = (ROOT / page).read_text(encoding="utf-8")
    for snippet in re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL):
        exec(snippet, {})
