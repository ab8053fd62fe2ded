"""The chat API of OpenAI as vLLM and TensorRT-LLM serve it: which model there is, and answers to a question.

Constrained decoding is asked for in vLLM's way (`structured_outputs`, since v0.12) or TensorRT-LLM's
(`response_format` of type regex); a server that knows neither refuses with 400 and is asked again without:
the answer is held to the same form either way. What a server may not be ready for (429, 5xx, no connection,
no answer in time) is tried again, a given number of times, with growing pauses; what it refuses is not.
"""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from candela_engines.errors import InfrastructureError, InputError
from candela_engines.scorer.vlm.answer import PATTERN
from candela_engines.scorer.vlm.exchange import Exchanged, Unreachable, exchange, is_local, split_endpoint

__all__ = ["Endpoint", "Spent"]

_AGAIN = (408, 409, 425, 429, 500, 502, 503, 504)
_LONGEST_PAUSE = 30.0
_CONSTRAINTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("structured_outputs", {"structured_outputs": {"regex": PATTERN}}),
    ("response_format", {"response_format": {"type": "regex", "regex": PATTERN}}),
    ("none", {}),
)


@dataclass
class Spent:
    """What asking has cost so far: requests, of which some again; tokens as the server counts them,
    seconds.
    """

    requests: int = 0
    again: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    slowest_seconds: float = 0.0
    told: list[str] = field(default_factory=list)


class Endpoint:
    """A served model. timeout: seconds of one request, whole. retries: more tries of one. key: a bearer
    token.

    Raises InputError for an address that is none, or a key that would go over the network unencrypted.
    """

    def __init__(
        self,
        url: str,
        *,
        model: str | None = None,
        timeout: float = 120.0,
        retries: int = 2,
        key: str | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._parts = split_endpoint(url)
        if key is not None and self._parts.scheme != "https" and not is_local(self._parts):
            raise InputError("--endpoint: the key would go in the clear over http; use https")
        if key is not None and (not key.isascii() or not key.isprintable() or " " in key):
            raise InputError("the key of the endpoint holds characters that no key has; check its file")
        self._headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if key is not None:
            self._headers["Authorization"] = f"Bearer {key}"
        self._model, self._timeout, self._retries, self._pause = model, timeout, retries, pause
        self._constraint = 0
        self.spent = Spent()

    @property
    def address(self) -> str:
        """Where it is, for people."""
        return f"{self._parts.scheme}://{self._parts.netloc}{self._parts.path}"

    @property
    def constraint(self) -> str:
        """How the server was made to answer in form: the field of the request, or `none`."""
        return _CONSTRAINTS[self._constraint][0]

    @property
    def model(self) -> str:
        """Name of the served model: as said, else the one that the server lists.

        Raises InputError where it lists several, or not the one that was said.
        """
        if self._model is not None:
            return self._model
        listed = self._listed()
        if len(listed) != 1:
            names = ", ".join(name[:80] for name in listed[:8]) or "none"
            raise InputError(
                f"{self.address} serves {len(listed)} models ({names}); say which with --vlm-model"
            )
        self._model = listed[0]
        return self._model

    def ask(
        self, messages: Sequence[Mapping[str, Any]], *, count: int, temperature: float, most_tokens: int = 800
    ) -> list[str]:
        """Texts of up to `count` answers: fewer where the server gives fewer however often it is asked.

        Raises InputError for a request that it refuses, InfrastructureError where no answer can be had.
        """
        texts: list[str] = []
        while len(texts) < count:
            got = self._completions(messages, count - len(texts), temperature, most_tokens)
            texts += got[: count - len(texts)]
            if not got:
                break
        return texts

    def _completions(
        self, messages: Sequence[Mapping[str, Any]], count: int, temperature: float, most_tokens: int
    ) -> list[str]:
        body: dict[str, Any] = {
            "model": self.model, "messages": list(messages), "n": count, "temperature": temperature,
            "max_tokens": most_tokens, "stream": False,
        }  # fmt: skip
        while True:
            found = self._tried("/chat/completions", {**body, **_CONSTRAINTS[self._constraint][1]})
            if found.status == 400 and self._constraint < len(_CONSTRAINTS) - 1:
                self._constraint += 1
                continue
            break
        document = self._json(found)
        if found.status != 200:
            raise InputError(f"{self.address} refuses the question with {found.status}: {_said(document)}")
        return self._texts(document)

    def _texts(self, document: Any) -> list[str]:
        choices = document.get("choices") if isinstance(document, dict) else None
        if not isinstance(choices, list):
            raise InfrastructureError(
                f"{self.address}: answers without `choices`; it does not speak this protocol"
            )
        usage = document.get("usage")
        if isinstance(usage, dict):
            self.spent.prompt_tokens += _count(usage.get("prompt_tokens"))
            self.spent.completion_tokens += _count(usage.get("completion_tokens"))
        texts = []
        for choice in choices:
            message = choice.get("message") if isinstance(choice, dict) else None
            content = message.get("content") if isinstance(message, dict) else None
            texts.append(content if isinstance(content, str) else "")
        return texts

    def _listed(self) -> list[str]:
        found = self._tried("/models", None)
        document = self._json(found)
        if found.status != 200:
            raise InputError(f"{self.address} does not list its models ({found.status}): {_said(document)}")
        data = document.get("data") if isinstance(document, dict) else None
        if not isinstance(data, list):
            raise InfrastructureError(f"{self.address}: lists no models; it does not speak this protocol")
        return [str(one["id"]) for one in data if isinstance(one, dict) and isinstance(one.get("id"), str)]

    def _tried(self, path: str, body: Mapping[str, Any] | None) -> Exchanged:
        data = None if body is None else json.dumps(body, allow_nan=False).encode()
        trouble = ""
        for attempt in range(self._retries + 1):
            self.spent.requests += 1
            self.spent.again += bool(attempt)
            wait = 0.5 * 2**attempt * (1 + 0.25 * random.random())
            began = time.monotonic()
            try:
                found = exchange(self._parts, path, data, self._headers, timeout=self._timeout)
            except Unreachable as error:
                trouble = str(error)
                if "redirects" in trouble or "more than" in trouble:
                    raise
            else:
                if found.status not in _AGAIN:
                    return found
                trouble = (
                    f"{self.address} answers with {found.status}: {_said(self._json(found, lenient=True))}"
                )
                wait = max(wait, _retry_after(found.headers))
            finally:
                took = time.monotonic() - began
                self.spent.seconds += took
                self.spent.slowest_seconds = max(self.spent.slowest_seconds, took)
            if attempt < self._retries:
                self._pause(min(wait, _LONGEST_PAUSE))
        tries = f", {self._retries + 1} times" if self._retries else ""
        raise InfrastructureError(f"{trouble}{tries}")

    def _json(self, found: Exchanged, *, lenient: bool = False) -> Any:
        try:
            return json.loads(found.body)
        except (ValueError, RecursionError):
            if lenient or found.status != 200:
                return found.body[:200].decode("utf-8", "replace")
            kind = found.headers.get("content-type", "nothing said")
            raise InfrastructureError(
                f"{self.address}: answers with what is no JSON ({kind[:60]}); it does not speak this "
                "protocol, or streams though it was not asked to"
            ) from None


def _said(document: Any) -> str:
    """What a server says is wrong, in one short line."""
    found = document
    for key in ("error", "message"):
        if isinstance(found, dict) and key in found:
            found = found[key]
    if isinstance(found, dict):
        found = found.get("detail", json.dumps(found))
    return " ".join("".join(c if c.isprintable() else " " for c in str(found)).split())[:200] or "nothing"


def _count(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < 10**9 else 0


def _retry_after(headers: Mapping[str, str]) -> float:
    try:
        seconds = float(headers.get("retry-after", "0"))
    except ValueError:
        return 0.0
    return seconds if math.isfinite(seconds) and seconds > 0 else 0.0
