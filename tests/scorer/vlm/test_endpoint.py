"""A served model by its protocol, and servers that misbehave in every way."""

from __future__ import annotations

import time

import numpy as np
import pytest

from candela_engines.errors import InfrastructureError, InputError
from candela_engines.scorer.vlm.endpoint import Endpoint
from candela_engines.scorer.vlm.exchange import split_endpoint
from candela_engines.scorer.vlm.opinion import ask_opinion
from candela_engines.scorer.vlm.pictures import data_url, hlg_codes

from .served import (
    GOOD,
    Behaviour,
    completion,
    drips,
    hangs,
    raw,
    says,
    scores,
    serving,
    status,
)  # fmt: skip

QUESTION = [{"role": "user", "content": "?"}]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def endpoint(url: str, **more: object) -> Endpoint:
    waits: list[float] = []
    made = Endpoint(url, **{"timeout": 5.0, "retries": 1, "pause": waits.append, **more})  # type: ignore[arg-type]
    made.waits = waits  # type: ignore[attr-defined]
    return made


def test_a_question_and_five_answers() -> None:
    with serving(scores(6, 7, 8)) as served:
        asked = endpoint(served.url, key="secret")
        found = ask_opinion(asked, QUESTION, 5)
        body = served.asked[0]
    assert found.score == pytest.approx((6 + 7 + 8 + 6 + 7) / 5) and found.thoughts[0].startswith(
        "Highlights"
    )
    assert body["model"] == "Qwen/Qwen2.5-VL-7B-Instruct" and body["n"] == 5 and body["temperature"] == 0.6
    assert "</think>" in body["structured_outputs"]["regex"] and body["stream"] is False
    assert served.headers[0]["authorization"] == "Bearer secret"
    assert (
        asked.spent.requests == 2
        and asked.spent.prompt_tokens == 1000
        and asked.constraint == "structured_outputs"
    )


def test_one_answer_is_asked_at_zero() -> None:
    with serving(scores(6)) as served:
        assert ask_opinion(endpoint(served.url), QUESTION, 1).score == 6
        assert served.asked[0]["temperature"] == 0


def test_a_server_that_gives_one_at_a_time() -> None:
    with serving(says(GOOD.format(4))) as served:
        found = ask_opinion(endpoint(served.url), QUESTION, 3)
        assert found.scores == (4, 4, 4) and [b["n"] for b in served.asked] == [3, 2, 1]


def test_a_server_that_gives_more_than_asked() -> None:
    with serving(says(*[GOOD.format(k) for k in range(9)])) as served:
        assert ask_opinion(endpoint(served.url), QUESTION, 2).scores == (0, 1)


def test_a_server_that_gives_none() -> None:
    with serving(says()) as served:
        found = ask_opinion(endpoint(served.url), QUESTION, 3)
        assert found.score is None and len(served.asked) == 1


def test_a_server_that_knows_no_such_constraint() -> None:
    """TensorRT-LLM's way is tried after vLLM's, then none; it is remembered."""
    with serving(status(400, "extra fields"), scores(5)) as served:
        asked = endpoint(served.url)
        assert ask_opinion(asked, QUESTION, 2).score == 5 and asked.constraint == "response_format"
        assert (
            served.asked[1]["response_format"]["type"] == "regex"
            and "structured_outputs" not in served.asked[1]
        )
        ask_opinion(asked, QUESTION, 2)
        assert len(served.asked) == 3


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (
            status(400, "this model does not take images"),
            "refuses the question with 400: this model does not",
        ),
        (status(401, "no key"), "refuses the question with 401: no key"),
        (status(404, "no such model"), "refuses the question with 404"),
        (status(413, "too large"), "413"),
        (status(422, "max_tokens"), "422"),
    ],
)
def test_what_a_server_refuses_is_bad_input(behaviour: Behaviour, words: str) -> None:
    with serving(behaviour) as served, pytest.raises(InputError, match=words):
        ask_opinion(endpoint(served.url), QUESTION, 2)


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(code: int) -> None:
    with serving(status(code, Retry_After="7"), scores(3)) as served:
        asked = endpoint(served.url)
        assert ask_opinion(asked, QUESTION, 1).score == 3
        assert asked.spent.again == 1 and asked.waits == [7.0]  # type: ignore[attr-defined]
    with serving(status(code)) as served:
        asked = endpoint(served.url)
        with pytest.raises(InfrastructureError, match=f"answers with {code}: overloaded, 2 times"):
            ask_opinion(asked, QUESTION, 1)
        assert len(served.asked) == 2


def test_a_pause_that_is_asked_for_is_bounded() -> None:
    for said in ("99999", "inf", "-4", "tomorrow"):
        with serving(status(429, Retry_After=said), scores(3)) as served:
            asked = endpoint(served.url)
            ask_opinion(asked, QUESTION, 1)
            assert 0.4 < asked.waits[0] <= 30  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "behaviour",
    [
        hangs,
        drips(HEAD + b"X: "),
        drips(b"HTTP/1.1 200 "),
        drips(HEAD + b"Content-Length: 100000\r\n\r\n"),
        drips(HEAD + b"Connection: close\r\n\r\n{"),
        drips(HEAD + b"Transfer-Encoding: chunked\r\n\r\n"),
    ],
    ids=["hang", "header", "status", "body", "closing", "chunked"],
)
def test_a_server_that_hangs_or_drips_is_left_in_time(behaviour: Behaviour) -> None:
    with serving(behaviour) as served:
        asked = endpoint(served.url, timeout=0.5, retries=0)
        began = time.monotonic()
        with pytest.raises(InfrastructureError):
            ask_opinion(asked, QUESTION, 1)
        assert time.monotonic() - began < 8


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (raw(b""), "cannot be asked"),
        (raw(b"SSH-2.0-OpenSSH_9.2\r\n"), "cannot be asked"),
        (raw(HEAD + b'Content-Length: 500\r\n\r\n{"cho'), "cannot be asked"),
        (raw(HEAD + b"Content-Length: nonsense\r\n\r\n"), "no JSON"),
        (raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZZ\r\n"), "cannot be asked"),
        (raw(HEAD + b"X: " + b"y" * 70000 + b"\r\n\r\n"), "cannot be asked"),
        (says("x" * (5 << 20)), "more than 4 MiB"),
        (lambda h, _: h.send(200, b"<html>hello</html>", "text/html"), r"no JSON \(text/html\)"),
        (lambda h, _: h.send(200, b'data: {"choices": []}\n\n', "text/event-stream"), "streams though"),
        (lambda h, _: h.send(200, b"\xff\xfe\x00"), "no JSON"),
        (lambda h, _: h.send(200, b"[" * 100000), "no JSON"),
        (lambda h, _: h.send(200, b"[]"), "without `choices`"),
        (lambda h, _: h.send(200, b'{"choices": 3}'), "without `choices`"),
        (
            lambda h, _: h.send(307, b"", Location="http://127.0.0.1:1/elsewhere"),
            "redirects to http://127.0.0.1:1",
        ),
        (lambda h, _: h.send(301, b""), "redirects to elsewhere"),
    ],
)
def test_what_is_no_answer_is_told(behaviour: Behaviour, words: str) -> None:
    with serving(behaviour) as served, pytest.raises(InfrastructureError, match=words):
        ask_opinion(endpoint(served.url, retries=0, timeout=20.0), QUESTION, 1)


@pytest.mark.parametrize(
    "body",
    [
        b'{"choices": [null, 3, {}, {"message": null}, {"message": {"content": 5}}]}',
        b'{"choices": [{"message": {"content": ["7"]}}], "usage": "much"}',
        b'{"choices": [{"message": {"content": "7"}}], "usage": {"prompt_tokens": -4}}',
        completion(GOOD.format("NaN")), completion(GOOD.format("55")), completion(None), completion(""),
    ],
)  # fmt: skip
def test_answers_that_say_nothing_abstain(body: bytes) -> None:
    with serving(lambda h, _: h.send(200, body)) as served:
        asked = endpoint(served.url)
        found = ask_opinion(asked, QUESTION, 1)
    assert found.score is None and "answers are none" in found.why
    assert asked.spent.prompt_tokens in (0, 1000)


@pytest.mark.parametrize(
    "behaviour",
    [
        raw(b"\x1b]0;owned\x07\x1b[2Jgarbage\x00\r\n"),
        lambda h, _: h.wfile.write(
            b"HTTP/1.1 302 x\r\nLocation: http://a/\x1b[2J\r\nContent-Length: 0\r\n\r\n"
        ),
    ],
)
def test_what_a_stranger_says_drives_no_terminal(behaviour: Behaviour) -> None:
    with serving(behaviour) as served, pytest.raises(InfrastructureError) as told:
        ask_opinion(endpoint(served.url, retries=0), QUESTION, 1)
    assert str(told.value).isprintable()


def test_redirects_are_not_followed() -> None:
    with serving(scores(5)) as other, serving(lambda h, _: h.send(308, b"", Location=other.url)) as served:
        with pytest.raises(InfrastructureError, match="redirects"):
            ask_opinion(endpoint(served.url), QUESTION, 1)
        assert not other.asked and len(served.asked) == 1


def test_nobody_is_there() -> None:
    with serving(scores(5)) as served:
        url = served.url
    with pytest.raises(InfrastructureError, match=r"cannot be asked.*2 times"):
        ask_opinion(endpoint(url), QUESTION, 1)
    with pytest.raises(InfrastructureError, match=r"cannot be asked|did not answer"):
        ask_opinion(endpoint("http://no-such-host.invalid", retries=0), QUESTION, 1)


def test_several_models_have_to_be_told_apart() -> None:
    with serving(scores(5)) as served:
        served.models = ["a", "b"]
        with pytest.raises(InputError, match=r"serves 2 models \(a, b\); say which with --vlm-model"):
            ask_opinion(endpoint(served.url), QUESTION, 1)
        assert ask_opinion(endpoint(served.url, model="b"), QUESTION, 1).score == 5
        assert served.asked[0]["model"] == "b"
        served.models = []
        with pytest.raises(InputError, match="serves 0 models"):
            ask_opinion(endpoint(served.url), QUESTION, 1)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8000",
        "ftp://host",
        "http://",
        "http://u:p@host",
        "http://h/?a=1",
        "http://h:99999",
        "http://[::1",
    ],
)
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(InputError, match="--endpoint"):
        Endpoint(url)


def test_addresses() -> None:
    for url in (
        "http://h:1",
        "http://h:1/",
        "http://h:1/v1",
        "http://h:1/v1/chat/completions",
        "http://h:1/v1/models",
    ):
        assert split_endpoint(url).path == "/v1"
    assert split_endpoint("https://h/proxy").path == "/proxy/v1"


def test_a_key_does_not_travel_in_the_clear() -> None:
    with pytest.raises(InputError, match="in the clear"):
        Endpoint("http://example.com", key="k")
    Endpoint("https://example.com", key="k")
    Endpoint("http://127.0.0.1:1", key="k")
    with pytest.raises(InputError, match="no key has"):
        Endpoint("https://example.com", key="a\r\nX: y")


def test_pictures_are_hlg_codes() -> None:
    """203 nit is HLG 75 %, 100 nit .6296 (design's checked numbers): 191 and 161 of 8 bits."""
    light = np.full((40, 3000, 3), 203, np.float32)
    light[:, :1500] = 100
    codes = hlg_codes(light)
    assert codes.shape == (13, 1000, 3)
    assert np.unique(codes[:, :490]).tolist() == [161] and np.unique(codes[:, 510:]).tolist() == [191]
    assert hlg_codes(np.full((1, 5000, 3), 1000, np.float32)).max() == 255
    assert data_url(codes).startswith("data:image/png;base64,iVBOR")
