"""Starts every stand-in of a world, each behind its fault proxy, and says which settings point at them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from collectors.sandbox.aws import Aws
from collectors.sandbox.datadog import Datadog
from collectors.sandbox.faults import FaultProxy
from collectors.sandbox.github import GitHub
from collectors.sandbox.langsmith import LangSmith
from collectors.sandbox.launchdarkly import LaunchDarkly
from collectors.sandbox.okta import Okta
from collectors.sandbox.pagerduty import PagerDuty
from collectors.sandbox.server import Running, StandIn, serve
from collectors.sandbox.slack import Slack
from collectors.sandbox.world import World

STAND_INS: Mapping[str, Callable[[World], StandIn]] = {
    "pagerduty": PagerDuty, "launchdarkly": LaunchDarkly, "datadog": Datadog, "aws": Aws,
    "langsmith": LangSmith, "github": GitHub, "slack": Slack, "okta": Okta,
}  # fmt: skip


@dataclass(frozen=True)
class Sandbox:
    """A running world. `urls` and `faults` are by vendor."""

    world: World
    urls: Mapping[str, str]
    faults: Mapping[str, FaultProxy]
    running: tuple[Running, ...]
    stand_ins: tuple[StandIn, ...]

    def settings(self) -> dict[str, str]:
        """The environment that points Clearance at this sandbox."""
        keys, urls = self.world.credentials, self.urls
        return {
            "CLEARANCE_CLOCK": self.world.clock.isoformat(),
            "PAGERDUTY_API_KEY": keys.pagerduty_token,
            "CLEARANCE_PAGERDUTY_URL": urls["pagerduty"],
            "LAUNCHDARKLY_ACCESS_TOKEN": keys.launchdarkly_token,
            "LAUNCHDARKLY_SDK_KEY": next(iter(keys.launchdarkly_sdk_keys.values())),
            "CLEARANCE_LAUNCHDARKLY_URL": urls["launchdarkly"],
            "CLEARANCE_LAUNCHDARKLY_SDK_URL": urls["launchdarkly"],
            "DD_API_KEY": keys.datadog_api_key,
            "DD_APP_KEY": keys.datadog_app_key,
            "CLEARANCE_DATADOG_URL": urls["datadog"],
            "AWS_ACCESS_KEY_ID": keys.aws_access_key,
            "AWS_SECRET_ACCESS_KEY": keys.aws_secret_key,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": urls["aws"],
            "LANGSMITH_API_KEY": keys.langsmith_api_key,
            "CLEARANCE_LANGSMITH_URL": urls["langsmith"],
            "GITHUB_TOKEN": keys.github_token,
            "CLEARANCE_GITHUB_URL": urls["github"],
            "SLACK_BOT_TOKEN": keys.slack_token,
            "CLEARANCE_SLACK_URL": urls["slack"],
            "OKTA_TOKEN": keys.okta_token,
            "CLEARANCE_OKTA_URL": urls["okta"],
        }

    def close(self) -> None:
        for proxy in self.faults.values():
            proxy.set()
        for running in self.running:
            running.close()
        for stand_in in self.stand_ins:
            closing = getattr(stand_in, "close", None)
            if closing:
                closing()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def start(world: World) -> Sandbox:
    """Start all stand-ins of `world` on free loopback ports."""
    stand_ins: dict[str, StandIn] = {name: make(world) for name, make in STAND_INS.items()}
    running, urls, faults = [], {}, {}
    for name, stand_in in stand_ins.items():
        behind = serve(stand_in)
        faults[name] = FaultProxy(behind.url)
        front = serve(faults[name])
        running += [front, behind]
        urls[name] = front.url
    return Sandbox(world, urls, faults, tuple(running), tuple(stand_ins.values()))
