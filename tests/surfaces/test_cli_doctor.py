"""`clearance doctor`: what a gate needs of each source, what is there, what cannot be seen, and whose clock is off."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from agent.service.needs import Asked, Needed
from agent.surfaces import needing
from collectors.connections import BlindSpot, SourceCheck, Tried
from collectors.tries import with_tried
from tests.surfaces.cli import Desk

SUBJECT, GATE = "finance-invoice-recon", "pilot-to-prod"
SDK = "server SDK key of agents/production"


def asking(type: str, **params: Any) -> Needed:
    return Needed((GATE,), (Asked(GATE, SUBJECT, type, params),), ())


def state(type: str, *sources: SourceCheck, **params: Any) -> str:
    """How it stands with the one permission that the request needs."""
    (found,) = needing.permissions(sources, asking(type, **params))
    return found.state


def row(vendor: str, standing: Any = "ok", **more: Any) -> SourceCheck:
    return SourceCheck(vendor=vendor, state=standing, sentence="", **more)


def test_a_permission_is_held_or_missing_only_where_the_check_showed_it():
    assert state("datadog.dashboard_views", row("datadog", held=("audit_logs_read",))) == "held"
    assert state("datadog.dashboard_views", row("datadog", missing=("audit_logs_read",))) == "missing"
    assert state("datadog.dashboard_views", row("datadog")) == "known when asked"
    assert state("datadog.dashboard_views", row("datadog", "unreachable")) == "known when asked"
    assert state("datadog.dashboard_views", row("datadog", "not configured")) == "not configured"


def on(about: str, state: str, sentence: str = "") -> Tried:
    return Tried.model_validate(
        {"permission": "iam:GetRole", "about": about, "state": state, "sentence": sentence}
    )  # fmt: skip


def test_it_says_on_which_things_a_permission_was_tried_and_why_one_is_missing():
    seen = (on("role a", "held"), on("role b", "missing", "it needs iam:GetRole."), on("role c", "not needed"))
    source = with_tried(row("aws", account="1"), seen)

    found = next(p for p in needing.permissions([source], asking("aws.iam", name="a")) if p.permission == "iam:GetRole")

    assert (found.state, found.on) == ("missing", ("role a", "role b"))
    assert found.said == ("role b: it needs iam:GetRole.",)


def test_a_permission_that_no_thing_on_a_card_needs_is_not_needed():
    source = with_tried(row("aws"), (on("role a", "not needed"),))
    assert next(p.state for p in needing.permissions([source], asking("aws.iam", name="a"))) == "not needed"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([row("launchdarkly", account="agents/production", held=(SDK,))], "held"),
        ([row("launchdarkly", account="*", held=("server SDK key of *",))], "held"),
        ([row("launchdarkly", "refused", account="agents/production", missing=(SDK,))], "missing"),
        ([row("launchdarkly", "unreachable", account="agents/production")], "known when asked"),
        ([row("launchdarkly", account="agents/test", held=("server SDK key of agents/test",))], "missing"),
        ([row("launchdarkly", account="6650a")], "missing"),
    ],
)
def test_a_flag_is_evaluated_with_the_key_of_its_own_environment(rows: list[SourceCheck], told: str):
    """Another environment's key is no key for it."""
    asked = {"project": "agents", "environment": "production", "flag": "f"}
    assert state("launchdarkly.flag_evaluation", *rows, **asked) == told


def test_what_is_blind_matters_to_those_who_look_back_further():
    window = {"start": "2026-05-13T00:00:00-04:00", "end": "2026-06-12T00:00:00-04:00"}
    wanted = asking("datadog.dashboard_views", id="d", window=window)
    for since, matters in ((datetime(2026, 6, 5, tzinfo=UTC), [SUBJECT]), (datetime(2026, 3, 1, tzinfo=UTC), [])):
        spot = BlindSpot(request="datadog.dashboard_views", sentence="", since=since)
        assert needing.blind_rows([row("datadog", blind=(spot,))], wanted)[0]["matters"] == matters
    nothing = BlindSpot(request="datadog.dashboard_views", sentence="")
    assert needing.blind_rows([row("datadog", blind=(nothing,))], wanted)[0]["matters"] == [SUBJECT]


@pytest.mark.parametrize(
    ("ahead", "clock_set", "told"),
    [
        (60.0, False, "ok"),
        (61.0, False, "warning"),
        (-61.0, False, "warning"),
        (9e9, True, "not judged"),
        (None, False, "not told"),
    ],
)
def test_a_clock_is_judged_unless_it_was_set_or_nobody_told_the_time(ahead: float | None, clock_set: bool, told: str):
    assert needing.clock_of(row("okta", clock_ahead_s=ahead), clock_set)["state"] == told


class Late(BaseHTTPRequestHandler):
    """An organisation without applications, whose clock is two minutes behind."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(time.time() - 120)

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def late_okta() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Late) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_machine_that_is_two_minutes_ahead_of_a_source_is_warned(nowhere: Desk, late_okta: str):
    """A warning, no failure: code 0."""
    own = {"OKTA_TOKEN": "t", "CLEARANCE_OKTA_URL": late_okta}
    told, shown = nowhere.run("doctor", "--json", **own), nowhere.run("doctor", **own)

    (okta,) = [one for one in json.loads(told.stdout)["sources"] if one["vendor"] == "okta"]
    assert told.returncode == 0, told.stderr
    assert okta["clock"]["state"] == "warning"
    assert 115 <= okta["clock"]["ahead_s"] <= 125
    assert "s ahead of okta" in shown.stdout


def test_without_settings_it_names_what_each_gate_needs_of_each_source(desk: Desk):
    """Stable keys; every permission of what no setting opens is "not configured"."""
    done = desk.run("doctor", "--gate", GATE, "--json")

    told = json.loads(done.stdout)
    assert done.returncode == 2
    assert set(told) == {
        "settings", "overlay", "gates", "sources", "permissions", "blind", "discover", "unplanned", "undelivered",
        "login", "well", "switch", "chat", "rounds",
    }  # fmt: skip
    assert told["discover"]["slack"] == ["channels:read"]
    assert told["gates"] == [GATE]
    assert {one["state"] for one in told["permissions"]} == {"not configured"}
    needs = {(one["vendor"], one["permission"]): one["requests"] for one in told["permissions"]}
    assert needs["aws", "secretsmanager:ListSecretVersionIds"] == ["aws.secret_rotation"]
    assert needs["datadog", "timeseries_query"] == ["datadog.metric", "datadog.dashboard"]
    assert needs["launchdarkly", SDK] == ["launchdarkly.flag_evaluation"]
    assert ("okta", "okta.apps.read") not in needs
    assert set(told["sources"][0]) == {"vendor", "state", "account", "sentence", "needed", "clock"}


def test_a_subject_without_a_card_is_told_with_the_nearest(desk: Desk):
    done = desk.run("doctor", "--gate", GATE, "--subject", "finance-invoice-rekon")

    assert (done.returncode, done.stdout) == (2, "")
    assert "Did you mean finance-invoice-recon?" in done.stderr


def test_a_gate_that_is_none_is_told_with_the_nearest(nowhere: Desk):
    done = nowhere.run("doctor", "--gate", "pilot-to-prd")

    assert (done.returncode, done.stdout) == (2, "")
    assert "Did you mean pilot-to-prod?" in done.stderr
