"""One broken answer to a batch of many subjects: no crash, and no member shows what only another one shows."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from random import Random

import pytest

from tests.bench.collect import ROWS
from tests.fuzz.crowd import ILL, SPOILT, Crowd, Shown, crowd, lent
from tests.fuzz.mutations import KINDS
from tests.fuzz.tampering import Break

SEED = os.environ.get("CLEARANCE_FUZZ_SEED", "2026-06-12")
MORE = int(os.environ.get("CLEARANCE_FUZZ_MORE", "1"))
SLOW = {"aws.backups", "aws.trail", "aws.budget", "aws.iam", "aws.iam_keys", "aws.secret_rotation",
        "cloudtrail.rotations", "launchdarkly.flag_evaluation", "s3.encryption", "s3.retention"}  # fmt: skip
TRIALS = {type_: (2 if type_ in SLOW else 8) * MORE for type_ in ROWS}  # for each kind of mutation


@pytest.fixture(scope="module", params=ROWS)
def members(request: pytest.FixtureRequest) -> Iterator[tuple[Crowd, Sequence[Shown]]]:
    with crowd(request.param) as asked:
        yield asked, asked.ask()


def test_a_member_never_shows_what_is_anothers(members: tuple[Crowd, Sequence[Shown]]):
    """Cut, without a field, with a null, with another type."""
    asked, whole = members
    keys = sorted(asked.tampering.asked)
    for kind in KINDS:
        for number in range(TRIALS[asked.type_]):
            seed = f"{SEED}/{asked.type_}/{kind}/{number}"
            key = Random(seed).choice(keys)
            with asked.tampering.breaking(Break(key, kind, seed)):
                now = asked.ask()
            assert not lent(now, whole), f"{seed}: {key[:3]}, {asked.tampering.told}"


def test_the_well_have_something_to_lend(members: tuple[Crowd, Sequence[Shown]]):
    """All are seen, and every ill one lacks a value that its neighbour shows."""
    _, whole = members
    assert all(whole), "everybody is seen while nothing is broken"
    for i in ILL:
        assert lent([*whole[:i], whole[i - 1], *whole[i + 1 :]], whole)


def test_every_request_that_is_asked_in_batches_is_broken_here():
    assert SPOILT.keys() == ROWS.keys()
