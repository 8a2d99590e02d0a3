"""A bundle checks out offline, and no change to it goes unseen: by the product, and by hand with plain tools."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.errors import NotVerified
from agent.service.verification import verify
from agent.signing import keys
from tests.acceptance.conftest import Desk, RunningWorld, desk_over


@pytest.fixture(scope="module")
def signed(put_right_world: RunningWorld, tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Path]:
    """One bundle, signed by its people."""
    desk = desk_over(put_right_world, tmp_path_factory.mktemp("bundle"))
    return desk, Path(desk.sign_all(desk.assess().review).bundle)


@pytest.fixture
def bundle(signed: tuple[Desk, Path], tmp_path: Path) -> Path:
    """A copy to tamper with."""
    return Path(shutil.copytree(signed[1], tmp_path / "bundle"))


@pytest.fixture(scope="module")
def key(signed: tuple[Desk, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The public key, as an auditor got it by another way."""
    return Path(shutil.copy(signed[0].home / "trust/clearance.pub.pem", tmp_path_factory.mktemp("key")))


def by_hand(bundle: Path, key: Path) -> subprocess.CompletedProcess[str]:
    """The recipe of VERIFY.md, run as it stands in the untouched bundle."""
    recipe = (bundle / "VERIFY.md").read_text().split("```sh\n")[1].split("```")[0]
    return subprocess.run(
        ["sh", "-c", recipe], cwd=bundle, env={**os.environ, "KEY": str(key)}, text=True, capture_output=True
    )


def test_an_untouched_bundle_holds_by_product_and_by_hand(bundle: Path, key: Path):
    """With the key from elsewhere; nothing but the folder is needed."""
    held = verify(bundle, Path("/nowhere"), [key])

    assert held.predicate.decision == "cleared"
    assert [one.role for one in held.predicate.signoffs] == ["builder", "lead", "second_approver"]
    done = by_hand(bundle, key)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the bundle holds" in done.stdout


def test_an_unknown_key_is_refused_with_its_fingerprint(bundle: Path, tmp_path: Path):
    """A bundle never vouches for its own key."""
    other = keys.make(tmp_path / "other.pem")
    (tmp_path / "other.pub.pem").write_bytes(keys.public_pem(other.public))

    with pytest.raises(NotVerified, match=r"signed by the key sha256:[0-9a-f]{64}, which is not among those you trust"):
        verify(bundle, Path("/nowhere"), [tmp_path / "other.pub.pem"])
    assert by_hand(bundle, tmp_path / "other.pub.pem").returncode != 0


def test_without_any_trusted_key_nothing_holds(bundle: Path, tmp_path: Path):
    with pytest.raises(NotVerified, match="not among those you trust"):
        verify(bundle, tmp_path)


def every_file(bundle: Path) -> list[str]:
    found = sorted(p.relative_to(bundle).as_posix() for p in bundle.rglob("*") if p.is_file())
    assert len(found) > 20
    top = {"VERIFY.md", "log.jsonl", "report.html", "report.md", "review.json", "statement.dsse.json"}
    assert {name for name in found if not name.startswith("evidence/")} == top
    return found


def test_every_file_edited_or_missing_is_found(bundle: Path, key: Path):
    """One byte more, one byte other, or the file gone: for each file of the bundle."""
    for name in every_file(bundle):
        path = bundle / name
        whole = path.read_bytes()
        flipped = bytes([whole[0] ^ 1]) + whole[1:]
        for changed in (whole + b"\n", whole[:-1], flipped, b"", None):
            path.unlink() if changed is None else path.write_bytes(changed)
            with pytest.raises(NotVerified):
                verify(bundle, Path("/nowhere"), [key])
        path.write_bytes(whole)
    assert verify(bundle, Path("/nowhere"), [key]).files == len(every_file(bundle)) - 1


def test_by_hand_finds_an_edited_file_and_an_extra_one(bundle: Path, key: Path):
    (bundle / "evidence/extra.json").write_text("{}")
    assert "not listed" in by_hand(bundle, key).stdout
    (bundle / "evidence/extra.json").unlink()
    (bundle / "report.md").write_text((bundle / "report.md").read_text().replace("cleared", "Cleared", 1))
    assert by_hand(bundle, key).returncode != 0


def swap_evidence(bundle: Path) -> None:
    one, other = sorted((bundle / "evidence").iterdir())[:2]
    held = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(held)


def reorder_log(bundle: Path) -> None:
    lines = (bundle / "log.jsonl").read_bytes().splitlines(keepends=True)
    lines[2], lines[3] = lines[3], lines[2]
    (bundle / "log.jsonl").write_bytes(b"".join(lines))


def add_file(bundle: Path) -> None:
    (bundle / "evidence" / "0.json").write_text("{}")


def link_file(bundle: Path) -> None:
    (bundle / "report.pdf").symlink_to("/etc/passwd")


def strip_statement(bundle: Path) -> None:
    (bundle / "statement.dsse.json").unlink()


def add_newline(bundle: Path) -> None:
    path = bundle / "statement.dsse.json"
    path.write_bytes(path.read_bytes() + b"\n")


def envelope(change: Callable[[dict[str, object]], object]) -> Callable[[Path], None]:
    def tamper(bundle: Path) -> None:
        path = bundle / "statement.dsse.json"
        said = json.loads(path.read_text())
        change(said)
        path.write_text(json.dumps(said, separators=(",", ":"), sort_keys=True))

    return tamper


def sign_anew(said: dict[str, object]) -> None:
    """A statement with another decision under the old signature."""
    payload = base64.b64decode(str(said["payload"])).replace(b'"decision":"cleared"', b'"decision":"blocked"', 1)
    said["payload"] = base64.b64encode(payload).decode()


def spare_bits(signature: dict[str, str]) -> dict[str, str]:
    """The same bytes in base64 that is not the canonical one: 64 bytes leave four bits that say nothing."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    sig = signature["sig"]
    other = sig[:-3] + letters[letters.index(sig[-3]) + 1] + "=="
    assert base64.b64decode(other) == base64.b64decode(sig)
    return {**signature, "sig": other}


def cut(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


TAMPERED = {
    "swapped evidence": swap_evidence,
    "reordered log": reorder_log,
    "extra file": add_file,
    "linked file": link_file,
    "stripped": strip_statement,
    "another payload": envelope(sign_anew),
    "added field": envelope(lambda said: said.update(more=1)),
    "no signature": envelope(lambda said: said.update(signatures=[])),
    "same signature twice": envelope(lambda said: said.update(signatures=said["signatures"] * 2)),  # type: ignore[operator]
    "another type": envelope(lambda said: said.update(payloadType="text/plain")),
    "trailing newline": add_newline,
    "spare base64 bits": envelope(lambda said: said.update(signatures=[spare_bits(said["signatures"][0])])),  # type: ignore[index]
    "truncated statement": lambda bundle: cut(bundle / "statement.dsse.json"),
    "truncated log": lambda bundle: cut(bundle / "log.jsonl"),
    "folder in place of a file": lambda bundle: (bundle / "report.md").rename(bundle / "report.md.d"),
}


@pytest.mark.parametrize("name", sorted(TAMPERED))
def test_tampering_is_found(bundle: Path, key: Path, name: str):
    TAMPERED[name](bundle)

    with pytest.raises(NotVerified):
        verify(bundle, Path("/nowhere"), [key])


def test_the_command_says_what_holds_and_40_when_it_does_not(signed: tuple[Desk, Path], bundle: Path):
    """In the home that wrote it, the trust folder is enough."""
    desk = signed[0]
    held = desk.cli("verify", str(bundle))
    (bundle / "report.md").write_text("cleared!")
    broken = desk.cli("verify", str(bundle))

    assert held.returncode == 0, held.stderr
    assert "The bundle holds" in held.stdout
    assert broken.returncode == 40
    assert "report.md: was changed after it was signed" in broken.stderr
