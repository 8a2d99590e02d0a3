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
        {"exclusion_filters": None},
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


INDEXES, ORDER = "/api/v1/logs/config/indexes", "/api/v1/logs/config/index-order"
BOTH = [LogIndexAsk(index=name) for name in ("finance-agents", "main")]


def test_several_indexes_are_read_from_one_list(lab):
    """One that is not on it is asked for alone, and is gone."""
    found, main, gone = lab.ask(*(LogIndexAsk(index=name) for name in ("finance-agents", "main", "nowhere")))

    assert (found.facts.retention.value, main.facts.retention.value) == (360, 15)
    assert [list(answer.body) for answer in (found, main)] == [["index", "earlier", "order"]] * 2
    assert gone.reason == GapReason.GONE
    assert [call.path for call in lab.calls] == [INDEXES, ORDER, f"{INDEXES}/nowhere"]
    assert [call.path for call in main.calls] == [INDEXES, ORDER]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (INDEXES, '{"indexes": null}'),
        (INDEXES, '{"indexes": [{}, 7]}'),
        (INDEXES, '{"indexes": [{"name": "finance-agents"}, {"name": "finance-agents"}]}'),
        (INDEXES, "[]"),
        (ORDER, '{"index_names": null}'),
        (ORDER, '{"index_names": ["finance-agents"]}'),
        (ORDER, '{"index_names": ["finance-agents", "main", "main"]}'),
        (ORDER, '{"index_names": ["finance-agents", "another"]}'),
        (ORDER, "{}"),
    ],
)
def test_a_list_of_indexes_and_an_order_that_do_not_fit_prove_nothing(lab, path, body):
    lab.break_with(Fault(kind="status", status=200, path=path, body=body))

    assert {gap.reason for gap in lab.ask(*BOTH)} == {GapReason.MALFORMED}


def test_an_index_that_is_there_only_by_its_name_is_malformed(lab):
    """The list is then not whole, and what comes before the index is not known."""
    short = '{"indexes": [{"name": "main", "filter": {"query": "*"}}]}'
    lab.break_with(
        Fault(kind="status", status=200, path=INDEXES, body=short),
        Fault(kind="status", status=200, path=ORDER, body='{"index_names": ["main"]}'),
    )

    assert lab.gap(INDEX).reason == GapReason.MALFORMED


@pytest.mark.parametrize(("path", "asked"), [(INDEXES, 1), (ORDER, 2)])
def test_a_refusal_of_the_indexes_is_asked_for_once_and_is_each_ones_gap(lab, path, asked):
    lab.break_with(Fault(kind="status", status=403, path=path))

    gaps = lab.ask(*BOTH)

    assert {(gap.reason, gap.scope) for gap in gaps} == {(GapReason.DENIED, "logs_read_config")}
    assert len(lab.calls) == asked


def before(**changes: object):
    """Another index that is tried before the asked one."""

    def change(data: dict) -> None:
        data["indexes"].insert(0, data["indexes"][1] | {"name": "first"} | changes)

    return change


def test_an_index_that_is_tried_first_and_may_take_the_same_logs_is_told(changed, pointers):
    """A log goes into the first index whose filter it matches, and never reaches the one that the card names."""
    evidence = changed(before(exclusion_filters=[{"name": "all", "is_enabled": True}])).evidence(INDEX)

    (first,) = evidence.facts.earlier
    assert (first.index.value, first.retention.value) == ("first", 15)
    assert (first.excluded.value, first.limited.value) == (1, "not limited")
    assert {"/earlier/0/name", "/earlier/0/num_retention_days", "/earlier/0/is_rate_limited"} <= {*pointers(evidence)}
    assert evidence.body["order"] == ["first", "finance-agents", "main"]


def test_the_order_is_the_one_that_datadog_tells_and_not_that_of_the_list(lab):
    lab.break_with(Fault(kind="status", status=200, path=ORDER, body='{"index_names": ["main", "finance-agents"]}'))

    assert [one.index.value for one in lab.evidence(INDEX).facts.earlier] == ["main"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("service:other", 0),  # each log has one service
        ("-service:invoice-recon", 0),
        ("env:dev -service:invoice-recon", 0),
        ("service:invoice-recon", 1),
        ("service:Invoice-Recon", 1),
        ("service:invoice-*", 1),
        ("env:dev", 1),  # a log may carry two
        ("service:other OR env:dev", 1),
        ("(service:other)", 1),
        ('"service:other"', 1),
        ("NOT service:invoice-recon", 1),
        ("service:other or env:dev", 1),
        (None, 1),
    ],
)
def test_an_earlier_index_is_left_out_only_where_no_log_can_match_both(changed, query, told):
    lab = changed(before(filter={"query": query} if query else {}))

    assert len(lab.evidence(INDEX).facts.earlier) == told


def test_an_earlier_index_that_does_not_say_whether_it_is_cut_off_is_malformed(changed):
    assert changed(before(is_rate_limited=None)).gap(INDEX).reason == GapReason.MALFORMED


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
