"""Calls on files: the same bytes as the local command, and everything that goes with a call."""

from __future__ import annotations

from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from candela_engines.colour.names import NAMED
from candela_engines.errors import (
    CarrierError,
    ColourStateError,
    InputError,
    MediaError,
    NoPayloadError,
    PayloadError,
    PictureMismatchError,
)
from candela_engines.itm.carriers import embed_payload
from candela_engines.media import write_sdr_png
from candela_engines.native import native
from candela_engines.runtime.engines import ENGINES
from candela_server import service
from candela_server.jobs.errors import FieldError, NotSupportedError, PathRefusedError
from candela_server.proto.candela.v1 import frames_pb2, options_pb2, scores_pb2, sidecar_pb2
from candela_server.rpc.errors import error_of
from candela_server.service import EmbedRequest, ReconstructRequest, VerifyRequest

from ..conftest import Candela
from ..pictures import Pair
from .conftest import Running, wait_for

QUICK = ("--effort", "fast", "--bytes", "1400")
AS_RECORDED = frames_pb2.ColourState(as_recorded=frames_pb2.AsRecorded(), range=frames_pb2.RANGE_AS_RECORDED)


def reference(path: Path | str) -> frames_pb2.Source:
    return frames_pb2.Source(file=frames_pb2.FileReference(path=str(path)))


def embed_message(files: Path) -> sidecar_pb2.EmbedRequest:
    return sidecar_pb2.EmbedRequest(
        sdr=frames_pb2.Frame(source=reference(files / "sdr.png"), colour=AS_RECORDED),
        hdr=frames_pb2.Frame(source=reference(files / "hdr.exr"), colour=AS_RECORDED),
        out=frames_pb2.Target(file=frames_pb2.FileReference(path=str(files / "new.png"))),
        model=options_pb2.MODEL_DEFAULT,
        effort=options_pb2.EFFORT_FAST,
        bytes=1400,
    )


class TestAsLocally:
    def test_embedded_files_are_the_same_bytes(self, candela: Candela, shared: Running, files: Path) -> None:
        command = ("embed", files / "sdr.png", "--hdr", files / "hdr.exr", *QUICK, "-o")
        local = candela(*command, files / "local.png")
        there = candela("--sidecar", shared.address, *command, files / "there.png")
        assert local.code == there.code == 0
        assert (files / "there.png").read_bytes() == (files / "local.png").read_bytes()
        assert len(there.out.splitlines()) == len(local.out.splitlines()) > 5

    @pytest.mark.parametrize("suffix", [".exr", ".png", ".tif", ".avif", ".jpg"])
    def test_reconstructed_files_are_the_same_bytes(
        self, candela: Candela, shared: Running, files: Path, suffix: str
    ) -> None:
        command = ("--json", "reconstruct", files / "out.png", "--peak", 400, "-o")
        local = candela(*command, files / f"same{suffix}")
        before = (files / f"same{suffix}").read_bytes()
        there = candela("--sidecar", shared.address, *command, files / f"same{suffix}")
        assert (files / f"same{suffix}").read_bytes() == before
        assert there.json == local.json

    @pytest.mark.parametrize("command", [["inspect"], ["verify", "--hdr", "hdr.exr", "--min-psnr", "90"]])
    def test_documents_and_codes_are_the_same(
        self,
        candela: Candela,
        shared: Running,
        files: Path,
        monkeypatch: pytest.MonkeyPatch,
        command: list[str],
    ) -> None:
        monkeypatch.chdir(files)  # paths come back as they were said
        for form in ([], ["--json"]):
            line = [command[0], "out.png", *command[1:], *form]
            local, there = candela(*line), candela("--sidecar", shared.address, *line)
            assert (there.code, there.out) == (local.code, local.out)
        assert local.code == (1 if command[0] == "verify" else 0)

    def test_stripped_files_are_the_original(self, candela: Candela, shared: Running, files: Path) -> None:
        said = candela("--sidecar", shared.address, "strip", files / "out.png", "-o", files / "orig.png")
        assert said.code == 0 and (files / "orig.png").read_bytes() == (files / "sdr.png").read_bytes()

    def test_errors_have_the_same_words_and_code(
        self, candela: Candela, shared: Running, files: Path
    ) -> None:
        line = ("reconstruct", files / "sdr.png", "-o", files / "x.exr")
        local, there = candela(*line), candela("--sidecar", shared.address, *line)
        assert (there.code, there.err) == (local.code, local.err) and local.code == 2

    def test_no_sidecar_is_said(self, candela: Candela, tmp_path: Path, carrying: Path) -> None:
        said = candela("status", "--listen", f"unix:{tmp_path}/none.sock")
        assert said.code == 3 and "candela serve" in said.err


class TestErrors:
    def test_classes_come_through(self, shared: Running, files: Path, tmp_path: Path) -> None:
        (files / "noise.png").write_bytes(b"\x89PNG\r\n\x1a\nnoise")
        data = (files / "out.png").read_bytes()
        at = data.index(b"CNDL") + 40
        (files / "damaged.png").write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        cases: list[tuple[str, type[Exception]]] = [
            ("noise.png", CarrierError),
            ("none.png", MediaError),
            ("sdr.png", NoPayloadError),
            ("damaged.png", PayloadError),
        ]
        with shared.client() as sidecar:
            for name, kind in cases:
                with pytest.raises(kind):
                    sidecar.reconstruct(ReconstructRequest(files / name, files / "x.exr"))
            with pytest.raises(PathRefusedError):
                sidecar.reconstruct(ReconstructRequest(files / "out.png", tmp_path / "x.exr"))
            with pytest.raises(InputError, match="--bit-depth"):
                sidecar.reconstruct(ReconstructRequest(files / "out.png", files / "x.exr", bits=9))
            with pytest.raises(ColourStateError):
                request = EmbedRequest(
                    files / "sdr.png", files / "x.png", files / "hdr.exr", sdr_colour="rec808"
                )
                sidecar.embed(request)

    @pytest.mark.parametrize(
        ("field", "spoil"),
        [
            ("sdr.colour", lambda m: m.sdr.ClearField("colour")),
            ("sdr.colour", lambda m: m.sdr.colour.ClearField("as_recorded")),
            ("sdr.colour.range", lambda m: m.sdr.colour.ClearField("range")),
            ("hdr.colour", lambda m: m.hdr.ClearField("colour")),
            ("sdr.source", lambda m: m.sdr.ClearField("source")),
            ("out", lambda m: m.out.Clear() or m.out.SetInParent()),
            ("model", lambda m: m.ClearField("model")),
            ("effort", lambda m: m.ClearField("effort")),
        ],
    )
    def test_nothing_is_a_default(self, shared: Running, files: Path, field: str, spoil: object) -> None:
        message = embed_message(files)
        spoil(message)  # type: ignore[operator]
        with shared.client() as sidecar:
            with pytest.raises(grpc.RpcError) as failed:
                list(sidecar.stub.Embed(message))
            error = error_of(failed.value)
            assert isinstance(error, FieldError) and error.field == field
        assert not (files / "new.png").exists()

    def test_a_wrong_colour_of_what_carries_hdr_is_told(self, shared: Running, files: Path) -> None:
        wrong = frames_pb2.ColourState(name="srgb", range=frames_pb2.RANGE_FULL)
        right = frames_pb2.ColourState(name="rec709", range=frames_pb2.RANGE_FULL)
        for colour, good in ((wrong, False), (right, True)):
            message = sidecar_pb2.ReconstructRequest(
                sdr=frames_pb2.Frame(source=reference(files / "out.png"), colour=colour),
                out=frames_pb2.Target(file=frames_pb2.FileReference(path=str(files / "c.exr"))),
                encoding=frames_pb2.Encoding(by_format=frames_pb2.AsRecorded()),
                view=options_pb2.VIEW_HDR,
            )
            with shared.client() as sidecar:
                if good:
                    assert list(sidecar.stub.Reconstruct(message))[-1].WhichOneof("event") == "result"
                    continue
                with pytest.raises(ColourStateError):
                    list(sidecar.events(sidecar.stub.Reconstruct, message))


class TestAround:
    def test_health_and_reflection(self, shared: Running) -> None:
        with grpc.insecure_channel(shared.address) as channel:
            health = health_pb2_grpc.HealthStub(channel)
            for name in ("", "candela.v1.Sidecar"):
                answer = health.Check(health_pb2.HealthCheckRequest(service=name))
                assert answer.status == health_pb2.HealthCheckResponse.SERVING
            known = ProtoReflectionDescriptorDatabase(channel)
            assert "candela.v1.Sidecar" in known.get_services()
            assert known.FindFileContainingSymbol("candela.v1.Sidecar").package == "candela.v1"

    def test_engines_are_listed(self, shared: Running) -> None:
        with shared.client() as sidecar:
            engines = {engine.name: engine for engine in sidecar.engines()}
        assert set(engines) == {*ENGINES, "candela_gamma", "grade"}
        for name, facts in engines.items():
            assert len(facts.sha256) == 64 and facts.version and facts.provider and facts.colour_out
            assert facts.precision == "float32", name
        one = engines["candela_default_pq"]
        assert one.sha256 == ENGINES["candela_default_pq"].sha256
        assert "native kernel" in one.provider or native() is None

    def test_what_a_newer_client_asks_is_not_there(self, shared: Running) -> None:
        with shared.client() as sidecar, pytest.raises(NotSupportedError, match="older than this client"):
            ask = sidecar._channel.unary_stream(
                "/candela.v1.Sidecar/WhatIsNotThereYet",
                request_serializer=scores_pb2.QcRequest.SerializeToString,
                response_deserializer=scores_pb2.QcResponse.FromString,
            )
            list(sidecar.events(ask, scores_pb2.QcRequest()))

    def test_status(self, candela: Candela, shared: Running) -> None:
        said = candela("--json", "status", "--listen", shared.address)
        assert said.code == 0 and said.json["process_id"] == shared.process.pid
        assert said.json["roots"] == [str(shared.root)] and said.json["shared_memory"]

    def test_every_call_is_in_the_log_with_its_id(self, shared: Running, files: Path) -> None:
        with shared.client() as sidecar:
            answer, call = sidecar.stub.Inspect.with_call(
                sidecar_pb2.InspectRequest(source=reference(files / "out.png")),
                metadata=[("candela-request-id", "look-1")],
            )
            assert answer.carrier == "png"
            assert ("candela-request-id", "look-1") in [tuple(pair) for pair in call.initial_metadata()]
        wait_for(lambda: any(line.get("request") == "look-1" for line in shared.lines()))
        line = next(line for line in shared.lines() if line.get("request") == "look-1")
        assert line["call"] == "Inspect" and line["status"] == "OK" and line["seconds"] > 0

    def test_files_can_be_sent_and_come_back(self, shared: Running, files: Path) -> None:
        data = (files / "out.png").read_bytes()
        parts = [sidecar_pb2.UploadRequest(suffix=".png")]
        parts += [sidecar_pb2.UploadRequest(data=data[at : at + 1000]) for at in range(0, len(data), 1000)]
        with shared.client() as sidecar:
            sent = sidecar.stub.Upload(iter(parts))
            assert sent.bytes == len(data)
            message = sidecar_pb2.ReconstructRequest(
                sdr=frames_pb2.Frame(
                    source=frames_pb2.Source(stream=frames_pb2.StreamReference(upload=sent.upload)),
                    colour=AS_RECORDED,
                ),
                out=frames_pb2.Target(stream=frames_pb2.StreamTarget(suffix=".png")),
                encoding=frames_pb2.Encoding(by_format=frames_pb2.AsRecorded()),
                view=options_pb2.VIEW_HDR,
            )
            events = list(sidecar.events(sidecar.stub.Reconstruct, message))
            back = b"".join(e.chunk.data for e in events if e.WhichOneof("event") == "chunk")
            service.reconstruct(ReconstructRequest(files / "out.png", files / "sent.png"))
            assert back == (files / "sent.png").read_bytes()
            with pytest.raises(InputError, match="used before"):
                list(sidecar.events(sidecar.stub.Reconstruct, message))
            assert sidecar.status().uploads == 0

    @pytest.mark.parametrize(
        "parts", [[], [b"data"], [".png", ".png"], ["../x"], [".png/../../x"], ["", b"x"]], ids=str
    )
    def test_uploads_out_of_order_are_refused(self, shared: Running, parts: list[str | bytes]) -> None:
        made = [
            sidecar_pb2.UploadRequest(suffix=p) if isinstance(p, str) else sidecar_pb2.UploadRequest(data=p)
            for p in parts
        ]
        with shared.client() as sidecar:
            with pytest.raises(grpc.RpcError) as failed:
                sidecar.stub.Upload(iter(made))
            assert isinstance(error_of(failed.value), InputError)
            assert sidecar.status().uploads == 0

    def test_verify_measures_as_locally(self, shared: Running, files: Path) -> None:
        request = VerifyRequest(files / "out.png", files / "hdr.exr")
        with shared.client() as sidecar:
            assert sidecar.verify(request) == service.verify(request)

    def test_pictures_that_were_altered_are_refused(self, shared: Running, files: Path, pair: Pair) -> None:
        payload = service.inspect(service.InspectRequest(files / "out.png")).found.payload
        pixels = pair.codes.copy()
        pixels[0, 0, 0] ^= 1
        write_sdr_png(files / "altered.png", pixels, state=NAMED["rec709"])
        embed_payload(files / "altered.png", files / "altered_out.png", payload)
        with shared.client() as sidecar, pytest.raises(PictureMismatchError):
            sidecar.reconstruct(ReconstructRequest(files / "altered_out.png", files / "x.exr"))
