"""Has a model read documents and statements, and believes nothing of its answer but quotes that code finds again.

The reader is the only model that sees text from outside. What it may return is a closed set of labels and kinds,
places, and quotes; every sentence about them is code's own, and the quoted text that is kept is the document's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ConfigDict, Field, JsonValue, ValidationError

from agent.concerns import Concern, ConcernKind, Reading, ReadQuote, ReadSource
from agent.domain import Usage
from agent.drafting.exchanges import Exchange, exchange
from agent.drafting.model import Answer, Model, ModelUnavailable, Prompt
from agent.drafting.prices import NO_PRICES, Prices
from agent.drafting.prompts import Prompts
from agent.drafting.reading import Finding, Source, mark_of
from agent.drafting.slots import Rejection, Rule
from collectors.evidence import Model as Frozen
from collectors.passages import collapsed

MAX_TOKENS = 8_000
LONGEST_ANSWER = 400_000  # characters; longer is not even parsed
LONGEST_OFFENCE, MOST_TOLD = 500, 200  # of what was thrown away, shown one by one
MOST_CONCERNS, MOST_QUOTES, MOST_IN_A_CONCERN = 12, 60, 4
SYSTEM, USER = "_reader_contract.md.jinja", "read_sources.md.jinja"
NOT_CONFIGURED = "no reader was configured; documents were not read by a model"
NOTHING_TO_READ = "there was no document or statement to read"

LABELS = (
    "how_to_stop", "failure_mode", "what_to_do", "where_logs_are", "who", "when", "plan", "answer", "outcome",
)  # fmt: skip
QUESTIONS = {
    ConcernKind.CONTRADICTION: "Do these statements contradict each other, and if so, which of them holds?",
    ConcernKind.AGAINST_EVIDENCE: "Does the evidence contradict what is stated here?",
    ConcernKind.NO_ANSWER: "Does this answer what was asked?",
    ConcernKind.NO_NAME_OR_DATE: "Who does this, and by when?",
}


T = TypeVar("T", bound=Frozen)
F = TypeVar("F")


class _Strict(Frozen):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Quoted(_Strict):
    source: str
    passage: int
    text: str


class _Labelled(_Quoted):
    label: str = Field(json_schema_extra={"enum": list(LABELS)})


class _Doubt(_Strict):
    kind: str = Field(json_schema_extra={"enum": [kind.value for kind in ConcernKind]})
    quotes: list[_Quoted]
    findings: list[str]


class _Told(_Strict):
    """What the model has to return; closed, all fields required. Labels and kinds are checked by code one by one."""

    quotes: list[_Labelled]
    concerns: list[_Doubt]


class Read(Frozen):
    """What came of reading. `exchanges` hold what was asked, answered and thrown away; they are kept apart."""

    reading: Reading
    concerns: tuple[Concern, ...] = ()
    usage: Usage = Usage()
    exchanges: tuple[Exchange, ...] = Field((), exclude=True)


@dataclass(frozen=True)
class Desk:
    """What lies before the reader, and what asking costs. `marked` False leaves out the marks of data; tests look at
    what they are worth."""

    sources: Sequence[Source]
    findings: Sequence[Finding]
    prompts: Prompts
    marked: bool = True
    prices: Prices = NO_PRICES


class _Refused(Exception):
    """A quote or concern that is thrown away; `rule` is counted and shown."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


def read(desk: Desk, model: Model | None) -> Read:
    """One call over all sources. Whatever goes wrong with it is said, and changes nothing else."""
    shown = tuple(_row(source) for source in desk.sources)
    if model is None:
        return Read(reading=Reading(why_none=NOT_CONFIGURED, sources=shown))
    if not desk.sources:
        return Read(reading=Reading(model=model.name, why_none=NOTHING_TO_READ))
    prompt = prompt_of(desk)
    base = Reading(model=model.name, sources=shown, prompts=_digests(desk.prompts))
    try:
        answer = model.write(prompt)
    except ModelUnavailable as gone:
        failed = exchange(model.name, prompt, failure=gone.sentence, by="reader")
        return Read(reading=base.model_copy(update={"why_none": gone.what}), exchanges=(failed,))
    return _taken(base, answer, exchange(model.name, prompt, answer, by="reader"), desk)


def answer_schema() -> dict[str, JsonValue]:
    """The JSON schema sent along: objects closed, all fields required, labels and kinds as closed lists."""
    schema: dict[str, JsonValue] = _Told.model_json_schema()
    return schema


def prompt_of(desk: Desk) -> Prompt:
    """Everything that a reader sees. The mark before each line of data follows from the data, so none can forge it."""
    mark = mark_of(desk.sources) if desk.marked else ""
    system, _ = desk.prompts.render(SYSTEM, labels=list(LABELS), marked=desk.marked)
    user, _ = desk.prompts.render(USER, sources=list(desk.sources), findings=list(desk.findings), mark=mark)
    return Prompt(system=system, user=user, answer_schema=answer_schema(), max_tokens=MAX_TOKENS)


def _digests(prompts: Prompts) -> dict[str, str]:
    return {name.split(".")[0].lstrip("_"): prompts.digest(name) for name in (SYSTEM, USER)}


def _row(source: Source) -> ReadSource:
    return ReadSource(
        id=source.id, title=source.title, request_type=source.request_type, evidence=source.evidence,
        items=source.items, passages=len(source.passages), left_out=source.left_out,
    )  # fmt: skip


def _taken(base: Reading, answer: Answer, asked: Exchange, desk: Desk) -> Read:
    usage = desk.prices.paid(base.model, answer)
    told = _told(answer)
    if isinstance(told, str):
        thrown = asked.model_copy(update={"rejections": (Rejection(rule=Rule.UNREADABLE, reason=told),)})
        return Read(reading=base.model_copy(update={"why_none": told}), usage=usage, exchanges=(thrown,))
    check = Check(desk)
    quotes, concerns = check.quotes(told), check.concerns(told)
    reading = base.model_copy(update={"quotes": quotes, "rejected": dict(sorted(check.rejected.items()))})
    kept = asked.model_copy(update={"rejections": tuple(check.told[:MOST_TOLD])})
    return Read(reading=reading, concerns=concerns, usage=usage, exchanges=(kept,))


def _told(answer: Answer) -> _Told | str:
    """The answer as it was asked for, or why it is not used at all: nothing of a broken one is mended."""
    if answer.stop_reason == "refusal":
        return "the reader refused to read"
    if answer.stop_reason == "max_tokens" or len(answer.text) > LONGEST_ANSWER:
        return "the reader's answer did not come to its end within its limit"
    if not answer.whole:
        return "the reader's answer did not come to its end"
    try:
        return _Told.model_validate_json(answer.text)
    except ValidationError:
        return "the reader's answer was not the JSON that was asked for"


class Check:
    """Finds every quote again, letter for letter, at the place it names.

    `rejected` counts what was thrown away by the rule that it broke, `told` says of each what it was.
    """

    def __init__(self, desk: Desk) -> None:
        self.sources: Mapping[str, Source] = {source.id: source for source in desk.sources}
        self.findings: Mapping[str, Finding] = {finding.id: finding for finding in desk.findings}
        self.rejected: Counter[str] = Counter()
        self.told: list[Rejection] = []

    def quotes(self, told: _Told) -> tuple[ReadQuote, ...]:
        found = (self._or_none(self._labelled, one) for one in told.quotes[:MOST_QUOTES])
        self._over("more quotes than are taken", told.quotes[MOST_QUOTES:])
        return tuple(one for one in found if one)

    def concerns(self, told: _Told) -> tuple[Concern, ...]:
        good: dict[tuple[object, ...], Concern] = {}
        for one in told.concerns:
            if found := self._or_none(self._concern, one):
                places = frozenset((quote.source, quote.passage) for quote in found.quotes)
                good.setdefault((found.kind, found.against, places), found)
        taken = list(good.values())
        self._over("more concerns than are taken", taken[MOST_CONCERNS:])
        numbered = enumerate(taken[:MOST_CONCERNS], start=1)
        return tuple(one.model_copy(update={"id": f"C{number}"}) for number, one in numbered)

    def _or_none(self, check: Callable[[T], F], one: T) -> F | None:
        try:
            return check(one)
        except _Refused as refused:
            self._throw(refused.rule, one)
            return None

    def _throw(self, rule: str, one: Frozen) -> None:
        self.rejected[rule] += 1
        self.told.append(Rejection(rule=Rule.READING, reason=rule, offence=one.model_dump_json()[:LONGEST_OFFENCE]))

    def _over(self, rule: str, left: Sequence[Frozen]) -> None:
        for one in left:
            self._throw(rule, one)

    def _labelled(self, one: _Labelled) -> ReadQuote:
        if one.label not in LABELS:
            raise _Refused("a label outside the set")
        return self._quote(one).model_copy(update={"label": one.label})

    def _quote(self, one: _Quoted) -> ReadQuote:
        source = self.sources.get(one.source)
        if source is None:
            raise _Refused("a source that was not given")
        at = next((i for i, passage in enumerate(source.passages) if passage.number == one.passage), None)
        if at is None:
            raise _Refused("a place that is not in the source")
        passage = source.passages[at]
        if collapsed(one.text) != passage.text:
            raise _Refused("a quote that is not found, whole and letter for letter, at its place")
        around = [source.passages[i].text if 0 <= i < len(source.passages) else "" for i in (at - 1, at + 1)]
        return ReadQuote(
            source=source.id, passage=passage.number, line=passage.line, place=passage.place, text=passage.text,
            before=around[0], after=around[1],
        )  # fmt: skip

    def _concern(self, one: _Doubt) -> Concern:
        try:
            kind = ConcernKind(one.kind)
        except ValueError as error:
            raise _Refused("a kind of concern outside the set") from error
        if not 1 <= len(one.quotes) <= MOST_IN_A_CONCERN:
            raise _Refused("a concern without a quote, or with too many")
        quotes = tuple(self._quote(quoted) for quoted in one.quotes)
        if kind is ConcernKind.CONTRADICTION and len({(q.source, q.passage) for q in quotes}) < 2:
            raise _Refused("a contradiction without two statements")
        return Concern(
            id="", item=min(self.sources[quotes[0].source].items, default=0), kind=kind, question=QUESTIONS[kind],
            quotes=quotes, against=self._against(kind, one.findings),
        )  # fmt: skip

    def _against(self, kind: ConcernKind, named: Sequence[str]) -> str:
        """The one finding that a quote is set against, in code's own sentence."""
        if (kind is ConcernKind.AGAINST_EVIDENCE) != (len(named) == 1) or any(n not in self.findings for n in named):
            raise _Refused("evidence that was not given, or none where it is needed")
        return self.findings[named[0]].sentence if named else ""
