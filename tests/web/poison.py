"""A review in which every text that somebody else wrote is hostile, kept as if it had been assessed so."""

from __future__ import annotations

import json
from typing import Any

from agent.deps import Deps
from agent.domain import ReviewDocument
from agent.drafting.parts import Scope, fill, finished
from agent.store.database import writing
from agent.store.schema import reviews
from agent.workflow import frozen
from agent.workflow.document import digest_of
from collectors.evidence import canonical

ID = "rv-poisoned"


def poison(deps: Deps, review: str, text: str) -> str:
    """The id of the poisoned review, which waits for signatures as the one it was made from does."""
    row = deps.reviews.get(review)
    document = frozen.document(deps, row)
    digests = {digest: _evidence(deps, digest, text) for digest in document.evidence}
    plain = json.loads(_renamed(document.model_dump_json(), digests))
    made = ReviewDocument.model_validate(_document(plain, text))
    return keep_as(deps, review, _redrafted(made))


def keep_as(deps: Deps, review: str, made: ReviewDocument) -> str:
    """Keeps a document under its own id, in the state of the review that it was made from."""
    made = made.model_copy(update={"digest": digest_of(made)})
    columns = {column.name: None for column in reviews.columns}
    stored = deps.locker.put(canonical(made.model_dump(mode="json", by_alias=True)), "document", deps.clock())
    with writing(deps.engine) as connection:
        old = connection.execute(reviews.select().where(reviews.c.id == review)).one()._mapping
        changed = {"id": made.review, "seq": old["seq"] + 1000, "document": stored, "digest": made.digest}
        connection.execute(reviews.insert().values({**{name: old[name] for name in columns}, **changed}))
    return made.review


def _renamed(text: str, digests: dict[str, str]) -> str:
    for old, new in digests.items():
        text = text.replace(old, new)
    return text


def _evidence(deps: Deps, digest: str, text: str) -> str:
    kept = json.loads(deps.locker.get(digest))
    if "body" in kept:
        kept |= {"body": _texts(kept["body"], text), "facts": _facts(kept["facts"], text), "link": text}
        kept["source"]["account"] = text
        kept["calls"] = [{**call, "query": text} for call in kept["calls"]]
    return deps.locker.put(canonical(kept), "evidence", deps.clock())


def _texts(value: Any, text: str) -> Any:
    """Every string, keys left as they are so that pointers still lead somewhere."""
    if isinstance(value, dict):
        return {key: _texts(inner, text) for key, inner in value.items()}
    if isinstance(value, list):
        return [_texts(inner, text) for inner in value]
    return text if isinstance(value, str) else value


def _facts(value: Any, text: str) -> Any:
    """The value of every fact that is a name or a word; times and numbers cannot be hostile."""
    if isinstance(value, dict):
        if value.get("kind") in ("person", "resource", "state", "quote"):
            return {**value, "value": text[:80]}
        return {key: _facts(inner, text) for key, inner in value.items()}
    return [_facts(inner, text) for inner in value] if isinstance(value, list) else value


def _document(plain: dict[str, Any], text: str) -> dict[str, Any]:
    plain = _facts(plain, text)
    for item in plain["items"]:
        item |= {
            "title": text,
            "owner": text,
            "methods": [text],
            "remedy": dict.fromkeys(("who", "how", "recheck"), text),
        }
    for check in plain["checks"]:
        check |= {"title": text, "text": text}
    gap = dict.fromkeys(("request_type", "what", "next_step"), text) | {
        "digest": "0" * 64,
        "items": [3],
        "reason": text,
    }
    plain["card"]["name"] = text
    return plain | {"review": ID, "name": text, "gate_title": text, "summary": [text], "gaps": [gap]}


def _redrafted(document: ReviewDocument) -> ReviewDocument:
    """The drafts filled from the poisoned facts."""
    items = []
    for item in document.items:
        scopes = [Scope.of_finding(finding, document.zone) for finding in item.findings]
        draft = tuple(
            one.model_copy(update={"text": finished(fill(one.template, scopes[one.finding]), one.template)})
            for one in item.draft
        )
        items.append(item.model_copy(update={"draft": draft}))
    return document.model_copy(update={"items": tuple(items)})
