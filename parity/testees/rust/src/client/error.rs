//! What a client gives instead of a result.

use std::collections::BTreeMap;
use std::fmt;

use super::category::{self, NO_STATUS};
use crate::tinker::future::RequestErrorCategory;
use crate::wire::parse;

#[derive(Clone, Debug, PartialEq)]
pub enum Error {
    /// The client was asked for what cannot be done; nothing has been sent.
    Usage(Usage, String),
    /// An answer that says no. Header names in lower case.
    Status { status: u16, body: String, headers: BTreeMap<String, String> },
    /// No answer came.
    Connection(String),
    /// No answer came in time.
    Timeout(String),
    /// An answer that is not the message that it should be.
    Validation(String),
    /// The service took the request, and could not do it.
    RequestFailed { reason: String, request_id: String, category: RequestErrorCategory },
    /// The service forgot the request (410): it has to be sent anew.
    Expired(String),
    /// The client was closed meanwhile.
    Closed,
}

/// What was wrong with what a client was asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Usage {
    BadKey,
    ZeroWeight,
    NoData,
    NoLength,
    Dtype,
    UnknownName,
    BadPath,
    Nested,
    NoApiKey,
    Unsupported,
}

impl Error {
    pub fn usage(kind: Usage, message: impl Into<String>) -> Self {
        Self::Usage(kind, message.into())
    }

    /// Of the HTTP answer, where there is one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } => Some(*status),
            Self::Expired(_) => Some(410),
            _ => None,
        }
    }

    /// Whether asking once more makes sense.
    pub fn retryable(&self) -> bool {
        match self {
            Self::Status { status, .. } => category::retryable(RequestErrorCategory::Unknown, *status),
            Self::RequestFailed { category, .. } => category::retryable(*category, NO_STATUS),
            Self::Connection(_) | Self::Timeout(_) | Self::Expired(_) => true,
            Self::Usage(..) | Self::Validation(_) | Self::Closed => false,
        }
    }

    /// Whether the user is to blame.
    pub fn by_user(&self) -> bool {
        match self {
            Self::RequestFailed { category, .. } => *category == RequestErrorCategory::User,
            _ => self.status().is_some_and(|status| (400..500).contains(&status) && status != 408),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(_, text) | Self::Connection(text) | Self::Timeout(text) | Self::Validation(text) => {
                f.write_str(text)
            }
            Self::Status { status, body, .. } => f.write_str(&message(*status, body)),
            Self::RequestFailed { reason, request_id, .. } => write!(f, "request {request_id} failed: {reason}"),
            Self::Expired(request_id) => write!(f, "request {request_id} is not there any more (410)"),
            Self::Closed => f.write_str("the client is closed"),
        }
    }
}

impl std::error::Error for Error {}

/// What an answer is called; "status" where it has no name of its own.
pub fn kind(status: u16) -> &'static str {
    match status {
        400 => "bad_request",
        401 => "authentication",
        403 => "permission_denied",
        404 => "not_found",
        409 => "conflict",
        422 => "unprocessable",
        429 => "rate_limit",
        500.. => "server",
        _ => "status",
    }
}

/// An answer for people.
pub fn message(status: u16, body: &str) -> String {
    match (body.trim(), parse(body.as_bytes())) {
        ("", _) => format!("Error code: {status}"),
        (_, Ok(json)) => format!("Error code: {status} - {json}"),
        (text, Err(_)) => text.to_owned(),
    }
}
