"""What each source lists by name: all of it or a sentence, by reading lists alone, and no secret among it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from collectors.aws.discover import discover
from collectors.connections import Connections
from collectors.discovery import SOURCES, Listing, Named, discover_all
from collectors.evidence import GapReason
from collectors.sandbox.faults import Fault
from collectors.sandbox.start import STAND_INS, Sandbox
from tests.acceptance.between import between, saying
from tests.collectors.failures import LONG

SUBJECT = "finance-invoice-recon"
LISTS = {
    "pagerduty": "/services", "launchdarkly": "/api/v2/projects", "datadog": "/api/v1/dashboard", "aws": "/",
    "langsmith": "/api/v1/sessions", "github": "/user/repos", "slack": "/api/conversations.list",
    "okta": "/api/v1/apps",
}  # fmt: skip


def listings(conn: Connections) -> list[Listing]:
    return discover_all(conn, SUBJECT)


def names(found: list[Listing], vendor: str, kind: str) -> tuple[Named, ...]:
    (one,) = [one for one in found if (one.vendor, one.kind) == (vendor, kind)]
    assert one.reason is None, one.sentence
    return one.names


def test_every_source_tells_what_it_has(conn: Connections):
    found = listings(conn)
    assert list(dict.fromkeys(one.vendor for one in found)) == [*SOURCES]
    assert {one.id for one in names(found, "pagerduty", "service")} == {"PINVREC", "PLEDGER"}
    assert {one.name for one in names(found, "pagerduty", "schedule of shifts")} == {"finance-ai-backup"}
    assert [one.parent for one in names(found, "launchdarkly", "flag")] == ["agents", "agents", "agents", "platform"]
    assert {one.id for one in names(found, "datadog", "monitor")} == {"4200001", "4200002"}
    assert {one.id for one in names(found, "aws", "secret")} == {"finance/netsuite", "finance/anthropic"}
    assert {one.id for one in names(found, "aws", "role")} == {"agent-finance-invoice-recon"}
    assert {one.id for one in names(found, "aws", "user")} == {"svc-invoice-archive"}
    assert {one.id for one in names(found, "github", "repository")} == {"acme/finance-agents", "acme/empty"}
    assert "finance" in {one.name for one in names(found, "slack", "channel")}
    assert "finance-invoice-recon" in {one.id for one in names(found, "langsmith", "project")}
    assert len(names(found, "okta", "application")) == 5
    assert {"runbook.md", "governance/ethics.md"} <= {one.id for one in names(found, "documents", "document")}


def test_what_belongs_to_it_comes_along(conn: Connections):
    found = listings(conn)
    (service,) = [one for one in names(found, "pagerduty", "service") if one.id == "PINVREC"]
    assert [(one.kind, one.name) for one in service.related] == [
        ("level 1", "finance-ai-primary"),
        ("level 2", "finance-ai-backup"),
    ]
    (dashboard,) = names(found, "datadog", "dashboard")
    assert "p95:invoice_recon.latency{env:production}" in {one.id for one in dashboard.related}
    (bucket,) = names(found, "aws", "bucket")
    assert {one.id for one in bucket.related} == {"finance-invoice-recon/", "scratch/"}
    assert [one.id for one in names(found, "launchdarkly", "flag")[0].related] == ["production", "staging"]


def test_an_sdk_key_in_an_answer_goes_nowhere(conn: Connections):
    """LaunchDarkly's environments carry theirs in the ordinary answer."""
    assert "not-to-be-kept" not in "".join(one.model_dump_json() for one in listings(conn))


def test_nothing_but_reading_leaves_the_house(conn: Connections, sandbox: Sandbox):
    listings(conn)
    asked = {(vendor, one.method) for vendor, proxy in sandbox.faults.items() for one in proxy.seen}
    assert {vendor for vendor, _ in asked} == {*STAND_INS}
    assert {pair for pair in asked if pair[1] != "GET"} == {("aws", "POST")}
    told = [one for one in sandbox.faults["aws"].seen if one.method == "POST"]
    sent = {one.headers.get("x-amz-target", "").rpartition(".")[2] or one.body.decode() for one in told}
    assert all(one.startswith(("ListSecrets", "Action=ListRoles", "Action=ListUsers")) for one in sent)


FAILURES = [
    (Fault(kind="status", status=403), {GapReason.DENIED}),
    (Fault(kind="status", status=404), {GapReason.GONE, GapReason.MALFORMED}),
    (Fault(kind="status", status=429, headers={"retry-after": "60"}), {GapReason.THROTTLED}),
    (Fault(kind="refuse"), {GapReason.UNREACHABLE}),
    (Fault(kind="status", status=200, body="7"), {GapReason.MALFORMED, GapReason.UNREACHABLE}),
    (Fault(kind="status", status=200, body='{"ok": true}'), {GapReason.MALFORMED, GapReason.UNREACHABLE}),
]


@pytest.mark.parametrize(("fault", "reasons"), FAILURES)
@pytest.mark.parametrize("vendor", [v for v in LISTS if v != "aws"])
def test_a_list_that_fails_is_told_and_never_a_shorter_one(
    conn: Connections, sandbox: Sandbox, vendor: str, fault: Fault, reasons: set[GapReason]
):
    sandbox.faults[vendor].set(fault.model_copy(update={"path": LISTS[vendor]}))
    alone = replace(Connections(conn.clock, limits=conn.limits, timeout=LONG), **{vendor: getattr(conn, vendor)})
    first = next(one for one in listings(alone) if one.vendor == vendor)
    assert first.reason in reasons, first
    assert first.names == ()
    assert first.sentence


@pytest.mark.parametrize("kind", ["bucket", "secret", "role", "user"])
def test_aws_may_refuse_one_kind_and_tell_the_others(conn: Connections, sandbox: Sandbox, kind: str):
    wrong = replace(conn.aws, secret_key="wrong") if conn.aws else None
    found = {one.kind: one for one in listings(Connections(conn.clock, aws=wrong, timeout=LONG)) if one.vendor == "aws"}
    assert found[kind].reason is GapReason.DENIED
    assert found[kind].names == ()


def test_a_source_without_a_setting_says_so(sandbox: Sandbox):
    found = listings(Connections(lambda: sandbox.world.clock))
    assert {one.reason for one in found} == {GapReason.NOT_CONFIGURED}
    assert {one.vendor for one in found} == {*SOURCES}


def test_a_missing_scope_of_slack_is_named(conn: Connections, sandbox: Sandbox):
    body = '{"ok": false, "error": "missing_scope", "needed": "channels:read"}'
    sandbox.faults["slack"].set(Fault(kind="status", status=200, body=body, path="/api/conversations.list"))
    (told,) = [one for one in listings(conn) if one.vendor == "slack"]
    assert told.reason is GapReason.DENIED
    assert "it needs channels:read" in told.sentence


def test_what_belongs_to_one_thing_may_fail_alone(conn: Connections, sandbox: Sandbox):
    sandbox.faults["datadog"].set(Fault(kind="status", status=403, path="/api/v1/dashboard/.+"))
    (dashboard,) = names(listings(conn), "datadog", "dashboard")
    assert dashboard.related == ()
    assert "403" in dashboard.unseen


@pytest.mark.parametrize(
    ("vendor", "path", "body"),
    [
        ("launchdarkly", "/api/v2/projects", '{"items": [], "totalCount": 3}'),
        ("pagerduty", "/services", '{"services": [], "more": true}'),
    ],
)
def test_a_list_that_promises_more_and_gives_none_is_cut(
    conn: Connections, sandbox: Sandbox, vendor: str, path: str, body: str
):
    sandbox.faults[vendor].set(Fault(kind="status", status=200, body=body, path=path))
    first = next(one for one in listings(conn) if one.vendor == vendor)
    assert first.reason is GapReason.TRUNCATED


def test_a_list_of_aws_that_goes_on_and_does_not_say_where_is_cut(conn: Connections, sandbox: Sandbox):
    """Roles and users come in pages; the buckets are told all the same."""
    more = saying("<IsTruncated>false</IsTruncated>", "<IsTruncated>true</IsTruncated>")
    assert conn.aws
    with between(sandbox.urls["aws"], more) as url:
        found = discover(replace(conn, aws=replace(conn.aws, endpoint_url=url)), SUBJECT)

    reasons = {one.kind: one.reason for one in found}
    assert reasons == {"bucket": None, "secret": None, "role": GapReason.TRUNCATED, "user": GapReason.TRUNCATED}
