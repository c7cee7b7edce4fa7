//! A crate that re-exports the SDK under another path; tools in modules, in functions and made by macros.
#![deny(warnings)]

mod facade {
    pub use mpp_sdk as tools_of_ours;
}

/// Add.
#[mpp_sdk::tool(crate = facade::tools_of_ours)]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

mod inner {
    /// Add more.
    #[mpp_sdk::tool]
    pub fn add(a: i64, b: i64, c: i64) -> i64 {
        a + b + c
    }
}

macro_rules! constant {
    ($name:ident, $type:ty, $value:expr) => {
        /// A constant.
        #[mpp_sdk::tool]
        fn $name(plus: $type) -> $type {
            plus + $value
        }
    };
}
constant!(seven, u8, 7);

#[cfg(any())]
/// Never there.
#[mpp_sdk::tool]
fn never(missing: Missing) {}

/// Never there either.
#[mpp_sdk::tool]
#[cfg(any())]
fn nor_this(missing: Missing) {}

fn main() {
    /// Local to a function.
    #[mpp_sdk::tool]
    fn local() -> &'static str {
        "here"
    }
    assert_eq!(mpp_sdk::tools![crate::add, seven, local].names(), ["add", "local", "seven"]);
    assert_eq!(mpp_sdk::tools![add, inner::add].names(), ["add", "add"]);
}
