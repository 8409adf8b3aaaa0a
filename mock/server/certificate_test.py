import datetime
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mock.server.certificate import BadCertificate, generated, given


def test_a_generated_certificate_is_trusted_by_who_has_it(tmp_path: Path) -> None:
    server = generated(tmp_path / "mock.pem")
    client = ssl.create_default_context(cafile=str(tmp_path / "mock.pem"))
    client.set_alpn_protocols(["h2"])
    ends = [(ssl.MemoryBIO(), ssl.MemoryBIO()) for _ in range(1)]
    to_server, to_client = ends[0]
    here = client.wrap_bio(to_client, to_server, server_hostname="127.0.0.1")
    there = server.wrap_bio(to_server, to_client, server_side=True)
    done = set()
    for _ in range(10):
        for name, side in (("here", here), ("there", there)):
            try:
                side.do_handshake()
                done.add(name)
            except ssl.SSLWantReadError:
                continue
    assert done == {"here", "there"}
    assert here.selected_alpn_protocol() == "h2"


def pem(path: Path, *, encrypted: bool = False) -> tuple[Path, Path]:
    """A certificate and its key, in files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "given")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path.mkdir()
    (path / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    lock = serialization.BestAvailableEncryption(b"secret") if encrypted else serialization.NoEncryption()
    (path / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)
    )
    return path / "cert.pem", path / "key.pem"


def test_a_certificate_that_is_given(tmp_path: Path) -> None:
    certificate, key = pem(tmp_path / "one")
    assert isinstance(given(certificate, key), ssl.SSLContext)
    _, other = pem(tmp_path / "two")
    with pytest.raises(BadCertificate, match=r"two/key\.pem is not the key of \S*one/cert\.pem$"):
        given(certificate, other)
    with pytest.raises(BadCertificate, match="passphrase"):
        given(*pem(tmp_path / "three", encrypted=True))
    certificate.write_bytes(certificate.read_bytes().replace(b"M", b"!"))
    with pytest.raises(BadCertificate, match="can't be read"):
        given(certificate, key)


def test_files_that_are_none(tmp_path: Path) -> None:
    bad = tmp_path / "bad.pem"
    bad.write_text("no certificate")
    certificate, _ = pem(tmp_path / "one")
    with pytest.raises(BadCertificate, match=r"missing\.pem: no such file"):
        given(certificate, tmp_path / "missing.pem")
    with pytest.raises(BadCertificate, match="Is a directory"):
        given(tmp_path, bad)
    with pytest.raises(BadCertificate, match=r"bad\.pem: no certificate"):
        given(bad, bad)
    with pytest.raises(BadCertificate, match=r"bad\.pem: no private key"):
        given(certificate, bad)
    with pytest.raises(BadCertificate, match="mock.pem"):
        generated(tmp_path / "no" / "mock.pem")
