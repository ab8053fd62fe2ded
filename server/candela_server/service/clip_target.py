"""What reconstruct is to write of a shot: numbered files or a movie, in which encoding, how deep."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from candela_engines.colour.pq import eotf
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.media.exr_frames import EXR_COMPRESSIONS
from candela_engines.media.sequence_names import is_pattern, parse_name
from candela_engines.media.write_movie_codecs import MOVIE_WRITABLE, MovieCodec
from candela_server.service.target import Target, encoding_of, target_of

__all__ = ["MOVIES", "SEQUENCES", "ClipTarget", "clip_target_of", "crf_of", "roll_off_from"]

MOVIES: dict[str, tuple[MovieCodec, ...]] = {
    ".mp4": ("hevc", "av1"),
    ".mov": ("prores4444", "hevc"),
    ".mkv": ("hevc", "av1"),
}
"""Extensions of movies and what can be in them, its own choice first."""

SEQUENCES: dict[str, tuple[int, ...]] = {
    ".exr": (16, 32),
    ".dpx": (10, 12, 16),
    ".tif": (16, 8),
    ".tiff": (16, 8),
    ".png": (16, 8),
}
"""Extensions of numbered files, and the bits of a sample, the format's own first."""

# Steps of CRF for a step of quality; what the encoders choose by themselves is 80 and 75.
_CRF: dict[MovieCodec | None, float] = {"hevc": 0.6, "av1": 0.64}
_LAST_CRF = 51.0
_DIGITS = 4


@dataclass(frozen=True)
class ClipTarget:
    """kind: numbered files, or a movie. out: the pattern with its number as #, or the movie.

    target: encoding and peak, as for stills. bits: of a sample. codec: of a movie. compression: of .exr.
    start: what the first frame of a movie is to be called in numbered files; None keeps the numbers.
    """

    kind: Literal["sequence", "movie"]
    out: Path
    target: Target
    bits: int
    codec: MovieCodec | None = None
    quality: int | None = None
    compression: str | None = None
    start: int | None = None

    @property
    def encoding(self) -> ColourState:
        """What the samples mean."""
        assert self.target.encoding is not None
        return self.target.encoding

    @property
    def suffix(self) -> str:
        """The extension, in lower case."""
        return self.out.suffix.lower()

    @property
    def pq_bits(self) -> int:
        """Of PQ codes that the network writes; a movie's are quantised later, when they are Y'CbCr."""
        return 16 if self.kind == "movie" else self.bits

    def with_target(self, target: Target) -> ClipTarget:
        """The same with another encoding or mastering peak."""
        return replace(self, target=target)


def clip_target_of(
    out: Path,
    *,
    stem: str,
    encoding: str | None = None,
    peak: float | None = None,
    bits: int | None = None,
    quality: int | None = None,
    codec: str | None = None,
    compression: str | None = None,
    start: int | None = None,
    ocio: str | None = None,
) -> ClipTarget:
    """What these options ask for, checked before anything is read.

    stem: of the files that a folder is filled with, as STEM.####.exr. Raises InputError and ColourStateError,
    which name the option.
    """
    if out.suffix.lower() in MOVIES:
        return _movie(out, encoding, peak, bits, quality, codec, compression, start, ocio)
    pattern = _pattern(out, stem)
    suffix = pattern.suffix.lower()
    if codec is not None:
        raise InputError(f"--codec {codec}: is for movies ({', '.join(MOVIES)}), and {suffix} has none")
    if quality is not None:
        raise InputError(f"--quality {quality}: {suffix} has none; it is for hevc and av1")
    if compression is not None and suffix != ".exr":
        raise InputError(f"--compression {compression}: is for .exr; {suffix} has its own")
    if compression is not None and compression not in EXR_COMPRESSIONS:
        raise InputError(f"--compression {compression}: {', '.join(EXR_COMPRESSIONS)} are known")
    target = target_of(pattern, encoding=encoding, peak=peak, bits=bits, quality=None, ocio=ocio)
    depth = bits or SEQUENCES[suffix][0]
    return ClipTarget("sequence", pattern, target, depth, compression=compression, start=start)


def _pattern(out: Path, stem: str) -> Path:
    """Where the files go, with the place of their number in the name."""
    if out.is_dir() or (out.suffix == "" and not is_pattern(out)):
        return out / f"{stem}.{'#' * _DIGITS}.exr"
    suffix = out.suffix.lower()
    if suffix not in SEQUENCES:
        raise InputError(
            f"{out}: a shot is not written as {suffix or 'a name without extension'}; numbered files are "
            f"{', '.join(SEQUENCES)}, movies {', '.join(MOVIES)}"
        )
    if not is_pattern(out):
        raise InputError(
            f"{out}: no number in the name; say where the frame's number goes, as {out.stem}.####{out.suffix}"
        )
    if parse_name(out).ranges is not None:
        raise InputError(f"{out}: has a range in its name; say --frames and --start instead")
    return out


def _movie(
    out: Path,
    encoding: str | None,
    peak: float | None,
    bits: int | None,
    quality: int | None,
    codec: str | None,
    compression: str | None,
    start: int | None,
    ocio: str | None,
) -> ClipTarget:
    suffix = out.suffix.lower()
    chosen = next((known for known in MOVIES[suffix] if known == codec), None)
    if codec is None:
        chosen = MOVIES[suffix][0]
    if chosen is None:
        raise InputError(f"--codec {codec}: {suffix} is written with {' or '.join(MOVIES[suffix])}")
    if compression is not None:
        raise InputError(f"--compression {compression}: is for .exr; movies have --codec and --quality")
    if start is not None:
        raise InputError(f"--start {start}: is for numbered files; a movie's frames are counted from 0")
    depths = MOVIE_WRITABLE[chosen][1]
    if bits is not None and bits not in depths:
        raise InputError(f"--bit-depth {bits}: {chosen} is written with {' or '.join(map(str, depths))}")
    if quality is not None and chosen == "prores4444":
        raise InputError(f"--quality {quality}: prores4444 has none; it is for hevc and av1")
    if quality is not None and not 1 <= quality <= 100:
        raise InputError(f"--quality {quality}: 1 to 100 is needed")
    target = encoding_of(out, suffix, encoding=encoding, peak=peak, ocio=ocio)
    state = target.encoding
    fits = state is not None and state.ocio_space is None and state.primaries == "bt2020"
    if not fits or state is None or state.transfer not in ("pq", "hlg"):
        raise InputError(
            f"{out}: --encoding {encoding}: movies are written as PQ or HLG in BT.2020; other encodings "
            "go to numbered files"
        )
    return ClipTarget("movie", out, target, bits or depths[0], codec=chosen, quality=quality)


def crf_of(codec: MovieCodec | None, quality: int | None) -> float | None:
    """The CRF of a quality of 1 to 100; 100 is lossless. None: the encoder's own."""
    if quality is None or codec not in _CRF:
        return None
    return min(round((100 - quality) * _CRF[codec], 1), _LAST_CRF)


def roll_off_from(ceilings: list[int], peak: float) -> float | None:
    """The light that a roll-off to `peak` begins from, nits; None where all light is within it anyway.

    ceilings: of all shots of the clip, PQ codes over 4096 that their masters do not exceed. One curve for
    every frame: one that followed the brightest pixel of each frame would pump.
    """
    brightest = float(eotf(max(ceilings, default=4096) / 4096))
    return None if brightest <= peak else brightest
