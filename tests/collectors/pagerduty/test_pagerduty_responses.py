"""pagerduty.responses: who answered each incident of a service first, and when."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.evidence import Evidence, Gap, GapReason, Window
from collectors.pagerduty.facts import ResponsesAsk, ResponsesFacts
from collectors.pagerduty.responses import responses
from collectors.sandbox.faults import Fault
from tests.collectors.pagerduty.pagerduty_account import Account, MakeAccount, day

SPRING = Window(start=day(3, 14), end=day(6, 12))
OURS = ResponsesAsk(service="PINVREC", window=SPRING)
LOG = "/incidents/Q1INVREC0000/log_entries"


def asked(account: Account, *asks: ResponsesAsk) -> list[Any]:
    return responses(account.conn, asks or (OURS,))


def told(answer: Any) -> list[tuple[str, str, str | None, str | None]]:
    assert isinstance(answer, Evidence), answer
    assert isinstance(answer.facts, ResponsesFacts)
    return [
        (one.incident.value, one.urgency.value, one.answered and one.answered.value.strftime("%H:%M:%S"),
         one.by and one.by.value)
        for one in answer.facts.responses
    ]  # fmt: skip


@pytest.mark.parametrize("world", ["as-written", "put-right"])
def test_the_first_person_who_answered_is_told_and_a_program_is_nobody(make_account: MakeAccount, world: str) -> None:
    """Both were resolved by the service itself."""
    (answer,) = asked(make_account(world))
    assert told(answer) == [
        ("Q1INVREC0000", "high", "19:01:20", "Mike Chen"), ("Q1INVREC0001", "low", None, None),
    ]  # fmt: skip


def entry(kind: str, at: str, agent: str = "user_reference", id: str = "PMIKECH", **more: Any) -> dict[str, Any]:
    who = {"id": id, "type": agent, "summary": id}
    return {"type": f"{kind}_log_entry", "created_at": at, "agent": who, "incident": {"id": "Q1INVREC0000"}, **more}


TRIGGER = entry("trigger", "2026-05-12T19:00:00Z", "service_reference")


def log(account: Account, *entries: Any) -> Any:
    account.says(LOG, {"log_entries": list(entries), "more": False, "total": len(entries), "limit": 100, "offset": 0})
    return asked(account)[0]


def test_a_persons_resolution_answers_as_well_and_the_earliest_counts(account: Account) -> None:
    answer = log(
        account, entry("acknowledge", "2026-05-12T19:09:00Z", id="PSAMOKA"), entry("resolve", "2026-05-12T19:03:00Z"),
        entry("acknowledge", "2026-05-12T19:01:00Z", "service_reference"), entry("annotate", "2026-05-12T19:00:30Z"),
        TRIGGER,
    )  # fmt: skip
    assert told(answer)[0] == ("Q1INVREC0000", "high", "19:03:00", "PMIKECH")


def test_notes_and_what_programs_sent_are_not_kept(account: Account) -> None:
    answer = log(account, entry("acknowledge", "2026-05-12T19:01:00Z", note="call me", channel={"x": "hush"}), TRIGGER)
    assert b"call me" not in answer.to_bytes()
    assert b"hush" not in answer.to_bytes()


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [entry("acknowledge", "2026-05-12T19:01:00Z")],
        [TRIGGER, entry("acknowledge", "yesterday")],
        [TRIGGER, entry("acknowledge", "2026-05-12T19:01:00")],
        [TRIGGER, entry("acknowledge", "2026-05-12T19:01:00Z", incident={"id": "Q1OTHER"})],
        [TRIGGER, {"type": None}],
        [7],
    ],
)
def test_a_log_that_is_not_the_incidents_own_is_malformed(account: Account, entries: list[Any]) -> None:
    assert log(account, *entries).reason is GapReason.MALFORMED


def test_only_what_was_created_in_the_window_counts(account: Account) -> None:
    (answer,) = asked(account, ResponsesAsk(service="PINVREC", window=Window(start=day(5, 13), end=day(6, 12))))
    assert [id for id, *_ in told(answer)] == ["Q1INVREC0001"]


def test_a_log_is_read_to_its_end_or_truncated(account: Account) -> None:
    account.says(LOG, {"log_entries": [TRIGGER], "more": True, "total": 2, "limit": 100, "offset": 0})
    assert asked(account)[0].reason is GapReason.TRUNCATED


@pytest.mark.parametrize(("path", "scope"), [("/services/PINVREC", "services.read"), ("/incidents", "incidents.read"),
                                             (LOG, "incidents.read")])  # fmt: skip
def test_a_refusal_names_the_permission(account: Account, path: str, scope: str) -> None:
    account.proxy.set(Fault(kind="status", status=403, path=path))
    (gap,) = asked(account)
    assert (gap.reason, gap.scope) == (GapReason.DENIED, scope)
    assert path in gap.what


def test_one_incident_whose_log_is_not_told_leaves_other_services_alone(account: Account) -> None:
    account.proxy.set(Fault(kind="status", status=404, path=LOG))
    first, second = asked(account, OURS, ResponsesAsk(service="PLEDGER", window=SPRING))
    assert isinstance(first, Gap)
    assert first.reason is GapReason.GONE
    assert told(second) == [("Q1LEDGER0001", "high", None, None)]


def test_a_service_that_is_not_there_is_gone(account: Account) -> None:
    assert asked(account, ResponsesAsk(service="PNOBODY", window=SPRING))[0].reason is GapReason.GONE


def test_a_long_window_is_asked_for_in_pieces(account: Account) -> None:
    (answer,) = asked(account, ResponsesAsk(service="PINVREC", window=Window(start=day(1, 1), end=day(6, 12))))
    assert len(told(answer)) == 2
    assert account.calls.count("/incidents") == 2
