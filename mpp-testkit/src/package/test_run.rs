//! Shares a build between the processes of a test run, if each test is a process of its own (`cargo nextest`).

use std::collections::hash_map::DefaultHasher;
use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use mpp_build::DevMappings;
use serde::{Deserialize, Serialize};

use super::Built;
use crate::failure::Failure;

/// The environment variable in which a runner names the run of its processes.
const RUN_ID: &str = "NEXTEST_RUN_ID";

/// A package that is shared by the processes of a test run.
#[derive(Debug)]
pub(super) struct TestRun {
    dir: PathBuf,
    /// Identifies the package.
    key: String,
    id: String,
}

/// A file next to the package, with the rest of the build's result or the reason why it failed.
#[derive(Debug, Serialize, Deserialize)]
enum Record {
    Built { directory: PathBuf, dirs: Vec<(String, PathBuf)>, env: Vec<(String, String)>, symbols: Option<PathBuf> },
    Failed { message: String, help: String },
}

impl TestRun {
    /// Returns the run of this process; `None` where all tests run in one process.
    pub(super) fn of(directory: &Path) -> Option<Self> {
        let id = std::env::var(RUN_ID).ok().filter(|id| is_name(id))?;
        let mut hasher = DefaultHasher::new();
        directory.hash(&mut hasher);
        let name: String =
            directory.file_name()?.to_string_lossy().chars().filter(char::is_ascii_alphanumeric).collect();
        Some(Self {
            dir: target_dir()?.join("mpp").join("testkit"),
            key: format!("{name}-{:016x}", hasher.finish()),
            id,
        })
    }

    /// Returns what another process of the run has built; otherwise builds while the others wait.
    pub(super) fn build_once(&self, build: impl FnOnce() -> Result<Built, Failure>) -> Result<Built, Failure> {
        // Without a lock, each process builds for itself, which is slower.
        let Ok(_lock) = self.lock() else { return build() };
        if let Some(known) = self.read() {
            return known;
        }
        let built = build();
        self.remove_earlier();
        // If this fails, the next process builds again.
        let _ = self.write(&built);
        built
    }

    fn lock(&self) -> io::Result<File> {
        fs::create_dir_all(&self.dir)?;
        let lock = File::create(self.dir.join(format!("{}.lock", self.key)))?;
        lock.lock()?;
        Ok(lock)
    }

    fn file(&self, extension: &str) -> PathBuf {
        self.dir.join(format!("{}-{}.{extension}", self.key, self.id))
    }

    fn read(&self) -> Option<Result<Built, Failure>> {
        match serde_json::from_slice(&fs::read(self.file("json")).ok()?).ok()? {
            Record::Failed { message, help } => Some(Err(Failure { message, help })),
            Record::Built { directory, dirs, env, symbols } => {
                let bytes = fs::read(self.file("mpp")).ok()?;
                let dev = DevMappings::new(dirs.into_iter().collect(), env.into_iter().collect());
                Some(Ok(Built { directory, dev, bytes, symbols }))
            }
        }
    }

    fn write(&self, built: &Result<Built, Failure>) -> io::Result<()> {
        let record = match built {
            Err(Failure { message, help }) => Record::Failed { message: message.clone(), help: help.clone() },
            Ok(Built { directory, dev, bytes, symbols }) => {
                fs::write(self.file("mpp"), bytes)?;
                Record::Built {
                    directory: directory.clone(),
                    dirs: dev.dirs.clone().into_iter().collect(),
                    env: dev.env.clone().into_iter().collect(),
                    symbols: symbols.clone(),
                }
            }
        };
        // Written last, because it refers to the other file.
        mpp_host::atomic_file::write(&self.file("json"), &serde_json::to_vec(&record)?)
    }

    /// Removes the files of earlier runs for this package.
    fn remove_earlier(&self) {
        for entry in fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            let file = entry.file_name();
            let is_for_package =
                file.to_string_lossy().strip_prefix(&self.key).is_some_and(|rest| rest.starts_with('-'));
            if is_for_package {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// Returns the target directory that this program was built in, without asking cargo.
fn target_dir() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    program.ancestors().skip(1).find(|dir| dir.join("CACHEDIR.TAG").is_file()).map(Path::to_owned)
}

fn is_name(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}
