//! Lists keys page by page.

use std::collections::VecDeque;

use super::Error;
use crate::abi::{self, Call};

/// Maximum number of keys on one page.
pub const MAX_PAGE: u32 = 1000;
/// Number of keys that the iterator fetches at once.
const FETCHED: u32 = 256;

/// An iterator over the keys with a prefix, in order, returned by [`list`](super::list). It ends after an error.
#[derive(Debug)]
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct Keys {
    prefix: Vec<u8>,
    page: VecDeque<Vec<u8>>,
    /// Last key of the previous page.
    after: Vec<u8>,
    is_last: bool,
}

impl Keys {
    pub(super) fn new(prefix: Vec<u8>) -> Self {
        Self { prefix, page: VecDeque::new(), after: Vec::new(), is_last: false }
    }
}

impl Iterator for Keys {
    type Item = Result<Vec<u8>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.is_empty() && !self.is_last {
            match page(&self.prefix, &self.after, FETCHED) {
                Ok(keys) => {
                    self.is_last = keys.len() < FETCHED as usize;
                    self.after = keys.last().cloned().unwrap_or_default();
                    self.page = keys.into();
                }
                Err(error) => {
                    self.is_last = true;
                    return Some(Err(error));
                }
            }
        }
        self.page.pop_front().map(Ok)
    }
}

impl std::iter::FusedIterator for Keys {}

pub(super) fn page(prefix: &[u8], after: &[u8], limit: u32) -> Result<Vec<Vec<u8>>, Error> {
    let (_, reply) = abi::call(Call::KvList { prefix, after, limit }).into_result().map_err(Error::of)?;
    split(&reply).ok_or_else(Error::unreadable)
}

/// Splits a reply into keys, each of which follows its length.
fn split(mut reply: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut keys = Vec::new();
    while !reply.is_empty() {
        let (length, rest) = reply.split_first_chunk::<4>()?;
        let (key, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
        keys.push(key.to_vec());
        reply = rest;
    }
    Some(keys)
}
