"""Two statements of one report, as two machines write them: what may differ between them, and what may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.signing import keys, statement
from agent.signing.house import product_key
from agent.signing.statement import Predicate
from agent.signing.verify import same_decision

FILES = {"report.md": b"cleared", "review.json": b"{}"}
ABOUT = Predicate(
    review="rv-1", subject="one", version="1.0", gate="pilot-to-prod", gate_digest="1", digest="2", decision="cleared",
    sandbox=False, product_version="1", log_head="3", locker_head="4", signoffs=(),
)  # fmt: skip


@pytest.fixture
def key(tmp_path: Path) -> keys.SigningKey:
    return product_key(tmp_path / "ours")


def sealed(key: keys.SigningKey, files: dict[str, bytes] = FILES, **said: str) -> bytes:
    return statement.sealed(files, ABOUT.model_copy(update=said), key)


def test_the_head_of_the_lockers_log_may_differ(key: keys.SigningKey):
    assert same_decision(sealed(key), sealed(key, locker_head="5"), key.public)


@pytest.mark.parametrize("name", ["review", "decision", "digest", "log_head", "version"])
def test_nothing_else_that_is_stated_may(key: keys.SigningKey, name: str):
    assert not same_decision(sealed(key), sealed(key, **{name: "other"}), key.public)


def test_no_file_may(key: keys.SigningKey):
    assert not same_decision(sealed(key), sealed(key, {**FILES, "report.md": b"blocked"}), key.public)


def test_nor_the_key(key: keys.SigningKey, tmp_path: Path):
    other = product_key(tmp_path / "theirs")

    assert not same_decision(sealed(key), sealed(other), key.public)
    assert not same_decision(sealed(key), b"{}", key.public)
