//! How requests of a module and of components end that take too long, that are cancelled or abandoned, and what is recorded of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mpp_host::audit::AuditLog;
use mpp_host::host::RunnablePackage;
use mpp_host::sandbox::network::{NetworkSettings, Resolver};
use mpp_host::{CallOptions, CancelHandle, Host};
use mpp_sdk::wire::ErrorKind;
use serde_json::json;

use super::client::{Form, Outcome, call};
use super::server::{Authority, Server, reply};
use super::{Names, host};
use crate::audit::{entries, log_dir};
use crate::fixture::{Run, assert_fails, failure};

/// A server that answers after this time.
fn slow(time: Duration) -> Server {
    let certificate = Authority::trusted().certificate("api.example.com", 2999);
    Server::start(Some(certificate), move |_, out| {
        std::thread::sleep(time);
        reply(out, "200 OK", "", "late")
    })
}

/// The host of a server, and the address of a path there.
fn at(server: &Server, path: &str) -> (String, String) {
    let own = format!("api.example.com:{}", server.port);
    let url = format!("https://{own}{path}");
    (own, url)
}

fn tool(form: Form, host: &Host, own: &str, timeout: u64) -> RunnablePackage {
    let package = form.package(&json!([own])).set("/runtime/timeout_ms", timeout);
    package.granted(host, |grant| grant.allow_local(true))
}

#[test]
fn a_request_has_its_own_timeout_and_ends_with_its_call() {
    let server = slow(Duration::from_secs(30));
    let (own, url) = at(&server, "/");
    let host = host(&Arc::new(Names::here(&["api.example.com"])));
    for form in Form::ALL {
        let started = Instant::now();
        let output = call(&tool(form, &host, &own, 20_000), &json!({ "url": url, "timeout_ms": 200 }));
        assert_eq!(Outcome::of(&output).ended, "timeout", "{form:?}: {}", output.json());
        let output = call(&tool(form, &host, &own, 2_000), &json!({ "url": url }));
        assert_fails(&output, ErrorKind::Timeout, &["2000 ms"]);
        assert!(output.report().accesses.hosts.contains(&own), "{form:?}");
        assert!(started.elapsed() < Duration::from_secs(10), "{form:?}: {:?}", started.elapsed());
    }
}

#[test]
fn a_call_that_waits_for_an_answer_can_be_cancelled() {
    let server = slow(Duration::from_secs(30));
    let (own, url) = at(&server, "/");
    let host = host(&Arc::new(Names::here(&["api.example.com"])));
    for (number, form) in Form::ALL.into_iter().enumerate() {
        let tool = tool(form, &host, &own, 20_000);
        let handle = CancelHandle::new();
        let options = CallOptions::new().cancel(&handle);
        let started = Instant::now();
        let output = std::thread::scope(|scope| {
            let arguments = json!({ "url": url }).to_string();
            let waits = scope.spawn(move || tool.call_with("run", &arguments, options));
            while server.requests().len() <= number {
                std::thread::sleep(Duration::from_millis(5));
            }
            handle.cancel();
            waits.join().unwrap()
        });
        assert_eq!(failure(&output).0, ErrorKind::Cancelled, "{form:?}");
        assert!(output.report().accesses.hosts.contains(&own), "{form:?}: the request was sent");
        assert!(started.elapsed() < Duration::from_secs(10), "{form:?}: {:?}", started.elapsed());
    }
}

#[test]
fn calls_that_wait_do_not_hold_up_others() {
    let released = Arc::new(AtomicBool::new(false));
    let certificate = Authority::trusted().certificate("api.example.com", 2999);
    let waits = Arc::clone(&released);
    let server = Server::start(Some(certificate), move |request, out| {
        while request.path() != "/at-once" && !waits.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(5));
        }
        reply(out, "200 OK", "", "late")
    });
    let (own, url) = at(&server, "/");
    let (_, at_once) = at(&server, "/at-once");
    let names: Arc<dyn Resolver> = Arc::new(Names::here(&["api.example.com"]));
    let settings = NetworkSettings::new().root_certificates(Authority::trusted().pem().as_bytes()).unwrap();
    let waiting = std::thread::available_parallelism().unwrap().get() * 2 + 1;
    let host = Host::builder()
        .instances(u32::try_from(waiting).unwrap() + 4)
        .network(settings.resolver(names))
        .build()
        .unwrap();
    let tool_of = |timeout| tool(Form::WasiHttp, &host, &own, timeout);
    let waits = tool_of(60_000);
    std::thread::scope(|scope| {
        for _ in 0..waiting {
            scope.spawn(|| assert_eq!(Outcome::of(&call(&waits, &json!({ "url": url }))).ended, "answered"));
        }
        while server.requests().len() < waiting {
            std::thread::sleep(Duration::from_millis(5));
        }
        let started = Instant::now();
        let quick = call(&tool_of(20_000), &json!({ "url": at_once }));
        assert_eq!(Outcome::of(&quick).ended, "answered");
        assert_fails(&call(&tool_of(200), &json!({ "url": url })), ErrorKind::Timeout, &["200 ms"]);
        released.store(true, Ordering::SeqCst);
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    });
}

/// A component can end without waiting. What was sent until then is reported, and nothing is sent afterwards.
#[test]
fn a_request_that_nobody_waits_for_is_recorded_or_not_sent() {
    let server = slow(Duration::from_millis(50));
    let (own, url) = at(&server, "/");
    let (_guard, log) = log_dir();
    let host = recording_host(&log);
    for _ in 0..10 {
        let arrived = server.requests().len();
        let output = call(&tool(Form::WasiHttp, &host, &own, 20_000), &json!({ "url": url, "no_wait": true }));
        assert_eq!(Outcome::of(&output).ended, "not_waited");
        std::thread::sleep(Duration::from_millis(100));
        let is_reported = output.report().accesses.hosts.contains(&own);
        if server.requests().len() > arrived {
            assert!(is_reported, "a request arrived that the call does not report");
        }
        assert_eq!(entries(&log).pop().unwrap().hosts.contains(&own), is_reported);
    }
}

fn recording_host(log: &std::path::Path) -> Host {
    let names: Arc<dyn Resolver> = Arc::new(Names::here(&["api.example.com"]));
    let settings = NetworkSettings::new().root_certificates(Authority::trusted().pem().as_bytes()).unwrap();
    let audit = Arc::new(AuditLog::new(log));
    Host::builder().instances(4).audit(audit).network(settings.resolver(names)).build().unwrap()
}

#[test]
fn requests_are_effects_and_are_recorded_alike() {
    let server = slow(Duration::ZERO);
    let (own, url) = at(&server, "/");
    for form in Form::ALL {
        let (_guard, log) = log_dir();
        let host = recording_host(&log);
        let output = call(&tool(form, &host, &own, 20_000), &json!({ "url": url }));
        assert_eq!(Outcome::of(&output).ended, "answered", "{form:?}");
        let denied = call(&tool(form, &host, &own, 20_000), &json!({ "url": "https://evil.example/" }));
        assert_eq!(Outcome::of(&denied).ended, "denied", "{form:?}");
        let entries = entries(&log);
        let hosts: Vec<&str> = entries[0].hosts.iter().map(String::as_str).collect();
        assert_eq!(hosts, [own.as_str()], "{form:?}");
        assert!(entries[1].hosts.is_empty(), "{form:?}: nothing was sent");
        // A request is an effect, which is announced; a denied one is none.
        let lines = std::fs::read_to_string(log.join("log.jsonl")).unwrap();
        assert_eq!(lines.lines().count(), 3, "{form:?}: {lines}");
    }
}
