"""The pair of the backups: what lies in their folder is sealed with a certificate, which is no secret.

The private key opens it and is needed for a restore only: who takes server and backups reads none.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from kit.embedded.sentences import StartError
from kit.settings import Settings

CERTIFICATE, PRIVATE = "backup.pem", "backup_key.pem"
NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "minzheng backup")])
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
"""A backup is never left out because a certificate has ended: it says who reads, not who is who."""


def make_pair(folder: Path) -> None:
    """A new certificate and its private key in a folder. StartError where one of them is there."""
    for file in (folder / CERTIFICATE, folder / PRIVATE):
        if file.exists():
            raise StartError(f"已存在，不会覆盖 it exists and stays as it is: {file}")
    private = generate_private_key(65537, 3072)
    certificate = (
        x509.CertificateBuilder(NAME, NAME, private.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(FOREVER)
        .sign(private, hashes.SHA256())
    )
    secret = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(folder / PRIVATE, secret, 0o600)
    _write(folder / CERTIFICATE, certificate.public_bytes(Encoding.PEM), 0o644)


def _write(file: Path, content: bytes, mode: int) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
        stream.write(content)


def certificate_of(config: Settings) -> Path | None:
    """What backups are sealed with; None: not at all. StartError for none in production, or no certificate."""
    if config.backup_seal:
        _public(config.backup_seal)
        return config.backup_seal.absolute()
    if config.backup and config.profile == "production":
        raise StartError(
            "生产环境的备份须加密：请运行 minzheng backup-key 目录，并把 MINZHENG_BACKUP_SEAL"
            f" 设为其中的 {CERTIFICATE}。\n"
            "Production seals its backups: run `minzheng backup-key FOLDER` and set"
            f" MINZHENG_BACKUP_SEAL to the {CERTIFICATE} in it."
        )
    return None


def _public(file: Path) -> RSAPublicKey:
    try:
        key = x509.load_pem_x509_certificate(file.read_bytes()).public_key()
    except (OSError, ValueError):
        key = None
    if not isinstance(key, RSAPublicKey):
        raise StartError(
            f"MINZHENG_BACKUP_SEAL 不是 RSA 证书：{file}\n"
            f"MINZHENG_BACKUP_SEAL is no certificate with an RSA key: {file}"
        )
    return key


def private_key(file: Path | None) -> RSAPrivateKey:
    """Read from its file. StartError where none is named or it is none."""
    if file is None:
        raise StartError(
            f"备份已加密，请以 --key 指定 {PRIVATE}。\n"
            f"The backups are sealed: name their {PRIVATE} by --key."
        )
    try:
        key = load_pem_private_key(file.read_bytes(), None)
    except (OSError, ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise StartError(f"不是备份私钥 this is no private key of backups: {file}")
    return key


def seal_key(certificate: Path, key: bytes, place: str) -> bytes:
    """A key that only the private key opens, and only for its place."""
    return _public(certificate).encrypt(key, _padding(place))


def open_key(private: RSAPrivateKey, file: IO[bytes], place: str) -> bytes:
    """The key with which a file begins. StartError where it was sealed for another private key or place."""
    try:
        return private.decrypt(file.read(private.key_size // 8), _padding(place))
    except ValueError as error:
        raise StartError(
            f"该私钥打不开备份 {place}。\nThis private key does not open the backup {place}."
        ) from error


def _padding(place: str) -> OAEP:
    return OAEP(MGF1(hashes.SHA256()), hashes.SHA256(), place.encode())
