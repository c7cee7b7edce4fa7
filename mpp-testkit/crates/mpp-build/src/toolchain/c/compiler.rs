//! Finds a C and C++ compiler for WASI: that of the WASI SDK, clang with Debian's wasi-libc, or zig.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::toolchain::finding::Finding;
use crate::toolchain::programs;

/// The variable that names the WASI SDK.
const SDK: &str = "WASI_SDK_PATH";
/// Names of clang, newest first, after the unversioned one.
const CLANGS: &[&str] = &[
    "clang", "clang-22", "clang-21", "clang-20", "clang-19", "clang-18", "clang-17", "clang-16", "clang-15", "clang-14",
];
/// The target, under the name that every compiler knows.
const TARGET: &str = "wasm32-wasi";
/// Its newer name, under which later releases of the WASI SDK have their libraries.
const NEW_TARGET: &str = "wasm32-wasip1";
/// How a compiler for C is installed.
const INSTALL_C: &str = "`apt-get install clang lld wasi-libc libclang-rt-14-dev-wasm32` on Debian 12 (the number is that of clang), or \
                         `pip install ziglang`, or set `WASI_SDK_PATH` to an unpacked WASI SDK";
/// How a compiler for C++ is installed.
const INSTALL_CPP: &str = "`apt-get install clang lld wasi-libc libclang-rt-14-dev-wasm32 libc++-14-dev-wasm32 libc++abi-14-dev-wasm32` on \
                           Debian 12 (the number is that of clang), or `pip install ziglang`, or set `WASI_SDK_PATH` to an unpacked WASI SDK";

/// A compiler for C and C++.
#[derive(Debug)]
pub(super) struct Compiler {
    program: PathBuf,
    /// The first arguments, before those of the compilation.
    lead: Lead,
    /// The target, as this compiler calls it.
    pub(super) target: &'static str,
    /// The directory of headers and libraries, if the compiler is told of it.
    sysroot: Option<PathBuf>,
    /// Name and version, for example `clang version 14.0.6`.
    pub(super) version: String,
}

/// How a compiler is told what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lead {
    /// clang, whose C++ compiler is a program of its own.
    Clang,
    /// `zig cc` and `zig c++`.
    Zig,
    /// The same, in a package of Python.
    PythonZig,
}

/// The language that a compiler is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    C,
    Cpp,
}

impl Language {
    /// Returns how a compiler is installed.
    pub(super) fn install(self) -> &'static str {
        match self {
            Self::C => INSTALL_C,
            Self::Cpp => INSTALL_CPP,
        }
    }

    /// Returns the name and the text of a small program, which needs the language's library.
    fn probe(self) -> (&'static str, &'static str) {
        match self {
            Self::C => ("probe.c", "#include <stdio.h>\nint main(void) { return puts(\"\") < 0; }\n"),
            Self::Cpp => {
                ("probe.cpp", "#include <string>\nint main(int n, char **) { return std::to_string(n).size() > 9; }\n")
            }
        }
    }
}

impl Compiler {
    /// Returns the first compiler that works for a language.
    ///
    /// # Errors
    /// What is missing, in words.
    pub(super) fn find(language: Language) -> Result<Self, String> {
        if let Some(sdk) = std::env::var_os(SDK).filter(|path| !path.is_empty()) {
            let found = Self::of_sdk(Path::new(&sdk), language);
            return found.map_err(|problem| format!("`{SDK}` is `{}`, {problem}", Path::new(&sdk).display()));
        }
        let mut problem =
            "there is neither `clang` nor `zig` on the `PATH`, and no Python with the package `ziglang`".to_owned();
        if let Some(clang) = programs::on_path(CLANGS.iter().copied()).and_then(Self::clang) {
            match clang.try_out(language) {
                None => return Ok(clang),
                Some(said) => {
                    let missing = missing_part(&said, Source::Distribution);
                    problem = format!("`{}` cannot compile for WASI: {missing}", clang.program.display());
                }
            }
        }
        Self::zig().ok_or(problem)
    }

    /// Returns the compiler of the WASI SDK in this directory.
    fn of_sdk(sdk: &Path, language: Language) -> Result<Self, String> {
        let found = Self::clang(sdk.join("bin/clang"));
        let mut found = found.ok_or_else(|| "which has no usable `bin/clang`".to_owned())?;
        let sysroot = sdk.join("share/wasi-sysroot");
        if sysroot.join("lib").join(NEW_TARGET).is_dir() {
            found.target = NEW_TARGET;
        }
        // The SDK's own clang knows the directory; another clang in its place is told.
        found.sysroot = sysroot.is_dir().then_some(sysroot);
        match found.try_out(language) {
            None => Ok(found),
            Some(said) => Err(format!("whose clang cannot compile for WASI: {}", missing_part(&said, Source::Sdk))),
        }
    }

    fn clang(program: PathBuf) -> Option<Self> {
        let mut command = Command::new(&program);
        command.arg("-v").stdout(Stdio::null()).stdin(Stdio::null());
        // clang prints its version to stderr.
        let output = command.output().ok().filter(|output| output.status.success())?;
        let version = String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or_default().trim().to_owned();
        Some(Self { program, lead: Lead::Clang, target: TARGET, sysroot: None, version })
    }

    fn zig() -> Option<Self> {
        let version = |program: &Path, module: &[&str]| {
            let mut command = Command::new(program);
            command.args(module).arg("version");
            programs::output_of(command).map(|version| format!("zig {version}"))
        };
        if let Some(program) = programs::on_path(["zig"])
            && let Some(version) = version(&program, &[])
        {
            return Some(Self { program, lead: Lead::Zig, target: TARGET, sysroot: None, version });
        }
        let program = programs::on_path(["python3", "python"])?;
        let version = version(&program, &["-m", "ziglang"])?;
        Some(Self { program, lead: Lead::PythonZig, target: TARGET, sysroot: None, version })
    }

    /// Compiles and links a small program, and returns what the compiler says if it fails.
    fn try_out(&self, language: Language) -> Option<String> {
        let Ok(dir) = tempfile::tempdir() else { return None };
        let (name, program) = language.probe();
        let source = dir.path().join(name);
        if std::fs::write(&source, program).is_err() {
            return None;
        }
        let mut command = self.command(language);
        command.arg(&source).arg("-o").arg(dir.path().join("probe.wasm")).stdin(Stdio::null());
        let output = command.output().ok()?;
        if output.status.success() {
            return None;
        }
        Some(String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Returns the words of a command that compiles for WASI, without the arguments of the compilation.
    pub(super) fn words(&self, language: Language) -> Vec<String> {
        let mut program = self.program.display().to_string();
        let mut words = Vec::new();
        match (self.lead, language) {
            (Lead::Clang, Language::C) => {}
            (Lead::Clang, Language::Cpp) => {
                // `clang-19` becomes `clang++-19`.
                let at = program.rfind("clang").map_or(program.len(), |at| at + "clang".len());
                program.insert_str(at, "++");
            }
            (Lead::Zig, language) => words.push(of_zig(language).to_owned()),
            (Lead::PythonZig, language) => words.extend(["-m", "ziglang", of_zig(language)].map(str::to_owned)),
        }
        words.insert(0, program);
        words.extend(["-target", self.target].map(str::to_owned));
        words.extend(self.sysroot.as_ref().map(|sysroot| format!("--sysroot={}", sysroot.display())));
        if language == Language::Cpp {
            words.extend(["-std=c++20", "-fno-exceptions"].map(str::to_owned));
        }
        words
    }

    /// Returns the words of a command that makes archives.
    pub(super) fn archiver(&self) -> Vec<String> {
        let program = self.program.display().to_string();
        match self.lead {
            Lead::Clang => {
                let beside = self.program.with_file_name("llvm-ar");
                let versioned = program.rsplit_once('-').map(|(_, number)| format!("llvm-ar-{number}"));
                let names = ["llvm-ar"].into_iter().chain(versioned.as_deref()).chain(["ar"]);
                let found = if beside.is_file() { Some(beside) } else { programs::on_path(names) };
                vec![found.map_or("ar".to_owned(), |path| path.display().to_string())]
            }
            Lead::Zig => vec![program, "ar".to_owned()],
            Lead::PythonZig => vec![program, "-m".to_owned(), "ziglang".to_owned(), "ar".to_owned()],
        }
    }

    /// Returns a command that compiles for WASI.
    pub(super) fn command(&self, language: Language) -> Command {
        let words = self.words(language);
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        command
    }

    /// Describes the compiler that is there, or what is missing.
    pub(super) fn finding(part: &str, language: Language) -> Finding {
        match Self::find(language) {
            Ok(found) => Finding::usable(part, Some(found.version), Some(found.program)),
            Err(missing) => Finding::missing(format!("{part}: {missing}"), language.install()),
        }
    }
}

fn of_zig(language: Language) -> &'static str {
    match language {
        Language::C => "cc",
        Language::Cpp => "c++",
    }
}

/// Where a compiler comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// Packages of a distribution, which divide it into parts.
    Distribution,
    /// The WASI SDK, which is whole unless it was damaged.
    Sdk,
}

/// Names the part that a failed compilation lacks, and the package that has it.
fn missing_part(said: &str, source: Source) -> String {
    const CPP: (&str, &str) =
        ("the C++ library", "packages `libc++-NN-dev-wasm32` and `libc++abi-NN-dev-wasm32`, with clang's number");
    const C: (&str, &str) = ("the C library", "package `wasi-libc`");
    const OWN: (&str, &str) =
        ("the compiler's own library", "package `libclang-rt-NN-dev-wasm32`, with clang's number");
    const LINKER: (&str, &str) = ("the linker `wasm-ld`", "package `lld`");
    const TARGET: (&str, &str) = ("the target `wasm32`", "");
    let known = [
        ("'string' file not found", CPP),
        ("-lc++", CPP),
        ("stdio.h", C),
        ("crt1", C),
        ("builtins", OWN),
        ("wasm-ld", LINKER),
        ("No available targets", TARGET),
        ("unable to create target", TARGET),
    ];
    match known.iter().find(|(sign, _)| said.contains(sign)) {
        Some((_, (part, package))) if source == Source::Distribution && !package.is_empty() => {
            format!("it lacks {part} ({package})")
        }
        Some((_, (part, _))) => format!("it lacks {part}"),
        None => said.lines().find(|line| line.contains("error")).unwrap_or("it fails").trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Compiler, Language, Lead, NEW_TARGET, Source, TARGET, missing_part};

    fn compiler(program: &str, lead: Lead) -> Compiler {
        Compiler { program: PathBuf::from(program), lead, target: TARGET, sysroot: None, version: String::new() }
    }

    #[test]
    fn each_compiler_has_its_own_words() {
        let words = |program: &str, lead, language| compiler(program, lead).words(language).join(" ");
        assert_eq!(words("/usr/bin/clang", Lead::Clang, Language::C), "/usr/bin/clang -target wasm32-wasi");
        assert_eq!(
            words("/usr/bin/clang-19", Lead::Clang, Language::Cpp),
            "/usr/bin/clang++-19 -target wasm32-wasi -std=c++20 -fno-exceptions"
        );
        assert_eq!(words("/opt/zig", Lead::Zig, Language::C), "/opt/zig cc -target wasm32-wasi");
        assert_eq!(
            words("/usr/bin/python3", Lead::PythonZig, Language::Cpp),
            "/usr/bin/python3 -m ziglang c++ -target wasm32-wasi -std=c++20 -fno-exceptions"
        );
        let mut of_sdk = compiler("/opt/wasi-sdk/bin/clang", Lead::Clang);
        (of_sdk.target, of_sdk.sysroot) = (NEW_TARGET, Some(PathBuf::from("/opt/wasi-sdk/share/wasi-sysroot")));
        assert_eq!(
            of_sdk.words(Language::C).join(" "),
            "/opt/wasi-sdk/bin/clang -target wasm32-wasip1 --sysroot=/opt/wasi-sdk/share/wasi-sysroot"
        );
    }

    #[test]
    fn names_what_a_compiler_lacks() {
        let missing_part = |said: &str| missing_part(said, Source::Distribution);
        assert!(
            missing_part("clang: error: unable to execute command: Executable \"wasm-ld\" doesn't exist!")
                .contains("`lld`")
        );
        assert!(missing_part("probe.c:1:10: fatal error: 'stdio.h' file not found").contains("`wasi-libc`"));
        assert!(missing_part("wasm-ld: error: cannot open libclang_rt.builtins-wasm32.a").contains("libclang-rt"));
        assert!(
            missing_part("probe.cpp:1:10: fatal error: 'string' file not found").contains("`libc++-NN-dev-wasm32`")
        );
        assert!(missing_part("wasm-ld-14: error: unable to find library -lc++").contains("`libc++-NN-dev-wasm32`"));
        assert_eq!(missing_part("x\nerror: odd\n"), "error: odd");
        assert_eq!(super::missing_part("cannot open crt1-command.o", Source::Sdk), "it lacks the C library");
    }
}
