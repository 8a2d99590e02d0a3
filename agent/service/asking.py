"""The commands that chat, MCP and the HTTP API have in common. They look, and permit nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from agent.answers import (
    Count,
    FactLine,
    FindingLine,
    GateRow,
    ItemLine,
    Listed,
    MayDeploy,
    Need,
    StandingRow,
    Status,
    SubjectRow,
    Told,
    Why,
)
from agent.answers import Shown as ShownEvidence
from agent.deps import Deps
from agent.domain import GLYPHS, ItemResult, ReviewDocument, Used
from agent.drafting.parts import sentence
from agent.drafting.values import clean, instant
from agent.errors import ClearanceError, ConfigError, UsageError, nearest
from agent.outputs.html_facts import web_page
from agent.outputs.table import OUTCOMES, item_rows, standing, todo, worst_first
from agent.service import permission, summing_up, under_way
from agent.service.board import BoardRow, Filter, board
from agent.service.finishing import Shown, shown
from agent.service.sourced import fact_row
from agent.store.database import instant as stamped
from agent.store.reviews import ENDED, ReviewRow
from agent.workflow.acceptances import UNNAMED

RAW_SHOWN = 300  # characters of a raw value
MOST = 200  # cards that are read for a list


@dataclass(frozen=True)
class Place:
    """Where the page is, "" where none is known: links then stay away."""

    address: str = ""

    def review(self, id: str) -> str:
        return f"{self.address}/reviews/{id}" if self.address and id else ""

    def item(self, id: str, number: int) -> str:
        return f"{self.address}/reviews/{id}/items/{number}" if self.address else ""


def listed(deps: Deps) -> Listed:
    """Subjects (the first of them, by name) and gates that there are; a card that does not load says why."""
    ids = list(deps.configuration.card_paths())
    return Listed(subjects=tuple(_subject(deps, id) for id in ids[:MOST]), gates=_gates(deps), total=len(ids))


def named(deps: Deps) -> Listed:
    """Every subject by its id, and by its name where a review has told it: no card is read."""
    names = {one.subject: one.name or "" for one in summing_up.entries(deps)}
    ids = list(deps.configuration.card_paths())
    rows = tuple(SubjectRow(subject=id, name=names.get(id, "")) for id in ids)
    return Listed(subjects=rows, gates=_gates(deps), total=len(ids))


def _gates(deps: Deps) -> tuple[GateRow, ...]:
    gates = deps.configuration.gates()
    rows = [GateRow(id=one.id, title=one.title, items=len(one.items)) for one in gates.right.values()]
    rows += [GateRow(id=id, title="", items=0, trouble=why.splitlines()[0]) for id, why in gates.wrong.items()]
    return tuple(sorted(rows, key=lambda row: row.id))


def _subject(deps: Deps, id: str) -> SubjectRow:
    try:
        card = deps.configuration.card(id).card
    except ConfigError as error:
        return SubjectRow(subject=id, trouble=str(error).splitlines()[0])
    return SubjectRow(subject=id, name=card.name, version=card.version)


def status(deps: Deps, place: Place, subject: str = "", gate: str = "", person: str = "") -> Status:
    """Where everything stands, or one subject. UsageError names what there is for a subject nobody knows."""
    if subject:
        _known_subject(deps, subject)
    if gate:
        deps.configuration.gate(gate)
    found = board(deps, person, Filter(subject=subject, gate=gate))
    rows = tuple(_standing(deps, place, row) for row in found.rows)
    return Status(rows=rows, total=found.kept, working=under_way.working(deps, subject))


def _standing(deps: Deps, place: Place, row: BoardRow) -> StandingRow:
    same = {name: getattr(row, name) for name in StandingRow.model_fields if name not in ("as_of", "link", "decision")}
    decided = row.decision if row.state == "reported" else ""  # what was revoked or superseded decides nothing
    as_of, link = deps.reviews.get(row.review).as_of, place.review(row.review)
    return StandingRow(**same, decision=decided, as_of=as_of, link=link)


def gate_of(deps: Deps, subject: str, asked: str = "") -> str:
    """The gate that was named, or the only one that is meant; UsageError where that is open."""
    gates = sorted(deps.configuration.gate_paths())
    if asked:
        if asked not in gates:
            raise UsageError(f"there is no gate {asked!r}. {nearest(asked, gates)}")
        return asked
    seen = {gate for gate in gates if deps.reviews.of(subject, None, gate)}
    if len(seen) == 1:
        return seen.pop()
    if not seen and UNNAMED in gates:
        return UNNAMED
    raise UsageError(f"say which gate; {subject} was assessed at {', '.join(sorted(seen)) or 'none'}")


def latest(deps: Deps, subject: str, gate: str) -> ReviewRow:
    """The last review that was assessed to its end. UsageError where there is none."""
    _known_subject(deps, subject)
    rows = [row for row in deps.reviews.of(subject, None, gate) if row.document and not row.rehearsal]
    if not rows:
        now = under_way.told(deps, subject, gate)
        raise UsageError(f"{subject} was not assessed at gate {gate} yet{f'; {now}' if now else ''}")
    return rows[-1]


def _known_subject(deps: Deps, subject: str) -> None:
    known = deps.configuration.card_paths()
    strange = not subject.isprintable()  # no store is asked for what no card can be called
    if subject not in known and (
        strange or not any(deps.reviews.of(subject, None, one) for one in deps.configuration.gate_paths())
    ):
        raise UsageError(f"there is no subject {clean(subject, 80)!r}. {nearest(subject, known)}")


def told(deps: Deps, place: Place, review: str) -> Told:
    """A review in short."""
    state = shown(deps, review)
    document = state.document
    rows = [ItemLine(**vars(row)) for row in item_rows(document)]
    needs = tuple(Need(where=row.item, what=row.what, who=row.who, how=row.how) for row in todo(document))
    return Told(
        review=review, subject=document.subject, name=document.name, version=document.version, gate=document.gate,
        gate_title=document.gate_title, proposal=document.proposal.value, headline=headline(document),
        counts=tuple(_counts(document)), items=tuple(rows), needs=needs, waits_for=_waits_for(state),
        state=state.row.state, told=_stands(state), decision=_decided(state), sandbox=document.sandbox,
        rehearsal=document.rehearsal, digest=document.digest, as_of=instant(document.as_of, document.zone),
        link=place.review(review),
    )  # fmt: skip


def _decided(state: Shown) -> str:
    return state.row.decision if state.row.state == "reported" else ""


def _stands(state: Shown) -> str:
    """Where the review stands with its people, in words."""
    return ENDED.get(state.row.state, "waits for signatures").format(by=state.row.ended_by)


def headline(document: ReviewDocument) -> str:
    """What is proposed, of what, at which gate: one sentence, made by code."""
    marks = ", SANDBOX" * document.sandbox + ", REHEARSAL" * document.rehearsal
    name = document.name or document.subject
    return f"{name} {document.version}, {document.gate_title}: proposed {document.proposal.value}{marks}"


def _counts(document: ReviewDocument) -> Iterator[Count]:
    """How many items stand how, in the order of the glyphs; what is waived counts as waived."""
    found = Counter(standing(item) for item in document.items)
    order = list(GLYPHS.values())
    for (glyph, word), count in sorted(found.items(), key=lambda pair: order.index(pair[0][0])):
        yield Count(glyph=glyph, word=word, items=count)


def _waits_for(state: Shown) -> tuple[str, ...]:
    if state.row.state != "signing" or state.row.rehearsal:
        return ()
    return tuple(f"{row.title}: {' or '.join(row.names) or 'nobody is named on the card'}" for row in state.missing)


def why(deps: Deps, place: Place, subject: str, item: int, gate: str = "") -> Why:
    """Why an item stands as it does in the latest review: every finding, worst first, and what to do."""
    state, found = _item(deps, subject, item, gate)
    document, (glyph, word) = state.document, standing(found)
    lines = tuple(_line(finding_) for finding_ in _told_findings(document, found))
    gaps = tuple(clean(f"{gap.what} Next: {gap.next_step}", 2000) for gap in document.gaps if item in gap.items)
    return Why(
        review=document.review, subject=subject, version=document.version, gate=document.gate, item=item,
        title=found.title, glyph=glyph, word=word, findings=lines, unseen=gaps, who=found.remedy.who or found.owner,
        how=found.remedy.how, recheck=found.remedy.recheck, as_of=instant(document.as_of, document.zone),
        link=place.item(document.review, item), note=_moved_on(deps, state),
    )  # fmt: skip


def _told_findings(document: ReviewDocument, item: ItemResult) -> Iterator[tuple[str, str, str]]:
    for finding in worst_first(item.findings):
        glyph, word = OUTCOMES[finding.outcome]
        yield glyph, word + (", a note that decides nothing" if finding.note else ""), sentence(finding, document.zone)


def _line(one: tuple[str, str, str]) -> FindingLine:
    return FindingLine(glyph=one[0], word=one[1], sentence=one[2])


def _item(deps: Deps, subject: str, item: int, gate: str) -> tuple[Shown, ItemResult]:
    state = shown(deps, latest(deps, subject, gate_of(deps, subject, gate)).id)
    found = next((one for one in state.document.items if one.number == item), None)
    if found is None:
        numbers = ", ".join(str(one.number) for one in state.document.items)
        raise UsageError(f"gate {state.gate.id} has no item {item}; it has {numbers}")
    return state, found


def _moved_on(deps: Deps, state: Shown) -> str:
    """Said where the answer is of stand-ins, about another version than the card's, or a review that counts no more or
    is being replaced.
    """
    said = ["SANDBOX: it says nothing of a real agent"] if state.document.sandbox else []
    if now := under_way.told(deps, state.row.subject, state.row.gate):
        said.append(f"{now}, and this is of {state.row.id}")
    try:
        card = deps.configuration.card(state.row.subject).card.version
    except ClearanceError as error:
        return "; ".join([*said, f"the card cannot be read now: {str(error).splitlines()[0]}"])
    if card != state.row.version:
        said.append(f"the card is at version {card} by now, and this is about {state.row.version}")
    if state.row.state in ("superseded", "returned", "revoked"):
        said.append(f"{state.row.id} was {state.row.state}")
    return "; ".join(said)


def evidence(deps: Deps, place: Place, subject: str, item: int, gate: str = "") -> ShownEvidence:
    """What an item of the latest review rests on: each fact, its source, and the raw value that it was read from."""
    state, found = _item(deps, subject, item, gate)
    document, (glyph, word) = state.document, standing(found)
    return ShownEvidence(
        review=document.review, subject=subject, version=document.version, gate=document.gate, item=item,
        title=found.title, glyph=glyph, word=word, facts=facts_of(deps, document, found),
        link=place.item(document.review, item), note=_moved_on(deps, state),
    )  # fmt: skip


def facts_of(deps: Deps, document: ReviewDocument, item: ItemResult) -> tuple[FactLine, ...]:
    """Every fact that the findings of an item use, worst finding first."""
    return tuple(_fact(deps, document, used) for finding in worst_first(item.findings) for used in finding.facts)


def _fact(deps: Deps, document: ReviewDocument, used: Used) -> FactLine:
    row = fact_row(deps, document, used)
    told = {
        "role": row.role.replace("_", " "), "link": web_page(row.link),
        "fetched_at": instant(stamped(row.fetched_at), document.zone) if row.fetched_at else "",
    }  # fmt: skip
    return FactLine(**(asdict(row) | told))


def may_deploy(
    deps: Deps, place: Place, subject: str, version: str, gate: str, *, sandbox: bool = False
) -> MayDeploy:  # fmt: skip
    """The answer of `clearance may-deploy`, with a link, `sandbox` as there. UsageError where there is no such gate."""
    deps.configuration.gate(gate)
    found = permission.may_deploy(deps, subject, version, gate, sandbox=sandbox)
    return MayDeploy(
        code=found.code, subject=subject, version=version, gate=gate, sentence=clean(found.sentence, 2000),
        review=found.review, link=place.review(found.review), sandbox=found.sandbox,
    )  # fmt: skip
