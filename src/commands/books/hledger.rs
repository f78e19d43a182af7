//! Both ledgers as a journal for hledger: every entry a transaction of two postings that cancel out, and at the end what the
//! wallets should hold, asserted.
//!
//! Pure: entries in, text out. What is not real has commodities of its own, so that no sum ever mixes them.

use std::collections::{BTreeMap, BTreeSet};

use chimera_domain::{
    Timestamp,
    views::{
        books::Budget,
        journal::{Booked, BookedFor, BooksEnd, Moved},
    },
};

/// What was declared so far, and the latest day that stands in it.
#[derive(Debug, Default)]
pub(super) struct Journal {
    accounts: BTreeSet<String>,
    commodities: BTreeSet<String>,
    last: Option<String>,
}

/// An exact amount: base units and digits after the point, below nothing where it leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Amount {
    commodity: String,
    decimals: u8,
    units: u128,
    leaves: bool,
}

/// The digits of a dollar that the ledger keeps.
const USD_DECIMALS: u8 = 6;

/// What accounts came to before the period: what entered and what left, by account, commodity and its digits.
pub(super) type Carried = BTreeMap<(String, String, u8), (u128, u128)>;

impl Journal {
    /// What stands first.
    #[must_use]
    pub(super) fn head(at: Timestamp) -> String {
        format!(
            "; chimera, both ledgers up to {}\n; What nobody pays is in commodities that say SIMULATED.\ndecimal-mark .\n",
            at.to_rfc3339()
        )
    }

    /// One entry.
    #[must_use]
    pub(super) fn entry(&mut self, entry: &Booked) -> String {
        let amount = amount_of(entry);
        let sides = [
            (account(entry, entry.debit), amount.clone()),
            (account(entry, entry.credit), amount.turned()),
        ];
        let mut out = self.declared(&sides);
        let day = self.day(entry.at);
        let about = if entry.counterparty.is_empty() {
            entry.memo.to_string()
        } else {
            format!("{} to {}", entry.memo, entry.counterparty)
        };
        let about = if entry.opening {
            "opening balance"
        } else {
            &about
        };
        out += &format!(
            "\n{day} * {}: {}  ; {}\n",
            entry.budget,
            plain(about),
            tags(entry)
        );
        for (account, amount) in &sides {
            out += &posting(account, amount);
        }
        out
    }

    /// Adds an entry from before the period to what its accounts came to.
    pub(super) fn carry(before: &mut Carried, entry: &Booked) {
        let Amount {
            commodity,
            decimals,
            units,
            ..
        } = amount_of(entry);
        let mut add = |side: &str, leaves: bool| {
            let key = (account(entry, side), commodity.clone(), decimals);
            let (entered, left) = before.entry(key).or_insert((0, 0));
            let sum = if leaves { left } else { entered };
            *sum = sum.saturating_add(units);
        };
        add(entry.debit, false);
        add(entry.credit, true);
    }

    /// What assets there were when the period began.
    #[must_use]
    pub(super) fn opening(&mut self, since: Timestamp, before: &Carried) -> String {
        let mut sides = Vec::new();
        for ((account, commodity, decimals), (entered, left)) in before {
            if !account.starts_with("assets:") || entered == left {
                continue;
            }
            let amount = Amount {
                commodity: commodity.clone(),
                decimals: *decimals,
                units: entered.abs_diff(*left),
                leaves: left > entered,
            };
            sides.push((account.clone(), amount.clone()));
            sides.push(("equity:before".to_owned(), amount.turned()));
        }
        if sides.is_empty() {
            return String::new();
        }
        let mut out = self.declared(&sides);
        out += &format!("\n{} * before the period\n", self.day(since));
        for (account, amount) in &sides {
            out += &posting(account, amount);
        }
        out
    }

    /// What the wallets should hold: hledger refuses the journal where it does not come to that.
    #[must_use]
    pub(super) fn end(&mut self, end: &BooksEnd) -> String {
        let mut sides = Vec::new();
        for balance in &end.balances {
            let account = wallet(balance.agent.as_str(), balance.asset.as_str());
            let asset = balance.asset.as_str();
            let (commodity, decimals) = commodity(asset, balance.decimals, balance.simulated);
            let amount = Amount {
                commodity,
                decimals,
                units: balance.held.base(),
                leaves: false,
            };
            sides.push((account, amount));
        }
        if sides.is_empty() {
            return String::new();
        }
        let mut out = self.declared(&sides);
        out += &format!("\n{} * what the wallets should hold\n", self.day(end.at));
        for (account, amount) in &sides {
            let nothing = Amount {
                units: 0,
                ..amount.clone()
            };
            // With what is set aside, which is in an account below.
            out += &format!("    {account}  {} =* {}\n", nothing.shown(), amount.shown());
        }
        out
    }

    /// What of these was not declared yet.
    fn declared(&mut self, sides: &[(String, Amount)]) -> String {
        let mut out = String::new();
        for (account, amount) in sides {
            if self.commodities.insert(amount.commodity.clone()) {
                let one = Amount {
                    units: 10u128.saturating_pow(u32::from(amount.decimals)),
                    leaves: false,
                    ..amount.clone()
                };
                out += &format!("\ncommodity {}", one.shown());
            }
            if self.accounts.insert(account.clone()) {
                out += &format!("\naccount {account}");
            }
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out
    }

    /// The day of a moment. An assertion holds by days: a clock that was set back must not put it before what it is about.
    fn day(&mut self, at: Timestamp) -> String {
        let mut day: String = at.to_rfc3339().chars().take(10).collect();
        if let Some(last) = &self.last
            && *last > day
        {
            day.clone_from(last);
        }
        self.last = Some(day.clone());
        day
    }
}

impl Amount {
    fn turned(&self) -> Self {
        Self {
            leaves: !self.leaves,
            ..self.clone()
        }
    }

    /// All digits, so that nothing is rounded and every amount of a commodity looks alike.
    fn shown(&self) -> String {
        let width = usize::from(self.decimals);
        let digits = format!("{:0>1$}", self.units, width + 1);
        let (whole, rest) = digits.split_at(digits.len() - width);
        let sign = if self.leaves && self.units > 0 {
            "-"
        } else {
            ""
        };
        // With its point also where nothing follows, so that no mark is taken for another.
        format!("{sign}{whole}.{rest} {}", self.commodity)
    }
}

fn posting(account: &str, amount: &Amount) -> String {
    format!("    {account}  {}\n", amount.shown())
}

fn amount_of(entry: &Booked) -> Amount {
    let (commodity, decimals, units) = match &entry.moved {
        Moved::Usd(usd) => {
            let (commodity, decimals) = commodity("USD", Some(USD_DECIMALS), entry.simulated);
            (commodity, decimals, u128::from(usd.micros().unsigned_abs()))
        }
        Moved::Asset {
            asset,
            decimals,
            units,
            ..
        } => {
            let (commodity, decimals) = commodity(asset.as_str(), *decimals, entry.simulated);
            (commodity, decimals, units.base())
        }
    };
    Amount {
        commodity,
        decimals,
        units,
        leaves: false,
    }
}

/// A commodity, with the digits of it; base units where nobody knows them any more.
fn commodity(asset: &str, decimals: Option<u8>, simulated: bool) -> (String, u8) {
    let mut name = plain(asset).replace('"', "'");
    if decimals.is_none() {
        name += " base units";
    }
    if simulated {
        name += " SIMULATED";
    }
    (format!("\"{name}\""), decimals.unwrap_or(0))
}

/// The account of one side of an entry.
fn account(entry: &Booked, side: &str) -> String {
    let agent = part(entry.agent.as_str());
    let campaign = part(entry.campaign.as_str());
    let category = entry.category.map_or("none", |category| category.as_str());
    let asset = match &entry.moved {
        Moved::Usd(_) => "USD",
        Moved::Asset { asset, .. } => asset.as_str(),
    };
    let of_wallet = || wallet(entry.agent.as_str(), asset);
    let asset = part(asset);
    match (entry.budget, side) {
        (Budget::Tools, "budget") => format!("equity:budget:{agent}"),
        (Budget::Tools, "reserved") => format!("assets:reserved:tools:{agent}"),
        (Budget::Tools, _) => format!("expenses:tools:{agent}:{campaign}:{category}"),
        (Budget::Payments, "wallet") => of_wallet(),
        (Budget::Payments, "reserved") => format!("{}:reserved", of_wallet()),
        (Budget::Payments, "paid") => format!("expenses:payments:{agent}:{campaign}:{category}"),
        (Budget::Payments, "fees") => format!("expenses:fees:{agent}:{asset}"),
        (Budget::Payments, _) if entry.opening => format!("equity:opening:{agent}:{asset}"),
        (Budget::Payments, _) => format!("income:{agent}:{asset}"),
    }
}

fn wallet(agent: &str, asset: &str) -> String {
    format!("assets:wallet:{}:{}", part(agent), part(asset))
}

/// What an entry belongs to.
fn tags(entry: &Booked) -> String {
    let mut tags = vec![format!("entry:{}", entry.id), format!("seq:{}", entry.seq)];
    match entry.of {
        BookedFor::Intent(id) => tags.push(format!("intent:{id}")),
        BookedFor::Payment(id) => tags.push(format!("payment:{id}")),
        BookedFor::Nothing => {}
    }
    if let Some(task) = entry.task_id {
        tags.push(format!("task:{task}"));
    }
    if let Some(trace) = entry.trace_id {
        tags.push(format!("trace:{trace}"));
    }
    if let Moved::Asset {
        worth: Some(usd), ..
    } = &entry.moved
    {
        tags.push(format!("worth:{usd}"));
    }
    if let Some((hash, block)) = entry.on_chain {
        tags.push(format!("transaction:{hash}"));
        tags.push(format!("block:{block}"));
    }
    tags.push(format!("hash:{}", entry.hash));
    tags.join(", ")
}

/// Words that mean nothing to hledger: no comment, no tag, no second name, one space at a time.
fn plain(text: &str) -> String {
    let quiet = text.chars().map(|c| match c {
        ';' | '|' | ':' => ',',
        c if c.is_whitespace() || c.is_control() => ' ',
        c => c,
    });
    let quiet: String = quiet.collect();
    quiet
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// One part of an account's name; never empty.
fn part(text: &str) -> String {
    let name = plain(text).replace('"', "'");
    if name.is_empty() {
        "none".to_owned()
    } else {
        name
    }
}
