import ssl
from pathlib import Path

import pytest

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


def test_files_that_are_none(tmp_path: Path) -> None:
    bad = tmp_path / "bad.pem"
    bad.write_text("no certificate")
    with pytest.raises(BadCertificate, match=r"missing\.pem: no such file"):
        given(bad, tmp_path / "missing.pem")
    with pytest.raises(BadCertificate, match="no PEM"):
        given(bad, bad)
    with pytest.raises(BadCertificate, match="mock.pem"):
        generated(tmp_path / "no" / "mock.pem")
