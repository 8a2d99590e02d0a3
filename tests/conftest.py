"""For every test: nothing leaves this machine, and the settings of the developer's own shell do not count."""

from __future__ import annotations

import gc
import ipaddress
import os
import sys

import pytest
from hypothesis import HealthCheck, settings

from agent.settings import NAMES

for name in [*NAMES, "AWS_DEFAULT_REGION", "LANGSMITH_API_KEY", "LANGCHAIN_TRACING_V2"]:
    os.environ.pop(name, None)
os.environ |= {"LANGSMITH_TRACING": "false", "AWS_EC2_METADATA_DISABLED": "true", "NO_COLOR": "1"}

# How long an example takes hangs on the machine, and shows nothing.
settings.register_profile("clearance", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("clearance")


def _loopback_only(event: str, args: tuple[object, ...]) -> None:
    """An audit hook: a connection to anywhere but loopback ends the test that tried it."""
    if event != "socket.connect" or not isinstance(args[1], tuple):
        return
    host = str(args[1][0])
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local:
        raise PermissionError(f"a test tried to connect to {host}; only loopback is allowed")


sys.addaudithook(_loopback_only)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """All tests and what they import stay to the end: none of them has to look through that for garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)
