"""How the subject's code comes to be what is launched: tested by itself, deployed by itself."""

from __future__ import annotations

from agent.domain import Finding
from agent.probes.findings import failed, passed, unknown
from agent.probes.registry import probe
from collectors.evidence import Fact
from collectors.github.facts import WorkflowRunsFacts

# What sets a workflow off without a person; of any other event it is not known.
_BY_ITSELF = frozenset({"push", "schedule", "merge_group", "workflow_run", "release", "deployment", "pull_request"})
_BY_HAND = frozenset({"workflow_dispatch", "repository_dispatch"})


@probe
def last_change_went_through(runs: WorkflowRunsFacts) -> Finding:
    """The workflow ran by itself over the last change of the branch or tag, and the newest such run succeeded."""
    facts: dict[str, Fact] = {"workflow": runs.workflow, "repository": runs.repository, "changed": runs.changed}
    own = [run for run in runs.runs if run.event.value in _BY_ITSELF]
    odd = next((run for run in runs.runs if run.event.value not in _BY_ITSELF | _BY_HAND), None)
    if not own and odd:
        sentence = "{workflow} ran over the last change of {repository} ({changed}), set off by {event}"
        return unknown(sentence, facts, event=odd.event)
    if not own:
        return failed("{workflow} did not run by itself over the last change of {repository} ({changed})", facts)
    last = max(own, key=lambda run: run.at.value)
    facts |= {"at": last.at, "event": last.event}
    if last.conclusion is None or last.status.value != "completed":
        sentence = "{workflow} over the last change of {repository} ({changed}) is {status} since {at}, by {event}"
        return unknown(sentence, facts, status=last.status)
    sentence = "{workflow} over the last change of {repository} ({changed}) ended as {conclusion} on {at}, by {event}"
    say = passed if last.conclusion.value == "success" else failed
    return say(sentence, facts, conclusion=last.conclusion)
