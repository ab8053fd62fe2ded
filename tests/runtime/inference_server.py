"""A small server of the Open Inference Protocol on loopback, which runs a model repository on ONNX Runtime.

It reads the folder that `candela export-triton` writes, config.pbtxt included, and speaks by the public
definitions of tritonclient: so both sides of the wire are held against something that is not ours.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import onnxruntime as ort
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2, service_pb2, service_pb2_grpc

__all__ = ["InferenceServer", "read_config"]

DTYPES = {"FP32": np.float32, "INT32": np.int32}


def read_config(folder: Path) -> model_config_pb2.ModelConfig:
    """The configuration of a model's folder; ParseError where it is not by the definitions."""
    return text_format.Parse((folder / "config.pbtxt").read_text(), model_config_pb2.ModelConfig())


@functools.cache
def _session(model: bytes) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


class Model:
    """A model of the repository."""

    def __init__(self, folder: Path) -> None:
        self.config = read_config(folder)
        self.versions = [p.name for p in folder.iterdir() if p.is_dir()]
        self._file = folder / self.versions[0] / self.config.default_model_filename

    @property
    def session(self) -> ort.InferenceSession:
        return _session(self._file.read_bytes())

    def described(self, kinds: Any) -> list[service_pb2.ModelMetadataResponse.TensorMetadata]:
        batch = [-1] if self.config.max_batch_size else []
        return [
            service_pb2.ModelMetadataResponse.TensorMetadata(
                name=t.name,
                datatype=model_config_pb2.DataType.Name(t.data_type).removeprefix("TYPE_"),
                shape=[*batch, *t.dims],
            )
            for t in kinds
        ]


class InferenceServer(service_pb2_grpc.GRPCInferenceServiceServicer):
    """wrong: changes the answer of ModelInfer. unavailable: so many calls are refused first.

    triton: whether it has ModelConfig, which is not of the protocol. calls: names in their order. pair: key
    and certificate, PEM, for TLS. token: that calls need.
    """

    def __init__(
        self,
        repository: Path,
        *,
        triton: bool = True,
        pair: tuple[bytes, bytes] | None = None,
        token: str | None = None,
    ) -> None:
        self.token = token
        self.models = {p.parent.name: Model(p.parent) for p in repository.glob("*/config.pbtxt")}
        self.triton, self.unavailable = triton, 0
        self.wrong: Callable[[service_pb2.ModelInferResponse], None] = lambda answer: None
        self.calls: list[str] = []
        self._server = grpc.server(ThreadPoolExecutor(2), options=[("grpc.max_receive_message_length", -1)])
        service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(self, self._server)
        if pair is None:
            self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        else:
            trusted = grpc.ssl_server_credentials([pair])
            self.address = f"localhost:{self._server.add_secure_port('localhost:0', trusted)}"
        self._server.start()

    def stop(self) -> None:
        self._server.stop(None).wait()

    def _begin(self, name: str, context: grpc.ServicerContext) -> None:
        if self.token is not None:
            given = dict(context.invocation_metadata()).get("authorization")
            if given != f"Bearer {self.token}":
                context.abort(grpc.StatusCode.UNAUTHENTICATED, "a token is needed")
        self.calls.append(name)
        if self.unavailable:
            self.unavailable -= 1
            context.abort(grpc.StatusCode.UNAVAILABLE, "loading\nwith details")

    def _model(self, request: Any, context: grpc.ServicerContext) -> Model:
        name = request.name if hasattr(request, "name") else request.model_name
        version = request.version if hasattr(request, "version") else request.model_version
        model = self.models.get(name)
        if model is None or version not in ("", *model.versions):
            context.abort(grpc.StatusCode.NOT_FOUND, f"Request for unknown model: '{name}'")
        return model

    def ServerReady(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._begin("ServerReady", context)
        return service_pb2.ServerReadyResponse(ready=True)

    def ModelReady(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._begin("ModelReady", context)
        model = self.models.get(request.name)
        ready = model is not None and request.version in ("", *model.versions)
        return service_pb2.ModelReadyResponse(ready=ready)

    def ModelMetadata(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._begin("ModelMetadata", context)
        model = self._model(request, context)
        return service_pb2.ModelMetadataResponse(
            name=request.name,
            versions=model.versions,
            platform="onnxruntime_onnx",
            inputs=model.described(model.config.input),
            outputs=model.described(model.config.output),
        )

    def ModelConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._begin("ModelConfig", context)
        if not self.triton:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, "")
        return service_pb2.ModelConfigResponse(config=self._model(request, context).config)

    def ModelInfer(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._begin("ModelInfer", context)
        model = self._model(request, context)
        feed = {
            t.name: np.frombuffer(raw, DTYPES[t.datatype]).reshape(tuple(t.shape))
            for t, raw in zip(request.inputs, request.raw_input_contents, strict=True)
        }
        try:
            results = model.session.run([o.name for o in request.outputs], feed)
        except Exception as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        answer = service_pb2.ModelInferResponse(
            model_name=request.model_name, model_version=model.versions[0]
        )
        for tensor, result in zip(request.outputs, results, strict=True):
            answer.outputs.add(name=tensor.name, datatype="FP32", shape=result.shape)
            answer.raw_output_contents.append(result.tobytes())
        self.wrong(answer)
        return answer
