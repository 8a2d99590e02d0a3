"""What only a person can answer: a box that somebody who knows answered, signed with their own key."""

from __future__ import annotations

from agent.domain import Finding
from agent.probes.findings import failed, passed, resource, unknown
from agent.probes.registry import probe
from agent.probes.stated import ends, only_reported
from collectors.evidence import Fact, Origin
from collectors.statements import AnswersFacts


@probe
def a_person_says_so(
    answers: AnswersFacts, *, item: str, by: tuple[str, ...] | str | None = None, confidence: bool = False
) -> Finding:
    """A named person answered this very box with yes; a no fails, and "not applicable" waits for an approver."""
    box = next((one for one in answers.boxes if one.item == item), None)
    if box is None:
        asked = resource(item, origin=Origin.GATE, at="/items")
        return unknown("Nobody has answered the box {box}", box=asked)
    told = {"author": box.statement.author} | ({"note": box.note} if box.note else {})
    because = ": {note}" if box.note else ""
    if not box.statement.proven:
        return only_reported(box.statement, "The answer to this box")
    if by is not None and box.statement.author.id not in ((by,) if isinstance(by, str) else by):
        return unknown("{author} answered, and the card asks somebody else to", author=box.statement.author)
    if box.says.value == "no":
        return failed("{author} says no" + because, told)
    if box.says.value != "yes":
        return unknown("{author} says that this does not apply" + because, told)
    if confidence and box.confidence is None:
        return unknown("{author} says yes, and does not say how sure they are" + because, told)
    sure: dict[str, Fact] = {"confidence": box.confidence} if confidence and box.confidence else {}
    how = ", with a confidence of {confidence}" if sure else ""
    return passed("{author} says yes" + how + because, {**told, **sure}, valid_until=ends(box.statement))
