//! A tool for each mistake.

/// A person.
#[mpp::data]
struct Person {
    name: String,
    #[schemars(range(max = 150))]
    age: u32,
}

#[derive(Debug, mpp::ToolError)]
enum FindError {
    #[error(code = "not_found", message = "nobody has the address {address}")]
    NotFound { address: String },
    #[error(code = "crm_down", retryable, message = "the CRM did not answer")]
    Crm(#[from] mpp::http::Error),
    #[error(transparent)]
    Other(#[from] mpp::Error),
}

/// Finds a person.
#[mpp::tool]
fn find(query: &str) -> Person {
    Person { name: query.to_owned(), age: 36 }
}

/// Returns the tenth item of a list, even if there are fewer.
#[mpp::tool]
fn tenth(of: Vec<u64>) -> u64 {
    pick(&of)
}

fn pick(of: &[u64]) -> u64 {
    of[9]
}

/// Loops forever if `forever` is set.
#[mpp::tool]
fn spin(forever: bool) -> u64 {
    let mut turns = 0u64;
    while forever || turns < 10 {
        turns = std::hint::black_box(turns.wrapping_add(1));
    }
    turns
}

/// Prints what it does.
#[mpp::tool]
fn chat(text: &str) -> String {
    println!("working on {text}");
    text.to_owned()
}

/// Returns an age that its own schema forbids.
#[mpp::tool]
fn lie() -> Person {
    Person { name: "Methuselah".to_owned(), age: 969 }
}

/// Looks a person up, and names them in the error if they were not found.
#[mpp::tool]
fn lookup(address: &str) -> Result<Person, FindError> {
    eprintln!("looking up {address}");
    Err(FindError::NotFound { address: address.to_owned() })
}

/// Sends a request to a host that the manifest does not declare.
#[mpp::tool]
fn fetch() -> Result<String, FindError> {
    Ok(mpp::http::get("https://api.crn.example/v1/people").send()?.error_for_status()?.text()?)
}

fn main() {
    mpp::serve()
}
