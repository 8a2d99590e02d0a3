"""A world in which as much as possible is wrong at the vendors, so that a broken answer has something to hide."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter

from agent import resources
from agent.cards import Target
from agent.probes.success_criteria import targets_digest
from agent.yaml_lines import FastLoader
from collectors.sandbox.world import World, load_world
from tests import plain_yaml

SUBJECT = "finance-invoice-recon"
FLAG = f"{SUBJECT}-enabled"
CARD = f"overlay/cards/{SUBJECT}/card"
ARCHIVE = "svc-invoice-archive"


def troubled(folder: Path) -> World:
    """put-right with everything at the vendors gone wrong; what people stated stays in order."""
    return _spoilt(folder, {"pagerduty": _rota, "launchdarkly": _switch, "datadog": _telemetry, "aws": _keeping})


def undrilled(folder: Path) -> World:
    """put-right in which the flag was never switched on again."""
    return _spoilt(folder, {"launchdarkly": _drill})


def elsewhere(folder: Path) -> World:
    """put-right whose card names the optional sources wherever it can."""
    return _spoilt(folder, {CARD: _card, "datadog": _whole})


def behind(folder: Path) -> World:
    """The same with nothing wrong but that an index which keeps too short is tried before the card's."""
    return _spoilt(folder, {CARD: _card, "datadog": _shadowed})


def elsewhere_troubled(folder: Path) -> World:
    """The same with everything gone wrong at those sources."""
    return _spoilt(
        folder,
        {
            CARD: _card,
            "langsmith": _traces,
            "github": _rewritten,
            "slack": _late,
            "okta": _inactive,
            "aws": _unrotated,
            "datadog": _dropped,
        },
    )


def _spoilt(folder: Path, spoils: Mapping[str, Callable[[Any], None]]) -> World:
    shutil.copytree(resources.folder("config") / "worlds" / "put-right", folder)
    for vendor, spoil in spoils.items():
        path = folder / f"{vendor}.yaml"
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=FastLoader)
        spoil(data)
        path.write_text(plain_yaml.dump(data), encoding="utf-8")
    return load_world(folder)


def _rota(data: Any) -> None:
    """Nobody on Sundays, Mike reached by nothing, the backup's schedule on level three, and a P1 in the pilot."""
    data["schedules"][0]["rota"][1]["days"] = [6]
    mike = data["users"][0]
    mike["methods"] = [m | {"enabled": False} if m["kind"] == "phone" else m for m in mike["methods"]]
    mike["rules"] = [rule for rule in mike["rules"] if rule["method"] != "PCMMIK1"]
    levels = data["policies"][0]["levels"]
    levels.insert(1, {"id": "PINVRU3", "delay": 15, "targets": ["PSAMOKA"]})
    data["incidents"].append(
        {"id": "Q1INVREC0002", "number": 330, "title": "Books wrong", "service": "PINVREC", "urgency": "high",
         "created": "2026-06-02T10:05:00-04:00", "resolved": "2026-06-02T12:05:00-04:00", "priority": "P1"}
    )  # fmt: skip


def _switch(data: Any) -> None:
    """Off goes on serving `true`."""
    data["projects"]["agents"]["flags"][FLAG]["off_variation"] = 0


def _drill(data: Any) -> None:
    """No drill has an end, and the flag is off."""
    data["events"] = [e for e in data["events"] if e.get("comment") != "Drill over"]


def _telemetry(data: Any) -> None:
    """Targets missed, an empty widget, a muted monitor and one that tells nobody, guardrails that let things pass."""
    metrics = {metric["name"]: metric for metric in data["metrics"]}
    metrics["invoice_recon.acceptance"]["by_weekday"] = [80] * 7
    metrics["invoice_recon.latency"]["cycle"] = [30]
    metrics["invoice_recon.hours_saved_per_week"]["points"] = [
        point | {"value": 1} for point in metrics["invoice_recon.hours_saved_per_week"]["points"]
    ]
    data["runs"][0]["pauses"].append({"start": "2026-05-27T00:00:00-04:00", "end": "2026-06-15T00:00:00-04:00"})
    data["runs"][0]["extra"] = [*data["runs"][0]["extra"], "2026-06-16T14:20:00-04:00"]
    data["dashboards"][0]["widgets"][2]["definition"]["requests"] = [{"q": "sum:invoice_recon.nothing{$env}"}]
    data["monitors"][0]["options"]["silenced"] = {"*": None}
    data["monitors"][1]["message"] = "Acceptance fell below the target."
    for line in data["logs"]:
        line["attributes"]["outcome"] = "allowed"
    data["archives"][0]["attributes"]["state"] = "FAILING"


def _keeping(data: Any) -> None:
    """Kept for a year, one secret not rotated in the pilot, and an identity whose key is switched off."""
    bucket = data["buckets"]["acme-agent-audit"]
    bucket["lock"] = None
    bucket["lifecycle"][0]["Expiration"] = {"Days": 365}
    secret = data["secrets"]["finance/netsuite"]
    secret["changed"] = secret["versions"][1]["created"] = "2026-04-28T10:00:00-04:00"
    role = data["roles"].pop("agent-finance-invoice-recon")
    key = {"id": "AKIASANDBOXINVRECON1", "status": "Inactive", "created": role["created"]}
    data.setdefault("users", {})["agent-finance-invoice-recon"] = {
        "id": "AIDASANDBOXINVRECON01", "created": role["created"], "keys": [key]
    }  # fmt: skip


def _card(card: Any) -> None:
    """Every optional source at once: what it holds there is in order, and the targets are approved as they stand."""
    source = {"request": "langsmith.run_stats", "project": SUBJECT, "statistic": "feedback.acceptance"}
    card["targets"][0] |= {"value": 0.9, "unit": "", "source": source}
    targets = TypeAdapter(tuple[Target, ...]).validate_python(card["targets"])
    card["targets_approved"]["digest"] = targets_digest(targets)
    for guardrail in card["guardrails"]:
        tagged = f'has(tags, "{guardrail["id"]}")'
        guardrail |= {"source": "langsmith.guardrail_runs", "project": SUBJECT, "query": tagged}
    card["identity"] |= {
        "source": "okta.identity",
        "credentials": [
            {"id": "archive-key", "source": "aws.iam_keys", "name": ARCHIVE},
            {"id": "anthropic-key", "source": "cloudtrail.rotations", "secret": "finance/anthropic"},
            {"id": "archive-trail", "source": "cloudtrail.rotations", "name": ARCHIVE},
        ],
    }
    card["retention"][1] |= {"source": "langsmith.retention", "project": SUBJECT}
    index = {"log": "events", "source": "datadog.log_indexes", "index": "main", "at_least": "10 days"}
    card["retention"].append(index)
    card["runbook"] |= {"source": "github.file", "path": "acme/finance-agents/docs/runbook.md"}
    card["comms"][0] |= {"source": "slack.scheduled_messages", "channel": "C0FINANCE1", "message": "Q0LAUNCH001"}


def _whole(data: Any) -> None:
    """What comes before the card's index leaves nothing out."""
    for index in data["indexes"]:
        index["exclusion_filters"] = []


def _shadowed(data: Any) -> None:
    _whole(data)
    data["indexes"][0] |= {"num_retention_days": 3, "num_flex_logs_retention_days": None}


def _dropped(data: Any) -> None:
    """The index keeps its logs for three days, and not all of them."""
    index = next(index for index in data["indexes"] if index["name"] == "main")
    index |= {"num_retention_days": 3, "is_rate_limited": True}


def _traces(data: Any) -> None:
    """Few were accepted, traces are kept for sixty days only, and guardrails let things pass.

    The workspace keeps them so: of a project null means just that, and would be its true answer.
    """
    project = data["projects"][0]
    project["rhythm"]["accepted"] = [1, 0, 0]
    data["longlived_ttl_days"] = 60
    for run in project["marked"]:
        run["outputs" if "outputs" in run else "metadata"]["outcome"] = "allowed"


def _rewritten(data: Any) -> None:
    """Nobody answered about this text of the runbook."""
    commits = data["repositories"]["acme/finance-agents"]["commits"]
    commits[1]["puts"]["docs/runbook.md"] = {"text": "# Runbook\n\nRewritten since.\n"}


def _late(data: Any) -> None:
    """The launch post comes three days after the launch."""
    data["scheduled"][0]["post_at"] = "2026-06-25T09:00:00-04:00"


def _inactive(data: Any) -> None:
    data["apps"][0]["status"] = "INACTIVE"


def _unrotated(data: Any) -> None:
    """Both keys work, and the secret was put after the pilot."""
    data["users"][ARCHIVE]["keys"][0]["status"] = "Active"
    data["trail"][1]["at"] = "2026-06-15T11:31:07-04:00"
