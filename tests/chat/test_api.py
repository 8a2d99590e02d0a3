"""The HTTP API: a token and its scopes, one of the known calls, an answer or a sentence; nothing in it signs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from openapi_spec_validator import validate
from sqlalchemy import text
from starlette.testclient import TestClient

from agent.deps import Deps
from agent.service import jobs, tokens
from agent.service.asking import Place
from agent.store import own_switch
from agent.surfaces.api import app
from agent.surfaces.api.app import EACH_MINUTE, Limit
from agent.surfaces.api.calls import CALLS
from agent.surfaces.web.app import build
from tests.acceptance.conftest import SIGNERS, SUBJECT
from tests.acceptance.prepared import Prepared

ADDRESS = "http://127.0.0.1:8321"
AT = f"{ADDRESS}/api/v1"
MAY = f"/may-deploy?subject={SUBJECT}&version=1.0&gate=pilot-to-prod"


class Program:
    """Asks with a token. `ask` gives the status and the JSON."""

    def __init__(self, deps: Deps, *scopes: str, days: int = 1) -> None:
        app, _ = build(deps, ADDRESS, lambda sentence: None)
        self.deps, self.client = deps, TestClient(app, base_url=ADDRESS)
        self.kept, self.token = tokens.new(deps, f"ci-{len(tokens.every(deps))}", scopes or ("read",), days, "")

    def ask(self, path: str, method: str = "GET", token: str = "", **more: object) -> tuple[int, dict[str, object]]:
        headers = {"Authorization": f"Bearer {token or self.token}"}
        answer = self.client.request(method, f"/api/v1{path}", headers=headers, **more)  # type: ignore[arg-type]
        return answer.status_code, answer.json()


@pytest.fixture
def deps(prepared: Prepared, tmp_path: Path) -> Deps:
    return prepared.copy(tmp_path).deps()


@pytest.fixture
def program(deps: Deps) -> Program:
    return Program(deps)


def test_may_deploy_says_what_the_command_says(program: Program, prepared: Prepared):
    """Where a review waits for signatures, it and its link are named: nobody has to assess again."""
    status, told = program.ask(MAY)
    review, link = prepared.review, told.pop("link")

    assert (status, told) == (200, {
        "code": 50, "subject": SUBJECT, "version": "1.0", "gate": "pilot-to-prod", "review": review, "sandbox": False,
        "sentence": f"{SUBJECT}@1.0: nothing is signed for gate pilot-to-prod; {review} waits for signatures, "
                    f"`clearance reviews show {review}`",
    })  # fmt: skip
    assert link.endswith(f"/reviews/{review}")


def test_of_a_version_that_nobody_assessed_there_is_no_review_to_link_to(program: Program):
    told = program.ask(MAY.replace("version=1.0", "version=9"))[1]

    assert (told["code"], told["review"], told["link"]) == (50, "", "")
    assert told["sentence"].endswith("Assess it and have it signed")


def test_a_yes_to_stand_ins_says_that_it_is_one(prepared: Prepared, tmp_path: Path):
    """Whoever meant a sandbox gets 0, and cannot take it for another."""
    desk = prepared.copy(tmp_path)
    for person, role in SIGNERS:
        desk.sign(person, role, prepared.review, "cleared")
    program = Program(desk.deps())
    answers = [program.ask(path)[1] for path in (MAY, f"{MAY}&sandbox=true")]

    assert [(one["code"], one["sandbox"]) for one in answers] == [(20, True), (0, True)]


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("/subjects", "subjects", SUBJECT),
        (f"/status?subject={SUBJECT}", "rows", "cleared"),
        (f"/why?subject={SUBJECT}&item=9", "word", "met"),
        (f"/evidence?subject={SUBJECT}&item=4", "facts", "datadog"),
    ],
)
def test_it_tells_what_the_other_surfaces_tell(program: Program, path: str, name: str, value: str):
    status, told = program.ask(path)

    assert status == 200
    assert value in json.dumps(told[name])


def test_an_assessment_is_queued_and_its_job_can_be_looked_at(deps: Deps):
    program = Program(deps, "read", "assess")
    body = {"subject": SUBJECT, "gate": "pilot-to-prod"}

    status, asked = program.ask("/assess", "POST", json=body)
    assert (status, asked["state"]) == (202, "queued")
    assert program.ask("/assess", "POST", json=body)[1]["state"] == "joined"
    assert program.ask(f"/jobs/{asked['job']}")[1]["state"] == "queued"
    assert len(jobs.unfinished(deps)) == 1


def test_whoever_orders_hears_that_the_flag_cannot_be_heard(deps: Deps):
    own_switch.heard(deps.engine, own_switch.ON, "it serves true: FALLTHROUGH", deps.clock(), fresh=True)
    own_switch.not_heard(deps.engine, "LaunchDarkly cannot be reached (status 503)", deps.clock())

    told = Program(deps, "assess").ask("/assess", "POST", json={"subject": SUBJECT, "gate": "pilot-to-prod"})[1]

    assert "its last known value, of" in str(told["sentence"])


@pytest.mark.parametrize("token", ["", "nonsense", "clr_000000000000_" + "a" * 43, "clr_é"])
def test_without_a_token_that_counts_nothing_is_told(program: Program, token: str):
    headers = {"Authorization": f"Bearer {token}".encode()} if token else {}
    answer = program.client.get("/api/v1/subjects", headers=headers)  # type: ignore[arg-type]

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="clearance"'
    assert SUBJECT not in answer.text


def test_a_token_in_the_address_is_none(program: Program):
    """Addresses are kept in logs."""
    assert program.client.get(f"/api/v1/subjects?token={program.token}").status_code == 401


def test_a_token_that_was_revoked_or_has_run_out_counts_no_more(deps: Deps):
    revoked, over = Program(deps), Program(deps, days=1)
    tokens.revoke(deps, revoked.kept.name)
    later = replace(deps, clock=lambda: deps.clock() + timedelta(days=2))

    assert revoked.ask("/subjects")[0] == 401
    assert over.ask("/subjects")[0] == 200
    assert tokens.holder(later, over.token) is None


def test_a_token_that_has_run_out_is_told_nothing(deps: Deps):
    program = Program(deps, days=1)
    later = replace(deps, clock=lambda: deps.clock() + timedelta(days=2))
    app, _ = build(later, ADDRESS, lambda sentence: None)
    answer = TestClient(app, base_url=ADDRESS).get(
        f"/api/v1{MAY}", headers={"Authorization": f"Bearer {program.token}"}
    )

    assert (answer.status_code, SUBJECT in answer.text) == (401, False)


def test_a_token_that_may_order_may_not_look(deps: Deps):
    program = Program(deps, "assess")

    assert [program.ask(path)[0] for path in (MAY, "/subjects", "/jobs/1")] == [403, 403, 403]


def test_of_a_token_only_its_digest_is_kept(deps: Deps):
    program = Program(deps)

    assert program.token not in repr(tokens.every(deps))
    database = deps.settings.home / "clearance.db"
    held = b"".join(path.read_bytes() for path in database.parent.glob("clearance.db*"))
    assert program.token.rpartition("_")[2].encode() not in held


def test_a_scope_that_a_token_has_not_is_named(program: Program):
    status, told = program.ask("/assess", "POST", json={"subject": SUBJECT})

    assert (status, jobs.unfinished(program.deps)) == (403, [])
    assert "has not the scope assess" in str(told["error"])


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/why?subject=nobody&item=1&gate=pilot-to-prod", 404, "there is no subject 'nobody'"),
        (f"/why?subject={SUBJECT}&item=99", 404, "has no item 99"),
        (f"/why?subject={SUBJECT}&item=nine", 400, "item: must be the number"),
        (f"/why?subject={SUBJECT}", 400, "item: is missing"),
        (f"/why?subject={SUBJECT}&subject=b&item=1", 400, "must stand there once"),
        (f"/why?subject={'x' * 201}&item=1", 400, "200 characters at most"),
        (f"/status?q={'x' * 2000}", 400, "the query is longer"),
        ("/status?unknown=1", 400, "'unknown' is no parameter here"),
        (f"/may-deploy?subject={SUBJECT}&version=1.0&gate=none", 404, "there is no gate 'none'"),
        (f"/may-deploy?subject={SUBJECT}&version=&gate=pilot-to-prod", 400, "version: is missing"),
        ("/reviews/rv-none", 404, "there is no review 'rv-none'"),
        ("/jobs/7", 404, "there is no job 7"),
        ("/jobs/x", 400, "job: must be the number"),
        ("/reviews/rv%00", 400, "review: holds a character that no screen shows"),
        ("/status?subject=%1b[31m", 400, "holds a character"),
        ("/sign", 404, "there is no such call here"),
    ],
)
def test_what_is_asked_wrongly_is_said_in_a_sentence(program: Program, path: str, status: int, says: str):
    found, told = program.ask(path)

    assert found == status
    assert says in str(told["error"])


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"7", b"{", b'{"subject": 7}', b'{"subject": "a", "subject": "b"}', b"[" * 9000]
)
def test_a_body_that_is_no_object_of_strings_orders_nothing(deps: Deps, body: bytes):
    program = Program(deps, "assess")

    assert program.ask("/assess", "POST", content=body)[0] == 400
    assert program.ask("/assess", "POST", content=b"x" * 10_001)[0] == 413
    assert jobs.unfinished(deps) == []


def test_too_many_calls_are_told_to_wait():
    limit = Limit(each_minute=2)

    assert [limit.wait("a", 0.0), limit.wait("a", 0.0)] == [0, 0]
    assert limit.wait("a", 0.0) == pytest.approx(30)
    assert limit.wait("b", 0.0) == 0
    assert limit.wait("a", 30.0) == 0


def test_a_program_that_asks_too_often_hears_429(program: Program, monkeypatch: pytest.MonkeyPatch):
    """All of them at one instant: a busy machine may take longer for one than the limit takes to let another in."""
    monkeypatch.setattr(app, "monotonic", lambda: 0.0)
    statuses = [program.ask("/jobs/1")[0] for _ in range(EACH_MINUTE + 2)]

    assert statuses[-2:] == [429, 429]
    assert 429 not in statuses[:-2]


def test_the_openapi_document_is_one_and_names_every_call(program: Program):
    document = program.client.get("/api/v1/openapi.json").json()

    validate(document)
    served = {(path, method.upper()) for path, calls in document["paths"].items() for method in calls}
    assert served == {(call.path, call.method) for call in CALLS}
    assert document["servers"] == [{"url": AT}]


def test_every_answer_is_as_the_document_says(deps: Deps):
    """The schema of each call that answers here, over what it answers."""
    from openapi_schema_validator import OAS31Validator

    program = Program(deps, "read", "assess")
    document = program.client.get("/api/v1/openapi.json").json()
    paths = {
        "/subjects": "Listed", "/status": "Status", f"/why?subject={SUBJECT}&item=9": "Why", MAY: "MayDeploy",
        f"/evidence?subject={SUBJECT}&item=4": "Shown",
    }  # fmt: skip
    for path, name in paths.items():
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        OAS31Validator(schema).validate(program.ask(path)[1])


@pytest.mark.parametrize(("broken", "status"), [("store", 503), ("clock", 500)])
def test_what_is_broken_is_no_answer_that_could_be_a_yes(deps: Deps, broken: str, status: int):
    """Neither as JSON nor as lines for a shell."""
    program = Program(deps)
    if broken == "store":
        with deps.engine.begin() as connection:
            connection.execute(text("drop table reviews"))
    other = replace(deps, clock=lambda: deps.clock().replace(month=0)) if broken == "clock" else deps
    app, _ = build(other, ADDRESS, lambda sentence: None)
    client = TestClient(app, base_url=ADDRESS, raise_server_exceptions=False)
    headers = {"Authorization": f"Bearer {program.token}"}
    for accept in ("text/plain", "application/json"):
        answer = client.get(f"/api/v1{MAY}", headers={**headers, "Accept": accept})
        assert answer.status_code == status
        assert set(answer.json()) == {"error"}


def test_every_status_that_is_given_stands_in_the_document(program: Program):
    """Of every call."""
    paths = program.client.get("/api/v1/openapi.json").json()["paths"].values()
    told = [set(call["responses"]) for one in paths for call in one.values()]
    given = {"400", "401", "403", "404", "409", "413", "429", "500", "503"}

    assert all(given | {"200"} == one or given | {"202"} == one for one in told)


def test_nothing_in_it_signs():
    words = " ".join(f"{call.path} {[one.name for one in call.parameters]}" for call in CALLS)

    assert not any(word in words for word in ("sign", "waive", "revoke", "attest", "decision", "role"))
    assert {call.path for call in CALLS if call.method == "POST"} == {"/assess"}


def test_who_asks_from_a_page_of_another_site_is_nobody(program: Program):
    """No cookie opens the API, so a form of another site opens nothing."""
    answer = program.client.post("/api/v1/assess", headers={"Origin": "https://evil.example"}, json={})

    assert answer.status_code == 401


def test_links_stay_away_where_no_page_is_known():
    assert Place("").review("rv-1") == ""
    assert Place(ADDRESS).item("rv-1", 4) == f"{ADDRESS}/reviews/rv-1/items/4"
