"""PySceneDetect on a reel: ContentDetector and AdaptiveDetector over a grid of settings.

Its own detectors, frame by frame. The score of a frame, which is most of the work and depends on the weights
alone, is computed once a frame and handed to all settings of the same weights; what they make of it is their
own code.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["cuts_of_rivals", "settings", "time_of_rival"]

Setting = tuple[Any, ...]


def settings() -> list[Setting]:
    """All settings that are tried: ("content", luma_only, threshold, shortest shot, filter mode) and
    ("adaptive", luma_only, adaptive_threshold, window, min_content_val, shortest shot).
    """
    modes = ((0, "MERGE"), (15, "MERGE"), (15, "SUPPRESS"))
    content = product(("content",), (False, True), _range(6, 60, 3), modes)
    adaptive = product(("adaptive",), (False, True), _range(1.5, 4.5, 0.5), (1, 2, 3), _range(5, 30, 5), (0,))
    return [(name, luma, threshold, *mode) for name, luma, threshold, mode in content] + list(adaptive)


def _range(low: float, high: float, step: float) -> tuple[float, ...]:
    return tuple(round(float(v), 3) for v in np.arange(low, high + step / 2, step))


def cuts_of_rivals(frames: NDArray[np.uint8], wanted: list[Setting]) -> dict[Setting, list[int]]:
    """The first frames of the shots that each setting finds. frames: (T, H, W, 3) R'G'B'."""
    from scenedetect import FrameTimecode

    codes = [FrameTimecode(i, 24.0) for i in range(len(frames))]
    scores = {luma: _scores(frames, luma) for luma in {setting[1] for setting in wanted}}
    found = {}
    for setting in wanted:
        detector = _detector(setting)
        current = iter(scores[setting[1]])
        detector._calculate_frame_score = lambda *_, values=current: next(values)
        cuts = [cut for code in codes for cut in detector.process_frame(code, frames[0])]
        cuts += detector.post_process(codes[-1])
        found[setting] = sorted({cut.frame_num for cut in cuts})
    return found


def time_of_rival(frames: NDArray[np.uint8], setting: Setting) -> float:
    """Milliseconds of processor time a frame of one detector as it is, frames in memory."""
    from scenedetect import FrameTimecode

    detector = _detector(setting)
    swapped = [np.ascontiguousarray(frame[..., ::-1]) for frame in frames]
    codes = [FrameTimecode(i, 24.0) for i in range(len(frames))]
    start = time.process_time()
    for code, frame in zip(codes, swapped, strict=True):
        detector.process_frame(code, frame)
    return (time.process_time() - start) / len(frames) * 1e3


def _scores(frames: NDArray[np.uint8], luma_only: bool) -> list[float]:
    from scenedetect import ContentDetector, FrameTimecode

    detector = ContentDetector(luma_only=luma_only)
    score: Callable[..., float] = detector._calculate_frame_score
    return [
        score(FrameTimecode(i, 24.0), np.ascontiguousarray(frame[..., ::-1]))
        for i, frame in enumerate(frames)
    ]


def _detector(setting: Setting) -> Any:
    from scenedetect import AdaptiveDetector, ContentDetector
    from scenedetect.detector import FlashFilter

    if setting[0] == "content":
        _, luma_only, threshold, shortest, mode = setting
        return ContentDetector(
            threshold, shortest, luma_only=luma_only, filter_mode=getattr(FlashFilter.Mode, mode)
        )
    _, luma_only, ratio, window, least, shortest = setting
    return AdaptiveDetector(ratio, shortest, window, least, luma_only=luma_only)
