"""Collects what named people state: the overlay's files and the envelopes that `clearance attest` stored."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence

from collectors.attestation_desk import Desk, answer_all, where
from collectors.attestation_files import Said
from collectors.connections import Connections
from collectors.evidence import Answer, Duration, Number, Origin, Quote, Resource, State, Time
from collectors.passages import passage_key
from collectors.statement_fields import (
    CommsFields,
    DrillFields,
    QuizFields,
    QuizMarkFields,
    QuotesFields,
    RetentionFields,
    WatchFields,
)
from collectors.statements import (
    CommsAsk,
    CommsFacts,
    ConfirmedQuote,
    DrillAsk,
    DrillFacts,
    Quiz,
    QuizAnswer,
    QuizAsk,
    QuizFacts,
    QuotesAsk,
    QuotesFacts,
    StatedRetentionAsk,
    StatedRetentionFacts,
    WatchAsk,
    Watcher,
    WatchFacts,
)


def watch(conn: Connections, asks: Sequence[WatchAsk]) -> Iterable[Answer]:
    """Who looks at a dashboard and when, as the latest statement about that dashboard says."""
    return answer_all(conn, asks, _watch)


def quiz(conn: Connections, asks: Sequence[QuizAsk]) -> Iterable[Answer]:
    """Each person's latest answers to the runbook's questions, with the marks that somebody else gave them."""
    return answer_all(conn, asks, _quiz)


def drill(conn: Connections, asks: Sequence[DrillAsk]) -> Iterable[Answer]:
    """The latest statement about a drill of the kill switch."""
    return answer_all(conn, asks, _drill)


def comms(conn: Connections, asks: Sequence[CommsAsk]) -> Iterable[Answer]:
    """Whether one message of the communication plan is drafted, and for when it is scheduled."""
    return answer_all(conn, asks, _comms)


def stated_retention(conn: Connections, asks: Sequence[StatedRetentionAsk]) -> Iterable[Answer]:
    """How long a log is kept, as the person who looked it up last says."""
    return answer_all(conn, asks, _retention)


def quotes(conn: Connections, asks: Sequence[QuotesAsk]) -> Iterable[Answer]:
    """The sentences of a document that a person read and confirms, as the latest statement about it has them."""
    return answer_all(conn, asks, _quotes)


def _watch(desk: Desk, ask: WatchAsk) -> WatchFacts:
    about = [s for s in desk.of_kind("watch") if s.fields(WatchFields).dashboard == ask.dashboard]
    one = desk.needed(about, f"who watches dashboard {ask.dashboard}")
    watchers = tuple(
        Watcher(
            person=desk.person(one, said.person, "fields", "watchers", i, "person"),
            when=Resource(value=said.when, pointer=where(one, "fields", "watchers", i, "when")),
        )
        for i, said in enumerate(one.fields(WatchFields).watchers)
    )
    return WatchFacts(statement=desk.statement(one), watchers=watchers)


def _quiz(desk: Desk, ask: QuizAsk) -> QuizFacts:
    latest = latest_of_each(desk, desk.of_kind("quiz"), lambda said: said.document.author)
    return QuizFacts(quizzes=tuple(_marked(desk, one) for one in latest))


def _marked(desk: Desk, one: Said) -> Quiz:
    fields, marks = one.fields(QuizFields), _marks_of(desk, one)
    mark = desk.latest(marks)
    answers = tuple(
        QuizAnswer(
            question=said.question,
            asked=Resource(value=said.asked, pointer=where(one, "fields", "answers", i, "asked")),
            mark=_mark(desk, marks, mark, said.question),
        )
        for i, said in enumerate(fields.answers)
    )
    return Quiz(
        statement=desk.statement(one),
        runbook=Resource(value=fields.runbook, pointer=where(one, "fields", "runbook")),
        answers=answers,
        marked_by=desk.person(mark, mark.document.author, "author") if mark else None,
        marker_proven=bool(mark and mark.proven),
        mark_until=desk.statement(mark).valid_until if mark else None,
    )


def _marks_of(desk: Desk, quiz: Said) -> list[Said]:
    """The marks of these very answers, given after them and by somebody else."""
    about = [m for m in desk.of_kind("quiz_mark") if m.fields(QuizMarkFields).quiz == quiz.digest]
    by_self = [m.name for m in about if m.document.author == quiz.document.author]
    desk.notes += [f"{name} does not count: nobody marks their own answers" for name in by_self]
    told = [m for m in about if m.name not in by_self and not m.lapsed]
    return [m for m in told if m.document.made_at >= quiz.document.made_at]


def _mark(desk: Desk, marks: Sequence[Said], latest: Said | None, question: str) -> State:
    """What the latest marks say; but "failed" stays on the answers that it was given for, whoever passes them later."""
    failures = [m for m in marks if m.proven and m.fields(QuizMarkFields).marks.get(question) == "failed"]
    mark = failures[0] if failures else latest
    if mark is not None:
        desk.used[mark.name] = mark
    given = mark.fields(QuizMarkFields).marks.get(question) if mark else None
    if mark is None or given is None:
        return State(value="unmarked", origin=Origin.CODE)
    return State(value=given, pointer=where(mark, "fields", "marks", question), at=mark.document.made_at)


def _drill(desk: Desk, ask: DrillAsk) -> DrillFacts:
    one = desk.needed(desk.of_kind("drill"), "how the kill switch was drilled")
    said = one.fields(DrillFields)
    flight, stop = said.in_flight_at_flip, said.time_to_stop_s
    return DrillFacts(
        statement=desk.statement(one),
        flag_off=Time(value=said.flag_off_at, pointer=where(one, "fields", "flag_off_at"), at=said.flag_off_at),
        flag_on=Time(value=said.flag_on_at, pointer=where(one, "fields", "flag_on_at"), at=said.flag_on_at),
        in_flight=None if flight is None else Number(
            value=flight, unit="runs", pointer=where(one, "fields", "in_flight_at_flip"), at=said.flag_off_at
        ),
        in_flight_outcome=_line(one, "in_flight_outcome", said.in_flight_outcome),
        new_work=_line(one, "new_work", said.new_work),
        time_to_stop=None if stop is None else Duration(
            value=stop, pointer=where(one, "fields", "time_to_stop_s"), at=said.flag_off_at
        ),
        performed_by=desk.person(one, said.performed_by, "fields", "performed_by"),
        observed_by=desk.person(one, said.observed_by, "fields", "observed_by") if said.observed_by else None,
    )  # fmt: skip


def _line(one: Said, key: str, value: str | None) -> Resource | None:
    return None if value is None else Resource(value=value, pointer=where(one, "fields", key))


def _comms(desk: Desk, ask: CommsAsk) -> CommsFacts:
    about = [s for s in desk.of_kind("comms") if s.fields(CommsFields).id == ask.id]
    one = desk.needed(about, f"how far the message {ask.id} is")
    said = one.fields(CommsFields)
    scheduled = said.scheduled_at
    return CommsFacts(
        statement=desk.statement(one),
        message=Resource(value=said.id, pointer=where(one, "fields", "id")),
        drafted=State(value="drafted" if said.drafted else "not drafted", pointer=where(one, "fields", "drafted")),
        scheduled=Time(value=scheduled, pointer=where(one, "fields", "scheduled_at")) if scheduled else None,
        audience=_line(one, "audience", said.audience),
    )


def _retention(desk: Desk, ask: StatedRetentionAsk) -> StatedRetentionFacts:
    about = [s for s in desk.of_kind("retention") if s.fields(RetentionFields).log == ask.log]
    one = desk.needed(about, f"how long the log {ask.log} is kept")
    said = one.fields(RetentionFields)
    return StatedRetentionFacts(
        statement=desk.statement(one),
        log=Resource(value=said.log, pointer=where(one, "fields", "log")),
        kept=Number(value=said.kept_days, unit="days", pointer=where(one, "fields", "kept_days")),
        where=Resource(value=said.where, pointer=where(one, "fields", "where")),
        project=_line(one, "project", said.project),
    )


def _quotes(desk: Desk, ask: QuotesAsk) -> QuotesFacts:
    about = [s for s in desk.of_kind("quotes") if s.fields(QuotesFields).document == ask.document]
    one = desk.needed(about, f"which sentences of {ask.document} say so")
    said = one.fields(QuotesFields)
    return QuotesFacts(
        statement=desk.statement(one),
        document=Resource(value=said.document, pointer=where(one, "fields", "document")),
        digest=Resource(value=said.digest, pointer=where(one, "fields", "digest")),
        quotes=tuple(
            ConfirmedQuote(
                text=Quote(value=quote.text, pointer=where(one, "fields", "quotes", i, "text")),
                passage=passage_key(quote.line, quote.text),
            )
            for i, quote in enumerate(said.quotes)
        ),
    )


def latest_of_each(desk: Desk, said: Iterable[Said], key: Callable[[Said], Hashable]) -> list[Said]:
    """The one that counts of each group of statements with an equal key, in the order in which groups first appear."""
    groups: dict[Hashable, list[Said]] = {}
    for one in said:
        groups.setdefault(key(one), []).append(one)
    return [best for group in groups.values() if (best := desk.latest(group)) is not None]
