"""What can go wrong on our side of the sources; every message is advice to the person who meets it.

ClearanceError
├── UsageError         what was asked for does not exist or is written wrongly       exit code 2
├── ConfigError        a setting, card, gate or people file that does not hold       exit code 2
├── Refused            a signature or statement that may not be given, and why       exit code 20
├── Waiting            people still have to sign                                     exit code 50
│   └── Queued         Clearance is switched off: new work waits for it to be on     exit code 50
├── NotVerified        a bundle or record that is not what was signed                exit code 40
└── StoreError         our own store could not be read or written                    exit code 1
    └── StoreAway      it could not be reached, or did not take it now: try again    exit code 1
        └── WorkAway   the file of the work under way, in which nothing is decided   exit code 1
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class ClearanceError(Exception):
    exit_code = 1


class UsageError(ClearanceError):
    exit_code = 2


class ConfigError(ClearanceError):
    exit_code = 2


class Refused(ClearanceError):
    exit_code = 20


class Waiting(ClearanceError):
    exit_code = 50


class Queued(Waiting):
    """New work that did not begin. `kept`: as a job, which a worker takes once Clearance is on."""

    kept: bool = True


class NotVerified(ClearanceError):
    exit_code = 40


class StoreError(ClearanceError):
    exit_code = 1


class OtherVersion(StoreError):
    """What is stored was written by a version of Clearance that this one cannot read."""


class StoreAway(StoreError):
    """Nothing is wrong with what it holds, as far as anybody knows."""


class WorkAway(StoreAway):
    """Only the checkpoints beside SQLite cannot be used; what people decided does without them."""


def nearest(asked: str, known: Iterable[str]) -> str:
    """ " Did you mean a, b?" or the list of what there is."""
    names = sorted(known)
    near = get_close_matches(asked, names, n=3, cutoff=0.5)
    if near:
        return f"Did you mean {' or '.join(near)}?"
    return f"There is {', '.join(names)}." if names else "There is none."
