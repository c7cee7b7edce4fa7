//! `mpp explain CODE`: what a code means and what to do, from the joined table of all codes.

use mpp_host::codes::Code;
use mpp_sdk::wire::nearest;

use crate::cli::ExplainArgs;
use crate::codes;
use crate::error::Error;
use crate::exit::Exit;
use crate::reports::codes::{CodeTable, Explanation};
use crate::ui::Ui;

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
        return Err(Error::NoSuchCode { code: wanted.to_owned(), nearest });
    };
    ui.show(&explanation(code))?;
    Ok(Exit::Done)
}

fn explanation(code: &'static Code) -> Explanation {
    Explanation { code: code.id, title: code.title, help: code.help, exit_code: Exit::from(code.class) as u8 }
}
