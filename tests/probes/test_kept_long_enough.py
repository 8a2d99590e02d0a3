"""Item 6: what is kept, and where the archive writes."""

from __future__ import annotations

import math
from typing import Any

import pytest

from agent.probes.retention import archive_writes_to_the_bucket, log_is_kept_long_enough
from collectors.aws.facts import RetentionFacts
from collectors.datadog.facts import LogArchive, LogArchivesFacts, LogIndexFacts
from collectors.langsmith.facts import ProjectRetentionFacts
from collectors.statements import StatedRetentionFacts
from tests.builders import AS_OF, LENA, bucket, number, resource, state, statement, told


def kept(
    facts: RetentionFacts | LogIndexFacts | ProjectRetentionFacts | StatedRetentionFacts,
    at_least: str | None = "7 years",
    *,
    locked: bool = False,
) -> str:
    return told(log_is_kept_long_enough(facts, log="audit", at_least=at_least, locked=locked, as_of=AS_OF))


def test_seven_calendar_years_from_the_review_are_enough():
    """2557 days from 12 June 2026; a missing lock is a note only."""
    found = log_is_kept_long_enough(bucket(2557), log="audit", at_least="7 years", as_of=AS_OF)
    assert told(found) == (
        "pass: The audit log is kept for 2,557 days, and the card asks for 2,557 days, though no lock "
        "keeps people from deleting it."
    )
    assert found.note


def test_a_day_less_fails():
    """Seven times 365 days are short by two leap days."""
    assert kept(bucket(2555)) == "fail: The audit log is kept for 2,555 days only, and the card asks for 2,557 days."


def test_what_no_rule_destroys_is_kept():
    """Without a floor nothing ever goes."""
    assert kept(bucket(None)) == (
        "pass: No rule destroys the audit log in acme-agent-audit, and the card asks for 2,557 days, "
        "though no lock keeps "
        "people from deleting it."
    )


def test_the_rule_that_decides_is_named():
    """Whoever mends it knows which."""
    assert kept(bucket(2555, rule="old-rule")) == (
        "fail: The audit log is kept for 2,555 days only by old-rule, and the card asks for 2,557 days."
    )
    found = kept(bucket(2557, rule="seven-years"))
    assert found.startswith("pass: The audit log is kept for 2,557 days by seven-years, and the card asks")


COMPLIANCE = {"lock": "COMPLIANCE", "lock_days": 2557}


@pytest.mark.parametrize("lock", [{}, COMPLIANCE])
def test_copies_elsewhere_are_a_note_and_lengthen_nothing(lock: dict[str, Any]):
    """They lie in another bucket, with rules of its own."""
    found = log_is_kept_long_enough(
        bucket(2557, copies=("a", "b", "a"), **lock), log="audit", at_least="7 years", as_of=AS_OF
    )
    assert told(found).startswith("pass")
    assert told(found).endswith(", and copies go to a and b, whose own rules were not asked here.")
    assert found.note
    assert kept(bucket(2556, copies=("a",), **lock)).startswith("fail")


def test_of_many_copies_some_are_named():
    """The evidence holds them all."""
    assert "copies go to a, b and c, 2 buckets besides, whose own rules" in kept(bucket(2557, copies="abcde"))


def test_replication_that_was_not_ours_to_read_is_a_note():
    """Neither better nor worse than what is kept here; it is said."""
    found = log_is_kept_long_enough(
        bucket(2557, replication="denied", **COMPLIANCE), log="audit", at_least="7 years", as_of=AS_OF
    )
    assert told(found) == (
        "pass: The audit log is kept for 2,557 days, and the card asks for 2,557 days, under the lock COMPLIANCE, "
        "and whether copies lie elsewhere was denied to us."
    )
    assert found.note


@pytest.mark.parametrize("floor", [math.nan, math.inf])
def test_a_floor_that_is_no_number_is_unknown(floor: float):
    """It is not kept for ever either."""
    assert kept(bucket(floor)) == (
        "unknown: How many days the audit log is kept is not known, and the card asks for 2,557 days."
    )


def test_a_floor_in_another_unit_is_unknown():
    """3000 hours are not 3000 days."""
    assert kept(bucket(3000, unit="hours")).startswith("unknown")


def test_a_card_without_a_period_is_unknown():
    """Whatever is kept, there is nothing to hold it against."""
    assert kept(bucket(9999), None) == "unknown: The card does not say how long the audit log must be kept."


def test_a_lock_that_is_asked_for_passes():
    """Compliance, and for long enough."""
    assert kept(bucket(2600, lock="COMPLIANCE", lock_days=2557), locked=True) == (
        "pass: The audit log is kept for 2,600 days, and the card asks for 2,557 days, under the lock COMPLIANCE."
    )


@pytest.mark.parametrize(
    ("lock", "days"), [("none", None), ("GOVERNANCE", 2557), ("COMPLIANCE", 2556), ("COMPLIANCE", None)]
)
def test_a_lock_that_is_missing_weaker_or_shorter_fails(lock: str, days: float | None):
    """The card asked for it."""
    assert kept(bucket(2600, lock=lock, lock_days=days), locked=True).startswith(
        f"fail: The card asks for a compliance lock of 2,557 days on the audit log, and the lock in "
        f"acme-agent-audit is {lock}"
    )


def index(days: float = 180, *, excluded: float = 0, limited: str = "not limited") -> LogIndexFacts:
    return LogIndexFacts(
        index=resource("main"),
        retention=number(days, "days"),
        excluded=number(excluded, "filters"),
        limited=state(limited),
    )


def test_an_index_that_keeps_long_enough_passes():
    """Nothing is left out of it."""
    assert kept(index(), "180 days") == "pass: The audit log is kept for 180 days, and the card asks for 180 days."


def test_the_usual_default_of_an_index_fails():
    """And it fails too where a lock is asked for, which an index never has."""
    assert kept(index(30), "180 days").startswith("fail: The audit log is kept for 30 days only")
    assert kept(index(), "180 days", locked=True) == (
        "fail: The card asks for a lock on the audit log, and the index main has none."
    )


@pytest.mark.parametrize("facts", [index(excluded=2), index(limited="limited")])
def test_an_index_that_may_leave_logs_out_is_unknown(facts: LogIndexFacts):
    """What never enters is not kept."""
    assert kept(facts, "180 days").startswith("unknown: Whether all of the audit log enters main is not known")


def project(days: float = 180, *, unit: str = "days", by: str = "workspace") -> ProjectRetentionFacts:
    return ProjectRetentionFacts(
        project=resource("finance-invoice-recon"), tier=state("longlived"), kept=number(days, unit),
        decided_by=state(by),
    )  # fmt: skip


def test_a_project_that_keeps_traces_long_enough_passes_with_a_remark():
    """The setting says nothing of what was written before it."""
    found = log_is_kept_long_enough(project(), log="traces", at_least="180 days", as_of=AS_OF)
    assert told(found) == (
        "pass: The traces log is kept for 180 days, and the card asks for 180 days, by a setting of the workspace for "
        "finance-invoice-recon that covers what is written after it only."
    )
    assert found.note


@pytest.mark.parametrize("locked", [False, True])
def test_a_project_that_keeps_traces_a_day_too_short_fails(locked: bool):
    """As does the base period of its tier; a lock does not matter then."""
    assert kept(project(179), "180 days", locked=locked) == (
        "fail: The audit log is kept for 179 days only, and the card asks for 180 days."
    )
    assert kept(project(14, by="tier"), "180 days", locked=locked).startswith("fail")


def test_a_lock_on_a_project_or_another_unit_is_unknown():
    """Nothing in its settings tells of a lock, nor that there is none."""
    assert kept(project(), "180 days", locked=True) == (
        "unknown: The card asks for a lock on the audit log, and the settings of the project finance-invoice-recon "
        "tell of none."
    )
    assert kept(project(9999, unit="hours"), "180 days").startswith("unknown: How many days")
    assert kept(project(math.nan), "180 days").startswith("unknown: How many days")


def stated(days: float = 180, *, proven: bool = True, of: str | None = None) -> StatedRetentionFacts:
    return StatedRetentionFacts(
        statement=statement(LENA, proven=proven, until="2026-12-01T00:00"), log=resource("audit"),
        kept=number(days, "days"), where=resource("LangSmith"),
        project=resource(of) if of else None,
    )  # fmt: skip


def test_a_proven_statement_of_the_period_passes_until_it_ends():
    """A person read it where no system is named."""
    found = log_is_kept_long_enough(stated(), log="traces", at_least="180 days", as_of=AS_OF)
    assert told(found) == (
        "pass: The traces log is kept for 180 days, and the card asks for 180 days, as Lena Fischer states of "
        "LangSmith."
    )
    assert found.valid_until is not None


def test_a_statement_of_too_little_fails():
    """The word of a person is taken."""
    assert kept(stated(14), "180 days").startswith("fail: The audit log is kept for 14 days only")


def test_a_statement_that_no_key_proves_is_unknown():
    """As is a lock, which nobody can state."""
    assert kept(stated(proven=False), "180 days") == (
        "unknown: How long the audit log is kept is only as reported by Lena Fischer, and no key proves that."
    )
    assert kept(stated(), "180 days", locked=True) == (
        "unknown: The card asks for a lock on the audit log, which a statement by Lena Fischer cannot show."
    )


def standing_in(*, of: str | None, days: float = 180) -> str:
    found = log_is_kept_long_enough(
        stated(days, of=of), log="traces", at_least="180 days", project="recon", as_of=AS_OF
    )
    return told(found)


def test_a_statement_counts_for_the_project_that_it_names():
    assert standing_in(of="recon").startswith("pass")
    assert standing_in(of="recon", days=90).startswith("fail")


@pytest.mark.parametrize("days", [180, 90])
def test_a_statement_of_another_project_or_of_none_does_not_count(days: float):
    """The same id of a log; neither good nor bad is known of the card's own project."""
    card = "unknown: The card has the traces log in the project recon, and what Lena Fischer states"
    again = "so it does not count and has to be stated again of that project."
    assert standing_in(of="recon-staging", days=days) == f"{card} is of the project recon-staging, {again}"
    assert standing_in(of=None, days=days) == f"{card} names no project, {again}"


def archives(*found: tuple[str, str], where: str = "acme-agent-audit") -> LogArchivesFacts:
    rows = tuple(
        LogArchive(
            archive=resource("audit-archive"), state=state(standing), bucket=resource(where), path=resource(path)
        )
        for standing, path in found
    )
    return LogArchivesFacts(archives=rows, read=number(2, "archives"))


def archived(facts: LogArchivesFacts, prefix: str | None = "finance-invoice-recon/") -> str:
    return told(archive_writes_to_the_bucket(facts, bucket="acme-agent-audit", prefix=prefix))


@pytest.mark.parametrize("path", ["finance-invoice-recon", "/finance-invoice-recon/", "finance-invoice-recon/app"])
def test_a_working_archive_under_the_prefix_passes(path: str):
    """At it or below it; one that fails beside it does not matter."""
    assert archived(archives(("FAILING", path), ("WORKING", path))) == (
        "pass: Logs are archived by audit-archive in acme-agent-audit."
    )


def test_a_prefix_that_the_card_leaves_out_is_the_whole_bucket():
    """Every path lies in it, the bucket's root too."""
    assert archived(archives(("WORKING", "")), None).startswith("pass")


@pytest.mark.parametrize("path", ["", "finance", "finance-invoice-recon-old", "other/finance-invoice-recon"])
def test_an_archive_beside_or_above_the_prefix_fails(path: str):
    """What it writes does not lie where the retention was judged."""
    assert archived(archives(("WORKING", path))) == (
        "fail: Of 2 archives none writes to acme-agent-audit where the card says."
    )


def test_an_archive_in_another_bucket_fails():
    """The name must be the same."""
    assert archived(archives(("WORKING", "finance-invoice-recon"), where="acme-other")).startswith("fail")


def test_an_archive_that_fails_fails_and_one_of_unknown_state_is_unknown():
    """Only WORKING is known to write."""
    path = "finance-invoice-recon"
    assert archived(archives(("UNKNOWN", path), ("FAILING", path))) == (
        "fail: The archive audit-archive for acme-agent-audit is in the state FAILING."
    )
    assert archived(archives(("UNKNOWN", path))) == (
        "unknown: The archive audit-archive for acme-agent-audit is in the state UNKNOWN."
    )
