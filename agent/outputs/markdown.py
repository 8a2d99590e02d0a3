"""report.md: the checklist's own template filled in, and behind it everything that the signatures cover."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, JsonValue

from agent.domain import Assurance, Decision, ItemResult, Outcome, ReviewDocument, SignerNeeded, SignOff, Verdict
from agent.drafting.overview import listing
from agent.drafting.parts import sentence
from agent.drafting.values import instant
from agent.outputs import concerns, cost, established
from agent.outputs.details import SHORT, item_details, not_seen, outcome_of, short
from agent.outputs.escape import code, md, opening
from agent.outputs.layout import blocks, in_markdown
from agent.outputs.score import by_category, not_applying, section, words
from agent.outputs.table import standing, worst_first
from collectors.evidence import Day, Model

ASSURED = {
    Assurance.KEY: "signed",
    Assurance.OIDC: "by login",
    Assurance.SLACK: "in Slack",
    Assurance.TERMINAL: "at a terminal",
}
IN_A_CELL = 8
TO_SETTLE = (Verdict.NOT_MET, Verdict.UNDETERMINED, Verdict.WARNING)


class ReportFacts(Model):
    """What the template's head asks for and the document keeps on its card. None = the card does not say."""

    agent_id: str
    name: str
    version: str
    tier: str
    pilot_from: date | None
    pilot_to: date | None
    launch: date | None
    review_booked: date | None

    @classmethod
    def of(cls, document: ReviewDocument) -> ReportFacts:
        pilot, launch = document.card.get("pilot"), document.card.get("launch")
        return cls(
            agent_id=document.subject, name=document.name, version=document.version,
            tier=str(document.card.get("tier", "")), pilot_from=_day(pilot, "from"), pilot_to=_day(pilot, "to"),
            launch=_day(launch, "date"), review_booked=_day(launch, "review") or _proposed_review(document),
        )  # fmt: skip


def render(
    document: ReviewDocument,
    signoffs: Sequence[SignOff],
    final: Decision | None = None,
    facts: ReportFacts | None = None,
) -> str:
    """The whole report. `final` None = people have not decided; without every signature it permits nothing."""
    facts = facts or ReportFacts.of(document)
    signed = [one for one in signoffs if one.digest == document.digest]
    lines = [
        *_head(document, facts, signed, final),
        *_items(document, complete=final is not None and not missing(document, signed)),
        *_signoffs(document, signed, len(signoffs) - len(signed)),
        *_decision(document, facts, final, signed),
        *section(document),
        *not_applying(document),
        *in_markdown(blocks(document, document.layout)),
        *_open_items(document),
        *_section("Checks", _checks(document)),
        *_section("The items, worst first", item_details(settled(document, signed, final))),
        *_section("What was read, and what a reader asks", concerns.section(document, signed)),
        *_section("What could not be seen", not_seen(document)),
        *_section("Earlier reviews of this subject, version and gate", _earlier(document)),
        *_section("Who wrote this", _written(document)),
        *_section("What this report cannot say", _limits(document)),
        *_section("How to check this report", _how_to_check(document)),
    ]
    return "\n".join(lines).rstrip() + "\n"


def settled(document: ReviewDocument, signed: Sequence[SignOff], final: Decision | None) -> ReviewDocument:
    """With every signature there, the item that waited for them is met."""
    if final is None or missing(document, signed):
        return document
    met = {"verdict": Verdict.MET}
    items = [item.model_copy(update=met) if item.verdict is Verdict.PENDING else item for item in document.items]
    return document.model_copy(update={"items": tuple(items)})


def _day(part: JsonValue, key: str) -> date | None:
    text = part.get(key) if isinstance(part, dict) else None
    return date.fromisoformat(text) if isinstance(text, str) else None


def _proposed_review(document: ReviewDocument) -> date | None:
    """The day that the gate's own check proposes, where the card names none."""
    for check in document.checks:
        for used in check.finding.facts:
            if used.role == "review_day" and isinstance(used.fact, Day) and check.id == "post_launch_review_booked":
                return used.fact.value
    return None


def _section(title: str, lines: Iterator[str]) -> list[str]:
    return [f"## {title}", "", *lines, ""]


# --- the template -----------------------------------------------------------------------------------------------------


def _head(
    document: ReviewDocument, facts: ReportFacts, signed: Sequence[SignOff], final: Decision | None
) -> Iterator[str]:
    yield f"# {md(document.gate_title)}: {md(facts.name or facts.agent_id)}"
    yield ""
    for warning in _warnings(document, signed, final):
        yield f"> {warning}"
        yield ""
    rows = {
        "Agent ID": md(facts.agent_id),
        "Agent version": md(facts.version),
        "Tier": md(facts.tier.capitalize()) or "not on the card",
        "Pilot ran": _pilot(facts),
        "Review date": f"{local(document.as_of, document.zone)} (as of {instant(document.as_of, document.zone)})",
    }
    yield from (f"**{name}:** {value}  " for name, value in rows.items())
    yield ""
    yield from (f"{opening(one)}  " for one in document.summary)
    yield ""


def _warnings(document: ReviewDocument, signed: Sequence[SignOff], final: Decision | None) -> Iterator[str]:
    if document.sandbox:
        yield "**SANDBOX.** Evidence here comes from stand-ins, not from the vendors. It says nothing of a real agent."
    if document.rehearsal:
        yield "**REHEARSAL.** Reckoned as of another time than now; it cannot be signed."
    yield from concerns.hostile_lines(document)
    short_of = missing(document, signed)
    if final is None or short_of or not signed:
        wanted = f" Missing: {md(listing(short_of))}." if short_of else ""
        yield f"**NOT SIGNED.** This report permits nothing without its signatures.{wanted}"


def missing(document: ReviewDocument, signed: Sequence[SignOff]) -> list[str]:
    """Titles of the roles that have not signed."""
    return [signer.title for signer in document.signers if signer.role not in {one.role for one in signed}]


def local(at: AwareDatetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).date().isoformat()


def _pilot(facts: ReportFacts) -> str:
    if facts.pilot_from is None or facts.pilot_to is None:
        return "not on the card"
    days = (facts.pilot_to - facts.pilot_from).days
    return f"{facts.pilot_from} to {facts.pilot_to} ({days} days, the last date not counted)"


def _items(document: ReviewDocument, *, complete: bool) -> Iterator[str]:
    """The template's table. The item that waited for signatures shows as signed once all of them are there."""
    before = ""
    for phase, title, items in by_category(document):
        yield from [f"## {md(phase)}", ""] if phase and phase != before else []
        yield from [f"### {md(title)}", ""] if title else []
        before = phase
        yield from _table(items, document.zone, complete=complete)
    yield from [established.shares(document), ""] if document.categories else []


def _table(items: Sequence[ItemResult], zone: str, *, complete: bool) -> Iterator[str]:
    yield "| # | Item | Status | Evidence |"
    yield "|---|---|---|---|"
    for item in items:
        glyph, word = ("✅", "signed") if complete and item.verdict is Verdict.PENDING else standing(item)
        part = "↳ " if item.parent else ""
        yield f"| {item.number} | {part}{md(item.title)} | {glyph} {word} | {_in_short(item, zone)} |"
    yield ""


def _in_short(item: ItemResult, zone: str) -> str:
    told = [md(sentence(finding, zone)) for finding in worst_first(item.findings)]
    more = [f"{len(told) - IN_A_CELL} more below."] if len(told) > IN_A_CELL else []
    waits = ["See sign-off below."] if item.verdict is Verdict.PENDING else []
    return " ".join([*told[:IN_A_CELL], *more, *waits]) or "No rule has reported."


def _signoffs(document: ReviewDocument, signed: Sequence[SignOff], stray: int) -> Iterator[str]:
    yield "## Sign-off"
    yield ""
    yield "| Role | Name | Date | Signature |"
    yield "|---|---|---|---|"
    titles = {signer.role: signer.title for signer in document.signers}
    for signer in document.signers:
        own = [one for one in signed if one.role == signer.role]
        yield from (_signature(one, signer.title, document.zone) for one in own)
        if not own:
            yield f"| {md(signer.title)} | {_awaited(signer)} | | |"
    yield from (_signature(one, one.role, document.zone) for one in signed if one.role not in titles)
    yield ""
    if stray:
        yield f"{stray} sign-off{'s' if stray > 1 else ''} over another digest than this report's do not count."
        yield ""
    for one in signed:
        yield from _said(one, document.zone)


def _awaited(signer: SignerNeeded) -> str:
    return f"(waits for {md(' or '.join(signer.names))})" if signer.names else "(nobody is named on the card)"


def _signature(one: SignOff, title: str, zone: str) -> str:
    key = f", key {short(one.key)}" if one.key else ", no key"
    key = f" at {md(one.login.issuer)}, no key of their own" if one.login else key
    how = f"{ASSURED[one.assurance]}: {one.decision.value.replace('-', ' ')}{key}"
    instead = f" for {md(one.on_behalf_name or one.on_behalf)}" if one.on_behalf else ""
    return f"| {md(title)} | {md(one.name)}{instead} | {local(one.at, zone)} | {how} |"


def _said(one: SignOff, zone: str) -> Iterator[str]:
    said = [one.reason] if one.reason else []
    said += [f"on item {item}: {note}" for item, note in sorted(one.notes.items())]
    if said:
        yield f"- {md(one.name)}: {'; '.join(md(text) for text in said)}"
        yield ""
    if one.opened:
        seen = (f"{item} ({instant(at, zone)})" for item, at in sorted(one.opened.items(), key=_by_number))
        yield f"- {md(one.name)} opened the evidence of items {', '.join(seen)}. Opened is not read."
        yield ""


def _by_number(pair: tuple[str, AwareDatetime]) -> int:
    return int(pair[0])


def _decision(
    document: ReviewDocument, facts: ReportFacts, final: Decision | None, signed: Sequence[SignOff]
) -> Iterator[str]:
    told = words(document, signed)
    yield "## Decision"
    yield ""
    yield f"{told[final]}" if final else f"Not decided. The rules propose: {words(document)[document.proposal]}"
    if final and final is not document.proposal:
        yield ""
        yield f"The rules proposed: {words(document)[document.proposal]}"
    yield ""
    yield f"Target launch date: {facts.launch or 'not on the card'}  "
    yield f"30-day post-launch review: {facts.review_booked or 'not booked'}"
    if document.valid_until:
        yield ""
        yield f"The evidence behind this counts until {instant(document.valid_until, document.zone)}."
    yield ""


def _open_items(document: ReviewDocument) -> Iterator[str]:
    rows = [*_taken_on(document), *_still_open(document)]
    yield "## Open items"
    yield ""
    if not rows:
        yield "None."
    else:
        yield "| Item # | What's missing | Owner | Due date |"
        yield "|---|---|---|---|"
        yield from rows
    yield ""


def _taken_on(document: ReviewDocument) -> Iterator[str]:
    for row in document.open_items:
        proof = "" if row.proven else " (by hearsay: no key proves who took it on)"
        yield f"| {row.item} | {md(row.missing)} | {md(row.owner)}{proof} | {local(row.due, document.zone)} |"


def _still_open(document: ReviewDocument) -> Iterator[str]:
    taken = {row.item for row in document.open_items}
    for item in document.items:
        if item.verdict in TO_SETTLE and item.number not in taken:
            open_ = (f for f in worst_first(item.findings) if f.outcome not in (Outcome.PASS, Outcome.NOT_APPLICABLE))
            missing = " ".join(md(sentence(finding, document.zone)) for finding in open_) or "No rule has reported."
            due = "taken on by waiver" if item.waived else "before the next review"
            yield f"| {item.number} | {missing} | {md(item.owner)} | {due} |"
    for check in document.checks:
        if check.outcome is not Outcome.PASS:
            yield f"| {md(check.title)} | {md(check.text)} | | before the next review |"


# --- behind the template ----------------------------------------------------------------------------------------------


def _checks(document: ReviewDocument) -> Iterator[str]:
    for check in document.checks:
        yield f"- {outcome_of(check.finding)}: {md(check.title)}. {md(check.text)}"
    if not document.checks:
        yield "The gate has none."


def _earlier(document: ReviewDocument) -> Iterator[str]:
    for one in document.earlier:
        by = f" by {md(one.by)}" if one.by else ""
        when = instant(one.as_of, document.zone)
        share = f", {one.share} % done" if one.share else ""
        yield f"- {code(one.review)} as of {when}: {md(one.proposal)}, {md(one.ended)}{by}{share}"
    if not document.earlier:
        yield "None."
    if document.supersedes:
        yield f"- This review supersedes {code(document.supersedes)}."


def _written(document: ReviewDocument) -> Iterator[str]:
    by = document.drafted_by
    if by.writer == "template prose":
        yield "Every sentence comes from the rules and from fixed texts; no model wrote any of it."
    else:
        yield f"The sentences marked as drafted were written by the model {code(by.model)}, which saw roles and"
        yield "outcomes and no values; code filled in every value. The findings' own sentences come from the rules."
    if by.reused_from:
        yield ""
        yield f"It is the draft of {code(by.reused_from)}, filled anew: the model would have been shown the same again."
    fell_back = [str(item.number) for item in document.items if item.fell_back]
    if by.why_template:
        yield ""
        yield f"Why fixed texts stand in{f' (items {listing(fell_back)})' if fell_back else ''}: {md(by.why_template)}"
    if by.prompts:
        yield ""
        yield f"Prompts: {', '.join(f'{md(name)} {short(digest)}' for name, digest in sorted(by.prompts.items()))}"
    yield ""
    yield f"What this review cost: {md(cost.whole(document.usage))}."


def _limits(document: ReviewDocument) -> Iterator[str]:
    yield "- Times of collecting and signing are those of our own machines; no time-stamp authority confirms them."
    yield "- That evidence was opened says that it was put before somebody, not that they read it."
    if not document.redacted:
        yield "- Nothing was taken out of the bodies of the evidence."
    for kind, fields in sorted(document.redacted.items()):
        yield f"- Taken out of, or hashed in, the bodies of {md(kind)}: {', '.join(md(field) for field in fields)}."


def _how_to_check(document: ReviewDocument) -> Iterator[str]:
    digest = code(document.digest or "none yet")
    yield f"What was signed is the digest {digest}, over everything above but the signatures"
    yield "and what the review cost."
    yield ""
    yield "- `VERIFY.md` says how to check the bundle with plain tools, and `clearance verify` does it offline."
    yield "- `review.json` holds this review for machines, and `statement.dsse.json` the signed list of the files."
    yield "- `log.jsonl` holds what happened, each line chained to the one before."
    yield f"- `evidence/` holds each answer in a file named by its digest, of which {SHORT} letters stand above."
    yield ""
    gate = f"{document.gate} {document.gate_version}"
    for name, digest in sorted(document.controls.items()):
        yield f"- Control {code(name)} {short(digest)}"
    yield from [""] if document.controls else []
    yield f"Gate {code(gate)} {short(document.gate_digest)}, card {short(document.card_digest)}, people"
    yield f"{short(document.people_digest)}, product {code(document.product_version)}, review {code(document.review)}."
    yield ""
    yield from (f"- {opening(kind)} {code(digest)}" for digest, kind in sorted(document.evidence.items(), key=_by_kind))


def _by_kind(pair: tuple[str, str]) -> tuple[str, str]:
    return pair[1], pair[0]
