"""What may go wrong with any source that is asked over HTTP, and the reason that each must have."""

from __future__ import annotations

from collectors.evidence import GapReason
from collectors.sandbox.faults import Fault

FAILURES = [
    (Fault(kind="status", status=401), GapReason.DENIED),
    (Fault(kind="status", status=403), GapReason.DENIED),
    (Fault(kind="status", status=404), GapReason.GONE),
    (Fault(kind="status", status=429, headers={"retry-after": "60"}), GapReason.THROTTLED),
    (Fault(kind="status", status=500), GapReason.UNREACHABLE),
    (Fault(kind="hang"), GapReason.UNREACHABLE),
    (Fault(kind="refuse"), GapReason.UNREACHABLE),
    (Fault(kind="cut"), GapReason.UNREACHABLE),
    (Fault(kind="truncate"), GapReason.MALFORMED),
    (Fault(kind="status", status=200, body="null"), GapReason.MALFORMED),
    (Fault(kind="status", status=200, body="7"), GapReason.MALFORMED),
]
# What no passing test waits out is long: nothing but a hang may come to its end, however busy the machine is.
AT_ONCE, LONG = 0.3, 30.0  # seconds


def long_enough(fault: Fault) -> float:
    """The time-out under a fault: only of a hang does the collector learn by waiting."""
    return AT_ONCE if fault.kind == "hang" else LONG


# Where an answer is one object that must hold something.
EMPTY = (Fault(kind="status", status=200, body="{}"), GapReason.MALFORMED)
