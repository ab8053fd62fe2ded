"""SDR renditions of versions for a study's page, all of a scene tone-mapped alike, and one that is plainly
worse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from candela_engines.errors import InputError
from candela_engines.media.codecs import imagecodecs_module
from candela_engines.media.thumbnails import display_of_hdr, display_of_sdr, shrunk
from candela_engines.scorer.eye.choices import CATCH
from candela_server.service.metrics_sides import SaidSide, open_side
from candela_server.service.results import Work, WorkProgress
from candela_server.service.score_sides import demand_hdr
from candela_server.service.versions import Version
from candela_server.service.versions_measured import Said

__all__ = ["page_pictures", "plainly_worse"]

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]
_QUALITY = 94
"""Of the JPEGs: at 4:4:4 far below what a version differs by."""


def page_pictures(
    scenes: Mapping[str, Sequence[Version]], said: Said, width: int, frame: int | None, progress: WorkProgress
) -> tuple[dict[str, bytes], list[str]]:
    """JPEGs by `scene⏎condition`, about `width` pixels wide, with a catch picture a scene; and notes.

    Raises InputError for versions of a scene that differ in shape, for an SDR one that is not the reference,
    and what the readers raise.
    """
    pictures: dict[str, bytes] = {}
    notes: list[str] = []
    total, done = sum(map(len, scenes.values())), 0
    for scene, versions in scenes.items():
        lights: list[tuple[Version, F32, float | None]] = []
        for version in versions:
            progress(Work("render", done, total, "versions", scene))
            light, white, note = _light(version, said, width, frame)
            if lights and light.shape != lights[0][1].shape:
                raise InputError(
                    f"{version.file} has another size or shape than {lights[0][0].file}: versions are "
                    "flipped in one place; export them at one size"
                )
            lights.append((version, light, white))
            notes += note
            done += 1
        # One peak a scene: else a brighter version would be pressed down to look like a darker one.
        peak = max((float(light.max()) for _, light, white in lights if white is None), default=1000.0)
        peak = min(max(peak, 1000.0), 10000.0)
        shown = [
            (v, display_of_hdr(light, peak) if white is None else display_of_sdr(light, white))
            for v, light, white in lights
        ]
        for version, picture in shown:
            pictures[f"{scene}\n{version.condition}"] = _jpeg(picture)
        pictures[f"{scene}\n{CATCH}"] = _jpeg(plainly_worse(shown[0][1]))
    progress(Work("render", total, total, "versions"))
    return pictures, list(dict.fromkeys(notes))


def plainly_worse(picture: U8) -> U8:
    """What nobody who looks prefers: few levels, lifted and tinted, coarse blocks. (h, w, 3) uint8."""
    height, width = picture.shape[:2]
    block = max(2, width // 96)
    rows = np.minimum(np.arange(height) // block * block + block // 2, height - 1)
    columns = np.minimum(np.arange(width) // block * block + block // 2, width - 1)
    coarse = picture[rows[:, None], columns[None]].astype(np.float32)
    few = np.rint(coarse / 255 * 5) / 5
    tinted = 0.25 + 0.6 * few * np.array([1.0, 0.75, 1.1], np.float32)
    return np.asarray(np.clip(np.rint(tinted * 255), 0, 255), np.uint8)


def _light(
    version: Version, said: Said, width: int, frame: int | None
) -> tuple[F32, float | None, list[str]]:
    """Light about `width` wide, the white of an SDR version (None of an HDR one), and notes."""
    colour = SaidSide("--colour", version.colour or said.colour, ocio=said.ocio)
    if version.is_reference:
        white = version.colour or version.reference_colour or said.reference_colour
        colour = SaidSide("--reference-colour", white, ocio=said.ocio)
    with open_side(version.file, colour) as side:
        if not version.is_reference:  # raters would see codes of another curve, and calibrate refuse it later
            demand_hdr(version.file, side, colour)
        number = side.numbers[len(side.numbers) // 2] if frame is None or len(side.numbers) == 1 else frame
        if number not in side.numbers:
            raise InputError(f"{version.file}: has no frame {number}")
        light = shrunk(side.light(number), width)
        state = side.state
        hdr = state.is_hdr or state.transfer == "linear"
        notes = []
        if len(side.numbers) > 1:
            notes.append("of clips the page shows one frame; motion is for a host (--host)")
        return light, None if hdr else state.peak_nits, notes


def _jpeg(picture: U8) -> bytes:
    encoded = imagecodecs_module().jpeg8_encode(
        np.ascontiguousarray(picture), _QUALITY, subsampling="444", optimize=True
    )
    return bytes(encoded)
