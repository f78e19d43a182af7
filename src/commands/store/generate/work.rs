//! The working day of the house: claimed, done, paid, judged, decided.

use chimera_domain::{
    ContentHash, Score, Span, StateVersion,
    artifact::{Blob, Body, Citation, Disclosure, Draft, Media, Post, Provenance, Research},
    effect::{EffectKind, OutgoingCall},
    ids::{IntentId, TicketId},
    policy::Price,
    ports::{
        DeskStore, JudgeStore, PlannerStore, Replan, SpendStore, Submission, VerdictTimes,
        WorkerStore,
    },
    spend::{BudgetCategory, Reservation, SpendRequest},
    task::{ClaimedTask, Failure, Modality, Reason, TaskKind},
    ticket::{Choice, Decide, RejectClass},
    verdict::{Check, CheckResult, Route, SensitiveSpan, SensitiveTopic, Verdict},
};

use super::{
    fate::End,
    house::{AT_ONCE, House, LEASE, PLATFORM, STUDIO, done, score},
    texts,
};
use crate::fault::Fault;

/// The one picture: a white dot, and it says so.
const PICTURE: &[u8] = include_bytes!("dot.png");

/// What every generated thing says of how it was made.
fn provenance() -> Provenance {
    Provenance {
        model: "generated/1".to_owned(),
        tools: Vec::new(),
        ..Provenance::default()
    }
}

impl House {
    /// All that can be worked on.
    pub(super) async fn work(&self) -> Result<(), Fault> {
        let workers = (0..AT_ONCE).map(|_| self.worker());
        futures::future::try_join_all(workers).await.map(drop)
    }

    async fn worker(&self) -> Result<(), Fault> {
        let mut next = self.claim().await?;
        while let Some(work) = next {
            self.tick();
            next = self.step(work).await?;
        }
        Ok(())
    }

    async fn claim(&self) -> Result<Option<ClaimedTask>, Fault> {
        Ok(self.store.claim_task(self.lease.fence, LEASE).await?)
    }

    /// Does one task; the next one.
    async fn step(&self, work: ClaimedTask) -> Result<Option<ClaimedTask>, Fault> {
        let end = self.ends().get(&work.task.trace_id).copied();
        let title = work.signal.as_ref().map(|s| s.item.title.clone());
        let title = title.unwrap_or_default();
        let body = match (work.task.spec.kind, work.task.spec.modality) {
            (TaskKind::Publish, _) => {
                self.judge(&work, &title, end).await?;
                return self.claim().await;
            }
            (_, Some(Modality::Text)) if end == Some(End::Failed) => {
                let why = "generate_text answered with an error five times (generated)".to_owned();
                let reason = Reason::ToolFailed;
                return self.fail(&work, Failure::Dead { reason, why }).await;
            }
            (TaskKind::ResearchTrend, _) if end == Some(End::Later) => {
                let why = "the server was slow (generated)".to_owned();
                let at = self.end.plus(Span::from_hours(1));
                return self.fail(&work, Failure::Retry { why, at }).await;
            }
            (_, Some(Modality::Text)) => Body::Text(Draft {
                text: texts::post(&title, &mut self.texts()),
                hashtags: vec!["SlowFashion".to_owned()],
                citations: Vec::new(),
            }),
            (_, Some(Modality::Image | Modality::Video)) => {
                self.pay(&work).await?;
                Body::Media(picture(&title))
            }
            (_, None) => Body::Research(Research {
                summary: "Generated: nothing was looked up.".to_owned(),
                source: "Generated".to_owned(),
                citations: Vec::new(),
                title,
                redacted: vec![],
                relevance: None,
            }),
        };
        let submission = self.submission(body, None);
        let (outcome, next) = self
            .store
            .submit_and_claim(&work.claim, submission, LEASE)
            .await?;
        done("hand in", outcome)?;
        Ok(next)
    }

    /// Gives a task back; the next one.
    async fn fail(
        &self,
        work: &ClaimedTask,
        failure: Failure,
    ) -> Result<Option<ClaimedTask>, Fault> {
        let failed = self.store.fail_task(&work.claim, failure).await?;
        done("give back", failed)?;
        self.claim().await
    }

    fn submission(&self, body: Body, proposes: Option<OutgoingCall>) -> Submission {
        let blobs = match &body {
            Body::Media(_) => vec![blob()],
            Body::Research(_) | Body::Text(_) | Body::Post(_) | Body::Payment(_) => Vec::new(),
        };
        Submission {
            body,
            blobs,
            confidence: score(&mut self.texts(), 80, 99),
            provenance: provenance(),
            proposes,
        }
    }

    /// A picture costs what the policy says; nobody pays it.
    async fn pay(&self, work: &ClaimedTask) -> Result<(), Fault> {
        let price = self.policy.budget.price(STUDIO, "generate_image");
        let Some(estimate) = price.and_then(Price::estimate) else {
            return Ok(());
        };
        let request = SpendRequest {
            intent_id: IntentId::from_uuid(self.ambient.fresh()),
            key: format!("{} generated", work.claim.id),
            agent_id: work.task.agent_id,
            campaign_id: work.task.campaign_id,
            task_id: work.task.id,
            trace_id: work.task.trace_id,
            category: BudgetCategory::MediaGeneration,
            memo: "generate_image on studio (generated)".to_owned(),
            estimate,
            task_cap: work.task.spec.budget_usd_max,
            simulated: true,
        };
        match self.store.reserve(&request, &self.policy.budget).await? {
            Reservation::Reserved(intent) => Ok(self.store.settle(intent, estimate).await?),
            // A house that has spent its day is as plausible as any.
            Reservation::Refused { .. } | Reservation::Halted { .. } => Ok(()),
        }
    }

    /// Hands the post in and brings it where its end says.
    async fn judge(&self, work: &ClaimedTask, title: &str, end: Option<End>) -> Result<(), Fault> {
        let text = work.inputs.iter().find_map(|a| match &a.body {
            Body::Text(draft) => Some(draft.text.clone()),
            Body::Research(_) | Body::Media(_) | Body::Post(_) | Body::Payment(_) => None,
        });
        let call = OutgoingCall {
            server: PLATFORM.to_owned(),
            tool: EffectKind::Publish.tool().to_owned(),
            post: Post {
                channel: work.campaign.channel,
                account: work.campaign.account.clone(),
                text: text.unwrap_or_else(|| title.to_owned()),
                media: vec![picture(title)],
                disclosure: Disclosure::Automated,
                citations: vec![Citation {
                    title: title.to_owned(),
                    url: work
                        .signal
                        .as_ref()
                        .map(|s| s.item.link.clone())
                        .unwrap_or_default(),
                }],
            },
        };
        let content = call.content_hash();
        let submission = self.submission(Body::Post(call.post.clone()), Some(call));
        let submitted = self.store.submit_result(&work.claim, submission).await?;
        let (_, version) = done("hand in a post", submitted)?;
        self.tick();
        let end = end.unwrap_or(End::Published);
        let verdict = self.verdict(end, content);
        let times = VerdictTimes {
            fuse: self.policy.judge.undo_fuse,
            sla: self.policy.judge.sla,
            sla_expire: self.policy.judge.sla_expire,
        };
        let judged = self
            .store
            .commit_verdict(work.task.id, version, &verdict, times)
            .await?;
        let (ticket, _) = done("judge", judged)?;
        match (ticket, end) {
            (Some(ticket), End::Approved) => self.decide(ticket, content, Choice::Approve).await,
            (Some(ticket), End::Rejected) => {
                let refuse = Choice::Reject {
                    class: RejectClass::OffBrand,
                    note: "generated".to_owned(),
                };
                self.decide(ticket, content, refuse).await
            }
            (
                _,
                End::Published
                | End::Waits
                | End::GivenUp
                | End::Failed
                | End::Uncertain
                | End::Later,
            )
            | (None, End::Approved | End::Rejected) => Ok(()),
        }
    }

    fn verdict(&self, end: End, content_hash: ContentHash) -> Verdict {
        let mut chance = self.texts();
        let (route, from, to) = match end {
            End::Published | End::Failed | End::Uncertain | End::Later => (Route::Approve, 90, 99),
            End::Approved | End::Rejected | End::Waits => (Route::HitlQueue, 70, 89),
            End::GivenUp => (Route::Reject, 40, 69),
        };
        let confidence = score(&mut chance, from, to);
        let sensitive = route == Route::HitlQueue && chance.next().is_multiple_of(12);
        let mut reasons = vec![match route {
            Route::Approve => format!("confidence {confidence} is at or above 0.90"),
            Route::HitlQueue if sensitive => "sensitive: finance: `wage` in source".to_owned(),
            Route::HitlQueue => format!("confidence {confidence} is between 0.70 and 0.90"),
            Route::Reject => format!("confidence {confidence} is below 0.70"),
        }];
        if route != Route::Approve {
            reasons.push(texts::doubt(&mut chance));
        }
        let span = SensitiveSpan {
            topic: SensitiveTopic::Finance,
            span: "wage".to_owned(),
            field: "source".to_owned(),
            rule: "generated".to_owned(),
        };
        let checks = Check::ALL.iter().map(|check| CheckResult {
            check: *check,
            score: Ok(score(&mut chance, from, 100)),
            findings: Vec::new(),
            hard_block: false,
        });
        Verdict {
            route,
            confidence: Some(confidence),
            checks: checks.collect(),
            worker_confidence: Score::from_percent(95),
            judge_confidence: Some(confidence),
            sensitive: if sensitive { vec![span] } else { Vec::new() },
            sampled: false,
            models: vec![],
            redacted: vec![],
            made: vec![],
            looks: vec![],
            reasons,
            policy: self.policy.hash,
            content_hash,
            basis: None,
        }
    }

    async fn decide(
        &self,
        ticket_id: TicketId,
        content_hash: ContentHash,
        choice: Choice,
    ) -> Result<(), Fault> {
        self.tick();
        let decide = Decide {
            ticket_id,
            version: StateVersion::FIRST,
            content_hash,
            choice,
            actor: "generated".to_owned(),
        };
        done("decide", self.store.decide_ticket(&decide).await?).map(drop)
    }

    /// What the judge refused is not tried again here.
    pub(super) async fn give_up(&self) -> Result<(), Fault> {
        while let Some(case) = self.store.next_replan().await? {
            let why = "no attempt passed (generated)".to_owned();
            let over =
                self.store
                    .commit_replan(case.task.id, case.task.version, Replan::GiveUp { why });
            done("give up", over.await?)?;
        }
        Ok(())
    }
}

fn blob() -> Blob {
    Blob {
        bytes: PICTURE.to_vec(),
        mime: "image/png".to_owned(),
    }
}

fn picture(title: &str) -> Media {
    Media {
        sha256: blob().sha256(),
        mime: "image/png".to_owned(),
        bytes: u64::try_from(PICTURE.len()).unwrap_or(u64::MAX),
        width: 1,
        height: 1,
        alt_text: format!("A generated dot in place of a picture of: {title}"),
        character_reference_id: "generated".to_owned(),
    }
}
