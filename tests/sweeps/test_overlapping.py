"""Sweeps that overlap: whatever became of a review that saw more, older answers take no place."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from agent.errors import Refused
from agent.service.sweeps import Swept, shared
from agent.service.sweeps.comparing import compare
from agent.service.sweeps.reviewing import review
from agent.service.sweeps.shared import Common, Planned, packed_rows
from agent.store import log
from agent.store.database import locked_log, stamp, writing
from agent.store.reviews import ReviewRow
from agent.store.schema import blobs, reviews
from agent.store.sweeps import Sweeps
from agent.workflow import frozen
from tests.acceptance.conftest import SUBJECT
from tests.sweeps.conftest import OWN, Fleet
from tests.sweeps.test_interrupted import is_vendors, seen_at


def overlapped(swept: tuple[Fleet, Swept]) -> tuple[Common, Planned, dict[str, str], ReviewRow]:
    """A sweep with an answer that is older than that of the last review, which was begun after it."""
    fleet, done = swept
    deps = shared.held(fleet.deps())
    (row,) = deps.reviews.of(SUBJECT, None, "our-own")
    seen = frozen.of(deps, fleet.document(row.id).collected, frozen.Collected)
    key, digest = next((k, d) for k, d in seen.answers.items() if is_vendors(deps, d))
    gates = {"our-own": deps.configuration.gate("our-own")}
    common = shared.common(deps, OWN, Sweeps(deps.engine).get(done.sweep), gates, {})
    card = fleet.document(row.id).card_digest
    planned = Planned(row.subject, row.version, row.gate, card, packed_rows(seen.rows))
    begun = stamp(common.as_of + timedelta(minutes=1))
    with writing(deps.engine) as connection:
        connection.execute(update(reviews).where(reviews.c.id == row.id).values(state="signing", started_at=begun))
    return common, planned, {**seen.answers, key: seen_at(deps, digest, -20)}, deps.reviews.get(row.id)


def test_older_answers_take_the_place_of_no_review_whose_document_is_damaged(swept: tuple[Fleet, Swept]):
    """It may have been blocked: nobody can tell."""
    common, planned, ours, row = overlapped(swept)
    with writing(common.deps.engine) as connection:
        connection.execute(update(blobs).where(blobs.c.digest == row.document).values(body=b"{}"))

    assert compare(common, planned, ours).why == "its last review cannot be read"
    with pytest.raises(Refused, match=f"{row.id} saw what is later"):
        review(common, common.deps, planned, ours)


def test_older_answers_take_no_place_for_a_review_that_a_dead_process_left(swept: tuple[Fleet, Swept]):
    """It is neither joined nor gone on with, so it takes nobody's place."""
    common, planned, ours, row = overlapped(swept)
    deps = common.deps
    begun = json.loads(log.entries(deps.engine, row.id)[0].body)
    begun["state"] |= {"review": "rv-dead", "known": frozen.known(deps, ours)}
    later = common.as_of + timedelta(minutes=2)
    with locked_log(deps.engine) as connection:
        held = dict(connection.execute(select(reviews).where(reviews.c.id == row.id)).one()._mapping)
        connection.execute(update(reviews).where(reviews.c.id == row.id).values(state="superseded", ended_by="rv-dead"))
        left = {
            "id": "rv-dead", "seq": held["seq"] + 1000, "state": "running", "document": "", "digest": "",
            "supersedes": row.id, "started_at": stamp(later), "lease_holder": "gone:1:2:3", "lease_until": "2020",
        }  # fmt: skip
        connection.execute(insert(reviews).values(**{**held, **left}))
        log.append(connection, "rv-dead", "started", begun, later)

    with pytest.raises(Refused, match=f"{row.id} saw what is later"):
        review(common, deps, planned, ours)
