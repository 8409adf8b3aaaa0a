"""TLS for a server on loopback: a certificate that is given, or one of our own making."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import tempfile
from pathlib import Path

from mock.engine.http.sniff import ALPN

NAMES = ("localhost",)
ADDRESSES = ("127.0.0.1", "::1")


class BadCertificate(ValueError):
    """The files are no certificate and key that fit; one line."""


def given(certificate: Path, key: Path) -> ssl.SSLContext:
    """Both PEM. Raises BadCertificate."""
    if b"BEGIN CERTIFICATE-----" not in _read(certificate):
        raise BadCertificate(f"{certificate}: no certificate in it (PEM)")
    private = _read(key)
    if b"PRIVATE KEY-----" not in private:
        raise BadCertificate(f"{key}: no private key in it (PEM)")
    if b"ENCRYPTED" in private:
        raise BadCertificate(f"{key}: the key has a passphrase; give one without")
    context = _context()
    try:
        context.load_cert_chain(certificate, key)
    except (ssl.SSLError, OSError, ValueError) as error:
        if getattr(error, "reason", "") == "KEY_VALUES_MISMATCH":
            raise BadCertificate(f"{key} is not the key of {certificate}") from None
        raise BadCertificate(f"{certificate} and {key} can't be read: {error}") from None
    return context


def generated(write_to: Path | None = None) -> ssl.SSLContext:
    """A certificate of our own making. `write_to`: where it goes (PEM), for clients to trust. Raises BadCertificate."""
    public, private = self_signed()
    if write_to is not None:
        try:
            write_to.write_bytes(public)
        except OSError as error:
            raise BadCertificate(f"{write_to}: {error.strerror}") from None
    context = _context()
    with tempfile.TemporaryDirectory() as folder:
        both = Path(folder, "both.pem")
        both.touch(mode=0o600)
        both.write_bytes(private + public)
        context.load_cert_chain(both)
    return context


def self_signed() -> tuple[bytes, bytes]:
    """For localhost, valid for a week: certificate and key (PEM)."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "samewire mock")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName(each) for each in NAMES] + [x509.IPAddress(ipaddress.ip_address(each)) for each in ADDRESSES]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return public, private


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(ALPN)
    return context


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BadCertificate(f"{path}: no such file") from None
    except OSError as error:
        raise BadCertificate(f"{path}: {error.strerror}") from None
