"""`doctor` tries, on the very things that cards name, the permissions that no account-wide question shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from collectors.aws.facts import IamIdentityAsk, RetentionAsk, SecretRotationAsk
from collectors.connections import Connections, SourceCheck
from collectors.doctor import BY_THE_THING, check_all
from collectors.evidence import Request
from collectors.github.facts import FileAsk
from collectors.launchdarkly.facts import FlagAsk
from collectors.needs import needed
from collectors.sandbox.aws.wire import json_error, query_error, s3_error
from collectors.sandbox.faults import Fault
from collectors.sandbox.server import Asked, Reply
from collectors.sandbox.start import Sandbox
from collectors.tries import MOST
from tests.acceptance.between import between
from tests.collectors.asked import ARCHIVE, ASKS, BUCKET, ROLE, vendor_of
from tests.collectors.test_every_request import at_url

REFUSED = {"s3": s3_error, "secretsmanager": json_error, "iam": query_error}
HOW = {  # what gives an operation away
    "s3:GetBucketVersioning": "versioning", "s3:GetLifecycleConfiguration": "lifecycle",
    "s3:GetBucketObjectLockConfiguration": "object-lock", "s3:GetReplicationConfiguration": "replication",
    "secretsmanager:DescribeSecret": "secretsmanager.DescribeSecret",
    "secretsmanager:ListSecretVersionIds": "secretsmanager.ListSecretVersionIds",
    "iam:GetRole": "Action=GetRole&", "iam:GetUser": "Action=GetUser&", "iam:ListAccessKeys": "Action=ListAccessKeys&",
    "iam:GetAccessKeyLastUsed": "Action=GetAccessKeyLastUsed&",
}  # fmt: skip


def told(conn: Connections, vendor: str, *asks: Request) -> SourceCheck:
    """The row of the vendor's own credential, when nobody else is configured."""
    alone = replace(conn, **dict.fromkeys(("pagerduty", "datadog", "langsmith", "okta", "slack")))
    return next(one for one in check_all(alone, asks) if one.vendor == vendor)


def refusing(permission: str) -> Callable[[Asked, Callable[[], Reply]], Reply]:
    """AWS that refuses one operation as it refuses what a policy does not grant."""

    def change(asked: Asked, whole: Callable[[], Reply]) -> Reply:
        place = f"{asked.target} {asked.headers.get('x-amz-target', '')} {asked.body.decode()}&"
        if HOW[permission] in place:
            service = permission.split(":")[0]
            return REFUSED[service](403 if service != "secretsmanager" else 400, "AccessDenied", "no")
        return whole()

    return change


@pytest.mark.parametrize("type_", [type_ for type_ in ASKS if vendor_of(type_) in BY_THE_THING])
def test_whatever_a_request_needs_is_known_before_it_is_asked(conn: Connections, type_: str):
    """Nothing of these sources is "known when asked" any more, where the thing on the card is there."""
    found = told(conn, vendor_of(type_), ASKS[type_])

    idle = {one.permission for one in found.tried if one.state == "not needed"}
    wanted = {one for one in needed(type_, ASKS[type_].params()) if "SDK key" not in one}
    assert wanted <= {*found.held, *idle}
    assert not found.missing
    assert idle <= {"iam:GetUser", "iam:ListAccessKeys"}  # a role takes no permission on users


@pytest.mark.parametrize("permission", HOW)
def test_a_permission_of_awss_that_is_refused_is_missing_and_hides_no_other(
    conn: Connections, sandbox: Sandbox, permission: str
):
    asks = (ASKS["s3.retention"], ASKS["aws.secret_rotation"], ASKS["aws.iam"], ASKS["aws.iam_keys"])
    with between(sandbox.urls["aws"], refusing(permission)) as url:
        found = told(at_url(conn, "aws", url), "aws", *asks)

    assert found.missing == (permission,)
    others = set(HOW) - {permission}
    if permission == "iam:ListAccessKeys":  # which names the key of which IAM would be asked
        others -= {"iam:GetAccessKeyLastUsed"}
    assert others <= set(found.held)
    (said,) = {one.sentence for one in found.tried if one.state == "missing"}
    assert f"it needs {permission}" in said


def test_one_bucket_that_refuses_makes_the_permission_missing(conn: Connections, sandbox: Sandbox):
    """It is named; the other is held, and says so."""
    other = RetentionAsk(bucket="acme-scratch", prefix="x/")
    sandbox.faults["aws"].set(Fault(kind="status", status=403, path="/acme-scratch.*"))

    found = told(conn, "aws", ASKS["s3.retention"], other)

    states = {(one.about, one.state) for one in found.tried}
    assert states == {(f"bucket {BUCKET}", "held"), ("bucket acme-scratch", "missing")}
    assert "s3:GetBucketVersioning" in found.missing
    assert "s3:GetBucketVersioning" not in found.held


def test_a_thing_that_is_not_there_shows_nothing_of_the_permission(conn: Connections):
    found = told(
        conn, "aws", RetentionAsk(bucket="no-such-bucket", prefix="x/"), SecretRotationAsk(secret="no-such-secret")
    )

    assert {one.state for one in found.tried} == {"not seen"}
    assert set(found.held) == {"cloudtrail:LookupEvents"}
    assert not found.missing
    assert all("no-such" in one.sentence for one in found.tried)


def test_a_role_or_user_that_is_not_there_shows_that_one_may_look(conn: Connections):
    found = told(conn, "aws", IamIdentityAsk(name="nobody"))

    assert {"iam:GetRole", "iam:GetUser", "iam:ListAccessKeys"} <= set(found.held)


def test_no_more_than_a_few_things_of_a_kind_are_tried(conn: Connections):
    found = told(conn, "aws", *(SecretRotationAsk(secret=f"s{i}") for i in range(40)), IamIdentityAsk(name=ROLE))

    assert len({one.about for one in found.tried if one.about.startswith("secret")}) == MOST
    assert (f"role {ROLE}", "held") in {(one.about, one.state) for one in found.tried}


def test_a_source_that_no_longer_answers_is_asked_no_further(conn: Connections, sandbox: Sandbox):
    """Each of the others would only wait as long."""
    sandbox.faults["aws"].set(Fault(kind="hang", path=f"/{BUCKET}.*"))

    found = told(replace(conn, timeout=0.2), "aws", ASKS["s3.retention"], IamIdentityAsk(name=ARCHIVE))

    (one,) = found.tried
    assert (one.state, found.missing) == ("not seen", ())
    assert "did not answer in time" in one.sentence


def test_a_project_that_the_token_may_not_view_is_missing_though_others_are_listed(
    conn: Connections, sandbox: Sandbox
):  # fmt: skip
    """The list of projects alone would say that the permission is held."""
    sandbox.faults["launchdarkly"].set(Fault(kind="status", status=403, path="/api/v2/flags/agents/.*"))

    found = told(conn, "launchdarkly", ASKS["launchdarkly.flag"])

    assert (found.state, found.held, found.missing) == ("ok", (), ("viewProject",))


def test_a_project_that_is_not_there_is_not_held(conn: Connections):
    found = told(conn, "launchdarkly", FlagAsk(project="elsewhere", environment="production", flag="f"))

    assert (found.held, found.missing) == ((), ())


def test_a_repository_that_github_does_not_show_is_neither_held_nor_missing(conn: Connections, sandbox: Sandbox):
    """404 is a wrong name as well as a missing right; 403 is a right that is missing."""
    (hidden,) = told(conn, "github", FileAsk(path="acme/hidden/README.md")).tried
    assert (hidden.about, hidden.state) == ("acme/hidden", "not seen")
    assert "the token may not see it" in hidden.sentence

    sandbox.faults["github"].set(Fault(kind="status", status=403, path="/repos/.*"))
    assert told(conn, "github", ASKS["github.file"]).missing == ("Contents: read",)
