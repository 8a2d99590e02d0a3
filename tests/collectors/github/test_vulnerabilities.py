"""github.vulnerabilities: when a repository was scanned, and every alert that is open."""

from __future__ import annotations

import json
from typing import Any

import pytest

from collectors.evidence import GapReason
from collectors.github.facts import VulnerabilitiesAsk, VulnerabilitiesFacts
from collectors.github.vulnerabilities import vulnerabilities
from collectors.sandbox.faults import Fault
from tests.collectors.failures import long_enough
from tests.collectors.optional_place import FAILURES, assert_pointers_lead_to_values, evidence_of, gap_of

REPOSITORY = "acme/finance-agents"
ASK = VulnerabilitiesAsk(repository=REPOSITORY)
WHOLE = f"/repos/{REPOSITORY}"
SCANS, CODE = f"{WHOLE}/code-scanning/analyses", f"{WHOLE}/code-scanning/alerts"
DEPENDENCIES = f"{WHOLE}/dependabot/alerts"


def facts_of(answer: object) -> VulnerabilitiesFacts:
    facts = evidence_of(answer).facts
    assert isinstance(facts, VulnerabilitiesFacts)
    return facts


def told(answer: object) -> tuple[list[int], list[str | None]]:
    """The days of the scans, and how severe what is open is."""
    found = facts_of(answer)
    return [one.at.value.day for one in found.scans], [one.severity and one.severity.value for one in found.open]


@pytest.mark.parametrize("world", ["as-written", "put-right"])
def test_scans_come_newest_first_and_what_was_fixed_or_is_no_security_is_left_aside(place, world):
    here = place(world)
    answer = vulnerabilities(here.conn, [ASK])[0]
    assert told(answer) == ([12, 8, 2, 26], ["medium", "low"])
    assert [path for _, path in here.asked()] == [WHOLE, SCANS, CODE, DEPENDENCIES]
    assert here.faults.seen[1].one("ref") == "refs/heads/main"
    assert_pointers_lead_to_values(answer)


def test_what_the_alerts_are_about_is_not_kept(place):
    assert "sql-injection" not in evidence_of(vulnerabilities(place().conn, [ASK])[0]).to_bytes().decode()


def many(of: str) -> Any:
    def edit(world: Any) -> None:
        one = {"of": of, "severity": "low", "at": "2026-06-02T03:10:00-04:00"}
        world["repositories"][REPOSITORY]["alerts"] = [one] * 250

    return edit


@pytest.mark.parametrize("of", ["code", "dependency"])
def test_both_lists_of_alerts_are_read_to_the_last_page(place, of):
    """By number where GitHub counts pages, by cursor where it refuses to."""
    answer = evidence_of(vulnerabilities(place(data=many(of)).conn, [ASK])[0])
    assert len(facts_of(answer).open) == 250
    assert answer.completeness.pages == 6


@pytest.mark.parametrize("link", ['<https://x/?after=same>; rel="next"', '<https://x/?other=1>; rel="next"'])
def test_a_next_page_that_leads_nowhere_is_truncated(place, link):
    here = place()
    one = {"number": 1, "state": "open", "created_at": "2026-06-02T03:10:00Z", "security_advisory": {"severity": "low"}}
    body = json.dumps([one])
    here.faults.set(Fault(kind="status", status=200, path=DEPENDENCIES, headers={"link": link}, body=body))
    gap_of(vulnerabilities(here.conn, [ASK])[0], GapReason.TRUNCATED)


@pytest.mark.parametrize("path", [WHOLE, SCANS, CODE, DEPENDENCIES])
@pytest.mark.parametrize(("fault", "reason"), FAILURES)
def test_each_failure_has_its_name(place, path, fault, reason):
    here = place(timeout=long_enough(fault))
    here.faults.set(fault.model_copy(update={"path": path}))
    assert path in gap_of(vulnerabilities(here.conn, [ASK])[0], reason).what


@pytest.mark.parametrize(
    ("path", "scope"),
    [(WHOLE, "Metadata: read"), (SCANS, "Code scanning alerts: read"), (CODE, "Code scanning alerts: read"),
     (DEPENDENCIES, "Dependabot alerts: read")],
)  # fmt: skip
def test_a_refusal_names_the_permission_of_that_call(place, path, scope):
    here = place()
    here.faults.set(Fault(kind="status", status=403, path=path))
    assert scope in gap_of(vulnerabilities(here.conn, [ASK])[0], GapReason.DENIED).scope


def test_what_is_switched_off_is_told_apart_from_a_missing_right(place):
    def off(world: Any) -> None:
        world["repositories"][REPOSITORY]["dependabot"] = False

    gap = gap_of(vulnerabilities(place(data=off).conn, [ASK])[0], GapReason.GONE)
    assert "switched off" in gap.what
    assert gap.scope == ""


def test_a_repository_that_was_never_scanned_is_gone(place):
    gap_of(vulnerabilities(place().conn, [VulnerabilitiesAsk(repository="acme/empty")])[0], GapReason.GONE)


def test_an_alert_of_which_it_is_not_told_how_severe_it_is_counts(place):
    def untold(body: Any) -> Any:
        body[0]["rule"]["security_severity_level"] = None
        return body

    assert told(vulnerabilities(place(edits={CODE: untold}).conn, [ASK])[0])[1] == [None, "low"]


@pytest.mark.parametrize(
    ("tags", "counts"),
    [([], True), (["CWE-79: Cross-site scripting"], True), (["OWASP-A03:2021"], True), (["maintainability"], False)],
)
def test_an_alert_of_a_tool_that_tells_no_severity_counts_unless_its_tags_are_of_quality(place, tags, counts):
    def other_tool(body: Any) -> Any:
        body[0]["rule"] = {"id": "G101", "severity": "error", "security_severity_level": None, "tags": tags}
        return body

    found = told(vulnerabilities(place(edits={CODE: other_tool}).conn, [ASK])[0])[1]
    assert found == ([None, "low"] if counts else ["low"])


def test_a_scan_that_does_not_tell_whether_it_failed_is_malformed(place):
    def untold(body: Any) -> Any:
        del body[0]["error"]
        return body

    gap_of(vulnerabilities(place(edits={SCANS: untold}).conn, [ASK])[0], GapReason.MALFORMED)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (SCANS, {"ref": "refs/heads/other"}), (SCANS, {"created_at": "soon"}), (CODE, {"rule": {}}),
        (CODE, {"state": "fixed"}), (CODE, {"rule": {"security_severity_level": "grave"}}),
        (DEPENDENCIES, {"security_advisory": {"severity": None}}), (DEPENDENCIES, {"created_at": None}),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_the_contracts_is_malformed(place, path, fields):
    def other(body: Any) -> Any:
        body[0] |= fields
        return body

    gap_of(vulnerabilities(place(edits={path: other}).conn, [ASK])[0], GapReason.MALFORMED)


def test_a_scan_that_failed_says_so(place):
    def failed(body: Any) -> Any:
        body[0]["error"] = "error reading field"
        return body

    first = facts_of(vulnerabilities(place(edits={SCANS: failed}).conn, [ASK])[0]).scans[0]
    assert first.error
    assert first.error.value == "error reading field"
