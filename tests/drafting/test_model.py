"""The client of the Messages API at its edges: endless and slow answers, storms, a proxy, certificates, redirects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from agent import resources, settings
from agent.drafting import prices
from agent.drafting.model import AnthropicModel, ModelUnavailable, Prompt
from agent.errors import ConfigError
from agent.service.assembly import model_of
from collectors.sandbox.server import Asked, Reply, serve
from collectors.way import Network
from tests.drafting.scripted import Messages, error, message, model_that
from tests.tls import behind_tls

PROMPT = Prompt(system="fixed", user="now", answer_schema={"type": "object"}, max_tokens=10)
JSON = {"content-type": "application/json"}


def drip(times: int) -> Iterator[bytes]:
    """A body that comes a byte at a time, each soon enough not to look like silence."""
    for _ in range(times):
        Event().wait(0.02)
        yield b" "


def test_an_answer_that_trickles_is_given_up_at_the_deadline():
    """A deadline for each read alone would never come."""
    slow = Reply(200, headers=JSON, stream=drip(500))

    with (
        model_that(slow, timeout=0.3, retries=0) as (model, _),
        pytest.raises(ModelUnavailable, match=r"did not answer within 0\.3 seconds"),
    ):
        model.write(PROMPT)


def test_an_answer_without_end_is_given_up():
    """Memory is bounded whatever an endpoint sends."""
    endless = Reply(200, headers=JSON, stream=iter(lambda: b" " * 100_000, b""))

    with model_that(endless) as (model, _), pytest.raises(ModelUnavailable, match="answered without end"):
        model.write(PROMPT)


def test_a_storm_of_529_ends_and_says_what_it_was():
    """Retried as often as set, no more."""
    with model_that(error(529, "overloaded_error"), retries=2) as (model, messages):
        with pytest.raises(ModelUnavailable, match=r"answered 529\. Its vendor is overloaded"):
            model.write(PROMPT)
        assert len(messages.asked) == 3


def test_the_key_follows_no_redirect():
    """Where an endpoint points elsewhere, nothing is sent there."""
    elsewhere = Messages([message("{}")])
    running = serve(elsewhere)
    try:
        with model_that(Reply(307, b"", {"location": f"{running.url}/v1/messages"})) as (model, _):
            with pytest.raises(ModelUnavailable, match="answered 307"):
                model.write(PROMPT)
            assert elsewhere.asked == []
    finally:
        running.close()


class Proxy:
    """A forward proxy that answers for every host and remembers what it was asked for."""

    def __init__(self) -> None:
        self.targets: list[str] = []

    def answer(self, asked: Asked) -> Reply:
        self.targets.append(asked.target)
        return message("{}")


def test_the_proxy_that_is_set_is_used():
    """The model is outside of the house like any source."""
    proxy = Proxy()
    running = serve(proxy)
    try:
        model = AnthropicModel("k", "http://gateway.example", "m", 5, 0, Network(proxy=running.url))
        assert model.write(PROMPT).text == "{}"
    finally:
        running.close()

    assert proxy.targets == ["http://gateway.example/v1/messages"]


def test_a_gateway_with_a_certificate_of_our_own_authority(tmp_path: Path):
    """Reached with the bundle that is set, unreachable without; the sentence says which setting it is."""
    messages = Messages([message("{}")])
    running = serve(messages)
    try:
        url, bundle = behind_tls(running, tmp_path)
        given = {"CLEARANCE_HOME": str(tmp_path), "ANTHROPIC_BASE_URL": url}
        trusting = model_of(settings.read({**given, "CLEARANCE_CA_BUNDLE": str(bundle)}), "m")
        without = model_of(settings.read(given), "m")
        assert isinstance(without, AnthropicModel)
        assert trusting
        assert trusting.write(PROMPT).text == "{}"
        with pytest.raises(ModelUnavailable, match=r"could not be reached.*CLEARANCE_CA_BUNDLE"):
            replace(without, retries=0).write(PROMPT)
    finally:
        running.close()

    assert len(messages.asked) == 1


def test_cached_tokens_are_told_apart():
    """Those read from the vendor's cache cost a tenth or less."""
    told = message("{}")
    body = told.body.replace(b'"input_tokens": 1200', b'"input_tokens": 7, "cache_read_input_tokens": 1193')
    with model_that(Reply(200, body, told.headers)) as (model, _):
        answer = model.write(PROMPT)

    assert (answer.input_tokens, answer.cache_read_tokens, answer.cache_write_tokens) == (7, 1193, 0)


def test_effort_is_sent_where_the_model_takes_it():
    """Thoughts are paid as output; a model that is not in the table is sent nothing that it may not know."""
    table = prices.read(resources.folder("config") / "prices.yaml")

    assert (table.effort("claude-sonnet-5-5"), table.effort("a-model-of-ours")) == ("low", "")
    for effort, sent in (("low", "low"), ("", None)):
        parameters = AnthropicModel("k", None, "m", effort=effort).parameters(PROMPT)
        assert parameters["output_config"].get("effort") == sent


# --- settings ---------------------------------------------------------------------------------------------------------


def test_who_names_one_model_has_it_for_both_roles(tmp_path: Path):
    """A gateway's own model is not asked for beside one that it may not have."""
    home = {"CLEARANCE_HOME": str(tmp_path)}
    for given, both in (
        ({}, ("claude-sonnet-5-5", "claude-haiku-5-5")),
        ({"CLEARANCE_MODEL": "ours"}, ("ours", "ours")),
        ({"CLEARANCE_MODEL": "ours", "CLEARANCE_MODEL_WHEN_MET": "small"}, ("ours", "small")),
        ({"CLEARANCE_MODEL_WHEN_MET": "small"}, ("claude-sonnet-5-5", "small")),
    ):
        read = settings.read({**home, **given})
        assert (read.model, read.model_when_met) == both


def test_the_model_goes_by_the_networks_proxy_and_certificates(tmp_path: Path):
    """The same way as every source."""
    given = {
        "CLEARANCE_HOME": str(tmp_path), "ANTHROPIC_API_KEY": "sk-secret", "CLEARANCE_PROXY": "http://p.example:3128"
    }  # fmt: skip
    model = model_of(settings.read(given), "claude-sonnet-5-5")

    assert isinstance(model, AnthropicModel)
    assert model.network.proxy == "http://p.example:3128"
    assert "sk-secret" not in repr(model)
    assert model_of(settings.read({"CLEARANCE_HOME": str(tmp_path)}), "m") is None


@pytest.mark.parametrize("name", ["CLEARANCE_BUDGET_PER_REVIEW", "CLEARANCE_BUDGET_PER_SWEEP"])
def test_a_budget_is_a_whole_number_of_tokens(tmp_path: Path, name: str):
    """Nought asks no model; anything else that is no number is an error that says what to write."""
    read = settings.read({"CLEARANCE_HOME": str(tmp_path), name: "0"})
    assert 0 in (read.tokens_a_review, read.tokens_a_sweep)
    plain = settings.read({"CLEARANCE_HOME": str(tmp_path)})
    assert (plain.tokens_a_review, plain.tokens_a_sweep) == (100_000, None)
    for wrong in ("-1", "10k", "1e5", "٣"):
        bad = settings.read({"CLEARANCE_HOME": str(tmp_path), name: wrong})
        with pytest.raises(ConfigError, match=name):
            assert bad.tokens_a_review + (bad.tokens_a_sweep or 0) < 0
