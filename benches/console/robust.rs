//! What a terminal does to a program: leaving in every way, odd sizes, no colours, no terminal.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    process,
    pty::{Console, PATIENCE, Start},
};

/// A console whose line dropped has so long.
const DROPPED: Duration = Duration::from_millis(200);
/// The operating system takes this long to start `kill` and the like.
const GRACE: Duration = Duration::from_millis(300);

/// One thing that can happen, and whether the console stood it.
pub(crate) type Check = (&'static str, Result<(), String>);

pub(crate) struct Bench<'a> {
    pub(crate) program: &'a Path,
    pub(crate) home: &'a str,
    /// What is on screen when a card is.
    pub(crate) card: &'static str,
}

impl Bench<'_> {
    fn open(&self, columns: u16, rows: u16, env: &[(&str, &str)], tape: bool) -> Console {
        Console::open(&Start {
            program: self.program,
            args: &["--attach", "--home", self.home],
            env,
            columns,
            rows,
            tape,
        })
    }

    fn ready(&self, env: &[(&str, &str)], tape: bool) -> Result<Console, String> {
        let console = self.open(120, 40, env, tape);
        console.shows(self.card).ok_or("no card came")?;
        Ok(console)
    }

    pub(crate) fn all(&self) -> Vec<Check> {
        vec![
            ("quit", self.quit()),
            ("sigterm", self.signal("-TERM")),
            ("sighup", self.signal("-HUP")),
            ("dropped_line", self.dropped_line()),
            ("size_20x5", self.size(20, 5)),
            ("size_3x2", self.size(3, 2)),
            ("size_1x1", self.size(1, 1)),
            ("resize_storm", self.resize_storm()),
            ("ctrl_z", self.suspend()),
            ("no_color", self.no_color()),
            ("no_terminal", self.no_terminal()),
            ("term_dumb", self.dumb()),
        ]
    }

    fn quit(&self) -> Result<(), String> {
        let mut console = self.ready(&[], false)?;
        console.press("q");
        ended(&mut console, 0)?;
        restored(&console)
    }

    fn signal(&self, name: &str) -> Result<(), String> {
        let mut console = self.ready(&[], false)?;
        console.signal(name);
        let (_, took) = console.ended(PATIENCE).ok_or("it goes on")?;
        if took > DROPPED + GRACE {
            return Err(format!("it took {took:?}"));
        }
        // After a hang-up there is nobody to restore anything for.
        if name == "-HUP" {
            Ok(())
        } else {
            restored(&console)
        }
    }

    /// Another process holds the terminal, and is killed with it.
    fn dropped_line(&self) -> Result<(), String> {
        let mut holder = Command::new(std::env::current_exe().unwrap())
            .args([
                "--hold".as_ref(),
                self.program.as_os_str(),
                self.home.as_ref(),
            ])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let told = BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line);
        holder.kill().unwrap();
        holder.wait().unwrap();
        told.map_err(|error| error.to_string())?;
        let pid: u32 = line.trim().parse().map_err(|_| "no console came")?;
        let begun = Instant::now();
        while begun.elapsed() < DROPPED + GRACE {
            if matches!(process::state(pid), None | Some('Z')) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let used = process::cpu(pid);
        Command::new("kill")
            .args(["-KILL", &pid.to_string()])
            .status()
            .unwrap();
        Err(format!(
            "it goes on, and has used {used:?} of the processor"
        ))
    }

    fn size(&self, columns: u16, rows: u16) -> Result<(), String> {
        let mut console = self.open(columns, rows, &[], false);
        console
            .when(PATIENCE, |seen| seen.bytes > 0)
            .ok_or("nothing was drawn")?;
        console.settle(Duration::from_millis(300));
        // Over the queue and back: nothing may panic.
        console.press("1");
        console.press("?");
        console.settle(Duration::from_millis(200));
        console.press("\x1b");
        console.settle(Duration::from_millis(200));
        console.press("q");
        ended(&mut console, 0)?;
        restored(&console)
    }

    fn resize_storm(&self) -> Result<(), String> {
        let mut console = self.ready(&[], false)?;
        for n in 0..200_u16 {
            console.resize(1 + n * 37 % 220, 1 + n * 17 % 70);
            if n % 7 == 0 {
                console.press("j");
            }
        }
        console.resize(120, 40);
        console.settle(Duration::from_millis(300));
        if !console.text().contains(self.card) {
            return Err(format!("no card after the storm:\n{}", console.text()));
        }
        console.press("q");
        ended(&mut console, 0)?;
        restored(&console)
    }

    /// From a shell with job control, as a person has it.
    fn suspend(&self) -> Result<(), String> {
        let program = self.program.to_string_lossy();
        let line = format!("{program} --attach --home {}\r", self.home);
        let mut shell = Console::open(&Start {
            program: Path::new("/bin/bash"),
            args: &["--norc", "--noprofile", "-i"],
            env: &[("PS1", "sh> ")],
            columns: 120,
            rows: 40,
            tape: false,
        });
        shell.shows("sh>").ok_or("no shell")?;
        shell.press(&line);
        shell.shows(self.card).ok_or("no card came")?;
        shell.settle(Duration::from_millis(300));
        shell.press("\x1a");
        shell.shows("Stopped").ok_or("it was not stopped")?;
        let main = shell.when(PATIENCE, |seen| !seen.screen.screen().alternate_screen());
        main.ok_or("the screen was not given back")?;
        shell.press("fg\r");
        shell
            .when(PATIENCE, |seen| {
                let screen = seen.screen.screen();
                screen.alternate_screen() && screen.contents().contains(self.card)
            })
            .ok_or("it did not come back")?;
        shell.press("q");
        shell
            .when(PATIENCE, |seen| !seen.screen.screen().alternate_screen())
            .ok_or("it did not end")?;
        Ok(())
    }

    fn no_color(&self) -> Result<(), String> {
        let mut console = self.ready(&[("NO_COLOR", "1")], true)?;
        console.press("1");
        console.settle(Duration::from_millis(300));
        let tape: Vec<u8> = {
            let seen = console.seen.0.lock().unwrap();
            let tape = seen.tape.as_ref().unwrap();
            tape.iter().flat_map(|(_, bytes)| bytes.clone()).collect()
        };
        match colours(&tape).first() {
            Some(code) => Err(format!("a colour was sent: SGR {code}")),
            None => Ok(()),
        }
    }

    fn no_terminal(&self) -> Result<(), String> {
        let out = Command::new(self.program)
            .args(["--attach", "--home", self.home])
            .env_clear()
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&out.stderr);
        let sound = out.status.code() == Some(7)
            && out.stdout.is_empty()
            && told.contains("terminal")
            && !told.contains('\x1b');
        if sound {
            Ok(())
        } else {
            Err(format!("{:?}: {told}", out.status.code()))
        }
    }

    fn dumb(&self) -> Result<(), String> {
        let mut console = self.open(80, 24, &[("TERM", "dumb")], true);
        ended(&mut console, 7)?;
        let text = console.text();
        let seen = console.seen.0.lock().unwrap();
        let escapes = seen
            .tape
            .iter()
            .flatten()
            .any(|(_, bytes)| bytes.contains(&0x1b));
        if text.contains("terminal") && !escapes {
            Ok(())
        } else {
            Err(text)
        }
    }
}

/// Holds a console in a terminal of its own until this process is killed; says which once a card is there.
pub(crate) fn hold(program: &Path, home: &str, card: &'static str) {
    let bench = Bench {
        program,
        home,
        card,
    };
    match bench.ready(&[], false) {
        Ok(console) => {
            println!("{}", console.pid());
            loop {
                std::thread::park();
            }
        }
        Err(why) => println!("{why}"),
    }
}

/// The parameters of SGR sequences that set a colour.
fn colours(bytes: &[u8]) -> Vec<u16> {
    let text = String::from_utf8_lossy(bytes);
    let mut found = Vec::new();
    for piece in text.split("\x1b[").skip(1) {
        let Some(end) = piece.find(|c: char| c.is_ascii_alphabetic()) else {
            continue;
        };
        if piece.as_bytes().get(end) == Some(&b'm') {
            let codes = piece[..end].split(';').filter_map(|code| code.parse().ok());
            found.extend(
                codes.filter(|code| matches!(code, 30..=38 | 40..=48 | 90..=97 | 100..=107)),
            );
        }
    }
    found
}

fn ended(console: &mut Console, code: u32) -> Result<(), String> {
    match console.ended(PATIENCE) {
        Some((ended, _)) if ended == code => Ok(()),
        Some((ended, _)) => Err(format!("exit code {ended}:\n{}", console.text())),
        None => Err(format!("it goes on:\n{}", console.text())),
    }
}

fn restored(console: &Console) -> Result<(), String> {
    if console.is_restored() {
        Ok(())
    } else {
        Err("the terminal was not given back as it was".to_owned())
    }
}
