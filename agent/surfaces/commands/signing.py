"""`attest`, `sign`, `revoke`: what people say and sign, with their own key and no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.surfaces.options import AsJson, Review, Subject

if TYPE_CHECKING:
    from agent.deps import Deps
    from agent.domain import SignOffDecision
    from agent.service.signing import Signed
    from agent.surfaces.terminal import Screen


Item = Annotated[int, typer.Argument(metavar="ITEM", help="The number of the item that this is about.")]
OneGate = Annotated[
    str | None, typer.Option("--gate", metavar="G", help="The gate; needed only where there are several.")
]
Kind = Annotated[
    str | None, typer.Option("--kind", metavar="K", help="The kind of statement, where the item takes several.")
]
Fields = Annotated[
    list[str] | None, typer.Option("--field", metavar="NAME=VALUE", help="A field; its value is YAML. Repeat.")
]
FromFile = Annotated[
    Path | None, typer.Option("--from", metavar="FILE.yaml", help="The fields; --field goes before it.")
]
Link = Annotated[str, typer.Option("--link", metavar="URL", help="Where others can look it up.")]
Until = Annotated[str | None, typer.Option("--valid-until", metavar="T", help="When the statement stops counting.")]
Role = Annotated[str, typer.Option("--role", metavar="R", help="The role you sign in; it must be yours.")]
DecisionWord = Annotated[
    str, typer.Option("--decision", metavar="D", help="cleared, conditional, blocked or more-evidence.")
]
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Needed for more-evidence, and to be stricter than proposed.")
]
Notes = Annotated[
    list[str] | None,
    typer.Option("--note", metavar="ITEM=TEXT", help="Your own sentence on an item that asks. Repeat."),
]
Concerns = Annotated[
    list[str] | None,
    typer.Option("--concern", metavar="ID=TEXT", help="Your answer to a concern, in your own words. Repeat."),
]
Digest = Annotated[str, typer.Option("--digest", metavar="DIGEST", help="Sign only if it still shows exactly this.")]


def register(app: typer.Typer) -> None:
    app.command("attest")(attest)
    app.command("sign")(sign)
    app.command("revoke")(revoke)


def attest(
    subject: Subject,
    item: Item,
    gate: OneGate = None,
    kind: Kind = None,
    field: Fields = None,
    from_file: FromFile = None,
    link: Link = "",
    valid_until: Until = None,
    json: AsJson = False,
) -> int:
    """State what no system can say, signed with your own key. The next assessment reads it."""
    from agent.service import signing, statements
    from agent.settings import instant
    from agent.surfaces import opening, stating
    from agent.surfaces.terminal import screen

    until = instant("--valid-until", valid_until) if valid_until else None
    fields = stating.fields_of(from_file, field or ())
    view = screen()
    deps = opening.open_store(view)
    at_gate = opening.the_only_gate(deps, subject, gate)
    chosen = _kind(deps, subject, at_gate, item, kind)
    who = signing.caller(deps)
    fields = stating.with_document(deps, chosen, stating.with_runbook(deps, subject, chosen, fields))
    digest = statements.state(deps, who, subject, at_gate, item, chosen, fields, link=link, valid_until=until)
    stated = stating.Stated(chosen, who.person, subject, item, stating.name_of(deps.locker.get(digest)))
    if json:
        view.json(asdict(stated))
    else:
        view.say(f"{who.name} stated {chosen.replace('_', ' ')} for {subject}, item {item}: {stated.statement}")
        view.say(f"Check again: clearance assess {subject} --gate {at_gate} --only {item}")
    return 0


def _kind(deps: Deps, subject: str, gate: str, item: int, asked: str | None) -> str:
    from agent.errors import UsageError
    from agent.service.statements import OF_A_GATE, kinds_for

    deps.configuration.card(subject)
    kinds = kinds_for(deps, gate, item)
    own = [kind for kind in kinds if kind not in OF_A_GATE]
    if asked is None and len(own) == 1:
        return own[0]
    if asked in kinds:
        return asked
    told = f"item {item} of {gate} takes {', '.join(kinds)}"
    raise UsageError(f"--kind {asked}: {told}" if asked else f"say with --kind which statement; {told}")


def sign(
    review: Review,
    role: Role,
    decision: DecisionWord,
    reason: Reason = "",
    note: Notes = None,
    concern: Concerns = None,
    digest: Digest = "",
    label: Annotated[str, typer.Option("--label", metavar="L", help="A word only people give, such as CANCEL.")] = "",
    json: AsJson = False,
) -> int:
    """Sign a review in your own role, with your own key (CLEARANCE_KEY), over exactly what it shows.

    Exit code 0 when the signature was added, whoever else still has to sign; 20 when it was refused, and why."""
    from agent.service import signing
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    wanted, notes, concerns = _decision(decision), _notes(note or ()), _concerns(concern or ())
    view = screen()
    deps = opening.open_store(view)
    who = signing.caller(deps)
    done = signing.sign(
        deps, who, review, role, wanted, reason=reason, notes=notes, concerns=concerns, digest=digest, label=label
    )  # fmt: skip
    for sentence in done.said:
        view.note(sentence)
    if json:
        signoff = done.signoff.model_dump(mode="json", exclude={"envelope"})
        view.json({"signoff": signoff, "missing": list(done.missing), "bundle": done.bundle or None})
    else:
        _say_signed(view, done)
    opening.tell(view, deps)
    return 0


def _say_signed(view: Screen, done: Signed) -> None:
    signoff = done.signoff
    what = f"{signoff.review} as {signoff.role}: {signoff.decision}"
    view.say(f"{signoff.name} signed {what} (digest {signoff.digest[:16]}, key {signoff.key[:19]})")
    if done.missing:
        view.say(f"Still to sign: {', '.join(done.missing)}")
    if done.bundle:
        view.say(f"Every signature is there; the report is at {done.bundle}/report.md")


def _decision(text: str) -> SignOffDecision:
    from agent.domain import SignOffDecision
    from agent.errors import UsageError, nearest

    known = [one.value for one in SignOffDecision]
    if text not in known:
        raise UsageError(f"--decision {text}: is none. {nearest(text, known)}")
    return SignOffDecision(text)


def _notes(given: Sequence[str]) -> dict[str, str]:
    from agent.errors import UsageError

    found: dict[str, str] = {}
    for one in given:
        number, equals, text = one.partition("=")
        if not equals or not number.strip().isdigit():
            raise UsageError(
                f"--note {one!r}: write an item's number and your sentence, for example --note 4='I saw …'"
            )
        if number.strip() in found:
            raise UsageError(f"--note {number.strip()}: is given twice")
        found[number.strip()] = text.strip()
    return found


def _concerns(given: Sequence[str]) -> dict[str, str]:
    from agent.errors import UsageError

    found: dict[str, str] = {}
    for one in given:
        id, equals, text = one.partition("=")
        if not equals or not id.strip():
            raise UsageError(f"--concern {one!r}: write its id and your answer, for example --concern C1='I asked …'")
        if id.strip() in found:
            raise UsageError(f"--concern {id.strip()}: is given twice")
        found[id.strip()] = text.strip()
    return found


def revoke(
    review: Review,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why the decision is taken back.")],
    json: AsJson = False,
) -> int:
    """Take back the decision of a review that you signed. Its report stays; `may-deploy` says no from now on."""
    from agent.service import permission, signing
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    view = screen()
    deps = opening.open_store(view)
    who = signing.caller(deps)
    left = permission.revoke(deps, who, review, reason)
    if json:
        view.json({"review": review, "revoked_by": who.person, "reason": reason})
    else:
        view.say(f"{who.name} revoked {review}: {reason}")
    if left:
        view.note(left)
    opening.tell(view, deps)
    return 0
