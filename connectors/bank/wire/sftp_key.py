"""Keys of SSH (Schlüssel): fingerprints that servers are known by, and the private key that lets us in."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from typing import TYPE_CHECKING, Final

import paramiko

from ledger.errors import Refused

if TYPE_CHECKING:
    from connectors.wire.secret import Secret

# A server has one key of each kind, and shows the one it is asked for.
KINDS: Final = (
    ("ssh-ed25519",),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    ("rsa-sha2-512", "rsa-sha2-256"),
)
_FINGERPRINT: Final = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
_PRIVATE: Final = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


def is_fingerprint(text: str) -> bool:
    """Whether a text is a fingerprint as ``ssh-keygen -l`` writes it."""
    return _FINGERPRINT.fullmatch(text) is not None


def fingerprint(key: paramiko.PKey) -> str:
    """Give the fingerprint of a public key as ``ssh-keygen -l`` writes it."""
    digest = hashlib.sha256(key.asbytes()).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def private_key(written: Secret, passphrase: Secret | None, place: str) -> paramiko.PKey:
    """Read a private key; raise Refused, which shows nothing of it, where it cannot be read."""
    opened_by = passphrase.reveal() if passphrase else None
    for kind in _PRIVATE:
        try:
            return kind.from_private_key(io.StringIO(written.reveal()), opened_by)
        except paramiko.PasswordRequiredException:
            raise Refused(f"{place} › key: it is closed by a passphrase; name it with key_passphrase") from None
        except (paramiko.SSHException, ValueError, TypeError, IndexError):  # of another kind, or of none
            continue
    hint = "or the passphrase does not open it" if passphrase else "such as ssh-keygen -t ed25519 makes it"
    raise Refused(f"{place} › key: this is no private key (Ed25519, ECDSA or RSA), {hint}")
