"""What admission reckons with: a call takes no more memory than that."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from candela_server.jobs.estimate import reckoned
from candela_server.service import (
    DistilRequest,
    EmbedRequest,
    EmbedShotsRequest,
    LookRequest,
    MetricsRequest,
    QcRequest,
    ReconstructClipRequest,
    ReconstructRequest,
    SaidSide,
    ScoreRequest,
    VerifyShotsRequest,
)

from ..pictures import make_pair

WIDTH, HEIGHT = 640, 360

MEASURE = """
import json, os, pickle, sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from candela_engines.itm.shot_learn import EFFORTS
from candela_server.workers.process import PRELOAD
from candela_server import service
from candela_server.service import qc_calls

for name in PRELOAD:
    import_module(name)

# Memory is that of pools and trials, whose sizes stay; what more steps take is time.
for effort, plan in EFFORTS.items():
    EFFORTS[effort] = replace(plan, trial=40, fit=80, polish=80)

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024

found = {}
for call, name, request in pickle.load(sys.stdin.buffer):
    read, write = os.pipe()
    child = os.fork()  # as a worker is made: of one process that has it all in memory
    if child == 0:
        before = peak()
        getattr(qc_calls if call == "Qc" else service, name)(request)
        os.write(write, str(peak() - before).encode())
        os._exit(0)
    os.close(write)
    found[call] = int(os.read(read, 30))
    os.waitpid(child, 0)
print(json.dumps(found))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="nobody says how much memory it took")
def test_calls_take_no_more_than_is_reckoned_with(tmp_path: Path) -> None:
    pair = make_pair(tmp_path, HEIGHT, WIDTH)
    for number in range(2):
        (tmp_path / f"s.{number}.png").symlink_to(pair.sdr)
        (tmp_path / f"h.{number}.exr").symlink_to(pair.hdr)
    clip, master, made = tmp_path / "s.#.png", tmp_path / "h.#.exr", tmp_path / "o.#.png"
    grade, reference = SaidSide("--colour"), SaidSide("--reference-colour")
    still = tmp_path / "o.png"
    calls = [
        ("Embed", "embed", EmbedRequest(pair.sdr, still, pair.hdr, effort="fast", bytes=1500, seconds=0.2)),
        ("Reconstruct", "reconstruct", ReconstructRequest(still, tmp_path / "o.avif")),
        (
            "EmbedShots",
            "embed_shots",
            EmbedShotsRequest(clip, made, master, effort="fast", no_cuts=True, bytes=1500, rate=Fraction(24)),
        ),
        ("VerifyShots", "verify_shots", VerifyShotsRequest(made, master)),
        (
            "ReconstructClip",
            "reconstruct_clip",
            ReconstructClipRequest(made, tmp_path / "o.mp4", rate=Fraction(24)),
        ),
        ("Score", "score", ScoreRequest(pair.hdr, grade, pair.sdr, reference, overlay=tmp_path / "looks")),
        ("Measure", "metrics", MetricsRequest(pair.hdr, pair.hdr, grade, grade)),
        (
            "Look",
            "look",
            LookRequest(
                pair.hdr, grade, pair.sdr, reference, ("picture", "nits", "faults"), width=640, scopes=True
            ),
        ),
        (
            "Upconvert",
            "distil_shots",
            DistilRequest(
                clip, tmp_path / "d.#.png", "bt2446a", effort="fast", bytes=1500, rate=Fraction(24)
            ),
        ),
        ("Qc", "qc", QcRequest((master,), "archive", work=tmp_path / "work", report=tmp_path / "report")),
    ]
    done = subprocess.run([sys.executable, "-c", MEASURE], input=pickle.dumps(calls), capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    for call, took in json.loads(done.stdout).items():
        assert 0 < took <= reckoned(call, WIDTH * HEIGHT), f"{call} took {took / 2**20:.0f} MiB"
