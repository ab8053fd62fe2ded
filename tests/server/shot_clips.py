"""Small made clips that carry their HDR: a light that wanders, graded, fitted and embedded."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from candela_engines.colour.names import NAMED
from candela_engines.itm.carriers import embed_payload
from candela_engines.itm.place import placed
from candela_engines.itm.reel import encode_reel
from candela_engines.itm.shot_fit import fit_part
from candela_engines.itm.shot_pairs import PairFrame
from candela_engines.media import write_sdr_png
from candela_engines.media.hashing import hash_samples
from candela_engines.media.open_clip import open_clip

from .pictures import grade

WIDTH, HEIGHT = 96, 64


def light_at(number: int, height: int = HEIGHT, width: int = WIDTH) -> npt.NDArray[np.float32]:
    """Nits of frame `number`: a ramp, and a lamp of about 900 nit that moves."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    y, x = y / max(height - 1, 1), x / max(width - 1, 1)
    base = 2 + 150 * x[..., None] * np.array([1.0, 0.8, 0.6]) + 20 * y[..., None] * np.array([0.3, 0.5, 1.0])
    at = 0.2 + 0.05 * (number % 13)
    lamp = 750 * np.exp(-40 * ((x - at) ** 2 + (y - 0.4) ** 2))[..., None]
    return (base + lamp).astype(np.float32)


def codes_at(number: int, height: int = HEIGHT, width: int = WIDTH) -> npt.NDArray[np.uint8]:
    """SDR codes of frame `number`, 8 bits, rec709."""
    return grade(light_at(number, height, width))


@dataclass(frozen=True)
class MadeShots:
    """shots: first and last frame. payloads: one for each shot, with checks."""

    shots: tuple[tuple[int, int], ...]
    payloads: tuple[bytes, ...]


def fitted(first: int, last: int, budget: int = 1500) -> bytes:
    """A payload for the frames first..last of the made clip, as 8-bit codes."""

    def pairs(a: int, b: int, wanted: Collection[int] | None = None) -> Iterator[PairFrame]:
        for number in range(a, b + 1):
            if wanted is None or number in wanted:
                codes = codes_at(number)
                yield PairFrame(number, codes, 8, light_at(number), hash_samples(codes, 8)[:16])

    part = fit_part(pairs, first, last, sdr_state=NAMED["rec709"], budget=budget, effort="fast")
    return part.payload


def write_sequence(folder: Path, made: MadeShots, first: int, last: int, *, bare: bool = False) -> Path:
    """`shot.####.png`, each frame's file with its placed payload; the pattern. bare: without any."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, last + 1):
        codes, path = codes_at(number), folder / f"shot.{number:04d}.png"
        write_sdr_png(path, codes, state=NAMED["rec709"])
        for (a, b), payload in zip(made.shots, made.payloads, strict=True):
            if a <= number <= b and not bare:
                embed_payload(path, path, placed(payload, number, hash_samples(codes, 8)))
    return folder / "shot.####.png"


def write_movie(
    path: Path,
    shots: tuple[tuple[int, int], ...],
    count: int,
    *,
    audio: bool = False,
    timecode: str | None = None,
) -> Path:
    """A lossless movie of the made clip's frames 0..count - 1, carrying a reel of these shots; its path."""
    plain = path.with_name(f"plain-{path.name}")
    with av.open(str(plain), "w") as out:
        stream = out.add_stream("libx264rgb", rate=24, options={"qp": "0", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "rgb24"
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace, context.color_range = 1, 1, 0, 2
        if timecode is not None:
            stream.metadata["timecode"] = timecode
        sound = out.add_stream("aac", rate=48000, layout="mono") if audio else None
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(codes_at(number), format="rgb24")
            frame.pts = number
            out.mux(stream.encode(frame))
        if sound is not None:
            tone = np.sin(np.arange(48000 * count // 24) / 20).astype(np.float32)
            for at in range(0, len(tone), 1024):
                part = av.AudioFrame.from_ndarray(tone[None, at : at + 1024], format="fltp", layout="mono")
                part.sample_rate, part.pts = 48000, at
                out.mux(sound.encode(part))
            out.mux(sound.encode(None))
        out.mux(stream.encode(None))
    payloads = [_fitted_to(plain, first, last) for first, last in shots]
    embed_payload(plain, path, encode_reel(payloads))
    return path


def _fitted_to(movie: Path, first: int, last: int) -> bytes:
    with open_clip(str(movie)) as clip:

        def pairs(a: int, b: int, wanted: Collection[int] | None = None) -> Iterator[PairFrame]:
            for frame in clip.frames(a, b):
                if wanted is None or frame.number in wanted:
                    yield PairFrame(
                        frame.number, frame.codes, frame.bits, light_at(frame.number), frame.digest()
                    )

        state = clip.info.state
        assert state is not None
        part = fit_part(pairs, first, last, sdr_state=state, budget=1500, effort="fast")
    return part.payload
