//! Prints everything that does not need a session: help, errors of the command line, and internal errors.

use std::ffi::OsString;

use super::diagnostic::render;
use super::printer::Printer;
use super::{Ui, json};
use crate::cli::{self, Format, OutputOptions};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::exit::Exit;
use crate::program::Program;
use crate::reports::document::ErrorDocument;

/// Prints help, the version, or the error of the command line.
pub(crate) fn command_line(program: Program, arguments: &[OsString], end: &clap::Error) -> Exit {
    let printer = Printer::new(false);
    let help = || program.spell_help(&end.render().ansi().to_string());
    if end.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        // If stderr cannot be written, there is no place left to report it.
        let _ = printer.err_ansi(&help());
        return Exit::Usage;
    }
    if end.use_stderr() {
        let options = OutputOptions::guessed_from(arguments);
        let diagnostic = cli::diagnose(end).spelled_for(program);
        Ui::new(program, &options, None).print_failure(&diagnostic, Exit::Usage);
        return Exit::Usage;
    }
    match printer.out_ansi(&help()) {
        Ok(()) => Exit::Done,
        Err(_) => Exit::Usage,
    }
}

/// Reports an internal error of the program to people.
pub(crate) fn bug(program: Program, what: &str) {
    // If stderr cannot be written, there is no place left to report it.
    let _ = Printer::new(false).err(&render(&internal_error(program, what)));
}

/// Prints the document of an internal error that ends the program, if JSON is wanted and nothing was printed before.
pub(crate) fn bug_document(program: Program, options: &OutputOptions, what: &str) {
    if options.format == Format::Json
        && !Printer::has_printed()
        && let Ok(document) = json::document(&ErrorDocument::new(&internal_error(program, what), Exit::Bug))
    {
        // If stdout cannot be written, the message on stderr remains.
        let _ = Printer::new(false).out_raw(document.as_bytes());
    }
}

fn internal_error(program: Program, what: &str) -> Diagnostic {
    Diagnostic::new(&codes::C070, format!("internal error in {}: {what}", program.name())).help(format!(
        "this is a bug in the program, not in your package or tool; please report it with this message,\n\
         the command line, and the output of `{} --version`",
        program.name()
    ))
}
