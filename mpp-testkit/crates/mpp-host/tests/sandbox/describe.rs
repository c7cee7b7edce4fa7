//! Asking a module for its tool definitions.

use mpp_host::causes::with_causes;
use mpp_host::package::manifest::RuntimeKind;

use crate::fixture::{host, module, writes};

fn describe(module: &[u8]) -> Result<Vec<String>, mpp_host::host::DescribeError> {
    let definitions = host().describe(module, RuntimeKind::Wasip1)?;
    Ok(definitions.into_iter().map(|definition| definition.name).collect())
}

fn listing(tools: &str) -> Vec<u8> {
    writes(format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{{\"tools\":[{tools}]}}}}\n").as_bytes())
}

const FIND: &str = "{\"name\":\"find\",\"description\":\"Finds\",\"parameters\":{\"type\":\"object\"}}";

#[test]
fn reads_the_definitions_from_the_response() {
    assert_eq!(describe(&listing(FIND)).unwrap(), ["find"]);
}

/// The builder then reads the definitions from the manifest, or explains what to do if there are none.
#[test]
fn a_program_that_dispatches_by_itself_has_no_definitions() {
    let unknown = "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32601,\"message\":\"no such method\"}}\n";
    for module in [listing(""), writes(unknown.as_bytes())] {
        assert_eq!(describe(&module).unwrap(), [""; 0]);
    }
}

#[test]
fn refuses_a_response_that_is_not_a_list_of_tools() {
    let bad_schema = FIND.replace("\"object\"", "\"objekt\"");
    for (module, words) in [
        (listing(&format!("{FIND},{FIND}")), "two tools are named `find`"),
        (listing(&FIND.replace("find", "find it")), "not a tool name"),
        (listing(&bad_schema), "`parameters` of the tool `find` cannot be enforced"),
        (listing("{\"name\":\"find\"}"), "missing field"),
        (writes(b"hello\n"), "not a JSON-RPC response"),
        (b"hello".to_vec(), "does not compile"),
        (wat::parse_str("(module (import \"env\" \"x\" (func)) (func (export \"_start\")))").unwrap(), "env"),
    ] {
        let error = describe(&module).unwrap_err();
        let message = with_causes(&error);
        assert!(message.contains(words), "`{words}` is not in: {message}");
        assert!(mpp_host::codes::find(error.code.id).is_some(), "{}", error.code);
    }
}

#[test]
fn a_crash_includes_the_log_and_the_backtrace() {
    let more = "(data (i32.const 4096) \"about to fail\") (func $fails unreachable)";
    let error = describe(&module(more, "(call $err (i32.const 4096) (i32.const 13)) (call $fails)")).unwrap_err();
    assert_eq!(error.code, "MPP-R108");
    assert_eq!(error.log, "about to fail");
    assert!(error.backtrace[0].contains("fails"), "{:?}", error.backtrace);
}

#[test]
fn a_component_is_refused_if_a_module_was_expected() {
    let error = describe(&wat::parse_str("(component)").unwrap()).unwrap_err();
    let message = with_causes(&error);
    assert!(message.contains("wasm32-wasip2"), "{message}");
}
