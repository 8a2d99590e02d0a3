"""An SLO's value is told as it happened and as corrected, and never where nothing was measured."""

from __future__ import annotations

import json

import pytest

from collectors.datadog.facts import SloAsk
from collectors.evidence import GapReason, Origin
from collectors.sandbox.faults import Fault

ID = "5a1e0000000040008000000000000001"
OBJECT, HISTORY, CORRECTIONS = (f"/api/v1/slo/{ID}{part}" for part in ("", "/history", "/corrections"))


def ask(lab) -> SloAsk:
    return SloAsk(id=ID, window=lab.pilot)


def answered(lab, path: str, body: object) -> None:
    lab.break_with(Fault(kind="status", status=200, path=path, body=json.dumps(body)))


def told(lab, kind: str = "metric", **data: object) -> dict:
    """A history of the pilot in the vendor's shape; `overall` good at 99 of 800 unless given."""
    start, end = int(lab.pilot.start.timestamp()), int(lab.pilot.end.timestamp())
    usual = {"overall": {"sli_value": 99.0}} | ({"series": {"denominator": {"sum": 800.0}}} if kind == "metric" else {})
    return {
        "data": {"from_ts": start, "to_ts": end, "type": kind, **usual, **data},
        "errors": None,
    }


def of_kind(lab, kind: str, **data: object) -> None:
    """Both the SLO and its history are of another kind than the world's."""
    body = {"data": {"id": ID, "name": "n", "type": kind, "thresholds": []}, "error": None}
    lab.break_with(
        Fault(kind="status", status=200, path=OBJECT, body=json.dumps(body)),
        Fault(kind="status", status=200, path=HISTORY, body=json.dumps(told(lab, kind, **data))),
    )


def test_in_both_worlds_the_pilots_share_rests_on_every_run(either, pointers):
    evidence = either.evidence(ask(either))
    facts = evidence.facts

    assert (facts.kind.value, facts.state.value, facts.target.value) == ("metric", "data", 95)
    assert facts.value.value == pytest.approx(96, abs=0.1)
    assert facts.value.unit == "percent"
    assert facts.samples.value > 2000
    assert "/plain/overall/sli_value" in pointers(evidence)


@pytest.mark.parametrize(("at", "told"), [(1778512800, 1778512800), (None, None), ("soon", None), (1e13, None)])
def test_when_the_objective_was_last_changed_is_told_or_is_not_known(changed, pointers, at: object, told: float | None):
    """Never a guess: what is no instant is None."""
    lab = changed(lambda data: data["slos"][0]["object"].update(modified_at=at))
    evidence = lab.evidence(ask(lab))
    found = evidence.facts.modified

    assert (found.value.timestamp() if found else None) == told
    assert ("/slo/modified_at" in pointers(evidence)) == (told is not None)


def test_the_history_is_asked_with_and_without_corrections_over_the_asked_window(lab):
    evidence = lab.evidence(ask(lab))
    queries = [call.query for call in evidence.calls if call.path == HISTORY]

    assert [("apply_correction=true" in q, "apply_correction=false" in q) for q in queries] == [
        (False, True), (True, False),
    ]  # fmt: skip
    assert all(f"from_ts={int(lab.pilot.start.timestamp())}" in q for q in queries)
    assert evidence.completeness.pages == len(evidence.calls) == 4


def test_a_correction_in_the_window_is_shown_beside_the_number_that_it_changes(changed):
    def bad_hour(data: dict) -> None:
        data["slos"][0]["corrections"][0]["attributes"] |= {"start": 1778630400, "end": 1781000000}

    facts = changed(bad_hour).evidence(SloAsk(id=ID, window=changed(bad_hour).pilot)).facts

    assert facts.corrections[0].category.value == "Deployment"
    assert facts.corrected.value != facts.value.value


def test_a_correction_outside_the_window_is_left_out_and_one_that_recurs_is_not(changed):
    def attributes(**times: object):
        def change(data: dict) -> None:
            data["slos"][0]["corrections"][0]["attributes"] |= times

        return changed(change)

    past = attributes(start=1700000000, end=1700003600)
    assert past.evidence(ask(past)).facts.corrections == ()
    recurring = attributes(start=1700000000, end=1700003600, rrule="FREQ=DAILY")
    (kept,) = recurring.evidence(ask(recurring)).facts.corrections
    assert kept.end is None


def test_nothing_measured_is_no_value_and_names_the_vendors_error(changed, pointers):
    def silent(data: dict) -> None:
        data["slos"][0]["object"]["query"]["denominator"] = "sum:invoice_recon.never_reported{*}.as_count()"

    lab = changed(silent)
    evidence = lab.evidence(ask(lab))

    assert (evidence.facts.value, evidence.facts.corrected) == (None, None)
    assert evidence.facts.state.value == "ZERO_VALUED_DENOMINATOR"
    assert evidence.facts.samples.value == 0
    assert pointers(evidence)


@pytest.mark.parametrize(
    ("data", "state"),
    [
        ({"overall": {"sli_value": None}}, "no data"),
        ({"overall": {}}, "no data"),
        ({"overall": None}, "no data"),
        ({"overall": {"uptime": None}}, "no data"),
        ({"overall": {"sli_value": None, "uptime": 99.9}}, "no data"),
        ({"overall": {"sli_value": 100, "state": "no_data"}}, "no data"),
        ({"overall": {"sli_value": 100, "preview": True}}, "replaying"),
        ({"overall": {"sli_value": 100, "errors": [{"error_type": "TIMEOUT", "error_message": "m"}]}}, "TIMEOUT"),
        ({"overall": {"sli_value": 100, "errors": [{"error_message": "half"}]}}, "half"),
        ({"overall": {"sli_value": 100, "errors": [None]}}, "an error without a name"),
        ({"errors": [{"error": "partial"}]}, "partial"),
        ({"groups": [{"sli_value": 100}, {"errors": [{"error_type": "NO_DATA"}]}]}, "NO_DATA"),
        ({"groups": [{"state": "no_data"}]}, "no data"),
        ({"monitors": [{"preview": True}]}, "replaying"),
        ({"series": {"denominator": {"sum": 0.0, "values": [0, 0]}}}, "no data"),
    ],
)
def test_a_number_that_the_answer_itself_puts_in_doubt_is_no_value(lab, pointers, data, state):
    answered(lab, HISTORY, told(lab, **data))

    evidence = lab.evidence(ask(lab))

    assert (evidence.facts.value, evidence.facts.corrected) == (None, None)
    assert evidence.facts.state.value == state
    assert pointers(evidence)


def test_a_share_of_events_without_their_number_is_no_value(lab, pointers):
    """The vendor fills what never reported with zeros, and only the number shows it."""
    answered(lab, HISTORY, told(lab, series=None))

    evidence = lab.evidence(ask(lab))

    assert (evidence.facts.value, evidence.facts.samples) == (None, None)
    assert evidence.facts.state.value == "samples not told"
    assert pointers(evidence)


def test_the_older_name_of_the_value_is_read_where_the_newer_is_missing(lab, pointers):
    answered(lab, HISTORY, told(lab, overall={"uptime": 97.5}, groups=None))

    evidence = lab.evidence(ask(lab))

    assert evidence.facts.value.value == 97.5
    assert "/plain/overall/uptime" in pointers(evidence)


def quarters(lab, *states: int) -> list[list[float]]:
    start, end = lab.pilot.start.timestamp(), lab.pilot.end.timestamp()
    return [[start + i * (end - start) / len(states), state] for i, state in enumerate(states)]


@pytest.mark.parametrize("kind", ["time_slice", "monitor"])
def test_silence_that_the_vendor_counts_as_good_is_not_good(lab, pointers, kind):
    """Half good, a quarter bad, a quarter silent: the vendor says 75, what is known says two thirds."""
    of_kind(lab, kind, overall={"sli_value": 75.0, "history": quarters(lab, 0, 0, 1, 2)})

    evidence = lab.evidence(ask(lab))
    facts = evidence.facts

    assert facts.value.value == pytest.approx(66.667, abs=0.001)
    assert (facts.value.origin, facts.corrected) == (Origin.CODE, None)
    assert facts.silent.value == (lab.pilot.end - lab.pilot.start).total_seconds() / 4
    assert pointers(evidence)


@pytest.mark.parametrize(
    ("overall", "state"),
    [
        ({"sli_value": 100.0}, "silence not told"),
        ({"sli_value": 100.0, "history": None}, "silence not told"),
        ({"sli_value": 100.0, "history": []}, "no data"),
        ({"sli_value": 100.0, "history": [[1, 2]]}, "no data"),
    ],
)
def test_a_kind_that_counts_silence_as_good_says_nothing_without_its_history(lab, pointers, overall, state):
    of_kind(lab, "time_slice", overall=overall)

    evidence = lab.evidence(ask(lab))

    assert (evidence.facts.value, evidence.facts.corrected, evidence.facts.state.value) == (None, None, state)
    assert pointers(evidence)


def test_a_history_without_silence_gives_the_vendors_own_number(lab):
    of_kind(lab, "time_slice", overall={"sli_value": 50.0, "history": quarters(lab, 1, 0)})

    facts = lab.evidence(ask(lab)).facts

    assert (facts.value.value, facts.value.pointer, facts.silent.value) == (50, "/plain/overall/sli_value", 0)


@pytest.mark.parametrize(
    "data",
    [
        {"overall": {"sli_value": "99"}}, {"overall": {"sli_value": 101}}, {"overall": {"sli_value": -1}},
        {"overall": {"sli_value": True}}, {"from_ts": 1}, {"to_ts": None}, {"type": "monitor"}, {"type": None},
        {"groups": {}}, {"errors": "no"}, {"series": {"denominator": {"sum": "many"}}},
    ],
)  # fmt: skip
def test_a_history_that_contradicts_the_question_is_malformed(lab, data):
    answered(lab, HISTORY, told(lab, **data))

    assert lab.gap(ask(lab)).reason == GapReason.MALFORMED


@pytest.mark.parametrize("entry", [[1], [1, 5], ["x", 0], None, {"0": 1}])
def test_an_entry_of_the_history_that_is_no_time_and_state_is_malformed(lab, entry):
    of_kind(lab, "monitor", overall={"sli_value": 99, "history": [entry]})

    assert lab.gap(ask(lab)).reason == GapReason.MALFORMED


@pytest.mark.parametrize(
    "body",
    [
        {"data": None}, {"data": {}}, {"data": {"id": "another", "type": "metric"}},
        {"data": {"id": ID, "type": "new"}}, {"data": {"id": ID, "type": "metric"}, "error": "half an answer"},
    ],
)  # fmt: skip
def test_an_object_that_is_not_the_asked_slo_is_malformed(lab, body):
    answered(lab, OBJECT, body)

    assert lab.gap(ask(lab)).reason == GapReason.MALFORMED


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"data": None}, GapReason.MALFORMED),
        ({}, GapReason.MALFORMED),
        ({"data": [None]}, GapReason.MALFORMED),
        ({"data": [{"id": "c", "attributes": {"start": None}}]}, GapReason.MALFORMED),
        ({"data": [], "meta": {"page": {"total_count": 3}}}, GapReason.TRUNCATED),
    ],
)
def test_corrections_that_cannot_be_read_to_their_end_are_a_gap(lab, body, reason):
    answered(lab, CORRECTIONS, body)

    assert lab.gap(ask(lab)).reason == reason


def test_a_correction_may_lack_everything_but_its_start(lab, pointers):
    answered(lab, CORRECTIONS, {"data": [{"attributes": {"start": 1778700000}}]})

    (correction,) = lab.evidence(ask(lab)).facts.corrections
    assert (correction.category.value, correction.end) == ("not told", None)
    assert pointers(lab.evidence(ask(lab)))


def test_targets_that_differ_by_time_frame_are_no_target(changed):
    def two(data: dict) -> None:
        data["slos"][0]["object"]["thresholds"].append({"timeframe": "7d", "target": 99.0})

    lab = changed(two)
    assert lab.evidence(ask(lab)).facts.target is None


def test_an_unknown_slo_is_gone(lab):
    gap = lab.gap(SloAsk(id="nothing", window=lab.pilot))

    assert (gap.reason, gap.status) == (GapReason.GONE, 404)
    assert "SLO nothing" in gap.what


def test_a_refused_history_names_scope_and_window(lab):
    lab.break_with(Fault(kind="status", status=403, path=HISTORY))

    gap = lab.gap(ask(lab))

    assert (gap.reason, gap.scope) == (GapReason.DENIED, "slos_read")
    assert lab.pilot.start.isoformat() in gap.what


def test_people_are_left_out(lab):
    assert b"acme.example" not in lab.evidence(ask(lab)).to_bytes()


def several(count: int):
    """So many SLOs more, each with a name of its own."""

    def change(data: dict) -> None:
        one = data["slos"][0]
        data["slos"] += [{**one, "object": one["object"] | {"id": f"more-{i}", "name": f"n{i}"}} for i in range(count)]

    return change


LIST = "/api/v1/slo"


def test_several_slos_are_found_by_one_list_of_their_ids(changed, pointers):
    """Histories and corrections have no list; an id that nobody has is asked for alone and is gone."""
    lab = changed(several(3))

    *found, gone = lab.ask(
        *(SloAsk(id=f"more-{i}", window=lab.pilot) for i in range(3)), SloAsk(id="x", window=lab.pilot)
    )

    assert [answer.facts.slo.value for answer in found] == ["n0", "n1", "n2"]
    assert [call.path for call in found[1].calls] == [
        LIST, f"{LIST}/more-1/history", f"{LIST}/more-1/history", f"{LIST}/more-1/corrections",
    ]  # fmt: skip
    assert pointers(found[2])
    assert (gone.reason, len(lab.calls)) == (GapReason.GONE, 1 + 3 * 3 + 1)


@pytest.mark.parametrize(
    "body", ['{"data": []}', '{"data": null}', '{"data": [{"id": "other"}, 7]}', '{"data": [], "errors": ["no"]}']
)
def test_a_list_that_lacks_an_slo_proves_nothing(changed, body):
    lab = changed(several(2))
    lab.break_with(Fault(kind="status", status=200, path=LIST, body=body))

    answers = lab.ask(*(SloAsk(id=f"more-{i}", window=lab.pilot) for i in range(2)))

    assert [answer.facts.slo.value for answer in answers] == ["n0", "n1"]


def test_a_list_that_is_refused_is_each_ones_gap(changed):
    lab = changed(several(2))
    lab.break_with(Fault(kind="status", status=403, path="/api/v1/slo.*"))

    answers = lab.ask(*(SloAsk(id=f"more-{i}", window=lab.pilot) for i in range(2)))

    assert {(answer.reason, answer.scope) for answer in answers} == {(GapReason.DENIED, "slos_read")}
