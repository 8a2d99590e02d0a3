"""People point at slots, state and answer in place, without scripts, by keyboard, on paper; hostile text stays text."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.acceptance.conftest import SUBJECT, Desk
from tests.web.conftest import Enter, Office, Serve
from tests.web.test_page import HOSTILE, root, unfold

FACT = ("pagerduty.on_call from", "query GET /services/", "window 2026-06-22", "fetched at", '"summary": "')


def slot(page: Page, office: Office) -> None:
    page.goto(f"{root(page)}/reviews/{office.review}/items/3")
    peek = page.locator("#item-3 .peek").nth(1)
    expect(peek).to_be_hidden()


def test_pointing_at_a_slot_shows_its_fact(office: Office, enter: Enter):
    """Source, query, window, when it was fetched, the raw value in its place, and the vendor's page; no script runs."""
    page = enter(office.served, scripts=False)
    slot(page, office)
    page.locator("#item-3 a.slot").nth(1).hover()

    peek = page.locator("#item-3 .peek").nth(1)
    expect(peek).to_be_visible()
    for told in FACT:
        expect(peek).to_contain_text(told)
    expect(peek.get_by_role("link", name="Look at it at the vendor")).to_have_attribute("rel", "noreferrer noopener")


def test_the_keyboard_shows_the_fact_too_and_reaches_its_link(office: Office, enter: Enter):
    """Tab to the slot shows it, Tab goes on to the vendor's link, Enter on the slot leads to the whole of the fact."""
    page = enter(office.served)
    slot(page, office)
    page.locator("#item-3 a.slot").nth(1).focus()
    expect(page.locator("#item-3 .peek").nth(1)).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Look at it at the vendor"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile("#i3-F"))
    expect(page.locator(".fact:target pre mark")).to_be_visible()


def test_a_statement_is_signed_and_its_item_checked_again_without_scripts(as_written: Desk, serve: Serve, enter: Enter):
    """The briefing is stated anew; the new review no longer holds it against the launch, and shows what changed."""
    review = as_written.assess().review
    page = enter(serve(as_written, "morteza.moradi"), scripts=False)
    page.goto(f"{root(page)}/reviews/{review}#item-8")
    page.locator("#item-8 summary", has_text="State what is drafted and scheduled").click()
    page.fill("#s8-comms-id", "exec-briefing")
    page.select_option("#s8-comms-drafted", "yes")
    page.fill("#s8-comms-scheduled_at", "2026-06-12T18:30:00")
    page.fill("#s8-comms-audience", "executive sponsor")
    page.locator("#item-8").get_by_role("button", name="Sign it and check item 8 again").first.click()

    expect(page.locator("main")).to_contain_text(f"From {review} to")
    expect(page.locator("main")).to_contain_text("✅ gone (8): Executive sponsor one-pager is scheduled")
    now = "Executive sponsor one-pager is drafted and scheduled for 12 June 2026, 18:30 EDT"
    expect(page.locator("#item-8")).to_contain_text(now, use_inner_text=True)
    page.locator("#item-8 summary", has_text="stood before").click()
    expect(page.locator("#item-8 .history")).to_contain_text("❌ not met (superseded)")


def test_a_refused_waiver_stays_in_its_open_form(as_written: Desk, serve: Serve, enter: Enter):
    """The sentence on top, what was typed below, and the form for signing untouched by it."""
    review = as_written.assess().review
    page = enter(serve(as_written, "mike.chen"))
    page.goto(f"{root(page)}/reviews/{review}")
    page.locator("#item-8 summary", has_text="Approve a waiver").click()
    for name, text in {"reason": "No time", "requested_by": "sam.okafor", "compensating": "A call"}.items():
        page.fill(f"#s8-waiver-{name}", text)
    page.fill("#s8-waiver-expires", "2026-07-01T00:00:00")
    page.locator("#item-8 form", has=page.locator("#s8-waiver-reason")).get_by_role(
        "button", name="Only sign it"
    ).click()

    expect(page.locator("#refused")).to_contain_text("Mike Chen may not approve a waiver here")
    expect(page.locator("#s8-waiver-reason")).to_be_visible()
    expect(page.locator("#s8-waiver-reason")).to_have_value("No time")
    expect(page.locator("#reason")).to_have_value("")


def test_hostile_answers_and_statements_show_as_text(office: Office, enter: Enter):
    """What people type is hostile text too: in the quiz, in what was stated since, in a refused form."""
    served, page_of = office.at("sam.okafor"), f"/quiz/{SUBJECT}"
    page = enter(served)
    page.goto(served.address + page_of)
    for question in ("kill", "failure_modes", "logs"):
        page.fill(f"#answer-{question}", HOSTILE)
    page.get_by_role("button", name="Sign these answers").click()
    page.wait_for_url(f"**{page_of}#record")
    unfold(page)

    assert page.title() == f"The runbook's quiz for {SUBJECT} · Clearance"
    assert page.locator("main img, main script").count() == 0
    assert page.locator("main").inner_text().count("<script>document.title='owned'</script>") == 3
    page.goto(f"{served.address}/?q=%3Cscript%3Ealert(1)%3C/script%3E&state=%22onfocus=%22x&page=%3Cb%3E")
    expect(page.locator("#q")).to_have_value("<script>alert(1)</script>")


def test_on_paper_the_facts_are_unfolded_and_nothing_asks_to_be_pressed(office: Office, enter: Enter):
    page = enter(office.served)
    page.goto(f"{root(page)}/reviews/{office.review}")
    page.emulate_media(media="print")

    expect(page.locator("#item-3 .fact pre").first).to_be_visible()
    expect(page.locator("#item-3 figure svg")).to_be_visible()
    pressed = (
        "[...document.querySelectorAll('button, nav, header, input, .peek, .act')].filter(one => one.checkVisibility())"
    )
    for path in (f"/reviews/{office.review}", "/", f"/quiz/{SUBJECT}", f"/switch/{SUBJECT}"):
        page.goto(root(page) + path)
        assert (path, page.evaluate(f"{pressed}.length")) == (path, 0)
    assert page.pdf()[:4] == b"%PDF"


def test_what_matters_first_and_what_lapses_before_launch_is_told(office: Office, enter: Enter):
    """The list on top leads to each item, to what was not seen, and to the form."""
    page = enter(office.served)
    page.goto(f"{root(page)}/reviews/{office.review}")
    links = page.locator("nav.items a").all_inner_texts()

    assert links[0].startswith("10 ⏳ pending")
    assert links[-2:] == ["Not seen: 0", "Sign"]
    page.locator("nav.items a", has_text="Not seen").click()
    expect(page.locator("#not-seen")).to_be_in_viewport()
