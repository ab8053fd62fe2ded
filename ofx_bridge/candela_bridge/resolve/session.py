"""A session with Resolve: its timeline as it is now, scores of its shots, stills with the grade, LUTs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence

from candela_bridge.client import Bridge, Call
from candela_bridge.resolve import grades, markers, reconstruction, stills
from candela_bridge.resolve.asking import ask, whole
from candela_bridge.resolve.colours import output_colour
from candela_bridge.resolve.errors import ResolveError
from candela_bridge.resolve.ledger import Ledger, usual_folder
from candela_bridge.resolve.shots import items_of, key_of, shots_of
from candela_bridge.shot import Shot
from candela_bridge.shot_scores import Scored, score_shots

__all__ = ["ResolveError", "Session"]

Json = Dict[str, Any]
_FILE = "file:"  # in front of the key of a shot that was judged by its file alone


class Session:
    """resolve: of `probe.connect`. bridge: to the helper. kept: folder in which it is noted what was scored,
    None for the user's own. Calls of Resolve take their time: not for a thread that draws a window."""

    def __init__(self, resolve: Any, bridge: Bridge, kept: Optional[Path] = None) -> None:
        self.resolve, self.bridge, self._kept = resolve, bridge, kept
        self._listed: Optional[str] = None

    @property
    def project(self) -> Any:
        """The project that is open. ResolveError where there is none."""
        manager = self.resolve.GetProjectManager() if self.resolve is not None else None
        project = manager.GetCurrentProject() if manager is not None else None
        if project is None:
            raise ResolveError("no project is open in Resolve, or Resolve has ended")
        return project

    @property
    def timeline(self) -> Any:
        """The timeline that is open. ResolveError where there is none."""
        timeline = self.project.GetCurrentTimeline()
        if timeline is None:
            raise ResolveError("no timeline is open in Resolve: open one")
        return timeline

    def shots(self) -> List[Shot]:
        """Of the open timeline."""
        timeline = self.timeline
        self._listed = _identity(timeline)
        return shots_of(timeline)

    def score(
        self,
        shots: Sequence[Shot],
        done: Scored,
        progress: Optional[Callable[[Shot, Json], None]] = None,
        **more: Any,
    ) -> List[Call]:
        """Judge shots by their files, as they lie on disk and without the grade: `score_shots`."""
        now = {shot.key: grades.fingerprint(self.resolve, shot, graded=False) for shot in shots}
        ledger = self._ledger()

        def scored(shot: Shot, result: Optional[Json], error: Optional[BaseException]) -> None:
            if result is not None:
                _remember(ledger, _FILE + shot.key, result, now[shot.key])
            done(shot, result, error)

        return score_shots(self.bridge, shots, scored, progress, **more)

    def mark(self, shot: Shot, result: Json) -> List[str]:
        """Write what was found of a shot as markers, in place of those that it has of ours. What failed.

        ResolveError where another timeline is open by now, or the shot is elsewhere on it.
        """
        timeline = self._timeline_of(shot)
        markers.remove_marks(timeline, [shot.key])
        return markers.write_marks(timeline, markers.marks_of(shot, result))

    def unmark(self) -> int:
        """Take all markers of ours away; how many. ResolveError where some would not go."""
        gone, stuck = markers.remove_marks(self.timeline)
        if stuck:
            raise ResolveError(f"{stuck} markers would not go; is the timeline locked, or somebody else's?")
        return gone

    def still(self, shot: Shot, frame: int, folder: Optional[str] = None) -> Json:
        """A frame of the shot with its grade, as the project puts it out: path and colour, for a `grade`.

        frame: from the timeline's first one. The playhead goes there and comes back. ResolveError where no
        file came, whatever Resolve said, and where the project's colours are not known.
        """
        colour = self._colour()
        made = stills.export_frames(self.project, self._timeline_of(shot), shot, [frame], folder)
        return {"path": made.path, "colour": colour}

    def score_graded(
        self,
        shot: Shot,
        done: Scored,
        *,
        frames: int = 5,
        reference: Optional[Json] = None,
        progress: Optional[Callable[[Shot, Json], None]] = None,
        **more: Any,
    ) -> Optional[Call]:
        """Judge a shot with its grade, by up to `frames` stills of it, which are removed afterwards.

        reference: the SDR version, for a `reference`, with the timeline's frame numbers. To export takes
        Resolve a while, in this thread; judging does not wait. done: as of `score_shots`; what Resolve
        refuses comes there too, and None comes back. Its colour is the project's output.
        """
        try:
            colour = self._colour()
            numbers = stills.key_frames(shot, frames)
            made = stills.export_frames(self.project, self._timeline_of(shot), shot, numbers)
        except ResolveError as error:
            done(shot, None, error)
            return None
        now, ledger = grades.fingerprint(self.resolve, shot), self._ledger()

        def ended(call: Call) -> None:
            made.remove()
            if call.cancelled():
                return
            error = call.exception()
            if error is None:
                _remember(ledger, shot.key, call.result(), now)
            done(shot, call.result() if error is None else None, error)

        def moved(said: Json) -> None:
            if progress is not None:
                progress(shot, said)

        given = {**stills.graded(made, colour, reference), **more}
        return self.bridge.call("score", given, progress=moved, done=ended)

    def changed(self, shots: Sequence[Shot], *, graded: bool = True) -> "Dict[str, str]":
        """Of these shots those that are others than when they were scored, or may be: why, by their key.

        graded: as `score_graded` judges them, else their files alone, as `score` does. `grades` says what can
        be told of a grade. A while's work for Resolve: not for a drawing thread.
        """
        ledger = self._ledger()
        found: Dict[str, str] = {}
        for shot in shots:
            row = ledger.get(shot.key if graded else _FILE + shot.key)
            before = None if row is None else row.get("fingerprint")
            why = grades.what_changed(before, grades.fingerprint(self.resolve, shot, graded=graded))
            if why:
                found[shot.key] = why
        return found

    def score_of(self, shot: Shot) -> Optional[float]:
        """What a shot had when it was scored last, with its grade; None where it was not, or had none."""
        row = self._ledger().get(shot.key)
        score = None if row is None else row.get("score")
        return float(score) if isinstance(score, (int, float)) else None

    def thumbnail(self, shot: Shot) -> Optional[stills.Thumbnail]:
        """Of the shot's middle with its grade; None off the Color page, where Resolve has none."""
        return stills.thumbnail(self.resolve, self._timeline_of(shot), shot)

    def effect_setup(self, shot: Shot, done: Callable[[Optional[List[str]], Any], None]) -> Call:
        """What to set in the effect Candela Reconstruct for a shot's file, in lines: no call sets it.

        done: gets them, or what went wrong, where the bridge's callbacks run.
        """

        def ended(call: Call) -> None:
            if not call.cancelled():
                error = call.exception()
                done(None if error is not None else reconstruction.effect_lines(call.result()), error)

        return self.bridge.call("setup", _setup(shot), done=ended)

    def reconstruct(
        self,
        shot: Shot,
        done: Callable[[Optional[str], Any], None],
        *,
        kind: str = "dctl",
        node: int = 1,
        encoding: Optional[str] = None,
        luts: Optional[str] = None,
    ) -> Call:
        """Write the network that a shot's file carries as a DCTL or cube, and put it on a node that is there.

        encoding: of what comes out; None for what the project works in. luts: the master LUT folder, None for
        the usual one. done: gets the LUT's name, or what went wrong, where the bridge's callbacks run; it
        calls Resolve there. Raises ResolveError for what can be told before.
        """
        said = encoding or reconstruction.transfer(self.project)
        path = reconstruction.lut_path(shot, kind, luts)

        def exported(call: Call) -> None:
            error: Any = None if call.cancelled() else call.exception()
            if call.cancelled() or error is not None:
                done(None, error)
                return
            name = f"{reconstruction.FOLDER}/{path.name}"
            try:
                self.set_lut(shot, name, node)
            except ResolveError as refused:
                done(None, refused)
            else:
                done(name, None)

        def ready(call: Call) -> None:
            error: Any = None if call.cancelled() else call.exception()
            try:
                number = (
                    None if call.cancelled() or error else reconstruction.shot_number(call.result(), shot)
                )
            except ResolveError as refused:
                error = refused
            if call.cancelled() or error is not None:
                done(None, error)
                return
            given: Json = {"path": shot.path, "out": str(path), "kind": kind, "encoding": said}
            if number is not None:
                given["shot"] = number
            self.bridge.call("export", given, done=exported)

        return self.bridge.call("setup", _setup(shot), done=ready)

    def set_lut(self, shot: Shot, lut: str, node: int = 1) -> None:
        """Put a DCTL or cube of Candela's on a node of the shot. lut: its name inside the master LUT folder.

        No call makes a node or reads a grade, so the node has to be there. ResolveError where Resolve
        refuses.
        """
        ask(self.project, "RefreshLUTList")
        graph = ask(shot.item, "GetNodeGraph") or shot.item  # before Resolve 19 the shot has its calls
        nodes = whole(ask(graph, "GetNumNodes")) or 0
        if not nodes or not 1 <= node <= nodes:
            has = nodes or "none"
            raise ResolveError(f"{shot.name} has no node {node}; it has {has}. Make one, and try again")
        if not ask(graph, "SetLUT", node, lut):
            raise ResolveError(
                f"Resolve does not know the LUT {lut}; it has to lie in its LUT folder, and DCTL is for "
                "Studio alone"
            )

    def _timeline_of(self, shot: Shot) -> Any:
        """The open timeline, with the shot where it was when it was listed. ResolveError else: markers would
        go elsewhere, and stills be of something else."""
        timeline = self.timeline
        if self._listed is None:  # listed by another session
            there = any(shot.key == key_of(item, shot.track) for item in items_of(timeline, shot.track))
        else:
            there = _identity(timeline) == self._listed
        if not there:
            raise ResolveError(
                f"{shot.name} is not on the timeline that is open in Resolve; open its own, or list the "
                "shots of this one"
            )
        begin = whole(timeline.GetStartFrame()) or 0
        place = (whole(shot.item.GetStart()), whole(shot.item.GetEnd()))
        if place != (begin + shot.first, begin + shot.last + 1):
            raise ResolveError(f"{shot.name} is not where it was when it was listed; list the shots anew")
        return timeline

    def _colour(self) -> Json:
        colour = output_colour(self.project)
        if colour is None:
            raise ResolveError(
                "what the project puts out has no name that is known here; say the colour of its stills by "
                "hand"
            )
        return colour

    def _ledger(self) -> Ledger:
        project, timeline = self.project, self.timeline
        about = (str(ask(project, "GetUniqueId") or project.GetName()), _identity(timeline))
        return Ledger(self._kept or usual_folder(), *about)


def _identity(timeline: Any) -> str:
    """By which a timeline is known again."""
    return str(ask(timeline, "GetUniqueId") or timeline.GetName() or "")


def _remember(ledger: Ledger, key: str, found: Json, fingerprint: Json) -> None:
    scores = [one["score"] for one in found["result"]["shots"] if one["score"] is not None]
    score = min(scores) if scores else None
    ledger.put(key, {"fingerprint": fingerprint, "score": score, "document": found.get("document")})


def _setup(shot: Shot) -> Json:
    given: Json = {"path": shot.path}
    if shot.media is not None:
        given["frame"] = shot.media[0]
    return given
