"""Okta's questions and typed answers; no client is imported here."""

from __future__ import annotations

from typing import ClassVar

from collectors.aws.facts import IamIdentityFacts
from collectors.evidence import Request, Time


class IdentityAsk(Request):
    """Does the subject's application exist at Okta, and is it active? `name` is its label to the letter, or its id."""

    type: ClassVar[str] = "okta.identity"
    name: str


class OktaIdentityFacts(IamIdentityFacts):
    """`kind` is "application"; `state`: "active", "inactive", or another word of Okta's in lower case.

    `keys` is empty: Okta gives an application's secrets only together with their values, which are never asked for.
    """

    created: Time
