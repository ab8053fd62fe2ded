"""Every entry of the registry: its graph is what its descriptor says."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import numpy as np
import onnx
import pytest

from candela_engines.errors import InfrastructureError, InputError
from candela_engines.itm.network import MAX_DEPTH
from candela_engines.runtime.engines import (
    DEPTHS,
    ENGINES,
    Engine,
    check_feed,
    default_engine,
    engine,
    registry,
)
from candela_engines.runtime.graph import IR_VERSION, OPSET
from candela_engines.runtime.listing import listed
from candela_engines.runtime.local import LocalRunner
from candela_engines.runtime.onnx_machine import OnnxMachine
from candela_engines.runtime.probe import differs, probe_feed
from candela_engines.runtime.profiles import profiles

ALL = pytest.mark.parametrize("one", ENGINES.values(), ids=list(ENGINES))
KINDS = {onnx.TensorProto.FLOAT: "float32", onnx.TensorProto.INT32: "int32"}


def described(values: object) -> list[tuple[str, str, tuple[int | str, ...]]]:
    return [
        (v.name, KINDS[v.type.tensor_type.elem_type],
         tuple(d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim))
        for v in values  # type: ignore[attr-defined]
    ]  # fmt: skip


@ALL
def test_the_graph_is_as_described(one: Engine) -> None:
    model = onnx.load_from_string(one.model())
    onnx.checker.check_model(model, full_check=True)
    assert described(model.graph.input) == [(t.name, t.dtype, t.dims) for t in one.inputs]
    assert described(model.graph.output) == [(one.output.name, one.output.dtype, one.output.dims)]
    assert (model.opset_import[0].version, model.ir_version) == (OPSET, IR_VERSION)
    assert one.sha256 == hashlib.sha256(one.build()).hexdigest()


@ALL
def test_weights_are_inputs(one: Engine) -> None:
    graph = onnx.load_from_string(one.model()).graph
    assert max((np.prod(c.dims) for c in graph.initializer), default=0) <= 3
    named = {t.name for t in one.inputs}
    assert {"w0", "b0"} <= named or {"fuse.w", "fuse.b"} <= named


@ALL
def test_it_runs_and_every_dimension_has_a_profile(one: Engine) -> None:
    machine = OnnxMachine(threads=1)
    session = machine.session(one, "cpu")
    feed = probe_feed(one)
    check_feed(one, feed)
    assert np.isfinite(session.run(feed)).all()
    assert differs(session, session, one) == ""
    for text in profiles(one):
        assert [part.split(":")[0] for part in text.split(",")] == [t.name for t in one.inputs]


def test_a_probe_sees_coarser_arithmetic() -> None:
    one = engine("candela_default_pq")
    exact = OnnxMachine(threads=1).session(one, "cpu")

    class Coarse:
        def run(self, feed: dict[str, np.ndarray]) -> np.ndarray:
            """Weights and codes with ten bits of a mantissa, as TF32 has them."""
            short = {
                k: (v.view(np.uint32) & np.uint32(0xFFFFE000)).view(np.float32)
                if k in ("w0", "w1", "w2") else v for k, v in feed.items()
            }  # fmt: skip
            return exact.run(short)

    assert "TF32" in differs(Coarse(), exact, one)  # type: ignore[arg-type]


def test_every_depth_has_an_engine() -> None:
    assert max(DEPTHS) == MAX_DEPTH
    assert [default_engine(d, "pq").name for d in range(MAX_DEPTH + 1)] == ["candela_default_pq"] * 3 + [
        "candela_deep_pq"
    ] * 2


def test_names() -> None:
    with pytest.raises(InputError, match="no engine is named 'candela_x'; there are candela_default_pq"):
        engine("candela_x")
    one = ENGINES["candela_paper"]
    with pytest.raises(InputError, match="two engines are named 'candela_paper'"):
        registry([one, one])


def test_the_list_for_clients() -> None:
    found = listed(LocalRunner(OnnxMachine(), "cpu").describe)
    assert [f.name for f in found] == list(ENGINES)
    assert {f.colour_out for f in found} == {"rec2100-pq", "linear-rec2020"}
    assert {f.provider for f in found} == {"cpu"}
    assert all(len(f.sha256) == 64 and f.precision == "float32" for f in found)


def test_light_import() -> None:
    modules = (
        "backend, engines, providers, warm, local, listing, open_inference, triton_repository, onnx_machine"
    )
    heavy = {"onnx", "onnxruntime", "grpc", "google.protobuf", "tritonclient", "torch"}
    program = (
        f"from candela_engines.runtime import {modules}\nimport sys\nprint(*{heavy!r} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_without_onnx_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(InfrastructureError, match="onnx is missing: pip install"):
        ENGINES["candela_paper"].build()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(InfrastructureError, match="ONNX Runtime is missing: pip install"):
        OnnxMachine()
