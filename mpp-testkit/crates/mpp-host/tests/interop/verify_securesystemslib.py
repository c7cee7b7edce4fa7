"""Verifies a package's envelope with `securesystemslib`: verify_securesystemslib.py PACKAGE PUBLIC_KEY."""

import json
import sys
import zipfile

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

envelope = Envelope.from_dict(json.loads(zipfile.ZipFile(sys.argv[1]).read("signature.json")))
keyid = next(iter(envelope.signatures))
key = SSlibKey.from_crypto(load_pem_public_key(open(sys.argv[2], "rb").read()), keyid=keyid)
assert list(envelope.verify([key], threshold=1)) == [keyid]

envelope.payload += b" "
try:
    envelope.verify([key], threshold=1)
except VerificationError:
    print("securesystemslib: verified, and refused once changed")
else:
    sys.exit("securesystemslib verified a changed payload")
