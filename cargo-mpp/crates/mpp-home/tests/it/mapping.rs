//! Mappings: requested, declared, and set by the environment.

use std::ffi::OsString;

use mpp_home::mapping::resolve;
use mpp_home::{MappingError, MappingRequest, Mappings};
use mpp_host::codes::Coded as _;
use serde_json::json;

use crate::support::sample;

fn map(request: &MappingRequest) -> Result<Mappings, MappingError> {
    let declared = json!({"filesystem": {"read": ["/data"], "write": ["/out"]}, "env_vars": ["KEY", "MODE"]});
    let environment = |name: &str| (name == "MODE").then(|| OsString::from("set here"));
    resolve(&sample(json!({ "capabilities": declared })).manifest(), request, &environment)
}

fn env(name: &str, value: Option<&str>) -> MappingRequest {
    let mut request = MappingRequest::default();
    request.env.push((name.to_owned(), value.map(str::to_owned)));
    request
}

#[test]
fn requests_come_before_the_environment_and_the_environment_before_the_project() {
    let dir = tempfile::tempdir().unwrap();
    let project = |name: &str| (name.to_owned(), "from the project".to_owned());
    let mut request = env("MODE", Some("given"));
    request.project_env = [project("KEY"), project("MODE")].into();
    request.dirs = vec![("/data".to_owned(), "/".into()), ("/data".to_owned(), dir.path().to_owned())];
    request.project_dirs = [("/data".to_owned(), "/".into()), ("/out".to_owned(), dir.path().to_owned())].into();
    let mapped = map(&request).unwrap();
    let expected = [("KEY", "from the project"), ("MODE", "given")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(mapped.env, expected);
    assert_eq!(mapped.dirs, ["/data", "/out"].map(|guest| (guest.to_owned(), dir.path().to_owned())));
    let inherited = map(&MappingRequest::default()).unwrap();
    assert_eq!(inherited.env, [("MODE".to_owned(), "set here".to_owned())]);
    let mut without = MappingRequest::default();
    without.no_env = true;
    let none = map(&without).unwrap();
    assert!(none.env.is_empty() && none.no_env);
}

#[test]
fn refuses_undeclared_missing_and_unset_mappings() {
    let dirs = |guest: &str, host: &str| {
        let mut request = MappingRequest::default();
        request.dirs.push((guest.to_owned(), host.into()));
        request
    };
    let code = |request: &MappingRequest| map(request).unwrap_err().code().id;
    assert_eq!(code(&dirs("/dta", "/")), "MPP-C009");
    assert_eq!(code(&dirs("/data", "/does/not/exist")), "MPP-C009");
    assert_eq!(code(&env("KYE", Some("x"))), "MPP-C010");
    let unset = map(&env("KEY", None)).unwrap_err();
    assert_eq!(unset, MappingError::VariableUnset { name: "KEY".to_owned(), not_text: false });
    assert_eq!(unset.to_string(), "the variable `KEY` is not set in this environment");
}
