"""What could be asked only once something else is answered, where that something could not even be asked."""

from __future__ import annotations

from agent.service.assess import assess
from tests.acceptance.conftest import SUBJECT
from tests.acceptance.overlays import own_gate
from tests.sweeps.conftest import OTHERS, OWN, Fleet

HISTORY = "flag: $card.kill_switch.flag, window: $window.drill"


def test_one_card_that_lacks_a_key_costs_no_other_subject_its_review(fleet: Fleet):
    """The flag's history goes by a key that one card has not, and the runs around the flip go by that history."""
    own_gate(fleet.desk.overlay, HISTORY, HISTORY.replace("kill_switch.flag", "kill_switch.off_value"), version="2")
    fleet.card(OTHERS[0], lambda card: card["kill_switch"].pop("off_value", None))

    digest = fleet.sweep(OWN).digest

    assert (digest.reviewed, digest.troubles) == (3, ())
    review = next(one.review for one in digest.changed if one.subject == OTHERS[0])
    alone = assess(fleet.deps(), OTHERS[0], "our-own").document
    swept = fleet.document(review)
    assert [item.verdict for item in alone.items] == [item.verdict for item in swept.items]
    assert fleet.sweep(OWN).digest.quiet == 3


def test_one_card_that_asks_what_cannot_be_asked_costs_no_other_subject_its_review(fleet: Fleet):
    """How the runs around the flip are counted is read from the card, which shows only once the flip is known."""
    around = "window: $window.follow, aggregator: "
    own_gate(fleet.desk.overlay, f"{around}sum", f"{around}$card.name", version="2")
    for subject, name in ((SUBJECT, "sum"), (OTHERS[0], "nonsense"), (OTHERS[1], "sum")):
        named(fleet, subject, name)

    digest = fleet.sweep(OWN).digest

    assert digest.reviewed == 2
    assert [(one.subject, "aggregator" in one.why) for one in digest.troubles] == [(OTHERS[0], True)]


def named(fleet: Fleet, subject: str, name: str) -> None:
    fleet.card(subject, lambda card: card.update(name=name))
