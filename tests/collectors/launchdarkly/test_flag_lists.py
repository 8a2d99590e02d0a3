"""Many flags of one environment: pages are counted, not flags; what a list does not show whole is asked for by key."""

from __future__ import annotations

import json

import pytest

from collectors.evidence import Evidence, GapReason, resolve
from collectors.launchdarkly.flag import flag
from collectors.launchdarkly.history import flag_history
from collectors.launchdarkly.shelf import FEW
from collectors.sandbox.faults import Fault

LIST = "/api/v2/flags/agents"
MANY = 6


@pytest.fixture
def many(place):
    """A place whose list holds so many more flags, each a copy of the world's under another key."""

    def opened(change=lambda body: body):
        return place(edits={LIST: lambda body: change(with_copies(body)), f"{LIST}/.+": lambda body: body})

    return opened


def with_copies(body):
    copies = [body["items"][0] | {"key": f"copy-{i}"} for i in range(MANY)]
    return body | {"items": [*body["items"], *copies], "totalCount": len(body["items"]) + MANY}


def copies(the_flag, count=MANY):
    return [the_flag.model_copy(update={"flag": f"copy-{i}"}) for i in range(count)]


def without(name):
    """The same list whose rows lack one field of the environment."""

    def edit(body):
        held = [{k: v for k, v in row["environments"]["production"].items() if k != name} for row in body["items"]]
        rows = [row | {"environments": {"production": one}} for row, one in zip(body["items"], held, strict=True)]
        return body | {"items": rows}

    return edit


def test_many_flags_are_read_from_one_page(many, the_flag):
    here = many()
    answers = flag(here.conn, copies(the_flag))
    assert [answer.facts.flag.value for answer in answers] == [f"copy-{i}" for i in range(MANY)]
    assert here.paths() == [LIST]
    for answer in answers:
        assert resolve(answer.body, answer.facts.on.pointer) is True
        assert [call.path for call in answer.calls] == [LIST]


def test_a_few_are_asked_for_by_key(many, the_flag):
    here = many()
    flag(here.conn, copies(the_flag, FEW))
    assert LIST not in here.paths()


def test_a_list_says_the_same_as_the_flag_asked_for_by_key(many, the_flag):
    (alone,) = flag(many().conn, [the_flag])
    (listed, *_) = flag(many().conn, [the_flag, *copies(the_flag)])
    assert listed.facts == alone.facts


@pytest.mark.parametrize("field", ["on", "offVariation", "fallthrough", "rules", "targets", "version"])
def test_a_row_that_is_not_the_whole_flag_is_asked_for_by_key(many, the_flag, field):
    """The copies stand in the list only, so that they are gone, and never told from half a row."""
    here = many(without(field))
    answers = flag(here.conn, [the_flag, *copies(the_flag)])
    assert isinstance(answers[0], Evidence)
    assert {answer.reason for answer in answers[1:]} == {GapReason.GONE}


def test_a_list_longer_than_asking_by_key_is_left_after_its_first_page(many, the_flag):
    here = many(lambda body: body | {"items": body["items"][:1], "totalCount": 900})
    flag(here.conn, copies(the_flag))
    assert here.paths().count(LIST) == 1
    assert len(here.paths()) == 1 + MANY


def test_the_next_page_is_asked_for_where_it_is_worth_it(many, the_flag):
    """The first page holds none of the flags, and says that there are more."""
    here = many()
    first = json.dumps({"items": [{"key": "another"}], "totalCount": 2})
    here.faults.set(Fault(kind="status", status=200, path=LIST, body=first, times=1))
    assert all(isinstance(answer, Evidence) for answer in flag(here.conn, copies(the_flag)))
    assert here.paths() == [LIST, LIST]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(kind="status", status=403, path=LIST), GapReason.DENIED),
        (Fault(kind="status", status=429, path=LIST, headers={"retry-after": "60"}), GapReason.THROTTLED),
        (Fault(kind="status", status=503, path=LIST, headers={"retry-after": "0"}), GapReason.UNREACHABLE),
        (Fault(kind="truncate", path=LIST), GapReason.MALFORMED),
        (Fault(kind="status", status=200, path=LIST, body='{"items": null}'), GapReason.MALFORMED),
        (Fault(kind="status", status=200, path=LIST, body='{"items": [], "totalCount": "1"}'), GapReason.MALFORMED),
    ],
)
@pytest.mark.parametrize("asked", [flag, flag_history])
def test_a_list_that_fails_is_everyones_gap(many, the_flag, history_of, asked, fault, reason):
    here = many()
    here.faults.set(fault)
    asks = copies(the_flag) if asked is flag else [history_of(flag=ask.flag) for ask in copies(the_flag)]
    answers = asked(here.conn, asks)
    assert {answer.reason for answer in answers} == {reason}
    if reason == GapReason.DENIED:
        assert all("Reader role" in answer.scope for answer in answers)


def test_a_key_that_cannot_be_one_is_gone_and_is_in_no_list(many, the_flag):
    here = many()
    answers = flag(here.conn, [*copies(the_flag), the_flag.model_copy(update={"project": "a/b"})])
    assert answers[-1].reason == GapReason.GONE
    assert here.paths() == [LIST]


def test_histories_of_many_flags_read_the_flags_once(many, the_flag, history_of):
    here = many()
    answers = flag_history(here.conn, [history_of(), *(history_of(flag=ask.flag) for ask in copies(the_flag))])
    assert isinstance(answers[0], Evidence)
    assert here.paths().count(LIST) == 1
    assert not [path for path in here.paths() if path.startswith(f"{LIST}/")]
