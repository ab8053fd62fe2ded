"""Engines on a server, over real sockets: the same results, and what is said when the server is not right."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.itm.networks import HEIGHT, WIDTH, codes_of, default_payload, siren_payload
from tests.runtime.certificate import certificate
from tests.runtime.inference_server import InferenceServer

from candela_engines.errors import InfrastructureError, InputError
from candela_engines.itm.engine_renderer import EngineRenderer
from candela_engines.itm.shot_model import decode_shot
from candela_engines.runtime.engine_cache import EngineCache
from candela_engines.runtime.engines import ENGINES, engine
from candela_engines.runtime.local import LocalRunner
from candela_engines.runtime.onnx_machine import OnnxMachine
from candela_engines.runtime.open_inference import OpenInferenceRunner
from candela_engines.runtime.probe import probe_feed
from candela_engines.runtime.triton_repository import write_repository

PQ = engine("candela_default_pq")
FEED = probe_feed(PQ)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    write_repository(folder)
    return folder


@pytest.fixture
def server(repository: Path) -> Iterator[InferenceServer]:
    made = InferenceServer(repository)
    yield made
    made.stop()


@pytest.fixture
def runner(server: InferenceServer) -> Iterator[OpenInferenceRunner]:
    with OpenInferenceRunner(server.address, timeout=20) as made:
        yield made


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_answers_as_it_does_here(name: str, runner: OpenInferenceRunner) -> None:
    one = ENGINES[name]
    feed = probe_feed(one)
    np.testing.assert_array_equal(runner.run(one, feed), OnnxMachine(threads=1).session(one, "cpu").run(feed))
    assert runner.describe(one) == f"server {runner.address}, known by SHA-256"


@pytest.mark.parametrize(
    "payload",
    [
        default_payload((20,), channels=3, strength=4),
        default_payload((8, 8, 8), domain="gain"),
        siren_payload(),
    ],
    ids=["default", "deep", "paper"],
)
def test_whole_pictures(payload: Any, runner: OpenInferenceRunner, tmp_path: Path) -> None:
    runner.pixels = 1 << 15  # as here
    with LocalRunner(OnnxMachine(threads=1), "cpu", cache=EngineCache(tmp_path)) as local:
        there, here = (
            EngineRenderer(decode_shot(payload), HEIGHT, WIDTH, r).render(0, codes_of(), 8)
            for r in (runner, local)
        )
    np.testing.assert_array_equal(there, here)


def test_a_model_is_checked_once(server: InferenceServer, runner: OpenInferenceRunner) -> None:
    assert runner.describe(PQ).endswith("not asked yet")
    for _ in range(3):
        runner.run(PQ, FEED)
    assert server.calls == ["ModelReady", "ModelMetadata", "ModelConfig", *["ModelInfer"] * 3]


def test_a_server_without_configurations_is_known_by_its_tensors(repository: Path) -> None:
    server = InferenceServer(repository, triton=False)
    with OpenInferenceRunner(server.address, reference=OnnxMachine(threads=1)) as runner:
        runner.run(PQ, FEED)
        assert runner.describe(PQ).endswith("known by its tensors and a known answer")
    with OpenInferenceRunner(server.address) as runner:
        assert runner.check(PQ) == "its tensors alone"
    server.stop()


def test_a_server_that_computes_more_coarsely_is_refused(server: InferenceServer) -> None:
    def coarse(answer: Any) -> None:
        values = np.frombuffer(answer.raw_output_contents[0], np.float32)
        answer.raw_output_contents[0] = values.astype(np.float16).astype(np.float32).tobytes()

    server.wrong = coarse
    here, said = OnnxMachine(threads=1), "candela_default_pq: it is off by"
    with (
        OpenInferenceRunner(server.address, reference=here) as r,
        pytest.raises(InfrastructureError, match=said),
    ):
        r.run(PQ, FEED)


def change(server: InferenceServer, what: str) -> None:
    config = server.models[PQ.name].config
    if what == "no such model":
        del server.models[PQ.name]
    elif what == "another version":
        server.models[PQ.name].versions = ["2"]
    elif what == "another graph":
        config.parameters["candela_sha256"].string_value = "0" * 64
    elif what == "an input less":
        del config.input[3]
    elif what == "an input more":
        config.input.add(name="temperature", data_type="TYPE_FP32", dims=[1])
    elif what == "another type":
        config.input[0].data_type = 10  # TYPE_FP16
    elif what == "another output":
        config.output[0].dims[-1] = 4


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("no such model", "candela_default_pq version 1 is not ready"),
        ("another version", "candela_default_pq version 1 is not ready"),
        ("another graph", "has SHA-256 000000000000…, .* is needed: write its models with the same version"),
        ("an input less", r"has no input matrix of FP32 \[3, 3\]"),
        ("an input more", "has an unknown input 'temperature'"),
        ("another type", r"has no input codes of FP32 \[-1, -1, 3\]"),
        ("another output", r"has no output pq of FP32 \[-1, -1, 3\]"),
    ],
)
def test_a_model_that_is_not_ours_is_refused(
    what: str, said: str, server: InferenceServer, runner: OpenInferenceRunner
) -> None:
    change(server, what)
    with pytest.raises(InfrastructureError, match=f"inference server {runner.address}: .*{said}"):
        runner.run(PQ, FEED)
    assert "ModelInfer" not in server.calls


def spoil(answer: Any, how: str) -> None:
    if how == "no output":
        del answer.outputs[:]
    elif how == "another name":
        answer.outputs[0].name = "nits"
    elif how == "too few bytes":
        answer.raw_output_contents[0] = answer.raw_output_contents[0][:-4]
    elif how == "a negative size":
        answer.outputs[0].shape[0] = -16
    elif how == "a huge size":
        answer.outputs[0].shape[:] = [1 << 40, 1 << 40, 3]
    else:
        del answer.raw_output_contents[:]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("no output", "answers with nothing where pq is due"),
        ("another name", "answers with nits where pq is due"),
        ("too few bytes", r"answers with 4604 bytes for a shape of \[16, 24, 3\]"),
        ("a negative size", r"for a shape of \[-16, 24, 3\]"),
        ("a huge size", r"for a shape of \[1099511627776"),
        ("no bytes", "answers with 0 bytes"),
    ],
)
def test_an_answer_that_does_not_fit_is_an_error(
    how: str, said: str, server: InferenceServer, runner: OpenInferenceRunner
) -> None:
    server.wrong = lambda answer: spoil(answer, how)
    with pytest.raises(InfrastructureError, match=said):
        runner.run(PQ, FEED)


def test_numbers_inside_the_message_are_read_too(
    server: InferenceServer, runner: OpenInferenceRunner
) -> None:
    due = runner.run(PQ, FEED)

    def inside(answer: Any) -> None:
        values = np.frombuffer(answer.raw_output_contents[0], np.float32)
        answer.outputs[0].contents.fp32_contents.extend(values)
        del answer.raw_output_contents[:]

    server.wrong = inside
    np.testing.assert_array_equal(runner.run(PQ, FEED), due)


def test_it_tries_again_where_the_server_is_not_to_be_reached(server: InferenceServer) -> None:
    server.unavailable = 2
    with OpenInferenceRunner(server.address, retries=2) as runner:
        runner.run(PQ, FEED)
    assert server.calls[:3] == ["ModelReady"] * 3
    server.unavailable = 2
    said = r"ModelReady: UNAVAILABLE: loading$"
    with OpenInferenceRunner(server.address, retries=1) as r, pytest.raises(InfrastructureError, match=said):
        r.run(PQ, FEED)


def test_other_failures_are_not_repeated(server: InferenceServer, runner: OpenInferenceRunner) -> None:
    runner.run(PQ, FEED)
    del server.models[PQ.name]
    server.calls.clear()
    with pytest.raises(InfrastructureError, match="ModelInfer: NOT_FOUND: Request for unknown model"):
        runner.run(PQ, FEED)
    assert server.calls == ["ModelInfer"]


def test_a_call_ends_when_its_time_is_over(server: InferenceServer) -> None:
    server.wrong = lambda answer: time.sleep(0.8)
    with OpenInferenceRunner(server.address, timeout=20) as r:
        r.run(PQ, FEED)
        r.timeout = 0.3
        with pytest.raises(InfrastructureError, match="ModelInfer: DEADLINE_EXCEEDED"):
            r.run(PQ, FEED)


def test_ready(server: InferenceServer, runner: OpenInferenceRunner) -> None:
    assert runner.ready()
    server.stop()
    with OpenInferenceRunner(server.address, retries=0, timeout=5) as gone:
        assert not gone.ready()
        with pytest.raises(
            InfrastructureError, match=f"inference server {server.address}: ModelReady: UNAVAIL"
        ):
            gone.run(PQ, FEED)


def test_tls_and_a_token(repository: Path) -> None:
    key, cert = certificate()
    _, another = certificate()
    server = InferenceServer(repository, pair=(key, cert), token="right")
    try:
        with OpenInferenceRunner(server.address, root_certificates=cert, token="right", timeout=20) as runner:
            here = OnnxMachine(threads=1).session(PQ, "cpu").run(FEED)
            np.testing.assert_array_equal(runner.run(PQ, FEED), here)
        asked = len(server.calls)
        for token in ("wrong", None):
            with (
                OpenInferenceRunner(
                    server.address, root_certificates=cert, token=token, timeout=20
                ) as runner,
                pytest.raises(InfrastructureError, match="ModelReady: UNAUTHENTICATED: a token is needed"),
            ):
                runner.run(PQ, FEED)
        for trusted in (another, None):  # of somebody else, and no TLS at all
            with (
                OpenInferenceRunner(server.address, root_certificates=trusted, retries=0) as runner,
                pytest.raises(InfrastructureError, match="UNAVAILABLE"),
            ):
                runner.run(PQ, FEED)
        assert len(server.calls) == asked, "nobody else got through"
    finally:
        server.stop()


def test_arguments_that_cannot_be() -> None:
    with pytest.raises(InputError, match="timeout 0 s"):
        OpenInferenceRunner("127.0.0.1:1", timeout=0)
    with pytest.raises(InputError, match="a token is sent over TLS only"):
        OpenInferenceRunner("127.0.0.1:1", token="secret")
    with (
        pytest.raises(InfrastructureError, match="inputs missing"),
        OpenInferenceRunner("127.0.0.1:1") as runner,
    ):
        runner.run(PQ, {})
