//! Codes of the client: `MPP-N02x` … `MPP-N09x`.

mpp_host::declare_codes! {
    pub table CLIENT;

}
