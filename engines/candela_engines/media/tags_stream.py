"""Colour tags of a video stream: its code points, what its container says of them, and what follows.

Code points are those of ITU-T H.273, which FFmpeg, the VUI of HEVC and H.264, the sequence header of AV1,
`colr` of MP4 and QuickTime and Matroska share. What a stream leaves open is never taken for the usual: only
the matrix follows from primaries that are said, and the range from the codec standards' own default, and both
are written down.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from candela_engines.colour.state import ColourState, Primaries, Range
from candela_engines.errors import ColourStateError, MediaError
from candela_engines.media.decoded import TagFinding
from candela_engines.media.movie_rgb import MATRICES, Matrix
from candela_engines.media.state_text import state_label
from candela_engines.media.tags_cicp import Cicp, cicp_finding, primaries_of, with_mastering_peak

__all__ = ["MATRIX_NAMES", "CodePoints", "StreamColour", "settle"]

MATRIX_NAMES = ("rgb", "ycgco", *MATRICES)
_UNSAID = (0, 2)
# ITU-T H.273 (2024), table 4; 5 and 6 are the same numbers.
_MATRICES: dict[int, Matrix] = {
    0: "rgb",
    1: "bt709",
    5: "bt601",
    6: "bt601",
    8: "ycgco",
    9: "bt2020nc",
}
_REFUSED = {
    4: "that of FCC 1953",
    7: "that of SMPTE 240M",
    10: "BT.2020 constant luminance",
    11: "SMPTE ST 2085",
    12: "derived from chromaticities",
    13: "constant luminance, derived from chromaticities",
    14: "ICtCp (BT.2100)",
    15: "IPT-C2",
    16: "YCgCo-Re",
    17: "YCgCo-Ro",
}
_MATRIX_OF: dict[Primaries, Matrix] = {"bt709": "bt709", "bt2020": "bt2020nc"}


@dataclass(frozen=True, slots=True)
class CodePoints:
    """Primaries, transfer and matrix of H.273 (2: not said) and the range, None where it is not said."""

    primaries: int = 2
    transfer: int = 2
    matrix: int = 2
    range: Range | None = None

    def __str__(self) -> str:
        """As `9/16/9 narrow`."""
        return f"{self.primaries}/{self.transfer}/{self.matrix} {self.range or '(range not said)'}"


@dataclass(frozen=True, slots=True)
class StreamColour:
    """What the codes of a movie mean, as far as it is known.

    state: of the R'G'B' that they are brought to, range full. matrix: None where nothing says it.
    """

    state: ColourState | None
    tagged: bool
    found: str
    range: Range
    matrix: Matrix | None
    notes: tuple[str, ...]


def settle(
    stream: CodePoints, container: CodePoints | None, *, rgb: bool, grey: bool = False, full: bool = False,
    peak_nits: float | None = None, colour: ColourState | None = None, range_: Range | None = None,
    matrix: str | None = None,
) -> StreamColour:  # fmt: skip
    """Tags of the stream and of its container (None where it has none), and what the caller says instead.

    rgb, grey: of the pixel format, which needs no matrix; full: whether it says that its range is full.
    peak_nits: of the mastering display. Raises MediaError for a matrix that is not supported,
    ColourStateError for a name that is none.
    """
    notes: list[str] = []
    clash = container is not None and _clash(
        stream, container, but_range=range_ is not None, but_matrix=matrix is not None
    )
    said = _joined(stream, container)
    taken, found_range = _range(said.range, rgb, full)
    finding = cicp_finding(
        Cicp(said.primaries, said.transfer, said.matrix, taken == "full"), "stream tags", samples_full=True
    )
    found = finding.found + found_range
    if said.primaries in _UNSAID and said.transfer in _UNSAID:
        finding, found = TagFinding(None, found), f"no colour tags in the stream{found_range}"
    if clash:
        finding, found = TagFinding(None, found), f"the stream says {stream}, its container {container}"
    finding = with_mastering_peak(TagFinding(finding.state, found), peak_nits)
    state = finding.state
    if colour is not None:
        state = _overruled(colour, finding, notes)
        if clash:
            notes.append(f"{found}; the range of the stream is used")
    if range_ is None and colour is not None and colour.range == "narrow":
        range_ = "narrow"
    if range_ is not None and range_ != taken:
        if said.range is not None:
            notes.append(f"the stream says that its range is {said.range}; read as {range_} as asked")
        taken = range_
    return StreamColour(
        state=state,
        tagged=finding.state is not None,
        found=found,
        range=taken,
        matrix="rgb" if rgb or grey else _matrix(said, state, clash, matrix, notes),
        notes=tuple(notes),
    )


def _clash(stream: CodePoints, container: CodePoints, *, but_range: bool, but_matrix: bool) -> bool:
    """Whether both say something and not the same; ISO/IEC 14496-12 lets the container win, files do not.

    but_range, but_matrix: the caller says that.
    """
    pairs: list[tuple[int | str | None, int | str | None]]
    pairs = list(zip(_meanings(stream), _meanings(container), strict=True))[: 2 if but_matrix else 3]
    if not but_range:
        pairs.append((stream.range, container.range))
    return any(a != b and None not in (a, b) for a, b in pairs)


def _meanings(points: CodePoints) -> tuple[int | str | None, ...]:
    """What may be compared: the four codes of BT.709's curve are one; an RGB matrix is the pixel format's."""
    transfer = 1 if points.transfer in (1, 6, 14, 15) else points.transfer
    matrix = _MATRICES.get(points.matrix, points.matrix)
    return (
        None if points.primaries in _UNSAID else points.primaries,
        None if transfer in _UNSAID else transfer,
        None if matrix in (2, "rgb") else matrix,
    )


def _joined(stream: CodePoints, container: CodePoints | None) -> CodePoints:
    if container is None:
        return stream
    return CodePoints(
        container.primaries if stream.primaries == 2 else stream.primaries,
        container.transfer if stream.transfer == 2 else stream.transfer,
        container.matrix if stream.matrix == 2 else stream.matrix,
        stream.range or container.range,
    )


def _range(said: Range | None, rgb: bool, full: bool) -> tuple[Range, str]:
    """The range, and what is to be told of it where nothing says it."""
    if full:
        return "full", ""
    if said is not None:
        return said, ""
    if rgb:
        return "full", ", range not said (full, as R'G'B' is stored)"
    return "narrow", ", range not said (narrow, the default of the codec standards)"


def _overruled(colour: ColourState, finding: TagFinding, notes: list[str]) -> ColourState:
    """The caller's state, of the full-range R'G'B' that comes out; a contradiction becomes a note."""
    state = replace(colour, range="full")
    tagged = finding.state
    if tagged is not None and (state.primaries, state.transfer) != (tagged.primaries, tagged.transfer):
        notes.append(
            f"{finding.found}, which is {state_label(tagged)}; read as {state_label(state)} as asked"
        )
    return state


def _matrix(
    said: CodePoints, state: ColourState | None, clash: bool, asked: str | None, notes: list[str]
) -> Matrix | None:
    primaries = state.primaries if state is not None else primaries_of(said.primaries)
    fitting = _MATRIX_OF.get(primaries) if primaries is not None else None
    if asked is not None:
        chosen = next((name for name in _MATRICES.values() if name == asked), None)
        if chosen is None:
            raise ColourStateError(f"matrix {asked!r}: one of {', '.join(MATRIX_NAMES)} is needed")
        if said.matrix != 2 and _MATRICES.get(said.matrix) != chosen:
            notes.append(f"the stream says matrix {said.matrix}; read with {chosen} as asked")
        return chosen
    if said.matrix in _REFUSED:
        raise MediaError(
            f"its matrix is {_REFUSED[said.matrix]} (code {said.matrix}), which is not supported; convert it "
            "to one of the non-constant luminance matrices, or name the true one if the tag is wrong"
        )
    if clash and state is None:
        return None
    if said.matrix != 2 and not clash:
        chosen = _MATRICES.get(said.matrix)
        if chosen is not None and fitting is not None and chosen in MATRICES and chosen != fitting:
            notes.append(f"its matrix ({chosen}) is not that of its primaries ({primaries}); used as tagged")
        return chosen
    if fitting is not None:
        what = "is contradictory" if clash else "is not said"
        notes.append(f"its matrix {what}; {fitting} follows from the primaries ({primaries})")
    return fitting
