"""aws.backups over real HTTP: what was backed up of a resource, and what was restored of it."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from collectors.aws.backups import backups
from collectors.aws.safeguards import BackupsAsk, BackupsFacts
from collectors.evidence import Evidence, GapReason
from collectors.sandbox.faults import Fault
from tests.collectors.asked import TABLE
from tests.collectors.aws.aws_door import Door

ODD = BackupsAsk(resource="arn:aws:dynamodb:us-east-1:123456789012:table/odd")


def facts_of(door: Door, ask: BackupsAsk = ODD) -> BackupsFacts:
    found = door.evidence(backups, ask).facts
    assert isinstance(found, BackupsFacts)
    return found


def test_in_both_worlds_the_table_was_restored_and_validated_before_the_pilot(either: Door) -> None:
    found = facts_of(either, BackupsAsk(resource=TABLE))
    assert [one.state.value for one in found.points] == ["COMPLETED", "COMPLETED"]
    told = [(one.state.value, one.validated and one.validated.value) for one in found.restores]
    assert told == [("FAILED", None), ("COMPLETED", "SUCCESSFUL")]
    assert found.points[-1].created.value.date() == either.world.clock.date()


def test_a_restore_that_goes_on_has_no_end(odd: Door) -> None:
    assert [one.ended is None for one in facts_of(odd).restores] == [False, True, False]


def test_of_a_resource_that_nobody_backs_up_there_is_nothing(odd: Door) -> None:
    found = facts_of(odd, BackupsAsk(resource="arn:aws:s3:::nowhere"))
    assert (found.points, found.restores) == ((), ())


def test_roles_and_vaults_are_not_kept_and_the_account_is_that_of_the_resource(odd: Door) -> None:
    answer = odd.evidence(backups, ODD)
    assert b"role/restore" not in answer.to_bytes()
    assert answer.source.account == "123456789012"


@pytest.mark.parametrize("name", ["table", "arn:aws:rds", "arn:aws:rds:us-east-1:1:db:a", "arn:aws:rds:us-east-1::a b"])
def test_what_is_no_arn_is_not_asked_for(name: str) -> None:
    with pytest.raises(ValidationError):
        BackupsAsk(resource=name)


def says(body: object, after: int = 0, status: int = 200, times: int | None = None) -> Fault:
    return Fault(kind="status", status=status, body=json.dumps(body), after=after, times=times)


@pytest.mark.parametrize(
    ("after", "scope"),
    [(0, "backup:ListRecoveryPointsByResource"), (1, "backup:ListRestoreJobsByProtectedResource")],
)
def test_a_refusal_names_the_permission(odd: Door, after: int, scope: str) -> None:
    gap = odd.gap(backups, ODD, says({"__type": "AccessDeniedException", "message": "no"}, after, 403))
    assert (gap.reason, gap.scope) == (GapReason.DENIED, scope)
    assert scope in gap.what


@pytest.mark.parametrize(
    "broken",
    [
        says({}),
        says({"RecoveryPoints": [7]}),
        says({"RecoveryPoints": [{"Status": "COMPLETED"}]}),
        says({"RecoveryPoints": [{"Status": 3, "CreationDate": 1780000000}]}),
        says({"RestoreJobs": [{"Status": "COMPLETED"}]}, 1),
        says({"RestoreJobs": [{"Status": "COMPLETED", "CreationDate": 1, "SourceResourceArn": "arn:aws:s3:::b"}]}, 1),
    ],
)
def test_an_answer_that_is_not_the_contracts_is_malformed(odd: Door, broken: Fault) -> None:
    assert odd.gap(backups, ODD, broken).reason is GapReason.MALFORMED


def test_both_lists_are_read_to_the_last_page(odd: Door) -> None:
    """The second page of the real list begins with its second backup."""
    first = {"RecoveryPoints": [{"Status": "EXPIRED", "CreationDate": 1780000000}], "NextToken": "1"}
    odd.proxy.set(says(first, times=1))
    (answer,) = backups(odd.conn, [ODD])
    assert isinstance(answer, Evidence), answer
    assert isinstance(answer.facts, BackupsFacts)
    assert [one.state.value for one in answer.facts.points] == ["EXPIRED", "PARTIAL"]


@pytest.mark.parametrize(("after", "key"), [(0, "RecoveryPoints"), (1, "RestoreJobs")])
def test_a_list_that_points_to_itself_is_truncated(odd: Door, after: int, key: str) -> None:
    assert odd.gap(backups, ODD, says({key: [], "NextToken": "same"}, after)).reason is GapReason.TRUNCATED
