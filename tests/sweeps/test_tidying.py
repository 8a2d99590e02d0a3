"""A sweep lets Python look for garbage more seldom, and leaves the setting as it found it."""

from __future__ import annotations

import gc

import pytest

from agent.service.sweeps.tidying import SELDOM, tidied_seldom


@pytest.fixture(scope="module", autouse=True)
def tidied() -> None:
    """No other sweep is under way here."""


class Ring:
    """Holds itself: only the collector can take it away."""

    def __init__(self) -> None:
        self.me = self


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
