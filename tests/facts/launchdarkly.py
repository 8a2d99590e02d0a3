"""LaunchDarkly (its part of 5, 9, 10.16)."""

from __future__ import annotations

from tests.facts.fact import Nothing, OutOfScope, Said, Shown

STATE = "tests/collectors/launchdarkly/test_flag_state.py"
LISTS = "tests/collectors/launchdarkly/test_flag_lists.py"
HISTORY = "tests/collectors/launchdarkly/test_flag_history.py"
SHARED = "tests/collectors/launchdarkly/test_flag_history_shared.py"
EVALUATION = "tests/collectors/launchdarkly/test_flag_evaluation.py"
CHECK = "tests/collectors/launchdarkly/test_launchdarkly_check.py"
ROLLBACK = "tests/probes/test_rollback.py"
STAND_IN = "tests/sandbox/test_launchdarkly.py"
DRILL = "tests/probes/test_drill.py"
PAUSES = "tests/collectors/test_pauses.py"
OF_FLAG = "collectors/launchdarkly/flag.py"
OF_HISTORY = "collectors/launchdarkly/history.py"
OF_EVALUATION = "collectors/launchdarkly/evaluation.py"

FACTS: dict[str, Said] = {
    "5.12": Shown(
        f"{CHECK}::test_a_reader_token_and_its_sdk_keys_are_ok",
        f"{CHECK}::test_a_token_that_may_write_is_named_as_more_than_needed",
    ),
    "9a.1": Shown(f"{STATE}::test_the_evidence_says_what_was_asked_where_and_as_whom"),
    "9a.2": Shown(
        f"{STATE}::test_every_fact_points_into_the_body",
        f"{STATE}::test_the_last_change_is_the_end_of_the_drill",
        f"{STATE}::test_other_environments_of_the_flag_are_not_kept",
        f"{STATE}::test_a_rollout_or_a_missing_fallthrough_has_no_single_on_value",
        f"{ROLLBACK}::test_a_served_value_that_does_not_fit_is_unknown",
    ),
    "9a.3": Shown(
        f"{STATE}::test_an_off_variation_that_leads_nowhere_is_no_value",
        f"{ROLLBACK}::test_a_switch_whose_off_does_not_stop_fails",
        f"{EVALUATION}::test_off_without_an_off_variation_serves_nothing_that_could_be_reported",
        f"{EVALUATION}::test_a_rule_or_a_prerequisite_that_stops_everyone_is_told_by_its_reason",
        f"{ROLLBACK}::test_a_served_value_that_does_not_fit_is_unknown",
    ),
    "9a.4": Shown(f"{STATE}::test_an_environment_that_the_flag_does_not_have_is_gone_not_off"),
    "9a.5": Shown(
        f"{LISTS}::test_many_flags_are_read_from_one_page",
        f"{LISTS}::test_a_row_that_is_not_the_whole_flag_is_asked_for_by_key",
    ),
    "9a.6": Shown(
        f"{STATE}::test_an_archived_or_deprecated_flag_is_told_from_a_live_one",
        f"{STATE}::test_a_flag_archived_in_this_environment_alone_is_archived",
        f"{STATE}::test_whether_a_flag_is_deprecated_is_never_guessed",
        f"{ROLLBACK}::test_a_switch_that_is_off_or_dead_fails",
    ),
    "9a.7": OutOfScope(OF_FLAG, "the flag's status (`new`, `active`, when it was last requested)"),
    "9b.1": Shown(f"{HISTORY}::test_the_log_is_asked_for_by_resource_and_window_and_never_by_words"),
    "9b.2": Shown(
        f"{HISTORY}::test_pages_are_read_until_one_holds_nothing_new",
        f"{HISTORY}::test_a_millisecond_that_two_pages_share_loses_nothing",
        f"{HISTORY}::test_more_than_a_page_in_one_millisecond_is_truncated",
        f"{HISTORY}::test_a_history_that_never_ends_is_truncated",
    ),
    "9b.3": Shown(
        f"{HISTORY}::test_the_log_is_asked_for_by_resource_and_window_and_never_by_words",
        f"{HISTORY}::test_the_end_of_the_window_is_not_part_of_it_and_its_start_is",
    ),
    "9b.4": Shown(
        f"{HISTORY}::test_the_log_is_asked_for_by_resource_and_window_and_never_by_words",
        f"{HISTORY}::test_a_resource_is_ours_by_project_environment_and_flag",
        f"{SHARED}::test_a_flag_whose_last_change_the_shared_log_does_not_show_is_asked_alone",
    ),
    "9b.5": Shown(
        f"{HISTORY}::test_a_page_that_may_be_cut_and_is_not_newest_first_is_truncated",
        f"{HISTORY}::test_a_page_that_holds_all_there_is_may_come_in_any_order",
    ),
    "9b.6": Shown(
        f"{HISTORY}::test_every_fact_points_into_the_body",
        f"{HISTORY}::test_a_list_that_cannot_be_read_is_malformed",
        f"{HISTORY}::test_missing_texts_are_no_reason_to_fail",
    ),
    "9b.7": Shown(
        f"{HISTORY}::test_a_change_made_together_with_another_edit_counts_though_the_title_is_silent",
        f"{HISTORY}::test_another_environment_or_project_has_its_own_history",
    ),
    "9b.8": Shown(
        f"{HISTORY}::test_a_switch_whose_versions_do_not_show_the_direction_is_malformed",
        f"{HISTORY}::test_a_switch_that_changed_nothing_is_no_change",
    ),
    "9b.9": Shown(f"{HISTORY}::test_an_unrelated_edit_of_a_flag_that_is_on_is_no_change"),
    "9b.10": Shown(
        f"{HISTORY}::test_a_machine_is_nobody_whoever_owns_it",
        f"{HISTORY}::test_a_personal_token_is_its_person",
        f"{HISTORY}::test_a_member_without_a_name_is_known_by_id_and_without_an_id_not_at_all",
        f"{ROLLBACK}::test_a_drill_by_a_machine_names_nobody",
    ),
    "9b.11": Shown(
        f"{ROLLBACK}::test_a_drill_before_launch_passes_for_thirty_days",
        f"{ROLLBACK}::test_a_switch_that_is_off_or_dead_fails",
        f"{ROLLBACK}::test_a_flag_that_was_never_turned_off_and_on_fails",
        f"{DRILL}::test_telemetry_alone_passes_when_it_is_fine_enough",
    ),
    "9b.12": Shown(
        f"{HISTORY}::test_a_flag_that_stands_otherwise_than_its_log_ends_has_a_change_that_is_not_shown",
        f"{HISTORY}::test_twice_off_in_a_row_lacks_the_turn_on_between",
    ),
    "9b.13": Nothing("no request of ours takes webhooks"),
    "9c.1": Shown(
        f"{STATE}::test_the_evidence_says_what_was_asked_where_and_as_whom",
        f"{STATE}::test_a_wrong_token_or_an_sdk_key_is_denied_and_named_as_such",
    ),
    "9c.2": Shown(f"{STATE}::test_each_instance_of_the_vendor_is_no_sandbox"),
    "9c.3": Shown(
        f"{STATE}::test_keys_addresses_and_contexts_never_reach_the_evidence",
        f"{EVALUATION}::test_the_key_and_contexts_never_reach_the_evidence",
    ),
    "9d.1": Shown(
        f"{EVALUATION}::test_the_sdk_asks_one_address_once_a_batch_and_sends_no_event",
        f"{EVALUATION}::test_where_flags_are_not_served_in_one_piece_the_start_of_the_stream_is_read",
    ),
    "9d.2": Shown(f"{STAND_IN}::test_the_vendors_own_sdk_streams_from_it_and_serves_the_flag"),
    "9d.3": Shown(f"{EVALUATION}::test_the_sdk_asks_one_address_once_a_batch_and_sends_no_event"),
    "9d.4": Shown(f"{EVALUATION}::test_the_sdk_asks_one_address_once_a_batch_and_sends_no_event"),
    "9d.5": Shown(
        f"{EVALUATION}::test_each_failure_has_its_name_and_is_everyones",
        f"{EVALUATION}::test_a_flag_that_cannot_be_evaluated_is_malformed_and_never_a_default",
    ),
    "9d.6": OutOfScope(OF_EVALUATION, "Nothing is read from a client that is offline or not ready"),
    "9d.7": Shown(
        f"{EVALUATION}::test_a_flag_that_is_off_serves_its_off_value",
        f"{EVALUATION}::test_an_unknown_flag_is_gone_and_leaves_the_others_alone",
    ),
    "9d.8": Nothing("advice for tests; ours serve whole flags"),
    "9d.9": Nothing("our collectors are synchronous"),
    "10.16": Shown(
        f"{STATE}::test_a_limit_that_lasts_longer_than_we_wait_is_told_at_once",
        f"{PAUSES}::test_a_429_is_waited_for_as_its_vendor_asks",
    ),
}

# The sections (`1d`) and single blocks (`5.12`) that this table answers for, every one of them.
SECTIONS: tuple[str, ...] = ("5.12", "9a", "9b", "9c", "9d", "10.16")
