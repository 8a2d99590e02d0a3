"""`clearance killswitch`: the flag and its page, also for somebody whose card is half finished."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.surfaces.cli import Desk

SUBJECT = "finance-invoice-recon"
PAGE = "https://app.launchdarkly.com/agents/production/features/finance-invoice-recon-enabled"


def card(desk: Desk) -> Path:
    return Path(desk.env["CLEARANCE_CONFIG"], "cards", SUBJECT, "card.yaml")


def changed(desk: Desk, change: Callable[[str], str]) -> None:
    card(desk).write_text(change(card(desk).read_text(encoding="utf-8")), encoding="utf-8")


def test_the_flag_is_told_with_the_page_where_it_is_switched(desk: Desk):
    done, told = desk.run("killswitch", SUBJECT), json.loads(desk.run("killswitch", SUBJECT, "--json").stdout)

    assert done.returncode == 0, done.stderr
    assert PAGE in done.stdout
    assert (told["link"], told["mistake"]) == (PAGE, "")


def test_whom_the_card_names_may_flip_it_is_told_by_name(desk: Desk):
    changed(desk, lambda text: text.replace("stop_within: 60 s", "stop_within: 60 s, may_flip: [lena.fischer]"))

    told = " ".join(desk.run("killswitch", SUBJECT).stdout.split())

    assert "Lena Fischer, as the card says; and whoever launchdarkly lets change flags in project agents" in told


def test_nobody_may_flip_it_who_is_nobody(desk: Desk):
    changed(desk, lambda text: text.replace("stop_within: 60 s", "stop_within: 60 s, may_flip: [lena.fisher]"))

    done = desk.run("cards", "check")

    assert done.returncode == 2
    assert "kill_switch.may_flip[0]: 'lena.fisher' is nobody in people.yaml" in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text.replace("tier: high", "tier: enormous"), "tier: Input should be"),
        (lambda text: "draft: true\n" + text, "draft: this is a draft"),
        (lambda text: text.replace("stop_within: 60 s", "stop_within: soon, tell"), "kill_switch"),
    ],
)
def test_a_card_with_a_mistake_names_its_flag_all_the_same(desk: Desk, change: Callable[[str], str], why: str):
    changed(desk, change)

    done = desk.run("killswitch", SUBJECT)

    assert done.returncode == 0, done.stderr
    assert PAGE in done.stdout
    assert "the card does not load" in done.stdout
    assert why in done.stdout


@pytest.mark.parametrize("text", ["subject: [", "subject: finance-invoice-recon\n", "kill_switch: {flag: f}\n"])
def test_where_no_flag_can_be_named_the_cards_own_mistake_is_told(desk: Desk, text: str):
    changed(desk, lambda _: text)

    done = desk.run("killswitch", SUBJECT)

    assert (done.returncode, done.stdout) == (2, "")
    assert "card.yaml" in done.stderr


def test_a_subject_that_nobody_knows_is_told_with_the_nearest(desk: Desk):
    done = desk.run("killswitch", "finance-invoice-recn")

    assert done.returncode == 2
    assert "Did you mean finance-invoice-recon?" in done.stderr
