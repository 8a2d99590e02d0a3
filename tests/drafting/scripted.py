"""A scripted Messages API on loopback: it reads the prompt as a model would and answers well, or badly in one way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from agent.drafting.model import AnthropicModel
from collectors.sandbox.server import Asked, Reply, reply_json, serve
from tests import plain_yaml

CASES = plain_yaml.load((Path(__file__).parent / "cases" / "good.yaml").read_text())
_FINDING = re.compile(r"^Finding (\d+) \(outcome: (\w+)\)$")
_ITEM = re.compile(r"^## Item (\d+): ")
_SLOT = re.compile(r"^- \{(F\d+) as (\w+)\}")
_RANK = ["fail", "unknown", "warn", "not_applicable", "pass"]


@dataclass
class Shown:
    """One finding as the prompt shows it."""

    item: int
    index: int
    outcome: str
    slots: dict[str, str] = field(default_factory=dict)

    def slot(self, role: str) -> str:
        return f"{{{self.slots[role]} as {role}}}"


Draft = dict[str, object]
Writer = Callable[[list[Shown]], Draft]


def shown(prompt: str) -> list[Shown]:
    """Every finding of a prompt, in its order."""
    found: list[Shown] = []
    item = 0
    for line in prompt.splitlines():
        if match := _ITEM.match(line):
            item = int(match[1])
        elif match := _FINDING.match(line):
            found.append(Shown(item, int(match[1]), match[2]))
        elif match := _SLOT.match(line):
            found[-1].slots[match[2]] = match[1]
    return found


class Good:
    """Takes turns among the cases that fit a finding; `{is}` where none does."""

    def __init__(self) -> None:
        self.turns: dict[tuple[str, ...], Iterator[str]] = {}

    def says(self, finding: Shown) -> str:
        fitting = [
            case["says"]
            for case in CASES
            if case["outcome"] == finding.outcome and set(case["roles"]) <= set(finding.slots)
        ]
        if not fitting:
            return "The rule {is}."
        most = tuple(one for one in fitting if len(_roles(one)) == max(len(_roles(each)) for each in fitting))
        turn = self.turns.setdefault(most, cycle(most))
        return re.sub(r"\{([a-z]\w*)\}", lambda m: m[0] if m[1] == "is" else finding.slot(m[1]), next(turn))

    def __call__(self, findings: list[Shown]) -> Draft:
        return answer((finding, self.says(finding)) for finding in findings)


def _roles(says: str) -> list[str]:
    return [role for role in re.findall(r"\{([a-z]\w*)\}", says) if role != "is"]


def answer(statements: Iterator[tuple[Shown, str]], summary: tuple[str, ...] = ()) -> Draft:
    """The JSON that was asked for, each item's statements worst first."""
    items: dict[int, list[tuple[int, Draft]]] = {}
    for finding, template in statements:
        row: Draft = {"finding": finding.index, "template": template}
        items.setdefault(finding.item, []).append((_RANK.index(finding.outcome), row))
    ordered = {number: [row for _, row in sorted(rows, key=lambda pair: pair[0])] for number, rows in items.items()}
    return {
        "items": [{"number": number, "statements": rows} for number, rows in ordered.items()],
        "summary": list(summary),
    }


def message(text: str, stop: str = "end_turn") -> Reply:
    """One message of the vendor's API."""
    body = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-5-5", "stop_reason": stop,
        "stop_sequence": None, "content": [{"type": "text", "text": text}] if text else [],
        "usage": {"input_tokens": 1200, "output_tokens": 300},
    }  # fmt: skip
    return reply_json(body, headers={"request-id": "req_1"})


def error(status: int, kind: str) -> Reply:
    body = {"type": "error", "error": {"type": kind, "message": "sk-secret is not what we say here"}}
    return reply_json(body, status, {"retry-after-ms": "1"})


@dataclass
class Messages:
    """Answers the calls in turn: a writer drafts from the prompt, a reply goes out as it is, the last one repeats."""

    script: list[Writer | Reply]
    asked: list[dict[str, object]] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)

    def answer(self, asked: Asked) -> Reply:
        body = asked.json()
        assert isinstance(body, dict)
        self.bodies.append(asked.body.decode())
        self.asked.append({**body, "path": asked.path, "headers": dict(asked.headers)})
        step = self.script[min(len(self.asked), len(self.script)) - 1]
        if isinstance(step, Reply):
            return step
        return message(json.dumps(step(shown(str(body["messages"][0]["content"])))))

    def prompt(self, call: int = 0) -> str:
        """The whole body of one call."""
        return self.bodies[call]

    def user(self, call: int = 0) -> str:
        """What changes from call to call."""
        return str(self.asked[call]["messages"][0]["content"])  # type: ignore[index]


@contextmanager
def model_that(
    *script: Writer | Reply, timeout: float = 20, retries: int = 3
) -> Iterator[tuple[AnthropicModel, Messages]]:
    """The real client against the scripted server."""
    messages = Messages(list(script))
    running = serve(messages)
    try:
        yield AnthropicModel("sk-secret", running.url, "claude-sonnet-5-5", timeout, retries), messages
    finally:
        running.close()


@dataclass
class Batches:
    """Message Batches as the vendor speaks them: a batch ends after `looks` looks; `lost` of its prompts expire."""

    writer: Writer
    looks: int = 1
    lost: int = 0
    asked: list[dict[str, object]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    cancelled: bool = False

    def answer(self, asked: Asked) -> Reply:
        self.paths.append(f"{asked.method} {asked.path}")
        if asked.path.endswith("/results"):
            return Reply(200, self._lines(), {"content-type": "application/binary"})
        if asked.path.endswith("/cancel"):
            self.cancelled = True
        elif asked.method == "POST":
            body = asked.json()
            assert isinstance(body, dict)
            self.asked = body["requests"]  # type: ignore[assignment]
        else:
            self.looks -= 1
        return reply_json(self._batch())

    def _batch(self) -> dict[str, object]:  # type: ignore[type-arg]
        at, ended = "2026-06-12T20:00:00Z", self.looks <= 0
        counts = dict.fromkeys(("processing", "succeeded", "errored", "canceled", "expired"), 0)
        return {
            "id": "msgbatch_1", "type": "message_batch", "processing_status": "ended" if ended else "in_progress",
            "created_at": at, "expires_at": at, "ended_at": at if ended else None, "archived_at": None,
            "cancel_initiated_at": None, "request_counts": counts,
            "results_url": "http://elsewhere.example/results" if ended else None,
        }  # fmt: skip

    def _lines(self) -> bytes:
        rows = [self._line(row, place < self.lost) for place, row in enumerate(self.asked)]
        return b"\n".join(rows) + b"\nno JSON\n"

    def _line(self, row: dict[str, object], lost: bool) -> bytes:
        prompt = row["params"]["messages"][0]["content"]  # type: ignore[index]
        told = json.loads(message(json.dumps(self.writer(shown(str(prompt))))).body)
        result = {"type": "expired"} if lost else {"type": "succeeded", "message": told}
        return json.dumps({"custom_id": row["custom_id"], "result": result}).encode()
