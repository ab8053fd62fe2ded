"""How fast the panel plays, beside decoding alone: for `bench.panel`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.panel_watch import Watchdog, until
from candela_bridge.panel.widgets.panel import Panel

__all__ = ["movie", "play"]

_LOOK_SECONDS = 0.6


def movie(path: Path, frames: int = 120) -> Path:
    """HEVC of ten bits, PQ, 1920x1080: noise of all sizes that moves, so that each frame has something in
    it."""
    import av

    rng = np.random.default_rng(7)
    plane = np.zeros((1080 + frames, 1920 + 2 * frames), np.float32)
    for size in (4, 16, 64, 256):
        small = rng.normal(size=(plane.shape[0] // size + 1, plane.shape[1] // size + 1))
        plane += np.kron(small, np.ones((size, size), np.float32))[: plane.shape[0], : plane.shape[1]]
    plane = np.clip(400 + 90 * plane, 64, 940).astype(np.uint16)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx265", rate=24)
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p10le"
        stream.options = {"preset": "ultrafast", "crf": "24", "x265-params": "log-level=error:keyint=48"}
        context: Any = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace, context.color_range = 9, 16, 9, 1
        for n in range(frames):
            frame = av.VideoFrame(1920, 1080, "yuv420p10le")
            luma = plane[n : n + 1080, 2 * n : 2 * n + 1920]
            for number, samples in enumerate((luma, luma[::2, ::2] // 4 + 384, 640 - luma[::2, ::2] // 4)):
                line = frame.planes[number].line_size // 2
                rows = np.zeros((samples.shape[0], line), np.uint16)
                rows[:, : samples.shape[1]] = samples
                frame.planes[number].update(rows.tobytes())
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def bare(path: Path) -> float:
    """Frames a second of decoding alone."""
    import av

    begin, count = time.perf_counter(), 0
    with av.open(str(path)) as found:
        stream = found.streams.video[0]
        stream.thread_type = "AUTO"
        for _ in found.decode(stream):
            count += 1
    return count / (time.perf_counter() - begin)


def play(app: Any, panel: Panel, path: Path, main_thread: dict[str, Any]) -> list[dict[str, Any]]:
    """Frames a second, in time and every one, in the view that costs least and in false colour."""
    found = []
    watch = Watchdog()
    panel.open([str(path)])
    until(app, lambda: len(panel.list.rows) == 1 and panel.list.rows[0].shot.media is not None, watch)
    for view in ("hdr", "nits"):
        for every in (False, True):
            panel.viewing.looks.forget()
            panel.act(f"view_{view}")
            panel.viewing.go(0)
            until(app, lambda: not panel.player.canvas.loading and not panel.viewing.looks.busy, watch)
            alone = bare(path)
            panel.viewing.set_every(every)
            looked = time.perf_counter()  # as somebody does before Play: the next frames come meanwhile
            until(app, lambda since=looked: time.perf_counter() - since > _LOOK_SECONDS, watch)
            panel.act("play")
            player = panel.viewing.player
            begin, first, shown, moved = time.perf_counter(), player.at, 0, 0.0
            last = first
            while time.perf_counter() - begin < 4.0:
                watch.turn(app)
                shown += player.at != last
                moved = moved or (time.perf_counter() - begin if player.at != first else 0.0)
                last = player.at
                time.sleep(0.0005)
            took = time.perf_counter() - begin
            passed = shown + player.dropped
            panel.viewing.stop()
            main = panel.player.canvas.main
            found.append({
                "view": view, "every_frame": every, "shown_frames_per_second": round(shown / took, 1),
                "clip_frames_per_second": round(passed / took, 1), "left_out": player.dropped,
                "of": round(player.rate, 3), "first_frame_after_s": round(moved, 3),
                "bare_decode_frames_per_second": round(alone, 1),
                "shown_over_bare_decode": round(shown / took / alone, 2), "width_px": main.width,
                "of_width_px": main.full[0],
            })  # fmt: skip
    main_thread["playing"] = watch.told()
    return found
