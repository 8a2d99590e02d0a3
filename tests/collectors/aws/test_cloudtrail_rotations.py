"""cloudtrail.rotations over real HTTP: what the event history proves, what it hints at, and what it cannot know."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from pydantic import ValidationError

from agent.domain import Outcome
from agent.probes.identity import credential_rotated_in_pilot
from collectors.aws.cloudtrail import rotations
from collectors.aws.facts import TrailRotationsAsk, TrailRotationsFacts
from collectors.aws.trail_proof import OF_SECRET
from collectors.evidence import Evidence, Gap, GapReason, Window
from collectors.rate import SHARES
from collectors.sandbox.faults import Fault
from tests.collectors.aws.aws_door import Door, opened
from tests.collectors.aws.trail_estate import DAY, PILOT, event, put, write


def of_secret(name: str, window: Window = PILOT) -> TrailRotationsAsk:
    return TrailRotationsAsk(secret=name, window=window)


def of_user(name: str) -> TrailRotationsAsk:
    return TrailRotationsAsk(name=name, window=PILOT)


def facts_of(door: Door, ask: TrailRotationsAsk) -> TrailRotationsFacts:
    found = door.evidence(rotations, ask).facts
    assert isinstance(found, TrailRotationsFacts)
    return found


@pytest.mark.parametrize(
    ("ask", "day"),
    [
        (of_secret("finance/netsuite"), "2026-05-27"),
        (of_secret("finance/anthropic"), "2026-06-03"),
        (of_user("svc-invoice-archive"), "2026-05-28"),
    ],
)
def test_in_both_worlds_each_credential_was_rotated_once(either: Door, ask: TrailRotationsAsk, day: str) -> None:
    found = facts_of(either, ask)
    assert found.state.value == "active"
    assert [r.at.value.date().isoformat() for r in found.rotations] == [day]
    finding = credential_rotated_in_pilot(found, credential="c", window=PILOT)
    assert finding.outcome is Outcome.PASS


@pytest.mark.parametrize(("name", "stage"), [("put", "PutSecretValue"), ("by-arn", "PutSecretValue"),
                                             ("staged", "UpdateSecretVersionStage")])  # fmt: skip
def test_a_new_value_that_is_current_now_is_a_rotation(told: Door, name: str, stage: str) -> None:
    (rotation,) = facts_of(told, of_secret(name)).rotations
    assert (rotation.stage.value, rotation.version.value[-2:]) == (stage, "v2")


def test_a_secret_may_be_asked_for_by_its_arn(told: Door) -> None:
    assert facts_of(told, of_secret("arn:aws:secretsmanager:us-east-1:123456789012:secret:put-xxxxxx")).rotations


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("first", "PutSecretValue"),  # perhaps the first value of all
        ("rolled", "UpdateSecretVersionStage"),  # perhaps the old value again
        ("unseen", "PutSecretValue"),  # not current now, and nothing says why
        ("asked", "RotateSecret"),  # begun; that it succeeded is said by an event whose meaning is not confirmed
        ("pending", "PutSecretValue"),
        ("odd-labels", "PutSecretValue"),
        ("touched", "UpdateSecret"),
    ],
)
def test_a_hint_without_proof_is_unknown_and_never_a_rotation(told: Door, name: str, hint: str) -> None:
    gap = told.gap(rotations, of_secret(name))
    assert gap.reason is GapReason.BLIND
    assert hint in gap.what
    assert "aws.secret_rotation" in gap.next_step


@pytest.mark.parametrize("name", ["quiet", "refused"])
def test_without_any_event_that_had_an_effect_nothing_was_rotated(told: Door, name: str) -> None:
    found = facts_of(told, of_secret(name))
    assert (found.rotations, found.unproven, found.state.value) == ((), (), "active")
    finding = credential_rotated_in_pilot(found, credential="c", window=PILOT)
    assert finding.outcome is Outcome.FAIL


def test_a_rotation_that_may_have_failed_since_is_unknown(told: Door) -> None:
    found = facts_of(told, of_secret("failing"))
    assert (found.state.value, len(found.rotations)) == ("rotation may have failed", 1)
    finding = credential_rotated_in_pilot(found, credential="c", window=PILOT)
    assert finding.outcome is Outcome.UNKNOWN


def test_a_secret_on_its_way_out_is_deleted(told: Door) -> None:
    assert facts_of(told, of_secret("gone")).state.value == "deleted"


@pytest.mark.parametrize("name", ["kept", "swapped"])
def test_a_new_key_whose_elder_is_inactive_or_gone_is_a_rotation(told: Door, name: str) -> None:
    (rotation,) = facts_of(told, of_user(name)).rotations
    assert (rotation.at.value, rotation.stage.value) == (datetime.fromisoformat(DAY), "CreateAccessKey")


def test_a_new_key_beside_one_that_still_works_is_no_rotation(told: Door) -> None:
    found = facts_of(told, of_user("half"))
    assert (found.rotations, found.unproven, found.state.value) == ((), (), "half rotated")


@pytest.mark.parametrize("name", ["fresh", "unlisted", "new"])
def test_a_new_key_that_is_not_shown_to_replace_another_is_unknown(told: Door, name: str) -> None:
    """For "unlisted" IAM knows of a key that the history does not: where IAM's events lie is not confirmed."""
    assert told.gap(rotations, of_user(name)).reason is GapReason.BLIND


@pytest.mark.parametrize(("name", "state"), [("still", "active"), ("keyless", "inactive")])
def test_a_user_without_a_new_key_was_not_rotated(told: Door, name: str, state: str) -> None:
    found = facts_of(told, of_user(name))
    assert (found.rotations, found.state.value) == ((), state)


@pytest.mark.parametrize("ask", [of_secret("nope"), of_user("nobody")])
def test_a_name_that_nothing_bears_is_gone_and_not_a_credential_without_rotations(
    told: Door, ask: TrailRotationsAsk
) -> None:
    assert told.gap(rotations, ask).reason is GapReason.GONE


def test_a_window_that_begins_before_the_ninety_days_is_blind_and_asks_nothing(told: Door) -> None:
    old = PILOT.model_copy(update={"start": told.world.clock - timedelta(days=90, seconds=1)})
    gap = told.gap(rotations, of_secret("put", old))
    assert (gap.reason, told.proxy.seen) == (GapReason.BLIND, [])
    assert "ninety days" in gap.what


def test_a_window_that_has_not_begun_is_blind(told: Door) -> None:
    coming = Window(start=told.world.clock, end=told.world.clock + timedelta(days=1))
    assert told.gap(rotations, of_secret("put", coming)).reason is GapReason.BLIND


@pytest.mark.parametrize("given", [{}, {"secret": "put", "name": "kept"}])
def test_the_question_names_one_secret_or_one_user(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="not both"):
        TrailRotationsAsk(**given, window=PILOT)  # type: ignore[arg-type]


def test_a_batch_makes_each_lookup_once_and_every_answer_records_it(told: Door) -> None:
    answers = rotations(told.conn, [of_secret("put"), of_user("kept"), of_secret("quiet"), of_secret("nope")])
    assert [type(answer) for answer in answers] == [Evidence, Evidence, Evidence, Gap]
    lookups = [asked for asked in told.proxy.seen if b"LookupAttributes" in asked.body]
    assert len(lookups) == len(OF_SECRET) + 2
    one, _, other, _ = answers
    assert isinstance(one, Evidence)
    assert isinstance(other, Evidence)
    assert len(one.calls) == len(other.calls) == 1 + len(OF_SECRET)


def test_who_rests_on_a_lookup_of_another_is_no_younger_than_it(told: Door) -> None:
    """What happened after it was asked is not in it, however late whoever needs it comes."""
    minutes = count()
    conn = replace(told.conn, clock=lambda: told.world.clock + timedelta(minutes=next(minutes)))
    answers = rotations(conn, [of_secret("put"), of_secret("quiet"), of_secret("by-arn")])
    lookups = [json.loads(asked.body) for asked in told.proxy.seen if b"LookupAttributes" in asked.body]
    seen = min(one["EndTime"] for one in lookups)
    assert [one.collected_at.timestamp() <= seen for one in answers if isinstance(one, Evidence)] == [True] * 3


def test_each_lookup_has_one_attribute_the_window_and_pages_of_fifty(told: Door) -> None:
    told.evidence(rotations, of_secret("put"))
    sent = [json.loads(asked.body) for asked in told.proxy.seen if b"LookupAttributes" in asked.body]
    assert {len(one["LookupAttributes"]) for one in sent} == {1}
    assert {one["MaxResults"] for one in sent} == {50}
    assert {one["StartTime"] for one in sent} == {PILOT.start.timestamp()}


def test_lookups_take_half_of_the_two_a_second_that_aws_publishes() -> None:
    share = next(one for one in SHARES if one.covers("aws", "cloudtrail:LookupEvents"))
    assert share.per_second == 1


def test_that_the_last_minutes_may_be_missing_is_said(told: Door) -> None:
    note = told.evidence(rotations, of_secret("put")).completeness.note
    assert "events of the last minutes may not have appeared yet" in note


def bulk(count: int) -> list[dict[str, object]]:
    return [put("another", at=f"2026-05-21T{i // 3600:02}:{i // 60 % 60:02}:{i % 60:02}Z") for i in range(count)]


def test_the_history_is_read_to_its_last_page(tmp_path: Path) -> None:
    with opened(write(tmp_path / "w", bulk(120))) as door:
        found = door.evidence(rotations, of_secret("put"))
        assert found.completeness.pages == len(OF_SECRET) + 2
        assert [call.status for call in found.calls] == [200] * (len(OF_SECRET) + 3)


def test_a_history_that_does_not_end_is_truncated(tmp_path: Path) -> None:
    with opened(write(tmp_path / "w", bulk(2001))) as door:
        gap = door.gap(rotations, of_secret("put"))
        assert gap.reason is GapReason.TRUNCATED
        assert "40 pages of 50" in gap.what


def test_an_event_that_names_no_secret_may_be_anyones(tmp_path: Path) -> None:
    with opened(write(tmp_path / "w", [event("PutSecretValue", requestParameters=None)])) as door:
        assert door.gap(rotations, of_secret("quiet")).reason is GapReason.BLIND
        assert [e.event.value for e in facts_of(door, of_secret("put")).unproven] == ["PutSecretValue"]


def test_nobodys_name_and_no_whole_key_enters_the_evidence(told: Door) -> None:
    for ask in (of_user("swapped"), of_secret("put")):
        sealed = told.evidence(rotations, ask).to_bytes()
        assert b"ana@acme" not in sealed
        assert b"AKIASANDBOXTRAIL" not in sealed


def lookup(**page: object) -> str:
    whole = {"EventId": "e", "EventName": "PutSecretValue", "EventTime": 1779278400, "CloudTrailEvent": "{}"}
    return json.dumps({"Events": [whole | page.pop("event", {})], **page})  # type: ignore[operator]


REFUSED = '{"__type": "AccessDeniedException", "message": "no"}'
SLOW = '{"__type": "ThrottlingException", "message": "slow down"}'


@pytest.mark.parametrize(
    ("fault", "reason", "scope"),
    [
        (Fault(kind="status", status=400, body=REFUSED), GapReason.DENIED, "secretsmanager:DescribeSecret"),
        (Fault(kind="status", status=400, body=REFUSED, after=1), GapReason.DENIED, "cloudtrail:LookupEvents"),
        (Fault(kind="status", status=400, body=REFUSED, after=3), GapReason.DENIED, "cloudtrail:LookupEvents"),
        (Fault(kind="status", status=400, body=SLOW, after=1), GapReason.THROTTLED, ""),
        (Fault(kind="status", status=503, after=1), GapReason.UNREACHABLE, ""),
        (Fault(kind="cut", after=1), GapReason.UNREACHABLE, ""),
        (Fault(kind="refuse", after=1), GapReason.UNREACHABLE, ""),
        (Fault(kind="truncate", after=1), GapReason.MALFORMED, ""),
        (Fault(kind="status", status=200, body="{}", after=1), GapReason.MALFORMED, ""),
        (Fault(kind="status", status=200, body='{"Events": null}', after=1), GapReason.MALFORMED, ""),
        (Fault(kind="status", status=200, body='{"Events": [{}]}', after=1), GapReason.MALFORMED, ""),
        (
            Fault(kind="status", status=200, body=lookup(event={"CloudTrailEvent": "{"}), after=1),
            GapReason.MALFORMED,
            "",
        ),
        (
            Fault(kind="status", status=200, body=lookup(event={"CloudTrailEvent": "[]"}), after=1),
            GapReason.MALFORMED,
            "",
        ),
        (
            Fault(kind="status", status=200, body=lookup(event={"EventName": "RotateSecret"}), after=1),
            GapReason.MALFORMED,
            "",
        ),
        (Fault(kind="status", status=200, body=lookup(event={"EventTime": None}), after=1), GapReason.MALFORMED, ""),
        (Fault(kind="status", status=200, body=lookup(event={"EventId": "\ud800"}), after=1), GapReason.MALFORMED, ""),
        (Fault(kind="status", status=200, body=lookup(event={"EventTime": 1e308}), after=1), GapReason.MALFORMED, ""),
        (Fault(kind="status", status=200, body=lookup(NextToken="x"), after=1), GapReason.TRUNCATED, ""),
    ],
)
def test_each_failure_is_a_gap_and_never_a_shorter_history(
    told: Door, fault: Fault, reason: GapReason, scope: str
) -> None:
    gap = told.gap(rotations, of_secret("put"), fault)
    assert (gap.reason, gap.scope) == (reason, scope), gap


@pytest.mark.parametrize(
    "page",
    [
        {"event": {"CloudTrailEvent": None, "Resources": None, "EventSource": None}},
        {"event": {"CloudTrailEvent": '{"requestParameters": "text", "responseElements": [1]}'}},
        {"event": {"CloudTrailEvent": '{"requestParameters": {"secretId": 5, "clientRequestToken": "\\ud800"}}'}},
        {"event": {"Resources": [{"ResourceName": None}, {}]}},
    ],
)
def test_whatever_an_event_lacks_it_proves_nothing_and_breaks_nothing(told: Door, page: dict[str, object]) -> None:
    fault = Fault(kind="status", status=200, body=lookup(**page), after=1, times=1)
    gap = told.gap(rotations, of_secret("quiet"), fault)
    assert gap.reason is GapReason.BLIND
    assert gap.to_bytes()


def test_a_hang_ends_with_the_time_out(told: Door) -> None:
    assert told.gap(rotations, of_secret("put"), Fault(kind="hang"), timeout=0.2).reason is GapReason.UNREACHABLE


def test_without_settings_every_ask_is_not_configured(told: Door) -> None:
    answers = rotations(replace(told.conn, aws=None), [of_secret("put"), of_user("kept")])
    assert [a.reason for a in answers if isinstance(a, Gap)] == [GapReason.NOT_CONFIGURED] * 2


def test_users_are_looked_up_in_us_east_1_and_secrets_where_they_are(told: Door) -> None:
    assert told.conn.aws is not None
    abroad = replace(told.conn, aws=replace(told.conn.aws, region="eu-west-1"))
    rotations(abroad, [of_user("kept"), of_secret("put")])
    scopes = {(b"LookupAttributes" in a.body, b"AccessKey" in a.body, a.headers["authorization"].split("/")[2])
              for a in told.proxy.seen if b"LookupAttributes" in a.body}  # fmt: skip
    assert scopes == {(True, True, "us-east-1"), (True, False, "eu-west-1")}
