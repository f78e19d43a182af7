//! What went wrong on the way, sorted by what may be done about it and by whether it may have cost something.

use chimera_domain::{Span, ToolError, model::SERVER, text::plain};
use rig_core::{ProviderError, http_client};

use crate::http::Broken;

/// So much of what a provider says is repeated.
const SAID_CHARS_MAX: usize = 200;

/// How one question failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Nobody was there: nothing was asked.
    Unreached(String),
    /// The provider is busy or has had enough of us; it did nothing.
    Busy { after: Option<Span>, why: String },
    /// The provider said no; the same question gets the same answer.
    Refused(String),
    /// It was asked, and what came is not known or no reply at all: it may have cost something.
    Unclear(String),
    /// A reply came that is none.
    Nonsense(String),
}

impl Failure {
    /// Sorts what the library says.
    pub(crate) fn of(error: &ProviderError) -> Self {
        if let ProviderError::Http(transport) = error
            && let http_client::Error::Instance(inner) = transport.as_ref()
            && let Some(broken) = inner.downcast_ref::<Broken>()
        {
            return match broken {
                Broken::Unreached(why) => Self::Unreached(why.clone()),
                Broken::Cut(_) => Self::Unclear(broken.to_string()),
                Broken::TooLong(_) | Broken::Unsupported => Self::Nonsense(broken.to_string()),
            };
        }
        let Some(status) = error
            .provider_response_status()
            .map(|status| status.as_u16())
        else {
            return Self::Nonsense(said(&error.to_string()));
        };
        let body = said(error.provider_response_body().unwrap_or_default());
        let why = format!("it answered {status}: {body}");
        match status {
            // Overloaded, and says so before it begins.
            429 | 503 | 529 => Self::Busy {
                after: retry_after(error),
                why,
            },
            500..=599 | 408 => Self::Unclear(why),
            300..=499 => Self::Refused(why),
            // Success, of a kind that cannot be read.
            0..=299 | 600.. => Self::Nonsense(why),
        }
    }

    /// Whether the same question may be asked again: it was not begun, so nobody bills it.
    pub(crate) const fn may_pass(&self) -> bool {
        match self {
            Self::Unreached(_) | Self::Busy { .. } => true,
            Self::Refused(_) | Self::Unclear(_) | Self::Nonsense(_) => false,
        }
    }

    /// When to come back, where that was said.
    pub(crate) const fn after(&self) -> Option<Span> {
        match self {
            Self::Busy { after, .. } => *after,
            Self::Unreached(_) | Self::Refused(_) | Self::Unclear(_) | Self::Nonsense(_) => None,
        }
    }

    /// Without a secret that the provider may have repeated.
    pub(crate) fn without(self, secret: &str) -> Self {
        let clean = |text: String| {
            if secret.is_empty() {
                text
            } else {
                text.replace(secret, "[key]")
            }
        };
        match self {
            Self::Unreached(why) => Self::Unreached(clean(why)),
            Self::Busy { after, why } => Self::Busy {
                after,
                why: clean(why),
            },
            Self::Refused(why) => Self::Refused(clean(why)),
            Self::Unclear(why) => Self::Unclear(clean(why)),
            Self::Nonsense(why) => Self::Nonsense(clean(why)),
        }
    }

    /// As the callers of tools know it.
    pub(crate) fn told(self, model: &str) -> ToolError {
        let (server, tool) = (SERVER.to_owned(), model.to_owned());
        match self {
            Self::Unreached(why) => ToolError::NotSent {
                server: format!("{server}/{tool}"),
                why,
            },
            Self::Busy { after, why } => ToolError::RateLimited {
                server: format!("{server}/{tool}"),
                retry_after: after,
                why,
            },
            Self::Refused(why) => ToolError::Refused { server, tool, why },
            Self::Unclear(why) => ToolError::Ambiguous { server, tool, why },
            Self::Nonsense(why) => ToolError::Contract { server, tool, why },
        }
    }
}

/// The seconds of `Retry-After`; a date is not read.
fn retry_after(error: &ProviderError) -> Option<Span> {
    let headers = error.provider_response_headers()?;
    let seconds: u32 = headers
        .get("retry-after")?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Span::from_secs(seconds.into()))
}

/// What somebody outside said, cut and harmless.
pub(crate) fn said(text: &str) -> String {
    plain(text, SAID_CHARS_MAX)
}
