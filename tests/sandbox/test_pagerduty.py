"""The PagerDuty stand-in answers from the world as the vendor's REST API does, by the contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from collectors.sandbox.pagerduty import PagerDuty
from collectors.sandbox.server import Asked
from collectors.sandbox.world import World
from tests import plain_yaml

REPOSITORY = Path(__file__).parents[2]
CONTRACT = REPOSITORY.parent / "shared" / "contracts" / "pagerduty" / "openapi.json"
WORLDS = REPOSITORY / "config" / "worlds"
TOKEN = "sandbox-pagerduty-token"


def world_of(name: str) -> World:
    """The world, with the clock of the as-written one."""
    data = plain_yaml.load((WORLDS / "as-written" / "world.yaml").read_text())
    return World.model_validate({**data, "name": name, "folder": WORLDS / name})


@pytest.fixture(params=["as-written", "put-right"])
def stand_in(request: pytest.FixtureRequest) -> PagerDuty:
    return PagerDuty(world_of(request.param))


@pytest.fixture
def written() -> PagerDuty:
    return PagerDuty(world_of("as-written"))


def ask(stand_in: PagerDuty, target: str, key: str = f"Token token={TOKEN}", method: str = "GET") -> tuple[int, Any]:
    parts = urlsplit(target)
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    reply = stand_in.answer(Asked(method, parts.path, query, {"authorization": key}))
    return reply.status, json.loads(reply.body)


def got(stand_in: PagerDuty, target: str) -> Any:
    status, body = ask(stand_in, target)
    assert status == 200, body
    return body


BY_CONTRACT = [
    ("/abilities", "/abilities"),
    ("/users", "/users?limit=2&total=true"),
    ("/users/{id}", "/users/PMIKECH"),
    ("/users/{id}", "/users/PSAMOKA?include[]=contact_methods&include[]=notification_rules"),
    ("/services", "/services?query=invoice"),
    ("/services/{id}", "/services/PINVREC?include[]=escalation_policies"),
    ("/escalation_policies", "/escalation_policies"),
    ("/escalation_policies/{id}", "/escalation_policies/PINVPOL"),
    ("/oncalls", "/oncalls?since=2026-06-13T00:00:00-04:00&until=2026-06-27T00:00:00-04:00&include[]=users"),
    ("/oncalls", "/oncalls?include[]=schedules&include[]=escalation_policies"),
    ("/schedules", "/schedules"),
    ("/schedules/{id}", "/schedules/PINVPRI?since=2026-06-13T00:00:00Z&until=2026-06-27T00:00:00Z"),
    ("/v3/schedules", "/v3/schedules"),
    ("/v3/schedules/{id}", "/v3/schedules/PINVBAK"),
    ("/v3/schedules/{id}", "/v3/schedules/PINVBAK?include[]=final_schedule&since=2026-06-13T00:00:00Z"),
    ("/priorities", "/priorities"),
    ("/incidents", "/incidents?date_range=all"),
    ("/maintenance_windows", "/maintenance_windows?filter=all"),
    ("/schedules", "/schedules?include[]=final_schedule&since=2026-06-13T00:00:00Z&until=2026-06-27T00:00:00Z"),
    ("/services", "/services?include[]=escalation_policies&total=true"),
    ("/users", "/users?include[]=contact_methods&include[]=notification_rules"),
]


@pytest.mark.parametrize(("path", "target"), BY_CONTRACT)
def test_every_answer_keeps_to_the_contract(stand_in: PagerDuty, path: str, target: str) -> None:
    if not CONTRACT.exists():
        pytest.skip(f"the vendors' contracts are not beside this repository ({CONTRACT})")
    from openapi_schema_validator import OAS30ReadValidator

    contract = json.loads(CONTRACT.read_text())
    schema = contract["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    validator = OAS30ReadValidator({"components": contract["components"], **schema})
    assert [error.message for error in validator.iter_errors(got(stand_in, target))] == []


@pytest.mark.parametrize("key", ["", "Token token=other", f"Token {TOKEN}", f"Basic {TOKEN}"])
def test_a_wrong_key_is_refused_with_the_vendors_code(written: PagerDuty, key: str) -> None:
    status, body = ask(written, "/services/PINVREC", key)
    assert (status, body["error"]["code"]) == (401, 2006)


def test_a_bearer_token_is_accepted_too(written: PagerDuty) -> None:
    assert ask(written, "/services/PINVREC", f"Bearer {TOKEN}")[0] == 200


@pytest.mark.parametrize("path", ["/services/PNONE", "/users/PNONE", "/escalation_policies/PNONE", "/schedules/PNONE"])
def test_an_unknown_id_is_not_found(written: PagerDuty, path: str) -> None:
    status, body = ask(written, path)
    assert (status, body["error"]["code"]) == (404, 2100)


def test_an_accounts_key_has_no_me(written: PagerDuty) -> None:
    status, body = ask(written, "/users/me")
    assert status == 400
    assert "account-level access token" in body["error"]


def test_nothing_can_be_written(written: PagerDuty) -> None:
    assert ask(written, "/services/PINVREC", method="PUT")[0] == 403


def test_a_layer_based_schedule_is_refused_by_version_three_and_found_by_version_two(written: PagerDuty) -> None:
    assert ask(written, "/v3/schedules/PINVPRI")[0] == 400
    assert ask(written, "/v3/schedules/PNONE")[0] == 404
    assert ask(written, "/schedules/PINVBAK")[0] == 404
    assert got(written, "/schedules/PINVPRI")["schedule"]["type"] == "schedule"


def test_neither_list_of_schedules_shows_the_other_kind(written: PagerDuty) -> None:
    assert [s["id"] for s in got(written, "/schedules")["schedules"]] == ["PINVPRI"]
    assert [s["id"] for s in got(written, "/v3/schedules")["schedules"]] == ["PINVBAK"]


def test_on_calls_without_a_window_are_of_this_instant(written: PagerDuty) -> None:
    entries = got(written, "/oncalls?escalation_policy_ids[]=PINVPOL")["oncalls"]
    assert [(e["escalation_level"], e["user"]["summary"]) for e in entries] == [(1, "Mike Chen"), (2, "Morteza Moradi")]


def test_on_calls_of_a_window_are_whole_turns_by_level_and_start(written: PagerDuty) -> None:
    entries = got(written, "/oncalls?since=2026-06-13T00:00:00Z&until=2026-06-14T00:00:00Z&schedule_ids[]=PINVPRI")
    told = [(e["user"]["id"], e["start"], e["end"]) for e in entries["oncalls"]]
    assert told == [
        ("PMIKECH", "2026-06-08T04:00:00Z", "2026-06-13T04:00:00Z"),
        ("PSAMOKA", "2026-06-13T04:00:00Z", "2026-06-15T04:00:00Z"),
    ]


def test_on_calls_are_rendered_in_the_zone_asked_for(written: PagerDuty) -> None:
    entries = got(written, "/oncalls?time_zone=America/New_York&schedule_ids[]=PINVPRI")["oncalls"]
    assert entries[0]["start"] == "2026-06-08T00:00:00-04:00"


def test_somebody_named_directly_is_always_on_call(written: PagerDuty) -> None:
    (entry,) = got(written, "/oncalls?schedule_ids[]=null")["oncalls"]
    assert (entry["user"]["id"], entry["schedule"], entry["start"], entry["end"]) == ("PMIKECH", None, None, None)


def test_shifts_more_than_ninety_days_ahead_are_not_given(written: PagerDuty) -> None:
    found = got(
        written, "/oncalls?since=2026-12-01T00:00:00Z&until=2026-12-08T00:00:00Z&escalation_policy_ids[]=PINVPOL"
    )
    assert found["oncalls"] == []


def test_the_earliest_on_call_is_one_a_policy_level_and_user(written: PagerDuty) -> None:
    window = "since=2026-06-13T00:00:00Z&until=2026-07-13T00:00:00Z"
    assert len(got(written, f"/oncalls?{window}&earliest=true&escalation_policy_ids[]=PINVPOL")["oncalls"]) == 3


@pytest.mark.parametrize(
    "target",
    [
        "/oncalls?since=2026-07-01T00:00:00Z",
        "/oncalls?since=yesterday",
        "/oncalls?time_zone=Mars/Olympus",
        "/oncalls?limit=some",
        "/oncalls?include[]=everything",
        "/users/PMIKECH?include[]=passwords",
        "/incidents?since=2025-01-01T00:00:00Z&until=2026-01-01T00:00:00Z",
        "/incidents?limit=100&offset=9950",
    ],
)
def test_a_wrong_question_is_refused_and_never_answered_with_less(written: PagerDuty, target: str) -> None:
    status, body = ask(written, target)
    assert (status, body["error"]["message"]) == (400, "Invalid Input Provided")


def test_a_rendered_schedule_is_cut_at_the_window_unless_overflow_is_asked_for(written: PagerDuty) -> None:
    window = "since=2026-06-10T12:00:00Z&until=2026-06-11T12:00:00Z&time_zone=UTC"

    def entries(more: str) -> list[tuple[str, str]]:
        final = got(written, f"/schedules/PINVPRI?{window}{more}")["schedule"]["final_schedule"]
        return [(e["start"], e["end"]) for e in final["rendered_schedule_entries"]]

    assert entries("") == [("2026-06-10T12:00:00Z", "2026-06-11T12:00:00Z")]
    assert entries("&overflow=true") == [("2026-06-08T04:00:00Z", "2026-06-13T04:00:00Z")]


def test_a_users_methods_are_references_unless_included(written: PagerDuty) -> None:
    plain = got(written, "/users/PMORTEZ")["user"]["contact_methods"][0]
    full = got(written, "/users/PMORTEZ?include[]=contact_methods")["user"]["contact_methods"][0]
    assert (plain["type"], "address" in plain) == ("phone_contact_method_reference", False)
    assert (full["type"], full["enabled"]) == ("phone_contact_method", True)


def test_a_list_is_paged_by_offset_and_limit(written: PagerDuty) -> None:
    first, last = got(written, "/users?limit=2"), got(written, "/users?limit=2&offset=2&total=true")
    assert ([u["id"] for u in first["users"]], first["more"], first["total"]) == (["PMIKECH", "PSAMOKA"], True, None)
    assert ([u["id"] for u in last["users"]], last["more"], last["total"]) == (["PMORTEZ"], False, 3)


def test_a_list_of_schedules_renders_what_one_alone_does(written: PagerDuty) -> None:
    window = "since=2026-06-13T00:00:00Z&until=2026-06-27T00:00:00Z&time_zone=UTC"
    (listed,) = got(written, f"/schedules?include[]=final_schedule&{window}")["schedules"]
    assert listed["final_schedule"] == got(written, f"/schedules/PINVPRI?{window}")["schedule"]["final_schedule"]


def test_a_service_tells_its_last_incident_and_whether_one_is_open() -> None:
    world = world_of("as-written")
    stand_in = PagerDuty(world)
    assert got(stand_in, "/services/PINVREC")["service"]["last_incident_timestamp"] == "2026-05-27T14:05:00Z"
    assert got(stand_in, "/services/PINVREC")["service"]["status"] == "active"


def silenced(tmp_path: Path) -> PagerDuty:
    data = plain_yaml.load((WORLDS / "as-written" / "pagerduty.yaml").read_text())
    span = {"services": ["PINVREC"], "start": "2026-05-20T00:00:00Z"}
    data["maintenance"] = [
        {"id": "PMW1", "end": "2026-05-21T00:00:00Z", **span},
        {"id": "PMW2", "end": "2026-12-21T00:00:00Z", **span},
    ]
    data["incidents"][1]["resolved"] = None
    (tmp_path / "pagerduty.yaml").write_text(plain_yaml.dump(data))
    return PagerDuty(world_of("as-written").model_copy(update={"folder": tmp_path}))


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("filter=all&service_ids[]=PINVREC", ["PMW1", "PMW2"]),
        ("filter=past", ["PMW1"]),
        ("filter=ongoing", ["PMW2"]),
        ("filter=open", ["PMW2"]),
        ("filter=future", []),
        ("service_ids[]=PLEDGER", []),
    ],
)
def test_maintenance_windows_are_those_asked_for(tmp_path: Path, query: str, ids: list[str]) -> None:
    found = got(silenced(tmp_path), f"/maintenance_windows?{query}")["maintenance_windows"]
    assert [window["id"] for window in found] == ids


def test_a_service_with_an_open_incident_is_critical(tmp_path: Path) -> None:
    assert got(silenced(tmp_path), "/services/PINVREC")["service"]["status"] == "critical"


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("service_ids[]=PINVREC&since=2026-05-13T00:00:00-04:00&until=2026-06-12T00:00:00-04:00", ["Q1INVREC0001"]),
        ("service_ids[]=PINVREC&date_range=all&sort_by=created_at:asc", ["Q1INVREC0000", "Q1INVREC0001"]),
        ("service_ids[]=PINVREC&date_range=all&urgencies[]=low", ["Q1INVREC0001"]),
        ("service_ids[]=PNONE&date_range=all", []),
        ("date_range=all&statuses[]=triggered", []),
        ("date_range=all&user_ids[]=PMIKECH", []),
        ("since=2026-05-20T00:00:00&until=2026-05-21T00:00:00", ["Q1LEDGER0001"]),
    ],
)
def test_incidents_are_those_asked_for(written: PagerDuty, query: str, ids: list[str]) -> None:
    assert [incident["id"] for incident in got(written, f"/incidents?{query}")["incidents"]] == ids


def test_incidents_without_a_window_are_of_the_last_month(written: PagerDuty) -> None:
    assert "Q1INVREC0000" not in [incident["id"] for incident in got(written, "/incidents")["incidents"]]
