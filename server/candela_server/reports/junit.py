"""The pass as JUnit XML, for build servers: a suite for every clip, a case for every rule in every shot.

A finding that fails the pass is a <failure>, a clip that could not be measured an <error>, a waived finding
<skipped>; findings that are told and fail nothing stand in <system-out>.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree as Xml

from candela_engines.qc.findings import Finding
from candela_engines.qc.result import ClipResult, QcResult

__all__ = ["junit_xml"]

# What XML 1.0 cannot hold, not even escaped.
_NOT_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def junit_xml(result: QcResult) -> str:
    """The document, with its declaration."""
    suites = Xml.Element("testsuites", name="candela qc")
    total = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for clip in result.clips:
        suite = Xml.SubElement(suites, "testsuite", name=_text(clip.path))
        if result.started:
            suite.set("timestamp", result.started.removesuffix("Z").partition("+")[0].partition(".")[0])
        _properties(suite, result)
        _cases(suite, clip, result)
        kinds = {"failures": "failure", "errors": "error", "skipped": "skipped"}
        counts = {key: len(suite.findall(f"testcase/{kind}")) for key, kind in kinds.items()}
        counts["tests"] = len(suite.findall("testcase"))
        for key, value in counts.items():
            suite.set(key, str(value))
            total[key] += value
    for key, value in total.items():
        suites.set(key, str(value))
    Xml.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(suites, encoding="unicode") + "\n"


def _properties(suite: Xml.Element, result: QcResult) -> None:
    held = Xml.SubElement(suite, "properties")
    for name, value in (
        ("candela", result.software.candela),
        ("profile", result.profile.name),
        ("profile_sha256", result.profile.sha256),
        ("fail_on", result.fail_on.value),
    ):
        Xml.SubElement(held, "property", name=name, value=_text(value))


def _cases(suite: Xml.Element, clip: ClipResult, result: QcResult) -> None:
    if clip.failed is not None:
        case = _case(suite, clip, "the clip can be measured")
        Xml.SubElement(case, "error", type="unreadable", message=_text(clip.failed))
        return
    _case(suite, clip, "the clip can be measured")
    found: dict[tuple[str | None, str], list[Finding]] = {}
    for finding in clip.findings:
        found.setdefault((finding.shot, finding.code), []).append(finding)
    for (shot, code), group in found.items():
        case = _case(suite, clip, code if shot is None else f"{code} in shot {shot}")
        failing = [f for f in group if f.counts and f.severity.rank >= result.fail_on.rank]
        told = [f for f in group if f.counts and f not in failing]
        if failing:
            # One element: what reads JUnit as a rule takes the first of several.
            failure = Xml.SubElement(
                case, "failure", type=failing[0].severity.word, message=_text(failing[0].sentence)
            )
            failure.text = _lines(failing)
        elif not told and group:
            waiver = group[0].waiver
            said = "" if waiver is None else f"waived by {waiver.author}: {waiver.reason}"
            Xml.SubElement(case, "skipped", message=_text(said))
        if told:
            Xml.SubElement(case, "system-out").text = _lines(told)
    # What was looked at and found right: shots without any finding.
    with_findings = {shot for shot, _ in found}
    for shot_result in clip.shots:
        if shot_result.name not in with_findings:
            _case(suite, clip, f"no finding in shot {shot_result.name}")


def _case(suite: Xml.Element, clip: ClipResult, name: str) -> Xml.Element:
    return Xml.SubElement(suite, "testcase", classname=_text(clip.name), name=_text(name))


def _lines(findings: Iterable[Finding]) -> str:
    return _text("\n".join(f"{f.severity.word} {_place(f)}: {f.sentence}" for f in findings))


def _place(finding: Finding) -> str:
    frames = "the file" if finding.first is None else f"frames {finding.first}-{finding.last}"
    return frames + (f" ({finding.timecode_in})" if finding.timecode_in else "")


def _text(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
