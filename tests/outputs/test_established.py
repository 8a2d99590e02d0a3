"""What an item rests on in this review: not what its gate would accept."""

from __future__ import annotations

import pytest

from agent.domain import Verdict
from agent.outputs import established
from tests.drafting import builders

TYPES = {
    "a" * 64: "datadog.metric", "b" * 64: "documents.file", "c" * 64: "attestation.answers", "d" * 64: "github.file",
}  # fmt: skip


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        ("", ()),
        ("a", ("test",)),
        ("c", ("interview",)),
        ("bc", ("examine", "interview")),
        ("d", ("examine",)),
        ("cba", ("test", "examine", "interview")),
    ],
)
def test_an_item_is_established_by_what_was_seen(seen: str, found: tuple[str, ...]):
    """Its gate takes all three."""
    review = builders.as_written().model_copy(update={"evidence": TYPES})
    item = review.items[8].model_copy(
        update={"methods": ("test", "examine", "interview"), "evidence": tuple(one * 64 for one in seen)}
    )

    assert established.established(item, review) == found


def test_where_nothing_was_seen_it_says_so():
    review = builders.as_written()
    item = review.items[8].model_copy(update={"evidence": ()})

    assert established.told(item, review) == "nothing that was seen"


def test_a_sign_off_is_its_signers_own():
    review = builders.as_written()
    item = review.items[8].model_copy(update={"evidence": (), "verdict": Verdict.PENDING, "methods": ("interview",)})

    assert established.told(item, review) == "interview"


def test_a_report_counts_what_its_items_rest_on():
    review = builders.as_written().model_copy(update={"evidence": TYPES})
    items = [one.model_copy(update={"evidence": ("c" * 64,), "parent": None}) for one in review.items]
    items[0] = items[0].model_copy(update={"evidence": ("a" * 64, "c" * 64)})
    items[1] = items[1].model_copy(update={"evidence": ()})
    told = established.shares(review.model_copy(update={"items": tuple(items)}))

    stated = len(items) - 1  # a sign-off is its signers' own word
    assert told == (
        f"Of {len(items)} items, 1 on what a system answered, 0 on a document, {stated} on a person's word; "
        "1 on nothing that was seen."
    )
