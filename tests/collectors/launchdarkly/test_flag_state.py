"""launchdarkly.flag: what the switch is set to, what it serves when off, and every way not to know."""

from __future__ import annotations

import time
from typing import Any

import pytest

from collectors.connections import LaunchDarklyAccess
from collectors.evidence import Evidence, Gap, GapReason, resolve
from collectors.http import NotAllowed
from collectors.launchdarkly.client import ALLOWED, rest_client, rest_source
from collectors.launchdarkly.facts import FlagAsk, FlagFacts
from collectors.launchdarkly.flag import flag
from collectors.sandbox.faults import Fault
from tests.collectors.failures import EMPTY, FAILURES, long_enough

FLAG = "/api/v2/flags/.*"


def evidence_of(answer: object) -> Evidence:
    assert isinstance(answer, Evidence), answer
    return answer


def gap_of(answer: object) -> Gap:
    assert isinstance(answer, Gap), answer
    return answer


def facts_of(answer: object) -> FlagFacts:
    facts = evidence_of(answer).facts
    assert isinstance(facts, FlagFacts)
    return facts


def changed(**values: Any):
    """An edit of the flag in production; a value of ... removes the field."""

    def edit(body: Any) -> Any:
        held = body["environments"]["production"]
        for name, value in values.items():
            where = body if name in ("archived", "deprecated", "variations", "key", "environments") else held
            where.pop(name, None)
            if value is not ...:
                where[name] = value
        return body

    return {FLAG: edit}


@pytest.mark.parametrize(("world", "version"), [("as-written", 6), ("put-right", 9)])
def test_in_both_worlds_the_flag_is_on_and_off_serves_false(place, the_flag, world, version):
    facts = facts_of(*flag(place(world).conn, [the_flag]))
    assert (facts.on.value, facts.lifecycle.value, facts.version.value) == ("on", "live", version)
    assert facts.off_value is not None
    assert facts.off_value.value == "false"
    assert facts.on_value is not None
    assert facts.on_value.value == "true"


def test_the_last_change_is_the_end_of_the_drill(place, the_flag, local):
    facts = facts_of(*flag(place("put-right").conn, [the_flag]))
    assert facts.last_modified.value == local("2026-06-16T15:00")


def test_every_fact_points_into_the_body(place, the_flag):
    answer = evidence_of(*flag(place().conn, [the_flag]))
    facts = facts_of(answer)
    assert resolve(answer.body, facts.on.pointer) is True
    assert facts.off_value is not None
    assert resolve(answer.body, facts.off_value.pointer) is False
    for fact in (facts.flag, facts.environment, facts.lifecycle, facts.last_modified, facts.version, facts.on_value):
        assert fact is not None
        resolve(answer.body, fact.pointer)


def test_the_evidence_says_what_was_asked_where_and_as_whom(place, the_flag):
    here = place()
    answer = evidence_of(*flag(here.conn, [the_flag]))
    assert [(call.method, call.path, call.query, call.status) for call in answer.calls] == [
        ("GET", "/api/v2/flags/agents/finance-invoice-recon-enabled", "env=production", 200)
    ]
    assert answer.source.sandbox
    assert answer.source.credential
    assert here.access.token not in answer.to_bytes().decode()
    assert here.faults.seen[0].headers["ld-api-version"] == "20240415"


@pytest.mark.parametrize(
    ("archived", "deprecated", "said"),
    [(True, True, "archived"), (False, True, "deprecated"), (False, ..., "live")],
)
def test_an_archived_or_deprecated_flag_is_told_from_a_live_one(place, the_flag, archived, deprecated, said):
    here = place(edits=changed(archived=archived, deprecated=deprecated))
    assert facts_of(*flag(here.conn, [the_flag])).lifecycle.value == said


@pytest.mark.parametrize("odd", ["true", 1, {}])
def test_whether_a_flag_is_deprecated_is_never_guessed(place, the_flag, odd):
    here = place(edits=changed(deprecated=odd))
    assert gap_of(*flag(here.conn, [the_flag])).reason == GapReason.MALFORMED


@pytest.mark.parametrize("off", [..., None, 7, -1, True, "1"])
def test_an_off_variation_that_leads_nowhere_is_no_value(place, the_flag, off):
    here = place(edits=changed(offVariation=off))
    assert facts_of(*flag(here.conn, [the_flag])).off_value is None


def test_a_variation_without_a_value_serves_nothing_that_could_be_named(place, the_flag):
    here = place(edits=changed(variations=[None, {"name": "stop"}]))
    facts = facts_of(*flag(here.conn, [the_flag]))
    assert (facts.off_value, facts.on_value) == (None, None)


def test_a_flag_archived_in_this_environment_alone_is_archived(place, the_flag):
    def archive(body: Any) -> Any:
        body["environments"]["production"]["archived"] = True
        return body

    assert facts_of(*flag(place(edits={FLAG: archive}).conn, [the_flag])).lifecycle.value == "archived"


def test_a_number_that_json_does_not_know_is_malformed(place, the_flag):
    here = place(edits={FLAG: lambda body: body | {"extra": float("nan")}})
    assert gap_of(*flag(here.conn, [the_flag])).reason == GapReason.MALFORMED


@pytest.mark.parametrize("rule", [..., None, {}, {"rollout": {"variations": []}}, {"variation": 0, "rollout": {}}])
def test_a_rollout_or_a_missing_fallthrough_has_no_single_on_value(place, the_flag, rule):
    here = place(edits=changed(fallthrough=rule))
    assert facts_of(*flag(here.conn, [the_flag])).on_value is None


def test_off_may_serve_text_or_null_and_is_told_as_json(place, the_flag):
    for value, told in (("off", '"off"'), (None, "null"), ({"b": 1, "a": [2]}, '{"a":[2],"b":1}')):
        here = place(edits=changed(variations=[{"value": True}, {"value": value}]))
        facts = facts_of(*flag(here.conn, [the_flag]))
        assert facts.off_value is not None
        assert facts.off_value.value == told


def test_a_long_off_value_is_told_by_its_digest(place, the_flag):
    here = place(edits=changed(variations=[{"value": True}, {"value": "x" * 500}]))
    facts = facts_of(*flag(here.conn, [the_flag]))
    assert facts.off_value is not None
    assert facts.off_value.value.startswith("sha256:")


@pytest.mark.parametrize("field", ["on", "version", "lastModified", "archived"])
@pytest.mark.parametrize("value", [..., None, "true"])
def test_a_field_that_matters_and_is_missing_is_malformed_and_never_a_default(place, the_flag, field, value):
    gap = gap_of(*flag(place(edits=changed(**{field: value})).conn, [the_flag]))
    assert gap.reason == GapReason.MALFORMED
    assert f"`{field}`" in gap.what


def test_an_environment_that_the_flag_does_not_have_is_gone_not_off(place, the_flag):
    gap = gap_of(*flag(place().conn, [the_flag.model_copy(update={"environment": "prod"})]))
    assert gap.reason == GapReason.GONE
    assert "no environment prod" in gap.what


@pytest.mark.parametrize(
    "change",
    [{"project": "agent"}, {"flag": "finance-invoice-recon"}, {"flag": "*"}, {"project": ".."}, {"flag": "a/b"}],
)
def test_an_unknown_or_impossible_key_is_gone(place, the_flag, change):
    assert gap_of(*flag(place().conn, [the_flag.model_copy(update=change)])).reason == GapReason.GONE


@pytest.mark.parametrize(("fault", "reason"), [*FAILURES, EMPTY])
def test_each_failure_has_its_name(place, the_flag, fault, reason):
    here = place(timeout=long_enough(fault))
    here.faults.set(fault)
    gap = gap_of(*flag(here.conn, [the_flag]))
    assert gap.reason == reason
    assert "LaunchDarkly" in gap.what
    if reason == GapReason.DENIED:
        assert "Reader role" in gap.scope


def test_a_passing_failure_is_asked_again(place, the_flag):
    here = place()
    here.faults.set(Fault(kind="status", status=503, times=2))
    assert facts_of(*flag(here.conn, [the_flag])).on.value == "on"
    assert len(here.faults.seen) == 3


def test_a_limit_that_lasts_longer_than_we_wait_is_told_at_once(place, the_flag):
    here = place()
    reset = str(round(time.time() * 1000) + 60_000)
    here.faults.set(Fault(kind="status", status=429, headers={"x-ratelimit-reset": reset}))
    assert gap_of(*flag(here.conn, [the_flag])).reason == GapReason.THROTTLED
    assert len(here.faults.seen) == 1


def test_a_wrong_token_or_an_sdk_key_is_denied_and_named_as_such(place, the_flag):
    here = place()
    for token in ("another", next(iter(here.access.sdk_keys.values()))):
        gap = gap_of(*flag(here.as_(token=token), [the_flag]))
        assert (gap.reason, gap.status) == (GapReason.DENIED, 401)
        assert token not in gap.to_bytes().decode()


def test_without_a_token_nothing_is_asked(place, the_flag):
    here = place()
    gap = gap_of(*flag(here.as_(token=None), [the_flag]))
    assert gap.reason == GapReason.NOT_CONFIGURED
    assert "LAUNCHDARKLY_ACCESS_TOKEN" in gap.what
    assert gap.source.vendor == "launchdarkly"
    assert here.faults.seen == []


def test_one_failing_question_leaves_the_others_alone(place, the_flag):
    other = FlagAsk(project="agents", environment="production", flag="unknown")
    first, second = flag(place().conn, [other, the_flag])
    assert gap_of(first).reason == GapReason.GONE
    assert facts_of(second).on.value == "on"


def test_keys_addresses_and_contexts_never_reach_the_evidence(place, the_flag):
    sdk_shaped = "sdk-01234567-89ab-4cde-8f01-23456789abcd"

    def with_secrets(body: Any) -> Any:
        body["environments"]["production"] |= {
            "apiKey": "sdk-secret", "mobileKey": "mob-secret",
            "targets": [{"values": ["jane@acme.example"], "variation": 1}],
        }  # fmt: skip
        return body | {
            "_maintainer": {"email": "m@acme.example"},
            "description": f"uses {sdk_shaped} and sandbox-sdk-agents-production",
        }

    answer = evidence_of(*flag(place(edits={FLAG: with_secrets}).conn, [the_flag]))
    kept = answer.to_bytes().decode()
    for secret in ("sdk-secret", "mob-secret", sdk_shaped, "sandbox-sdk-agents-production", "acme.example"):
        assert secret not in kept
    assert {"apiKey", "mobileKey", "values", "_maintainer", "keys in text"} <= set(answer.redacted)


def test_other_environments_of_the_flag_are_not_kept(place, the_flag):
    def with_staging(body: Any) -> Any:
        body["environments"]["staging"] = body["environments"]["production"]
        return body

    answer = evidence_of(*flag(place(edits={FLAG: with_staging}).conn, [the_flag]))
    assert resolve(answer.body, "/flag/environments").keys() == {"production"}  # type: ignore[union-attr]


@pytest.mark.parametrize(("method", "path"), [("PATCH", "/api/v2/flags/agents/x"), ("GET", "/api/v2/members")])
def test_whatever_is_not_on_the_list_is_not_sent(place, method, path):
    here = place()
    with rest_client(here.access, here.conn.log("launchdarkly"), 1.0) as http, pytest.raises(NotAllowed):
        http.request(method, path)
    assert here.faults.seen == []


@pytest.mark.parametrize("host", ["app.launchdarkly.com", "app.launchdarkly.us", "app.eu.launchdarkly.com"])
def test_each_instance_of_the_vendor_is_no_sandbox(host):
    assert not rest_source(LaunchDarklyAccess("t", f"https://{host}")).sandbox
    assert rest_source(LaunchDarklyAccess("t", f"https://{host}.example")).sandbox


def test_the_list_holds_nothing_but_reads():
    assert {rule.method for rule in ALLOWED} == {"GET"}
