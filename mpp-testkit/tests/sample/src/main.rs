//! The program; its tools are the library's, so that tests in other crates can link them.

use testkit_sample as _;

fn main() {
    mpp::serve()
}
