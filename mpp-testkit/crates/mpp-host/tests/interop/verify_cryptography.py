"""Verifies a package's envelope with nothing but `cryptography`: verify_cryptography.py PACKAGE PUBLIC_KEY."""

import base64
import hashlib
import json
import sys
import zipfile

from cryptography.hazmat.primitives.serialization import load_pem_public_key

package = zipfile.ZipFile(sys.argv[1])
envelope = json.loads(package.read("signature.json"))
payload = base64.b64decode(envelope["payload"])
kind = envelope["payloadType"].encode()
signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
key = load_pem_public_key(open(sys.argv[2], "rb").read())
key.verify(base64.b64decode(envelope["signatures"][0]["sig"]), signed)

# Beyond the signature: what the statement says about the archive.
statement = json.loads(payload)
for subject in statement["subject"]:
    assert hashlib.sha256(package.read(subject["name"])).hexdigest() == subject["digest"]["sha256"], subject["name"]
start = package.getinfo("signature.json").header_offset
content_hash = hashlib.sha256(open(sys.argv[1], "rb").read()[:start]).hexdigest()
assert statement["predicate"]["content_hash"] == "sha256:" + content_hash
raw = key.public_bytes_raw()
assert base64.b64decode(statement["predicate"]["public_key"]) == raw
assert envelope["signatures"][0]["keyid"] == "pub_" + hashlib.sha256(raw).hexdigest()[:16]
print("cryptography: verified")
