"""Builds the dependencies of one process from its settings. The only place that does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from agent import outward, resources
from agent.configuration import Configuration
from agent.deps import Deps, Meter, Progress
from agent.errors import ConfigError
from agent.settings import Settings
from agent.signing.attestations import living
from agent.signing.house import House
from agent.store.database import open_engine
from agent.store.decisions import Decisions
from agent.store.limits import ledger_of
from agent.store.locker import Locker
from agent.store.registry import Registry
from agent.store.reviews import Reviews
from collectors.connections import AttestationAccess, Connections, Decided, DecisionAccess
from collectors.rate import Limits

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from agent.drafting.model import Model


def assemble(settings: Settings, progress: Progress | None = None) -> Deps:
    """Open the store and say how each source is reached; no source is asked anything yet."""
    os.environ["LANGSMITH_TRACING"] = "false"  # set before langgraph is imported: tracing would send evidence out
    clock = settings.clock()
    outward.switch(settings)  # refused here, before anything is begun that the flag could not stop
    configuration = Configuration(resources.folder("config"), settings.overlay)
    engine = open_engine(settings.database_url)
    reviews = Reviews(engine)
    if settings.get("CLEARANCE_CLOCK") and reviews.any_real():
        raise ConfigError("CLEARANCE_CLOCK: this home holds reviews of real sources; its clock is the machine's")
    locker, meter = Locker(engine), Meter()
    configuration.people()  # what is wrong with it is told before anything is begun
    prove, name_of = living(configuration.people_as_written, configuration.people, clock)
    attestations = AttestationAccess(
        folder=configuration.attestations, stored=locker.statements, prove=prove, name_of=name_of
    )

    def look(subject: str, version: str, gate: str) -> Decided | None:
        from agent.service.decided import decided  # what it needs is heavy, and few gates ask for it

        return decided(deps, subject, version, gate)

    connections = Connections(
        clock=clock, pagerduty=settings.pagerduty(), launchdarkly=settings.launchdarkly(), datadog=settings.datadog(),
        aws=settings.aws(), langsmith=settings.langsmith(), github=settings.github(), slack=settings.slack(),
        clearance=DecisionAccess(Path(settings.home).absolute().as_uri(), look),
        okta=settings.okta(), documents=configuration.documents, attestations=attestations, timeout=settings.timeout,
        observe=meter.observe, network=settings.network(),
        limits=_limits(settings, engine),
    )  # fmt: skip
    deps = Deps(
        settings=settings, clock=clock, connections=connections, configuration=configuration, engine=engine,
        locker=locker, reviews=reviews, registry=Registry(engine), decisions=Decisions(engine),
        model=model_of(settings, settings.model), reader=model_of(settings, settings.reader_model),
        model_when_met=model_of(settings, settings.model_when_met), meter=meter,
        reports=Path(settings.home).absolute() / "reports", progress=progress or (lambda step, sentence: None),
        house=House(settings.home, outward.seal(settings)), channels=outward.channels(settings),
        published_to=outward.published_to(settings),
    )  # fmt: skip
    return deps


def _limits(settings: Settings, engine: Engine) -> Limits:
    """Shared with every other process over this store. Where the clock is set nobody asks a vendor, but stand-ins."""
    shared = None if settings.get("CLEARANCE_CLOCK") else ledger_of(engine, Path(settings.home).absolute())
    return Limits(ledger=shared)


def model_of(settings: Settings, name: str | None) -> Model | None:
    """The model of a role, where one is named and a key or an endpoint is set."""
    from agent.drafting import clouds

    key, url = settings.get("ANTHROPIC_API_KEY"), settings.get("ANTHROPIC_BASE_URL")
    cloud = clouds.of({name: settings.get(name) or "" for name in clouds.NAMES})
    if not name or not (key or url or cloud):
        return None
    from agent.drafting import prices
    from agent.drafting.model import AnthropicModel

    effort = prices.read(resources.folder("config") / "prices.yaml").effort(name)
    return AnthropicModel(key or "", url, name, network=settings.network(), effort=effort, cloud=cloud)
