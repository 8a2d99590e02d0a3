"""Use case: does a bundle hold? Offline, against keys from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agent.signing.house import limits
from agent.signing.verify import Verified, trusted_keys
from agent.signing.verify import verify as verify_bundle
from agent.workflow.document import recompute


def verify(bundle: Path, home: Path, named: Sequence[Path] = ()) -> Verified:
    """`named`: public key files; without any, those in the home's trust/. Its keys.yaml counts for all of them.

    NotVerified says what is wrong.
    """
    return verify_bundle(bundle, trusted_keys(home / "trust", named), recompute, limits(home))
