//! Signals become events, so that the model decides what they mean.

use std::{sync::Arc, thread};

use signal_hook::{
    consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH},
    iterator::{Handle, Signals},
};

use crate::{
    event::{Event, Signal},
    inbox::Inbox,
};

/// Listens until the handle is closed. A stop from outside is taken only when the swarm runs
/// elsewhere: here it would let every lease run out.
pub(crate) fn listen(inbox: Arc<Inbox>, attached: bool) -> std::io::Result<Handle> {
    let mut signals = Signals::new([SIGHUP, SIGTERM, SIGINT, SIGWINCH, SIGCONT])?;
    let handle = signals.handle();
    if attached {
        handle.add_signal(SIGTSTP)?;
    }
    thread::Builder::new()
        .name("console-signals".into())
        .spawn(move || {
            for signal in signals.forever() {
                let signal = match signal {
                    SIGHUP => Signal::Hangup,
                    SIGTERM => Signal::Terminate,
                    SIGINT => Signal::Interrupt,
                    SIGTSTP => Signal::Suspend,
                    _ => Signal::Resized,
                };
                if !inbox.push(Event::Signal(signal)) {
                    break;
                }
            }
        })?;
    Ok(handle)
}
