"""A result of a pass, made up: two clips, hostile names, every kind of finding."""

from __future__ import annotations

from typing import Any

import numpy as np

from candela_engines.metrics import Rectangle
from candela_engines.qc.findings import Box, Finding, Severity, Waiver
from candela_engines.qc.pictures import take_pictures
from candela_engines.qc.result import (
    Abstention,
    ClipColour,
    ClipResult,
    Declared,
    Evidence,
    Mastering,
    Measured,
    ProfileUsed,
    QcResult,
    Record,
    ScoreReason,
    ShotResult,
    ShotScore,
    Software,
    Trend,
)

HOSTILE = "</script><img src=x onerror=alert(1)>\"'&\x07 |=cmd()\u202e.mov"


def measured(name: str, value: float, unit: str = "nit") -> Measured:
    return Measured(name, value, unit, f"what {name} is")


def finding(code: str, severity: Severity, **told: Any) -> Finding:
    base: dict[str, Any] = {
        "group": code.partition(".")[0], "clip": "/show/reel1.mov", "shot": "1", "first": 10, "last": 12,
        "timecode_in": "01:00:00:10", "timecode_out": "01:00:00:12", "frames_count": 3, "worst_frame": 11,
        "box": None, "measured": 1204.53, "limit": 1000.0, "unit": "nit", "limit_text": "",
        "source": "CTA-861.3", "sentence": f"{code} is broken", "key": f"key of {code}",
    }  # fmt: skip
    return Finding(code, severity, **(base | told))


def shot(name: str, first: int, last: int, seed: int = 0, **told: Any) -> ShotResult:
    rng = np.random.default_rng(seed + first)
    count = last - first + 1
    wave = 300 * 2 ** np.sin(np.arange(count) / 9 + seed) + rng.random(count) * 40
    columns = {
        "max_nits": tuple(float(v) for v in wave * 3),
        "robust_max_nits": tuple(float(v) for v in wave * 2.2),
        "fall_nits": tuple(float(v) for v in wave / 6),
        "black_nits": tuple(float(v) for v in 0.004 + rng.random(count) * 0.01),
        "outside_p3_percent": tuple(float(v) for v in np.maximum(0, wave / 200 - 2)),
    }
    base: dict[str, Any] = {
        "opening": "cut", "timecode_in": f"01:00:{first // 24:02d}:{first % 24:02d}",
        "timecode_out": f"01:00:{last // 24:02d}:{last % 24:02d}", "active": Box(0, 140, 1920, 940),
        "letterboxed": True, "content": f"{name}-{first}",
        "measures": tuple(
            [measured(n, max(v), "nit" if n.endswith("nits") else "%") for n, v in columns.items()]
            + [measured("noise_codes", 1.25, "codes"), measured("banding_percent", 0.0, "%")]
        ),
        "trend": Trend(tuple(range(first, last + 1)), columns),
    }  # fmt: skip
    return ShotResult(name, first, last, **(base | told))


def score() -> ShotScore:
    why = ScoreReason(
        "highlights_clipped", "violation", 0.6, 0.9, "Highlights are clipped in 2.1 % of the sky",
        Box(900, 200, 1300, 400), (30, 31), (Evidence("share", 2.1, "%"),),
    )  # fmt: skip
    return ShotScore(
        4.25,
        3.5,
        5.0,
        "mean of key frames",
        31,
        (24, 31),
        (4.5, 4.0),
        (why,),
        (Abstention("skin", "no skin"),),
    )


def clip(path: str = "/show/reel1.mov", **told: Any) -> ClipResult:
    base: dict[str, Any] = {
        "kind": "movie", "format": "HEVC in MOV", "identity": "0" * 64, "width_px": 1920, "height_px": 1080,
        "bits": 10, "rate": "24", "start_timecode": "01:00:00:00", "drop_frame": False,
        "first": 0, "last": 143, "missing": (),
        "colour": ClipColour(
            "bt2020", "pq", "bt2020nc", "narrow", 10000.0, 203.0, {"transfer": "stream"}, "9/16/9 narrow"
        ),
        "declared": Declared(
            Mastering((0.68, 0.32), (0.265, 0.69), (0.15, 0.06), (0.3127, 0.329), 0.0001, 1000.0),
            1000.0, 0.0,
        ),
        "measures": (
            measured("max_cll_nits", 1204.53), measured("max_cll_robust_nits", 998.2),
            measured("max_fall_nits", 231.07),
            measured("outside_p3_percent", 0.42, "%"), measured("black_nits", 0.0041),
        ),
        "shots": (
            shot("1", 0, 47, opening="start"), shot("2", 48, 95, 1, score=score()), shot("3", 96, 143, 2),
        ),
        "findings": (
            finding("light.max_cll", Severity.BLOCKER, box=Box(820, 300, 1010, 420)),
            finding("levels.black", Severity.ISSUE, shot="2", first=60, last=80, measured=0.09, limit=0.05,
                    frames_count=9, limit_text="in 1 % of pixels for 2 frames", timecode_in="01:00:02:12"),
            finding("gamut.outside_p3", Severity.FYI, shot="2", first=60, last=61, measured=2.5, limit=1.0,
                    unit="%"),
            finding("metadata.max_fall", Severity.FYI, shot=None, first=None, last=None, timecode_in=None,
                    timecode_out=None, worst_frame=None, measured=None, limit=None, unit="",
                    sentence="MaxFALL is declared as 0, which means unknown; 231.07 nit was measured"),
            finding("picture.banding", Severity.ISSUE, shot="2", first=48, last=95, waiver=Waiver(
                "Ann O'Neill", "fog, <as> wanted", "2026-11-20T10:00:00Z"), measured=12.0, limit=8.0,
                    unit="%"),
        ),
        "notes": (),
    }  # fmt: skip
    return ClipResult(path, **(base | told))


def retimed(first: int, last: int, **told: Any) -> Record:
    base: dict[str, Any] = {
        "timeline": "/show/edit.otio", "track": "V1", "event": "001", "timecode_in": None,
        "timecode_out": None, "source_start": "0", "step": "1", "rate": "30000/1001",
        "drop_frame": True, "start": 107892,
    }  # fmt: skip
    return Record(first=first, last=last, **(base | told))


def result(*clips: ClipResult, fail_on: Severity = Severity.BLOCKER) -> QcResult:
    return QcResult(
        Software("0.1.0", 3, {"scorer": "ab" * 32}, "/cfg/config.ocio", "cd" * 32),
        ProfileUsed("hdr10-1000", "HDR10 delivery, 1000 nit", None, (), "ef" * 32,
                    {"rule.light.max_cll.limit_nits": 1000.0, "rule.light.max_cll.severity": "blocker"}),
        tuple(c.path for c in clips), fail_on, clips, (), started="2026-11-27T16:00:00Z",
        finished="2026-11-27T16:05:00Z",
    )  # fmt: skip


def hostile() -> QcResult:
    """Names that break out of HTML, XML, CSV and EDLs where they are not held."""
    text = "1 | " + HOSTILE
    bad = finding(
        "light.max_cll", Severity.BLOCKER, clip=HOSTILE, shot=HOSTILE, sentence=text, source=HOSTILE
    )
    one = clip(HOSTILE, shots=(shot(HOSTILE, 0, 47),), findings=(bad,), notes=(HOSTILE,))
    return result(one, clip(f"{HOSTILE}2", shots=(), findings=(), failed=f"no such codec {HOSTILE}"))


def picture(seed: int = 0) -> bytes:
    """Pictures of a frame with a ramp, a highlight and bars."""
    y, x = np.mgrid[0:270, 0:480].astype(np.float32)
    light = 250 * (x / 480) ** 2 + 1800 * np.exp(-((x - 230) ** 2 + (y - 90) ** 2) / 400)
    hue = np.stack([light, light * (0.4 + y / 500), light * (0.9 - x / 700)], axis=2) * np.float32(
        1 + seed % 3 / 4
    )
    hue[:35], hue[235:] = 0, 0
    return take_pictures(hue.astype(np.float32), area=Rectangle(0, 35, 480, 200), frame=24 + seed)
