"""botocore's failures under our names. Branches on AWS's error code first: one status stands for many things."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore import exceptions as aws
from botocore.parsers import ResponseParserError

from collectors import errors
from collectors.http import NotAllowed

THROTTLING = frozenset(
    {"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
     "TooManyRequestsException", "RequestLimitExceeded", "LimitExceededException", "BandwidthLimitExceeded", "SlowDown"}
)  # fmt: skip
REFUSED = frozenset(  # the credential itself is not accepted, whatever it may do
    {"InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch",
     "InvalidSignatureException", "ExpiredToken", "ExpiredTokenException", "InvalidToken", "MissingAuthenticationToken",
     "IncompleteSignature", "RequestExpired", "RequestTimeTooSkewed", "AuthFailure", "OptInRequired"}
)  # fmt: skip
FORBIDDEN = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AllAccessDisabled"})
GONE = frozenset(
    {"NoSuchBucket", "NotFoundException", "TrailNotFoundException", "ResourceNotFoundException", "NoSuchEntity"}
)

_UNSET = (aws.NoCredentialsError, aws.PartialCredentialsError, aws.ProfileNotFound, aws.NoRegionError,
          aws.ConfigNotFound, aws.ConfigParseError)  # fmt: skip
_NO_LOGIN = (aws.CredentialRetrievalError, aws.SSOError, aws.TokenRetrievalError)
_UNREACHABLE = (aws.HTTPClientError, aws.ConnectionError, aws.IncompleteReadError, aws.MetadataRetrievalError)
_TRIPPED = (ResponseParserError, LookupError, ValueError, TypeError, AttributeError, RuntimeError, OverflowError)
_RENEW = "Renew the AWS credentials (or their profile), then check this item again."


def code_of(error: aws.ClientError) -> str:
    """AWS's own code, e.g. NoSuchBucket; the status as text where the answer had no readable error."""
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: aws.ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def is_throttled(status: int, parsed: Mapping[str, Any]) -> bool:
    """Too many calls: AWS says so under several statuses, by its code."""
    return status == 429 or parsed.get("Error", {}).get("Code") in THROTTLING


@dataclass
class Wire:
    """The last answer to one call as it came, before botocore looked at it. `status` 0 = none came."""

    status: int = 0
    body: bytes = b""


@contextmanager
def named_failures(what: str, wire: Wire, *, scope: str = "", absent: frozenset[str] = frozenset()) -> Iterator[None]:
    """Turn botocore's failures into ours. `what` names call and object, `scope` the permission that the call needs.

    `absent` holds the codes that mean "this does not exist" to the caller: they are raised as `Absent`.
    """
    try:
        yield
    except aws.ClientError as error:
        if code_of(error) in absent:
            raise Absent(code_of(error), status_of(error)) from error
        if wire.status < 300 and code_of(error).isdigit():  # botocore calls broken XML with a 200 a 500
            raise _unread(wire, what, scope) from error
        raise _answered(error, what, scope) from error
    except NotAllowed:  # a mistake of ours is never an answer of theirs
        raise
    except _TRIPPED as error:
        # on a page that is not AWS's, botocore's parsers trip over whatever they expected to find
        raise _unread(wire, what, scope) from error
    except aws.BotoCoreError as error:
        raise _unanswered(error, what) from error
    except OSError as error:  # a program or file that a profile names; botocore has names of its own for the network
        told = f"{what} was not asked: the AWS SDK could not log in ({type(error).__name__})"
        raise errors.Denied(told, advice=_RENEW) from error


class Absent(Exception):
    """AWS says that a thing which may be missing is missing. Always caught by the collector that named the code."""

    def __init__(self, code: str, status: int) -> None:
        super().__init__(code)
        self.code, self.status = code, status


def _answered(error: aws.ClientError, what: str, scope: str) -> errors.SourceError:
    code, status = code_of(error), status_of(error)
    told = f"{what} answered {status} {code}".removesuffix(f" {status}")
    if code in REFUSED:
        return errors.Denied(f"{told}: the credential is not accepted", status=status, advice=_RENEW)
    if code in FORBIDDEN:
        return errors.Denied(told + (f"; it needs {scope}" if scope else ""), scope=scope, status=status)
    if code in THROTTLING:
        return errors.Throttled(told, status=status)
    if code in GONE:
        return errors.Gone(told, status=status)
    if status < 400:
        return errors.Malformed(f"{told}: the object lives in another Region or behind another address", status=status)
    return errors.from_status(status, what, scope=scope)


def _unread(wire: Wire, what: str, scope: str) -> errors.SourceError:
    if wire.status >= 400:
        return errors.from_status(wire.status, what, scope=scope)
    return errors.Malformed(f"{what} answered {wire.status} with a body that does not parse", status=wire.status)


def _unanswered(error: aws.BotoCoreError, what: str) -> errors.SourceError:
    kind = type(error).__name__
    if isinstance(error, _UNSET):
        return errors.NotConfigured(f"{what} was not asked: the AWS SDK finds no usable settings ({kind})")
    if isinstance(error, _NO_LOGIN):
        return errors.Denied(f"{what} was not asked: the AWS SDK could not log in ({kind})", advice=_RENEW)
    if isinstance(error, (aws.ReadTimeoutError, aws.ConnectTimeoutError)):
        return errors.Unreachable(f"{what} did not answer in time")
    if isinstance(error, _UNREACHABLE):
        return errors.Unreachable(f"{what} could not be reached ({kind})")
    if isinstance(error, aws.ParamValidationError):
        return errors.Gone(f"{what} was not asked: the name is not one that AWS allows, so nothing bears it")
    return errors.Malformed(f"{what} failed inside the AWS SDK ({kind})")
