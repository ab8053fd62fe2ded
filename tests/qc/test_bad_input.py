"""Contradictory tags and a full disk: a clear error, a finding, and an earlier report that stays whole."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import av
import pytest
from tests.media.movies import HDR10, X265, encode

from candela_engines.errors import ColourStateError
from candela_server.service.qc import qc
from candela_server.service.qc_request import QcRequest, QcSaid

# Runs inside a file system of its own, which is full after the first report but for some kilobytes.
SCRIPT = """
import errno, json, os, sys
from pathlib import Path
from candela_engines.errors import InfrastructureError
from candela_server.service.qc import qc
from candela_server.service.qc_request import QcRequest

movie, place, work = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
report = place / "report"
qc(QcRequest((movie,), work=work, report=report, score=False))
def state():
    return {str(p.relative_to(place)): p.read_bytes().hex() for p in sorted(report.rglob("*")) if p.is_file()}
before = state()
with (place / "filler").open("wb", buffering=0) as stream:
    try:
        while True:
            stream.write(bytes(4096))
    except OSError as error:
        assert error.errno == errno.ENOSPC
try:
    qc(QcRequest((movie,), "archive", work=work, report=report, score=False))
    said = ""
except InfrastructureError as error:
    said = str(error)
print(json.dumps({"said": said, "same": state() == before, "files": sorted(before)}))
"""


def _contradictory(folder: Path) -> Path:
    """A stream that says PQ in a container that says BT.709's curve, by the bytes of its `colr` box."""
    path = folder / "both.mp4"
    encode(path, "libx265", "yuv420p10le", count=3, size=(128, 96), tags=HDR10, options={"x265-params": X265})
    data = path.read_bytes()
    colr = b"colrnclx" + bytes([0, 9, 0, 16, 0, 9])
    if colr not in data:
        with av.open(str(path)) as source, av.open(str(folder / "tagged.mp4"), "w") as out:
            stream = out.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(video=0):
                if packet.size:
                    packet.stream = stream
                    out.mux(packet)
        data = (folder / "tagged.mp4").read_bytes()
    assert colr in data, "the muxer writes no colr box"
    path.write_bytes(data.replace(colr, b"colrnclx" + bytes([0, 1, 0, 1, 0, 1])))
    return path


def test_tags_that_contradict_are_an_error_and_then_a_finding(tmp_path: Path) -> None:
    path = _contradictory(tmp_path)
    with pytest.raises(ColourStateError, match=r"the stream says .*its container .*--colour"):
        qc(QcRequest((path,), work=tmp_path / "w"))
    said = QcSaid("rec2100-pq", matrix="bt2020nc")
    result = qc(QcRequest((path,), said=said, work=tmp_path / "w", score=False)).result
    found = [f for f in result.findings if f.code == "metadata.contradictory"]
    assert any("its container" in f.sentence for f in found)
    assert all(f.severity.value == "issue" for f in found) and not result.passed


def test_a_flag_against_the_tags_is_a_finding(reel: Path, work: Path) -> None:
    result = qc(QcRequest((reel,), "web", QcSaid("rec2100-hlg"), work=work, score=False)).result
    (found,) = [f for f in result.findings if f.code == "metadata.contradictory"]
    assert "as asked" in found.sentence


@pytest.mark.skipif(shutil.which("unshare") is None, reason="no namespaces of Linux here")
def test_a_full_disk_leaves_the_earlier_report_whole(tmp_path: Path) -> None:
    movie = tmp_path / "a.mp4"
    options = {"x265-params": X265}
    encode(movie, "libx265", "yuv420p10le", count=3, size=(128, 96), tags=HDR10, options=options)
    place = tmp_path / "small"
    place.mkdir()
    script = f'mount -t tmpfs -o size=1m tmpfs "{place}" && exec "$@"'
    inside = ["unshare", "-Urm", "sh", "-c", script, "sh", sys.executable]
    if subprocess.run([*inside[:-1], "true"], capture_output=True, check=False).returncode:
        pytest.skip("no small file system can be mounted here")
    done = subprocess.run(
        [*inside, "-c", SCRIPT, str(movie), str(place), str(tmp_path / "w")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert "No space left on device" in told["said"] and "what was there is as it was" in told["said"]
    assert told["same"] and "report/qc.json" in told["files"]
