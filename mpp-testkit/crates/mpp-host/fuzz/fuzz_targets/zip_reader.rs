//! Opens any bytes with two readers: `zip` must see the same entries in every archive that the strict reader accepts.
#![no_main]

use std::io::{Cursor, Read as _};

use libfuzzer_sys::fuzz_target;
use mpp_host::package::tamper::RawArchive;
use zip::ZipArchive;

fuzz_target!(|bytes: &[u8]| {
    let Some(accepted) = RawArchive::read(bytes) else { return };
    let mut other = ZipArchive::new(Cursor::new(bytes)).expect("an archive that `zip` opens");
    assert_eq!(other.len(), accepted.entries.len());
    for (index, entry) in accepted.entries.iter().enumerate() {
        {
            let mut found = other.by_index_raw(index).expect("an entry that `zip` finds");
            let header = &entry.local;
            assert_eq!(found.name_raw(), header.name);
            assert_eq!(
                (found.crc32(), found.compressed_size(), found.size()),
                (header.crc, u64::from(header.stored), u64::from(header.unpacked))
            );
            let mut stored = Vec::new();
            found.read_to_end(&mut stored).expect("stored bytes");
            assert!(stored == entry.data, "other stored bytes");
        }
        // If the content unpacks as its header states, both readers get the same bytes.
        let unpacked = entry.unpacked();
        let mut read = Vec::new();
        if other.by_index(index).is_ok_and(|mut found| found.read_to_end(&mut read).is_ok())
            && unpacked.len() == entry.local.unpacked as usize
        {
            assert!(read == unpacked, "other unpacked bytes");
        }
    }
});
