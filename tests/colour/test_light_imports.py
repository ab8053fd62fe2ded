"""Colour and metrics stay light: a host or a small tool that measures must not load half a studio."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"PyOpenColorIO", "OpenImageIO", "onnxruntime", "onnx", "torch", "colour", "scipy", "cbor2"}


@pytest.mark.parametrize(
    "imports",
    [
        "import candela_engines.metrics, candela_engines.colour.convert, candela_engines.colour.names, "
        "candela_engines.colour.bt2446, candela_engines.colour.bt2390, candela_engines.colour.ictcp; "
        "candela_engines.colour.names.parse_colour('rec2100-hlg@2000')",
        "import candela_engines.colour.ocio, candela_ocio, candela_ocio.make_config",
    ],
)
def test_no_heavy_module(imports: str) -> None:
    program = f"{imports}\nimport sys\nprint(*sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
