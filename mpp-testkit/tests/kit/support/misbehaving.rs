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
    let parts = [std::io::IoSlice::new(b"in two "), std::io::IoSlice::new(b"parts\n")];
    std::io::Write::write_vectored(&mut std::io::stdout(), &parts).unwrap();
    print!("and without a line break");
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

#[derive(Debug, mpp::ToolError)]
enum PeekError {
    #[error(code = "unreadable", message = "the file cannot be read")]
    Read(#[from] std::io::Error),
}

/// Reads a file, and passes the error on.
#[mpp::tool]
fn peek(path: &str) -> Result<String, mpp::Error> {
    Ok(std::fs::read_to_string(path)?)
}

/// Reads a file, and wraps the error in one of its own.
#[mpp::tool]
fn peek_wrapped(path: &str) -> Result<String, PeekError> {
    Ok(std::fs::read_to_string(path)?)
}

/// Creates a file.
#[mpp::tool]
fn leave(path: &str) -> Result<(), mpp::Error> {
    Ok(std::fs::write(path, "x")?)
}

/// Reads a file that it can do without.
#[mpp::tool]
fn cope() -> String {
    std::fs::read_to_string("/etc/optional.toml").unwrap_or_else(|_| "defaults".to_owned())
}

/// Gives a variable.
#[mpp::tool]
fn variable() -> Result<String, mpp::Error> {
    mpp::env("UNDECLARED_KEY")
}

/// Starts a thread.
#[mpp::tool]
fn threads() -> u64 {
    std::thread::spawn(|| 1).join().unwrap_or_default()
}

fn main() {
    mpp::serve()
}
