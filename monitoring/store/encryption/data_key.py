"""The data key of encrypted records, and what is derived from it.

The data key is 256 random bits. HKDF derives three keys from it: SQLCipher's, the seal's, and the
one of unsaved forms while the app is locked. No passphrase gets this far (see `key_file`).
"""

import hmac
import os
from collections.abc import Callable
from hashlib import sha256

LENGTH = 32
_NONCE = 12


class DataKey:
    """The data key of one set of records, in memory that is overwritten when it is dropped.

    Overwriting is the best that Python can do: copies in the interpreter may stay for a while.
    """

    def __init__(self, name: str, secret: bytes) -> None:
        """Take the name of the key, which is not secret, and its 32 bytes."""
        if len(secret) != LENGTH:
            raise ValueError(f"a data key has {LENGTH} bytes")
        self.name = name
        self._secret = bytearray(secret)

    def __repr__(self) -> str:
        """Return the name, never the key."""
        return f"<DataKey {self.name}>"

    @classmethod
    def new(cls) -> "DataKey":
        """Return a new random key."""
        return cls(os.urandom(8).hex(), os.urandom(LENGTH))

    def drop(self) -> None:
        """Overwrite the key; it can do nothing from now on."""
        self._secret[:] = bytes(len(self._secret))
        self._secret.clear()

    def wrapped(self, key: bytes, about: bytes) -> bytes:
        """Return the data key encrypted under another key; `about` is bound to it."""
        return _encrypted(key, self._all(), about)

    def file_key(self) -> str:
        """Return SQLCipher's raw key as 64 hexadecimal digits."""
        return self._derived(b"SQLCipher").hex()

    def sealer(self) -> Callable[[int, str], str]:
        """Return the function that seals a link of the audit trail by its number and hash."""
        started = hmac.new(self._derived(b"seal"), digestmod=sha256)

        def seal(number: int, link_hash: str) -> str:
            sealed = started.copy()
            sealed.update(f"{number}:{link_hash}".encode())
            return sealed.hexdigest()

        return seal

    def hidden(self, text: str) -> bytes:
        """Return a text encrypted for the memory of this process."""
        return _encrypted(self._derived(b"unsaved forms"), text.encode(), b"")

    def shown(self, hidden: bytes) -> str:
        """Return the text of `hidden`."""
        return decrypted(self._derived(b"unsaved forms"), hidden, b"").decode()

    def _all(self) -> bytes:
        if not self._secret:
            raise ValueError("the data key was dropped")
        return bytes(self._secret)

    def _derived(self, purpose: bytes) -> bytes:
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - for encrypted
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415 - records only

        info = b"sirolimus assistant: " + purpose
        return HKDF(algorithm=SHA256(), length=LENGTH, salt=None, info=info).derive(self._all())


def _encrypted(key: bytes, secret: bytes, about: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - as above

    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, secret, about)


def decrypted(key: bytes, encrypted: bytes, about: bytes) -> bytes:
    """Return what AES-GCM encrypted under a key. Raises `InvalidTag` for another key."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - as above

    return AESGCM(key).decrypt(encrypted[:_NONCE], encrypted[_NONCE:], about)
