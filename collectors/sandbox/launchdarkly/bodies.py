"""The JSON that LaunchDarkly's REST API makes of a replayed world."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

from pydantic import JsonValue

from collectors.sandbox.launchdarkly.state import Entry, EnvironmentState, FlagState, LaunchDarklyWorld, millis

Json = dict[str, JsonValue]


def link(href: str, kind: str = "application/json") -> Json:
    return {"href": href, "type": kind}


def flag_body(state: FlagState, world: LaunchDarklyWorld, environments: tuple[str, ...]) -> Json:
    """One flag with its configuration in `environments`; those it does not have are left out."""
    flag, names = state.flag, world.projects[state.project].environments
    held: Json = {key: _environment(state, key, names[key]) for key in environments if key in state.environments}
    return {
        "name": state.name, "kind": _kind(state), "description": flag.description, "key": state.key,
        "_version": state.version, "creationDate": millis(flag.created), "includeInSnippet": False,
        "clientSideAvailability": {"usingMobileKey": False, "usingEnvironmentId": False},
        "variations": [
            {"_id": _id(state, str(index)), "value": variation.value, "name": variation.name}
            for index, variation in enumerate(flag.variations)
        ],
        "temporary": False, "tags": list(flag.tags),
        "_links": {
            "parent": link(f"/api/v2/flags/{state.project}"),
            "self": link(f"/api/v2/flags/{state.project}/{state.key}"),
        },
        "experiments": {"baselineIdx": 0, "items": []}, "customProperties": {},
        "archived": flag.archived, "deprecated": flag.deprecated, "environments": held,
    }  # fmt: skip


def summary(body: Json) -> Json:
    """A flag as lists show it: without prerequisites, targets and rules."""
    left = ("prerequisites", "targets", "contextTargets", "rules")
    held = body["environments"] if isinstance(body["environments"], dict) else {}
    kept = {key: {k: v for k, v in one.items() if k not in left} for key, one in held.items() if isinstance(one, dict)}
    return body | {"environments": {**kept}}


def _kind(state: FlagState) -> str:
    return "boolean" if {type(v.value) for v in state.flag.variations} == {bool} else "multivariate"


def _id(state: FlagState, part: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{state.project}/{state.key}/{part}"))


def _environment(state: FlagState, key: str, name: str) -> Json:
    held: EnvironmentState = state.environments[key]
    body: Json = {
        "on": held.on, "archived": False, "salt": _id(state, f"salt/{key}"), "sel": _id(state, f"sel/{key}"),
        "lastModified": millis(held.modified), "version": held.version, "targets": [], "contextTargets": [],
        "rules": [], "fallthrough": fallthrough(state), "prerequisites": [],
        "_site": link(f"/{state.project}/{key}/features/{state.key}", "text/html"), "_environmentName": name,
        "trackEvents": False, "trackEventsFallthrough": False,
    }  # fmt: skip
    return body if state.flag.off_variation is None else {**body, "offVariation": state.flag.off_variation}


def fallthrough(state: FlagState) -> Json:
    if not state.flag.rollout:
        return {"variation": state.flag.fallthrough}
    return {"rollout": {"variations": [{"variation": i, "weight": w} for i, w in enumerate(state.flag.rollout)]}}


# --- audit log -------------------------------------------------------------------------------------------------------


def resource(entry: Entry) -> str:
    event, tags = entry.event, ",".join(entry.after.flag.tags)
    return f"proj/{event.project}:env/{event.environment or '*'}:flag/{event.flag}" + (f";{tags}" if tags else "")


def listed(entry: Entry, world: LaunchDarklyWorld) -> Json:
    """An entry as lists hold it: without the versions."""
    event, name = entry.event, entry.after.name
    flag_link = link(f"/api/v2/flags/{event.project}/{event.flag}")
    site = link(f"/{event.project}/{event.environment or '~'}/features/{event.flag}", "text/html")
    return {
        "_links": {
            "canonical": flag_link, "parent": link("/api/v2/auditlog"), "self": link(f"/api/v2/auditlog/{entry.id}"),
            "site": site,
        },
        "_id": entry.id, "_accountId": world.account, "date": entry.millis, "kind": "flag", "name": name,
        "accesses": [{"action": action, "resource": resource(entry)} for action in _actions(entry)],
        "description": _description(entry), "shortDescription": "", "comment": event.comment,
        "titleVerb": _verb(entry), "title": f"{_who(entry, world)} {_verb(entry)} [{name}]",
        "target": {"_links": {"canonical": flag_link, "site": site}, "name": name, "resources": [resource(entry)]},
        **_actor(entry, world),
    }  # fmt: skip


def detailed(entry: Entry, world: LaunchDarklyWorld) -> Json:
    """An entry asked for by id: with the flag before and after in every environment."""
    everywhere = tuple(world.projects[entry.event.project].environments)
    return {
        **listed(entry, world),
        "previousVersion": flag_body(entry.before, world, everywhere),
        "currentVersion": flag_body(entry.after, world, everywhere),
        "delta": None,
    }


def _actions(entry: Entry) -> list[str]:
    event = entry.event
    return [*(["updateOn"] if event.turned else []), *([event.edit] if event.edit else []),
            *(["updateName"] if event.rename else [])]  # fmt: skip


def _description(entry: Entry) -> str:
    event = entry.event
    lines = [f"Turned the flag {event.turned}"] if event.turned else []
    lines += [event.text] if event.text else []
    lines += [f"Changed the name to {event.rename}"] if event.rename else []
    return "".join(f"* {line}\n" for line in lines)


def _verb(entry: Entry) -> str:
    event = entry.event
    return f"turned {event.turned} the flag" if event.turned and not event.edit else "updated the flag"


def _who(entry: Entry, world: LaunchDarklyWorld) -> str:
    member = world.members.get(entry.event.by or "")
    return f"[{member.first} {member.last}](mailto:{member.email})" if member else entry.event.token or "LaunchDarkly"


def _actor(entry: Entry, world: LaunchDarklyWorld) -> Json:
    event, actor = entry.event, Json()
    if event.by:
        member = world.members[event.by]
        actor["member"] = {
            "_links": {"parent": link("/api/v2/members"), "self": link(f"/api/v2/members/{event.by}")},
            "_id": event.by, "email": member.email, "firstName": member.first, "lastName": member.last,
        }  # fmt: skip
    if event.token:
        actor["token"] = {"name": event.token, "ending": "0a1b", "serviceToken": True}
    if event.app:
        actor["app"] = {"name": event.app, "isScim": False}
    return actor
