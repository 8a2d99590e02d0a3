"""What a finding that is not a pass means for a launch, by probe; other probes get the general words."""

from __future__ import annotations

from agent.domain import Outcome

BY_PROBE = {
    "target_is_reached": "A pilot that misses a target of its own has not shown that the subject is worth launching.",
    "targets_are_those_approved": "Targets that nobody approved in this form prove nothing, whatever the numbers say.",
    "dashboard_shows_data": "Whoever looks at an empty widget learns nothing, and a fault would stay unseen.",
    "monitors_tell_someone": "A monitor that reaches nobody is as good as none when something breaks at night.",
    "named_people_watch": "A dashboard counts only when a named person says when they look at it.",
    "service_routes_to_the_named_schedules": "An incident would go elsewhere than to the people whom the card names.",
    "primary_and_backup_at_every_instant": "An incident would then find nobody to take it, or nobody behind them.",
    "everyone_on_call_can_be_paged": "Being on the rota helps nobody if the page does not arrive.",
    "guardrail_fired": "A guardrail that was never seen to act is a claim and not a protection.",
    "identity_is_active": "Without an identity of its own that is in use, nobody can tell what the subject did.",
    "credential_rotated_in_pilot": "The first rotation would then happen in production, where it may break things.",
    "work_went_on_after_rotation": "A rotation that stops the subject is an outage waiting for the next one.",
    "log_is_kept_long_enough": "What is deleted too early is missing when an auditor or an incident asks for it.",
    "archive_writes_to_the_bucket": "A retention rule protects only what really arrives in that place.",
    "runbook_exists": "Without a runbook, whoever is paged at night improvises.",
    "the_three_questions_were_asked": "A quiz that leaves a question out does not show that its answer is known.",
    "everyone_on_call_answered": "Whoever is on call without knowing the runbook improvises at night.",
    "quotes_are_confirmed": "What a document is meant to say counts when a person has read it and points at the words.",
    "message_is_drafted_and_scheduled": "Those who are meant to use the subject would not hear of it in time.",
    "switch_is_on_and_off_really_stops": "A switch that may not stop the subject is no way back.",
    "rest_and_sdk_agree": "What the subject itself is served decides, and here the two views of the switch part.",
    "drill_was_run_before_launch": "The way back has to be walked, end to end and lately, before anyone relies on it.",
    "statement_matches_the_flag": "A drill counts only if what people state and what the flag records are one event.",
    "work_was_in_flight": "The drill shows that the switch flips, not what becomes of work that is under way.",
    "time_to_stop_is_recorded": "Without a time to stop, nobody can promise when the subject will be quiet.",
    "a_person_says_so": "Whoever knows it says that it is not so, and no system could tell otherwise.",
    "its_parts_are_met": "The item stands as its parts do, and not all of them are in order.",
    "a_second_approver_is_named": "Whoever built the subject would alone decide on its launch.",
}

IN_GENERAL = {
    Outcome.FAIL: "The rule was looked at and is not kept; it blocks the launch until that changes.",
    Outcome.UNKNOWN: "What was found does not settle the question, and not knowing blocks like a failure.",
    Outcome.WARN: "A person has to take this on as an open item, with an owner and a due date.",
    Outcome.NOT_APPLICABLE: "The question does not arise here, so it decides nothing.",
    Outcome.PASS: "Nothing is to be done here.",
}
UNSEEN = "Nothing was found out either way: an answer is missing, and that blocks like a failure."


def of(probe: str, outcome: Outcome, *, unseen: bool = False) -> tuple[str, ...]:
    """One or two sentences without slots. `unseen`: a gap stands behind it, so nothing is said of the matter itself."""
    if unseen:
        return (UNSEEN,)
    if outcome is Outcome.UNKNOWN:
        return (IN_GENERAL[outcome],)
    if outcome in (Outcome.FAIL, Outcome.WARN) and probe in BY_PROBE:
        return (BY_PROBE[probe], IN_GENERAL[outcome]) if outcome is Outcome.WARN else (BY_PROBE[probe],)
    return (IN_GENERAL[outcome],)
