"""Read-only upstream: every request of a whole assessment, as the sources received it, is on an allow-list."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

from collectors.aws.client import ALLOWED as AWS
from collectors.datadog.client import ALLOWED as DATADOG
from collectors.http import Allowed
from collectors.launchdarkly.client import ALLOWED as LAUNCHDARKLY
from collectors.pagerduty.client import ALLOWED as PAGERDUTY
from tests.acceptance.conftest import Desk

SDK = (Allowed("GET", "/all"), Allowed("GET", "/sdk/latest-all"))
HTTP = {"pagerduty": PAGERDUTY, "datadog": DATADOG, "launchdarkly": (*LAUNCHDARKLY, *SDK)}
S3 = {
    "lifecycle": "GetBucketLifecycleConfiguration",
    "versioning": "GetBucketVersioning",
    "object-lock": "GetObjectLockConfiguration",
    "replication": "GetBucketReplication",
}


def operation(asked: dict[str, object]) -> tuple[str, str]:
    """Service and operation of a request to AWS, from how it stood on the wire."""
    headers = {str(k).lower(): str(v) for k, v in dict(asked["headers"]).items()}  # type: ignore[call-overload]
    target, body = headers.get("x-amz-target", ""), str(asked.get("body", ""))
    if target:
        service, name = target.split(".")
        return service, name
    if "Action=" in body:
        service = re.search(r"/(\w+)/aws4_request", headers["authorization"])
        assert service
        return service[1], parse_qs(body)["Action"][0]
    (name,) = [S3[key] for key, _ in asked["query"] if key in S3]  # type: ignore[attr-defined,union-attr]
    return "s3", name


def test_every_request_of_an_assessment_is_on_the_allow_list(put_right: Desk):
    """The proxies in front of all sources record what really went out, the SDKs' own requests included."""
    before = {vendor: len(put_right.world.seen(vendor)) for vendor in (*HTTP, "aws")}

    put_right.assess()

    for vendor, allowed in HTTP.items():
        asked = put_right.world.seen(vendor)[before[vendor] :]
        assert asked, vendor
        for one in asked:
            assert any(rule.matches(str(one["method"]), str(one["path"])) for rule in allowed), one
    names = {name for _, name in AWS}
    aws = put_right.world.seen("aws")[before["aws"] :]
    assert aws
    assert {operation(one)[1] for one in aws} <= names
