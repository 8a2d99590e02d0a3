"""A model reads what people wrote and asks; people answer before they let anything through; nothing else changes."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from agent.domain import ReviewDocument, SignOff, SignOffDecision
from agent.errors import NotVerified, Refused
from agent.service import signing
from agent.service.assess import assess
from agent.service.verification import verify
from agent.signing import keys, signoffs, statement
from agent.store import log
from collectors.evidence import canonical
from collectors.sandbox.server import Reply
from tests.acceptance.conftest import GATE, NOTES, SIGNERS, SUBJECT, Desk, RunningWorld, desk_over, open_all
from tests.acceptance.test_model import judged
from tests.drafting.scripted import error, message
from tests.drafting.scripted_reader import Reader, endpoint, good, told

ANSWERS = {
    "C1": "The drill had runs that took longer, the dashboard shows it",
    "C2": "Sarah Lind does it until the flag is on again, the same day",
}


def read_by(desk: Desk, reader: Reader | Reply) -> ReviewDocument:
    """A review over the real stack, with the real client against a scripted reader and a good writer."""
    with endpoint(reader) as (url, _):
        deps = desk.deps(ANTHROPIC_BASE_URL=url, ANTHROPIC_API_KEY="sk-test", CLEARANCE_READER_MODEL="claude-reader-1")
        return assess(deps, SUBJECT, GATE, new=True).document


@pytest.mark.parametrize("world", ["as_written", "put_right"])
def test_a_good_reader_quotes_and_asks_and_moves_nothing(request: pytest.FixtureRequest, world: str):
    """Its quotes stand in the evidence letter for letter; verdicts, reasons and proposal are those without it."""
    desk: Desk = request.getfixturevalue(world)
    without = desk.assess()

    document = read_by(desk, good)

    assert judged(document) == judged(without)
    assert document.reading
    assert (document.reading.model, document.reading.why_none) == ("claude-reader-1", "")
    assert [one.kind for one in document.concerns] == ["against_evidence", "no_name_or_date"]
    assert "flight" in document.concerns[0].against
    (quote,) = document.reading.quotes
    evidence = next(one.evidence for one in document.reading.sources if one.id == quote.source)
    body = json.loads(desk.deps().locker.get(evidence))["body"]
    assert quote.text in body["file"]["text"]
    assert quote.text in body["file"]["text"].split("\n")[quote.line - 1]
    assert document.usage.model_calls == 2
    assert document.usage.price_usd is None  # of a reader that is not in the list


def test_prompt_answer_and_rejections_of_the_reader_are_shown(put_right: Desk):
    """With the writer's, in the order of the workflow; of what was thrown away nothing is anywhere else."""
    lie = {"source": "S1", "passage": 1, "text": "Approved by Jane Doe.", "label": "who"}
    document = read_by(put_right, lambda seen: told([lie]))

    shown = put_right.cli("reviews", "show", document.review, "--model")
    data = json.loads(put_right.cli("reviews", "show", document.review, "--model", "--json").stdout)

    assert (shown.returncode, shown.stderr) == (50, "")
    assert "2 model calls, 3,000 tokens" in shown.stdout
    assert [one["by"] for one in data["exchanges"]] == ["reader", "writer"]
    assert "You read documents and statements" in data["exchanges"][0]["system"]
    assert "Turn targeting **off**" in data["exchanges"][0]["user"]
    assert "at its place: {" in shown.stdout
    assert "Approved by Jane Doe." in shown.stdout
    assert "Jane" not in put_right.cli("reviews", "show", document.review, "--json").stdout


def test_a_review_that_shows_the_reader_the_same_costs_no_second_call(put_right: Desk):
    """Fetched again, judged again; the answer of the last review is checked anew against what is there."""
    first = read_by(put_right, good)
    with endpoint(good) as (url, asked):
        deps = put_right.deps(ANTHROPIC_BASE_URL=url, ANTHROPIC_API_KEY="k", CLEARANCE_READER_MODEL="claude-reader-1")
        second = assess(deps, SUBJECT, GATE, new=True).document

    assert first.reading
    assert second.reading
    assert asked.asked == []
    assert (second.usage.model_calls, second.reading.reused_from) == (0, first.review)
    assert (second.reading.quotes, second.concerns) == (first.reading.quotes, first.concerns)
    told_ = put_right.cli("reviews", "show", second.review, "--model").stdout
    assert f"The reader was not asked for this review: its answer is that of {first.review}." in told_


def test_another_model_or_a_document_that_changed_is_read_again(put_right: Desk):
    """What was read by one is not taken for what another would say, nor for what another text says."""
    read_by(put_right, good)
    with endpoint(good) as (url, asked):
        env = {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": "k", "CLEARANCE_READER_MODEL": "claude-reader-2"}
        assess(put_right.deps(**env), SUBJECT, GATE, new=True)
        assert len(asked.asked) == 1
        statement = put_right.overlay / "documents" / "runbook.md"
        statement.write_text(statement.read_text() + "\nOne more sentence stands here.\n")
        assess(put_right.deps(**env), SUBJECT, GATE, new=True)

    assert len(asked.asked) == 2


def test_reader_and_writer_share_the_budget_of_a_review(put_right: Desk):
    """What the reader used is gone for the writer; over it the fixed texts stand in."""
    with endpoint(good) as (url, asked):
        env = {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": "k", "CLEARANCE_READER_MODEL": "claude-reader-1"}
        none = assess(put_right.deps(**env, CLEARANCE_BUDGET_PER_REVIEW="1000"), SUBJECT, GATE, new=True).document
        assert asked.asked == []
        one = assess(put_right.deps(**env, CLEARANCE_BUDGET_PER_REVIEW="9000"), SUBJECT, GATE, new=True).document

    assert none.reading
    assert none.reading.why_none.startswith("The token budget of this review (1,000) has 1,000 left")
    assert len(asked.asked) == 1
    assert one.drafted_by.writer == "template prose"
    assert "(9,000) has 7,500 left" in one.drafted_by.why_template


def test_without_a_reader_the_report_says_so_plainly(put_right: Desk):
    """A writing model alone reads nothing: documents go to a model only where one is named for it."""
    with endpoint(good) as (url, asked):
        deps = put_right.deps(ANTHROPIC_BASE_URL=url, ANTHROPIC_API_KEY="sk-test")
        document = assess(deps, SUBJECT, GATE).document

    assert asked.asked == []
    assert document.reading
    assert document.reading.why_none == "no reader was configured; documents were not read by a model"
    bundle = put_right.sign_all(document.review).bundle
    report = Path(bundle, "report.md").read_text()
    assert "No reader was configured; documents were not read by a model." in report


@pytest.mark.parametrize("reply", [error(529, "overloaded_error"), message('{"quotes": [', stop="max_tokens")])
def test_a_reader_that_fails_is_said_and_changes_nothing(put_right: Desk, reply: Reply):
    """The other failures stand in tests/drafting."""
    document = read_by(put_right, reply)

    assert document.reading
    assert document.reading.why_none
    assert (document.concerns, document.proposal) == ((), "cleared")


def sign(desk: Desk, person: str, role: str, review: str, decision: str = "cleared", **more: object) -> signing.Signed:
    deps = desk.deps(CLEARANCE_KEY=str(desk.keys / f"{person}.pem"))
    open_all(deps, signing.caller(deps), review)
    given = {"notes": NOTES, **more}
    return signing.sign(deps, signing.caller(deps), review, role, SignOffDecision(decision), **given)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def waiting(put_right_world: RunningWorld, tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, str]:
    """A review with two concerns that nobody has signed."""
    desk = desk_over(put_right_world, tmp_path_factory.mktemp("waiting"))
    return desk, read_by(desk, good).review


def test_unanswered_concerns_stop_signing_and_say_how_to_answer(waiting: tuple[Desk, str]):
    """Nobody lets it through before each has its answer."""
    desk, review = waiting
    with pytest.raises(Refused, match=r'2 concerns are not answered yet; .* --concern C1="…" --concern C2="…"'):
        sign(desk, *SIGNERS[0], review)
    with pytest.raises(Refused, match=r'a concern is not answered yet; .* --concern C2="…"'):
        sign(desk, *SIGNERS[0], review, concerns={"C1": ANSWERS["C1"]})


def test_who_is_stricter_needs_no_answer(as_written: Desk):
    review = read_by(as_written, good).review
    assert sign(as_written, *SIGNERS[0], review, "blocked").signoff.concerns == {}


BAD = {
    "empty": ({"C1": "", "C2": "who knows it then"}, "three at least"),
    "two words": ({"C1": "looks fine", "C2": "who knows it then"}, "three at least"),
    "signs": ({"C1": "— — —", "C2": "who knows it then"}, "three at least"),
    "the same twice": ({"C1": "I looked at it", "C2": "I looked  at IT"}, "the same text"),
    "the question": ({"C1": ANSWERS["C1"], "C2": "Who does this, and by when?"}, "repeats what the concern says"),
    "the quote": ({"C1": ANSWERS["C1"], "C2": "queued for manual handling, Sarah went back to matching by hand"},
                  "repeats what the concern says"),
    "too long": ({"C1": ANSWERS["C1"], "C2": "so it goes on " * 200}, "longer than 2000"),
    "unknown": ({**ANSWERS, "C9": "there is no such thing"}, "this review has C1, C2"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(BAD))
def test_an_answer_is_a_sentence_of_ones_own(waiting: tuple[Desk, str], name: str):
    """Each kind of answer that is none is refused with what is wrong with it."""
    (desk, review), (answers, told) = waiting, BAD[name]
    with pytest.raises(Refused, match=told):
        sign(desk, *SIGNERS[0], review, concerns=answers)
    assert desk.deps().reviews.signoffs(review) == []


def test_answers_are_sealed_logged_reported_and_checked_offline(put_right: Desk):
    """The first signer answers for all, through the command line; those after need not, and the bundle holds."""
    review = read_by(put_right, good).review
    for item in NOTES:
        put_right.cli("reviews", "show", review, item, CLEARANCE_KEY=str(put_right.keys / "mike.chen.pem"))
    notes = [part for item, text in NOTES.items() for part in ("--note", f"{item}={text}")]
    answers = [part for id, text in ANSWERS.items() for part in ("--concern", f"{id}={text}")]
    told = put_right.cli("reviews", "show", review, CLEARANCE_KEY=str(put_right.keys / "mike.chen.pem")).stdout
    assert "--concern C1='…' --concern C2='…'" in told
    assert "Does the evidence contradict what is stated here?" in told
    done = put_right.cli(
        "sign", review, "--role", "builder", "--decision", "cleared", *notes, *answers,
        CLEARANCE_KEY=str(put_right.keys / "mike.chen.pem"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr

    for person, role in SIGNERS[1:]:
        signed = sign(put_right, person, role, review)

    bundle = Path(signed.bundle)
    first = SignOff.model_validate(json.loads((bundle / "review.json").read_text())["signoffs"][0])
    assert first.concerns == ANSWERS
    _assert_answers_are_sealed(put_right, first)
    assert ANSWERS["C1"] in (bundle / "report.md").read_text()
    entries = [entry for entry in log.entries(put_right.deps().engine, review) if entry.event == "signed"]
    assert ANSWERS["C2"] in entries[0].body
    assert verify(bundle, put_right.home).predicate.decision == "cleared"
    _assert_answers_are_checked(put_right, bundle)


def _assert_answers_are_checked(desk: Desk, bundle: Path) -> None:
    """Sealed anew with the product's own key, with everybody's own signatures but no answers: it does not hold."""
    whole = json.loads((bundle / "review.json").read_text())
    whole["signoffs"] = [_without_answers(desk, SignOff.model_validate(one)) for one in whole["signoffs"]]
    (bundle / "review.json").write_bytes(canonical(whole) + b"\n")
    held = _predicate(bundle)
    files = {p.relative_to(bundle).as_posix(): p.read_bytes() for p in bundle.rglob("*") if p.is_file()}
    del files[statement.NAME]
    key = statement.product_key(desk.home)
    (bundle / statement.NAME).write_bytes(statement.sealed(files, held, key))

    with pytest.raises(NotVerified, match="Mike Chen let it through, and nobody had answered C1, C2"):
        verify(bundle, desk.home)


def _predicate(bundle: Path) -> statement.Predicate:
    """What the statement says, as it stands."""
    payload = base64.b64decode(json.loads((bundle / statement.NAME).read_text())["payload"])
    return statement.Predicate.model_validate(json.loads(payload)["predicate"])


def _without_answers(desk: Desk, one: SignOff) -> dict[str, object]:
    again = signoffs.sign(
        keys.load(desk.keys / f"{one.person}.pem"), review=one.review, role=one.role, person=one.person, name=one.name,
        digest=one.digest, decision=one.decision, reason=one.reason, notes=one.notes, at=one.at, channel=one.channel,
        opened=one.opened,
    )  # fmt: skip
    return again.model_dump(mode="json")


def test_a_row_without_answers_in_the_store_does_not_count(put_right: Desk):
    """Whoever writes past the command gains nothing: what counts is worked out from the rows each time."""
    document = read_by(put_right, good)
    deps = put_right.deps(CLEARANCE_KEY=str(put_right.keys / "mike.chen.pem"))
    who = signing.caller(deps)
    bare = signoffs.sign(
        who.key, review=document.review, role="builder", person=who.person, name=who.name, digest=document.digest,
        decision=SignOffDecision.CLEARED, reason="", notes=NOTES, at=deps.clock(), channel="cli",
        opened={item: deps.clock() for item in NOTES},
    )  # fmt: skip

    deps.reviews.sign(bare, deps.clock(), lambda others: None)

    assert "Agent Builder" in sign(put_right, *SIGNERS[1], document.review, concerns=ANSWERS).missing


@pytest.mark.parametrize(("given", "told"), [("C1", "write its id"), ("=x", "write its id")])
def test_the_option_says_how_it_is_written(waiting: tuple[Desk, str], given: str, told: str):
    done = waiting[0].cli("sign", "rv-1", "--role", "lead", "--decision", "cleared", "--concern", given)
    assert done.returncode == 2
    assert told in done.stderr


def _assert_answers_are_sealed(desk: Desk, one: SignOff) -> None:
    """Changed or taken away afterwards, the signature no longer holds."""
    people = desk.deps().configuration.people()
    assert signoffs.holds(one, people)
    assert not signoffs.holds(one.model_copy(update={"concerns": {**ANSWERS, "C1": "all is fine here"}}), people)
    assert not signoffs.holds(one.model_copy(update={"concerns": {}}), people)
