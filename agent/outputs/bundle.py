"""The files of a bundle: what a person reads, what a machine reads, the evidence, and the log up to its seal."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Sequence

from agent.domain import Decision, ReviewDocument, SignOff
from agent.errors import OtherVersion
from agent.outputs import html, layout, markdown
from agent.outputs import json as json_output
from agent.outputs.recipe import recipe
from agent.store.locker import Locker
from collectors.evidence import Answer, canonical


def files(
    locker: Locker, document: ReviewDocument, signed: Sequence[SignOff], decision: Decision, log: bytes, seal: str,
) -> dict[str, bytes]:  # fmt: skip
    """Every file but the statement by its path in the bundle. Evidence is named by the SHA-256 of its bytes.

    `seal`: the public key that will seal them; how to check by hand differs by its kind.
    """
    review = json_output.to_json(document) | {
        "decision": decision.value,
        "signoffs": [json.loads(s.model_dump_json()) for s in signed],
    }
    found = {f"evidence/{digest}.json": locker.get(digest) for digest in document.evidence}
    return {
        "report.md": markdown.render(document, signed, decision).encode(),
        "report.html": html.render(document, signed, decision, answers(locker, document)).encode(),
        "review.json": canonical(review) + b"\n",
        "log.jsonl": log,
        "VERIFY.md": recipe(document.review, len(b64decode(seal))),
        **{spec.name: layout.file(document, spec) for spec in document.files},
        **found,
    }


def answers(locker: Locker, document: ReviewDocument) -> dict[str, Answer]:
    """What the review's facts point into, by digest; what another version of the product wrote is left out."""
    try:
        return locker.all_answers(document.evidence)  # in one look
    except OtherVersion:
        pass
    found = {}
    for digest in document.evidence:
        try:
            found[digest] = locker.answer(digest)
        except OtherVersion:
            continue
    return found
