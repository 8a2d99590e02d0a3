"""One small read for each permission that requests to Datadog need, so that `doctor` knows which are there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

from datadog_api_client.v1.api.dashboards_api import DashboardsApi
from datadog_api_client.v1.api.logs_indexes_api import LogsIndexesApi
from datadog_api_client.v1.api.service_level_objectives_api import ServiceLevelObjectivesApi
from datadog_api_client.v1.api.synthetics_api import SyntheticsApi
from datadog_api_client.v2.api.logs_api import LogsApi
from datadog_api_client.v2.api.logs_archives_api import LogsArchivesApi
from datadog_api_client.v2.model.logs_list_request import LogsListRequest
from datadog_api_client.v2.model.logs_list_request_page import LogsListRequestPage
from datadog_api_client.v2.model.logs_query_filter import LogsQueryFilter

from collectors.datadog import archives, dashboard, indexes, logs, queries, slo, synthetics
from collectors.datadog.client import Session
from collectors.datadog.queries import ask_scalars
from collectors.errors import Denied, SourceError, Throttled, Unreachable
from collectors.evidence import Window

LATELY = timedelta(minutes=5)
ANY_METRIC = "avg:datadog.estimated_usage.hosts{*}"  # that it has no data is an answer, too


def seen(dd: Session) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The permissions seen to be there and those seen to be missing; one that is in neither could not be tried."""
    held: list[str] = []
    missing: list[str] = []
    for permission, read in READS.items():
        try:
            read(dd)
        except Denied:
            missing.append(permission)
        except (Unreachable, Throttled):
            break  # each of the others would only wait as long
        except SourceError:
            continue
        else:
            held.append(permission)
    return tuple(held), tuple(missing)


def _lately(dd: Session) -> Window:
    now = dd.conn.clock()
    return Window(start=now - LATELY, end=now)


def _metric(dd: Session) -> None:
    ask_scalars(dd, [(ANY_METRIC, "avg")], _lately(dd))


def _dashboards(dd: Session) -> None:
    dd.ask("list of one dashboard", dashboard.SCOPE, lambda: dd.api(DashboardsApi).list_dashboards(count=1))


def _logs(dd: Session) -> None:
    window = _lately(dd)
    wanted = LogsQueryFilter(query="*", _from=window.start.isoformat(), to=window.end.isoformat())
    request = LogsListRequest(filter=wanted, page=LogsListRequestPage(limit=1))
    dd.ask("search for one log event", logs.SCOPE, lambda: dd.api(LogsApi).list_logs(body=request))


def _indexes(dd: Session) -> None:
    dd.ask("list of log indexes", indexes.SCOPE, dd.api(LogsIndexesApi).list_log_indexes)


def _archives(dd: Session) -> None:
    dd.ask("list of log archives", archives.SCOPE, dd.api(LogsArchivesApi).list_logs_archives)


def _slos(dd: Session) -> None:
    dd.ask("list of one SLO", slo.SCOPE, lambda: dd.api(ServiceLevelObjectivesApi).list_slos(limit=1))


def _synthetics(dd: Session) -> None:
    dd.ask("list of one synthetic test", synthetics.SCOPE, lambda: dd.api(SyntheticsApi).list_tests(page_size=1))


READS: Mapping[str, Callable[[Session], None]] = MappingProxyType({
    queries.SCOPE: _metric, dashboard.SCOPE: _dashboards, logs.SCOPE: _logs, indexes.SCOPE: _indexes,
    archives.SCOPE: _archives, slo.SCOPE: _slos, synthetics.SCOPE: _synthetics,
})  # fmt: skip
