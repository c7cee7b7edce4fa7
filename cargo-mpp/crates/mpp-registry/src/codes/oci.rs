//! Codes of packages in OCI registries: `MPP-N4xx`.

mpp_host::declare_codes! {
    pub table OCI;

}
