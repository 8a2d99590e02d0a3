"""The tamper table: every file of a bundle, every kind of change. All are found, and the first wrong thing is named.

By the product, and with what VERIFY.md says by hand: files, names and envelope. What the holder of the product's own
key could do is the product's to find.
"""

# ruff: noqa: F811  fixtures are asked for by their names

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path

import pytest

from agent.errors import NotVerified
from agent.service.verification import verify
from agent.signing import keys
from collectors.evidence import sha256
from tests.acceptance.bundles import SHELLS, bundle, by_hand, key, recipe_of, signed  # noqa: F401
from tests.acceptance.conftest import Desk
from tests.acceptance.tampering import ENVELOPE, EVERY_FILE, RESEALED, STATEMENT, WHOLE, resealed

NOWHERE = Path("/nowhere")


@pytest.fixture
def product(signed: tuple[Desk, Path], bundle: Path) -> keys.SigningKey:
    """The key that sealed, in the hands of whoever tampers."""
    return keys.load(Path(shutil.copy(signed[0].home / "keys/clearance.pem", bundle.parent / "product.pem")))


def every_file(bundle: Path) -> list[str]:
    found = sorted(p.relative_to(bundle).as_posix() for p in bundle.rglob("*") if p.is_file())
    assert len(found) > 20
    top = {"VERIFY.md", "log.jsonl", "report.html", "report.md", "review.json", STATEMENT}
    assert {name for name in found if not name.startswith("evidence/")} == top
    return found


def wrong(bundle: Path, key: Path) -> str:
    with pytest.raises(NotVerified) as error:
        verify(bundle, NOWHERE, [key])
    return str(error.value)


@pytest.mark.parametrize("change", sorted(EVERY_FILE))
def test_whatever_is_done_to_whichever_file_is_found_and_named(bundle: Path, key: Path, change: str):
    for name in every_file(bundle):
        hurt = Path(shutil.copytree(bundle, bundle.parent / "hurt" / "bundle"))
        EVERY_FILE[change](hurt / name)

        told = wrong(hurt, key)

        assert named(name, told, change), f"{name}, {change}: {told}"
        shutil.rmtree(hurt.parent)
        (bundle.parent / "elsewhere").unlink(missing_ok=True)


def named(name: str, told: str, change: str) -> bool:
    """A missing file is told by its name, or the one that is there in its place is."""
    if name == STATEMENT and change in ("gone", "a folder", "in capitals", "another name"):
        return f"it is not signed ({STATEMENT} is missing)" in told
    path = Path(name)
    instead = {"in capitals": path.name.swapcase(), "another name": f"x{path.name}"}.get(change, path.name)
    return told.startswith((f"{name}: ", f"{path.with_name(instead).as_posix()}: "))


@pytest.mark.parametrize("change", sorted(set(EVERY_FILE) - {"huge"}))  # found as well, but takes its time
def test_by_hand_whatever_is_done_to_a_file_is_found(bundle: Path, key: Path, change: str):
    """One of each sort, and the recipe as it stood before."""
    recipe, evidence = recipe_of(bundle), every_file(bundle)[1]
    assert evidence.startswith("evidence/")
    for name in (STATEMENT, "VERIFY.md", "log.jsonl", "report.md", "report.html", "review.json", evidence):
        hurt = Path(shutil.copytree(bundle, bundle.parent / "hurt" / "bundle"))
        EVERY_FILE[change](hurt / name)

        assert by_hand(hurt, key, recipe=recipe).returncode != 0, f"{name}, {change}"
        shutil.rmtree(hurt.parent)
        (bundle.parent / "elsewhere").unlink(missing_ok=True)


@pytest.mark.parametrize("change", sorted(WHOLE))
def test_a_bundle_that_was_changed_is_found_and_what_is_wrong_is_named(
    bundle: Path, key: Path, product: keys.SigningKey, change: str,
):  # fmt: skip
    tamper, told = WHOLE[change]
    recipe = recipe_of(bundle)
    tamper(bundle)

    with pytest.raises(NotVerified, match=told):
        verify(bundle, NOWHERE, [key])
    for shell in SHELLS:
        assert by_hand(bundle, key, shell, recipe).returncode != 0


@pytest.mark.parametrize("change", sorted(ENVELOPE))
def test_an_envelope_that_was_changed_is_found_and_what_is_wrong_is_named(bundle: Path, key: Path, change: str):
    tamper, told = ENVELOPE[change]
    path = bundle / STATEMENT
    path.write_bytes(tamper(json.loads(path.read_bytes())))

    assert f"{STATEMENT}: " in (said := wrong(bundle, key))
    assert told in said
    for shell in SHELLS:
        assert by_hand(bundle, key, shell).returncode != 0


def test_a_bundle_that_somebody_else_sealed_anew_is_not_ours(bundle: Path, key: Path, tmp_path: Path):
    """Everything in it fits; only the key is another. It may name ours, and then nothing verifies."""
    other = keys.make(tmp_path / "other.pem")
    recipe = recipe_of(bundle)
    (bundle / "report.md").write_text("cleared!")
    reseal(bundle, other, lambda payload: None)
    assert f"signed by the key {other.fingerprint}, which is not among those you trust" in wrong(bundle, key)
    assert by_hand(bundle, key, recipe=recipe).returncode != 0

    path = bundle / STATEMENT
    said = json.loads(path.read_bytes())
    said["signatures"][0]["keyid"] = keys.fingerprint(keys.read_public(key))
    path.write_text(json.dumps(said, separators=(",", ":"), sort_keys=True))
    assert "does not verify with the key" in wrong(bundle, key)
    assert by_hand(bundle, key, recipe=recipe).returncode != 0


def reseal(bundle: Path, key: keys.SigningKey, change) -> None:  # type: ignore[no-untyped-def]
    """List every file as it is now, and sign the list."""

    def now(payload: dict[str, object]) -> None:
        names = sorted(p.relative_to(bundle).as_posix() for p in bundle.rglob("*") if p.is_file())
        payload["subject"] = [
            {"digest": {"sha256": sha256((bundle / name).read_bytes())}, "name": name}
            for name in names
            if name != STATEMENT
        ]
        change(payload)

    resealed(bundle / STATEMENT, key, now)


@pytest.mark.parametrize("change", sorted(RESEALED))
def test_what_the_holder_of_the_product_s_key_seals_has_to_agree_with_itself(
    bundle: Path, key: Path, product: keys.SigningKey, change: str,
):  # fmt: skip
    """And with each person's own signature."""
    inside = RESEALED[change]

    def tamper(payload: dict[str, object]) -> None:
        inside.change(bundle, payload)

    said = json.loads(base64.b64decode(json.loads((bundle / STATEMENT).read_bytes())["payload"]))
    tamper(said)

    def put(payload: dict[str, object]) -> None:
        listed = payload["subject"]
        payload.update(said)
        payload["subject"] = listed + ([listed[-1]] if change == "a file listed twice" else [])  # type: ignore[index,operator]

    reseal(bundle, product, put)
    with pytest.raises(NotVerified, match=inside.told):
        verify(bundle, NOWHERE, [key])


def test_a_bundle_that_was_sealed_anew_without_any_change_holds(bundle: Path, key: Path, product: keys.SigningKey):
    """So what is found above is the change, and not the sealing."""
    reseal(bundle, product, lambda payload: None)

    assert verify(bundle, NOWHERE, [key]).predicate.decision == "cleared"
    assert by_hand(bundle, key).returncode == 0
