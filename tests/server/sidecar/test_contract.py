"""The contract: what is generated is what the .proto files say, and rules that hold for all of it."""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from google.protobuf.descriptor import Descriptor, EnumDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from candela_engines.colour.state import ColourState
from candela_engines.errors import PayloadError
from candela_engines.itm.payload import Fidelity
from candela_engines.metrics import Rectangle
from candela_server.proto.candela.v1 import (
    clips_pb2,
    frames_pb2,
    options_pb2,
    results_pb2,
    scores_pb2,
    sidecar_pb2,
    upconvert_pb2,
)
from candela_server.proto.generate import PROTOS, ROOT, generate, protoc
from candela_server.rpc.convert.clip_results import _KINDS
from candela_server.rpc.convert.judging import RESULTS
from candela_server.rpc.convert.mapped import _pairs, from_message, to_message
from candela_server.rpc.convert.upconverting import KINDS

MODULES = (frames_pb2, options_pb2, results_pb2, clips_pb2, scores_pb2, upconvert_pb2, sidecar_pb2)

UPCONVERTED = dict(KINDS.values())


def test_the_generated_code_is_that_of_the_contract(tmp_path: Path) -> None:
    out = tmp_path / "set"
    protoc(f"--descriptor_set_out={out}")
    for said in FileDescriptorSet.FromString(out.read_bytes()).file:
        module = importlib.import_module(said.name.removesuffix(".proto").replace("/", ".") + "_pb2")
        kept = type(said).FromString(module.DESCRIPTOR.serialized_pb)
        for file in (said, kept):  # names of JSON are made, not said
            for message in file.message_type:
                for field in message.field:
                    field.ClearField("json_name")
        assert kept == said, f"{said.name} was changed: python -m candela_server.proto.generate"


def test_stubs_are_there_for_every_module(tmp_path: Path) -> None:
    generate(tmp_path)
    for proto in PROTOS:
        stub = proto.replace(".proto", "_pb2.pyi")
        assert (ROOT / stub).read_text() == (tmp_path / stub).read_text()


def test_what_is_installed_is_new_enough_for_the_generated_code() -> None:
    project = tomllib.loads((ROOT.parent / "pyproject.toml").read_text())["project"]
    floors = dict(line.split(">=") for line in project["dependencies"] if ">=" in line and ";" not in line)
    for module in MODULES:
        made = re.search(r"# Protobuf Python Version: (\S+)", Path(module.__file__).read_text())
        assert made and made[1] == floors["protobuf"]
    classes = (ROOT / PROTOS[-1].replace(".proto", "_pb2_grpc.py")).read_text()
    made = re.search(r"GRPC_GENERATED_VERSION = '(\S+)'", classes)
    assert made and made[1] == floors["grpcio"] + ".0"


@pytest.mark.parametrize(
    "enum", [e for m in MODULES for e in m.DESCRIPTOR.enum_types_by_name.values()], ids=lambda e: e.name
)
def test_zero_of_every_enum_is_unspecified(enum: EnumDescriptor) -> None:
    assert enum.values_by_number[0].name.endswith("_UNSPECIFIED")


def test_the_package_has_a_version() -> None:
    assert {m.DESCRIPTOR.package for m in MODULES} == {"candela.v1"}


@pytest.mark.parametrize("kind", [*_KINDS, *RESULTS, *UPCONVERTED], ids=lambda kind: kind.__name__)
def test_results_travel_whole(kind: type) -> None:
    """But for the request, which whoever asked has, the pixels of a mask, which are a file, and what a served
    model said, which no sidecar asks: a request for it is refused."""
    lost = set(_lost(kind, {**_KINDS, **RESULTS, **UPCONVERTED}[kind].DESCRIPTOR))
    assert lost <= {f"{kind.__name__}.request", "Reason.mask", "ScoreResult.vlm"}, lost


def _lost(kind: Any, descriptor: Descriptor) -> Iterator[str]:
    """Fields of a dataclass, and of those in it, that its message has no place for."""
    pairs = dict(_pairs(kind, descriptor))
    for field, hint in get_type_hints(kind).items():
        if field.startswith("_"):
            continue
        if field not in pairs:
            yield f"{kind.__name__}.{field}"
            continue
        inner = next((h for h in (hint, *get_args(hint)) if is_dataclass(h)), None)
        message = pairs[field].message_type
        if inner is not None and message is not None and inner not in (Fidelity, ColourState):
            yield from _lost(inner, message)


class Grave(StrEnum):
    ISSUE = "issue"


@dataclass(frozen=True)
class Found:
    code: str
    severity: Grave
    box: Rectangle | None
    measured: float | None


def test_words_are_values_of_enums_and_back() -> None:
    for found in (Found("a", Grave.ISSUE, Rectangle(1, 2, 3, 4), 0.5), Found("b", Grave.ISSUE, None, None)):
        message = to_message(found, scores_pb2.QcFinding)
        assert message.severity == scores_pb2.SEVERITY_ISSUE
        back = from_message(message, Found)
        assert back == found and isinstance(back.severity, Grave)
    message.severity = 77  # type: ignore[assignment]
    with pytest.raises(PayloadError, match="update this Candela"):
        from_message(message, Found)
