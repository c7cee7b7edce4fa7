/// Look up a customer.
#[mpp_sdk::tool(readonly, security_level = "private")]
async fn lookup<T>(
    #[arg(defualt = 1)] query: T,
    #[cfg(test)] limit: u8,
    (a, b): (u8, u8),
) -> impl Iterator<Item = u8> {
    [limit, a, b].into_iter()
}

fn main() {}
