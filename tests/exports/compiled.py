"""Generated DCTL and BlinkScript, compiled here as C++ with a shim in the host's place, and run on frames."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt

__all__ = ["COMPILER", "CompiledBlink", "CompiledDctl", "library"]

COMPILER = shutil.which("g++") or shutil.which("c++") or shutil.which("clang++")
SHIMS = Path(__file__).parent / "shims"
_LUT = re.compile(r"^DEFINE_CUBE_LUT\((\w+)\) \{\nLUT_3D_SIZE (\d+)\n(.*?)^\}\n", re.MULTILINE | re.DOTALL)
F32 = npt.NDArray[np.float32]
_FLOATS = ctypes.POINTER(ctypes.c_float)

_DCTL = """
int candela_trilinear = 0;
extern "C" void set_trilinear(int on) {{ candela_trilinear = on; }}
extern "C" void set_frame(int frame, float start) {{ TIMELINE_FRAME_INDEX = frame; (void)start; {start} }}
extern "C" void set_lut(int at, const float* samples, int size) {{
    (void)at; (void)samples; (void)size;
    {luts}
}}
extern "C" void run(const float* r, const float* g, const float* b, int width, int height, float* out) {{
    Plane planes[3] = {{{{r, width, height}}, {{g, width, height}}, {{b, width, height}}}};
    (void)planes;
    for (int y = 0; y < height; y++) {{
        for (int x = 0; x < width; x++) {{
            const std::int64_t at = (std::int64_t)y * width + x;
            const float3 made = transform(width, height, x, y, {given});
            out[3 * at] = made.x, out[3 * at + 1] = made.y, out[3 * at + 2] = made.z;
        }}
    }}
}}
"""
_BLINK = """
extern "C" void run(float* src, int width, int height,
                    float* data, int dwidth, int dheight, float* dst, int frame) {{
    CandelaReconstruct made;
    made.define();
    made.src.samples = src, made.src.bounds = {{0, 0, width, height}};
    made.dst.samples = dst, made.dst.bounds = {{0, 0, width, height}};
    (void)data, (void)dwidth, (void)dheight, (void)frame;
    {more}
    for (int y = 0; y < height; y++) {{
        for (int x = 0; x < width; x++) {{
            made.src.x = made.dst.x = x, made.src.y = made.dst.y = y;
            made.process({{x, y}});
        }}
    }}
}}
"""


def library(source: str, folder: Path, name: str) -> ctypes.CDLL:
    """Code with the shims in reach, compiled and loaded."""
    assert COMPILER is not None
    folder.mkdir(parents=True, exist_ok=True)
    path, out = folder / f"{name}.cpp", folder / f"{name}.so"
    path.write_text(source, encoding="ascii")
    flags = [
        "-std=c++17",
        _optimised(source),
        "-Wall",
        "-Wextra",
        "-Werror",
        "-shared",
        "-fPIC",
        f"-I{SHIMS}",
    ]
    done = subprocess.run(
        [COMPILER, *flags, str(path), "-o", str(out)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[:4000]
    return ctypes.CDLL(str(out))


def _optimised(source: str) -> str:
    """Loops over neighbours take longer than compiling does; without any it is the other way round."""
    return "-O1" if "for (int k" in source else os.environ.get("CANDELA_SHIM_FLAGS", "-O0")


def _pointer(values: F32) -> ctypes._Pointer[ctypes.c_float]:
    return values.ctypes.data_as(_FLOATS)


class CompiledDctl:
    """A DCTL as a host runs it. Its inline LUTs are taken out of the text first, as the host does it."""

    def __init__(self, text: str, folder: Path) -> None:
        self.text = text
        self._tables: list[F32] = []
        names = []
        for name, size, content in _LUT.findall(text):
            table = np.array(content.split(), np.float32)
            assert len(table) == 3 * int(size) ** 3
            names.append(name)
            self._tables.append(table)
        code = _LUT.sub(lambda found: f"static Lut {found[1]};\n", text)
        reads = "__TEXTURE__" in code
        start = "shotStart = start;" if "shotStart" in code else ""
        luts = " ".join(f"if (at == {n}) {name} = {{samples, size}};" for n, name in enumerate(names))
        given = "&planes[0], &planes[1], &planes[2]" if reads else "r[at], g[at], b[at]"
        tail = _DCTL.format(start=start, luts=luts, given=given)
        self._library = library(f'#include "dctl.hpp"\n{code}{tail}', folder, "dctl")
        for n, table in enumerate(self._tables):
            self._library.set_lut(n, _pointer(table), round((len(table) / 3) ** (1 / 3)))

    def run(self, codes: F32, *, frame: int = 1, start: float = 0.0, trilinear: bool = False) -> F32:
        """Values (H, W, 3) of codes (H, W, 3) over full scale. frame, start: on the timeline."""
        height, width = codes.shape[:2]
        planes = [np.ascontiguousarray(codes[..., c], np.float32) for c in range(3)]
        out = np.empty((height, width, 3), np.float32)
        self._library.set_trilinear(int(trilinear))
        self._library.set_frame(frame, ctypes.c_float(start))
        self._library.run(*(_pointer(p) for p in planes), width, height, _pointer(out))
        return out


class CompiledBlink:
    """A kernel as a host runs it: rows from below, RGBA."""

    def __init__(self, text: str, folder: Path) -> None:
        self.text = text
        self._needs_data = "> data;" in text
        more = (
            "made.data.samples = data, made.data.bounds = {0, 0, dwidth, dheight};"
            if self._needs_data
            else ""
        )
        if "int frame;" in text:
            more += " made.frame = frame;"
        self._library = library(f'#include "blink.hpp"\n{text}{_BLINK.format(more=more)}', folder, "blink")

    def run(self, codes: F32, data: F32 | None = None, *, frame: int = 0, alpha: F32 | None = None) -> F32:
        """Values (H, W, 4) of codes (H, W, 3) over full scale. data: the image of the second input."""
        assert (data is not None) == self._needs_data
        height, width = codes.shape[:2]
        given = np.ones((height, width, 4), np.float32)
        given[..., :3] = codes
        if alpha is not None:
            given[..., 3] = alpha
        second = np.zeros((1, 1, 4), np.float32)
        if data is not None:
            second = np.ones((*data.shape[:2], 4), np.float32)
            second[..., :3] = data
        given, second = np.ascontiguousarray(given[::-1]), np.ascontiguousarray(second[::-1])
        out = np.empty_like(given)
        sizes = (second.shape[1], second.shape[0])
        self._library.run(_pointer(given), width, height, _pointer(second), *sizes, _pointer(out), frame)
        return np.ascontiguousarray(out[::-1])
