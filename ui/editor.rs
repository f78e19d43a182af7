//! The operator's own editor: a file only they can read, the command they set, and what came of it.

use std::{
    fs::{self, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    process::Command,
};

use chimera_domain::Safe;

use crate::{event::Answer, settings::Settings};

/// What is read back at most: far more than any post.
const BYTES_MAX: u64 = 256 * 1024;

/// Runs the editor on a text and waits for it; the text as it was left, or why it is as it was.
pub(crate) fn run(settings: &Settings, text: &str) -> Answer<String> {
    let Some(command) = &settings.editor else {
        return Err(Safe::line("no editor is set"));
    };
    // A name of its own: a copy that a dead console left is not written over.
    let file = settings
        .scratch
        .join(format!("post-{}.txt", std::process::id()));
    let edited = through(command, &file, text);
    // It held what may never go out: gone, whatever became of the editor.
    let removed = match fs::remove_file(&file) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    };
    edited
        .and_then(|text| removed.map(|()| text))
        .map_err(|error| Safe::line(&format!("the editor `{command}`: {error}")))
}

fn through(command: &str, file: &Path, text: &str) -> io::Result<String> {
    let mut options = OpenOptions::new();
    let options = options.write(true).create_new(true).mode(0o600);
    options.open(file)?.write_all(text.as_bytes())?;
    // As a shell would: the setting may hold arguments. The name goes in as one word, whatever is in it.
    let status = Command::new("sh")
        .arg("-c")
        .arg(format!("{command} \"$1\""))
        .arg("sh")
        .arg(file)
        .status()?;
    if !status.success() {
        return Err(io::Error::other(format!("it ended with {status}")));
    }
    let mut edited = String::new();
    fs::File::open(file)?
        .take(BYTES_MAX)
        .read_to_string(&mut edited)?;
    Ok(edited)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(editor: &str) -> Settings {
        let mut settings = Settings::new("op@test:tty");
        let name = format!("chimera-editor-{}-{}", std::process::id(), editor.len());
        settings.scratch = std::env::temp_dir().join(name);
        fs::create_dir_all(&settings.scratch).unwrap();
        settings.editor = Some(editor.to_owned());
        settings
    }

    // R66: the editor's command gets the text and gives it back; nothing of it stays on the disk.
    #[test]
    fn r66_an_editor_gets_the_text_and_gives_it_back() {
        let settings = settings("sed -i s/old/new/");
        assert_eq!(run(&settings, "an old post").unwrap(), "an new post");
        assert_eq!(fs::read_dir(&settings.scratch).unwrap().count(), 0);
        fs::remove_dir(&settings.scratch).unwrap();
    }

    // R66: an editor that fails changes nothing, and says why.
    #[test]
    fn r66_an_editor_that_fails_changes_nothing() {
        let settings = settings("false");
        let why = run(&settings, "text").unwrap_err();
        assert!(why.as_str().contains("`false`"), "{why}");
        assert_eq!(fs::read_dir(&settings.scratch).unwrap().count(), 0);
        fs::remove_dir(&settings.scratch).unwrap();
    }
}
