//! The stack of a tool: its size, and what a tool is told that uses it up.

use crate::support::{Sources, cargo_toml, runnable, sdk_dependency, without_flags_of_the_environment};

const MAIN: &str = "/// Fills an array on the stack.
#[mpp::tool]
fn fill(kib: u32) -> u32 {
    match kib {
        0..=100 => sum::<{ 100 * 1024 }>(kib),
        101..=600 => sum::<{ 600 * 1024 }>(kib),
        601..=1500 => sum::<{ 1500 * 1024 }>(kib),
        _ => sum::<{ 4000 * 1024 }>(kib),
    }
}

#[inline(never)]
fn sum<const SIZE: usize>(kib: u32) -> u32 {
    let mut array = [0_u8; SIZE];
    for (index, byte) in array.iter_mut().enumerate() {
        *byte = (index as u32 ^ kib) as u8;
    }
    std::hint::black_box(&array).iter().map(|byte| u32::from(*byte)).sum()
}

/// Recurses to a depth.
#[mpp::tool]
fn recurse(depth: u32) -> u32 {
    down(depth, [1; 64])
}

#[inline(never)]
fn down(depth: u32, values: [u32; 64]) -> u32 {
    let values = std::hint::black_box(values);
    if depth == 0 { values[0] } else { down(depth - 1, values) + std::hint::black_box(values[7]) }
}

fn main() {
    mpp::serve()
}
";

/// Builds the tool with these lines under `[package.metadata.mpp]`, and returns a function that calls it.
fn tool(name: &str, metadata: &str, config: &str) -> impl Fn(&str, &str) -> Result<String, String> + use<> {
    let more = format!("[dependencies]\n{}\n[workspace]\n[package.metadata.mpp]\n{metadata}", sdk_dependency());
    let sources = Sources::new(&[("Cargo.toml", &cargo_toml(name, &more)), ("src/main.rs", MAIN)]);
    sources.write(".cargo/config.toml", config);
    let (built, _) = sources.build().expect("built");
    let tool = runnable(built);
    move |name, arguments| {
        let output = tool.call(name, arguments);
        match output.outcome() {
            Ok(result) => Ok(format!("{result:?}")),
            Err(error) => Err(error.message.clone()),
        }
    }
}

const OWN: &str = "the tool ran out of stack: the call stack overflowed; keep large values on the heap (`Vec`, `Box`), recurse less \
                   deep, or raise `stack_bytes` of `runtime` under `[package.metadata.mpp]` and build again";

#[test]
fn a_tool_has_the_usual_stack_and_is_told_when_it_is_used_up() {
    let call = tool("stacked", "", "");
    call("fill", r#"{"kib": 600}"#).expect("600 KiB fit into 1 MiB");
    assert_eq!(call("fill", r#"{"kib": 1500}"#), Err(OWN.to_owned()));
    call("recurse", r#"{"depth": 1000}"#).expect("not deep");
    let said = call("recurse", r#"{"depth": 100000}"#).expect_err("endless");
    assert!(said.starts_with("the tool ran out of stack: the call stack overflowed; "), "{said}");
}

#[test]
fn the_size_of_the_stack_is_a_setting() {
    let call = tool("stacked-more", "runtime = { stack_bytes = 8388608 }", "");
    call("fill", r#"{"kib": 4000}"#).expect("4,000 KiB fit into 8 MiB");
    let call = tool("stacked-less", "runtime = { stack_bytes = 65536 }", "");
    assert_eq!(call("fill", r#"{"kib": 100}"#), Err(OWN.to_owned()));
}

#[test]
fn the_size_of_the_stack_can_be_a_flag_of_the_author() {
    without_flags_of_the_environment("stack::the_size_of_the_stack_can_be_a_flag_of_the_author", || {
        let flag = "[build]\nrustflags = [\"-Clink-arg=-zstack-size=4194304\"]";
        tool("stacked-flag", "", flag)("fill", r#"{"kib": 1500}"#).expect("1,500 KiB fit into 4 MiB");
        let call = tool("stacked-both", "runtime = { stack_bytes = 131072 }", flag);
        assert_eq!(call("fill", r#"{"kib": 600}"#), Err(OWN.to_owned()), "the table decides");
    });
}
