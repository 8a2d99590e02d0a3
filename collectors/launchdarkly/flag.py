"""launchdarkly.flag: the state of one flag in one environment, and what it serves when it is off.

A few are asked for by key, one flag and one environment a call, for whether the API takes several environments is not
told; many are picked from the project's list (`shelf`). `on_value` is what everyone gets who meets no rule;
whether rules, targets or a prerequisite give the subject something else is for `launchdarkly.flag_evaluation` to say.
Out of scope: `temporary` (a hint, no state), and the flag's status (`new`, `active`, when it was last requested): that
the subject obeys the switch is shown by its drill. Environments are never read by themselves, for that answer holds
keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TypeVar

from pydantic import JsonValue

from collectors.connections import Connections
from collectors.errors import Gone, Malformed
from collectors.evidence import Answer, Facts, Number, Resource, State, Time, pointer
from collectors.launchdarkly.client import Rest, ask_all, page_of, sealed
from collectors.launchdarkly.facts import FlagAsk, FlagFacts, RolloutAsk
from collectors.launchdarkly.reading import (
    FlagNamed,
    Json,
    check_keys,
    instant,
    json_text,
    named,
    object_at,
    on_off,
    place_of,
    true_or_false,
    whole,
)

OfFlag = TypeVar("OfFlag", FlagAsk, RolloutAsk)


def flag(conn: Connections, asks: Sequence[FlagAsk]) -> Iterable[Answer]:
    """Read each flag by its key; a flag or environment that does not exist is gone, not off."""
    return ask_all(conn, asks, lambda rest: partial(_answer, rest))


def read_flag(rest: Rest, ask: FlagNamed) -> Json:
    """The flag as answered, cut to the asked environment; Gone when either is unknown."""
    check_keys(ask)
    body = _listed(rest, ask) or rest.shared(
        f"/api/v2/flags/{ask.project}/{ask.flag}", named(ask), {"env": ask.environment}
    )
    if body.get("key") != ask.flag:
        raise Malformed(f"LaunchDarkly, asked for {named(ask)}, answered with another flag", status=200)
    environments = object_at(body, "environments", named(ask))
    if ask.environment not in environments:
        raise Gone(f"LaunchDarkly knows flag {ask.flag} but no environment {ask.environment} of it", status=200)
    return {**body, "environments": {ask.environment: environments[ask.environment]}}


def _listed(rest: Rest, ask: FlagNamed) -> Json | None:
    """The flag from a list, None where none shows it; raises the failure of the list that should have."""
    held = rest.listed.get(place_of(ask))
    if held and held.failure:
        raise held.failure
    return held.body if held else None


def _answer(rest: Rest, ask: FlagAsk) -> Answer:
    return answer_of(rest, ask, facts_of)


def answer_of(rest: Rest, ask: OfFlag, facts: Callable[[Json, OfFlag], Facts]) -> Answer:
    """The flag that `ask` names, sealed under `/flag`, with what `facts` makes of it."""
    mark, redactor = len(rest.log.calls), rest.redactor()
    body = redactor.object(read_flag(rest, ask))
    calls = rest.calls_for(ask, mark)
    return sealed(
        ask, rest.source, rest.collected(calls), facts(body, ask), {"flag": body}, calls=calls,
        link=page_of(rest.source, ask), redacted=redactor.removed,
    )  # fmt: skip


def facts_of(body: Json, ask: FlagNamed) -> FlagFacts:
    """The typed facts of a redacted flag that stands under `/flag`; Malformed when one that matters is missing."""
    held = object_at(body["environments"], ask.environment, named(ask))
    at = ("flag", "environments", ask.environment)
    changed = instant(held, "lastModified", named(ask))
    return FlagFacts(
        flag=Resource(value=ask.flag, pointer="/flag/key"),
        environment=Resource(value=ask.environment, pointer=pointer(*at)),
        on=State(value=on_off(true_or_false(held, "on", named(ask))), pointer=pointer(*at, "on")),
        off_value=served(body, held.get("offVariation")),
        on_value=served(body, _fallthrough(held)),
        lifecycle=lifecycle_of(body, held, ask),
        last_modified=Time(value=changed, pointer=pointer(*at, "lastModified"), at=changed),
        version=Number(value=whole(held, "version", named(ask)), pointer=pointer(*at, "version")),
    )


def _fallthrough(held: Json) -> JsonValue:
    """The index that everyone gets when on; None for a rollout, which has no single value."""
    rule = held.get("fallthrough")
    return rule.get("variation") if isinstance(rule, dict) and rule.get("rollout") is None else None


def served(body: Json, index: JsonValue) -> State | None:
    """The value of one variation as JSON text; None when the index leads nowhere."""
    variations = body.get("variations")
    if not isinstance(index, int) or isinstance(index, bool) or not isinstance(variations, list):
        return None
    if not 0 <= index < len(variations):
        return None
    variation = variations[index]
    if not isinstance(variation, dict) or "value" not in variation:
        return None
    return State(value=json_text(variation["value"]), pointer=pointer("flag", "variations", index, "value"))


def lifecycle_of(body: Json, held: Json, ask: FlagNamed) -> State:
    if true_or_false(body, "archived", named(ask)):
        return State(value="archived", pointer="/flag/archived")
    if _told(held, "archived", ask):
        at = pointer("flag", "environments", ask.environment, "archived")
        return State(value="archived", pointer=at)
    if _told(body, "deprecated", ask):
        return State(value="deprecated", pointer="/flag/deprecated")
    return State(value="live", pointer="/flag/archived")


def _told(body: Json, name: str, ask: FlagNamed) -> bool:
    """A flag that may be left out and then is not raised; Malformed for anything else than true or false."""
    return body.get(name) is not None and true_or_false(body, name, named(ask))
