"""Prompts are files: strict, digested, and in the repository."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import TemplateNotFound, UndefinedError

from agent.drafting.prompts import Prompts
from tests.drafting import pinning


def test_a_missing_variable_is_an_error(tmp_path: Path):
    """A blank in a prompt would change what is asked without anyone noticing."""
    (tmp_path / "ask.md.jinja").write_text("Hello {{ name }}\n")

    with pytest.raises(UndefinedError):
        Prompts(tmp_path).render("ask.md.jinja")
    assert Prompts(tmp_path).render("ask.md.jinja", name="you")[0] == "Hello you\n"


def test_the_digest_names_the_template_and_what_it_includes(tmp_path: Path):
    """A change in a shared part changes the digest; the values do not."""
    (tmp_path / "ask.md.jinja").write_text("{{ name }} {% include '_part.md.jinja' %}")
    (tmp_path / "_part.md.jinja").write_text("one")
    prompts = Prompts(tmp_path)
    before = prompts.render("ask.md.jinja", name="a")[1]
    assert prompts.render("ask.md.jinja", name="b")[1] == before
    (tmp_path / "_part.md.jinja").write_text("two")

    assert prompts.digest("ask.md.jinja") != before


def test_an_unknown_prompt_is_an_error(tmp_path: Path):
    """A misspelt name is never taken for the prompt itself."""
    with pytest.raises(TemplateNotFound):
        Prompts(tmp_path).render("nothing.md.jinja")


def test_the_models_prompts_are_those_that_passed_the_regression_cases():
    """Changing a word of a prompt, or of the vocabulary, asks for a run of the cases; that run pins it again."""
    assert pinning.digests() == pinning.pinned(), (
        "a prompt or the vocabulary has changed; run `python -m tests.drafting.pinning`, which makes the evaluation "
        "and writes cases/prompts.yaml if it holds; with a key at hand look at a draft of a real model too"
    )
    assert len(set(pinning.digests().values())) == 6
