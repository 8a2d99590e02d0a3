"""The product's own key: made on first use by whoever comes first, private, and good for as long as it says."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.errors import ConfigError
from agent.signing import keys
from agent.signing.house import House, limits, own_keys, product_key

NOW = datetime(2026, 6, 17, 10, tzinfo=UTC)


def test_the_key_is_made_on_first_use_private_and_its_public_part_is_trusted(tmp_path: Path):
    key = House(tmp_path).key(NOW)

    assert keys.load(tmp_path / "keys/clearance.pem").public == key.public == House(tmp_path).key(NOW).public
    assert (tmp_path / "keys/clearance.pem").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert keys.read_public(tmp_path / "trust/clearance.pub.pem") == key.public
    assert b"PRIVATE" not in (tmp_path / "trust/clearance.pub.pem").read_bytes()


def test_of_processes_that_use_it_first_at_once_all_get_the_same_key(tmp_path: Path):
    """Twelve at once, thrice; none sees half a file."""
    for home in (tmp_path / str(n) for n in range(3)):
        gate, told = os.pipe(), os.pipe()
        children = [_child(home, gate, told) for _ in range(12)]
        os.close(gate[1])  # all start now
        os.close(told[1])
        assert [os.waitpid(child, 0)[1] for child in children] == [0] * 12
        with os.fdopen(told[0]) as said:
            assert set(said.read().split()) == {product_key(home).fingerprint}
        os.close(gate[0])


def _child(home: Path, gate: tuple[int, int], told: tuple[int, int]) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            os.close(gate[1])
            os.read(gate[0], 1)
            os.write(told[1], f"{product_key(home).fingerprint}\n".encode())
            os._exit(0)
        finally:
            os._exit(1)
    return pid


@pytest.mark.parametrize("call", ["fsync", "link", "unlink"])
def test_killed_while_it_is_made_the_next_use_makes_or_finds_a_whole_one(tmp_path: Path, call: str):
    pid = os.fork()
    if pid == 0:
        try:
            setattr(os, call, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
            product_key(tmp_path)
        finally:
            os._exit(1)
    assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGKILL

    assert product_key(tmp_path).public == keys.read_public(tmp_path / "trust/clearance.pub.pem")


def say(home: Path, fingerprint: str, **more: str) -> None:
    rows = ", ".join([f"fingerprint: '{fingerprint}'", *(f"{name}: {value}" for name, value in more.items())])
    (home / "trust/keys.yaml").write_text(f"keys:\n  - {{{rows}}}\n")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"revoked": "2026-06-01T00:00:00Z"}, "was revoked as of 2026-06-01"),
        ({"revoked": "2030-01-01T00:00:00Z"}, "was revoked as of 2030-01-01"),
        ({"valid_from": "2026-07-01T00:00:00Z"}, "counts from 2026-07-01"),
        ({"valid_until": "2026-06-17T10:00:00Z"}, "counted until 2026-06-17"),
    ],
)
def test_a_key_that_does_not_count_seals_nothing_more(tmp_path: Path, row: dict[str, str], told: str):
    """And one that is made in its place does; both stay known."""
    key = product_key(tmp_path)
    say(tmp_path, key.fingerprint, **row)
    with pytest.raises(ConfigError, match=f"{told}.*move .*clearance.pem away"):
        House(tmp_path).key(NOW)

    (tmp_path / "keys/clearance.pem").rename(tmp_path / "old.pem")
    other = House(tmp_path).key(NOW)

    assert other.public != key.public
    assert {keys.read_public(path) for path in (tmp_path / "trust").glob("*.pem")} == {key.public, other.public}
    assert (key.public in own_keys(tmp_path)) == ("revoked" not in row)


def test_a_key_counts_while_its_time_lasts_and_where_nothing_is_said(tmp_path: Path):
    key = product_key(tmp_path)
    assert limits(tmp_path).wrong(key.fingerprint, NOW) == ""
    say(tmp_path, key.fingerprint, valid_from="2026-06-17T10:00:00Z", valid_until="2026-06-17T10:00:01Z")

    assert House(tmp_path).key(NOW).public == key.public


def test_limits_that_are_written_wrongly_are_said_and_not_passed_over(tmp_path: Path):
    key = product_key(tmp_path)
    say(tmp_path, key.fingerprint, revokd="2026-06-01T00:00:00Z")

    with pytest.raises(ConfigError, match=r"keys\.yaml:2: .*revokd"):
        limits(tmp_path)
