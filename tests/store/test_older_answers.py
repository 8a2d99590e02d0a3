"""What an earlier version of Clearance kept is read as what it said, or told to be what it is; nothing is made up."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.errors import OtherVersion
from agent.store.database import open_engine
from agent.store.locker import Locker
from collectors.evidence import Completeness, Evidence, Number, Origin, Resource, Source, State, canonical
from collectors.github.facts import BranchRulesAsk, BranchRulesFacts

NOW = datetime(2026, 6, 12, tzinfo=UTC)
ASK = BranchRulesAsk(repository="acme/agents", branch="main")


def word(value: str) -> State:
    return State(value=value, origin=Origin.CODE)


def rules() -> dict[str, Any]:
    """What the locker holds of an answer about a branch, as JSON."""
    count = Number(value=1, unit="reviews", origin=Origin.CODE)
    facts = BranchRulesFacts(
        repository=Resource(value="acme/agents", pointer="/asked/repository"),
        branch=Resource(value="main", pointer="/asked/branch"), reviews=count, checks=count, rewriting=word("refused"),
        stale=word("dismissed"), bypass=word("nobody"),
    )  # fmt: skip
    source = Source(vendor="github", base_url="https://api.github.com")
    body = {"asked": {"repository": "acme/agents", "branch": "main"}}
    found = Evidence(
        request_type=ASK.type, params=ASK.params(), source=source, collected_at=NOW, facts=facts,
        completeness=Completeness(items=1), body=body,
    )  # fmt: skip
    return dict(json.loads(found.to_bytes()))


@pytest.fixture
def locker(tmp_path: Path) -> Locker:
    return Locker(open_engine(f"sqlite:///{tmp_path}/clearance.db"))


def test_what_was_not_asked_for_then_was_not_told(locker: Locker):
    """An approval of which it is not known whether it outlives new commits decides nothing."""
    kept = rules()
    del kept["facts"]["stale"]

    answer = locker.answer(locker.put(canonical(kept), "evidence", NOW))

    assert isinstance(answer, Evidence)
    assert isinstance(answer.facts, BranchRulesFacts)
    assert answer.facts.stale.value == "not told"


@pytest.mark.parametrize("changed", [{"facts": {}}, {"request_type": "github.tea_leaves"}])
def test_what_cannot_be_read_is_said_to_be_of_another_version(locker: Locker, changed: dict[str, Any]):
    digest = locker.put(canonical({**rules(), **changed}), "evidence", NOW)

    with pytest.raises(OtherVersion, match="written by another version of Clearance; assess again"):
        locker.all_answers([digest])
