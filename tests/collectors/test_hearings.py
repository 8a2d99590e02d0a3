"""What is read once for many who ask at the same time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from collectors.attestation_files import Heard
from collectors.errors import Denied
from collectors.hearings import Hearings
from tests.builders import at
from tests.processes import LONGEST

HEARD = Heard(at("2026-06-12T12:00"), (), ())


def test_what_cannot_be_read_is_so_for_all_who_waited_and_is_tried_again_afterwards():
    hearings, reading, go_on = Hearings(), threading.Event(), threading.Event()

    def refused() -> Heard:
        reading.set()
        assert go_on.wait(LONGEST)
        raise Denied("may not be read")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(hearings.of, "a", "1.0", refused)
        assert reading.wait(LONGEST)
        assert hearings.of("b", "1.0", lambda: HEARD) is HEARD  # another subject waits for nobody
        go_on.set()
        assert isinstance(first.exception(LONGEST), Denied)

    assert hearings.of("a", "1.0", lambda: HEARD) is HEARD


def test_what_was_read_is_not_read_again():
    hearings = Hearings()
    hearings.of("a", "1.0", lambda: HEARD)
    assert hearings.of("a", "1.0", lambda: pytest.fail("read again")) is HEARD
