"""The grade head: an ONNX model that turns descriptors into a score, where one is installed.

`weights/scorer/*.onnx` of this package. The contract, kept in the model's own metadata:

candela.kind            `grade`
candela.name, .version  of the model
candela.descriptors     first 16 hex digits of the SHA-256 of the descriptors' names, joined by line feeds, in
                        the order of `scorer.names()`: a model of another table is refused
candela.reference       `needed`, or `optional` (then it takes a grade alone as well)

Input `descriptors`: float32 (n, N), `Description.values`. Output `score`: float32 (n,) or (n, 1): −6 to 10,
the SDR reference at 0. It runs on the CPU, one thread, so that it gives the same number everywhere. Without a
model there is no score: no number is made up.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np

from candela_engines.errors import InfrastructureError
from candela_engines.scorer.descriptors import Description, names

__all__ = ["NO_MODEL", "GradeEngine", "installed_engine", "load_engine", "table_digest"]

NO_MODEL = "no score: no grade model is installed"
LOWEST, HIGHEST = -6.0, 10.0


def table_digest() -> str:
    """Of the descriptors' names in order, 16 hex digits."""
    return hashlib.sha256("\n".join(names()).encode()).hexdigest()[:16]


@dataclass(frozen=True, eq=False)
class GradeEngine:
    """name, version, sha256: of the model. needs_reference: whether it judges no grade alone."""

    name: str
    version: str
    sha256: str
    needs_reference: bool
    session: Any

    def score(self, description: Description, *, with_reference: bool) -> float | None:
        """−6 to 10; None where it needs a reference that there is not. InfrastructureError for a NaN."""
        if self.needs_reference and not with_reference:
            return None
        (out,) = self.session.run(["score"], {"descriptors": description.values[None].astype(np.float32)})
        value = float(np.asarray(out).reshape(-1)[0])
        if not np.isfinite(value):
            raise InfrastructureError(
                f"grade model {self.name} {self.version} gave {value}; reinstall candela-hdr"
            )
        return min(max(value, LOWEST), HIGHEST)

    def to_json(self) -> dict[str, Any]:
        """What a score has to carry: which model gave it, from what."""
        return {
            "name": self.name,
            "version": self.version,
            "sha256": self.sha256,
            "inputs": f"{len(names())} descriptors, table {table_digest()}",
            "reference": "needed" if self.needs_reference else "optional",
        }


@lru_cache(maxsize=1)
def installed_engine() -> GradeEngine | None:
    """The model of this package, the last by name where there are several; None if there is none.

    Raises InfrastructureError for a file that is no such model.
    """
    folder = files("candela_engines.weights") / "scorer"
    if not folder.is_dir():
        return None
    models = sorted((f for f in folder.iterdir() if f.name.endswith(".onnx")), key=lambda f: f.name)
    if not models:
        return None
    with as_file(models[-1]) as path:
        return load_engine(path)


def load_engine(path: Path) -> GradeEngine:
    """A model file. Raises InfrastructureError for one that cannot be read or is of another table."""
    import onnxruntime

    try:
        data = path.read_bytes()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        said = dict(session.get_modelmeta().custom_metadata_map)
        inputs, outputs = session.get_inputs(), session.get_outputs()
    except Exception as error:  # onnxruntime's own errors have no common class
        raise InfrastructureError(f"grade model {path.name} cannot be read: {str(error)[:200]}") from error
    if said.get("candela.kind") != "grade" or [i.name for i in inputs] != ["descriptors"]:
        raise InfrastructureError(f"{path.name} is no grade model: its metadata or its input is another")
    if "score" not in [o.name for o in outputs]:
        raise InfrastructureError(f"grade model {path.name} has no output `score`")
    if said.get("candela.descriptors") != table_digest():
        raise InfrastructureError(
            f"grade model {path.name} is of descriptors {said.get('candela.descriptors')}, this version has "
            f"{table_digest()}; reinstall candela-hdr"
        )
    return GradeEngine(
        said.get("candela.name", path.stem),
        said.get("candela.version", "?"),
        hashlib.sha256(data).hexdigest(),
        said.get("candela.reference", "needed") != "optional",
        session,
    )
