"""A password of staff as it stands in the settings: only its hash, by the standard library's scrypt."""

import hashlib
import hmac
import re
import secrets
from base64 import b64encode

from pydantic import SecretStr

SHORTEST_PASSWORD = 12
"""Characters. Guessing is slow and soon locked out, but for who has many addresses."""

_COST = {"n": 2**14, "r": 8, "p": 5}
"""OWASP's advice of 2023 for 16 MB: a quarter of a second."""

_SALT_BYTES = 16
_HASH = re.compile(r"scrypt:[0-9A-Za-z+/]{22}==:[0-9A-Za-z+/]{86}==")


def hashed(password: str) -> str:
    """Return the hash of a password, with its salt, in signs that no .env file or shell takes for others."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return f"scrypt:{b64encode(salt).decode()}:{_digest(password, b64encode(salt))}"


def is_password(password: str, stated: SecretStr) -> bool:
    """Whether a password is the one of which the hash is stated; it takes as long if it isn't."""
    _, salt, digest = stated.get_secret_value().split(":")
    return hmac.compare_digest(_digest(password, salt.encode()), digest)


def known_hash(stated: SecretStr) -> SecretStr:
    """Return a hash as it is; empty is none. Raises: ValueError if it is anything else."""
    if stated and not _HASH.fullmatch(stated.get_secret_value()):
        raise ValueError("not what 'partnerbot staff-password' prints")
    return stated


def _digest(password: str, salt: bytes) -> str:
    return b64encode(hashlib.scrypt(password.encode("utf-8", "replace"), salt=salt, **_COST)).decode()
