//! The tools of the original, one file each.
//!
//! Descriptions come from the doc comments of the functions. The schemas of arguments and results are the original's, in the
//! directory `schemas`; the comments of parameters and fields repeat them for readers of the code.

mod convert_time;
mod get_current_time;
