"""All variants of one source, and what is known of their order by the way they were made.

A variant has a parent, a master: the base, a style of it, or its wide-gamut version. A ladder's rungs are
worse one after the other; a local fault is milder than the same fault everywhere; of two faults at once the
picture is worse than with either. Anything else is for an oracle to say, and is not noted here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from candela_engines.colour import ictcp, pq
from candela_engines.colour.gamuts import apply_matrix, rgb_to_rgb
from candela_engines.scorer.training.distances import Distance, Guard, between
from candela_engines.scorer.training.eotf_faults import EOTF_FAULTS
from candela_engines.scorer.training.faults import GAMUT_LADDER, LADDERS, Ladder, Manner, apply, ladder_named
from candela_engines.scorer.training.masks import blended, random_mask
from candela_engines.scorer.training.masters import WAYS, random_style, styled, wide
from candela_engines.scorer.training.operators import U8, placed
from candela_engines.scorer.training.pictures import F32, U16, codes_of, generator, held, nits_of
from candela_engines.scorer.training.sources import Picture

__all__ = ["COMBINED", "LOCAL", "Variants"]

LOCAL: dict[str, tuple[int, ...]] = {
    "hl_clip": (4, 5),
    "crush": (4, 5),
    "lift": (4, 5),
    "band": (4, 5),
    "hue": (3, 4, 5),
    "sat+": (3, 4),
    "sat-": (3, 4, 5),
    "exp+": (2, 3),
    "exp-": (2, 3),
    "wb_warm": (3, 4),
    "wb_cool": (3, 4),
    "noise": (3, 4),
    "blur": (3, 4, 5),
}
"""Ladders that can go wrong in one region, and the rungs used."""

COMBINED: tuple[tuple[str, str], ...] = (
    ("hue", "x265"),
    ("wb_warm", "x265"),
    ("wb_cool", "av1"),
    ("exp+", "x264"),
    ("hl_clip", "x265"),
    ("lift", "av1"),
    ("con-", "x264"),
    ("hl_clip", "hue"),
    ("crush", "wb_cool"),
    ("crush", "sat+"),
    ("lift", "wb_warm"),
    ("lift", "noise"),
    ("exp-", "noise"),
    ("band", "hue"),
    ("blur", "wb_warm"),
    ("blur", "exp+"),
    ("con-", "hue"),
    ("wb_cool", "noise"),
    ("exp-", "sat-"),
    ("sat+", "band"),
)
"""Pairs that do not undo one another, in the order in which they happen."""

Log = Callable[[str], None]


@dataclass
class Variants:
    """Made of one picture, in order. codes: PQ codes; notes: one dict a variant; discarded: lines of text."""

    picture: Picture
    base: F32
    rendering: str
    seed: int
    guard: Guard = field(default_factory=Guard)
    codes: list[U16] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    masks: list[U8] = field(default_factory=list)
    discarded: list[str] = field(default_factory=list)
    wide_scene: F32 | None = None
    _parents: dict[str, tuple[F32, F32]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        random = self._random("manner")
        self.manner = Manner(
            hue_sign=float(random.choice([-1.0, 1.0])),
            grain=float(random.choice([0.0, 0.7])),
            transport=str(random.choice(["pq", "hlg"], p=[0.7, 0.3])),
        )

    def make(self, reference: U8, *, styles: int, local: int, combined: int) -> None:
        """Everything. reference: the SDR version whose codes a wrong tag shows as PQ."""
        self._master("base", self.base, kind="master")
        for ladder in LADDERS:
            self._ladder("base", ladder)
        self._eotf(reference)
        self._wide()
        for number in range(styles):
            self._style(number)
        self._local(local)
        self._combined(combined)

    def _random(self, *names: object) -> np.random.Generator:
        return generator(self.seed, self.picture.source.name, *names)

    def _master(self, parent: str, nits: F32, **note: Any) -> None:
        codes = codes_of(nits)
        light = nits_of(codes)
        self._parents[parent] = (light, ictcp.from_nits(light))
        self._add(codes, name=f"{parent}/master", parent=parent, ladder="master", rung=0, **note)

    def _add(self, codes: U16, **note: Any) -> None:
        self.codes.append(codes)
        self.notes.append({"mask": None, "components": [], "parameter": None, **note})

    def _measured(self, parent: str, nits: F32) -> tuple[U16, F32, Distance, F32]:
        """Codes, ICtCp of them, distance from the parent, its map."""
        codes = codes_of(nits)
        itp = ictcp.from_nits(nits_of(codes))
        distance, where = between(itp, self._parents[parent][1])
        return codes, itp, distance, where

    def _rung(self, parent: str, ladder: Ladder, parameter: float) -> F32:
        random = self._random(parent, ladder.name, "noise")
        return apply(self._parents[parent][0], ladder.name, parameter, random=random, manner=self.manner)

    def _ladder(self, parent: str, ladder: Ladder, rungs: tuple[int, ...] = (), jitter: float = 0.0) -> None:
        before_itp, before = self._parents[parent][1], 0.0
        for rung, parameter in enumerate(ladder.parameters, 1):
            if rungs and rung not in rungs:
                continue
            chosen = self._jittered(parent, ladder, parameter, jitter)
            codes, itp, distance, _ = self._measured(parent, self._rung(parent, ladder, chosen))
            step, _ = between(itp, before_itp)
            name = f"{parent}/{ladder.name}/{rung}"
            refusal = self.guard.refusal(step, distance, before, sparse=ladder.sparse)
            if refusal:
                self.discarded.append(f"{name} ({chosen:g} {ladder.unit}): {refusal}")
                continue
            self._add(
                codes,
                name=name,
                parent=parent,
                kind="fault",
                ladder=ladder.name,
                rung=rung,
                parameter=chosen,
                step=step.to_dict(),
                distance=distance.to_dict(),
            )
            before_itp, before = itp, distance.mean

    def _jittered(self, parent: str, ladder: Ladder, parameter: float, jitter: float) -> float:
        """Near a rung, never beyond the next: between rungs, so that no scorer learns a list by heart."""
        if jitter <= 0 or ladder.name in ("band", "gamut", "curve"):
            return parameter
        share = self._random(parent, ladder.name, parameter, "jitter").uniform(-jitter, jitter)
        if ladder.family in ("saturation", "contrast"):
            return float(1 + (parameter - 1) * (1 - abs(share)))
        return float(parameter * (1 + share))

    def _eotf(self, reference: U8) -> None:
        light = self._parents["base"][0]
        made = {name: fault(light) for name, fault in EOTF_FAULTS.items()}
        made["sdr_as_pq"] = held(pq.eotf(reference.astype(np.float32) / 255), 10000.0)
        made["sdr_placed"] = placed(reference)
        for name, nits in made.items():
            codes, _, distance, _ = self._measured("base", nits)
            kind = "sdr" if name == "sdr_placed" else "eotf"
            self._add(
                codes,
                name=f"base/{name}",
                parent="base",
                kind=kind,
                ladder=name,
                rung=1,
                distance=distance.to_dict(),
            )

    def _wide(self) -> None:
        drawn = str(self._random("wide").choice(WAYS, p=[0.45, 0.2, 0.35]))
        for way in (drawn, *(other for other in WAYS if other != drawn)):
            nits, self.wide_scene = wide(self.picture, self.base, way)
            outside = apply_matrix(nits, rgb_to_rgb("bt2020", "bt709")).min(-1) < -0.5
            if outside.mean() >= 0.002:
                break
            self.discarded.append(
                f"wide: {way} puts {100 * outside.mean():.2f} % of the pixels outside BT.709"
            )
        else:
            return
        self._master("wide", nits, kind="wide", parameter=way)
        self._ladder("wide", GAMUT_LADDER)

    def _style(self, number: int) -> None:
        parent = f"style{number}"
        style = random_style(self._random("style", number))
        nits = styled(self.picture, self.rendering, style)
        self._master(parent, nits, kind="style", parameter=style.to_dict())
        # Every ladder meets every style over the sources; a ladder comes with each style of one in four.
        random = self._random(parent, "ladders")
        for index in sorted(random.choice(len(LADDERS), 3, replace=False)):
            self._ladder(parent, LADDERS[index], rungs=(2, 4), jitter=0.2)

    def _local(self, count: int) -> None:
        random = self._random("local")
        light, _ = self._parents["base"]
        for name in random.permutation(sorted(LOCAL))[: count + 3]:
            if count <= 0:
                return
            rung = int(random.choice(LOCAL[name]))
            ladder = ladder_named(str(name))
            parameter = ladder.parameters[rung - 1]
            faulty = self._rung("base", ladder, parameter)
            _, _, _, shows = self._measured("base", faulty)
            mask = random_mask(np.minimum(shows, 30), random)
            mask = np.round(mask * 255).astype(np.uint8)
            nits = blended(light, faulty, mask.astype(np.float32) / 255)
            codes, _, distance, where = self._measured("base", nits)
            share = float((where >= 1).mean())
            label = f"base/local:{name}/{rung}"
            if distance.p999 < 4 or share < 0.004:
                self.discarded.append(f"{label}: seen on {100 * share:.2f} %, p99.9 {distance.p999:.2f}")
                continue
            self.masks.append(mask)
            self._add(
                codes,
                name=label,
                parent="base",
                kind="local",
                ladder=str(name),
                rung=rung,
                parameter=parameter,
                mask=len(self.masks) - 1,
                components=self._kept(f"base/{name}/{rung}"),
                distance=distance.to_dict(),
            )
            count -= 1

    def _kept(self, name: str) -> list[str]:
        return [name] if any(note["name"] == name for note in self.notes) else []

    def _combined(self, count: int) -> None:
        random = self._random("combined")
        means = {note["name"]: note["distance"]["mean"] for note in self.notes if "distance" in note}
        # Two with compression at least: it is what real deliveries have in common.
        codecs = [pair for pair in COMBINED if pair[1] in ("x265", "x264", "av1")]
        rest = [pair for pair in COMBINED if pair not in codecs]
        order = [codecs[i] for i in random.permutation(len(codecs))[: (count + 1) // 2]]
        order += [rest[i] for i in random.permutation(len(rest))[: count // 2]]
        for first, second in order:
            rungs = [int(random.integers(2, len(ladder_named(n).parameters))) for n in (first, second)]
            names = [f"base/{n}/{r}" for n, r in zip((first, second), rungs, strict=True)]
            nits = self._parents["base"][0]
            for n, rung in zip((first, second), rungs, strict=True):
                random_noise = self._random("base", n, "noise")
                parameter = ladder_named(n).parameters[rung - 1]
                nits = apply(nits, n, parameter, random=random_noise, manner=self.manner)
            codes, _, distance, _ = self._measured("base", nits)
            kept = [name for name in names if name in means and distance.mean > means[name]]
            if len(kept) < 2:
                self.discarded.append(f"base/{first}+{second}: not further from the master than both parts")
                continue
            self._add(
                codes,
                name=f"base/{first}+{second}",
                parent="base",
                kind="combined",
                ladder=f"{first}+{second}",
                rung=1,
                components=kept,
                distance=distance.to_dict(),
            )
