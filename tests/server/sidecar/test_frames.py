"""Frames one after another over one call."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import grpc
import numpy as np
import pytest
from tests.native import payloads as made

from candela_engines.colour import pq
from candela_engines.colour.names import NAMED
from candela_engines.errors import CandelaError, InputError, PictureMismatchError
from candela_engines.itm.decode import decode_payload, render
from candela_engines.itm.payload import encode
from candela_engines.itm.place import placed
from candela_engines.itm.shot_model import ShotRenderer, decode_shot
from candela_engines.media.hashing import hash_samples
from candela_server import service
from candela_server.client import SharedFrames
from candela_server.jobs.errors import CancelledError, DeadlineError, FieldError, FrameMemoryError
from candela_server.proto.candela.v1 import sidecar_pb2 as pb
from candela_server.rpc.convert.frame_stream import to_frame, to_setup
from candela_server.rpc.convert.values import to_memory
from candela_server.rpc.errors import error_of
from candela_server.service import ReconstructRequest

from ..pictures import Pair
from .conftest import Running, wait_for

SETUP = ReconstructRequest(Path(), Path())


@pytest.fixture
def payload(files: Path) -> bytes:
    return service.inspect(service.InspectRequest(files / "out.png")).found.payload


def test_frames_come_back_in_their_order_and_right(shared: Running, pair: Pair, payload: bytes) -> None:
    expected = render(decode_payload(payload), pair.codes)
    with shared.client() as sidecar, SharedFrames(sidecar, 1 << 21) as memory:
        places = [(memory.array(64, 96, "uint8"), memory.array(64, 96, "float32")) for _ in range(3)]
        for (codes, _), _ in places:
            codes[...] = pair.codes

        def asks() -> Iterator[pb.ReconstructFramesRequest]:
            for number, ((_, sdr), (_, out)) in enumerate(places):
                setup = to_setup(SETUP, payload) if number == 0 else None
                yield to_frame(70 + number, sdr, out, setup, None)

        answers = list(sidecar.stub.ReconstructFrames(asks(), metadata=tuple(sidecar.metadata)))
        assert [answer.frame for answer in answers] == [70, 71, 72]
        assert [answer.HasField("encoding") for answer in answers] == [True, False, False]
        for _, (nits, _) in places:
            np.testing.assert_allclose(nits, expected, rtol=2e-6, atol=1e-3)
    with shared.client() as sidecar:
        assert not sidecar.status().jobs


def test_a_wrong_frame_ends_the_call_and_the_next_one_opens_another(
    shared: Running, pair: Pair, payload: bytes
) -> None:
    with shared.client() as sidecar, SharedFrames(sidecar, 1 << 20) as memory:
        codes, sdr = memory.array(64, 96, "uint8")
        _, out = memory.array(64, 96, "float32")
        codes[...] = pair.codes
        memory.reconstruct(sdr, out, payload)
        codes[0, 0, 0] ^= 1
        with pytest.raises(PictureMismatchError):
            memory.reconstruct(sdr, out, payload)
        assert memory.reconstruct(sdr, out, payload, force=True).forced
        codes[0, 0, 0] ^= 1
        assert not memory.reconstruct(sdr, out, payload).forced


def first_answer(sidecar: object, *messages: pb.ReconstructFramesRequest) -> CandelaError:
    with pytest.raises(grpc.RpcError) as failed:
        list(sidecar.stub.ReconstructFrames(iter(messages), timeout=20))  # type: ignore[attr-defined]
    return error_of(failed.value)


def test_what_is_left_out_is_named(shared: Running, payload: bytes) -> None:
    with shared.client() as sidecar, SharedFrames(sidecar, 1 << 20) as memory:
        _, place = memory.array(64, 96, "uint8")
        where = to_memory(place)
        no_colour = to_setup(SETUP, payload)
        no_colour.ClearField("colour")
        for message, field in (
            (pb.ReconstructFramesRequest(sdr=where, out=where), "setup: "),
            (pb.ReconstructFramesRequest(setup=no_colour, sdr=where, out=where), "setup.colour"),
            (pb.ReconstructFramesRequest(setup=to_setup(SETUP, b""), sdr=where, out=where), "setup.payload"),
            (pb.ReconstructFramesRequest(setup=to_setup(SETUP, payload), out=where), "sdr.sample_type"),
        ):
            error = first_answer(sidecar, message)
            assert isinstance(error, FieldError) and str(error).startswith(field)
        far = to_frame(0, place, place, to_setup(SETUP, payload), None)
        far.sdr.offset_bytes = 2**64 - 1
        assert isinstance(first_answer(sidecar, far), FrameMemoryError)
        late = to_frame(0, place, place, to_setup(SETUP, payload), 0.0)
        assert isinstance(first_answer(sidecar, late), DeadlineError)


def test_a_cancel_between_two_frames_is_heard(shared: Running, pair: Pair, payload: bytes) -> None:
    with shared.client() as sidecar, SharedFrames(sidecar, 1 << 20) as memory:
        codes, sdr = memory.array(64, 96, "uint8")
        _, out = memory.array(64, 96, "float32")
        codes[...] = pair.codes
        go = threading.Event()

        def asks() -> Iterator[pb.ReconstructFramesRequest]:
            yield to_frame(0, sdr, out, to_setup(SETUP, payload), None)
            go.wait(30)
            yield to_frame(1, sdr, out, None, None)

        said = (*sidecar.metadata, ("candela-request-id", "stream"))
        answers = sidecar.stub.ReconstructFrames(asks(), metadata=said)
        assert next(answers).frame == 0
        assert sidecar.cancel("stream")
        with pytest.raises(grpc.RpcError) as failed:
            next(answers)  # without another frame
        go.set()
        assert isinstance(error_of(failed.value), CancelledError)
        wait_for(lambda: not sidecar.cancel("stream"))


def test_a_client_that_vanishes_between_frames_leaves_nothing(
    shared: Running, pair: Pair, payload: bytes
) -> None:
    with shared.client() as other:
        with shared.client() as sidecar:
            memory = SharedFrames(sidecar, 1 << 20)
            codes, sdr = memory.array(64, 96, "uint8")
            _, out = memory.array(64, 96, "float32")
            codes[...] = pair.codes
            memory.reconstruct(sdr, out, payload)
        wait_for(lambda: other.status().regions == 0 and not other.status().jobs)
        memory.close()


def test_frames_of_a_shot(shared: Running, payload: bytes) -> None:
    """One payload serves them all, by the number that is said, or that of the copy; its network moves."""
    whole = replace(made.shot(3, 1001, 1004), sdr=NAMED["rec709"])
    codes_of = {number: made.picture(number) for number in range(1001, 1005)}
    digests = {number: hash_samples(codes, 8) for number, codes in codes_of.items()}
    whole = replace(whole, checks=b"".join(digest[:2] for digest in digests.values()))
    model = decode_shot(whole)
    assert model.moves
    renderer = ShotRenderer(model, made.HEIGHT, made.WIDTH)
    with shared.client() as sidecar, SharedFrames(sidecar, 1 << 20) as memory:
        codes, sdr = memory.array(made.HEIGHT, made.WIDTH, "uint8")
        nits, out = memory.array(made.HEIGHT, made.WIDTH, "float32")
        pq_codes, pq_out = memory.array(made.HEIGHT, made.WIDTH, "uint16")
        for number in (1001, 1004, 1002):
            codes[...] = codes_of[number]
            expected = renderer.render(number, codes_of[number], 8)
            own = placed(encode(whole), number, digests[number])
            for data, said in ((encode(whole), number), (own, None), (own, number)):
                nits[...] = 0
                assert not memory.reconstruct(sdr, out, data, shot_frame=said).forced
                np.testing.assert_array_equal(nits, expected)
            memory.reconstruct(sdr, pq_out, own, encoding="pq")
            assert np.abs(pq_codes - 65535 * pq.inverse_eotf(np.clip(expected, 0, 1e4))).max() < 1
        for data, said, error in (
            (encode(whole), None, "shot_frame has to say"),
            (encode(whole), 1005, "frames 1001 to 1004"),
            (encode(whole), 1003, "as frame 1003"),
            (own, 1001, "hash of another frame"),
            (payload, 1, "leave shot_frame out"),
        ):
            with pytest.raises((InputError, PictureMismatchError), match=error):
                memory.reconstruct(sdr, out, data, shot_frame=said)
        assert memory.reconstruct(sdr, out, own, shot_frame=1001, force=True).forced
        np.testing.assert_array_equal(nits, renderer.render(1001, codes_of[1002], 8))
