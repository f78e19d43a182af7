//! The promises of the ports, one function each, for every backend there will be.
//!
//! Knows only the ports: a backend hands over a [`Harness`] and runs [`crate::conformance!`]. Every
//! function says what must hold and which requirements it proves. Start with `harness.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a promise that does not hold should stop right there"
)]

pub mod asked;
pub mod bell;
pub mod books;
pub mod conflicts;
pub mod desk;
pub mod engagement;
pub mod executor;
pub mod fixtures;
pub mod goals;
pub mod halts;
mod harness;
pub mod judge;
pub mod lanes;
pub mod lessons;
pub mod memory;
pub mod modes;
pub mod payments;
pub mod planner;
pub mod policies;
pub mod probes;
pub mod replay;
pub mod review;
pub mod reviewers;
pub mod runtime;
pub mod scopes;
pub mod screens;
pub mod second;
pub mod slot;
pub mod spend;
pub mod trends;
pub mod withdraw;
pub mod worker;

pub use fixtures::{call, done, lost, submission};
pub use harness::{Backend, Harness, Opener, scopes_of, typed_for};

/// Expands every promise to a test: `conformance!(crate::tests::harness)`, a function that gives a
/// fresh [`Harness`].
#[macro_export]
macro_rules! conformance {
    ($harness:path) => {
        $crate::conformance! { @all $harness;
            bell { a_change_rings_and_a_read_does_not a_heartbeat_does_not_ring patience_ends_a_wait }
            books {
                r94_what_is_left_is_what_may_be_set_aside
                r94_caps_of_payments_are_told_as_the_cfo_sees_them
                r99_no_data_is_told_as_such
                r99_both_budgets_in_one_overview_and_nothing_mixed
                r106_income_is_what_came_in_since
                r101_every_entry_is_told_once_with_what_it_belongs_to
                r101_why_something_was_paid_is_told_from_any_of_its_ids
                r99_a_day_that_is_nearly_used_up_is_told_once_at_80_and_90
                r99_a_day_of_payments_that_is_nearly_used_up_is_told
            }
            conflicts {
                r19_a_result_that_comes_too_late_five_times_in_a_row_goes_before_an_operator
                r19_what_got_through_is_counted_anew
                r19_a_verdict_that_is_overtaken_five_times_in_a_row_goes_before_an_operator
                r19_a_verdict_that_is_repeated_loses_nothing
                conflicts_are_counted_by_what_lost
            }
            desk {
                r69_one_of_two_deciders_wins_and_the_other_is_told
                r181_a_decision_names_the_content_it_saw
                r70_a_ticket_whose_campaign_was_edited_cannot_be_approved
                r71_approving_holds_the_effect_for_the_fuse
                undo_opens_the_ticket_again_and_nothing_leaves
                what_waits_for_another_try_can_be_taken_back
                a_reject_after_an_undone_approval_has_no_effect
                undo_of_a_reject_works_within_the_fuse_only
                r70_an_undo_after_the_campaign_moved_on_is_a_conflict
                undone_content_may_be_approved_again_under_the_same_key
                r76_the_first_decision_stays_on_record
                r65_a_ticket_goes_on_showing_what_was_asked
                lists_are_bounded_filtered_and_safe
                r134_lists_are_filtered_by_their_fields
                the_queue_is_sensitive_first_then_by_deadline
                a_card_shows_everything_a_decision_needs
                r20_a_dead_task_is_replayed_with_fresh_attempts
                measures_come_from_rows_and_no_data_is_none
            }
            engagement { samples_are_versioned_and_a_fall_raises_an_alert }
            executor {
                r5_an_effect_is_written_down_before_it_is_sent
                r5_a_crash_after_sending_leaves_it_to_be_asked_for
                r6_no_answer_is_uncertain_and_never_taken_again
                r4_what_was_not_sent_is_tried_again_under_the_same_key
                r6_a_person_settles_what_nobody_knew
                a_post_that_cannot_be_sent_raises_an_alert
                r5_a_settlement_counts_once
                r6_a_refusal_ends_the_task_and_a_replay_may_send_again
                nothing_is_taken_before_its_fuse_has_burnt_down
                blobs_are_stored_once_and_found_by_hash
            }
            goals {
                r36_a_proposal_is_edited_by_its_version
                r36_a_launch_makes_every_branch_once
                r36_what_was_not_shown_is_not_launched
                r35_a_launch_is_refused_whole
                r36_a_refused_post_is_made_again_as_it_was_launched
                r36_each_post_is_for_its_own_campaign
                r36_a_post_leaves_when_it_is_due
            }
            halts {
                r148_a_halted_fleet_starts_and_sends_nothing_and_keeps_its_queues
                r148_a_kill_survives_a_restart_and_no_pause_softens_it
                r18_what_was_approved_before_a_pause_is_judged_again
                r18_what_could_not_be_stopped_is_counted
                r18_work_begun_before_a_pause_cannot_hand_in
                r18_a_verdict_under_way_during_a_pause_is_void
                r18_not_sent_after_the_campaign_moved_on_goes_to_the_judge
                r17_a_pause_of_one_campaign_leaves_the_others_alone
            }
            judge {
                r16_a_verdict_on_an_old_version_or_other_content_is_a_conflict
                r71_a_new_attempt_of_what_waited_goes_to_a_person
                r62_a_card_tells_the_attempts_before_and_what_was_wrong
                r18_what_waits_is_composed_anew_for_another_account
                r11_each_route_leads_where_it_should
                a_case_brings_the_whole_plan_with_the_post_last
            }
            lessons {
                r30_decisions_on_tickets_teach_what_they_say_of_relevance
                r32_a_word_on_a_signal_is_a_lesson_and_has_it_looked_at_again
                r30_what_is_unscored_teaches_nothing
                r167_lessons_are_bounded_and_found_again_as_they_were
            }
            lanes {
                r5_of_one_account_one_is_under_way_at_a_time
                r43_a_full_server_holds_up_no_other
                r43_a_crowd_of_one_account_holds_up_no_other
                r15_a_crowd_of_a_paused_campaign_holds_up_no_other
            }
            withdraw {
                r9_a_withdrawal_goes_through_the_outbox_and_ends_withdrawn
                r9_a_withdrawal_that_failed_or_is_uncertain_is_told
                r8_a_withdrawal_is_no_way_around_a_dry_run
            }
            second {
                r78_nothing_leaves_before_another_person_approves
                r78_nobody_is_their_own_second_person
                r78_of_two_at_once_one_counts
                r78_what_moves_between_voids_the_first_approval
                r78_what_one_person_wrote_another_must_approve
                r78_an_answer_of_another_kind_voids_the_first_approval
                r78_first_and_second_can_be_taken_back
                r78_waiting_keeps_the_first_approval
                r78_money_up_to_the_limit_takes_one
                r78_money_over_the_limit_takes_two_whoever_is_sure
                r78_money_nobody_knows_takes_two
                r78_sensitive_text_takes_two_before_many
                r78_one_is_enough_after_the_first_post_and_where_nothing_is_live
                r78_a_rule_that_ceased_asks_nobody_twice
                r78_several_at_once_leave_out_what_two_approve
            }
            slot {
                r195_a_slot_without_budget_goes_back_to_who_approved
                r195_what_moved_after_it_was_taken_goes_back
            }
            memory {
                r122_a_writer_remembers_what_its_agent_published
                r122_only_the_last_structures_are_told
            }
            modes {
                r8_a_fresh_install_is_dry_and_rehearses
                r8_going_live_is_typed_logged_and_taken_back
                r18_what_was_approved_for_another_reach_is_judged_again
                r8_another_account_was_not_typed
                r7_a_rehearsal_is_no_first_post
            }
            asked {
                r131_a_payment_that_waits_is_a_ticket
                r131_payments_and_posts_make_one_list
                r66_an_approved_payment_is_held_and_can_be_taken_back
                r103_two_people_approve_and_neither_asked_for_it
                r97_a_payment_is_taken_or_left_alone
                r97_a_payment_waits_as_tickets_do
                r148_a_halt_voids_what_was_approved_and_not_signed
            }
            payments {
                r93_racing_wishes_never_pass_a_cap_together
                r93_a_key_is_one_payment_for_ever
                r94_a_window_frees_what_is_past_and_a_clock_set_back_frees_nothing
                r95_a_refusal_is_kept_with_its_lines_and_raises_an_alert
                r97_people_approve_what_they_saw_each_once_and_not_their_own
                r5_only_bytes_for_what_was_decided_on_are_kept_and_only_once
                r93_a_higher_fee_takes_the_same_place_and_no_more_money
                r100_a_posted_payment_is_entered_once_with_what_its_gas_cost
                r93_a_reverted_payment_counts_its_fee_alone
                r100_a_break_freezes_the_wallet_until_a_person_closes_it
                r148_halted_spending_signs_nothing
                r100_a_place_taken_by_somebody_else_freezes_the_wallet
                r97_time_approves_nothing_and_frees_what_it_ends
                r6_a_doubted_payment_counts_and_freezes_until_its_end_is_known
            }
            policies {
                r103_the_first_policy_holds_at_once_and_every_one_is_kept
                r103_what_tightens_holds_at_once_and_what_loosens_waits
                r103_a_person_lets_it_in_and_it_takes_effect_after_its_time
                r103_a_confirmation_is_for_exactly_what_the_file_said
                r103_what_was_taken_away_comes_back_through_a_person_alone
                r189_first_decisions_are_read_with_what_they_were_made_from
            }
            planner {
                r22_a_poll_keeps_nothing_twice
                r28_a_feed_nobody_polls_is_stale
                r22_a_signal_is_planned_once
                a_note_on_a_resource_stays_while_it_is_unchanged
                r35_racing_planners_cannot_exceed_a_cap
                r35_a_cap_says_when_it_frees
                r35_full_queues_hold_new_plans
                three_failures_in_a_row_raise_one_alert_and_success_closes_it
                old_and_repeated_items_are_marked
                r13_a_child_waits_for_its_parents
                a_refused_result_is_planned_again_with_its_issues
                r22_every_listening_campaign_gets_its_own_signal
            }
            replay {
                r167_a_verdict_brings_what_it_was_made_from
                r167_tickets_and_effects_lead_to_their_verdict
                r167_pages_give_each_decision_once
                r167_an_intent_keeps_its_limits
                r197_a_task_tells_its_versions_and_to_whom_it_lost
            }
            review {
                r66_an_edit_is_judged_and_leaves_as_it_was_written
                r66_an_edit_that_is_stopped_asks_again_as_before
                r183_an_edit_can_be_undone
                r70_an_edit_of_an_older_epoch_lets_nothing_out
                an_edit_changes_something_and_a_request_says_something
                r66_changes_are_what_the_next_attempt_gets
                r183_a_request_for_changes_can_be_undone
                r66_a_snooze_ends_before_the_deadline
                r66_a_person_escalates
                r66_a_ticket_is_given_to_somebody
                r2_a_verdict_on_what_was_before_the_edit_loses
                r184_of_several_decisions_each_counts_by_itself
                r69_others_see_who_looks_at_a_ticket
            }
            probes {
                r191_a_probe_is_shown_as_a_ticket_and_counts_nowhere_else
                r191_a_probe_never_leaves_whatever_people_do
                r191_a_probe_waits_like_a_ticket
            }
            reviewers {
                r79_what_reviewers_did_is_told_from_what_is_kept
                r79_answers_are_told_with_how_sure_the_judge_was
                r76_how_long_it_was_looked_at_is_in_the_audit
                r79_the_fiftieth_ticket_raises_an_alert_that_names_the_rule
            }
            runtime {
                r27_one_swarm_per_database
                r27_an_older_fence_is_told_so
                r14_what_a_dead_holder_worked_on_runs_again
                r14_a_claim_that_ran_out_goes_back_with_its_attempts
                r14_what_kills_the_process_is_given_up
                what_waits_of_a_removed_campaign_is_kept_and_told
                r71_time_escalates_and_expires_but_never_approves
                r71_deadlines_wait_while_the_campaign_does
                r16_installing_again_changes_nothing_and_an_edit_moves_the_epoch
                alerts_are_counted_up an_acknowledged_alert_comes_back_only_after_quiet
            }
            scopes {
                r148_paused_publishing_keeps_what_is_approved_and_work_goes_on
                r18_killed_publishing_voids_what_was_approved
                r71_deadlines_wait_while_killed_publishing_keeps_a_ticket
                r148_a_halted_agent_stops_alone
                r148_what_a_halted_agent_has_waiting_stays_as_it_is
                r148_a_halted_agent_spends_nothing_for_work_under_way
                r148_a_halt_uses_up_no_last_try
                r148_a_halted_platform_stops_alone
                r18_a_killed_platform_voids_what_was_approved_for_it
                r148_frozen_spending_stops_what_costs_and_nothing_else
                r148_several_halts_hold_together
                r148_a_fleet_goes_on_in_stages
                r190_a_halt_tells_what_was_in_flight_and_what_slipped_past
                r148_what_is_not_there_cannot_be_halted
            }
            screens {
                r131_the_fleet_says_what_each_agent_does
                r131_an_agent_tells_its_last_error
                r131_tasks_are_listed_newest_first
                r134_lists_come_in_the_order_asked_for
                r192_a_note_tells_what_was_decided_since_somebody_else
                r132_a_walk_leads_from_perception_to_publication
                r132_the_audit_is_read_from_its_end
                r131_servers_and_resources_are_one_list
                r131_what_is_installed_is_shown
                r140_a_series_counts_by_step
            }
            spend {
                r93_concurrent_reservations_never_exceed_a_cap
                r93_random_walks_never_exceed_a_cap_and_the_ledger_holds
                r93_a_key_is_reserved_once
                r93_each_limit_binds_by_its_name
                r47_what_is_left_is_what_a_reservation_is_held_against
                r92_settling_posts_exactly_what_it_cost
                r93_doubt_goes_on_counting
                r7_sums_say_how_much_of_them_is_real
                a_reservation_nobody_books_becomes_uncertain
                r93_the_day_frees_when_it_says
                r100_moves_of_money_that_make_no_sense_are_refused
                r93_reservations_survive_a_restart
            }
            trends {
                r32_what_was_spotted_is_kept_once
                r32_a_trend_is_moved_by_its_version
                r32_a_conversion_keeps_the_best_of_each_campaign
                r32_a_mute_is_taken_back_once_and_is_never_changed
                r32_mutes_are_bounded
            }
            worker {
                r14_two_workers_never_hold_one_task
                r14_a_lost_claim_cannot_write
                r14_a_result_and_the_next_claim_are_one_commit
                r14_attempts_survive_a_restart
                r15_urgent_work_goes_first_and_waiting_work_is_not_starved
                r16_handing_in_twice_counts_once
                r17_fifty_parallel_results_of_one_campaign_all_commit
                r20_a_retry_waits_for_its_time_and_ends_after_five
                r13_children_of_a_dead_task_are_blocked_until_it_is_replayed
                r30_what_is_for_somebody_else_is_called_off_with_what_waits
                r93_what_a_cap_blocked_runs_when_there_is_room
            }
        }
    };
    (@all $harness:path; $($group:ident { $($promise:ident)* })*) => {$(
        mod $group {$(
            #[tokio::test]
            async fn $promise() {
                $crate::conformance::$group::$promise($harness()).await;
            }
        )*}
    )*};
}
