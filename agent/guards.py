"""The card's rows about what guards a subject: its money, data, code, rollout and callers.

Each list has one row with the source `attestation` where the card says nothing: then no system is named, and the item
rests on a person's word. A row that names a system is asked there, and nobody's word stands in for it.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from agent import periods
from collectors.evidence import Model


def _span(text: str) -> str:
    periods.length(text)
    return text


AwsAccount = Annotated[str, Field(pattern=r"^\d{12}$")]


class Budget(Model):
    """What may be spent. `owner` is the AWS account (in quotes) of a budget that is not in our credentials' account."""

    source: Literal["aws.budget", "attestation"]
    name: str | None = None
    owner: AwsAccount | None = None


class Pipeline(Model):
    """What runs by itself over each change. `proves`: that it is tested, that its parts work together, or deployed.

    `ref` is the branch or tag that is launched; without it the repository's default branch is meant.
    """

    id: str = ""
    source: Literal["github.workflow_runs", "attestation"]
    proves: Literal["tests", "integration", "deployment"] | None = None
    repository: str | None = None
    workflow: str | None = None
    ref: str | None = None

    @model_validator(mode="after")
    def _says_what_it_proves(self) -> Self:
        """Without it no item would ask the workflow that is named, and a person's word would count alone."""
        if self.source != "attestation" and self.proves is None:
            raise ValueError("say what the workflow proves: tests, integration or deployment")
        return self


class Store(Model):
    """Where the subject's data lies. `kms`: by a key of one's own rather than S3's. `owner` as for a budget."""

    id: str = ""
    source: Literal["s3.encryption", "attestation"]
    bucket: str | None = None
    owner: AwsAccount | None = None
    kms: bool = False


class Answering(Model):
    """Who is called for it answers: every incident of high urgency of the last ninety days, within this time."""

    id: str = ""
    source: Literal["pagerduty.responses", "attestation"]
    service: str | None = None
    within: Annotated[str, AfterValidator(_span)] | None = None


class Backup(Model):
    """What is kept and backed up. `every`: how old the newest backup may be; `restored_within`: the newest restore."""

    id: str = ""
    source: Literal["aws.backups", "attestation"]
    resource: str | None = None
    every: Annotated[str, AfterValidator(_span)] | None = None
    restored_within: Annotated[str, AfterValidator(_span)] | None = None


class Scans(Model):
    """What is scanned for vulnerabilities, and `every` how long."""

    id: str = ""
    source: Literal["github.vulnerabilities", "attestation"]
    repository: str | None = None
    every: Annotated[str, AfterValidator(_span)] | None = None


class Synthetic(Model):
    """Datadog's API test that asks the endpoint, by its public id. `locations`: from how many at least it has to."""

    id: str = ""
    source: Literal["datadog.synthetics", "attestation"]
    test: str | None = None
    locations: Annotated[int, Field(ge=1)] = 1


class Rollout(Model):
    """The flag that gives the new version to its users: `value` is the JSON text of the new one (default true).

    `at_most`: to how many percent of them at first.
    """

    id: str = ""
    source: Literal["launchdarkly.rollout", "attestation"]
    project: str | None = None
    environment: str | None = None
    flag: str | None = None
    value: str = "true"
    at_most: Annotated[float, Field(gt=0, le=50)] | None = None


class Trail(Model):
    """Where what is done in the account is written down: a trail of CloudTrail, by its name or ARN."""

    id: str = ""
    source: Literal["aws.trail", "attestation"]
    name: str | None = None


class Branch(Model):
    """The branch that is launched from. `reviews`: how many people have to approve each change."""

    id: str = ""
    source: Literal["github.branch_rules", "attestation"]
    repository: str | None = None
    branch: str | None = None
    reviews: Annotated[int, Field(ge=1)] = 1
