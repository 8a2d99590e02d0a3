"""People with browsers: they look, open, sign, refuse and send back; no script of others runs, nothing is an error."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from agent.service.permission import may_deploy
from tests.acceptance.conftest import GATE, NOTES, ROOT, SIGNERS, SUBJECT, Desk
from tests.web.conftest import Enter, Office, Serve
from tests.web.poison import poison


def open_evidence(page: Page) -> None:
    """The three items where rubber-stamping happens most."""
    for number in NOTES:
        page.get_by_role("button", name=f"Open the evidence of item {number}", exact=True).click()
        expect(page.locator(f"#item-{number}")).to_contain_text("You opened this evidence")


def fill_in(page: Page, role: str, decision: str) -> None:
    page.locator(f'input[name="role"][value="{role}"]').check()
    page.locator(f'input[name="decision"][value="{decision}"]').check()
    for number, text in NOTES.items():
        page.fill(f"#note-{number}", text)


def press_sign(page: Page) -> None:
    page.get_by_role("button", name="Sign", exact=True).click()
    page.wait_for_load_state()


def sign_in_browser(page: Page, review: str, role: str) -> None:
    page.goto(f"{root(page)}/reviews/{review}")
    open_evidence(page)
    fill_in(page, role, "cleared")
    press_sign(page)


def root(page: Page) -> str:
    return "/".join(page.url.split("/")[:3])


def test_a_whole_review_is_signed_in_browsers_by_the_people_it_needs(office: Office, enter: Enter):
    """Three people, each with a page and a browser of their own; one of them without scripts."""
    review = office.fresh()
    pages = {person: enter(office.at(person), scripts=person != "dana.ortiz") for person, _ in SIGNERS}
    for person, role in SIGNERS:
        expect(pages[person].locator("main li").first).to_contain_text(role.replace("_", " "))
        assert may_deploy(office.desk.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == 50
        sign_in_browser(pages[person], review, role)

    last = pages["dana.ortiz"]
    expect(last.locator(".notice")).to_contain_text("is signed and its report is written")
    last.get_by_role("link", name="report.html").click()
    expect(last.locator("h1")).to_contain_text("Pilot-to-Prod Checklist")
    assert may_deploy(office.desk.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == 0
    bundle = Path(office.desk.deps().reviews.get(review).bundle)
    log = [json.loads(line) for line in (bundle / "log.jsonl").read_text().splitlines()]
    seen = {(e["body"]["person"], e["body"]["item"]) for e in log if e["event"] == "opened"}
    assert seen == {(person, int(number)) for person, _ in SIGNERS for number in NOTES}
    assert office.desk.cli("verify", str(bundle)).returncode == 0


def test_two_clicks_at_once_leave_one_signature_and_tell_the_second_who_was_first(office: Office, enter: Enter):
    """The same person in two windows: both have the form open, both press."""
    review = office.fresh()
    served = office.served
    first = enter(served)
    second = first.context.new_page()
    first.goto(f"{served.address}/reviews/{review}")
    open_evidence(first)
    for page in (first, second):
        page.goto(f"{served.address}/reviews/{review}")
        fill_in(page, "builder", "cleared")

    for page in (first, second):  # neither waits for the other's answer
        page.evaluate("document.querySelector('form[action$=\"/sign\"]').requestSubmit()")
    shown = [_settled(page) for page in (first, second)]

    assert sorted(["Refused." in text for text in shown]) == [False, True]
    assert any("Mike Chen signed as builder" in text for text in shown if "Refused." in text)
    assert len(office.desk.deps().reviews.signoffs(review)) == 1


def _settled(page: Page) -> str:
    """What the page shows once the form was answered, and all of it came: a refusal, or the signature in the table."""
    expect(page.locator("#refused, main:not(:has(form[action$='/sign']))").first).to_be_attached()
    page.wait_for_load_state()
    return page.inner_text("main")


def test_a_refusal_keeps_what_was_typed(office: Office, enter: Enter):
    """A note that is no sentence is refused with a sentence; the others stay in their fields."""
    review = office.fresh()
    page = enter(office.served)
    page.goto(f"{root(page)}/reviews/{review}")
    open_evidence(page)
    fill_in(page, "builder", "cleared")
    page.fill("#note-7", "ok")
    press_sign(page)

    expect(page.locator("#refused")).to_contain_text("item 7 needs a sentence of your own")
    expect(page.locator("#note-9")).to_have_value(NOTES["9"])
    assert office.desk.deps().reviews.signoffs(review) == []


def test_more_evidence_ends_the_review_and_a_stale_form_is_told_who_did_it(office: Office, enter: Enter):
    """The lead sends it back while the builder's form is open."""
    review = office.fresh()
    builder, lead = (enter(office.at(person)) for person in ("mike.chen", "morteza.moradi"))
    for page in (builder, lead):
        page.goto(f"{root(page)}/reviews/{review}")
    open_evidence(builder)
    fill_in(builder, "builder", "cleared")

    lead.locator('input[name="role"][value="lead"]').check()
    lead.locator('input[name="decision"][value="more-evidence"]').check()
    lead.fill("#reason", "the drill notes are thin")
    press_sign(lead)
    expect(lead.locator(".notice")).to_contain_text("sent back for more evidence by morteza.moradi")
    press_sign(builder)

    expect(builder.locator("#refused")).to_contain_text("was sent back for more evidence by morteza.moradi")


def test_checking_an_item_again_makes_a_new_review_with_what_changed(office: Office, enter: Enter):
    """The old one is superseded, the new one shows the difference and each item's history."""
    review = office.fresh()
    page = enter(office.served)
    page.goto(f"{root(page)}/reviews/{review}")
    page.get_by_role("button", name="Check item 4 again").click()
    page.wait_for_url(re.compile(r"/reviews/(?!" + review + r")rv-"))

    expect(page.locator("main")).to_contain_text(f"From {review} to")
    page.goto(f"{root(page)}/reviews/{review}")
    expect(page.locator(".notice")).to_contain_text("was superseded by")


def test_a_blocked_review_shows_the_worst_first_and_always_what_could_not_be_seen(
    as_written: Desk, serve: Serve, enter: Enter
):
    """And offers nothing laxer than the proposal; a token that was taken away shows as a gap."""
    review = as_written.assess("PAGERDUTY_API_KEY").review
    page = enter(serve(as_written, "morteza.moradi"))
    page.goto(f"{root(page)}/reviews/{review}")

    words = page.locator("section.item h3 .mark").all_inner_texts()
    ranked = [word.split(" ", 1)[1] for word in words]
    assert ranked == sorted(ranked, key=["not met", "undetermined", "warning", "pending", "met"].index)
    expect(page.locator("#not-seen + ul")).to_contain_text("pagerduty.on_call")
    assert page.locator('input[name="decision"]').count() == 2


HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">{{7*7}}"


def test_html_and_script_in_evidence_show_as_text(office: Office, enter: Enter):
    """In the card, in every body and fact of the evidence and in a gap: on the page and in the report."""
    deps, poisoned = office.desk.deps(), poison(office.desk.deps(), office.fresh(), HOSTILE)
    page = enter(office.served)
    page.goto(f"{root(page)}/reviews/{poisoned}")
    open_evidence(page)
    unfold(page)

    assert page.title() != "owned"
    assert page.locator("main img, main script").count() == 0
    assert page.locator("main").inner_text().count("<script>document.title='owned'</script>") > 20
    assert "49" not in page.locator("h1").inner_text()
    assert deps.reviews.get(poisoned).state == "signing"


LONG = {
    "unbroken": "W" * 400, "right to left": "\u202e" + "مراجعة الحسابات " * 20, "signs": "👩🏽‍🚒" * 120 + "\u0301" * 60,
    "lines": "a\n" * 200,
}  # fmt: skip


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_long_and_foreign_text_stays_in_its_place(office: Office, enter: Enter, text: str):
    """On a phone and a desk, in every field that others write; what turns the direction of writing is not shown."""
    deps, review = office.desk.deps(), office.fresh()
    poisoned = poison(deps, review, text, f"{review}-long")
    page = enter(office.served, width=360)
    for path in (f"/reviews/{poisoned}", f"/reviews/{poisoned}/items/3", "/"):
        page.goto(root(page) + path)
        unfold(page)
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert (path, page.evaluate("document.documentElement.scrollWidth")) == (path, width)
        assert "\u202e" not in page.content()


PAGES = (
    "/", "/?q=nothing-like-it", "/reviews/{review}", "/reviews/{review}/items/3", "/reviews/{review}/items/9",
    "/switch/finance-invoice-recon", "/quiz/finance-invoice-recon", "/reviews/rv-none",
)  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_accessibility_finding(
    office: Office, as_written: Desk, serve: Serve, enter: Enter, scheme: Literal["light", "dark"]
):
    """By axe, with everything unfolded, forms of statements and waivers too, in both colour schemes."""
    from axe_playwright_python.sync_playwright import Axe

    blocked = serve(as_written, "dana.ortiz")
    for served, review in ((office.served, office.review), (blocked, as_written.assess().review)):
        page = enter(served)
        page.emulate_media(color_scheme=scheme)
        for path in PAGES:
            page.goto(served.address + path.format(review=review), wait_until="load")
            unfold(page)
            found = Axe().run(page).response["violations"]
            bad = [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")]
            assert (path, bad) == (path, [])


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


def test_pages_fit_a_phone(office: Office, as_written: Desk, serve: Serve, enter: Enter):
    """Nothing is wider than the screen, unfolded or not, the forms included."""
    blocked = serve(as_written, "dana.ortiz")
    for served, review in ((office.served, office.review), (blocked, as_written.assess().review)):
        page = enter(served, width=360)
        for path in PAGES:
            page.goto(served.address + path.format(review=review))
            unfold(page)
            assert (path, page.evaluate("document.documentElement.scrollWidth")) == (path, 360)


def test_the_pictures_of_the_readme_are_of_this_page(office: Office, as_written: Desk, enter: Enter, serve: Serve):
    """`CLEARANCE_PICTURES=write` takes them anew; without it, only that each of them is there."""
    review = as_written.assess().review
    page = enter(serve(as_written, "morteza.moradi"))
    page.goto(f"{root(page)}/reviews/{review}#item-9")
    page.get_by_role("button", name="Open the evidence of item 9", exact=True).click()
    expect(page.locator("#item-9")).to_contain_text("You opened this evidence")
    shots = {
        "page-review": lambda: (page.goto(f"{root(page)}/reviews/{review}"), page.screenshot())[1],
        "page-item": lambda: page.locator("#item-9").screenshot(),
        "page-switch": lambda: (page.goto(f"{root(page)}/switch/{SUBJECT}"), page.screenshot())[1],
    }
    for name, take in shots.items():
        taken = take()
        assert len(taken) > 10_000
        if os.environ.get("CLEARANCE_PICTURES") == "write":
            (ROOT / "docs" / f"{name}.png").write_bytes(taken)
        assert f"docs/{name}.png" in (ROOT / "README.md").read_text(encoding="utf-8")
        assert (ROOT / "docs" / f"{name}.png").is_file()


def test_everything_can_be_reached_by_keyboard(office: Office, enter: Enter):
    """Tab goes through the page in its order, from the skip link to the button that signs."""
    review = office.fresh()
    page = enter(office.served)
    page.goto(f"{root(page)}/reviews/{review}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.focus("#note-9")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Sign"
    page.get_by_role("button", name="Open the evidence of item 4", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#item-4-h")).to_be_focused()
