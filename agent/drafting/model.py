"""The writing model behind one method, and the Messages API as one of them. The client is imported when it is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from pydantic import JsonValue

from agent.errors import ClearanceError
from collectors.evidence import Model as Frozen

if TYPE_CHECKING:
    from anthropic import Anthropic, APIStatusError
    from anthropic.types import Message

TIMEOUT_SECONDS = 120.0
RETRIES = 3


class ModelUnavailable(ClearanceError):
    """The model gave no answer; `sentence` says which endpoint, what came back and what to do, without secrets."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


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

    @property
    def name(self) -> str:
        return self.model

    def write(self, prompt: Prompt) -> Answer:
        """One call, retried by the client on 429, 5xx and cut connections."""
        import anthropic

        try:
            with self._client() as client:
                return _answer(self._create(client, prompt))
        except anthropic.APITimeoutError as error:
            raise ModelUnavailable(f"{self._where} did not answer within {self.timeout:g} seconds. {_LATER}") from error
        except anthropic.APIConnectionError as error:
            raise ModelUnavailable(f"{self._where} could not be reached. Check ANTHROPIC_BASE_URL. {_LATER}") from error
        except anthropic.APIResponseValidationError as error:
            raise ModelUnavailable(f"{self._where} answered with something that is no message. {_LATER}") from error
        except anthropic.APIStatusError as error:
            raise ModelUnavailable(f"{self._where} answered {error.status_code}. {_advice(error)}") from error
        except anthropic.AnthropicError as error:
            raise ModelUnavailable(f"{self._where} could not be asked. Check ANTHROPIC_API_KEY. {_LATER}") from error

    @property
    def _where(self) -> str:
        host = urlsplit(self.base_url).hostname if self.base_url else None
        return f"The model {self.model} at {host or 'its vendor'}"

    def _client(self) -> Anthropic:
        from anthropic import Anthropic

        # A gateway may need no key; without one the client would look for other credentials of the machine.
        key = self.api_key or "not-set"
        return Anthropic(api_key=key, base_url=self.base_url or None, timeout=self.timeout, max_retries=RETRIES)

    def _create(self, client: Anthropic, prompt: Prompt) -> Message:
        return client.messages.create(
            model=self.model,
            max_tokens=prompt.max_tokens,
            system=[{"type": "text", "text": prompt.system, "cache_control": {"type": "ephemeral"}}],
            messages=[{"role": "user", "content": prompt.user}],
            output_config={"format": {"type": "json_schema", "schema": dict(prompt.answer_schema)}},
        )


_LATER = "The review goes on with template prose; start a new one to have it drafted again."
_BY_STATUS = {
    400: "Check CLEARANCE_MODEL: the endpoint does not take this model or the form of the answer.",
    401: "Check ANTHROPIC_API_KEY.",
    403: "The key may not use this model; check CLEARANCE_MODEL and the key's workspace.",
    404: "Check CLEARANCE_MODEL: the endpoint does not know it.",
    429: "The key's limit is used up for now.",
}


def _advice(error: APIStatusError) -> str:
    own = _BY_STATUS.get(error.status_code, "")
    return f"{own} {_LATER}".strip()


def _answer(message: Message) -> Answer:
    return Answer(
        text="".join(block.text for block in message.content if block.type == "text"),
        stop_reason=message.stop_reason or "",
        input_tokens=message.usage.input_tokens,
        output_tokens=message.usage.output_tokens,
        request_id=message._request_id or "",
    )
