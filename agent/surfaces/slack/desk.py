"""Who asks, what for, and the message that answers: the same use cases as everywhere, for one workspace."""

from __future__ import annotations

from dataclasses import dataclass

from agent.answers import Answer as Said
from agent.answers import Asked
from agent.deps import Deps
from agent.errors import Refused, UsageError
from agent.outputs.telling.chat import Chat
from agent.service import asking, chatting
from agent.service.asking import Place
from agent.service.caller import asks_in_slack
from agent.service.chatting import Heard
from agent.service.permission import MEANT
from agent.store import chat as threads
from agent.surfaces.slack import choosing
from agent.surfaces.slack.wording import UNDERSTOOD, Command, plain


@dataclass(frozen=True)
class Desk:
    """What the app works with. `place` is where the page is."""

    deps: Deps
    chat: Chat
    place: Place

    def person(self, user: str) -> str:
        """Our id of a member; Refused where people.yaml knows none."""
        return asks_in_slack(self.deps, self.chat.team, user)

    def understood(self, text: str) -> Command:
        """Plain words as one of the commands: by rules, then by a model that chooses; Refused says what there is."""
        known = asking.named(self.deps)
        found = plain(text, known) or choosing.choose(self.deps, text, known)
        if found is None:
            raise Refused(UNDERSTOOD)
        return found

    def ask(self, command: Command, heard: Heard) -> tuple[Asked, int]:
        """Queue an assessment for a thread."""
        whole = self._placed(command, heard)
        return chatting.ask(self.deps, heard, whole.subject, whole.gate)

    def asked_before(self, heard: Heard) -> tuple[Asked, int] | None:
        """The same, where this delivery queued it already and nobody has a thread for it."""
        return chatting.asked_before(self.deps, heard)

    def answer(self, command: Command, heard: Heard) -> Said:
        """Everything but `assess`: it looks, and answers at once. A thread whose subject is being assessed hears the
        result of that run as well.
        """
        one = self._placed(command, heard)
        if heard.thread and one.subject:
            chatting.join(self.deps, heard, one.subject, one.gate)
        if one.kind == "status":
            return asking.status(self.deps, self.place, one.subject, one.gate, heard.person)
        if one.kind == "list":
            return asking.listed(self.deps)
        if one.kind == "may-deploy":
            return self._may_deploy(one)
        ask = asking.why if one.kind == "why" else asking.evidence
        return ask(self.deps, self.place, one.subject, one.item, one.gate)

    def _may_deploy(self, one: Command) -> Said:
        version = self.deps.configuration.card(one.subject).card.version
        gate = asking.gate_of(self.deps, one.subject, one.gate)
        found = asking.may_deploy(self.deps, self.place, one.subject, version, gate)
        return found.model_copy(update={"sentence": found.sentence.replace(MEANT, "")})  # nobody can say so here

    def _placed(self, command: Command, heard: Heard) -> Command:
        """With the subject that this thread or channel asked about last, where none is named and one is needed."""
        if command.subject or command.kind in ("status", "list"):
            return command
        before = threads.about(self.deps.engine, heard.channel, heard.thread)
        if before:
            return Command(command.kind, before.subject, command.gate or before.gate, command.item)
        subjects = list(self.deps.configuration.card_paths())
        if len(subjects) != 1:
            raise UsageError(f"say which subject: {', '.join(subjects) or 'there is none'}")
        return Command(command.kind, subjects[0], command.gate, command.item)


def desk_of(deps: Deps, address: str = "") -> Desk | None:
    """None where no Slack app is set. `address`: where the page is; "" = as CLEARANCE_PAGE_URL says."""
    if deps.channels.chat is None:
        return None
    return Desk(deps, deps.channels.chat, Place(address or deps.settings.get("CLEARANCE_PAGE_URL") or ""))
