//! Finds the lines for `Cargo.toml` that help texts propose, so that a test can apply them.

/// A line that a help text proposes for a table of `Cargo.toml`, in the form ``write `LINE` under `[TABLE]` ``.
///
/// ```
/// use mpp_host::testing::CargoLine;
///
/// let help = "to allow it, write `env_vars = [\"KEY\"]` under `[package.metadata.mpp.capabilities]` and build again";
/// let line = CargoLine::all_in(help).remove(0);
/// assert_eq!(line.table, "[package.metadata.mpp.capabilities]");
/// assert!(line.cargo_toml().ends_with("[package.metadata.mpp.capabilities]\nenv_vars = [\"KEY\"]\n"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CargoLine {
    /// The header of the table, in brackets.
    pub table: String,
    /// The line.
    pub line: String,
}

impl CargoLine {
    /// Returns every line that a text proposes.
    #[must_use]
    pub fn all_in(text: &str) -> Vec<Self> {
        let parts: Vec<&str> = text.split('`').collect();
        // Text and code alternate.
        let code = || parts.iter().copied().enumerate().filter(|(index, _)| index % 2 == 1);
        let is_proposed = |index: usize| {
            let words = parts[index - 1].trim_end();
            words.ends_with("write") || words.ends_with("write for example")
        };
        code()
            .filter(|(index, _)| is_proposed(*index))
            .filter_map(|(index, line)| {
                let (_, table) = code().find(|(at, part)| *at > index && part.starts_with("[package.metadata.mpp"))?;
                Some(Self { table: table.to_owned(), line: line.to_owned() })
            })
            .collect()
    }

    /// Returns the `Cargo.toml` of a project that has only this line.
    #[must_use]
    pub fn cargo_toml(&self) -> String {
        let Self { table, line } = self;
        format!("[package]\nname = \"sample\"\nversion = \"1.2.3\"\nedition = \"2024\"\n\n{table}\n{line}\n")
    }
}
