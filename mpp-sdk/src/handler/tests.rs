//! Tests of request and response lines.
