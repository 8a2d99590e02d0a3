"""What has effects: renders, seals the log, publishes once, and then tells the registry."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from agent.cards import Card
from agent.deps import Deps
from agent.domain import Decision, ReviewDocument, SignOff
from agent.errors import NotVerified, Refused, StoreError
from agent.outputs.bundle import files
from agent.outputs.calendar import post_launch_review
from agent.outputs.publish import clear_drafts, publish, read, replace_file
from agent.outputs.publish_s3 import Same
from agent.probes.launch import next_business_day
from agent.signing import statement
from agent.signing.house import own_keys
from agent.signing.statement import Predicate
from agent.signing.verify import same_decision, verify
from agent.store import log
from agent.store.decisions import CHANGED
from agent.store.outbox import Notice
from agent.store.registry import APPROVED, PILOT, Standing
from agent.store.reviews import ENDED
from agent.workflow import frozen, signatures
from agent.workflow.document import decision_ends, recompute
from agent.workflow.endings import reminders
from agent.workflow.exporting import exported


def publish_review(deps: Deps, review: str) -> str:
    """Publish, once, and note the decision in the registry; what was shown and who signed is checked again first."""
    row = deps.reviews.get(review)
    if row.state == "reported":
        return row.bundle
    if row.state != "complete" or row.rehearsal:
        raise Refused(f"{review}: no report, {ENDED.get(row.state, row.state).format(by=row.ended_by)}")
    now = frozen.standing(deps, row)
    if now.missing or signatures.sent_back(now.signed):
        short = ", ".join(s.title for s in now.missing)
        raise Refused(f"{review}: no report without every signature; missing: {short}")
    decision = signatures.final(now.document, now.signed)
    folder = deps.reports / f"{now.document.subject}-{now.document.gate}-{review}"
    _seal(deps, now.document, decision, now.signed)
    deps.progress("report", "the log is sealed")
    signed, about = _signed_files(deps, now, decision)
    if not publish(folder, signed):
        _assert_this(deps, folder, about)
    _book(deps, now.document, decision)
    deps.progress("report", "the bundle is written")
    if deps.reviews.get(review).state != "complete":  # taken back by a signer, while a bundle was made
        raise Refused(CHANGED.format(review=review))
    _hand_on(deps, review, folder)
    standing, later = standing_of(now.document, decision), _reminders(deps, now, decision)
    if not deps.decisions.publish(review, str(folder), standing, deps.clock(), deps.lease, later):
        raise Refused(CHANGED.format(review=review))
    deps.progress("report", exported(deps) or "the registry knows the decision")
    clear_drafts(deps.reports)
    return str(folder)


def _hand_on(deps: Deps, review: str, folder: Path) -> None:
    """The bundle as it lies in the home, to where reports are published; nothing is reported before it is there.

    The review remembers where: a process that does not know the place leaves it to one that does.
    """
    if deps.published_to is None:
        wanted = log.publishes_to(deps.engine, review)
        if wanted:
            raise StoreError(
                f"{review}: its report is to be published at {wanted}, and CLEARANCE_PUBLISH is not set here; "
                "any command with that setting finishes it"
            )
        return
    files, key = read(folder), deps.house.key(deps.clock()).public

    def same(ours: bytes, theirs: bytes) -> bool:
        """Another machine's, which was killed before it could say so, has seen another end of the locker's log."""
        return ours == theirs or same_decision(ours, theirs, key)

    if isinstance(deps.published_to, Path):
        there = deps.published_to / folder.name
        if not publish(there, files) and not _agree(files, read(there), same):
            raise StoreError(f"{there} is there already and is not this report; move it away, then try again")
    else:
        deps.published_to.put(folder.name, files, same)
    deps.progress("report", "the bundle is published")


def _agree(ours: dict[str, bytes], theirs: dict[str, bytes], same: Same) -> bool:
    """Every file the same bytes, but of the statement only the same that it says."""
    rest = [{name: body for name, body in one.items() if name != statement.NAME} for one in (ours, theirs)]
    return rest[0] == rest[1] and same(ours.get(statement.NAME, b""), theirs.get(statement.NAME, b""))


def _assert_this(deps: Deps, folder: Path, about: Predicate) -> None:
    """A bundle that is there already is the one that a killed process finished, or it is nobody's, or of signatures
    from before the store was restored, which it no longer knows.
    """
    try:
        there = verify(folder, own_keys(deps.settings.home), recompute).predicate
        if other := statement.differences(there, about):
            raise NotVerified(f"it is of other signatures, and says {there.decision}: {', '.join(other)} differ")
    except NotVerified as error:
        told = f"{folder} is there already and is not this report ({error}); move it away, then try again"
        raise StoreError(told) from error


def _signed_files(deps: Deps, now: frozen.Standing, decision: Decision) -> tuple[dict[str, bytes], Predicate]:
    """The bundle with its statement, the signed list of every other file; and what that states besides."""
    lines = log.lines(deps.engine, now.document.review, until="sealed")
    key = deps.house.key(deps.clock())
    found = files(deps.locker, now.document, now.signed, decision, lines, key.public)
    heads = (json.loads(lines.splitlines()[-1])["hash"], log.head(deps.engine))
    known = (now.people, deps.configuration.people())
    about = statement.predicate(now.document, decision, now.signed, known, heads, own_keys(deps.settings.home))
    return {**found, statement.NAME: statement.sealed(found, about, key)}, about


def _seal(deps: Deps, document: ReviewDocument, decision: Decision, signed: Sequence[SignOff]) -> None:
    """The log's last entry that goes into the bundle; written once, however often and by however many this runs."""
    body = {"digest": document.digest, "decision": decision.value, "roles": [s.role for s in signed]}
    deps.decisions.seal(document.review, json.loads(json.dumps(body)), deps.clock(), deps.lease)


def standing_of(document: ReviewDocument, decision: Decision) -> Standing:
    """What the registry says of a subject by this decision."""
    card = Card.model_validate(document.card)
    approved = decision is not Decision.BLOCKED
    return Standing(
        subject=document.subject, version=document.version, gate=document.gate,
        status=f"{APPROVED}{card.launch.date}" if approved else PILOT, decision=decision.value,
        launch=card.launch.date.isoformat(), valid_until=decision_ends(document).isoformat() if approved else "",
        review=document.review,
    )  # fmt: skip


def _reminders(deps: Deps, now: frozen.Standing, decision: Decision) -> tuple[Notice, ...]:
    """A decision that lets nothing through ends nothing when a waiver under it does."""
    if decision is Decision.BLOCKED:
        return ()
    return reminders(now.document, now.signed, deps.configuration.people(), deps.clock())


def _book(deps: Deps, document: ReviewDocument, decision: Decision) -> None:
    """The post-launch review, as a calendar file beside the bundle."""
    if decision is Decision.BLOCKED:
        return
    card = Card.model_validate(document.card)
    day = card.launch.review or next_business_day(card.launch.date + timedelta(days=30), card.launch.holidays)
    name = f"{document.subject}-{document.gate}-{document.review}-post-launch-review.ics"
    replace_file(deps.reports / name, post_launch_review(document, day, deps.clock()))
