"""A report as JUnit XML: one test case for each gradient. Jenkins, GitLab and most other servers read it."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any

from crosscheck.reports.parts import Gradient, Part, parts
from crosscheck.reports.text import at, finding_lines, repair_lines, subject_lines
from crosscheck.verdicts import Severity, Verdict

_ELEMENTS = {Verdict.DISAGREE: "failure", Verdict.ERROR: "error", Verdict.INCONCLUSIVE: "skipped"}
_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}

# XML 1.0 cannot hold them, not even escaped.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Mapping[str, Any]) -> str:
    """Return a report as JUnit XML, one suite for each target.

    DISAGREE is a failure and ERROR an error; INCONCLUSIVE is skipped, and so is what looks like a gradient and could
    not be judged, because the format has no better word for it.
    """
    root = ET.Element("testsuites", name="crosscheck")
    for part in parts(report):
        root.append(_suite(part))
    for attribute in ("tests", "failures", "errors"):
        root.set(attribute, str(sum(int(suite.get(attribute, 0)) for suite in root)))
    root.set("time", _seconds(report["seconds"]))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(part: Part) -> ET.Element:
    suite = ET.Element("testsuite", name=_clean(part.heading), time=_seconds(part.content["seconds"]))
    properties = ET.SubElement(suite, "properties")
    for name in ("verdict", "seed", "examples", "judged", "reproduce"):
        ET.SubElement(properties, "property", name=name, value=_clean(part.content[name]))
    for gradient in part.gradients:
        suite.append(_case(gradient))
    for skipped in part.skipped:
        case = ET.SubElement(suite, "testcase", name=_clean(skipped["function"]), classname=_class(part.target))
        _add(case, "skipped", "not-judged", f"not judged: {skipped['reason']}", "")
    _add_rest(suite, part)
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for attribute, element in _COUNTED.items():
        suite.set(attribute, str(sum(case.find(element) is not None for case in cases)))
    return suite


def _case(gradient: Gradient) -> ET.Element:
    content = gradient.content
    module, _, name = gradient.name.partition("::")  # of a test
    case = ET.Element("testcase", name=_clean(name or module), classname=_class(module if name else gradient.target))
    case.set("time", _seconds(content["seconds"]))
    lines = [*subject_lines(gradient.heading, content), f"  reproduce: {gradient.reproduce}"]
    text = "\n".join(lines)
    if gradient.verdict is Verdict.AGREE:
        ET.SubElement(case, "system-out").text = _clean(text)
    else:
        _add(case, _ELEMENTS[gradient.verdict], _kind(content), headline(gradient), text)
    return case


def _add_rest(suite: ET.Element, part: Part) -> None:
    """Add what stands against the whole file, where its gradients do not show it."""
    errors = [finding for finding in part.findings if finding["severity"] == Severity.ERROR]
    if part.error is None and not errors:
        return
    case = ET.SubElement(suite, "testcase", name="the whole of it", classname=_class(part.target))
    lines = [*finding_lines(part.findings), *(line for repair in part.repairs for line in repair_lines(repair))]
    first = part.error or errors[0]
    _add(case, "error" if part.error else "failure", first["code"], first["message"], "\n".join(lines))


def headline(gradient: Gradient) -> str:
    """Say in one line what came out for a gradient, and why."""
    content, verdict = gradient.content, gradient.verdict
    if content["error"] is not None:
        return f"{verdict.upper()}: {content['error']['message']}"
    reasons = [f"{at(one)}{one['message']}" for one in content["diagnoses"]]
    errors = [one["message"] for one in content["findings"] if one["severity"] == Severity.ERROR]
    if verdict is Verdict.INCONCLUSIVE and not errors:
        errors = [f"{content['judged']} of {content['examples']} cases could be judged."]
    wrong = f" in {', '.join(gradient.wrong)}" if gradient.wrong else ""
    return f"{verdict.upper()}{wrong}: {(reasons or errors or [''])[0]}"


def _kind(content: Mapping[str, Any]) -> str:
    """Return the code that says most about a verdict."""
    if content["error"] is not None:
        return str(content["error"]["code"])
    errors = [finding for finding in content["findings"] if finding["severity"] == Severity.ERROR]
    found = next(iter([*content["diagnoses"], *errors]), None)
    return str(found["code"]) if found else str(content["verdict"])


def _add(case: ET.Element, element: str, kind: str, message: str, text: str) -> None:
    ET.SubElement(case, element, type=_clean(kind), message=_clean(message)).text = _clean(text)


def _class(target: str) -> str:
    """Return a target as the name of a class, whose dots are what servers group by.

    >>> _class("models/rnn.py")
    'models.rnn'
    """
    return _clean(re.sub(r"\.(py|ipynb)\b", "", target)).strip("./").replace("/", ".") or "crosscheck"


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"


def _clean(value: Any) -> str:
    return _UNPRINTABLE.sub(lambda match: f"\\x{ord(match[0]):02x}", str(value))
