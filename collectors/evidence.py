"""What a question, an answer and a fact are. Imports nothing of ours; everything else builds on it."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, SerializeAsAny, model_validator


class Model(BaseModel):
    """Frozen and closed: an unknown key is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


_WRITER = json.JSONEncoder(  # what holds itself ends in a RecursionError all the same
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
)


def canonical(value: object) -> bytes:
    """The one way this package writes JSON that is digested: sorted keys, no spaces, UTF-8."""
    return _WRITER.encode(value).encode()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Window(Model):
    """A half-open span of time, `start` included and `end` not."""

    start: AwareDatetime
    end: AwareDatetime

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"the window ends ({self.end}) before it starts ({self.start})")
        return self

    def holds(self, instant: datetime) -> bool:
        return self.start <= instant < self.end


# --- facts -----------------------------------------------------------------------------------------------------------


class Origin(StrEnum):
    """Where a fact's value comes from; a model is not among them."""

    EVIDENCE = "evidence"  # `pointer` leads into the body of the evidence file `evidence`
    CARD = "card"  # `pointer` leads into the card
    GATE = "gate"  # `pointer` names the parameter in the gate
    CODE = "code"  # counted, compared or subtracted by our code from the other three


class FactBase(Model):
    pointer: str = Field("", description="JSON pointer into the redacted body (or the card); empty for Origin.CODE")
    evidence: str = Field("", description="digest of the evidence file; empty inside the file itself")
    origin: Origin = Origin.EVIDENCE
    at: AwareDatetime | None = Field(None, description="when the event itself happened, as the source says")


class Person(FactBase):
    """A human being. `id` is the vendor's id, or our own id (mike.chen) in attestations and cards."""

    kind: Literal["person"] = "person"
    value: str
    id: str


class Time(FactBase):
    kind: Literal["time"] = "time"
    value: AwareDatetime


class Day(FactBase):
    kind: Literal["day"] = "day"
    value: date


class Duration(FactBase):
    """`value` in seconds."""

    kind: Literal["duration"] = "duration"
    value: float


class Number(FactBase):
    """`value` in `unit`: percent, seconds, incidents, days, samples, … ("" when the source names none)."""

    kind: Literal["number"] = "number"
    value: float
    unit: str = ""


class State(FactBase):
    """One word of a closed set at the source: on, OK, Active, COMPLIANCE."""

    kind: Literal["state"] = "state"
    value: str = Field(max_length=80)


class Resource(FactBase):
    """The name or id of a thing at the source: a schedule, flag, bucket, monitor."""

    kind: Literal["resource"] = "resource"
    value: str = Field(max_length=200)


class Quote(FactBase):
    """Free text that somebody else wrote. Never fills a slot; code may place it, capped and marked."""

    kind: Literal["quote"] = "quote"
    value: str = Field(max_length=2000)


Fact = Annotated[Person | Time | Day | Duration | Number | State | Resource | Quote, Field(discriminator="kind")]


class Facts(Model):
    """Base of every collector's typed answer. Fields hold facts, tuples of small models of facts, or join keys."""


# --- questions -------------------------------------------------------------------------------------------------------


class Request(Model):
    """A typed, hashable question to one source. Subclasses set `type` ("pagerduty.on_call") and their parameters."""

    type: ClassVar[str]

    def params(self) -> dict[str, JsonValue]:
        return self.model_dump(mode="json")

    def key(self) -> str:
        """Digest of type and parameters: equal questions have equal keys."""
        return key_of(self.type, self.params())

    @property
    def vendor(self) -> str:
        return self.type.split(".")[0]


def key_of(type_: str, params: JsonValue) -> str:
    """The key of the question of that type with these parameters, as it gives them."""
    return sha256(canonical({"type": type_, "params": params}))


# --- answers ---------------------------------------------------------------------------------------------------------


class Source(Model):
    """Who was asked, as whom. `credential` is a short fingerprint, never the secret."""

    vendor: str
    base_url: str
    account: str = ""
    credential: str = ""
    sandbox: bool = Field(False, description="true when the host is not the vendor's own")

    def key(self) -> str:
        return sha256(canonical(self.model_dump(mode="json")))


class Call(Model):
    """One thing that was asked at the source. `query` and `body` are as sent, less secrets.

    `pages`: so many of them, each asked for where the one before ended. `query` is then the first one's, and
    `body_sha256` that of all their digests, one a line.
    """

    method: str
    path: str
    query: str = ""
    status: int
    body_sha256: str = ""
    pages: int = Field(1, ge=1, exclude_if=lambda pages: pages == 1)


class Completeness(Model):
    """How we know that it is all of it. A partial list never becomes evidence: it is a gap `truncated`."""

    pages: int = 1
    items: int = 0
    complete: bool = True
    note: str = ""


class Evidence(Model):
    """An answer, sealed. `facts` are read by probes; `body` (redacted) is what the facts point into."""

    format: Literal["clearance-evidence/1"] = "clearance-evidence/1"
    request_type: str
    params: dict[str, JsonValue]
    source: Source
    collected_at: AwareDatetime
    link: str = Field("", description="the vendor's page where a person can look")
    facts: SerializeAsAny[Facts]
    calls: tuple[Call, ...] = ()
    completeness: Completeness = Completeness()
    body: dict[str, JsonValue] = Field(description="answers by a short name, redacted; facts point into this")
    redacted: tuple[str, ...] = Field((), description="names of the fields that were removed or hashed")

    def to_bytes(self) -> bytes:
        # The body is JSON already: to have pydantic copy every value in it takes longer than to write it.
        return canonical(self.model_dump(mode="json", exclude={"body"}) | {"body": self.body})


class GapReason(StrEnum):
    """Why a request could not be answered. Every one of them blocks, `blind` alone may be stood in for."""

    DENIED = "denied"
    THROTTLED = "throttled"
    UNREACHABLE = "unreachable"
    GONE = "gone"
    MALFORMED = "malformed"
    TRUNCATED = "truncated"
    NOT_CONFIGURED = "not_configured"
    BLIND = "blind"


class Gap(Model):
    """A question without an answer: the reason, where it happened, and what to do next. Never empty evidence."""

    format: Literal["clearance-gap/1"] = "clearance-gap/1"
    request_type: str
    params: dict[str, JsonValue]
    source: Source
    at: AwareDatetime
    reason: GapReason
    what: str = Field(description="one sentence: what was asked and what came back, without secrets")
    next_step: str = Field(description="one sentence: what a person does about it")
    scope: str = Field("", description="the permission that is missing, where the source tells or the contract says")
    status: int | None = None
    incident: str = Field("", description="id to search for in our own log, for a crash of ours")
    calls: tuple[Call, ...] = ()

    def to_bytes(self) -> bytes:
        return canonical(self.model_dump(mode="json"))


Answer = Evidence | Gap


def pointed(facts: JsonValue, digest: str) -> JsonValue:
    """A dumped `facts` tree in which every fact of the source names the evidence file it points into."""
    if isinstance(facts, dict):
        if "kind" in facts and "pointer" in facts and facts.get("origin") == "evidence":
            return {**facts, "evidence": digest}
        return {k: pointed(v, digest) if isinstance(v, (dict, list)) else v for k, v in facts.items()}
    if isinstance(facts, list):
        return [pointed(v, digest) for v in facts]
    return facts


def resolve(body: JsonValue, pointer: str) -> JsonValue:
    """The value at an RFC 6901 JSON pointer; KeyError when there is none."""
    at: JsonValue = body
    for part in _parts(pointer):
        if isinstance(at, dict) and part in at:
            at = at[part]
        elif isinstance(at, list) and part.isdigit() and int(part) < len(at):
            at = at[int(part)]
        else:
            raise KeyError(pointer)
    return at


def _parts(pointer: str) -> list[str]:
    if pointer and not pointer.startswith("/"):
        raise KeyError(pointer)
    parts = pointer.split("/")[1:]
    return [p.replace("~1", "/").replace("~0", "~") for p in parts] if "~" in pointer else parts


def pointer(*parts: str | int) -> str:
    """A JSON pointer from its parts, escaped: pointer("oncalls", 0, "user") → "/oncalls/0/user"."""
    return _part(parts[0]) if len(parts) == 1 else "".join([_part(p) for p in parts])


@lru_cache(maxsize=4096, typed=True)  # the names of fields, and small numbers: the same few, over and over
def _part(part: str | int) -> str:
    return "/" + str(part).replace("~", "~0").replace("/", "~1")


def fingerprint(secret: str) -> str:
    """A short, one-way name for a credential, so that two credentials never share evidence."""
    return sha256(b"clearance-credential:" + secret.encode())[:12]
