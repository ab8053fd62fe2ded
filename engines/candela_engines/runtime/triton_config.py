"""An engine's configuration for Triton Inference Server, `config.pbtxt`, by the public definitions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from candela_engines.errors import InfrastructureError
from candela_engines.media.state_text import state_label
from candela_engines.runtime.engines import Engine
from candela_engines.runtime.graph import Tensor
from candela_engines.runtime.profiles import profiles

__all__ = ["SHA256", "Serving", "config_text", "protocol_modules"]

SHA256 = "candela_sha256"  # the parameter that says which graph a server runs
_TYPES = {"float32": "TYPE_FP32", "int32": "TYPE_INT32"}
_QUEUE_MICROSECONDS = 200  # a tile computes for longer than that


def protocol_modules() -> tuple[Any, Any, Any]:
    """model_config_pb2, service_pb2 and service_pb2_grpc of tritonclient; InfrastructureError without it."""
    try:
        from tritonclient.grpc import model_config_pb2, service_pb2, service_pb2_grpc
    except (ImportError, RuntimeError) as error:  # RuntimeError: it is there without grpcio
        raise InfrastructureError(
            "the definitions of the inference protocol are missing: pip install 'candela-hdr[triton]'"
        ) from error
    return model_config_pb2, service_pb2, service_pb2_grpc


@dataclass(frozen=True)
class Serving:
    """How a server is to run engines. tensorrt: compile them, and keep what was compiled in a folder on the
    server, if one is given. instances: copies of each on every GPU, or on the CPU where there is none."""

    tensorrt: bool = False
    cache: str | None = None
    instances: int = 1


def config_text(engine: Engine, serving: Serving) -> str:
    """The `config.pbtxt` of an engine."""
    from google.protobuf import text_format

    messages, _, _ = protocol_modules()
    batched = engine.requests > 1
    config = messages.ModelConfig(
        name=engine.name,
        backend="onnxruntime",
        default_model_filename="model.onnx",
        max_batch_size=engine.requests if batched else 0,
        input=[_tensor(messages.ModelInput, t, batched) for t in engine.inputs],
        output=[_tensor(messages.ModelOutput, engine.output, batched)],
        instance_group=[messages.ModelInstanceGroup(count=serving.instances, kind="KIND_AUTO")],
    )
    config.version_policy.specific.versions.append(engine.version)
    if batched:
        config.dynamic_batching.preferred_batch_size.extend([engine.requests])
        config.dynamic_batching.max_queue_delay_microseconds = _QUEUE_MICROSECONDS
    accelerators = config.optimization.execution_accelerators.gpu_execution_accelerator
    if serving.tensorrt:
        smallest, usual, largest = profiles(engine)
        parameters = {
            "precision_mode": "FP32",
            "trt_profile_min_shapes": smallest,
            "trt_profile_opt_shapes": usual,
            "trt_profile_max_shapes": largest,
        }
        if serving.cache is not None:
            parameters |= {"trt_engine_cache_enable": "1", "trt_engine_cache_path": serving.cache}
        accelerators.add(name="tensorrt", parameters=parameters)
    accelerators.add(name="cuda", parameters={"use_tf32": "0"})
    said = {
        SHA256: engine.sha256,
        "candela_colour_in": "payload" if engine.colour_in is None else state_label(engine.colour_in),
        "candela_colour_out": state_label(engine.colour_out),
    }
    for key, value in said.items():
        config.parameters[key].string_value = value
    return str(text_format.MessageToString(config))


def _tensor(kind: Any, t: Tensor, batched: bool) -> Any:
    dims = t.dims[1:] if batched else t.dims
    sizes = [d if isinstance(d, int) else -1 for d in dims]
    return kind(name=t.name, data_type=_TYPES[t.dtype], dims=sizes)
