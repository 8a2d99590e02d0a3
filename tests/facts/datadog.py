"""Datadog (1a to 1c, 2, 4, its part of 5, 6d, 10.15)."""

from __future__ import annotations

from tests.facts.fact import Nothing, OutOfScope, Said, Shown

SECTIONS: tuple[str, ...] = ("1a", "1b", "1c", "2a", "2b", "2c", "4", "5.11", "6d", "10.15")
_TESTS, _CODE = "tests/collectors/datadog/test_datadog_", "collectors/datadog/"


def _shown(file: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{_TESTS}{file}.py::{name}" for name in names)


def _out(file: str, says: str) -> OutOfScope:
    return OutOfScope(f"{_CODE}{file}.py", says)


_V1 = _out("queries", "the older v1 route (seconds instead of milliseconds; the vendor recommends v2)")
_USAGE = _out("views", "the usage routes (the vendor's client keeps them off; they count only where RUM runs")
_SEARCH = _out("monitors", "the search (its answer leaves out downtimes and drafts)")
_ACTUALS = "test_the_pilots_actuals_are_those_of_the_seed"
_REFUSED = _shown("failures", "test_a_refusal_names_the_permission")
_IN_DOUBT = "test_a_number_that_the_answer_itself_puts_in_doubt_is_no_value"
_WIDGETS = "test_a_widget_is_empty_when_any_query_is_and_not_asked_when_any_cannot_be"
_PERSON = ("test_only_a_named_user_in_a_browser_session_counts",
           "test_mike_looked_on_every_working_day_and_morteza_every_monday")  # fmt: skip
_PAGES = "test_a_long_list_is_read_page_by_page_to_its_end"
_MONITORING = "tests/probes/test_monitoring.py::"

FACTS: dict[str, Said] = {
    "1a.1": _V1,
    "1a.2": _V1,
    "1a.3": Shown(*_shown("metric", _ACTUALS, "test_nulls_are_left_out_of_the_points_and_units_may_be_missing")),
    "1a.4": _V1,
    "1a.5": Shown(*_shown("metric", "test_an_extreme_of_averages_is_no_extreme", "test_an_extreme_of_extremes_is_one")),
    "1a.6": _V1,
    "1a.7": _V1,
    "1b.1": Shown(*_REFUSED, *_shown("failures", "test_every_call_that_went_out_is_on_the_allow_list_and_on_record")),
    "1b.2": Shown(*_shown("metric", _ACTUALS, "test_questions_about_one_window_share_their_requests")),
    "1b.3": _out("queries", "the event data sources (logs, spans, RUM …) and cloud costs"),
    "1b.4": Shown(
        *_shown("metric", "test_null_and_nothing_are_no_data"),
        *_shown("together", "test_a_grouped_answer_that_is_not_just_these_groups_answers_nobody"),
    ),
    "1b.5": Shown(
        *_shown(
            "metric",
            "test_runs_in_flight_at_the_second_flip_ended_within_forty_seconds",
            "test_a_single_point_says_nothing_of_its_step",
        ),
        *_shown("together", "test_each_gets_what_its_query_alone_would_have_got"),
    ),
    "1b.6": Shown(
        *_shown("metric", "test_an_answer_that_is_not_one_number_is_malformed"),
        *_shown("failures", "test_an_error_with_status_200_is_malformed"),
        *_shown("patience", "test_what_came_in_part_is_never_used"),
    ),
    "1b.7": Shown(*_shown("metric", "test_a_window_older_than_the_vendor_keeps_is_told_in_its_words")),
    "1b.8": Shown(*_shown("metric", _ACTUALS)),
    "1c.1": Shown(
        *_shown(
            "slo",
            "test_in_both_worlds_the_pilots_share_rests_on_every_run",
            "test_targets_that_differ_by_time_frame_are_no_target",
            "test_an_object_that_is_not_the_asked_slo_is_malformed",
        )
    ),
    "1c.2": Shown(
        *_shown(
            "slo",
            "test_the_history_is_asked_with_and_without_corrections_over_the_asked_window",
            "test_a_correction_in_the_window_is_shown_beside_the_number_that_it_changes",
        )
    ),
    "1c.3": Shown(
        *_shown("slo", "test_the_older_name_of_the_value_is_read_where_the_newer_is_missing", _IN_DOUBT),
        *_shown("slo_monitors", "test_a_history_of_more_monitors_than_the_slo_names_is_malformed"),
    ),
    "1c.4": Shown(*_shown("slo", "test_nothing_measured_is_no_value_and_names_the_vendors_error", _IN_DOUBT)),
    "1c.5": Shown(*_shown("slo", "test_a_share_of_events_without_their_number_is_no_value", _IN_DOUBT)),
    "1c.6": Shown(
        *_shown(
            "slo",
            "test_silence_that_the_vendor_counts_as_good_is_not_good",
            "test_a_kind_that_counts_silence_as_good_says_nothing_without_its_history",
        )
    ),
    "1c.7": _out("slo", "`precision`, which has two shapes and only says how the vendor rounds"),
    "1c.8": _out("slo", "the status route (the vendor marks it unstable)"),
    "2a.1": Shown(*_REFUSED, *_shown("dashboard", "test_every_data_widget_showed_data_in_the_last_hours")),
    "2a.2": Shown(*_shown("dashboard", "test_every_data_widget_showed_data_in_the_last_hours", _WIDGETS)),
    "2a.3": Shown(*_shown("dashboard", _WIDGETS)),
    "2a.4": Shown(*_shown("dashboard", "test_the_query_that_is_asked_is_the_one_that_people_see")),
    "2a.5": Shown(*_shown("dashboard", "test_nulls_where_the_vendor_has_them_do_not_matter")),
    "2a.6": Shown(*_shown("dashboard", "test_an_unknown_dashboard_is_gone")),
    "2a.7": Shown(*_shown("dashboard", _WIDGETS, "test_a_widget_is_as_recent_as_its_stalest_query")),
    "2a.8": _out("dashboard", "the list of dashboards (it leaves preset ones out)"),
    "2b.1": Nothing("says that two sources follow"),
    "2b.2": Shown(*_REFUSED),
    "2b.3": Shown(*_shown("views", *_PERSON)),
    "2b.4": Shown(*_shown("views", *_PERSON)),
    "2b.5": Shown(*_shown("views", *_PERSON, "test_no_address_of_a_person_or_a_machine_is_kept")),
    "2b.6": Shown(
        *_shown("views", "test_a_trail_shorter_than_the_window_is_blind", "test_an_empty_trail_is_blind_not_unwatched"),
        *_shown("check", "test_it_tells_for_how_many_days_the_audit_trail_reaches_back"),
    ),
    "2b.7": Shown(*_shown("failures", "test_a_later_page_that_fails_is_never_a_shorter_list"), *_shown("logs", _PAGES)),
    "2b.8": _out("views", "the option of a time offset, for relative times alone"),
    "2b.9": _USAGE,
    "2b.10": _USAGE,
    "2b.11": _USAGE,
    "2b.12": _USAGE,
    "2b.13": _USAGE,
    "2c.1": Shown(
        *_shown(
            "monitors",
            "test_many_monitors_are_read_from_the_list",
            "test_a_monitor_is_the_same_from_the_list_and_alone",
        )
    ),
    "2c.2": Shown(
        *_shown("monitors", "test_both_monitors_are_in_order_and_page_finance"),
        f"{_MONITORING}test_a_monitor_without_data_is_unknown",
    ),
    "2c.3": Shown(
        *_shown("monitors", "test_a_draft_and_silence_on_missing_data_are_seen"),
        f"{_MONITORING}test_a_monitor_without_data_is_unknown",
    ),
    "2c.4": Shown(
        *_shown("monitors", "test_a_draft_and_silence_on_missing_data_are_seen"),
        f"{_MONITORING}test_silent_monitors_fail_each_with_its_reason",
    ),
    "2c.5": Shown(*_shown("monitors", "test_a_downtime_in_force_mutes_whatever_it_covers")),
    "2c.6": Shown(
        *_shown(
            "monitors",
            "test_only_handles_that_are_told_when_something_is_wrong_count",
            "test_the_text_that_is_shown_follows_the_state",
            "test_a_notification_rule_tells_too_where_its_tags_are_the_monitors",
            "test_an_escalation_message_tells_only_where_the_monitor_notifies_again",
        )
    ),
    "2c.7": _SEARCH,
    "2c.8": _SEARCH,
    "2c.9": _out("monitors", "runbook links"),
    "4.1": _out("logs", "rows that restriction queries on the role take away"),
    "4.2": _out("logs", "flex and archived logs"),
    "4.3": Shown(*_shown("logs", _PAGES, "test_a_partial_or_broken_list_is_never_a_short_list")),
    "4.4": Shown(*_shown("logs", "test_the_window_is_asked_in_absolute_times_on_every_page")),
    "4.5": Shown(*_shown("logs", "test_a_partial_or_broken_list_is_never_a_short_list")),
    "4.6": Shown(
        *_shown(
            "logs",
            "test_an_outcome_may_be_nested_or_carry_its_dots",
            "test_what_a_log_line_says_beyond_the_query_is_not_kept",
        )
    ),
    "4.7": _out("logs", "counting by the aggregation route, whose numbers show no event"),
    "4.8": _out("logs", "logs that an index excluded, dropped at its daily limit or no longer keeps"),
    "4.9": Shown(*_shown("logs", _PAGES)),
    "4.10": Shown(
        "tests/collectors/test_rate.py::test_searching_logs_has_a_share_of_its_own",
        *_shown("failures", "test_a_limit_that_resets_too_late_is_told"),
    ),
    "5.11": _out("client", "the lists of application and API keys"),
    "6d.1": Shown(
        *_shown(
            "retention",
            "test_the_flex_figure_is_the_total_and_only_filters_that_are_on_count",
            "test_a_filter_that_does_not_say_whether_it_is_on_counts",
            "test_an_index_that_does_not_say_is_malformed",
        )
    ),
    "6d.2": Shown(
        *_shown(
            "retention",
            "test_the_audit_archive_writes_to_the_bucket_and_others_do_not",
            "test_an_archive_elsewhere_or_without_a_destination_is_not_counted",
            "test_an_archive_that_does_not_say_its_state_is_malformed",
        ),
        "tests/probes/test_kept_long_enough.py::test_an_archive_beside_or_above_the_prefix_fails",
    ),
    "6d.3": Nothing("says that no recorded answers exist"),
    "10.15": Shown(
        *_shown(
            "failures",
            "test_stray_variables_redirect_nothing_and_replace_no_key",
            "test_a_limit_that_resets_too_late_is_told",
            "test_a_status_is_a_gap_by_its_name",
            "test_what_the_vendor_says_is_capped_and_holds_no_key",
        ),
        *_shown("check", "test_a_wrong_key_is_refused_and_says_which"),
    ),
}
