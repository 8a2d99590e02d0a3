"""How a fact's value follows from what it points to: as it stands there, or by a conversion that is named here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, JsonValue

from collectors.evidence import Evidence, FactBase, canonical, resolve


def facts_by_place(value: object, place: str = "") -> Iterator[tuple[str, FactBase]]:
    """Every fact of an answer by the place of its field; elements of one tuple share theirs: `shifts/*/start`."""
    if isinstance(value, FactBase):
        yield place, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from facts_by_place(getattr(value, name), f"{place}/{name}" if place else name)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from facts_by_place(inner, f"{place}/*")


def as_it_stands(fact: FactBase, there: JsonValue) -> bool:
    """The same text, number or instant; long text may be cut short, which its last character then says."""
    value = fact.value  # type: ignore[attr-defined]
    if isinstance(value, datetime):
        return value in instants(there)
    if isinstance(value, date):
        return there == value.isoformat()
    if isinstance(value, float):
        return isinstance(there, int | float) and not isinstance(there, bool) and there == value
    return isinstance(there, str) and (there == value or (value.endswith("…") and there.startswith(value[:-1])))


def instants(there: JsonValue) -> list[datetime]:
    """An ISO time (UTC where it names no zone), or seconds or milliseconds since 1970."""
    if isinstance(there, str):
        at = datetime.fromisoformat(there)
        return [at if at.tzinfo else at.replace(tzinfo=UTC)]
    if isinstance(there, int | float) and not isinstance(there, bool):
        return [datetime.fromtimestamp(there / unit, UTC) for unit in (1, 1000) if there / unit < 4e9]
    return []


# --- what does not stand there as it is told -------------------------------------------------------------------------

Converted = Callable[[Any, Any], bool]  # the fact and what it points to


def _word(true: str, false: str) -> Converted:
    """A yes or no as a word."""
    return lambda fact, there: isinstance(there, bool) and fact.value == (true if there else false)


def _minutes(fact: Any, there: Any) -> bool:
    return bool(fact.value == there * 60)


def _named_by_the_pointer(fact: Any, there: Any) -> bool:
    """The thing has no name of its own: the key it stands under is one."""
    return bool(there) and fact.pointer.endswith(f"/{fact.value}")


def _as_json(fact: Any, there: Any) -> bool:
    return bool(fact.value == json.dumps(there))


def _of_id(fact: Any, there: Any) -> bool:
    """Our own id of a person, whose name people.yaml knows."""
    return bool(there == fact.id)


def _member(fact: Any, there: Any) -> bool:
    return bool(fact.value == f"{there['firstName']} {there['lastName']}" and fact.id == there["_id"])


def _is(word: str, about: Callable[[Any], bool]) -> Converted:
    """A word that follows from what is there."""
    return lambda fact, there: fact.value == word and about(there)


def _begins(fact: Any, there: Any) -> bool:
    """A handle stands somewhere in the message."""
    return fact.value in there


def _amount(fact: Any, there: Any) -> bool:
    """AWS writes money as text."""
    return bool(fact.value == float(there))


def _current(secret: Any) -> bool:
    return "DeletedDate" not in secret and any("AWSCURRENT" in held for held in secret["VersionIdsToStages"].values())


CONVERTED: dict[tuple[str, str], Converted] = {
    ("pagerduty.on_call", "levels/*/delay"): _minutes,
    ("pagerduty.on_call", "responders/*/rules/*/delay"): _minutes,
    ("launchdarkly.flag", "environment"): _named_by_the_pointer,
    ("launchdarkly.flag", "on"): _word("on", "off"),
    ("launchdarkly.flag", "off_value"): _as_json,
    ("launchdarkly.flag", "on_value"): _as_json,
    ("launchdarkly.flag", "lifecycle"): _word("archived", "live"),
    ("launchdarkly.rollout", "environment"): _named_by_the_pointer,
    ("launchdarkly.rollout", "on"): _word("on", "off"),
    ("launchdarkly.rollout", "lifecycle"): _word("archived", "live"),
    ("launchdarkly.rollout", "served/*/value"): _as_json,
    ("launchdarkly.rollout", "served/*/share"): lambda fact, there: fact.value == there / 1000,
    ("launchdarkly.flag_history", "changes/*/turned"): _word("on", "off"),
    ("launchdarkly.flag_history", "changes/*/by"): _member,
    ("launchdarkly.flag_evaluation", "value"): _as_json,
    ("launchdarkly.flag_evaluation", "on"): _word("on", "off"),
    ("datadog.monitors", "monitors/*/muted"): _is("not muted", lambda downtimes: downtimes == []),
    ("datadog.monitors", "monitors/*/tells/*/handle"): _begins,
    ("datadog.log_indexes", "limited"): _word("limited", "not limited"),
    ("datadog.log_indexes", "earlier/*/limited"): _word("limited", "not limited"),
    ("datadog.synthetics", "runs/*/outcome"): _word("passed", "failed"),
    ("datadog.slo", "state"): _is("data", lambda value: isinstance(value, float)),
    ("s3.retention", "replication"): _is("read", lambda code: code == "ReplicationConfigurationNotFoundError"),
    ("aws.secret_rotation", "state"): _is("active", _current),
    ("cloudtrail.rotations", "state"): _is("active", _current),
    ("aws.iam", "kind"): _is("role", lambda role: "RoleId" in role),
    ("aws.iam", "state"): _is("active", lambda role: "RoleId" in role),
    ("aws.iam_keys", "state"): _is("active", lambda keys: [key["Status"] for key in keys].count("Active") == 1),
    ("aws.trail", "logging"): _word("on", "off"),
    ("aws.trail", "everywhere"): _word("on", "off"),
    ("aws.trail", "validated"): _word("on", "off"),
    ("aws.budget", "limit"): _amount,
    ("aws.budget", "spent"): _amount,
    ("aws.budget", "forecast"): _amount,
    ("langsmith.run_stats", "query"): lambda fact, there: fact.value.startswith(("run_count", "feedback.")),
    ("langsmith.retention", "decided_by"): lambda fact, there: fact.pointer.startswith(f"/{fact.value}/"),
    ("okta.identity", "kind"): _is("application", lambda app: "label" in app),
    ("okta.identity", "state"): lambda fact, there: fact.value == there.lower(),
    ("attestation.comms", "statement/author"): _of_id,
    ("attestation.comms", "drafted"): _word("drafted", "not drafted"),
    ("attestation.drill", "statement/author"): _of_id,
    ("attestation.drill", "performed_by"): _of_id,
    ("attestation.drill", "observed_by"): _of_id,
    ("attestation.quiz", "quizzes/*/statement/author"): _of_id,
    ("attestation.quiz", "quizzes/*/marked_by"): _of_id,
    ("attestation.retention", "statement/author"): _of_id,
    ("attestation.watch", "statement/author"): _of_id,
    ("attestation.watch", "watchers/*/person"): _of_id,
    ("attestation.quotes", "statement/author"): _of_id,
    ("attestation.answers", "boxes/*/statement/author"): _of_id,
    ("attestation.debt", "statement/author"): _of_id,
    ("attestation.tests", "statement/author"): _of_id,
    ("attestation.acceptances", "open_items/*/statement/author"): _of_id,
    ("attestation.acceptances", "waivers/*/statement/author"): _of_id,
}


# --- what code counted or compared: origin `code`, no pointer, and reckoned here again from the body -----------------

Reckoned = Callable[[Evidence], list[Any]]  # the values in the order of the facts
BY_RULES = "the retention that all rules have together; see test_lifecycle_properties.py"
BY_WORDS = "told from the message's own words; see test_datadog_monitors.py"


def _length(*path: str) -> Reckoned:
    return lambda evidence: [float(len(resolve(evidence.body, "/" + "/".join(path))))]  # type: ignore[arg-type]


def _lengths(*names: str) -> Reckoned:
    """Of lists of the flag in production, together."""
    held = "/flag/environments/production/"
    return lambda evidence: [float(sum(len(resolve(evidence.body, held + name)) for name in names))]  # type: ignore[arg-type]


def _subscribed(kind: str) -> Reckoned:
    """How many of a budget's subscribers are of this kind, for each alert."""
    return lambda evidence: [
        float(sum(one["SubscriptionType"] == kind for one in alert["Subscribers"]))  # type: ignore[index,call-overload,union-attr]
        for alert in resolve(evidence.body, "/alerts")  # type: ignore[union-attr]
    ]


def _samples(evidence: Evidence) -> list[Any]:
    """Points of the series that hold a value."""
    body: Any = evidence.body
    return [float(sum(value is not None for row in body["series"]["values"] for value in row))]


def _step(evidence: Evidence) -> list[Any]:
    """Seconds between the two points that are nearest to each other."""
    body: Any = evidence.body
    times = body["series"]["times"]
    return [min(after - before for before, after in pairwise(times)) / 1000]


def _widgets(evidence: Evidence) -> list[Any]:
    """A widget shows data where any of its queries gave a point."""
    body: Any = evidence.body
    answers = [[v for one in widget for row in one["values"] for v in row] for widget in body["answers"]]
    return ["data" if any(value is not None for value in values) else "empty" for values in answers]


def _open_in_the_window(evidence: Evidence) -> list[Any]:
    """Incidents of the body that were open at some time in the window; the body holds some from before as well."""
    asked: Any = evidence.params["window"]
    body: Any = evidence.body
    start, end = datetime.fromisoformat(asked["start"]), datetime.fromisoformat(asked["end"])

    def was_open(one: Any) -> bool:
        over = one["status"] == "resolved" and datetime.fromisoformat(one["resolved_at"]) <= start
        return datetime.fromisoformat(one["created_at"]) < end and not over

    return [float(sum(map(was_open, body["incidents"])))]


CODE: dict[tuple[str, str], Reckoned | str] = {
    ("pagerduty.incidents", "count"): _open_in_the_window,
    ("pagerduty.responses", "count"): _length("incidents"),
    ("launchdarkly.rollout", "rules"): _length("flag", "environments", "production", "rules"),
    ("launchdarkly.rollout", "targets"): _lengths("targets", "contextTargets"),
    ("launchdarkly.rollout", "prerequisites"): _lengths("prerequisites"),
    ("launchdarkly.flag_history", "read"): _length("entries"),
    ("datadog.metric", "samples"): _samples,
    ("datadog.metric", "interval"): _step,
    ("datadog.dashboard", "widgets/*/state"): _widgets,
    ("datadog.monitors", "monitors/*/draft"): lambda evidence: ["published"] * len(evidence.body["monitors"]),  # type: ignore[arg-type]
    ("datadog.monitors", "monitors/*/tells/*/kind"): BY_WORDS,
    ("datadog.monitors", "monitors/*/tells/*/target"): BY_WORDS,
    ("datadog.monitors", "monitors/*/tells/*/when"): BY_WORDS,
    ("datadog.monitors", "monitors/*/tells/*/silence"): BY_WORDS,
    ("datadog.logs", "count"): _length("events"),
    ("datadog.log_indexes", "excluded"): lambda evidence: [
        float(sum(one["is_enabled"] for one in resolve(evidence.body, "/index/exclusion_filters")))  # type: ignore[index,union-attr]
    ],
    ("datadog.log_indexes", "earlier/*/excluded"): lambda evidence: [
        float(sum(one["is_enabled"] for one in index["exclusion_filters"]))  # type: ignore[index,misc,call-overload,union-attr]
        for index in resolve(evidence.body, "/earlier")  # type: ignore[union-attr]
    ],
    ("datadog.synthetics", "assertions"): _length("assertions"),
    ("datadog.log_archives", "read"): lambda evidence: [float(evidence.completeness.items)],
    ("s3.retention", "floor"): BY_RULES,
    ("s3.retention", "ceiling"): BY_RULES,
    ("s3.retention", "rules"): BY_RULES,
    ("s3.encryption", "in_clear"): lambda evidence: [
        "refused" if "aws:SecureTransport" in str(evidence.body["policy"]) else "not refused"
    ],
    ("aws.trail", "management"): lambda evidence: [
        "all" if '"IncludeManagementEvents":true' in canonical(evidence.body).decode() else "not all"
    ],
    ("aws.budget", "alerts/*/told"): _subscribed("EMAIL"),
    ("aws.budget", "alerts/*/topics"): _subscribed("SNS"),
    ("langsmith.run_stats", "interval"): lambda evidence: [0.0],
    ("langsmith.guardrail_runs", "count"): _length("runs"),
    ("github.branch_rules", "reviews"): lambda evidence: [
        float(resolve(evidence.body, "/protection/required_pull_request_reviews/required_approving_review_count"))  # type: ignore[arg-type]
    ],
    ("github.branch_rules", "checks"): _length("protection", "required_status_checks", "contexts"),
    ("github.branch_rules", "rewriting"): lambda evidence: [
        "allowed" if resolve(evidence.body, "/protection/allow_force_pushes/enabled") else "refused"
    ],
    ("github.branch_rules", "stale"): lambda evidence: [
        "dismissed"
        if resolve(evidence.body, "/protection/required_pull_request_reviews/dismiss_stale_reviews")
        else "kept"
    ],
    ("github.branch_rules", "bypass"): lambda evidence: [
        "nobody" if resolve(evidence.body, "/protection/enforce_admins/enabled") else "some"
    ],
    ("slack.scheduled_messages", "count"): _length("messages"),
}
