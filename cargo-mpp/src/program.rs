//! The two names of the program.

/// The name by which the program was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// `mpp …`
    Mpp,
    /// `cargo mpp …`
    CargoMpp,
}

impl Program {
    /// Returns the command that a user types.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mpp => "mpp",
            Self::CargoMpp => "cargo mpp",
        }
    }

    /// Converts the example commands in a help text, which is written for `mpp`, to this name.
    pub(crate) fn spell_help(self, help: &str) -> String {
        match self {
            Self::Mpp => help.to_owned(),
            Self::CargoMpp => help
                .replace("\n  mpp ", "\n  cargo mpp ")
                .replace("&& mpp ", "&& cargo mpp ")
                .replace("`mpp ", "`cargo mpp "),
        }
    }

    /// Converts the commands in backticks to this name: `` `mpp run …` `` or `` `cargo mpp run …` ``.
    pub(crate) fn spell(self, text: &str) -> String {
        let short = text.replace("`cargo mpp ", "`mpp ").replace("`cargo mpp`", "`mpp`");
        match self {
            Self::Mpp => short,
            Self::CargoMpp => short.replace("`mpp ", "`cargo mpp ").replace("`mpp`", "`cargo mpp`"),
        }
    }
}
