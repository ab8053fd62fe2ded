"""Inspect: what a file carries, how faithful it is, and for which picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from candela_engines.errors import MediaError
from candela_engines.itm import gamma_mlp, siren
from candela_engines.itm.carriers import CARRIERS, Found
from candela_engines.itm.decode import Decoded
from candela_engines.itm.default_model import DefaultModel
from candela_engines.itm.gamma_mlp import GammaModel
from candela_engines.itm.payload import Payload
from candela_engines.itm.siren import SirenModel
from candela_engines.media import read_still
from candela_server.service.binding import compare, load_payload, mismatch_text
from candela_server.service.results import Json, Progress, fidelity_json, no_progress, state_json

__all__ = ["InspectRequest", "InspectResult", "inspect"]

_PARTS = {"default": ("network", "guide plane"), "gamma": ("network", "ranges")}
Picture = Literal["same", "altered", "resized", "not checked"]


@dataclass(frozen=True)
class InspectRequest:
    """file: a picture with a payload in it or beside it, or a bare `.candela` file."""

    file: Path


@dataclass(frozen=True)
class InspectResult:
    """What is inside.

    parts: bytes of the payload by part; they add up to payload_bytes. architecture: the model's numbers by
    name. picture: whether the picture at hand is the payload's; picture_text says it in words. The payload's
    figures are those of its own picture: they hold for the one at hand if it is the `same`.
    """

    file: Path
    found: Found
    payload: Payload
    parts: dict[str, int]
    architecture: dict[str, int | str]
    picture: Picture
    picture_text: str
    file_bytes: int

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        p = self.payload
        return {
            "command": "inspect",
            "file": str(self.file),
            "file_bytes": self.file_bytes,
            "carrier": self.found.carrier,
            "payload_file": str(self.found.path),
            "payload_at_bytes": [[span.start, span.end] for span in self.found.spans],
            "copies": self.found.copies,
            "payload_bytes": len(self.found.payload),
            "parts_bytes": dict(self.parts),
            "payload_version": p.version,
            "model": p.model,
            "architecture": dict(self.architecture),
            "width_px": p.width,
            "height_px": p.height,
            "sdr_bits": p.bits,
            "sdr_colour": state_json(p.sdr),
            "hdr_colour": state_json(p.hdr),
            "fidelity": fidelity_json(p.fidelity),
            "fidelity_holds": {"same": True, "not checked": None}.get(self.picture, False),
            "provenance": p.provenance,
            "frames": None if p.frames is None else list(p.frames),
            "picture_hash": p.picture_hash.hex(),
            "picture": self.picture,
            "picture_text": self.picture_text,
        }


def inspect(request: InspectRequest, progress: Progress = no_progress) -> InspectResult:
    """Look inside. Raises NoPayloadError, CarrierError, PayloadError."""
    progress("read", 0.0)
    found, decoded = load_payload(request.file)
    picture, text = _picture(_picture_path(request.file, found), decoded.payload)
    progress("read", 1.0)
    parts, architecture = _describe(decoded, len(found.payload))
    return InspectResult(
        request.file,
        found,
        decoded.payload,
        parts,
        architecture,
        picture,
        text,
        request.file.stat().st_size,
    )


def _picture_path(file: Path, found: Found) -> Path | None:
    """The picture to hold against the payload: for a bare sidecar file the one that it lies beside."""
    if not CARRIERS["sidecar"].recognise(_head(file)):
        return file
    beside = file.with_name(file.name.removesuffix(".candela"))
    return beside if beside != file and beside.is_file() else None


def _head(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(64)


def _picture(path: Path | None, payload: Payload) -> tuple[Picture, str]:
    if path is None:
        return "not checked", "not checked: this is a payload alone; its picture is not beside it"
    try:
        still = read_still(path)
    except MediaError as error:
        return "not checked", f"not checked: the picture cannot be read ({error})"
    match = compare(payload, still)
    if match.kind == "same":
        return "same", "this is the picture that it was made for"
    return match.kind, mismatch_text(payload, match)


def _describe(decoded: Decoded, total: int) -> tuple[dict[str, int], dict[str, int | str]]:
    """Bytes by part, and the numbers of the model by name."""
    payload, model = decoded.payload, decoded.model
    names: tuple[str, ...] = ("network", "guide plane") if isinstance(model, DefaultModel) else ("network",)
    names += tuple(f"stream {n + 1}" for n in range(len(names), len(payload.blobs)))
    parts = {name: len(blob) for name, blob in zip(names, payload.blobs, strict=False)}
    parts["header"] = total - sum(parts.values())
    if isinstance(model, SirenModel):
        return parts, {"parameters": siren.PARAMETERS}
    if isinstance(model, GammaModel):
        return parts, {"parameters": gamma_mlp.PARAMETERS}
    if not isinstance(model, DefaultModel):
        return parts, {"numbers": " ".join(map(str, payload.numbers))}
    layers = model.layers.layers()
    hidden = layers.weights[:-1]
    architecture: dict[str, int | str] = {
        "domain": model.domain,
        "hidden_layers": len(hidden),
        "hidden_width": int(hidden[0].shape[1]) if hidden else 0,
        "inputs": int(layers.weights[0].shape[0]),
        "weights": sum(w.size + b.size for w, b in zip(layers.weights, layers.biases, strict=True)),
        "weight_bits": payload.numbers[3],
        "dequantiser_strength": model.strength,
        "plane_lattice": model.lattice.kind,
        "plane_width_px": 0 if model.plane is None else int(model.plane.shape[1]),
        "plane_height_px": 0 if model.plane is None else int(model.plane.shape[0]),
        "plane_channels": 0 if model.plane is None else int(model.plane.shape[2]),
    }
    return parts, architecture
