"""Use case: a person states what no system can say, signed with their own key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from agent.cards import Card
from agent.deps import Deps
from agent.errors import Refused, UsageError, nearest
from agent.gates import Gate, ItemSpec
from agent.service.caller import Caller
from agent.signing import attestations
from agent.workflow.acceptances import why_it_applies, why_not_approved, why_not_taken_on
from collectors.evidence import Model
from collectors.statement_fields import FIELDS, NotApplicableFields, OpenItemFields, WaiverFields
from collectors.statements import AttestationDocument

# Which kinds of statement belong to which item of the worked gate's numbering are found in the gate itself.
KINDS = tuple(FIELDS)
OF_A_GATE = ("open_item", "waiver", "not_applicable")  # any item takes them, and they name its gate


def kinds_for(deps: Deps, gate: str, item: int) -> list[str]:
    """The kinds of statement that an item of a gate takes."""
    spec = deps.configuration.gate(gate).item(item)
    if spec is None:
        raise UsageError(f"gate {gate} has no item {item}")
    return kinds_of(spec)


def kinds_of(spec: ItemSpec) -> list[str]:
    found = []
    for request in spec.requests:
        for name in (request.type, *(str(p.get("request", k)) for k, p in request.accepts.items())):
            if name.startswith("attestation."):
                found.append(name.removeprefix("attestation."))
    more = [*(["quiz_mark"] if "quiz" in found else []), "open_item", "waiver"]
    return [*dict.fromkeys(found), *more, *(["not_applicable"] if spec.may_not_apply else [])]


def boxes_of(spec: ItemSpec) -> dict[tuple[str, str], list[str]]:
    """The boxes that people answer for an item, by gate and part: those of shared controls too."""
    places = {
        request.name: (str(request.with_.get("gate")), str(request.with_.get("part")))
        for request in spec.requests
        if request.type == "attestation.answers"
    }
    found: dict[tuple[str, str], list[str]] = {}
    for rule in spec.rules:
        place = places.get(rule.facts.get("answers", ""))
        if place and "item" in rule.with_:
            found.setdefault(place, []).append(str(rule.with_["item"]))
    return found


def answer(
    deps: Deps, who: Caller, subject: str, gate: str, item: int, said: Mapping[str, object], *, link: str = ""
) -> None:
    """One person's answer to every box of an item: `said` as for one box; a statement for each part it stands in."""
    spec = deps.configuration.gate(gate).item(item)
    for (of, part), boxes in boxes_of(spec).items() if spec else ():
        fields = {"gate": of, "part": part, "boxes": {box: dict(said) for box in boxes}}
        state(deps, who, subject, gate, item, "answers", fields, link=link)


def state(
    deps: Deps, who: Caller, subject: str, gate: str, item: int, kind: str, fields: Mapping[str, object], *,
    link: str = "", valid_until: datetime | None = None,
) -> str:  # fmt: skip
    """As `attest`, for one item of a gate: Refused, with the reason, where no assessment would count it."""
    kinds = kinds_for(deps, gate, item)
    if kind not in kinds:
        raise UsageError(f"--kind {kind}: item {item} of {gate} takes {', '.join(kinds)}")
    if kind in OF_A_GATE:
        fields = {"gate": gate, **({} if kind == "not_applicable" else {"item": item}), **fields}
        _check_taken_on(deps, who, subject, deps.configuration.gate(gate), item, _checked(kind, fields))
    return attest(deps, who, subject, kind, fields, link=link, valid_until=valid_until)


def _check_taken_on(deps: Deps, who: Caller, subject: str, gate: Gate, item: int, said: Model) -> None:
    """By the very rules by which the next assessment counts it."""
    card, people = deps.configuration.card(subject).card, deps.configuration.people()
    why = ""
    if isinstance(said, OpenItemFields | WaiverFields):
        _check_number(said.item, item)
    if getattr(said, "gate", gate.id) != gate.id:
        raise UsageError(f"the statement names another gate than {gate.id}, of which item {item} is")
    if isinstance(said, OpenItemFields):
        launch, zone = card.launch.date, card.pilot.zone
        why = why_not_taken_on(gate, launch, zone, people, deps.clock(), said.owner, said.due)
    elif isinstance(said, WaiverFields):
        why = _why_not_waived(deps, who, card, gate, said)
    elif isinstance(said, NotApplicableFields):
        why = _why_applying(deps, who, card, gate, said)
    if why:
        raise Refused(f"this would not count, so it was not signed: {why}")


def _why_not_waived(deps: Deps, who: Caller, card: Card, gate: Gate, said: WaiverFields) -> str:
    spec = gate.item(said.item)
    if spec is not None and not spec.waivable:
        return f"item {said.item} of {gate.id} takes no waiver"
    if said.expires <= deps.clock():
        return f"the waiver would expire at {said.expires:%Y-%m-%d %H:%M %Z}, which has passed"
    return why_not_approved(card.people, deps.configuration.people(), who.person, said.requested_by)


def _why_applying(deps: Deps, who: Caller, card: Card, gate: Gate, said: NotApplicableFields) -> str:
    for number in (int(one) for one in said.items):
        why = why_it_applies(gate, number)
        if why:
            return why
    if not said.items:
        return ""
    people = deps.configuration.people()
    return why_not_approved(card.people, people, who.person, said.requested_by, "an exemption")


def _check_number(said: int, item: int) -> None:
    if said != item:
        raise UsageError(f"the statement names item {said}, and it is about item {item}; give one number")


def _checked(kind: str, fields: Mapping[str, object]) -> Model:
    """The fields as their kind has them; UsageError names each that is wrong."""
    plain = json.loads(json.dumps(dict(fields), default=lambda value: value.isoformat()))
    try:
        return FIELDS[kind].model_validate(plain)
    except ValidationError as error:
        raise UsageError(_mistakes(kind, error)) from error


def attest(
    deps: Deps, who: Caller, subject: str, kind: str, fields: Mapping[str, object], *, link: str = "",
    valid_until: datetime | None = None,
) -> str:  # fmt: skip
    """Keep the statement in the locker; the next assessment reads it. Returns its digest."""
    if kind not in KINDS:
        raise UsageError(f"there is no statement of kind {kind!r}. {nearest(kind, KINDS)}")
    card = deps.configuration.card(subject).card
    now = deps.clock()
    plain = json.loads(json.dumps(dict(fields), default=lambda value: value.isoformat()))
    try:
        document = AttestationDocument(
            kind=kind, subject=subject, version=card.version, author=who.person, made_at=now, valid_until=valid_until,
            link=link, fields=plain,
        )  # fmt: skip
        FIELDS[kind].model_validate(document.fields)
    except ValidationError as error:
        raise UsageError(_mistakes(kind, error)) from error
    envelope = attestations.sign(document, who.key)
    return deps.locker.add_statement(subject, who.person, envelope, now, now)


def _mistakes(kind: str, error: ValidationError) -> str:
    told = "; ".join(_mistake(one) for one in error.errors(include_url=False))
    return f"statement {kind}: {told}. It takes {', '.join(FIELDS[kind].model_fields)}"


def _mistake(error: ErrorDetails) -> str:
    where = ".".join(str(part) for part in error["loc"])
    return f"{where}: {error['msg'].removeprefix('Value error, ')}"
