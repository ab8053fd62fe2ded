"""Frames in shared memory: what they give, and everything that can be wrong with a region."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import grpc
import numpy as np
import pytest

from candela_engines.errors import CandelaError, InputError, PayloadError, PictureMismatchError
from candela_engines.itm.decode import decode_payload, render
from candela_server import service
from candela_server.client import FixedFrame, SharedFrames
from candela_server.frames.samples import MemoryFrame
from candela_server.frames.segments import Regions
from candela_server.jobs.errors import FrameMemoryError, NotSupportedError
from candela_server.proto.candela.v1 import frames_pb2, sidecar_pb2
from candela_server.rpc.convert.requests import to_embed, to_reconstruct
from candela_server.rpc.errors import error_of
from candela_server.service import EmbedRequest, ReconstructRequest

from ..pictures import Pair
from .conftest import Running, Start, wait_for


@pytest.fixture
def payload(files: Path) -> bytes:
    return service.inspect(service.InspectRequest(files / "out.png")).found.payload


@pytest.fixture
def segment() -> Iterator[SharedMemory]:
    memory = SharedMemory(create=True, size=1 << 20)
    yield memory
    memory.close()
    memory.unlink()


@pytest.fixture
def regions() -> Regions:
    return Regions(enabled=True, most=1 << 24)


def frame(region: str, **more: object) -> MemoryFrame:
    about: dict[str, object] = {
        "offset": 0,
        "width": 96,
        "height": 64,
        "channels": 3,
        "type": "uint8",
        "bits": 8,
        "stride": 0,
    }
    return MemoryFrame(region, **(about | more))  # type: ignore[arg-type]


class TestRendering:
    @pytest.mark.parametrize("type_", ["float32", "float16"])
    def test_a_frame_in_memory_is_that_of_the_file(
        self, shared: Running, pair: Pair, payload: bytes, type_: str
    ) -> None:
        with shared.client() as sidecar, SharedFrames(sidecar, 1 << 20) as memory:
            codes, sdr = memory.array(64, 96, "uint8")
            nits, out = memory.array(64, 96, type_)
            codes[...] = pair.codes
            result = memory.reconstruct(sdr, out, payload)
            expected = render(decode_payload(payload), pair.codes)
            assert not result.forced and result.encoding.transfer == "linear"
            # As integers the codes need no rounding to floats on the way, which files have.
            np.testing.assert_allclose(nits, expected, rtol=2e-6 if type_ == "float32" else 2e-3, atol=1e-3)
            with FixedFrame(sidecar, pair.codes) as fixed:
                before = nits.copy()
                nits[...] = 0
                memory.reconstruct(fixed.place, out, payload)
                np.testing.assert_array_equal(nits, before)
                with pytest.raises(FrameMemoryError, match="sealed"):
                    memory.reconstruct(fixed.place, fixed.place, payload)

    def test_pq_codes_are_those_of_the_file(
        self, shared: Running, files: Path, pair: Pair, payload: bytes
    ) -> None:
        from candela_engines.media import read_still

        service.reconstruct(ReconstructRequest(files / "out.png", files / "pq.png", encoding="pq"))
        with shared.client() as sidecar, SharedFrames(sidecar, 1 << 20) as memory:
            codes, sdr = memory.array(64, 96, "uint8")
            made, out = memory.array(64, 96, "uint16")
            codes[...] = pair.codes
            memory.reconstruct(sdr, out, payload, encoding="pq")
            expected = read_still(files / "pq.png").codes.astype(int)
            assert np.abs(made.astype(int) - expected).max() <= 1

    def test_another_picture_is_refused_unless_forced(
        self, shared: Running, pair: Pair, payload: bytes
    ) -> None:
        with shared.client() as sidecar, SharedFrames(sidecar, 1 << 20) as memory:
            codes, sdr = memory.array(64, 96, "uint8")
            _, out = memory.array(64, 96, "float32")
            codes[...] = pair.codes
            codes[3, 4, 1] ^= 1
            with pytest.raises(PictureMismatchError):
                memory.reconstruct(sdr, out, payload)
            assert memory.reconstruct(sdr, out, payload, force=True).forced
            with pytest.raises(PayloadError):
                memory.reconstruct(sdr, out, payload[:-1] + b"x")
            with pytest.raises(PictureMismatchError):
                memory.reconstruct(frame(sdr.region, height=63), out, payload)

    def test_a_pair_in_memory_gives_the_payload_of_the_files(
        self, shared: Running, files: Path, pair: Pair
    ) -> None:
        said = {"effort": "fast", "seed": 3}
        named = {
            "sdr_colour": "rec709",
            "sdr_range": "full",
            "hdr_colour": "linear-rec2020",
            "hdr_range": "full",
        }
        with shared.client() as sidecar, SharedFrames(sidecar, 1 << 20) as memory:
            codes, sdr = memory.array(64, 96, "uint8")
            nits, hdr = memory.array(64, 96, "float32")
            codes[...], nits[...] = pair.codes, pair.nits
            request = EmbedRequest(Path(), bytes=1400, **said, **named)  # type: ignore[arg-type]
            events = list(sidecar.events(sidecar.stub.Embed, to_embed(request, sdr, hdr, None)))
            made = events[-1].result.payload
        service.embed(EmbedRequest(files / "sdr.png", files / "m.png", files / "hdr.exr", bytes=1412, **said))  # type: ignore[arg-type]
        assert made == service.inspect(service.InspectRequest(files / "m.png")).found.payload

    def test_a_colour_is_needed(self, shared: Running) -> None:
        request = EmbedRequest(Path(), bytes=1400, effort="fast")
        with shared.client() as sidecar, SharedFrames(sidecar, 1 << 20) as memory:
            _, sdr = memory.array(64, 96, "uint8")
            _, hdr = memory.array(64, 96, "float32")
            with pytest.raises(InputError, match="colour state"):
                list(sidecar.events(sidecar.stub.Embed, to_embed(request, sdr, hdr, None)))

    def test_codes_beyond_their_bits_are_refused(self, shared: Running, payload: bytes) -> None:
        with shared.client() as sidecar, SharedFrames(sidecar, 1 << 20) as memory:
            codes, sdr = memory.array(64, 96, "uint16")
            _, out = memory.array(64, 96, "float32")
            codes[5, 5] = 1024
            ten = MemoryFrame(**(vars_of(sdr) | {"bits": 10}))  # type: ignore[arg-type]
            with pytest.raises(FrameMemoryError, match="1024"):
                memory.reconstruct(ten, out, payload)


class TestLeases:
    def test_unregistered_regions_are_gone(self, shared: Running, payload: bytes) -> None:
        with shared.client() as sidecar:
            memory = SharedFrames(sidecar, 1 << 20)
            _, sdr = memory.array(64, 96, "uint8")
            _, out = memory.array(64, 96, "float32")
            wait_for(lambda: sidecar.status().regions == 1)
            sidecar.call(
                sidecar.stub.UnregisterSharedMemory,
                sidecar_pb2.UnregisterSharedMemoryRequest(region=memory.region),
            )
            with pytest.raises(FrameMemoryError, match="not registered"):
                memory.reconstruct(sdr, out, payload)
            with pytest.raises(FrameMemoryError):
                sidecar.call(
                    sidecar.stub.UnregisterSharedMemory,
                    sidecar_pb2.UnregisterSharedMemoryRequest(region=memory.region),
                )
            memory.close()

    def test_a_client_that_vanishes_leaves_no_region(self, shared: Running) -> None:
        with shared.client() as other:
            with shared.client() as sidecar:
                memory = SharedFrames(sidecar, 1 << 20)
                wait_for(lambda: other.status().regions == 1)
            wait_for(lambda: other.status().regions == 0)
            memory.close()

    def test_a_region_lives_as_long_as_it_is_used(self, regions: Regions, segment: SharedMemory) -> None:
        region = regions.register_posix(segment.name, 1 << 20)
        data = region.read(0, 100)
        regions.forget(region.id)
        assert len(data) == 100 and region.read(0, 5) is not None

    def test_files_and_memory_do_not_mix(self, shared: Running, files: Path, payload: bytes) -> None:
        with shared.client() as sidecar, SharedFrames(sidecar, 1 << 20) as memory:
            _, sdr = memory.array(64, 96, "uint8")
            source = frames_pb2.Source(file=frames_pb2.FileReference(path=str(files / "out.png")))
            mixed = to_reconstruct(ReconstructRequest(Path(), Path()), sdr, sdr, payload)
            mixed.sdr.source.CopyFrom(source)
            with pytest.raises(NotSupportedError):
                list(sidecar.events(sidecar.stub.Reconstruct, mixed))

    def test_without_the_flag_nothing_is_registered(self, start: Start) -> None:
        running = start()
        with running.client() as sidecar, pytest.raises(NotSupportedError, match="--shared-memory"):
            SharedFrames(sidecar, 4096)


def test_a_client_that_changes_its_frame_meanwhile_breaks_nothing(
    shared: Running, pair: Pair, payload: bytes
) -> None:
    with shared.client() as sidecar, SharedFrames(sidecar, 1 << 20) as memory:
        codes, sdr = memory.array(64, 96, "uint8")
        _, out = memory.array(64, 96, "float32")
        stop = threading.Event()

        def scribble() -> None:
            noise = np.random.default_rng(0)
            while not stop.is_set():
                codes[...] = noise.integers(0, 256, codes.shape, np.uint8)

        thread = threading.Thread(target=scribble)
        thread.start()
        try:
            for _ in range(20):
                memory.reconstruct(sdr, out, payload, force=True)
        finally:
            stop.set()
            thread.join()


def vars_of(where: MemoryFrame) -> dict[str, object]:
    return {name: getattr(where, name) for name in where.__dataclass_fields__}


def test_registering_nothing_names_the_field(shared: Running) -> None:
    with shared.client() as sidecar:
        stream = sidecar.stub.RegisterSharedMemory(sidecar_pb2.RegisterSharedMemoryRequest(size_bytes=10))
        with pytest.raises(grpc.RpcError) as failed:
            next(stream)
        assert isinstance(error_of(failed.value), CandelaError)
