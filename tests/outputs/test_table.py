"""Rows for the terminal: every item with glyph and word, and a to-do list with the worst on top."""

from __future__ import annotations

from agent.domain import Outcome
from agent.outputs.table import item_rows, todo
from agent.probes.findings import resource, warned
from tests.drafting import builders


def test_every_item_has_a_row_with_glyph_word_and_its_worst_finding():
    """The standing is told by glyph and word; further shortcomings are counted."""
    rows = {row.number: row for row in item_rows(builders.as_written())}

    assert (rows[1].glyph, rows[1].word) == ("✅", "met")
    assert (rows[9].glyph, rows[9].word) == ("❌", "not met")
    assert rows[9].sentence == (
        "Nothing was in flight at the flip on 8 June 2026, 14:00 EDT, as Morteza Moradi states. (1 more)"
    )
    assert rows[9].owner == "Morteza Moradi and Mike Chen"


def test_an_item_on_which_no_rule_reported_says_so():
    """Silence is shown as such."""
    (row,) = item_rows(builders.document([builders.item(2)]))

    assert (row.word, row.sentence) == ("undetermined", "No rule has reported.")


def test_a_waived_item_reads_as_waived():
    """Never as met."""
    item = builders.item(8, *builders.as_written_items()[7].findings).model_copy(update={"waived": "w"})
    (row,) = item_rows(builders.document([item]))

    assert (row.glyph, row.word) == ("⚠️", "waived (not met)")


def test_the_to_do_list_has_every_shortcoming_worst_first():
    """Failures, then what could not be seen, then warnings; each with who, how and how to check it again."""
    warning = builders.item(2, warned("{a} is odd", a=resource("x")))
    dark = builders.item(3, builders.unseen())
    drill = next(one for one in builders.as_written_items() if one.number == 9)
    rows = todo(
        builders.document([warning, dark, builders.item(5), drill], [builders.launch_check()], [builders.GAP_ROW])
    )

    assert [row.item for row in rows] == ["launch_is_business_day", "9", "9", "3", "5", "2"]
    assert rows[0].who == "Morteza Moradi and Mike Chen"
    assert rows[1].recheck == "clearance assess finance-invoice-recon --gate pilot-to-prod --only 9"
    assert rows[3].what.endswith("PagerDuty GET /oncalls answered 403; it needs schedules.read.")
    assert rows[3].how == builders.GAP_ROW.next_step
    assert rows[4].what == "No rule has reported."


def test_nothing_is_to_be_done_where_nothing_is_open():
    """A cleared review leaves no list."""
    review = builders.document(builders.put_right_items())

    assert todo(review) == []
    assert set(builders.outcomes(review.items)) == {Outcome.PASS}
