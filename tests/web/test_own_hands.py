"""A signature by keyboard alone, with concerns to answer, and with everything that browsers let people do twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from agent.concerns import Concern, ConcernKind, ReadQuote
from agent.workflow import frozen
from tests.acceptance.conftest import NOTES
from tests.web.conftest import Enter, Office
from tests.web.poison import keep_as
from tests.web.test_page import HOSTILE, fill_in, open_evidence, press_sign, root

FAR = 400  # presses of Tab, after which something cannot be reached


def tab_to(page: Page, wanted: str) -> None:
    """Tab on until the element that the selector names has the focus."""
    for _ in range(FAR):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", wanted):
            return
    pytest.fail(f"{wanted} cannot be reached by Tab")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_review_is_signed_by_keyboard_alone(office: Office, enter: Enter, scripts: bool):
    """From the first view to the signature; what has the focus is seen to have it."""
    review = office.fresh()
    page = enter(office.served, scripts=scripts)
    tab_to(page, f'a[href="/reviews/{review}"]')
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/reviews/{review}")
    for number in NOTES:
        tab_to(page, f'form[action$="/items/{number}/open"] button')
        page.keyboard.press("Enter")
        expect(page.locator(f"#item-{number}")).to_contain_text("You opened this evidence")
    tab_to(page, 'input[name="decision"]')
    page.keyboard.press("Space")
    for number, text in NOTES.items():
        tab_to(page, f"#note-{number}")
        page.keyboard.type(text)
    tab_to(page, 'form[action$="/sign"] button')
    page.keyboard.press("Enter")

    expect(page.locator("#whose-h + ul")).to_contain_text("Mike Chen, 2026-06-17")
    assert [one.role for one in office.desk.deps().reviews.signoffs(review)] == ["builder"]


def doubted(office: Office) -> str:
    """A review with two concerns, as a reader's model would have raised them over hostile text."""
    deps = office.desk.deps()
    review = office.fresh()
    document = frozen.document(deps, deps.reviews.get(review))
    quote = ReadQuote(source="S1", passage=1, line=3, text=HOSTILE)
    first = Concern(id="C1", item=9, kind=ConcernKind.NO_ANSWER, question="Who is told when it stops?", quotes=(quote,))
    second = Concern(id="C2", item=7, kind=ConcernKind.NO_ANSWER, question="Does it say where?", quotes=())
    made = document.model_copy(update={"review": f"{review}-doubted", "concerns": (first, second)})
    return keep_as(deps, review, made)


def test_each_concern_is_answered_in_the_signers_own_words(office: Office, enter: Enter):
    """Shown at its item, with its quote as text; a refusal keeps the answers; whoever comes next reads them there."""
    review = doubted(office)
    page = enter(office.served, scripts=False)
    page.goto(f"{root(page)}/reviews/{review}")
    expect(page.locator("#item-9 .doubt")).to_contain_text("Concern C1: Who is told when it stops?")
    expect(page.locator("#item-9 .doubt li")).to_contain_text("<script>document.title='owned'</script>")
    expect(page.locator("nav.items")).to_contain_text("Concerns: 2 to answer")
    open_evidence(page)
    fill_in(page, "builder", "cleared")
    page.fill("#concern-C1", "The engineer on call tells finance")
    press_sign(page)

    expect(page.locator("#refused")).to_contain_text("a concern is not answered yet; answer in your own words")
    assert "--concern" not in page.locator("#refused").inner_text()
    expect(page.locator("#concern-C1")).to_have_value("The engineer on call tells finance")
    page.fill("#concern-C2", "does it say WHERE?")
    press_sign(page)
    expect(page.locator("#refused")).to_contain_text("this repeats what the concern says")
    page.fill("#concern-C2", "It does, in its third section")
    press_sign(page)

    expect(page.locator("#refused")).to_have_count(0)
    lead = enter(office.at("morteza.moradi"))
    lead.goto(f"{root(lead)}/reviews/{review}#item-7")
    expect(lead.locator("#item-7 .doubt")).to_contain_text("Mike Chen answered: It does, in its third section")
    expect(lead.locator("#concern-C1")).to_have_count(0)


def test_holding_back_needs_no_answer_to_a_concern(office: Office, enter: Enter):
    page = enter(office.served)
    review = doubted(office)
    page.goto(f"{root(page)}/reviews/{review}")
    page.locator('input[name="decision"][value="blocked"]').check()
    page.fill("#reason", "nobody can tell who is told")
    press_sign(page)

    expect(page.locator("#whose-h + ul")).to_contain_text("Mike Chen")
    assert [str(one.decision) for one in office.desk.deps().reviews.signoffs(review)] == ["blocked"]


def back_and_again(page: Page) -> None:
    """The form as it was before it was sent, from the browser's own history."""
    page.go_back()
    page.wait_for_load_state()
    if page.locator('form[action$="/sign"]').count():
        press_sign(page)


def reloaded(page: Page) -> None:
    page.reload()


@pytest.mark.parametrize("again", [back_and_again, reloaded])
def test_going_back_or_reloading_signs_nothing_twice(office: Office, enter: Enter, again: Callable[[Page], None]):
    review = office.fresh()
    page = enter(office.served)
    page.goto(f"{root(page)}/reviews/{review}")
    open_evidence(page)
    fill_in(page, "builder", "cleared")
    press_sign(page)
    expect(page.locator("#whose-h + ul")).to_contain_text("Mike Chen, 2026-06-17")

    again(page)

    assert len(office.desk.deps().reviews.signoffs(review)) == 1


def test_logging_out_in_one_window_ends_the_form_in_the_other(office: Office, enter: Enter):
    """What was typed there signs nothing, and the page says so."""
    review = office.fresh()
    first = enter(office.served)
    second = first.context.new_page()
    second.goto(f"{root(first)}/reviews/{review}")
    second.locator('input[name="decision"][value="blocked"]').check()
    second.fill("#reason", "I have my doubts about it")
    first.get_by_role("button", name="Log out").click()
    expect(first.locator("main")).to_contain_text("You are logged out.")
    press_sign(second)

    expect(second.locator("main")).to_contain_text("Nothing was done with the form that you sent.")
    assert office.desk.deps().reviews.signoffs(review) == []
