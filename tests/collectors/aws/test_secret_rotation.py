"""aws.secret_rotation over real HTTP: what proves a rotation, and what does not."""

import json

import pytest

from collectors.aws.facts import SecretRotationAsk, SecretRotationFacts
from collectors.aws.rotation import secret_rotation
from collectors.evidence import Answer, Evidence, GapReason
from collectors.sandbox.faults import Fault
from tests.collectors.aws.aws_door import Door, check_pointers


def told(door: Door, secret: str) -> SecretRotationFacts:
    found = door.evidence(secret_rotation, SecretRotationAsk(secret=secret)).facts
    assert isinstance(found, SecretRotationFacts)
    return found


def short(version: str) -> str:
    return version.rpartition("-")[2]


@pytest.mark.parametrize(("secret", "day"), [("finance/netsuite", "2026-05-27"), ("finance/anthropic", "2026-06-03")])
def test_in_both_worlds_each_credential_was_rotated_once(either: Door, secret: str, day: str) -> None:
    found = told(either, secret)
    assert found.state.value == "active"
    assert [r.at.value.date().isoformat() for r in found.rotations] == [day]
    assert found.created is not None
    assert found.created.value < found.rotations[0].at.value


def test_a_change_without_a_new_version_is_no_rotation(odd: Door) -> None:
    assert told(odd, "touched-only").rotations == ()


def test_a_pending_version_is_a_rotation_that_fails_and_none_that_happened(odd: Door) -> None:
    found = told(odd, "stuck")
    assert (found.state.value, found.rotations) == ("rotation failing", ())


def test_a_next_rotation_that_lies_in_the_past_is_failing_and_keeps_those_that_happened(odd: Door) -> None:
    found = told(odd, "overdue")
    assert found.state.value == "rotation failing"
    assert [short(r.version.value) for r in found.rotations] == ["v2"]


@pytest.mark.parametrize(("enabled", "state"), [(False, "active"), (None, "active"), (True, "rotation failing")])
def test_rules_that_stayed_after_rotation_was_switched_off_say_nothing(
    odd: Door, enabled: bool | None, state: str
) -> None:
    """Nor does the date that was once set; only where rotation is on is it overdue."""
    described = {"Name": "overdue", "ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:overdue-cccccc",
                 "RotationEnabled": enabled, "RotationRules": {"AutomaticallyAfterDays": 30},
                 "NextRotationDate": 1780185600}  # fmt: skip
    odd.proxy.set(Fault(kind="status", status=200, body=json.dumps(described), times=1))
    assert told(odd, "overdue").state.value == state


def test_a_secret_on_its_way_out_is_deleted(odd: Door) -> None:
    assert told(odd, "going").state.value == "deleted"


def test_a_rotation_that_was_rolled_back_is_none(odd: Door) -> None:
    assert told(odd, "rolled-back").rotations == ()


def test_versions_are_read_to_the_last_page_and_those_without_a_label_are_not_rotations(odd: Door) -> None:
    found = odd.evidence(secret_rotation, SecretRotationAsk(secret="long"))
    assert (found.completeness.pages, found.completeness.items) == (3, 230)
    assert "228 without a label" in found.completeness.note
    assert isinstance(found.facts, SecretRotationFacts)
    assert [(short(r.version.value), r.stage.value) for r in found.facts.rotations] == [
        ("v228", "AWSPREVIOUS"), ("v229", "AWSCURRENT"),
    ]  # fmt: skip


def test_a_secret_may_be_named_by_its_arn(odd: Door) -> None:
    found = told(odd, "arn:aws:secretsmanager:us-east-1:123456789012:secret:overdue-cccccc")
    assert found.secret.value == "overdue"


def test_the_evidence_knows_the_account_and_leaves_descriptions_out(either: Door) -> None:
    found = either.evidence(secret_rotation, SecretRotationAsk(secret="finance/netsuite"))
    assert found.source.account == "123456789012"
    assert found.redacted == ("secret.Description",)
    assert b"OAuth client" not in found.to_bytes()


def test_an_unknown_secret_is_gone(odd: Door) -> None:
    gap = odd.gap(secret_rotation, SecretRotationAsk(secret="nope"))
    assert (gap.reason, gap.status) == (GapReason.GONE, 400)
    assert "nope" in gap.what


def denied(after: int) -> Fault:
    return Fault(kind="status", status=400, body='{"__type": "AccessDeniedException", "message": "no"}', after=after)


@pytest.mark.parametrize(
    ("fault", "reason", "scope"),
    [
        (denied(0), GapReason.DENIED, "secretsmanager:DescribeSecret"),
        (denied(1), GapReason.DENIED, "secretsmanager:ListSecretVersionIds"),
        (denied(3), GapReason.DENIED, "secretsmanager:ListSecretVersionIds"),
        (Fault(kind="truncate"), GapReason.MALFORMED, ""),
        (Fault(kind="truncate", after=1), GapReason.MALFORMED, ""),
        (Fault(kind="truncate", after=3), GapReason.MALFORMED, ""),
        (Fault(kind="status", status=200, body="{}", after=1), GapReason.MALFORMED, ""),
        (Fault(kind="status", status=200, body='{"Name": "long", "Versions": [{}]}', after=1), GapReason.MALFORMED, ""),
        (
            Fault(kind="status", status=200, body='{"Name": "long", "Versions": [], "NextToken": "x"}', after=1),
            GapReason.TRUNCATED,
            "",
        ),
    ],
)
def test_each_failure_is_a_gap_and_never_a_shorter_list(odd: Door, fault: Fault, reason: GapReason, scope: str) -> None:
    gap = odd.gap(secret_rotation, SecretRotationAsk(secret="long"), fault)
    assert (gap.reason, gap.scope) == (reason, scope), gap


# --- many together ---------------------------------------------------------------------------------------------------

NAMES = ("touched-only", "stuck", "overdue", "going", "rolled-back")
LISTS, DESCRIBES, VERSIONS = "ListSecrets", "DescribeSecret", "ListSecretVersionIds"


def many(count: int) -> list[SecretRotationAsk]:
    """The odd secrets, and as many that do not exist."""
    return [SecretRotationAsk(secret=name) for name in (*NAMES, *(f"nope-{i}" for i in range(count - len(NAMES))))]


def asked(door: Door, operation: str) -> int:
    """How many different questions; the SDK may have put one of them twice."""
    return len({one.body for one in door.proxy.seen if one.headers.get("x-amz-target", "").endswith(f".{operation}")})


def answers(door: Door, asks: list[SecretRotationAsk], *faults: Fault) -> list[Answer]:
    door.proxy.seen.clear()
    door.proxy.set(*faults)
    return secret_rotation(door.conn, asks)


def judged(found: list[Answer]) -> list[object]:
    """What a probe sees: the facts, or why there are none."""
    return [one.facts if isinstance(one, Evidence) else one.reason for one in found]


def test_many_secrets_are_described_by_pages_of_the_accounts_list(odd: Door) -> None:
    """What the list does not hold is asked for by itself: it is gone, and not merely unlisted."""
    found = answers(odd, many(20))
    assert (asked(odd, LISTS), asked(odd, DESCRIBES), asked(odd, VERSIONS)) == (1, 15, 5)
    for one in found[:5]:
        assert isinstance(one, Evidence)
        check_pointers(one)
        assert [call.path.partition(":")[2] for call in one.calls] == [LISTS, VERSIONS]
        assert "five minutes" in one.completeness.note
    assert judged(found[5:]) == [GapReason.GONE] * 15


@pytest.mark.parametrize(
    "fault",
    [Fault(kind="status", status=400, body='{"__type": "AccessDeniedException"}', times=1), Fault(kind="cut", times=4),
     Fault(kind="status", status=200, body="{}", times=1),
     Fault(kind="status", status=200, body='{"SecretList": [null, {"Name": "overdue", "ARN": "a"}]}', times=1)],
)  # fmt: skip
def test_the_list_is_a_short_cut_and_changes_no_answer(odd: Door, fault: Fault) -> None:
    """Read, refused, cut or empty: each secret says the same, and one that is on its way out is in the list too."""
    alone = [answers(odd, [ask])[0] for ask in many(5)]
    assert judged(answers(odd, many(20))[:5]) == judged(alone)
    assert judged(answers(odd, many(20), fault)[:5]) == judged(alone)
    assert asked(odd, DESCRIBES) == 20


def test_a_few_secrets_are_asked_for_one_by_one_because_the_list_may_lag(odd: Door) -> None:
    answers(odd, many(10))
    assert (asked(odd, LISTS), asked(odd, DESCRIBES)) == (0, 10)


def test_a_secret_whose_labels_in_the_list_are_not_its_versions_is_asked_for_by_itself(odd: Door) -> None:
    """The list still shows it as it was before a rotation that is under way."""
    behind = {"Name": "stuck", "ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:stuck-bbbbbb",
              "CreatedDate": 1775001600, "SecretVersionsToStages": {"old": ["AWSCURRENT"]}}  # fmt: skip
    late = Fault(kind="status", status=200, body=json.dumps({"SecretList": [behind]}), times=1)
    stuck = answers(odd, many(20), late)[1]
    assert isinstance(stuck, Evidence)
    assert isinstance(stuck.facts, SecretRotationFacts)
    assert stuck.facts.state.value == "rotation failing"
    assert [call.path.partition(":")[2] for call in stuck.calls] == [LISTS, VERSIONS, DESCRIBES]
    assert stuck.completeness.note == ""


def test_a_list_longer_than_it_is_worth_is_not_read_to_its_end(odd: Door) -> None:
    """Each page has to spare ten calls; one that leads back to itself ends it as well."""
    bodies = (json.dumps({"SecretList": [], "NextToken": str(i)}) for i in range(9))
    pages = [Fault(kind="status", status=200, body=body, times=1) for body in bodies]
    answers(odd, many(30), *pages[:3])
    assert (asked(odd, LISTS), asked(odd, DESCRIBES)) == (3, 30)
    same = Fault(kind="status", status=200, body='{"SecretList": [], "NextToken": "x"}', times=2)
    answers(odd, many(30), same)
    assert asked(odd, LISTS) == 2
