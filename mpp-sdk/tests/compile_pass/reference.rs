//! The examples of the reference of the macros in the book.
#![deny(warnings)]

extern crate mpp_sdk as mpp;

use std::{collections::{BTreeMap, BTreeSet, VecDeque}, path::PathBuf};

/// A customer.
#[mpp::data]
#[derive(Debug)]
struct Customer {
    name: String,
}

// ANCHOR: data
/// The order of a list.
#[mpp::data]
#[derive(Debug, Default, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Order {
    /// Best match first.
    #[default]
    Relevance,
    /// By name.
    Name,
}

/// An address.
#[mpp::data]
#[derive(Debug)]
#[serde(rename_all = "camelCase")]
struct Address {
    /// Street and number.
    street: String,
    /// The postal code.
    #[serde(alias = "zip")]
    #[schemars(length(max = 10))]
    postal_code: Option<String>,
}
// ANCHOR_END: data

// ANCHOR: error
#[derive(Debug, mpp::ToolError)]
enum FindError {
    #[error(code = "not_found", message = "no customer matches `{query}`; try fewer letters")]
    NotFound { query: String },
    #[error(code = "crm_down", retryable, message = "the CRM did not answer; try again in a minute")]
    Crm(#[from] mpp::http::Error),
    #[error(code = "bad_record", message = "record {id} cannot be read")]
    Record {
        id: u32,
        #[source]
        cause: std::num::ParseIntError,
    },
    #[error(transparent)]
    Other(#[from] mpp::Error),
}
// ANCHOR_END: error

// ANCHOR: tool
/// Find customers by name.
#[mpp::tool(title = "Find customers", security_level = "medium", read_only, idempotent, open_world = false)]
fn find_customers(
    /// A name, or the beginning of one.
    #[arg(min_len = 1, max_len = 80, example = "Ada")]
    query: &str,
    /// The country, as a code of two letters.
    #[arg(pattern = "^[A-Z]{2}$", examples = ["GB", "DE"])]
    country: Option<String>,
    /// Only customers since this day.
    #[arg(format = "date")]
    since: Option<String>,
    /// The least similarity of a match.
    #[arg(default = 0.5, range = 0..=1)]
    similarity: f64,
    /// The maximum number of customers.
    #[arg(name = "max", default = 10, range = 1..=100)]
    limit: usize,
    /// The order.
    #[arg(default)]
    order: Order,
) -> Result<Vec<Customer>, FindError> {
    let wanted = crm::Wanted { country, since, similarity, limit, order };
    crm::search(query, wanted)
}
// ANCHOR_END: tool

/// Take what the book lists and no other test takes.
#[mpp::tool]
fn other_types(
    letter: char,
    deque: VecDeque<u8>,
    set: BTreeSet<u8>,
    text: Box<str>,
    file: PathBuf,
    map: BTreeMap<String, u8>,
) -> Option<mpp::ResourceLink> {
    let _ = (letter, deque, set, text, file, map);
    None
}

/// Return exactly this result.
#[mpp::tool]
fn exact_result() -> mpp::CallToolResult {
    mpp::CallToolResult::default()
}

mod crm {
    use super::{Customer, FindError, Order};

    pub struct Wanted {
        pub country: Option<String>,
        pub since: Option<String>,
        pub similarity: f64,
        pub limit: usize,
        pub order: Order,
    }

    pub fn search(query: &str, wanted: Wanted) -> Result<Vec<Customer>, FindError> {
        match query {
            "" => Err(mpp_sdk::Error::invalid_argument("/query", "expected a name").into()),
            "7a" => query.parse().map(|_: u8| Vec::new()).map_err(|cause| FindError::Record { id: 7, cause }),
            name => {
                let Wanted { country, since, similarity, limit, order } = wanted;
                mpp_sdk::log!("{:?}", (country, since, similarity, limit, order));
                Err(FindError::NotFound { query: name.to_owned() })
            }
        }
    }
}

/// Returns the error that the caller of a tool receives.
fn reported(error: impl Into<mpp::Error>) -> (String, String, bool) {
    let error = error.into();
    (error.code().to_owned(), error.message().to_owned(), error.is_retryable())
}

fn main() {
    let tools = mpp::tools![find_customers, other_types, exact_result];
    assert_eq!(tools.names(), ["exact_result", "find_customers", "other_types"]);
    let schema = mpp::schemars::schema_for!(Address);
    assert_eq!(schema.pointer("/properties/postalCode/maxLength"), Some(&10.into()), "{schema:?}");
    let find = |query: &str| find_customers(query, None, None, 0.5, 10, Order::Relevance).map(|_| ());
    let expected = ("not_found".to_owned(), "no customer matches `Ada`; try fewer letters".to_owned(), false);
    assert_eq!(find("Ada").map_err(reported), Err(expected));
    assert_eq!(find("7a").map_err(reported).unwrap_err().1, "record 7 cannot be read");
    assert_eq!(find("").map_err(reported).unwrap_err().0, "invalid_arguments");
    let address: Address = mpp::serde_json::from_str(r#"{"street": "Byway 1", "zip": "AB1"}"#).unwrap();
    assert_eq!(address.postal_code.as_deref(), Some("AB1"));

    // The types that `?` takes.
    assert_eq!(reported("no"), ("failed".to_owned(), "no".to_owned(), false));
    assert_eq!(reported("no".to_owned()).0, "failed");
    assert_eq!(reported(std::io::Error::other("broken")), ("io".to_owned(), "broken".to_owned(), false));
    let denied = mpp::env("UNDECLARED_VARIABLE_OF_THIS_TEST").unwrap_err();
    assert_eq!(reported(denied).0, "capability_denied");
    let unavailable = mpp::http::get("https://api.crm.example").send().unwrap_err();
    assert_eq!(reported(unavailable).0, "http_unavailable");
    assert_eq!(reported(mpp::kv::get("key").unwrap_err()).0, "kv_unavailable");
}
