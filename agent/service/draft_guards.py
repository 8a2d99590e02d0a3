"""What a draft says of the lists that more gates read: each with its shape, and what looks like the subject's. Pure.

Comments only: a row that names a system is asked there and nobody's word stands in for it, so that none is put on a
card unseen. Without them these items rest on a person's word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agent.service.guesses import Listings


@dataclass(frozen=True)
class Kind:
    """`shape` holds {} for what is found at `vendor` under `kind`, else for OTHER."""

    shape: str
    vendor: str = ""
    kind: str = ""
    other: str = "NAME"


KINDS = (
    Kind("stores: [{{id: data, source: s3.encryption, bucket: {}}}]", "aws", "bucket"),
    Kind(
        "backups: [{{id: data, source: aws.backups, resource: {}, every: 25 hours, restored_within: 90 days}}]",
        other='"arn:aws:…"',
    ),
    Kind("budgets: [{{source: aws.budget, name: {}}}]"),
    Kind("trails: [{{id: account, source: aws.trail, name: {}}}]"),
    Kind(
        "pipelines: [{{id: tests, source: github.workflow_runs, proves: tests, repository: {}, workflow: tests.yml}}]",
        "github", "repository", "OWNER/NAME",
    ),
    Kind("branches: [{{id: main, source: github.branch_rules, repository: {}, branch: main}}]",
         "github", "repository", "OWNER/NAME"),
    Kind("scans: [{{id: code, source: github.vulnerabilities, repository: {}, every: 7 days}}]",
         "github", "repository", "OWNER/NAME"),
    Kind("answering: [{{id: calls, source: pagerduty.responses, service: {}, within: 15 minutes}}]",
         "pagerduty", "service", "PABC123"),
    Kind("synthetics: [{{id: endpoint, source: datadog.synthetics, test: {}, locations: 2}}]", other="abc-123-xyz"),
    Kind("rollouts: [{{id: first, source: launchdarkly.rollout, project: P, environment: E, flag: {}, at_most: 10}}]",
         "launchdarkly", "flag"),
)  # fmt: skip


def notes(found: Listings) -> Iterator[str]:
    """The comments, one line each."""
    yield "asked by other gates; a list that is left out rests on a person's word:"
    for one in KINDS:
        ranked = found.ranked(one.vendor, one.kind) if one.vendor else []
        yield one.shape.format(ranked[0].id if ranked else one.other)
