//! Asks the desk and the bell on the swarm's runtime, never on the thread that draws.

mod proposals;
mod wishes;

use std::{sync::Arc, time::Duration};

use chimera_domain::{
    ContentHash, Outcome, Safe, Span, StoreError, Timestamp,
    filter::Filter,
    ports::{BellStore, ConsoleStore, DeskStore, Hindsight},
    views::{Page, PageRequest, ReachRow, calibration},
};
use tokio::{runtime::Handle, task::JoinHandle};

use crate::{
    app::Stopwatch,
    event::{Answer, Done, Event, Loaded, Looked, Measured, Request, Said},
    export,
    graphics::Room,
    inbox::Inbox,
    model::Pane,
    picture::{self, Picture},
    remember, terminal,
};

/// What is shown over time is shown in steps of this.
const HOUR: Span = Span::from_hours(1);
/// How long one wait for the bell lasts.
const PATIENCE: Span = Span::from_secs(30);
/// How long to leave a store alone that failed.
const PAUSE: Duration = Duration::from_secs(2);

/// The far side of requests.
pub(crate) struct Desk {
    pub(crate) store: Arc<dyn ConsoleStore>,
    pub(crate) hindsight: Arc<dyn Hindsight>,
    pub(crate) runtime: Handle,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) actor: String,
    pub(crate) watch: Stopwatch,
}

fn in_words<T>(result: Result<T, StoreError>) -> Answer<T> {
    result.map_err(|error| match error {
        // What was asked for is not there, in words for whoever asked.
        StoreError::Refused { what } => Safe::line(&what),
        StoreError::Unavailable { .. } | StoreError::Corrupt { .. } | StoreError::Fenced { .. } => {
            tracing::warn!(%error, "the console got no answer");
            Safe::line(&error.to_string())
        }
    })
}

impl Desk {
    /// Starts a request; its answer comes as an event.
    pub(crate) fn ask(&self, request: Request) {
        let store = self.store.clone();
        let hindsight = self.hindsight.clone();
        let inbox = self.inbox.clone();
        let actor = self.actor.clone();
        let watch = self.watch;
        self.runtime.spawn(async move {
            if let Some(event) =
                answer(store.as_ref(), hindsight.as_ref(), request, &actor, watch).await
            {
                inbox.push(event);
            }
        });
    }
}

async fn answer(
    store: &dyn ConsoleStore,
    hindsight: &dyn Hindsight,
    request: Request,
    actor: &str,
    watch: Stopwatch,
) -> Option<Event> {
    Some(match request {
        Request::Overview => Event::Loaded(Loaded::Overview(in_words(store.overview().await))),
        Request::Headroom => {
            let answer = in_words(store.headroom().await).map(Box::new);
            Event::Loaded(Loaded::Headroom(answer))
        }
        Request::Trends(page) => {
            let answer = in_words(store.signal_feed(&page).await);
            Event::Loaded(Loaded::Trends(page, answer))
        }
        Request::Tasks(page) => {
            let answer = in_words(store.task_list(&page, None).await);
            Event::Loaded(Loaded::Tasks(page, answer))
        }
        Request::Queue(page) => {
            let answer = in_words(store.review_queue(&page).await);
            Event::Loaded(Loaded::Queue(page, answer))
        }
        Request::Ledger(page) => {
            let answer = in_words(store.ledger(&page).await);
            Event::Loaded(Loaded::Ledger(page, answer))
        }
        Request::Card(ticket) => {
            let answer = in_words(store.ticket_card(ticket).await);
            Event::Loaded(Loaded::Card(ticket, answer))
        }
        Request::Look(ticket) => {
            // Nothing depends on it: that it could not be said is told by whatever is asked next.
            let _ = in_words(store.look_at_ticket(ticket, actor).await);
            return None;
        }
        Request::Handover => {
            let made = in_words(store.handover(actor, None).await);
            Event::Loaded(Loaded::Handover(made.map(Box::new)))
        }
        Request::Proposals => {
            let answer = in_words(store.open_proposals().await);
            Event::Loaded(Loaded::Proposals(answer))
        }
        Request::Proposal(id) => {
            let answer = in_words(proposals::read(store, id).await).map(Box::new);
            Event::Loaded(Loaded::Proposal(id, answer))
        }
        Request::Propose(wish) => {
            let said = proposals::fulfil(store, &wish, actor).await;
            Event::Done(Done::Proposed(wish, said))
        }
        Request::Note(file, text) => {
            let place = file.clone();
            let write =
                move || export::begin_folder(&place).and_then(|()| remember::write(&place, &text));
            let written = export::on_disk(write).await;
            let told = written.map(|()| Safe::line(&file.display().to_string()));
            Event::Done(Done::Noted(
                told.map_err(|why| Safe::line(&why.to_string())),
            ))
        }
        Request::Ids(pane, page) => {
            let answer = in_words(export::ids(store, pane, &page).await);
            Event::Loaded(Loaded::Ids(pane, page, answer))
        }
        Request::Marked(pane, filter, asked) => {
            let answer = in_words(marked(store, pane, &filter, &asked).await);
            Event::Loaded(Loaded::Marked(pane, filter, asked, answer))
        }
        Request::Picture(sha256, room) => {
            let answer = picture_of(store, sha256, room).await;
            Event::Loaded(Loaded::Picture(sha256, answer))
        }
        Request::Grouped(page) => {
            let answer = in_words(store.trends(&page).await);
            Event::Loaded(Loaded::Grouped(page, answer))
        }
        Request::Mutes(page) => {
            let answer = in_words(store.mute_list(&page).await);
            Event::Loaded(Loaded::Mutes(page, answer))
        }
        Request::Payments(page) => {
            let answer = in_words(store.payment_list(&page).await);
            Event::Loaded(Loaded::Payments(page, answer))
        }
        Request::Breaks(page) => {
            let answer = in_words(store.break_list(&page).await);
            Event::Loaded(Loaded::Breaks(page, answer))
        }
        Request::Alerts(page) => {
            let answer = in_words(store.alerts(&page).await);
            Event::Loaded(Loaded::Alerts(page, answer))
        }
        Request::Effects(page) => {
            let answer = in_words(store.open_effects(&page).await);
            Event::Loaded(Loaded::Effects(page, answer))
        }
        Request::Publications(page) => {
            let answer = in_words(store.publications(&page).await);
            Event::Loaded(Loaded::Publications(page, answer))
        }
        Request::Campaigns(page) => {
            let answer = in_words(store.reaches().await.and_then(|rows| window(rows, &page)));
            Event::Loaded(Loaded::Campaigns(page, answer))
        }
        Request::Fleet(page) => {
            let answer = in_words(store.fleet(&page).await);
            Event::Loaded(Loaded::Fleet(page, answer))
        }
        Request::AllTasks(page) => {
            let answer = in_words(store.tasks(&page).await);
            Event::Loaded(Loaded::AllTasks(page, answer))
        }
        Request::Audit(page) => {
            let answer = in_words(store.audit(&page).await);
            Event::Loaded(Loaded::Audit(page, answer))
        }
        Request::Walk(trace, page) => {
            let answer = in_words(store.walk(trace, &page).await);
            Event::Loaded(Loaded::Walk(trace, page, answer))
        }
        Request::Links(page) => {
            let answer = in_words(store.links(&page).await);
            Event::Loaded(Loaded::Links(page, answer))
        }
        Request::Personas(page) => {
            let answer = in_words(store.personas(&page).await);
            Event::Loaded(Loaded::Personas(page, answer))
        }
        Request::Settings(page) => {
            let answer = in_words(store.settings(&page).await);
            Event::Loaded(Loaded::Settings(page, answer))
        }
        Request::Measures(since, hours_since) => {
            let answer = in_words(measured(store, since, hours_since).await);
            Event::Loaded(Loaded::Measures(answer))
        }
        Request::Calibration(since) => {
            let judged = in_words(store.judged(since).await);
            let answer = judged.map(|judged| Box::new(calibration(&judged)));
            Event::Loaded(Loaded::Calibration(answer))
        }
        Request::Hindsight(since) => {
            let answer = in_words(hindsight.weighed_since(since).await).map(Box::new);
            Event::Loaded(Loaded::Hindsight(answer))
        }
        Request::Past(task) => {
            let answer = in_words(store.task_history(task).await);
            Event::Loaded(Loaded::Past(task, answer))
        }
        Request::Wish(wish) => {
            let said = wishes::fulfil(store, &wish, actor).await;
            Event::Done(Done::Typed(wish, said))
        }
        Request::Acknowledge(alert) => {
            let answer = in_words(store.acknowledge_alert(alert, actor).await);
            Event::Done(Done::Acknowledged(answer))
        }
        Request::SayOf(signal, version, said) => {
            let answer = in_words(store.say_of_signal(signal, version, said, actor).await);
            Event::Done(Done::SaidOf(said, answer))
        }
        Request::Decide(decide) => {
            let answer = in_words(store.decide_ticket(&decide).await);
            Event::Done(Done::Decided(decide, answer))
        }
        Request::DecideAll(decides) => {
            let answer = in_words(store.decide_tickets(&decides).await);
            Event::Done(Done::DecidedAll(decides, answer))
        }
        Request::Undo(ticket, version) => {
            let answer = in_words(store.undo_decision(ticket, version, actor).await);
            Event::Done(Done::Undone(ticket, answer))
        }
        Request::Halt(scope, halt, why) => {
            let before = watch.now();
            let result = in_words(store.halt(scope.clone(), halt, actor, &why).await);
            let took = watch.now().micros().saturating_sub(before.micros());
            Event::Done(Done::Halted {
                scope,
                halt,
                took: Span::from_micros(took),
                result,
            })
        }
        Request::Resume(scope) => {
            let result = in_words(store.resume(scope, actor).await);
            Event::Done(Done::Resumed(result))
        }
        Request::Stage(stage) => {
            let result = in_words(store.resume_stage(stage, actor).await);
            Event::Done(Done::Resumed(result))
        }
        Request::Export(wanted) => {
            Event::Done(Done::Exported(export::export(store, &wanted).await))
        }
        Request::Remember(path, text) => {
            let written = tokio::task::spawn_blocking(move || remember::write(&path, &text)).await;
            let told = match written {
                Ok(Ok(())) => Ok(()),
                Ok(Err(why)) => Err(Safe::line(&why.to_string())),
                Err(why) => Err(Safe::line(&why.to_string())),
            };
            Event::Done(Done::Remembered(told))
        }
        Request::Suspend | Request::Editor(_) => return None,
    })
}

/// Counted first: most often all rows are there, and none is read.
async fn marked(
    store: &dyn ConsoleStore,
    pane: Pane,
    filter: &str,
    asked: &[String],
) -> Result<Looked, StoreError> {
    let all = PageRequest {
        only: asked.to_vec(),
        ..PageRequest::first(1)
    };
    let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let (_, there) = export::records(store, pane, None, &all).await?;
    let there = if size(there) == asked.len() {
        asked.to_vec()
    } else {
        export::ids(store, pane, &all).await?.0
    };
    let shown = if filter.trim().is_empty() {
        there.len()
    } else {
        let filtered = PageRequest {
            filter: filter.to_owned(),
            ..all
        };
        size(export::records(store, pane, None, &filtered).await?.1)
    };
    Ok(Looked { there, shown })
}

async fn measured(
    store: &dyn DeskStore,
    since: Timestamp,
    hours_since: Timestamp,
) -> Result<Measured, StoreError> {
    let week_since = since.minus(Span::from_hours(6 * 24));
    Ok(Measured {
        measures: store.measures(since).await?,
        series: store.series(hours_since, HOUR).await?,
        day: store.reviewers(since).await?,
        week: store.reviewers(week_since).await?,
    })
}

/// What a filter can name of a campaign.
const REACH_FIELDS: &[&str] = &[
    "campaign", "agent", "persona", "account", "channel", "platform", "server", "state",
];

/// Unpacking and shrinking takes a while, so it is done beside the runtime.
async fn picture_of(store: &dyn DeskStore, sha256: ContentHash, room: Room) -> Answer<Picture> {
    let Some(blob) = in_words(store.media(sha256).await)? else {
        return Err(Safe::line("its bytes are not stored any more"));
    };
    let read = tokio::task::spawn_blocking(move || picture::read(&blob, room, terminal::cell()));
    // A decoder that panics on a damaged file has shown nothing.
    read.await
        .unwrap_or_else(|_| Err(Safe::line("it could not be unpacked")))
}

/// The part of all campaigns a list asked for: there are not so many that the store would page them.
pub(crate) fn window(
    rows: Vec<ReachRow>,
    page: &PageRequest,
) -> Result<Page<ReachRow>, StoreError> {
    let wanted = Filter::parse(&page.filter);
    let checked = wanted.check(REACH_FIELDS);
    checked.map_err(|what| StoreError::Refused { what })?;
    let holds = |row: &ReachRow| {
        let field = |name: &str| {
            let value = match name {
                "campaign" => row.campaign.to_string(),
                "agent" | "persona" => row.persona.to_string(),
                "account" => row.account.to_string(),
                "channel" | "platform" => row.channel.to_string(),
                "server" => row.server.to_string(),
                "state" => row.reach.to_string(),
                _ => return None,
            };
            Some(value.to_lowercase())
        };
        let all: Vec<String> = REACH_FIELDS.iter().filter_map(|name| field(name)).collect();
        wanted.holds(&all.join(" "), field)
    };
    let is_wanted =
        |row: &ReachRow| page.only.is_empty() || page.only.contains(&row.campaign_id.to_string());
    let found = rows.into_iter().filter(|row| is_wanted(row) && holds(row));
    let found: Vec<ReachRow> = found.collect();
    let skip = usize::try_from(page.offset).unwrap_or(usize::MAX);
    let take = usize::try_from(page.limit).unwrap_or(usize::MAX);
    Ok(Page {
        total: u64::try_from(found.len()).unwrap_or(u64::MAX),
        rows: found.into_iter().skip(skip).take(take).collect(),
    })
}

fn said<T>(outcome: Result<Outcome<T>, StoreError>) -> Said<T> {
    match outcome {
        Ok(Outcome::Done(done, _)) => Said::Done(done),
        Ok(Outcome::Conflict(conflict)) => Said::Conflict(conflict),
        Ok(Outcome::NotFound) => Said::NotFound,
        Err(StoreError::Refused { what }) => Said::Refused(Safe::line(&what)),
        Err(error) => {
            tracing::warn!(%error, "the console got no answer");
            Said::Unclear(Safe::line(&error.to_string()))
        }
    }
}

/// Listens to the bell until the inbox is closed. A bell that fails is told once and asked again.
pub(crate) fn listen(
    bell: Arc<dyn BellStore>,
    inbox: Arc<Inbox>,
    runtime: &Handle,
) -> JoinHandle<()> {
    runtime.spawn(async move {
        let mut seq = None;
        loop {
            let heard = match seq {
                None => bell.change_seq().await,
                Some(seq) => bell.changed_since(seq, PATIENCE).await,
            };
            let goes_on = match heard {
                Ok(now) if seq == Some(now) => true,
                Ok(now) => {
                    seq = Some(now);
                    inbox.push(Event::Changed)
                }
                Err(error) => {
                    let told = inbox.push(Event::BellLost(Safe::line(&error.to_string())));
                    seq = None;
                    tokio::time::sleep(PAUSE).await;
                    told
                }
            };
            if !goes_on {
                return;
            }
        }
    })
}
