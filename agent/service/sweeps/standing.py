"""What would be shown of a subject now, and what its last review showed: as values that can be compared. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import JsonValue

from agent.cards import Card
from agent.domain import CheckResult, ItemResult, ReviewDocument
from agent.gates import Gate, RuleSpec
from agent.policies.all import judgement
from agent.service.sweeps.sameness import without_places
from agent.workflow import document
from agent.workflow.acceptances import not_applying_rows, open_rows, taken_on, waiver_rows
from agent.workflow.judging import Case
from agent.workflow.undertaken import debts
from agent.workflow.undertaken import planned as undertaken


def standing(case: Case, items: tuple[ItemResult, ...], checks: tuple[CheckResult, ...]) -> JsonValue:
    """What would be shown now, less what merely counts the days."""
    facts, card = taken_on(case), Card.model_validate(case.scope.card)
    proposal = judgement(items, checks, case.gate.policy).decision
    signers = document.signers(case.gate, card, case.people, proposal)
    return {
        "proposal": proposal.value,
        "items": _of_items(items, case.gate),
        "checks": [[one.id, one.outcome.value, one.finding.sentence] for one in checks],
        "signers": [one.model_dump(mode="json") for one in signers],
        "taken on": [
            [row.model_dump(mode="json") for row in rows if _counts(row.digest, items)]
            for rows in (open_rows(case, facts), waiver_rows(case, facts), not_applying_rows(case, facts))
        ],
        "undertaken": [row.model_dump(mode="json") for row in undertaken(case, facts, items)],
        "debts": [row.model_dump(mode="json") for row in debts(case)],
    }


def _counts(digest: str, items: tuple[ItemResult, ...]) -> bool:
    return any(digest in (item.open_item, item.waived, item.not_applicable) for item in items)


def stood(before: ReviewDocument, gate: Gate) -> JsonValue:
    return {
        "proposal": before.proposal.value,
        "items": _of_items(before.items, gate),
        "checks": [[one.id, one.outcome.value, one.finding.sentence] for one in before.checks],
        "signers": [one.model_dump(mode="json") for one in before.signers],
        "taken on": [
            [row.model_dump(mode="json") for row in rows]
            for rows in (before.open_items, before.waivers, before.not_applying)
        ],
        "undertaken": [row.model_dump(mode="json") for row in before.planned],
        "debts": [row.model_dump(mode="json") for row in before.debts],
    }


def _of_items(items: tuple[ItemResult, ...], gate: Gate) -> list[JsonValue]:
    watched = _rules_on_people(gate)
    return [_of_item(item, watched.get(item.number, frozenset())) for item in items]


def _of_item(item: ItemResult, watched: frozenset[str]) -> JsonValue:
    """Verdict, outcomes, sentences, owner, until when it counts; where people enter (`watched`), the facts as well."""
    return {
        "verdict": item.verdict.value, "owner": item.owner, "remedy": item.remedy.model_dump(mode="json"),
        "taken on": [item.open_item, item.waived, item.not_applicable],
        "valid until": item.valid_until.timestamp() if item.valid_until else None,
        "findings": [
            [
                one.probe, one.about, one.outcome.value, one.sentence, one.note,
                [without_places(used.fact.model_dump(mode="json")) for used in one.facts]
                if one.probe in watched else [],
            ]
            for one in item.findings
        ],
    }  # fmt: skip


def _rules_on_people(gate: Gate) -> Mapping[int, frozenset[str]]:
    """By item, the probes that are given people.yaml."""
    return {item.number: frozenset(rule.probe for rule in item.rules if _names_people(rule)) for item in gate.items}


def _names_people(rule: RuleSpec) -> bool:
    return '"$people' in json.dumps(rule.with_)
