"""`may-deploy` and `killswitch`: the answers that a pipeline and the person on call need at once."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from agent.surfaces.options import AsJson, GateId, Subject

if TYPE_CHECKING:
    from agent.service.switch_card import SwitchCard
    from agent.surfaces.terminal import Screen


def register(app: typer.Typer) -> None:
    app.command("may-deploy")(may_deploy)
    app.command("killswitch")(killswitch)


def may_deploy(
    version: Annotated[str, typer.Argument(metavar="SUBJECT@VERSION", help="Exactly this version of the subject.")],
    gate: GateId,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="A decision that rests on stand-ins is meant.")] = False,
    json: AsJson = False,
) -> int:
    """May this version be deployed? Exit code 0 only for a signed `cleared` that still stands.

    10 signed as conditional; 20 signed as blocked, revoked, no longer valid, or over stand-ins (unless --sandbox);
    50 nothing is signed."""
    from agent.errors import UsageError
    from agent.service import permission
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    subject, at, wanted = version.partition("@")
    if not (subject and at and wanted):
        raise UsageError(f"{version!r}: write SUBJECT@VERSION, for example finance-invoice-recon@1.0")
    view = screen()
    deps = opening.open_store(view)
    deps.configuration.gate(gate)
    answer = permission.may_deploy(deps, subject, wanted, gate, sandbox=sandbox)
    if json:
        view.json(asdict(answer))
    else:
        view.say(answer.sentence)
        if answer.link:
            view.say(f"{answer.link}/report.md")
    return answer.code


def killswitch(subject: Subject, json: AsJson = False) -> int:
    """The kill switch of a subject: flag and page, who flips it, drill, time to stop, who is paged, where the logs are.

    A card that does not load is told, and the switch is shown all the same where its flag is named."""
    from agent.service.switch_card import switch_card
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    view = screen()
    deps = opening.open_store(view)
    card = switch_card(deps, subject)
    if json:
        told = {
            "subject": subject, "version": card.version, "kill_switch": card.values, "link": card.link,
            "mistake": card.mistake, "rows": [{"name": name, "value": value} for name, value in card.rows],
        }  # fmt: skip
        view.json(told | _seen_json(card))
        return 0
    view.heading(f"Kill switch of {card.name or subject} {card.version}")
    if card.mistake:
        view.say(f"⚠️ {card.mistake}")
    if card.sandbox:
        view.say("SANDBOX: what the latest review saw comes from stand-ins. It says nothing of a real agent.")
    view.say("Switch it off here:")
    view.command(card.link)
    view.table(("What", "How it stands"), card.rows)
    _show_seen(view, card)
    return 0


def _seen_json(card: SwitchCard) -> dict[str, object]:
    from agent.drafting.parts import sentence

    document = card.document
    if document is None:
        return {"review": None, "sandbox": False, "findings": []}
    findings = [
        {"probe": f.probe, "outcome": f.outcome.value, "sentence": sentence(f, document.zone)} for f in card.findings
    ]
    return {"review": document.review, "sandbox": card.sandbox, "findings": findings}


def _show_seen(view: Screen, card: SwitchCard) -> None:
    from agent.drafting.parts import sentence
    from agent.drafting.values import instant
    from agent.outputs.table import OUTCOMES

    document = card.document
    if document is None:
        view.say("No review has looked at it yet.")
        return
    view.heading(f"As {document.review} saw it, {instant(document.as_of, document.zone)}")
    for finding in card.findings:
        glyph, word = OUTCOMES[finding.outcome]
        view.say(f"{glyph} {word}: {sentence(finding, document.zone)}", indent=2)
