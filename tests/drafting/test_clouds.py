"""Bedrock and Vertex: the vendor's own clients for them against a stand-in, by setting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent import settings
from agent.drafting.batches import Waiting, fetch
from agent.drafting.model import AnthropicModel, ModelUnavailable, Prompt
from agent.errors import ConfigError
from agent.service.assembly import model_of
from collectors.sandbox.server import serve
from tests.drafting.scripted import Messages, error, message

PROMPT = Prompt(system="fixed", user="now", answer_schema={"type": "object"}, max_tokens=10)
BEDROCK = {
    "CLEARANCE_MODEL_AT": "bedrock",
    "CLEARANCE_BEDROCK_REGION": "eu-west-1",
    "AWS_BEARER_TOKEN_BEDROCK": "b-key",
}
VERTEX = {
    "CLEARANCE_MODEL_AT": "vertex", "CLEARANCE_VERTEX_REGION": "europe-west1", "CLEARANCE_VERTEX_PROJECT": "acme",
    "CLEARANCE_VERTEX_TOKEN": "v-key",
}  # fmt: skip
PATHS = {
    "bedrock": "/model/ours/invoke",
    "vertex": "/projects/acme/locations/europe-west1/publishers/anthropic/models/ours:rawPredict",
}


@pytest.fixture
def stand_in() -> Iterator[tuple[str, Messages]]:
    messages = Messages([message("{}")])
    running = serve(messages)
    yield running.url, messages
    running.close()


def model(home: Path, env: dict[str, str], url: str = "") -> AnthropicModel:
    """By the settings alone, as the product makes it."""
    at = dict.fromkeys(("ANTHROPIC_BEDROCK_BASE_URL", "ANTHROPIC_VERTEX_BASE_URL"), url)
    found = model_of(settings.read({"CLEARANCE_HOME": str(home), **env, **(at if url else {})}), "ours")
    assert isinstance(found, AnthropicModel)
    return replace(found, retries=0)


@pytest.mark.parametrize(("env", "key"), [(BEDROCK, "b-key"), (VERTEX, "v-key")])
def test_a_clouds_model_is_asked_the_same(
    tmp_path: Path, stand_in: tuple[str, Messages], env: dict[str, str], key: str
):
    """At the cloud's own address, with its own key, the fixed part cached and the schema sent along."""
    url, messages = stand_in
    answer = model(tmp_path, env, url).write(PROMPT)
    (sent,) = messages.asked

    assert (answer.text, answer.input_tokens) == ("{}", 1200)
    assert sent["path"] == PATHS[env["CLEARANCE_MODEL_AT"]]
    assert sent["headers"]["authorization"] == f"Bearer {key}"  # type: ignore[index]
    assert sent["system"][0]["cache_control"] == {"type": "ephemeral"}  # type: ignore[index]
    assert sent["output_config"]["format"]["type"] == "json_schema"  # type: ignore[index]
    assert key not in repr(model(tmp_path, env, url))


def test_bedrock_signs_with_the_profile_that_is_named_for_it(
    tmp_path: Path, stand_in: tuple[str, Messages], monkeypatch: pytest.MonkeyPatch
):
    """Not with what reads evidence, even where that stands in the environment."""
    (tmp_path / "aws").write_text("[models]\naws_access_key_id = AKIAMODELS\naws_secret_access_key = s\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "aws"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEVIDENCE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "e")
    url, messages = stand_in
    by_profile = {**BEDROCK, "AWS_BEARER_TOKEN_BEDROCK": "", "CLEARANCE_BEDROCK_PROFILE": "models"}
    model(tmp_path, by_profile, url).write(PROMPT)

    signed = messages.asked[0]["headers"]["authorization"]  # type: ignore[index]
    assert signed.startswith("AWS4-HMAC-SHA256 Credential=AKIAMODELS/")
    with pytest.raises(ModelUnavailable, match="Check CLEARANCE_BEDROCK_PROFILE"):
        model(tmp_path, {**by_profile, "CLEARANCE_BEDROCK_PROFILE": "nobody"}, url).write(PROMPT)


@pytest.mark.parametrize("env", [BEDROCK, VERTEX])
def test_a_cloud_has_no_batches_and_the_sweep_goes_on(
    tmp_path: Path, stand_in: tuple[str, Messages], env: dict[str, str]
):
    """Nothing is sent; the rest is asked directly or written from templates."""
    url, messages = stand_in
    fetched = fetch(model(tmp_path, env, url), [PROMPT], Waiting(60))

    assert (fetched.answers, messages.asked) == ({}, [])
    assert "Its cloud may not offer this" in fetched.why


@pytest.mark.parametrize("env", [BEDROCK, VERTEX])
def test_what_a_cloud_refuses_is_a_sentence(tmp_path: Path, env: dict[str, str]):
    """As of any endpoint."""
    running = serve(Messages([error(401, "authentication_error")]))
    try:
        with pytest.raises(ModelUnavailable, match=r"at 127\.0\.0\.1 answered 401\. .*CLEARANCE_MODEL_AT"):
            model(tmp_path, env, running.url).write(PROMPT)
    finally:
        running.close()


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"CLEARANCE_MODEL_AT": "azure"}, "must be messages, bedrock or vertex"),
        ({"CLEARANCE_MODEL_AT": "bedrock", "CLEARANCE_BEDROCK_REGION": "eu-west-1"}, "are not used for it"),
        ({**BEDROCK, "CLEARANCE_BEDROCK_REGION": ""}, "CLEARANCE_BEDROCK_REGION: must be set"),
        ({**VERTEX, "CLEARANCE_VERTEX_PROJECT": ""}, "CLEARANCE_VERTEX_PROJECT: must be set"),
    ],
)
def test_a_setting_that_is_missing_is_named(tmp_path: Path, env: dict[str, str], told: str):
    """Before anything is asked."""
    with pytest.raises(ConfigError, match=told):
        model(tmp_path, {"AWS_ACCESS_KEY_ID": "AKIAEVIDENCE", "AWS_SECRET_ACCESS_KEY": "e", **env})
