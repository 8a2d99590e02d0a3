"""Pins the digests of the models' prompts beside the cases that they passed: `python -m tests.drafting.pinning`."""

from __future__ import annotations

import sys
from pathlib import Path

from agent import resources
from agent.drafting import vocabulary
from agent.drafting.prompts import Prompts
from agent.drafting.reader import SYSTEM, USER
from agent.drafting.showing import AGAIN, CONTRACT, FIRST
from collectors.evidence import sha256
from tests import plain_yaml

PINNED = Path(__file__).parent / "cases" / "prompts.yaml"
HEAD = """# The prompts that passed the regression cases in good.yaml and the evaluation, by the digest of each.
# Written by `python -m tests.drafting.pinning`, and only when both hold.
"""


def digests() -> dict[str, str]:
    """The prompts as they are now."""
    prompts = Prompts(resources.folder("prompts"))
    found = {name: prompts.digest(name) for name in (CONTRACT, FIRST, AGAIN, SYSTEM, USER)}
    return found | {"vocabulary.txt": sha256(vocabulary.text().encode())}


def pinned() -> dict[str, str]:
    found: dict[str, str] = plain_yaml.load(PINNED.read_text(encoding="utf-8"))
    return found


def main() -> int:
    """Make the evaluation, and pin the prompts if it holds."""
    from tests.evals.evaluate import main as evaluate

    failed = evaluate(["--quick"])
    if not failed:
        PINNED.write_text(HEAD + plain_yaml.dump(digests()), encoding="utf-8")
    return failed


if __name__ == "__main__":
    sys.exit(main())
