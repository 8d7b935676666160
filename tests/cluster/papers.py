"""Certificates of a cluster: one authority, and everybody's name with it."""

import datetime
import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


@dataclass
class Papers:
    """The authority of a cluster and what it signs, as files of a folder."""

    folder: Path
    server: str
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cluster")])
        made = self._begun(self.issuer, self.key.public_key()).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self._write("ca.crt", made.sign(self.key, hashes.SHA256()))
        accounts = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._write("accounts.key", accounts)
        public = serialization.PublicFormat.SubjectPublicKeyInfo
        text = accounts.public_key().public_bytes(serialization.Encoding.PEM, public)
        self.path("accounts.pub").write_bytes(text)

    def path(self, name: str) -> Path:
        """A file of the folder."""
        return self.folder / name

    def sign(self, name: str, common: str, group: str = "", *names: str) -> None:
        """`NAME.crt` and `NAME.key` for a user of a group, or for a server of names and addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        parts = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
        if group:
            parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, group))
        begun = self._begun(x509.Name(parts), key.public_key())
        if names:
            known = x509.SubjectAlternativeName([_general(one) for one in names])
            begun = begun.add_extension(known, critical=False)
        self._write(f"{name}.crt", begun.sign(self.key, hashes.SHA256()))
        self._write(f"{name}.key", key)

    def access(self, name: str, common: str, group: str = "") -> Path:
        """A kubeconfig for a user."""
        self.sign(name, common, group)
        user = {"client-certificate": str(self.path(f"{name}.crt")), "client-key": str(self.path(f"{name}.key"))}  # fmt: skip
        there = {"server": self.server, "certificate-authority": str(self.path("ca.crt"))}
        told = {
            "apiVersion": "v1", "kind": "Config", "current-context": "here",
            "clusters": [{"name": "here", "cluster": there}],
            "users": [{"name": "me", "user": user}],
            "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
        }  # fmt: skip
        file = self.path(f"{name}.conf")
        file.write_text(yaml.safe_dump(told))
        return file

    def _begun(self, subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return x509.CertificateBuilder(
            self.issuer, subject, key, x509.random_serial_number(), now - DAY, now + 7 * DAY
        )

    def _write(self, name: str, made: object) -> None:
        match made:
            case x509.Certificate():
                text = made.public_bytes(serialization.Encoding.PEM)
            case ec.EllipticCurvePrivateKey() | rsa.RSAPrivateKey():
                text = made.private_bytes(
                    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )  # fmt: skip
            case _:
                raise TypeError(made)
        self.path(name).write_bytes(text)
        self.path(name).chmod(0o600)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
