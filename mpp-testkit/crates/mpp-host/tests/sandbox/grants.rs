//! Grants: a tool receives what it declares and what the grant contains, and nothing more.

use std::error::Error as _;
use std::io;

use mpp_host::causes::with_causes;
use mpp_host::codes::{Coded as _, Remedy, RuntimeLimit};
use mpp_host::host::{Grant, GrantError};
use mpp_host::policy::Clearance;
use mpp_host::sandbox::CallLimits;
use mpp_host::trust::Admission;
use mpp_sdk::wire::ErrorKind;
use serde_json::json;

use crate::fixture::{Run, answers, assert_fails, content, decide, host, module, sample};

/// A tool that answers with its whole environment block, which must be a single variable.
fn tells_environment() -> Vec<u8> {
    let body = "
      (drop (call $environ_sizes_get (i32.const 4096) (i32.const 4100)))
      (drop (call $environ_get (i32.const 4200) (i32.const 5000)))
      (call $answer_text (i32.const 5000)
        (if (result i32) (i32.load (i32.const 4096))
          (then (i32.sub (i32.load (i32.const 4100)) (i32.const 1))) (else (i32.const 0))))";
    module("", body)
}

#[test]
fn a_tool_sees_only_declared_variables() {
    let host = host();
    // The environment of this process contains `PATH` and other variables.
    assert_eq!(content(&sample(tells_environment()).runnable(&host).call("run", "{}")), "");
    let declares = sample(tells_environment()).set("/capabilities", json!({ "env_vars": ["MODE"] }));
    let granted = declares.granted(&host, |grant| grant.env("MODE", "quick"));
    assert_eq!(content(&granted.call("run", "{}")), "MODE=quick");
    let none = declares.granted(&host, Grant::without_env);
    assert_eq!(content(&none.call("run", "{}")), "");
}

#[test]
fn the_value_of_a_variable_is_redacted() {
    let package = sample(tells_environment()).set("/capabilities", json!({ "env_vars": ["API_KEY"] }));
    let output = package.granted(&host(), |grant| grant.env("API_KEY", "correct-horse-battery")).call("run", "{}");
    assert_eq!(content(&output), "API_KEY=[REDACTED:env:API_KEY]");
}

#[test]
fn missing_and_undeclared_values_are_named_before_the_tool_runs() {
    let host = host();
    let capabilities = json!({ "env_vars": ["API_KEY", "MODE"], "filesystem": { "read": ["/data"], "write": [] } });
    let (loaded, decided) = sample(answers("1")).set("/capabilities", capabilities).load(&host);
    let grant = |change: &dyn Fn(Grant) -> Grant| loaded.grant(change(decided.grant())).err().unwrap();
    let missing = grant(&|g| g.env("MODE", "x"));
    assert!(matches!(&missing, GrantError::VariablesMissing { names } if names == &["API_KEY"]), "{missing:?}");
    assert!(missing.help().contains("a value for the environment variable `API_KEY`"), "{}", missing.help());
    let undeclared = grant(&|g| g.env("MODE", "x").env("API_KEYS", "y"));
    assert!(
        matches!(&undeclared, GrantError::VariableUndeclared { nearest: Some(n), .. } if n == "API_KEY"),
        "{undeclared:?}"
    );
    let unmapped = grant(&|g| g.without_env());
    assert!(matches!(&unmapped, GrantError::PathUnmapped { guest } if guest == "/data"), "{unmapped:?}");
    assert!(unmapped.help().contains("map `/data` to"), "{}", unmapped.help());
    let undeclared = grant(&|g| g.without_env().dir("/data", "/").dir("/other", "/"));
    let line = "filesystem = { read = [\"/data\", \"/other\"] }".to_owned();
    let found = undeclared.remedy();
    assert_eq!(found, Some(Remedy::DeclarePath { guest: "/other".to_owned(), line }), "{undeclared:?}");
    let unusable = grant(&|g| g.without_env().dir("/data", "/no/such/place"));
    assert!(matches!(&unusable, GrantError::PathUnusable { guest, .. } if guest == "/data"), "{unusable:?}");
    let cause = unusable.source().and_then(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    assert_eq!(cause, Some(io::ErrorKind::NotFound));
    assert_eq!(
        with_causes(&unusable),
        "`/no/such/place`, which is the tool's `/data`, cannot be opened: no such file or directory"
    );
    for error in [missing, undeclared, unmapped, unusable] {
        assert!(mpp_host::codes::find(error.code().id).is_some(), "{}", error.code());
    }
}

#[test]
fn refuses_the_admission_or_clearance_of_another_package() {
    let host = host();
    let (loaded, own) = sample(answers("1")).load(&host);
    let other = decide(&host, &sample(answers("2")).verified(&host));
    let refused = |admission: &Admission, clearance: &Clearance| {
        let error = loaded.grant(Grant::new(admission.clone(), clearance.clone())).err().unwrap();
        (error.code().id, error.to_string())
    };
    assert_eq!(refused(&other.admission, &own.clearance), ("MPP-R306", GrantError::NotAdmitted.to_string()));
    assert_eq!(refused(&own.admission, &other.clearance), ("MPP-R309", GrantError::NotCleared.to_string()));
    assert!(loaded.grant(own.grant()).is_ok());
}

#[test]
fn limits_can_only_be_lowered() {
    let package = sample(module("", "(drop (memory.grow (i32.const 100))) unreachable"));
    let package = package.set("/runtime/memory_limit_mb", json!(2));
    let mut limits = CallLimits::of(&package.verified(&host()).manifest().runtime);
    limits.memory = 1 << 30;
    let raised = package.granted(&host(), |grant| grant.limits(limits)).call("run", "{}");
    assert_fails(&raised, ErrorKind::MemoryLimit, &["2 MiB", "`runtime.memory_limit_mb` allows"]);
    let line = "runtime = { memory_limit_mb = 7, timeout_ms = 20000 }".to_owned();
    let remedy = Remedy::RaiseLimit { limit: RuntimeLimit::MemoryLimitMb, value: 7, line };
    assert_eq!(Remedy::of(raised.outcome().unwrap_err()), Some(remedy));
    limits.memory = 1 << 20;
    let lowered = package.granted(&host(), |grant| grant.limits(limits)).call("run", "{}");
    // The manifest cannot raise a limit that the front end has set.
    assert_fails(&lowered, ErrorKind::MemoryLimit, &["1 MiB", "this host allows"]);
    assert_eq!(Remedy::of(lowered.outcome().unwrap_err()), None);
    let ceiling = mpp_host::Host::builder().ceiling(limits).build().unwrap();
    assert_fails(&package.runnable(&ceiling).call("run", "{}"), ErrorKind::MemoryLimit, &["1 MiB"]);
}
