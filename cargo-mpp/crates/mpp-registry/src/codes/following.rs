//! Codes of monitors, witnesses and mirrors: `MPP-N5xx`.

mpp_host::declare_codes! {
    pub table FOLLOWING;

}
