//! Counters of a server, in the text format of Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds of the histogram of response times, in seconds.
const BOUNDS: [f64; 8] = [0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0, 30.0];

/// The counters of a server.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    requests: Mutex<BTreeMap<(&'static str, u16), Requests>>,
    /// Open connections.
    pub(crate) connections: AtomicI64,
    /// Connections that were closed because of a limit.
    pub(crate) connections_refused: AtomicU64,
    /// Packages that the Gatekeeper accepted.
    pub(crate) packages_verified: AtomicU64,
    /// Packages that the Gatekeeper refused.
    pub(crate) packages_refused: AtomicU64,
    /// Requests that were refused by a rate limit.
    pub(crate) rate_limited: AtomicU64,
    /// Leaves that this server has appended.
    pub(crate) leaves_appended: AtomicU64,
}

/// Requests to one route with one status.
#[derive(Debug, Default, Clone, Copy)]
struct Requests {
    count: u64,
    seconds: f64,
    buckets: [u64; BOUNDS.len()],
}

impl Metrics {
    /// Counts a response.
    pub(crate) fn responded(&self, route: &'static str, status: u16, time: Duration) {
        let seconds = time.as_secs_f64();
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = requests.entry((route, status)).or_default();
        entry.count += 1;
        entry.seconds += seconds;
        for (bucket, bound) in entry.buckets.iter_mut().zip(BOUNDS) {
            *bucket += u64::from(seconds <= bound);
        }
    }

    /// Adds one to a counter.
    pub(crate) fn add(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns all counters as text. `gauges` are values of the moment: a name, a description and a value.
    pub(crate) fn text(&self, gauges: &[(&str, &str, u64)]) -> String {
        let mut out = String::new();
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone();
        header(
            &mut out,
            "mpp_http_request_duration_seconds",
            "Time until the head of the response, by route and status.",
            "histogram",
        );
        for ((route, status), entry) in &requests {
            let labels = format!("route=\"{route}\",status=\"{status}\"");
            for (bound, count) in BOUNDS.iter().zip(entry.buckets) {
                line(&mut out, &format!("mpp_http_request_duration_seconds_bucket{{{labels},le=\"{bound}\"}} {count}"));
            }
            line(
                &mut out,
                &format!("mpp_http_request_duration_seconds_bucket{{{labels},le=\"+Inf\"}} {}", entry.count),
            );
            line(&mut out, &format!("mpp_http_request_duration_seconds_sum{{{labels}}} {}", entry.seconds));
            line(&mut out, &format!("mpp_http_request_duration_seconds_count{{{labels}}} {}", entry.count));
        }
        let counters = [
            ("mpp_connections_refused_total", "Connections closed because of a limit.", &self.connections_refused),
            ("mpp_packages_verified_total", "Packages that passed all seven steps.", &self.packages_verified),
            ("mpp_packages_refused_total", "Packages that the Gatekeeper refused.", &self.packages_refused),
            ("mpp_rate_limited_total", "Requests refused by a rate limit.", &self.rate_limited),
            ("mpp_leaves_appended_total", "Leaves that this server has appended to the log.", &self.leaves_appended),
        ];
        for (name, help, counter) in counters {
            header(&mut out, name, help, "counter");
            line(&mut out, &format!("{name} {}", counter.load(Ordering::Relaxed)));
        }
        let open = u64::try_from(self.connections.load(Ordering::Relaxed)).unwrap_or_default();
        let own = [("mpp_connections", "Open connections.", open)];
        for (name, help, value) in own.iter().chain(gauges) {
            header(&mut out, name, help, "gauge");
            line(&mut out, &format!("{name} {value}"));
        }
        out
    }
}

fn header(out: &mut String, name: &str, help: &str, kind: &str) {
    line(out, &format!("# HELP {name} {help}"));
    line(out, &format!("# TYPE {name} {kind}"));
}

fn line(out: &mut String, text: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(out, "{text}");
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Metrics;

    #[test]
    fn counters_are_written_in_the_text_format() {
        let metrics = Metrics::default();
        metrics.responded("/index/{file}", 200, Duration::from_millis(7));
        metrics.responded("/index/{file}", 200, Duration::from_millis(200));
        Metrics::add(&metrics.packages_verified);
        let text = metrics.text(&[("mpp_log_size", "Leaves in the log.", 42)]);
        for line in [
            "mpp_http_request_duration_seconds_bucket{route=\"/index/{file}\",status=\"200\",le=\"0.005\"} 0",
            "mpp_http_request_duration_seconds_bucket{route=\"/index/{file}\",status=\"200\",le=\"0.01\"} 1",
            "mpp_http_request_duration_seconds_bucket{route=\"/index/{file}\",status=\"200\",le=\"+Inf\"} 2",
            "mpp_http_request_duration_seconds_count{route=\"/index/{file}\",status=\"200\"} 2",
            "# TYPE mpp_packages_verified_total counter",
            "mpp_packages_verified_total 1",
            "mpp_log_size 42",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
