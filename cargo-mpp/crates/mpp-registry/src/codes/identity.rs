//! Codes of identity and ownership: `MPP-N3xx`.

mpp_host::declare_codes! {
    pub table IDENTITY;

}
