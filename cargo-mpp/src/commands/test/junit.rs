//! The results of test cases in the format of JUnit.

use mpp_cases::Status;
use mpp_recording::junit::{Suite, junit};

use crate::reports::testing::Tests;

/// Returns one suite for each file.
pub(super) fn of(results: &Tests) -> String {
    let suites: Vec<Suite> = results
        .files
        .iter()
        .map(|file| {
            let mut suite = Suite::new(&file.path);
            for case in &file.cases {
                match case.status {
                    Status::Passed => suite.passed(&case.name, case.duration),
                    Status::Skipped => suite.skipped(&case.name, case.reason.clone().unwrap_or_default()),
                    _ => {
                        let mut reasons: Vec<String> = case.mismatches.iter().map(|one| one.message.clone()).collect();
                        if !case.log.is_empty() {
                            reasons.push(format!("log:\n{}", case.log));
                        }
                        suite.failed(&case.name, case.duration, reasons);
                    }
                }
            }
            suite
        })
        .collect();
    junit(&suites)
}
