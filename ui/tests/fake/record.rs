//! Agents, servers, the record and what is configured, made up.

use chimera_domain::{
    ContentHash, Safe, Span, Timestamp,
    campaign::Channel,
    ids::{
        AgentId, ArtifactId, CampaignId, PublicationId, ResourceId, SignalId, TraceId, VerdictId,
    },
    mode::{Mode, Reach},
    policy::PriceUnit,
    resource::ResourceHealth,
    task::{Reason, TaskState},
    testing::uuid_of,
    views::{
        AgentCampaign, AgentRow, AuditRow, Doing, HaltedBy, LinkRow, LostTo, Measures, ModeRow,
        PersonaRow, Quantiles, ReviewerRow, Series, ServerRow, SettingGroup, SettingRow, StepId,
        StepKind, StepRow, TaskMove, TaskRow, ToolPrice, Work,
    },
};

use super::{Voice, usd};

pub(super) fn agents(voice: &Voice<'_>, now: Timestamp) -> Vec<AgentRow> {
    let campaign = |n: u128, name: &str, reach, paused| AgentCampaign {
        id: CampaignId::from_uuid(uuid_of(0xc0 + n)),
        name: voice.line(name),
        reach,
        paused,
    };
    let agent = |n: u128, slug: &str, doing, work, campaigns| AgentRow {
        id: AgentId::from_uuid(uuid_of(0xa0 + n)),
        slug: voice.line(slug),
        doing,
        halted: None,
        campaigns,
        work,
        spent_day: usd(12_400_000),
        spent_simulated: usd(12_400_000),
        reserved: usd(400_000),
        cap_day: Some(usd(50_000_000)),
        moved_at: Some(now.minus(Span::from_mins(4))),
        last_error: None,
    };
    let busy = Work {
        claimed: 2,
        judged: 1,
        ready: 12,
        tickets: 3,
    };
    let asks = Work {
        tickets: 2,
        ..Work::default()
    };
    vec![
        AgentRow {
            last_error: Some((
                now.minus(Span::from_mins(31)),
                voice.line("image dead: studio/generate_image gave no answer within 60 s"),
            )),
            ..agent(
                0,
                "fae",
                Doing::Working,
                busy,
                vec![campaign(1, "synth-fae", Reach::DryRun, false)],
            )
        },
        agent(
            1,
            "leo",
            Doing::Asking,
            asks,
            vec![
                campaign(2, "garden-leo", Reach::StandIn, false),
                campaign(3, "rain-leo", Reach::Live, true),
            ],
        ),
        AgentRow {
            halted: Some(HaltedBy {
                by: voice.line("mia@desk"),
                at: now.minus(Span::from_hours(2)),
                why: voice.line("wrong account"),
            }),
            moved_at: None,
            ..agent(2, "ada", Doing::Killed, Work::default(), vec![])
        },
    ]
}

/// Two tasks that cannot go on, before those of the plans.
pub(super) fn all_tasks(voice: &Voice<'_>, tasks: &[TaskRow]) -> Vec<TaskRow> {
    let mut rows = tasks.to_vec();
    rows.reverse();
    let dead = rows[1].id;
    rows[1].state = TaskState::Dead;
    rows[1].reason = Reason::ToolFailed;
    rows[1].attempt = 5;
    rows[1].why = voice.line("studio/generate_image gave no answer within 60 s");
    rows[0].state = TaskState::Blocked;
    rows[0].reason = Reason::ToolFailed;
    rows[0].blocked_by = Some(dead);
    rows[0].why = voice.line("waits for `image`, which is dead");
    rows
}

pub(super) fn audit(voice: &Voice<'_>, now: Timestamp) -> Vec<AuditRow> {
    let task = "tsk_00000000000000000000000000000801";
    let ticket = "tkt_00000000000000000000000000007100";
    [
        (
            5,
            "mia@desk",
            ticket,
            "move_ticket",
            ["open", "approved", ""],
            "",
        ),
        (4, "judge", ticket, "open_ticket", ["", "open", ""], ""),
        (
            3,
            "judge",
            task,
            "move_task",
            ["review", "ticketed", "ordinary"],
            "sensitive: politics",
        ),
        (
            2,
            "worker",
            task,
            "claim_task",
            ["pending", "claimed", ""],
            "",
        ),
        (
            1,
            "operator",
            "policy",
            "install",
            ["", "3fa9c1d2e4f5", ""],
            "",
        ),
    ]
    .into_iter()
    .map(
        |(seq, actor, subject, verb, [from, to, reason], note)| AuditRow {
            seq,
            at: now.minus(Span::from_mins(u64::try_from(6 - seq).unwrap_or(0))),
            actor: voice.line(actor),
            subject: voice.line(subject),
            verb: voice.line(verb),
            from: voice.line(from),
            to: voice.line(to),
            reason: voice.line(reason),
            versions: (seq, seq + 1),
            trace_id: (seq > 1).then(|| TraceId::from_uuid(uuid_of(0x300))),
            note: voice.line(note),
            hash: ContentHash::of_bytes(&seq.to_be_bytes()),
        },
    )
    .collect()
}

pub(super) fn steps(voice: &Voice<'_>, now: Timestamp) -> Vec<StepRow> {
    let at = |seconds| {
        now.minus(Span::from_mins(50))
            .plus(Span::from_secs(seconds))
    };
    let step = |id, kind, seconds, by: &str, what: &str, more: &str| StepRow {
        id,
        kind,
        at: at(seconds),
        by: voice.line(by),
        subject: voice.line("sig_00000000000000000000000000000500"),
        node: Safe::default(),
        what: voice.line(what),
        more: voice.block(more),
        line: None,
    };
    let id = uuid_of(0x500);
    let mut steps = vec![step(
        StepId::Perceived(SignalId::from_uuid(id)),
        StepKind::Signal,
        0,
        "hn/front",
        "perceived: Grid storage rules published after two years of waiting",
        "What the source says.\nhttps://example.org/item\nfor campaign synth-fae\nplanned: lexical/1: grid",
    )];
    let mut lines = audit(voice, now);
    lines.retain(|line| line.trace_id.is_some());
    lines.reverse();
    for (seconds, line) in [2, 31, 31, 1_500].into_iter().zip(lines) {
        let on_task = line.subject.as_str().contains("tsk");
        steps.push(StepRow {
            id: StepId::Line(line.seq),
            kind: if on_task {
                StepKind::Task
            } else {
                StepKind::Ticket
            },
            at: at(seconds),
            by: line.actor.clone(),
            subject: line.subject.clone(),
            node: voice.line(if on_task { "publish" } else { "" }),
            what: Safe::default(),
            more: Safe::default(),
            line: Some(line),
        });
    }
    steps.insert(
        2,
        step(
            StepId::Verdict(VerdictId::from_uuid(id)),
            StepKind::Verdict,
            31,
            "judge",
            "hitl_queue, confidence 0.82: sensitive: politics",
            "persona: 0.94\nfactual: 0.82 one number is not in the source",
        ),
    );
    steps.push(step(
        StepId::Published(PublicationId::from_uuid(id)),
        StepKind::Publication,
        1_512,
        "twitter",
        "public (SIMULATED) as @fae on twitter",
        "The new grid storage rules are out.",
    ));
    steps
}

pub(super) fn links(voice: &Voice<'_>, now: Timestamp) -> Vec<LinkRow> {
    let server = |place, name: &str, stand_in| ServerRow {
        place,
        name: voice.line(name),
        stand_in,
        mode: None,
        campaigns: 0,
        resources: 0,
        failing: 0,
        unanswered: 0,
        answered_at: None,
        tools: vec![],
    };
    let resource = |n: u128, uri: &str, failures, minutes: Option<u64>| {
        let read = minutes.map(|minutes| now.minus(Span::from_mins(minutes)));
        LinkRow::Resource(ResourceHealth {
            age_max: Some(Span::from_hours(48)),
            id: ResourceId::from_uuid(uuid_of(0x1e50 + n)),
            server: voice.line("feeds"),
            interval: Span::from_mins(5),
            uri: voice.line(uri),
            last_success_at: read,
            last_error: (failures > 0).then(|| voice.line("timed out after 30 s")),
            note: (n == 1).then(|| voice.line("3 of 40 items could not be read")),
            failures,
            next_poll_at: read.unwrap_or(now).plus(Span::from_mins(5)),
            seen: 412,
            kept: 97,
            converted: 5,
        })
    };
    vec![
        LinkRow::Server(ServerRow {
            resources: 4,
            failing: 1,
            answered_at: Some(now.minus(Span::from_mins(2))),
            ..server(0, "feeds", false)
        }),
        LinkRow::Server(ServerRow {
            campaigns: 1,
            unanswered: 2,
            mode: Some(ModeRow {
                mode: Mode::Live,
                set: Some((voice.line("mia@desk"), now.minus(Span::from_hours(2)))),
                confirmed: voice.line("@fae on mastodon through mine"),
                why: voice.line("launch"),
            }),
            ..server(1, "mine", false)
        }),
        LinkRow::Server(ServerRow {
            campaigns: 1,
            answered_at: Some(now.minus(Span::from_mins(9))),
            tools: vec![ToolPrice {
                tool: voice.line("post_content"),
                unit: PriceUnit::Call,
                usd: usd(10_000),
                simulated: true,
            }],
            ..server(2, "twitter", true)
        }),
        resource(0, "bluesky/feed", 4, Some(12)),
        resource(1, "hn/front", 0, Some(2)),
        resource(2, "news/world", 0, Some(47)),
        resource(3, "reddit/synth", 0, None),
    ]
}

pub(super) fn nothing_measured() -> (Measures, Series) {
    let measures = Measures {
        signals: 0,
        signals_relevant: 0,
        signals_planned: 0,
        signal_to_task: None,
        work_to_verdict: None,
        ticket_to_decision: None,
        routes: (0, 0, 0),
        publications: 0,
    };
    (measures, Series::default())
}

pub(super) fn measures() -> (Measures, Series) {
    let quantiles = |p50_us, p95_us| Quantiles {
        n: 48,
        p50_us,
        p95_us,
        p99_us: p95_us + 40_000,
        max_us: p95_us + 90_000,
    };
    let measures = Measures {
        signals: 412,
        signals_relevant: 57,
        signals_planned: 48,
        signal_to_task: Some(quantiles(41_000, 320_000)),
        work_to_verdict: Some(quantiles(12_400_000, 31_000_000)),
        ticket_to_decision: None,
        routes: (21, 24, 3),
        publications: 40,
    };
    let hours = |of: fn(u64) -> u64| (0..24).map(of).collect::<Vec<u64>>();
    let series = Series {
        step: Span::from_hours(1),
        spent: (0..24).map(|hour| usd((hour % 7) * 400_000)).collect(),
        spent_simulated: usd(24_000_000),
        tickets: hours(|hour| hour % 5),
        published: hours(|hour| hour / 6),
        signals: vec![0; 24],
    };
    (measures, series)
}

pub(super) fn personas(voice: &Voice<'_>, now: Timestamp) -> Vec<PersonaRow> {
    let row = |name: &str, campaigns: Vec<Safe>, hours| PersonaRow {
        hash: ContentHash::of_bytes(name.as_bytes()),
        slug: voice.line("fae"),
        name: voice.line("Fae"),
        installed_at: now.minus(Span::from_hours(hours)),
        places: campaigns
            .iter()
            .map(|_| (voice.line("@fae"), Channel::Twitter))
            .collect(),
        campaigns,
        traits: vec![voice.line("warm"), voice.line("exact")],
        directives: vec![
            voice.line("always name the source"),
            voice.line("never advise on health or money"),
        ],
        topics: vec![voice.line("synths: modular, patch, oscillator")],
        banned: vec![voice.line("celebrity gossip")],
        language: voice.line("en"),
        disclosure: voice.line("automated"),
        look: Some(voice.line("fae-v1")),
        body: voice.block("Fae fixes old machines at night.\nShe writes down what she hears."),
    };
    vec![
        row("now", vec![voice.line("synth-fae")], 5),
        row("before", vec![], 77),
    ]
}

pub(super) fn settings(voice: &Voice<'_>) -> Vec<SettingRow> {
    use SettingGroup::{Budget, Judge, Planner, Policy, Price, Server};
    [
        (Policy, "version", "3fa9c1d2e4f5", "the hash of budget.yaml"),
        (
            Planner,
            "relevance_min",
            "0.75",
            "at or above, a signal becomes tasks",
        ),
        (
            Judge,
            "auto_min",
            "0.90",
            "at or above, a result may go out by itself",
        ),
        (
            Judge,
            "blocked_phrases",
            "",
            "where one of these occurs nothing goes out",
        ),
        (
            Budget,
            "agent_day_usd_max",
            "50.00",
            "what one agent may spend in a day, in USD",
        ),
        (
            Price,
            "studio/generate_image",
            "0.04 USD a image (SIMULATED bill)",
            "since 2026-11-01",
        ),
        (
            Server,
            "twitter",
            "stand-in",
            "what it is asked to do happens on this machine only",
        ),
    ]
    .into_iter()
    .zip(0..)
    .map(|((group, name, value, does), place)| SettingRow {
        place,
        group,
        name: voice.line(name),
        value: if value.is_empty() {
            Safe::default()
        } else {
            voice.line(value)
        },
        does: voice.line(does),
    })
    .collect()
}

pub(super) fn reviewers(voice: &Voice<'_>) -> Vec<ReviewerRow> {
    let quantiles = |n, p50_us| {
        Some(Quantiles {
            n,
            p50_us,
            p95_us: p50_us * 3,
            p99_us: p50_us * 4,
            max_us: p50_us * 5,
        })
    };
    let row = |who: &str, approved, rejected, reversed| ReviewerRow {
        who: voice.line(who),
        approved,
        rejected,
        put_off: 2,
        reversed,
        looked: None,
        waited: quantiles(approved + rejected, 840_000_000),
        given: 0,
    };
    vec![
        ReviewerRow {
            looked: quantiles(17, 6_200_000),
            given: 3,
            ..row("ana", 18, 3, 1)
        },
        row("ben", 2, 2, 0),
    ]
}

pub(super) fn past(voice: &Voice<'_>, now: Timestamp) -> Vec<TaskMove> {
    let step = |version, from: &str, to: &str, by: &str, reason: &str, note: &str| TaskMove {
        version,
        from: Safe::line(from),
        to: Safe::line(to),
        by: voice.line(by),
        at: now.minus(Span::from_mins(
            60 - u64::try_from(version).unwrap_or(0) * 5,
        )),
        verb: Safe::line("move_task"),
        reason: Safe::line(reason),
        note: voice.line(note),
        verdict: None,
        lost: None,
    };
    let lost = LostTo {
        by: voice.line("ana@desk"),
        what: voice.line("pause: the campaign is paused (fleet, lunch)"),
        at: now.minus(Span::from_mins(41)),
        stale: Some(ArtifactId::from_uuid(uuid_of(0x77))),
    };
    vec![
        step(1, "", "draft", "planner", "", ""),
        step(2, "draft", "pending", "planner", "ordinary", ""),
        step(3, "pending", "claimed", "worker", "ordinary", ""),
        TaskMove {
            lost: Some(lost),
            ..step(
                4,
                "claimed",
                "pending",
                "worker",
                "occ_stale",
                "its campaign moved on while this was made",
            )
        },
        step(5, "pending", "claimed", "worker", "ordinary", ""),
        step(6, "claimed", "review", "worker", "ordinary", ""),
    ]
}
