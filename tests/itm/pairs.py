"""Small made pairs for the tests: a picture with a gradient, edges and a lamp, and SDR grades of it."""

import numpy as np

from candela_engines.colour import bt2446

__all__ = ["graded_pair", "master"]


def master(height: int, width: int, seed: int = 0) -> np.ndarray:
    """HDR light (H, W, 3) float32 in nits, linear BT.2020: a sky, boxes, texture and a lamp of 900 nit."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    sky = np.stack([30 + 60 * x, 40 + 50 * y, 90 - 50 * y], -1)
    for _ in range(6):
        top, left = rng.uniform(0, 0.8, 2)
        box = (y > top) & (y < top + 0.25) & (x > left) & (x < left + 0.2)
        sky[box] = rng.uniform(0.5, 150, 3)
    lamp = np.exp(-((x - 0.6) ** 2 + (y - 0.3) ** 2) / 0.003)
    texture = 1 + 0.06 * rng.normal(size=(height, width, 1))
    return ((sky * texture + 800 * lamp[..., None] * [1.0, 0.8, 0.5]).clip(0.01, 1000)).astype(np.float32)


def graded_pair(
    height: int, width: int, *, window: bool = False, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """(SDR codes uint8, HDR nits float32): BT.2446 A, with a local power window where asked."""
    nits = master(height, width, seed)
    sdr = bt2446.rec709_code(nits, method="a")
    if window:
        y, x = np.mgrid[0:height, 0:width]
        mask = 1 / (1 + np.exp(18 * (np.hypot((x / width - 0.6) * 1.6, y / height - 0.45) - 0.28)))[..., None]
        sdr = sdr ** (1 + 0.35 * mask) * (1 - 0.25 * mask)
    return np.rint(np.clip(sdr, 0, 1) * 255).astype(np.uint8), nits
