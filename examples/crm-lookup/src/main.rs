//! Looks up customers in a CRM over HTTPS, with an API key.

use std::time::Duration;

use mpp::http;

/// A customer in the CRM.
#[mpp::data]
#[derive(Debug)]
struct Customer {
    /// The CRM's identifier for the customer.
    id: String,
    /// Full name.
    name: String,
    /// The company they work for.
    company: String,
    /// The status: lead, active or former.
    status: String,
    /// E-mail address.
    email: String,
    /// Telephone number.
    phone: String,
    /// Notes by colleagues.
    notes: String,
}

#[derive(Debug, mpp::ToolError)]
enum LookupError {
    #[error(
        code = "not_found",
        message = "no customer matches `{query}`; try the e-mail address, or a part of the name"
    )]
    NotFound { query: String },
    #[error(code = "key_refused", message = "the CRM rejects the key in `CRM_API_KEY`; set a valid one")]
    KeyRefused,
    #[error(code = "crm_down", retryable, message = "the CRM did not answer as expected: {0}")]
    Crm(#[from] http::Error),
    #[error(transparent)]
    Other(#[from] mpp::Error),
}

// ANCHOR: lookup
/// Look up customers by ID, e-mail or name.
#[mpp::tool(read_only, security_level = "medium")]
fn lookup(
    /// Customer ID, e-mail address, or part of the name.
    #[arg(min_len = 1, max_len = 200)]
    query: &str,
    /// The maximum number of customers to return.
    #[arg(default = 10, range = 1..=100)]
    limit: u8,
) -> Result<Vec<Customer>, LookupError> {
    let crm = mpp::env("CRM_URL")?;
    let response = http::get(format!("{}/v1/customers", crm.trim_end_matches('/')))
        .query("q", query)
        .query("limit", limit)
        .bearer_auth(mpp::env("CRM_API_KEY")?)
        // Shorter than the time limit of the call, so that a CRM that hangs becomes the error `crm_down`.
        .timeout(Duration::from_secs(5))
        .send()?;
    if matches!(response.status(), 401 | 403) {
        return Err(LookupError::KeyRefused);
    }
    let customers: Vec<Customer> = response.error_for_status()?.json()?;
    if customers.is_empty() { Err(LookupError::NotFound { query: query.to_owned() }) } else { Ok(customers) }
}
// ANCHOR_END: lookup

fn main() {
    mpp::serve()
}

#[cfg(test)]
mod tests;
