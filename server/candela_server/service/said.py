"""What somebody said of a picture's numbers with flags, and the picture read accordingly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from candela_engines.colour.names import parse_colour
from candela_engines.colour.state import ColourState, Range
from candela_engines.errors import ColourStateError, InputError
from candela_engines.media import Still, read_still
from candela_engines.media.still import check_narrow

__all__ = ["SaidColour", "with_state"]


@dataclass(frozen=True)
class SaidColour:
    """What --sdr-colour and --sdr-range (or the two for the HDR master) say; None where nothing was said.

    name: as `parse_colour` takes it; it means full range unless `range` says otherwise. ocio: of --ocio.
    """

    which: Literal["sdr", "hdr"]
    name: str | None = None
    range: Range | None = None
    ocio: str | None = None

    @property
    def flag(self) -> str:
        """The flag that names colours, for errors."""
        return f"--{self.which}-colour"

    def read(self, path: Path) -> Still:
        """The picture at `path` in the state that was said, else in that of its tags.

        A contradiction to the tags is a note. Raises ColourStateError for a name that is unknown, InputError
        for narrow range where it cannot be, and whatever `read_still` does.
        """
        still = read_still(path, colour=self._state())
        if still.state is None:
            return still
        still = with_state(still, self._ranged(still))
        # Its header says so even where it does not settle the rest, and half a tag is easily overlooked.
        if self.range is None and not still.tagged and still.metadata.get("dpx_range") == "narrow":
            note = (
                f"its header has the reference codes of narrow range; if they are right, say {self._narrow}"
            )
            return replace(still, notes=(*still.notes, note))
        return still

    def refuse_without_picture(self) -> None:
        """Raise InputError where something was said of a picture that is not given: its own HDR is light."""
        for given, flag in ((self.name, self.flag), (self.range, f"--{self.which}-range")):
            if given is not None:
                raise InputError(f"{flag} without --{self.which}: an Ultra HDR JPEG's own HDR needs none")

    @property
    def _narrow(self) -> str:
        return f"--{self.which}-range narrow"

    def _state(self) -> ColourState | None:
        if self.name is None:
            return None
        try:
            state = parse_colour(self.name, config=self.ocio)
        except ColourStateError as error:
            raise ColourStateError(f"{self.flag} {self.name[:80]}: {error}") from error
        return state if self.range is None else replace(state, range=self.range)

    def _ranged(self, still: Still) -> ColourState:
        state = still.state
        assert state is not None
        if self.range is None or self.range == state.range:
            return state
        return replace(state, range=self.range)


def with_state(still: Still, state: ColourState) -> Still:
    """`still` read as `state`. Raises InputError for a narrow range that its samples cannot have."""
    check_narrow(still, state)
    if still.state is None or still.state == state:
        return replace(still, state=state)
    note = f"the file says {still.state.range} range ({still.found}), read as {state.range} range as asked"
    return replace(still, state=state, notes=(*still.notes, note))
