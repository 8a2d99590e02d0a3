"""What `doctor` says of LaunchDarkly: does the token read, as whom, and does each SDK key open its environment?

The API tells no token its role, so the one permission there is, viewProject, is tried: it is held for the projects that
are listed. Which audit entries a role hides is told by nobody; the history of a flag finds that out by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal, NotRequired, TypedDict

from collectors.connections import Connections, LaunchDarklyAccess, SourceCheck
from collectors.errors import Denied, SourceError
from collectors.evidence import GapReason
from collectors.launchdarkly.client import SCOPE, VENDOR, Rest, rest_client, rest_source, secrets_of
from collectors.launchdarkly.evaluation import sdk_access
from collectors.launchdarkly.reading import Json
from collectors.launchdarkly.redaction import Redactor
from collectors.launchdarkly.sdk import fetch
from collectors.needs import sdk_key
from collectors.skew import DateHeard

VIEW, SHOWN = "viewProject", 20
Standing = Literal["ok", "refused", "unreachable", "not configured"]
STANDING: dict[GapReason, Standing] = {
    GapReason.DENIED: "refused",
    GapReason.GONE: "refused",
    GapReason.NOT_CONFIGURED: "not configured",
}


class Said(TypedDict):
    """A part of what is said of the token."""

    state: Standing
    sentence: str
    held: NotRequired[tuple[str, ...]]
    missing: NotRequired[tuple[str, ...]]


def check(conn: Connections) -> list[SourceCheck]:
    """The REST token first, then each SDK key; reads nothing but who we are and what an SDK starts with."""
    access = conn.launchdarkly
    if access is None:
        return [_not_configured()]
    tokens = [_rest(conn, access)] if access.token else [_not_configured()]
    return tokens + [_told(partial(_sdk, conn, env), env) for env in access.sdk_keys]


def _rest(conn: Connections, access: LaunchDarklyAccess) -> SourceCheck:
    heard = DateHeard(conn.clock)
    return _told(partial(_caller, conn, access, heard)).model_copy(update={"clock_ahead_s": heard.ahead})


def _not_configured() -> SourceCheck:
    sentence = "LAUNCHDARKLY_ACCESS_TOKEN is not set; the token needs the Reader role."
    return SourceCheck(vendor=VENDOR, state="not configured", account="", sentence=sentence)


def _told(ask: Callable[[], SourceCheck], account: str = "") -> SourceCheck:
    try:
        return ask()
    except SourceError as failure:
        state = STANDING.get(failure.reason, "unreachable")
        missing = (sdk_key(account),) if account and state == "refused" else ()
        sentence = f"{failure.what}. {failure.next_step}"
        return SourceCheck(vendor=VENDOR, state=state, account=account, sentence=sentence, missing=missing)


def _caller(conn: Connections, access: LaunchDarklyAccess, heard: DateHeard) -> SourceCheck:
    log = conn.log(VENDOR)
    with rest_client(access, log, conn.timeout, conn.way(VENDOR, rest_source(access).credential)) as http:
        heard.listen(http)
        rest = Rest(http, log, rest_source(access), conn.clock, secrets_of(access))
        body = Redactor(rest.secrets).object(rest.get("/api/v2/caller-identity", "who we are"))
        seen = _projects(rest)
    return SourceCheck(vendor=VENDOR, account=_text(body, "accountId"), **_seen(_sentence(body), seen))


def _projects(rest: Rest) -> tuple[str, ...] | Denied:
    """Keys of the first projects that the token may view, or how it was refused them."""
    try:
        items = rest.get("/api/v2/projects", "which projects the token may view", {"limit": SHOWN}).get("items")
    except Denied as failure:
        return failure
    rows = items if isinstance(items, list) else []
    return tuple(_text(row, "key") for row in rows if isinstance(row, dict))


def _seen(who: str, projects: tuple[str, ...] | Denied) -> Said:
    if isinstance(projects, Denied):
        sentence = f"{who} {projects.what}. {projects.next_step}"
        return {"state": "refused", "sentence": sentence, "missing": (VIEW,)}
    if not projects:
        return {"state": "refused", "sentence": f"{who} It may view no project; it needs {SCOPE}.", "missing": (VIEW,)}
    shown = ", ".join(projects) + (", …" if len(projects) == SHOWN else "")
    return {"state": "ok", "sentence": f"{who} It may view the projects {shown}.", "held": (VIEW,)}


def _sentence(body: Json) -> str:
    """The API names the token and its scopes, never its role: that it only reads must be seen at the vendor."""
    kind = "service token" if body.get("serviceToken") is True else "personal token"
    name = _text(body, "tokenName") or "without a name"
    held = body.get("scopes")
    scopes = ", ".join(str(scope)[:40] for scope in held) if isinstance(held, list) else ""
    told = f"Answers to {kind} `{name}`" + (f" with scopes {scopes}" if scopes else "")
    if any(word in scopes for word in ("write", "admin")):
        return f"{told}; it may write, which is more than needed: replace it by a token with the Reader role."
    return f"{told}; its role is not told: check at LaunchDarkly that it is Reader."


def _text(body: Json, name: str) -> str:
    held = body.get(name)
    return held[:80] if isinstance(held, str) else ""


def _sdk(conn: Connections, environment: str) -> SourceCheck:
    given = fetch(sdk_access(conn, environment), conn.log(VENDOR))
    whose = f"SDK key of {environment}" if environment != "*" else "key in LAUNCHDARKLY_SDK_KEY"
    sentence = f"The {whose} gives {len(given.flags)} flags; it opens nothing else and cannot write."
    held = (sdk_key(environment),)
    return SourceCheck(vendor=VENDOR, state="ok", account=environment, sentence=sentence, held=held)
