"""What the page refuses, each with a sentence that says who did what when, over the real store."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from agent.concerns import Concern, ConcernKind
from agent.service.assess import assess
from agent.service.permission import may_deploy
from agent.store import outbox
from agent.store.database import writing
from agent.store.schema import reviews
from agent.workflow import frozen
from tests.acceptance.conftest import GATE, NOTES, SIGNERS, SUBJECT, Desk
from tests.acceptance.prepared import Hands, Prepared
from tests.acceptance.test_deputies import JUNE, MAY, deputise
from tests.web.poison import keep_as
from tests.web.visiting import Guest, guest

NOTE_FIELDS = {f"note__{number}": text for number, text in NOTES.items()}


def open_all(who: Guest, review: str) -> None:
    for number in NOTES:
        path = f"/reviews/{review}/items/{number}/open"
        assert who.post(path, f"/reviews/{review}")[0] == 303


def sign(who: Guest, review: str, role: str, decision: str = "cleared", **more: str) -> tuple[int, str]:
    """With a form of this session, whether or not the page still shows one."""
    action, digest = f"/reviews/{review}/sign", who.deps.reviews.get(review).digest
    fields = {"digest": digest, "role": role, "decision": decision, **NOTE_FIELDS, **more}
    return who.post(action, csrf=who.old_token(action), **fields)


@pytest.fixture
def desk(prepared: Prepared, tmp_path: Path) -> Desk:
    return prepared.copy(tmp_path)


@pytest.fixture(scope="module")
def own(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Guest:
    """Mike Chen, who has opened the evidence and signed nothing."""
    mike = guest(prepared.copy(tmp_path_factory.mktemp("own")), "mike.chen")
    open_all(mike, prepared.review)
    return mike


@pytest.fixture
def signed(prepared: Prepared, desk: Desk) -> Desk:
    """Everybody has signed on the page."""
    for person, role in SIGNERS:
        who = guest(desk, person)
        open_all(who, prepared.review)
        assert sign(who, prepared.review, role)[0] == 303
    return desk


def test_a_second_click_is_told_who_signed_when(prepared: Prepared, desk: Desk):
    """A form that is sent again, as it was."""
    mike = guest(desk, "mike.chen")
    open_all(mike, prepared.review)
    assert sign(mike, prepared.review, "builder")[0] == 303

    status, told = sign(mike, prepared.review, "builder")

    assert status == 409
    assert "Mike Chen signed as builder at 2026-06-17 14:" in told
    assert len(mike.deps.reviews.signoffs(prepared.review)) == 1


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("note__4", ". 👍 .", "item 4 needs a sentence of your own on what you saw, three words at least"),
        ("note__4", "\u200b \u200b \u200b", "item 4 needs a sentence of your own"),
        ("note__9", NOTES["4"].upper() + ".", "the notes are the same text"),
        ("note__9", "Rollback and kill plan tested", "the note on item 9 repeats what stands there"),
        ("note__7", "word " * 2000, "the note on item 7 is longer than 2,000 characters; nothing was signed"),
        ("note__7", "I saw\x00 all of it", "the note on item 7 holds U+0000, which no screen shows"),
        ("reason", "why " * 3000, "the reason is longer than 2,000 characters"),
    ],
)
def test_what_is_no_sentence_of_ones_own_signs_nothing(
    prepared: Prepared, own: Guest, field: str, text: str, sentence: str
):
    status, told = sign(own, prepared.review, "builder", **{field: text})

    assert (status, sentence in told) == (409, True)
    assert own.deps.reviews.signoffs(prepared.review) == []


def test_a_sentence_in_any_script_is_signed_and_shown_as_it_was_written(prepared: Prepared, desk: Desk):
    """Right to left, without spaces, with signs outside of the basic plane, and as long as it may be."""
    mike = guest(desk, "mike.chen")
    open_all(mike, prepared.review)
    written = {
        "note__4": "看到了三个护栏事件",
        "note__7": "قرأت كل الإجابات بنفسي",
        "note__9": "Saw it 👍🏽 " + "ja " * 600,
    }

    assert sign(mike, prepared.review, "builder", **written)[0] == 303
    page = mike.get(f"/reviews/{prepared.review}")
    assert all(" ".join(text.split()) in page for text in written.values())


PICTURES = (
    "On-call cover from launch on", "The kill-switch drill", "against its target",
    "Retention against what the card asks", "When the evidence stops counting",
)  # fmt: skip


def test_all_five_pictures_stand_on_the_page_and_in_the_report(prepared: Prepared, signed: Desk):
    """Inline, each with its name and its words for whoever does not see it."""
    mike = guest(signed, "mike.chen")
    for path in (f"/reviews/{prepared.review}", f"/reviews/{prepared.review}/report"):
        body = mike.client.get(path).text
        drawn = re.findall(r'<svg class="chart"[^>]*role="img"[^>]*><title[^>]*>([^<]+)</title><desc[^>]*>[^<]+', body)
        assert [name for name in PICTURES if not any(name in title for title in drawn)] == []


def test_a_late_refusal_is_told_that_the_report_is_written(prepared: Prepared, signed: Desk):
    """Whoever would have blocked after the last signature."""
    status, told = sign(guest(signed, "dana.ortiz"), prepared.review, "second_approver", "blocked", reason="I was away")

    assert status == 409
    assert "is signed and its report is written; it takes no more signatures" in told


def test_nothing_is_stated_or_checked_again_in_a_review_that_is_done(prepared: Prepared, signed: Desk):
    mike, page = guest(signed, "mike.chen"), f"/reviews/{prepared.review}/items/8"
    for action in (f"{page}/state", f"{page}/again"):
        status, told = mike.post(action, csrf=mike.old_token(action), kind="comms", id="launch-post", drafted="yes")
        assert (status, "is signed and its report is written; look at the latest review" in told) == (409, True)
    assert mike.get(page).count("State what is drafted") == 0


def test_a_signer_takes_the_decision_back_once_and_nobody_else_does(prepared: Prepared, signed: Desk):
    """Then the page says by whom, and a second time is refused."""
    review, action = prepared.review, f"/reviews/{prepared.review}/revoke"
    lena, mike = guest(signed, "lena.fischer"), guest(signed, "mike.chen")
    why = {"reason": "The drill was not the one we mean"}

    status, told = lena.post(action, csrf=lena.old_token(action), **why)
    assert (status, "Lena Fischer did not sign" in told) == (409, True)
    status, told = mike.post(action, f"/reviews/{review}", reason="no")
    assert (status, "say under Reason why the decision is taken back" in told) == (409, True)

    assert mike.post(action, f"/reviews/{review}", **why)[0] == 303
    page = mike.get(f"/reviews/{review}")
    assert f"{review} was revoked by mike.chen; it takes no more signatures. Reason: The drill was not" in page
    status, told = mike.post(action, csrf=mike.old_token(action), **why)
    assert (status, "is not a decision that stands (revoked)" in told) == (409, True)

    answer = may_deploy(mike.deps, SUBJECT, "1.0", GATE, sandbox=True)
    assert (answer.code, "was revoked by mike.chen, who said: The drill was not" in answer.sentence) == (20, True)
    standing = mike.deps.registry.get(SUBJECT, "1.0", GATE)
    assert standing is not None
    assert standing.status == "revoked"
    assert {row.person for row in outbox.due(mike.deps.engine, mike.deps.clock()) if row.kind == "revoked"} >= {
        "morteza.moradi", "dana.ortiz",
    }  # fmt: skip
    assert "Report report.html" in page


@pytest.mark.parametrize(
    ("held", "why"),
    [
        ({}, "it waits for signatures; it is written with the last one"),
        ({"state": "revoked", "ended_by": "dana.ortiz"}, "it was revoked by dana.ortiz"),
    ],
)
def test_a_report_that_is_not_there_is_said_to_be_due_or_never_to_come(
    prepared: Prepared, desk: Desk, held: dict[str, str], why: str
):
    mike = guest(desk, "mike.chen")
    with writing(mike.deps.engine) as connection:
        connection.execute(update(reviews).values({"state": "signing", **held}))

    assert f"{prepared.review} has no report.html: {why}" in mike.get(f"/reviews/{prepared.review}/report")


def test_what_has_lapsed_since_is_not_signed(prepared: Prepared, desk: Desk):
    """The evidence was fresh when it was shown."""
    clock = Hands(desk.deps().clock())
    open_all(guest(desk, "mike.chen", clock), prepared.review)
    clock.go(hours=30)

    status, told = sign(guest(desk, "mike.chen", clock), prepared.review, "builder")

    assert status == 409
    assert "shows how things stood at 2026-06-17 14:" in told
    assert "too long ago; assess again, then sign the new review" in told


def test_a_rehearsal_shows_that_it_cannot_be_signed_and_takes_no_form(desk: Desk):
    deps = desk.deps()
    review = assess(deps, SUBJECT, GATE, as_of=deps.clock() - timedelta(hours=1)).document.review
    mike = guest(desk, "mike.chen")
    page = mike.client.get(f"/reviews/{review}").text

    assert "REHEARSAL." in page
    assert 'name="decision"' not in page
    assert "/state" not in page
    status, told = sign(mike, review, "builder")
    assert (status, "is a rehearsal (--as-of): it can never be signed" in told) == (409, True)
    action = f"/reviews/{review}/items/4/again"
    status, told = mike.post(action, csrf=mike.old_token(action))
    assert (status, "is a rehearsal (--as-of), in which nothing can be done" in told) == (409, True)


def test_an_unknown_review_is_told_for_every_form(desk: Desk):
    mike = guest(desk, "mike.chen")
    for action in ("sign", "revoke", "items/4/open", "items/4/again", "items/4/state"):
        path = f"/reviews/rv-nowhere/{action}"
        status, told = mike.post(path, csrf=mike.old_token(path), digest="0" * 64, decision="blocked", kind="drill")
        assert (status, "there is no review 'rv-nowhere'" in told) == (404, True)


def test_a_session_that_ended_takes_no_form_and_says_that_nothing_was_done(prepared: Prepared, desk: Desk):
    """An hour without a look; what was sent is not kept anywhere."""
    clock = Hands(desk.deps().clock())
    mike = guest(desk, "mike.chen", clock)
    action = f"/reviews/{prepared.review}/sign"
    token = mike.old_token(action)
    clock.go(minutes=61)

    status, told = mike.post(action, csrf=token, role="builder", decision="blocked", reason="I have my doubts")

    assert status == 401
    assert "your session has ended. Nothing was done with the form that you sent." in told
    assert mike.deps.reviews.signoffs(prepared.review) == []


def test_a_form_of_another_persons_session_or_of_an_older_one_is_forged(prepared: Prepared, desk: Desk):
    """Every form of the page: the token of the same form, made for somebody else."""
    mike, dana = guest(desk, "mike.chen"), guest(desk, "dana.ortiz")
    review = f"/reviews/{prepared.review}"
    item = f"{review}/items/9"
    for action in (f"{review}/sign", f"{review}/revoke", *(f"{item}/{one}" for one in ("open", "again", "state"))):
        status, told = mike.post(action, csrf=dana.old_token(action))
        assert (status, "was not made for you by this page, or is from an older session" in told) == (409, True)
    for action in (f"/quiz/{SUBJECT}/answer", f"/quiz/{SUBJECT}/mark"):
        for token in (dana.old_token(action), "not ASCII: ü"):
            assert mike.post(action, csrf=token)[0] == 409


def test_a_deputy_sees_what_waits_and_the_table_says_for_whom_they_signed(prepared: Prepared, desk: Desk):
    deputise(desk, "dana.ortiz", "lena.fischer", **JUNE)
    lena = guest(desk, "lena.fischer")
    assert "Sign as second approver" in lena.get("/")
    open_all(lena, prepared.review)

    assert sign(lena, prepared.review, "second_approver")[0] == 303
    assert "Lena Fischer for Dana Ortiz" in lena.get(f"/reviews/{prepared.review}")


def test_a_deputy_outside_their_dates_is_offered_nothing_and_told_the_dates(prepared: Prepared, desk: Desk):
    deputise(desk, "dana.ortiz", "lena.fischer", **MAY)
    lena = guest(desk, "lena.fischer")
    assert "Nothing waits for your signature." in lena.get("/")
    open_all(lena, prepared.review)

    status, told = sign(lena, prepared.review, "second_approver")

    assert status == 409
    assert "Lena Fischer stands in for Dana Ortiz as second_approver between 2026-05-15" in told


def test_a_concern_has_a_field_and_stops_the_signature_until_it_is_answered(prepared: Prepared, desk: Desk):
    """In the signer's own words; then the answer stands beside the question for everybody."""
    mike = guest(desk, "mike.chen")
    document = frozen.document(mike.deps, mike.deps.reviews.get(prepared.review))
    doubt = Concern(id="C1", item=9, kind=ConcernKind.NO_ANSWER, question="Who is told when it stops?", quotes=())
    review = keep_as(
        mike.deps, prepared.review, document.model_copy(update={"review": "rv-doubted", "concerns": (doubt,)})
    )
    assert "Concern C1: Who is told when it stops?" in mike.get(f"/reviews/{review}")
    open_all(mike, review)

    for answer in ("", "the team"):
        status, told = sign(mike, review, "builder", concern__C1=answer)
        assert status == 409
        assert "your own words" in told
    assert sign(mike, review, "builder", concern__C1="The on-call engineer tells finance")[0] == 303
    dana = guest(desk, "dana.ortiz")
    assert "Mike Chen answered: The on-call engineer tells finance" in dana.get(f"/reviews/{review}")
    assert "Concern C1: Who is told when it stops? (your answer" not in dana.get(f"/reviews/{review}")
