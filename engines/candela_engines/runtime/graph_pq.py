"""SMPTE ST 2084 in single precision, as operations of an ONNX graph.

Its 78.8th power, taken as the formula stands, turns the rounding of float32 into 8e-6 of full scale. With
C1 = C3 − C2 + 1 the base of the power is 1 − t, and

    t = (C2 − C3)·(1 − y)/(1 + C3·y),  y = (L/10000)^M1,  code = exp(M2·ln(1 − t)),  0 <= t <= 0.1641

where t is small when the code is large: the rounding of the logarithm costs code·|ln code| of it, 1e-7 at
most. ln(1 − t) and, on the way back, 1 − e^u are short series, exact to float32 in these ranges.
"""

from __future__ import annotations

import math

from candela_engines.colour import pq
from candela_engines.runtime.graph import Graph

__all__ = ["code_of", "nits_of"]

SPAN = pq.C2 - pq.C3  # t at black, 1 − C1
BLACK = pq.C1**pq.M2  # the code of 0 nit, 7.3e-7


def code_of(g: Graph, nits: str) -> str:
    """PQ codes of nits; light below 0 counts as 0."""
    light = g.op("Mul", nits, g.const(1 / pq.PEAK_NITS))
    light = g.op("Clip", light, g.const(0.0), g.const(1e6))
    y = g.op("Pow", light, g.const(pq.M1))
    below = g.op("Add", g.op("Mul", y, g.const(pq.C3)), g.const(1))
    t = g.op("Div", g.op("Mul", g.op("Sub", g.const(1), y), g.const(SPAN)), below)
    # ln(1 − t) = −2·artanh(s), s = t/(2 − t): up to 0.09, where four terms reach 5e-10.
    s = g.op("Div", t, g.op("Sub", g.const(2), t))
    series = g.polynomial(g.op("Mul", s, s), [-2 * pq.M2 / n for n in (1, 3, 5, 7)])
    return g.op("Exp", g.op("Mul", s, series))


def nits_of(g: Graph, code: str) -> str:
    """Nits of PQ codes within 0..1."""
    u = g.op("Mul", g.op("Log", g.op("Max", code, g.const(BLACK))), g.const(1 / pq.M2))
    # t = 1 − e^u, u from −0.18 to 0: eight terms reach 2e-11.
    t = g.op("Mul", u, g.polynomial(u, [-1 / math.factorial(n) for n in range(1, 9)]))
    over = g.op("Max", g.op("Sub", g.const(SPAN), t), g.const(0.0))
    under = g.op("Add", g.op("Mul", t, g.const(pq.C3)), g.const(SPAN))
    light = g.op("Pow", g.op("Div", over, under), g.const(1 / pq.M1))
    return g.op("Mul", light, g.const(pq.PEAK_NITS))
