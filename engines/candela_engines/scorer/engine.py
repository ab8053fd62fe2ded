"""The grade head: an ONNX model that turns descriptors into a score, where one is installed.

`weights/scorer/*.onnx` of this package, as the manifest lists it. The contract, in the model's own metadata:

candela.kind            `grade`
candela.name, .version  of the model
candela.descriptors     first 16 hex digits of the SHA-256 of the descriptors' names, joined by line feeds, in
                        the order of `scorer.names()`: a model of another table is refused. A table is only
                        ever continued, so a model of the first N names is given those
candela.reference       `needed`, or `optional` (then it takes a grade alone as well)

candela.faults          kinds of faults in the order of the output `faults`, joined by commas; may be missing
candela.interval        JSON: scores, and bounds between which nine of ten held-out grades lay; may be missing
candela.most_outside    above that many descriptors outside what it was taught on there is no score

Input `descriptors`: float32 (n, N), `Description.values`. Output `score`: float32 (n,) or (n, 1): −6 to 10,
the SDR reference at 0. May be missing: `faults` float32 (n, K), the probability of each kind; `outside` bool
(n, N), descriptors beyond what the model was taught on. It runs on the CPU, one thread, so that it gives the
same number everywhere. Without a model there is no score: no number is made up.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InfrastructureError
from candela_engines.scorer.descriptors import Description, names
from candela_engines.weights import manifest, weight_bytes

__all__ = ["NO_MODEL", "Grade", "GradeEngine", "installed_engine", "load_engine", "table_digest"]

NO_MODEL = "no score: no grade model is installed"
LOWEST, HIGHEST = -6.0, 10.0


def table_digest(table: Sequence[str] | None = None) -> str:
    """Of names of descriptors in order, all of them by default, 16 hex digits."""
    return hashlib.sha256("\n".join(names() if table is None else table).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Grade:
    """What a model says of a description. score: −6 to 10, None where too much is `outside`.

    low, high: where nine of ten held-out grades of that score lay; None where the model does not say.
    outside: names of descriptors beyond what it was taught on. faults: probability by kind of reason.
    """

    score: float | None
    low: float | None
    high: float | None
    outside: tuple[str, ...]
    faults: Mapping[str, float]

    @property
    def decides(self) -> bool:
        """Whether no descriptor lies beyond what the heads of faults were taught on."""
        return not self.outside


@dataclass(frozen=True, eq=False)
class GradeEngine:
    """name, version, sha256: of the model. needs_reference: whether it judges no grade alone.

    faults: kinds that it knows. interval: scores with the bounds below and above, (3, K); most_outside: see
    the module. count: descriptors that it takes, the first of the table; all of them where None.
    """

    name: str
    version: str
    sha256: str
    needs_reference: bool
    session: Any
    faults: tuple[str, ...] = ()
    interval: npt.NDArray[np.float64] | None = None
    most_outside: int | None = None
    count: int | None = None

    def grade(self, description: Description, *, with_reference: bool) -> Grade | None:
        """None where it needs a reference that there is not. InfrastructureError for a NaN."""
        if self.needs_reference and not with_reference:
            return None
        wanted = ["score", *(["faults"] if self.faults else []), *(["outside"] if self._knows_range else [])]
        taken = description.values[None, : self.count].astype(np.float32)
        out = self.session.run(wanted, {"descriptors": taken})
        said = dict(zip(wanted, out, strict=True))
        value = float(np.asarray(said["score"]).reshape(-1)[0])
        if not np.isfinite(value):
            raise InfrastructureError(
                f"grade model {self.name} {self.version} gave {value}; reinstall candela-hdr"
            )
        score = min(max(value, LOWEST), HIGHEST)
        low = high = None
        if self.interval is not None:
            at, below, above = self.interval
            low, high = (float(np.interp(score, at, side)) for side in (below, above))
        mask = said.get("outside", np.zeros((1, 0), bool))[0]
        outside = tuple(name for name, out_of in zip(names(), mask, strict=False) if out_of)
        faults = said.get("faults", np.zeros((1, 0), np.float32))[0]
        chances = {kind: float(p) for kind, p in zip(self.faults, faults, strict=True)}
        if self.most_outside is not None and len(outside) > self.most_outside:
            return Grade(None, None, None, outside, chances)
        return Grade(score, low, high, outside, chances)

    def score(self, description: Description, *, with_reference: bool) -> float | None:
        """−6 to 10; None where the model gives none. InfrastructureError for a NaN."""
        said = self.grade(description, with_reference=with_reference)
        return None if said is None else said.score

    @property
    def table(self) -> tuple[str, ...]:
        """Names of the descriptors that it takes, in order."""
        return names()[: self.count]

    @property
    def _knows_range(self) -> bool:
        return self.most_outside is not None

    def to_json(self) -> dict[str, Any]:
        """What a score has to carry: which model gave it, from what."""
        return {
            "name": self.name,
            "version": self.version,
            "sha256": self.sha256,
            "inputs": f"{len(self.table)} descriptors, table {table_digest(self.table)}",
            "reference": "needed" if self.needs_reference else "optional",
        }


@lru_cache(maxsize=1)
def installed_engine() -> GradeEngine | None:
    """The model that the weights' manifest lists under `scorer/`, the last by name; None if there is none.

    Raises InfrastructureError for a file that is missing, is not the manifest's, or is no such model.
    """
    models = sorted(file for file in manifest() if file.startswith("scorer/") and file.endswith(".onnx"))
    return _loaded(models[-1], weight_bytes(models[-1])) if models else None


def load_engine(path: Path) -> GradeEngine:
    """A model file. Raises InfrastructureError for one that cannot be read or is of another table."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InfrastructureError(f"grade model {path.name} cannot be read: {error.strerror}") from error
    return _loaded(path.name, data)


def _loaded(name: str, data: bytes) -> GradeEngine:
    import onnxruntime

    try:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        said = dict(session.get_modelmeta().custom_metadata_map)
        inputs, outputs = session.get_inputs(), session.get_outputs()
    except Exception as error:  # onnxruntime's own errors have no common class
        raise InfrastructureError(f"grade model {name} cannot be read: {str(error)[:200]}") from error
    if said.get("candela.kind") != "grade" or [i.name for i in inputs] != ["descriptors"]:
        raise InfrastructureError(f"{name} is no grade model: its metadata or its input is another")
    if "score" not in [o.name for o in outputs]:
        raise InfrastructureError(f"grade model {name} has no output `score`")
    width = inputs[0].shape[-1]
    count = width if isinstance(width, int) and width <= len(names()) else len(names())
    if said.get("candela.descriptors") != table_digest(names()[:count]):
        raise InfrastructureError(
            f"grade model {name} is of descriptors {said.get('candela.descriptors')}, this version has "
            f"{table_digest()}; reinstall candela-hdr"
        )
    kinds = tuple(k for k in said.get("candela.faults", "").split(",") if k)
    try:
        most = int(said["candela.most_outside"]) if "candela.most_outside" in said else None
        interval = np.array(json.loads(said.get("candela.interval", "null")), np.float64)
    except (ValueError, TypeError) as error:
        raise InfrastructureError(f"grade model {name} cannot be read: {error}") from error
    return GradeEngine(
        said.get("candela.name", name),
        said.get("candela.version", "?"),
        hashlib.sha256(data).hexdigest(),
        said.get("candela.reference", "needed") != "optional",
        session,
        kinds,
        interval if interval.ndim == 2 and len(interval) == 3 else None,
        most,
        count,
    )
