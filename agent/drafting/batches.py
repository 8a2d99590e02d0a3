"""Many reviews' first prompts in one Message Batch, at half the price, until a deadline; what is missing then is asked
directly or written from templates. For scheduled sweeps: nobody waits in front of a screen."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from pydantic import BaseModel, JsonValue, ValidationError

from agent.drafting.budget import Budget, estimated
from agent.drafting.known import Known
from agent.drafting.model import Answer, AnthropicModel, Model, ModelUnavailable, Prompt, answer_of, named_failures

if TYPE_CHECKING:
    from anthropic import Anthropic, AnthropicBedrock, AnthropicVertex

    Client = Anthropic | AnthropicBedrock | AnthropicVertex

POLL_SECONDS = 30.0
MOST_IN_A_BATCH = 10_000
LONGEST_LINE = 400_000  # bytes of one answer
NEAR = timedelta(minutes=10)  # by which a vendor's clock may differ from ours
RAW = {"X-Stainless-Raw-Response": "stream"}  # the vendor's client hands a body on as it comes
EXPECTED_ANSWER = 1_000  # tokens
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


class _Result(BaseModel):
    type: str
    message: JsonValue = None


class _Row(BaseModel):
    custom_id: str
    result: _Result


@dataclass(frozen=True)
class Fetched:
    """Answers by prompt digest; `why` says why some are not there, "" when all are."""

    answers: Mapping[str, Answer] = field(default_factory=dict)
    why: str = ""

    def model(self, name: str, direct: Model | None) -> Known:
        """A model that gives these answers. `direct` is asked for the rest; None = templates, which say why."""
        return Known(name, self.answers, direct, self.why or "The batch of this sweep holds no answer to this.")


@dataclass(frozen=True)
class Handed:
    """A batch that a vendor was given: its id ("" = it was about to be given), when, and which prompts by digest."""

    id: str
    at: datetime
    prompts: tuple[str, ...]


@dataclass(frozen=True)
class Waiting:
    """How long to wait for a batch: `seconds` in all, `poll` between two looks; `sleep` waits."""

    seconds: float
    poll: float = POLL_SECONDS
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


def fetch(
    model: AnthropicModel, prompts: Sequence[Prompt], waiting: Waiting, budget: Budget | None = None,
    made: Callable[[str], None] = lambda id: None,
) -> Fetched:  # fmt: skip
    """The answers to all these prompts that came in time. Equal prompts are asked once, whoever's they are.

    Where the endpoint knows no batches or fails, there are none, and `why` is its sentence. `budget` bounds what is
    asked; what is used is charged where an answer is taken. `made` is told the batch's id once the vendor has it.
    """
    wanted = {prompt.digest: prompt for prompt in prompts}
    asked, reserved = _within(wanted, budget)
    if not asked:
        return Fetched(why="The token budget of this sweep leaves no room for a batch." if wanted else "")
    try:
        with named_failures(model), model.client() as client:
            answers = _run(model, client, asked, waiting, made)
    except ModelUnavailable as gone:
        return Fetched(why=gone.sentence)
    finally:
        if budget is not None:
            budget.settle(reserved, 0)
    late = f"{model.where} did not answer this prompt in its batch in time."
    return Fetched(answers, late if len(answers) < len(wanted) else "")


def _within(prompts: Mapping[str, Prompt], budget: Budget | None) -> tuple[dict[str, Prompt], int]:
    """As many prompts as fit a batch and the sweep's budget, and how many tokens are set aside for them."""
    found: dict[str, Prompt] = {}
    reserved = 0
    for digest, prompt in list(prompts.items())[:MOST_IN_A_BATCH]:
        need = estimated(prompt.system + prompt.user) + EXPECTED_ANSWER
        if budget is not None and not budget.reserve(need, need):
            break
        reserved += need
        found[digest] = prompt
    return found, reserved


def fetch_again(model: AnthropicModel, prompts: Sequence[Prompt], handed: Handed, waiting: Waiting) -> Fetched:
    """The answers of a batch that was given before: what is paid for is not asked once more."""
    wanted = {prompt.digest for prompt in prompts} & set(handed.prompts)
    if not wanted:
        return Fetched()
    try:
        with named_failures(model), model.client() as client:
            id = handed.id or _lost(client, handed)
            sure = bool(handed.id)
            answers = _taken(model, client, id, len(handed.prompts), wanted, waiting, ours=sure) if id else {}
    except ModelUnavailable as gone:
        return Fetched(why=gone.sentence)
    return Fetched(answers, f"{model.where} did not answer this prompt in its batch in time.")


def _lost(client: Client, handed: Handed) -> str:
    """The batch of which we were told no id: made in those minutes, of so many prompts. "" = it was never made."""
    for one in client.messages.batches.list(limit=20).data:
        counts, near = one.request_counts, abs(one.created_at - handed.at) < NEAR
        whole = counts.processing + counts.succeeded + counts.errored + counts.canceled + counts.expired
        if near and whole == len(handed.prompts) and _ID.fullmatch(str(one.id)):
            return one.id
    return ""


def _run(
    model: AnthropicModel, client: Client, prompts: Mapping[str, Prompt], waiting: Waiting, made: Callable[[str], None]
) -> dict[str, Answer]:
    rows = sorted(prompts.items())
    batch = client.messages.batches.create(
        requests=[{"custom_id": key, "params": model.parameters(prompt)} for key, prompt in rows]
    )
    if not _ID.fullmatch(str(batch.id)):
        raise ModelUnavailable(f"{model.where} answered with something that is no batch.")
    made(batch.id)
    ended = batch.processing_status == "ended"
    return _taken(model, client, batch.id, len(rows), prompts.keys(), waiting, ended=ended)


def _taken(
    model: AnthropicModel, client: Client, id: str, asked: int, wanted: Collection[str], waiting: Waiting, *,
    ended: bool | None = None, ours: bool = True,
) -> dict[str, Answer]:  # fmt: skip
    """What a batch has answered when it ends, or when the time for it does. One that may not be `ours`, of this
    account's others, is left to go on."""
    batches, limit = client.messages.batches, waiting.clock() + waiting.seconds
    ended = batches.retrieve(id).processing_status == "ended" if ended is None else ended
    while not ended and waiting.clock() + waiting.poll <= limit:
        waiting.sleep(waiting.poll)
        ended = batches.retrieve(id).processing_status == "ended"
    if not ended and ours:  # what was answered before the end is paid for, and may be there a moment later
        batches.cancel(id)
        waiting.sleep(waiting.poll)
        ended = batches.retrieve(id).processing_status == "ended"
    if not ended:
        return {}
    return {key: one for key, one in _results(model, client, id, asked) if key in wanted}


def _results(model: AnthropicModel, client: Client, batch: str, asked: int) -> Iterator[tuple[str, Answer]]:
    """Each answer with its prompt's digest. Asked for where the batch was made, wherever its `results_url` points:
    the key goes nowhere else."""
    from anthropic import APIResponse

    path = f"/v1/messages/batches/{batch}/results"
    told = cast("APIResponse[object]", client.get(path, cast_to=object, options={"headers": RAW}))
    for line in _lines(model, told.iter_bytes(), asked):
        try:
            row = _Row.model_validate_json(line)
            if row.result.type == "succeeded":
                yield row.custom_id, answer_of(json.dumps(row.result.message).encode(), via="batch")
        except ValidationError:
            continue  # a line that is no answer is one that is missing


def _lines(model: AnthropicModel, chunks: Iterator[bytes], asked: int) -> Iterator[bytes]:
    """The lines of a body, never more of it in memory than one. What is longer than all answers can be is no body."""
    rest, left = bytearray(), (asked + 1) * LONGEST_LINE
    for chunk in chunks:
        left -= len(chunk)
        *lines, last = (bytes(rest) + chunk).split(b"\n")
        yield from (line for line in lines if line.strip())
        rest = bytearray(last)
        if left < 0 or len(rest) > LONGEST_LINE:
            raise ModelUnavailable(f"{model.where} answered its batch without end.")
    if rest.strip():
        yield bytes(rest)
