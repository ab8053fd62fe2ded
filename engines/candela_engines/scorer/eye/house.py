"""A house model: the head that a studio's choices made, in a file with what it was made of and is worth.

The file is an .npz archive of plain arrays (no objects, no code): those of the head, and `card`, UTF-8 JSON.
It stands on one stock model, whose hash it names: with another it would read other scores. It is bounded and
checked before any of it is used.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from candela_engines.errors import InputError
from candela_engines.media.atomic import write_atomic
from candela_engines.scorer.descriptors import Description
from candela_engines.scorer.engine import HIGHEST, LOWEST, Grade, GradeEngine
from candela_engines.scorer.eye.features import FEATURES, features_of
from candela_engines.scorer.eye.head import Head

__all__ = ["HOUSE_MEANING", "HouseEngine", "HouseModel", "house_engine", "load_house", "save_house"]

_KIND, _VERSION = "candela-house-model", 1
_MOST_BYTES = 4 << 20
_MOST_OUTSIDE = 0.25

HOUSE_MEANING = (
    "a score of one studio's own preference, -6 to 10: two grades one point apart are judged in that "
    "order by three of four of its raters; where 0 lies is the stock scorer's. It says nothing of other "
    "studios' eyes"
)


@dataclass(frozen=True, eq=False)
class HouseModel:
    """head: over `features`, in order. card: what it was made of and how well it predicts, JSON as written.

    name: of the studio or test. stock_sha256: of the grade model it stands on. sha256: of the file.
    """

    name: str
    head: Head
    features: tuple[str, ...]
    stock_sha256: str
    card: Mapping[str, Any]
    sha256: str = ""


def save_house(path: Path, model: HouseModel) -> HouseModel:
    """Write it whole or not at all; the model with its hash. Errors as of `write_atomic`."""
    card = {
        "kind": _KIND, "version": _VERSION, "name": model.name, "features": list(model.features),
        "stock_sha256": model.stock_sha256, "card": dict(model.card),
    }  # fmt: skip
    text = json.dumps(card, ensure_ascii=False, allow_nan=False).encode()
    stream = io.BytesIO()
    np.savez(stream, card=np.frombuffer(text, np.uint8), **model.head.arrays())  # type: ignore[arg-type]
    data = stream.getvalue()
    write_atomic(path, data)
    return replace(model, sha256=hashlib.sha256(data).hexdigest())


def load_house(path: Path) -> HouseModel:
    """Read and check. Raises InputError for a file that is missing, too large, damaged, or none."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{path}: is above {_MOST_BYTES >> 20} MiB; no house model is")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MOST_BYTES:
                raise InputError(f"{path}: unpacks to more than {_MOST_BYTES >> 20} MiB; no house model does")
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            held = {key: arrays[key] for key in arrays.files}
        said = json.loads(held.pop("card").astype(np.uint8).tobytes().decode())
        if said["kind"] != _KIND:
            raise ValueError("is of another kind")
        version, features = said["version"], tuple(str(name) for name in said["features"])
        model = HouseModel(
            str(said["name"])[:200], Head.from_arrays(held), features, str(said["stock_sha256"]),
            dict(said["card"]), hashlib.sha256(data).hexdigest(),
        )  # fmt: skip
    except InputError as error:
        raise InputError(f"{path}: is no house model: {error}") from error
    except Exception as error:  # zip, npz and JSON readers have errors of their own, which share no base
        raise InputError(
            f"{path}: is no house model ({str(error)[:120]}); candela calibrate writes one"
        ) from error
    if version != _VERSION:
        raise InputError(f"{path}: is a house model of version {version}; this Candela reads {_VERSION}")
    if len(features) != len(model.head.weights) or set(features) - set(FEATURES):
        raise InputError(f"{path}: its features are not those of this Candela; calibrate anew")
    return model


@dataclass(frozen=True, eq=False)
class HouseEngine(GradeEngine):
    """The stock engine with a house head on its score: asked as the stock engine is, by `verdict.judge`.

    Faults and what lies outside stay those of the stock model; there is no interval, since none was measured
    for a single picture.
    """

    house: HouseModel | None = None

    def grade(self, description: Description, *, with_reference: bool) -> Grade | None:
        """As of the stock engine; no score where it gives none, or where more than a quarter of the features
        lie well beyond what the raters were shown."""
        stock = super().grade(description, with_reference=with_reference)
        if stock is None or stock.score is None or self.house is None:
            return stock
        all_features = dict(zip(FEATURES, features_of(description, stock.score), strict=True))
        row = np.array([[all_features[name] for name in self.house.features]])
        beyond = self.house.head.outside(row)[0]
        if beyond.mean() > _MOST_OUTSIDE:
            names = tuple(name for name, out in zip(self.house.features, beyond, strict=True) if out)
            return Grade(None, None, None, names, stock.faults)
        value = float(self.house.head.score(row)[0])
        return Grade(min(max(value, LOWEST), HIGHEST), None, None, stock.outside, stock.faults)

    def to_json(self) -> dict[str, Any]:
        """Which model gave a score: the house's file, and the stock model below it."""
        assert self.house is not None
        return {
            "name": f"house model {self.house.name}",
            "version": f"on {self.name} {self.version}",
            "sha256": self.house.sha256,
            "inputs": f"{len(self.house.features)} features of {len(self.table)} descriptors",
            "reference": "needed",
        }


def house_engine(stock: GradeEngine, house: HouseModel, path: Path) -> HouseEngine:
    """Both together. Raises InputError where the house model stands on another stock model."""
    if house.stock_sha256 != stock.sha256:
        raise InputError(
            f"{path}: was calibrated on the grade model {house.stock_sha256[:12]}, and {stock.sha256[:12]} "
            "is installed, which scores otherwise; run candela calibrate again with the same choices"
        )
    return HouseEngine(
        stock.name, stock.version, stock.sha256, stock.needs_reference, stock.session, stock.faults,
        stock.interval, stock.most_outside, stock.count, house,
    )  # fmt: skip
