//! Batches: changes that are checked one after the other and committed together (steps 2 to 4, and 8).

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use tokio::sync::oneshot;

use super::core::{Core, Growth};
use super::{AppendError, Appended, Fold, WriterError};
use crate::log::commit::{self, Commit, Header};
use crate::protocol::{Body, Genesis, Leaf};
use crate::store::{Created, pause};

/// The number of attempts before a change is answered with an error.
const ATTEMPTS: u32 = 8;

type Check<S> = Box<dyn Fn(&S, u64, &Leaf) -> Result<(), <S as Fold>::Refusal> + Send + Sync>;
type Reply<S> = oneshot::Sender<Result<Appended<S>, AppendError<<S as Fold>::Refusal>>>;

/// A change that waits for its answer.
pub(super) struct Job<S: Fold> {
    body: Body,
    check: Check<S>,
    reply: Reply<S>,
}

/// The answer to a change.
pub(super) struct Answer<S: Fold> {
    reply: Reply<S>,
    result: Result<Appended<S>, AppendError<S::Refusal>>,
}

/// The index and the time of a leaf, or the reason why there is none.
type Outcome<S> = Result<(u64, u64), AppendError<<S as Fold>::Refusal>>;

/// The result of an attempt to create a commit object.
enum Race {
    Won,
    Lost,
    /// The store failed. The object may exist, or come to exist later.
    Unknown(WriterError),
}

impl<S: Fold> Job<S> {
    pub(super) fn new(body: Body, check: Check<S>, reply: Reply<S>) -> Self {
        Self { body, check, reply }
    }
}

impl<S: Fold> Answer<S> {
    pub(super) fn send(self) {
        // The requester may have gone; the change stays.
        let _ = self.reply.send(self.result);
    }
}

impl<S: Fold> Core<S> {
    /// Appends the changes that pass their checks, and answers all of them.
    pub(super) async fn append(&mut self, jobs: Vec<Job<S>>) -> Vec<Answer<S>> {
        let outcomes = match self.commit(&jobs).await {
            Ok(outcomes) => outcomes,
            Err(error) => return refuse_all(jobs, error),
        };
        let finished = match self.finish_in_time().await {
            Ok(()) => self.view(),
            Err(error) => Err(error),
        };
        let finished = finished.map_err(|error| {
            self.note_failure(&error);
            Arc::new(error)
        });
        let answer = |(job, outcome): (Job<S>, Outcome<S>)| Answer {
            reply: job.reply,
            result: match (&finished, outcome) {
                (Ok(view), Ok((index, time))) => Ok(Appended { index, time, view: Arc::clone(view) }),
                (Ok(_), Err(error)) => Err(error),
                (Err(error), Ok(_)) => Err(AppendError::Unknown(Arc::clone(error))),
                // What a change was refused for may not be visible yet.
                (Err(error), Err(_)) => Err(AppendError::Failed(Arc::clone(error))),
            },
        };
        jobs.into_iter().zip(outcomes).map(answer).collect()
    }

    /// Writes the first leaf.
    pub(super) async fn append_genesis(&mut self, genesis: &Genesis) -> Result<(), WriterError> {
        let (reply, _) = oneshot::channel();
        // If another server is faster, its record is checked like one that was there before.
        let job = Job::new(Body::Genesis(genesis.clone()), Box::new(|_, _, _| Ok(())), reply);
        match self.commit(&[job]).await {
            Ok(_) => Ok(()),
            Err(AppendError::Unknown(error) | AppendError::Failed(error)) => {
                Err(Arc::try_unwrap(error).unwrap_or(WriterError::Closed))
            }
            Err(AppendError::Refused(_)) => Ok(()),
        }
    }

    /// Commits the changes that pass their checks. An error concerns all of them.
    async fn commit(&mut self, jobs: &[Job<S>]) -> Result<Vec<Outcome<S>>, AppendError<S::Refusal>> {
        let failed = |error| AppendError::Failed(Arc::new(error));
        let mut attempt = 0;
        loop {
            self.check_running().map_err(failed)?;
            match self.catch_up().await {
                Ok(()) => {}
                Err(error) if error.is_transient() && attempt < ATTEMPTS => {
                    pause(attempt).await;
                    attempt += 1;
                    continue;
                }
                Err(error) => {
                    self.note_failure(&error);
                    return Err(failed(error));
                }
            }
            let (growth, outcomes) = self.check(jobs);
            if growth.leaves.is_empty() {
                return Ok(outcomes);
            }
            match self.race(&growth).await {
                Race::Won => {
                    self.adopt(growth);
                    return Ok(outcomes);
                }
                // Whoever won made progress, so this ends.
                Race::Lost => {}
                Race::Unknown(error) => return Err(AppendError::Unknown(Arc::new(error))),
            }
        }
    }

    /// Checks the changes against the state and the earlier changes of the batch (step 2).
    fn check(&self, jobs: &[Job<S>]) -> (Growth<S>, Vec<Outcome<S>>) {
        let mut growth = self.grow();
        let now = self.clock.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let time = u64::try_from(now.as_millis()).unwrap_or(u64::MAX).max(growth.head.time);
        let outcomes = jobs.iter().map(|job| {
            let leaf = Leaf::new(time, job.body.clone());
            let index = growth.head.tree.size();
            let bytes = leaf.to_bytes().map_err(|error| AppendError::Failed(Arc::new(error.into())))?;
            (job.check)(&growth.head.state, index, &leaf).map_err(AppendError::Refused)?;
            growth.push(&leaf, bytes.into()).map_err(AppendError::Refused)?;
            Ok((index, time))
        });
        let outcomes = outcomes.collect();
        (growth, outcomes)
    }

    /// Creates the commit object (step 4). After any other answer than success, the object itself says who was faster.
    async fn race(&self, growth: &Growth<S>) -> Race {
        let size = self.head.tree.size();
        let path = commit::path(size);
        let mut batch = [0; 16];
        if let Err(error) = getrandom::fill(&mut batch) {
            let source = error.to_string().into();
            return Race::Unknown(crate::protocol::ProtocolError::NoRandomness(source).into());
        }
        let header = Header {
            commit: 1,
            size,
            new_size: growth.head.tree.size(),
            root: growth.head.tree.root(),
            batch: hex::encode(batch),
        };
        let commit = Commit { header, leaves: growth.leaves.clone() };
        let bytes: Bytes = commit.to_bytes();
        let mut last = None;
        for attempt in 0..ATTEMPTS {
            match self.store.create(&path, bytes.clone()).await {
                Ok(Created::New(_)) => return Race::Won,
                Ok(Created::Exists) => {}
                Err(error) => last = Some(error.into()),
            }
            match self.store.get(&path).await {
                Ok(Some(object)) => return if object.bytes == bytes { Race::Won } else { Race::Lost },
                Ok(None) => {}
                Err(error) => last = Some(error.into()),
            }
            pause(attempt).await;
        }
        Race::Unknown(
            last.unwrap_or(WriterError::Commit { path, reason: "the store says that it exists, and does not have it" }),
        )
    }
}

/// Answers all changes with one error.
fn refuse_all<S: Fold>(jobs: Vec<Job<S>>, error: AppendError<S::Refusal>) -> Vec<Answer<S>> {
    let (unknown, error) = match error {
        AppendError::Unknown(error) => (true, error),
        AppendError::Failed(error) => (false, error),
        // `commit` answers refusals one by one.
        AppendError::Refused(_) => (false, Arc::new(WriterError::Closed)),
    };
    let result = |error| if unknown { AppendError::Unknown(error) } else { AppendError::Failed(error) };
    jobs.into_iter().map(|job| Answer { reply: job.reply, result: Err(result(Arc::clone(&error))) }).collect()
}
