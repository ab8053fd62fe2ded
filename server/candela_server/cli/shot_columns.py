"""The figures of a shot as columns, the same in every list of shots."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from candela_engines.itm.payload import Fidelity
from candela_server.cli.lines import db, line

__all__ = ["FIGURES", "figures", "flicker_line"]

FIGURES = ("PU-PSNR", "worst frame", "ΔE_ITP", "p99", "flicker", "p95")

Flicker = tuple[float, float] | None


def figures(
    fidelity: Fidelity | None, frame: int | None, level: float | None, flicker: Flicker
) -> tuple[str, ...]:
    """Cells under FIGURES; empty for what is not known. frame, level: the worst one and its PU-PSNR in dB.

    flicker: ΔE_ITP of the error's change from frame to frame, median and 95th percentile.
    """
    worst = "" if frame is None or level is None else f"{db(level)} ({frame})"
    median, p95 = ("", "") if flicker is None else (f"{flicker[0]:.2f}", f"{flicker[1]:.2f}")
    if fidelity is None:
        return "", worst, "", "", median, p95
    mean, p99 = f"{fidelity.delta_e_mean:.2f}", f"{fidelity.delta_e_p99:.2f}"
    return db(fidelity.pu_psnr), worst, mean, p99, median, p95


def flicker_line(shots: Iterable[Flicker]) -> Iterator[str]:
    """What the flicker comes to in the shot that has most of it; nothing where none was measured."""
    known = [(flicker, number) for number, flicker in enumerate(shots, start=1) if flicker is not None]
    if not known:
        return
    (median, p95), number = max(known, key=lambda one: one[0][::-1])
    where = "" if len(known) == 1 else f", in shot {number}"
    yield line("flicker", f"ΔE_ITP from frame to frame: {median:.2f} median, {p95:.2f} at p95{where}")
