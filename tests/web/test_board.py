"""The first view: what waits for me, what nears its end, and thousands of subjects with filters and search."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy import delete, event

from agent.service.board import PAGE, Filter, board
from agent.store import summaries
from agent.store.schema import board as sums
from tests.acceptance.conftest import SUBJECT, Desk
from tests.acceptance.prepared import Prepared
from tests.web.crowd import crowd
from tests.web.visiting import Guest, guest

MANY = 5000


@pytest.fixture(scope="module")
def mike(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Guest:
    """Mike Chen, who builds five thousand subjects and one."""
    found = guest(prepared.copy(tmp_path_factory.mktemp("crowd")), "mike.chen")
    crowd(found.deps, prepared.review, MANY)
    return found


def test_thousands_are_listed_with_the_same_few_queries_as_one(prepared: Prepared, mike: Guest):
    """And without reading a document: what is measured is printed, what is asserted does not hang on the machine."""
    alone = _statements(guest(prepared.desk, "mike.chen"))
    took = min(_seconds(mike) for _ in range(3))
    print(f"the board of {MANY + 1} subjects was answered in {took * 1000:.0f} ms")

    assert _statements(mike) == alone
    assert not any("blobs" in one for one in _statements(mike))


def _seconds(who: Guest) -> float:
    before = time.perf_counter()
    assert who.status("/") == 200
    return time.perf_counter() - before


def _statements(who: Guest) -> list[str]:
    """The statements that one look at the board sends to the store."""
    sent: list[str] = []

    def note(*told: object) -> None:
        sent.append(str(told[2]))

    event.listen(who.deps.engine, "before_cursor_execute", note)
    assert who.status("/") == 200
    event.remove(who.deps.engine, "before_cursor_execute", note)
    return [one for one in sent if not one.startswith("BEGIN")]


def test_what_waits_for_me_comes_first_by_launch_and_the_rest_is_a_click_away(mike: Guest):
    page = mike.get("/")

    assert page.index("What waits for you") < page.index("The board")
    assert page.index("Launch 2026-06-22") < page.index("Launch 2026-07-01") < page.index("Launch 2026-07-09")
    assert f"All {MANY + 1} that wait for you" in page
    assert f"{MANY + 1} on the board, page 1 of {-(-(MANY + 1) // PAGE)}." in mike.get("/?waits=me")


def test_somebody_else_sees_that_nothing_waits_for_them(prepared: Prepared, mike: Guest):
    """Lena Fischer signs nothing here; her filter keeps no row."""
    found = board(mike.deps, "lena.fischer", Filter(waits="me"))

    assert (found.mine, found.waiting, found.kept, found.total) == ([], 0, 0, MANY + 1)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("q=agent-0429", "10 of 5001 on the board."),
        ("q=AGENT 04291", "1 of 5001 on the board."),
        ("q=rv-crowd00007", "1 of 5001 on the board."),
        ("q=%3Cscript%3E", "0 of 5001 on the board."),
        ("state=cleared", "5001 on the board, page 1 of 101."),
        ("state=blocked", "0 of 5001 on the board."),
        ("gate=elsewhere", "0 of 5001 on the board."),
        ("page=101", "5001 on the board, page 101 of 101."),
        ("page=9999", "5001 on the board, page 101 of 101."),
        ("page=-3", "5001 on the board, page 1 of 101."),
    ],
)
def test_filters_search_and_pages(mike: Guest, query: str, told: str):
    assert told in mike.get(f"/?{query}")


def test_the_link_to_the_next_page_keeps_the_filter(mike: Guest):
    page = mike.client.get("/?q=agent&state=cleared&page=2").text

    assert 'rel="next" href="/?q=agent&amp;state=cleared&amp;gate=&amp;waits=&amp;page=3#board"' in page
    assert 'rel="prev" href="/?q=agent&amp;state=cleared&amp;gate=&amp;waits=&amp;page=1#board"' in page


def test_a_row_says_state_age_launch_what_blocks_and_for_whom_it_waits(as_written: Desk):
    as_written.assess()
    page = guest(as_written, "mike.chen").get("/")

    assert "waits for signatures Pilot blocked proposed under a minute 2026-06-13" in page
    assert "item 7, item 8, item 9, item 10, launch is business day" in page
    assert "Morteza Moradi, Mike Chen" in page


def test_what_could_not_be_seen_is_counted_in_the_row(as_written: Desk):
    as_written.assess("PAGERDUTY_API_KEY")

    assert "could not be seen" in guest(as_written, "mike.chen").get("/")


def test_a_signature_takes_the_review_off_my_list_and_leaves_the_others(prepared: Prepared, tmp_path: Path):
    desk = prepared.copy(tmp_path)
    desk.sign("mike.chen", "builder", prepared.review)

    assert "Nothing waits for your signature." in guest(desk, "mike.chen").get("/")
    dana = guest(desk, "dana.ortiz").get("/")
    assert "Sign as second approver" in dana
    assert "Morteza Moradi, Dana Ortiz" in dana


def test_a_store_from_before_is_summed_up_when_it_is_first_looked_at(prepared: Prepared, tmp_path: Path):
    """And a document that is not what was shown is told in its row, never summed up."""
    deps = prepared.copy(tmp_path).deps()
    with deps.engine.begin() as connection:
        connection.execute(delete(sums))
    (row,) = board(deps, "mike.chen", Filter()).rows
    assert (row.launch, row.mine, row.trouble) == ("2026-06-22", ("builder",), "")

    with deps.engine.begin() as connection:
        connection.execute(delete(sums))
        connection.exec_driver_sql("update blobs set body = x'78' where kind = 'document'")
    (row,) = board(deps, "mike.chen", Filter()).rows
    assert "was changed; restore the database from its backup" in row.trouble
    assert summaries.latest(deps.engine)[0].name is None


def test_a_sum_of_another_document_is_none(prepared: Prepared, tmp_path: Path):
    """It is found by the digest that it was made of."""
    deps = prepared.copy(tmp_path).deps()
    with deps.engine.begin() as connection:
        connection.execute(sums.update().values(digest="0" * 64, launch="1999-01-01"))

    assert board(deps, "mike.chen", Filter()).rows[0].launch == "2026-06-22"
    assert board(deps, "mike.chen", Filter()).rows[0].subject == SUBJECT
