"""A digest in every format: what it says, and that nothing which others wrote becomes markup in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from agent.digests import Digest
from agent.outputs.sweep import as_json, html, markdown, slack, text
from agent.outputs.sweep.all import FORMATS, render
from tests.builders import ROOT
from tests.outputs.test_html import Page
from tests.outputs.test_markdown import HOSTILE, shape
from tests.sweeps.digests import NOON, digest

SILENT = Digest(sweep="sw-2", gates=("pilot-to-prod",), as_of=NOON, ended=NOON, since="sw-1", quiet=3, subjects=3)


@pytest.mark.parametrize("written", HOSTILE)
def test_hostile_text_in_every_field_makes_nothing_in_markdown(written: str):
    """The same headings, lists and code as with a harmless word."""
    assert shape(markdown.render(digest(written))) == shape(markdown.render(digest("plain" if written else "")))


@pytest.mark.parametrize("written", HOSTILE)
def test_hostile_text_in_every_field_makes_nothing_on_the_page(written: str):
    made, plain = Page(html.render(digest(written))), Page(html.render(digest("plain" if written else "")))

    assert [tag for tag, _ in made.tags] == [tag for tag, _ in plain.tags]
    assert made.each("href") == made.each("src") == made.each("onclick") == []


def test_the_page_loads_nothing():
    policy = Page(html.render(digest())).each("content")[0]

    assert "default-src 'none'" in policy
    assert "<script" not in html.render(digest())


@pytest.mark.parametrize("written", [*HOSTILE, "<!channel> *bold* <https://x.example|here> @here"])
def test_slack_reads_nothing_as_markup(written: str):
    """Every text object is plain text; the line for notifications has its three characters replaced."""
    body = json.loads(slack.render(digest(written)))
    texts = [one["text"] for one in body["blocks"] if "text" in one]

    assert {one["type"] for one in texts} == {"plain_text"}
    assert "<" not in body["text"]
    assert len(body["blocks"]) <= 50
    assert all(len(one["text"]) <= 3000 for one in texts)


def test_json_holds_to_its_schema_and_can_be_read_back():
    schema = json.loads((ROOT / "config/schema/sweep.schema.json").read_text(encoding="utf-8"))
    printed = as_json.render(digest("é<b>"))

    assert schema == as_json.schema()
    assert [one.message for one in Draft202012Validator(schema).iter_errors(json.loads(printed))] == []
    assert Digest.model_validate_json(printed) == digest("é<b>")
    assert printed.isascii()


TOLD = {
    "subject": "payroll", "gate": "to-production", "title": "Guardrails", "owner": "Rosalind", "lapse": "certificate",
    "renewer": "Barbara", "who": "Grace", "unseen": "no permission", "lost": "claims", "why": "no launch day",
}  # fmt: skip


@pytest.mark.parametrize("form", [*sorted(FORMATS), "text"])
def test_every_format_names_what_changed_by_whom_and_what_it_cost(form: str):
    """Each word stands in one place of the digest alone."""
    whole = digest("else", **TOLD)
    made = (text.render(whole) if form == "text" else render(whole, form)).replace("\\", "")

    for word in (*TOLD.values(), "cleared", "blocked", "datadog.metric", "0.0027"):
        assert word in made


def test_a_message_says_what_is_whose():
    """How much of it, and where; that alone is what its reader looks for."""
    (owned,) = [rows for title, rows in text.sections(digest("else", **TOLD)) if title == "By owner"]

    assert owned == ["Rosalind, 1 change: payroll at to-production, item 9, Guardrails"]


def test_silence_for_what_did_not_change():
    """A headline, the cost, and no empty section."""
    made = markdown.render(SILENT)

    assert [line for line in made.splitlines() if line.startswith("## ")] == ["## Cost"]
    assert text.is_silent(SILENT)
    assert not text.is_silent(digest())


STANDING = digest().model_copy(update={"changed": (), "troubles": ()})
NEWS = {
    "a day that came nearer": {"due": (STANDING.due[1].model_copy(update={"within": 0}), *STANDING.due[2:])},
    "something that was closed": {"due": STANDING.due[1:]},
    "something else that ends": {"lapses": (STANDING.lapses[0].model_copy(update={"what": "another"}),)},
    "a source that is blind now": {
        "blind": (*STANDING.blind, STANDING.blind[0].model_copy(update={"request_type": "okta.user"}))
    },
    "the same source blind for another reason": {
        "blind": (STANDING.blind[0].model_copy(update={"reason": "unreachable"}),)
    },
    "a source blind for more": {"blind": (STANDING.blind[0].model_copy(update={"subjects": 4}),)},
    "a source that sees again": {"blind": ()},
    "a change": {"changed": digest().changed},
    "a subject that could not be reviewed": {"troubles": digest().troubles},
}


def test_what_somebody_was_told_is_not_told_again():
    """Whichever review says it by now."""
    again = STANDING.model_copy(
        update={"due": tuple(one.model_copy(update={"review": "rv-2"}) for one in STANDING.due)}
    )

    assert not text.is_silent(STANDING)
    assert text.is_silent(again, STANDING)


@pytest.mark.parametrize("news", NEWS.values(), ids=list(NEWS))
def test_what_is_new_is_told(news: dict[str, object]):
    assert not text.is_silent(STANDING.model_copy(update=news), STANDING)


def test_what_is_overdue_stands_before_what_is_due():
    made = markdown.render(digest())
    places = [made.index(one) for one in ("Overdue", "Due within a day", "within 7 days", "within 14 days")]

    assert places == sorted(places)


def test_a_long_list_is_cut_in_messages_and_says_by_how_much():
    whole = digest()
    many = whole.model_copy(update={"changed": whole.changed * 500})

    assert "and 488 more" in text.render(many)
    assert len(json.loads(slack.render(many))["blocks"]) <= 50


def test_the_golden_digest():
    """As somebody would read it."""
    import os

    golden = Path(__file__).parent / "golden.md"
    made = markdown.render(digest())
    if os.environ.get("CLEARANCE_GOLDEN") == "write":
        golden.write_text(made, encoding="utf-8")

    assert made == golden.read_text(encoding="utf-8")


def test_a_headline_over_many_gates_still_says_what_came_of_it():
    """Slack cuts a header after 150 characters."""
    many = SILENT.model_copy(update={"gates": tuple(f"a-gate-with-a-long-name-{n}" for n in range(9))})

    assert text.headline(many).startswith("Sweep of 9 gates, ")
    assert "0 changed, 3 did not" in text.headline(many)[:150]
