"""launchdarkly.flag_history: which on/off changes are proven, by whom, and when the history is not known."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

import httpx2
import pytest

from collectors.evidence import Evidence, Gap, GapReason, resolve
from collectors.launchdarkly.client import ALLOWED
from collectors.launchdarkly.facts import FlagHistoryFacts
from collectors.launchdarkly.history import flag_history
from collectors.sandbox.faults import Fault
from tests.collectors.failures import long_enough

MORTEZA, MIKE = "6650a0000000000000000001", "6650a0000000000000000002"
LIST, ONE = "/api/v2/auditlog", "/api/v2/auditlog/.+"


def evidence_of(answer: object) -> Evidence:
    assert isinstance(answer, Evidence), answer
    return answer


def facts_of(answer: object) -> FlagHistoryFacts:
    facts = evidence_of(answer).facts
    assert isinstance(facts, FlagHistoryFacts)
    return facts


def gap_of(answer: object) -> Gap:
    assert isinstance(answer, Gap), answer
    return answer


def turns(facts: FlagHistoryFacts) -> list[tuple[str, str]]:
    """The changes as ("off", "06-08 14:00") in New York's summer."""
    zone = timezone(timedelta(hours=-4))
    return [(c.turned.value, c.at.value.astimezone(zone).strftime("%m-%d %H:%M")) for c in facts.changes]


def each_item(change: Any):
    """An edit of every entry in a list."""
    return lambda body: body | {"items": [change(item) for item in body["items"]]}


# --- what is proven --------------------------------------------------------------------------------------------------


def test_as_written_holds_the_drill_of_8_june_and_nothing_else(place, history_of):
    facts = facts_of(*flag_history(place().conn, [history_of()]))
    assert turns(facts) == [("off", "06-08 14:00"), ("on", "06-08 15:00")]
    assert {change.by.value for change in facts.changes if change.by} == {"Morteza Moradi"}
    assert {change.by.id for change in facts.changes if change.by} == {MORTEZA}


def test_put_right_holds_both_drills_oldest_first(place, history_of):
    facts = facts_of(*flag_history(place("put-right").conn, [history_of()]))
    assert turns(facts) == [
        ("off", "06-08 14:00"), ("on", "06-08 15:00"), ("off", "06-16 14:00"), ("on", "06-16 15:00"),
    ]  # fmt: skip


def test_the_end_of_the_window_is_not_part_of_it_and_its_start_is(place, history_of):
    facts = facts_of(*flag_history(place().conn, [history_of("2026-06-08T14:00", "2026-06-08T15:00")]))
    assert turns(facts) == [("off", "06-08 14:00")]


def test_another_environment_or_project_has_its_own_history(place, history_of):
    here = place()
    staging, other = flag_history(here.conn, [history_of(environment="staging"), history_of(project="platform")])
    assert turns(facts_of(staging)) == [("off", "06-08 13:30"), ("on", "06-08 13:36")]
    assert turns(facts_of(other)) == [("on", "05-14 09:30"), ("off", "06-08 14:20"), ("on", "06-09 09:15")]


def test_a_window_without_changes_is_an_answer_and_says_how_much_was_read(place, history_of):
    facts = facts_of(*flag_history(place().conn, [history_of("2026-05-19", "2026-05-22")]))
    assert facts.changes == ()
    assert facts.read.value == 1


def test_a_change_made_together_with_another_edit_counts_though_the_title_is_silent(place, history_of):
    together = {"at": "2026-06-10T09:00-04:00", "by": MIKE, "turned": "off", "edit": "updateRules", "text": "Cleaned"}
    facts = facts_of(*flag_history(place(events=[together], only=True).conn, [history_of()]))
    assert turns(facts) == []  # it was off from the start: the versions show no difference
    on_before = {"at": "2026-06-10T08:00-04:00", "by": MIKE, "turned": "on"}
    facts = facts_of(*flag_history(place(events=[on_before, together], only=True).conn, [history_of()]))
    assert turns(facts) == [("on", "06-10 08:00"), ("off", "06-10 09:00")]


def test_an_unrelated_edit_of_a_flag_that_is_on_is_no_change(place, history_of):
    answer = evidence_of(*flag_history(place().conn, [history_of()]))
    assert [call.path for call in answer.calls].count("/api/v2/auditlog") == 2
    entries = resolve(answer.body, "/entries")
    assert isinstance(entries, list)
    assert "updateRules" in str(entries[0])
    assert len(facts_of(answer).changes) == 2


@pytest.mark.parametrize(("actor"), [{"token": "terraform"}, {"app": "Slack", "by": MIKE}, {"token": "ci", "by": MIKE}])
def test_a_machine_is_nobody_whoever_owns_it(place, history_of, actor):
    here = place(events=[{"at": "2026-06-10T08:00-04:00", "turned": "on", **actor}], only=True)
    (change,) = facts_of(*flag_history(here.conn, [history_of()])).changes
    assert change.by is None


def test_a_personal_token_is_its_person(place, history_of):
    def with_token(item: Any) -> Any:
        return item | {"token": {"name": "laptop", "serviceToken": False}}

    facts = facts_of(*flag_history(place(edits={LIST: each_item(with_token)}).conn, [history_of()]))
    assert {change.by.id for change in facts.changes if change.by} == {MORTEZA}


def test_a_member_without_a_name_is_known_by_id_and_without_an_id_not_at_all(place, history_of):
    for member, known in (({"_id": MIKE, "firstName": None}, MIKE), ({"firstName": "Mike"}, None), ("Mike", None)):
        here = place(edits={LIST: each_item(lambda item, held=member: item | {"member": held})})
        changes = facts_of(*flag_history(here.conn, [history_of()])).changes
        assert {change.by and change.by.value for change in changes} == {known}


def test_every_fact_points_into_the_body(place, history_of):
    answer = evidence_of(*flag_history(place("put-right").conn, [history_of()]))
    for change in facts_of(answer).changes:
        assert resolve(answer.body, change.turned.pointer) is (change.turned.value == "on")
        assert resolve(answer.body, change.at.pointer) == round(change.at.value.timestamp() * 1000)
        assert resolve(answer.body, change.entry.pointer) == change.entry.value
        assert change.by is not None
        assert resolve(answer.body, change.by.pointer)["_id"] == change.by.id  # type: ignore[call-overload,index]


def test_only_calls_on_the_list_are_made_and_addresses_are_not_kept(place, history_of):
    here = place("put-right")
    answer = evidence_of(*flag_history(here.conn, [history_of()]))
    assert all(any(rule.matches(a.method, a.path) for rule in ALLOWED) for a in here.faults.seen)
    assert "acme.example" not in answer.to_bytes().decode()
    assert {"email", "title"} <= set(answer.redacted)


def test_the_log_is_asked_for_by_resource_and_window_and_never_by_words(place, history_of):
    here = place()
    flag_history(here.conn, [history_of()])
    asked = [one for one in here.faults.seen if one.path == LIST]
    for one in asked:
        assert one.one("spec") == "proj/agents:env/production:flag/finance-invoice-recon-enabled"
        assert (one.one("q"), one.one("limit")) == (None, "20")
        assert len(one.one("after")) == len(one.one("before")) == 13  # milliseconds


# --- read to the end -------------------------------------------------------------------------------------------------


def many(count: int, *, apart: str = "minutes") -> list[dict[str, Any]]:
    """So many changes, alternating, a minute or nothing apart."""
    minute = "2026-06-10T{:02d}:{:02d}:00.500-04:00"
    return [
        {"at": minute.format(*divmod(number if apart == "minutes" else 0, 60)), "by": MIKE,
         "turned": "on" if number % 2 == 0 else "off"}
        for number in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize("count", [1, 19, 20, 21, 45])
def test_pages_are_read_until_one_holds_nothing_new(place, history_of, count):
    answer = evidence_of(*flag_history(place(events=many(count), only=True).conn, [history_of()]))
    facts = facts_of(answer)
    assert (len(facts.changes), facts.read.value, answer.completeness.items) == (count, count, count)
    assert len({change.entry.value for change in facts.changes}) == count


def test_two_changes_in_one_millisecond_are_both_kept_in_their_order(place, history_of):
    here = place(events=many(2, apart="nothing"), only=True)
    facts = facts_of(*flag_history(here.conn, [history_of()]))
    assert [change.turned.value for change in facts.changes] == ["on", "off"]
    assert len({change.at.value for change in facts.changes}) == 1


def test_a_millisecond_that_two_pages_share_loses_nothing(place, history_of):
    shared = [event | {"at": many(1)[0]["at"]} for event in many(4)]
    here = place(events=[*shared, *many(22)[4:]], only=True)
    assert len(facts_of(*flag_history(here.conn, [history_of()])).changes) == 22


@pytest.mark.parametrize("given", [20, 10], ids=["a full page", "a page as if the limit were not heeded"])
def test_more_than_a_page_in_one_millisecond_is_truncated(place, history_of, given):
    """There is no way past it: the next page is asked for by its instant."""
    cut = {LIST: lambda body: body | {"items": body["items"][:given]}}
    here = place(events=many(25, apart="nothing"), only=True, edits=cut)
    assert gap_of(*flag_history(here.conn, [history_of()])).reason == GapReason.TRUNCATED


def test_a_source_that_does_not_page_is_truncated(place, history_of):
    newest: list[Any] = []

    def always_the_same(body: Any) -> Any:
        newest[:] = newest or body["items"]
        return body | {"items": newest}

    here = place(events=many(45), only=True, edits={LIST: always_the_same})
    assert gap_of(*flag_history(here.conn, [history_of()])).reason == GapReason.TRUNCATED


def oldest_first(held: list[Any]) -> list[Any]:
    return held[::-1]


def newest_last(held: list[Any]) -> list[Any]:
    """As good as in order, with one entry out of its place."""
    return [*held[1:], held[0]]


@pytest.mark.parametrize("order", [oldest_first, newest_last])
@pytest.mark.parametrize("given", [20, 10], ids=["a full page", "a page as if the limit were not heeded"])
def test_a_page_that_may_be_cut_and_is_not_newest_first_is_truncated(place, history_of, order, given):
    here = place(events=many(45), only=True, edits={LIST: lambda body: body | {"items": order(body["items"][:given])}})
    assert gap_of(*flag_history(here.conn, [history_of()])).reason == GapReason.TRUNCATED


def test_a_page_that_holds_all_there_is_may_come_in_any_order(place, history_of):
    here = place(events=many(8), only=True, edits={LIST: lambda body: body | {"items": body["items"][::-1]}})
    facts = facts_of(*flag_history(here.conn, [history_of()]))
    assert [change.turned.value for change in facts.changes] == ["on", "off"] * 4


def test_a_history_that_never_ends_is_truncated(place, history_of):
    def older_each_time(body: Any) -> Any:
        count["asked"] += 1
        items = [item | {"_id": f"{item['_id']}{count['asked']}"} for item in body["items"]]
        return body | {"items": items}

    count = {"asked": 0}
    here = place(events=many(1), only=True, edits={LIST: older_each_time})
    gap = gap_of(*flag_history(here.conn, [history_of()]))
    assert gap.reason == GapReason.TRUNCATED
    assert "600 pages" in gap.what


def test_entries_of_others_that_a_careless_filter_lets_through_are_no_changes_of_ours(place, history_of):
    here = place()
    foreign = facts_of(*flag_history(here.conn, [history_of(project="platform")]))
    assert len(foreign.changes) == 3

    def of_everything(body: Any) -> Any:
        return body | {"items": body["items"] + others}

    others = [dict(_listed(here, "platform")), dict(_listed(here, "agents", "staging"))]
    facts = facts_of(*flag_history(place(edits={LIST: of_everything}).conn, [history_of()]))
    assert len(facts.changes) == 2


def _listed(here: Any, project: str, environment: str = "production") -> dict[str, Any]:
    """One entry of another flag, as the stand-in lists it."""
    spec = f"proj/{project}:env/{environment}:flag/*"
    headers = {"authorization": here.access.token}
    body = httpx2.get(f"{here.access.base_url}/api/v2/auditlog", params={"spec": spec}, headers=headers).json()
    item: dict[str, Any] = body["items"][0]
    return item


# --- not knowing -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("broken", [None, [], {}, "updateOn", [None], [{"action": None}], [{"action": "updateOn"}]])
def test_accesses_that_cannot_be_read_neither_crash_nor_hide_a_change(place, history_of, broken):
    here = place(edits={LIST: each_item(lambda item: item | {"accesses": broken})})
    assert turns(facts_of(*flag_history(here.conn, [history_of()]))) == [("off", "06-08 14:00"), ("on", "06-08 15:00")]


def test_a_change_that_names_no_resource_at_all_is_neither_ours_nor_left_out(place, history_of):
    here = place(edits={LIST: each_item(lambda item: item | {"accesses": None, "target": None})})
    assert gap_of(*flag_history(here.conn, [history_of()])).reason == GapReason.MALFORMED


@pytest.mark.parametrize("version", ["previousVersion", "currentVersion"])
@pytest.mark.parametrize("held", [None, {}, {"key": "another"}, "on", [True]])
def test_a_switch_whose_versions_do_not_show_the_direction_is_malformed(place, history_of, version, held):
    here = place(edits={ONE: lambda body: body | {version: held}})
    assert gap_of(*flag_history(here.conn, [history_of()])).reason == GapReason.MALFORMED


@pytest.mark.parametrize("on", [None, "true", 1, ...])
def test_a_version_without_on_makes_no_change_up(place, history_of, on):
    def edit(body: Any) -> Any:
        held = body["currentVersion"]["environments"]["production"]
        held.pop("on")
        return body if on is ... else (held.update(on=on) or body)

    assert gap_of(*flag_history(place(edits={ONE: edit}).conn, [history_of()])).reason == GapReason.MALFORMED


def test_a_switch_that_changed_nothing_is_no_change(place, history_of):
    here = place(edits={ONE: lambda body: body | {"previousVersion": body["currentVersion"]}})
    assert facts_of(*flag_history(here.conn, [history_of()])).changes == ()


@pytest.mark.parametrize("items", [None, "none", [None], [{}], [{"_id": "x"}], [{"_id": "a/b", "date": 1}]])
def test_a_list_that_cannot_be_read_is_malformed(place, history_of, items):
    here = place(edits={LIST: lambda body: body | {"items": items}})
    assert gap_of(*flag_history(here.conn, [history_of()])).reason == GapReason.MALFORMED


@pytest.mark.parametrize("date", [None, "2026-06-08", True, 1e400, 10**18])
def test_an_entry_without_a_readable_date_is_malformed(place, history_of, date):
    here = place(edits={LIST: each_item(lambda item: item | {"date": date})})
    assert gap_of(*flag_history(here.conn, [history_of()])).reason == GapReason.MALFORMED


def test_missing_texts_are_no_reason_to_fail(place, history_of):
    empty = dict.fromkeys(
        ("name", "description", "shortDescription", "comment", "title", "titleVerb", "kind", "_links")
    )
    facts = facts_of(*flag_history(place(edits={LIST: each_item(lambda item: item | empty)}).conn, [history_of()]))
    assert len(facts.changes) == 2


def test_a_hostile_name_is_kept_as_text_that_can_be_sealed(place, history_of):
    hostile = {"_id": MIKE, "firstName": "<script>\ud800", "lastName": "x" * 5000}
    here = place(edits={LIST: each_item(lambda item: item | {"member": hostile})})
    answer = evidence_of(*flag_history(here.conn, [history_of()]))
    assert answer.to_bytes()
    assert all(change.by and len(change.by.value) <= 200 for change in facts_of(answer).changes)


def test_an_unknown_flag_is_gone_before_its_empty_history_could_count(place, history_of):
    gap = gap_of(*flag_history(place().conn, [history_of(flag="finance-invoice-recon")]))
    assert gap.reason == GapReason.GONE


def test_a_flag_that_stands_otherwise_than_its_log_ends_has_a_change_that_is_not_shown(place, history_of):
    """The last turn-on is kept from us: by a role, or because it is no longer held."""

    def edit(body):
        return body | {"items": [item for item in body["items"] if "Turned the flag on" not in item["description"]]}

    gap = gap_of(*flag_history(place(edits={LIST: edit}).conn, [history_of()]))
    assert gap.reason == GapReason.TRUNCATED
    assert "ends with off while the flag is on" in gap.what


def test_an_empty_log_of_a_flag_that_was_edited_in_the_window_hides_something(place, history_of):
    """The flag's own date says that there was an edit; a role that is shown none of them sees no drill either."""
    gap = gap_of(*flag_history(place(edits={LIST: lambda body: body | {"items": []}}).conn, [history_of()]))
    assert gap.reason == GapReason.TRUNCATED
    assert "lacks the edit that the flag itself dates into the window" in gap.what


def test_an_empty_log_of_a_flag_that_was_left_alone_is_an_answer(place, history_of):
    """Nothing was edited in the window, by the flag's own word; nor is it guessed where that is not told."""
    for window in (("2026-06-09", "2026-06-12"), ("2026-05-19", "2026-05-20")):
        here = place(edits={LIST: lambda body: body | {"items": []}})
        assert facts_of(*flag_history(here.conn, [history_of(*window)])).changes == ()


def test_a_window_that_is_over_says_nothing_of_how_the_flag_stands_now(place, history_of):
    """The drill's turn-on came after it."""
    facts = facts_of(*flag_history(place().conn, [history_of(end="2026-06-08T14:30")]))
    assert turns(facts) == [("off", "06-08 14:00")]


def test_twice_off_in_a_row_lacks_the_turn_on_between(place, history_of):
    """The first drill's turn-on is not shown, the second drill is."""

    def edit(body):
        ons = [item["date"] for item in body["items"] if "Turned the flag on" in item["description"]]
        return body | {"items": [item for item in body["items"] if item["date"] != min(ons, default=0)]}

    gap = gap_of(*flag_history(place("put-right", edits={LIST: edit}).conn, [history_of()]))
    assert gap.reason == GapReason.TRUNCATED
    assert "twice in a row" in gap.what


def test_without_a_token_the_history_is_not_configured(place, history_of):
    here = place()
    gap = gap_of(*flag_history(here.as_(token=None), [history_of()]))
    assert gap.reason == GapReason.NOT_CONFIGURED
    assert here.faults.seen == []


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(kind="status", status=401, path=LIST), GapReason.DENIED),
        (Fault(kind="status", status=403, path=ONE), GapReason.DENIED),
        (Fault(kind="status", status=404, path=ONE), GapReason.GONE),
        (Fault(kind="status", status=429, path=LIST, after=1, headers={"retry-after": "60"}), GapReason.THROTTLED),
        (Fault(kind="status", status=500, path=LIST, after=1), GapReason.UNREACHABLE),
        (Fault(kind="hang", path=ONE), GapReason.UNREACHABLE),
        (Fault(kind="refuse", path=LIST), GapReason.UNREACHABLE),
        (Fault(kind="cut", path=LIST), GapReason.UNREACHABLE),
        (Fault(kind="truncate", path=ONE), GapReason.MALFORMED),
    ],
)
def test_each_failure_on_the_way_is_a_gap_and_never_a_shorter_history(place, history_of, fault, reason):
    here = place(timeout=long_enough(fault))
    here.faults.set(fault)
    gap = gap_of(*flag_history(here.conn, [history_of()]))
    assert (gap.reason, bool(gap.calls)) == (reason, True)
    assert reason != GapReason.DENIED or "Reader role" in gap.scope
