"""What named people state: whose word it is, which word counts, and what is missing when there is none."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue

from agent.signing.attestations import PAYLOAD_TYPE
from agent.signing.envelope import seal
from collectors.connections import Connections
from collectors.evidence import Gap, GapReason, canonical
from collectors.registry import REQUESTS
from collectors.statements import AttestationDocument, WatchFacts
from tests.collectors.statement_store import NOW, SUBJECT, Store, new_store, said

MAY, JUNE = "2026-05-20T09:00:00-04:00", "2026-06-10T09:00:00-04:00"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path)


def watch(author: str = "ann.lee", made_at: str = JUNE, when: str = "daily", **more: Any) -> AttestationDocument:
    fields = {"dashboard": "dash-1", "watchers": [{"person": "bo.kim", "when": when}]}
    return said("watch", author, made_at, fields, **more)


def watched(store: Store) -> WatchFacts:
    facts = store.evidence("watch", dashboard="dash-1").facts
    assert isinstance(facts, WatchFacts)
    return facts


def test_a_signed_statement_that_could_not_be_written_out_blocks(store: Store):
    """Nested deeper than a seal can hold: it blocks as one does that nobody signed."""
    deep: JsonValue = "x"
    for _ in range(300):
        deep = [deep]
    store.sign("watch", watch())
    content = json.loads(watch().model_dump_json(exclude_none=True))
    content["fields"]["note"] = deep
    store.write("deep.dsse.json", seal(canonical(content), PAYLOAD_TYPE, store.keys["ann.lee"]))

    assert "deep.dsse.json" in store.gap("watch", dashboard="dash-1").what


# --- whose word it is ------------------------------------------------------------------------------------------------


def test_a_statement_signed_with_its_authors_key_is_proven(store: Store):
    """Name and roles come from people.yaml, never from the statement."""
    store.sign("watch", watch())

    statement = watched(store).statement

    assert (statement.author.id, statement.author.value) == ("ann.lee", "Ann Lee")
    assert statement.proven
    assert statement.roles == ("engineer",)


def test_an_unsigned_statement_is_only_as_reported(store: Store):
    """It is shown with the author that it claims, and is not proven."""
    store.report("watch", watch())

    statement = watched(store).statement

    assert statement.author.id == "ann.lee"
    assert not statement.proven
    assert statement.roles == ()


def test_a_statement_signed_by_an_unknown_key_is_only_as_reported(store: Store):
    """Anyone can make a key; only people.yaml binds it to a person."""
    store.sign("watch", watch(), by="stranger")

    assert not watched(store).statement.proven


def test_a_statement_signed_with_somebody_elses_key_does_not_count(store: Store):
    """Bo cannot speak for Ann; the gap says who tried."""
    store.sign("watch", watch(author="ann.lee"), by="bo.kim")

    gap = store.gap("watch", dashboard="dash-1")

    assert gap.reason is GapReason.GONE
    assert "signed with the key of bo.kim, not of ann.lee" in gap.what


def test_a_key_proves_nothing_once_it_is_revoked(store: Store):
    """Not even of before: when a statement was made is its signer's own word."""
    store.sign("before", watch(made_at=MAY))
    assert watched(store).statement.proven

    store.revoked["ann.lee"] = datetime.fromisoformat("2026-06-01T00:00:00+00:00")

    assert not watched(store).statement.proven


def test_a_forged_statement_stops_every_answer(store: Store):
    """Its signature names Ann's key and Ann's key did not make it: an older true statement must not come back."""
    store.sign("true", watch(made_at=MAY))
    forged = json.loads(seal(b"{}", PAYLOAD_TYPE, store.keys["ann.lee"]))
    genuine = json.loads((store.folder / "true.dsse.json").read_bytes())
    store.write("forged.dsse.json", _line({**genuine, "signatures": forged["signatures"]}))

    gap = store.gap("watch", dashboard="dash-1")

    assert gap.reason is GapReason.MALFORMED
    assert "forged.dsse.json is nobody's" in gap.what
    assert "does not verify" in gap.what


def _line(told: dict[str, JsonValue]) -> bytes:
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


# --- which word counts -----------------------------------------------------------------------------------------------


def test_the_latest_statement_counts(store: Store):
    """Whichever of folder and store it is in."""
    store.sign("a", watch(made_at=JUNE, when="weekly"))
    store.sign("b", watch(made_at=MAY, when="daily"))
    assert watched(store).watchers[0].when.value == "weekly"

    store.keep(watch(made_at="2026-06-11T09:00:00-04:00", when="hourly"))

    assert watched(store).watchers[0].when.value == "hourly"


def test_one_reading_serves_several_questions_only_where_that_is_wished_for(store: Store):
    """A sweep asks several types about a subject within seconds; whoever asks by themselves reads anew."""
    store.sign("a", watch(made_at=MAY, when="weekly"))
    anew = store.connections()
    shared = anew.of_a_run()
    row = REQUESTS["attestation.watch"]
    ask = row.ask.model_validate({"subject": SUBJECT, "version": "1.0", "dashboard": "dash-1"})
    first = row.collector()(shared, [ask])

    store.sign("b", watch(made_at=JUNE, when="hourly"))

    assert row.collector()(shared, [ask]) == first
    assert row.collector()(anew, [ask]) != first


def test_a_later_unproven_statement_stops_the_answer(store: Store):
    """Passed over, it would let an older statement come back when somebody's key is taken away."""
    store.sign("signed", watch(made_at=MAY, when="daily"))
    store.report("later", watch(made_at=JUNE, when="hourly"))

    gap = store.gap("watch", dashboard="dash-1")

    assert gap.reason is GapReason.MALFORMED
    assert "later.yaml is later than signed.dsse.json" in gap.what


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (watch(subject="other-bot"), "is about other-bot"),
        (watch(version="1.1"), "is about version 1.1"),
        (watch(made_at="2026-06-12T12:00:01Z"), "has not come yet"),
        (watch(made_at=MAY, valid_until="2026-06-12T12:00:00Z"), "was valid until 2026-06-12"),
    ],
)
def test_a_statement_that_does_not_apply_is_left_out_and_the_gap_says_why(
    store: Store, document: AttestationDocument, why: str
):
    """Another subject, another version, a date to come, or out of date."""
    store.sign("watch", document)

    gap = store.gap("watch", dashboard="dash-1")

    assert gap.reason is GapReason.GONE
    assert why in gap.what
    assert f"clearance attest {SUBJECT}" in gap.next_step


def test_a_statement_that_has_lapsed_brings_no_older_one_back(store: Store):
    """What was stated before it was taken back by it, for good or for a time."""
    store.sign("old", watch(made_at=MAY, when="daily"))
    store.sign("new", watch(made_at=JUNE, when="never", valid_until="2026-06-12T12:00:00Z"))

    gap = store.gap("watch", dashboard="dash-1")

    assert gap.reason is GapReason.GONE
    assert "new.dsse.json was valid until 2026-06-12" in gap.what


def test_two_different_statements_of_one_instant_are_no_answer(store: Store):
    """Which of them counts cannot be told, and choosing would be guessing."""
    store.sign("a", watch(when="daily"))
    store.sign("b", watch(when="never"))

    gap = store.gap("watch", dashboard="dash-1")

    assert gap.reason is GapReason.MALFORMED
    assert "a.dsse.json and b.dsse.json bear the same time" in gap.what


def test_the_same_statement_in_two_places_is_one(store: Store):
    """Signed and reported, in the folder and in the store."""
    store.report("reported", watch())
    store.sign("signed", watch())
    store.keep(watch())

    assert watched(store).statement.proven


def test_a_statement_about_another_dashboard_is_no_answer(store: Store):
    store.sign("watch", watch())

    gap = store.gap("watch", dashboard="dash-2")

    assert gap.reason is GapReason.GONE
    assert "nobody has stated who watches dashboard dash-2" in gap.what


# --- files that cannot be used ---------------------------------------------------------------------------------------

ABOUT = f"subject: {SUBJECT}\nversion: '1.0'\nauthor: ann.lee\nmade_at: {JUNE}\n"
WHOLE = f"kind: watch\n{ABOUT}fields: {{dashboard: dash-1, watchers: [{{person: bo.kim, when: daily}}]}}\n"
BAD_FILES = {
    "no YAML": ("x.yaml", b"a: [", "is not plain YAML"),
    "not UTF-8": ("x.yaml", b"\xff", "is not plain YAML"),
    "a list": ("x.yaml", b"- a", "Input should be"),
    "an alias": ("x.yaml", b"a: &a [b]\nc: *a", "aliases are not allowed"),
    "a key twice": ("x.yaml", b"kind: watch\nkind: quiz", "stands here twice"),
    "a nest": ("x.yaml", b"[" * 20_000, "is not plain YAML"),
    "an unknown kind": ("x.yaml", WHOLE.replace("watch", "wotch", 1).encode(), "'wotch' is not known; allowed: watch"),
    "an unknown key": ("x.yaml", f"signed: true\n{WHOLE}".encode(), "signed: Extra inputs"),
    "a version that is a number": ("x.yaml", WHOLE.replace("'1.0'", "1.0").encode(), "version"),
    "a time that is a number": ("x.yaml", WHOLE.replace(JUNE, "20260610").encode(), "made_at"),
    "a time without zone": ("x.yaml", WHOLE.replace("-04:00", "").encode(), "made_at"),
    "an unknown field": ("x.yaml", f"kind: watch\n{ABOUT}fields: {{dash: 1}}".encode(), "fields."),
    "bytes": ("x.yaml", f"kind: watch\n{ABOUT}fields: {{a: !!binary /w==}}".encode(), "utf"),
    "not a number": ("x.yaml", f"kind: watch\n{ABOUT}fields: {{a: .nan}}".encode(), "nan is not a number"),
    "no envelope": ("x.dsse.json", b"{}", "not a signed envelope"),
    "too large": ("x.yaml", b"#" * 300_000, "is larger than"),
    "another ending": ("x.yml", b"", "*.dsse.json"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(BAD_FILES))
def test_a_file_that_cannot_be_used_blocks_and_is_named(store: Store, name: str):
    """It might have been the statement that counts, so it is never skipped."""
    file, content, why = BAD_FILES[name]
    store.sign("watch", watch())
    store.write(file, content)

    gap = store.gap("watch", dashboard="dash-1")

    assert gap.reason is GapReason.MALFORMED
    assert file in gap.what
    assert why in gap.what
    assert file in gap.next_step


def test_a_signed_payload_that_is_not_canonical_is_refused(store: Store):
    """One statement has one digest."""
    payload = json.dumps(watch().model_dump(mode="json"), indent=1).encode()
    store.write("x.dsse.json", seal(payload, PAYLOAD_TYPE, store.keys["ann.lee"]))

    assert "canonical" in store.gap("watch", dashboard="dash-1").what


def test_readme_and_hidden_files_are_not_statements(store: Store):
    store.sign("watch", watch())
    store.write("README.md", b"# what this is")
    store.write(".gitkeep", b"")

    assert watched(store).statement.proven


def test_a_malformed_field_of_one_kind_leaves_the_other_kinds_alone(store: Store):
    """Its kind is known, so it can only have been an answer to that question."""
    store.sign("watch", watch())
    store.report("quiz", said("quiz", "bo.kim", JUNE, {"runbook": "yes"}))

    assert watched(store)
    assert store.gap("quiz").reason is GapReason.MALFORMED


def test_without_an_overlay_nothing_is_asked():
    """The gap names the setting."""
    row = REQUESTS["attestation.quiz"]
    question = row.ask.model_validate({"subject": SUBJECT, "version": "1.0"})

    gap = row.collector()(Connections(clock=lambda: NOW), [question])[0]

    assert isinstance(gap, Gap)
    assert gap.reason is GapReason.NOT_CONFIGURED
    assert "CLEARANCE_CONFIG" in gap.what


def test_statements_come_from_ourselves_and_from_no_sandbox(store: Store):
    """The folder is named as the source; the mark SANDBOX comes from the vendors' evidence."""
    store.sign("watch", watch())

    source = store.evidence("watch", dashboard="dash-1").source

    assert (source.vendor, source.sandbox) == ("attestations", False)
    assert source.base_url == store.folder.as_uri()
