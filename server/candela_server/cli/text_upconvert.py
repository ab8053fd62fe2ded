"""Up-converted pictures and clips in words: what was written, by which engine, where known levels went."""

from __future__ import annotations

from collections.abc import Iterator

from candela_engines.media import state_label
from candela_server.cli import text, text_clips, text_embed_shots
from candela_server.cli.lines import db, line, notes
from candela_server.service import (
    DistilResult,
    DistilShotsResult,
    DistilTimelineResult,
    UpconvertClipResult,
    UpconvertCubeResult,
    UpconvertResult,
    UpconvertTimelineResult,
)
from candela_server.service.upconversion import Upconverted
from candela_server.service.upconvert_cube import SIZE
from candela_server.service.upconvert_speed import Speed

__all__ = ["cube", "distilled", "distilled_shots", "distilled_timeline", "upconverted", "upconverted_clip",
           "upconverted_timeline"]


def upconverted(r: UpconvertResult) -> Iterator[str]:
    """What became of a still."""
    what = "Ultra HDR: SDR base and gain map" if r.encoding is None else state_label(r.encoding)
    yield line("written", f"{r.out}, {r.width}x{r.height}, {r.report.bits} bit, {what}")
    yield from _engine(r.upconversion)
    if r.levels is not None:
        yield line("light", f"MaxCLL {r.levels.max_cll:.1f} nit, MaxFALL {r.levels.max_fall:.1f} nit")
    if r.certain is not None:
        yield line("confidence", f"{r.certain:.1%} of the light is what the SDR determines, on average")
    total = 3 * r.width * r.height
    for count, where in (
        (r.report.clipped_high, f"above what {what} holds"),
        (r.report.clipped_low, f"outside the gamut of {what}"),
    ):
        if count:
            yield line("clipped", f"{count:,} samples ({100 * count / total:.2g} %) are {where}")
    yield from notes(r.notes)


def upconverted_clip(r: UpconvertClipResult) -> Iterator[str]:
    """What became of a clip."""
    yield from _engine(r.upconversion)
    yield from text_clips.reconstructed(r.clip)


def cube(r: UpconvertCubeResult) -> Iterator[str]:
    """What the LUT is and how close it comes."""
    state = state_label(r.upconversion.state)
    yield line("written", f"{r.out}, {SIZE} nodes a side, {state} to PQ in BT.2020")
    yield from _engine(r.upconversion)
    frames = "1 frame" if r.frames == 1 else f"{r.frames} frames"
    yield line("the LUT", f"PU-PSNR {db(r.pu_psnr)} against the engine, over {frames}")
    yield from notes(r.notes)


def distilled(r: DistilResult) -> Iterator[str]:
    """What became of a still that carries its up-conversion now. Its fidelity is to the engine's light."""
    yield from _engine(r.upconversion)
    yield line("fidelity", f"to the light of {r.upconversion.engine}; there was no HDR master")
    yield from notes(r.notes)
    yield from (fact for fact in text.embed_measured(r.embedded) if not fact.startswith("HDR "))
    yield from _speed(r.speed)
    yield from text.embed_written(r.embedded)


def distilled_shots(r: DistilShotsResult) -> Iterator[str]:
    """The same of shots."""
    yield from _engine(r.upconversion)
    yield line("fidelity", f"to the light of {r.upconversion.engine}; there was no HDR master")
    yield from notes(r.notes)
    yield from (fact for fact in text_embed_shots.measured(r.embedded) if not fact.startswith("HDR "))
    yield from _speed(r.speed)
    yield from text_embed_shots.written(r.embedded)


def upconverted_timeline(r: UpconvertTimelineResult) -> Iterator[str]:
    """What became of what a timeline shows."""
    yield line("written", f"{len(r.clips)} clips of {r.file} into {r.out}")
    yield from notes(r.notes)
    for clip in r.clips:
        yield from upconverted_clip(clip)


def distilled_timeline(r: DistilTimelineResult) -> Iterator[str]:
    """The same of copies of its media."""
    yield line("written", f"{len(r.clips)} media of {r.file} into {r.out}")
    yield from notes(r.notes)
    for clip in r.clips:
        yield from distilled_shots(clip)


def _speed(speed: Speed) -> Iterator[str]:
    engine, network = 1000 * speed.engine_seconds, 1000 * speed.distilled_seconds
    took = f"{engine:.1f} ms by the engine, {network:.1f} ms distilled: {speed.gain:.2f} times as fast"
    yield line("a frame", f"{took}, {speed.width}x{speed.height}, here and now")


def _engine(by: Upconverted) -> Iterator[str]:
    yield line("engine", f"{by.engine}: {by.source}")
    if by.highlights:
        yield line("highlights", "made up by the second stage where SDR is clipped or close to it")
    levels = ", ".join(f"{level.patch} {level.hdr_nits:.4g}" for level in by.levels[:-1])
    if levels:
        yield line("levels", f"{levels} nit, of a chart in BT.709")
