"""A picture through a real video encoder and back: x265, x264 or AV1 at 10 bits, PQ or HLG."""

from __future__ import annotations

import io
import os
from fractions import Fraction
from typing import Any

import numpy as np

from candela_engines.colour import hlg, pq
from candela_engines.media.priority import usual_priority
from candela_engines.scorer.training.pictures import F32, held

__all__ = ["compressed"]

_ENCODERS = {"x265": "libx265", "x264": "libx264", "av1": "libsvtav1"}
_HIGHEST_CRF = {"x265": 51, "x264": 51, "av1": 63}
_TRANSFER = {"pq": "smpte2084", "hlg": "arib-std-b67"}


def compressed(nits: F32, crf: float, *, codec: str, transport: str = "pq") -> F32:
    """One picture as one 10-bit 4:2:0 key frame of `codec` at `crf`, decoded. Sides have to be even.

    transport: "pq" or "hlg" (1000 nit). BT.2020 non-constant luminance, narrow range, BT.2100-2 table 9.
    """
    import av

    os.environ.setdefault("SVT_LOG", "1")  # errors alone: it tells its settings with every picture otherwise
    code = pq.inverse_eotf(nits) if transport == "pq" else hlg.inverse_eotf(nits)
    height, width = nits.shape[:2]
    frame = av.VideoFrame(width, height, "yuv420p10le")
    # A frame without a time is left to the encoder, and some packets then have none that Matroska takes.
    frame.pts, frame.time_base = 0, Fraction(1, 24)
    for plane, values in zip(frame.planes, _planes(np.clip(code, 0, 1)), strict=True):
        padded = np.zeros((plane.height, plane.line_size // 2), "<u2")
        padded[:, : values.shape[1]] = values
        plane.update(padded.tobytes())
    buffer = io.BytesIO()
    with usual_priority(), av.open(buffer, "w", format="matroska") as container:
        stream = container.add_stream(_ENCODERS[codec], rate=Fraction(24))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p10le"
        stream.options = _options(codec, crf, transport)
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    buffer.seek(0)
    with av.open(buffer) as container:
        decoded = next(container.decode(video=0))
        planes = [_samples(plane) for plane in decoded.planes]
    back = _rgb(planes, height, width)
    return held(pq.eotf(back) if transport == "pq" else hlg.eotf(back))


def _options(codec: str, crf: float, transport: str) -> dict[str, str]:
    number = str(min(round(crf), _HIGHEST_CRF[codec]))
    if codec == "x265":
        tags = f"colorprim=bt2020:transfer={_TRANSFER[transport]}:colormatrix=bt2020nc:range=limited"
        return {
            "crf": number,
            "preset": "medium",
            "x265-params": f"log-level=none:pools=1:frame-threads=1:{tags}",
        }
    if codec == "x264":
        return {"crf": number, "preset": "medium", "threads": "1"}
    return {"crf": number, "preset": "8", "svtav1-params": "lp=1"}


def _planes(code: np.ndarray) -> list[np.ndarray]:
    luma = code @ np.array([0.2627, 0.6780, 0.0593], code.dtype)
    cb, cr = (code[..., 2] - luma) / 1.8814, (code[..., 0] - luma) / 1.4746
    height, width = luma.shape
    half = [c.reshape(height // 2, 2, width // 2, 2).mean((1, 3)) for c in (cb, cr)]
    return [_ten(luma, 64, 876), _ten(half[0], 512, 896), _ten(half[1], 512, 896)]


def _ten(values: np.ndarray, offset: int, scale: int) -> np.ndarray:
    return np.clip(np.round(values * scale + offset), 0, 1023).astype(np.uint16)


def _samples(plane: Any) -> np.ndarray:
    rows = np.frombuffer(bytes(plane), "<u2").reshape(plane.height, -1)
    return rows[:, : plane.width].astype(np.float32)


def _rgb(planes: list[np.ndarray], height: int, width: int) -> F32:
    luma = (planes[0][:height, :width] - 64) / 876
    cb, cr = ((_doubled(p[: height // 2, : width // 2]) - 512) / 896 for p in planes[1:])
    red, blue = luma + 1.4746 * cr, luma + 1.8814 * cb
    green = (luma - 0.2627 * red - 0.0593 * blue) / 0.6780
    return np.clip(np.stack([red, green, blue], axis=-1), 0, 1).astype(np.float32)


def _doubled(plane: np.ndarray) -> np.ndarray:
    """Twice the size, linear between the middles of samples: a quarter of the neighbour, three of the own."""
    out = plane
    for axis in (0, 1):
        padded = np.pad(out, [(1, 1) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
        before = np.take(padded, np.arange(out.shape[axis]), axis)
        after = np.take(padded, np.arange(2, out.shape[axis] + 2), axis)
        pair = np.stack([0.75 * out + 0.25 * before, 0.75 * out + 0.25 * after], axis=axis + 1)
        shape = [2 * n if a == axis else n for a, n in enumerate(out.shape)]
        out = pair.reshape(shape)
    return out
