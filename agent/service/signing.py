"""Use case: sign a review, in one's own role, with one's own key, over exactly what it shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from agent.cards import Card
from agent.deps import Deps
from agent.domain import Decision, ItemResult, SignOff, SignOffDecision, Verdict
from agent.drafting.parts import sentence
from agent.errors import ClearanceError, Refused, UsageError
from agent.periods import later, utc
from agent.service import grounds, roles
from agent.service.caller import Caller, caller
from agent.service.finishing import Shown, finish, finish_one, shown
from agent.service.opened import not_opened, opened_at
from agent.signing import concerns as doubts
from agent.signing import own_words, signoffs
from agent.store.outbox import Notice
from agent.store.reviews import ENDED
from agent.workflow import notices as notices_of
from agent.workflow import signatures

SHORTEST = 12  # digits of a digest that a signer gives
_OVER = ("superseded", "returned", "revoked")
AHEAD = timedelta(minutes=1)  # by which the clocks of two machines may differ


@dataclass(frozen=True)
class Signed:
    signoff: SignOff
    missing: tuple[str, ...]
    bundle: str
    said: tuple[str, ...]


def sign(
    deps: Deps, who: Caller, review: str, role: str, decision: SignOffDecision, *, reason: str = "",
    notes: dict[str, str] | None = None, concerns: dict[str, str] | None = None, digest: str = "",
    channel: str = "cli", label: str = "",
) -> Signed:  # fmt: skip
    """Insert the sign-off; when it completes the set, the report is written before this returns."""
    said = finish(deps)
    signoff = insert(
        deps, who, review, role, decision, reason=reason, notes=notes, concerns=concerns, digest=digest,
        channel=channel, label=label,
    )  # fmt: skip
    return complete(deps, signoff, said)


def insert(
    deps: Deps, who: Caller, review: str, role: str, decision: SignOffDecision, *, reason: str = "",
    notes: dict[str, str] | None = None, concerns: dict[str, str] | None = None, digest: str = "",
    channel: str = "cli", label: str = "",
) -> SignOff:  # fmt: skip
    """The sign-off in its table, after every check; nothing that takes its time. `complete` comes after it, here or in
    whichever process finishes reviews."""
    state = check_all(
        deps, who, review, role, decision, reason=reason, notes=notes, concerns=concerns, digest=digest, label=label
    )
    seen = {str(item): at for item, at in sorted(opened_at(deps, review, who.person).items())}
    signoff = signoffs.sign(
        who.own or deps.house.key(deps.clock()), review=review, role=role, person=who.person, name=who.name,
        digest=state.document.digest, decision=decision, reason=reason, notes=notes or {}, at=deps.clock(),
        channel=channel, concerns=concerns, assurance=who.assurance, opened=seen,
        on_behalf=roles.on_behalf(deps, state, who, role), login=who.login,
        label=label,
    )  # fmt: skip
    deps.reviews.sign(
        signoff, deps.clock(), lambda others: _check_people_differ(signoff, others), _also(deps, state, signoff)
    )
    deps.progress("signed", f"{who.name} signed as {role}")
    return signoff


def complete(deps: Deps, signoff: SignOff, said: Sequence[str] = ()) -> Signed:
    """What comes of a sign-off that is kept: the report, where it was the last one that was missing."""
    review, told = signoff.review, list(said)
    if signoff.decision is SignOffDecision.MORE_EVIDENCE:
        told.append(f"{review} was sent back for more evidence; assess again when it is there")
        return Signed(signoff, (), "", tuple(told))
    try:
        finish_one(deps, review)
    except ClearanceError as error:
        told.append(f"your signature is kept; the report could not be written yet: {error}")
    after = shown(deps, review)
    if after.row.state in _OVER:
        ended = ENDED[after.row.state].format(by=after.row.ended_by)
        told.append(f"{review} {ended}; your signature is kept, and nothing comes of it any more")
        return Signed(signoff, (), "", tuple(told))
    return Signed(signoff, tuple(row.title for row in after.missing), after.row.bundle, tuple(told))


def check_all(
    deps: Deps, who: Caller, review: str, role: str, decision: SignOffDecision, *, reason: str = "",
    notes: dict[str, str] | None = None, concerns: dict[str, str] | None = None, digest: str = "", label: str = "",
) -> Shown:  # fmt: skip
    """The review as it is shown now, if this signature over it may be given; nothing is written."""
    state = shown(deps, review)
    check(deps, state, who, role, decision, reason, notes or {}, digest)
    _check_concerns(state, decision, concerns or {})
    _check_label(state, decision, label)
    return state


def check(
    deps: Deps, state: Shown, who: Caller, role: str, decision: SignOffDecision, reason: str, notes: dict[str, str],
    digest: str,
) -> None:  # fmt: skip
    """Every reason for which a signature is refused, as a sentence."""
    _check_state(state, digest)
    _check_readable(reason, notes)
    roles.check(deps, state, who, role)
    if decision is SignOffDecision.MORE_EVIDENCE:
        _need(reason, "say with --reason which evidence is missing")
        return
    asked = Decision(decision)
    if asked.strictness < state.document.proposal.strictness:
        raise Refused(
            f"{state.row.id} is proposed {state.document.proposal}; nobody can sign it {decision}. "
            "Mend what blocks it or have it waived, and assess again"
        )
    if asked is not state.document.proposal:
        _need(reason, "a decision stricter than the proposal needs --reason")
    if asked is Decision.BLOCKED:
        return
    _check_fresh(deps, state)
    _check_notes(state, notes)
    _check_open_items(state)
    _check_opened(deps, state, who)


def _also(deps: Deps, state: Shown, signoff: SignOff) -> tuple[Notice, ...]:
    """To those who are needed only because of this signature: the sponsor, where it makes the launch conditional."""
    if signoff.decision is SignOffDecision.MORE_EVIDENCE:
        return ()
    people = deps.configuration.people()
    needed = signatures.needed(state.document, state.gate, [*state.signed, signoff], people)
    asked = {row.role for row in state.document.signers}
    more = tuple(row for row in needed if row.role not in asked)
    return notices_of.asked_to_sign(state.document, state.gate, people, more, deps.clock())


def _check_state(state: Shown, digest: str) -> None:
    row = state.row
    if row.rehearsal:
        raise Refused(f"{row.id} is a rehearsal (--as-of): it can never be signed. Assess without --as-of")
    if row.state != "signing":
        raise Refused(
            f"{row.id} {ENDED.get(row.state, row.state).format(by=row.ended_by)}; it takes no more signatures"
        )
    meant = digest.removeprefix("sha256:")
    if digest and len(meant) < SHORTEST:
        raise UsageError(f"--digest {digest}: give at least {SHORTEST} digits, so that it means one document only")
    if digest and not state.document.digest.startswith(meant):
        raise Refused(
            f"{row.id} shows {state.document.digest[:12]}, and you meant to sign {digest[:12]}; "
            f"look at what changed with `clearance reviews show {row.id}` and sign that"
        )


def _check_people_differ(one: SignOff, others: Sequence[SignOff]) -> None:
    """All signers are different people, but builder and lead may be one."""
    other = signatures.differ(one, others)
    if other and other.role != one.role:
        raise Refused(
            f"{one.name} already signed {one.review} as {other.role}; as {one.role} somebody else has to sign"
        )


def _check_fresh(deps: Deps, state: Shown) -> None:
    now, shown_at = deps.clock(), state.document.as_of
    again = f"assess again, then sign the new review: clearance assess {state.document.subject} --gate {state.gate.id}"
    if shown_at > now + AHEAD:
        raise Refused(f"{state.row.id} is dated {utc(shown_at)}, which has not come yet; {again}")
    if later(shown_at, state.gate.fetched_within) < now:
        raise Refused(f"{state.row.id} shows how things stood at {utc(shown_at)}, too long ago; {again}")
    if why := grounds.lost(deps, state.document, state.gate, as_seen=True):
        raise Refused(f"{why}; {again}")
    launch = Card.model_validate(state.document.card).launch.date
    if now.astimezone(ZoneInfo(state.document.zone)).date() > launch:
        raise Refused(f"the launch day of {state.row.id} ({launch}) has passed; change it on the card and {again}")
    for item in state.document.items:
        for limit, what in ((item.fetched_by, "was fetched too long ago"), (item.valid_until, "has lapsed")):
            if limit is not None and limit < now:
                raise Refused(
                    f"item {item.number} ({item.title}): its evidence {what} (good until {utc(limit)}); {again}"
                )


def _check_notes(state: Shown, notes: dict[str, str]) -> None:
    """Items where rubber-stamping happens most need a sentence of the signer's own."""
    wanted = {str(number) for number in state.document.notes_for}
    unknown = sorted(set(notes) - wanted)
    if unknown:
        raise UsageError(f"--note {unknown[0]}=…: notes are asked for items {', '.join(sorted(wanted, key=int))} only")
    short = [number for number in sorted(wanted, key=int) if own_words.words(notes.get(number, "")) < own_words.FEWEST]
    if short:
        options = " ".join(f'--note {number}="…"' for number in short)
        items = f"item {short[0]} needs" if len(short) == 1 else f"items {', '.join(short)} each need"
        raise Refused(f"{items} a sentence of your own on what you saw, three words at least: {options}")
    if len({own_words.plain(text) for text in notes.values()}) < len(notes):
        raise Refused("the notes are the same text; each item needs a sentence of its own")
    for item in (item for item in state.document.items if str(item.number) in notes):
        if own_words.repeats(notes[str(item.number)], _said_of(item, state.document.zone)):
            raise Refused(
                f"the note on item {item.number} repeats what stands there; say in your own words what you saw"
            )


def _said_of(item: ItemResult, zone: str) -> Iterator[str]:
    """What a signer reads of an item and did not write."""
    yield item.title
    yield from (sentence(finding, zone) for finding in item.findings)
    yield from (statement.text for statement in item.draft)


def _check_readable(reason: str, notes: dict[str, str]) -> None:
    for name, text in (("the reason", reason), *((f"the note on item {item}", text) for item, text in notes.items())):
        if why := own_words.unreadable(text):
            raise Refused(f"{name} {why}; nothing was signed")


def _check_concerns(state: Shown, decision: SignOffDecision, answers: dict[str, str]) -> None:
    """Whoever lets a subject through answers each concern that no sign-off before has answered."""
    wrong = doubts.mistake(state.document.concerns, answers)
    if wrong:
        raise Refused(wrong)
    answered = {id for one in state.signed for id in one.concerns} | set(answers)
    left = [one for one in state.document.concerns if one.id not in answered]
    if left and decision in doubts.LETS_THROUGH:
        options = " ".join(f'--concern {one.id}="…"' for one in left)
        count = "a concern is" if len(left) == 1 else f"{len(left)} concerns are"
        raise Refused(
            f"{count} not answered yet; answer in your own words, three at least: {options}. "
            f"What is asked stands in `clearance reviews show {state.row.id}`; blocked and more-evidence need no answer"
        )


def _check_label(state: Shown, decision: SignOffDecision, label: str) -> None:
    """Some words of a gate no sum gives, only a person who blocks: that it is not viable at all."""
    known = state.document.score.by_a_person if state.document.score else ()
    if label and label not in known:
        raise UsageError(f"--label {label}: the gate {state.gate.id} has {', '.join(known) or 'none'}")
    if label and decision is not SignOffDecision.BLOCKED:
        raise UsageError(f"--label {label} goes with --decision blocked")


def _check_open_items(state: Shown) -> None:
    short = [i.number for i in state.document.items if i.verdict is Verdict.WARNING and not i.open_item]
    if short:
        raise Refused(
            f"item {short[0]} is a warning that nobody has taken on; state an open item with its owner and due date "
            f"(`clearance attest {state.document.subject} {short[0]} --kind open_item …`) and assess again"
        )


def _check_opened(deps: Deps, state: Shown, who: Caller) -> None:
    """The same items' evidence was put before this signer, under this very digest."""
    missing = not_opened(deps, state.row.id, who.person)
    if missing:
        items = f"item {missing[0]}" if len(missing) == 1 else f"items {', '.join(map(str, missing))}"
        look = "; ".join(f"clearance reviews show {state.row.id} {number}" for number in missing)
        raise Refused(
            f"{who.name} has not opened the evidence of {items} of {state.row.id}, and nobody signs for it unseen; "
            f"look at it with the key that signs, then sign: {look}"
        )


def _need(text: str, sentence: str) -> None:
    if own_words.words(text) < own_words.FEWEST:
        raise Refused(sentence)


__all__ = ["Caller", "Signed", "caller", "check", "complete", "insert", "sign"]
