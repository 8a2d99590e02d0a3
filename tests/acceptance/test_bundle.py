"""A bundle checks out offline, by the product and by hand with plain tools, against a key from elsewhere."""

# ruff: noqa: F811  fixtures are asked for by their names

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.errors import NotVerified
from agent.outputs.recipe import recipe
from agent.service.verification import verify
from agent.signing import keys
from tests.acceptance.bundles import SHELLS, bundle, by_hand, key, signed  # noqa: F401
from tests.acceptance.conftest import ROOT, Desk


@pytest.mark.parametrize("shell", SHELLS)
def test_an_untouched_bundle_holds_by_product_and_by_hand(bundle: Path, key: Path, shell: str):
    """With the key from elsewhere; nothing but the folder is needed."""
    held = verify(bundle, Path("/nowhere"), [key])

    assert held.predicate.decision == "cleared"
    assert [one.role for one in held.predicate.signoffs] == ["builder", "lead", "second_approver"]
    done = by_hand(bundle, key, shell)
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


def test_the_recipe_stands_in_the_product_s_own_documents(bundle: Path):
    """Whoever could change a bundle could change the recipe in it."""
    told = recipe("rv-…").decode()

    assert (ROOT / "docs" / "verify.md").read_text() == told
    assert (bundle / "VERIFY.md").read_text() == told.replace(
        "rv-…", json.loads((bundle / "review.json").read_text())["review"]
    )


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("revoked: 2031-01-01T00:00:00Z", "was revoked as of 2031-01-01.*whoever has it can write any date"),
        ("valid_until: 2026-06-01T00:00:00Z", "counted until 2026-06-01.*and this was sealed at 2026-06-17"),
        ("valid_from: 2026-07-01T00:00:00Z", "counts from 2026-07-01"),
    ],
)
def test_a_key_that_does_not_count_vouches_for_nothing(
    signed: tuple[Desk, Path], bundle: Path, key: Path, tmp_path: Path, row: str, told: str
):
    """As the home of who checks says in trust/keys.yaml, also of a key that is named."""
    (tmp_path / "trust").mkdir()
    limits = tmp_path / "trust/keys.yaml"
    limits.write_text(f"keys: [{{fingerprint: '{keys.fingerprint(keys.read_public(key))}', {row}}}]\n")

    with pytest.raises(NotVerified, match=told):
        verify(bundle, tmp_path, [key])
    limits.write_text(f"keys: [{{fingerprint: 'sha256:{'0' * 64}', {row}}}]\n")
    assert verify(bundle, tmp_path, [key]).predicate.decision == "cleared"
