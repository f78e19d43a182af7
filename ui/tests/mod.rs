//! Tests of the whole room: updates as tables, pictures of every size, hostile text in every pane.
//!
//! They know the model and the view, and worlds made up in `fake/data.rs`. The terminal itself is
//! tested from outside in `pty.rs`.

mod asks;
mod attempts;
mod bytes;
mod calibrated;
mod deciding;
mod drawn;
mod feeds;
mod following;
mod fuzz;
mod handover;
mod hindsight;
mod hostile;
mod lists;
mod looks;
mod marks;
mod models;
mod money;
mod mouse;
mod palette;
mod past;
mod payments;
mod pictures;
mod proposals;
mod rebound;
mod reviewing;
mod screens;
mod second;
mod seen;
mod sheets;
mod sorting;
mod styled;
mod takeaway;

use chimera_domain::{
    Clock, Safe, Span,
    testing::ManualClock,
    views::{Page, TicketCard, calibration},
};
use ratatui::{Terminal, backend::TestBackend};

use crate::{
    event::{Event, Loaded, Measured, Request, Size},
    fake::{self, World},
    keymap::{Action, Context, Keymap},
    model::{Model, Pane},
    settings::Settings,
    update::{self, update},
    view,
};

/// The keys that lead to a screen; empty where none do.
fn keys_to(pane: Pane) -> String {
    let keys = Keymap::default();
    let key = keys.key_of(&[Context::Everywhere], Action::Go(pane));
    key.unwrap_or_default().to_owned()
}

fn page<T: Clone>(rows: &[T]) -> Page<T> {
    Page {
        rows: rows.to_vec(),
        total: u64::try_from(rows.len()).unwrap(),
    }
}

/// A console without a terminal: events in, requests answered from a world on demand.
struct Rig {
    model: Model,
    world: World,
    asked: Vec<Request>,
    /// How often others were told what is looked at.
    looks: usize,
    reads: u64,
    last_read: u64,
    frames: u64,
    mono: Span,
    start: chimera_domain::Timestamp,
}

impl Rig {
    fn new(columns: u16, rows: u16, world: World) -> Self {
        Self::with(columns, rows, world, Settings::new("op@test:tty"))
    }

    fn with(columns: u16, rows: u16, world: World, settings: Settings) -> Self {
        let mut rig = Self::started(columns, rows, world, settings);
        rig.serve();
        rig.first_on_screen();
        rig.serve();
        rig
    }

    /// What was read first is on screen.
    fn first_on_screen(&mut self) {
        self.model.dirty = false;
        let (frame, at) = (0, self.mono);
        self.event(Event::Flushed { frame, at });
    }

    /// Nothing is answered yet.
    fn started(columns: u16, rows: u16, world: World, settings: Settings) -> Self {
        let start = ManualClock::new().now();
        let mut rig = Self {
            model: Model::new(settings, Size::new(columns, rows), start),
            world,
            asked: Vec::new(),
            looks: 0,
            reads: 0,
            last_read: 0,
            frames: 0,
            mono: Span::ZERO,
            start,
        };
        rig.asked = update::start(&mut rig.model);
        rig
    }

    /// An ordinary world on a screen, painted long enough ago.
    /// A card is on screen that one key decides.
    fn ready() -> Self {
        let mut world = fake::normal(ManualClock::new().now(), None);
        fake::post_of(&mut world.cards[0]).sensitive.clear();
        world.cards[0].row.reasons.truncate(1);
        world.cards[0].row.reasons[0] = Safe::line("confidence 0.82 is below 0.90");
        Self::of(world)
    }

    /// A card is on screen that touches a sensitive topic.
    fn sensitive() -> Self {
        Self::of(fake::normal(ManualClock::new().now(), None))
    }

    fn of(world: fake::World) -> Self {
        let mut rig = Self::new(120, 40, world);
        rig.paint();
        rig.wait(2_000);
        rig
    }

    fn event(&mut self, event: Event) {
        let wall = self.start.plus(self.mono);
        update::set_clocks(&mut self.model, wall, self.mono);
        self.asked.extend(update(&mut self.model, event));
    }

    fn wait(&mut self, millis: u64) {
        self.mono = Span::from_micros(self.mono.micros() + millis * 1000);
        self.event(Event::Deadline);
    }

    /// A key in a read of its own.
    fn press(&mut self, name: &str) {
        self.reads += 1;
        self.press_in_same_read(name);
    }

    fn press_in_same_read(&mut self, name: &str) {
        let key = name.parse().unwrap();
        let alone = self.reads != self.last_read;
        self.last_read = self.reads;
        self.event(Event::Key {
            key,
            read: self.reads,
            alone,
            at: self.mono,
        });
    }

    fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            self.press(&c.to_string().replace(' ', "Space"));
        }
    }

    /// A frame that the line has taken.
    fn paint(&mut self) {
        self.frames += 1;
        let painted = view::painted(&self.model);
        self.model.review.guard.painted(self.frames, painted);
        let (frame, at) = (self.frames, self.mono);
        self.event(Event::Flushed { frame, at });
    }

    /// Answers all reads from the world; decisions and orders stay in `asked`.
    fn serve(&mut self) {
        for _ in 0..20 {
            let all = std::mem::take(&mut self.asked);
            for request in all {
                let w = &self.world;
                let loaded = match request {
                    Request::Overview => Loaded::Overview(Ok(w.overview.clone())),
                    Request::Headroom => Loaded::Headroom(Ok(Box::new(w.headroom.clone()))),
                    Request::Trends(p) => Loaded::Trends(p, Ok(page(&w.trends))),
                    Request::Tasks(p) => Loaded::Tasks(p, Ok(page(&w.tasks))),
                    Request::Ledger(p) => Loaded::Ledger(p, Ok(page(&w.ledger))),
                    Request::Effects(p) => Loaded::Effects(p, Ok(page(&w.effects))),
                    Request::Publications(p) => Loaded::Publications(p, Ok(page(&w.publications))),
                    Request::Campaigns(p) => Loaded::Campaigns(p, Ok(page(&w.reaches))),
                    Request::Fleet(p) => Loaded::Fleet(p, Ok(page(&w.agents))),
                    Request::AllTasks(p) => Loaded::AllTasks(p, Ok(page(&w.all_tasks))),
                    Request::Audit(p) => Loaded::Audit(p, Ok(page(&w.audit))),
                    Request::Walk(trace, p) => Loaded::Walk(trace, p, Ok(page(&w.steps))),
                    Request::Links(p) => Loaded::Links(p, Ok(page(&w.links))),
                    Request::Personas(p) => Loaded::Personas(p, Ok(page(&w.personas))),
                    Request::Settings(p) => Loaded::Settings(p, Ok(page(&w.settings))),
                    Request::Measures(..) => Loaded::Measures(Ok(Measured {
                        measures: w.measures.0.clone(),
                        series: w.measures.1.clone(),
                        day: w.reviewers.iter().take(1).cloned().collect(),
                        week: w.reviewers.clone(),
                    })),
                    Request::Grouped(p) => Loaded::Grouped(p, Ok(page(&w.grouped))),
                    Request::Mutes(p) => Loaded::Mutes(p, Ok(page(&w.mutes))),
                    Request::Payments(p) => Loaded::Payments(p, Ok(page(&w.payments))),
                    Request::Breaks(p) => Loaded::Breaks(p, Ok(page(&w.breaks))),
                    Request::Alerts(p) => Loaded::Alerts(p, Ok(page(&w.alerts))),
                    Request::Queue(p) => {
                        let rows: Vec<_> = w.cards.iter().map(|c| c.row.clone()).collect();
                        let rows: Vec<_> =
                            rows.into_iter().filter(|r| r.state.is_waiting()).collect();
                        Loaded::Queue(p, Ok(page(&rows)))
                    }
                    Request::Past(task) => Loaded::Past(task, Ok(Some(fake::past(w, task)))),
                    Request::Calibration(_) => {
                        Loaded::Calibration(Ok(Box::new(calibration(&w.judged))))
                    }
                    Request::Hindsight(_) => Loaded::Hindsight(Ok(Box::new(w.weighing.clone()))),
                    // Said to others, and no order.
                    Request::Look(_) => {
                        self.looks += 1;
                        continue;
                    }
                    Request::Card(id) => {
                        let card = w.cards.iter().find(|c| c.row.id == id).cloned();
                        Loaded::Card(id, Ok(card))
                    }
                    Request::Handover => {
                        let made = w.handover(w.overview.clone(), None);
                        Loaded::Handover(Ok(Box::new(made)))
                    }
                    Request::Proposals => Loaded::Proposals(Ok(w.proposals.open())),
                    Request::Proposal(id) => {
                        let campaigns = &w.overview.campaigns;
                        let read = (w.proposals.get(id), w.proposals.preview(id, campaigns));
                        let read = match read {
                            (Some(proposal), Some(preview)) => {
                                Ok(Box::new((proposal.clone(), preview)))
                            }
                            _ => Err(Safe::line("there is no such proposal any more")),
                        };
                        Loaded::Proposal(id, read)
                    }
                    Request::Propose(_)
                    | Request::Ids(..)
                    | Request::Note(..)
                    | Request::Marked(..)
                    | Request::Decide(_)
                    | Request::DecideAll(_)
                    | Request::Picture(..)
                    | Request::Acknowledge(_)
                    | Request::SayOf(..)
                    | Request::Undo(..)
                    | Request::Halt(..)
                    | Request::Resume(_)
                    | Request::Stage(_)
                    | Request::Wish(_)
                    | Request::Editor(_)
                    | Request::Export(_)
                    | Request::Remember(..)
                    | Request::Suspend => {
                        self.asked.push(request);
                        continue;
                    }
                };
                self.event(Event::Loaded(loaded));
            }
        }
    }

    /// Takes out what was asked for besides reading.
    fn orders(&mut self) -> Vec<Request> {
        self.serve();
        std::mem::take(&mut self.asked)
    }

    fn card(&mut self, n: u128) -> &mut TicketCard {
        let id = fake::ticket(n);
        self.world
            .cards
            .iter_mut()
            .find(|c| c.row.id == id)
            .unwrap()
    }

    /// The world changed and the console read it.
    fn reread(&mut self) {
        self.event(Event::Changed);
        self.wait(500);
        self.serve();
    }

    fn message(&self) -> String {
        self.model
            .messages
            .current()
            .map_or_else(String::new, |m| format!("{} {}", m.severity, m.text))
    }

    /// What a large screen says, line breaks and columns aside.
    fn says(&mut self, words: &str) -> bool {
        let size = self.model.size;
        self.event(Event::Resize(Size::new(400, 60)));
        let found = self.picture().contains(words);
        self.event(Event::Resize(size));
        found
    }

    fn picture(&self) -> String {
        let size = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(size.width, size.height)).unwrap();
        terminal.draw(|f| view::draw(&self.model, f)).unwrap();
        terminal.backend().to_string()
    }
}
