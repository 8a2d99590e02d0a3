"""What was asked of a model and what came back: kept write-once, named by digest in the review, shown on request."""

from __future__ import annotations

from typing import Literal

from pydantic import JsonValue

from agent.drafting.model import Answer, Prompt
from agent.drafting.slots import Rejection
from collectors.evidence import Model


class Exchange(Model):
    """One prompt with its answer or with why there is none, and what of the answer was thrown away.

    `system` is the fixed part of the prompt, or, once kept, the digest under which it stands for all reviews alike.
    """

    format: Literal["clearance-exchange/1"] = "clearance-exchange/1"
    by: Literal["writer", "reader"] = "writer"
    model: str
    prompt: str
    system: str
    user: str
    answer_schema: dict[str, JsonValue]
    answer: Answer | None = None
    failure: str = ""
    rejections: tuple[Rejection, ...] = ()


def exchange(
    model: str, prompt: Prompt, answer: Answer | None = None, failure: str = "",
    by: Literal["writer", "reader"] = "writer",
) -> Exchange:  # fmt: skip
    return Exchange(
        by=by, model=model, prompt=prompt.digest, system=prompt.system, user=prompt.user,
        answer_schema=prompt.answer_schema, answer=answer, failure=failure,
    )  # fmt: skip
