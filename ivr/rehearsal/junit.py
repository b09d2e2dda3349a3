"""Results as a JUnit report: the XML that build servers read.

The form is that of Jenkins' xUnit plugin: testsuites, testsuite, testcase with failure or error.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence

from ivr.dialplan.problems import Problem
from ivr.rehearsal.playing import Result

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""XML 1.0 cannot hold these, escaped or not."""
SUITE = "dzvin rehearse"


def junit(results: Sequence[Result], mistakes: Sequence[Problem], texts: Sequence[str], took: float) -> bytes:
    """`mistakes` of the files count as errors; `texts` are the results' transcripts; `took` is in seconds."""
    failed = sum(bool(result.failures) for result in results)
    counts = {
        "tests": str(len(results) + len(mistakes)),
        "failures": str(failed),
        "errors": str(len(mistakes)),
        "time": f"{took:.3f}",
    }
    root = ET.Element("testsuites", {"name": SUITE, **counts})
    suite = ET.SubElement(root, "testsuite", {"name": SUITE, "skipped": "0", **counts})
    for mistake in mistakes:
        _error(suite, mistake)
    for result, text in zip(results, texts, strict=True):
        _case(suite, result, text)
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _case(suite: ET.Element, result: Result, text: str) -> None:
    spot = result.scenario.key_spot
    names = {
        "classname": _clean(spot.file),
        "name": result.scenario.id,
        "file": _clean(spot.file),
        "line": str(spot.line),
        "time": "0",
    }
    case = ET.SubElement(suite, "testcase", names)
    if result.failures:
        told = "\n".join(str(failure) for failure in result.failures)
        first = {"message": _clean(result.failures[0].text), "type": "expectation"}
        ET.SubElement(case, "failure", first).text = _clean(f"{told}\n\n{text}")


def _error(suite: ET.Element, mistake: Problem) -> None:
    spot = mistake.spot
    names = {"classname": _clean(spot.file), "name": f"line {spot.line}", "file": _clean(spot.file)}
    case = ET.SubElement(suite, "testcase", {**names, "line": str(spot.line), "time": "0"})
    error = ET.SubElement(case, "error", {"message": _clean(mistake.text), "type": "mistake"})
    error.text = _clean(str(mistake))


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
