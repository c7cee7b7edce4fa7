fn main() {
    let _ = mpp_sdk::tools![|a: i64| a];
}
