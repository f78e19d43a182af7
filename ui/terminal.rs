//! The terminal: set up, written and restored in this one place, the only one that knows crossterm.

use std::{
    fs::File,
    io::{self, IsTerminal, Read, Write},
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixStream,
    },
    panic::{self, PanicHookInfo},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle, ThreadId},
    time::Duration,
};

use chimera_domain::Safe;
use crossterm::{
    QueueableCommand, cursor,
    event::{DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange},
    style::Print,
    terminal as term,
};
use ratatui::{
    Frame, Terminal, TerminalOptions, Viewport, backend::Backend, buffer::Buffer, layout::Rect,
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::{
    ansi::Ansi,
    app::Stopwatch,
    event::{Event, Size},
    inbox::Inbox,
    input::{Input, Parser},
    settings::{Error, is_multiplexed},
    writer::Writer,
};

/// Whether the screen is ours. Read by the panic hook.
static OURS: AtomicBool = AtomicBool::new(false);
/// How long leaving waits for a slow line: within the 200 ms a dropped line has.
const LEAVE_PATIENCE: Duration = Duration::from_millis(120);
/// How long the rest of an escape sequence may take on a slow line.
const ESCAPE_PATIENCE: i64 = 80_000_000;

fn failed(doing: &'static str) -> impl Fn(io::Error) -> Error {
    move |source| Error::Terminal { doing, source }
}

/// Says why there can be no console here, before anything is touched.
pub(crate) fn check(kind: &str) -> Result<(), Error> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Error::NoTerminal {
            why: "standard input or output is not one",
        });
    }
    if kind == "dumb" {
        return Err(Error::NoTerminal {
            why: "TERM=dumb cannot move the cursor",
        });
    }
    Ok(())
}

/// The size now; a terminal that does not tell has the classic one.
pub(crate) fn size() -> Size {
    let (columns, rows) = term::size().unwrap_or((80, 24));
    Size::new(columns, rows)
}

/// How many pixels a cell has, where the terminal tells.
pub(crate) fn cell() -> Option<(usize, usize)> {
    let size = term::window_size().ok()?;
    let part = |pixels: u16, cells: u16| pixels.checked_div(cells).map(usize::from);
    Some((
        part(size.width, size.columns)?,
        part(size.height, size.rows)?,
    ))
}

pub(crate) fn enter_bytes() -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    out.queue(Print("\x1b[22;0t"))? // keep the title
        .queue(term::EnterAlternateScreen)?
        .queue(EnableBracketedPaste)?
        .queue(EnableFocusChange)?
        .queue(cursor::Hide)?
        .queue(term::Clear(term::ClearType::All))?;
    Ok(out)
}

/// Presses and the wheel, in numbers; never motion.
pub(crate) const fn mouse_bytes(on: bool) -> &'static [u8] {
    if on {
        b"\x1b[?1000h\x1b[?1006h"
    } else {
        b"\x1b[?1006l\x1b[?1000l"
    }
}

fn leave_bytes() -> io::Result<Vec<u8>> {
    let mut out = mouse_bytes(false).to_vec();
    out.queue(term::EndSynchronizedUpdate)?
        .queue(crossterm::style::ResetColor)?
        .queue(DisableFocusChange)?
        .queue(DisableBracketedPaste)?
        .queue(cursor::Show)?
        .queue(term::LeaveAlternateScreen)?
        .queue(Print("\x1b[23;0t"))?; // the title from before
    Ok(out)
}

/// Where standard error went before the screen was ours.
static STDERR: Mutex<Option<OwnedFd>> = Mutex::new(None);

/// Sends standard error to the log: a child or a library that complains would draw on the screen.
fn divert_stderr(log: &Path) {
    let mut kept = STDERR.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.is_some() || !io::stderr().is_terminal() {
        return;
    }
    let open = |path: &Path| File::options().append(true).create(true).open(path);
    let target = open(log).or_else(|_| open(Path::new("/dev/null")));
    if let (Ok(target), Ok(before)) = (target, io::stderr().as_fd().try_clone_to_owned())
        && rustix::stdio::dup2_stderr(&target).is_ok()
    {
        *kept = Some(before);
    }
}

fn return_stderr() {
    let kept = STDERR.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(before) = kept {
        // A terminal that is gone takes no complaints either.
        let _gone = rustix::stdio::dup2_stderr(&before);
    }
}

/// Turns drawings into the bytes of one frame.
#[derive(Debug)]
pub(crate) struct Painter {
    /// Its own buffers stay empty: what differs is found by [`Ansi`], once.
    terminal: Terminal<Ansi>,
    before: Buffer,
    /// What the next drawing is made in.
    blank: Buffer,
    colours: bool,
    title: String,
}

impl Painter {
    pub(crate) fn new(size: Size, colours: bool) -> io::Result<Self> {
        let area = Rect::new(0, 0, size.width, size.height);
        let viewport = Viewport::Fixed(area);
        let ansi = Ansi::new(size, colours);
        let mut terminal = Terminal::with_options(ansi, TerminalOptions { viewport })?;
        for _ in 0..2 {
            terminal.current_buffer_mut().resize(Rect::ZERO);
            terminal.swap_buffers();
        }
        Ok(Self {
            terminal,
            before: Buffer::empty(area),
            blank: Buffer::empty(area),
            colours,
            title: String::new(),
        })
    }

    /// Forgets what is on the screen: the next frame draws everything.
    pub(crate) fn reset(&mut self, size: Size) -> io::Result<()> {
        *self = Self::new(size, self.colours)?;
        self.terminal.backend_mut().clear()
    }

    /// The bytes that bring the screen to this drawing: one synchronized update, or nothing at all.
    pub(crate) fn paint(
        &mut self,
        title: &Safe,
        extra: &[u8],
        draw: impl FnOnce(&mut Frame<'_>),
    ) -> io::Result<Vec<u8>> {
        let drawn = &mut self.blank;
        self.terminal.draw(|frame| {
            std::mem::swap(frame.buffer_mut(), drawn);
            draw(frame);
            std::mem::swap(frame.buffer_mut(), drawn);
        })?;
        let ansi = self.terminal.backend_mut();
        ansi.frame(&self.before, &self.blank)?;
        std::mem::swap(&mut self.before, &mut self.blank);
        self.blank.reset();
        let mut cells = ansi.take();
        if self.title != title.as_str() {
            self.title = title.as_str().to_owned();
            cells.queue(term::SetTitle(&self.title))?;
        }
        cells.extend_from_slice(extra);
        if cells.is_empty() {
            return Ok(cells);
        }
        let mut out = Vec::with_capacity(cells.len() + 16);
        out.queue(term::BeginSynchronizedUpdate)?;
        out.extend_from_slice(&cells);
        out.queue(term::EndSynchronizedUpdate)?;
        Ok(out)
    }
}

/// The bytes that put text on the operator's clipboard, as far as his terminal allows.
pub(crate) fn clipboard_bytes(text: &Safe) -> Vec<u8> {
    let mut out = Vec::new();
    let copy = crossterm::clipboard::CopyToClipboard::to_clipboard_from(text.as_str());
    match out.queue(copy) {
        Ok(_) => out,
        Err(_) => Vec::new(),
    }
}

/// Bytes that are drawn from a place on; the cursor and its pen come back to where they were.
pub(crate) fn at((x, y): (u16, u16), bytes: &[u8]) -> Vec<u8> {
    let (row, column) = (u32::from(y) + 1, u32::from(x) + 1);
    let mut out = format!("\x1b7\x1b[{row};{column}H").into_bytes();
    out.extend_from_slice(bytes);
    out.extend_from_slice(b"\x1b8");
    out
}

/// The bell.
pub(crate) const BELL: &[u8] = b"\x07";

/// The bytes that ask the terminal for a notice on the desktop. Those inside of a multiplexer ring the bell, which it
/// passes on: a notice it would swallow.
pub(crate) fn notice_bytes(term: &str, text: &Safe) -> Vec<u8> {
    if is_multiplexed(term) {
        return BELL.to_vec();
    }
    let notice = if ["rxvt", "foot"].iter().any(|name| term.starts_with(name)) {
        format!("\x1b]777;notify;chimera;{text}\x1b\\")
    } else {
        format!("\x1b]9;chimera: {text}\x1b\\")
    };
    notice.into_bytes()
}

type Hook = Arc<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

/// The thread that reads keys. It ends when its line is dropped.
struct Reader {
    line: UnixStream,
    thread: JoinHandle<()>,
}

/// The screen while it is ours. Gives it back when dropped.
pub(crate) struct Screen {
    pub(crate) writer: Writer,
    reader: Option<Reader>,
    hook: Option<Hook>,
    log: PathBuf,
}

impl Screen {
    /// Takes the screen over and starts its threads.
    pub(crate) fn enter(inbox: &Arc<Inbox>, watch: Stopwatch, log: &Path) -> Result<Self, Error> {
        let out = io::stdout()
            .as_fd()
            .try_clone_to_owned()
            .map_err(failed("open"))?;
        let writer = Writer::start(File::from(out), inbox.clone(), watch)
            .map_err(failed("start writing to"))?;
        let mut screen = Self {
            writer,
            reader: None,
            hook: None,
            log: log.to_owned(),
        };
        screen.hook = Some(install_hook(inbox.clone()));
        screen.take_over()?;
        screen.reader = Some(start_reader(inbox.clone(), watch).map_err(failed("read"))?);
        Ok(screen)
    }

    /// Raw mode, alternate screen, bracketed paste, focus events.
    pub(crate) fn take_over(&self) -> Result<(), Error> {
        term::enable_raw_mode().map_err(failed("set up"))?;
        OURS.store(true, Ordering::SeqCst);
        divert_stderr(&self.log);
        self.writer
            .send(0, enter_bytes().map_err(failed("set up"))?);
        Ok(())
    }

    /// Gives the terminal to another program; nothing of ours reads from it until it is back.
    pub(crate) fn lend(&mut self) {
        if let Some(Reader { line, thread }) = self.reader.take() {
            drop(line);
            let _ended = thread.join();
        }
        self.give_back();
    }

    /// The other program has ended.
    pub(crate) fn reclaim(&mut self, inbox: &Arc<Inbox>, watch: Stopwatch) -> Result<(), Error> {
        self.take_over()?;
        self.reader = Some(start_reader(inbox.clone(), watch).map_err(failed("read"))?);
        Ok(())
    }

    /// The same list in reverse. Does not wait long for a line that takes nothing.
    pub(crate) fn give_back(&self) {
        if !OURS.swap(false, Ordering::SeqCst) {
            return;
        }
        if self.writer.wait_idle(LEAVE_PATIENCE / 2) {
            if let Ok(bytes) = leave_bytes() {
                self.writer.send(0, bytes);
            }
            self.writer.wait_idle(LEAVE_PATIENCE / 2);
        }
        // Without a terminal there is nothing to restore, so a refusal tells nothing new.
        let _gone = term::disable_raw_mode();
        return_stderr();
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.give_back();
        self.reader = None; // the reader sees its line closed and ends
        self.writer.close();
        if let Some(before) = self.hook.take()
            && !thread::panicking()
        {
            panic::set_hook(Box::new(move |info| before(info)));
        }
    }
}

/// A panic of this thread first gives the terminal back; one of any other thread is logged and told,
/// because its text would land in the middle of the screen.
fn install_hook(inbox: Arc<Inbox>) -> Hook {
    let before: Hook = Arc::from(panic::take_hook());
    let after = before.clone();
    let ui: ThreadId = thread::current().id();
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() != ui && OURS.load(Ordering::SeqCst) {
            let text = Safe::line(&info.to_string());
            tracing::error!(panic = %text, "a thread panicked");
            inbox.push(Event::Panicked(text));
            return;
        }
        if OURS.swap(false, Ordering::SeqCst) {
            if let Ok(bytes) = leave_bytes() {
                let mut out = io::stdout();
                let _gone = out.write_all(&bytes).and_then(|()| out.flush());
            }
            let _gone = term::disable_raw_mode();
            return_stderr();
        }
        before(info);
    }));
    after
}

/// Reads the terminal until it is gone or the other end of the returned line is dropped.
fn start_reader(inbox: Arc<Inbox>, watch: Stopwatch) -> io::Result<Reader> {
    let (near, far) = UnixStream::pair()?;
    let keys = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let thread = thread::Builder::new()
        .name("console-input".into())
        .spawn(move || read_keys(keys, &far, &inbox, watch))?;
    Ok(Reader { line: near, thread })
}

fn read_keys(mut keys: File, stop: &UnixStream, inbox: &Inbox, watch: Stopwatch) {
    let mut parser = Parser::default();
    let mut bytes = [0; 4096];
    let mut read = 0;
    loop {
        let patience = parser.is_waiting().then_some(Timespec {
            tv_sec: 0,
            tv_nsec: ESCAPE_PATIENCE,
        });
        let ready = {
            let mut fds = [
                PollFd::new(&keys, PollFlags::IN),
                PollFd::new(stop, PollFlags::IN),
            ];
            match poll(&mut fds, patience.as_ref()) {
                Ok(0) => None,
                Ok(_) if !fds[1].revents().is_empty() => return,
                Ok(_) => Some(fds[0].revents()),
                Err(rustix::io::Errno::INTR) => continue,
                Err(_) => return,
            }
        };
        read += 1;
        let inputs = match ready {
            None => parser.settle().into_iter().collect(),
            // A line that is gone is reported by the hang-up signal; here it only ends the reading.
            Some(flags) if flags.intersects(PollFlags::HUP | PollFlags::ERR) => return,
            Some(_) => match keys.read(&mut bytes) {
                Ok(0) => return,
                Ok(n) => parser.feed(&bytes[..n]),
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock
                    ) =>
                {
                    continue;
                }
                Err(_) => return,
            },
        };
        let at = watch.now();
        let alone = inputs.len() == 1;
        for input in inputs {
            let event = match input {
                Input::Key(key) => Event::Key {
                    key,
                    read,
                    alone,
                    at,
                },
                Input::Paste(text) => Event::Paste(text),
                Input::Focus(focused) => Event::Focus(focused),
                Input::Mouse(mouse) => Event::Mouse(mouse),
            };
            if !inbox.push(event) {
                return;
            }
        }
    }
}
