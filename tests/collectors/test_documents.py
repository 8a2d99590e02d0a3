"""A document is read from its folder and from nowhere else, whole or not at all."""

from __future__ import annotations

import hashlib
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.connections import Connections
from collectors.documents import LARGEST, FileAsk, FileFacts, file
from collectors.evidence import Answer, Evidence, Gap, GapReason, resolve

NOW = datetime(2026, 6, 12, 12, tzinfo=UTC)
SAVED = datetime(2026, 6, 1, 8, tzinfo=UTC)


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    (folder / "team").mkdir(parents=True)
    (folder / "runbook.md").write_bytes(b"# Runbook\n")
    (tmp_path / "secret.md").write_text("a secret")
    (tmp_path / "documents-else").mkdir()
    (tmp_path / "documents-else" / "runbook.md").write_text("another")
    os.utime(folder / "runbook.md", (SAVED.timestamp(), SAVED.timestamp()))
    return folder


def ask(documents: Path | None, path: str) -> Answer:
    return file(Connections(clock=lambda: NOW, documents=documents), [FileAsk(path=path)])[0]


def facts_of(answer: Answer) -> FileFacts:
    assert isinstance(answer, Evidence), answer
    assert isinstance(answer.facts, FileFacts)
    return answer.facts


def test_a_document_is_named_by_the_digest_of_its_bytes(documents: Path):
    """With size and the time it was saved; each fact leads to its place in the body."""
    answer = ask(documents, "runbook.md")

    facts = facts_of(answer)
    assert facts.digest.value == "sha256:" + hashlib.sha256(b"# Runbook\n").hexdigest()
    assert (facts.size.value, facts.size.unit) == (10, "bytes")
    assert facts.changed.value == SAVED
    assert isinstance(answer, Evidence)
    assert resolve(answer.body, "/file/text") == "# Runbook\n"
    assert resolve(answer.body, facts.digest.pointer) == facts.digest.value
    assert resolve(answer.body, facts.changed.pointer)


@pytest.mark.parametrize(
    "path",
    [
        "../secret.md",
        "team/../../secret.md",
        "/etc/hostname",
        "",
        "..",
        "team\\..\\x",
        "a\0b",
        "../documents-else/runbook.md",
    ],
)
def test_a_path_that_leads_out_is_not_followed(documents: Path, path: str):
    """Whether the file is there or not, the answer is the same."""
    gap = ask(documents, path)

    assert isinstance(gap, Gap)
    assert gap.reason is GapReason.GONE
    assert "not inside the documents folder" in gap.what


def test_a_link_that_leads_out_is_not_followed(documents: Path):
    """A link inside the folder to a file inside it is; one to anywhere else is not."""
    (documents / "out.md").symlink_to(documents.parent / "secret.md")
    (documents / "team" / "up").symlink_to(documents.parent)
    (documents / "in.md").symlink_to(documents / "runbook.md")
    (documents / "round.md").symlink_to(documents / "round.md")

    for path in ("out.md", "team/up/secret.md", "round.md"):
        gap = ask(documents, path)
        assert isinstance(gap, Gap), path
        assert gap.reason is GapReason.GONE
        assert "secret" not in gap.what.replace(path, "")
    assert facts_of(ask(documents, "in.md")).size.value == 10


@pytest.mark.parametrize("path", ["none.md", "team", "runbook.md/more", "x" * 201])
def test_a_document_that_is_not_there_is_gone(documents: Path, path: str):
    """A folder is no document. The gap says what to do."""
    gap = ask(documents, path)

    assert isinstance(gap, Gap)
    assert gap.reason in {GapReason.GONE, GapReason.DENIED}
    assert gap.next_step


@pytest.mark.parametrize(("content", "why"), [(b"x" * (LARGEST + 1), "longer than"), (b"\xff\xfe\x00", "not UTF-8")])
def test_a_document_that_cannot_be_kept_whole_is_malformed(documents: Path, content: bytes, why: str):
    """Never cut, never guessed at."""
    (documents / "runbook.md").write_bytes(content)

    gap = ask(documents, "runbook.md")

    assert isinstance(gap, Gap)
    assert gap.reason is GapReason.MALFORMED
    assert why in gap.what


def test_an_empty_document_is_a_document_of_no_bytes(documents: Path):
    (documents / "runbook.md").write_bytes(b"")

    assert facts_of(ask(documents, "runbook.md")).size.value == 0


def test_without_a_documents_folder_nothing_is_asked():
    gap = ask(None, "runbook.md")

    assert isinstance(gap, Gap)
    assert gap.reason is GapReason.NOT_CONFIGURED
    assert "CLEARANCE_CONFIG" in gap.what


def test_each_document_of_a_batch_has_its_own_answer(documents: Path):
    """In order; one that is missing leaves the others alone."""
    conn = Connections(clock=lambda: NOW, documents=documents)

    answers = file(conn, [FileAsk(path="none.md"), FileAsk(path="runbook.md")])

    assert [type(answer) for answer in answers] == [Gap, Evidence]


def _git(folder: Path, *words: str) -> None:
    env = {
        **os.environ,
        "GIT_COMMITTER_DATE": "2026-05-30T10:00:00+02:00",
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@acme.example", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *who, *words], cwd=folder, env=env, check=True, capture_output=True)


def test_in_a_checkout_the_last_commit_says_when_it_changed(documents: Path):
    """Only as long as the file still is what was committed."""
    _git(documents, "init")
    _git(documents, "add", "runbook.md")
    _git(documents, "commit", "-m", "first")

    assert facts_of(ask(documents, "runbook.md")).changed.value == datetime.fromisoformat("2026-05-30T10:00:00+02:00")

    (documents / "runbook.md").write_bytes(b"# Changed\n")
    os.utime(documents / "runbook.md", (SAVED.timestamp() + 60, SAVED.timestamp() + 60))
    assert facts_of(ask(documents, "runbook.md")).changed.value == datetime(2026, 6, 1, 8, 1, tzinfo=UTC)


def test_in_a_checkout_the_commit_is_named_for_as_long_as_it_holds_the_text(documents: Path):
    """As for a file at GitHub; outside git the digest alone says which text it is."""
    assert facts_of(ask(documents, "runbook.md")).commit is None
    _git(documents, "init")
    _git(documents, "add", "runbook.md")
    _git(documents, "commit", "-m", "first")
    head = (documents / ".git/refs/heads/main").read_text().strip()

    found = ask(documents, "runbook.md")

    assert isinstance(found, Evidence)
    assert (facts_of(found).commit.value, resolve(found.body, "/file/commit")) == (head, head)
    (documents / "runbook.md").write_bytes(b"# Changed\n")
    assert facts_of(ask(documents, "runbook.md")).commit is None


def test_in_a_checkout_a_file_that_was_never_committed_is_as_old_as_its_last_save(documents: Path):
    """Ignored files too: a demo lays its documents out below an ignored folder."""
    _git(documents, "init")
    (documents / ".gitignore").write_text("runbook.md\n")

    assert facts_of(ask(documents, "runbook.md")).changed.value == SAVED
