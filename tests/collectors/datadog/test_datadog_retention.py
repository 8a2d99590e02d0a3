"""How long logs are kept, and where the archives write."""

from __future__ import annotations

import pytest

from collectors.datadog.facts import LogArchivesAsk, LogIndexAsk
from collectors.evidence import GapReason
from collectors.sandbox.faults import Fault

INDEX, ARCHIVES = LogIndexAsk(index="finance-agents"), LogArchivesAsk(bucket="acme-agent-audit")


def test_the_flex_figure_is_the_total_and_only_filters_that_are_on_count(either, pointers):
    evidence = either.evidence(INDEX)

    assert (evidence.facts.retention.value, evidence.facts.retention.unit) == (360, "days")
    assert (evidence.facts.excluded.value, evidence.facts.limited.value) == (1, "not limited")
    assert "/index/num_flex_logs_retention_days" in pointers(evidence)


def index(**changes: object):
    def change(data: dict) -> None:
        data["indexes"][0] |= changes

    return change


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"num_flex_logs_retention_days": None}, 45),
        ({"num_flex_logs_retention_days": 0}, 45),
        ({"num_retention_days": None}, 360),
    ],
)
def test_an_index_without_flex_keeps_its_standard_days(changed, changes, kept):
    def apply(data: dict) -> None:  # searches look into the first index, which stays whole
        data["indexes"] = [data["indexes"][1], data["indexes"][0] | changes]

    assert changed(apply).evidence(INDEX).facts.retention.value == kept


@pytest.mark.parametrize(
    "changes",
    [
        {"num_retention_days": 0, "num_flex_logs_retention_days": None},
        {"is_rate_limited": None},
        {"exclusion_filters": {"name": "x"}},
    ],
)
def test_an_index_that_does_not_say_is_malformed(changed, changes):
    assert changed(index(**changes)).gap(INDEX).reason == GapReason.MALFORMED


def test_a_filter_that_does_not_say_whether_it_is_on_counts(changed):
    lab = changed(index(exclusion_filters=[{"name": "a"}, {"name": "b", "is_enabled": False}], is_rate_limited=True))

    facts = lab.evidence(INDEX).facts

    assert (facts.excluded.value, facts.limited.value) == (1, "limited")


def test_an_unknown_index_is_gone(lab):
    assert lab.gap(LogIndexAsk(index="nowhere")).reason == GapReason.GONE


def test_the_audit_archive_writes_to_the_bucket_and_others_do_not(either, pointers):
    evidence = either.evidence(ARCHIVES)

    (archive,) = evidence.facts.archives
    assert (archive.archive.value, archive.state.value) == ("audit-archive", "WORKING")
    assert (archive.bucket.value, archive.path.value) == ("acme-agent-audit", "finance-invoice-recon")
    assert evidence.facts.read.value == 2
    assert pointers(evidence)
    assert "111122223333" not in evidence.to_bytes().decode()


def archive(**changes: object):
    def change(data: dict) -> None:
        data["archives"][0]["attributes"] |= changes

    return change


def test_no_archive_writes_to_another_bucket(lab):
    assert lab.evidence(LogArchivesAsk(bucket="acme-agent-audit-2")).facts.archives == ()


@pytest.mark.parametrize(
    "destination", [None, {}, {"type": "gcs", "bucket": "acme-agent-audit"}, {"type": "s3", "bucket": None}]
)
def test_an_archive_elsewhere_or_without_a_destination_is_not_counted(changed, destination):
    assert changed(archive(destination=destination)).evidence(ARCHIVES).facts.archives == ()


def test_an_archive_without_a_path_writes_to_the_root(changed, pointers):
    evidence = changed(archive(destination={"type": "s3", "bucket": "acme-agent-audit"})).evidence(ARCHIVES)

    assert evidence.facts.archives[0].path.value == ""
    assert pointers(evidence)


def test_an_archive_that_does_not_say_its_state_is_malformed(changed):
    assert changed(archive(state=None)).gap(ARCHIVES).reason == GapReason.MALFORMED


INDEXES = "/api/v1/logs/config/indexes"


def test_several_indexes_are_read_from_one_list(lab):
    """One that is not on it is asked for alone, and is gone."""
    found, main, gone = lab.ask(*(LogIndexAsk(index=name) for name in ("finance-agents", "main", "nowhere")))

    assert (found.facts.retention.value, main.facts.retention.value) == (360, 15)
    assert [list(answer.body) for answer in (found, main)] == [["index"]] * 2
    assert gone.reason == GapReason.GONE
    assert [call.path for call in lab.calls] == [INDEXES, f"{INDEXES}/nowhere"]
    assert [call.path for call in main.calls] == [INDEXES]


@pytest.mark.parametrize("body", ['{"indexes": null}', '{"indexes": [{}, 7]}', "[]"])
def test_a_list_of_indexes_that_cannot_be_read_proves_nothing(lab, body):
    lab.break_with(Fault(kind="status", status=200, path=INDEXES, body=body))

    answers = lab.ask(*(LogIndexAsk(index=name) for name in ("finance-agents", "main")))

    assert [answer.facts.retention.value for answer in answers] == [360, 15]


def test_the_list_of_archives_is_read_once_for_all_buckets(lab):
    ours, theirs = lab.ask(ARCHIVES, LogArchivesAsk(bucket="acme-platform-logs"))

    assert [one.archive.value for one in ours.facts.archives] == ["audit-archive"]
    assert [one.archive.value for one in theirs.facts.archives] == ["platform-archive"]
    assert len(lab.calls) == 1
    assert ours.calls == theirs.calls != ()


def test_a_refusal_of_the_list_is_asked_for_once_and_is_each_ones_gap(lab):
    lab.break_with(Fault(kind="status", status=403))

    gaps = lab.ask(ARCHIVES, LogArchivesAsk(bucket="acme-platform-logs"))

    assert {(gap.reason, gap.scope) for gap in gaps} == {(GapReason.DENIED, "logs_read_archives")}
    assert len(lab.calls) == 1
