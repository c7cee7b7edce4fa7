//! The author's own compiler flags: those that are harmless for a module are passed on, the others are named.

use std::path::Path;

use cargo_config2::Config;

/// Compiler flags that the author has set in the environment or in cargo's configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AuthorFlags {
    /// The variable or the configuration that sets them.
    pub(crate) source: String,
    /// Flags to pass on, except those of the stack.
    pub(crate) passed: Vec<String>,
    /// Size of the stack in bytes.
    pub(crate) stack_bytes: Option<u32>,
    /// Flags that are not passed on.
    pub(crate) unused: Vec<UnusedFlag>,
}

/// A compiler flag that is not used for the module.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnusedFlag {
    /// The flag with its value.
    pub flag: String,
    /// The reason.
    pub reason: &'static str,
}

/// Features of WebAssembly that the sandbox supports.
const TARGET_FEATURES: &[&str] = &[
    "bulk-memory",
    "bulk-memory-opt",
    "call-indirect-overlong",
    "extended-const",
    "multivalue",
    "mutable-globals",
    "nontrapping-fptoint",
    "reference-types",
    "sign-ext",
    "simd128",
    "tail-call",
];

/// Code generation options that change speed and checks only.
const CODEGEN: &[&str] = &["opt-level", "overflow-checks", "debug-assertions"];
/// Code generation options that the build sets.
const OWN: &[&str] =
    &["codegen-units", "debuginfo", "embed-bitcode", "incremental", "lto", "panic", "strip", "split-debuginfo"];
const LINKER: &[&str] =
    &["linker", "linker-flavor", "linker-plugin-lto", "link-self-contained", "prefer-dynamic", "relocation-model"];
const INSTRUMENTS: &[&str] = &["instrument-coverage", "profile-generate", "profile-use"];
/// Flags about warnings, in their short and their long form.
const LINTS: &[&str] =
    &["-A", "-W", "-D", "-F", "--allow", "--warn", "--deny", "--forbid", "--force-warn", "--cap-lints"];
/// Values of `cfg` that coverage tools set together with their instrumentation.
const COVERAGE: &[&str] = &["coverage", "coverage_nightly", "trybuild_no_target"];

const BY_PROFILE: &str = "the build's own profile decides it";
const BY_LINKER: &str = "the build links the module itself";
const NO_INSTRUMENTS: &str = "an instrumented module does not run in the sandbox";
const NO_PROCESSOR: &str = "a module is not made for one processor";
const NO_FEATURE: &str = "the sandbox does not support it";
const NO_LIBRARY: &str = "there are no native libraries in the sandbox";
const OWN_PATHS: &str = "the build removes the paths of this machine itself";
const UNKNOWN: &str = "it is not known to be harmless";

impl AuthorFlags {
    /// Reads the flags that cargo would use for `target` in the directory `dir`.
    pub(crate) fn of(dir: &Path, target: &str) -> Self {
        let found = Config::load_with_cwd(dir).and_then(|config| config.rustflags(target));
        // cargo refuses a configuration that cannot be read, and says why.
        let flags = found.ok().flatten().map(|flags| flags.flags).unwrap_or_default();
        let source = ["CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS"].into_iter().find(|name| std::env::var_os(name).is_some());
        Self::sorted(source.unwrap_or("cargo's configuration"), &flags)
    }

    /// Returns the flags that were used, for the attestation.
    pub(crate) fn honoured(&self) -> Vec<String> {
        let stack = self.stack_bytes.map(|bytes| format!("-Clink-arg=-zstack-size={bytes}"));
        self.passed.iter().cloned().chain(stack).collect()
    }

    fn sorted(source: &str, flags: &[String]) -> Self {
        let mut sorted = Self { source: source.to_owned(), ..Self::default() };
        let mut link_args = Vec::new();
        let mut rest = flags.iter().map(String::as_str).peekable();
        while let Some(flag) = rest.next() {
            let (name, mut value) = split(flag);
            if value.is_none() && takes_value(name) {
                value = rest.next();
            }
            sorted.add(flag, name, value, &mut link_args);
        }
        sorted.add_link_args(&link_args);
        if sorted.unused.iter().any(|unused| unused.reason == NO_INSTRUMENTS) {
            sorted.passed.retain(|flag| !COVERAGE.iter().any(|name| flag.as_str() == format!("--cfg={name}")));
        }
        sorted
    }

    fn add<'f>(&mut self, flag: &str, name: &'f str, value: Option<&'f str>, link_args: &mut Vec<&'f str>) {
        match (name, value) {
            ("-C" | "--codegen", Some(option)) => self.add_codegen(option, link_args),
            ("--cfg" | "--check-cfg", Some(value)) => self.passed.push(format!("{name}={value}")),
            ("-O", None) => self.passed.push(flag.to_owned()),
            ("-g", None) => self.leave(flag, BY_PROFILE),
            (name, Some(value)) if LINTS.contains(&name) => {
                self.passed.push(if name.len() == 2 { format!("{name}{value}") } else { format!("{name}={value}") });
            }
            ("-l" | "-L", Some(value)) => self.leave(format!("{name}{value}"), NO_LIBRARY),
            ("--remap-path-prefix", Some(value)) => self.leave(format!("{name}={value}"), OWN_PATHS),
            ("-Z", Some(value)) if value.starts_with("sanitizer") => self.leave(format!("-Z{value}"), NO_INSTRUMENTS),
            (_, Some(value)) if flag == name => self.leave(format!("{name} {value}"), UNKNOWN),
            _ => self.leave(flag, UNKNOWN),
        }
    }

    fn add_codegen<'f>(&mut self, option: &'f str, link_args: &mut Vec<&'f str>) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let name = name.replace('_', "-");
        let flag = || format!("-C{option}");
        match name.as_str() {
            "target-feature" => {
                let (known, unknown): (Vec<&str>, Vec<&str>) = value
                    .split(',')
                    .partition(|feature| TARGET_FEATURES.contains(&feature.trim_start_matches(['+', '-'])));
                if !known.is_empty() {
                    self.passed.push(format!("-Ctarget-feature={}", known.join(",")));
                }
                unknown.iter().for_each(|feature| self.leave(format!("-Ctarget-feature={feature}"), NO_FEATURE));
            }
            "link-arg" => link_args.push(value),
            "link-args" => link_args.extend(value.split_whitespace()),
            "target-cpu" | "tune-cpu" => self.leave(flag(), NO_PROCESSOR),
            name if CODEGEN.contains(&name) => self.passed.push(flag()),
            name if OWN.contains(&name) => self.leave(flag(), BY_PROFILE),
            name if LINKER.contains(&name) => self.leave(flag(), BY_LINKER),
            name if INSTRUMENTS.contains(&name) => self.leave(flag(), NO_INSTRUMENTS),
            _ => self.leave(flag(), UNKNOWN),
        }
    }

    /// Takes the size of the stack from the linker's arguments, and leaves the others out.
    fn add_link_args(&mut self, args: &[&str]) {
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            let setting = match *arg {
                "-z" => rest.next().copied().unwrap_or_default(),
                arg => arg.strip_prefix("-z").unwrap_or_default(),
            };
            match setting.strip_prefix("stack-size=").and_then(bytes) {
                Some(size) => self.stack_bytes = Some(size),
                None if *arg == "-z" => self.leave(format!("-Clink-arg=-z{setting}"), BY_LINKER),
                None => self.leave(format!("-Clink-arg={arg}"), BY_LINKER),
            }
        }
    }

    fn leave(&mut self, flag: impl Into<String>, reason: &'static str) {
        self.unused.push(UnusedFlag { flag: flag.into(), reason });
    }
}

/// Splits a flag into its name and the value that is attached to it.
fn split(flag: &str) -> (&str, Option<&str>) {
    if flag.starts_with("--") {
        return flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value)));
    }
    match flag.split_at_checked(2) {
        Some((name @ ("-C" | "-A" | "-W" | "-D" | "-F" | "-L" | "-l" | "-Z"), value)) if !value.is_empty() => {
            (name, Some(value))
        }
        _ => (flag, None),
    }
}

fn takes_value(name: &str) -> bool {
    LINTS.contains(&name)
        || matches!(
            name,
            "-C" | "--codegen"
                | "--cfg"
                | "--check-cfg"
                | "-L"
                | "-l"
                | "-Z"
                | "--remap-path-prefix"
                | "--extern"
                | "--sysroot"
        )
}

/// Reads a size as the linker does; it must be a multiple of 16.
fn bytes(text: &str) -> Option<u32> {
    let size = match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => text.parse(),
    };
    size.ok().filter(|size| size % 16 == 0)
}

#[cfg(test)]
mod tests {
    use super::AuthorFlags;

    fn sorted(flags: &str) -> (String, Option<u32>, Vec<String>) {
        let flags: Vec<String> = flags.split(' ').map(str::to_owned).collect();
        let sorted = AuthorFlags::sorted("RUSTFLAGS", &flags);
        (sorted.passed.join(" "), sorted.stack_bytes, sorted.unused.into_iter().map(|unused| unused.flag).collect())
    }

    #[test]
    fn passes_harmless_flags_on_and_names_the_others() {
        let nothing: [&str; 0] = [];
        for (flags, passed, unused) in [
            (
                "--cfg special --cfg=x=\"y\" -Dwarnings -A dead_code --cap-lints=warn",
                "--cfg=special --cfg=x=\"y\" -Dwarnings -Adead_code --cap-lints=warn",
                &nothing[..],
            ),
            (
                "-C target-feature=+simd128,+atomics,-sign-ext",
                "-Ctarget-feature=+simd128,-sign-ext",
                &["-Ctarget-feature=+atomics"],
            ),
            ("-Copt-level=3 -C overflow-checks=on -O", "-Copt-level=3 -Coverflow-checks=on -O", &[]),
            (
                "-C target-cpu=native -C link-arg=-fuse-ld=mold -lz",
                "",
                &["-Ctarget-cpu=native", "-lz", "-Clink-arg=-fuse-ld=mold"],
            ),
            ("-Cpanic=unwind -Clto=off -g", "", &["-Cpanic=unwind", "-Clto=off", "-g"]),
            ("--codegen instrument-coverage --cfg=coverage --cfg=kept", "--cfg=kept", &["-Cinstrument-coverage"]),
            ("-Zthreads=8 --sysroot /x --frob", "", &["-Zthreads=8", "--sysroot /x", "--frob"]),
        ] {
            let (got, _, left) = sorted(flags);
            assert_eq!(got, passed, "{flags}");
            assert_eq!(left, unused, "{flags}");
        }
    }

    #[test]
    fn reads_the_size_of_the_stack_in_every_way_of_writing_it() {
        for flags in [
            "-Clink-arg=-zstack-size=2097152",
            "-C link-arg=-z -C link-arg=stack-size=2097152",
            "-C link_arg=-zstack-size=0x200000",
        ] {
            assert_eq!(sorted(flags), (String::new(), Some(2_097_152), Vec::new()), "{flags}");
        }
        let flags = ["-Clink-args=-z stack-size=65536 --gc-sections".to_owned()];
        let author = AuthorFlags::sorted("RUSTFLAGS", &flags);
        assert_eq!(author.stack_bytes, Some(65_536));
        assert_eq!(author.unused[0].flag, "-Clink-arg=--gc-sections");
        assert_eq!(sorted("-Clink-arg=-zstack-size=1000001").2, ["-Clink-arg=-zstack-size=1000001"]);
    }
}
