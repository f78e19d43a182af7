//! The loop: the only owner of the model. Events in, requests and frames out.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chimera_domain::{
    Clock, ContentHash, Span,
    ports::{BellStore, ConsoleStore, Hindsight},
    views::Severity,
};
use tokio::runtime::Handle;

use crate::{
    desk::{self, Desk},
    editor,
    event::{Event, Request, Signal},
    graphics,
    inbox::Inbox,
    model::{Model, messages::add},
    remember,
    settings::{Ended, Error, Exit, Notify, Settings},
    signals,
    terminal::{self, Painter, Screen},
    update, view,
};

/// Data is drawn at most this often; keys at once.
const FRAME: Span = Span::from_millis(33);
/// On a slow line everything is drawn at most this often.
const FRAME_SLOW: Span = Span::from_millis(250);

/// A Ctrl-C that comes so soon after the terminal was lent was meant for whoever had it.
const LENT: Span = Span::from_secs(1);

/// Time since the start of the console: it never jumps, unlike the clock on the wall.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn now(self) -> Span {
        Span::from_micros(u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX))
    }
}

/// Shows the console and blocks the calling thread until it ends. The swarm is never touched.
///
/// # Errors
/// [`Error::NoTerminal`] where nobody could see or type anything, before the terminal is touched;
/// [`Error::Terminal`] when it refuses to be set up.
pub fn run(
    settings: Settings,
    store: Arc<dyn ConsoleStore>,
    hindsight: Arc<dyn Hindsight>,
    bell: Arc<dyn BellStore>,
    runtime: Handle,
    clock: Arc<dyn Clock>,
) -> Result<Ended, Error> {
    terminal::check(&settings.term)?;
    let watch = Stopwatch::start();
    let inbox = Arc::new(Inbox::default());
    let failed = |doing| move |source| Error::Terminal { doing, source };
    let signals =
        signals::listen(inbox.clone(), settings.attached).map_err(failed("hear the signals of"))?;
    let screen = Screen::enter(&inbox, watch, &settings.log_path)?;
    let painter = Painter::new(terminal::size(), !settings.no_color).map_err(failed("draw on"))?;
    let listener = desk::listen(bell, inbox.clone(), &runtime);
    let desk = Desk {
        store,
        hindsight,
        runtime,
        inbox: inbox.clone(),
        actor: settings.actor.clone(),
        watch,
    };
    let mut model = Model::new(settings, terminal::size(), clock.now());
    if let Some(path) = &model.settings.state_file {
        match remember::read(path) {
            Ok(remembered) => remembered.unwrap_or_default().restore(&mut model),
            Err(why) => model.say(Severity::Warning, &why),
        }
    }
    let mut app = App {
        model,
        desk,
        inbox: inbox.clone(),
        screen,
        painter,
        clock,
        watch,
        frames: 0,
        drawn_at: None,
        back_at: None,
        urgent: true,
        graphic: None,
    };
    let exit = app.turn();
    if let Some((path, text)) = remember::due(&mut app.model, true)
        && let Err(error) = remember::write(&path, &text)
    {
        tracing::warn!(%error, path = %path.display(), "the place of the console cannot be remembered");
    }
    inbox.close();
    listener.abort();
    signals.close();
    let waits = app.model.waits();
    drop(app); // gives the terminal back
    exit.map(|exit| Ended { exit, waits })
}

struct App {
    model: Model,
    desk: Desk,
    inbox: Arc<Inbox>,
    screen: Screen,
    painter: Painter,
    clock: Arc<dyn Clock>,
    watch: Stopwatch,
    frames: u64,
    drawn_at: Option<Span>,
    /// When the terminal came back from the operator's editor.
    back_at: Option<Span>,
    /// A key was pressed since the last frame.
    urgent: bool,
    /// The picture that lies over the cells, and where.
    graphic: Option<((ContentHash, usize), (u16, u16))>,
}

impl App {
    fn turn(&mut self) -> Result<Exit, Error> {
        let requests = update::start(&mut self.model);
        self.ask(requests)?;
        loop {
            self.draw()?;
            let events = self.inbox.drain(self.patience());
            if events.is_empty() {
                self.take(Event::Deadline)?;
            }
            for event in events {
                self.urgent |=
                    matches!(event, Event::Key { .. } | Event::Paste(_) | Event::Mouse(_));
                self.take(event)?;
            }
            if self
                .model
                .deadline()
                .is_some_and(|at| at <= self.watch.now())
            {
                self.take(Event::Deadline)?;
            }
            if let Some(exit) = self.model.exit {
                return Ok(exit);
            }
        }
    }

    /// How long nothing needs to be done; the next frame counts when one is due.
    fn patience(&self) -> Option<Duration> {
        let mut until = self.model.deadline();
        if self.model.dirty && self.screen.writer.is_idle() {
            let frame = self.frame_at();
            until = Some(until.map_or(frame, |at| at.min(frame)));
        }
        until.map(|at| {
            let left = at.micros().saturating_sub(self.watch.now().micros());
            Duration::from_micros(left)
        })
    }

    fn frame_at(&self) -> Span {
        let every = if self.model.settings.low_bandwidth {
            FRAME_SLOW
        } else if self.urgent {
            Span::ZERO
        } else {
            FRAME
        };
        let next = self.drawn_at.map_or(Span::ZERO, |at| add(at, every));
        // A card comes within milliseconds: the one before is not cleared away first to be drawn over.
        next.max(self.model.review.awaited_until())
    }

    fn take(&mut self, event: Event) -> Result<(), Error> {
        update::set_clocks(&mut self.model, self.clock.now(), self.watch.now());
        let lent = self.back_at.map(|at| add(at, LENT));
        if matches!(event, Event::Signal(Signal::Interrupt))
            && lent.is_some_and(|until| self.watch.now() < until)
        {
            return Ok(());
        }
        let event = if matches!(event, Event::Signal(Signal::Resized)) {
            Event::Resize(terminal::size())
        } else {
            event
        };
        let requests = update::update(&mut self.model, event);
        self.ask(requests)
    }

    fn ask(&mut self, requests: Vec<Request>) -> Result<(), Error> {
        for request in requests {
            if request == Request::Suspend {
                self.suspend()?;
            } else if let Request::Editor(text) = &request {
                self.edit(text)?;
            } else {
                self.desk.ask(request);
            }
        }
        Ok(())
    }

    /// Draws when something changed, the line is free, and the last frame is long enough ago.
    fn draw(&mut self) -> Result<(), Error> {
        let failed = |source| Error::Terminal {
            doing: "draw on",
            source,
        };
        if !(self.model.dirty || self.model.redraw)
            || !self.screen.writer.is_idle()
            || self.frame_at() > self.watch.now()
        {
            return Ok(());
        }
        let place = view::graphic(&self.model).map(|graphic| (graphic.key, graphic.at));
        let mut extra = Vec::new();
        if self.graphic != place && self.graphic.is_some() {
            // Pixels lie over the cells, which do not know of them.
            extra.extend_from_slice(graphics::TAKE_AWAY);
            self.model.redraw = true;
        }
        if std::mem::take(&mut self.model.redraw) {
            self.painter.reset(self.model.size).map_err(failed)?;
            self.graphic = None;
        }
        if self.graphic != place
            && let Some(graphic) = view::graphic(&self.model)
        {
            extra.extend_from_slice(&terminal::at(graphic.at, graphic.bytes));
        }
        self.graphic = place;
        self.model.dirty = false;
        self.urgent = false;
        if let Some(text) = self.model.copy.take() {
            extra.extend_from_slice(&terminal::clipboard_bytes(&text));
        }
        if let Some(on) = self.model.mouse_told.take() {
            extra.extend_from_slice(terminal::mouse_bytes(on));
        }
        if std::mem::take(&mut self.model.ring) {
            let waits = self.model.waits().unwrap_or_default();
            let settings = &self.model.settings;
            let bytes = match settings.notify {
                Notify::Off => Vec::new(),
                Notify::Bell => terminal::BELL.to_vec(),
                Notify::Desktop => terminal::notice_bytes(&settings.term, &waits),
            };
            extra.extend_from_slice(&bytes);
        }
        let model = &self.model;
        let bytes = self
            .painter
            .paint(&model.title(), &extra, |frame| view::draw(model, frame))
            .map_err(failed)?;
        let painted = view::painted(&self.model);
        self.frames += 1;
        self.drawn_at = Some(self.watch.now());
        self.model.review.guard.painted(self.frames, painted);
        if bytes.is_empty() {
            let at = self.watch.now();
            self.model.review.guard.flushed(self.frames, at);
        } else {
            self.screen.writer.send(self.frames, bytes);
        }
        Ok(())
    }

    /// Lends the terminal to the operator's editor. The swarm goes on: it never runs on this thread.
    fn edit(&mut self, text: &str) -> Result<(), Error> {
        self.screen.lend();
        let edited = editor::run(&self.model.settings, text);
        self.screen.reclaim(&self.inbox, self.watch)?;
        self.back_at = Some(self.watch.now());
        self.screen.writer.wait_idle(Duration::from_secs(1));
        self.model.size = terminal::size();
        self.model.redraw = true;
        self.model.mouse_told = Some(self.model.mouse);
        self.take(Event::Edited(edited))
    }

    fn suspend(&mut self) -> Result<(), Error> {
        self.screen.give_back();
        // Stops here; the shell continues us.
        let stopped = signal_hook::low_level::raise(signal_hook::consts::SIGSTOP);
        self.screen.take_over()?;
        self.screen.writer.wait_idle(Duration::from_secs(1));
        self.model.size = terminal::size();
        self.model.redraw = true;
        self.model.mouse_told = Some(self.model.mouse);
        stopped.map_err(|source| Error::Terminal {
            doing: "suspend",
            source,
        })
    }
}
