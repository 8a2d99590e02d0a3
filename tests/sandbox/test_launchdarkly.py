"""The LaunchDarkly stand-in answers what the vendor would: credentials, filters, pages, versions, SDK endpoints."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from collectors.sandbox.launchdarkly import LaunchDarkly
from collectors.sandbox.launchdarkly.auditlog import matches
from collectors.sandbox.server import serve
from collectors.sandbox.world import World, load_world
from tests.processes import LONGEST

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT.parent / "shared/contracts/launchdarkly/openapi.json"
FLAG = "/api/v2/flags/agents/finance-invoice-recon-enabled"
SPEC = "proj/agents:env/production:flag/finance-invoice-recon-enabled"


@pytest.fixture(params=["as-written", "put-right"])
def world(request: pytest.FixtureRequest) -> World:
    return load_world(ROOT / "config/worlds" / request.param)


def reading(url: str, world: World) -> httpx2.Client:
    """A client with the right token."""
    token = world.credentials.launchdarkly_token
    return httpx2.Client(base_url=url, headers={"authorization": token}, timeout=LONGEST)


@pytest.fixture
def vendor(world: World) -> Iterator[httpx2.Client]:
    """A client of the stand-in of `world`."""
    stand_in = LaunchDarkly(world)
    running = serve(stand_in)
    with reading(running.url, world) as client:
        yield client
    stand_in.close()
    running.close()


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    if not CONTRACT.exists():
        pytest.skip(f"the vendor's contract is not at {CONTRACT}: bodies are not validated")
    loaded: dict[str, Any] = json.loads(CONTRACT.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture
def valid(contract: dict[str, Any]) -> Callable[[str, object], list[str]]:
    """What is wrong with the 200 answer of a path of the contract."""
    from openapi_schema_validator import OAS30ReadValidator

    def errors(path: str, body: object) -> list[str]:
        schema = contract["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        validator = OAS30ReadValidator({"components": contract["components"], **schema})
        return [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(body)]

    return errors


def items(vendor: httpx2.Client, **params: str | int) -> list[Any]:
    answer = vendor.get("/api/v2/auditlog", params=params)
    assert answer.status_code == 200, answer.text
    held: list[Any] = answer.json()["items"]
    return held


def millis(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


# --- the contract ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/api/v2/caller-identity", "/api/v2/caller-identity"),
        ("/api/v2/flags/{projectKey}/{featureFlagKey}", FLAG),
        ("/api/v2/flags/{projectKey}/{featureFlagKey}", FLAG + "?env=production"),
        ("/api/v2/auditlog", "/api/v2/auditlog?limit=20"),
        ("/api/v2/flag-statuses/{projectKey}/{environmentKey}/{featureFlagKey}",
         "/api/v2/flag-statuses/agents/production/finance-invoice-recon-enabled"),
    ],
)  # fmt: skip
def test_every_body_is_what_the_contract_says(vendor, valid, path, asked):
    answer = vendor.get(asked)
    assert answer.status_code == 200
    assert valid(path, answer.json()) == []


def test_every_entry_is_what_the_contract_says(vendor, valid):
    for entry in items(vendor, limit=20):
        body = vendor.get(f"/api/v2/auditlog/{entry['_id']}").json()
        assert valid("/api/v2/auditlog/{id}", body) == []


# --- credentials -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/v2/caller-identity", FLAG, "/api/v2/auditlog", "/sdk/latest-all", "/all"])
def test_every_address_wants_its_own_kind_of_credential(vendor, world, path):
    sdk_key, token = world.credentials.launchdarkly_sdk_keys["agents/production"], world.credentials.launchdarkly_token
    wrong_kind = sdk_key if path.startswith("/api/") else token
    for shown in ("", "another", wrong_kind, f"Bearer {token}"):
        answer = vendor.get(path, headers={"authorization": shown})
        assert answer.status_code == 401
        assert answer.json()["code"] == "unauthorized"


def test_nothing_can_be_changed(vendor):
    assert vendor.patch(FLAG, json=[]).status_code == 403
    assert vendor.delete(FLAG).status_code == 403


@pytest.mark.parametrize(
    "path",
    ["/api/v2/flags/agents/unknown", "/api/v2/flags/unknown/finance-invoice-recon-enabled", "/api/v2/auditlog/0",
     "/api/v2/flag-statuses/agents/unknown/finance-invoice-recon-enabled", "/api/v2/nothing"],
)  # fmt: skip
def test_what_does_not_exist_is_404(vendor, path):
    answer = vendor.get(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


# --- the flag --------------------------------------------------------------------------------------------------------


def test_the_flag_is_on_in_production_and_off_is_false(vendor):
    body = vendor.get(FLAG, params={"env": "production"}).json()
    held = body["environments"]["production"]
    assert list(body["environments"]) == ["production"]
    assert held["on"] is True
    assert body["variations"][held["offVariation"]]["value"] is False


def test_a_list_holds_configuration_only_of_the_environment_filtered_for_and_rules_only_without_summary(vendor):
    def listed(**params):
        body = vendor.get("/api/v2/flags/agents", params=params).json()
        return next(item for item in body["items"] if item["key"] == "finance-invoice-recon-enabled")["environments"]

    assert listed() == {}
    assert "rules" not in listed(filter="filterEnv:production")["production"]
    assert listed(filter="filterEnv:production", summary=0) == vendor.get(
        FLAG, params={"env": "production"}
    ).json()["environments"]  # fmt: skip


def test_an_environment_that_is_not_there_is_left_out_without_an_error(vendor):
    assert vendor.get(FLAG, params={"env": "prod"}).json()["environments"] == {}
    assert set(vendor.get(FLAG).json()["environments"]) == {"production", "staging"}


def test_the_flag_answers_no_keys(vendor):
    assert "apiKey" not in vendor.get(FLAG).text


# --- the audit log ---------------------------------------------------------------------------------------------------


def test_ten_entries_come_unless_more_are_asked_for_newest_first(vendor):
    dates = [entry["date"] for entry in items(vendor)]
    assert len(dates) == 10
    assert dates == sorted(dates, reverse=True)
    assert len(items(vendor, limit=20)) > 10
    assert len(items(vendor, limit=1)) == 1


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 21}, {"limit": "all"}, {"before": "yesterday"}])
def test_a_parameter_out_of_range_is_400(vendor, params):
    answer = vendor.get("/api/v2/auditlog", params=params)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_request"


def test_bounds_are_exclusive_and_in_milliseconds(vendor):
    drill = millis("2026-06-08T14:00:00-04:00")
    assert items(vendor, spec=SPEC, after=drill - 1, before=drill + 1)[0]["date"] == drill
    assert items(vendor, spec=SPEC, after=drill, before=drill + 1) == []
    assert items(vendor, spec=SPEC, after=drill - 1, before=drill) == []


def test_the_log_holds_others_that_only_a_specifier_leaves_out(vendor):
    everything = {entry["accesses"][0]["resource"].partition(";")[0] for entry in items(vendor, limit=20)}
    assert len(everything) >= 5
    assert {e["accesses"][0]["resource"].partition(";")[0] for e in items(vendor, spec=SPEC, limit=20)} == {SPEC}


def test_text_search_matches_other_flags_too(vendor):
    found = {entry["target"]["_links"]["canonical"]["href"] for entry in items(vendor, q="reconciliation", limit=20)}
    assert len(found) == 4
    assert items(vendor, q="no such text") == []


@pytest.mark.parametrize(
    ("spec", "name", "covered"),
    [
        ("proj/*:env/production:flag/*", "proj/agents:env/production:flag/x", True),
        ("proj/agents:env/*:flag/x", "proj/agents:env/production:flag/x;tag", True),
        ("proj/agents:env/production:flag/*;tag", "proj/agents:env/production:flag/x;tag,other", True),
        ("proj/agents:env/production:flag/*;tag", "proj/agents:env/production:flag/x", False),
        ("proj/agents:env/production:flag/x", "proj/agents:env/staging:flag/x", False),
        ("proj/agents", "proj/agents:env/production:flag/x", False),
    ],
)
def test_a_specifier_takes_wildcards_and_tags(spec, name, covered):
    assert matches(spec, name) is covered


def test_the_drill_is_in_the_log_with_the_flag_before_and_after(vendor):
    drill = millis("2026-06-08T14:00:00-04:00")
    (entry,) = items(vendor, spec=SPEC, after=drill - 1, before=drill + 1)
    assert [access["action"] for access in entry["accesses"]] == ["updateOn"]
    assert entry["member"]["lastName"] == "Moradi"
    assert "currentVersion" not in entry
    detail = vendor.get(f"/api/v2/auditlog/{entry['_id']}").json()
    before, after = (detail[name]["environments"] for name in ("previousVersion", "currentVersion"))
    assert (before["production"]["on"], after["production"]["on"]) == (True, False)
    assert before["staging"] == after["staging"]


def test_only_put_right_has_the_second_drill(vendor, world):
    after = millis("2026-06-16T00:00:00-04:00")
    turned = [entry["description"] for entry in items(vendor, spec=SPEC, after=after)]
    expected = ["* Turned the flag on\n", "* Turned the flag off\n"] if world.folder.name == "put-right" else []
    assert turned == expected


def test_nothing_is_told_that_has_not_happened_yet(world):
    earlier = world.model_copy(update={"clock": datetime.fromisoformat("2026-06-08T14:30:00-04:00")})
    stand_in = LaunchDarkly(earlier)
    running = serve(stand_in)
    with reading(running.url, world) as client:
        assert client.get(FLAG).json()["environments"]["production"]["on"] is False
        assert items(client, spec=SPEC, limit=1)[0]["titleVerb"] == "turned off the flag"
    running.close()


def test_a_status_says_whether_the_flag_is_asked_for(vendor):
    base = "/api/v2/flag-statuses/agents"
    assert vendor.get(f"{base}/production/finance-invoice-recon-enabled").json()["name"] == "active"
    never = vendor.get(f"{base}/staging/finance-invoice-recon-enabled-shadow").json()
    assert never["name"] == "new"
    assert "lastRequested" not in never


# --- for SDKs --------------------------------------------------------------------------------------------------------


@pytest.fixture
def sdk(vendor: httpx2.Client, world: World) -> dict[str, str]:
    return {"authorization": world.credentials.launchdarkly_sdk_keys["agents/production"]}


def test_a_key_opens_one_environment(vendor, sdk):
    flags = vendor.get("/sdk/latest-all", headers=sdk).json()["flags"]
    own = {"finance-invoice-recon-enabled", "finance-invoice-recon-enabled-shadow", "finance-invoice-recon-model"}
    assert set(flags) == own
    assert flags["finance-invoice-recon-enabled"]["on"] is True


def test_the_stream_begins_with_what_polling_gives(vendor, sdk):
    with vendor.stream("GET", "/all", headers=sdk) as response:
        assert response.headers["transfer-encoding"] == "chunked"
        lines = response.iter_lines()
        assert next(lines) == "event: put"
        put = json.loads(next(lines).removeprefix("data: "))
    assert put == {"path": "/", "data": vendor.get("/sdk/latest-all", headers=sdk).json()}


def served() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if "process_request_thread" in thread.name}


def test_a_stream_ends_when_its_reader_goes_away(vendor, world, sdk):
    before = served()
    with (
        httpx2.Client(base_url=vendor.base_url, timeout=LONGEST) as reader,
        reader.stream("GET", "/all", headers=sdk) as response,
    ):
        next(response.iter_lines())
        (streaming,) = served() - before
    streaming.join(LONGEST)
    assert not streaming.is_alive()


def test_a_stream_ends_when_the_stand_in_closes(world, sdk):
    stand_in = LaunchDarkly(world)
    running = serve(stand_in)
    with (
        httpx2.Client(base_url=running.url, timeout=LONGEST) as reader,
        reader.stream("GET", "/all", headers=sdk) as response,
    ):
        lines = response.iter_lines()
        next(lines)
        stand_in.close()
        assert "" in list(lines)
    running.close()


def test_the_vendors_own_sdk_streams_from_it_and_serves_the_flag(vendor, world, sdk):
    from ldclient import Config, Context, LDClient

    url = str(vendor.base_url).rstrip("/")
    config = Config(sdk["authorization"], base_uri=url, stream_uri=url, send_events=False, diagnostic_opt_out=True)
    with LDClient(config, start_wait=60) as client:
        assert client.is_initialized()
        detail = client.variation_detail("finance-invoice-recon-enabled", Context.create("x"), None)
    assert (detail.value, detail.reason) == (True, {"kind": "FALLTHROUGH"})
