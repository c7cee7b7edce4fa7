//! The author's own compiler flags, as cargo's configuration sets them.

use mpp_build::{Event, UnusedFlag};

use crate::support::{FIND, Sources, answering, cargo_toml, without_flags_of_the_environment};

/// Creates a tool that compiles only with `--cfg special`, with this configuration of cargo.
fn tool(name: &str, config: &str) -> Sources {
    let program = answering(FIND) + "#[cfg(not(special))]\ncompile_error!(\"`special` is not set\");\n";
    let lints = "[lints.rust]\nunexpected_cfgs = \"allow\"";
    let sources = Sources::new(&[("Cargo.toml", &cargo_toml(name, lints)), ("src/main.rs", &program)]);
    sources.write(".cargo/config.toml", config);
    sources
}

fn unused(events: &[Event]) -> Vec<(String, &'static str)> {
    let flags = events.iter().find_map(|event| match event {
        Event::FlagsUnused { flags, source } => {
            assert_eq!(source, "cargo's configuration");
            Some(flags)
        }
        _ => None,
    });
    flags.into_iter().flatten().map(|UnusedFlag { flag, reason, .. }| (flag.clone(), *reason)).collect()
}

#[test]
fn harmless_flags_reach_the_compiler_and_the_attestation_from_every_table() {
    without_flags_of_the_environment(
        "compiler_flags::harmless_flags_reach_the_compiler_and_the_attestation_from_every_table",
        || {
            for (name, config) in [
                ("flagged-build", "[build]\nrustflags = [\"--cfg\", \"special\"]"),
                ("flagged-target", "[target.wasm32-wasip1]\nrustflags = \"--cfg=special\""),
                ("flagged-cfg", "[target.'cfg(target_family = \"wasm\")']\nrustflags = [\"--cfg=special\"]"),
            ] {
                let (built, events) = tool(name, config).build().expect(name);
                assert_eq!(built.toolchain.rustflags, ["--cfg=special"], "{name}");
                assert_eq!(unused(&events), [], "{name}");
            }
        },
    );
}

#[test]
fn flags_that_do_not_fit_a_module_are_named() {
    without_flags_of_the_environment("compiler_flags::flags_that_do_not_fit_a_module_are_named", || {
        let flags = "[build]\nrustflags = [\"--cfg=special\", \"-Ctarget-cpu=native\", \"-Clink-arg=-fuse-ld=mold\", \"-Clink-arg=-zstack-size=262144\"]";
        let (built, events) = tool("half-flagged", flags).build().expect("built");
        assert_eq!(
            unused(&events),
            [
                ("-Ctarget-cpu=native".to_owned(), "a module is not made for one processor"),
                ("-Clink-arg=-fuse-ld=mold".to_owned(), "the build links the module itself"),
            ]
        );
        assert_eq!(built.toolchain.rustflags, ["--cfg=special", "-Clink-arg=-zstack-size=262144"]);
    });
}

#[test]
fn the_same_flags_are_used_for_a_copy_elsewhere() {
    without_flags_of_the_environment("compiler_flags::the_same_flags_are_used_for_a_copy_elsewhere", || {
        let sources = tool("copied", "");
        let outer = Sources::new(&[(".cargo/config.toml", "[build]\nrustflags = [\"--cfg=special\"]")]);
        for file in ["Cargo.toml", "src/main.rs"] {
            outer.write(&format!("inner/{file}"), std::fs::read(sources.path().join(file)).expect("read"));
        }
        let project = mpp_build::Project::find(&outer.path().join("inner")).expect("found");
        mpp_build::check_repro(&project, &crate::support::options(), crate::support::host(), &mut |_| {})
            .expect("equal");
    });
}
