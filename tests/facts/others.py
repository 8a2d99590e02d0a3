"""Okta, LangSmith, GitHub and Slack (their part of 5, 6e, 7, 8)."""

from __future__ import annotations

from tests.facts.fact import Nothing, OutOfScope, Said, Shown

SECTIONS: tuple[str, ...] = ("5.10", "6e", "7", "8")
_OKTA = "tests/collectors/okta/test_okta_identity.py::"
_LANGSMITH = "tests/collectors/langsmith/test_langsmith_retention.py::"
_GITHUB = "tests/collectors/github/test_github_file.py::"
_SLACK = "tests/collectors/slack/test_slack_scheduled.py::"

FACTS: dict[str, Said] = {
    "5.10": Shown(
        f"{_OKTA}test_the_second_page_is_read_at_our_address_and_not_where_the_link_leads",
        f"{_OKTA}test_a_next_page_that_leads_nowhere_is_truncated",
        f"{_OKTA}test_a_limit_says_until_when",
        "tests/collectors/test_pauses.py::test_a_429_is_waited_for_as_its_vendor_asks",
    ),
    "6e.1": Shown(
        f"{_LANGSMITH}test_the_base_tier_keeps_the_fourteen_days_that_are_documented",
        f"{_LANGSMITH}test_a_period_of_the_project_s_own_goes_before_the_workspace_s",
        f"{_LANGSMITH}test_a_workspace_without_a_period_is_malformed_and_never_four_hundred_days",
        f"{_LANGSMITH}test_what_is_not_in_the_answer_is_malformed_so_that_no_word_stands_in_for_it",
        f"{_LANGSMITH}test_of_a_server_elsewhere_the_base_period_is_not_known",
    ),
    "7.1": Shown(
        f"{_GITHUB}test_the_version_of_the_api_is_asked_for",
        f"{_GITHUB}test_the_content_is_asked_for_at_the_commit_that_last_changed_it",
    ),
    "7.2": Shown(
        f"{_GITHUB}test_the_runbook_has_the_digest_that_the_same_text_has_in_a_folder",
        f"{_GITHUB}test_content_that_contradicts_itself_is_malformed",
        f"{_GITHUB}test_what_is_no_plain_file_is_malformed_and_says_what_it_is",
    ),
    "7.3": Shown(
        f"{_GITHUB}test_a_file_of_more_than_a_megabyte_is_read_as_raw_bytes_and_its_text_left_out",
        f"{_GITHUB}test_what_the_json_does_not_carry_is_read_as_raw_bytes",
        f"{_GITHUB}test_a_file_that_github_does_not_serve_is_named_so",
    ),
    "7.4": Shown(
        f"{_GITHUB}test_not_found_says_that_the_token_may_not_see_it",
        f"{_GITHUB}test_a_limit_hides_behind_403_and_is_told_from_a_missing_right",
    ),
    "7.5": Shown(
        f"{_GITHUB}test_the_content_is_asked_for_at_the_commit_that_last_changed_it",
        f"{_GITHUB}test_the_text_is_kept_and_the_link_leads_to_exactly_this_commit",
    ),
    "7.6": OutOfScope("collectors/github/file.py", "reviews of the file (who read it is the quiz's to say)"),
    "8.1": Shown(
        f"{_SLACK}test_the_launch_post_waits_for_the_morning_of_the_launch",
        f"{_SLACK}test_the_window_is_half_open_and_an_empty_one_is_blind",
    ),
    "8.2": Shown(
        f"{_SLACK}test_an_error_that_comes_with_200_has_its_name",
        "tests/collectors/test_pauses.py::test_a_429_is_waited_for_as_its_vendor_asks",
    ),
    "8.3": Shown(
        f"{_SLACK}test_the_launch_post_waits_for_the_morning_of_the_launch",
        f"{_SLACK}test_an_empty_list_is_blind_and_not_nothing_planned",
    ),
    "8.4": Shown(f"{_SLACK}test_an_empty_list_is_blind_and_not_nothing_planned"),
    "8.5": Shown(
        f"{_SLACK}test_every_page_is_read_to_the_empty_cursor",
        f"{_SLACK}test_a_list_that_does_not_end_is_truncated",
    ),
    "8.6": Shown(f"{_SLACK}test_an_id_may_be_a_number"),
    "8.7": Nothing("says how old the vendor's document is"),
}
