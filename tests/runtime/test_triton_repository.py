"""The model repository, by Triton's public rules and definitions."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from google.protobuf import text_format
from tests.runtime.inference_server import read_config

from candela_engines.errors import InfrastructureError, InputError
from candela_engines.runtime import triton_repository
from candela_engines.runtime.engines import ENGINES, Engine
from candela_engines.runtime.profiles import profiles
from candela_engines.runtime.triton_config import Serving
from candela_engines.runtime.triton_repository import write_repository

ALL = pytest.mark.parametrize("one", ENGINES.values(), ids=list(ENGINES))


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    write_repository(folder, Serving(tensorrt=True, cache="/var/cache/triton", instances=2))
    return folder


@ALL
def test_a_folder_is_as_the_rules_say(one: Engine, repository: Path) -> None:
    folder = repository / one.name
    assert sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*")) == [
        "1", "1/model.onnx", "config.pbtxt",
    ]  # fmt: skip
    assert (folder / "1" / "model.onnx").read_bytes() == one.model()
    config = read_config(folder)
    assert config.name == folder.name
    assert (config.backend, config.default_model_filename) == ("onnxruntime", "model.onnx")
    assert list(config.version_policy.specific.versions) == [1]
    assert [(g.count, g.kind) for g in config.instance_group] == [(2, 0)]
    assert text_format.Parse(text_format.MessageToString(config), type(config)()) == config


@ALL
def test_tensors_are_those_of_the_graph(one: Engine, repository: Path) -> None:
    config = read_config(repository / one.name)
    types = {"float32": 11, "int32": 8}  # TYPE_FP32, TYPE_INT32
    skip = 1 if config.max_batch_size else 0
    for has, due in zip([*config.input, *config.output], [*one.inputs, one.output], strict=True):
        dims = [d if isinstance(d, int) else -1 for d in due.dims]
        assert (has.name, has.data_type, list(has.dims)) == (due.name, types[due.dtype], dims[skip:])
        assert not skip or dims[0] == -1


def test_requests_are_put_together_where_every_tensor_has_room_for_them(repository: Path) -> None:
    paper = read_config(repository / "candela_paper")
    assert paper.max_batch_size == 8
    assert list(paper.dynamic_batching.preferred_batch_size) == [8]
    default = read_config(repository / "candela_default_pq")
    assert default.max_batch_size == 0
    assert not default.HasField("dynamic_batching")


@ALL
def test_tensorrt_is_asked_for_in_full_precision(one: Engine, repository: Path) -> None:
    found = read_config(repository / one.name).optimization.execution_accelerators.gpu_execution_accelerator
    assert [a.name for a in found] == ["tensorrt", "cuda"]
    smallest, usual, largest = profiles(one)
    assert dict(found[0].parameters) == {
        "precision_mode": "FP32",
        "trt_engine_cache_enable": "1",
        "trt_engine_cache_path": "/var/cache/triton",
        "trt_profile_min_shapes": smallest,
        "trt_profile_opt_shapes": usual,
        "trt_profile_max_shapes": largest,
    }
    assert dict(found[1].parameters) == {"use_tf32": "0"}


def test_without_tensorrt(tmp_path: Path) -> None:
    write_repository(tmp_path / "new")
    config = read_config(tmp_path / "new" / "candela_paper")
    assert [a.name for a in config.optimization.execution_accelerators.gpu_execution_accelerator] == ["cuda"]
    readme = (tmp_path / "new" / "README.md").read_text()
    assert all(e.sha256 in readme for e in ENGINES.values())


def test_engines_are_replaced_and_the_rest_is_left(tmp_path: Path) -> None:
    write_repository(tmp_path)
    (tmp_path / "theirs" / "1").mkdir(parents=True)
    (tmp_path / "candela_paper" / "1" / "model.onnx").write_bytes(b"an older one")
    write_repository(tmp_path)
    assert (tmp_path / "candela_paper" / "1" / "model.onnx").read_bytes() == ENGINES["candela_paper"].model()
    assert (tmp_path / "theirs" / "1").is_dir()
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_folders_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match="is a file"):
        write_repository(tmp_path / "file")
    with pytest.raises(InputError, match="does not exist; create it first"):
        write_repository(tmp_path / "a" / "b")
    with pytest.raises(InputError, match="instances: 0; 1 to 64"):
        write_repository(tmp_path, Serving(instances=0))
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_repository(tmp_path)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(triton_repository, "_write_model", full)
    with pytest.raises(InfrastructureError, match="cannot be written: No space left"):
        write_repository(tmp_path, Serving(tensorrt=True))
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_without_tritonclient_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tritonclient.grpc", None)
    with pytest.raises(InfrastructureError, match=r"pip install 'candela-hdr\[triton\]'"):
        write_repository(tmp_path / "new")
    assert not (tmp_path / "new").exists()
