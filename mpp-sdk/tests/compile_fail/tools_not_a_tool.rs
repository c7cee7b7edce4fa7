/// Not marked.
fn add(a: i64, b: i64) -> i64 {
    a + b
}

struct Sub;

fn main() {
    let _ = add(1, 2);
    let _ = mpp_sdk::tools![Sub];
}
