//! Two tools in one program: try `echo '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' | cargo run -p mpp-sdk --example greet`.
#![deny(missing_docs, unused, unsafe_code, clippy::all)]

/// A greeting, taken apart.
#[mpp_sdk::data]
struct Greeting {
    /// The whole line.
    line: String,
    /// How many times it is said.
    times: u8,
}

/// Greet somebody.
#[mpp_sdk::tool(read_only)]
fn greet(
    /// Whom to greet.
    #[arg(min_len = 1, example = "Ada")]
    name: &str,
    /// How often.
    #[arg(default = 1, range = 1..=5)]
    times: u8,
) -> Greeting {
    Greeting { line: format!("Hello, {name}! ").repeat(times.into()).trim_end().to_owned(), times }
}

/// Add up a list of numbers.
#[mpp_sdk::tool]
fn sum(
    /// The numbers.
    numbers: &[f64],
    /// A word to put before the sum.
    label: Option<&str>,
) -> Result<String, mpp_sdk::Error> {
    if numbers.is_empty() {
        return Err(mpp_sdk::Error::new("nothing_to_add", "give at least one number"));
    }
    Ok(format!("{}{}", label.map(|label| format!("{label}: ")).unwrap_or_default(), numbers.iter().sum::<f64>()))
}

fn main() {
    mpp_sdk::serve()
}
