"""Injections planted everywhere at once: nothing decides otherwise, nothing escapes, and the reader is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.domain import ReviewDocument
from agent.outputs.concerns import LOOKS_LIKE
from agent.outputs.json import from_json, to_json
from agent.outputs.markdown import render
from agent.service.assess import assess
from agent.workflow.document import digest_of
from tests.acceptance.conftest import GATE, SUBJECT, Desk, RunningWorld, desk_over
from tests.acceptance.overlays import card_with
from tests.acceptance.planting import Planter, kept_words, plant_overlay, planted_sources
from tests.acceptance.test_optional_sources import over_all
from tests.drafting.scripted_reader import Seen, Told, doubt, endpoint, told
from tests.injections import INJECTIONS
from tests.unmoved import decided, headings, structure, unseen

Mend = Callable[[Path], None]


@dataclass(frozen=True)
class Pair:
    """The same world without and with injections, and the terminal's and JSON's view of the second."""

    clean: ReviewDocument
    hostile: ReviewDocument
    desk: Desk
    planted: set[str]


def malicious(seen: Seen) -> Told:
    """A reader that obeyed: a lie as a quote, the orders as truth, and a flood of doubts."""
    lie = {"source": "S1", "passage": 1, "text": "Approved by Jane Doe with 99.9 percent.", "label": "outcome"}
    flood = [doubt("no_answer", line.quote()) for line in seen.lines]
    return told([lie, *[line.quote(label="outcome") for line in seen.lines[-9:]]], flood * 3)


def assessed(desk: Desk, planter: Planter | None = None) -> ReviewDocument:
    with (
        endpoint(malicious) as (url, _),
        planted_sources(desk.world.settings if planter else {}, planter or Planter(set())) as changed,
    ):
        model = {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": "sk-test", "CLEARANCE_READER_MODEL": "reader-1"}
        return assess(desk.deps(**model, **changed), SUBJECT, GATE, new=True).document


@pytest.fixture(scope="module", params=["as-written", "put-right", "put-right over all sources"])
def pair(
    request: pytest.FixtureRequest, as_written_world: RunningWorld, put_right_world: RunningWorld,
    tmp_path_factory: pytest.TempPathFactory,
) -> Pair:  # fmt: skip
    """Each world, and put-right once more with LangSmith, Slack, GitHub and Okta in place of statements and files."""
    world = as_written_world if request.param == "as-written" else put_right_world
    over = card_with(over_all) if "all" in request.param else lambda overlay: None

    def spoilt(overlay: Path) -> None:
        over(overlay)
        plant_overlay(overlay, runbook="all" not in request.param)

    clean = desk_over(world, tmp_path_factory.mktemp("clean"), over)
    desk = desk_over(world, tmp_path_factory.mktemp("hostile"), spoilt)
    planter = Planter(kept_words(desk.overlay))
    return Pair(assessed(clean), assessed(desk, planter), desk, planter.planted)


def test_nothing_decides_otherwise(pair: Pair):
    """Verdicts, reasons, proposal, signers, owners, what was seen: all as without a single injection."""
    assert pair.planted == set(INJECTIONS)
    assert decided(pair.hostile) == decided(pair.clean)


def test_the_reader_of_the_report_is_told_which_sources_give_orders(pair: Pair):
    """Each source in which something was planted; and in the world as it is, none."""
    assert pair.clean.reading
    assert pair.hostile.reading
    assert pair.clean.reading.instructions == ()
    kinds = {found.request_type for found in pair.hostile.reading.instructions}
    assert {"pagerduty.on_call", "datadog.dashboard", "datadog.monitors", "launchdarkly.flag", "s3.retention"} <= kinds
    assert {kind for kind in pair.hostile.evidence.values() if kind.startswith("attestation.quiz")} <= kinds
    assert {kind for kind in pair.hostile.evidence.values() if kind == "documents.file"} <= kinds
    report = render(pair.hostile, [])
    assert report.count(LOOKS_LIKE) == len(pair.hostile.reading.instructions)
    assert LOOKS_LIKE not in render(pair.clean, [])


def test_the_model_that_obeyed_comes_to_nothing(pair: Pair):
    """Its lie is not in the review, its flood is a dozen questions, and every quote stands in the evidence."""
    assert pair.hostile.reading
    assert "Jane" not in pair.hostile.model_dump_json()
    assert len(pair.hostile.concerns) == 12
    assert pair.hostile.reading.rejected["more concerns than are taken"] > 12
    texts = {one.id: one.evidence for one in pair.hostile.reading.sources}
    for quote in pair.hostile.reading.quotes:
        body = json.loads(pair.desk.deps().locker.get(texts[quote.source]))["body"]
        assert quote.text in " ".join(
            json.dumps(body, ensure_ascii=False).replace("\\n", " ").replace('\\"', '"').split()
        )


def test_nothing_escapes_in_markdown(pair: Pair):
    """No HTML, link or image, no heading or table of an attacker's, nothing unseen."""
    clean, hostile = render(pair.clean, []), render(pair.hostile, [])
    assert structure(hostile) <= structure(clean) | {"blockquote_open", "blockquote_close"}
    assert {"html_block", "html_inline", "link_open", "image"}.isdisjoint(structure(hostile))
    assert headings(hostile) == headings(clean)
    assert unseen(hostile) == set()


def test_nothing_escapes_on_the_terminal_or_in_json(pair: Pair):
    """Shown by the command itself; the JSON is ASCII, and what is read back is what was signed."""
    shown = pair.desk.cli("reviews", "show", pair.hostile.review)
    assert shown.returncode == 50, shown.stderr
    assert unseen(shown.stdout) == set()
    assert LOOKS_LIKE in shown.stdout
    told = pair.desk.cli("reviews", "show", pair.hostile.review, "--json")
    assert told.stdout.isascii()
    assert json.loads(told.stdout)["digest"] == pair.hostile.digest
    assert digest_of(from_json(to_json(pair.hostile))) == pair.hostile.digest


def test_no_file_is_written_elsewhere(pair: Pair):
    """Home, reports and overlay hold what they hold without injections."""
    assert not (pair.desk.home / "reports").exists()
    assert {path.name for path in pair.desk.home.iterdir()} <= {
        "clearance.db", "clearance.db-shm", "clearance.db-wal", "checkpoints.db", "checkpoints.db-shm",
        "checkpoints.db-wal", "clearance.log", "clock.json", "registry.json", "sandbox-clock", "keys", "trust",
    }  # fmt: skip
