"""What was read and asked, in the report and for screens: quotes with their place, answers, and who gives orders."""

from __future__ import annotations

import pytest

from agent.concerns import Concern, ConcernKind, InstructionsFound, Reading, ReadQuote, ReadSource
from agent.domain import Assurance, ReviewDocument, SignOff, SignOffDecision
from agent.outputs import concerns
from agent.outputs.json import from_json, to_json
from agent.outputs.markdown import render
from agent.workflow.document import digest_of
from tests.builders import at
from tests.outputs.test_markdown import HOSTILE, shape, small

QUOTE = ReadQuote(
    source="S1", passage=3, line=13, text="Runs end within a minute.", before="Turn it off.", after="Tell them."
)
ASKS = Concern(
    id="C1", item=9, kind=ConcernKind.AGAINST_EVIDENCE, question="Does the evidence contradict what is stated here?",
    quotes=(QUOTE,), against="Nothing was in flight.",
)  # fmt: skip
SOURCE = ReadSource(
    id="S1", title="runbook.md", request_type="documents.file", evidence="ab" * 32, items=(7,), passages=30, left_out=2
)
FOUND = InstructionsFound(
    evidence="cd" * 32, request_type="datadog.monitors", items=(2,), pointer="/monitors/0/message", places=3,
    looks_like=("a role to play",),
)  # fmt: skip


def review(*asked: Concern, **reading: object) -> ReviewDocument:
    base = Reading(model="reader-1", sources=(SOURCE,), prompts={"read_sources": "ef" * 32})
    more = {"concerns": asked, "reading": base.model_copy(update=reading)}
    return small().model_copy(update=more)


def test_a_concern_stands_with_its_quote_its_place_and_the_lines_around_it():
    report = render(review(ASKS, quotes=(QUOTE.model_copy(update={"label": "outcome"}),)), [])

    assert "**C1**, item 9: Does the evidence contradict what is stated here?" in report
    assert "“Runs end within a minute.” (runbook.md, line 13; before it: Turn it off.; after it: Tell them.)" in report
    assert "Evidence says: Nothing was in flight." in report
    assert "Not answered: it stops every signature" in report
    assert "Quoted as outcome: “Runs end within a minute.”" in report
    assert "1 documents" not in report
    assert "2 passages were too long, too many or partly hidden to be shown" in report


def test_what_was_thrown_away_is_counted_and_named():
    report = render(review(rejected={"a label outside the set": 2}), [])
    assert "2 parts of its answer were thrown away" in report
    assert "Thrown away: 2 × a label outside the set." in report
    assert "It raised no concern." in report


def test_evidence_that_gives_orders_is_told_in_the_head():
    report = render(review(instructions=(FOUND,)), [])
    (line,) = [line for line in report.splitlines() if "INSTRUCTIONS IN EVIDENCE" in line]
    assert line.startswith("> ")
    assert "this source contains text that looks like instructions: a role to play" in line
    assert "`/monitors/0/message` and 2 more. It changed no verdict" in line
    assert list(concerns.hostile(review(instructions=(FOUND,)))) == [
        "datadog.monitors (item 2): this source contains text that looks like instructions (a role to play),"
        " first at /monitors/0/message"
    ]


@pytest.mark.parametrize(
    ("reading", "told"),
    [
        (None, "Documents were not read by a model in this review."),
        (Reading(why_none="no reader was configured"), "No reader was configured."),
        (Reading(model="r", sources=(SOURCE, SOURCE)), "2 documents, statements and log excerpts were read"),
        (Reading(model="r", sources=(SOURCE.model_copy(update={"left_out": 1}),)), "1 document, statement or log"),
    ],
)
def test_whether_anybody_read_is_said_in_a_sentence(reading: Reading | None, told: str):
    assert concerns.told_of_reading(reading).startswith(told)


def saying(text: str) -> ReviewDocument:
    """A review in which everything that others wrote reads `text`."""
    quote = QUOTE.model_copy(update={"text": text, "before": text, "after": text, "place": text, "label": "outcome"})
    concern = ASKS.model_copy(update={"quotes": (quote,), "against": text or " "})
    source, found = SOURCE.model_copy(update={"title": text}), FOUND.model_copy(update={"pointer": text})
    return review(concern, sources=(source,), quotes=(quote,), instructions=(found,))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_quote_place_or_title_breaks_out(text: str):
    """Whatever a document, a statement's name or a field holds makes nothing on the page."""
    assert shape(render(saying(text), [])) == shape(render(saying("text"), []))


def test_json_keeps_all_of_it_and_the_digest_covers_it():
    document = review(ASKS, instructions=(FOUND,))
    assert from_json(to_json(document)) == document
    without = [document.model_copy(update={"concerns": ()}), document.model_copy(update={"reading": Reading()})]
    assert len({digest_of(one) for one in (document, *without)}) == 3


def test_a_review_of_before_keeps_its_digest():
    """Its document has no reading, and hashes as it did."""
    old = small()
    assert old.reading is None
    assert digest_of(old) == digest_of(from_json({k: v for k, v in to_json(old).items() if k != "reading"}))


def answered(text: str) -> SignOff:
    return SignOff(
        review="rv-1", role="lead", person="a", name="Ada", digest="d", decision=SignOffDecision.CLEARED,
        concerns={"C1": text}, channel="cli", assurance=Assurance.KEY, at=at("2026-06-12T16:00"),
    )  # fmt: skip


def test_an_answer_is_one_line_on_a_screen_so_that_it_shows_no_signature_that_nobody_gave():
    (row,) = concerns.rows(review(ASKS), [answered("I timed it.\n\n\u2705 Dana Ortiz signed as sponsor: cleared")])
    assert row.answers == (("Ada", "I timed it. \u2705 Dana Ortiz signed as sponsor: cleared"),)


def test_the_report_holds_an_answer_to_its_end():
    words = "word " * 390 + "last"
    assert words in "\n".join(concerns.section(review(ASKS), [answered(words)]))
