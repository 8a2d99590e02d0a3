"""report.md: the template filled, everything that was signed behind it, and no text of others that breaks out."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from agent.domain import (
    Assurance,
    Decision,
    EarlierReview,
    OpenItemRow,
    ReviewDocument,
    SignOffDecision,
    Statement,
    WaiverRow,
)
from agent.drafting.values import clean
from agent.outputs.escape import code, md, opening
from agent.outputs.markdown import render
from agent.probes.findings import day, duration, failed, not_applicable, passed, person, resource, state, time
from tests.builders import MIKE, MORTEZA, at
from tests.drafting import builders

GOLDEN = Path(__file__).parent / "golden" / "report.md"
HOSTILE = [
    "# Heading\n\n## more",
    "| a | b |\n|---|---|\n| c | d |",
    "[click](https://evil.example) ![x](https://evil.example/p.png)",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "https://evil.example www.evil.example a@evil.example mailto:a@evil.example",
    "`code` **bold** _em_ ~~gone~~ $x$ \\| \\",
    "- item\n1. one\n> quote\n---\n===\n```\nfence",
    "1. one",
    "+ plus",
    "=====",
    "---",
    "&lt;b&gt; &#60;b&#62;",
    "[ref]: https://evil.example",
    "<!-- hidden",
    "a\u202eb\u200bc\u2028d\x1b[31m\x00",
    "{F1 as person} {is} {{ 7*7 }} {% raw %}",
    "||||||",
    "",
]


def small() -> ReviewDocument:
    """A guardrail that fired, a gap on item 3, a drill that left something out, and the check that fails."""
    mike, flip = (
        builders.seen(person("Mike Chen", "mike.chen"), "author"),
        builders.seen(time(at("2026-06-08T14:00")), "flip"),
    )
    fired = passed("{guardrail} fired on {fired_at}", guardrail=resource("Input validation"), fired_at=flip)
    drill = failed("Nothing was in flight at the flip on {flip}, as {author} states", flip=flip, author=mike)
    untimed = failed("The time to stop after the flip on {flip} is not recorded", flip=flip, limit=duration(60))
    on = passed("The flag {flag} is {now}", flag=resource("finance-invoice-recon-enabled"), now=state("on"))
    checked = failed("The launch falls on {launch_day}, a day of the weekend", launch_day=day(date(2026, 6, 13)))
    items = [
        builders.item(3, builders.unseen()),
        builders.item(4, fired.model_copy(update={"valid_until": at("2026-06-27T00:00")})),
        builders.item(9, on, *(one.model_copy(update={"probe": "work_was_in_flight"}) for one in (drill, untimed))),
    ]
    return builders.document(items, [builders.check(checked)], [builders.GAP_ROW])


def tokens(text: str) -> list[Token]:
    """Every token as a reader's renderer sees them: tables, bare links and strike-through on."""
    parsed = MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    return [inner for token in parsed for inner in (token, *(token.children or ()))]


def shape(text: str) -> list[str]:
    """What the text makes on a page, less the words themselves."""
    return [token.type for token in tokens(text) if token.type not in ("text", "text_special")]


def test_the_report_reads_as_the_golden_file():
    """One small blocked review, word for word; `CLEARANCE_GOLDEN=write` writes it anew."""
    report = render(small(), [builders.signature(small(), "lead", MORTEZA)], Decision.BLOCKED)
    if os.environ.get("CLEARANCE_GOLDEN") == "write":
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(report, encoding="utf-8")

    assert report == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_every_field_makes_nothing_on_the_page(text: str):
    """Names, titles, owners, gaps, states, units and models of others change words and never the page."""
    made = shape(render(builders.hostile(text), []))

    assert made == shape(render(builders.hostile("plain" if text else ""), []))
    assert not {"link_open", "image", "html_inline", "html_block", "s_open", "em_open", "fence"} & set(made)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_shows_as_itself(text: str):
    """What is escaped reads as it was written, less what cannot be seen."""
    for line in (opening(text), f"- {opening(text)}", f"| {md(text)} |\n|---|"):
        shown = "".join(token.content for token in tokens(line) if token.type in ("text", "text_special"))
        assert shown == clean(text)


def test_bare_addresses_are_not_made_into_links():
    """Renderers that turn bare addresses into links find none."""
    escaped = md("see https://evil.example, www.evil.example or mailto:a@evil.example")

    assert "://" not in escaped
    assert "www." not in escaped
    assert "mailto:" not in escaped


def test_a_code_span_cannot_be_left():
    """Backticks and pipes would end the span or the cell."""
    assert (code("a`b|c"), code("``")) == ("`abc`", "` `")


def test_an_unsigned_report_says_that_it_permits_nothing():
    """On its cover, with the roles that are missing, and no decision is claimed."""
    report = render(small(), [])

    assert "**NOT SIGNED.** This report permits nothing without its signatures." in report
    assert "Missing: Agent Builder and AI CoE Lead." in report
    assert "Not decided. The rules propose: ❌ Blocked: return to pilot" in report
    assert "| AI CoE Lead | (waits for Morteza Moradi) | | |" in report


def test_a_signed_report_shows_who_signed_what_and_how():
    """Role, name, day, what was decided, the assurance and the start of the key."""
    review = builders.as_written()
    signed = [
        builders.signature(review, "builder", MIKE, assurance=Assurance.TERMINAL, key="", reason="Drill | again"),
        builders.signature(review, "lead", MORTEZA, notes={"9": "looked at the log"}),
        builders.signature(review, "sponsor", MIKE, decision=SignOffDecision.MORE_EVIDENCE, assurance=Assurance.OIDC),
    ]
    report = render(review, signed, Decision.BLOCKED)

    assert "| Agent Builder | Mike Chen | 2026-06-12 | at a terminal: blocked, no key |" in report
    assert "| AI CoE Lead | Morteza Moradi | 2026-06-12 | signed: blocked, key `4f2a9c11d0e7` |" in report
    assert "| sponsor | Mike Chen | 2026-06-12 | by login: more evidence, key `4f2a9c11d0e7` |" in report
    assert "- Mike Chen: Drill &#124; again" in report
    assert "- Morteza Moradi: on item 9: looked at the log" in report
    assert "NOT SIGNED" not in report


def test_a_signature_over_something_else_is_not_shown_as_one():
    """Only sign-offs over exactly this digest stand in the table."""
    review = builders.as_written()
    other = builders.signature(review, "lead", MORTEZA, digest="0" * 64)
    report = render(review, [other, other], Decision.BLOCKED)

    assert "2 sign-offs over another digest than this report's do not count." in report
    assert "| AI CoE Lead | (waits for Morteza Moradi) | | |" in report
    assert "NOT SIGNED" in report


def test_a_stricter_decision_stands_beside_what_the_rules_proposed():
    """People may be stricter, and the report shows both."""
    cleared = builders.document(builders.put_right_items())
    report = render(cleared, [], Decision.BLOCKED)

    assert "❌ Blocked: return to pilot" in report
    assert "The rules proposed: ✅ Cleared for production launch" in report
    assert "## Open items\n\nNone." in report
    assert "See sign-off below." in report


def test_sandbox_and_rehearsal_stand_on_the_cover():
    """Evidence from stand-ins, and a review of another time, are never mistaken for the real thing."""
    cover = render(builders.document([], rehearsal=True), []).split("**Agent ID")[0]
    plain = render(builders.document([], sandbox=False), []).split("**Agent ID")[0]

    assert "**SANDBOX.**" in cover
    assert "**REHEARSAL.**" in cover
    assert "SANDBOX" not in plain


def test_a_waiver_shows_as_waived_and_an_open_item_with_its_owner():
    """Neither reads as met; who asked, who approved, until when and what stands in its place."""
    until = at("2026-07-01T00:00")
    waiver = WaiverRow(
        item=8, reason="The digest waits for the sponsor.", requested_by="Mike Chen", approved_by="Dana Ortiz",
        compensating="A post in the team's channel.", expires=until, digest="w",
    )  # fmt: skip
    taken = OpenItemRow(item=9, missing="A drill", owner="Mike Chen", due=until, by=MIKE, proven=False, digest="o")
    items = [
        one.model_copy(update={"waived": "w" if one.number == 8 else ""})
        for one in builders.as_written_items()
        if one.number in (8, 9)
    ]
    report = render(builders.document(items, waivers=(waiver,), open_items=(taken,)), [])

    assert "| 8 | Communication plan ready | ⚠️ waived (not met) |" in report
    assert "- ⚠️ Waived until 1 July 2026, 00:00 EDT, which is not a pass: The digest waits for the sponsor." in report
    assert "Asked for by Mike Chen, approved by Dana Ortiz; in its place: A post in the team's channel." in report
    assert "| Mike Chen | taken on by waiver |" not in report
    assert "| 9 | A drill | Mike Chen (by hearsay: no key proves who took it on) | 2026-07-01 |" in report
    assert report.count("\n| 9 |") == 2


def test_the_report_tells_who_wrote_it_and_what_fell_back():
    """A model's sentences are marked, its prompts named, and where fixed texts stand in, why."""
    review = builders.as_written()
    drafted = tuple(one.model_copy(update={"fell_back": one.number == 9}) for one in review.items)
    said = Statement(finding=0, template="The rule {is}.", text="The rule is met.", by="model")
    drafted = (drafted[0].model_copy(update={"draft": (said,)}), *drafted[1:])
    by = review.drafted_by.model_copy(
        update={"writer": "model", "model": "claude-sonnet-5-5", "prompts": {"draft_gate": "ab" * 32}}
    )
    report = render(review.model_copy(update={"items": drafted, "drafted_by": by}), [])

    assert "  - Drafted by the model: The rule is met." in report
    assert "were written by the model `claude-sonnet-5-5`" in report
    assert "Why fixed texts stand in (items 9): no model is configured" in report
    assert "Prompts: draft\\_gate `abababababab`" in report
    assert "The model's draft for this item was rejected; the fixed text stands in." in report


def test_earlier_reviews_are_listed_abandoned_ones_too():
    """Nobody can go on asking until it passes without that being seen."""
    before = EarlierReview(
        review="r-1", as_of=at("2026-06-11T09:00"), proposal="blocked", ended="abandoned", by="Mike Chen"
    )
    report = render(builders.document([], earlier=(before,), supersedes="r-1"), [])

    assert "- `r-1` as of 11 June 2026, 09:00 EDT: blocked, abandoned by Mike Chen" in report
    assert "- This review supersedes `r-1`." in report


def test_a_card_that_is_silent_leaves_no_hole():
    """Where the card does not say, the report says that it does not."""
    report = render(builders.document([], card={}, valid_until=at("2026-06-27T00:00")), [])

    assert "**Pilot ran:** not on the card" in report
    assert "**Tier:** not on the card" in report
    assert "Target launch date: not on the card" in report
    assert "30-day post-launch review: not booked" in report
    assert "The evidence behind this counts until 27 June 2026, 00:00 EDT." in report


def test_the_day_of_the_review_comes_from_the_gates_check_where_the_card_is_silent():
    """The check that books the review knows the day."""
    found = builders.found("post_launch_review_booked", launch=_without_review(), after_days=30)
    check = builders.launch_check().model_copy(update={"id": "post_launch_review_booked", "finding": found})
    report = render(builders.document([], [check], card={}), [])

    assert "30-day post-launch review: 2026-07-13" in report


def _without_review() -> object:
    return builders.CARD.launch.model_copy(update={"review": None})


def test_items_without_findings_and_long_lists_are_told():
    """Silence of the rules shows; a ninth sentence is counted and stands below."""
    silent = builders.item(2)
    many = builders.item(4, *(not_applicable("{a} is away", a=resource(f"guard {i}")) for i in range(10)))
    report = render(builders.document([silent, many]), [])

    assert "| 2 | Monitoring dashboards live and being watched | ❔ undetermined | No rule has reported. |" in report
    assert "- No rule has reported." in report
    assert "2 more below. |" in report
    assert "| 2 | No rule has reported. | Morteza Moradi and Mike Chen | before the next review |" in report
