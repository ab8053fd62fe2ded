"""What rules are told of an opened clip: how it was read, and what it says of itself."""

from __future__ import annotations

from fractions import Fraction

from candela_engines.colour.state import ColourState
from candela_engines.errors import MediaError
from candela_engines.media.clip import Clip, ClipInfo
from candela_engines.media.movie import Movie
from candela_engines.media.movie_rgb import MATRICES, video_model
from candela_engines.qc.profile import Profile
from candela_engines.qc.result import ClipColour, Declared, Mastering
from candela_engines.qc.rule import ClipFacts
from candela_server.service.qc_request import QcSaid
from candela_server.service.timecodes import timecode_at

__all__ = ["colour_of", "declared_of", "facts_of", "timecode_of_frame"]


def timecode_of_frame(info: ClipInfo, number: int) -> str | None:
    """The timecode of a frame, from 00:00:00:00 where the clip has a rate and no timecode; None without a
    rate.
    """
    start = info.timecode or ("00:00:00:00" if info.rate is not None else None)
    rate: Fraction | None = info.rate
    return timecode_at(start, rate, number - info.first)


def colour_of(clip: Clip, state: ColourState, said: QcSaid) -> ClipColour:
    """How the codes were read, and by whose word."""
    info = clip.info
    tag = ("stream" if info.kind == "movie" else "file") if info.tagged else "default"
    colour = "flag" if said.colour is not None else tag
    stored, matrix = str(state.range), None
    if isinstance(clip, Movie):
        narrow = clip.model.scale < (1 << info.bits) - 1
        stored, matrix = "narrow" if narrow else "full", _matrix(clip, info.bits)
    guessed = "not said" in info.found
    sources = {
        "primaries": colour,
        "transfer": colour,
        "range": "flag" if said.range is not None else "default" if guessed else tag,
    }
    if matrix is not None:
        sources["matrix"] = "flag" if said.matrix is not None else tag
    return ClipColour(
        primaries=state.primaries,
        transfer=state.transfer,
        matrix=matrix,
        stored_range=stored,
        peak_nits=state.peak_nits,
        reference_white_nits=state.reference_white_nits,
        sources=sources,
        found=info.found,
    )


def _matrix(clip: Movie, bits: int) -> str | None:
    model = clip.model
    if not model.ycc:
        return None
    for name in (*MATRICES, "ycgco"):
        for stored in ("narrow", "full"):
            try:
                other = video_model(name, stored, bits)  # type: ignore[arg-type]
            except MediaError:
                continue
            if other.matrix == model.matrix:
                return str(name)
    return None


def declared_of(info: ClipInfo) -> Declared:
    """What the file says of its light."""
    display = info.display
    mastering = None
    if display is not None:
        nothing = (0.0, 0.0)
        mastering = Mastering(
            display.red or nothing,
            display.green or nothing,
            display.blue or nothing,
            display.white or nothing,
            display.min_nits or 0.0,
            display.max_nits or 0.0,
        )
    levels = info.luminance or (None, None)
    return Declared(mastering, levels[0], levels[1])


def facts_of(clip: Clip, state: ColourState, said: QcSaid, profile: Profile) -> ClipFacts:
    """All but the network and the scores."""
    info = clip.info
    return ClipFacts(
        width_px=info.width,
        height_px=info.height,
        bits=info.bits,
        floats=not isinstance(clip, Movie) and state.transfer == "linear",
        rate=None if info.rate is None else float(info.rate),
        colour=colour_of(clip, state, said),
        declared=declared_of(info),
        first=info.first,
        last=info.last,
        missing=info.missing,
        cut_after=info.cut_after,
        notes=info.notes,
        expected=profile.expect,
        contradictions=_contradictions(info),
    )


def _contradictions(info: ClipInfo) -> tuple[str, ...]:
    """As `media.tags_stream` tells them; of those that a flag settled, which it takes to get here."""
    clash = info.found.startswith("the stream says ") and ", its container " in info.found
    overruled = tuple(note for note in info.notes if note.endswith(" as asked"))
    return (info.found, *overruled) if clash else overruled
