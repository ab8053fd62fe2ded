"""A sidecar that has an inference server render, and goes on by itself where that one is gone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.runtime.inference_server import InferenceServer

from candela_engines.errors import InputError
from candela_engines.itm.decode import decode_payload, render
from candela_engines.media import read_still
from candela_engines.runtime.engines import ENGINES
from candela_engines.runtime.triton_repository import write_repository
from candela_server import service
from candela_server.client import SharedFrames
from candela_server.service import InspectRequest, ReconstructRequest
from candela_server.service.rendering import backend_of, rendering_notes, use_backend

from ..conftest import Candela
from ..pictures import Pair
from .conftest import Start


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


def test_files_and_frames_are_rendered_there_and_here_when_it_is_gone(
    start: Start, server: InferenceServer, made: tuple[Pair, Path]
) -> None:
    running = start("--shared-memory", "--workers", 1, "--inference-server", server.address)
    pair, out = made
    shutil.copy(out, running.root / "out.png")
    request = ReconstructRequest(running.root / "out.png", running.root / "x.exr", bits=32)
    payload = service.inspect(InspectRequest(out)).found.payload
    expected = render(decode_payload(payload), pair.codes)
    with running.client() as sidecar, SharedFrames(sidecar, 1 << 20) as memory:
        codes, sdr = memory.array(64, 96, "uint8")
        nits, room = memory.array(64, 96, "float32")
        codes[...] = pair.codes
        assert not any("native" in note for note in sidecar.reconstruct(request).notes)
        assert not memory.reconstruct(sdr, room, payload).notes
        assert server.calls.count("ModelInfer") >= 2
        written = read_still(running.root / "x.exr").codes
        for found in (nits, written):
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3)
        listed = {engine.name: engine.provider for engine in sidecar.engines()}
        assert all(server.address in listed[name] for name in ENGINES)
        server.stop()
        nits[...] = 0
        note = memory.reconstruct(sdr, room, payload).notes[0]
        assert note.startswith("rendered by the native kernel, as engines") and server.address in note
        np.testing.assert_allclose(nits, expected, rtol=2e-6, atol=1e-3)
        assert any(note == said for said in sidecar.reconstruct(request).notes)
        assert "not to be reached" in sidecar.engines()[0].provider


def test_the_command_does_as_the_environment_says(
    server: InferenceServer, made: tuple[Pair, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANDELA_INFERENCE_SERVER", server.address)
    use_backend(None)
    try:
        service.reconstruct(ReconstructRequest(made[1], tmp_path / "x.exr"))
        assert "ModelInfer" in server.calls and not rendering_notes()
    finally:
        monkeypatch.delenv("CANDELA_INFERENCE_SERVER")
        use_backend(None)


def test_what_cannot_be_is_refused(candela: Candela, tmp_path: Path) -> None:
    pem = tmp_path / "ca.pem"
    pem.write_bytes(b"x")
    with pytest.raises(InputError, match="name it"):
        backend_of(ca=pem)
    with pytest.raises(InputError, match="over TLS alone"):
        backend_of(server="farm:8001", token="t" * 20)
    with pytest.raises(InputError, match="cannot be read"):
        backend_of(server="farm:8001", ca=tmp_path / "none.pem")
    assert "t" * 20 not in repr(backend_of(server="farm:8001", ca=pem, token="t" * 20))
    said = candela("serve", "--listen", f"unix:{tmp_path}/s", "--provider", "abacus")
    assert said.code == 2 and "abacus" in said.err
