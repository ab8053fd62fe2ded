"""Small movies of every kind, written by FFmpeg's muxers."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

_x, _y = np.meshgrid(np.arange(64), np.arange(40))
PIXELS = np.stack([_x * 3 % 256, _y * 6 % 256, (_x * _y) % 256], -1).astype(np.uint8)
FRAGMENTS = {"movflags": "frag_keyframe+empty_moov"}
INDEXED = {"movflags": "frag_keyframe+dash+global_sidx"}
FONTS = (b"a font" * 99, b"another" * 50)


def movie(
    folder: Path, kind: str, *, codec: str = "mpeg4", attach: tuple[bytes, ...] = (), **options: str
) -> bytes:
    """Twelve frames in key frames of four, and sound where the codec is H.264."""
    path = folder / "movie"
    with av.open(str(path), "w", format=kind, options=options) as container:
        for number, data in enumerate(attach):
            container.add_attachment(f"font {number}.ttf", "application/x-truetype-font", data)
        video = container.add_stream(codec, rate=24)
        video.width, video.height, video.pix_fmt, video.gop_size = 64, 40, "yuv420p", 4
        audio = container.add_stream("aac", rate=48000) if codec == "libx264" else None
        for index in range(12):
            pixels = np.ascontiguousarray(np.roll(PIXELS, index, 0))
            container.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            if audio:
                sound = av.AudioFrame.from_ndarray(
                    np.sin(np.linspace(0, 99, 4000)).reshape(2, 2000).astype(np.float32), "fltp", "stereo"
                )
                sound.sample_rate, sound.pts = 48000, index * 2000
                container.mux(audio.encode(sound))
        for stream in (video, audio):
            container.mux(stream.encode(None) if stream else [])
    return path.read_bytes()
