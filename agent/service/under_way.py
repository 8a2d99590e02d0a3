"""What is being assessed now, whoever began it: jobs that wait or run, and reviews that are run without one."""

from __future__ import annotations

from agent.answers import Work
from agent.deps import Deps
from agent.service import jobs
from agent.service.orders import AssessOrder
from agent.service.running import is_worked_on
from agent.store.reviews import ReviewRow


def working(deps: Deps, subject: str = "") -> tuple[Work, ...]:
    """Once for each subject and gate: a job and its review are one, and so is what waits behind a run."""
    ordered = [
        Work(subject=one.order.subject, gate=one.order.gate, state=one.state, since=one.put_at)
        for one in jobs.unfinished(deps)
        if isinstance(one.order, AssessOrder) and subject in ("", one.order.subject)
    ]
    run = [
        Work(subject=row.subject, gate=row.gate, state="running", since=row.started_at)
        for row in reviews(deps, subject)
    ]
    found: dict[tuple[str, str], Work] = {}
    for one in sorted((*ordered, *run), key=lambda work: work.state != "running"):
        found.setdefault((one.subject, one.gate), one)
    return tuple(found.values())


def reviews(deps: Deps, subject: str = "") -> list[ReviewRow]:
    """Those that a process is at now: one that was killed is not being assessed, a rehearsal is nobody's answer."""
    return [
        row
        for row in deps.reviews.all(("running",))
        if not row.rehearsal and subject in ("", row.subject) and is_worked_on(deps, row)
    ]


def told(deps: Deps, subject: str, gate: str) -> str:
    """What there is to say of it beside an older answer; "" where nobody is at it and nothing waits."""
    state = next((one.state for one in working(deps, subject) if one.gate == gate), "")
    return {"running": "it is being assessed now", "queued": "an assessment of it is queued"}.get(state, "")
