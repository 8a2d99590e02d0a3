"""All sources of the put-right world on loopback, once for this folder; every test begins without faults."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.connections import (
    AwsAccess,
    Connections,
    DatadogAccess,
    GitHubAccess,
    LangSmithAccess,
    LaunchDarklyAccess,
    OktaAccess,
    PagerDutyAccess,
    SlackAccess,
)
from collectors.rate import Limits
from collectors.sandbox.start import Sandbox, start
from collectors.sandbox.world import load_world
from tests.collectors.failures import LONG

WORLD = Path(__file__).parents[2] / "config" / "worlds" / "put-right"


@pytest.fixture(scope="package")
def running() -> Iterator[Sandbox]:
    with start(load_world(WORLD)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    for proxy in running.faults.values():
        proxy.set()
        proxy.seen.clear()
    return running


@pytest.fixture
def conn(sandbox: Sandbox) -> Connections:
    keys, urls = sandbox.world.credentials, sandbox.urls
    return Connections(
        lambda: sandbox.world.clock, limits=Limits(()), timeout=LONG, documents=WORLD / "overlay" / "documents",
        pagerduty=PagerDutyAccess(keys.pagerduty_token, urls["pagerduty"]),
        launchdarkly=LaunchDarklyAccess(keys.launchdarkly_token, urls["launchdarkly"]),
        datadog=DatadogAccess(keys.datadog_api_key, keys.datadog_app_key, urls["datadog"]),
        aws=AwsAccess(keys.aws_access_key, keys.aws_secret_key, endpoint_url=urls["aws"]),
        langsmith=LangSmithAccess(keys.langsmith_api_key, urls["langsmith"]),
        github=GitHubAccess(keys.github_token, urls["github"]),
        slack=SlackAccess(keys.slack_token, urls["slack"]), okta=OktaAccess(keys.okta_token, urls["okta"]),
    )  # fmt: skip
