"""An AWS profile that is pointed at another account is another asker: it gets nothing that was seen before."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from collectors.aws.check import check
from collectors.connections import AwsAccess, Connections, identities, identity
from collectors.sandbox.server import Asked, Reply, reply_json, serve
from tests.collectors.aws.aws_door import Door

STATIC = "[prod]\naws_access_key_id = {}\naws_secret_access_key = s\n"
ROLE = "[profile prod]\nrole_arn = arn:aws:iam::{}:role/reader\nsource_profile = {}\n"
SINGLE = (
    "[profile prod]\nsso_session = acme\nsso_account_id = {}\nsso_role_name = reader\n"
    "[sso-session acme]\nsso_start_url = https://{}.example\nsso_region = us-east-1\n"
)
PROGRAM = "[profile prod]\ncredential_process = {}\n"


@dataclass
class Lends:
    """A machine that lends its role to what runs on it."""

    lent: dict[str, str]

    def answer(self, asked: Asked) -> Reply:
        return reply_json(dict(self.lent))


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the SDK's own two files, both empty."""
    for name, variable in (("config", "AWS_CONFIG_FILE"), ("credentials", "AWS_SHARED_CREDENTIALS_FILE")):
        (tmp_path / name).write_text("")
        monkeypatch.setenv(variable, str(tmp_path / name))
    return tmp_path


def asked_as(door: Door, profile: str = "prod") -> set[str]:
    conn = Connections(clock=door.conn.clock, aws=AwsAccess(profile=profile))
    return {identity(conn, vendor) for vendor in ("aws", "s3", "cloudtrail")}


def test_another_key_behind_the_same_name_is_another_asker(odd: Door, files: Path) -> None:
    (files / "credentials").write_text(STATIC.format("AKIAONE"))
    before = asked_as(odd)
    assert asked_as(odd) == before
    (files / "credentials").write_text(STATIC.format("AKIAOTHER"))
    assert len(before) == 3
    assert not before & asked_as(odd)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (ROLE.format("111111111111", "base"), ROLE.format("222222222222", "base")),
        (ROLE.format("111111111111", "base"), ROLE.format("111111111111", "other")),
        (SINGLE.format("111111111111", "a"), SINGLE.format("222222222222", "a")),
        (SINGLE.format("111111111111", "a"), SINGLE.format("111111111111", "b")),
    ],
)
def test_another_role_account_or_sign_on_is_another_asker(odd: Door, files: Path, first: str, then: str) -> None:
    (files / "config").write_text(first)
    before = asked_as(odd)
    (files / "config").write_text(then)
    assert not before & asked_as(odd)


def test_what_the_profile_builds_on_counts_too_and_a_stranger_does_not(odd: Door, files: Path) -> None:
    (files / "config").write_text(ROLE.format("111111111111", "base"))
    (files / "credentials").write_text(STATIC.replace("prod", "base").format("AKIAONE"))
    before = asked_as(odd)
    (files / "credentials").write_text(STATIC.replace("prod", "base").format("AKIAONE") + STATIC.replace("prod", "b"))
    assert asked_as(odd) == before
    (files / "credentials").write_text(STATIC.replace("prod", "base").format("AKIAOTHER"))
    assert not before & asked_as(odd)


def test_of_a_program_the_key_that_it_gives_now_counts(odd: Door, files: Path) -> None:
    """The files stay as they are when the program turns to another account."""
    given = files / "given.json"
    (files / "config").write_text(PROGRAM.format(f"cat {given}"))
    given.write_text('{"Version": 1, "AccessKeyId": "AKIAONE", "SecretAccessKey": "s"}')
    before = asked_as(odd)
    assert asked_as(odd) == before
    given.write_text('{"Version": 1, "AccessKeyId": "AKIAOTHER", "SecretAccessKey": "s"}')
    assert not before & asked_as(odd)


@pytest.mark.parametrize(
    "config",
    ["no file of the SDK", *(PROGRAM.format(told) for told in ("false", "echo {}", "/nowhere/program", "echo [1]"))],
)
def test_where_nobody_knows_as_whom_nothing_is_shared(odd: Door, files: Path, config: str) -> None:
    (files / "config").write_text(config)
    assert asked_as(odd) == {""}


def test_a_program_that_is_gone_is_a_log_in_that_failed_and_no_crash(odd: Door, files: Path) -> None:
    (files / "config").write_text(PROGRAM.format("/nowhere/program"))
    found = check(Connections(clock=odd.conn.clock, aws=AwsAccess(profile="prod")))
    assert found.state == "refused"
    assert found.sentence == "aws sts was not asked: the AWS SDK could not log in (FileNotFoundError)"


def test_where_the_files_name_nobody_the_key_that_the_machine_lends_now_counts(
    odd: Door, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two machines of a fleet may have the same files and roles of their own."""
    (files / "config").write_text("[profile prod]\nregion = eu-west-1\n")
    seen = set[str]()
    for key in ("AKIAONE", "AKIAOTHER"):
        lent = {"AccessKeyId": key, "SecretAccessKey": "s", "Token": "t", "Expiration": "2100-01-01T00:00:00Z"}
        with closing(serve(Lends(lent))) as machine:
            monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{machine.url}/lent")
            seen |= asked_as(odd)
    assert len(seen) == 6


def test_a_profile_that_builds_on_itself_has_a_meaning(odd: Door, files: Path) -> None:
    (files / "config").write_text(ROLE.format("111111111111", "prod"))
    assert len(asked_as(odd)) == 3


def test_no_secret_and_no_key_stands_in_an_identity(odd: Door, files: Path) -> None:
    (files / "credentials").write_text(STATIC.format("AKIAONE"))
    assert all(len(one) == 64 and set(one) <= set("0123456789abcdef") for one in asked_as(odd))


def test_who_cannot_be_told_is_nobody_that_was_asked_before(odd: Door, files: Path) -> None:
    """What a killed review saw with such a profile is not gone on with; nobody asked is the same nobody."""
    conn = Connections(clock=odd.conn.clock, aws=AwsAccess(profile="not-there"))
    first, then = identities(conn, ("s3", "pagerduty")), identities(conn, ("s3", "pagerduty"))

    assert first["s3"] != then["s3"]
    assert first["pagerduty"] == then["pagerduty"] == ""
