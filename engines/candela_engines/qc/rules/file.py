"""Rules on the file: frames that cannot be read or are not there; the network it carries and where that comes
from; the score of its shots.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from candela_engines.qc.findings import Box, Severity
from candela_engines.qc.rule import ClipFacts, Held, Hit, NetworkFact, Rule, Setting, Settings
from candela_engines.qc.shots import ShotData

__all__ = ["RULES"]


def _unreadable(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    for shot in shots:
        for first, last in _together(sorted(shot.unread)):
            count = last - first + 1
            why = shot.unread[first]
            yield Hit(
                f"{count} frame{'s' if count > 1 else ''} cannot be read: {why}.",
                shot, first, last, count, first, limit_text="every frame is readable",
            )  # fmt: skip


def _missing(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    for first, last in _together(sorted(facts.missing)):
        count = last - first + 1
        yield Hit(
            f"{count} frame{'s have' if count > 1 else ' has'} no file.",
            None, first, last, count, first, None, float(count), 0.0, "frames", "no number is left out",
        )  # fmt: skip
    if facts.cut_after is not None:
        yield Hit(
            f"The file ends after frame {facts.cut_after}; it is truncated.",
            None, facts.cut_after, facts.last, limit_text="the file is whole",
        )  # fmt: skip


def _together(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    begin = 0
    for at in range(1, len(numbers) + 1):
        if at == len(numbers) or numbers[at] != numbers[at - 1] + 1:
            yield numbers[begin], numbers[at - 1]
            begin = at


def _network(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    if facts.network is None:
        return
    if not facts.network and s["needed"]:
        yield Hit("The file carries no network.", limit_text="a network is embedded")
    for network in facts.network:
        if network.trouble is not None:
            yield Hit(
                f"The network in the file does not fit its picture: {network.trouble}.",
                None, network.first, network.last, limit_text="the network belongs to this picture",
            )  # fmt: skip


def _distilled(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    for run in _side_by_side([network for network in facts.network or () if network.distilled]):
        whose = "" if len(run) == 1 else f" of {len(run)} shots"
        yield Hit(
            f"The network{whose} was distilled from an up-conversion, without a master: its HDR is a guess.",
            None, run[0].first, run[-1].last, limit_text="the network was fitted to a master",
        )  # fmt: skip


def _side_by_side(networks: Sequence[NetworkFact]) -> Iterator[list[NetworkFact]]:
    """Runs of networks whose frames follow each other."""
    run: list[NetworkFact] = []
    for network in networks:
        if run and (run[-1].last is None or network.first != run[-1].last + 1):
            yield run
            run = []
        run.append(network)
    if run:
        yield run


def _score(facts: ClipFacts, shots: Sequence[ShotData], s: Settings) -> Iterator[Hit]:
    limit = float(s["least"])
    for shot in shots:
        found = facts.scores.get(shot.span.name)
        if found is None or found.score is None or found.score >= limit:
            continue
        why = [reason for reason in found.reasons if reason.reason_class == "violation"]
        told = "; ".join(reason.sentence.rstrip(".") for reason in why[:3])
        box: Box | None = why[0].box if why else None
        span = shot.span
        yield Hit.of(
            Held(span.first, span.last, len(shot.numbers), found.worst_frame, found.score), shot,
            f"The score is {found.score:.1f}, under {limit:g}{': ' + told if told else ''}.",
            limit, "of -6 to 10", f"{limit:g} of -6 to 10", box=box,
        )  # fmt: skip


RULES = (
    Rule(
        "file.unreadable",
        "Frames that cannot be read",
        "Frames that the decoder refuses or conceals, and those predicted from them.",
        "the codec's own standard",
        Severity.BLOCKER,
        {},
        _unreadable,
    ),
    Rule(
        "file.missing",
        "Frames that are not there",
        "Numbers of a sequence without a file; a movie that ends before its own table says.",
        "the file's own table",
        Severity.BLOCKER,
        {},
        _missing,
    ),
    Rule(
        "network.matches",
        "Embedded network",
        "An SDR file's embedded network is sound and still belongs to the picture.",
        "docs/payload.md",
        Severity.BLOCKER,
        {"needed": Setting(False, "", "a file without a network is a finding")},
        _network,
    ),
    Rule(
        "network.distilled",
        "Network without a master",
        "An SDR file's embedded network that was distilled from an up-conversion and not fitted to a master.",
        "docs/payload.md",
        Severity.FYI,
        {},
        _distilled,
    ),
    Rule(
        "score.low",
        "Score under a limit",
        "The pooled score of a shot, with its gravest reasons; told where a grade model is installed.",
        "docs/scorer.md",
        Severity.ISSUE,
        {"least": Setting(0, "of -6 to 10", "less is told", -6, 10)},
        _score,
    ),
)
