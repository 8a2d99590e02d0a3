"""Use case: a person states what no system can say, signed with their own key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from agent.deps import Deps
from agent.errors import UsageError, nearest
from agent.service.signing import Caller
from agent.signing import attestations
from collectors.statement_fields import FIELDS
from collectors.statements import AttestationDocument

# Which kinds of statement belong to which item of the worked gate's numbering are found in the gate itself.
KINDS = tuple(FIELDS)
OF_A_GATE = ("open_item", "waiver", "not_applicable")  # any item takes them, and they name its gate


def kinds_for(deps: Deps, gate: str, item: int) -> list[str]:
    """The kinds of statement that an item of a gate takes."""
    spec = deps.configuration.gate(gate).item(item)
    if spec is None:
        raise UsageError(f"gate {gate} has no item {item}")
    found = []
    for request in spec.requests:
        for name in (request.type, *(str(p.get("request", k)) for k, p in request.accepts.items())):
            if name.startswith("attestation."):
                found.append(name.removeprefix("attestation."))
    more = [*(["quiz_mark"] if "quiz" in found else []), "open_item", "waiver"]
    return [*dict.fromkeys(found), *more, *(["not_applicable"] if spec.may_not_apply else [])]


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
        told = "; ".join(_mistake(one) for one in error.errors(include_url=False))
        raise UsageError(f"statement {kind}: {told}. It takes {', '.join(FIELDS[kind].model_fields)}") from error
    envelope = attestations.sign(document, who.key)
    return deps.locker.add_statement(subject, who.person, envelope, now, now)


def _mistake(error: ErrorDetails) -> str:
    where = ".".join(str(part) for part in error["loc"])
    return f"{where}: {error['msg'].removeprefix('Value error, ')}"
