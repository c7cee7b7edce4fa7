//! Makes a component of the module on stdin and writes it to stdout: WASI preview 1 by the adapter of its authors, and `mpp_v1` by
//! `adapter.wat`, in terms of `mpp:host`.

use std::io::{Read as _, Write as _};

use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

const WORLD: &str = "package test:adapter;
    world adapter { import mpp:host/http@1.0.0; import mpp:host/kv@1.0.0; }";

fn main() {
    let mut module = Vec::new();
    std::io::stdin().read_to_end(&mut module).expect("a module on stdin");
    let mut resolve = Resolve::default();
    resolve
        .push_str("host.wit", include_str!("../../../../../../../mpp-sdk/include/mpp-host.wit"))
        .expect("the package");
    let package = resolve.push_str("world.wit", WORLD).expect("the world");
    let world = resolve.select_world(&[package], None).expect("the world");
    let mut adapter = wat::parse_str(include_str!("adapter.wat")).expect("the adapter");
    embed_component_metadata(&mut adapter, &resolve, world, StringEncoding::UTF8).expect("the adapter");
    let encoder = ComponentEncoder::default().validate(true).module(&module).expect("a module");
    let encoder = encoder
        .adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER)
        .expect("the adapter of preview 1");
    let component =
        encoder.adapter("mpp_v1", &adapter).expect("the adapter of `mpp_v1`").encode().expect("a component");
    std::io::stdout().write_all(&component).expect("stdout");
}
