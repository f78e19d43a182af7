//! `chimera eval writing`: every line written about by every persona, through the tool that the swarm asks.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    sync::Arc,
};

use chimera_domain::{
    Safe, ToolError,
    ids::TraceId,
    persona::Persona,
    ports::{ToolCall, ToolCaller},
};
use chimera_mcp::Hub;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{cannot_write, labelled::Labels, personas};
use crate::{
    cli::WritingArgs,
    clock,
    compose::{self, Servers},
    fault::{Fault, chain},
    out,
};

/// So many posts before one are looked at for the same structure.
const BEFORE: usize = 10;

/// What the tool answers, as far as it is told here.
#[derive(Debug, Deserialize)]
struct Written {
    text: String,
    pattern: String,
    structure: String,
    confidence: f64,
    #[serde(default)]
    alternatives: Vec<Alternative>,
}

#[derive(Debug, Deserialize)]
struct Alternative {
    text: String,
    structure: String,
    confidence: f64,
}

/// One line of the file.
struct Item<'r> {
    title: &'r str,
    summary: &'r str,
    link: &'r str,
    source: &'r str,
}

/// What became of all lines for one persona.
#[derive(Default)]
struct Tally {
    written: usize,
    refused: usize,
    /// Below 0.70, from there, from 0.90.
    bands: [usize; 3],
    patterns: BTreeMap<String, usize>,
    structures: Vec<String>,
    /// The structures with the persona's phrases in them.
    skeletons: Vec<String>,
}

pub(super) fn run(args: &WritingArgs, home: Option<&Path>, json: bool) -> Result<(), Fault> {
    let labels = Labels::read(&args.data)?;
    let (from, mut all) = personas(args.personas.as_deref(), home)?;
    if !args.persona.is_empty() {
        all.retain(|persona| args.persona.contains(&persona.slug));
    }
    if all.is_empty() {
        return Err(Fault::NotFound(format!(
            "there is no such persona in {}",
            from.display()
        )));
    }
    let mut items = Vec::with_capacity(labels.rows.len());
    for row in &labels.rows {
        let field = |names: &[&str]| names.iter().find_map(|name| row.text(name)).unwrap_or("");
        items.push(Item {
            title: row
                .text("headline")
                .map_or_else(|| labels.text(row, "title"), Ok)?,
            summary: field(&["summary"]),
            link: field(&["link", "url"]),
            source: field(&["source"]),
        });
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::failed("cannot start the runtime", &error))?;
    runtime.block_on(async {
        let ambient = clock::system();
        // Writing posts nothing; the stand-in platform only wants a place of its own.
        let aside = tempfile::tempdir()
            .map_err(|error| Fault::failed("cannot make a temporary directory", &error))?;
        let servers = Servers {
            feeds: &[],
            journal: &aside.path().join("platform.jsonl"),
            ambient: &ambient,
        };
        let hub = compose::hub(&servers, &[], Vec::new())?;
        let mut told = Vec::new();
        let mut posts = args.posts.as_deref().map(Posts::open).transpose()?;
        for persona in &all {
            let tally = write(&hub, persona, &items, args, posts.as_mut(), json).await?;
            told.push(tally.print(persona, json));
        }
        posts.map_or(Ok(()), Posts::end)?;
        hub.shutdown().await;
        if json {
            out::json(&json!({"what": "writing", "lines": items.len(), "personas": told}));
        }
        Ok(())
    })
}

async fn write(
    hub: &Arc<Hub>,
    persona: &Persona,
    items: &[Item<'_>],
    args: &WritingArgs,
    mut posts: Option<&mut Posts>,
    json: bool,
) -> Result<Tally, Fault> {
    let mut tally = Tally::default();
    let show = usize::try_from(args.show).unwrap_or(0);
    let every = items.len().checked_div(show).unwrap_or(0).max(1);
    for (at, item) in items.iter().enumerate() {
        let call = ToolCall {
            server: "studio".to_owned(),
            tool: "generate_text".to_owned(),
            arguments: brief(persona, item, args, &tally.structures),
            deadline: None,
            trace_id: TraceId::from_uuid(uuid::Uuid::nil()),
        };
        let written: Written = match hub.call(call).await {
            Ok(reply) => serde_json::from_value(reply.structured)
                .map_err(|error| Fault::failed("the studio answered with another shape", &error))?,
            Err(ToolError::Refused { .. }) => {
                tally.refused += 1;
                continue;
            }
            Err(error) => return Err(Fault::Failed(chain(&error))),
        };
        if !json && at % every == 0 && at / every < show {
            out::line(format!(
                "── {} · {} · {} · {:.3}",
                persona.slug, written.pattern, written.structure, written.confidence
            ));
            out::line(format!("   {}", Safe::line(item.title).as_str()));
            out::line(Safe::block(&written.text).as_str());
            for other in &written.alternatives {
                out::line(format!(
                    "   or · {} · {:.3}",
                    other.structure, other.confidence
                ));
                out::line(Safe::block(&other.text).as_str());
            }
            out::line("");
        }
        if let Some(posts) = &mut posts {
            posts.write(persona, item, &written, args)?;
        }
        tally.count(persona, written);
    }
    Ok(tally)
}

/// The posts as `chimera eval confidence` reads them.
struct Posts {
    file: String,
    out: BufWriter<File>,
}

impl Posts {
    fn open(path: &Path) -> Result<Self, Fault> {
        let file = path.display().to_string();
        let out = File::create(path).map_err(|error| cannot_write(&file, &error))?;
        Ok(Self {
            file,
            out: BufWriter::new(out),
        })
    }

    fn write(
        &mut self,
        persona: &Persona,
        item: &Item<'_>,
        written: &Written,
        args: &WritingArgs,
    ) -> Result<(), Fault> {
        let line = json!({
            "text": written.text, "title": item.title, "summary": item.summary, "source": item.source, "link": item.link,
            "platform": args.channel, "persona": persona.slug, "worker": written.confidence,
        });
        writeln!(self.out, "{line}").map_err(|error| cannot_write(&self.file, &error))
    }

    fn end(mut self) -> Result<(), Fault> {
        self.out
            .flush()
            .map_err(|error| cannot_write(&self.file, &error))
    }
}

/// The brief as the skill writes it, with the structures of the last posts when they are to be remembered.
fn brief(persona: &Persona, item: &Item<'_>, args: &WritingArgs, used: &[String]) -> Value {
    let remembered = usize::try_from(args.remember).unwrap_or(0);
    let used: Vec<&String> = used.iter().rev().take(remembered).collect();
    let topics: Vec<Value> = persona
        .topics
        .iter()
        .map(|topic| json!({"name": topic.name, "keywords": topic.keywords}))
        .collect();
    json!({
        "persona": {
            "name": persona.name, "voice_traits": persona.voice_traits, "language": persona.language,
            "openers": persona.openers, "closers": persona.closers, "hashtags": persona.hashtags, "topics": topics,
        },
        "trend": {"title": item.title, "summary": item.summary, "link": item.link, "source": item.source},
        "constraints": {
            "platform": args.channel, "graphemes_max": args.channel.graphemes_max(), "disclosure": persona.disclosure,
        },
        "variants": args.variants, "avoid": used,
        "character_reference_id": persona.character_reference_id.clone().unwrap_or_else(|| persona.slug.clone()),
        "idempotency_key": "eval",
    })
}

impl Tally {
    fn count(&mut self, persona: &Persona, written: Written) {
        self.written += 1;
        let band = match written.confidence {
            low if low < 0.7 => 0,
            middle if middle < 0.9 => 1,
            _ => 2,
        };
        if let Some(count) = self.bands.get_mut(band) {
            *count += 1;
        }
        let own = persona.openers.iter().chain(&persona.closers);
        let own: Vec<&str> = own
            .map(String::as_str)
            .filter(|phrase| written.text.contains(phrase))
            .collect();
        self.skeletons
            .push(format!("{} {}", written.structure, own.join(" / ")));
        self.structures.push(written.structure);
        *self.patterns.entry(written.pattern).or_default() += 1;
    }

    fn print(&self, persona: &Persona, json: bool) -> Value {
        let shares = json!({
            "structure_of_the_one_before": again(&self.structures, 1),
            "structure_of_ten_before": again(&self.structures, BEFORE),
            "skeleton_of_the_one_before": again(&self.skeletons, 1),
            "skeleton_of_ten_before": again(&self.skeletons, BEFORE),
        });
        let [low, middle, high] = self.bands;
        if !json {
            out::line(format!(
                "{}: {} written, {} refused; confidence below 0.70: {low}, from there: {middle}, from 0.90: {high}",
                persona.slug, self.written, self.refused
            ));
            let patterns: Vec<String> = self
                .patterns
                .iter()
                .map(|(name, count)| format!("{name} {count}"))
                .collect();
            out::line(format!("  {}", patterns.join(", ")));
            out::line(format!(
                "  same structure as the one before {}, as one of the {BEFORE} before {}; with the persona's phrases {}, {}",
                shares["structure_of_the_one_before"],
                shares["structure_of_ten_before"],
                shares["skeleton_of_the_one_before"],
                shares["skeleton_of_ten_before"],
            ));
        }
        json!({"persona": persona.slug, "written": self.written, "refused": self.refused,
            "below_070": low, "from_070": middle, "from_090": high, "patterns": self.patterns, "shares": shares})
    }
}

/// The share, in percent, that equals one of so many before it.
fn again(all: &[String], before: usize) -> usize {
    let equal = all
        .iter()
        .enumerate()
        .filter(|(at, one)| {
            all.iter()
                .take(*at)
                .rev()
                .take(before)
                .any(|earlier| earlier == *one)
        })
        .count();
    (equal * 100).checked_div(all.len()).unwrap_or(0)
}
