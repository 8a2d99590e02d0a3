"""One round that ends as nobody expected ends no other: it is logged, said to `doctor`, and the next one comes."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from agent.surfaces import doctoring
from agent.surfaces.rounds import FRESH, rounds, troubles
from agent.surfaces.web import postman
from tests.acceptance.conftest import prepared, put_right_world
from tests.acceptance.prepared import Prepared
from tests.chat.workspace import until

__all__ = ["prepared", "put_right_world"]


@pytest.fixture
def incidents(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What reaches the process's own hook, which logs it as an incident."""
    found: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: found.append(args.exc_type.__name__))
    return found


def test_the_next_round_comes_after_one_that_nobody_expected(incidents: list[str]):
    came, said = list[int](), list[str]()

    def look() -> None:
        came.append(len(came))
        if len(came) in (1, 2):
            raise TypeError("nobody expected this")

    with rounds(look, 0.01, said.append):
        until(lambda: len(came) > 4 and len(incidents) == 2)

    assert incidents == ["TypeError"] * 2
    assert [bool(one) for one in said] == [True, True, False]
    assert "in a way that nobody expected (TypeError); clearance.log has it" in said[0]


def test_it_ends_with_its_process_also_between_two_that_failed(incidents: list[str]):
    with rounds(lambda: {}["nothing"], 60):  # type: ignore[index]
        until(lambda: incidents)
    until(lambda: not [one for one in threading.enumerate() if "_walk" in one.name])


def test_doctor_says_what_does_not_go_round_until_it_does(prepared: Prepared, tmp_path: Path, incidents: list[str]):
    """Channels that are none: only the round itself meets that."""
    deps = prepared.copy(tmp_path).deps()
    broken = replace(deps, channels=object())  # type: ignore[arg-type]
    with postman.at_work(broken, 0.01):
        until(lambda: troubles(deps))
    found = doctoring.examine(deps)
    (told,) = found.rounds

    assert told.startswith("messages and reports that are due, in process ")
    assert "the last round ended in a way that nobody expected (AttributeError)" in told
    assert not found.well
    assert found.as_json()["rounds"] == [told]
    assert troubles(replace(deps, clock=lambda: deps.clock() + FRESH + timedelta(minutes=1))) == ()
