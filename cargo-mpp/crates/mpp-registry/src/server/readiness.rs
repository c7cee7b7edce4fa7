//! Whether the server is ready, as a look at the store found it a moment ago.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

/// The time for which the answer is taken from memory.
const FRESH: Duration = Duration::from_secs(1);

/// Remembers the last look at the store. Requests that come during a look wait for it, and share what it finds.
#[derive(Debug, Default)]
pub(super) struct Readiness {
    last: Mutex<Option<(Instant, Option<String>)>>,
}

impl Readiness {
    /// Returns the problem that keeps the server from being ready, after a look if the last one is too long ago.
    pub(super) async fn look(&self, look: impl AsyncFnOnce() -> Option<String>) -> Option<String> {
        let mut last = self.last.lock().await;
        if let Some((_, problem)) = last.as_ref().filter(|(at, _)| at.elapsed() < FRESH) {
            return problem.clone();
        }
        let problem = look().await;
        *last = Some((Instant::now(), problem.clone()));
        problem
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::Readiness;

    #[tokio::test]
    async fn many_requests_share_one_look_a_second() {
        let (readiness, looks) = (Arc::new(Readiness::default()), Arc::new(AtomicU32::new(0)));
        let ask = || {
            let (readiness, looks) = (Arc::clone(&readiness), Arc::clone(&looks));
            tokio::spawn(async move {
                let look = async || {
                    let number = looks.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(Duration::from_millis(300)).await;
                    (number > 0).then(|| "the store does not answer".to_owned())
                };
                readiness.look(look).await
            })
        };
        for expected in [None, Some("the store does not answer".to_owned())] {
            let asked: Vec<_> = (0..500).map(|_| ask()).collect();
            for answer in asked {
                assert_eq!(answer.await.expect("answered"), expected);
            }
            tokio::time::sleep(Duration::from_millis(1100)).await;
        }
        assert_eq!(looks.load(Ordering::Relaxed), 2);
    }
}
