"""What mends each of the eight reasons of the as-written world, one at a time, on a copy of its overlay's source."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from agent.yaml_lines import FastLoader
from tests import plain_yaml

CARD = "cards/finance-invoice-recon/card.yaml"
ASKED = {
    "kill": "How do you kill the agent within 60 seconds?",
    "failure_modes": "What are the top three failure modes, and what do you do for each?",
    "logs": "Where are the logs?",
}


def logs_was_asked(overlay: Path) -> None:
    """Mike was asked where the logs are as well, and knew."""
    with _edited(overlay, "statements/quiz-mike.yaml") as quiz:
        quiz["fields"]["answers"].append(_answer("logs"))
    with _edited(overlay, "statements/quiz-mike-marks.yaml") as marks:
        marks["fields"]["marks"]["logs"] = "passed"


def backup_and_weekend_engineer_answered(overlay: Path) -> None:
    """Morteza and Sam answered all three questions; what Mike was asked stays as it was."""
    for person in ("morteza.moradi", "sam.okafor"):
        name = f"quiz-{person.split('.')[0]}"
        answers = {"runbook": "$runbook", "answers": [_answer(question) for question in ASKED]}
        marks = {"quiz": f"$statement:{name}", "marks": dict.fromkeys(ASKED, "passed")}
        _write(overlay, name, "quiz", person, "2026-06-11T10:00:00-04:00", answers)
        _write(overlay, f"{name}-marks", "quiz_mark", "lena.fischer", "2026-06-11T11:00:00-04:00", marks)


def briefing_comes_before_launch(overlay: Path) -> None:
    """The sponsor is briefed the evening before."""
    _schedule(overlay, "exec-briefing", "2026-06-12T17:30:00-04:00")


def digest_was_scheduled(overlay: Path) -> None:
    """The entry goes out on the morning of the launch."""
    _schedule(overlay, "all-hands-digest", "2026-06-13T08:00:00-04:00")


def something_was_in_flight(overlay: Path) -> None:
    """Two runs were under way at the flip, and it is written down what became of them."""
    with _edited(overlay, "statements/drill.yaml") as drill:
        drill["fields"]["in_flight_at_flip"] = 2
        drill["fields"]["in_flight_outcome"] = "both were stopped and went back to the queue for manual handling"


def time_to_stop_was_recorded(overlay: Path) -> None:
    """Somebody looked at the clock."""
    with _edited(overlay, "statements/drill.yaml") as drill:
        drill["fields"]["time_to_stop_s"] = 5


def second_approver_was_named(overlay: Path) -> None:
    """Dana, who approved at M8, and neither leads nor builds."""
    with _edited(overlay, CARD) as card:
        card["people"]["second_approver"] = "dana.ortiz"


def launch_moved_to_a_business_day(overlay: Path) -> None:
    """To Monday. The briefing moves along, to the day after, so that its reason stays."""
    with _edited(overlay, CARD) as card:
        card["launch"] |= {"date": "2026-06-15", "review": "2026-07-15"}
    _schedule(overlay, "exec-briefing", "2026-06-16T10:00:00-04:00")


MENDS: dict[str, Callable[[Path], None]] = {
    mend.__name__: mend
    for mend in (
        logs_was_asked,
        backup_and_weekend_engineer_answered,
        briefing_comes_before_launch,
        digest_was_scheduled,
        something_was_in_flight,
        time_to_stop_was_recorded,
        second_approver_was_named,
        launch_moved_to_a_business_day,
    )
}


def _schedule(overlay: Path, message: str, at: str) -> None:
    with _edited(overlay, f"statements/comms-{message}.yaml") as comms:
        comms["fields"]["scheduled_at"] = at


def _answer(question: str) -> dict[str, str]:
    return {"question": question, "asked": ASKED[question], "answer": "As the runbook says, in their own words."}


def _write(overlay: Path, name: str, kind: str, author: str, made_at: str, fields: dict[str, Any]) -> None:
    about = {"kind": kind, "subject": "finance-invoice-recon", "version": "1.0", "author": author, "made_at": made_at}
    text = plain_yaml.dump({**about, "fields": fields}, sort_keys=False)
    (overlay / "statements" / f"{name}.yaml").write_text(text, encoding="utf-8")


@contextmanager
def _edited(overlay: Path, name: str) -> Iterator[Any]:
    """The YAML as plain values, written back afterwards."""
    path = overlay / name
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=FastLoader)
    yield data
    path.write_text(plain_yaml.dump(data, sort_keys=False), encoding="utf-8")
