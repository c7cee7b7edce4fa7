//! Properties of every public type.

use mpp_sdk::{http, kv, wire};

fn assert_send_sync_debug<T: Send + Sync + std::fmt::Debug>() {}

#[test]
fn public_types_are_send_sync_and_debug() {
    assert_send_sync_debug::<mpp_sdk::Error>();
    assert_send_sync_debug::<mpp_sdk::ToolSet>();
    assert_send_sync_debug::<mpp_sdk::ToolRequest>();
    assert_send_sync_debug::<mpp_sdk::ToolResponse>();
    assert_send_sync_debug::<mpp_sdk::Image>();
    assert_send_sync_debug::<mpp_sdk::Audio>();
    assert_send_sync_debug::<mpp_sdk::output::Output>();
    assert_send_sync_debug::<http::Request>();
    assert_send_sync_debug::<http::Response>();
    assert_send_sync_debug::<http::Error>();
    assert_send_sync_debug::<kv::Error>();
    assert_send_sync_debug::<kv::Keys>();
    assert_send_sync_debug::<wire::Annotations>();
    assert_send_sync_debug::<wire::CallToolResult>();
    assert_send_sync_debug::<wire::Content>();
    assert_send_sync_debug::<wire::ErrorKind>();
    assert_send_sync_debug::<wire::Icon>();
    assert_send_sync_debug::<wire::ListToolsResult>();
    assert_send_sync_debug::<wire::Mistake>();
    assert_send_sync_debug::<wire::Request<wire::CallParams>>();
    assert_send_sync_debug::<wire::ResourceContents>();
    assert_send_sync_debug::<wire::Response>();
    assert_send_sync_debug::<wire::RpcError>();
    assert_send_sync_debug::<wire::SecurityLevel>();
    assert_send_sync_debug::<wire::Status>();
    assert_send_sync_debug::<wire::ToolAnnotations>();
    assert_send_sync_debug::<wire::ToolDefinition>();
}
