//! What the console remembers of a database: the place, the filters, the orders and columns, the marks, what was
//! named and run, and the note that was left.
//!
//! A small JSON file in the home, written beside the draw path and whole or not at all. One that cannot be read,
//! or that a newer program wrote, is set aside with a word, and the console begins as on the first day.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use chimera_domain::{Span, views::Order};
use serde::{Deserialize, Serialize};

use crate::{
    model::{Focus, Model, Pane, messages::add, note::Left, overlay::Overlay},
    view,
};

/// The shape of the file; a higher one is of a newer program.
const VERSION: u32 = 1;
/// A longer file is not one of ours.
const BYTES_MAX: u64 = 1 << 20;
/// It is written at most this often.
const EVERY: Span = Span::from_secs(3);
/// How many filters of a screen can be named.
pub(crate) const SAVED_MAX: usize = 50;

/// A filter with a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Saved {
    pub(crate) name: String,
    pub(crate) filter: String,
}

/// Everything that is remembered. Screens and actions stand by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Remembered {
    version: u32,
    screen: String,
    detail: bool,
    zoom: bool,
    /// By screen.
    filters: BTreeMap<String, String>,
    saved: BTreeMap<String, Vec<Saved>>,
    selected: BTreeMap<String, String>,
    /// Orders in their text form, and columns that are shown or hidden otherwise than usual.
    orders: BTreeMap<String, String>,
    columns: BTreeMap<String, Vec<String>>,
    marked: BTreeMap<String, Vec<String>>,
    history: Vec<String>,
    /// A hand-over note for whoever comes next.
    left: Option<Left>,
}

#[derive(Deserialize)]
struct Head {
    version: u32,
}

impl Remembered {
    fn of(model: &Model) -> Self {
        let mut now = Self {
            version: VERSION,
            screen: model.focus.pane.name().to_owned(),
            detail: model.focus.detail,
            zoom: model.zoom,
            history: model.history.clone(),
            left: model.left.clone(),
            ..Self::default()
        };
        for pane in Pane::ALL {
            let (name, list) = (pane.name().to_owned(), model.list(pane));
            if !list.filter().is_empty() {
                now.filters.insert(name.clone(), list.filter().to_owned());
            }
            if let Some(id) = list.kept_id() {
                now.selected.insert(name.clone(), id);
            }
            if let Some(order) = list.order() {
                now.orders.insert(name.clone(), order.to_string());
            }
            if let Some(switched) = model.switched.get(&pane).filter(|all| !all.is_empty()) {
                let names = switched.iter().map(|name| (*name).to_owned());
                now.columns.insert(name.clone(), names.collect());
            }
            if !list.marked().is_empty() {
                now.marked.insert(name.clone(), list.marked().ids());
            }
            if let Some(saved) = model.saved.get(&pane).filter(|saved| !saved.is_empty()) {
                now.saved.insert(name, saved.clone());
            }
        }
        now
    }

    /// Puts a console that begins where it was. What is not there any more is passed over.
    pub(crate) fn restore(self, model: &mut Model) {
        for pane in Pane::ALL {
            let list = model.list_mut(pane);
            if let Some(filter) = self.filters.get(pane.name()) {
                list.set_filter(filter);
            }
            if let Some(id) = self.selected.get(pane.name()) {
                list.seek(id);
            }
            let order = self.orders.get(pane.name());
            let order = order.and_then(|order| order.parse::<Order>().ok());
            if order.is_some_and(|order| pane.orders().contains(&order.by)) {
                list.set_order(order);
            }
            for id in self.marked.get(pane.name()).into_iter().flatten() {
                list.marked_mut().add(id.clone());
            }
            if let Some(names) = self.columns.get(pane.name()) {
                let known = view::columns(pane).into_iter().map(|column| column.name);
                let known = known.filter(|known| names.iter().any(|name| name == known));
                model.switched.insert(pane, known.collect());
            }
            if let Some(saved) = self.saved.get(pane.name()) {
                let few = saved.iter().take(SAVED_MAX).cloned();
                model.saved.insert(pane, few.collect());
            }
        }
        if let Some(pane) = Pane::ALL
            .into_iter()
            .find(|p| p.name() == self.screen && *p != Pane::Trace)
        {
            model.focus = Focus {
                pane,
                detail: self.detail,
            };
        }
        model.zoom = self.zoom;
        model.history.clone_from(&self.history);
        let actor = &model.settings.actor;
        let note = self.left.as_ref().and_then(|left| left.for_person(actor));
        if let Some(note) = note {
            model.overlay = Some(Overlay::Handover { note, scroll: 0 });
        }
        model.left.clone_from(&self.left);
        model.remembered = Self::of(model);
    }
}

/// After every event: plans to write down what changed.
pub(crate) fn note(model: &mut Model) {
    if model.settings.state_file.is_none() {
        return;
    }
    let now = Remembered::of(model);
    if now != model.remembered {
        model.remembered = now;
        let at = add(model.mono, EVERY);
        model.remember_at.get_or_insert(at);
    }
}

/// What is to be written, when it is time or when the console ends.
pub(crate) fn due(model: &mut Model, at_the_end: bool) -> Option<(PathBuf, String)> {
    let at = model.remember_at?;
    if !at_the_end && at > model.mono {
        return None;
    }
    model.remember_at = None;
    let text = serde_json::to_string_pretty(&model.remembered).ok()?;
    Some((model.settings.state_file.clone()?, text))
}

/// Reads what was remembered. `Ok(None)` where nothing was; else what was wrong, and where the file is now.
pub(crate) fn read(path: &Path) -> Result<Option<Remembered>, String> {
    let mut text = String::new();
    let why = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("{} cannot be read: {error}", path.display())),
        Ok(file) => match file.take(BYTES_MAX).read_to_string(&mut text) {
            Err(error) => error.to_string(),
            Ok(_) => match serde_json::from_str::<Head>(&text) {
                Ok(head) if head.version > VERSION => "a newer program wrote it".to_owned(),
                Ok(_) => match serde_json::from_str(&text) {
                    Ok(remembered) => return Ok(Some(remembered)),
                    Err(error) => error.to_string(),
                },
                Err(error) => error.to_string(),
            },
        },
    };
    let aside = path.with_extension("json.aside");
    let moved = fs::rename(path, &aside);
    let place = match moved {
        Ok(()) => format!("it is {} now", aside.display()),
        Err(error) => format!("it could not be set aside: {error}"),
    };
    Err(format!("the place was not remembered, {why}; {place}"))
}

/// Writes it whole or not at all.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    let draft = path.with_extension(format!("json.{}.new", std::process::id()));
    let written = (|| {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, path)
    })();
    if written.is_err() {
        // Nothing depends on the draft; what failed is told.
        let _ = fs::remove_file(&draft);
    }
    written
}
