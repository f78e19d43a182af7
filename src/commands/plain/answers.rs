//! Where answers come from: a pipe, or a terminal whose lines count only when they were typed after the question.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, IsTerminal, Read, Write},
    os::fd::AsFd,
    sync::{Arc, Mutex, PoisonError},
};

use chimera_domain::Safe;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::{fault::Fault, out};

/// No answer is longer; what is beyond is no answer.
const LINE_BYTES_MAX: u64 = 4_096;

enum Input {
    /// Lines in order: whoever writes them has made up his mind.
    Pipe(BufReader<File>),
    /// A line at a time, read without a buffer of our own, so that what waits can be told from what is typed.
    Terminal(File),
}

/// Reads answers on a thread that may block.
#[derive(Clone)]
pub(super) struct Answers(Arc<Mutex<Input>>);

impl Answers {
    pub(super) fn from_standard_input() -> Result<Self, Fault> {
        let failed = |error: io::Error| Fault::failed("cannot read standard input", &error);
        let file = File::from(io::stdin().as_fd().try_clone_to_owned().map_err(failed)?);
        let input = if file.is_terminal() {
            Input::Terminal(file)
        } else {
            Input::Pipe(BufReader::new(file))
        };
        Ok(Self(Arc::new(Mutex::new(input))))
    }

    /// Asks, and waits for a line; `None` when there are no more.
    pub(super) async fn next(&self, question: &str) -> Result<Option<String>, Fault> {
        let ignored = self.ignore_what_waits()?;
        if ignored > 0 {
            out::line(format!(
                "{ignored} lines were typed before the question; they decide nothing."
            ));
        }
        out::line(question);
        // A pipe or a screen reader gets the question before it is waited for.
        let flushed = io::stdout().flush();
        flushed.map_err(|error| Fault::failed("cannot write", &error))?;
        let input = self.0.clone();
        let read = tokio::task::spawn_blocking(move || {
            read_line(&mut input.lock().unwrap_or_else(PoisonError::into_inner))
        });
        let line = read
            .await
            .map_err(|error| Fault::failed("cannot read an answer", &error))?;
        line.map_err(|error| Fault::failed("cannot read an answer", &error))
    }

    /// Nobody may decide on what he has not seen: lines that were typed ahead are thrown away.
    fn ignore_what_waits(&self) -> Result<usize, Fault> {
        let mut input = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Input::Terminal(file) = &mut *input else {
            return Ok(0);
        };
        let mut ignored = 0;
        while waits(file) {
            let mut line = [0; 4_096];
            match file.read(&mut line) {
                Ok(0) | Err(_) => break,
                Ok(_) => ignored += 1,
            }
        }
        Ok(ignored)
    }
}

fn waits(file: &File) -> bool {
    let at_once = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let mut fds = [PollFd::new(file, PollFlags::IN)];
    poll(&mut fds, Some(&at_once)).is_ok_and(|n| n > 0) && fds[0].revents().contains(PollFlags::IN)
}

/// One line without its end, as bytes that are text; `None` at the end.
fn read_line(input: &mut Input) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    match input {
        Input::Pipe(pipe) => {
            pipe.take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes)?;
        }
        Input::Terminal(file) => {
            bytes.resize(4_096, 0);
            let n = file.read(&mut bytes)?;
            bytes.truncate(n);
        }
    }
    // The last line of a pipe that broke off may be the first half of another answer.
    if !bytes.ends_with(b"\n") {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(&bytes);
    Ok(Some(Safe::line(text.trim()).as_str().to_owned()))
}
