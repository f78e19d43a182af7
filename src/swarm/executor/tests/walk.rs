//! Random walks through the one way out, on the real store and the executor alone: deciding, undoing,
//! halting, editing, answers that are lost, false or late, crashes and a person's word, in any order.
//!
//! The outside keeps its own book of what was decided and what is halted, and writes down whatever was
//! sent that its book does not allow. The whole swarm walks so in the simulation; this is its narrowest place.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use chimera_domain::{
    Ambient, ContentHash, Outcome, Span, ToolError,
    artifact::{Blob, Media, Post},
    effect::{OutgoingCall, Resolution, Settlement},
    halt::{Act, Halt, Scope},
    ports::{Store, ToolCall, ToolCaller, ToolReply, VerdictTimes},
    task::TaskState,
    ticket::{Choice, Decide, Decided, RejectClass},
    verdict::Route,
    views::{PageRequest, TicketCard},
};
use chimera_store::conformance::{self, Backend, Harness};
use serde_json::{Value, json};

use super::super::{Executor, Lanes};
use crate::{SendsMax, metered::Till, testing::policy};

const WALKS: u64 = 40;
const STEPS: u32 = 160;
const POSTS: usize = 8;
const LEASE: Span = Span::from_secs(60);
const ALL: PageRequest = PageRequest::first(200);
const TIMES: VerdictTimes = VerdictTimes {
    fuse: Span::from_secs(10),
    sla: Span::from_hours(200),
    sla_expire: Span::from_hours(400),
};

/// The same sequence for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }

    fn pick<T>(&mut self, of: Vec<T>) -> Option<T> {
        let n = u64::try_from(of.len()).ok().filter(|n| *n > 0)?;
        let at = usize::try_from(self.below(n)).unwrap_or(0);
        of.into_iter().nth(at)
    }
}

/// What the platform does with the next post: whether it takes it, and what the caller hears.
#[derive(Debug, Clone, Copy)]
enum Hears {
    Receipt,
    NoId,
    NotSent,
    Limited,
    Refused,
    Nothing,
    Garbage,
    /// It waits for ever; the process dies meanwhile.
    Silence,
}

/// What it says when it is asked for a key.
#[derive(Debug, Clone, Copy)]
enum Says {
    Truth,
    Nothing,
    Garbage,
}

#[derive(Debug)]
struct Book {
    /// Decisions that stand: the text, and the hash that was decided on.
    decided: BTreeMap<String, ContentHash>,
    halts: BTreeMap<Scope, Halt>,
    /// What the platform has, by key.
    posts: BTreeMap<String, String>,
    hears: Hears,
    takes: bool,
    says: Says,
    /// Whether its answers say that it is a stand-in.
    admits: bool,
    sends: u32,
    wrong: Vec<String>,
}

struct Outside(Mutex<Book>);

impl Outside {
    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.0.lock().unwrap()
    }

    /// Holds one call against the book.
    fn look(&self, call: &ToolCall) {
        let mut book = self.book();
        book.sends += 1;
        let sent = sent(call);
        let (text, key) = (sent.post.text.clone(), word(call, "idempotency_key"));
        let mut wrong = Vec::new();
        match book.decided.get(&text) {
            None => wrong.push("without a decision that stands"),
            Some(hash) if *hash != sent.content_hash() => {
                wrong.push("in other bytes than were decided on")
            }
            Some(_) => {}
        }
        if book.halts.keys().any(|scope| scope.stops(Act::Publish)) {
            wrong.push("while it was halted");
        }
        if book.posts.contains_key(&key) {
            wrong.push("although the platform has it");
        }
        if book.posts.iter().any(|(k, t)| *k != key && *t == text) {
            wrong.push("a second time under another key");
        }
        for wrong in wrong {
            book.wrong.push(format!("{text} was sent {wrong}"));
        }
    }

    fn post(&self, key: &str, text: &str) -> Value {
        json!({"post_id": format!("p-{}", &key[..8]), "url": "", "text_sha256": ContentHash::of_bytes(text.as_bytes()).to_string()})
    }
}

fn word(call: &ToolCall, field: &str) -> String {
    call.arguments[field].as_str().unwrap().to_owned()
}

/// What a call on the wire really carries, read back from its arguments alone.
fn sent(call: &ToolCall) -> OutgoingCall {
    let list = |field: &str| call.arguments[field].as_array().unwrap().clone();
    let media = list("media_urls").into_iter().zip(list("alt_texts"));
    let media = media.map(|(url, alt)| {
        let url = url.as_str().unwrap().strip_prefix("data:").unwrap();
        let (mime, data) = url.split_once(";base64,").unwrap();
        let bytes = STANDARD.decode(data).unwrap();
        Media {
            sha256: ContentHash::of_bytes(&bytes),
            mime: mime.to_owned(),
            bytes: 0,
            width: 0,
            height: 0,
            alt_text: alt.as_str().unwrap().to_owned(),
            character_reference_id: String::new(),
        }
    });
    OutgoingCall {
        server: call.server.clone(),
        tool: call.tool.clone(),
        post: Post {
            channel: serde_json::from_value(call.arguments["platform"].clone()).unwrap(),
            account: word(call, "account"),
            text: word(call, "text_content"),
            media: media.collect(),
            disclosure: serde_json::from_value(call.arguments["disclosure_level"].clone()).unwrap(),
            citations: vec![],
        },
    }
}

#[async_trait]
impl ToolCaller for Outside {
    async fn call(&self, call: ToolCall) -> Result<ToolReply, ToolError> {
        let (server, tool, why) = (call.server.clone(), call.tool.clone(), "so".to_owned());
        let key = word(&call, "idempotency_key");
        let (admits, hears, takes, says) = {
            let book = self.book();
            (book.admits, book.hears, book.takes, book.says)
        };
        let reply = |structured: Value| ToolReply {
            structured,
            usage: Default::default(),
            simulated: admits,
            latency: Span::ZERO,
        };
        if call.tool == "get_post" {
            let found = self.book().posts.get(&key).cloned();
            return match (says, found) {
                (Says::Truth, Some(text)) => Ok(reply(
                    json!({"found": true, "post": self.post(&key, &text)}),
                )),
                (Says::Truth, None) => Ok(reply(json!({"found": false}))),
                (Says::Nothing, _) => Err(ToolError::Ambiguous { server, tool, why }),
                (Says::Garbage, _) => Ok(reply(json!({"ok": true}))),
            };
        }
        self.look(&call);
        let text = word(&call, "text_content");
        let takes = match hears {
            Hears::Receipt => true,
            Hears::NotSent | Hears::Limited => false,
            // Also one that says that all is well, and not what it made.
            Hears::NoId | Hears::Refused | Hears::Nothing | Hears::Garbage | Hears::Silence => {
                takes
            }
        };
        if takes {
            self.book().posts.insert(key.clone(), text.clone());
        }
        match hears {
            Hears::Receipt => Ok(reply(self.post(&key, &text))),
            Hears::NoId => Ok(reply(json!({"status": "success"}))),
            Hears::NotSent => Err(ToolError::NotSent { server, why }),
            Hears::Limited => Err(ToolError::RateLimited {
                server,
                retry_after: Some(Span::from_secs(5)),
                why,
            }),
            Hears::Refused => Err(ToolError::Refused { server, tool, why }),
            Hears::Nothing => Err(ToolError::Ambiguous { server, tool, why }),
            Hears::Garbage => Err(ToolError::Contract { server, tool, why }),
            Hears::Silence => std::future::pending().await,
        }
    }
}

/// How often what happened, so that a walk that does nothing does not pass for one that holds.
#[derive(Debug, Default)]
struct Tally {
    sends: u32,
    posts: usize,
    approved: u32,
    undone: u32,
    halted: u32,
    edited: u32,
    crashed: u32,
    resolved: u32,
    spoilt: u32,
    uncertain: usize,
}

struct Walk {
    harness: Harness,
    store: Arc<dyn Store>,
    outside: Arc<Outside>,
    executor: Executor,
    chance: Chance,
    /// Whether the platform is configured as a stand-in.
    stand_in: bool,
    pid: u32,
    edits: u32,
    /// Cards as somebody saw them some time ago.
    seen: Vec<TicketCard>,
    tally: Tally,
}

fn executor(
    store: &Arc<dyn Store>,
    outside: &Arc<Outside>,
    ambient: &Ambient,
    fence: i64,
) -> Executor {
    Executor {
        store: store.clone(),
        till: Till {
            store: store.clone(),
            tools: outside.clone(),
            policy: Arc::new(policy()),
            ambient: ambient.clone(),
        },
        ambient: ambient.clone(),
        fence,
        read_back_patience: Span::ZERO,
        lanes: Lanes::new(SendsMax::default()),
        ask_at: std::sync::atomic::AtomicI64::new(0),
    }
}

impl Walk {
    async fn begin(seed: u64) -> Self {
        let one: Mutex<Option<Arc<dyn Backend>>> = Mutex::new(None);
        let harness = Harness::new(Arc::new(move |ambient: Ambient| {
            let open = || -> Arc<dyn Backend> {
                chimera_store::open(chimera_store::Settings::memory(), ambient).unwrap()
            };
            one.lock().unwrap().get_or_insert_with(open).clone()
        }));
        let store = harness.store();
        let stand_in = seed.is_multiple_of(2);
        let outside = Arc::new(Outside(Mutex::new(Book::new(seed.is_multiple_of(3)))));
        let mut walk = Self {
            executor: executor(&store, &outside, &harness.ambient, 0),
            outside,
            store,
            chance: Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
            stand_in,
            pid: 0,
            edits: 0,
            seen: Vec::new(),
            tally: Tally::default(),
            harness,
        };
        walk.install().await;
        walk.start().await;
        let keys: Vec<String> = (0..POSTS).map(|n| format!("post {n}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        for (signal, _) in walk.harness.perceive(&keys).await {
            walk.harness.plan(&signal, walk.harness.short_plan()).await;
        }
        walk
    }

    /// The configuration as it was edited last.
    async fn install(&self) {
        let mut setup = self.harness.setup();
        if self.stand_in {
            setup.simulated_servers = vec!["twitter".to_owned()];
        }
        setup.campaigns[0].goal = format!("goal {}", self.edits);
        // Every third edit publishes as somebody else from then on.
        setup.campaigns[0].account = format!("@fae{}", self.edits / 3);
        self.store.install(&setup).await.unwrap();
        // Somebody else's account, or a fresh install, is dry until a person lets it go live.
        self.harness.go_live().await;
    }

    /// A process begins.
    async fn start(&mut self) {
        self.pid += 1;
        self.harness.clock.advance(Span::from_secs(31));
        let fence = self.harness.lease(self.pid).await.fence;
        self.store.recover(fence).await.unwrap();
        self.executor = executor(&self.store, &self.outside, &self.harness.ambient, fence);
    }

    async fn step(&mut self) {
        match self.chance.below(24) {
            0..=2 => self.work().await,
            3..=5 => self.judge().await,
            6..=8 => self.decide().await,
            9 => self.undo().await,
            10 if self.chance.below(2) == 0 => self.halt().await,
            10..=13 => self.resume().await,
            14 if self.chance.below(4) == 0 => self.edit().await,
            15 if self.chance.below(2) == 0 => self.crash().await,
            16 => self.resolve().await,
            17 => self.run_again().await,
            18 if self.chance.below(2) == 0 => self.spoil().await,
            _ => self.send().await,
        }
        let wait = self.chance.below(8_000);
        self.harness.clock.advance(Span::from_millis(wait));
    }

    async fn work(&mut self) {
        let Some(work) = self
            .store
            .claim_task(self.executor.fence, LEASE)
            .await
            .unwrap()
        else {
            return;
        };
        let mut call = conformance::call(&work.signal.unwrap().item.key);
        call.post.account = work.campaign.account;
        let mut result = conformance::submission(Some(call));
        result.blobs = vec![Blob {
            bytes: b"png".to_vec(),
            mime: "image/png".into(),
        }];
        let _ = self.store.submit_result(&work.claim, result).await.unwrap();
    }

    async fn judge(&mut self) {
        let Some(case) = self.store.next_case().await.unwrap() else {
            return;
        };
        let route = match self.chance.below(5) {
            0..=1 => Route::Approve,
            _ => Route::HitlQueue,
        };
        let hash = case.call.content_hash();
        let verdict = conformance::fixtures::verdict(route, hash);
        let judged = self
            .store
            .commit_verdict(case.task.id, case.task.version, &verdict, TIMES);
        if judged.await.unwrap().is_done() && route == Route::Approve {
            self.allow(&case.post().text, hash);
        }
    }

    fn allow(&mut self, text: &str, hash: ContentHash) {
        self.tally.approved += 1;
        self.outside.book().decided.insert(text.to_owned(), hash);
    }

    /// Decides what somebody saw, now or some time ago.
    async fn decide(&mut self) {
        let rows = self.store.review_queue(&ALL).await.unwrap().rows;
        if let Some(row) = self.chance.pick(rows) {
            self.seen
                .extend(self.store.ticket_card(row.id).await.unwrap());
        }
        let Some(card) = self.chance.pick(self.seen.clone()) else {
            return;
        };
        let choice = match self.chance.below(6) {
            0 => Choice::Reject {
                class: RejectClass::Timing,
                note: String::new(),
            },
            _ => Choice::Approve,
        };
        let decide = Decide {
            ticket_id: card.row.id,
            version: card.row.version,
            content_hash: card.content_hash,
            choice,
            actor: "ana".to_owned(),
        };
        if let Outcome::Done(Decided::Held { .. }, _) =
            self.store.decide_ticket(&decide).await.unwrap()
        {
            self.allow(card.text.as_str(), card.content_hash);
        }
    }

    /// Takes back what is held, or what somebody saw some time ago.
    async fn undo(&mut self) {
        let held = self.store.overview().await.unwrap().fuses.into_iter();
        let held = held.filter_map(|fuse| fuse.ticket_id);
        let seen = self.seen.iter().rev().take(1).map(|card| card.row.id);
        let Some(ticket) = self.chance.pick(held.chain(seen).collect()) else {
            return;
        };
        let card = self.store.ticket_card(ticket).await.unwrap().unwrap();
        let undone = self.store.undo_decision(ticket, card.row.version, "ben");
        if undone.await.unwrap().is_done() {
            self.tally.undone += 1;
            self.outside.book().decided.remove(card.text.as_str());
        }
    }

    async fn halt(&mut self) {
        let campaign = self.store.overview().await.unwrap().campaigns.remove(0);
        let scopes = vec![
            (Scope::Fleet, Halt::Pause),
            (Scope::Fleet, Halt::Kill),
            (Scope::Publishing, Halt::Pause),
            (Scope::Publishing, Halt::Kill),
            (Scope::Platform("twitter".into()), Halt::Pause),
            (Scope::Platform("twitter".into()), Halt::Kill),
            (Scope::Campaign(campaign.id), Halt::Pause),
            (Scope::Agent(campaign.agent_id), Halt::Pause),
            (Scope::Agent(campaign.agent_id), Halt::Kill),
        ];
        let Some((scope, level)) = self.chance.pick(scopes) else {
            return;
        };
        let halted = self
            .store
            .halt(scope.clone(), level, "mia", "why")
            .await
            .unwrap();
        assert!(halted.is_done());
        self.tally.halted += 1;
        let mut book = self.outside.book();
        let before = book.halts.get(&scope).copied();
        if before == Some(Halt::Kill) {
            return;
        }
        if scope.voids(level) && !before.is_some_and(|before| scope.voids(before)) {
            book.decided.clear();
        }
        book.halts.insert(scope, level);
    }

    async fn resume(&mut self) {
        let live: Vec<Scope> = self.outside.book().halts.keys().cloned().collect();
        let Some(scope) = self.chance.pick(live) else {
            return;
        };
        assert!(
            self.store
                .resume(scope.clone(), "mia")
                .await
                .unwrap()
                .is_done()
        );
        self.outside.book().halts.remove(&scope);
    }

    async fn edit(&mut self) {
        self.edits += 1;
        self.tally.edited += 1;
        self.install().await;
        self.outside.book().decided.clear();
    }

    /// What the platform does next, by chance.
    fn whim(&mut self) {
        let hears = vec![
            Hears::Receipt,
            Hears::Receipt,
            Hears::NoId,
            Hears::NotSent,
            Hears::Limited,
            Hears::Refused,
            Hears::Nothing,
            Hears::Nothing,
            Hears::Garbage,
        ];
        let says = vec![Says::Truth, Says::Truth, Says::Nothing, Says::Garbage];
        let (hears, says) = (self.chance.pick(hears), self.chance.pick(says));
        let (takes, admits) = (self.chance.below(2) == 0, self.chance.below(2) == 0);
        let mut book = self.outside.book();
        (book.hears, book.says) = (hears.unwrap(), says.unwrap());
        book.takes = takes;
        if self.stand_in {
            // It forgets to say so now and then.
            book.admits = admits;
        }
    }

    /// What is not known is asked for first, as the role beside the senders does.
    async fn send(&mut self) {
        self.whim();
        self.executor.read_back().await.unwrap();
        self.executor.step().await.unwrap();
    }

    /// The process dies while it waits for the platform, or where there is nothing to send, just so.
    async fn crash(&mut self) {
        self.whim();
        self.outside.book().hears = Hears::Silence;
        let before = self.outside.book().sends;
        {
            let mut step = std::pin::pin!(self.executor.step());
            while self.outside.book().sends == before {
                if futures::poll!(&mut step).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        self.tally.crashed += 1;
        self.start().await;
    }

    /// Something changes what is to be sent after it was taken: it does not leave.
    async fn spoil(&mut self) {
        let Some(mut order) = self.store.take_effect(self.executor.fence).await.unwrap() else {
            return;
        };
        self.outside.book().decided.remove(&order.call.post.text);
        match self.chance.below(3) {
            0 => order.call.post.text.push('!'),
            1 => order.call.post.account.push('x'),
            _ => order.call.post.media.clear(),
        }
        let before = self.outside.book().sends;
        let settlement = self.executor.send(&order).await;
        assert!(
            matches!(settlement, Settlement::Failed { .. }),
            "{settlement:?}"
        );
        assert_eq!(self.outside.book().sends, before, "{order:?}");
        self.executor.settle(&order, settlement).await.unwrap();
        self.tally.spoilt += 1;
    }

    /// A person looks at the platform and says what is there.
    async fn resolve(&mut self) {
        let open = self.store.open_effects(&ALL).await.unwrap().rows;
        let lost = open
            .into_iter()
            .filter(|row| row.state.as_str() == "uncertain")
            .collect();
        let Some(row) = self.chance.pick(lost) else {
            return;
        };
        let (is_out, admits) = {
            let book = self.outside.book();
            let is_out = book.posts.contains_key(row.idempotency_key.as_str());
            (is_out, book.admits)
        };
        if is_out && admits && !self.stand_in {
            // Only its answers tell that it is a stand-in; a person's word does not.
            return;
        }
        let resolution = match self.chance.below(3) {
            _ if is_out => Resolution::Published {
                place: "https://example.org/1".into(),
            },
            0 => Resolution::GiveUp { why: "no".into() },
            _ => Resolution::SendAgain,
        };
        let resolved = self
            .store
            .resolve_effect(row.id, row.version, resolution, "ana")
            .await;
        assert!(resolved.unwrap().is_done());
        self.tally.resolved += 1;
    }

    async fn run_again(&mut self) {
        let rows = self.store.task_list(&ALL, None).await.unwrap().rows;
        let stuck = rows
            .into_iter()
            .filter(|row| matches!(row.state, TaskState::Dead | TaskState::Blocked));
        let Some(row) = self.chance.pick(stuck.collect()) else {
            return;
        };
        let replayed = self
            .store
            .replay_task(row.id, row.version, "ana")
            .await
            .unwrap();
        assert!(replayed.is_done());
        let text = row
            .title
            .as_str()
            .strip_prefix("Title of ")
            .unwrap()
            .to_owned();
        self.outside.book().decided.remove(&text);
    }

    /// What must be true of what is shown, at any moment.
    async fn check(&mut self) -> Result<(), String> {
        let published = self.store.publications(&ALL).await.unwrap().rows;
        let effects = self.store.open_effects(&ALL).await.unwrap().rows;
        let book = self.outside.book();
        for row in &published {
            let text = row.text.as_str();
            if !book.posts.values().any(|post| post == text) {
                return Err(format!(
                    "{text} is shown as published, and the platform has no such post"
                ));
            }
            if (self.stand_in || book.admits) != row.simulated {
                return Err(format!(
                    "{text} is shown with simulated = {}",
                    row.simulated
                ));
            }
        }
        if effects.iter().any(|row| row.simulated != self.stand_in) {
            return Err("what waits is not marked as what it is".to_owned());
        }
        self.tally.sends = book.sends;
        self.tally.posts = book.posts.len();
        let uncertain = effects
            .iter()
            .filter(|row| row.state.as_str() == "uncertain");
        self.tally.uncertain = self.tally.uncertain.max(uncertain.count());
        Ok(())
    }
}

impl Book {
    fn new(admits: bool) -> Self {
        Self {
            decided: BTreeMap::new(),
            halts: BTreeMap::new(),
            posts: BTreeMap::new(),
            hears: Hears::Receipt,
            takes: true,
            says: Says::Truth,
            admits,
            sends: 0,
            wrong: Vec::new(),
        }
    }
}

// R173, R1, R2, R4, R5, R6, R7, R18: whatever is done in whatever order, nothing is sent without a decision
// that stands and is bound to the same bytes, nothing twice, nothing while it is halted, and what a
// stand-in took is never shown as real.
#[tokio::test]
async fn r173_nothing_leaves_but_what_was_decided_once_and_as_what_it_is() {
    let mut sum = Tally::default();
    let mut effects = 0;
    for seed in 1..=WALKS {
        let mut walk = Walk::begin(seed).await;
        for step in 0..STEPS {
            walk.step().await;
            // What left is looked at after each step, what is shown of it less often.
            let wrong = walk.outside.book().wrong.first().cloned();
            let shown = if step % 16 == 15 {
                walk.check().await
            } else {
                Ok(())
            };
            if let Some(wrong) = wrong.or(shown.err()) {
                panic!("seed {seed}, step {step}: {wrong}");
            }
        }
        let t = &walk.tally;
        effects += POSTS;
        sum.sends += t.sends;
        sum.posts += t.posts;
        sum.approved += t.approved;
        sum.undone += t.undone;
        sum.halted += t.halted;
        sum.edited += t.edited;
        sum.crashed += t.crashed;
        sum.resolved += t.resolved;
        sum.spoilt += t.spoilt;
        sum.uncertain += t.uncertain;
    }
    eprintln!("{effects} posts on {WALKS} walks: {sum:?}");
    let often = [
        sum.undone,
        sum.halted,
        sum.edited,
        sum.crashed,
        sum.resolved,
        sum.spoilt,
    ];
    assert!(often.iter().all(|n| u64::from(*n) > WALKS / 4), "{sum:?}");
    assert!(sum.posts > effects / 8 && sum.uncertain > 0, "{sum:?}");
    assert!(u64::from(sum.sends) > WALKS * 4, "{sum:?}");
}
