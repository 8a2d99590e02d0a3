"""`clearance assess SUBJECT --gate all`: five gates, one evening's questions, one code."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from agent.store.packing import plain
from agent.workflow.collect import is_local
from tests.acceptance.conftest import ROOT, SUBJECT, Desk, RunningWorld, desk_over
from tests.acceptance.overlays import card_with
from tests.gates.seeds import OWN

GATES = sorted(OWN.gate_paths())
VENDORS = ("pagerduty", "launchdarkly", "datadog", "aws", "github")
# Two different questions read these pages: whose account it is at AWS, the newest commit at GitHub.
PAGES_OF_TWO = {"/", "/repos/acme/finance-agents/commits"}
ALL = ("assess", SUBJECT, "--gate", "all", "--json")


@pytest.fixture
def desk(put_right_world: RunningWorld, tmp_path: Path) -> Desk:
    return desk_over(put_right_world, tmp_path)


def hits(desk: Desk) -> Counter[str]:
    """Every request that a stand-in has had: method, path, query and body, and for AWS the operation."""
    return Counter(_told(vendor, one) for vendor in VENDORS for one in desk.world.seen(vendor))


def _told(vendor: str, one: dict[str, Any]) -> str:
    operation = {name.lower(): value for name, value in one["headers"].items()}.get("x-amz-target", "")
    return json.dumps([vendor, operation, *(one[key] for key in ("method", "path", "query", "body"))])


def asked_again(desk: Desk) -> list[str]:
    """The types of questions to a vendor that have more than one answer in the locker."""
    with closing(sqlite3.connect(desk.home / "clearance.db")) as store:
        rows = store.execute("select request_key, max(digest) from answers group by request_key having count(*) > 1")
        one = "select body from blobs where digest = ?"
        found = [(row[1], store.execute(one, (row[1],)).fetchone()[0]) for row in rows]
    types = [json.loads(plain(body, digest) or b"")["request_type"] for digest, body in found]
    return [one for one in types if not is_local(one)]


def test_one_command_answers_five_gates_and_asks_nothing_twice(desk: Desk):
    """The code is the worst of theirs: the canvas waits for a checklist that nobody has signed."""
    before = hits(desk)
    done = desk.cli(*ALL)
    asked = hits(desk) - before

    assert done.returncode == 30, done.stderr
    documents: list[dict[str, Any]] = json.loads(done.stdout)
    schema = json.loads((ROOT / "config/schema/review.schema.json").read_text(encoding="utf-8"))
    for document in documents:
        jsonschema.validate(document, schema)
    assert [one["gate"] for one in documents] == GATES
    assert {one["gate"]: one["proposal"] for one in documents if one["proposal"] != "cleared"} == {
        "production-canvas": "blocked"
    }
    assert len({one["as_of"] for one in documents}) == 1
    assert asked.total() >= sum(sum(one["usage"]["calls"].values()) for one in documents) > 20
    assert {json.loads(told)[3] for told, count in asked.items() if count > 1} == PAGES_OF_TWO
    assert max(asked.values()) == 3  # whose account it is: three kinds of questions at AWS begin with it
    assert asked_again(desk) == []


def test_the_worst_code_wins_and_a_fact_outweighs_what_was_not_seen(desk: Desk):
    """Without a credential it is 30; with a gate that a fact blocks besides, 20; one gate alone keeps its own."""
    two = ("assess", SUBJECT, "--gate", "pilot-to-prod,deployment-readiness")
    blind = ("PAGERDUTY_API_KEY",)

    assert desk.cli(*two, without=blind).returncode == 30
    card_with(lambda card: card["launch"].update(date="2026-06-20"))(desk.overlay)  # a Saturday
    assert desk.cli(*two, without=blind).returncode == 20
    assert desk.cli("assess", SUBJECT, "--gate", "deployment-readiness", without=blind).returncode == 30


def test_a_gate_that_cannot_be_read_holds_all_back_and_nothing_is_asked(desk: Desk):
    """Code 2 with the line of every mistake; named by themselves, the others are assessed."""
    (desk.overlay / "gates").mkdir()
    broken = desk.overlay / "gates" / "ours.yaml"
    broken.write_text("id: ours\nversion: 1\n", encoding="utf-8")
    before = hits(desk)
    done = desk.cli(*ALL)

    assert (done.returncode, done.stdout) == (2, "")
    assert f"{broken}:2: version: Input should be a valid string" in done.stderr
    assert f"{broken}:1: items: is missing" in done.stderr
    assert "no gate was assessed" in done.stderr
    assert hits(desk) == before
    assert json.loads(desk.cli("reviews", "list", "--json").stdout) == []


@pytest.mark.parametrize("named", [",", " , ", ",,"])
def test_commas_alone_name_no_gate(desk: Desk, named: str):
    done = desk.cli("assess", SUBJECT, "--gate", named)

    assert (done.returncode, done.stdout) == (2, "")
    assert "no gate is named; write its id" in done.stderr


def test_items_are_not_named_across_gates(desk: Desk):
    done = desk.cli("assess", SUBJECT, "--gate", "all", "--only", "4")

    assert done.returncode == 2
    assert "--only goes with one gate" in done.stderr


def test_a_gate_of_ones_own_begun_from_any_of_the_five_is_right_and_can_be_assessed(desk: Desk):
    """Its form is its own: what people answered for the model counts nowhere in the copy."""
    for like in GATES:
        begun = desk.cli("gates", "new", f"our-{like}", "--from", like)
        assert begun.returncode == 0, begun.stderr
    checked = desk.cli("gates", "check", *(str(desk.overlay / "gates" / f"our-{like}.yaml") for like in GATES))
    assert (checked.returncode, checked.stdout.count("ok: ")) == (0, 5)

    done = desk.cli("assess", SUBJECT, "--gate", ",".join(f"our-{like}" for like in GATES), "--json")
    documents = {one["gate"]: one for one in json.loads(done.stdout)}
    assert done.returncode == 30
    assert {gate for gate, one in documents.items() if one["proposal"] == "cleared"} == {"our-pilot-to-prod"}
    assert all(one["gate_version"] == "1" for one in documents.values())
