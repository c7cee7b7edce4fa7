//! A tool: every function with `#[mpp::tool]` is one that an agent can call.
//!
//! Its comment and those of its parameters are what the agent reads; its signature is the schema that is enforced.

/// A greeting and how it came about.
#[mpp::data]
struct Greeting {
    /// The whole text.
    text: String,
    /// How often the name is in it.
    times: u8,
}

/// Greet somebody by name.
#[mpp::tool(read_only)]
fn greet(
    /// Whom to greet.
    #[arg(min_len = 1, example = "Ada")]
    name: &str,
    /// How often.
    #[arg(default = 1, range = 1..=5)]
    times: u8,
) -> Result<Greeting, mpp::Error> {
    if name.trim().is_empty() {
        return Err(mpp::Error::new("no_name", "the name is blank; say whom to greet"));
    }
    let text = vec![format!("Hello, {name}!"); times.into()].join(" ");
    Ok(Greeting { text, times })
}

fn main() {
    mpp::serve()
}

#[cfg(test)]
mod tests;
