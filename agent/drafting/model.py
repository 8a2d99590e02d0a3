"""The writing model behind one method, and the Messages API as one of them. The client is imported when it is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import urlsplit

from pydantic import BaseModel, JsonValue, ValidationError

from agent.errors import ClearanceError
from collectors.evidence import Model as Frozen

if TYPE_CHECKING:
    from anthropic import Anthropic, APIStatusError

TIMEOUT_SECONDS = 120.0
RETRIES = 3


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


class Answer(Frozen):
    """What came back. Only `stop_reason` "end_turn" says that `text` is whole and meant as an answer."""

    text: str
    stop_reason: str
    input_tokens: int
    output_tokens: int
    request_id: str = ""


class Model(Protocol):
    """Anything that answers a prompt; ModelUnavailable where it cannot."""

    @property
    def name(self) -> str: ...

    def write(self, prompt: Prompt) -> Answer: ...


@dataclass(frozen=True)
class AnthropicModel:
    """A model behind the Messages API. `base_url` empty = the vendor's own; `timeout` in seconds, each try."""

    api_key: str
    base_url: str | None
    model: str
    timeout: float = TIMEOUT_SECONDS
    retries: int = RETRIES

    @property
    def name(self) -> str:
        return self.model

    def write(self, prompt: Prompt) -> Answer:
        """One call, retried by the client on 429, 5xx and cut connections."""
        import anthropic
        import httpx2

        try:
            with self._client() as client:
                body, request_id = self._create(client, prompt)
                return _answer(body, request_id)
        except anthropic.APITimeoutError as error:
            raise ModelUnavailable(f"{self._where} did not answer within {self.timeout:g} seconds. {_LATER}") from error
        except (anthropic.APIConnectionError, httpx2.InvalidURL) as error:
            raise ModelUnavailable(f"{self._where} could not be reached. Check ANTHROPIC_BASE_URL. {_LATER}") from error
        except (anthropic.APIResponseValidationError, ValidationError) as error:
            raise ModelUnavailable(f"{self._where} answered with something that is no message. {_LATER}") from error
        except anthropic.APIStatusError as error:
            raise ModelUnavailable(f"{self._where} answered {error.status_code}. {_advice(error)}") from error
        except anthropic.AnthropicError as error:
            raise ModelUnavailable(f"{self._where} could not be asked. Check ANTHROPIC_API_KEY. {_LATER}") from error

    @property
    def _where(self) -> str:
        return f"The model {self.model} at {_host(self.base_url)}"

    def _client(self) -> Anthropic:
        from anthropic import Anthropic

        # A gateway may need no key; without one the client would look for other credentials of the machine.
        key = self.api_key or "not-set"
        return Anthropic(api_key=key, base_url=self.base_url or None, timeout=self.timeout, max_retries=self.retries)

    def _create(self, client: Anthropic, prompt: Prompt) -> tuple[bytes, str]:
        raw = client.messages.with_raw_response.create(
            model=self.model,
            max_tokens=prompt.max_tokens,
            system=[{"type": "text", "text": prompt.system, "cache_control": {"type": "ephemeral"}}],
            messages=[{"role": "user", "content": prompt.user}],
            output_config={"format": {"type": "json_schema", "schema": dict(prompt.answer_schema)}},
        )
        return raw.read(), raw.headers.get("request-id", "")


_LATER = "The review goes on with template prose; start a new one to have it drafted again."
_BY_STATUS = {
    400: "Check CLEARANCE_MODEL: the endpoint does not take this model or the form of the answer.",
    401: "Check ANTHROPIC_API_KEY.",
    403: "The key may not use this model; check CLEARANCE_MODEL and the key's workspace.",
    404: "Check CLEARANCE_MODEL: the endpoint does not know it.",
    429: "The key's limit is used up for now.",
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


class _Message(BaseModel):
    """The part of the vendor's message that is read. The client itself hands on whatever came with status 200."""

    type: Literal["message"]
    content: list[_Block]
    stop_reason: str | None
    usage: _Tokens


def _answer(body: bytes, request_id: str) -> Answer:
    message = _Message.model_validate_json(body)
    return Answer(
        text="".join(block.text for block in message.content if block.type == "text"),
        stop_reason=message.stop_reason or "",
        input_tokens=message.usage.input_tokens,
        output_tokens=message.usage.output_tokens,
        request_id=request_id,
    )
