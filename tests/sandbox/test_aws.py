"""The stand-in for AWS, asked by the vendor's own client: what it says is what AWS would say."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED, xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from collectors.sandbox.aws import Aws
from collectors.sandbox.server import serve
from collectors.sandbox.world import World, load_world
from tests import plain_yaml

REPO = Path(__file__).parents[2]
ODD = REPO / "tests" / "collectors" / "aws" / "estate"
EXAMPLES = REPO.parent / "shared" / "contracts" / "examples" / "aws"
Client = Callable[..., Any]


@contextmanager
def clients(world: World) -> Iterator[Client]:
    """Gives boto3 clients of a service; they are closed at the end."""
    stand_in = Aws(world)
    running = serve(stand_in)
    made = []

    def client(service: str, key: str = "", secret: str = "", **config: Any) -> Any:
        keys = world.credentials
        session = boto3.Session(key or keys.aws_access_key, secret or keys.aws_secret_key, region_name="us-east-1")
        once = Config(retries={"total_max_attempts": 1}, **config)
        made.append(session.client(service, endpoint_url=running.url, config=once))
        return made[-1]

    yield client
    for one in made:
        one.close()
    running.close()
    stand_in.close()


@pytest.fixture(scope="module")
def odd() -> Iterator[Client]:
    with clients(load_world(ODD)) as client:
        yield client


def failure(client: Any, operation: str, **params: Any) -> tuple[int, str]:
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**params)
    answer = caught.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


OF_BUDGET = {"AccountId": "123456789012", "BudgetName": "spent-early"}
ALERT = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}
ODD_TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/odd"
ASKS = [
    ("s3", "GetBucketLifecycleConfiguration", {"Bucket": "marked"}),
    ("s3", "GetBucketVersioning", {"Bucket": "marked"}),
    ("s3", "GetObjectLockConfiguration", {"Bucket": "marked"}),
    ("s3", "GetBucketReplication", {"Bucket": "copied"}),
    ("s3", "GetBucketEncryption", {"Bucket": "marked"}),
    ("s3", "GetBucketPolicy", {"Bucket": "marked"}),
    ("s3", "GetPublicAccessBlock", {"Bucket": "marked"}),
    ("secretsmanager", "DescribeSecret", {"SecretId": "overdue"}),
    ("secretsmanager", "ListSecretVersionIds", {"SecretId": "overdue"}),
    ("iam", "GetUser", {"UserName": "robot"}),
    ("iam", "ListAccessKeys", {"UserName": "robot"}),
    ("iam", "GetAccessKeyLastUsed", {"AccessKeyId": "AKIASANDBOXROBOT0001"}),
    ("sts", "GetCallerIdentity", {}),
    ("backup", "ListRecoveryPointsByResource", {"ResourceArn": ODD_TABLE}),
    ("backup", "ListRestoreJobsByProtectedResource", {"ResourceArn": ODD_TABLE}),
    ("cloudtrail", "GetTrail", {"Name": "fine"}),
    ("cloudtrail", "GetTrailStatus", {"Name": "silent"}),
    ("cloudtrail", "GetEventSelectors", {"TrailName": "fine"}),
    ("budgets", "DescribeBudget", OF_BUDGET),
    ("budgets", "DescribeNotificationsForBudget", OF_BUDGET),
    ("budgets", "DescribeSubscribersForNotification", OF_BUDGET | {"Notification": ALERT}),
    ("cloudtrail", "LookupEvents", {}),
]


@pytest.mark.parametrize(("service", "operation", "params"), ASKS)
def test_every_answer_fits_the_vendors_own_model(
    odd: Client, service: str, operation: str, params: dict[str, Any]
) -> None:
    client = odd(service)
    answer = getattr(client, xform_name(operation))(**params)
    answer.pop("ResponseMetadata")
    shape = client.meta.service_model.operation_model(operation).output_shape
    assert answer
    assert not ParamValidator().validate(answer, shape).has_errors()


@pytest.mark.parametrize(
    ("service", "operation", "params", "bad_key", "bad_secret"),
    [
        ("s3", "get_bucket_versioning", {"Bucket": "plain"}, (403, "InvalidAccessKeyId"),
         (403, "SignatureDoesNotMatch")),
        ("secretsmanager", "describe_secret", {"SecretId": "long"},
         (400, "UnrecognizedClientException"), (400, "InvalidSignatureException")),
        ("backup", "list_recovery_points_by_resource", {"ResourceArn": ODD_TABLE},
         (403, "UnrecognizedClientException"), (403, "InvalidSignatureException")),
        ("cloudtrail", "lookup_events", {}, (400, "UnrecognizedClientException"), (400, "InvalidSignatureException")),
        ("iam", "get_user", {"UserName": "robot"}, (403, "InvalidClientTokenId"), (403, "SignatureDoesNotMatch")),
        ("sts", "get_caller_identity", {}, (403, "InvalidClientTokenId"), (403, "SignatureDoesNotMatch")),
    ],
)  # fmt: skip
def test_a_wrong_credential_gets_the_error_that_the_service_gives(
    odd: Client, service: str, operation: str, params: dict[str, Any], bad_key: object, bad_secret: object
) -> None:
    assert failure(odd(service, key="AKIAWRONG"), operation, **params) == bad_key
    assert failure(odd(service, secret="wrong"), operation, **params) == bad_secret


def test_a_request_that_is_not_signed_is_refused(odd: Client) -> None:
    assert failure(odd("s3", signature_version=UNSIGNED), "get_bucket_versioning", Bucket="plain")[0] == 403


def test_lifecycle_rules_keep_every_condition_they_were_given(odd: Client) -> None:
    rules = odd("s3").get_bucket_lifecycle_configuration(Bucket="marked")["Rules"]
    assert rules[1]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 5, "NewerNoncurrentVersions": 2}
    rules = odd("s3").get_bucket_lifecycle_configuration(Bucket="split")["Rules"]
    assert rules[1]["Filter"] == {"And": {"Prefix": "a/", "Tags": [{"Key": "tier", "Value": "low"}]}}


@pytest.mark.parametrize(
    ("operation", "bucket", "code"),
    [
        ("get_bucket_lifecycle_configuration", "bare", "NoSuchLifecycleConfiguration"),
        ("get_object_lock_configuration", "bare", "ObjectLockConfigurationNotFoundError"),
        ("get_bucket_lifecycle_configuration", "nowhere", "NoSuchBucket"),
        ("get_bucket_versioning", "nowhere", "NoSuchBucket"),
        ("get_object_lock_configuration", "nowhere", "NoSuchBucket"),
        ("get_bucket_encryption", "nowhere", "NoSuchBucket"),
        ("get_bucket_replication", "bare", "ReplicationConfigurationNotFoundError"),
    ],
)
def test_what_is_not_set_and_what_is_not_there_have_codes_of_their_own(
    odd: Client, operation: str, bucket: str, code: str
) -> None:
    assert failure(odd("s3"), operation, Bucket=bucket) == (404, code)


def test_a_bucket_that_somebody_else_owns_is_refused(odd: Client) -> None:
    s3 = odd("s3")
    assert s3.get_bucket_versioning(Bucket="marked", ExpectedBucketOwner="123456789012")["Status"] == "Enabled"
    for operation in ("get_bucket_versioning", "get_bucket_lifecycle_configuration", "get_bucket_encryption"):
        refused = failure(s3, operation, Bucket="marked", ExpectedBucketOwner="999999999999")
        assert refused == (403, "AccessDenied")


def test_secrets_have_the_worlds_dates_and_leave_out_what_is_not_set(odd: Client) -> None:
    plain, rotating = (odd("secretsmanager").describe_secret(SecretId=n) for n in ("touched-only", "overdue"))
    assert "RotationEnabled" not in plain
    assert rotating["NextRotationDate"].date().isoformat() == "2026-05-31"
    assert sorted(rotating["VersionIdsToStages"].values()) == [["AWSCURRENT"], ["AWSPREVIOUS"]]


def test_versions_without_a_label_are_listed_only_when_asked_for(odd: Client) -> None:
    secrets = odd("secretsmanager")
    labelled = secrets.list_secret_version_ids(SecretId="long")
    page = secrets.list_secret_version_ids(SecretId="long", IncludeDeprecated=True)
    assert [v["VersionId"].rpartition("-")[2] for v in labelled["Versions"]] == ["v229", "v228"]
    assert (len(page["Versions"]), "NextToken" in page, "NextToken" in labelled) == (100, True, False)


def test_an_unknown_secret_is_400_and_its_value_is_never_given(odd: Client) -> None:
    secrets = odd("secretsmanager")
    assert failure(secrets, "describe_secret", SecretId="nope") == (400, "ResourceNotFoundException")
    assert failure(secrets, "get_secret_value", SecretId="overdue") == (400, "AccessDeniedException")


def test_identities_are_found_by_name_and_missing_ones_are_not(odd: Client) -> None:
    iam = odd("iam")
    assert failure(iam, "get_role", RoleName="robot") == (404, "NoSuchEntity")
    assert failure(iam, "list_access_keys", UserName="nobody") == (404, "NoSuchEntity")
    assert len(iam.list_access_keys(UserName="robot", MaxItems=1)["AccessKeyMetadata"]) == 1
    pages = iam.get_paginator("list_access_keys").paginate(UserName="robot", PaginationConfig={"PageSize": 1})
    assert [k["Status"] for page in pages for k in page["AccessKeyMetadata"]] == ["Active", "Inactive"]


def test_a_key_that_was_never_used_says_so(odd: Client) -> None:
    used = odd("iam").get_access_key_last_used(AccessKeyId="AKIASANDBOXROBOT0002")["AccessKeyLastUsed"]
    assert used == {"ServiceName": "N/A", "Region": "N/A"}


def test_the_event_history_is_ninety_days_newest_first_in_pages_of_fifty(odd: Client) -> None:
    pages = list(odd("cloudtrail").get_paginator("lookup_events").paginate())
    events = [e for page in pages for e in page["Events"]]
    assert [len(page["Events"]) for page in pages] == [50, 10]
    assert events == sorted(events, key=lambda e: e["EventTime"], reverse=True)
    assert "e-old" not in {e["EventId"] for e in events}


def test_events_are_looked_up_by_one_attribute_and_a_window(odd: Client) -> None:
    trail = odd("cloudtrail")
    by_name = [{"AttributeKey": "EventName", "AttributeValue": "RotateSecret"}]
    found = trail.lookup_events(LookupAttributes=by_name, EndTime="2026-06-02T00:00:00Z")["Events"]
    assert {e["EventName"] for e in found} == {"RotateSecret"}
    assert len(found) == 5
    refused = failure(trail, "lookup_events", LookupAttributes=by_name * 2)
    assert refused == (400, "InvalidLookupAttributesException")


def test_worlds_follow_one_another_in_one_process_without_a_trace(tmp_path: Path) -> None:
    def bucket_names(names: list[str]) -> set[str]:
        (tmp_path / "world.yaml").write_text((ODD / "world.yaml").read_text())
        estate = {"account": "123456789012", "region": "us-east-1", "caller": "c", "buckets": {n: {} for n in names}}
        (tmp_path / "aws.yaml").write_text(plain_yaml.dump(estate))
        with clients(load_world(tmp_path)) as client:
            return {b["Name"] for b in client("s3").list_buckets()["Buckets"]}

    assert bucket_names(["one", "two"]) == {"one", "two"}
    assert bucket_names(["three"]) == {"three"}


def test_the_contracts_example_of_a_bucket_comes_back_as_it_is_written(tmp_path: Path) -> None:
    if not EXAMPLES.is_dir():
        pytest.skip(f"the vendors' examples are not here: {EXAMPLES}")
    lifecycle = json.loads((EXAMPLES / "s3.GetBucketLifecycleConfiguration.json").read_text())
    lock = json.loads((EXAMPLES / "s3.GetObjectLockConfiguration.json").read_text())
    default = lock["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    bucket = {"versioning": "Enabled", "lifecycle": lifecycle["Rules"],
              "lock": {"mode": default["Mode"], "days": default["Days"]}}  # fmt: skip
    estate = {"account": "123456789012", "region": "us-east-1", "caller": "c", "buckets": {"example": bucket}}
    (tmp_path / "world.yaml").write_text((ODD / "world.yaml").read_text())
    (tmp_path / "aws.yaml").write_text(plain_yaml.dump(estate))
    with clients(load_world(tmp_path)) as client:
        answers = (client("s3").get_bucket_lifecycle_configuration(Bucket="example"),
                   client("s3").get_object_lock_configuration(Bucket="example"))  # fmt: skip
    assert [{k: v for k, v in a.items() if k != "ResponseMetadata"} for a in answers] == [lifecycle, lock]
