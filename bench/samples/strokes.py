"""Letters and pictograms as single strokes, drawn for this project, for neon tubes and painted signs."""

from __future__ import annotations

import numpy as np
from mesh import Array, Mesh, chaikin, join, tube

# Each letter: polylines of points "xy" on a grid 4 wide and 6 high.
LETTERS = {
    "A": "00 26 40|12 32",
    "B": "00 06 36 45 44 33 03|33 42 41 30 00",
    "C": "45 36 16 05 01 10 30 41",
    "D": "00 06 26 44 42 20 00",
    "E": "46 06 00 40|03 33",
    "F": "46 06 00|03 33",
    "G": "45 36 16 05 01 10 30 41 43 23",
    "H": "00 06|40 46|03 43",
    "I": "20 26",
    "J": "46 41 30 10 01",
    "K": "00 06|46 03 40",
    "L": "06 00 40",
    "M": "00 06 23 46 40",
    "N": "00 06 40 46",
    "O": "16 05 01 10 30 41 45 36 16",
    "P": "00 06 36 45 44 33 03",
    "R": "00 06 36 45 44 33 03|23 40",
    "S": "45 36 16 05 04 13 33 42 41 30 10 01",
    "T": "06 46|26 20",
    "U": "06 01 10 30 41 46",
    "V": "06 20 46",
    "W": "06 10 23 30 46",
    "X": "06 40|00 46",
    "Y": "06 23 46|23 20",
    "Z": "06 46 00 40",
    "2": "05 16 36 45 44 00 40",
    "4": "30 36 02 42",
    "7": "06 46 10",
    " ": "",
}
SHARP = set("AEFHKLMNTVWXYZ47")


def letter(ch: str) -> list[Array]:
    out = []
    for line in LETTERS[ch].split("|"):
        p = np.array([[int(c[0]), int(c[1])] for c in line.split()], float)
        if len(p) == 0:
            continue
        for _ in range(1 if ch in SHARP else 3):
            p = chaikin(p) if len(p) > 2 else p
        out.append(p)
    return out


def text(words: str, height: float, vertical: bool = False) -> list[Array]:
    """Strokes of a word in metres: x right, y up, centred on the origin."""
    unit = height / 6
    lines = []
    for i, ch in enumerate(words):
        shift = np.array([-2.0, -i * 7.6 - 6]) if vertical else np.array([i * 5.6, -3.0])
        lines += [(p + shift) * unit for p in letter(ch)]
    n = len(words)
    centre = np.array([0, -(n * 7.6 - 1.6) / 2]) if vertical else np.array([(n * 5.6 - 1.6) / 2, 0])
    return [p - centre * unit for p in lines]


def tubes(lines: list[Array], radius: float, depth: float = 0.0, seg: int = 8) -> Mesh:
    """Strokes as tubes in the x-z plane that face -y."""
    return join([tube(np.stack([p[:, 0], np.full(len(p), -depth), p[:, 1]], 1), radius, seg) for p in lines])


def arc(cx: float, cy: float, rx: float, ry: float, a0: float, a1: float, n: int = 24) -> Array:
    a = np.radians(np.linspace(a0, a1, n))
    return np.stack([cx + rx * np.cos(a), cy + ry * np.sin(a)], 1)


def bowl(size: float) -> dict[str, list[Array]]:
    """A bowl of noodles with steam and chopsticks, one list for each colour of tube."""
    s = size
    wave = np.linspace(0, 1, 20)
    steam = [
        np.stack([x * s + 0.06 * s * np.sin(7 * wave), (0.28 + 0.45 * wave) * s], 1)
        for x in (-0.25, 0.0, 0.25)
    ]
    noodles = [arc(x * s, 0.08 * s, 0.10 * s, 0.10 * s, 0, 180, 14) for x in (-0.34, -0.12, 0.12, 0.34)]
    return {
        "bowl": [
            arc(0, 0.05 * s, 0.55 * s, 0.5 * s, 180, 360),
            np.array([[-0.55, 0.05], [0.55, 0.05]]) * s,
            np.array([[-0.2, -0.47], [0.2, -0.47]]) * s,
        ],
        "steam": steam,
        "noodle": [
            *noodles,
            np.array([[0.2, 0.1], [0.7, 0.62]]) * s,
            np.array([[0.3, 0.1], [0.8, 0.55]]) * s,
        ],
    }


def glass(size: float) -> dict[str, list[Array]]:
    """A cocktail glass with an olive."""
    s = size
    return {
        "glass": [
            np.array([[-0.42, 0.5], [0, 0.02], [0.42, 0.5], [-0.42, 0.5]]) * s,
            np.array([[0, 0.02], [0, -0.5]]) * s,
            np.array([[-0.25, -0.5], [0.25, -0.5]]) * s,
        ],
        "drink": [np.array([[-0.26, 0.36], [0.26, 0.36]]) * s, np.array([[0.02, 0.28], [0.36, 0.72]]) * s],
        "olive": [arc(0.06 * s, 0.32 * s, 0.07 * s, 0.07 * s, 0, 360, 16)],
    }


def arrow(length: float, rise: float) -> list[Array]:
    t = np.linspace(0, 1, 24)
    shaft = np.stack([length * (t - 0.5), rise * np.sin(np.pi * t)], 1)
    tip = shaft[-1]
    back = length * np.array([[-0.10, 0.14], [-0.17, -0.02]])
    return [
        shaft,
        np.stack([tip + back[0], tip, tip + back[1]]),
    ]
