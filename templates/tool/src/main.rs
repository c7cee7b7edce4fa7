//! Tools for AI agents: each function with `#[mpp::tool]` is one.
//!
//! An agent reads the doc comments of the function and its parameters. The signature becomes the schema of the arguments.

/// A greeting.
#[mpp::data]
struct Greeting {
    /// The text.
    text: String,
    /// The number of times that the name occurs in it.
    times: u8,
}

/// Greet somebody by name.
#[mpp::tool(read_only)]
fn greet(
    /// The name.
    #[arg(min_len = 1, example = "Ada")]
    name: &str,
    /// The number of greetings.
    #[arg(default = 1, range = 1..=5)]
    times: u8,
) -> Result<Greeting, mpp::Error> {
    if name.trim().is_empty() {
        return Err(mpp::Error::new("no_name", "the name is blank"));
    }
    let text = vec![format!("Hello, {name}!"); times.into()].join(" ");
    Ok(Greeting { text, times })
}

fn main() {
    mpp::serve()
}

#[cfg(test)]
mod tests;
