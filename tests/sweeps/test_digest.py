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


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_every_format_names_what_changed_by_whom_and_what_it_cost(form: str):
    made = render(digest("payroll"), form).replace("\\", "")

    for word in ("payroll", "cleared", "blocked", "datadog.metric", "0.0027"):
        assert word in made


def test_silence_for_what_did_not_change():
    """A headline, the cost, and no empty section."""
    made = markdown.render(SILENT)

    assert [line for line in made.splitlines() if line.startswith("## ")] == ["## Cost"]
    assert text.is_silent(SILENT)
    assert not text.is_silent(digest())


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
