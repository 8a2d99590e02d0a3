"""AWS (its part of 5, 6a to 6c)."""

from __future__ import annotations

from tests.facts.fact import Nothing, OutOfScope, Said, Shown

_AWS = "tests/collectors/aws"
_SECRETS, _KEYS = f"{_AWS}/test_secret_rotation.py", f"{_AWS}/test_iam_keys.py"
_TRAIL, _IDENTITY = f"{_AWS}/test_cloudtrail_rotations.py", f"{_AWS}/test_iam_identity.py"
_RETENTION, _RULES = f"{_AWS}/test_s3_retention.py", f"{_AWS}/test_lifecycle.py"
_PROPERTIES, _CLIENT = f"{_AWS}/test_lifecycle_properties.py", f"{_AWS}/test_aws_client.py"
_SANDBOX, _KEPT = "tests/sandbox/test_aws.py", "tests/probes/test_kept_long_enough.py"
_NO_PERIOD = OutOfScope(
    "collectors/aws/retention.py", "encryption, public access, policies and MFA delete, on which no period hangs"
)

SECTIONS: tuple[str, ...] = (*(f"5.{number}" for number in range(1, 10)), "6", "6a", "6b", "6c")

FACTS: dict[str, Said] = {
    # --- Secrets Manager
    "5.1": Shown(
        f"{_CLIENT}::test_values_bodies_and_writes_are_refused_before_anything_leaves",
        f"{_SECRETS}::test_each_failure_is_a_gap_and_never_a_shorter_list",
    ),
    "5.2": Shown(
        f"{_SECRETS}::test_a_change_without_a_new_version_is_no_rotation",
        f"{_SANDBOX}::test_secrets_have_the_worlds_dates_and_leave_out_what_is_not_set",
    ),
    "5.3": Shown(
        f"{_SECRETS}::test_a_change_without_a_new_version_is_no_rotation",
        f"{_SECRETS}::test_versions_are_read_to_the_last_page_and_those_without_a_label_are_not_rotations",
    ),
    "5.4": Shown(
        f"{_SECRETS}::test_a_next_rotation_that_lies_in_the_past_is_failing_and_keeps_those_that_happened",
        f"{_SECRETS}::test_a_pending_version_is_a_rotation_that_fails_and_none_that_happened",
    ),
    "5.5": Shown(
        f"{_SECRETS}::test_rules_that_stayed_after_rotation_was_switched_off_say_nothing",
        f"{_SECRETS}::test_a_secret_on_its_way_out_is_deleted",
    ),
    "5.6": OutOfScope("collectors/aws/rotation.py", "Whether a version holds a value is not told"),
    "5.7": OutOfScope("collectors/aws/rotation.py", "managed external secrets, replicas in other Regions and accounts"),
    # --- IAM
    "5.8": Shown(
        f"{_KEYS}::test_the_keys_are_listed_to_the_last_page",
        f"{_IDENTITY}::test_a_user_without_a_key_that_works_is_inactive",
        f"{_KEYS}::test_a_key_that_was_never_used_says_so",
        f"{_KEYS}::test_two_keys_that_work_are_a_rotation_half_done",
        f"{_KEYS}::test_a_role_has_no_keys_and_is_told_so",
        f"{_KEYS}::test_an_empty_name_is_nobody_and_never_the_caller",
    ),
    # --- CloudTrail; what is [?] in it may hint at a rotation or at its failure, and prove none
    "5.9": Shown(
        f"{_TRAIL}::test_a_window_that_begins_before_the_ninety_days_is_blind_and_asks_nothing",
        f"{_TRAIL}::test_each_lookup_has_one_attribute_the_window_and_pages_of_fifty",
        f"{_TRAIL}::test_lookups_take_half_of_the_two_a_second_that_aws_publishes",
        f"{_TRAIL}::test_users_are_looked_up_in_us_east_1_and_secrets_where_they_are",
        f"{_TRAIL}::test_a_new_key_that_is_not_shown_to_replace_another_is_unknown",
        f"{_TRAIL}::test_nobodys_name_and_no_whole_key_enters_the_evidence",
        f"{_TRAIL}::test_that_the_last_minutes_may_be_missing_is_said",
        f"{_TRAIL}::test_a_hint_without_proof_is_unknown_and_never_a_rotation",
        f"{_TRAIL}::test_a_rotation_that_may_have_failed_since_is_unknown",
    ),
    # --- S3's calls
    "6a.1": Nothing("the head of the table"),
    "6a.2": Shown(
        f"{_RETENTION}::test_a_bucket_without_rules_never_destroys",
        f"{_RETENTION}::test_each_failure_is_a_gap_of_its_own_kind",
    ),
    "6a.3": Shown(
        f"{_RETENTION}::test_a_bucket_without_rules_never_destroys",
        f"{_RETENTION}::test_each_failure_is_a_gap_of_its_own_kind",
    ),
    "6a.4": Shown(
        f"{_RETENTION}::test_a_bucket_without_rules_never_destroys",
        f"{_RETENTION}::test_each_failure_is_a_gap_of_its_own_kind",
    ),
    "6a.5": _NO_PERIOD,
    "6a.6": _NO_PERIOD,
    "6a.7": Shown(
        f"{_RETENTION}::test_the_evidence_names_a_sandbox_its_calls_and_no_secret",
        f"{_RETENTION}::test_what_is_copied_is_told_rule_by_rule_with_where_to",
        f"{_RETENTION}::test_replication_that_we_may_not_read_leaves_the_floor_and_takes_the_ceiling",
    ),
    "6a.8": _NO_PERIOD,
    "6a.9": Shown(
        f"{_RETENTION}::test_each_failure_is_a_gap_of_its_own_kind",
        f"{_RETENTION}::test_s3_is_told_the_owner_with_every_question",
        f"{_RETENTION}::test_a_bucket_of_the_same_name_in_another_account_never_answers",
    ),
    # --- what rules mean together
    "6b.1": Shown(
        f"{_RULES}::test_what_removes_no_stored_bytes_sets_no_limit",
        f"{_RULES}::test_a_rule_that_touches_some_objects_lowers_the_floor_and_bounds_nothing",
        f"{_RULES}::test_an_empty_or_shorter_prefix_covers",
        f"{_RULES}::test_a_rule_for_another_prefix_means_nothing",
    ),
    "6b.2": Nothing("opens the list that follows"),
    "6b.3": Shown(
        f"{_RULES}::test_a_covering_rule_sets_floor_and_ceiling_with_a_day_for_rounding",
        f"{_RULES}::test_an_empty_or_shorter_prefix_covers",
    ),
    "6b.4": Shown(f"{_RULES}::test_a_rule_that_touches_some_objects_lowers_the_floor_and_bounds_nothing"),
    "6b.5": Shown(f"{_RULES}::test_a_rule_for_another_prefix_means_nothing"),
    "6b.6": Nothing("opens the list that follows"),
    "6b.7": Shown(
        f"{_RULES}::test_a_covering_rule_sets_floor_and_ceiling_with_a_day_for_rounding",
        f"{_RULES}::test_a_past_date_destroys_everything_at_once",
        f"{_RULES}::test_a_date_to_come_takes_objects_that_are_new_on_that_day_and_bounds_nothing",
    ),
    "6b.8": Shown(
        f"{_RULES}::test_in_a_versioned_bucket_expiration_alone_destroys_nothing",
        f"{_RULES}::test_suspended_versioning_destroys_null_versions_and_keeps_older_ones",
        f"{_PROPERTIES}::test_versions_never_shorten_a_life",
    ),
    "6b.9": Shown(
        f"{_RULES}::test_in_a_versioned_bucket_expiration_and_noncurrent_expiration_add_up_across_rules",
        f"{_RULES}::test_the_newest_noncurrent_versions_that_are_kept_never_go",
    ),
    "6b.10": Shown(
        f"{_RULES}::test_what_removes_no_stored_bytes_sets_no_limit",
        f"{_PROPERTIES}::test_what_is_disabled_or_destroys_nothing_changes_nothing",
    ),
    "6b.11": Shown(
        f"{_RULES}::test_what_removes_no_stored_bytes_sets_no_limit",
        f"{_PROPERTIES}::test_what_is_disabled_or_destroys_nothing_changes_nothing",
    ),
    "6b.12": OutOfScope("collectors/aws/retention.py", "and the least size for them"),
    "6b.13": Shown(
        f"{_RULES}::test_the_earliest_of_overlapping_expirations_wins_however_specific_the_other_is",
        f"{_RULES}::test_in_a_versioned_bucket_expiration_and_noncurrent_expiration_add_up_across_rules",
        f"{_PROPERTIES}::test_the_order_of_rules_never_matters",
        f"{_PROPERTIES}::test_one_more_rule_never_lengthens_floor_or_ceiling",
    ),
    "6b.14": Nothing("opens the list that follows"),
    "6b.15": Shown(
        f"{_PROPERTIES}::test_the_floor_is_the_shortest_life_of_any_object",
        f"{_RULES}::test_rules_that_select_no_object_in_common_do_not_add_up",
    ),
    "6b.16": OutOfScope("collectors/aws/retention.py", "what is left where somebody overwrites or deletes"),
    "6b.17": Shown(
        f"{_PROPERTIES}::test_nothing_outlives_the_ceiling",
        f"{_RETENTION}::test_versions_that_are_kept_without_limit_have_no_ceiling_and_a_lock_does_not_raise_the_floor",
    ),
    "6b.18": OutOfScope("collectors/aws/retention.py", "objects older than a rule or a lock"),
    # --- Object Lock
    "6c.1": Shown(
        f"{_RETENTION}::test_two_rules_together_set_a_floor_and_both_are_named",
        f"{_RETENTION}::test_versions_that_are_kept_without_limit_have_no_ceiling_and_a_lock_does_not_raise_the_floor",
    ),
    "6c.2": Shown(f"{_KEPT}::test_a_lock_that_is_missing_weaker_or_shorter_fails"),
    "6c.3": Shown(
        f"{_RETENTION}::test_nothing_is_gone_before_its_lock_ends_and_the_floor_is_left_to_the_rules",
        f"{_RETENTION}::test_a_lock_bounds_nothing_that_no_rule_destroys",
    ),
    "6c.4": Shown(f"{_RETENTION}::test_an_event_hold_has_no_end_that_could_be_told"),
    "6c.5": Shown(
        f"{_KEPT}::test_seven_calendar_years_from_the_review_are_enough",
        f"{_KEPT}::test_a_lock_that_is_asked_for_passes",
        f"{_KEPT}::test_a_lock_that_is_missing_weaker_or_shorter_fails",
    ),
}
