"""A sweep lets Python look for garbage more seldom, and leaves the setting as it found it."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from agent.service.sweeps.tidying import SELDOM, tidied_seldom


class Ring:
    """Holds itself: only the collector can take it away."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def _nothing_is_apart() -> Iterator[None]:
    """The tests set apart what they all need (tests/conftest.py); a command does not."""
    gc.unfreeze()
    yield
    gc.freeze()


def test_what_held_itself_before_is_taken_away_and_what_is_needed_is_set_apart():
    ring, before = Ring(), gc.get_freeze_count()
    del ring

    with tidied_seldom():
        assert gc.get_threshold() == SELDOM
        assert gc.get_freeze_count() > before
        assert not any(isinstance(one, Ring) for one in gc.get_objects())


def test_the_setting_is_as_it_was_also_when_the_sweep_fails():
    before = gc.get_threshold()

    with pytest.raises(RuntimeError, match="taken over"), tidied_seldom():
        raise RuntimeError("taken over")

    assert gc.get_threshold() == before
    assert not gc.get_freeze_count()


def test_of_two_sweeps_in_a_process_the_last_puts_it_back():
    before, first, second = gc.get_threshold(), tidied_seldom(), tidied_seldom()
    first.__enter__()
    second.__enter__()

    first.__exit__(None, None, None)
    assert gc.get_threshold() == SELDOM

    second.__exit__(None, None, None)
    assert gc.get_threshold() == before


def test_what_was_set_apart_before_stays_so():
    gc.freeze()
    before = gc.get_freeze_count()

    with tidied_seldom():
        assert gc.get_threshold() == SELDOM

    assert gc.get_freeze_count() > before / 2  # what is no longer needed leaves by itself
