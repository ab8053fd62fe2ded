"""Many Reads at once: those that are selected, judged by their files, with Nuke's own progress bar."""

from __future__ import annotations

import csv
import json
import os
import tempfile
import threading
import time
from typing import Any, Dict, List, Optional, Sequence

from candela_bridge.client import Call
from candela_bridge.nuke import scoring
from candela_bridge.nuke.host import bridge, complain, nuke
from candela_bridge.words import count, worst

__all__ = ["Batch", "score_selected"]

_LOOK_SECONDS = 0.1
_SLICE_SECONDS = 0.004  # of the main thread, which must not stand still for sixteen milliseconds


class Batch:
    """Scores of Reads as they come. reads: each with its SDR version, or None: then only what shows in the
    grade alone is told. rows: by the Read's name, what was found or what went wrong."""

    def __init__(
        self,
        reads: "Sequence[tuple[Any, Any]]",
        colour: str = scoring.AUTOMATIC,
        white_nits: float = 100.0,
    ) -> None:
        self.rows: Dict[str, Dict[str, Any]] = {}
        self._given = (colour, white_nits)
        self._todo = {read.fullName(): (read, reference) for read, reference in reads}
        self.names = list(self._todo)
        self._calls: Dict[str, Call] = {}
        self._stopped = False

    def start(self, done: Any, progress: Any = None) -> None:
        """Ask for all. done: called without arguments after each; progress: with a name and what is said of
        it."""
        while self._todo:
            self._next(done, progress)

    def start_softly(self, done: Any, progress: Any = None) -> None:
        """The same a few at a time, on the main thread: between them Nuke's windows live."""

        def few(ended: threading.Event) -> None:
            end = time.monotonic() + _SLICE_SECONDS
            try:
                while self._todo:
                    self._next(done, progress)
                    if time.monotonic() > end:
                        break
            finally:
                ended.set()

        def feed() -> None:
            while self._todo:
                ended = threading.Event()
                nuke().executeInMainThread(few, (ended,))
                ended.wait()

        # From another thread: on the main one it may be run at once, and not when that is idle.
        threading.Thread(target=feed, name="candela batch", daemon=True).start()

    def _next(self, done: Any, progress: Any) -> None:
        name = next(iter(self._todo))
        read, reference = self._todo.pop(name)
        if self._stopped:
            self.rows[name] = _cancelled(name)
            done()
            return
        colour, white = self._given
        try:
            first, last = int(read.firstFrame()), int(read.lastFrame())
            asked = scoring.ask(read, reference, first, last, colour=colour, space="", white_nits=white)
        except Exception as error:  # whatever it is, others are waiting for the end of all
            self.rows[name] = _failed(name, error)
            done()
            return

        def ended(call: Call) -> None:
            asked.clean()
            if call.cancelled():
                self.rows[name] = _cancelled(name)
            else:
                error = call.exception()
                self.rows[name] = _row(name, call.result()) if error is None else _failed(name, error)
            done()

        def moved(said: Dict[str, Any]) -> None:
            if progress is not None:
                progress(name, said)

        self._calls[name] = bridge().call("score", asked.given, progress=moved, done=ended)

    def cancel(self) -> None:
        """Stop what is not done."""
        self._stopped = True
        for call in list(self._calls.values()):
            call.cancel()

    @property
    def finished(self) -> bool:
        """Whether all have an answer."""
        return len(self.rows) == len(self.names)

    def write(self, path: str) -> None:
        """All rows as CSV, or as JSON by the name's ending."""
        rows = [self.rows[name] for name in self.names if name in self.rows]
        if path.lower().endswith(".json"):
            with open(path, "w", encoding="utf-8") as out:
                json.dump({"command": "score", "reads": rows}, out, indent=2)
            return
        names = ("read", "grade", "score", "faults", "worst", "reasons", "error", "document")
        with open(path, "w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, names, extrasaction="ignore")
            writer.writeheader()
            writer.writerows({**row, "reasons": " | ".join(row.get("reasons", ()))} for row in rows)

    def summary(self) -> str:
        """In a few lines, the worst first."""
        rows = sorted(self.rows.values(), key=lambda row: -float(row.get("worst", 2)))
        faulty = sum(1 for row in rows if row.get("faults"))
        failed = sum(1 for row in rows if "error" in row)
        lines = [f"{count(len(rows), 'Read')}: {faulty} with faults, {failed} that could not be judged."]
        for row in rows[:12]:
            lines.append(
                f"{row['read']}: "
                + (row.get("error") or "; ".join(row["reasons"][:2]) or "no fault was found")
            )
        return "\n".join(lines)


def score_selected(path: Optional[str] = None) -> Optional[Batch]:
    """For the menu: judge the Reads that are selected, and say what was found. It does not wait."""
    host = nuke()
    reads: List[Any] = list(host.selectedNodes("Read"))
    if not reads:
        host.message("Select the Reads that are to be scored.")
        return None
    batch = Batch([(read, None) for read in reads])
    table = path or os.path.join(tempfile.mkdtemp(prefix="candela-scores-"), "scores.csv")
    bar = _Bar(host.ProgressTask("Candela: scoring"), batch)

    def done() -> None:
        bar.advance(len(batch.rows) / len(batch.names))
        if batch.finished:
            bar.close()
            batch.write(table)
            host.message(batch.summary() + f"\n\nAll of it: {table}")

    batch.start_softly(done, bar.say)
    return batch


class _Bar:
    """Nuke's own bar of progress: it stays until nobody holds its task. Whether *Cancel* was pressed a thread
    looks at, as there may be no news for long."""

    def __init__(self, task: Any, batch: Batch) -> None:
        self._task, self._batch = task, batch
        threading.Thread(target=self._watch, name="candela cancel", daemon=True).start()

    def say(self, name: str, said: Dict[str, Any]) -> None:
        task = self._task
        if task is not None:
            task.setMessage(f"{name}: {said.get('text', '')}")

    def advance(self, share: float) -> None:
        task = self._task
        if task is not None:
            task.setProgress(round(100 * share))

    def close(self) -> None:
        self._task = None

    def _watch(self) -> None:
        while self._task is not None:
            if self._pressed():
                self._batch.cancel()
                return
            time.sleep(_LOOK_SECONDS)

    def _pressed(self) -> bool:
        task = self._task
        return task is not None and bool(task.isCancelled())


def _cancelled(name: str) -> Dict[str, Any]:
    return {"read": name, "error": "cancelled", "exit_code": 130}


def _failed(name: str, error: BaseException) -> Dict[str, Any]:
    code = 2 if isinstance(error, (ValueError, RuntimeError)) else 3
    return {"read": name, "error": complain(error), "exit_code": getattr(error, "exit_code", code)}


def _row(name: str, found: Dict[str, Any]) -> Dict[str, Any]:
    result = found["result"]
    reasons = [r for shot in result["shots"] for r in shot["reasons"]]
    faults = [r["text"] for r in reasons if r["class"] == "violation"]
    scores = [shot["score"] for shot in result["shots"] if shot["score"] is not None]
    return {
        "read": name,
        "grade": result["grade"],
        "score": min(scores) if scores else None,
        "faults": len(faults),
        "worst": worst(result),
        "reasons": faults or [r["text"] for r in reasons if r["class"] == "deviation"],
        "document": found["document"],
        "colours": found["colours"],
        "result": result,
    }
