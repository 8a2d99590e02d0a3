"""AWS Backup: what was backed up of a resource, and what was restored of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import unquote

from pydantic import JsonValue

from collectors.sandbox.aws.data import Backup, Estate
from collectors.sandbox.aws.wire import json_answer, json_error
from collectors.sandbox.server import Asked, Reply

PAGE = 50
PLACE = re.compile(r"/resources/(.+)/(recovery-points|restore-jobs)/?")


def answer(asked: Asked, estate: Estate, clock: datetime) -> Reply:
    """A resource of which nothing is known has empty lists, as AWS has it."""
    found = PLACE.fullmatch(unquote(asked.path))
    if asked.method != "GET" or found is None:
        return error(403, "AccessDeniedException", f"{estate.caller} is not authorized")
    backup = estate.backups.get(found[1], Backup())
    if found[2] == "recovery-points":
        return _page(asked, "RecoveryPoints", _points(found[1], backup, clock))
    return _page(asked, "RestoreJobs", _restores(found[1], backup, clock))


def error(status: int, code: str, message: str) -> Reply:
    """As services that speak JSON over plain paths name their errors."""
    told = json_error(status, code, message)
    return replace(told, headers={**told.headers, "x-amzn-errortype": code})


def _points(resource: str, backup: Backup, clock: datetime) -> list[JsonValue]:
    return [
        {
            "RecoveryPointArn": f"{resource}/backup/{i}", "CreationDate": one.at.timestamp(), "Status": one.state,
            "BackupVaultName": "Default", "BackupSizeBytes": 1048576, "IsParent": False,
        }
        for i, one in enumerate(backup.points) if one.at <= clock
    ]  # fmt: skip


def _restores(resource: str, backup: Backup, clock: datetime) -> list[JsonValue]:
    rows: list[JsonValue] = []
    for i, one in enumerate(backup.restores):
        told: dict[str, JsonValue] = {
            "AccountId": "123456789012", "RestoreJobId": f"restore-{i}", "SourceResourceArn": resource,
            "CreationDate": one.at.timestamp(), "Status": one.state, "PercentDone": "100.00%",
            "IamRoleArn": "arn:aws:iam::123456789012:role/restore",
        }  # fmt: skip
        told |= {"CompletionDate": one.ended.timestamp()} if one.ended else {}
        told |= {"ValidationStatus": one.validated} if one.validated else {}
        if one.at <= clock:
            rows.append(told)
    return rows


def _page(asked: Asked, key: str, whole: Sequence[JsonValue]) -> Reply:
    start, size = asked.one("nextToken") or "0", int(asked.one("maxResults") or PAGE)
    if not start.isdigit():
        return error(400, "InvalidParameterValueException", "The nextToken is invalid.")
    end = int(start) + size
    told: dict[str, JsonValue] = {key: [*whole[int(start) : end]]}
    return json_answer(told | ({"NextToken": str(end)} if end < len(whole) else {}))
