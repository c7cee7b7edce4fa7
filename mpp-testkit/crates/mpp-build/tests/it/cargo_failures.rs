//! The reasons for which cargo stops, each produced by the real cargo. Nothing here uses the network.

use mpp_build::{BuildError, BuildOptions, CargoFailure};
use mpp_host::codes::Coded as _;

use crate::support::{FIND, Sources, answering, build, cargo_toml, options};

/// Creates a tool with a dependency `dep` beside it, whose `Cargo.toml` ends in `dep`.
fn sources(tool: &str, dep: &str) -> Sources {
    let manifest = cargo_toml("tool", &format!("{tool}\n[workspace]\nexclude = [\"dep\"]"));
    let dep = format!("[package]\nname = \"dep\"\nversion = \"1.0.0\"\nedition = \"2021\"\n{dep}\n");
    Sources::new(&[
        ("Cargo.toml", &manifest),
        ("src/main.rs", &answering(FIND)),
        ("dep/Cargo.toml", &dep),
        ("dep/src/lib.rs", ""),
    ])
}

const DEPENDS: &str = "[dependencies]\ndep = { path = \"dep\" }";

/// Builds, and returns the code, the message and the help.
fn refused(sources: &Sources, options: &BuildOptions) -> (String, String, String) {
    let error = match sources.find() {
        Ok(project) => build(&project, options).expect_err("refused"),
        Err(error) => error,
    };
    (error.code().id.to_owned(), error.to_string(), error.help())
}

fn says(sources: &Sources, options: &BuildOptions, code: &str, message: &str, help: &str) {
    let (found, said, advice) = refused(sources, options);
    assert_eq!(found, code, "{said}");
    assert!(said.starts_with("cannot build `") && said.contains(&format!("`: {message}")), "{said}\n{message}");
    assert!(advice.contains(help), "{advice}\n{help}");
}

fn with(set: impl FnOnce(&mut BuildOptions)) -> BuildOptions {
    let mut options = options();
    set(&mut options);
    options
}

fn online() -> BuildOptions {
    with(|options| options.offline = false)
}

#[test]
fn a_crate_that_was_never_downloaded() {
    let sources = sources("[dependencies]\nno-such-crate-of-mpp = \"1\"", "");
    let message = "the crate `no-such-crate-of-mpp` is not on this machine, and cargo must not use the network";
    says(&sources, &options(), "MPP-B061", message, "once with network access");
}

#[test]
fn a_registry_that_cannot_be_reached() {
    let sources = sources("[dependencies]\nserde = \"1\"", "");
    let config = "[source.crates-io]\nreplace-with = \"here\"\n[source.here]\nregistry = \"sparse+http://127.0.0.1:9/\"\n[net]\nretry = 0\n";
    sources.write(".cargo/config.toml", config);
    says(&sources, &online(), "MPP-B061", "cargo cannot download the crate `serde`", "check the connection");
    let git = self::sources("[dependencies]\nfar = { git = \"http://127.0.0.1:9/far.git\" }", "");
    git.write(".cargo/config.toml", "[net]\nretry = 0\n");
    says(&git, &online(), "MPP-B061", "cargo cannot download the crate `far`", "check the connection");
}

#[test]
fn a_crate_or_a_version_that_does_not_exist() {
    let sources = sources("[dependencies]\nsedre = \"1\"", "");
    sources.write(
        ".cargo/config.toml",
        "[source.crates-io]\nreplace-with = \"here\"\n[source.here]\ndirectory = \"vendor\"\n",
    );
    sources.write("vendor/.keep", "");
    says(&sources, &online(), "MPP-B062", "there is no crate `sedre`", "correct its name");
    let version = self::sources("[dependencies]\ndep = { path = \"dep\", version = \"2\" }", "");
    says(&version, &options(), "MPP-B063", "no version of a dependency fits: `dep = \"^2\"`", "lists the versions");
}

#[test]
fn the_sdk_that_is_not_published() {
    let sources = sources("[dependencies]\nmpp = { package = \"mpp-sdk\", version = \"0.1\" }", "");
    says(&sources, &options(), "MPP-B062", "there is no crate `mpp-sdk`", "vendor/mpp");
}

#[test]
fn a_feature_that_does_not_exist_or_is_not_enabled() {
    let of_dependency = sources("[dependencies]\ndep = { path = \"dep\", features = [\"nope\"] }", "");
    says(&of_dependency, &options(), "MPP-B064", "`dep` has no feature `nope`", "documentation of a dependency");
    let own = sources("[package.metadata.mpp]\nfeatures = [\"nope\"]", "");
    says(&own, &options(), "MPP-B064", "`tool` has no feature `nope`", "under `[features]`");
    let needed = sources(
        "[features]\ncli = []\n[[bin]]\nname = \"tool\"\npath = \"src/main.rs\"\nrequired-features = [\"cli\"]",
        "",
    );
    says(&needed, &options(), "MPP-B064", "the binary requires the features `cli`", "`features = [\"cli\"]`");
}

#[test]
fn a_lock_file_that_is_missing_out_of_date_or_damaged() {
    let locked = with(|options| options.locked = true);
    let sources = sources(DEPENDS, "");
    let message = "`Cargo.lock` is out of date, and cargo must not change it";
    says(&sources, &locked, "MPP-B065", message, "up to date");
    build(&sources.find().expect("found"), &options()).expect("writes the lock file");
    build(&sources.find().expect("found"), &locked).expect("the lock file is up to date");
    sources.write("dep/Cargo.toml", "[package]\nname = \"dep\"\nversion = \"1.1.0\"\nedition = \"2021\"\n");
    says(&sources, &locked, "MPP-B065", message, "up to date");
    let frozen = with(|options| options.frozen = true);
    says(&sources, &frozen, "MPP-B065", message, "up to date");
    sources.write("Cargo.lock", "garbage");
    says(&sources, &options(), "MPP-B066", "`Cargo.lock` does not match", "restore `Cargo.lock`");
}

#[test]
fn two_crates_that_link_one_library() {
    let links = "links = \"z\"\nbuild = \"build.rs\"";
    let sources = sources(&format!("{DEPENDS}\nother = {{ path = \"other\" }}"), links);
    sources.write("other/Cargo.toml", cargo_toml("other", links));
    for file in ["other/src/lib.rs", "dep/build.rs", "other/build.rs"] {
        sources.write(file, "fn main() {}");
    }
    says(&sources, &options(), "MPP-B067", "two dependencies link the native library `z`", "cargo tree");
}

#[test]
fn two_packages_with_one_name() {
    let sources = Sources::new(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\nresolver = \"3\"\n"),
        ("a/Cargo.toml", &cargo_toml("same", "")),
        ("a/src/main.rs", "fn main() {}"),
        ("b/Cargo.toml", &cargo_toml("same", "")),
        ("b/src/main.rs", "fn main() {}"),
    ]);
    says(&sources, &options(), "MPP-B068", "several packages have the name `same`", "rename");
}

#[test]
fn a_compiler_that_is_too_old() {
    let sources = sources(DEPENDS, "rust-version = \"1.999\"");
    let message = "this version of Rust is too old: dep@1.0.0 requires rustc 1.999";
    says(&sources, &options(), "MPP-B070", message, "rustup update");
}

#[test]
fn a_build_script_that_fails() {
    let sources = sources(DEPENDS, "build = \"build.rs\"");
    sources.write("dep/build.rs", "fn main() { panic!(\"there is no zlib\") }");
    says(&sources, &options(), "MPP-B071", "the build script of `dep` failed", "C compiler");
}

#[test]
fn a_library_that_the_linker_does_not_find() {
    let sources = sources("", "");
    let program = "#[link(name = \"nowhere\")] unsafe extern \"C\" { fn far(); }\nfn main() { unsafe { far() } }";
    sources.write("src/main.rs", program);
    says(&sources, &options(), "MPP-B072", "the linker `rust-lld` failed", "no native libraries");
}

#[cfg(unix)]
#[test]
fn a_compiler_that_is_killed() {
    use std::os::unix::fs::PermissionsExt as _;
    let sources = sources("", "");
    sources.write("killer.sh", "#!/bin/sh\ncase \"$*\" in *src/main.rs*) kill -9 $$;; esac\nexec \"$@\"\n");
    let path = sources.path().join("killer.sh");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("chmod");
    sources.write(".cargo/config.toml", format!("[build]\nrustc-wrapper = {path:?}\n"));
    sources.write("src/main.rs", format!("{}// {:?}\n", answering(FIND), path));
    says(&sources, &options(), "MPP-B073", "the compiler was killed while it compiled `tool`", "CARGO_BUILD_JOBS=1");
}

#[test]
fn a_project_that_cargo_cannot_read() {
    let sources = sources("[dependencies]\ndep = { path = \"nowhere\" }", "");
    let (code, message, _) = refused(&sources, &options());
    assert_eq!(code, "MPP-B007");
    assert!(message.contains("nowhere/Cargo.toml"), "{message}");
    let config = self::sources("", "");
    config.write(".cargo/config.toml", "[build\n");
    let (code, message, _) = refused(&config, &options());
    assert_eq!(code, "MPP-B007");
    assert!(message.contains("could not parse TOML configuration"), "{message}");
}

#[test]
fn a_toolchain_that_is_not_installed() {
    let mut rustup = std::process::Command::new("cargo");
    rustup.env_remove("CARGO").env("RUSTUP_TOOLCHAIN", "1.2.3").env("RUSTUP_AUTO_INSTALL", "0").arg("--version");
    let Ok(output) = rustup.output() else { return };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    // Without rustup, there are no toolchains to choose from.
    if output.status.success() || !said.contains("toolchain") {
        return;
    }
    let failure = CargoFailure::of(&said).expect("recognized");
    assert!(matches!(&failure, CargoFailure::NoToolchain { toolchain } if toolchain.starts_with("1.2.3")), "{said}");
}

#[test]
fn any_other_reason_is_quoted() {
    let sources = sources("", "");
    let project = sources.find().expect("found");
    // A file where cargo wants a directory.
    sources.write("blocked", "");
    let options = with(|options| options.target_dir = Some(sources.path().join("blocked/target")));
    let error = build(&project, &options).expect_err("refused");
    assert!(matches!(error, BuildError::CargoStopped { .. }), "{error:?}");
    assert_eq!(error.code(), "MPP-B060");
    assert!(error.to_string().starts_with("cargo stopped before it compiled `tool`: "), "{error}");
}
