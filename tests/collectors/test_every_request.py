"""Every request by every way to fail: a new one without its row here fails the first test.

The whole answer comes first: evidence each of whose facts is found where it points. Files, the statements among them,
fail in their own ways: see test_documents.py and test_attestations.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from agent import resources, settings
from agent.service.assembly import assemble
from agent.workflow.sealing import facts_in, unsound
from collectors.aws import facts as aws
from collectors.connections import Connections
from collectors.datadog import facts as datadog
from collectors.evidence import Answer, Evidence, Gap, GapReason, Request, Window
from collectors.github import facts as github
from collectors.langsmith import facts as langsmith
from collectors.launchdarkly import facts as launchdarkly
from collectors.okta import facts as okta
from collectors.pagerduty import facts as pagerduty
from collectors.rate import Limits
from collectors.registry import REQUESTS
from collectors.sandbox.start import Sandbox, start
from collectors.sandbox.world import load_world
from collectors.slack import facts as slack
from tests.collectors.failures import FAILURES

SUBJECT = "finance-invoice-recon"
ROLE, ARCHIVE = f"agent-{SUBJECT}", "svc-invoice-archive"
BUCKET = "acme-agent-audit"
PILOT = Window.model_validate({"start": "2026-05-13T00:00:00-04:00", "end": "2026-06-12T00:00:00-04:00"})
LAUNCH = Window.model_validate({"start": "2026-06-22T00:00:00-04:00", "end": "2026-07-06T00:00:00-04:00"})
RECENT = Window.model_validate({"start": "2026-06-17T06:00:00-04:00", "end": "2026-06-17T12:00:00-04:00"})
FLAG = {"project": "agents", "environment": "production", "flag": f"{SUBJECT}-enabled"}
ASKS: dict[str, Request] = {
    ask.type: ask
    for ask in (
        pagerduty.OnCallAsk(service="PINVREC", primary="PINVPRI", backup="PINVBAK", window=LAUNCH),
        pagerduty.IncidentsAsk(service="PINVREC", window=PILOT),
        launchdarkly.FlagAsk(**FLAG),
        launchdarkly.FlagHistoryAsk(**FLAG, window=PILOT),
        launchdarkly.FlagEvaluationAsk(**FLAG),
        datadog.MetricAsk(query="avg:invoice_recon.acceptance{env:production}", window=PILOT),
        datadog.DashboardAsk(id="fin-inv-rec", recent=RECENT),
        datadog.MonitorsAsk(ids=(4200001,)),
        datadog.DashboardViewsAsk(id="fin-inv-rec", window=PILOT),
        datadog.LogsAsk(query="@guardrail:output_schema", window=PILOT),
        datadog.LogIndexAsk(index="finance-agents"),
        datadog.LogArchivesAsk(bucket=BUCKET),
        datadog.SloAsk(id="5a1e0000000040008000000000000001", window=PILOT),
        aws.RetentionAsk(bucket=BUCKET, prefix=f"{SUBJECT}/"),
        aws.SecretRotationAsk(secret="finance/netsuite"),
        aws.IamIdentityAsk(name=ROLE),
        aws.IamKeysAsk(name=ARCHIVE, window=PILOT),
        aws.TrailRotationsAsk(secret="finance/anthropic", window=PILOT),
        langsmith.RunStatsAsk(project=SUBJECT, statistic="run_count", window=PILOT),
        langsmith.RetentionAsk(project=SUBJECT),
        langsmith.GuardrailRunsAsk(project=SUBJECT, filter='has(tags, "input_validation")', window=PILOT),
        github.FileAsk(path="acme/finance-agents/docs/runbook.md"),
        slack.ScheduledMessagesAsk(channel="C0FINANCE1"),
        okta.IdentityAsk(name=ROLE),
    )
}
OF_FILES = {type_ for type_ in REQUESTS if type_.startswith(("documents.", "attestation."))}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start(load_world(resources.folder("config") / "worlds" / "put-right")) as running:
        yield running


@pytest.fixture(scope="module")
def there(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connections]:
    """The way to the sandbox."""
    home = tmp_path_factory.mktemp("home")
    deps = assemble(settings.read({**sandbox.settings(), "CLEARANCE_HOME": str(home)}))
    yield deps.connections
    deps.engine.dispose()


@pytest.fixture
def conn(there: Connections, sandbox: Sandbox) -> Iterator[Connections]:
    """No share of ours, no pauses, nothing remembered of the test before and no fault left to the next."""
    limits = Limits((), sleep=lambda seconds: None)
    yield replace(there, limits=limits, clock=lambda: sandbox.world.clock)
    for proxy in sandbox.faults.values():
        proxy.set()


def asked(conn: Connections, ask: Request) -> Answer:
    (answer,) = REQUESTS[ask.type].collector()(conn, [ask])
    return answer


def test_every_request_is_tried_here_or_reads_files():
    assert ASKS.keys() | OF_FILES == REQUESTS.keys()


@pytest.mark.parametrize("type_", ASKS)
def test_a_whole_answer_is_evidence_whose_facts_are_in_it(conn: Connections, type_: str):
    answer = asked(conn, ASKS[type_])
    assert isinstance(answer, Evidence), answer
    assert unsound(answer, ASKS[type_]) is None
    assert [fact for fact in facts_in(answer.facts) if fact.pointer]
    assert answer.calls


@pytest.mark.parametrize(("fault", "reason"), FAILURES)
@pytest.mark.parametrize("type_", ASKS)
def test_each_failure_has_its_name_the_source_and_what_to_do(
    conn: Connections, sandbox: Sandbox, type_: str, fault, reason: GapReason
):
    ask = ASKS[type_]
    sandbox.faults[vendor_of(type_)].set(fault)
    gap = asked(replace(conn, timeout=0.2) if fault.kind == "hang" else conn, ask)
    assert isinstance(gap, Gap), gap
    assert gap.reason == reason, gap
    assert unsound(gap, ask) is None
    assert gap.what
    assert gap.next_step
    if gap.status == 403:
        assert gap.scope or gap.calls[-1].path == "sts:GetCallerIdentity"  # that one takes no permission


@pytest.mark.parametrize("type_", ASKS)
def test_without_its_settings_a_source_is_not_configured(conn: Connections, type_: str):
    gap = asked(Connections(clock=conn.clock), ASKS[type_])
    assert isinstance(gap, Gap)
    assert gap.reason == GapReason.NOT_CONFIGURED
    assert not gap.calls


def vendor_of(type_: str) -> str:
    """Which stand-in answers a type of request."""
    name = type_.split(".")[0]
    return "aws" if name in ("s3", "cloudtrail") else name
