//! Codes of the server and its API: `MPP-N2xx`.

mpp_host::declare_codes! {
    pub table SERVER;

}
