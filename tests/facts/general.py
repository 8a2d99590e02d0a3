"""rules for every source (0), clients (10.1 to 10.13) and tests (11)."""

from __future__ import annotations

from tests.facts.fact import Nothing, Said, Shown

EVERY = "tests/collectors/test_every_request.py"
PAGERDUTY = "tests/collectors/pagerduty/test_pagerduty_failures.py"
INCIDENTS = "tests/collectors/pagerduty/test_pagerduty_incidents.py"
ON_CALL = "tests/collectors/pagerduty/test_pagerduty_on_call.py"
FLAG = "tests/collectors/launchdarkly/test_flag_state.py"
HISTORY = "tests/collectors/launchdarkly/test_flag_history.py"
EVALUATION = "tests/collectors/launchdarkly/test_flag_evaluation.py"
DATADOG = "tests/collectors/datadog/test_datadog_failures.py"
AWS = "tests/collectors/aws/test_aws_client.py"
SCENARIOS = "tests/acceptance/test_scenarios.py"
HOSTILE = "tests/acceptance/test_hostile_evidence.py"
FAULTS = "tests/acceptance/test_faults.py"
FUZZ = "tests/fuzz/test_fuzz.py"
ROLLBACK = "tests/probes/test_rollback.py"
PAUSES = "tests/collectors/test_pauses.py"
HOLDING = "tests/collectors/test_holding.py"
NETWORK = "tests/collectors/test_network.py"
OF_PAGERDUTY = "tests/sandbox/test_pagerduty.py"
OF_LAUNCHDARKLY = "tests/sandbox/test_launchdarkly.py"
OF_DATADOG = "tests/sandbox/test_datadog.py"
OF_AWS = "tests/sandbox/test_aws.py"

FACTS: dict[str, Said] = {
    "0.1": Shown(
        f"{EVERY}::test_each_failure_has_its_name_the_source_and_what_to_do",
        f"{PAGERDUTY}::test_each_status_at_each_step_has_its_reason",
        f"{FAULTS}::test_a_failing_source_leaves_its_items_undetermined_and_the_rest_alone",
        f"{FUZZ}::test_a_broken_answer_never_crashes_and_never_improves",
    ),
    "0.2": Shown(
        f"{INCIDENTS}::test_a_service_that_does_not_exist_is_gone_and_never_zero_incidents",
        f"{HISTORY}::test_an_unknown_flag_is_gone_before_its_empty_history_could_count",
        f"{SCENARIOS}::test_04_a_vendor_returns_200_with_an_empty_list",
    ),
    "0.3": Shown(
        f"{EVERY}::test_a_whole_answer_is_evidence_whose_facts_are_in_it",
        f"{PAGERDUTY}::test_a_passing_fault_is_retried_and_every_attempt_is_recorded",
        f"{FLAG}::test_the_evidence_says_what_was_asked_where_and_as_whom",
        f"{DATADOG}::test_every_call_that_went_out_is_on_the_allow_list_and_on_record",
    ),
    "0.4": Shown(
        f"{INCIDENTS}::test_the_window_is_asked_for_in_instants_of_one_zone",
        f"{ON_CALL}::test_who_is_on_call_is_asked_for_the_whole_window_and_never_for_the_earliest_turn_alone",
        f"{HISTORY}::test_the_log_is_asked_for_by_resource_and_window_and_never_by_words",
    ),
    "0.5": Shown(
        f"{ON_CALL}::test_nothing_is_looked_up_by_name",
        f"{HISTORY}::test_the_log_is_asked_for_by_resource_and_window_and_never_by_words",
    ),
    "0.6": Shown(
        f"{ON_CALL}::test_contact_details_and_calendar_links_never_enter_the_evidence",
        f"{FLAG}::test_keys_addresses_and_contexts_never_reach_the_evidence",
    ),
    "0.7": Shown(
        f"{HOSTILE}::test_nothing_decides_otherwise",
        f"{HOSTILE}::test_the_model_that_obeyed_comes_to_nothing",
        f"{SCENARIOS}::test_16_a_vendor_field_holds_an_instruction",
    ),
    "10.1": Nothing("heading row"),
    "10.2": Shown(
        f"{NETWORK}::test_every_source_is_asked_through_the_proxy",
        f"{PAGERDUTY}::test_only_calls_on_the_allow_list_are_made",
    ),
    "10.3": Shown(
        f"{PAGERDUTY}::test_a_key_never_travels_in_the_clear",
        f"{AWS}::test_an_endpoint_from_the_sdks_own_environment_is_named_as_the_source",
        f"{DATADOG}::test_stray_variables_redirect_nothing_and_replace_no_key",
    ),
    "10.4": Shown(
        f"{PAGERDUTY}::test_a_lasting_limit_is_asked_three_times_and_no_more",
        f"{FLAG}::test_a_limit_that_lasts_longer_than_we_wait_is_told_at_once",
        f"{DATADOG}::test_what_may_pass_is_tried_again_and_each_attempt_is_recorded",
    ),
    "10.5": Shown(
        f"{PAUSES}::test_a_429_is_waited_for_as_its_vendor_asks",
        f"{HOLDING}::test_what_one_thread_was_told_holds_back_the_next",
    ),
    "10.6": Shown(
        f"{PAGERDUTY}::test_each_status_at_each_step_has_its_reason",
        f"{DATADOG}::test_a_status_is_a_gap_by_its_name",
        f"{FLAG}::test_each_failure_has_its_name",
    ),
    "10.7": Shown(f"{PAGERDUTY}::test_each_status_at_each_step_has_its_reason"),
    "10.8": Shown(
        f"{DATADOG}::test_any_other_body_is_malformed", f"{ROLLBACK}::test_a_switch_in_an_unknown_state_is_unknown"
    ),
    "10.9": Shown(
        f"{PAGERDUTY}::test_a_null_missing_or_odd_field_on_the_way_is_malformed",
        f"{HISTORY}::test_accesses_that_cannot_be_read_neither_crash_nor_hide_a_change",
    ),
    "10.10": Shown(f"{PAGERDUTY}::test_a_lasting_limit_is_asked_three_times_and_no_more"),
    "10.11": Shown(
        f"{PAGERDUTY}::test_a_source_that_hangs_is_unreachable_within_its_deadline",
        f"{DATADOG}::test_a_hang_ends_with_the_time_out_and_is_not_repeated",
        f"{EVERY}::test_each_failure_has_its_name_the_source_and_what_to_do",
    ),
    "10.12": Nothing("how the rows above came to be"),
    "10.13": Nothing("heading of the list that follows"),
    "11.1": Shown(
        f"{OF_PAGERDUTY}::test_every_answer_keeps_to_the_contract",
        f"{OF_DATADOG}::test_each_good_answer_fits_the_vendors_document",
        f"{OF_LAUNCHDARKLY}::test_every_body_is_what_the_contract_says",
    ),
    "11.2": Shown(f"{PAGERDUTY}::test_only_calls_on_the_allow_list_are_made"),
    "11.3": Shown(f"{EVERY}::test_a_whole_answer_is_evidence_whose_facts_are_in_it"),
    "11.4": Shown(
        f"{OF_AWS}::test_every_answer_fits_the_vendors_own_model",
        f"{OF_AWS}::test_lifecycle_rules_keep_every_condition_they_were_given",
        f"{OF_AWS}::test_an_unknown_secret_is_400_and_its_value_is_never_given",
        f"{OF_AWS}::test_the_event_history_is_ninety_days_newest_first_in_pages_of_fifty",
    ),
    "11.5": Nothing("advice on a mock that we do not use"),
    "11.6": Nothing("advice on examples that we do not serve"),
}

# The sections (`1d`) and single blocks (`5.12`) that this table answers for, every one of them.
SECTIONS: tuple[str, ...] = (
    "0",
    "10.1",
    "10.2",
    "10.3",
    "10.4",
    "10.5",
    "10.6",
    "10.7",
    "10.8",
    "10.9",
    "10.10",
    "10.11",
    "10.12",
    "10.13",
    "11",
)
