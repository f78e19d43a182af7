//! What is on its way out, what was published and how far campaigns get, made up.

use chimera_domain::{
    Span, Timestamp,
    campaign::Channel,
    effect::{EffectKind, EffectState},
    ids::{AgentId, CampaignId, EffectId, PublicationId, TraceId},
    mode::{Mode, Reach},
    publication::Sample,
    testing::uuid_of,
    views::{EffectRow, ModeRow, PublicationRow, ReachRow},
};

use super::{Voice, ticket, version};

pub(super) fn effects(voice: &Voice<'_>, now: Timestamp) -> Vec<EffectRow> {
    let row = |n: u128, state, kind, text: &str, why: &str| EffectRow {
        id: EffectId::from_uuid(uuid_of(0xe00 + n)),
        version: version(3),
        kind,
        state,
        ticket_id: Some(ticket(n)),
        text: voice.line(text),
        account: voice.line("@fae"),
        channel: Channel::Mastodon,
        server: voice.line("mine"),
        idempotency_key: voice.line("9f2c41d07a55"),
        attempt: u32::from(state == EffectState::Uncertain),
        due_at: now.plus(Span::from_secs(8)),
        moved_at: now.minus(Span::from_mins(4)),
        why: voice.line(why),
        simulated: false,
        dry: false,
        trace_id: TraceId::from_uuid(uuid_of(0x300 + n)),
    };
    use EffectState::{Held, Uncertain};
    vec![
        row(
            0,
            Uncertain,
            EffectKind::Publish,
            "The first frost is here, and so is the list of what still grows.",
            "mine/post_content gave no answer: timed out after 30 s",
        ),
        row(
            1,
            Uncertain,
            EffectKind::Withdraw,
            "Seven bulbs to plant before the ground is hard.",
            "mine/delete_post gave no answer: the child ended",
        ),
        row(2, Held, EffectKind::Publish, "A patch for rain.", ""),
    ]
}

pub(super) fn publications(voice: &Voice<'_>, now: Timestamp) -> Vec<PublicationRow> {
    let row = |n: u128, text: &str, hours, likes: u64| {
        let at = now.minus(Span::from_hours(hours));
        PublicationRow {
            id: PublicationId::from_uuid(uuid_of(0xb00 + n)),
            text: voice.line(text),
            channel: Channel::Mastodon,
            account: voice.line("@fae"),
            url: voice.line(&format!("https://mine.example/@fae/{n}")),
            external_id: voice.line(&format!("1140{n}")),
            published_at: at,
            last: (likes > 0).then(|| Sample {
                at: now.minus(Span::from_mins(20)),
                likes,
                shares: likes / 4,
                comments: 2,
                views: None,
                simulated: false,
            }),
            simulated: false,
            withdrawn: (n == 2)
                .then(|| (now.minus(Span::from_hours(1)), voice.line("wrong photo"))),
            trace_id: TraceId::from_uuid(uuid_of(0x300 + n)),
        }
    };
    vec![
        row(0, "Seven bulbs to plant before the ground is hard.", 1, 0),
        row(
            1,
            "Synths that breathe: three patches for a slow morning.",
            3,
            41,
        ),
        row(2, "A barrel under every gutter.", 9, 7),
    ]
}

pub(super) fn reaches(voice: &Voice<'_>, now: Timestamp) -> Vec<ReachRow> {
    let mode = |mode| ModeRow {
        mode,
        set: (mode == Mode::Live).then(|| (voice.line("mia@desk"), now.minus(Span::from_hours(2)))),
        confirmed: voice.line("@fae on mastodon through mine"),
        why: voice.line("launch"),
    };
    vec![
        ReachRow {
            campaign_id: CampaignId::from_uuid(uuid_of(0xc1)),
            agent_id: AgentId::from_uuid(uuid_of(0xa0)),
            campaign: voice.line("synth-fae"),
            persona: voice.line("fae"),
            account: voice.line("@fae"),
            channel: Channel::Mastodon,
            server: voice.line("mine"),
            reach: Reach::DryRun,
            of_server: mode(Mode::Live),
            of_agent: mode(Mode::Live),
            of_campaign: mode(Mode::DryRun),
        },
        ReachRow {
            campaign_id: CampaignId::from_uuid(uuid_of(0xc2)),
            agent_id: AgentId::from_uuid(uuid_of(0xa0)),
            campaign: voice.line("garden-leo"),
            persona: voice.line("leo"),
            account: voice.line("@leo"),
            channel: Channel::Twitter,
            server: voice.line("twitter"),
            reach: Reach::StandIn,
            of_server: mode(Mode::DryRun),
            of_agent: mode(Mode::DryRun),
            of_campaign: mode(Mode::DryRun),
        },
    ]
}
