//! `mpp explain CODE`: the cause of an error and what to do, from the table of all codes.

use mpp_host::codes::{Code, Coded};
use mpp_sdk::wire::nearest;

use crate::cli::ExplainArgs;
use crate::codes;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::reports::codes::{CodeTable, Explanation};
use crate::ui::Ui;

/// The error returned when a code does not exist.
#[derive(Debug, thiserror::Error)]
#[error("there is no code `{code}`{}", nearest.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
pub(crate) struct NoSuchCode {
    code: String,
    nearest: Option<&'static str>,
}

impl Coded for NoSuchCode {
    fn code(&self) -> &'static Code {
        &codes::C011
    }
}

impl Explain for NoSuchCode {
    fn advice(&self) -> String {
        "run `mpp explain list` to list all codes".to_owned()
    }
}

/// Prints one code or all.
pub(crate) fn run(ui: &Ui, args: &ExplainArgs) -> Result<Exit, Error> {
    if args.code == "list" {
        ui.show(&CodeTable { codes: codes::all().map(explanation).collect() })?;
        return Ok(Exit::Done);
    }
    let wanted = args.code.trim_start_matches("error[").trim_end_matches(['.', ':', ']']);
    let full = if wanted.contains('-') { wanted.to_owned() } else { format!("MPP-{wanted}") };
    let Some(code) = codes::find(&full) else {
        let nearest = nearest(&full, codes::all().map(|code| code.id));
        return Err(NoSuchCode { code: wanted.to_owned(), nearest }.into());
    };
    ui.show(&explanation(code))?;
    Ok(Exit::Done)
}

fn explanation(code: &'static Code) -> Explanation {
    let exit_code = Exit::from(code.class).code();
    Explanation { code: code.id, title: code.title, help: codes::help(code), exit_code }
}
