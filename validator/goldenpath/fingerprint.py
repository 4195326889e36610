"""Whether something is the same again: short names of bytes that nobody can make two of."""

from __future__ import annotations

try:
    from _blake2 import blake2b  # hashlib's own, which is not worth loading OpenSSL for
except ImportError:
    from hashlib import blake2b

LENGTH = 40
"""Characters of a fingerprint."""


def fingerprint(content: bytes) -> str:
    """The fingerprint of some bytes, as hexadecimal digits."""
    return blake2b(content, digest_size=LENGTH // 2).hexdigest()
