//! `mpp test`: runs the test cases of a project with its package.

mod junit;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mpp_cases::{Cases, ReadError, Status, Subject, codes as case_codes};
use mpp_home::files::{self, Access};
use mpp_host::codes::{Code, Coded};

use crate::cli::TestArgs;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::reports::testing::{Counts, TestedFile, Tests};
use crate::session::Session;
use crate::ui::Ui;
use crate::{building, hosting, interrupt};

/// The directory of a project that has its cases.
const DIRECTORY: &str = "tests";

/// The error returned when a project has no files of cases.
#[derive(Debug, thiserror::Error)]
#[error("no files with test cases were found")]
pub(crate) struct NoCaseFiles {
    /// The directory that was searched.
    dir: String,
}

impl Coded for NoCaseFiles {
    fn code(&self) -> &'static Code {
        &case_codes::R704
    }
}

impl Explain for NoCaseFiles {
    fn place(&self) -> Option<String> {
        Some(self.dir.clone())
    }

    fn advice(&self) -> String {
        "write one, for example `tests/greet.yaml`, with the name and the arguments of one of your tools:\n\n    cases:\n      - name: greets\n        \
         tool: greet\n        arguments: { name: Ada }\n\nThen run `mpp test --update`, which adds what the tool answers."
            .to_owned()
    }
}

/// The error returned when a filter selects no case.
#[derive(Debug, thiserror::Error)]
#[error("no test case matches {}", filters.iter().map(|filter| format!("`{filter}`")).collect::<Vec<_>>().join(" or "))]
pub(crate) struct NoCase {
    filters: Vec<String>,
    /// Names of the cases.
    names: Vec<String>,
}

impl Coded for NoCase {
    fn code(&self) -> &'static Code {
        &case_codes::R705
    }
}

impl Explain for NoCase {
    fn advice(&self) -> String {
        format!("the cases are:\n  {}", self.names.join("\n  "))
    }
}

/// The error returned when cases failed.
#[derive(Debug, thiserror::Error)]
#[error("{failed} of {total} test cases failed")]
pub(crate) struct CasesFailed {
    failed: usize,
    total: usize,
    dir: String,
}

impl Coded for CasesFailed {
    fn code(&self) -> &'static Code {
        &case_codes::R710
    }
}

impl Explain for CasesFailed {
    fn place(&self) -> Option<String> {
        Some(self.dir.clone())
    }

    fn advice(&self) -> String {
        "correct the tool or the cases; if the answers are right, `mpp test --update` writes them into the files"
            .to_owned()
    }
}

impl Explain for ReadError {
    fn place(&self) -> Option<String> {
        let path = self.path().display();
        Some(self.line().map_or_else(|| path.to_string(), |line| format!("{path}:{line}")))
    }

    fn advice(&self) -> String {
        match self {
            Self::Invalid { .. } => "`mpp schema test` prints every key with its meaning".to_owned(),
            _ => Coded::help(self),
        }
    }
}

/// The cases of one file that are run.
struct Selected {
    /// Path, as a user would type it.
    shown: String,
    cases: Cases,
    numbers: Vec<usize>,
}

/// Runs the cases, and prints the results.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &TestArgs) -> Result<Exit, Error> {
    interrupt::watch();
    let dir = session.resolve(&args.dir);
    let project = building::find(&dir, &args.select)?;
    let tests = project.dir().join(DIRECTORY);
    // A mistake in a file is found before the project is built.
    let selected = select(session, &tests, &args.filter)?;
    let host = hosting::host(session, ui)?;
    let target = building::for_own_use(session, ui, &args.select, &host, &dir)?;
    let (package_id, version) =
        (target.package.manifest().package_id.clone(), target.package.manifest().version.clone());
    ui.progress("Loading", &package_id, false);
    let symbols = target.symbols.and_then(|path| std::fs::read(path).ok());
    let dev = target.dev.unwrap_or_default();
    let subject = Subject::load(&host, target.package, symbols, project.dir().to_owned())?.settings(dev.dirs, dev.env);

    let total = selected.iter().map(|file| file.numbers.len() as u64).sum();
    let mut done = 0;
    let mut found = Vec::new();
    for Selected { shown, cases, numbers } in selected {
        ui.progress("Testing", &shown, false);
        let mut tested = TestedFile { path: shown, cases: Vec::new(), changes: Vec::new() };
        if args.update {
            let updated = subject.update(&cases, &numbers);
            if let Some(text) = &updated.text {
                files::write(cases.path(), text.as_bytes(), Access::Shared)?;
            }
            (tested.cases, tested.changes) = (updated.results, updated.changes);
            done += numbers.len() as u64;
        } else {
            for number in numbers {
                done += 1;
                ui.progress_count(done, total, &cases.cases()[number].name);
                tested.cases.push(subject.run(&cases, number));
            }
        }
        found.push(tested);
    }
    ui.progress_done();
    let counts = Counts::of(&found);
    let results = Tests { package_id, version, files: found, counts };
    finish(ui, &results, session.shown(&tests))
}

/// Reads the files, and selects cases.
fn select(session: &Session, dir: &Path, filters: &[String]) -> Result<Vec<Selected>, Error> {
    let read = |source| ReadError::Read { path: dir.to_owned(), source };
    let paths: Vec<PathBuf> = Cases::files_in(dir).map_err(read)?;
    let (mut selected, mut names) = (Vec::new(), Vec::new());
    for path in paths {
        let Some(cases) = Cases::read(&path)? else { continue };
        let shown = session.shown(&path);
        let full = |number: usize| format!("{shown}: {}", cases.cases()[number].name);
        let is_wanted =
            |number: &usize| filters.is_empty() || filters.iter().any(|filter| full(*number).contains(filter));
        let numbers = 0..cases.cases().len();
        names.extend(numbers.clone().map(full));
        let numbers: Vec<usize> = numbers.filter(is_wanted).collect();
        if !numbers.is_empty() {
            selected.push(Selected { shown, cases, numbers });
        }
    }
    if names.is_empty() {
        return Err(NoCaseFiles { dir: session.shown(dir) }.into());
    }
    if selected.is_empty() {
        return Err(NoCase { filters: filters.to_vec(), names }.into());
    }
    Ok(selected)
}

fn finish(ui: &Ui, results: &Tests, dir: String) -> Result<Exit, Error> {
    let failed = results.cases().filter(|case| case.status == Status::Failed).count();
    let failure = (failed > 0).then(|| CasesFailed { failed, total: results.cases().count(), dir });
    if ui.wants_junit() {
        ui.print_raw(junit::of(results).as_bytes())?;
        return failure.map_or(Ok(Exit::Done), |failure| Err(failure.into()));
    }
    match failure {
        Some(failure) => Ok(ui.show_failed(results, &Error::from(failure))?),
        None => {
            ui.show(results)?;
            Ok(Exit::Done)
        }
    }
}
