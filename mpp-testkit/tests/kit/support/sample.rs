//! The sample package, whose tools are linked into this program, so that it runs in both modes.

use std::sync::Arc;

use mpp_testkit::http::{Request, Response, Transport, TransportError};
use mpp_testkit::{Mode, Tool, ToolBuilder};

use testkit_sample as _;

/// Directories and files for the paths that the sample declares.
pub(crate) struct Place {
    pub(crate) dir: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["data", "out"] {
            std::fs::create_dir(dir.path().join(name)).unwrap();
        }
        std::fs::write(dir.path().join("data/a.txt"), "from the directory").unwrap();
        std::fs::write(dir.path().join("one.txt"), "the file alone").unwrap();
        Self { dir }
    }

    /// The sample with everything that it declares, in the mode of the run.
    pub(crate) fn sample_in_mode_of_run(&self) -> ToolBuilder {
        mpp_testkit::tool!("tests/sample")
            .env("TOKEN", "a-token-of-the-tests")
            .dir("/data", self.dir.path().join("data"))
            .dir("/out", self.dir.path().join("out"))
            .dir("/config/one.txt", self.dir.path().join("one.txt"))
            .transport(Arc::new(Echo))
    }

    /// The sample with everything that it declares, in this mode.
    pub(crate) fn sample(&self, mode: Mode) -> ToolBuilder {
        let builder = self.sample_in_mode_of_run();
        if mode == Mode::Native { builder.native() } else { builder.sandboxed() }
    }
}

/// Runs a test with the sample in both modes.
pub(crate) fn in_both_modes(test: impl Fn(&Tool, &Place)) {
    for mode in [Mode::Sandboxed, Mode::Native] {
        let place = Place::new();
        let tool = place.sample(mode).load();
        assert_eq!(tool.mode(), mode);
        test(&tool, &place);
    }
}

/// Responds with the URL.
#[derive(Debug)]
struct Echo;

impl Transport for Echo {
    fn send(&self, request: Request) -> Result<Response, TransportError> {
        let mut response = Response::default();
        (response.status, response.body) = (200, request.url.into_bytes());
        Ok(response)
    }
}
