"""The overlays of both worlds: laid out for the demo, signed by their people, and mended one reason at a time."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent import resources
from agent.configuration import Configuration, load_card
from agent.errors import ConfigError
from agent.people import load_people
from agent.probes.success_criteria import targets_digest
from agent.signing import keys
from agent.signing.attestations import prover
from agent.surfaces.demo_world import lay_out
from collectors.attestation_files import hear
from collectors.connections import AttestationAccess
from collectors.evidence import sha256
from collectors.sandbox.world import load_world
from collectors.statement_fields import FIELDS, QuizFields
from tests.worlds import MENDS

WORLDS = resources.folder("config") / "worlds"
NAMES = ["as-written", "put-right"]
SUBJECT = "finance-invoice-recon"


def access_to(overlay: Path) -> AttestationAccess:
    people = load_people(overlay / "people.yaml")
    folder = Configuration(WORLDS, overlay).attestations
    return AttestationAccess(folder, lambda s: [], prover(people, lambda: datetime.now(UTC)), people.name_of)


@pytest.mark.parametrize("world", NAMES)
def test_every_statement_of_a_world_is_signed_by_its_author(world: str, tmp_path: Path):
    """At the world's own clock each of them counts, and says what its kind asks for."""
    loaded = load_world(WORLDS / world)

    overlay = lay_out(loaded.overlay, tmp_path / "overlay", tmp_path / "keys")

    heard = hear(access_to(overlay), SUBJECT, "1.0", loaded.clock)
    assert len(heard.said) == len(list((loaded.overlay / "statements").iterdir()))
    assert heard.left_out == ()
    assert all(one.proven and one.fields(FIELDS[one.document.kind]) for one in heard.said)


@pytest.mark.parametrize("world", NAMES)
def test_a_quiz_is_about_the_runbook_that_is_there(world: str, tmp_path: Path):
    """The digest is filled in when the world is laid out, so the text can be edited freely."""
    overlay = lay_out(WORLDS / world / "overlay", tmp_path / "overlay", tmp_path / "keys")
    digest = "sha256:" + sha256((overlay / "documents" / "runbook.md").read_bytes())

    said = hear(access_to(overlay), SUBJECT, "1.0", datetime(2026, 7, 1, tzinfo=UTC)).said

    assert {one.fields(QuizFields).runbook for one in said if one.document.kind == "quiz"} == {digest}


@pytest.mark.parametrize("world", NAMES)
def test_the_card_bears_the_digest_of_the_targets_that_were_approved(world: str):
    """If this fails, the targets or the way they are digested changed; the right value is in the message."""
    card = load_card(WORLDS / world / "overlay" / "cards" / SUBJECT / "card.yaml").card

    assert card.targets_approved
    assert card.targets_approved.digest == targets_digest(card.targets)


def test_laying_out_twice_gives_the_same_files(tmp_path: Path):
    """Keys are kept, statements and times are the same, and nothing of another world stays behind."""
    into, people = tmp_path / "overlay", tmp_path / "keys"
    into.mkdir()
    first = _files(lay_out(WORLDS / "as-written" / "overlay", into, people))
    lay_out(WORLDS / "put-right" / "overlay", into, people)

    assert _files(lay_out(WORLDS / "as-written" / "overlay", into, people)) == first
    assert not (into / "statements").exists()


def _files(folder: Path) -> dict[str, tuple[bytes, float]]:
    """Content of every file, and when a document was last saved."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime if path.suffix == ".md" else 0)
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_document_is_older_than_what_was_said_about_it(tmp_path: Path):
    """In a world that stands still, a copy made today would come from the future."""
    overlay = lay_out(WORLDS / "as-written" / "overlay", tmp_path / "overlay", tmp_path / "keys")

    saved = datetime.fromtimestamp((overlay / "documents" / "runbook.md").stat().st_mtime, UTC)

    assert saved == datetime.fromisoformat("2026-06-07T15:30:00-04:00")


def test_everybody_has_a_key_that_only_they_can_read(tmp_path: Path):
    """And people.yaml has its public part."""
    overlay = lay_out(WORLDS / "as-written" / "overlay", tmp_path / "overlay", tmp_path / "keys")

    people = load_people(overlay / "people.yaml").people
    assert {p.stem for p in (tmp_path / "keys").iterdir()} == set(people)
    for id, someone in people.items():
        assert [key.public for key in someone.keys] == [keys.load(tmp_path / "keys" / f"{id}.pem").public]


def test_a_folder_with_somebodys_files_is_left_alone(tmp_path: Path):
    """Only what the demo laid out itself is ever replaced."""
    (tmp_path / "overlay").mkdir()
    (tmp_path / "overlay" / "mine.txt").write_text("mine")

    with pytest.raises(ConfigError, match="did not put there"):
        lay_out(WORLDS / "as-written" / "overlay", tmp_path / "overlay", tmp_path / "keys")
    assert (tmp_path / "overlay" / "mine.txt").read_text() == "mine"


def test_statements_that_refer_to_none_or_come_from_nobody_are_refused(tmp_path: Path):
    """A world with such a mistake never gets as far as a review."""
    source = tmp_path / "source"
    shutil.copytree(WORLDS / "as-written" / "overlay", source)
    (source / "statements" / "quiz-mike.yaml").unlink()
    with pytest.raises(ConfigError, match="quiz-mike-marks refer to statements that are not there"):
        lay_out(source, tmp_path / "overlay", tmp_path / "keys")

    (source / "statements" / "quiz-mike-marks.yaml").unlink()
    watch = source / "statements" / "watch.yaml"
    watch.write_text(watch.read_text().replace("author: morteza.moradi", "author: nobody.known"))
    with pytest.raises(ConfigError, match=r"watch\.yaml: author: nobody\.known"):
        lay_out(source, tmp_path / "overlay", tmp_path / "keys")


def test_there_is_a_mend_for_each_of_the_eight_reasons():
    assert len(MENDS) == 8


@pytest.mark.parametrize("name", sorted(MENDS))
def test_a_mend_changes_the_overlay_and_it_still_loads(name: str, tmp_path: Path):
    """Card, people and every statement; the approved targets stay approved."""
    source = tmp_path / "source"
    shutil.copytree(WORLDS / "as-written" / "overlay", source)
    before = _files(source)

    MENDS[name](source)

    assert _files(source) != before
    overlay = lay_out(source, tmp_path / "overlay", tmp_path / "keys")
    card = load_card(overlay / "cards" / SUBJECT / "card.yaml").card
    assert card.targets_approved
    assert card.targets_approved.digest == targets_digest(card.targets)
    heard = hear(access_to(overlay), SUBJECT, "1.0", load_world(WORLDS / "as-written").clock)
    assert heard.left_out == ()
    assert all(one.proven and one.fields(FIELDS[one.document.kind]) for one in heard.said)
