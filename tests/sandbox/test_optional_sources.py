"""The stand-ins of the optional sources answer from the world as each vendor does, by contract where there is one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from openapi_schema_validator import OAS30ReadValidator

from agent import settings
from agent.service.assembly import assemble
from collectors.evidence import Answer, Evidence, Request
from collectors.registry import REQUESTS, UNBUILT
from collectors.sandbox.github import GitHub
from collectors.sandbox.langsmith import LangSmith
from collectors.sandbox.langsmith_filter import Invalid, parse
from collectors.sandbox.okta import Okta
from collectors.sandbox.server import Asked, Reply, StandIn
from collectors.sandbox.slack import Slack
from collectors.sandbox.start import Sandbox, start
from collectors.sandbox.world import World, load_world
from tests.collectors.optional_place import CONTRACTS, ROOT, contract

WORLDS = ROOT / "config" / "worlds"
PILOT = {"start": "2026-05-13T00:00:00-04:00", "end": "2026-06-12T00:00:00-04:00"}
ASKED: dict[str, dict[str, Any]] = {
    "langsmith.run_stats": {"project": "finance-invoice-recon", "window": PILOT},
    "langsmith.retention": {"project": "finance-invoice-recon"},
    "langsmith.guardrail_runs": {
        "project": "finance-invoice-recon", "window": PILOT, "filter": 'has(tags, "input_validation")'
    },
    "github.file": {"path": "acme/finance-agents/docs/runbook.md"},
    "slack.scheduled_messages": {"channel": "C0FINANCE1"},
    "okta.identity": {"name": "agent-finance-invoice-recon"},
}  # fmt: skip


def world_of(name: str) -> World:
    return load_world(WORLDS / name)


def ask(stand_in: StandIn, target: str, headers: dict[str, str], body: Any = None, method: str = "GET") -> Reply:
    parts = urlsplit(target)
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    return stand_in.answer(Asked(method, parts.path, query, headers, json.dumps(body).encode(), target))


@pytest.fixture(scope="module", params=["as-written", "put-right"])
def sandbox(request: pytest.FixtureRequest) -> Any:
    with start(world_of(request.param)) as running:
        yield running


@pytest.mark.parametrize("type_", ASKED)
def test_in_both_worlds_every_optional_request_is_answered_through_settings_and_registry(
    sandbox: Sandbox, tmp_path: Path, type_: str
):
    """From the environment to the evidence, as an assessment of a card that names the source would ask it."""
    deps = assemble(settings.read({**sandbox.settings(), "CLEARANCE_HOME": str(tmp_path)}))
    row = REQUESTS[type_]
    asked: Request = row.ask.model_validate(ASKED[type_])
    (answer,) = row.collector()(deps.connections, [asked])
    assert isinstance(answer, Evidence), answer
    assert answer.source.sandbox
    assert isinstance(answer.facts, row.facts)
    assert row.facts.model_validate_json(answer.facts.model_dump_json()) == answer.facts
    deps.engine.dispose()


def test_none_of_them_is_left_unbuilt():
    assert set(ASKED) & UNBUILT == set()


@pytest.mark.parametrize("type_", ASKED)
def test_without_its_setting_a_source_is_not_configured_and_the_rest_goes_on(tmp_path: Path, type_: str):
    deps = assemble(settings.read({"CLEARANCE_HOME": str(tmp_path)}))
    row = REQUESTS[type_]
    (answer,) = row.collector()(deps.connections, [row.ask.model_validate(ASKED[type_])])
    assert reason_of(answer) == "not_configured"
    deps.engine.dispose()


def reason_of(answer: Answer) -> str:
    return "" if isinstance(answer, Evidence) else answer.reason.value


def schema_of(document: Any, path: str) -> Any:
    content = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    return {"components": document["components"], **content}


@pytest.mark.parametrize("world", ["as-written", "put-right"])
@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/repos/{owner}/{repo}/contents/{path}", "/repos/acme/finance-agents/contents/docs/runbook.md"),
        ("/repos/{owner}/{repo}/contents/{path}", "/repos/acme/finance-agents/contents/logs/drill.txt"),
        ("/repos/{owner}/{repo}/commits", "/repos/acme/finance-agents/commits"),
        ("/repos/{owner}/{repo}/commits", "/repos/acme/finance-agents/commits?path=docs/runbook.md&per_page=1"),
    ],
)
def test_github_s_answers_follow_its_contract(world: str, path: str, target: str):
    document = contract("github", "openapi.json")
    reply = ask(GitHub(world_of(world)), target, {"authorization": "Bearer sandbox-github-token"})
    assert reply.status == 200
    errors = list(OAS30ReadValidator(schema_of(document, path)).iter_errors(json.loads(reply.body)))
    assert [error.message for error in errors] == []


@pytest.mark.parametrize("world", ["as-written", "put-right"])
@pytest.mark.parametrize("method", ["chat.scheduledMessages.list", "auth.test"])
def test_slack_s_answers_follow_its_contract(world: str, method: str):
    document = contract("slack", "openapi.v2.json")
    reply = ask(Slack(world_of(world)), f"/api/{method}", {"authorization": "Bearer sandbox-slack-token"})
    assert slack_errors(document, method, "200", json.loads(reply.body)) == []


def test_slack_s_refusals_follow_its_contract():
    document = contract("slack", "openapi.v2.json")
    reply = ask(Slack(world_of("as-written")), "/api/auth.test", {"authorization": "Bearer wrong"})
    assert reply.status == 200
    assert slack_errors(document, "auth.test", "default", json.loads(reply.body)) == []


def slack_errors(document: Any, method: str, status: str, body: Any) -> list[str]:
    schema = document["paths"][f"/{method}"]["get"]["responses"][status]["schema"]
    whole = {"definitions": document["definitions"], **schema}
    return [error.message for error in OAS30ReadValidator(whole).iter_errors(body)]


def test_the_vendors_own_examples_have_the_fields_that_the_stand_ins_give():
    """What GitHub's and Slack's examples name, ours name too."""
    if not CONTRACTS.exists():
        pytest.skip(f"{CONTRACTS} is not there: the vendors' examples were not looked at")
    github = GitHub(world_of("as-written"))
    reply = ask(
        github, "/repos/acme/finance-agents/contents/docs/runbook.md", {"authorization": "Bearer sandbox-github-token"}
    )
    example = json.loads((CONTRACTS / "examples/github/repos_get-content.json").read_text())
    assert set(json.loads(reply.body)) == set(example)


@pytest.mark.parametrize(
    ("make", "target", "status"),
    [
        (GitHub, "/rate_limit", 401),
        (Okta, "/api/v1/apps", 401),
        (LangSmith, "/api/v1/sessions", 401),
        (Slack, "/api/auth.test", 200),
    ],
)
def test_a_wrong_credential_is_refused_as_the_vendor_refuses_it(make: Any, target: str, status: int):
    reply = ask(make(world_of("as-written")), target, {"authorization": "Bearer wrong", "x-api-key": "wrong"})
    assert reply.status == status
    assert b"invalid_auth" in reply.body or status == 401


def test_before_it_was_scheduled_and_after_it_was_posted_a_message_is_not_shown():
    held = {"authorization": "Bearer sandbox-slack-token"}
    world = world_of("as-written")
    for clock, seen in (
        ("2026-06-11T13:00:00-04:00", 0),
        ("2026-06-12T16:00:00-04:00", 1),
        ("2026-06-13T09:00:00-04:00", 0),
    ):
        then = World.model_validate({**world.model_dump(), "clock": clock})
        body = json.loads(ask(Slack(then), "/api/chat.scheduledMessages.list", held).body)
        assert len(body["scheduled_messages"]) == seen


def test_runs_that_retention_has_deleted_are_gone_from_the_counts():
    world = world_of("as-written")
    stand_in = LangSmith(World.model_validate({**world.model_dump(), "clock": "2026-12-10T00:00:00-05:00"}))
    held = {"x-api-key": "sandbox-langsmith-key"}
    project = json.loads(ask(stand_in, "/api/v1/sessions?name=finance-invoice-recon", held).body)[0]["id"]
    body = {
        "session": [project],
        "start_time": "2026-05-13T00:00:00-04:00",
        "filter": 'lt(start_time, "2026-06-12T00:00:00-04:00")',
    }
    counted = json.loads(ask(stand_in, "/api/v1/runs/stats", held, body, "POST").body)
    assert counted["run_count"] == 0


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ('eq(name, "guardrail")', True),
        ('and(eq(name, "guardrail"), has(tags, "b"))', True),
        ('or(eq(name, "x"), not(has(tags, "a")))', False),
        ("gt(latency, 2)", True),
        ('lt(start_time, "2026-06-10T00:00:00Z")', False),
        ('neq(status, "success")', False),
    ],
)
def test_langsmith_s_filters_are_understood(text: str, holds: bool):
    run = {
        "name": "guardrail",
        "tags": ("a", "b"),
        "latency": 3.0,
        "status": "success",
        "start_time": "2026-06-11T00:00:00Z",
    }
    assert parse(text, frozenset(run))(run) is holds


@pytest.mark.parametrize(
    "text", ["", "eq(name)", 'eq(nam, "x")', 'like(name, "x")', 'eq(name, "x"', 'eq(name, "x") x', "eq(name, x)", "§"]
)
def test_a_filter_that_is_none_is_refused(text: str):
    with pytest.raises(Invalid):
        parse(text, frozenset({"name"}))
