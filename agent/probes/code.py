"""How the subject's code comes to be what is launched: tested by itself, deployed by itself, and scanned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from agent import periods
from agent.domain import Finding
from agent.probes.findings import duration, failed, number, passed, unknown
from agent.probes.registry import probe
from collectors.evidence import Fact, Origin, Time
from collectors.github.facts import BranchRulesFacts, VulnerabilitiesFacts, WorkflowRun, WorkflowRunsFacts

# What sets a workflow off without a person; of any other event it is not known.
_BY_ITSELF = frozenset({"push", "schedule", "merge_group", "workflow_run", "release", "deployment", "pull_request"})
_IN_A_ROW = 3
_SERIOUS = frozenset({"high", "critical"})
_BY_HAND = frozenset({"workflow_dispatch", "repository_dispatch"})


@probe
def last_change_went_through(runs: WorkflowRunsFacts) -> Finding:
    """The workflow ran by itself over the last change, and wherever it did so, the newest such run succeeded."""
    facts: dict[str, Fact] = {"workflow": runs.workflow, "repository": runs.repository, "changed": runs.changed}
    own = [run for run in runs.runs if run.event.value in _BY_ITSELF]
    odd = next((run for run in runs.runs if run.event.value not in _BY_ITSELF | _BY_HAND), None)
    if not own and odd:
        sentence = "{workflow} ran over the last change of {repository} ({changed}), set off by {event}"
        return unknown(sentence, facts, event=odd.event)
    if not own:
        return failed("{workflow} did not run by itself over the last change of {repository} ({changed})", facts)
    last = min(_newest_of_each(own), key=lambda run: (_ended(run), -run.at.value.timestamp()))
    facts |= {"at": last.at, "event": last.event}
    if last.conclusion is None or last.status.value != "completed":
        sentence = "{workflow} over the last change of {repository} ({changed}) is {status} since {at}, by {event}"
        return unknown(sentence, facts, status=last.status)
    sentence = "{workflow} over the last change of {repository} ({changed}) ended as {conclusion} on {at}, by {event}"
    say = passed if last.conclusion.value == "success" else failed
    return say(sentence, facts, conclusion=last.conclusion)


def _newest_of_each(runs: Sequence[WorkflowRun]) -> list[WorkflowRun]:
    """The newest on each branch, and for each pull request: that a copy went well elsewhere mends nothing here."""
    newest: dict[tuple[str, bool], WorkflowRun] = {}
    for run in sorted(runs, key=lambda run: run.at.value):
        newest[run.branch.value if run.branch else "", run.event.value == "pull_request"] = run
    return [*newest.values()]


def _ended(run: WorkflowRun) -> int:
    """What failed before what has not ended, and that before what succeeded."""
    if run.conclusion is None or run.status.value != "completed":
        return 1
    return 2 if run.conclusion.value == "success" else 0


@probe
def scans_run_on_schedule(vulnerabilities: VulnerabilitiesFacts, *, every: str, as_of: datetime) -> Finding:
    """The last three scans of the default branch came no further apart than the card asks, the newest until now."""
    limit = periods.length(every)
    facts: dict[str, Fact] = {
        "repository": vulnerabilities.repository, "every": duration(limit.total_seconds(), origin=Origin.CARD),
    }  # fmt: skip
    whole = sorted(
        (one.at for one in vulnerabilities.scans if one.error is None and one.at.value <= as_of),
        key=lambda at: at.value,
    )[::-1]
    if not whole:
        return failed("{repository} was never scanned to the end", facts)
    facts["newest"] = whole[0]
    if as_of - whole[0].value > limit:
        return failed("{repository} was last scanned on {newest}, and the card asks for {every}", facts)
    last = _on_different_days(whole)
    late = next((before for after, before in pairwise(last) if after.value - before.value > limit), None)
    if late:
        sentence = "{repository} was scanned on {newest}; of the scans before, {before} is further off than {every}"
        return failed(sentence, facts, before=late)
    if len(last) < _IN_A_ROW:
        return failed("{repository} was scanned on {newest}, and too seldom before to show a schedule", facts)
    sentence = "{repository} was scanned on {newest}, and before that each {every} or sooner"
    return passed(sentence, facts, valid_until=whole[0].value + limit)


def _on_different_days(newest_first: Sequence[Time]) -> list[Time]:
    """The last scans of as many days: several of one day, by several tools, are one."""
    days = {at.value.date(): at for at in reversed(newest_first)}
    return [*days.values()][::-1][:_IN_A_ROW]


@probe
def no_serious_vulnerability_is_open(vulnerabilities: VulnerabilitiesFacts) -> Finding:
    """No alert of high or critical severity is open, in the code or in what it depends on."""
    serious = [one for one in vulnerabilities.open if one.severity and one.severity.value in _SERIOUS]
    facts: dict[str, Fact] = {"repository": vulnerabilities.repository}
    facts["open"] = number(len(serious or vulnerabilities.open), "alerts")
    if not serious and any(one.severity is None for one in vulnerabilities.open):
        return unknown("Of the open alerts of {repository} ({open}) the severity of one is not told", facts)
    if not serious:
        return passed("Of {repository} no alert of high or critical severity is open ({open} in all)", facts)
    eldest = min(serious, key=lambda one: one.at.value)
    sentence = "{repository} has open alerts of high or critical severity: {open}, the eldest since {since}"
    return failed(sentence, facts, since=eldest.at)


@probe
def branch_is_guarded(rules: BranchRulesFacts, *, reviews: int = 1) -> Finding:
    """Every change to the branch needs reviews of its last commit and checks, its history stays, nobody may pass by."""
    facts: dict[str, Fact] = {"branch": rules.branch, "repository": rules.repository, "reviews": rules.reviews}
    if rules.reviews.value < reviews:
        facts["asked"] = number(reviews, "reviews", origin=Origin.CARD)
        return failed("A change to {branch} of {repository} needs {reviews}, and the card asks for {asked}", facts)
    facts["checks"] = rules.checks
    if rules.checks.value < 1:
        return failed("A change to {branch} of {repository} needs {reviews} and {checks}", facts)
    if rules.rewriting.value != "refused":
        sentence = "Rewriting the history of {branch} of {repository} is {rewriting}"
        return failed(sentence, facts, rewriting=rules.rewriting)
    facts |= {"stale": rules.stale, "bypass": rules.bypass}
    if rules.stale.value == "kept":
        sentence = (
            "A change to {branch} of {repository} needs {reviews}, and one from before its last commit is {stale}"
        )
        return failed(sentence, facts)
    if rules.bypass.value == "some":
        return failed("What a change to {branch} of {repository} needs ({reviews}) {bypass} may pass by", facts)
    if rules.bypass.value != "nobody":
        return unknown("A change to {branch} of {repository} needs {reviews}, and who may pass by is {bypass}", facts)
    if rules.stale.value != "dismissed":
        sentence = (
            "A change to {branch} of {repository} needs {reviews}; of one from before its last commit it is {stale}"
        )
        return unknown(sentence, facts)
    sentence = "A change to {branch} of {repository} needs {reviews} of its last commit and {checks}; who may pass by: "
    return passed(sentence + "{bypass}", facts)
