//! One mock: a closure, a sequence of replies, or a fixture.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mpp_host::sandbox::network::{Request, Response, TransportError};

use super::plan::same_host;
use super::reply::Reply;
use crate::fixtures::Fixture;

/// What a closure of a test is.
pub(super) type Closure = Arc<dyn Fn(&Request) -> Reply + Send + Sync>;

/// What answers requests.
pub(super) enum Mock {
    Closure { host: String, closure: Closure },
    Sequence { host: String, replies: Arc<[Reply]>, given: AtomicUsize },
    Fixture(Fixture),
}

/// What a mock says to a request.
pub(super) enum Asked {
    Answer(Result<Response, TransportError>),
    /// Why it is not for this mock.
    NotMine(String),
    /// It was for this mock, and the mock has nothing left.
    Exhausted(String),
}

impl Mock {
    pub(super) fn ask(&self, request: &Request) -> Asked {
        match self {
            Self::Closure { host, .. } | Self::Sequence { host, .. } if !same_host(host, request.host()) => {
                Asked::NotMine(format!("the request is to `{}`", request.host()))
            }
            Self::Closure { closure, .. } => match closure(request).0 {
                Some(answer) => Asked::Answer(answer),
                None => Asked::NotMine("it passed".to_owned()),
            },
            Self::Sequence { host, replies, given } => {
                let number = given.fetch_add(1, Ordering::SeqCst);
                match replies.get(number).map(|reply| reply.0.clone()) {
                    Some(Some(answer)) => Asked::Answer(answer),
                    Some(None) => Asked::NotMine(format!("its reply {} is to pass", number + 1)),
                    None => Asked::Exhausted(format!(
                        "the sequence for `{host}` has {}, and this is request {}",
                        counted(replies.len(), "reply", "replies"),
                        number + 1
                    )),
                }
            }
            Self::Fixture(fixture) => match fixture.answer(request) {
                Ok(answer) => Asked::Answer(answer),
                Err(reason) => Asked::NotMine(reason),
            },
        }
    }
}

impl fmt::Display for Mock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closure { host, .. } => write!(f, "a closure for `{host}`"),
            Self::Sequence { host, replies, .. } => {
                write!(f, "a sequence of {} for `{host}`", counted(replies.len(), "reply", "replies"))
            }
            Self::Fixture(fixture) => write!(f, "the fixture `{}`", fixture.name()),
        }
    }
}

/// `1 reply`, `2 replies`.
pub(crate) fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
