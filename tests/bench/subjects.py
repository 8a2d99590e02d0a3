"""N subjects, each with a card, signed statements and things of its own at every vendor, after the worked example."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from agent import resources, yaml_lines
from agent.cards import Card
from agent.probes.success_criteria import targets_digest
from agent.signing import keys
from agent.signing.attestations import sign
from agent.surfaces.demo_world import lay_out
from collectors.attestation_files import digest_of
from collectors.evidence import sha256
from collectors.sandbox.world import World, load_world
from collectors.statements import AttestationDocument
from tests.bench import fleet

Data = dict[str, Any]
SHIPPED = resources.folder("config") / "worlds/as-written"
KNOWN = "finance-invoice-recon"
TAGS = "{{env:production,service:subject-{}}}"
QUERIES = {
    "acceptance": "avg:agents.acceptance" + TAGS,
    "latency_p95": "p95:agents.latency" + TAGS,
    "hours_saved": "avg:agents.hours_saved" + TAGS,
}
RUNS = "sum:agents.runs" + TAGS + ".as_count()"


def name(i: int) -> str:
    return f"subject-{i}"


# --- what is the case at the vendors ----------------------------------------------------------------------------------


class Made(World):
    """A world whose data was computed and lies in no file."""

    data: dict[str, dict[str, Any]]

    def vendor(self, name: str) -> dict[str, Any]:
        return self.data[name]


def world(n: int, vendors: tuple[str, ...] = ("pagerduty", "launchdarkly", "datadog", "aws")) -> Made:
    """The shipped world with N subjects more at these vendors."""
    shipped = load_world(SHIPPED)
    data = {vendor: shipped.vendor(vendor) for vendor in vendors}
    for vendor in vendors:
        for fill in FILLS[vendor]:
            fill(data[vendor], n)
    return Made(**shipped.model_dump(), data=data)


def _work(data: Data, n: int) -> None:
    """Runs of each subject in the last week, and what is measured of them."""
    known = {metric["name"].split(".", 1)[1]: metric for metric in data["metrics"]}
    fleet.work(data, n)
    for run in data["runs"]:
        run["since"] = "2026-06-08"
    data["metrics"] = [
        {**known["runs.completed"], "name": "agents.runs"},
        {**known["acceptance"], "name": "agents.acceptance"},
        {**known["latency"], "name": "agents.latency"},
        {"name": "agents.hours_saved", "kind": "gauge", "unit": "hour", "cycle": [5.1]},
    ]


def _seen(data: Data, n: int) -> None:
    """Each with its own dashboard over its own metrics, which somebody looks at, and a monitor."""
    for i in range(n):
        dashboard = json.loads(json.dumps(data["dashboards"][0]).replace("invoice_recon.", "agents."))
        data["dashboards"].append({**dashboard, "id": f"sub-jec-{i:03}"})
        data["monitors"].append({**data["monitors"][0], "id": 5_000_000 + i})
    known = data["audit"]["looks"]
    data["audit"]["looks"] = [{**look, "dashboard": f"sub-jec-{i:03}", "days": [2]} for i in range(n) for look in known]


def _fired(data: Data, n: int) -> None:
    data["logs"] = [{**line, "service": name(i)} for i in range(n) for line in data["logs"][:3]]


def _rotated(data: Data, n: int) -> None:
    for i in range(n):
        data["secrets"] |= {f"{name(i)}/{known.split('/')[1]}": data["secrets"][known] for known in SECRETS}
        data["roles"][name(i)] = data["roles"]["agent-finance-invoice-recon"]


SECRETS = ("finance/netsuite", "finance/anthropic")
FILLS: Mapping[str, tuple[Callable[[Data, int], None], ...]] = {
    "pagerduty": (fleet.troubles,), "launchdarkly": (fleet.flags,), "datadog": (_work, _seen, _fired),
    "aws": (fleet.buckets, _rotated),
}  # fmt: skip


# --- what its people say ----------------------------------------------------------------------------------------------


def overlay(n: int, into: Path) -> Path:
    """Cards, people, runbook and statements of N subjects, in `into`/overlay; the people's keys beside it."""
    laid = lay_out(SHIPPED / "overlay", into / "overlay", into / "keys")
    people = {path.stem: keys.load(path) for path in (into / "keys").glob("*.pem")}
    runbook = "sha256:" + sha256((laid / "documents/runbook.md").read_bytes())
    (card,) = (laid / "cards").glob("*/card.yaml")
    known = yaml_lines.read(card)[0]
    said = [yaml_lines.read(path)[0] for path in sorted((SHIPPED / "overlay/statements").glob("*.yaml"))]
    for i in range(n):
        folder = laid / "cards" / name(i)
        (folder / "attestations").mkdir(parents=True)
        (folder / "card.yaml").write_text(_yaml(_card(known, i)), encoding="utf-8")
        for number, document in enumerate(_statements(said, i, runbook)):
            sealed = sign(document, people[document.author])
            (folder / "attestations" / f"{document.kind}-{number}.dsse.json").write_bytes(sealed)
    return laid


def _yaml(value: Data) -> str:
    told: str = yaml.dump(value, sort_keys=False, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper))
    return told


def _card(known: Data, i: int) -> Data:
    card = deepcopy(known) | {"subject": name(i), "name": f"Subject {i}"}
    for target in card["targets"]:
        if target["id"] in QUERIES:
            target["source"]["query"] = QUERIES[target["id"]].format(i)
        if "samples" in target["source"]:
            target["source"]["samples"] = RUNS.format(i)
            target["min_samples"] = 5
    card["activity"]["query"] = RUNS.format(i)
    card["on_call"] |= {"service": f"PINVREC{i}", "primary": f"PINVPRI{i}", "backup": f"PINVBAK{i}"}
    card["dashboards"][0]["id"], card["monitors"]["ids"] = f"sub-jec-{i:03}", [5_000_000 + i]
    for guardrail in card["guardrails"]:
        guardrail["query"] = guardrail["query"].replace("invoice-recon", name(i))
    card["identity"]["name"] = name(i)
    for credential in card["identity"]["credentials"]:
        credential["secret"] = f"{name(i)}/{credential['secret'].split('/')[1]}"
    card["retention"][0]["bucket"] = f"{name(i)}-audit"
    card["kill_switch"]["flag"] = name(i)
    card["targets_approved"]["digest"] = targets_digest(Card.model_validate(card).targets)
    return card


def _statements(said: list[Data], i: int, runbook: str) -> Iterator[AttestationDocument]:
    """As in the worked example, about this subject; marks name the answers that they are for."""
    quiz = ""
    for raw in sorted(said, key=lambda one: str(one["kind"]) == "quiz_mark"):
        one = deepcopy(raw) | {"subject": name(i)}
        if one["kind"] == "watch":
            one["fields"]["dashboard"] = f"sub-jec-{i:03}"
        if one["kind"] == "quiz":
            one["fields"]["runbook"] = runbook
        if one["kind"] == "quiz_mark":
            one["fields"]["quiz"] = quiz
        document = AttestationDocument.model_validate(one)
        quiz = digest_of(document) if one["kind"] == "quiz" else quiz
        yield document


__all__ = ["KNOWN", "Made", "name", "overlay", "world"]
