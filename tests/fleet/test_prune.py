"""What prune takes away, and what it never does: anything under a review that somebody signed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import event

from agent.deps import Deps
from agent.domain import ReviewDocument
from agent.errors import Refused, StoreError, UsageError
from agent.gates import Gate
from agent.service import pruning
from agent.service.finishing import shown
from agent.service.verification import verify
from agent.store import checkpoints, log
from agent.store.sweeps import SubjectRow, Sweeps
from tests.acceptance.conftest import GATE, SUBJECT
from tests.acceptance.prepared import Hands
from tests.fleet.conftest import FleetDesk, Shelf

DAYS = timedelta(days=1)


@dataclass(frozen=True)
class Story:
    """Three reviews of one subject: `old` was superseded unsigned, `signed` is reported, `latest` waits for people."""

    desk: FleetDesk
    old: ReviewDocument
    signed: ReviewDocument
    latest: ReviewDocument

    def later(self, days: int) -> Deps:
        deps = self.desk.deps()
        return replace(deps, clock=Hands(deps.clock() + days * DAYS))


def lived(desk: FleetDesk) -> tuple[ReviewDocument, ReviewDocument, ReviewDocument]:
    old = desk.assess()
    signed = desk.assess(new=True)
    desk.sign_all(signed.review)
    return old, signed, desk.assess(new=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def story(shelf: Shelf, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Story]:
    desk, gave = shelf.copy("lived", lived, tmp_path, in_file=request.param == "sqlite")
    yield Story(desk, *gave)
    desk.close()


def digests(document: ReviewDocument) -> set[str]:
    return {digest for item in document.items for digest in (*item.evidence, *item.gaps)}


def in_locker(deps: Deps, digest: str) -> bool:
    try:
        deps.locker.get(digest)
    except StoreError:
        return False
    return True


def test_an_unsigned_review_goes_and_the_signed_one_stays_whole(story: Story):
    """Evidence that both stand on stays; the bundle verifies, and the review is shown with every value."""
    deps = story.later(100)
    shared = digests(story.old) & digests(story.signed)
    document = deps.reviews.get(story.old.review).document

    done = pruning.prune(deps)

    assert done.reviews == (story.old.review,)
    assert shared, "one fetch served both"
    assert all(in_locker(deps, digest) for digest in digests(story.signed) | digests(story.latest))
    assert not in_locker(deps, document)
    assert shown(deps, story.signed.review).document.digest == story.signed.digest
    row = deps.reviews.get(story.signed.review)
    assert verify(Path(row.bundle), story.desk.home).files > 0
    assert log.broken(log.lines(deps.engine, story.signed.review)) is None


def test_a_pruned_review_says_that_it_was(story: Story):
    """Its row, its signatures and its log stay; the log tells the day."""
    deps = story.later(100)
    pruning.prune(deps)

    with pytest.raises(Refused, match="was pruned on"):
        shown(deps, story.old.review)
    told = [entry.event for entry in log.entries(deps.engine, story.old.review)]
    assert told == ["started", "assessed", "superseded", "pruned"]
    assert log.broken(log.lines(deps.engine, story.old.review)) is None


def test_a_dry_run_changes_nothing_and_says_why_the_rest_stays(story: Story):
    deps = story.later(100)

    planned = pruning.plan(deps)

    assert planned.reviews == (story.old.review,)
    assert planned.stay["is what the registry's word on a subject rests on"] == 1
    assert planned.stay["is being assessed, or waits for people"] == 1
    assert planned.stay["pieces under reviews that somebody signed"] > 0
    assert deps.reviews.get(story.old.review).state == "superseded"
    assert all(in_locker(deps, digest) for digest in planned.blobs)
    assert pruning.plan(deps) == planned


def test_nothing_young_goes(story: Story):
    deps = story.later(10)

    done = pruning.prune(deps)

    assert (done.reviews, done.threads, done.blobs) == ((), (), {})


def test_checkpoints_of_what_is_over_go(story: Story):
    """They hold work, not evidence: the signed review loses its own as well; the one that waits keeps them."""
    deps = story.later(100)

    pruning.prune(deps)

    assert checkpoints.threads(deps.engine, deps.settings.home) == {story.latest.review}


def test_the_work_of_a_review_that_begins_meanwhile_stays(story: Story):
    """It begins once prune has read which reviews there are, and before it has looked at anything else."""
    deps, made = story.later(100), list[str]()

    def begins(_c: object, _u: object, statement: str, *_more: object) -> None:
        if not made and "FROM blobs" in statement:
            made.append("")
            made[0] = story.desk.assess(new=True).review

    event.listen(deps.engine, "before_cursor_execute", begins)
    planned = pruning.prune(deps)

    assert made[0] not in planned.threads
    assert made[0] in checkpoints.threads(deps.engine, deps.settings.home)


def test_what_the_next_sweep_is_compared_with_stays(story: Story):
    """That of the last that ended: one that was left behind later hides it not."""
    deps, now = story.desk.deps(), story.desk.deps().clock()
    store, old = Sweeps(deps.engine), story.old.review
    store.begin("sw-1", "k", "{}", now, "me", young=now)
    store.plan("sw-1", [SubjectRow(SUBJECT, GATE, state="reviewed", review=old)])
    store.finish("sw-1", "me", "d", now)
    store.begin("sw-2", "k", "{}", now, "", young=now)
    store.plan("sw-2", [SubjectRow(SUBJECT, GATE, state="reviewed", review=story.latest.review)])
    store.begin("sw-3", "k", "{}", now + DAYS, "me", young=now + DAYS)

    assert store.get("sw-2").state == "abandoned"
    assert old not in pruning.plan(story.later(100)).reviews


def test_pruning_twice_finds_nothing_more(story: Story):
    deps = story.later(100)
    pruning.prune(deps)

    again = pruning.prune(deps)

    assert (again.reviews, again.threads, again.blobs) == ((), (), {})


def test_what_was_put_again_in_the_meantime_stays(story: Story):
    """Somebody needs it now, whoever chose it before."""
    deps = story.later(100)
    planned = pruning.plan(deps)
    digest = next(iter(planned.blobs))
    body = deps.locker.get(digest)
    deps.locker.put(body, planned.blobs[digest].kind, deps.clock())

    pruning.prune(deps)

    assert deps.locker.get(digest) == body


def test_a_review_goes_on_as_before_after_pruning(story: Story):
    """The latest can be signed, and the next finds what it compares with."""
    deps = story.later(100)
    pruning.prune(deps)

    signed = story.desk.sign_all(story.latest.review)
    assert signed.bundle
    assert verify(Path(signed.bundle), story.desk.home).files > 0
    assert story.desk.assess(new=True).supersedes == story.latest.review


def test_signed_and_revoked_it_stays_until_its_gates_retention_is_over(story: Story):
    """The registry says nothing of it any more; the seven years do."""
    story.desk.sign_all(story.latest.review)
    story.desk.assess(new=True)
    before, after = story.later(7 * 365), story.later(7 * 366 + 1)

    planned = pruning.plan(before)
    assert story.signed.review not in planned.reviews
    assert planned.stay["is signed, and its gate's retention is not over"] == 1
    assert planned.until is not None

    done = pruning.prune(after)
    assert story.signed.review in done.reviews
    bundle = Path(after.reviews.get(story.signed.review).bundle)
    assert verify(bundle, story.desk.home).files > 0, "a bundle needs no locker"


def test_under_a_week_nothing_may_be_pruned(story: Story):
    with pytest.raises(UsageError, match="7d at least"):
        pruning.plan(story.desk.deps(), timedelta(days=6))


def test_the_command_says_what_goes_and_what_stays(assessed: FleetDesk):

    told = assessed.cli("prune", "--dry-run")
    assert told.returncode == 0, told.stderr
    assert "Would go" in told.stdout
    assert "1 review: each is being assessed, or waits for people" in told.stdout
    assert json.loads(assessed.cli("prune", "--json").stdout)["reviews"] == []
    assert "is not a span" in assessed.cli("prune", "--older-than", "old").stderr


def test_a_gate_says_how_long_what_is_signed_is_kept(assessed: FleetDesk):
    """Thirty days at least; a gate that says nothing is digested as before there was this key."""
    gate = assessed.deps().configuration.gate(GATE)
    kept = gate.model_dump(mode="json", by_alias=True)

    assert "retention" not in kept
    assert Gate.model_validate({**kept, "retention": "400 days"}).retention == "400 days"
    for wrong in ("29 days", "0 years", "for ever"):
        with pytest.raises(ValidationError):
            Gate.model_validate({**kept, "retention": wrong})
