//! Nothing but live, live and live reaches a platform, whatever is switched when, for every kind of effect.

use std::sync::Arc;

use chimera_domain::{
    mode::{Mode, Reach},
    verdict::Route,
    views::PageRequest,
};
use chimera_store::conformance::{Harness, done, scopes_of, typed_for};
use proptest::prelude::*;

use super::{Platforms, executor, house};
use crate::drive::Step;

/// What people and time do.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// The server, the agent or the campaign goes live or dry.
    Switch(usize, bool),
    /// The configuration says that the server is a stand-in, or is none.
    StandIn(bool),
    /// A post is approved, and its fuse burns down.
    Approve,
    /// Somebody wants the newest publication down.
    Withdraw,
    /// A sender looks for something to send.
    Send,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => (0..3_usize, prop::bool::weighted(0.7)).prop_map(|(n, live)| Act::Switch(n, live)),
        1 => any::<bool>().prop_map(Act::StandIn),
        4 => Just(Act::Approve),
        2 => Just(Act::Withdraw),
        4 => Just(Act::Send),
    ];
    prop::collection::vec(act, 1..24)
}

/// What should be so.
#[derive(Default)]
struct Model {
    live: [bool; 3],
    stand_in: bool,
    /// Approved for the reach of now, and not sent.
    waiting: u64,
    /// Posts that must have been made, real ones and those of the stand-in.
    sent: (u64, u64),
    /// The newest publication that stands, and whether it is the stand-in's.
    newest: Vec<bool>,
    /// Withdrawals that wait: whether of the stand-in.
    withdrawing: Option<bool>,
    withdrawn: u64,
}

impl Model {
    fn reach(&self) -> Reach {
        let [server, agent, campaign] = self
            .live
            .map(|live| if live { Mode::Live } else { Mode::DryRun });
        Reach::of(self.stand_in, server, agent, campaign)
    }
}

async fn play(acts: &[Act]) {
    let h = house();
    h.store().install(&h.setup()).await.unwrap();
    let fence = h.lease(1).await.fence;
    let platforms = Arc::new(Platforms::default());
    let executor = executor(&h, fence, &platforms);
    let mut model = Model::default();
    for (n, act) in acts.iter().enumerate() {
        let before = model.reach();
        match act {
            Act::Switch(of, live) => {
                switch(&h, *of, *live, model.stand_in).await;
                // A stand-in has nothing to go live.
                if !(*live && model.stand_in) {
                    model.live[*of] = *live;
                }
            }
            Act::StandIn(stand_in) => {
                let mut setup = h.setup();
                setup.simulated_servers = stand_in.then(|| "twitter".into()).into_iter().collect();
                h.store().install(&setup).await.unwrap();
                model.stand_in = *stand_in;
            }
            Act::Approve => {
                h.due_effect(fence, &format!("post {n}")).await;
                model.waiting += 1;
            }
            Act::Withdraw => {
                let Some(of_stand_in) = model.newest.last().copied() else {
                    continue;
                };
                let page = PageRequest::first(200);
                let public = h.store().publications(&page).await.unwrap().rows;
                let stands = public.iter().find(|row| row.withdrawn.is_none()).unwrap();
                let ordered = h.store().withdraw(stands.id, "why", "ana").await;
                let reaches = match model.reach() {
                    Reach::Live => !of_stand_in,
                    Reach::StandIn => of_stand_in,
                    Reach::DryRun => false,
                };
                if model.withdrawing.is_none() {
                    assert_eq!(ordered.is_ok(), reaches, "{ordered:?} in {acts:?}");
                    model.withdrawing = reaches.then_some(of_stand_in);
                }
            }
            Act::Send => {
                // Until there is nothing left to take: in which order is another promise.
                while executor.step().await.unwrap() == Step::Progress {}
                let stand_in = match model.reach() {
                    Reach::Live => Some(false),
                    Reach::StandIn => Some(true),
                    Reach::DryRun => None,
                };
                if let Some(of_stand_in) = model.withdrawing.take()
                    && stand_in == Some(of_stand_in)
                {
                    model.newest.pop();
                    model.withdrawn += 1;
                }
                let waiting = std::mem::take(&mut model.waiting);
                if let Some(stand_in) = stand_in {
                    *(if stand_in {
                        &mut model.sent.1
                    } else {
                        &mut model.sent.0
                    }) += waiting;
                    model.newest.extend((0..waiting).map(|_| stand_in));
                }
            }
        }
        if model.reach() != before {
            // Approved for elsewhere: it waits for the judge, who refuses it here.
            model.waiting = 0;
            if model.withdrawing.is_none() {
                assert_eq!(executor.step().await.unwrap(), Step::Idle, "{act:?}");
            }
            while let Some(case) = h.store().next_case().await.unwrap() {
                h.judge(&case, Route::Reject).await;
            }
        }
        let calls = u64::try_from(platforms.calls().len()).unwrap();
        let made = model.sent.0 + model.sent.1 + model.withdrawn;
        assert_eq!(calls, made, "{act:?} in {acts:?}");
    }
    let page = PageRequest::first(200);
    let public = h.store().publications(&page).await.unwrap().rows;
    let down = public.iter().filter(|row| row.withdrawn.is_some()).count();
    assert_eq!(u64::try_from(down).unwrap(), model.withdrawn);
    let simulated = public.iter().filter(|row| row.simulated).count();
    let real = public.len() - simulated;
    let counted = |n: u64| usize::try_from(n).unwrap();
    assert_eq!(
        (real, simulated),
        (counted(model.sent.0), counted(model.sent.1))
    );
}

async fn switch(h: &Harness, of: usize, live: bool, stand_in: bool) {
    let campaigns = h.store().overview().await.unwrap().campaigns;
    let scope = scopes_of(&campaigns[0])[of].clone();
    let (mode, typed) = if live {
        (Mode::Live, typed_for(&campaigns, &scope))
    } else {
        (Mode::DryRun, String::new())
    };
    let changed = h.set_mode(scope, mode, &typed).await;
    if live && stand_in {
        assert!(changed.is_err());
    } else {
        done(changed.unwrap());
    }
}

// R8, R7, R18: every combination of the modes, once each from the start, with a post that was approved before and
// one that was approved after.
#[tokio::test]
async fn r8_no_combination_but_one_reaches_the_platform() {
    for bits in 0..16_u8 {
        let is = |n: u8| bits & (1 << n) != 0;
        let mut acts = vec![Act::Approve];
        acts.extend((0..3_u8).map(|n| Act::Switch(usize::from(n), is(n))));
        acts.push(Act::StandIn(is(3)));
        acts.extend([Act::Send, Act::Approve, Act::Send, Act::Withdraw, Act::Send]);
        acts.extend([Act::Approve, Act::Send, Act::Withdraw, Act::Approve]);
        acts.extend((0..3).map(|n| Act::Switch(n, false)));
        acts.extend([Act::StandIn(false), Act::Send]);
        play(&acts).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    // R8, R7, R18: whatever is switched when, what is sent is what was approved for this reach, and nothing else.
    #[test]
    fn r8_no_order_of_switching_leaks(acts in acts()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(&acts));
    }
}
