"""A model repository for Triton Inference Server: every engine in a folder, ready to be served."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from candela_engines.errors import InfrastructureError, InputError
from candela_engines.runtime.engines import ENGINES, Engine
from candela_engines.runtime.triton_config import Serving, config_text

__all__ = ["MAX_INSTANCES", "Serving", "write_repository"]

MAX_INSTANCES = 64
_PLAIN = Serving()
_README = """# Candela's engines for Triton Inference Server

    tritonserver --model-repository=THIS_FOLDER

Any server of the Open Inference Protocol that takes ONNX models can serve them too. Weights are inputs: one
model serves every picture. `candela_default_*` are for networks of up to 2 hidden layers, which is what fits
make, `candela_deep_*` for up to 4, `candela_paper` for the published SIREN. Output `pq`: PQ codes over full
scale; `nits`: linear light; both in BT.2020.

Results are exact to 2e-6 of PQ's full scale in float32. With TensorRT (`--tensorrt`) start the server with
NVIDIA_TF32_OVERRIDE=0 in its environment: TF32 is a hundred times coarser. Clients of Candela check that.

{table}
"""


def write_repository(folder: Path, serving: Serving = _PLAIN) -> list[Engine]:
    """Write the repository; the engines that are in it now.

    folder: a new or an empty one, or one that holds such a repository, of which the engines are replaced and
    everything else is left.
    Raises InputError for a folder that cannot be one, InfrastructureError where tritonclient is missing or
    the disk refuses; then what was there before is whole.
    """
    if not 1 <= serving.instances <= MAX_INSTANCES:
        raise InputError(f"instances: {serving.instances}; 1 to {MAX_INSTANCES} are possible")
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file; give the name of a folder")
    if not folder.absolute().parent.is_dir():
        raise InputError(f"{folder}: the folder {folder.absolute().parent} does not exist; create it first")
    engines = list(ENGINES.values())
    rows = [f"| {e.name} | {e.version} | {e.sha256} |" for e in engines]
    table = "\n".join(["| engine | version | SHA-256 of model.onnx |", "|---|---|---|", *rows])
    texts = [config_text(e, serving) for e in engines]
    try:
        folder.mkdir(exist_ok=True)
        # A server that polls its repository must never see half a model: each is renamed into its place.
        with tempfile.TemporaryDirectory(dir=folder, prefix=".candela-") as made:
            for engine, text in zip(engines, texts, strict=True):
                _write_model(Path(made) / engine.name, engine, text)
            (Path(made) / "README.md").write_text(_README.format(table=table), "utf-8")
            for new in sorted(Path(made).iterdir()):
                _replace(new, folder / new.name)
    except OSError as error:
        raise InfrastructureError(f"{folder}: cannot be written: {error.strerror or error}") from error
    return engines


def _write_model(folder: Path, engine: Engine, text: str) -> None:
    version = folder / str(engine.version)
    version.mkdir(parents=True)
    (version / "model.onnx").write_bytes(engine.model())
    (folder / "config.pbtxt").write_text(text, "utf-8")


def _replace(new: Path, old: Path) -> None:
    if not old.is_dir():
        new.replace(old)
        return
    aside = new.with_name(f"{new.name}.old")
    old.replace(aside)
    new.replace(old)
    shutil.rmtree(aside)
