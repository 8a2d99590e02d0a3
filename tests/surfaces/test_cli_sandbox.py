"""`clearance sandbox`: settings for other commands, and a control port that makes its sources fail."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.processes import LONGEST, next_line, started
from tests.surfaces.cli import Desk


@dataclass(frozen=True)
class Sandbox:
    desk: Desk
    control: str

    def faults(self, vendor: str, *faults: dict[str, object]) -> None:
        self.post({"vendor": vendor, "faults": list(faults)})

    def post(self, value: object) -> None:
        data = json.dumps(value).encode()
        urllib.request.urlopen(
            urllib.request.Request(f"{self.control}/faults", data=data, method="POST"), timeout=LONGEST
        ).close()

    def seen(self, vendor: str) -> list[dict[str, object]]:
        with urllib.request.urlopen(f"{self.control}/seen?vendor={vendor}", timeout=LONGEST) as answer:
            found: list[dict[str, object]] = json.load(answer)
        return found


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    desk = Desk(tmp_path_factory.mktemp("sandbox"))
    command = [sys.executable, "-P", "-m", "agent", "sandbox", "--world", "put-right", "--json", "--until-stdin-closes"]
    with started(
        command, cwd=desk.cwd, env=desk.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        told = json.loads(next_line(process))
        yield Sandbox(Desk(desk.cwd, told), told["CLEARANCE_SANDBOX_CONTROL"])
    assert process.returncode == 0


def test_with_its_settings_every_source_answers(sandbox: Sandbox):
    """They are all that is needed: overlay, key and clock included."""
    done = sandbox.desk.run("doctor", "--json")

    assert done.returncode == 0
    assert {row["state"] for row in json.loads(done.stdout)["sources"]} == {"ok"}
    assert json.loads(sandbox.desk.run("keys", "show", "--json").stdout)["person"] == "morteza.moradi"


def test_a_fault_makes_the_source_fail_until_it_is_cleared(sandbox: Sandbox):
    sandbox.faults("pagerduty", {"kind": "status", "status": 403})
    failing = sandbox.desk.run("doctor")
    sandbox.faults("pagerduty")
    mended = sandbox.desk.run("doctor")

    assert (failing.returncode, mended.returncode) == (2, 0)
    assert "refused" in failing.stdout


def test_it_tells_what_was_asked(sandbox: Sandbox):
    before = len(sandbox.seen("pagerduty"))
    sandbox.desk.run("doctor")

    new = sandbox.seen("pagerduty")[before:]
    assert {one["method"] for one in new} == {"GET"}
    assert "/oncalls" in {one["path"] for one in new}


@pytest.mark.parametrize(
    "wrong", [{"vendor": "workday"}, {"vendor": "aws", "faults": [{"kind": "explode"}]}, {"faults": []}]
)
def test_a_wrong_order_to_the_control_port_is_refused(sandbox: Sandbox, wrong: dict[str, object]):
    with pytest.raises(urllib.error.HTTPError) as refused:
        sandbox.post(wrong)

    assert refused.value.code in (400, 404)
    refused.value.close()
