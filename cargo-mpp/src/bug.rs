//! Internal errors: a panic becomes one message that asks for a report, a document if JSON is wanted, and exit code 70.

use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use crate::cli::OutputOptions;
use crate::exit::Exit;
use crate::program::Program;
use crate::ui;

/// Runs `work`, and reports a panic in it as an internal error.
pub(crate) fn guard(program: Program, options: &OutputOptions, work: impl FnOnce() -> Exit) -> Exit {
    let last = Arc::new(Mutex::new(String::new()));
    let seen = Arc::clone(&last);
    std::panic::set_hook(Box::new(move |panic| {
        let what = describe(panic);
        ui::bug(program, &what);
        *seen.lock().unwrap_or_else(PoisonError::into_inner) = what;
    }));
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        // Other panics end a thread, but not the program, whose command may still print its result.
        ui::bug_document(program, options, &last.lock().unwrap_or_else(PoisonError::into_inner));
        Exit::Bug
    })
}

fn describe(panic: &PanicHookInfo<'_>) -> String {
    let what = panic.payload_as_str().unwrap_or("no message");
    match panic.location() {
        Some(place) => format!("{what} ({}:{})", place.file(), place.line()),
        None => what.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, clippy::exit, reason = "a panic is what is tested, and it ends the process")]

    use std::process::{Command, Output};

    use serde_json::{Value, json};

    use super::{Exit, guard};
    use crate::Program;
    use crate::cli::{Format, OutputOptions};
    use crate::reports::schema;
    use crate::ui::Ui;

    /// Ends the process as the program would.
    fn panics(format: Format, prints: Option<&str>) -> ! {
        let options = OutputOptions { format, ..OutputOptions::quiet() };
        let exit = guard(Program::Mpp, &options, || {
            if let Some(text) = prints {
                Ui::new(Program::Mpp, &options, None).print_raw(text.as_bytes()).expect("printed");
            }
            std::panic::panic_any("out of cheese")
        });
        std::process::exit(i32::from(exit.code()))
    }

    #[test]
    #[ignore = "run by a test below, in a process of its own"]
    fn process_with_json() {
        panics(Format::Json, None);
    }

    #[test]
    #[ignore = "run by a test below, in a process of its own"]
    fn process_with_json_and_a_result() {
        panics(Format::Json, Some("{\"done\": true}\n"));
    }

    #[test]
    #[ignore = "run by a test below, in a process of its own"]
    fn process_with_text() {
        panics(Format::Text, None);
    }

    /// Runs one of the tests above, and returns what it prints after the words of the test harness.
    fn run(process: &str) -> (Output, String) {
        let program = std::env::current_exe().expect("this program");
        let name = format!("bug::tests::{process}");
        let output = Command::new(program).args(["--exact", &name, "--ignored", "--nocapture"]).output().expect("runs");
        let stdout = String::from_utf8(output.stdout.clone()).expect("UTF-8");
        let (_, printed) = stdout.split_once("running 1 test\n").expect("the harness started it");
        let printed = printed.strip_prefix(&format!("test {name} ... ")).unwrap_or(printed).to_owned();
        (output, printed)
    }

    #[test]
    fn a_panic_exits_with_70_and_one_message() {
        let (output, printed) = run("process_with_text");
        assert_eq!(output.status.code(), Some(i32::from(Exit::Bug.code())));
        assert_eq!(output.status.code(), Some(70));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(stderr.matches("error[MPP-C070]: internal error in mpp: out of cheese").count(), 1, "{stderr}");
        assert_eq!(printed, "");
    }

    #[test]
    fn a_panic_is_a_document_if_json_is_wanted() {
        let (output, printed) = run("process_with_json");
        assert_eq!(output.status.code(), Some(70));
        let document: Value = serde_json::from_str(&printed).expect("one document");
        assert_eq!((&document["format"], &document["error"]["exit_code"]), (&json!(1), &json!(70)));
        assert_eq!(document["error"]["code"], "MPP-C070");
        let message = document["error"]["message"].as_str().unwrap_or_default();
        assert!(message.starts_with("internal error in mpp: out of cheese ("), "{message}");
        let mut documents = schema::output("").expect("a schema");
        documents["anyOf"] = json!([{ "$ref": "#/$defs/ErrorDocument" }]);
        assert!(jsonschema::is_valid(&documents, &document), "{document}");
    }

    #[test]
    fn a_panic_after_the_result_adds_no_second_document() {
        let (output, printed) = run("process_with_json_and_a_result");
        assert_eq!(output.status.code(), Some(70));
        assert_eq!(printed, "{\"done\": true}\n");
    }
}
