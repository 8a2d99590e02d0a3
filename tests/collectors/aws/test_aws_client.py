"""The one way to AWS: what it lets through, how it is told where to go, and what it says without credentials."""

import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.aws.check import check
from collectors.aws.client import ALLOWED, Account
from collectors.aws.cloudtrail import rotations
from collectors.aws.discover import discover
from collectors.aws.facts import IamIdentityAsk, IamKeysAsk, RetentionAsk, SecretRotationAsk, TrailRotationsAsk
from collectors.aws.identity import identity
from collectors.aws.keys import iam_keys
from collectors.aws.retention import retention
from collectors.aws.rotation import secret_rotation
from collectors.connections import AwsAccess, Connections
from collectors.evidence import Call, Gap, GapReason
from collectors.http import CallLog, NotAllowed
from collectors.registry import REQUESTS
from collectors.sandbox.faults import Fault
from tests.collectors.asked import ASKS
from tests.collectors.aws.aws_door import Door
from tests.collectors.aws.trail_estate import PILOT

POLICY = Path(__file__).parents[3] / "config" / "policies" / "aws.json"
ALL = (
    (retention, RetentionAsk(bucket="plain")),
    (secret_rotation, SecretRotationAsk(secret="overdue")),
    (identity, IamIdentityAsk(name="robot")),
    (iam_keys, IamKeysAsk(name="robot", window=PILOT)),
    (rotations, TrailRotationsAsk(secret="overdue", window=PILOT)),
)


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        ("s3", "GetObject", {"Bucket": "plain", "Key": "k"}),
        ("s3", "PutObject", {"Bucket": "plain", "Key": "k"}),
        ("s3", "ListObjectsV2", {"Bucket": "plain"}),
        ("secretsmanager", "GetSecretValue", {"SecretId": "overdue"}),
        ("secretsmanager", "PutSecretValue", {"SecretId": "overdue", "SecretString": "x"}),
        ("iam", "DeleteRole", {"RoleName": "robot"}),
        ("iam", "CreateAccessKey", {"UserName": "robot"}),
        ("cloudtrail", "DescribeTrails", {}),
    ],
)
def test_values_bodies_and_writes_are_refused_before_anything_leaves(
    odd: Door, service: str, operation: str, params: dict[str, str | int]
) -> None:
    assert odd.conn.aws is not None
    with closing(Account(odd.conn, odd.conn.aws, service)) as account, pytest.raises(NotAllowed, match=operation):
        account.call(CallLog("aws"), operation, params)
    assert odd.proxy.seen == []


def test_every_call_of_every_collector_is_on_the_allow_list_and_is_heard_as_it_happens(
    odd: Door, conn: Connections
) -> None:
    heard: list[Call] = []
    there = replace(odd.conn, observe=lambda vendor, call: heard.append(call))
    for collector, ask in ALL:
        collector(there, [ask])
    check(there)
    discover(there, "robot")
    assert len(heard) == len(odd.proxy.seen) == 27

    elsewhere = replace(conn, observe=lambda vendor, call: heard.append(call))
    for type_ in ("aws.budget", "aws.backups", "aws.trail", "s3.encryption"):
        REQUESTS[type_].collector()(elsewhere, [ASKS[type_]])
    assert {tuple(call.path.split(":")) for call in heard} == set(ALLOWED)


def test_the_policy_grants_exactly_what_the_allow_list_needs() -> None:
    statements = json.loads(POLICY.read_text())["Statement"]
    granted = {action for s in statements if s["Effect"] == "Allow" for action in s["Action"]}
    assert granted == {permission for permission in ALLOWED.values() if permission}


@pytest.mark.parametrize(("collector", "ask"), ALL)
def test_a_wrong_key_and_a_wrong_secret_are_denied(odd: Door, collector: object, ask: object) -> None:
    assert odd.conn.aws is not None
    for wrong in (replace(odd.conn.aws, access_key="AKIAWRONG"), replace(odd.conn.aws, secret_key="wrong")):
        (gap,) = collector(replace(odd.conn, aws=wrong), [ask])  # type: ignore[operator]
        assert isinstance(gap, Gap)
        assert gap.reason is GapReason.DENIED
        assert "not accepted" in gap.what


@pytest.mark.parametrize(("collector", "ask"), ALL)
@pytest.mark.parametrize("access", [None, AwsAccess(profile="no-such-profile"), AwsAccess(access_key="AKIAHALF")])
def test_without_usable_settings_every_ask_is_a_gap(
    odd: Door, collector: object, ask: object, access: AwsAccess | None
) -> None:
    answers = collector(replace(odd.conn, aws=access), [ask, ask])  # type: ignore[operator]
    assert [a.reason for a in answers] == [GapReason.NOT_CONFIGURED] * 2


def test_no_asks_are_no_answers(odd: Door) -> None:
    assert retention(odd.conn, []) == []


def test_two_credentials_are_two_sources(odd: Door) -> None:
    assert odd.conn.aws is not None
    other = replace(odd.conn, aws=replace(odd.conn.aws, access_key="AKIAOTHER"))
    (mine,), (theirs,) = (retention(c, [RetentionAsk(bucket="bare")]) for c in (odd.conn, other))
    assert mine.source.key() != theirs.source.key()


def test_awss_own_host_is_no_sandbox(odd: Door) -> None:
    access = AwsAccess(access_key="AKIAX", secret_key="x")
    with closing(Account(odd.conn, access, "s3")) as account:
        assert not account.source.sandbox
        assert account.source.base_url.endswith("amazonaws.com")


def test_an_endpoint_from_the_sdks_own_environment_is_named_as_the_source(
    odd: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert odd.conn.aws is not None
    monkeypatch.setenv("AWS_ENDPOINT_URL", odd.conn.aws.endpoint_url or "")
    (found,) = retention(replace(odd.conn, aws=replace(odd.conn.aws, endpoint_url=None)), [RetentionAsk(bucket="bare")])
    assert found.source.sandbox
    assert found.source.base_url == odd.conn.aws.endpoint_url


def test_the_check_says_as_whom_we_are_known(odd: Door) -> None:
    found = check(odd.conn)
    assert (found.state, found.account) == ("ok", "123456789012")
    assert "clearance-reader" in found.sentence
    assert (found.held, found.missing) == (("cloudtrail:LookupEvents",), ())


def test_the_check_says_how_far_back_the_event_history_goes(odd: Door) -> None:
    (spot,) = check(odd.conn).blind
    assert (spot.request, spot.since) == ("cloudtrail.rotations", odd.world.clock - timedelta(days=90))


NO_TRAIL = '{"__type": "AccessDeniedException"}'


@pytest.mark.parametrize(
    ("fault", "missing"),
    [(Fault(kind="status", status=400, body=NO_TRAIL, after=1), ("cloudtrail:LookupEvents",)),
     (Fault(kind="status", status=500, after=1), ())],
)  # fmt: skip
def test_a_history_that_is_not_ours_to_read_is_a_permission_missing_and_aws_answers(
    odd: Door, fault: Fault, missing: tuple[str, ...]
) -> None:
    """Permissions on a bucket, secret, role or user are neither held nor missing until that one is asked."""
    odd.proxy.set(fault)
    found = check(odd.conn)
    assert (found.state, found.held, found.missing) == ("ok", (), missing)


def test_the_check_hears_how_far_the_clocks_are_apart(odd: Door) -> None:
    assert check(odd.conn).clock_ahead_s is not None


def test_the_check_tells_refused_from_unreachable_from_not_configured(odd: Door) -> None:
    assert odd.conn.aws is not None
    wrong = replace(odd.conn, aws=replace(odd.conn.aws, secret_key="wrong"))
    assert check(wrong).state == "refused"
    assert check(replace(odd.conn, aws=None)).state == "not configured"
    odd.proxy.set(Fault(kind="hang"))
    assert check(replace(odd.conn, timeout=0.2)).state == "unreachable"


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_failure_that_may_pass_is_asked_three_times_in_all(odd: Door, status: int) -> None:
    """As every other vendor is; what botocore calls `max_attempts` would be four."""
    gap = odd.gap(identity, IamIdentityAsk(name="robot"), Fault(kind="status", status=status, body="<Error/>"))

    assert len(odd.proxy.seen) == 3
    assert gap.status == status


def test_an_element_that_stands_twice_is_malformed(odd: Door) -> None:
    """botocore hands on what it cannot read as text; it crashed the seal once."""
    twice = "<RoleName>robot</RoleName>" * 2
    body = f"<GetRoleResponse><GetRoleResult><Role>{twice}</Role></GetRoleResult></GetRoleResponse>"

    gap = odd.gap(identity, IamIdentityAsk(name="robot"), Fault(kind="status", status=200, body=body))

    assert gap.reason is GapReason.MALFORMED
    assert "something that no seal can hold" in gap.what


@pytest.mark.parametrize("status", [201, 202, 206])
def test_an_answer_that_is_no_200_is_no_answer(odd: Door, status: int) -> None:
    """206 says itself that it is a part."""
    role = "<RoleName>robot</RoleName><RoleId>AROA</RoleId><CreateDate>2026-05-01T00:00:00Z</CreateDate>"
    whole = f"<GetRoleResponse><GetRoleResult><Role>{role}</Role></GetRoleResult></GetRoleResponse>"

    gap = odd.gap(identity, IamIdentityAsk(name="robot"), Fault(kind="status", status=status, body=whole))

    assert (gap.reason, gap.status) == (GapReason.MALFORMED, status)
    assert f"answered {status}, which no whole answer does" in gap.what


@pytest.mark.parametrize("service", sorted({service for service, _ in ALLOWED}))
@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"])
def test_where_the_sdk_asks_by_itself_it_is_aws(service: str, region: str):
    with closing(Account(Connections(clock=now), AwsAccess("AKIA", "secret", region=region), service)) as account:
        assert not account.source.sandbox


@pytest.mark.parametrize(
    "address",
    [
        "https://a1b2.execute-api.us-east-1.amazonaws.com", "https://s3.a1b2.execute-api.us-east-1.amazonaws.com",
        "https://s3-1.us-east-1.elb.amazonaws.com", "https://ec2-1-2-3-4.compute-1.amazonaws.com",
        "https://vpce-1a2b.vpce-svc-3c4d.us-east-1.vpce.amazonaws.com", "http://127.0.0.1:1",
    ],
)  # fmt: skip
def test_below_amazonaws_com_not_every_host_is_aws(address: str):
    """Anybody can have a gateway or a machine there that answers as they like: what it says is of a stand-in."""
    access = AwsAccess("AKIA", "secret", endpoint_url=address)
    with closing(Account(Connections(clock=now), access, "s3")) as account:
        assert account.source.sandbox


def test_aws_reached_by_a_private_endpoint_is_aws():
    access = AwsAccess("AKIA", "secret", endpoint_url="https://bucket.vpce-1a2b-3c4d.s3.us-east-1.vpce.amazonaws.com")
    with closing(Account(Connections(clock=now), access, "s3")) as account:
        assert not account.source.sandbox


def now() -> datetime:
    return datetime(2026, 6, 12, tzinfo=UTC)
