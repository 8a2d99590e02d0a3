"""What named people state: whose word it is, which word counts, and what is missing when there is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue

from agent.signing.attestations import PAYLOAD_TYPE
from agent.signing.envelope import seal
from collectors.connections import Connections
from collectors.evidence import Evidence, Gap, GapReason, resolve
from collectors.registry import REQUESTS
from collectors.statement_fields import FIELDS
from collectors.statements import (
    AcceptanceFacts,
    AttestationDocument,
    CommsFacts,
    DrillFacts,
    Quiz,
    QuizFacts,
    StatedRetentionFacts,
    WatchFacts,
)
from tests.collectors.statement_store import NOW, SUBJECT, Store, new_store, said

RUNBOOK = "sha256:" + "ab" * 32
MAY, JUNE = "2026-05-20T09:00:00-04:00", "2026-06-10T09:00:00-04:00"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path)


def watch(author: str = "ann.lee", made_at: str = JUNE, when: str = "daily", **more: Any) -> AttestationDocument:
    fields = {"dashboard": "dash-1", "watchers": [{"person": "bo.kim", "when": when}]}
    return said("watch", author, made_at, fields, **more)


def watched(store: Store) -> WatchFacts:
    facts = store.evidence("watch", dashboard="dash-1").facts
    assert isinstance(facts, WatchFacts)
    return facts


# --- whose word it is ------------------------------------------------------------------------------------------------


def test_a_statement_signed_with_its_authors_key_is_proven(store: Store):
    """Name and roles come from people.yaml, never from the statement."""
    store.sign("watch", watch())

    statement = watched(store).statement

    assert (statement.author.id, statement.author.value) == ("ann.lee", "Ann Lee")
    assert statement.proven
    assert statement.roles == ("engineer",)


def test_an_unsigned_statement_is_only_as_reported(store: Store):
    """It is shown with the author that it claims, and is not proven."""
    store.report("watch", watch())

    statement = watched(store).statement

    assert statement.author.id == "ann.lee"
    assert not statement.proven
    assert statement.roles == ()


def test_a_statement_signed_by_an_unknown_key_is_only_as_reported(store: Store):
    """Anyone can make a key; only people.yaml binds it to a person."""
    store.sign("watch", watch(), by="stranger")

    assert not watched(store).statement.proven


def test_a_statement_signed_with_somebody_elses_key_does_not_count(store: Store):
    """Bo cannot speak for Ann; the gap says who tried."""
    store.sign("watch", watch(author="ann.lee"), by="bo.kim")

    gap = store.gap("watch", dashboard="dash-1")

    assert gap.reason is GapReason.GONE
    assert "signed with the key of bo.kim, not of ann.lee" in gap.what


def test_a_key_proves_nothing_once_it_is_revoked(store: Store):
    """What was signed before stands, what is dated after does not."""
    store.revoked["ann.lee"] = datetime.fromisoformat("2026-06-01T00:00:00+00:00")
    store.sign("before", watch(made_at=MAY))
    assert watched(store).statement.proven

    store.sign("after", watch(made_at=JUNE, when="never"))

    assert watched(store).watchers[0].when.value == "daily"


def test_a_forged_statement_is_nobodys(store: Store):
    """Its signature names Ann's key and Ann's key did not make it; an earlier true statement stands."""
    store.sign("true", watch(made_at=MAY))
    forged = json.loads(seal(b"{}", PAYLOAD_TYPE, store.keys["ann.lee"]))
    genuine = json.loads((store.folder / "true.dsse.json").read_bytes())
    store.write("forged.dsse.json", _line({**genuine, "signatures": forged["signatures"]}))

    answer = store.evidence("watch", dashboard="dash-1")

    assert watched(store).statement.made.value == datetime.fromisoformat(MAY)
    assert "forged.dsse.json is nobody's" in answer.completeness.note
    assert "does not verify" in answer.completeness.note


def test_a_forged_statement_alone_is_no_answer(store: Store):
    """The gap names the file and why it does not count."""
    true = json.loads(seal(b"{}", PAYLOAD_TYPE, store.keys["ann.lee"]))
    store.write("forged.dsse.json", _line({**true, "payload": "e30K"}))

    gap = store.gap("watch", dashboard="dash-1")

    assert gap.reason is GapReason.GONE
    assert "forged.dsse.json" in gap.what
    assert "does not verify" in gap.what


def _line(told: dict[str, JsonValue]) -> bytes:
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


# --- which word counts -----------------------------------------------------------------------------------------------


def test_the_latest_statement_counts(store: Store):
    """Whichever of folder and store it is in."""
    store.sign("a", watch(made_at=JUNE, when="weekly"))
    store.sign("b", watch(made_at=MAY, when="daily"))
    assert watched(store).watchers[0].when.value == "weekly"

    store.keep(watch(made_at="2026-06-11T09:00:00-04:00", when="hourly"))

    assert watched(store).watchers[0].when.value == "hourly"


def test_a_later_unproven_statement_never_displaces_a_proven_one(store: Store):
    """And the evidence says that there is one."""
    store.sign("signed", watch(made_at=MAY, when="daily"))
    store.report("later", watch(made_at=JUNE, when="hourly"))

    assert watched(store).watchers[0].when.value == "daily"
    assert "later.yaml is later" in store.evidence("watch", dashboard="dash-1").completeness.note


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (watch(subject="other-bot"), "is about other-bot"),
        (watch(version="1.1"), "is about version 1.1"),
        (watch(made_at="2026-06-12T12:00:01Z"), "has not come yet"),
        (watch(made_at=MAY, valid_until="2026-06-12T12:00:00Z"), "was valid until 2026-06-12"),
    ],
)
def test_a_statement_that_does_not_apply_is_left_out_and_the_gap_says_why(
    store: Store, document: AttestationDocument, why: str
):
    """Another subject, another version, a date to come, or out of date."""
    store.sign("watch", document)

    gap = store.gap("watch", dashboard="dash-1")

    assert gap.reason is GapReason.GONE
    assert why in gap.what
    assert f"clearance attest {SUBJECT}" in gap.next_step


def test_two_different_statements_of_one_instant_are_no_answer(store: Store):
    """Which of them counts cannot be told, and choosing would be guessing."""
    store.sign("a", watch(when="daily"))
    store.sign("b", watch(when="never"))

    gap = store.gap("watch", dashboard="dash-1")

    assert gap.reason is GapReason.MALFORMED
    assert "a.dsse.json and b.dsse.json bear the same time" in gap.what


def test_the_same_statement_in_two_places_is_one(store: Store):
    """Signed and reported, in the folder and in the store."""
    store.report("reported", watch())
    store.sign("signed", watch())
    store.keep(watch())

    assert watched(store).statement.proven


def test_a_statement_about_another_dashboard_is_no_answer(store: Store):
    store.sign("watch", watch())

    gap = store.gap("watch", dashboard="dash-2")

    assert gap.reason is GapReason.GONE
    assert "nobody has stated who watches dashboard dash-2" in gap.what


# --- files that cannot be used ---------------------------------------------------------------------------------------

ABOUT = f"subject: {SUBJECT}\nversion: '1.0'\nauthor: ann.lee\nmade_at: {JUNE}\n"
FIELDS_TEXT = "fields: {dashboard: dash-1, watchers: [{person: bo.kim, when: daily}]}\n"
BAD_FILES = {
    "no YAML": ("x.yaml", b"a: [", "is not plain YAML"),
    "not UTF-8": ("x.yaml", b"\xff", "is not plain YAML"),
    "a list": ("x.yaml", b"- a", "Input should be"),
    "an alias": ("x.yaml", b"a: &a [b]\nc: *a", "aliases are not allowed"),
    "a key twice": ("x.yaml", b"kind: watch\nkind: quiz", "stands here twice"),
    "a nest": ("x.yaml", b"[" * 20_000, "is not plain YAML"),
    "an unknown kind": ("x.yaml", f"kind: wotch\n{ABOUT}{FIELDS_TEXT}".encode(), "'wotch' is not known; allowed: watch"),
    "an unknown key": ("x.yaml", f"kind: watch\nsigned: true\n{ABOUT}{FIELDS_TEXT}".encode(), "signed: Extra inputs"),
    "a version that is a number": ("x.yaml", f"kind: watch\n{ABOUT}{FIELDS_TEXT}".replace("'1.0'", "1.0").encode(), "version"),
    "a time that is a number": ("x.yaml", f"kind: watch\n{ABOUT}{FIELDS_TEXT}".replace(JUNE, "20260610").encode(), "made_at"),
    "a time without zone": ("x.yaml", f"kind: watch\n{ABOUT}{FIELDS_TEXT}".replace("-04:00", "").encode(), "made_at"),
    "an unknown field": ("x.yaml", f"kind: watch\n{ABOUT}fields: {{dash: 1}}".encode(), "fields."),
    "not a number": ("x.yaml", f"kind: watch\n{ABOUT}fields: {{a: .nan}}".encode(), "x.yaml"),
    "no envelope": ("x.dsse.json", b"{}", "not a signed envelope"),
    "too large": ("x.yaml", b"#" * 300_000, "is larger than"),
    "another ending": ("x.yml", b"", "*.dsse.json"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(BAD_FILES))
def test_a_file_that_cannot_be_used_blocks_and_is_named(store: Store, name: str):
    """It might have been the statement that counts, so it is never skipped."""
    file, content, why = BAD_FILES[name]
    store.sign("watch", watch())
    store.write(file, content)

    gap = store.gap("watch", dashboard="dash-1")

    assert gap.reason is GapReason.MALFORMED
    assert file in gap.what
    assert why in gap.what
    assert file in gap.next_step


def test_a_signed_payload_that_is_not_canonical_is_refused(store: Store):
    """One statement has one digest."""
    payload = json.dumps(watch().model_dump(mode="json"), indent=1).encode()
    store.write("x.dsse.json", seal(payload, PAYLOAD_TYPE, store.keys["ann.lee"]))

    assert "canonical" in store.gap("watch", dashboard="dash-1").what


def test_readme_and_hidden_files_are_not_statements(store: Store):
    store.sign("watch", watch())
    store.write("README.md", b"# what this is")
    store.write(".gitkeep", b"")

    assert watched(store).statement.proven


def test_a_malformed_field_of_one_kind_leaves_the_other_kinds_alone(store: Store):
    """Its kind is known, so it can only have been an answer to that question."""
    store.sign("watch", watch())
    store.report("quiz", said("quiz", "bo.kim", JUNE, {"runbook": "yes"}))

    assert watched(store)
    assert store.gap("quiz").reason is GapReason.MALFORMED


def test_without_an_overlay_nothing_is_asked():
    """The gap names the setting."""
    row = REQUESTS["attestation.quiz"]
    question = row.ask.model_validate({"subject": SUBJECT, "version": "1.0"})

    gap = row.collector()(Connections(clock=lambda: NOW), [question])[0]

    assert isinstance(gap, Gap)
    assert gap.reason is GapReason.NOT_CONFIGURED
    assert "CLEARANCE_CONFIG" in gap.what


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
    """They say who is reported to have marked, and a signed one is never displaced by them."""
    digest = store.sign("quiz", quiz())
    store.report("reported", marks(digest, author="bo.kim", made_at="2026-06-11T09:00:00Z", kill="passed"))
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


BAD_FIELDS: dict[str, tuple[str, dict[str, Any]]] = {
    "a time as a number": ("comms", {"id": "post", "drafted": True, "scheduled_at": 20260613}),
    "a time as digits": ("comms", {"id": "post", "drafted": True, "scheduled_at": "20260613"}),
    "a day without time": ("comms", {"id": "post", "drafted": True, "scheduled_at": "2026-06-13"}),
    "a time without zone": ("comms", {"id": "post", "drafted": True, "scheduled_at": "2026-06-13T09:00:00"}),
    "drafted as a word": ("comms", {"id": "post", "drafted": "yes"}),
    "true runs in flight": ("drill", {**DRILL, "in_flight_at_flip": True}),
    "fewer than no runs": ("drill", {**DRILL, "in_flight_at_flip": -1}),
    "time to stop as text": ("drill", {**DRILL, "time_to_stop_s": "38"}),
    "two lines": ("drill", {**DRILL, "new_work": "queued\nand more"}),
    "nobody watching": ("watch", {"dashboard": "dash-1", "watchers": []}),
    "an unknown mark": ("quiz_mark", {"quiz": RUNBOOK, "marks": {"kill": "great"}}),
    "a digest that is none": (
        "quiz",
        {"runbook": "v1", "answers": [{"question": "kill", "asked": "a", "answer": "b"}]},
    ),
    "a count with a fraction": ("retention", {"log": "traces", "kept_days": 180.5, "where": "x"}),
}
ASKED = {"comms": {"id": "post"}, "watch": {"dashboard": "dash-1"}, "retention": {"log": "traces"}}


@pytest.mark.parametrize("name", sorted(BAD_FIELDS))
def test_a_field_that_is_not_what_the_kind_asks_for_is_malformed(store: Store, name: str):
    """Nothing is converted on the quiet: a bare number would read as a day in 1970, long before any launch."""
    kind, fields = BAD_FIELDS[name]
    store.sign("quiz", quiz())
    store.sign("x", said(kind, "ann.lee", JUNE, fields))

    gap = store.gap("quiz" if kind == "quiz_mark" else kind, **ASKED.get(kind, {}))

    assert gap.reason is GapReason.MALFORMED
    assert "x.dsse.json" in gap.what
    assert "fields." in gap.what


# --- every fact leads to where it stands -----------------------------------------------------------------------------


def _pointers(value: JsonValue) -> list[str]:
    if isinstance(value, dict):
        own = [str(value["pointer"])] if value.get("origin") == "evidence" else []
        return own + [p for inner in value.values() for p in _pointers(inner)]
    return [p for inner in value for p in _pointers(inner)] if isinstance(value, list) else []


def _everything(store: Store) -> list[Evidence]:
    store.sign("watch", watch(valid_until="2026-07-01T00:00:00Z"))
    store.sign("marks", marks(store.sign("quiz", quiz())))
    whole = {**DRILL, "in_flight_at_flip": 2, "in_flight_outcome": "ended", "new_work": "queued", "time_to_stop_s": 3.5}
    store.sign("drill", said("drill", "ann.lee", JUNE, {**whole, "observed_by": "bo.kim"}))
    post = {"id": "post", "drafted": False, "scheduled_at": JUNE, "audience": "all"}
    store.sign("comms", said("comms", "ann.lee", MAY, post))
    store.sign("kept", said("retention", "ann.lee", MAY, {"log": "traces", "kept_days": 180, "where": "LangSmith"}))
    waiver = {"item": 3, "reason": "r", "requested_by": "bo.kim", "compensating": "c", "expires": ON}
    store.sign("waiver", said("waiver", "cy.diaz", MAY, waiver))
    store.sign("open", said("open_item", "bo.kim", MAY, {"item": 8, "missing": "m", "owner": "bo.kim", "due": ON}))
    kinds = ("watch", "quiz", "drill", "comms", "retention", "acceptances")
    return [store.evidence(kind, **ASKED.get(kind, {})) for kind in kinds]


def test_every_pointer_leads_into_the_body(store: Store):
    """For all kinds of statements there are."""
    for evidence in _everything(store):
        pointers = _pointers(evidence.model_dump(mode="json")["facts"])
        assert pointers
        for pointer in pointers:
            resolve(evidence.body, pointer)


def test_statements_come_from_ourselves_and_from_no_sandbox(store: Store):
    """The folder is named as the source; the mark SANDBOX comes from the vendors' evidence."""
    store.sign("watch", watch())

    source = store.evidence("watch", dashboard="dash-1").source

    assert (source.vendor, source.sandbox) == ("attestations", False)
    assert source.base_url == store.folder.as_uri()


def test_every_kind_has_its_fields():
    """A kind that can be stated can be read."""
    assert set(FIELDS) == {"watch", "quiz", "quiz_mark", "drill", "comms", "retention", "open_item", "waiver"}
