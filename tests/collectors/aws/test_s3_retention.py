"""s3.retention over real HTTP: what it says of each kind of bucket, and what each failure becomes."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from collectors.aws.facts import RetentionAsk, RetentionFacts
from collectors.aws.retention import retention
from collectors.evidence import Evidence, Gap, GapReason
from collectors.sandbox.faults import Fault
from tests.collectors.aws.aws_door import Door, check_pointers
from tests.collectors.failures import long_enough

AUDIT = RetentionAsk(bucket="acme-agent-audit", prefix="finance-invoice-recon/")
OURS, THEIRS = "123456789012", "999988887777"
# has a lifecycle, versions and a lock, so all three answer 200; STS is not asked
SPLIT = RetentionAsk(bucket="split", prefix="a/", owner=OURS)


SETTINGS = [
    "s3:GetBucketVersioning", "s3:GetBucketLifecycleConfiguration", "s3:GetObjectLockConfiguration",
    "s3:GetBucketReplication",
]  # fmt: skip


def told(door: Door, bucket: str, prefix: str = "") -> RetentionFacts:
    found = door.evidence(retention, RetentionAsk(bucket=bucket, prefix=prefix)).facts
    assert isinstance(found, RetentionFacts)
    return found


def limits(found: RetentionFacts) -> tuple[float | None, float | None]:
    return (found.floor.value if found.floor else None, found.ceiling.value if found.ceiling else None)


def test_in_both_worlds_the_audit_log_outlives_seven_calendar_years(either: Door) -> None:
    found = told(either, AUDIT.bucket, AUDIT.prefix)
    assert found.floor is not None
    assert found.floor.value >= 2557
    assert found.floor_rule is not None
    assert found.floor_rule.value == "finance-invoice-recon-seven-years"
    assert (found.versioning.value, found.lock.value) == ("Enabled", "COMPLIANCE")
    assert found.lock_days is not None
    assert found.lock_days.value == 2557


def test_the_evidence_names_a_sandbox_its_calls_and_no_secret(either: Door) -> None:
    found = either.evidence(retention, AUDIT)
    assert found.source.sandbox
    assert [c.path for c in found.calls] == ["sts:GetCallerIdentity", *SETTINGS]
    assert [c.status for c in found.calls] == [200, 200, 200, 200, 404]  # no replication is set
    assert either.world.credentials.aws_secret_key.encode() not in found.to_bytes()
    assert either.world.credentials.aws_access_key.encode() not in found.to_bytes()


def test_a_bucket_without_rules_never_destroys(odd: Door) -> None:
    found = told(odd, "bare")
    assert limits(found) == (None, None)
    assert (found.versioning.value, found.lock.value, found.rules.value) == ("never enabled", "none", 0)


def test_a_longer_prefix_with_a_shorter_life_sets_the_floor_and_not_the_ceiling(odd: Door) -> None:
    found = told(odd, "plain", "logs/agent/")
    assert limits(found) == (10, 31)
    assert found.floor_rule is not None
    assert found.floor_rule.value == "rule 3"


def test_suspended_versioning_counts_as_none_for_the_floor(odd: Door) -> None:
    assert limits(told(odd, "suspended")) == (100, 106)


def test_versions_that_are_kept_without_limit_have_no_ceiling_and_a_lock_does_not_raise_the_floor(odd: Door) -> None:
    found = told(odd, "marked")
    assert limits(found) == (None, None)
    assert found.lock.value == "GOVERNANCE"
    assert found.lock_days is not None
    assert found.lock_days.value == 2557  # seven calendar years from 2026-06-12


def test_two_rules_together_set_a_floor_and_both_are_named(odd: Door) -> None:
    found = told(odd, "split", "a/")
    assert limits(found) == (405, None)
    assert found.floor_rule is not None
    assert found.floor_rule.value == "expire with forget"
    assert found.lock.value == "none"  # switched on, without a default: protects nothing


def test_a_date_to_come_is_a_floor_of_zero(odd: Door) -> None:
    assert limits(told(odd, "doomed")) == (0, None)


def test_a_batch_keeps_its_order_and_one_failure_leaves_the_others_alone(odd: Door) -> None:
    names = ["plain", "no-such-bucket", "bare", "Not_A_Name", *["plain"] * 20]
    answers = retention(odd.conn, [RetentionAsk(bucket=name) for name in names])
    assert [a.params["bucket"] for a in answers] == names
    kinds = [a.reason if isinstance(a, Gap) else None for a in answers]
    assert kinds == [None, GapReason.GONE, None, GapReason.GONE, *[None] * 20]
    assert all(len(a.calls) == 5 for a in answers if isinstance(a, Evidence))


def test_the_bucket_must_be_our_own_accounts_where_the_card_names_none(odd: Door) -> None:
    """The account is the one that STS names, asked once for a batch; nothing else that it says is kept."""
    answers = retention(odd.conn, [RetentionAsk(bucket=name) for name in ("bare", "plain", "split")])
    assert [one.path for one in odd.proxy.seen].count("/") == 1
    for answer in answers:
        assert isinstance(answer, Evidence)
        check_pointers(answer)
        assert isinstance(answer.facts, RetentionFacts)
        assert (answer.facts.owner.value, answer.facts.owner.pointer) == (OURS, "/caller/Account")
        assert (answer.source.account, answer.body["caller"]) == (OURS, {"Account": OURS})
        assert answer.redacted == ("caller.Arn", "caller.UserId")
        assert b"assumed-role" not in answer.to_bytes()


def test_s3_is_told_the_owner_with_every_question(odd: Door) -> None:
    found = odd.evidence(retention, SPLIT)
    assert [one.headers["x-amz-expected-bucket-owner"] for one in odd.proxy.seen] == [OURS] * 4
    assert [c.path for c in found.calls] == SETTINGS
    assert isinstance(found.facts, RetentionFacts)
    assert found.facts.owner.pointer == "/asked/ExpectedBucketOwner"


@pytest.mark.parametrize("bucket", ["plain", "bare", "split"])
def test_a_bucket_of_the_same_name_in_another_account_never_answers(odd: Door, bucket: str) -> None:
    """It may keep everything for ever: it is not the one on the card. S3 calls that a refusal, so both are named."""
    gap = odd.gap(retention, RetentionAsk(bucket=bucket, owner=THEIRS))
    assert (gap.reason, gap.status) == (GapReason.DENIED, 403)
    assert f"or the bucket is not one of account {THEIRS}" in gap.what
    assert "name that account as `owner`" in gap.next_step


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(kind="status", status=403, body="<E><Error><Code>ExpiredToken</Code></Error></E>"), GapReason.DENIED),
        (Fault(kind="status", status=500), GapReason.UNREACHABLE),
        (Fault(kind="hang"), GapReason.UNREACHABLE),
        (Fault(kind="truncate"), GapReason.MALFORMED),
        (Fault(kind="status", status=200, body="<html/>"), GapReason.MALFORMED),
        (Fault(kind="status", status=200, body="<R><GetCallerIdentityResult><Account>acme</Account>"
                                               "</GetCallerIdentityResult></R>"), GapReason.MALFORMED),
    ],
)  # fmt: skip
def test_without_a_known_owner_no_bucket_is_asked(odd: Door, fault: Fault, reason: GapReason) -> None:
    """Whose account it is may not be guessed; the other questions of the batch share the failure and its calls."""
    odd.proxy.set(fault.model_copy(update={"path": "/"}))
    asks = [RetentionAsk(bucket=name) for name in ("plain", "bare")]
    answers = retention(replace(odd.conn, timeout=long_enough(fault)), asks)
    assert {one.path for one in odd.proxy.seen} == {"/"}
    for gap in answers:
        assert isinstance(gap, Gap)
        assert gap.reason is reason, gap
        assert "sts:GetCallerIdentity" in gap.what
        assert "`owner`" in gap.next_step
        assert gap.calls == answers[0].calls


@pytest.mark.parametrize("owner", ["acme", "12345678901", "1234567890123", ""])
def test_an_owner_that_is_no_account_is_refused(owner: str) -> None:
    with pytest.raises(ValidationError):
        RetentionAsk(bucket="plain", owner=owner)


XML = "<Error><Code>{}</Code><Message>m</Message></Error>"


def status(code: int, name: str = "", after: int = 0) -> Fault:
    return Fault(kind="status", status=code, body=XML.format(name) if name else "", after=after)


@pytest.mark.parametrize(
    ("fault", "reason", "scope"),
    [
        (status(403, "AccessDenied"), GapReason.DENIED, "s3:GetBucketVersioning"),
        (status(403, "AccessDenied", after=1), GapReason.DENIED, "s3:GetLifecycleConfiguration"),
        (status(403, "AccessDenied", after=2), GapReason.DENIED, "s3:GetBucketObjectLockConfiguration"),
        (status(403, after=1), GapReason.DENIED, "s3:GetLifecycleConfiguration"),
        (status(403, "ExpiredToken"), GapReason.DENIED, ""),
        (status(404, "NoSuchBucket", after=1), GapReason.GONE, ""),
        (status(404, after=1), GapReason.GONE, ""),
        (status(404, "SomethingElse", after=1), GapReason.GONE, ""),
        (status(400, "SomethingElse"), GapReason.MALFORMED, ""),
        (Fault(kind="truncate", after=1), GapReason.MALFORMED, ""),
        (status(200), GapReason.MALFORMED, ""),
        (status(200, after=1), GapReason.MALFORMED, ""),
        (Fault(kind="status", status=200, body="<html>Please log in</html>"), GapReason.MALFORMED, ""),
        (Fault(kind="status", status=200, body="<html>Please log in</html>", after=1), GapReason.MALFORMED, ""),
        (Fault(kind="status", status=200, body="<html>Please log in</html>", after=2), GapReason.MALFORMED, ""),
        (Fault(kind="status", status=200, body="<html>Please log in</html>", after=3), GapReason.MALFORMED, ""),
        (status(403, "ExpiredToken", after=3), GapReason.DENIED, ""),
        (status(404, "NoSuchBucket", after=3), GapReason.GONE, ""),
        (status(503, "SlowDown", after=3), GapReason.THROTTLED, ""),
        (status(500, after=3), GapReason.UNREACHABLE, ""),
        (status(503, "SlowDown"), GapReason.THROTTLED, ""),
        (status(500), GapReason.UNREACHABLE, ""),
        (Fault(kind="refuse"), GapReason.UNREACHABLE, ""),
        (Fault(kind="cut"), GapReason.UNREACHABLE, ""),
        (Fault(kind="hang"), GapReason.UNREACHABLE, ""),
    ],
)
def test_each_failure_is_a_gap_of_its_own_kind(odd: Door, fault: Fault, reason: GapReason, scope: str) -> None:
    gap = odd.gap(retention, SPLIT, fault, timeout=long_enough(fault))
    assert (gap.reason, gap.scope) == (reason, scope), gap
    assert "aws s3:Get" in gap.what


def test_a_failure_that_passes_is_retried_and_every_answer_is_recorded(odd: Door) -> None:
    odd.proxy.set(Fault(kind="status", status=500, times=1))
    found = odd.evidence(retention, SPLIT)
    assert [c.status for c in found.calls] == [500, 200, 200, 200, 404]


# --- Object Lock -----------------------------------------------------------------------------------------------------


def locked(default: str) -> Fault:
    inner = f"<ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>{default}</DefaultRetention></Rule>"
    body = f"<ObjectLockConfiguration>{inner}</ObjectLockConfiguration>"
    return Fault(kind="status", status=200, body=body, after=2, times=1)


def under(odd: Door, default: str, bucket: str = "suspended") -> RetentionFacts:
    """The facts of a bucket whose lifecycle alone takes everything after 106 days, with this default lock."""
    odd.proxy.set(locked(default))
    found = odd.evidence(retention, RetentionAsk(bucket=bucket, owner=OURS)).facts
    assert isinstance(found, RetentionFacts)
    return found


@pytest.mark.parametrize("mode", ["COMPLIANCE", "GOVERNANCE"])
@pytest.mark.parametrize(("days", "ceiling"), [(30, 106), (105, 106), (106, 107), (3650, 3651)])
def test_nothing_is_gone_before_its_lock_ends_and_the_floor_is_left_to_the_rules(
    odd: Door, mode: str, days: int, ceiling: int
) -> None:
    found = under(odd, f"<Mode>{mode}</Mode><Days>{days}</Days>")
    assert limits(found) == (100, ceiling)
    assert (found.lock.value, found.lock_days and found.lock_days.value) == (mode, days)
    assert found.ceiling_rule is not None
    assert (found.ceiling_rule.value == "the default lock") == (ceiling != 106)


def test_a_lock_bounds_nothing_that_no_rule_destroys(odd: Door) -> None:
    assert limits(under(odd, "<Mode>COMPLIANCE</Mode><Years>1</Years>", "bare")) == (None, None)


@pytest.mark.parametrize("mode", ["", "<Mode>COMPLIANCE</Mode><Days>30</Days>"])
def test_an_event_hold_has_no_end_that_could_be_told(odd: Door, mode: str) -> None:
    found = under(odd, f"{mode}<DefaultEventHold><Days>9</Days></DefaultEventHold>")
    assert limits(found) == (100, None)
    assert found.ceiling_rule is None
    assert found.lock.value == ("COMPLIANCE" if mode else "none")


@pytest.mark.parametrize("period", ["<Days>-1</Days>", "<Days>0</Days>", "<Years>99999</Years>", "<Days>9e9</Days>"])
def test_a_period_that_cannot_be_is_malformed(odd: Door, period: str) -> None:
    gap = odd.gap(retention, RetentionAsk(bucket="bare", owner=OURS), locked(f"<Mode>COMPLIANCE</Mode>{period}"))
    assert gap.reason is GapReason.MALFORMED


# --- replication -----------------------------------------------------------------------------------------------------


def test_what_is_copied_is_told_rule_by_rule_with_where_to(odd: Door) -> None:
    """Of five rules one is off; all that the others select lies, or may lie, under the prefix."""
    found = told(odd, "copied", "logs/")
    assert [
        (c.rule.value, c.objects.value, c.bucket.value, c.account and c.account.value, c.delete_markers.value)
        for c in found.copies
    ] == [
        ("all-logs", "covers", "acme-dr", "999988887777", "Enabled"),
        ("replication rule 3", "touches", "acme-low", None, "Disabled"),
        ("deep", "touches", "acme-deep", None, "not said"),
        ("elsewhere", "touches", "acme-tagged", None, "Disabled"),
    ]


def test_a_rule_for_another_prefix_copies_nothing_of_this_one(odd: Door) -> None:
    assert [c.rule.value for c in told(odd, "copied", "metrics/").copies] == ["elsewhere"]


def test_nothing_is_gone_while_a_copy_may_live_elsewhere_and_the_floor_is_that_of_this_bucket(odd: Door) -> None:
    found = told(odd, "copied", "logs/")
    assert limits(found) == (30, None)
    assert found.ceiling_rule is not None
    assert found.ceiling_rule.value == "all-logs"
    assert found.floor_rule is not None
    assert found.floor_rule.value == "thirty"


def test_replication_that_we_may_not_read_leaves_the_floor_and_takes_the_ceiling(odd: Door) -> None:
    """A permission less is never a better answer: the ceiling of 106 days is not known then, and the facts say why."""
    ask = RetentionAsk(bucket="suspended", owner=OURS)
    whole = odd.evidence(retention, ask).facts
    odd.proxy.set(status(403, "AccessDenied", after=3))
    found = odd.evidence(retention, ask)
    assert isinstance(whole, RetentionFacts)
    assert isinstance(found.facts, RetentionFacts)
    assert (limits(whole), whole.replication.value) == ((100, 106), "read")
    assert (limits(found.facts), found.facts.replication.value, found.facts.copies) == ((100, None), "denied", ())
    assert found.body["replication"] == {
        "Error": {"Code": "denied", "Status": 403, "Needs": "s3:GetReplicationConfiguration"}
    }


def configured(rules: str) -> Fault:
    body = f"<ReplicationConfiguration><Role>r</Role>{rules}</ReplicationConfiguration>"
    return Fault(kind="status", status=200, body=body, after=3)


TO = "<Destination><Bucket>arn:aws:s3:::b</Bucket></Destination>"


@pytest.mark.parametrize(
    "rules",
    ["", "<Rule><Status>Enabled</Status></Rule>", f"<Rule>{TO}</Rule>", f"<Rule><Status>On</Status>{TO}</Rule>",
     "<Rule><Status>Enabled</Status><Destination/></Rule>", "<Rule><Sta"],
)  # fmt: skip
def test_a_replication_that_is_not_what_the_contract_says_is_malformed(odd: Door, rules: str) -> None:
    assert odd.gap(retention, SPLIT, configured(rules)).reason is GapReason.MALFORMED


def test_a_rule_without_a_filter_copies_everything(odd: Door) -> None:
    odd.proxy.set(configured(f"<Rule><Status>Enabled</Status>{TO}</Rule>"))
    found = odd.evidence(retention, SPLIT).facts
    assert isinstance(found, RetentionFacts)
    assert [c.objects.value for c in found.copies] == ["covers"]
