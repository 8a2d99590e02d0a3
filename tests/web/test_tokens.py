"""A provider's keys and answers that are not as they should be: refused in a sentence or passed over, and no crash."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from joserfc import jwt
from pydantic import JsonValue

from agent.errors import Refused
from agent.surfaces.web.oidc import tokens
from agent.surfaces.web.oidc.provider import Endpoints, Provider
from collectors.sandbox.server import Asked, Reply, serve
from tests.web.provider import OURS, THEIRS

NOW = int(time.time())
WANTED = tokens.Expected(issuer="i", client_id="c", nonce="n", roles_claim="", now=datetime.now(UTC))
TOKEN = jwt.encode(
    {"alg": "RS256", "kid": "one"},
    {"iss": "i", "sub": "mike", "aud": "c", "exp": NOW + 300, "iat": NOW, "nonce": "n"}, OURS,
)  # fmt: skip
GOOD = OURS.as_dict(private=False)
ODD: tuple[JsonValue, ...] = (
    {"kty": "OKP", "crv": "X999", "x": "AA", "kid": "new"}, {"kty": "AKP", "alg": "ML-DSA-44", "kid": "newer"},
    {"kty": "RSA", "n": 5, "kid": "broken"}, "no key at all",
)  # fmt: skip


def test_a_key_of_a_kind_that_we_do_not_know_keeps_nobody_out():
    """A provider may add such to its list at any time."""
    said = tokens.said(TOKEN, {"keys": [*ODD, GOOD]}, "", WANTED)

    assert said.subject == "mike"


@pytest.mark.parametrize("keys", [{"keys": [*ODD]}, {"keys": "none"}, [], {"keys": [THEIRS.as_dict(private=False)]}])
def test_without_the_key_that_signed_nobody_is_logged_in(keys: JsonValue):
    with pytest.raises(Refused, match="is not signed by i"):
        tokens.said(TOKEN, keys, "", WANTED)


@dataclass
class Answers:
    """A token endpoint that always says the same."""

    status: int
    body: bytes

    def answer(self, asked: Asked) -> Reply:
        return Reply(self.status, self.body, {"content-type": "application/json", "location": "/elsewhere"})


@pytest.fixture
def exchanged(request: pytest.FixtureRequest) -> Iterator[tuple[Provider, Endpoints]]:
    with closing(serve(Answers(*request.param))) as running:
        at = Endpoints(
            issuer=running.url, authorization_endpoint=running.url, token_endpoint=running.url, jwks_uri=running.url
        )
        yield Provider(running.url, "c", "s"), at


@pytest.mark.parametrize(
    "exchanged",
    [
        (302, b'{"id_token": "x"}'), (500, b'{"id_token": "x"}'), (200, b"[" * 100_000), (200, b"[]"), (200, b"5"),
        (200, b'{"expires_in": 1e999}'), (200, b'{"expires_in": "soon"}'),
    ],
    indirect=True,
)  # fmt: skip
def test_an_answer_to_a_code_that_is_none_is_refused_in_a_sentence(exchanged: tuple[Provider, Endpoints]):
    """What comes with a redirect is no answer either."""
    provider, at = exchanged

    with pytest.raises(Refused, match="its answer to the code is not one"):
        provider.exchange(at, "https://clearance.example/login/back", "code", "v" * 48)
