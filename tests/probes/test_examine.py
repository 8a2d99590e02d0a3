"""Confirmed by a person who may, for this version, with sentences that are there: met; anything else is not."""

from __future__ import annotations

import pytest

from agent.probes.all import PROBES
from collectors.documents import FileFacts
from collectors.evidence import Quote
from collectors.passages import passage_key, passage_keys
from collectors.statements import ConfirmedQuote, QuotesFacts
from tests.builders import document, resource, statement, told

TEXT = "# Notice\n\nStaff hear of it by mail. Each can object.\n"
FILE: FileFacts = document().model_copy(update={"passages": passage_keys(TEXT)})


def confirmed(
    *quotes: tuple[int, str], digest: str = "sha256:1", proven: bool = True, until: str | None = None
) -> QuotesFacts:
    return QuotesFacts(
        statement=statement("lena.fischer", proven=proven, until=until), document=resource("runbook.md"),
        digest=resource(digest),
        quotes=tuple(ConfirmedQuote(text=Quote(value=text), passage=passage_key(line, text)) for line, text in quotes),
    )  # fmt: skip


BY_MAIL = (3, "Staff hear of it by mail.")


def asked(facts: QuotesFacts, **params: object) -> str:
    return told(PROBES["quotes_are_confirmed"]({"document": FILE, "confirmed": facts}, params))


def test_whole_sentences_of_this_version_are_a_pass():
    said = asked(confirmed(BY_MAIL, (3, "Each  can\nobject.")))
    assert said == "pass: Lena Fischer confirmed 2 sentences of runbook.md, each found at its place."


def test_it_counts_as_long_as_its_author_says():
    found = PROBES["quotes_are_confirmed"](
        {"document": FILE, "confirmed": confirmed(BY_MAIL, until="2026-07-01T00:00")}, {}
    )
    assert found.valid_until
    assert found.valid_until.isoformat() == "2026-07-01T00:00:00-04:00"


@pytest.mark.parametrize(
    "quote",
    [
        (3, "Staff hear of it"),
        (4, "Staff hear of it by mail."),
        (3, "Staff hеar of it by mail."),
        (3, "All was agreed."),
    ],
    ids=["cut", "elsewhere", "homoglyph", "made up"],
)
def test_a_sentence_that_is_not_there_whole_is_a_fail(quote: tuple[int, str]):
    said = asked(confirmed(BY_MAIL, quote))
    assert said.startswith("fail: Of what Lena Fischer quotes, 1 sentence cannot be found in runbook.md")


def test_another_version_is_a_fail():
    assert asked(confirmed(BY_MAIL, digest="sha256:2")).startswith(
        "fail: Lena Fischer confirmed sentences of another version of runbook.md"
    )


def test_hearsay_and_somebody_else_are_unknown():
    assert asked(confirmed(BY_MAIL, proven=False)).startswith("unknown: What runbook.md says is only as reported by")
    assert asked(confirmed(BY_MAIL), by=["dana.ortiz"]).startswith("unknown: Lena Fischer confirmed what runbook.md")
    assert asked(confirmed(BY_MAIL), by=["lena.fischer"]).startswith("pass:")


def test_a_document_whose_passages_are_not_known_confirms_nothing():
    """Evidence of before passages were kept."""
    found = PROBES["quotes_are_confirmed"]({"document": document(), "confirmed": confirmed(BY_MAIL)}, {})
    assert told(found).startswith("fail:")
