#[derive(Debug, mpp_sdk::ToolError)]
enum LookupError {
    #[error("the CRM did not answer")]
    CrmDown,
}

fn main() {}
