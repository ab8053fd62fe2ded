"""What each movie codec is asked for: encoder, pixel format, tags and options."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, get_args

from candela_engines.colour.state import ColourState
from candela_engines.errors import InfrastructureError, InputError
from candela_engines.media.mastering import ContentLight, MasteringDisplay
from candela_engines.media.rgb_to_yuv import Chroma
from candela_engines.media.state_text import state_label

__all__ = ["HEVC_DELAY", "MOVIE_WRITABLE", "Encoder", "MovieCodec", "av_module", "encoder_for"]

MovieCodec = Literal["hevc", "av1", "prores4444"]

#: Codecs, the extensions of files that they are put in, and the bits of a sample, their own choice first.
MOVIE_WRITABLE: dict[MovieCodec, tuple[tuple[str, ...], tuple[int, ...]]] = {
    "hevc": ((".mp4", ".mov", ".mkv"), (10, 12)),
    "av1": ((".mp4", ".mkv"), (10,)),
    "prores4444": ((".mov",), (10,)),
}

_PQ, _HLG = 16, 18  # transfer characteristics of ITU-T H.273, table 3
_KEY_SECONDS = 2
_LEAST_SIDE, _LARGEST_SIDE = 16, 16384
#: How many pictures x265 is behind with a pyramid of B pictures, which all of its presets have.
HEVC_DELAY = 2
# ProRes 4444 and 4444 XQ are told apart by the code of the sample entry alone.
_PRORES = {"4444": "ap4h", "4444xq": "ap4x"}


@dataclass(frozen=True, slots=True)
class Encoder:
    """name: of the library's encoder. tag: code of the sample entry. trc: transfer characteristics."""

    name: str
    codec: MovieCodec
    bits: int
    pix_fmt: str
    chroma: Chroma
    tag: str
    trc: int
    gop: int
    options: dict[str, str] = field(default_factory=dict)


def av_module() -> Any:
    """PyAV. InfrastructureError where it is missing."""
    try:
        import av
    except ImportError as error:
        raise InfrastructureError(f"movies need the package av: pip install av ({error})") from None
    return av


def encoder_for(
    path: Path,
    *,
    size: tuple[int, int],
    rate: Fraction,
    encoding: ColourState,
    codec: MovieCodec,
    bits: int | None,
    quality: float | None,
    preset: str | None,
    light: ContentLight | None,
    mastering: MasteringDisplay | None,
    threads: int,
) -> Encoder:
    """The encoder of a movie that is to become `path`; InputError for what it cannot be."""
    if codec not in get_args(MovieCodec):
        raise InputError(f"{path}: codec {codec!r}; written are {', '.join(get_args(MovieCodec))}")
    suffixes, depths = MOVIE_WRITABLE[codec]
    if path.suffix.lower() not in suffixes:
        raise InputError(
            f"{path}: {codec} is written into {', '.join(suffixes)}, not {path.suffix or 'that'}"
        )
    bits = depths[0] if bits is None else bits
    if bits not in depths:
        advice = "; hevc has 12" if bits == 12 else ""
        raise InputError(
            f"{path}: {codec} of {bits} bits; {' or '.join(map(str, depths))} can be had{advice}"
        )
    if not 1 <= rate <= 1000:
        raise InputError(f"{path}: {rate} frames a second; 1 to 1000 are possible")
    _check_encoding(path, encoding)
    _check_size(path, size, codec)
    trc = _PQ if encoding.transfer == "pq" else _HLG
    gop = max(1, round(rate * _KEY_SECONDS))
    make = {"hevc": _hevc, "av1": _av1, "prores4444": _prores}[codec]
    tag, name, pix_fmt, options = make(path, bits, quality, preset, light, mastering, gop, threads)
    chroma: Chroma = "444" if codec == "prores4444" else "420"
    return Encoder(name, codec, bits, pix_fmt, chroma, tag, trc, gop, options)


def _check_encoding(path: Path, encoding: ColourState) -> None:
    fits = encoding.primaries == "bt2020" and encoding.transfer in ("pq", "hlg")
    if not fits or encoding.ocio_space is not None:
        raise InputError(
            f"{path}: movies are written as rec2100-pq or rec2100-hlg, not {state_label(encoding)}"
        )


def _check_size(path: Path, size: tuple[int, int], codec: MovieCodec) -> None:
    width, height = size
    if not all(_LEAST_SIDE <= side <= _LARGEST_SIDE for side in size):
        raise InputError(
            f"{path}: a movie of {width}x{height}; {_LEAST_SIDE} to {_LARGEST_SIDE} a side are possible"
        )
    if codec != "prores4444" and (width % 2 or height % 2):
        raise InputError(
            f"{path}: {width}x{height} is odd, and {codec} has its chroma at half size; crop the SDR by a "
            "line before it is embedded, or write prores4444 (.mov) or a sequence (.exr, .dpx)"
        )


def _number(path: Path, quality: float | None, default: float, top: int, codec: str) -> str:
    value = default if quality is None else quality
    if not 0 <= value <= top:
        raise InputError(
            f"{path}: quality {value:g}; {codec} takes 0 (lossless) to {top}, and {default:g} by itself"
        )
    return f"{value:g}"


_Parts = tuple[str, str, str, dict[str, str]]


def _hevc(
    path: Path,
    bits: int,
    quality: float | None,
    preset: str | None,
    light: ContentLight | None,
    mastering: MasteringDisplay | None,
    gop: int,
    threads: int,
) -> _Parts:
    # Closed groups of pictures of one length: shots are cut already, and segments have to join. No line about
    # the encoder in the stream: it would differ between segments of other light.
    words = [
        "log-level=none",
        "info=0",
        "open-gop=0",
        "scenecut=0",
        f"keyint={gop}",
        f"min-keyint={gop}",
        "b-pyramid=1",
    ]
    if threads:
        words.append(f"pools={threads}")
    if mastering is not None:
        words.append(f"master-display={mastering.to_x265()}")
    # Without this word a display alone would bring a MaxCLL of 0 with it.
    words.append("cll=0" if light is None else "max-cll={},{}".format(*light.whole))
    crf = _number(path, quality, 12, 51, "hevc")
    if crf == "0":
        words.append("lossless=1")
    options = {"crf": crf, "preset": preset or "medium", "x265-params": ":".join(words)}
    return "hvc1", "libx265", f"yuv420p{bits}le", options


def _av1(
    path: Path,
    bits: int,
    quality: float | None,
    preset: str | None,
    light: ContentLight | None,
    mastering: MasteringDisplay | None,
    gop: int,
    threads: int,
) -> _Parts:
    # The library has no other way to be told to keep its progress to itself.
    os.environ.setdefault("SVT_LOG", "1")
    # Forward key frames off: every group of pictures is closed.
    words = ["scd=0", "irefresh-type=2", f"keyint={gop}"]
    if threads:
        words.append(f"lp={threads}")
    if mastering is not None:
        words.append(f"mastering-display={mastering.to_svtav1()}")
    if light is not None:
        words.append("content-light={},{}".format(*light.whole))
    crf = _number(path, quality, 16, 63, "av1")
    if crf == "0":
        words.append("lossless=1")
    options = {"crf": crf, "preset": preset or "8", "svtav1-params": ":".join(words)}
    return "av01", "libsvtav1", f"yuv420p{bits}le", options


def _prores(
    path: Path,
    bits: int,
    quality: float | None,
    preset: str | None,
    light: ContentLight | None,
    mastering: MasteringDisplay | None,
    gop: int,
    threads: int,
) -> _Parts:
    if quality is not None:
        raise InputError(f"{path}: ProRes has no number for quality; its presets are {', '.join(_PRORES)}")
    preset = preset or "4444"
    if preset not in _PRORES:
        raise InputError(f"{path}: ProRes {preset!r}; written are {' and '.join(_PRORES)}")
    # The vendor is for programs that take Apple's files alone.
    options = {"profile": preset, "vendor": "apl0"}
    return _PRORES[preset], "prores_ks", f"yuv444p{bits}le", options
