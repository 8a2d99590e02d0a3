"""`assess --json`: the signed document with what a reader would have to work out, and the schema that it holds to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from agent.domain import ReviewDocument
from agent.outputs.json import from_json, main, review_schema, to_json
from agent.workflow.document import digest_of
from tests.builders import MORTEZA
from tests.drafting import builders

PROMISED = """review supersedes subject version gate as_of graph_version rehearsal sandbox proposal reasons checks items
gaps concerns digest drafted_by usage"""


def documents() -> list[ReviewDocument]:
    dark = builders.document([builders.item(3, builders.unseen())], gaps=[builders.GAP_ROW])
    return [builders.as_written(), builders.document(builders.put_right_items()), dark, builders.hostile("<b>|x")]


@pytest.mark.parametrize("review", documents(), ids=["as written", "put right", "unseen", "hostile"])
def test_every_document_holds_to_the_schema(review: ReviewDocument):
    """Whatever is printed validates, after a trip through JSON."""
    printed = json.loads(json.dumps(to_json(review)))

    assert [error.message for error in Draft202012Validator(review_schema()).iter_errors(printed)] == []


@pytest.mark.parametrize("review", documents(), ids=["as written", "put right", "unseen", "hostile"])
def test_the_signed_document_can_be_had_back(review: ReviewDocument):
    """An auditor takes the additions away and reckons the digest that was signed."""
    again = from_json(json.loads(json.dumps(to_json(review))))

    assert again == review
    assert digest_of(again) == review.digest


def test_a_bundles_review_with_decision_and_signatures_holds_to_it_too():
    """What the bundle adds is allowed for, and left out again when the document is read back."""
    review = builders.as_written()
    signed = json.loads(builders.signature(review, "lead", MORTEZA).model_dump_json())
    bundled = {**to_json(review), "decision": "blocked", "signoffs": [signed]}

    assert list(Draft202012Validator(review_schema()).iter_errors(bundled)) == []
    assert from_json(bundled) == review


def test_the_promised_keys_are_there():
    """Pipelines rely on these names."""
    printed = to_json(builders.as_written())

    assert set(PROMISED.split()) <= set(printed)
    assert set(PROMISED.split()) <= set(review_schema()["required"])  # type: ignore[arg-type]


def test_a_reason_says_where_what_and_why():
    """An item by its number or a check by its id, never both."""
    reasons = to_json(builders.as_written())["reasons"]
    assert isinstance(reasons, list)
    placed = [(one["item"], one["check"], one["probe"]) for one in reasons]  # type: ignore[index,call-overload]

    assert placed == [
        (7, None, "the_three_questions_were_asked"),
        (7, None, "everyone_on_call_answered"),
        (8, None, "message_is_drafted_and_scheduled"),
        (8, None, "message_is_drafted_and_scheduled"),
        (9, None, "work_was_in_flight"),
        (9, None, "time_to_stop_is_recorded"),
        (10, None, "a_second_approver_is_named"),
        (None, "launch_is_business_day", "launch_is_business_day"),
    ]


def test_a_finding_carries_its_sentence_and_what_it_rests_on():
    """Every value with its role, its evidence and the pointer into it."""
    items = to_json(builders.as_written())["items"]
    drill = next(one for one in items if one["number"] == 9)  # type: ignore[union-attr,index,call-overload]
    finding = drill["findings"][4]

    assert (
        finding["message"] == "Nothing was in flight at the flip on 8 June 2026, 14:00 EDT, as Morteza Moradi states."
    )
    assert finding["citations"][1] == {
        "role": "author", "value": "Morteza Moradi", "origin": "evidence", "evidence": builders.EVIDENCE,
        "pointer": "/answer/author",
    }  # fmt: skip
    assert drill["remediation"]["recheck"] == "clearance assess finance-invoice-recon --gate pilot-to-prod --only 9"
    assert drill["draft"][0]["slots"] == []


def test_the_schema_can_be_written_and_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """`python -m agent.outputs.json FILE` writes what validation uses."""
    main([str(tmp_path / "review.schema.json")])
    main([])

    assert json.loads((tmp_path / "review.schema.json").read_text()) == review_schema()
    assert json.loads(capsys.readouterr().out) == review_schema()
