"""report.html: the content of report.md in one file that loads nothing; no text of others becomes markup."""

from __future__ import annotations

import os
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from agent.concerns import Concern, ConcernKind, ReadQuote
from agent.domain import Decision, ReviewDocument
from agent.drafting.parts import sentence
from agent.drafting.values import clean
from agent.outputs.html import render
from collectors.evidence import Answer, Call, Evidence, Facts, Source
from tests.builders import MORTEZA, at
from tests.drafting import builders
from tests.outputs.test_markdown import HOSTILE, small

GOLDEN = Path(__file__).parent / "golden" / "report.html"


class Page(HTMLParser):
    """What a browser makes of it: tags with their attributes, ids, and the text that is shown."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def shown(self) -> str:
        return " ".join(" ".join(self.words).split())

    def each(self, name: str) -> list[str]:
        return [attributes[name] for _, attributes in self.tags if name in attributes]


class Empty(Facts):
    pass


def kept(text: str = "Mike Chen") -> dict[str, Answer]:
    """The answer that the builders' facts point into, every text in it by somebody else."""
    source = Source(vendor="pagerduty", base_url="https://api.pagerduty.com", account=text)
    evidence = Evidence(
        request_type="pagerduty.on_call", params={"service": text}, source=source, collected_at=at("2026-06-12T09:00"),
        link="https://acme.pagerduty.com/" if text == "Mike Chen" else text, facts=Empty(),
        calls=(Call(method="GET", path="/oncalls", query=text, status=200),),
        body={"answer": {"flip": text, "author": text, "person": text, text: text}}, redacted=(text,),
    )  # fmt: skip
    return {builders.EVIDENCE: evidence}


def test_the_page_reads_as_the_golden_file():
    """One small blocked review; `CLEARANCE_GOLDEN=write` writes it anew."""
    page = render(small(), [builders.signature(small(), "lead", MORTEZA)], Decision.BLOCKED, kept())
    if os.environ.get("CLEARANCE_GOLDEN") == "write":
        GOLDEN.write_text(page, encoding="utf-8")

    assert page == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_every_field_makes_nothing_on_the_page(text: str):
    """Names, owners, gaps, units, queries, bodies and links of others change words, never tags."""
    made = Page(render(builders.hostile(text), [], answers=kept(text)))
    plain = Page(render(builders.hostile("plain" if text else ""), [], answers=kept("plain" if text else "")))

    assert [tag for tag, _ in made.tags] == [tag for tag, _ in plain.tags]
    assert not [name for _, attributes in made.tags for name in attributes if name.startswith("on")]
    assert "\u202e" not in made.shown


def test_hostile_text_shows_as_itself():
    """What is escaped reads as it was written."""
    text = "<script>alert(1)</script><img src=x onerror=alert(1)>"

    assert clean(text) in Page(render(builders.hostile(text), [])).shown


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil.example", "x"]
)
def test_only_a_web_page_becomes_a_link(link: str):
    """A link that a source gave is followed by people; anything but http and https stays text or away."""
    page = Page(render(small(), [], answers=kept(link)))

    assert all(href.startswith("#") for href in page.each("href"))


def test_the_page_loads_nothing_and_says_so_to_the_browser():
    """No script, no file beside it, and a policy that allows its own style sheet by digest and nothing else."""
    page = Page(render(builders.as_written(), []))
    policy = next(a["content"] for tag, a in page.tags if tag == "meta" and "http-equiv" in a)

    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'; base-uri 'none'; form-action 'none'", policy
    )
    assert not {"script", "img", "link", "iframe", "object", "form", "base"} & {tag for tag, _ in page.tags}
    assert page.each("src") == page.each("style") == []


def test_every_slot_leads_to_its_fact_without_scripts():
    """Each marked value is a link to a place on the page, and each id stands once."""
    page = Page(render(builders.as_written(), []))
    slots = [a for tag, a in page.tags if tag == "a" and a.get("class") == "slot"]

    assert len(slots) > 20
    assert {a["href"].removeprefix("#") for a in slots} <= set(page.each("id"))
    assert all(a["title"] for a in slots)
    assert len(page.each("id")) == len(set(page.each("id")))


def test_a_fact_shows_source_query_times_and_the_raw_value_in_its_place():
    """Down to the body, with its neighbours, and the vendor's page."""
    shown = Page(render(small(), [], answers=kept()))

    assert "pagerduty.on_call from https://api.pagerduty.com, account Mike Chen" in shown.shown
    assert "GET /oncalls?Mike Chen → 200" in shown.shown
    assert "fetched at 12 June 2026, 09:00 EDT" in shown.shown
    assert '/answer "flip": "Mike Chen" "author": "Mike Chen"' in shown.shown
    assert "https://acme.pagerduty.com/" in shown.each("href")


def test_everything_that_the_rules_say_stands_on_the_page():
    """Each finding's sentence, each drafted statement, each gap, check and reason."""
    review = builders.document(builders.as_written_items(), [builders.launch_check()], [builders.GAP_ROW])
    shown = Page(render(review, [])).shown

    for item in review.items:
        told = [sentence(finding, review.zone) for finding in item.findings]
        for text in (item.title, *told, *(one.text for one in item.draft)):
            assert squeezed(text) in squeezed(shown)
    for text in (review.gaps[0].what, review.gaps[0].next_step, review.checks[0].text, *review.summary):
        assert squeezed(text) in squeezed(shown)


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_verdicts_stand_worst_first_as_glyph_and_word():
    """Not met, undetermined, then what lapses before launch, warnings, pending, met."""
    page = render(builders.as_written(), [])
    order = [int(number) for number in re.findall(r'<section class="item [^"]*" id="item-(\d+)"', page)]
    verdicts = {item.number: item.verdict.value for item in builders.as_written().items}

    assert [verdicts[number] for number in order] == sorted(
        verdicts.values(), key=["not_met", "undetermined", "warning", "pending", "met"].index
    )
    assert '<span aria-hidden="true">❌</span> not met</span>' in page


def test_what_lapses_before_launch_stands_before_warnings_and_what_is_met():
    """A met item whose evidence ends before the launch day is told apart."""
    items = builders.put_right_items()
    early = items[3].model_copy(update={"valid_until": at("2026-06-12T18:00")})
    page = Page(render(builders.document([items[0], items[4], early]), []))

    sections = [a["id"] for tag, a in page.tags if tag == "section"]
    assert sections == ["item-4", "item-1", "item-5"]
    assert "which is before launch" in page.shown


def test_an_unsigned_page_says_that_it_permits_nothing():
    shown = Page(render(small(), [])).shown

    assert (
        "NOT SIGNED. This report permits nothing without its signatures. Missing: Agent Builder, AI CoE Lead." in shown
    )
    assert "Not decided. The rules propose: ❌ Blocked: return to pilot" in shown
    assert "(waits for Morteza Moradi)" in shown


def test_a_draft_that_does_not_agree_with_its_template_is_shown_unmarked():
    """What was signed is the text; marks are put on it only where they surely belong."""
    review = builders.as_written()
    drafted = next(item for item in review.items if item.draft)
    other = drafted.draft[0].model_copy(update={"text": "Something else entirely."})
    items = [item.model_copy(update={"draft": (other,)}) if item is drafted else item for item in review.items]

    page = render(review.model_copy(update={"items": tuple(items)}), [])
    assert '<p class="draft">Something else entirely.</p>' in page


def test_a_card_that_is_silent_leaves_no_hole():
    review: ReviewDocument = builders.document([], card={}, valid_until=at("2026-06-27T00:00"))
    shown = Page(render(review, [])).shown

    assert "Tier not on the card" in shown
    assert "Target launch date: not on the card" in shown
    assert "The card gives no launch date." in shown
    assert date(2026, 6, 27).strftime("counts until %d June 2026") in shown


def test_a_readers_concern_stands_with_its_quote_and_what_a_signer_answered():
    """Quotes are others' text; an open one says what it stops."""
    quote = ReadQuote(source="D1", passage=1, line=3, text="<b>nobody</b> is told")
    asked = Concern(id="C1", item=9, kind=ConcernKind.NO_ANSWER, question="Who is told?", quotes=(quote,))
    review = builders.document(builders.as_written_items(), concerns=(asked,))
    signed = builders.signature(review, "lead", MORTEZA, concerns={"C1": "I asked <i>Mike</i>"})
    still_open, answered = Page(render(review, [])), Page(render(review, [signed]))

    assert "<b>nobody</b> is told" in still_open.shown
    assert "Not answered: it stops every signature that would let the subject through." in still_open.shown
    assert "Morteza Moradi answered: I asked <i>Mike</i>" in answered.shown
    assert not {"b", "i"} & {tag for tag, _ in answered.tags}
