"""What each kind of statement says: quizzes and their marks, drills, messages, retention, open items and waivers."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import JsonValue

from agent.signing import keys
from collectors.evidence import Evidence, resolve
from collectors.passages import passage_key
from collectors.statement_fields import FIELDS
from collectors.statements import (
    AcceptanceFacts,
    AttestationDocument,
    CommsFacts,
    DrillFacts,
    Quiz,
    QuizFacts,
    QuotesFacts,
    StatedRetentionFacts,
)
from tests.collectors.statement_store import Store, new_store, said

RUNBOOK = "sha256:" + "ab" * 32
MAY, JUNE = "2026-05-20T09:00:00-04:00", "2026-06-10T09:00:00-04:00"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path)


# --- the quiz --------------------------------------------------------------------------------------------------------


def quiz(
    author: str = "ann.lee", made_at: str = MAY, questions: tuple[str, ...] = ("kill", "logs")
) -> AttestationDocument:
    answers = [{"question": q, "asked": f"What about {q}?", "answer": f"SECRET WORDS on {q}"} for q in questions]
    return said("quiz", author, made_at, {"runbook": RUNBOOK, "answers": answers})


def marks(of: str, author: str = "cy.diaz", made_at: str = JUNE, **given: str) -> AttestationDocument:
    return said("quiz_mark", author, made_at, {"quiz": of, "marks": given or {"kill": "passed", "logs": "passed"}})


def quizzes(store: Store) -> tuple[Quiz, ...]:
    facts = store.evidence("quiz").facts
    assert isinstance(facts, QuizFacts)
    return facts.quizzes


def given(one: Quiz) -> dict[str, str]:
    return {answer.question: answer.mark.value for answer in one.answers}


def test_nobody_having_answered_is_evidence_of_no_answers(store: Store):
    """Our own store is live and in scope, so empty means none; acceptances likewise."""
    assert quizzes(store) == ()
    assert store.evidence("acceptances").facts == AcceptanceFacts(open_items=(), waivers=())


def test_answers_that_nobody_marked_are_unmarked(store: Store):
    store.sign("quiz", quiz())

    one = quizzes(store)[0]

    assert given(one) == {"kill": "unmarked", "logs": "unmarked"}
    assert one.marked_by is None
    assert not one.marker_proven


def test_somebody_elses_marks_count(store: Store):
    """Question by question; what they did not mark stays unmarked."""
    store.sign(
        "marks", marks(store.sign("quiz", quiz(questions=("kill", "logs", "why"))), kill="passed", logs="failed")
    )

    one = quizzes(store)[0]

    assert given(one) == {"kill": "passed", "logs": "failed", "why": "unmarked"}
    assert one.marked_by
    assert one.marked_by.id == "cy.diaz"
    assert one.marker_proven


def test_nobody_marks_their_own_answers(store: Store):
    """Neither in their own name, nor with their own key in somebody else's."""
    digest = store.sign("quiz", quiz())
    store.sign("own", marks(digest, author="ann.lee"))
    store.sign("borrowed", marks(digest, author="cy.diaz"), by="ann.lee")

    assert given(quizzes(store)[0]) == {"kill": "unmarked", "logs": "unmarked"}
    note = store.evidence("quiz").completeness.note
    assert "own.dsse.json does not count: nobody marks their own answers" in note
    assert "borrowed.dsse.json is signed with the key of ann.lee" in note


def test_a_second_key_is_the_same_persons(store: Store):
    """Ann marks with another key of hers, as herself and as the owner: neither is a mark."""
    store.second["ann.lee"] = keys.make(store.root / "keys" / "second.pem")
    digest = store.sign("quiz", quiz())
    store.sign("own", marks(digest, author="ann.lee"), by="ann.lee")
    store.sign("borrowed", marks(digest, author="cy.diaz"), by="ann.lee")

    one = quizzes(store)[0]

    assert set(given(one).values()) == {"unmarked"}
    assert one.marked_by is None
    assert "signed with the key of ann.lee, not of cy.diaz" in store.evidence("quiz").completeness.note


def test_a_failure_stays_on_the_answers_it_was_given_for(store: Store):
    """Another owner passes them later: the failure is still what is told, and both marks are kept."""
    digest = store.sign("quiz", quiz())
    store.sign("first", marks(digest, author="bo.kim", made_at="2026-06-09T09:00:00Z", kill="failed", logs="passed"))
    store.sign("later", marks(digest))

    assert given(quizzes(store)[0]) == {"kill": "failed", "logs": "passed"}
    assert {"first.dsse.json", "later.dsse.json"} <= set(store.evidence("quiz").body)


ENDED = "2026-06-11T00:00:00Z"


def lapsing(of: str, **given: str) -> AttestationDocument:
    return marks(of, author="bo.kim", **given).model_copy(update={"valid_until": datetime.fromisoformat(ENDED)})


def test_a_failure_stays_when_the_mark_that_gave_it_has_lapsed(store: Store):
    """Else an older "passed" of somebody else would come back on that day."""
    digest = store.sign("quiz", quiz())
    store.sign("first", marks(digest, made_at="2026-06-09T09:00:00Z"))
    store.sign("lapsed", lapsing(digest, kill="failed", logs="passed"))

    one = quizzes(store)[0]
    assert given(one) == {"kill": "failed", "logs": "passed"}
    assert one.mark_until
    assert one.mark_until.value == datetime.fromisoformat(ENDED)


def test_a_passed_mark_that_has_lapsed_is_left_out(store: Store):
    store.sign("lapsed", lapsing(store.sign("quiz", quiz())))

    assert given(quizzes(store)[0]) == {"kill": "unmarked", "logs": "unmarked"}
    assert "lapsed.dsse.json was valid until" in store.evidence("quiz").completeness.note


def test_answers_that_have_lapsed_bring_no_older_ones_back(store: Store):
    """Ann answered again, for a while, and failed: her first answers, which passed, do not come back after it."""
    store.sign("passed", marks(store.sign("first", quiz()), made_at="2026-05-21T09:00:00Z"))
    again = quiz(made_at=JUNE).model_copy(update={"valid_until": datetime.fromisoformat(ENDED)})
    store.sign("failed", marks(store.sign("again", again), made_at=ENDED, kill="failed", logs="failed"))

    assert quizzes(store) == ()
    assert "again.dsse.json was valid until" in store.evidence("quiz").completeness.note


def test_a_waiver_that_has_lapsed_brings_no_longer_one_back(store: Store):
    waiver = {
        "item": 3,
        "reason": "r",
        "requested_by": "bo.kim",
        "compensating": "c",
        "expires": "2027-01-01T00:00:00Z",
    }
    store.sign("long", said("waiver", "cy.diaz", MAY, waiver))
    store.sign("short", said("waiver", "cy.diaz", JUNE, {**waiver, "reason": "less"}, valid_until=ENDED))

    facts = store.evidence("acceptances").facts

    assert isinstance(facts, AcceptanceFacts)
    assert facts.waivers == ()


def test_after_a_failure_new_answers_may_pass_and_the_failed_ones_are_still_there(store: Store):
    store.sign("marks", marks(store.sign("first", quiz()), kill="failed", logs="passed"))
    again = store.sign("again", quiz(made_at="2026-06-11T09:00:00Z"))
    store.sign("new", marks(again, made_at="2026-06-11T10:00:00Z"))

    assert set(given(quizzes(store)[0]).values()) == {"passed"}
    assert (store.folder / "marks.dsse.json").exists()


@pytest.mark.parametrize(
    "mark",
    [
        lambda digest: marks("sha256:" + "00" * 32),
        lambda digest: marks(digest, made_at="2026-05-19T09:00:00-04:00"),
    ],
)
def test_marks_of_other_answers_or_given_before_them_do_not_count(
    store: Store, mark: Callable[[str], AttestationDocument]
):
    """A mark names the digest of the very answers that it is about."""
    store.sign("marks", mark(store.sign("quiz", quiz())))

    assert set(given(quizzes(store)[0]).values()) == {"unmarked"}


def test_answering_again_voids_the_marks_of_the_first_answers(store: Store):
    """The latest answers of each author count, and a mark does not carry over."""
    store.sign("marks", marks(store.sign("first", quiz())))
    store.sign("second", quiz(made_at=JUNE))
    store.sign("bo", quiz(author="bo.kim"))

    found = {one.statement.author.id: given(one) for one in quizzes(store)}

    assert set(found) == {"ann.lee", "bo.kim"}
    assert set(found["ann.lee"].values()) == {"unmarked"}


def test_unproven_marks_are_shown_as_such(store: Store):
    """They say who is reported to have marked; a signed one that came after them counts instead."""
    digest = store.sign("quiz", quiz())
    store.report("reported", marks(digest, author="bo.kim", made_at="2026-06-09T09:00:00Z", kill="passed"))
    assert not quizzes(store)[0].marker_proven

    store.sign("signed", marks(digest, kill="failed"))

    assert quizzes(store)[0].marker_proven
    assert given(quizzes(store)[0])["kill"] == "failed"


def test_free_text_of_answers_stays_in_the_body(store: Store):
    """No fact holds it, so no sentence can."""
    store.sign("quiz", quiz())

    dumped = store.evidence("quiz").model_dump(mode="json")

    assert "SECRET WORDS" not in json.dumps(dumped["facts"])
    assert "SECRET WORDS" in json.dumps(dumped["body"])


# --- the other kinds -------------------------------------------------------------------------------------------------

OFF, ON = "2026-06-08T14:00:00-04:00", "2026-06-08T15:00:00-04:00"
DRILL = {"flag_off_at": OFF, "flag_on_at": ON, "performed_by": "ann.lee"}


def test_a_drill_keeps_not_recorded_apart_from_none(store: Store):
    """No number is not zero."""
    store.sign("drill", said("drill", "ann.lee", JUNE, DRILL))
    facts = store.evidence("drill").facts
    assert isinstance(facts, DrillFacts)
    assert (facts.in_flight, facts.time_to_stop, facts.observed_by) == (None, None, None)

    whole = {**DRILL, "in_flight_at_flip": 0, "time_to_stop_s": 0, "observed_by": "bo.kim", "new_work": "queued"}
    store.sign("later", said("drill", "ann.lee", "2026-06-11T09:00:00Z", whole))

    facts = store.evidence("drill").facts
    assert isinstance(facts, DrillFacts)
    assert facts.in_flight
    assert facts.in_flight.value == 0
    assert facts.time_to_stop
    assert facts.time_to_stop.value == 0
    assert facts.flag_off.value == datetime.fromisoformat(OFF)


@pytest.mark.parametrize("scheduled", [None, JUNE])
def test_a_message_is_drafted_and_scheduled_or_not(store: Store, scheduled: str | None):
    """No time set is None, whatever else is said."""
    fields = {"id": "post", "drafted": True, "scheduled_at": scheduled, "audience": "finance"}
    store.sign("comms", said("comms", "ann.lee", MAY, fields))

    facts = store.evidence("comms", id="post").facts

    assert isinstance(facts, CommsFacts)
    assert facts.drafted.value == "drafted"
    assert (facts.scheduled.value if facts.scheduled else None) == (
        datetime.fromisoformat(scheduled) if scheduled else None
    )


def test_retention_is_stated_in_days(store: Store):
    store.sign("kept", said("retention", "ann.lee", MAY, {"log": "traces", "kept_days": 180, "where": "LangSmith"}))

    facts = store.evidence("retention", log="traces").facts

    assert isinstance(facts, StatedRetentionFacts)
    assert (facts.kept.value, facts.kept.unit) == (180, "days")
    assert facts.project is None


def test_retention_names_the_project_it_was_read_of(store: Store):
    fields = {"log": "traces", "kept_days": 180, "where": "LangSmith", "project": "recon"}
    store.sign("kept", said("retention", "ann.lee", MAY, fields))

    facts = store.evidence("retention", log="traces").facts

    assert isinstance(facts, StatedRetentionFacts)
    assert facts.project
    assert (facts.project.value, facts.project.pointer) == ("recon", "/kept.dsse.json/document/fields/project")


def test_the_latest_waiver_of_an_item_and_every_open_point_stand(store: Store):
    """A shorter waiver takes the place of a longer one; two open points of one item stand side by side."""
    waiver = {"item": 3, "reason": "r", "requested_by": "bo.kim", "compensating": "c"}
    store.sign("long", said("waiver", "cy.diaz", MAY, {**waiver, "expires": "2027-01-01T00:00:00Z"}))
    store.sign("short", said("waiver", "cy.diaz", JUNE, {**waiver, "expires": "2026-07-01T00:00:00Z"}))
    for missing in ("the digest", "the post"):
        fields = {"item": 8, "missing": missing, "owner": "ann.lee", "due": "2026-06-20T00:00:00Z"}
        store.sign(missing, said("open_item", "ann.lee", JUNE, fields))

    facts = store.evidence("acceptances").facts

    assert isinstance(facts, AcceptanceFacts)
    assert [w.expires.value.year for w in facts.waivers] == [2026]
    assert {o.missing for o in facts.open_items} == {"the digest", "the post"}


def test_confirmed_quotes_keep_their_words_and_name_their_place(store: Store):
    """Of several statements about a document the latest; of another document none."""
    store.sign("old", said("quotes", "ann.lee", MAY, {**CONFIRMED, "quotes": [{"line": 1, "text": "Old."}]}))
    store.sign("new", said("quotes", "bo.kim", JUNE, CONFIRMED))
    store.sign("other", said("quotes", "bo.kim", JUNE, {**CONFIRMED, "document": "other.md"}))

    facts = store.evidence("quotes", document="notice.md").facts

    assert isinstance(facts, QuotesFacts)
    assert (facts.statement.author.id, facts.digest.value) == ("bo.kim", RUNBOOK)
    assert [(one.text.value, one.passage) for one in facts.quotes] == [
        ("Staff  hear\nof it.", passage_key(3, "Staff hear of it."))
    ]
    assert "nobody has stated which sentences of plan.md say so" in store.gap("quotes", document="plan.md").what


CONFIRMED = {"document": "notice.md", "digest": RUNBOOK, "quotes": [{"line": 3, "text": "Staff  hear\nof it."}]}
ASKED = {
    "quotes": {"document": "notice.md"},
    "comms": {"id": "post"},
    "watch": {"dashboard": "dash-1"},
    "retention": {"log": "traces"},
}


# --- every fact leads to where it stands -----------------------------------------------------------------------------


def _pointers(value: JsonValue) -> list[str]:
    if isinstance(value, dict):
        own = [str(value["pointer"])] if value.get("origin") == "evidence" else []
        return own + [p for inner in value.values() for p in _pointers(inner)]
    return [p for inner in value for p in _pointers(inner)] if isinstance(value, list) else []


def _everything(store: Store) -> list[Evidence]:
    seen = {"dashboard": "dash-1", "watchers": [{"person": "bo.kim", "when": "daily"}]}
    store.sign("watch", said("watch", "ann.lee", JUNE, seen, valid_until="2026-07-01T00:00:00Z"))
    store.sign("marks", marks(store.sign("quiz", quiz())))
    whole = {**DRILL, "in_flight_at_flip": 2, "in_flight_outcome": "ended", "new_work": "queued", "time_to_stop_s": 3.5}
    store.sign("drill", said("drill", "ann.lee", JUNE, {**whole, "observed_by": "bo.kim"}))
    post = {"id": "post", "drafted": False, "scheduled_at": JUNE, "audience": "all"}
    store.sign("comms", said("comms", "ann.lee", MAY, post))
    store.sign("kept", said("retention", "ann.lee", MAY, {"log": "traces", "kept_days": 180, "where": "LangSmith"}))
    waiver = {"item": 3, "reason": "r", "requested_by": "bo.kim", "compensating": "c", "expires": ON}
    store.sign("waiver", said("waiver", "cy.diaz", MAY, waiver))
    store.sign("open", said("open_item", "bo.kim", MAY, {"item": 8, "missing": "m", "owner": "bo.kim", "due": ON}))
    store.sign("quotes", said("quotes", "ann.lee", MAY, CONFIRMED))
    kinds = ("watch", "quiz", "drill", "comms", "retention", "quotes", "acceptances")
    return [store.evidence(kind, **ASKED.get(kind, {})) for kind in kinds]


def test_every_pointer_leads_into_the_body(store: Store):
    """For all kinds of statements there are."""
    for evidence in _everything(store):
        pointers = _pointers(evidence.model_dump(mode="json")["facts"])
        assert pointers
        for pointer in pointers:
            resolve(evidence.body, pointer)


def test_every_kind_has_its_fields():
    """A kind that can be stated can be read."""
    own = {"watch", "quiz", "quiz_mark", "drill", "comms", "retention", "quotes", "open_item", "waiver"}
    own |= {"answers", "not_applicable", "debt", "tests"}
    assert set(FIELDS) == own
