"""Stating, taking on, waiving and answering in place: the command line's rules, its sentences, and the person's key."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.domain import ReviewDocument
from agent.service.assess import assess
from agent.service.finishing import shown
from tests.acceptance.conftest import GATE, SUBJECT, Desk, RunningWorld, desk_over
from tests.acceptance.prepared import Prepared
from tests.acceptance.test_conditional import unscheduled
from tests.web.visiting import Guest, guest

WAIVER = {
    "kind": "waiver", "reason": "The digest is sent by another team", "requested_by": "mike.chen",
    "compensating": "The finance post goes to everybody who uses it", "expires": "2026-07-01T00:00", "then": "later",
}  # fmt: skip
OPEN_ITEM = {
    "kind": "open_item", "missing": "The digest entry has no time yet", "owner": "mike.chen",
    "due": "2026-06-26T12:00", "then": "later",
}  # fmt: skip


@pytest.fixture(scope="module")
def warned(put_right_world: RunningWorld, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Item 8 is a warning."""
    return _assessed(put_right_world, tmp_path_factory.mktemp("warned"), holidays=False)


@pytest.fixture(scope="module")
def failed(put_right_world: RunningWorld, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Item 8 is not met."""
    return _assessed(put_right_world, tmp_path_factory.mktemp("failed"), holidays=True)


def _assessed(world: RunningWorld, folder: Path, *, holidays: bool) -> Prepared:
    desk = desk_over(world, folder, lambda overlay: unscheduled(overlay, holidays=holidays))
    return Prepared(desk, desk.assess().review)


def state(who: Guest, review: str, item: int, **fields: str) -> tuple[int, str]:
    page = f"/reviews/{review}"
    return who.post(f"{page}/items/{item}/state", page, **fields)


def latest(desk: Desk) -> ReviewDocument:
    deps = desk.deps()
    return shown(deps, deps.reviews.of(SUBJECT, "1.0", GATE)[-1].id).document


def test_a_warning_is_taken_on_and_checked_again_in_one_step(warned: Prepared, tmp_path: Path):
    """The answer is the new review, in which the open item stands; times are those of the review's zone."""
    desk = warned.copy(tmp_path)
    mike = guest(desk, "mike.chen")

    status, where = state(mike, warned.review, 8, **{**OPEN_ITEM, "then": "again"})
    after = latest(desk)

    assert (status, where) == (303, f"/reviews/{after.review}#item-8")
    assert after.supersedes == warned.review
    assert [(row.owner, row.due.isoformat()) for row in after.open_items] == [
        ("mike.chen", "2026-06-26T12:00:00-04:00")
    ]
    assert "Open items and waivers that end soon Ends 26 June 2026, 16:00 UTC: open item on item 8" in mike.get("/")


def test_a_waiver_is_approved_by_somebody_else_and_never_looks_like_a_pass(failed: Prepared, tmp_path: Path):
    desk = failed.copy(tmp_path)

    status, where = state(guest(desk, "dana.ortiz"), failed.review, 8, **{**WAIVER, "then": "again"})

    assert status == 303
    page = guest(desk, "mike.chen").get(where.partition("#")[0])
    assert "Waived until 1 July 2026, 00:00 EDT, which is not a pass: The digest is sent by another team" in page
    assert "Asked for by mike.chen, approved by Dana Ortiz" in page


REFUSED = [
    ("dana.ortiz", {"requested_by": "dana.ortiz"}, "Dana Ortiz cannot approve a waiver that they ask for themselves"),
    ("dana.ortiz", {"requested_by": "nobody"}, "'nobody' is nobody in people.yaml"),
    ("dana.ortiz", {"expires": "2026-06-01T00:00"}, "would expire at 2026-06-01 00:00"),
    ("dana.ortiz", {"expires": "2026-06-31T00:00"}, "statement waiver: expires: "),
    ("dana.ortiz", {"expires": "9999-12-31T23:59"}, "Expires: 9999-12-31T23:59 is beyond the years"),
    ("dana.ortiz", {"compensating": " "}, "compensating: Field required"),
    ("mike.chen", {"requested_by": "sam.okafor"}, "Mike Chen may not approve a waiver here"),
]


@pytest.mark.parametrize(("person", "changed", "sentence"), REFUSED)
def test_a_waiver_that_would_not_count_is_refused_and_what_was_typed_is_kept(
    failed: Prepared, person: str, changed: dict[str, str], sentence: str
):
    """Nothing is signed; the review waits as before."""
    who = guest(failed.desk, person)
    before = len(who.deps.locker.statements(SUBJECT))

    status, told = state(who, failed.review, 8, **{**WAIVER, **changed})

    assert status == 409
    assert sentence in told
    assert "The digest is sent by another team" in told
    assert len(who.deps.locker.statements(SUBJECT)) == before


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"due": "2026-07-08T00:00"}, "14 days after the launch on 2026-06-22 is the latest"),
        ({"due": "2026-06-17T00:00"}, "which has passed"),
        ({"owner": "nobody"}, "'nobody' is nobody in people.yaml, so nobody would own it"),
        ({"due": ""}, "due: Field required"),
    ],
)
def test_an_open_item_that_would_not_count_is_refused(warned: Prepared, changed: dict[str, str], sentence: str):
    status, told = state(guest(warned.desk, "mike.chen"), warned.review, 8, **{**OPEN_ITEM, **changed})

    assert (status, sentence in told) == (409, True)


def test_the_command_line_refuses_the_same_waiver_with_the_same_sentence(failed: Prepared):
    fields = {**WAIVER, "requested_by": "dana.ortiz", "expires": "2026-07-01T00:00:00-04:00"}
    options = [f"--field={k}={v}" for k, v in fields.items() if k not in ("kind", "then")]
    key = str(failed.desk.keys / "dana.ortiz.pem")

    done = failed.desk.cli("attest", SUBJECT, "8", "--kind", "waiver", *options, CLEARANCE_KEY=key)

    assert done.returncode == 20
    assert "Dana Ortiz cannot approve a waiver that they ask for themselves" in done.stderr


def test_items_that_take_no_waiver_offer_none_and_refuse_one(as_written: Desk):
    """Item 9 of the gate."""
    review = as_written.assess().review
    who = guest(as_written, "dana.ortiz")
    page = who.client.get(f"/reviews/{review}/items/9").text

    assert "This item takes no waiver." in page
    assert 'value="waiver"' not in page
    status, told = state(who, review, 9, **WAIVER)
    assert (status, "item 9 of pilot-to-prod takes no waiver" in told) == (409, True)


def test_a_drill_is_stated_with_typed_fields_and_shows_as_said_since(prepared: Prepared, tmp_path: Path):
    """Only signed: the review does not change, and says that something was stated that is not in it."""
    desk = prepared.copy(tmp_path)
    who = guest(desk, "mike.chen")
    fields = {
        "kind": "drill", "flag_off_at": "2026-06-16T14:00", "flag_on_at": "2026-06-16T14:20:30", "then": "later",
        "in_flight_at_flip": "2", "in_flight_outcome": "both ended", "time_to_stop_s": "41.5",
        "performed_by": "mike.chen", "link": "https://wiki.example/drill",
    }  # fmt: skip

    status, where = state(who, prepared.review, 9, **fields)

    assert (status, where) == (303, f"/reviews/{prepared.review}#stated")
    page = who.get(f"/reviews/{prepared.review}")
    assert "Stated since, and not in this review Mike Chen, 17 June 2026" in page
    assert {"flag_on_at": "2026-06-16T14:20:30-04:00", "in_flight_at_flip": 2, "time_to_stop_s": 41.5}.items() <= (
        _said(who).items()
    )


def _said(who: Guest) -> dict[str, object]:
    import base64
    import json

    envelope = json.loads(who.deps.locker.statements(SUBJECT)[-1])
    fields: dict[str, object] = json.loads(base64.b64decode(envelope["payload"]))["fields"]
    return fields


def test_lists_are_stated_by_the_lines_that_were_filled_in(prepared: Prepared, tmp_path: Path):
    """Who watches which dashboard: five lines are offered, two are used."""
    desk = prepared.copy(tmp_path)
    who = guest(desk, "mike.chen")

    status, _ = state(
        who, prepared.review, 2, kind="watch", dashboard="abc-def-ghi", watchers__0__person="mike.chen",
        watchers__0__when="daily at 09:00", watchers__3__person="sam.okafor", watchers__3__when="at night",
        then="later",
    )  # fmt: skip

    assert status == 303
    watchers = [{"person": "mike.chen", "when": "daily at 09:00"}, {"person": "sam.okafor", "when": "at night"}]
    assert _said(who) == {"dashboard": "abc-def-ghi", "watchers": watchers}


@pytest.mark.parametrize("kind", ["quiz", "quiz_mark", "comms", "made-up", ""])
def test_a_kind_that_the_item_does_not_take_is_refused(prepared: Prepared, kind: str):
    status, told = state(guest(prepared.desk, "mike.chen"), prepared.review, 9, kind=kind)

    assert (status, "takes no statement of that kind here; nothing was signed" in told) == (409, True)


def test_the_author_is_whoever_holds_the_key(prepared: Prepared, tmp_path: Path):
    """A form that names another author names nobody."""
    who = guest(prepared.copy(tmp_path), "mike.chen")

    status, told = state(
        who, prepared.review, 8, kind="comms", id="launch-post", drafted="yes", author="dana.ortiz", then="later"
    )

    assert status == 303, told
    assert b"dana.ortiz" not in _payload(who)
    assert b'"author":"mike.chen"' in _payload(who)


def _payload(who: Guest) -> bytes:
    import base64
    import json

    return base64.b64decode(json.loads(who.deps.locker.statements(SUBJECT)[-1])["payload"])


ANSWERS = {
    "answer__kill": "Flag off in LaunchDarkly",
    "answer__failure_modes": "Three: a, b, c",
    "answer__logs": "In S3",
}


@pytest.fixture
def quizzed(prepared: Prepared, tmp_path: Path) -> tuple[Desk, str]:
    """Sam Okafor has answered on the page."""
    desk = prepared.copy(tmp_path)
    sam, page = guest(desk, "sam.okafor"), f"/quiz/{SUBJECT}"
    digest = sam.client.get(page).text.partition('name="runbook" value="')[2][:71]
    assert sam.post(f"{page}/answer", page, runbook=digest, **ANSWERS) == (303, f"{page}#record")
    return desk, digest


def test_the_quiz_is_answered_by_one_and_marked_by_the_runbooks_owner(quizzed: tuple[Desk, str]):
    """With the same rules as on the command line: never by the answerer, never by somebody else."""
    desk, page = quizzed[0], f"/quiz/{SUBJECT}"
    for person, sentence in {
        "sam.okafor": "Sam Okafor answered these questions; nobody marks their own answers",
        "mike.chen": "Mike Chen does not own the runbook",
    }.items():
        assert sentence in guest(desk, person).get(page)
    lena = guest(desk, "lena.fischer")
    shown_ = lena.client.get(page).text.partition('name="answered_by" value="sam.okafor"')[2]
    digest = shown_.partition('name="digest" value="')[2][:71]
    token = lena.token(page, f"{page}/mark")
    marks = {"mark__kill": "passed", "mark__failure_modes": "passed", "mark__logs": "failed"}

    assert lena.post(f"{page}/mark", csrf=token, answered_by="sam.okafor", digest=digest, **marks)[0] == 303
    assert "marked these answers of Sam Okafor already (failure_modes passed, kill passed, logs failed)" in lena.get(
        page
    )
    again = lena.post(f"{page}/mark", csrf=token, answered_by="sam.okafor", digest=digest, **marks)
    assert (again[0], "already" in again[1]) == (409, True)


def test_whoever_has_yet_to_answer_does_not_see_what_others_answered(quizzed: tuple[Desk, str]):
    """Who has answered, and when, they do; the words are for their author and for who marks them."""
    desk, page = quizzed[0], f"/quiz/{SUBJECT}"
    seen = {person: guest(desk, person).get(page) for person in ("mike.chen", "sam.okafor", "lena.fischer")}

    assert {person: "Three: a, b, c" in told for person, told in seen.items()} == {
        "mike.chen": False, "sam.okafor": True, "lena.fischer": True,
    }  # fmt: skip
    assert "Sam Okafor, 17 June 2026" in seen["mike.chen"]


def test_answers_about_another_text_or_without_one_are_refused(quizzed: tuple[Desk, str]):
    """What was typed stays in the form."""
    desk, page = quizzed[0], f"/quiz/{SUBJECT}"
    mike = guest(desk, "mike.chen")
    token = mike.token(page, f"{page}/answer")

    status, told = mike.post(f"{page}/answer", csrf=token, runbook="sha256:" + "0" * 64, **ANSWERS)
    assert (status, "read it again, then answer again" in told, "Three: a, b, c" in told) == (409, True, True)
    status, told = mike.post(f"{page}/answer", csrf=token, runbook=quizzed[1], **{**ANSWERS, "answer__logs": " "})
    assert (status, "logs: has no answer" in told) == (409, True)


def test_a_mark_over_answers_that_were_given_again_since_is_refused(quizzed: tuple[Desk, str]):
    desk, page = quizzed[0], f"/quiz/{SUBJECT}"
    lena = guest(desk, "lena.fischer")
    marks = {"mark__kill": "passed", "mark__failure_modes": "passed", "mark__logs": "passed"}

    status, told = lena.post(
        f"{page}/mark", page, answered_by="sam.okafor", digest="sha256:" + "1" * 64, **marks
    )  # fmt: skip

    assert (status, "Sam Okafor has answered again since" in told) == (409, True)


CHECKLIST, BOX = "production-readiness", 89  # cost is gone over every quarter


@pytest.fixture(scope="module")
def unanswered(put_right_world: RunningWorld, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """One box of the readiness checklist has no answer yet."""
    desk = desk_over(put_right_world, tmp_path_factory.mktemp("unanswered"), _without_an_answer)
    return Prepared(desk, assess(desk.deps(), SUBJECT, CHECKLIST).document.review)


def _without_an_answer(overlay: Path) -> None:
    path = overlay / "statements" / "answers-s11-ravi.yaml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "cost_reviews" not in line), encoding="utf-8")


def test_a_box_is_answered_in_place(unanswered: Prepared, tmp_path: Path):
    """The page shows the sum, and asks yes or no; what is checked again then counts it."""
    desk = unanswered.copy(tmp_path)
    ravi = guest(desk, "ravi.anand")
    page = ravi.get(f"/reviews/{unanswered.review}")
    assert "94 of 95 98.9 %" in page
    assert "❌ DEFER" in page

    status, where = state(ravi, unanswered.review, BOX, kind="answers", says="yes", then="again")
    assert status == 303
    assert "95 of 95 100 %" in ravi.get(where.partition("#")[0])


@pytest.mark.parametrize(("says", "told"), [("no", "note"), ("", "says")])
def test_no_answer_is_signed_that_says_nothing(unanswered: Prepared, says: str, told: str, tmp_path: Path):
    """A no needs its reason, and nobody answers by leaving it open."""
    ravi = guest(unanswered.copy(tmp_path), "ravi.anand")
    status, page = state(ravi, unanswered.review, BOX, kind="answers", says=says, then="later")

    assert status == 409
    assert told in page


def test_what_is_asked_can_be_looked_up(unanswered: Prepared, tmp_path: Path):
    """Every gate's items, in the page itself."""
    page = guest(unanswered.copy(tmp_path), "ravi.anand").get("/catalogue")

    assert "One platform holds application data, vectors and memory" in page
    assert "36 questions" in page
