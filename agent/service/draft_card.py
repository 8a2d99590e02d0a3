"""The draft of a card as YAML: each guess with its mark, and what no source tells as a comment to fill in. Pure.

What vendors call things is others' text: a value is written so that it can be nothing but a text, a comment never has
more than its own line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from agent import drafts
from agent.service import draft_guards
from agent.service.guesses import Guess, Listings, as_much, called
from collectors.discovery import Named
from collectors.likeness import ALIKE

LONGEST = 220  # characters of a comment
MOST = 5  # guesses of a list
_PLAIN = re.compile(r"(?!(?:true|false|null)$)[A-Za-z][A-Za-z0-9_./-]*", re.IGNORECASE)
COUNTS = ("completed", "runs", "count", "requests", "processed", "hits")


@dataclass(frozen=True)
class Draft:
    text: str
    guesses: tuple[Guess, ...]


@dataclass
class Page:
    """The draft while it is written."""

    found: Listings
    lines: list[str] = field(default_factory=list)
    guesses: list[Guess] = field(default_factory=list)

    def line(self, text: str) -> None:
        self.lines.append(text)

    def note(self, text: str, indent: int = 0) -> None:
        """A comment. It never begins with the mark, whatever it quotes."""
        self.lines.append(" " * indent + "# " + comment(text).lstrip("? "))

    def guess(self, before: str, key: str, value: str, why: str, others: Sequence[str] = ()) -> None:
        """`before` is the line up to the value."""
        one = Guess(key, value, why, tuple(others))
        self.guesses.append(one)
        self.lines.append(f"{before}{scalar(value)}  {drafts.MARK} {comment(one.told)}")

    def number(self, before: str, key: str, value: str, why: str) -> None:
        """A guess that is a whole number."""
        self.guesses.append(Guess(key, value, why))
        self.lines.append(f"{before}{int(value)}  {drafts.MARK} {comment(why)}")


def comment(text: str) -> str:
    """One line that holds nothing but what can be seen."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def scalar(text: str) -> str:
    """The text as YAML that is read as this text and as nothing else."""
    return text if _PLAIN.fullmatch(text) else '"' + "".join(map(_character, text)) + '"'


def _character(c: str) -> str:
    if c in '"\\':
        return "\\" + c
    return c if c.isprintable() else f"\\U{ord(c):08x}"


def draft(found: Listings, name: str, now: datetime, people: Sequence[str]) -> Draft:
    """The whole draft; `people` are the ids of people.yaml."""
    page = Page(found)
    _head(page, name, now, people)
    for section in SECTIONS:
        page.line("")
        section(page)
    return Draft("\n".join(page.lines) + "\n", tuple(page.guesses))


def _head(page: Page, name: str, now: datetime, people: Sequence[str]) -> None:
    page.note(f"Draft of a card for {page.found.subject}, by `clearance cards discover` on {now:%Y-%m-%d}.")
    page.note("Found by name alone: look at each value that is marked with a question mark, correct it, and take")
    page.note("the mark away. What no source tells stands in comments: fill it in. While a mark or the next line is")
    page.note("left, `clearance cards check` and every assessment refuse this card.")
    page.line(f"{drafts.KEY}: true")
    for vendor, kind, reason, sentence in page.found.unseen():
        page.note(f"NOT SEEN: {vendor}, {kind}: {reason.replace('_', ' ')}: {sentence}")
    page.line("")
    page.line(f"subject: {scalar(page.found.subject)}")
    if name != page.found.subject:
        page.line(f"name: {scalar(comment(name)[:200])}")
    page.note('version: "1.0"')
    page.note("tier: high # low, medium or high")
    known = f" # of people.yaml: {', '.join(people)}" if people else ""
    page.note(f"people: {{builders: [ID], lead: ID, approvers_m8: [ID], second_approver: ID, sponsor: ID}}{known}")
    page.note("pilot: {from: 2026-01-31, to: 2026-02-28, zone: America/New_York} # `to` is exclusive")
    page.note("launch: {date: 2026-03-09, holidays: []}")


def _on_call(page: Page) -> None:
    services = page.found.ranked("pagerduty", "service")
    if not services:
        page.note(f"on_call: to fill in, {page.found.nothing('pagerduty', 'service')}")
        page.note("on_call: {source: pagerduty, service: PABC123, primary: SCHEDULE, backup: SCHEDULE}")
        return
    best, *others = as_much(services, page.found.subject)
    page.line("on_call:")
    page.line("  source: pagerduty")
    page.guess("  service: ", "on_call.service", best.id, best.name, [*map(called, others)])
    for level, role in enumerate(("primary", "backup"), 1):
        _schedule(page, best, level, role)


def _schedule(page: Page, service: Named, level: int, role: str) -> None:
    """The schedule that the service's policy pages on this level, else one that is called so."""
    paged = [one for one in service.related if one.kind == f"level {level}"]
    why = f"level {level} of the policy of {service.name}"
    if not paged:
        named = page.found.ranked("pagerduty", "schedule", "schedule of shifts")
        paged = [one for one in named if role in one.name.lower()]
        why = "by its name"
    if not paged:
        page.note(f"{role}: to fill in, no schedule pages on level {level} of {service.name}", 2)
        return
    names = [one.name for one in page.found.names("pagerduty", "schedule", "schedule of shifts")]
    first, *others = paged
    value = first.name if names.count(first.name) == 1 else first.id
    page.guess(f"  {role}: ", f"on_call.{role}", value, why, [*map(called, others)])


def _kill_switch(page: Page) -> None:
    flags = as_much(page.found.ranked("launchdarkly", "flag"), page.found.subject)
    if not flags:
        page.note(f"kill_switch: to fill in, {page.found.nothing('launchdarkly', 'flag')}")
        page.note("kill_switch: {source: launchdarkly, project: P, environment: E, flag: F, stop_within: 60 s}")
        return
    best, *others = flags
    page.line("kill_switch:")
    page.line("  source: launchdarkly")
    page.guess("  project: ", "kill_switch.project", best.parent, "the project of this flag")
    live = [one.id for one in best.related if "prod" in f"{one.id} {one.name}".lower()]
    if live:
        rest = [one.id for one in best.related if one.id != live[0]]
        page.guess("  environment: ", "kill_switch.environment", live[0], "by its name", rest)
    else:
        page.note("environment: to fill in, none is called production", 2)
    page.guess("  flag: ", "kill_switch.flag", best.id, best.name, [*map(called, others)])
    page.guess("  stop_within: ", "kill_switch.stop_within", "60 s", "the runbook's first question asks for it")


def _dashboards(page: Page) -> None:
    found = as_much(page.found.ranked("datadog", "dashboard"), page.found.subject)
    if not found:
        page.note(f"dashboards: to fill in, {page.found.nothing('datadog', 'dashboard')}")
        page.note("dashboards: [{source: datadog, id: abc-def-ghi, watchers: [ID]}]")
        return
    page.line("dashboards:")
    for i, one in enumerate(found[:MOST]):
        page.line("  - source: datadog")
        page.guess("    id: ", f"dashboards[{i}].id", one.id, one.name)
        page.note("watchers: [ID] # who looks at it", 4)
    _beyond(page, found)


def _beyond(page: Page, found: Sequence[Named]) -> None:
    if len(found) > MOST:
        page.note(f"{len(found) - MOST} more looked alike: {', '.join(map(called, found[MOST:]))}", 2)


def _monitors(page: Page) -> None:
    found = page.found.ranked("datadog", "monitor")
    if not found:
        page.note(f"monitors: to fill in, {page.found.nothing('datadog', 'monitor')}")
        page.note("monitors: {source: datadog, ids: [4200001]}")
        return
    page.line("monitors:")
    page.line("  source: datadog")
    page.line("  ids:")
    for i, one in enumerate(found[:MOST]):
        page.number("    - ", f"monitors.ids[{i}]", one.id, one.name)
    _beyond(page, found)


def _measured(page: Page) -> None:
    """What can be measured is told by the dashboards; which target was agreed on nobody knows but people."""
    shown = page.found.ranked("datadog", "dashboard") + page.found.ranked("datadog", "monitor")
    queries = list(dict.fromkeys(q.id for one in shown for q in one.related if q.kind == "metric query"))
    counts = [q for q in queries if q.startswith("sum:") and any(word in q for word in COUNTS)]
    if counts:
        page.line("activity:")
        page.line("  request: datadog.metric")
        page.guess("  query: ", "activity.query", counts[0], "must count completed runs", counts[1:])
    else:
        page.note('activity: {request: datadog.metric, query: "sum:runs.completed{env:production}.as_count()"}')
    page.note("targets: to fill in; what was agreed before the pilot, each with the query that measures it")
    page.note('targets: [{id: acceptance, op: ">=", value: 90, unit: percent, min_samples: 200,')
    page.note('  source: {request: datadog.metric, query: "avg:…"}}]')
    for query in queries[: 2 * MOST]:
        page.note(f"  a query that is shown: {query}")


def _guardrails(page: Page) -> None:
    page.note("guardrails: to fill in; logs cannot be found by name")
    page.note('guardrails: [{id: input_validation, query: "service:NAME @guardrail:input_validation",')
    page.note("  outcomes: [blocked, rejected, escalated]}]")


def _identity(page: Page) -> None:
    in_aws = page.found.ranked("aws", "role", "user")
    apps = page.found.ranked("okta", "application")
    secrets = as_much(page.found.ranked("aws", "secret"), page.found.subject)
    if not in_aws and not apps:
        reasons = f"{page.found.nothing('aws', 'role', 'user')}; {page.found.nothing('okta', 'application')}"
        page.note(f"identity: to fill in, {reasons}")
        page.note("identity: {source: aws.iam, name: NAME,")
        page.note("  credentials: [{id: ID, source: aws.secret_rotation, secret: S}]}")
        for one in secrets:
            page.note(f"  a secret that looks like it: {called(one)}")
        return
    best, *others = as_much(in_aws or apps, page.found.subject)
    page.line("identity:")
    page.line(f"  source: {'aws.iam' if in_aws else 'okta.identity'}")
    elsewhere = [f"{called(one)} at Okta" for one in as_much(apps, page.found.subject)] if in_aws else []
    value = best.id if in_aws or [one.name for one in apps].count(best.name) > 1 else best.name
    page.guess("  name: ", "identity.name", value, best.kind, [*map(called, others), *elsewhere])
    _credentials(page, secrets)


def _credentials(page: Page, secrets: Sequence[Named]) -> None:
    if not secrets:
        page.note(f"credentials: to fill in, {page.found.nothing('aws', 'secret')}", 2)
        page.note("credentials: [{id: ID, source: aws.secret_rotation, secret: NAME}]", 2)
        return
    page.line("  credentials:")
    for i, one in enumerate(secrets[:MOST]):
        page.line(f"    - id: {scalar(one.id.rpartition('/')[2] or one.id)}")
        page.line("      source: aws.secret_rotation")
        page.guess("      secret: ", f"identity.credentials[{i}].secret", one.id, one.said or one.name)
    _beyond(page, secrets)


def _retention(page: Page) -> None:
    places = [(bucket, prefix) for bucket in page.found.names("aws", "bucket") for prefix in _kept_under(page, bucket)]
    project = as_much(page.found.ranked("langsmith", "project"), page.found.subject)
    if not places and not project:
        reasons = f"{page.found.nothing('aws', 'bucket')}; {page.found.nothing('langsmith', 'project')}"
        page.note(f"retention: to fill in, {reasons}")
        page.note("retention: [{log: audit, source: s3.retention, bucket: B, prefix: P/, at_least: 7 years}]")
        return
    page.line("retention:")
    for bucket, prefix in places[:MOST]:
        here = f"retention[{sum('.bucket' in g.key for g in page.guesses)}]"
        page.guess("  - log: ", f"{here}.log", "audit", "what is kept there no source tells")
        page.line("    source: s3.retention")
        page.guess("    bucket: ", f"{here}.bucket", bucket.id, "by its name, or by a rule for the prefix")
        if prefix:
            page.guess("    prefix: ", f"{here}.prefix", prefix, "a lifecycle rule names it")
        page.note("at_least: 7 years # what your tier asks", 4)
    if project:
        best, *others = project
        here = f"retention[{len(places[:MOST])}]"
        page.guess("  - log: ", f"{here}.log", "traces", "of LangSmith")
        page.line("    source: langsmith.retention")
        page.guess("    project: ", f"{here}.project", best.id, best.name, [*map(called, others)])
        page.note("at_least: 180 days # what your tier asks", 4)


def _kept_under(page: Page, bucket: Named) -> list[str]:
    """The prefixes in a bucket that look like the subject's; the whole bucket where that does."""
    subject = page.found.subject
    prefixes = [one.id for one in bucket.related if one.like(subject) >= ALIKE]
    return prefixes or ([""] if bucket.like(subject) >= ALIKE else [])


def _runbook(page: Page) -> None:
    local = [one for one in page.found.names("documents", "document") if "runbook" in one.id.lower()]
    local.sort(key=lambda one: (-one.like(page.found.subject), one.id))
    remote = [run for one in page.found.ranked("github", "repository") for run in one.related]
    if not local and not remote:
        reasons = f"{page.found.nothing('documents', 'document')}; {page.found.nothing('github', 'repository')}"
        page.note(f"runbook: to fill in, {reasons}")
        page.note("runbook: {source: documents.file, path: runbook.md, owners: [ID]}")
        return
    best, *others = local + remote
    page.line("runbook:")
    page.line(f"  source: {'documents.file' if local else 'github.file'}")
    page.guess("  path: ", "runbook.path", best.id, "by its name", [one.id for one in others])
    page.note("owners: [ID] # who marks the answers of those on call", 2)


def _comms(page: Page) -> None:
    channels = as_much(page.found.ranked("slack", "channel"), page.found.subject)
    if not channels:
        page.note(f"comms: to fill in, {page.found.nothing('slack', 'channel')}")
        page.note("comms: [{id: launch-post, source: slack.scheduled_messages, channel: C123, audience: finance}]")
        return
    best, *others = channels
    page.line("comms:")
    page.line("  - id: launch-post")
    page.line("    source: slack.scheduled_messages")
    page.guess("    channel: ", "comms[0].channel", best.id, best.name, [*map(called, others)])
    page.note("audience: finance # whom it reaches", 4)


def _guards(page: Page) -> None:
    for told in draft_guards.notes(page.found):
        page.note(told)


SECTIONS: tuple[Callable[[Page], None], ...] = (
    _measured, _on_call, _dashboards, _monitors, _guardrails, _identity, _retention, _runbook, _comms, _kill_switch,
    _guards,
)  # fmt: skip
