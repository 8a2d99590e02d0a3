"""Use case: somebody asks in chat for an assessment, and the thread hears how it goes and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agent.answers import Asked, JobTold
from agent.deps import Deps
from agent.errors import UsageError
from agent.service import asking, jobs, under_way
from agent.service.asking import Place
from agent.service.orders import AssessOrder
from agent.store import chat
from agent.store import jobs as queue
from agent.store.chat import Waiting
from agent.store.jobs import JobRow
from agent.store.outbox import CHAT, Notice


@dataclass(frozen=True)
class Heard:
    """What one delivery asked for. `key` is the same however often Slack sends it; `thread` "" = none yet."""

    key: str
    channel: str
    thread: str
    person: str


def order(deps: Deps, subject: str, gate: str, person: str) -> Asked:
    """Queue an assessment, or join the one that is queued or runs. It permits nothing."""
    gate = asking.gate_of(deps, subject, gate)
    card = deps.configuration.card(subject).card
    job = jobs.put(deps, AssessOrder(subject=subject, gate=gate, asked_by=person))
    name = f"{subject} {card.version} at {gate}"
    done = f"is {'being assessed' if job.state == 'running' else 'queued'} already; this joins it"
    beside = _beside(deps, job, subject, card.version, gate)
    said = f"{name} {done if job.joined else 'is queued'}.{beside}{_switch(job)}"
    state = "joined" if job.joined else "queued"
    return Asked(subject=subject, version=card.version, gate=gate, state=state, job=str(job.id), sentence=said)


def _beside(deps: Deps, job: jobs.Queued, subject: str, version: str, gate: str) -> str:
    """That somebody is at the same already, whom a worker joins by that review's lease."""
    runs = any((row.version, row.gate) == (version, gate) for row in under_way.reviews(deps, subject))
    if job.held or job.state != "queued" or not runs:
        return ""
    return " It is being assessed already; a worker that takes this meanwhile joins that where it asks the same."


def _switch(job: jobs.Queued) -> str:
    if job.held:
        return f" {job.held}, so nobody works at it until it is on."
    return f" {job.aloud}." if job.aloud else ""


def ask(deps: Deps, heard: Heard, subject: str, gate: str) -> tuple[Asked, int]:
    """The same from a thread, which waits for the result: its number, 0 where this delivery was taken before."""
    asked = order(deps, subject, gate, heard.person)
    row = {
        "channel": heard.channel, "thread": heard.thread, "person": heard.person, "subject": asked.subject,
        "gate": asked.gate, "job": int(asked.job),
    }  # fmt: skip
    return asked, chat.wait(deps.engine, heard.key, row, deps.clock())


def asked_before(deps: Deps, heard: Heard) -> tuple[Asked, int] | None:
    """What just this delivery ordered when it was cut short before its thread; None where nothing waits for one."""
    row = chat.of_delivery(deps.engine, heard.key, heard.channel, heard.person)
    if row is None or row.thread:
        return None
    job = jobs.queued(deps, row.job, joined=False)
    if job.state not in queue.UNFINISHED:
        return None
    version = deps.configuration.card(row.subject).card.version
    done = "is being assessed" if job.state == "running" else "is queued"
    said = f"{row.subject} {version} at {row.gate} {done}.{_switch(job)}"
    told = {"subject": row.subject, "version": version, "gate": row.gate, "job": str(row.job)}
    return Asked(state="queued", sentence=said, **told), row.id


def join(deps: Deps, heard: Heard, subject: str, gate: str) -> None:
    """Let a thread that asks about a subject hear the result of what is queued or runs for it, once."""
    there = {(row.job, row.channel, row.thread) for row in chat.waiting(deps.engine)}
    for one in jobs.unfinished(deps):
        if not isinstance(one.order, AssessOrder) or one.order.subject != subject or gate not in ("", one.order.gate):
            continue
        if (one.id, heard.channel, heard.thread) not in there:
            row = {
                "channel": heard.channel, "thread": heard.thread, "person": heard.person, "subject": subject,
                "gate": one.order.gate, "job": one.id,
            }  # fmt: skip
            chat.wait(deps.engine, "", row, deps.clock())


def job(deps: Deps, place: Place, id: int) -> JobTold:
    """What became of it; UsageError where there is no assessment of that number."""
    found = jobs.status(deps, id)
    if not isinstance(found.order, AssessOrder):
        raise UsageError(f"there is no assessment {id}")
    review = found.outcome if found.state == "done" else ""
    return JobTold(
        job=str(id), subject=found.order.subject, gate=found.order.gate, state=found.state, review=review,
        said=found.said, link=place.review(review),
    )  # fmt: skip


def news(deps: Deps) -> Iterator[tuple[Waiting, str]]:
    """Threads with a sentence that each is to hear now; results go into the outbox. Said once, by one process.

    What was ordered is not read: it may be another version's, which works at it all the same.
    """
    for row in chat.waiting(deps.engine):
        try:
            job = queue.get(deps.engine, row.job)
        except UsageError:  # pruned: whatever became of it, the thread is told that nothing will come
            _end(deps, row, None)
            continue
        if job.state in ("done", "failed"):
            _end(deps, row, job)
        elif not row.thread:  # it begins with the first answer, which may still be on its way: told once it is there
            continue
        elif job.state == "running" and chat.said(deps.engine, row.id, f"running {job.attempts}"):
            yield row, f"{row.subject} at {row.gate} is being assessed."
        elif job.said and chat.said(deps.engine, row.id, f"again {job.attempts}"):
            yield row, f"{row.subject} at {row.gate} is queued again: {job.said}"


def _end(deps: Deps, row: Waiting, job: JobRow | None) -> None:
    """The result into the outbox: it waits there for as long as Slack is away."""
    review = job.outcome if job and job.state == "done" else ""
    said = job.said if job else "its job is not known any more"
    about = {"channel": row.channel, "thread": row.thread, "subject": row.subject, "gate": row.gate}
    about |= {} if review else {"failed": said or "it ended without a review"}
    notice = Notice(row.person, f"{CHAT}{row.id}", about, deps.clock())
    chat.finish(deps.engine, row.id, review, (notice,), deps.clock())
