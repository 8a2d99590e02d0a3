"""Node: the only one with effects. Renders, seals the log, publishes once, and then tells the registry."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

from langgraph.runtime import Runtime

from agent.cards import Card
from agent.deps import Deps
from agent.domain import Decision, ReviewDocument, SignOff
from agent.errors import Refused
from agent.gates import Gate
from agent.outputs.bundle import files
from agent.outputs.calendar import post_launch_review
from agent.outputs.publish import clear_drafts, publish, replace_file
from agent.people import People
from agent.probes.launch import next_business_day
from agent.signing import statement
from agent.store import log
from agent.store.registry import Standing
from agent.workflow import signatures
from agent.workflow.binding import midnight
from agent.workflow.document import decision_ends
from agent.workflow.state import ReviewState


def report(state: ReviewState, runtime: Runtime[Deps]) -> ReviewState:
    """Write the bundle of a review whose set of sign-offs is complete. Safe to repeat."""
    return {"bundle": publish_review(runtime.context, state["review"])}


def publish_review(deps: Deps, review: str) -> str:
    """Publish, once, and note the decision in the registry; the signatures are checked again first."""
    row = deps.reviews.get(review)
    if row.state == "reported":
        return row.bundle
    document = ReviewDocument.model_validate_json(deps.locker.get(row.document))
    gate = Gate.model_validate_json(deps.locker.get(document.gate_digest))
    people = People.model_validate_json(deps.locker.get(document.people_digest))
    signed = signatures.counted(document, deps.reviews.signoffs(review), people, deps.configuration.people())
    short = signatures.missing(document, gate, signed, people)
    if short or document.rehearsal:
        raise Refused(f"{review}: no report without every signature; missing: {', '.join(s.title for s in short)}")
    decision = signatures.final(document, signed)
    folder = deps.reports / f"{document.subject}-{document.gate}-{document.review}"
    _seal(deps, document, decision, signed)
    deps.progress("report", "the log is sealed")
    publish(folder, _signed_files(deps, document, decision, signed, (people, deps.configuration.people())))
    deps.progress("report", "the bundle is written")
    _register(deps, document, decision)
    deps.progress("report", "the registry knows the decision")
    done = {"bundle": str(folder), "decision": decision.value}
    deps.reviews.move(
        review, "reported", "published", done, deps.clock(), when=("signing", "complete"),
        bundle=str(folder), decision=decision.value,
    )  # fmt: skip
    clear_drafts(deps.reports)
    return str(folder)


def _signed_files(
    deps: Deps, document: ReviewDocument, decision: Decision, signed: list[SignOff], known: tuple[People, ...]
) -> dict[str, bytes]:
    """The bundle with its statement: the signed list of every other file."""
    lines = log.lines(deps.engine, document.review, until="sealed")
    found = files(deps.locker, document, signed, decision, lines)
    heads = (json.loads(lines.splitlines()[-1])["hash"], log.head(deps.engine))
    about = statement.predicate(document, decision, signed, known, heads)
    return {**found, statement.NAME: statement.sealed(found, about, statement.product_key(deps.settings.home))}


def _seal(deps: Deps, document: ReviewDocument, decision: Decision, signed: list[SignOff]) -> None:
    """The log's last entry that goes into the bundle; written once, however often this runs."""
    if any(entry.event == "sealed" for entry in log.entries(deps.engine, document.review)):
        return
    body = {"digest": document.digest, "decision": decision.value, "roles": [s.role for s in signed]}
    deps.reviews.note(document.review, "sealed", json.loads(json.dumps(body)), deps.clock())


def _register(deps: Deps, document: ReviewDocument, decision: Decision) -> None:
    card = Card.model_validate(document.card)
    launch = midnight(card.launch.date, document.zone)
    approved = decision is not Decision.BLOCKED
    standing = Standing(
        subject=document.subject, version=document.version, gate=document.gate,
        status=f"approved for {card.launch.date}" if approved else "Pilot", decision=decision.value,
        launch=card.launch.date.isoformat(), valid_until=_until(document, launch) if approved else "",
        review=document.review,
    )  # fmt: skip
    deps.registry.put(standing, deps.clock())
    if approved:
        name = f"{document.subject}-{document.gate}-{document.review}-post-launch-review.ics"
        replace_file(deps.reports / name, post_launch_review(document, _review_day(card), deps.clock()))
    replace_file(deps.settings.home / "registry.json", deps.registry.export())


def _review_day(card: Card) -> date:
    return card.launch.review or next_business_day(card.launch.date + timedelta(days=30), card.launch.holidays)


def _until(document: ReviewDocument, launch: datetime) -> str:
    return decision_ends(document, launch).isoformat()
