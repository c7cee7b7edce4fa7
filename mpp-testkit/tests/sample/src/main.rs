//! The program. Its tools are in the library, so that tests in other crates can link them.

use testkit_sample as _;

fn main() {
    mpp::serve()
}
