"""Item 6: what is kept is kept long enough, and the archive writes to where it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import AwareDatetime

from agent import periods
from agent.cards import Span
from agent.domain import Finding
from agent.probes.findings import failed, listed, noted, number, passed, resource, unknown
from agent.probes.registry import probe
from agent.probes.stated import ends, only_reported
from agent.probes.units import in_days
from collectors.aws.facts import RetentionFacts
from collectors.datadog.facts import LogArchivesFacts, LogIndexFacts
from collectors.evidence import Fact, Number
from collectors.langsmith.facts import ProjectRetentionFacts
from collectors.statements import StatedRetentionFacts

_KEPT = "The {log} log is kept for {kept}, and the card asks for {asked}"
_KEPT_BY = "The {log} log is kept for {kept} by {rule}, and the card asks for {asked}"
_SHORT = "The {log} log is kept for {kept} only, and the card asks for {asked}"

_SHORT_BY = "The {log} log is kept for {kept} only by {rule}, and the card asks for {asked}"
_MOST_COPIES = 3  # named in the sentence; the evidence holds them all


@dataclass(frozen=True)
class _Asked:
    """What the card asks of one log: `days` to keep it, and whether nobody may be able to delete it."""

    days: int
    locked: bool
    slots: dict[str, Fact]


@probe
def log_is_kept_long_enough(
    kept: RetentionFacts | LogIndexFacts | ProjectRetentionFacts | StatedRetentionFacts,
    *, log: str, at_least: Span | None = None, locked: bool = False, as_of: AwareDatetime,
    project: str | None = None,
) -> Finding:  # fmt: skip
    """What is really kept of the log reaches the period on the card, and is locked where the card asks for it."""
    if at_least is None:
        return unknown("The card does not say how long the {log} log must be kept", log=resource(log))
    days = periods.days_from(as_of.date(), at_least)
    asked = _Asked(days, locked, {"log": resource(log), "asked": number(days, "days")})
    if isinstance(kept, RetentionFacts):
        return _in_bucket(kept, asked)
    if isinstance(kept, LogIndexFacts):
        return _in_index(kept, asked)
    if isinstance(kept, ProjectRetentionFacts):
        return _in_project(kept, asked)
    return _stated(kept, asked, project)


@probe
def archive_writes_to_the_bucket(archives: LogArchivesFacts, *, bucket: str, prefix: str | None = None) -> Finding:
    """An archive that works writes to the bucket, under the prefix whose retention was judged.

    An archive above the prefix does not count: what it writes lies beside the prefix, where other rules may destroy it.
    """
    where: dict[str, Fact] = {"bucket": resource(bucket)}
    here = [one for one in archives.archives if one.bucket.value == bucket and _under(one.path.value, prefix or "")]
    working = [one for one in here if one.state.value == "WORKING"]
    if working:
        text, facts = listed("archive", [one.archive for one in working])
        return passed(f"Logs are archived by {text} in {{bucket}}", {**where, **facts})
    if not here:
        return failed("Of {read} none writes to {bucket} where the card says", where, read=archives.read)
    broken = next((one for one in here if one.state.value == "FAILING"), None)
    one, say = (broken, failed) if broken else (here[0], unknown)
    return say(
        "The archive {archive} for {bucket} is in the state {state}", where, archive=one.archive, state=one.state
    )


def _in_bucket(kept: RetentionFacts, asked: _Asked) -> Finding:
    if kept.floor is None:
        sentence = "No rule destroys the {log} log in {bucket}, and the card asks for {asked}"
        return _locked(kept, asked, sentence, {"bucket": kept.bucket})
    by: dict[str, Fact] = {"rule": kept.floor_rule} if kept.floor_rule else {}
    enough, short = (_KEPT_BY, _SHORT_BY) if by else (_KEPT, _SHORT)
    return _long_enough(kept.floor, asked, short, by) or _locked(kept, asked, enough, {"kept": kept.floor, **by})


def _long_enough(
    kept: Number, asked: _Asked, sentence: str = _SHORT, by: Mapping[str, Fact] = MappingProxyType({})
) -> Finding | None:
    """None when it is."""
    days = in_days(kept)
    if days is None:
        return unknown("How many days the {log} log is kept is not known, and the card asks for {asked}", asked.slots)
    return failed(sentence, {**asked.slots, **by}, kept=kept) if days < asked.days else None


def _locked(kept: RetentionFacts, asked: _Asked, sentence: str, facts: dict[str, Fact]) -> Finding:
    days = in_days(kept.lock_days) if kept.lock_days else None
    copied, copies = _copied(kept)
    if kept.lock.value == "COMPLIANCE" and days is not None and days >= asked.days:
        sentence += ", under the lock {lock}" + copied
        say = noted if copied else passed
        return say(sentence, {**asked.slots, **facts, **copies}, lock=kept.lock)
    if asked.locked:
        missing = "The card asks for a compliance lock of {asked} on the {log} log, and the lock in {place} is {lock}"
        period: dict[str, Fact] = {"locked_for": kept.lock_days} if kept.lock_days else {}
        missing += " for {locked_for}" if period else ""
        return failed(missing, {**asked.slots, **period}, place=kept.bucket, lock=kept.lock)
    sentence += ", though no lock keeps people from deleting it" + copied
    return noted(sentence, {**asked.slots, **facts, **copies})


def _copied(kept: RetentionFacts) -> tuple[str, dict[str, Fact]]:
    """A remark on copies elsewhere, which lengthen nothing and shorten nothing; "" where none are made."""
    if kept.replication.value != "read":
        return ", and whether copies lie elsewhere was {replication} to us", {"replication": kept.replication}
    places = list({one.bucket.value: one.bucket for one in kept.copies}.values())
    text, facts = listed("copy", places[:_MOST_COPIES])
    if len(places) > _MOST_COPIES:
        more = number(len(places) - _MOST_COPIES, "buckets")
        text, facts = text + ", {more} besides", {**facts, "more": more}
    return (f", and copies go to {text}, whose own rules were not asked here", facts) if places else ("", {})


def _in_index(kept: LogIndexFacts, asked: _Asked) -> Finding:
    facts = {**asked.slots, "index": kept.index}
    short = _long_enough(kept.retention, asked)
    if short:
        return short
    if asked.locked:
        return failed("The card asks for a lock on the {log} log, and the index {index} has none", facts)
    if kept.excluded.value != 0 or kept.limited.value != "not limited":
        facts |= {"filters": number(kept.excluded.value, "exclusion filters"), "intake": kept.limited}
        return unknown("Whether all of the {log} log enters {index} is not known: {filters}, intake {intake}", facts)
    return passed(_KEPT, asked.slots, kept=kept.retention)


def _in_project(kept: ProjectRetentionFacts, asked: _Asked) -> Finding:
    """The setting is judged; how long what was written before it is kept, the source does not say."""
    facts = {**asked.slots, "project": kept.project}
    short = _long_enough(kept.kept, asked)
    if short:
        return short
    if asked.locked:
        sentence = "The card asks for a lock on the {log} log, and the settings of the project {project} tell of none"
        return unknown(sentence, facts)
    sentence = _KEPT + ", by a setting of the {decided_by} for {project} that covers what is written after it only"
    return noted(sentence, facts, kept=kept.kept, decided_by=kept.decided_by)


def _stated(kept: StatedRetentionFacts, asked: _Asked, project: str | None) -> Finding:
    if not kept.statement.proven:
        return only_reported(kept.statement, "How long the {log} log is kept", log=asked.slots["log"])
    author = kept.statement.author
    elsewhere = _elsewhere(kept, asked, project)
    if elsewhere:
        return elsewhere
    if asked.locked:
        sentence = "The card asks for a lock on the {log} log, which a statement by {author} cannot show"
        return unknown(sentence, log=asked.slots["log"], author=author)
    until = ends(kept.statement)
    sentence = _KEPT + ", as {author} states of {where}"
    return _long_enough(kept.kept, asked) or passed(
        sentence, asked.slots, valid_until=until, kept=kept.kept, author=author, where=kept.where
    )


def _elsewhere(kept: StatedRetentionFacts, asked: _Asked, project: str | None) -> Finding | None:
    """A statement counts for the project of the card that it names; one id of a log may be used of several."""
    if project is None or (kept.project and kept.project.value == project):
        return None
    named: dict[str, Fact] = {
        "log": asked.slots["log"], "project": resource(project), "author": kept.statement.author,
    }  # fmt: skip
    again = "so it does not count and has to be stated again of that project"
    card = "The card has the {log} log in the project {project}, and what {author} states"
    if kept.project is None:
        return unknown(f"{card} names no project, {again}", named)
    return unknown(f"{card} is of the project {{stated}}, {again}", named, stated=kept.project)


def _under(path: str, prefix: str) -> bool:
    """Do the keys that an archive writes below `path` begin with `prefix`? S3 compares plain characters."""
    below = path.strip("/") + "/" if path.strip("/") else ""
    return below.startswith(prefix)
