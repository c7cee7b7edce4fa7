//! Goal 6: the Gatekeeper takes little longer than inflating and hashing, and refuses a tampered package early.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark that cannot go on fails")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput};
use flate2::{Decompress, FlushDecompress};
use mpp_host::clock::SystemClock;
use mpp_host::gatekeeper::Gatekeeper;
use mpp_host::package::tamper::RawArchive;
use mpp_host::package::{Limits, PackageBytes, UnverifiedPackage};
use mpp_host::testing::SamplePackage;
use sha2::{Digest, Sha256};

/// A package that unpacks to `mebibytes`. Its entries have at most 10 MiB of text, which deflates to a third.
fn package(mebibytes: usize) -> PackageBytes {
    let mut sample = SamplePackage::new();
    let mut left = mebibytes << 20;
    while left > 0 {
        let size = left.min(10 << 20);
        sample = sample.file(&format!("assets/{left}.txt"), text(size, left as u64));
        left -= size;
    }
    sample.sign()
}

fn text(size: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let mut bytes = Vec::with_capacity(size + 16);
    while bytes.len() < size {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bytes.extend(format!("{:x} ", (state >> 40) % 2_000 * 104_729).bytes());
    }
    bytes.truncate(size);
    bytes
}

/// The lower bound: inflates every entry, keeps the content as the Gatekeeper does, and computes its SHA-256.
fn inflate_and_hash(archive: &RawArchive) -> Vec<(Vec<u8>, [u8; 32])> {
    let unpack = |entry: &mpp_host::package::tamper::RawEntry| {
        let mut bytes = vec![0; entry.local.unpacked as usize];
        if entry.local.method == 8 {
            Decompress::new(false).decompress(&entry.data, &mut bytes, FlushDecompress::Finish).unwrap();
        } else {
            bytes.copy_from_slice(&entry.data);
        }
        let digest = Sha256::digest(&bytes).into();
        (bytes, digest)
    };
    archive.entries.iter().map(unpack).collect()
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    let gatekeeper = Gatekeeper::new(Limits::default(), Arc::new(SystemClock::new()));
    for mebibytes in [1, 50] {
        let bytes = package(mebibytes);
        let archive = RawArchive::read(bytes.as_slice()).unwrap();
        let mut group = criterion.benchmark_group(format!("gate/{mebibytes} MiB"));
        group.throughput(Throughput::Bytes((mebibytes as u64) << 20));
        group.bench_function("inflate and SHA-256 alone", |bencher| {
            bencher.iter(|| inflate_and_hash(black_box(&archive)))
        });
        group.bench_function("the whole gate", |bencher| {
            bencher.iter(|| gatekeeper.verify(UnverifiedPackage::new(bytes.clone())).outcome.unwrap());
        });
        let mut tampered = archive.clone();
        let entry = tampered.entries.iter_mut().find(|entry| entry.local.method == 8).unwrap();
        let middle = entry.data.len() / 2;
        entry.data[middle] ^= 1;
        let tampered = PackageBytes::from(tampered.to_bytes());
        group.bench_function("a tampered package refused", |bencher| {
            bencher.iter(|| gatekeeper.verify(UnverifiedPackage::new(tampered.clone())).outcome.unwrap_err());
        });
        group.finish();
    }
    criterion.final_summary();
}
