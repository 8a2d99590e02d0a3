"""Doors to AWS: each of the two worlds, and an account of oddities."""

from collections.abc import Iterator

import pytest

from tests.collectors.aws.aws_door import ODD, WORLDS, Door, opened
from tests.collectors.aws.trail_estate import write


@pytest.fixture(scope="module", params=["as-written", "put-right"])
def either(request: pytest.FixtureRequest) -> Iterator[Door]:
    """Each of the two worlds in turn."""
    with opened(WORLDS / request.param) as door:
        yield door


@pytest.fixture(scope="module")
def odd_account() -> Iterator[Door]:
    with opened(ODD) as door:
        yield door


@pytest.fixture
def odd(odd_account: Door) -> Iterator[Door]:
    """An account of oddities, whole again for each test."""
    odd_account.proxy.seen.clear()
    yield odd_account
    odd_account.proxy.set()


@pytest.fixture(scope="module")
def told_account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with opened(write(tmp_path_factory.mktemp("told"))) as door:
        yield door


@pytest.fixture
def told(told_account: Door) -> Iterator[Door]:
    """An account whose secrets and users each have one story in CloudTrail."""
    told_account.proxy.seen.clear()
    yield told_account
    told_account.proxy.set()
