"""What a reader is shown of a review's evidence; what it is not shown is counted."""

from __future__ import annotations

from agent.people import People
from agent.workflow.binding import Scope
from agent.workflow.judge import run_probe
from agent.workflow.judging import Case
from agent.workflow.planning import Bound
from agent.workflow.read_sources import MOST_SOURCES, sources
from collectors.evidence import Evidence, Source
from tests.builders import ZONE
from tests.workflow.test_stand_ins import CONFIG, NOW, STATED


def case(*fields: dict[str, str]) -> Case:
    """So many statements, each with these fields, all in one answer."""
    said = {
        f"s{i}.yaml": {"document": {"author": "mike.chen", "made_at": "2026-06-09", "fields": each}}
        for i, each in enumerate(fields)
    }
    answer = Evidence(
        request_type="attestation.comms", params={}, source=Source(vendor="attestation", base_url=""),
        collected_at=NOW, facts=STATED, body=said,
    )  # fmt: skip
    row = Bound(item=8, name="message", state="asked", key="k", type="attestation.comms", fetched_within="1 day")
    scope = Scope(card={}, defaults={}, as_of=NOW, zone=ZONE)
    return Case(CONFIG.gate("pilot-to-prod"), scope, (row,), {"k": answer}, {"k": "0" * 64}, People(), NOW, run_probe)


def test_only_a_digest_is_left_out_of_a_statement_and_not_what_begins_like_one():
    """Else an author could keep a sentence from the reader."""
    (found,) = sources(case({"plan": "sha256: somebody will do it some day", "quiz": "sha256:" + "0" * 64}))
    texts = [passage.text for passage in found.passages]
    assert "sha256: somebody will do it some day" in texts
    assert not any("0" * 64 in text for text in texts)


def test_sources_beyond_the_most_are_counted_as_not_shown():
    """Whoever writes enough statements does not make the last of them unseen without a word."""
    found = sources(case(*({"plan": f"plan {i}"} for i in range(MOST_SOURCES + 2))))
    assert len(found) == MOST_SOURCES + 2
    assert [(one.passages, one.left_out) for one in found[MOST_SOURCES:]] == [((), 3)] * 2
    assert all(one.passages for one in found[:MOST_SOURCES])
