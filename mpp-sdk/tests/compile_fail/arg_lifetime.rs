//! Types that borrow.
use std::{borrow::Cow, collections::HashMap};

#[mpp_sdk::data]
struct Query<'a> {
    text: &'a str,
}

/// Search.
#[mpp_sdk::tool]
fn search<'a>(query: Query<'a>, again: Option<Query<'_>>, by_reference: &Query<'_>) {
    let _ = (query, again, by_reference);
}

/// Search.
#[mpp_sdk::tool]
fn words(list: Vec<&str>, map: HashMap<String, &[u8]>, fine: Vec<Cow<'_, str>>) {
    let _ = (list, map, fine);
}

fn main() {}
