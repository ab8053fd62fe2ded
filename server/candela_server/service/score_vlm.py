"""Scoring by a model that is served elsewhere: what it was asked, what it said, and what that cost.

The measured reasons stay as they are, and so does the measured score, beside. What the model says of its
reasons is kept apart, as its words.
"""

from __future__ import annotations

import os
import statistics
from dataclasses import dataclass, field, replace
from pathlib import Path

from candela_engines.errors import InputError
from candela_engines.scorer.verdict import FrameVerdict, no_score
from candela_engines.scorer.vlm.endpoint import Endpoint
from candela_engines.scorer.vlm.opinion import Opinion, ask_opinion, is_hdr_vlm
from candela_engines.scorer.vlm.pictures import data_url, hlg_codes
from candela_engines.scorer.vlm.question import messages_of, question_text
from candela_server.service.results import Json
from candela_server.service.score_sides import Frame

__all__ = ["KEY_FILE", "VlmAnswers", "VlmAsking", "VlmFrame", "VlmSaid"]

KEY_FILE = "CANDELA_VLM_KEY_FILE"
MOST_SAMPLES = 32


@dataclass(frozen=True)
class VlmSaid:
    """endpoint: http://HOST:PORT of the server. model: its name there, needed where several are served.

    samples: answers a frame; one is asked at temperature 0. timeout: seconds of one request. retries: of one.
    price: of a million tokens, prompt and completion alike, in whatever currency; 0 where it costs nothing.
    """

    endpoint: str
    model: str | None = None
    samples: int = 5
    timeout: float = 120.0
    retries: int = 2
    price: float = 0.0


@dataclass(frozen=True)
class VlmFrame:
    """A key frame: the model's opinion, and the score that was measured, or why there was none."""

    number: int
    opinion: Opinion
    measured_score: float | None
    measured_no_score: str | None

    def to_json(self) -> Json:
        """Bare numbers."""
        measured = None if self.measured_score is None else round(self.measured_score, 3)
        return {
            "frame": self.number,
            **self.opinion.to_json(),
            "measured_score": measured,
            "measured_no_score": self.measured_no_score,
        }


@dataclass(frozen=True)
class VlmAnswers:
    """What was asked and what it cost. model: the name that it is served under. hdr_vlm: whether that says
    it is.
    """

    endpoint: str
    model: str
    hdr_vlm: bool
    samples: int
    constraint: str
    frames: tuple[VlmFrame, ...]
    requests: int
    again: int
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    slowest_seconds: float
    cost: float

    @property
    def measured_score(self) -> float | None:
        """Mean of the measured scores over the key frames that have one."""
        known = [f.measured_score for f in self.frames if f.measured_score is not None]
        return statistics.fmean(known) if known else None

    def to_json(self) -> Json:
        """Bare numbers. `thoughts` are the model's words and prove nothing; reasons that do are in
        `shots`.
        """
        return {
            "endpoint": self.endpoint,
            "model": self.model,
            "is_hdr_vlm": self.hdr_vlm,
            "samples": self.samples,
            "constrained_by": self.constraint,
            "frames": [frame.to_json() for frame in self.frames],
            "requests": self.requests,
            "requests_again": self.again,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "seconds": round(self.seconds, 3),
            "slowest_request_seconds": round(self.slowest_seconds, 3),
            "cost": round(self.cost, 6),
        }


@dataclass
class VlmAsking:
    """Asks frame by frame. Raises InputError for what was said wrongly, before anything is opened."""

    said: VlmSaid
    _frames: list[VlmFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        said = self.said
        if not 1 <= said.samples <= MOST_SAMPLES:
            raise InputError(f"--samples {said.samples}: 1 to {MOST_SAMPLES} are possible")
        if not 1 <= said.timeout <= 3600 or not 0 <= said.retries <= 10:
            raise InputError("--timeout: 1 to 3600 s, --retries: 0 to 10 are possible")
        if not 0 <= said.price < 1e6:
            raise InputError(f"--price {said.price:g}: 0 and more of a million tokens")
        self._endpoint = Endpoint(
            said.endpoint, model=said.model, timeout=said.timeout, retries=said.retries, key=_key()
        )

    @property
    def meaning(self) -> str:
        """Of the scores."""
        name = self._endpoint.model
        known = "" if is_hdr_vlm(name) else ", which is not said to be HDR-VLM"
        return (
            f"the opinion of the served model {name}{known}, -6 to 10, the SDR reference at 0; what it was "
            "taught is not known here. Reasons are measured and not its own; what it says of them is kept "
            "apart"
        )

    def judge(self, frame: Frame, verdict: FrameVerdict) -> FrameVerdict:
        """The verdict with the model's score in place of the measured one, which is kept beside.

        Not asked for a picture that no model is to score. Errors as of `Endpoint.ask`.
        """
        why = no_score(frame.evidence, frame.suspicions)
        if frame.placed is None:
            why = "no score: the served model is shown the SDR reference beside the grade, and there is none"
        none = Opinion(None, (), 0, 0, (), why.removeprefix("no score: "))
        opinion = none if why else self._asked(frame)
        self._frames.append(VlmFrame(verdict.number, opinion, verdict.score, verdict.no_score))
        if opinion.score is None:
            return replace(verdict, score=None, interval=None, no_score=f"no score: {opinion.why}")
        return replace(verdict, score=opinion.score, interval=None, no_score=None)

    def _asked(self, frame: Frame) -> Opinion:
        assert frame.placed is not None
        urls = [data_url(hlg_codes(light)) for light in (frame.nits, frame.placed)]
        messages = messages_of(urls[0], urls[1], question_text(frame.evidence.description))
        return ask_opinion(self._endpoint, messages, self.said.samples)

    def answers(self) -> VlmAnswers:
        """So far."""
        spent = self._endpoint.spent
        name = self._endpoint.model
        tokens = spent.prompt_tokens + spent.completion_tokens
        return VlmAnswers(
            self._endpoint.address, name, is_hdr_vlm(name), self.said.samples, self._endpoint.constraint,
            tuple(self._frames), spent.requests, spent.again, spent.prompt_tokens, spent.completion_tokens,
            spent.seconds, spent.slowest_seconds, tokens * self.said.price / 1e6,
        )  # fmt: skip


def _key() -> str | None:
    """The key in the file that the environment names; never an argument, which other users can read."""
    path = os.environ.get(KEY_FILE)
    if not path:
        return None
    try:
        key = Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"${KEY_FILE} {path}: cannot be read: {error}") from error
    if not key or len(key) > 4096:
        raise InputError(f"${KEY_FILE} {path}: holds no key")
    return key
