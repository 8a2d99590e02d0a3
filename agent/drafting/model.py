"""The writing model behind one method, and the Messages API as one of them. The client is imported when it is used."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import urlsplit

from pydantic import BaseModel, JsonValue, ValidationError

from agent.drafting.clouds import Cloud, NotSignedIn
from agent.errors import ClearanceError
from collectors.evidence import Model as Frozen
from collectors.evidence import canonical, sha256
from collectors.way import Network

if TYPE_CHECKING:
    from anthropic import Anthropic, AnthropicBedrock, AnthropicVertex, APIStatusError
    from anthropic.types.message_create_params import MessageCreateParamsNonStreaming

TIMEOUT_SECONDS = 120.0
RETRIES = 3
LONGEST_ANSWER = 4_000_000


class ModelUnavailable(ClearanceError):
    """The model gave no answer; `sentence` says which endpoint, what came back and what to do, without secrets."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    @property
    def what(self) -> str:
        """The sentence without what it means for the draft."""
        return self.sentence.removesuffix(_LATER).strip()


class Prompt(Frozen):
    """`system` is the part that stays the same from call to call, `answer_schema` the JSON schema of the answer."""

    system: str
    user: str
    answer_schema: dict[str, JsonValue]
    max_tokens: int

    @property
    def digest(self) -> str:
        """Of all that the model is shown; how long it may answer is not a part of that."""
        return sha256(canonical(self.model_dump(mode="json", exclude={"max_tokens"})))


class Answer(Frozen):
    """What came back. Only `stop_reason` "end_turn" says that `text` is whole and meant as an answer.

    `input_tokens` are those paid in full. `via`: asked for directly, in a batch, or used again from an earlier review.
    """

    text: str
    stop_reason: str
    input_tokens: int
    output_tokens: int
    cache_write_tokens: int = 0
    cache_read_tokens: int = 0
    request_id: str = ""
    via: Literal["call", "batch", "reuse"] = "call"

    @property
    def whole(self) -> bool:
        """Did it come to its own end?"""
        return self.stop_reason == "end_turn"


class Model(Protocol):
    """Anything that answers a prompt; ModelUnavailable where it cannot."""

    @property
    def name(self) -> str: ...

    def write(self, prompt: Prompt) -> Answer: ...


@dataclass(frozen=True)
class AnthropicModel:
    """A model behind the Messages API. `base_url` empty = the vendor's own; `timeout` in seconds, each try."""

    api_key: str = field(repr=False)
    base_url: str | None
    model: str
    timeout: float = TIMEOUT_SECONDS
    retries: int = RETRIES
    network: Network = field(default_factory=Network)
    effort: str = ""
    cloud: Cloud | None = None

    @property
    def name(self) -> str:
        return self.model

    @property
    def where(self) -> str:
        """The model and the host it is asked at, for sentences."""
        return f"The model {self.model} at {_host(self.cloud.host if self.cloud else self.base_url)}"

    def write(self, prompt: Prompt) -> Answer:
        """One call, retried by the client on 429, 5xx and cut connections."""
        with named_failures(self), self.client() as client:
            body, request_id = self._create(client, prompt)
            return answer_of(body, request_id)

    def client(self) -> Anthropic | AnthropicBedrock | AnthropicVertex:
        """A client of the vendor's over this network. Close it (it is a context manager)."""
        import httpx2
        from anthropic import Anthropic, DefaultHttpxClient

        # A gateway may need no key; without one the client would look for other credentials of the machine.
        key, url, network = self.api_key or "not-set", self.base_url or None, self.network
        # Loading certificates takes a tenth of a second, and over plain http there is nothing to check them for.
        plain = (self.cloud.host if self.cloud else url or "").startswith("http://")
        verify = ssl.create_default_context(cafile=str(network.ca_bundle)) if network.ca_bundle else not plain
        # The proxy that is set counts, whatever the environment names; nothing is sent where a redirect points.
        if network.proxy:
            way = httpx2.HTTPTransport(verify=verify, proxy=network.proxy)
            http = DefaultHttpxClient(transport=way, follow_redirects=False)
        else:
            http = DefaultHttpxClient(verify=verify, follow_redirects=False)
        if self.cloud:
            return self.cloud.client(http, self.timeout, self.retries)
        return Anthropic(api_key=key, base_url=url, timeout=self.timeout, max_retries=self.retries, http_client=http)

    def parameters(self, prompt: Prompt) -> MessageCreateParamsNonStreaming:
        """What is asked, alike for a direct call and for one of a batch."""
        effort = {"effort": self.effort} if self.effort else {}
        return {
            "model": self.model,
            "max_tokens": prompt.max_tokens,
            "system": [{"type": "text", "text": prompt.system, "cache_control": {"type": "ephemeral"}}],
            "messages": [{"role": "user", "content": prompt.user}],
            "output_config": {"format": {"type": "json_schema", "schema": dict(prompt.answer_schema)}, **effort},  # type: ignore[typeddict-item]
        }

    def _create(self, client: Anthropic | AnthropicBedrock | AnthropicVertex, prompt: Prompt) -> tuple[bytes, str]:
        limit = time.monotonic() + self.timeout
        with client.messages.with_streaming_response.create(**self.parameters(prompt)) as response:
            return self.whole(response.iter_bytes(), limit), response.headers.get("request-id", "")

    def whole(self, chunks: Iterator[bytes], limit: float) -> bytes:
        """A body read to its end: not after `limit` (of the monotonic clock) and not without end."""
        body = bytearray()
        for chunk in chunks:
            body += chunk
            if len(body) > LONGEST_ANSWER:
                raise ModelUnavailable(f"{self.where} answered without end. {_LATER}")
            if time.monotonic() > limit:
                raise ModelUnavailable(f"{self.where} {self._too_slow}. {_LATER}")
        return bytes(body)

    @property
    def _too_slow(self) -> str:
        return f"did not answer within {self.timeout:g} seconds"


@contextmanager
def named_failures(model: AnthropicModel) -> Iterator[None]:
    """What can go wrong with a model's endpoint, as sentences without secrets. Raises ModelUnavailable."""
    import anthropic
    import httpx2

    where = model.where
    try:
        yield
    except NotSignedIn as error:
        raise ModelUnavailable(f"{where} could not be asked. {error} {_LATER}") from error
    except (anthropic.APITimeoutError, httpx2.TimeoutException) as error:
        told = f"{where} did not answer within {model.timeout:g} seconds. {_LATER}"
        raise ModelUnavailable(told) from error
    except (anthropic.APIConnectionError, httpx2.InvalidURL) as error:
        check = "Check ANTHROPIC_BASE_URL, and CLEARANCE_CA_BUNDLE where its certificate is not a public one."
        raise ModelUnavailable(f"{where} could not be reached. {check} {_LATER}") from error
    except httpx2.TransportError as error:
        raise ModelUnavailable(f"{where} broke off in the middle of its answer. {_LATER}") from error
    except (anthropic.APIResponseValidationError, ValidationError) as error:
        raise ModelUnavailable(f"{where} answered with something that is no message. {_LATER}") from error
    except anthropic.APIStatusError as error:
        raise ModelUnavailable(f"{where} answered {error.status_code}. {_advice(error)}") from error
    except anthropic.AnthropicError as error:
        check = "Its cloud may not offer this." if model.cloud else "Check ANTHROPIC_API_KEY."
        raise ModelUnavailable(f"{where} could not be asked. {check} {_LATER}") from error


_LATER = "The review goes on with template prose; start a new one to have it drafted again."
_BY_STATUS = {
    400: "Check CLEARANCE_MODEL: the endpoint does not take this model or the form of the answer.",
    401: "Check ANTHROPIC_API_KEY, or the credentials of CLEARANCE_MODEL_AT.",
    403: "The key may not use this model; check CLEARANCE_MODEL and the key's workspace.",
    404: "Check CLEARANCE_MODEL: the endpoint does not know it.",
    429: "The key's limit is used up for now.",
    529: "Its vendor is overloaded.",
}


def _host(url: str | None) -> str:
    """The host alone: what else a URL holds may be a secret."""
    if not url:
        return "its vendor"
    try:
        return urlsplit(url).hostname or "an address without a host"
    except ValueError:
        return "an address without a host"


def _advice(error: APIStatusError) -> str:
    own = _BY_STATUS.get(error.status_code, "")
    return f"{own} {_LATER}".strip()


class _Block(BaseModel):
    type: str
    text: str = ""


class _Tokens(BaseModel):
    input_tokens: int
    output_tokens: int
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None


class _Message(BaseModel):
    """The part of the vendor's message that is read. The client itself hands on whatever came with status 200."""

    type: Literal["message"]
    content: list[_Block]
    stop_reason: str | None
    usage: _Tokens


def answer_of(body: bytes, request_id: str = "", via: Literal["call", "batch"] = "call") -> Answer:
    """A message of the vendor's; pydantic's ValidationError where it is none."""
    message = _Message.model_validate_json(body)
    used = message.usage
    return Answer(
        text="".join(block.text for block in message.content if block.type == "text"),
        stop_reason=message.stop_reason or "", input_tokens=used.input_tokens, output_tokens=used.output_tokens,
        cache_write_tokens=used.cache_creation_input_tokens or 0,
        cache_read_tokens=used.cache_read_input_tokens or 0, request_id=request_id, via=via,
    )  # fmt: skip
