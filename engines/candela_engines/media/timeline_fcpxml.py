"""An FCPXML file, as Final Cut Pro and DaVinci Resolve write it, as a timeline.

Read here and not through OpenTimelineIO's adapter, which knows no speeds and no transitions.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from candela_engines.errors import InputError
from candela_engines.media.fcpxml_media import Resources
from candela_engines.media.fcpxml_story import Story
from candela_engines.media.fcpxml_times import seconds_of
from candela_engines.media.fcpxml_tree import Element, parse_xml
from candela_engines.media.timecode import can_drop
from candela_engines.media.timeline_layers import shots_of, transitions_of
from candela_engines.media.timeline_types import Timeline

__all__ = ["Sequence", "parse_fcpxml", "sequence_of"]


class Sequence:
    """The one sequence of a file. rate: frames a second. start: frames of its timecode before its first one.

    origin: the time in seconds that its offsets count from.
    """

    def __init__(self, data: bytes, path: Path, rate: Fraction | None) -> None:
        self.root = parse_xml(data, path)
        _check_root(self.root, path)
        self.project, self.element = _only_sequence(self.root, path)
        self.resources = Resources(self.root, path.name)
        spine = self.element.first("spine")
        if spine is None:
            raise InputError(f"{path}: its sequence has no storyline")
        self.spine = spine
        own = self.resources.rate(self.element)
        found = rate or own
        if found is None:
            raise InputError(
                f"{path}: its format says no frames a second; give them with --rate, as --rate 24"
            )
        self.rate, self.own_rate = found, own
        begin = seconds_of(self.element, "tcStart", path.name) or Fraction(0)
        frames = begin * self.rate
        self.start, self.whole = round(frames), abs(frames - round(frames)) < Fraction(1, 100)
        self.drop = self.element.get("tcFormat") == "DF" and can_drop(self.rate)
        self.origin = begin
        first = next((seconds_of(item, "offset", path.name) for item in spine.children), None)
        if first is None or first < begin:
            self.origin = Fraction(0)  # some programs count from the first frame


def sequence_of(data: bytes, path: Path, rate: Fraction | None = None) -> Sequence:
    """Raises InputError for what is no FCPXML, is damaged, or holds none or several projects."""
    return Sequence(data, path, rate)


def parse_fcpxml(data: bytes, path: Path, rate: Fraction | None) -> Timeline:
    """The timeline of an FCPXML's bytes. rate: over its own.

    Raises InputError for what is no FCPXML, is damaged, declares entities or contradicts itself, naming the
    line or the clip with its timecode. A clip whose frames are not to be known says so as a shot's `trouble`.
    """
    of = sequence_of(data, path, rate)
    notes = []
    if rate is not None and of.own_rate is not None and of.own_rate != rate:
        notes.append(f"says {float(of.own_rate):.6g} frames a second; read at {float(rate):.6g} as asked")
    if not of.whole:
        notes.append("its start timecode is no whole frame; rounded")
    if of.element.get("tcFormat") == "DF" and not of.drop:
        notes.append("says drop frame, which does not exist at its rate; read as non-drop")
    story = Story(path, of.resources, of.rate, of.start, of.drop)
    layer = story.spine(of.spine.children).moved(-of.origin * of.rate)
    shots, rounding = shots_of(layer.pieces)
    if not shots:
        raise InputError(f"{path}: its storyline holds no shot")
    return Timeline(
        path=path,
        name=of.project.get("name") or path.stem,
        rate=of.rate,
        start=of.start,
        drop=of.drop,
        shots=shots,
        transitions=transitions_of(layer.fades, shots),
        notes=(*notes, *story.notes, *rounding),
    )


def _check_root(root: Element, path: Path) -> None:
    if root.tag == "xmeml":
        raise InputError(f"{path}: is XML of Final Cut Pro 7, which is not read; export FCPXML, OTIO or EDL")
    if root.tag != "fcpxml":
        raise InputError(f"{path}: is XML ({root.tag[:40]}), and no FCPXML")


def _only_sequence(root: Element, path: Path) -> tuple[Element, Element]:
    """The project with its sequence. What lies under `resources` are compounds, and no timelines."""
    found = []
    for top in root.children:
        if top.tag != "resources":
            found += [(one, one.first("sequence")) for one in top.walk() if one.tag == "project"]
    whole = [(project, sequence) for project, sequence in found if sequence is not None]
    if len(whole) == 1:
        return whole[0]
    names = ", ".join(repr(project.get("name")[:40]) for project, _ in whole[:6])
    raise InputError(f"{path}: holds {len(whole)} projects ({names or 'none'}); export the one that is meant")
