"""What an id token must say before anybody is logged in. Everything else is refused with a sentence."""

from __future__ import annotations

from datetime import datetime

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwk import KeySet
from pydantic import JsonValue

from agent.errors import Refused
from collectors.evidence import Model

# Only what a provider signs with a private key: `none` proves nothing, HS… is made with a secret that we hold as well.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
LEEWAY = 60  # seconds by which the provider's clock and ours may differ
LONGEST = 4_000  # characters of a claim that we keep


class Said(Model):
    """What a token that holds says of who it is. `email` only where it is verified; `roles` None: not asked for."""

    subject: str
    email: str
    roles: tuple[str, ...] | None


class Expected(Model):
    """`now`: the machine's own time, for a token's times are the provider's, whatever a sandbox's clock says."""

    issuer: str
    client_id: str
    nonce: str
    roles_claim: str
    now: datetime


def said(token: str, keys: JsonValue, access_token: str, wanted: Expected) -> Said:
    """Checks signature, issuer, audience, times and nonce. Refused says which of them does not hold."""
    decoded = _decoded(token, keys, wanted.issuer)
    options = {"iss": {"essential": True, "value": wanted.issuer}, "sub": {"essential": True}}
    params = {"client_id": wanted.client_id, "nonce": wanted.nonce, "access_token": access_token}
    claims = CodeIDToken(decoded.claims, decoded.header, options, params)
    _for_us(claims, wanted)
    try:
        claims.validate(now=int(wanted.now.timestamp()), leeway=LEEWAY)
    except ExpiredTokenError as error:
        raise Refused("the token of this login has expired; log in again") from error
    except (InvalidClaimError, MissingClaimError) as error:
        raise Refused(f"the token of this login does not hold: {_wrong(error)}; log in again") from error
    except (JoseError, TypeError, ValueError) as error:
        raise Refused("the token of this login does not hold: it is not in the form of one; log in again") from error
    return _said(claims, wanted)


def _decoded(token: str, keys: JsonValue, issuer: str) -> jwt.Token:
    try:
        rows = keys["keys"] if isinstance(keys, dict) else []
        public = [k for k in rows if isinstance(k, dict) and k.get("kty") in ("RSA", "EC", "OKP")]  # type: ignore[union-attr]
        return jwt.decode(token, KeySet.import_key_set({"keys": public}), algorithms=ALGORITHMS)  # type: ignore[typeddict-item]
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Refused(f"the token of this login is not signed by {issuer}; log in again") from error


def _for_us(claims: CodeIDToken, wanted: Expected) -> None:
    """Made for this page and for nobody else: with several audiences, any of them could have been handed it."""
    audience = claims.get("aud")
    told = [audience] if isinstance(audience, str) else audience
    if told != [wanted.client_id]:
        raise Refused("the token of this login was made for somebody else, not for this page; log in again")


WRONG = {
    "nonce": "it belongs to another login (nonce)", "iss": "it is from another provider (iss)",
    "sub": "it does not say who it is (sub)", "exp": "it does not say how long it holds (exp)",
    "iat": "when it was made has not come yet, or is not said (iat)", "nbf": "it does not hold yet (nbf)",
    "azp": "it was made for somebody else (azp)", "at_hash": "it belongs to another answer (at_hash)",
}  # fmt: skip


def _wrong(error: InvalidClaimError | MissingClaimError) -> str:
    claim = str(error.claim)
    return WRONG.get(claim, f"what it says under {claim[:20]!r}")


def _said(claims: CodeIDToken, wanted: Expected) -> Said:
    subject, email = claims.get("sub"), claims.get("email", "")
    if not isinstance(subject, str) or not subject.strip() or len(subject) > 255:
        raise Refused("the token of this login does not hold: it does not say who it is (sub)")
    verified = claims.get("email_verified") is True and isinstance(email, str) and len(email) <= LONGEST
    return Said(subject=subject, email=email if verified else "", roles=_roles(claims, wanted.roles_claim))


def _roles(claims: CodeIDToken, name: str) -> tuple[str, ...] | None:
    """The roles under a claim, a list or one word; none where it is not there. None: roles are people.yaml's."""
    if not name:
        return None
    told = claims.get(name, [])
    found = [told] if isinstance(told, str) else told if isinstance(told, list) else []
    return tuple(one for one in found if isinstance(one, str))
