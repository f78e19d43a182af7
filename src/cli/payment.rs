//! What `chimera cfo` takes about payments, and `chimera wallet`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Payments from wallets.
#[derive(Debug, Subcommand)]
pub enum Payment {
    /// Ask for a payment: the CFO decides, and where people are needed it waits for them.
    Pay(PayArgs),
    /// Ask for a payment and be the first who approves it. No cap, no frozen wallet and no risk above 0.7 can be forced.
    ForceApprove {
        /// What to pay.
        #[command(flatten)]
        pay: PayArgs,
        /// What you are about to do, word for word: `pay AMOUNT ASSET to LABEL`.
        #[arg(long, value_name = "WORDS")]
        typed: String,
    },
    /// The newest payments.
    Payments {
        /// So many at most.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// One payment: what it is, every rule's line, and what became of it.
    ShowPayment {
        /// The payment, `pay_…`.
        payment: String,
    },
    /// Say yes to exactly what `show-payment` shows. Whoever asked for it cannot.
    ApprovePayment {
        /// The payment.
        payment: String,
        /// The digest that was shown.
        #[arg(long, value_name = "DIGEST")]
        digest: String,
    },
    /// Say no, or take back what is not signed yet.
    RejectPayment {
        /// The payment.
        payment: String,
        /// Why.
        #[arg(long)]
        why: String,
    },
    /// Give up a payment nobody knows the end of, once the chain says that it can never be made any more.
    WriteOffPayment {
        /// The payment.
        payment: String,
        /// What you found.
        #[arg(long)]
        why: String,
        /// Only say whether it could be.
        #[arg(long)]
        dry_run: bool,
    },
    /// Compare payments, ledger and chain now, and say what does not fit.
    ReconcileWallet {
        /// Only this agent's wallet; else every one.
        #[arg(long, value_name = "PERSONA")]
        agent: Option<String>,
    },
    /// Close something that does not fit, after you have looked. The wallet thaws with its last one.
    CloseBreak {
        /// Its number.
        number: i64,
        /// What you found.
        #[arg(long)]
        why: String,
    },
}

/// What to pay.
#[derive(Debug, Args)]
pub struct PayArgs {
    /// From whose wallet: the agent's persona.
    #[arg(long, value_name = "PERSONA")]
    pub agent: String,
    /// To whom, by the label in budget.yaml. There is no way to name an address.
    #[arg(long, value_name = "LABEL")]
    pub to: String,
    /// How much, as in 1.50.
    #[arg(long, value_name = "AMOUNT")]
    pub amount: String,
    /// What, by its name in budget.yaml.
    #[arg(long, value_name = "ASSET")]
    pub asset: String,
    /// What for, in one line.
    #[arg(long = "for", value_name = "PURPOSE")]
    pub purpose: String,
    /// On which budget.
    #[arg(long, default_value = "other")]
    pub category: String,
    /// The same wish has the same key and is paid once, however often it is asked for. Without one each call is its own.
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// Only say what the CFO would say, rule by rule. Nothing is asked for.
    #[arg(long)]
    pub dry_run: bool,
}

/// Keys and what they hold.
#[derive(Debug, Subcommand)]
pub enum Wallet {
    /// Make a key, encrypted under a password that is read from a file or from standard input.
    New {
        /// The agent's persona; the file is `keys/PERSONA.json` of the home.
        agent: String,
        /// Where the password is.
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Keep a key that there is: its 64 digits are read from a file, never from the command line.
    Import {
        /// The agent's persona.
        agent: String,
        /// The file with the key, which only you may read.
        #[arg(long, value_name = "FILE")]
        key_file: PathBuf,
        /// Where the password is.
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Make a new key beside the old one.
    Rotate {
        /// The agent's persona.
        agent: String,
        /// Where the password is.
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// The addresses of the keys that are configured. Needs no password.
    Address,
    /// What each wallet holds, by the chain and by the ledger.
    Balance,
}

/// Where a password is. Never on the command line and never in the environment, which others can list.
#[derive(Debug, Args)]
pub struct PasswordArgs {
    /// A file with the password, which only you may read; else standard input.
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}
