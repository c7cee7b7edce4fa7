"""Makes a signed package without any of this project's code: make_package.py SAMPLE PRIVATE_KEY OUT.

The entries are those of SAMPLE; archive, hashes and envelope are written here, the signature is securesystemslib's.
"""

import base64
import hashlib
import json
import struct
import sys
import zipfile
import zlib

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner, SSlibKey

sample, private_key, out = sys.argv[1:]
private = load_pem_private_key(open(private_key, "rb").read(), None)
raw = private.public_key().public_bytes_raw()
keyid = "pub_" + hashlib.sha256(raw).hexdigest()[:16]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Writer:
    """The archive as contract §1 has it."""

    def __init__(self):
        self.local, self.central, self.entries = b"", b"", []

    def add(self, name, data, deflate=True):
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = packer.compress(data) + packer.flush()
        method, needed = (8, 20) if deflate and len(packed) < len(data) else (0, 10)
        stored = packed if method else data
        common = struct.pack("<HHHHHIIIHH", needed, 0, method, 0, 0x21, zlib.crc32(data), len(stored), len(data), len(name), 0)
        self.central += b"PK\1\2" + struct.pack("<H", 0x300 | needed) + common
        self.central += struct.pack("<HHHII", 0, 0, 0, 0o100644 << 16, len(self.local)) + name.encode()
        self.local += b"PK\3\4" + common + name.encode() + stored
        self.entries.append({"name": name, "stored_size": len(stored), "sha256": sha256(stored)})

    def finish(self):
        count = len(self.entries)
        end = struct.pack("<HHHHIIH", 0, 0, count, count, len(self.central), len(self.local), 0)
        return self.local + self.central + b"PK\5\6" + end


files = {info.filename: zipfile.ZipFile(sample).read(info) for info in zipfile.ZipFile(sample).infolist()}
del files["signature.json"]
manifest = json.loads(files["manifest.json"])
manifest["description"] = "Made by Python"
manifest["publisher"]["verified_key_id"] = keyid
files["manifest.json"] = json.dumps(manifest, separators=(",", ":")).encode()

writer = Writer()
for name in ["manifest.json", *sorted(set(files) - {"manifest.json"})]:
    writer.add(name, files[name])
statement = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": entry["name"], "digest": {"sha256": sha256(files[entry["name"]])}} for entry in writer.entries],
    "predicateType": "https://mpp-protocol.io/attestation/package/v1",
    "predicate": {
        "package_id": manifest["package_id"],
        "version": manifest["version"],
        "content_hash": "sha256:" + sha256(writer.local),
        "entries": list(writer.entries),
        "public_key": base64.b64encode(raw).decode(),
        "toolchain": {"builder": "python"},
    },
}
envelope = Envelope(json.dumps(statement).encode(), "application/vnd.in-toto+json", {})
envelope.sign(CryptoSigner(private, SSlibKey.from_crypto(private.public_key(), keyid=keyid)))
writer.add("signature.json", json.dumps(envelope.to_dict(), indent=1).encode(), deflate=False)
open(out, "wb").write(writer.finish())
print("python: packed and signed")
