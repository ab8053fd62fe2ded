"""The figures of a shot as columns, the same in every list of shots."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from candela_engines.itm.payload import Fidelity
from candela_server.cli.lines import db, line

__all__ = ["FIGURES", "figures", "flicker_line"]

FIGURES = ("PU-PSNR", "worst frame", "ΔE_ITP", "p99", "flicker", "p95")

Flicker = tuple[float, float] | None


def figures(fidelity: Fidelity | None, worst: tuple[int, float] | None, flicker: Flicker) -> tuple[str, ...]:
    """Cells under FIGURES; empty for what is not known. worst: the lowest frame and its PU-PSNR in dB.

    flicker: ΔE_ITP of the error's change from frame to frame, median and 95th percentile.
    """
    low = "" if worst is None else f"{db(worst[1])} ({worst[0]})"
    median, p95 = ("", "") if flicker is None else (f"{flicker[0]:.2f}", f"{flicker[1]:.2f}")
    if fidelity is None:
        return "", low, "", "", median, p95
    mean, p99 = f"{fidelity.delta_e_mean:.2f}", f"{fidelity.delta_e_p99:.2f}"
    return db(fidelity.pu_psnr), low, mean, p99, median, p95


def flicker_line(shots: Iterable[tuple[str, Flicker]]) -> Iterator[str]:
    """What the flicker comes to in the shot, of several by name, that has most; nothing if none is known."""
    known = [(flicker, name) for name, flicker in shots if flicker is not None]
    if not known:
        return
    (median, p95), name = max(known, key=lambda one: one[0][::-1])
    where = "" if len(known) == 1 else f", most in {name}"
    yield line("flicker", f"{median:.2f} median, {p95:.2f} at p95 (ΔE_ITP from frame to frame){where}")
