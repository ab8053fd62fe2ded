"""The rules as a table for docs/qc.md, which a test holds against it."""

from __future__ import annotations

from candela_engines.qc.rule import Setting
from candela_engines.qc.rules import RULES

__all__ = ["rules_markdown"]


def rules_markdown() -> str:
    """One row a rule: code, what it measures, settings with defaults and units, severity, source."""
    rows = ["| rule | definition | settings | severity | source |", "|---|---|---|---|---|"]
    for rule in RULES:
        settings = "; ".join(_setting(name, one) for name, one in rule.settings.items()) or "none"
        title = f"`{rule.code}` {rule.title}"
        rows.append(f"| {title} | {rule.definition} | {settings} | {rule.severity.word} | {rule.source} |")
    return "\n".join(rows) + "\n"


def _setting(name: str, setting: Setting) -> str:
    value = setting.default
    shown = (
        str(value).lower()
        if isinstance(value, bool)
        else f"{value:g}"
        if not isinstance(value, str)
        else value
    )
    unit = f" {setting.unit}" if setting.unit and not isinstance(value, str | bool) else ""
    return f"`{name}` {shown}{unit}: {setting.sentence}"
