//! One build a run where every test is a process of its own (`cargo nextest`): the first builds, the others take what it made.

use std::collections::hash_map::DefaultHasher;
use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use mpp_build::Dev;
use serde::{Deserialize, Serialize};

use super::{Failure, Made};
use crate::stored;

/// Names the run that a process is part of, where its runner says so.
const RUN: &str = "NEXTEST_RUN_ID";

/// What the processes of one run share of one package.
#[derive(Debug)]
pub(super) struct Run {
    dir: PathBuf,
    /// Of the package.
    key: String,
    id: String,
}

/// Beside the package: what else was found out, or why there is none.
#[derive(Debug, Serialize, Deserialize)]
enum Record {
    Made { directory: PathBuf, dirs: Vec<(String, PathBuf)>, env: Vec<(String, String)>, symbols: Option<PathBuf> },
    Failed { message: String, help: String },
}

impl Run {
    /// The run of this process; `None` under a runner that keeps all tests in one.
    pub(super) fn of(directory: &Path) -> Option<Self> {
        let id = std::env::var(RUN).ok().filter(|id| is_name(id))?;
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

    /// What another process of the run made; else what `make` makes, while the others wait.
    pub(super) fn once(&self, make: impl FnOnce() -> Result<Made, Failure>) -> Result<Made, Failure> {
        // Without a lock each process builds for itself: slower, not wrong.
        let Ok(_held) = self.lock() else { return make() };
        if let Some(known) = self.read() {
            return known;
        }
        let made = make();
        self.remove_earlier();
        // Should it not be written, the next process builds again.
        let _ = self.write(&made);
        made
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

    fn read(&self) -> Option<Result<Made, Failure>> {
        match serde_json::from_slice(&fs::read(self.file("json")).ok()?).ok()? {
            Record::Failed { message, help } => Some(Err(Failure { message, help })),
            Record::Made { directory, dirs, env, symbols } => {
                let bytes = fs::read(self.file("mpp")).ok()?;
                let dev = Dev { dirs: dirs.into_iter().collect(), env: env.into_iter().collect() };
                Some(Ok(Made { directory, dev, bytes, symbols }))
            }
        }
    }

    fn write(&self, made: &Result<Made, Failure>) -> io::Result<()> {
        let record = match made {
            Err(Failure { message, help }) => Record::Failed { message: message.clone(), help: help.clone() },
            Ok(Made { directory, dev, bytes, symbols }) => {
                fs::write(self.file("mpp"), bytes)?;
                Record::Made {
                    directory: directory.clone(),
                    dirs: dev.dirs.clone().into_iter().collect(),
                    env: dev.env.clone().into_iter().collect(),
                    symbols: symbols.clone(),
                }
            }
        };
        // Last: what it speaks of is there.
        stored::write(&self.file("json"), &serde_json::to_string(&record)?)
    }

    /// Removes what earlier runs left of this package.
    fn remove_earlier(&self) {
        for entry in fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            let file = entry.file_name();
            let of_run = file.to_string_lossy().strip_prefix(&self.key).is_some_and(|rest| rest.starts_with('-'));
            if of_run {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// The target directory that this program was built in, without asking cargo.
fn target_dir() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    program.ancestors().skip(1).find(|dir| dir.join("CACHEDIR.TAG").is_file()).map(Path::to_owned)
}

fn is_name(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}
