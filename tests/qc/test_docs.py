"""docs/qc.md has the rules as they are, and every rule has a definition and a source."""

from __future__ import annotations

from pathlib import Path

from candela_engines.qc.rules import RULES
from candela_engines.qc.rules.table import rules_markdown

PAGE = Path(__file__).parents[2] / "docs" / "qc.md"


def test_the_page_has_the_rules() -> None:
    text = PAGE.read_text()
    begin, end = text.index("<!-- rules:"), text.index("<!-- end of rules -->")
    assert text[text.index("\n", begin) + 1 : end] == rules_markdown()


def test_every_rule_says_what_it_is() -> None:
    for rule in RULES:
        assert rule.definition.endswith(".") and rule.source and rule.title, rule.code
        for name, setting in rule.settings.items():
            assert setting.sentence, f"{rule.code}.{name}"
