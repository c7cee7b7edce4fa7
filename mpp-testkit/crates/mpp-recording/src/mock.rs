//! One mock: a closure, a sequence of replies, or a fixture.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mpp_host::sandbox::network::{Request, Response, TransportError};

use crate::fixture::Fixture;
use crate::hosts::same_host;
use crate::reply::Reply;

/// A closure that replies to requests.
pub(crate) type Closure = Arc<dyn Fn(&Request) -> Reply + Send + Sync>;

/// Something that replies to requests.
pub(crate) enum Mock {
    Closure { host: String, closure: Closure },
    Sequence { host: String, replies: Arc<[Reply]>, used: AtomicUsize },
    Fixture(Fixture),
}

/// What a mock makes of a request.
pub(crate) enum MockAnswer {
    Answer(Result<Response, TransportError>),
    /// The request is for another mock, for this reason.
    NotMatched(String),
    /// The sequence has no reply left.
    Exhausted {
        host: String,
        replies: usize,
        number: usize,
    },
}

impl Mock {
    pub(crate) fn answer(&self, request: &Request) -> MockAnswer {
        match self {
            Self::Closure { host, .. } | Self::Sequence { host, .. } if !same_host(host, request.host()) => {
                MockAnswer::NotMatched(format!("the request is to `{}`", request.host()))
            }
            Self::Closure { closure, .. } => match closure(request).into_answer() {
                Some(answer) => MockAnswer::Answer(answer),
                None => MockAnswer::NotMatched("it passed the request on".to_owned()),
            },
            Self::Sequence { host, replies, used } => {
                let index = used.fetch_add(1, Ordering::SeqCst);
                match replies.get(index).map(|reply| reply.clone().into_answer()) {
                    Some(Some(answer)) => MockAnswer::Answer(answer),
                    Some(None) => MockAnswer::NotMatched(format!("its reply {} passes the request on", index + 1)),
                    None => MockAnswer::Exhausted { host: host.clone(), replies: replies.len(), number: index + 1 },
                }
            }
            Self::Fixture(fixture) => match fixture.answer(request) {
                Ok(answer) => MockAnswer::Answer(answer),
                Err(reason) => MockAnswer::NotMatched(reason),
            },
        }
    }

    pub(crate) fn is_fixture(&self) -> bool {
        matches!(self, Self::Fixture(_))
    }
}

impl fmt::Display for Mock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closure { host, .. } => write!(f, "the closure for `{host}`"),
            Self::Sequence { host, replies, .. } => {
                write!(f, "the sequence of {} for `{host}`", counted_replies(replies.len()))
            }
            Self::Fixture(fixture) => write!(f, "the fixture `{}`", fixture.name()),
        }
    }
}

impl fmt::Debug for Mock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// `1 reply`, `2 replies`.
pub(crate) fn counted_replies(number: usize) -> String {
    if number == 1 { "1 reply".to_owned() } else { format!("{number} replies") }
}
