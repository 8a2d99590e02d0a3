"""PagerDuty (1d, 3, 10.14)."""

from __future__ import annotations

from tests.facts.fact import Nothing, OutOfScope, Said, Shown

ON_CALL = "tests/collectors/pagerduty/test_pagerduty_on_call.py"
INCIDENTS = "tests/collectors/pagerduty/test_pagerduty_incidents.py"
BODIES = "tests/collectors/pagerduty/test_pagerduty_bodies.py"
BATCH = "tests/collectors/pagerduty/test_pagerduty_batch.py"
FAILURES = "tests/collectors/pagerduty/test_pagerduty_failures.py"
CHECK = "tests/collectors/pagerduty/test_pagerduty_check.py"
COVER = "tests/probes/test_on_call_cover.py"
CRITERIA = "tests/probes/test_success_criteria.py"
PAUSES = "tests/collectors/test_pauses.py"
RATE = "tests/collectors/test_rate.py"
POLICIES = "tests/collectors/test_policies.py"
OF_ON_CALL = "collectors/pagerduty/on_call.py"
OF_INCIDENTS = "collectors/pagerduty/incidents.py"

FACTS: dict[str, Said] = {
    "1d.1": Shown(
        f"{INCIDENTS}::test_a_long_list_is_read_to_its_last_page",
        f"{INCIDENTS}::test_an_incident_that_slips_between_two_pages_is_truncated_and_never_missed",
        f"{POLICIES}::test_the_permission_of_each_call_is_the_one_in_the_vendors_document",
    ),
    "1d.2": Shown(
        f"{INCIDENTS}::test_both_worlds_had_one_p3_and_no_p1_in_the_pilot",
        f"{CRITERIA}::test_an_incident_above_the_named_priority_counts",
    ),
    "1d.3": Shown(
        f"{INCIDENTS}::test_a_window_of_more_than_six_months_is_asked_for_in_pieces",
        f"{INCIDENTS}::test_the_window_is_asked_for_in_instants_of_one_zone",
    ),
    "1d.4": Shown(f"{INCIDENTS}::test_the_window_is_asked_for_in_instants_of_one_zone"),
    "1d.5": Shown(
        f"{INCIDENTS}::test_the_window_is_half_open",
        f"{INCIDENTS}::test_an_incident_from_before_the_window_counts_while_it_is_open",
        f"{INCIDENTS}::test_a_creation_outside_the_window_that_the_list_lets_through_does_not_count",
    ),
    "1d.6": Shown(
        f"{INCIDENTS}::test_an_unclassified_incident_has_no_priority",
        f"{CRITERIA}::test_an_unclassified_incident_is_unknown",
    ),
    "1d.7": Shown(
        f"{CRITERIA}::test_a_priority_that_the_account_does_not_have_is_unknown",
        f"{INCIDENTS}::test_an_account_without_priorities_is_denied_and_names_the_permission",
        f"{CHECK}::test_a_feature_that_the_plan_lacks_is_no_matter_of_the_key",
    ),
    "1d.8": OutOfScope(OF_INCIDENTS, "a priority that was lowered later"),
    "1d.9": Shown(
        f"{INCIDENTS}::test_maintenance_that_touches_the_window_is_told",
        f"{CRITERIA}::test_a_service_that_records_nothing_has_not_zero_incidents",
        f"{CRITERIA}::test_maintenance_over_more_than_a_tenth_of_the_pilot_leaves_the_count_unknown",
    ),
    "1d.10": Shown(
        f"{INCIDENTS}::test_a_promise_of_more_after_an_empty_page_ends",
        f"{INCIDENTS}::test_a_window_with_more_than_the_last_page_holds_is_cut",
        f"{INCIDENTS}::test_a_window_that_is_too_full_however_it_is_cut_is_truncated",
        f"{INCIDENTS}::test_an_incident_that_slips_between_two_pages_is_truncated_and_never_missed",
    ),
    "1d.11": Shown(f"{INCIDENTS}::test_another_services_p1_is_not_counted_here_and_is_counted_there"),
    "3.1": Shown(
        f"{ON_CALL}::test_the_service_routes_to_a_policy_of_two_levels",
        f"{ON_CALL}::test_each_responder_shows_methods_and_high_urgency_rules_only",
    ),
    "3a.1": Shown(
        f"{COVER}::test_a_service_that_pages_nobody_fails",
        f"{COVER}::test_low_urgency_fails",
        f"{COVER}::test_a_service_that_may_not_always_page_is_unknown",
        f"{ON_CALL}::test_the_urgency_that_a_service_pages_with",
        f"{ON_CALL}::test_maintenance_that_is_planned_for_the_window_is_told",
        f"{COVER}::test_maintenance_planned_after_launch_pages_nobody",
    ),
    "3a.2": Shown(
        f"{ON_CALL}::test_the_service_routes_to_a_policy_of_two_levels",
        f"{COVER}::test_a_schedule_on_the_wrong_level_fails",
        f"{COVER}::test_targets_that_take_turns_leave_open_who_is_paged",
        f"{FAILURES}::test_a_policy_that_did_not_come_with_its_service_is_asked_for",
    ),
    "3b.1": Shown(f"{ON_CALL}::test_a_turn_without_an_end_is_settled_by_the_schedule_itself"),
    "3b.2": Nothing("heading row"),
    "3b.3": Shown(f"{BATCH}::test_schedules_of_version_two_come_in_one_list_and_the_others_alone"),
    "3b.4": Shown(f"{BATCH}::test_schedules_of_version_two_come_in_one_list_and_the_others_alone"),
    "3b.5": Shown(
        f"{ON_CALL}::test_a_turn_without_an_end_is_settled_by_the_schedule_itself",
        f"{BODIES}::test_the_pointers_into_a_schedule_of_its_own_hold_too",
    ),
    "3b.6": Shown(
        f"{ON_CALL}::test_a_schedule_is_asked_for_with_both_bounds_its_cover_and_in_one_zone",
        f"{ON_CALL}::test_a_schedule_without_its_rendered_cover_is_malformed_and_not_empty",
    ),
    "3b.7": Shown(
        f"{ON_CALL}::test_a_turn_without_an_end_is_settled_by_the_schedule_itself",
        f"{COVER}::test_somebody_without_a_name_is_unknown",
    ),
    "3b.8": Shown(f"{ON_CALL}::test_an_empty_member_of_a_shift_based_schedule_covers_nothing"),
    "3b.9": Shown(f"{COVER}::test_cover_of_a_level_is_the_union_of_its_turns"),
    "3b.10": Shown(
        f"{ON_CALL}::test_who_is_on_call_is_asked_for_the_whole_window_and_never_for_the_earliest_turn_alone"
    ),
    "3b.11": Shown(
        f"{ON_CALL}::test_the_older_kind_is_asked_for_on_400_whatever_shape_the_error_has",
        f"{ON_CALL}::test_the_older_kind_is_asked_for_on_nothing_but_400",
    ),
    "3b.12": Shown(f"{ON_CALL}::test_the_older_kind_is_asked_for_on_400_whatever_shape_the_error_has"),
    "3b.13": Shown(f"{ON_CALL}::test_a_turn_without_an_end_is_settled_by_the_schedule_itself"),
    "3b.14": Shown(
        f"{ON_CALL}::test_a_schedule_is_asked_for_with_both_bounds_its_cover_and_in_one_zone",
        f"{COVER}::test_the_hour_that_happens_twice_is_covered_by_instants",
    ),
    "3b.15": Shown(
        f"{ON_CALL}::test_a_percentage_of_cover_is_never_believed",
        f"{COVER}::test_one_uncovered_minute_is_named_with_its_time",
    ),
    "3b.16": Shown(f"{ON_CALL}::test_an_override_is_part_of_the_cover"),
    "3b.17": Shown(f"{COVER}::test_cover_of_a_level_is_the_union_of_its_turns", f"{COVER}::test_no_backup_fails"),
    "3b.18": OutOfScope(OF_ON_CALL, "/schedules/{id}/users, which knows the older kind of schedule only"),
    "3c.1": Shown(
        f"{ON_CALL}::test_who_is_on_call_is_asked_for_the_whole_window_and_never_for_the_earliest_turn_alone",
        f"{POLICIES}::test_the_permission_of_each_call_is_the_one_in_the_vendors_document",
    ),
    "3c.2": Shown(
        f"{ON_CALL}::test_who_is_on_call_is_asked_for_the_whole_window_and_never_for_the_earliest_turn_alone",
        f"{ON_CALL}::test_shifts_are_clipped_to_the_window_and_a_clip_is_code_not_evidence",
    ),
    "3c.3": Shown(f"{ON_CALL}::test_a_window_beyond_ninety_days_is_blind_and_never_a_short_list"),
    "3c.4": Shown(
        f"{ON_CALL}::test_who_is_on_call_is_asked_for_the_whole_window_and_never_for_the_earliest_turn_alone"
    ),
    "3c.5": Shown(
        f"{ON_CALL}::test_somebody_named_directly_has_the_whole_window",
        f"{ON_CALL}::test_a_turn_without_an_end_is_settled_by_the_schedule_itself",
    ),
    "3c.6": Shown(f"{COVER}::test_one_person_on_both_levels_fails"),
    "3c.7": Shown(
        f"{PAUSES}::test_a_429_is_waited_for_as_its_vendor_asks",
        f"{FAILURES}::test_a_lasting_limit_is_asked_three_times_and_no_more",
    ),
    "3d.1": Shown(
        f"{FAILURES}::test_mere_references_to_contact_methods_are_malformed_and_name_the_permission",
        f"{CHECK}::test_contact_methods_that_come_as_mere_references_name_what_is_missing",
    ),
    "3d.2": Shown(
        f"{FAILURES}::test_mere_references_to_contact_methods_are_malformed_and_name_the_permission",
        f"{BATCH}::test_a_person_whom_the_list_shows_in_part_is_asked_for_itself",
    ),
    "3d.3": Shown(
        f"{ON_CALL}::test_a_disabled_and_a_blacklisted_method_are_not_enabled",
        f"{ON_CALL}::test_a_method_of_which_nobody_says_whether_it_works_reaches_nobody",
    ),
    "3d.4": Shown(f"{ON_CALL}::test_each_responder_shows_methods_and_high_urgency_rules_only"),
    "3d.5": Shown(
        f"{COVER}::test_a_rule_later_than_the_escalation_delay_is_a_warning",
        f"{COVER}::test_the_shortest_delay_up_to_the_persons_level_counts",
    ),
    "3d.6": Shown(
        f"{ON_CALL}::test_an_open_invitation_is_told", f"{COVER}::test_somebody_whose_invitation_is_open_is_unknown"
    ),
    "3d.7": OutOfScope(OF_ON_CALL, "a user's `role`, for the contract does not say which roles cannot be paged"),
    "3e.1": OutOfScope(OF_ON_CALL, "who changed a rota or a service (/audit/records"),
    "10.14": Shown(
        f"{INCIDENTS}::test_a_promise_of_more_after_an_empty_page_ends",
        f"{INCIDENTS}::test_pages_that_bring_nothing_new_and_promise_more_end",
        f"{INCIDENTS}::test_a_window_that_is_too_full_however_it_is_cut_is_truncated",
        f"{FAILURES}::test_a_limit_without_headers_or_body_is_throttled",
        f"{FAILURES}::test_a_wrong_key_is_denied_and_no_part_of_it_is_told",
        f"{RATE}::test_every_vendor_has_a_share_that_no_patient_caller_is_refused",
    ),
}

# The sections (`1d`) and single blocks (`5.12`) that this table answers for, every one of them.
SECTIONS: tuple[str, ...] = ("1d", "3", "3a", "3b", "3c", "3d", "3e", "10.14")
