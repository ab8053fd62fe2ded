"""A helper that answers as the real one does, with scores and pictures made up: `panel_helper.py --dir DIR`.

What a grade is called says what becomes of it: `kept` was judged before, `slow` goes on until it is
cancelled, `hold` until `go` lies in the folder, `refuse` is refused, `dieonce` ends the helper the first
time, `die` every time.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from candela_bridge.helper.job import Answer, Job, Refused
from candela_bridge.helper.serve import AlreadyServed, serve
from candela_bridge.place import Place

WIDTH, HEIGHT = 64, 36
COLOURS = {"picture": (200, 40, 40), "nits": (40, 200, 40), "faults": (40, 40, 200)}
FOLDER = Path()


def reason(kind: str, group: str, severity: float, frames: list[int], box: list[int] | None) -> Answer:
    names = ("left", "top", "width", "height")
    return {
        "kind": kind, "class": group, "severity": severity, "confidence": 0.9, "amount": 1.0, "unit": "",
        "within_legitimate_styles": False, "text": f"{kind} was found", "mask_share": None, "evidence": [],
        "box_px": None if box is None else dict(zip(names, box, strict=True)), "frames": frames,
    }  # fmt: skip


def document(job: Job) -> Answer:
    first, last = job.given["frames"]
    score = float(len(Path(job.given["grade"]["path"]).stem) % 10) - 2
    house = Path(job.given.get("house_model") or "").stem
    engine = {"name": f"house model {house.title()}", "version": "on made-up 1"} if house else None
    score += 1 if house else 0
    keys = sorted({first, (first + last) // 2, last})
    found = reason("highlights_clipped", "violation", 0.8, [last], [32, 18, 16, 9])
    frames = [{"frame": n, "score": score + k, "reasons": []} for k, n in enumerate(keys)]
    shot = {
        "first": first, "last": last, "score": score, "score_interval": [score - 1, score + 2],
        "no_score": None, "worst_frame": keys[0], "frames": frames,
        "reasons": [reason("hue", "deviation", 0.3, keys, None), found],
    }  # fmt: skip
    result = {
        "command": "score", "width_px": WIDTH, "height_px": HEIGHT, "shots": [shot], "notes": [],
        "engine": engine or {"name": "made-up", "version": "1"},
    }  # fmt: skip
    return {"result": result, "document": str(FOLDER / "document.json"), "cached": False}


def recall(job: Job) -> Answer:
    if "kept" not in job.given["grade"]["path"]:
        return {"found": False}
    return {"found": True, **document(job), "cached": True}


def score(job: Job) -> Answer:
    name = job.given["grade"]["path"]
    note = FOLDER / "died"
    if "die" in name and not ("dieonce" in name and note.exists()):
        note.write_text("once")
        os.kill(os.getpid(), signal.SIGKILL)
    if "refuse" in name:
        raise Refused("its colour state is not known; say it with --colour NAME", "ColourStateError")
    while "slow" in name:
        job.progress("cut", 0.5, "cut 5 of 10 frames")
        time.sleep(0.01)
    while "hold" in name and not (FOLDER / "go").exists():
        job.check()
        time.sleep(0.01)
    job.progress("measure", 0.5, "measure 1 of 2 key frames")
    return document(job)


def look(job: Job) -> Answer:
    path, (first, last) = job.given["grade"]["path"], job.given.get("frames") or (0, 0)
    if "broken" in Path(path).name:
        raise Refused(f"{path}: cannot be read", "MediaError")
    kind = job.given["views"][0]
    red, green, blue = COLOURS.get(kind, (90, 90, 90))
    if "other" in path:
        red, green, blue = blue, red, green
    samples = bytes((red, green, blue)) * (WIDTH * HEIGHT)
    frames = [n for n in range(first, last + 1) if n < 1000]
    parts = [samples] * len(frames)
    pictures = [
        {"view": kind, "frame": n, "width_px": WIDTH, "height_px": HEIGHT,
         "legend": [["100", "#aabbcc"]] * (kind == "nits"), "offset": place * len(samples),
         "bytes": len(samples)}
        for place, n in enumerate(frames)
    ]  # fmt: skip
    at, scopes = len(samples) * len(parts), None
    if job.given.get("scopes"):
        parts += [bytes([255]) * 64, bytes([255]) * 64]
        scopes = {
            "frame": first, "waveform": {"offset": at, "bytes": 64}, "cie": {"offset": at + 64, "bytes": 64},
            "waveform_width": 8, "waveform_height": 8, "cie_width": 8, "cie_height": 8, "max_nits": 640.0,
            "mean_nits": 30.0, "outside_p3": 0.02, "outside_709": 0.3,
        }  # fmt: skip
    number, name = tempfile.mkstemp(dir=FOLDER, suffix=".rgb")
    with os.fdopen(number, "wb") as out:
        out.write(b"".join(parts))
    return {
        "file": name, "pictures": pictures, "scopes": scopes, "width_px": WIDTH, "height_px": HEIGHT,
        "first": 0, "last": 23, "rate": "48", "notes": [],
        "state": {"name": "rec2100-pq", "ocio_space": None},
    }  # fmt: skip


def shots(job: Job) -> Answer:
    """Three of any timeline; their files are found when `found` lies in the folder."""
    early = bool(job.given.get("unopened"))
    while not early and not (FOLDER / "found").exists():
        job.check()
        time.sleep(0.01)
    rows = [
        {"first_frame": 24 * n, "last_frame": 24 * n + 23, "name": name, "media": f"/v1/{name}.exr",
         "media_found": None if early else name != "lost", "trouble": None,
         "media_first_frame": None if early else 0, "media_last_frame": None if early else 23}
        for n, name in enumerate(("kept1", "lost", "a3"))
    ]  # fmt: skip
    return {
        "shots": rows, "count": 3, "from": 0, "first_frame": 0, "frames_per_second": 24.0, "notes": [],
    }  # fmt: skip


CALLS = {"shots": shots, "recall": recall, "score": score, "look": look, "ping": lambda job: {}}

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--detached", action="store_true")
    FOLDER = parser.parse_args().dir
    try:
        serve(Place(FOLDER, True), CALLS, about={"version": "made-up"}, idle=60.0)
    except AlreadyServed:
        sys.exit(0)
