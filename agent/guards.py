"""The card's rows about what guards a subject: its money, data, code, rollout and callers.

Each list has one row with the source `attestation` where the card says nothing: then no system is named, and the item
rests on a person's word. A row that names a system is asked there, and nobody's word stands in for it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from collectors.evidence import Model

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
