"""What a figure was measured with, but for the machine's name, and files of rows that say so."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

__all__ = ["environment", "keep"]

_PACKAGES = (
    "candela-hdr",
    "numpy",
    "imagecodecs",
    "opencolorio",
    "OpenImageIO",
    "onnxruntime",
    "onnxruntime-gpu",
    "pillow",
)


def environment() -> dict[str, Any]:
    """Facts for the head of a results file."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "HEAD"),
        "changed_since_commit": bool(_git("status", "--porcelain", "--untracked-files=no")),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "versions": {name: found for name in _PACKAGES if (found := _version(name))},
    }


def _git(*arguments: str) -> str | None:
    command = ["git", "-C", str(Path(__file__).parent), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def keep(results: list[dict[str, Any]], row: dict[str, Any], path: Path | None) -> None:
    """Tell a row, put it with the others and write all: a run that is cut off has given what it had."""
    results.append(row)
    print(json.dumps(row), flush=True)
    if path is not None:
        document = {"environment": environment(), "results": results}
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
