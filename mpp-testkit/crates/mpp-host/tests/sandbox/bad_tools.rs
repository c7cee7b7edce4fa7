//! Tools that misbehave: each call ends in time with its own error kind, and does not affect the host.

use mpp_host::sandbox::CallLimits;
use mpp_sdk::wire::ErrorKind;
use serde_json::json;

use crate::fixture::{Decided, Run, answers, assert_fails, content, failure, host, module, result, sample, writes};

#[test]
fn an_endless_loop_ends_at_the_timeout() {
    let package = sample(module("", "(loop (br 0))")).set("/runtime/timeout_ms", json!(60));
    let output = package.call();
    assert_fails(&output, ErrorKind::Timeout, &["60 ms", "timeout_ms"]);
}

#[test]
fn a_long_sleep_ends_at_the_timeout() {
    // One subscription to the monotonic clock, 3600 seconds from now.
    let sleep = "
      (i32.store8 (i32.const 4104) (i32.const 0))
      (i32.store (i32.const 4112) (i32.const 1))
      (i64.store (i32.const 4120) (i64.const 3600000000000))
      (drop (call $poll (i32.const 4096) (i32.const 5000) (i32.const 1) (i32.const 5100)))
      (call $answer_number (i32.const 1))";
    let package = sample(module("", sleep)).set("/runtime/timeout_ms", json!(60));
    assert_fails(&package.call(), ErrorKind::Timeout, &["60 ms"]);
    let files = tempfile::tempdir().unwrap();
    let package = package.set("/capabilities", json!({ "filesystem": { "read": ["/data"], "write": [] } }));
    let output = package.granted(&host(), |grant| grant.dir("/data", files.path())).call("run", "{}");
    assert_fails(&output, ErrorKind::Timeout, &["60 ms"]);
}

#[test]
fn a_short_sleep_succeeds() {
    let sleep = "
      (i32.store (i32.const 4112) (i32.const 1))
      (i64.store (i32.const 4120) (i64.const 1000000))
      (drop (call $poll (i32.const 4096) (i32.const 5000) (i32.const 1) (i32.const 5100)))
      (call $answer_number (i32.load (i32.const 5100)))";
    assert_eq!(content(&sample(module("", sleep)).call()), json!("001"));
}

#[test]
fn a_crash_after_a_refused_allocation_is_the_memory_limit() {
    let grow = "(loop (br_if 0 (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable";
    let package = sample(module("", grow)).set("/runtime/memory_limit_mb", json!(8));
    let output = package.call();
    assert_fails(&output, ErrorKind::MemoryLimit, &["8 MiB", "memory_limit_mb"]);
    assert!(output.report().memory_peak <= 8 << 20, "{}", output.report().memory_peak);
    let exits = sample(module("", &grow.replace("unreachable", "(call $exit (i32.const 1))")));
    assert_fails(&exits.set("/runtime/memory_limit_mb", json!(8)).call(), ErrorKind::MemoryLimit, &[]);
}

#[test]
fn a_tool_can_survive_a_refused_allocation() {
    let grow = "(call $answer_number (i32.and (i32.const 1) (memory.grow (i32.const 30000))))";
    let package = sample(module("", grow));
    assert_eq!(content(&package.call()), json!("001"));
}

#[test]
fn a_module_that_starts_over_the_memory_limit_fails_with_it() {
    let text = "(module (memory (export \"memory\") 200) (func (export \"_start\")))";
    // The Gatekeeper enforces the manifest's limit; the limit of the host can be lower.
    let package = sample(wat::parse_str(text).unwrap());
    let mut limits = CallLimits::describing();
    limits.memory = 1 << 20;
    let output = package.granted(&host(), |grant| grant.limits(limits)).call("run", "{}");
    assert_fails(&output, ErrorKind::MemoryLimit, &["1 MiB"]);
}

#[test]
fn tables_count_as_memory() {
    let text =
        "(module (memory (export \"memory\") 1) (table $a 0 funcref) (table $b 0 funcref) (func (export \"_start\")
        (drop (table.grow $a (ref.null func) (i32.const 65000)))
        (if (i32.eq (table.grow $b (ref.null func) (i32.const 65000)) (i32.const -1)) (then unreachable))))";
    let package = sample(wat::parse_str(text).unwrap()).set("/runtime/memory_limit_mb", json!(1));
    assert_fails(&package.call(), ErrorKind::MemoryLimit, &[]);
}

#[test]
fn a_module_too_large_for_the_pool_still_runs() {
    for more in [
        "(table 100000 funcref)",
        "(table 1 funcref) (table 1 funcref) (table 1 funcref) (table 1 funcref) (table 1 funcref)",
    ] {
        let package = sample(module(more, "(call $answer_number (i32.const 7))"));
        assert_eq!(content(&package.call()), json!("007"));
    }
}

#[test]
fn too_much_output_is_the_output_limit() {
    let flood = "(loop (call $out (i32.const 4096) (i32.const 60000)) (br 0))";
    let package = sample(module("", flood)).set("/runtime/max_output_bytes", json!(100_000));
    assert_fails(&package.call(), ErrorKind::OutputLimit, &["100000 bytes", "max_output_bytes"]);
}

#[test]
fn a_long_log_is_truncated_and_the_call_succeeds() {
    let body = "(local $i i32)
      (loop
        (call $err (i32.const 4096) (i32.const 60000))
        (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 50))))
      (call $answer_number (i32.const 7))";
    let output = sample(module("", body)).call();
    assert_eq!(content(&output), json!("007"));
    assert!(output.report().log_dropped > 1_000_000);
    assert!(!output.log().is_empty());
}

#[test]
fn endless_recursion_is_a_crash_with_its_backtrace() {
    let package = sample(module("(func $again (call $again))", "(call $again)"));
    let output = package.call();
    assert_fails(&output, ErrorKind::ToolCrashed, &["call stack"]);
    let backtrace = failure(&output).1.data["backtrace"].as_array().unwrap();
    assert!(backtrace[0].as_str().unwrap().contains("again"), "{backtrace:?}");
}

#[test]
fn a_trap_is_a_crash_that_names_the_functions() {
    let package = sample(module("(func $deep unreachable)", "(call $deep)"));
    let output = package.call();
    assert_fails(&output, ErrorKind::ToolCrashed, &["unreachable"]);
    let backtrace: Vec<String> = serde_json::from_value(failure(&output).1.data["backtrace"].clone()).unwrap();
    assert!(backtrace[0].starts_with("#0 deep @ 0x") && backtrace[1].starts_with("#1 main @ 0x"), "{backtrace:?}");
}

#[test]
fn a_stripped_module_gets_its_names_from_the_unstripped_one() {
    let named = module("(func $deep unreachable)", "(call $deep)");
    let stripped = strip(&named);
    let host = host();
    let (loaded, decided) = sample(stripped.clone()).load(&host);
    let symbolised = loaded.clone().with_symbols(&stripped, named);
    let frame = |tool: mpp_host::host::LoadedPackage, decided: Decided| {
        let output = tool.grant(decided.grant()).unwrap().call("run", "{}");
        failure(&output).1.data["backtrace"][0].as_str().unwrap().to_owned()
    };
    assert!(frame(loaded, decided.clone()).starts_with("#0 function "));
    assert!(frame(symbolised, decided).starts_with("#0 deep "));
}

/// Returns the module without custom sections.
fn strip(module: &[u8]) -> Vec<u8> {
    let mut stripped = module[..8].to_vec();
    let mut at = 8;
    while at < module.len() {
        let (mut length, mut shift, mut body) = (0usize, 0, at + 1);
        loop {
            let byte = module[body];
            body += 1;
            length |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        if module[at] != 0 {
            stripped.extend_from_slice(&module[at..body + length]);
        }
        at = body + length;
    }
    stripped
}

#[test]
fn a_nonzero_exit_discards_the_response() {
    let body = |code| format!("(call $answer_number (i32.const 5)) (call $exit (i32.const {code}))");
    assert_eq!(content(&sample(module("", &body(0))).call()), json!("005"));
    let output = sample(module("", &body(3))).call();
    assert_fails(&output, ErrorKind::ToolCrashed, &["code 3", "discarded"]);
    assert_eq!(failure(&output).1.data["exit_code"], json!(3));
    let traps = sample(module("", "(call $answer_number (i32.const 5)) unreachable"));
    assert_fails(&traps.call(), ErrorKind::ToolCrashed, &["discarded"]);
}

#[test]
fn a_tool_that_prints_nothing_has_crashed() {
    assert_fails(&sample(module("", "")).call(), ErrorKind::ToolCrashed, &["without a response", "mpp::serve()"]);
    let exits = sample(module("", "(call $exit (i32.const 0))"));
    assert_fails(&exits.call(), ErrorKind::ToolCrashed, &["without a response"]);
}

#[test]
fn any_output_but_one_response_is_invalid() {
    let good = result("1");
    for (output, words) in [
        (format!("{good}{good}").into_bytes(), ["a second response", "line 2"]),
        (format!("loading…\n{good}").into_bytes(), ["line 1: `loading…`", "eprintln!"]),
        (b"hello, world\n".to_vec(), ["`hello, world`", "eprintln!"]),
        (b"\xff\xfe{}\n".to_vec(), ["not UTF-8", "byte 0"]),
        (good.replace("\"id\":1", "\"id\":2").into_bytes(), ["request `2`", "request `1`"]),
        (good.replace("\"content\":[]", "\"content\":{}").into_bytes(), ["CallToolResult", "invalid type"]),
        (
            good.replace("\"structuredContent\":1", "\"structuredContent\":{\"a\":1,\"a\":2}").into_bytes(),
            ["`/a`", "twice"],
        ),
        (
            good.replace(
                "\"structuredContent\":1",
                &format!("\"structuredContent\":{}1{}", "[".repeat(200), "]".repeat(200)),
            )
            .into_bytes(),
            ["structuredContent", "recursion limit"],
        ),
    ] {
        assert_fails(&sample(writes(&output)).call(), ErrorKind::InvalidResponse, &words);
    }
}

#[test]
fn a_pointer_outside_memory_is_a_crash_that_names_the_function() {
    let package = sample(module("", "(drop (call $random (i32.const -8) (i32.const 100)))"));
    assert_fails(&package.call(), ErrorKind::ToolCrashed, &["`random_get`"]);
}

#[test]
fn a_module_without_a_start_is_a_crash() {
    let text = "(module (memory (export \"memory\") 1) (func (export \"main\")))";
    let host = host();
    let module = wat::parse_str(text).unwrap();
    let error = host.describe(&module, mpp_host::package::manifest::RuntimeKind::Wasip1).unwrap_err();
    let message = mpp_host::causes::with_causes(&error);
    assert!(message.contains("_start"), "{message}");
}

#[test]
fn no_call_sees_the_memory_of_another() {
    let body = "
      (i32.store (i32.const 9000) (i32.add (i32.load (i32.const 9000)) (i32.const 1)))
      (call $answer_number (i32.load (i32.const 9000)))";
    let tool = sample(module("", body)).runnable(&host());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    assert_eq!(content(&tool.call("run", "{}")), json!("001"));
                }
            });
        }
    });
}

#[test]
fn waiting_calls_all_get_their_turn() {
    let host = mpp_host::Host::builder().instances(1).build().unwrap();
    let tool = sample(answers("7")).runnable(&host);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(content(&tool.call("run", "{}")), json!(7)));
        }
    });
}

#[test]
fn calls_can_be_made_inside_an_async_runtime() {
    let files = tempfile::tempdir().unwrap();
    let tool = sample(answers("7"))
        .set("/capabilities", json!({ "filesystem": { "read": ["/data"], "write": [] } }))
        .granted(&host(), |grant| grant.dir("/data", files.path()));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(async { content(&tool.call("run", "{}")) }), json!(7));
}
