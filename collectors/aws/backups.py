"""Collector `aws.backups`: the backups that AWS Backup holds of one resource, and the restores that were made of it.

Out of scope: backups that other means make (a database's own snapshots, copies elsewhere); whether what was restored is
right, where nobody let AWS Backup validate it; plans, which promise backups and are none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from collectors.aws.client import Asking, answer_all, read
from collectors.aws.pages import elements
from collectors.aws.safeguards import BackupsAsk, BackupsFacts, RecoveryPoint, Restore
from collectors.connections import Connections
from collectors.errors import Malformed
from collectors.evidence import Answer, Completeness, Evidence, Resource, State, Time, pointer

OF_POINT = ("CreationDate", "Status", "IsParent", "BackupSizeBytes")
OF_RESTORE = ("CreationDate", "CompletionDate", "Status", "ValidationStatus", "RecoveryPointCreationDate", "IsParent")


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Point(_Wire):
    created: AwareDatetime = Field(alias="CreationDate")
    state: str = Field(alias="Status", max_length=80)


class _Restore(_Wire):
    created: AwareDatetime = Field(alias="CreationDate")
    ended: AwareDatetime | None = Field(None, alias="CompletionDate")
    state: str = Field(alias="Status", max_length=80)
    validated: str | None = Field(None, alias="ValidationStatus", max_length=80)
    source: str | None = Field(None, alias="SourceResourceArn")


def backups(conn: Connections, asks: Sequence[BackupsAsk]) -> Iterable[Answer]:
    """The recovery points of a resource and the restores that were made of it, with their ends, from AWS Backup."""
    return answer_all(conn, asks, "backup", _one)


def _one(asking: Asking, ask: BackupsAsk) -> Evidence:
    asked = {"ResourceArn": ask.resource}
    points = [*elements(asking, "ListRecoveryPointsByResource", asked, "RecoveryPoints")]
    restores = [*elements(asking, "ListRestoreJobsByProtectedResource", asked, "RestoreJobs")]
    body: dict[str, JsonValue] = {
        "asked": {"ResourceArn": ask.resource},
        "points": [_kept(one, OF_POINT) for one in points],
        "restores": [_kept(one, OF_RESTORE) for one in restores],
    }
    facts = BackupsFacts(
        resource=Resource(value=ask.resource[:200], pointer=pointer("asked", "ResourceArn")),
        points=tuple(_point(i, one) for i, one in enumerate(points)),
        restores=tuple(_restore(i, one, ask.resource) for i, one in enumerate(restores)),
    )
    return asking.sealed(
        ask, facts, body, account=ask.resource.split(":")[4], page=_page(ask.resource),
        completeness=Completeness(pages=len(asking.log.calls), items=len(points) + len(restores)),
        redacted=["vaults, roles, keys and messages of backups and restores"],
    )  # fmt: skip


def _page(resource: str) -> str:
    return f"https://console.aws.amazon.com/backup/home#/resources/{quote(resource, safe='')}"


def _kept(told: Mapping[str, JsonValue], names: Sequence[str]) -> dict[str, JsonValue]:
    return {name: told[name] for name in names if name in told}


def _point(place: int, told: JsonValue) -> RecoveryPoint:
    point = read(_Point, told, "aws backup:ListRecoveryPointsByResource")
    here = ("points", place)
    return RecoveryPoint(created=_time(point.created, *here, "CreationDate"), state=_word(point.state, *here, "Status"))


def _restore(place: int, told: JsonValue, resource: str) -> Restore:
    job = read(_Restore, told, "aws backup:ListRestoreJobsByProtectedResource")
    if job.source not in (None, resource):
        raise Malformed("aws backup:ListRestoreJobsByProtectedResource tells of another resource", status=200)
    here = ("restores", place)
    return Restore(
        created=_time(job.created, *here, "CreationDate"), state=_word(job.state, *here, "Status"),
        ended=_time(job.ended, *here, "CompletionDate") if job.ended else None,
        validated=_word(job.validated, *here, "ValidationStatus") if job.validated else None,
    )  # fmt: skip


def _time(at: AwareDatetime, *path: str | int) -> Time:
    return Time(value=at, at=at, pointer=pointer(*path))


def _word(word: str, *path: str | int) -> State:
    return State(value=word, pointer=pointer(*path))
