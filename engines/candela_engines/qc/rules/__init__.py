"""All rules, in the order of reports."""

from __future__ import annotations

from candela_engines.qc.rule import Rule
from candela_engines.qc.rules import black, file, levels, light, metadata, moments, picture

__all__ = ["RULES", "rule_of"]

RULES: tuple[Rule, ...] = (
    *metadata.RULES,
    *light.RULES,
    *levels.RULES,
    *black.RULES,
    *picture.RULES,
    *moments.RULES,
    *file.RULES,
)
if len({rule.code for rule in RULES}) < len(RULES):
    raise RuntimeError("two rules of one code")


def rule_of(code: str) -> Rule | None:
    """The rule of a code."""
    return next((rule for rule in RULES if rule.code == code), None)
