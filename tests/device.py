"""A device with a passkey, played by a key: what a browser would send for it."""

import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

HOST = "testserver"
FLAG = AuthenticatorData.FLAG


class Device:
    """Holds one key for one person, and has always just seen its owner's finger."""

    def __init__(self, owner: str) -> None:
        self.key, self.number, self.owner = ec.generate_private_key(ec.SECP256R1()), b"a-device", owner

    def registered(self, challenge: str) -> str:
        """What the page for a new passkey sends."""
        public = ES256.from_cryptography_key(self.key.public_key())
        attested = AttestedCredentialData.create(Aaguid.NONE, self.number, public)
        about = self._about(FLAG.UP | FLAG.UV | FLAG.AT, attested)
        client = CollectedClientData.create("webauthn.create", challenge, f"https://{HOST}")
        told = AttestationObject.create("none", about, {})
        return self._answer(clientDataJSON=websafe_encode(client), attestationObject=websafe_encode(told))

    def confirmed(self, challenge: str) -> str:
        """What a page that asks for the passkey sends."""
        about = self._about(FLAG.UP | FLAG.UV)
        client = CollectedClientData.create("webauthn.get", challenge, f"https://{HOST}")
        signature = self.key.sign(about + client.hash, ec.ECDSA(hashes.SHA256()))
        return self._answer(
            clientDataJSON=websafe_encode(client),
            authenticatorData=websafe_encode(about),
            signature=websafe_encode(signature),
            userHandle=websafe_encode(self.owner.encode()),
        )

    def _about(self, flags: int, attested: bytes = b"") -> AuthenticatorData:
        return AuthenticatorData.create(hashlib.sha256(HOST.encode()).digest(), flags, 1, attested)

    def _answer(self, **response: Any) -> str:
        number = websafe_encode(self.number)
        told = {"id": number, "rawId": number, "type": "public-key", "clientExtensionResults": {}}
        return json.dumps({**told, "response": response})
