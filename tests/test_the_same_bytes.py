"""What was made quicker writes and finds what it did: bytes that are digested and signed are not to move."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
import rfc8785

from agent.drafting import instructions
from agent.drafting.instructions import looks_like, suspects
from agent.workflow.sealing import facts_in
from collectors.evidence import Evidence, Facts, Resource, Source, canonical, pointer, resolve
from tests.injections import INJECTIONS

ODD = 'a"\\/\b\f\n\r\t\x00\x1f\x7f\u00e9\u2028\U0001f600'


class Named(Facts):
    name: Resource
    others: tuple[Resource, ...] = ()


def evidence() -> Evidence:
    body = {"b": [{"n": ODD, ODD: None, "x": 1.5, "y": -0.0, "big": 1e22, "i": 2**70, "t": True}], "a": {}}
    facts = Named(name=Resource(value="n", pointer="/a"), others=(Resource(value="o"), Resource(value="p")))
    return Evidence(
        request_type="a.b", params={"z": 1, "a": ODD}, source=Source(vendor="a", base_url="https://a.example"),
        collected_at=datetime(2026, 6, 12, tzinfo=UTC), facts=facts, body=body,
    )  # fmt: skip


def test_evidence_is_written_as_pydantic_and_the_plain_writer_would():
    plain = json.dumps(
        evidence().model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )

    assert evidence().to_bytes() == plain.encode()


@pytest.mark.parametrize("text", ["", "plain", ODD, "".join(map(chr, range(0x500))), "\u2028\u2029\ufeff\uffff"])
def test_of_text_our_writer_makes_what_rfc_8785_does(text: str):
    """An envelope holds nothing but text, so either may say whether it is in its canonical form."""
    envelope = {"payload": text, "payloadType": text, "signatures": [{"keyid": text, "sig": text}]}

    assert canonical(envelope) == rfc8785.dumps(envelope)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", {1, 2}])
def test_what_no_json_can_hold_is_refused(value: object):
    with pytest.raises((ValueError, TypeError)):
        canonical({"a": value})


def test_what_holds_itself_is_refused():
    knot: dict[str, object] = {}
    knot["a"] = knot

    with pytest.raises(RecursionError):
        canonical(knot)


def test_facts_come_in_their_order():
    assert [fact.value for fact in facts_in(evidence().facts)] == ["n", "o", "p"]


def test_a_pointer_finds_what_it_was_made_of():
    held = {"a/b": {"~1": [0, {"m~n": "here"}]}}

    assert resolve(held, pointer("a/b", "~1", 1, "m~n")) == "here"
    assert pointer("a/b") == "/a~1b"
    for wrong in ("a", "/a", "/a~1b/~01/2", "/a~1b/~01/-1"):
        with pytest.raises(KeyError):
            resolve(held, wrong)


@pytest.mark.parametrize("name", INJECTIONS)
def test_a_text_is_suspected_each_time_it_comes(name: str):
    """Among texts that were found clean before, and a second time as at the first."""
    text, harmless = INJECTIONS[name], {"schedules", "Primary on-call for invoices"}

    assert suspects(harmless) == set()
    assert suspects(harmless | {text}) == suspects({text}) == {text}
    assert looks_like(text)


def test_what_is_kept_in_mind_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(instructions, "MOST_CLEAN", 10)
    for start in range(0, 100, 10):
        suspects({f"name-{start + i}" for i in range(10)})
        suspects({"x" * (instructions.SHORT + 1 + start)})

    assert len(instructions._CLEAN) <= 20
    assert all(len(text) <= instructions.SHORT for text in instructions._CLEAN)
