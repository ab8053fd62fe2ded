"""What exports have written, in words."""

from __future__ import annotations

from collections.abc import Iterator

from candela_server.cli.lines import line, notes
from candela_server.service.export_code import ExportCodeResult, ExportedCode
from candela_server.service.export_cube import ExportCubeResult, ExportedCube
from candela_server.service.export_measure import Against

__all__ = ["code", "cubes"]

_KEPT = {
    "none": "",
    "constants": ", grids in constant memory",
    "lut": ", grids in LUTs inside the file",
    "image": ", grids in the image",
}


def code(result: ExportCodeResult) -> Iterator[str]:
    """Of DCTL and BlinkScript."""
    yield line("output", result.output.label)
    for one in result.files:
        yield from _code(one)
    yield from notes(result.notes)


def cubes(result: ExportCubeResult) -> Iterator[str]:
    """Of LUTs."""
    yield line("output", result.output.label)
    for one in result.files:
        yield from _shot(one)
        shaper = "" if one.cube.shaper is None else " behind a curve"
        yield line("written", f"{one.out} ({one.bytes:,} bytes; {one.cube.size} nodes a side{shaper})")
        yield from _against(one.against)
    yield from notes(result.notes)


def _code(one: ExportedCode) -> Iterator[str]:
    yield from _shot(one)
    w = one.written
    memory = f", {w.constant_bytes:,} bytes of constants" if w.constant_bytes else ""
    yield line("written", f"{one.out} ({one.bytes:,} bytes{memory}{_KEPT[w.storage]})")
    if one.data is not None:
        yield line("", f"{one.data}, for the input data")
    if w.plane_shift is not None and w.plane_bits:
        new, old = (1 << shift for shift in w.plane_shift)
        yield line(
            "plane", f"a sample of {w.plane_bits} bits for {new}x{new} pixels, in place of {old}x{old}"
        )
    if w.strides:
        cells = ", ".join(f"one pixel in {stride**2} of cells of {cell}" for cell, stride in w.strides)
        yield line("means", f"sampled: {cells}")
    if one.against is None:
        yield line("fidelity", "as reconstruct has it, to the rounding of single precision")
    else:
        yield from _against(one.against)


def _shot(one: ExportedCode | ExportedCube) -> Iterator[str]:
    s = one.subject
    if not s.still:
        yield line("shot", f"{s.shot}, frames {s.first} to {s.last}")


def _against(against: Against) -> Iterator[str]:
    level = against.text.replace("dE_ITP", "ΔE_ITP")
    on = "" if against.frames == 1 else f", on {against.frames} frames, the worst {against.worst_frame}"
    yield line("against full", f"{level}{on}")
