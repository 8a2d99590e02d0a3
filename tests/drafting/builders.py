"""Whole reviews as both worlds give them: the real rules over built facts, put together without a store or a source."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import yaml

from agent import decide
from agent.cards import Card
from agent.domain import (
    Assurance,
    CheckResult,
    DraftedBy,
    Finding,
    GapRow,
    ItemResult,
    Outcome,
    Remedy,
    ReviewDocument,
    SignerNeeded,
    SignOff,
    SignOffDecision,
    Used,
)
from agent.drafting import template_prose
from agent.drafting.overview import Outlook, overview
from agent.drafting.parts import sentence
from agent.gates import MatrixPolicy
from agent.people import People
from agent.probes import all as probes
from agent.probes.findings import failed, resource, state, unknown
from agent.probes.registry import PROBES
from agent.workflow.document import digest_of
from agent.yaml_lines import FastLoader
from collectors.datadog.facts import Monitor, MonitorsFacts
from collectors.evidence import Fact, Facts, Number, Origin, Quote, sha256
from tests import builders as facts
from tests.builders import MIKE, MORTEZA, PEOPLE, SAM, WORLD, ZONE, at

assert probes  # importing it registers them
RAW = yaml.load((WORLD / "cards/finance-invoice-recon/card.yaml").read_text(), FastLoader)
CARD = Card.model_validate(RAW)
GATE = yaml.load((facts.ROOT / "config/gates/pilot-to-prod.yaml").read_text(), FastLoader)
ASKS = {spec["number"]: spec["asks"] for spec in GATE["items"]}
POLICY = MatrixPolicy(name="matrix", items=tuple(range(1, 10)), warnings_allowed=2, open_items_within_days=14)
_EVERYWHERE = {"as_of": facts.AS_OF, "zone": ZONE, "approvers": CARD.people.approvers_m8}
EVIDENCE = sha256(b"an answer")
GAP = sha256(b"a gap")


def found(probe: str, *given: Facts, about: str = "", **with_: object) -> Finding:
    """What a rule says of facts, every fact of a source pointing into one evidence file."""
    asked = {name: value for name, value in _EVERYWHERE.items() if name in PROBES[probe].params}
    finding = PROBES[probe].function(*given, **asked | with_).model_copy(update={"probe": probe, "about": about})
    return finding.model_copy(update={"facts": tuple(_pointed(used) for used in finding.facts)})


def _pointed(used: Used) -> Used:
    if used.fact.origin is not Origin.EVIDENCE:
        return used
    place = {"evidence": EVIDENCE, "pointer": f"/answer/{used.role}"}
    return used.model_copy(update={"fact": used.fact.model_copy(update=place)})


def item(number: int, *findings: Finding) -> ItemResult:
    """An item of the gate as it would be judged with these findings."""
    spec = next(spec for spec in GATE["items"] if spec["number"] == number)
    numbered: list[Finding] = []
    for finding in findings:
        numbered.append(finding.renumbered(1 + sum(len(one.facts) for one in numbered)))
    limits = [one.valid_until for one in numbered if one.valid_until]
    remedy = Remedy(
        who="Morteza Moradi and Mike Chen", how=spec["remediation"]["how"].replace("SUBJECT", CARD.subject),
        recheck=f"clearance assess {CARD.subject} --gate pilot-to-prod --only {number}",
    )  # fmt: skip
    return ItemResult(
        number=number, id=spec["id"], title=spec["title"], methods=tuple(spec["methods"]),
        verdict=decide.verdict(numbered, sign_off=number == 10), findings=tuple(numbered),
        evidence=(EVIDENCE,) if number != 10 else (), gaps=tuple(one.gap for one in numbered if one.gap),
        owner="Morteza Moradi and Mike Chen", remedy=remedy, valid_until=min(limits) if limits else None,
    )  # fmt: skip


def unseen(request: str = "pagerduty.on_call", reason: str = "denied") -> Finding:
    sentence_ = "{request} could not be seen: {reason}"
    return unknown(sentence_, request=resource(request), reason=state(reason)).model_copy(
        update={"probe": "primary_and_backup_at_every_instant", "gap": GAP}
    )


GAP_ROW = GapRow(
    digest=GAP, items=(3, 7), request_type="pagerduty.on_call", reason="denied",
    what="PagerDuty GET /oncalls answered 403; it needs schedules.read.",
    next_step="Check the credential and grant it the scope named, then check this item again.",
)  # fmt: skip


# --- the nine items and the tenth -------------------------------------------------------------------------------------


def criteria() -> ItemResult:
    values = [(92.0, "percent"), None, (13.0, "seconds"), (5.0, "hours")]
    measured = [
        found(
            "target_is_reached",
            facts.metric(*value),
            about=target.id,
            target=target,
            window=facts.PILOT,
            zone=facts.ZONE,
        )
        for target, value in zip(CARD.targets, values, strict=True)
        if value
    ]
    approved = found("targets_are_those_approved", targets=CARD.targets, approved=CARD.targets_approved, people=PEOPLE)
    return item(1, *measured, approved)


def dashboards() -> ItemResult:
    one = Monitor(
        monitor=resource("Invoice latency"), state=state("OK"), muted=state("not muted"), draft=state("published"),
        missing_data=state("show_and_notify_no_data"), tells=(facts.recipient("@pagerduty-invoice-recon"),),
    )  # fmt: skip
    return item(2, found("monitors_tell_someone", MonitorsFacts(monitors=(one,))))


def on_call() -> ItemResult:
    launch = {"window": facts.ON_CALL, "zone": ZONE}
    return item(
        3,
        found("primary_and_backup_at_every_instant", facts.on_call(), **launch),
        found("everyone_on_call_can_be_paged", facts.on_call()),
    )


def guardrails() -> ItemResult:
    seen = facts.log_events(("2026-06-10T11:02", "rejected"))
    return item(
        4,
        *(found("guardrail_fired", seen, about=one.id, guardrail=one, window=facts.PILOT) for one in CARD.guardrails),
    )


def rotation() -> ItemResult:
    turned = facts.rotated("2026-05-27T10:00")
    return item(5, found("credential_rotated_in_pilot", turned, credential="netsuite-oauth", window=facts.PILOT))


def retention() -> ItemResult:
    asked = {"log": "audit", "at_least": "7 years", "locked": False, "as_of": facts.AS_OF}
    return item(6, found("log_is_kept_long_enough", facts.bucket(), **asked))


def runbook(*answers: facts.Quiz) -> ItemResult:
    quizzes, rota, text = facts.quizzes(*answers), facts.on_call(), facts.document()
    owners = {"people": PEOPLE, "owners": CARD.runbook.owners, "builders": CARD.people.builders}
    return item(
        7,
        found("runbook_exists", text),
        found("the_three_questions_were_asked", quizzes, rota, people=PEOPLE),
        found("everyone_on_call_answered", quizzes, rota, text, **owners),
    )


def comms(*scheduled: str | None, launch: date | None = None, as_of: datetime = facts.AS_OF) -> ItemResult:
    on = CARD.launch.model_copy(update={"date": launch}) if launch else CARD.launch
    given = {"launch": on, "zone": ZONE, "as_of": as_of}
    return item(
        8,
        *(
            found("message_is_drafted_and_scheduled", facts.message(when), about=one.id, comms=one, **given)
            for one, when in zip(CARD.comms, scheduled, strict=True)
        ),
    )


def rollback(drill: facts.DrillFacts, runs: facts.MetricFacts) -> ItemResult:
    return item(
        9,
        found("switch_is_on_and_off_really_stops", facts.flag()),
        found("rest_and_sdk_agree", facts.flag(), facts.served()),
        found("drill_was_run_before_launch", facts.DRILLED, launch=CARD.launch.date, zone=ZONE, within_days=30),
        found("statement_matches_the_flag", drill, facts.DRILLED, within_minutes=10),
        found("work_was_in_flight", drill, runs, facts.DRILLED),
        found("time_to_stop_is_recorded", drill, runs, facts.DRILLED, stop_within=CARD.kill_switch.stop_within),
    )


def sign_off(second: str | None = None) -> ItemResult:
    people = CARD.people.model_copy(update={"second_approver": second})
    return item(10, found("a_second_approver_is_named", people=people, everyone=PEOPLE))


def as_written_items() -> tuple[ItemResult, ...]:
    """Items 7 to 10 as the seed wrote them down; the rest is met."""
    mike = facts.quiz(MIKE, asked=("kill", "failure_modes"))
    nothing = facts.drill(in_flight=0, outcome=None, stopped=None)
    return (
        criteria(), dashboards(), on_call(), guardrails(), rotation(), retention(), runbook(mike),
        comms("2026-06-13T09:00", None, "2026-06-14T10:00"), rollback(nothing, facts.runs()), sign_off(),
    )  # fmt: skip


def put_right_items() -> tuple[ItemResult, ...]:
    """All mended; item 10 waits for the signatures."""
    everyone = [facts.quiz(one) for one in (MIKE, MORTEZA, SAM)]
    return (
        criteria(), dashboards(), on_call(), guardrails(), rotation(), retention(), runbook(*everyone),
        comms(*["2026-06-12T17:00"] * 3), rollback(facts.drill(), facts.runs(10, 24, 38)), sign_off("dana.ortiz"),
    )  # fmt: skip


def seen(fact: Fact, name: str) -> Fact:
    """A fact as a source gave it, pointing into the evidence file."""
    place = {"origin": Origin.EVIDENCE, "evidence": EVIDENCE, "pointer": f"/answer/{name}"}
    return fact.model_copy(update=place)


def launch_check() -> CheckResult:
    return check(found("launch_is_business_day", launch=CARD.launch))


def check(finding: Finding) -> CheckResult:
    return CheckResult(
        id="launch_is_business_day", title="Launch falls on a business day", outcome=finding.outcome, finding=finding,
        text=sentence(finding, ZONE),
    )  # fmt: skip


# --- documents --------------------------------------------------------------------------------------------------------


def document(
    items: Sequence[ItemResult], checks: Sequence[CheckResult] = (), gaps: Iterable[GapRow] = (), **changed: object
) -> ReviewDocument:
    """A review of these items, drafted in template prose and digested."""
    proposal = decide.proposal(items, checks, POLICY)
    told = overview(outlook(items, checks, tuple(gaps)))
    lines = told.lines(items, ZONE)
    written = tuple(one.model_copy(update={"draft": template_prose.draft_item(one, ZONE)}) for one in items)
    whole = ReviewDocument(
        review="r-2026-06-12-0001", subject=CARD.subject, name=CARD.name, version=CARD.version, gate="pilot-to-prod",
        gate_version="1", gate_title="Pilot-to-Prod Checklist", as_of=facts.AS_OF, zone=ZONE, product_version="0.1.0",
        rehearsal=False, sandbox=True, gate_digest=sha256(b"gate"), card_digest=sha256(b"card"),
        people_digest=sha256(b"people"), card=json.loads(json.dumps(RAW, default=str)), proposal=proposal,
        reasons=decide.reasons(items, checks, ZONE), checks=tuple(checks), items=written, gaps=tuple(gaps),
        summary=tuple(line.text for line in lines), summary_lines=lines, overview=tuple(told.facts),
        signers=signers(PEOPLE),
        drafted_by=DraftedBy(writer="template prose", why_template="no model is configured"),
        evidence={EVIDENCE: "pagerduty.on_call"},
    ).model_copy(update=changed)  # fmt: skip
    return whole.model_copy(update={"digest": digest_of(whole)})


def outlook(
    items: Sequence[ItemResult], checks: Sequence[CheckResult] = (), gaps: Sequence[GapRow] = (),
    before: ReviewDocument | None = None, **changed: Any,
) -> Outlook:  # fmt: skip
    """What a summary of these items is about, a day before the launch."""
    given = Outlook(
        proposal=decide.proposal(items, checks, POLICY), items=items, checks=checks, gaps=gaps,
        reasons=decide.reasons(items, checks, ZONE), as_of=facts.AS_OF, zone=ZONE, launch=CARD.launch.date,
        before=before,
    )  # fmt: skip
    return replace(given, **changed)


def signers(people: People) -> tuple[SignerNeeded, ...]:
    named = (
        ("builder", "Agent Builder", (MORTEZA, MIKE)),
        ("lead", "AI CoE Lead", (MORTEZA,)),
    )
    return tuple(
        SignerNeeded(
            role=role,
            title=title,
            people=ids,
            names=tuple(people.name_of(one) for one in ids),
            because="every decision",
        )
        for role, title, ids in named
    )


def as_written() -> ReviewDocument:
    return document(as_written_items(), (launch_check(),))


def signature(review: ReviewDocument, role: str, who: str, **changed: object) -> SignOff:
    return SignOff(
        review=review.review, role=role, person=who, name=PEOPLE.name_of(who), digest=review.digest,
        decision=SignOffDecision.BLOCKED, channel="terminal", assurance=Assurance.KEY, at=at("2026-06-12T17:00"),
        key="4f2a9c11d0e7",
    ).model_copy(update=changed)  # fmt: skip


def hostile(text: str) -> ReviewDocument:
    """A review in which every text that somebody else writes is `text`."""
    name, thing = facts.person(MIKE).model_copy(update={"value": text}), resource(text[:200])
    finding = failed(
        "{person} did not look at {dashboard}, which is {state}, for {value}: {quote}", person=name, dashboard=thing,
        state=state(text[:80]), value=Number(value=1, unit=text), quote=Quote(value=text),
    ).model_copy(update={"probe": "named_people_watch", "gap": GAP})  # fmt: skip
    judged = item(2, finding).model_copy(
        update={"owner": text, "title": text, "remedy": Remedy(who=text, how=text, recheck=text), "methods": (text,)}
    )
    gap = GAP_ROW.model_copy(update={"what": text, "next_step": text, "request_type": text, "reason": text})
    check = launch_check().model_copy(update={"title": text, "text": text})
    return document(
        [judged], [check], [gap], name=text, subject=text, version=text, gate_title=text, summary=(text,), review=text,
        drafted_by=DraftedBy(writer="model", model=text, why_template=text, prompts={text: text}),
        evidence={EVIDENCE: text}, product_version=text,
    )  # fmt: skip


def outcomes(items: Iterable[ItemResult]) -> list[Outcome]:
    return [finding.outcome for one in items for finding in one.findings]
