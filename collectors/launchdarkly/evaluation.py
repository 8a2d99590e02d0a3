"""launchdarkly.flag_evaluation: what the server SDK serves for a flag, which is what the subject itself sees.

One context is evaluated, our own reader: what a rule gives to another context is out of scope, and so is the client
side (mobile keys and client ids are never asked for). Nothing is read from a client that is offline or not ready.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue

from collectors.connections import Connections, LaunchDarklyAccess
from collectors.errors import Gone, Malformed, NotConfigured, SourceError, Unreachable
from collectors.evidence import Answer, Completeness, Resource, Source, State, fingerprint
from collectors.http import CallLog
from collectors.launchdarkly.client import VENDOR, page_of, rest_source, sealed, secrets_of
from collectors.launchdarkly.facts import FlagEvaluationAsk, FlagEvaluationFacts
from collectors.launchdarkly.reading import Json, check_keys, json_text, named, object_at, on_off, text, true_or_false
from collectors.launchdarkly.redaction import Redactor
from collectors.launchdarkly.sdk import Evaluator, SdkAccess, evaluator

VENDOR_REST = "https://app.launchdarkly.com"


def flag_evaluation(conn: Connections, asks: Sequence[FlagEvaluationAsk]) -> list[Answer]:
    """Evaluate each flag with one SDK client an environment; a client that is not ready evaluates nothing."""
    answers: dict[int, Answer] = {}
    for environment in dict.fromkeys(_environment(ask) for ask in asks):
        places = [place for place, ask in enumerate(asks) if _environment(ask) == environment]
        batch = _evaluated(conn, environment, [asks[place] for place in places])
        answers |= dict(zip(places, batch, strict=True))
    return [answers[place] for place in range(len(asks))]


def sdk_access(conn: Connections, environment: str) -> SdkAccess:
    """How to ask as an SDK of "project/environment"; NotConfigured names the setting that is missing."""
    access = conn.launchdarkly
    key = access.sdk_key(environment) if access else None
    if access is None or not key:
        raise NotConfigured(
            f"LaunchDarkly was not asked as an SDK: no SDK key is set for {environment}",
            advice=f'Name its variable under [launchdarkly.sdk_keys] as "{environment}", or set LAUNCHDARKLY_SDK_KEY.',
        )
    if access.sdk_url is None and access.base_url.rstrip("/") != VENDOR_REST:
        raise NotConfigured(
            f"LaunchDarkly was not asked as an SDK: REST is at {access.base_url}, where SDKs connect is not set",
            advice="Set CLEARANCE_LAUNCHDARKLY_SDK_URL to the address of the same instance, then check again.",
        )
    return SdkAccess(environment, key, access.sdk_url, conn.timeout, conn.way(VENDOR, fingerprint(key)))


def _environment(ask: FlagEvaluationAsk) -> str:
    return f"{ask.project}/{ask.environment}"


def _evaluated(conn: Connections, environment: str, asks: Sequence[FlagEvaluationAsk]) -> list[Answer]:
    """The answers of one environment; a failure to become ready is everyone's."""
    log, asked = conn.log(VENDOR), Source(vendor=VENDOR, base_url="")
    try:
        access = sdk_access(conn, environment)
        asked = access.source()
        with evaluator(access, log) as ready:
            return [_answer(conn, ready, ask, asked, log) for ask in asks]
    except SourceError as failure:
        return [failure.gap(ask, asked, conn.clock(), log.calls) for ask in asks]


def _answer(conn: Connections, ready: Evaluator, ask: FlagEvaluationAsk, asked: Source, log: CallLog) -> Answer:
    access = conn.launchdarkly or LaunchDarklyAccess()
    try:
        check_keys(ask)
        redactor = Redactor(secrets_of(access))
        body = redactor.object(_body(ready, ask))
        return sealed(
            ask, asked, conn.clock(), _facts(body, ask), body, calls=log.calls, link=page_of(rest_source(access), ask),
            redacted=redactor.removed, completeness=Completeness(items=1, note="all flags were read, this one kept"),
        )  # fmt: skip
    except SourceError as failure:
        return failure.gap(ask, asked, conn.clock(), log.calls)


def _body(ready: Evaluator, ask: FlagEvaluationAsk) -> Json:
    """What was served and the flag it came from; every answer that is a default of ours is a SourceError."""
    detail = ready.detail(ask.flag)
    reason: Json = dict(detail.reason)
    if reason.get("kind") == "ERROR":
        raise _failure(str(reason.get("errorKind")), ask)
    stored = ready.stored(ask.flag)
    if stored is None or detail.variation_index is None:
        raise Malformed(
            f"LaunchDarkly serves no value for {named(ask)} ({reason.get('kind')}): the code's own default is used",
            advice="Give the flag an off variation in this environment, then check this item again.",
        )
    value: JsonValue = detail.value  # type: ignore[assignment]
    served: Json = {"value": value, "variation": detail.variation_index, "reason": reason}
    return {"evaluation": served, "flag": stored}


def _failure(kind: str, ask: FlagEvaluationAsk) -> SourceError:
    told = f"LaunchDarkly's SDK answers {kind} for {named(ask)}"
    if kind == "FLAG_NOT_FOUND":
        return Gone(told)
    return Unreachable(told) if kind == "CLIENT_NOT_READY" else Malformed(told)


def _facts(body: Json, ask: FlagEvaluationAsk) -> FlagEvaluationFacts:
    what = named(ask)
    evaluation, stored = object_at(body, "evaluation", what), object_at(body, "flag", what)
    kind = text(object_at(evaluation, "reason", what), "kind", what)
    return FlagEvaluationFacts(
        flag=Resource(value=ask.flag, pointer="/flag/key"),
        value=State(value=json_text(evaluation["value"]), pointer="/evaluation/value"),
        reason=State(value=kind, pointer="/evaluation/reason/kind"),
        on=State(value=on_off(true_or_false(stored, "on", what)), pointer="/flag/on"),
    )
