"""How our processes show themselves to the bus, by the setting `kafka_sasl`."""

import pytest

from kit.log.kafka.client import connection
from kit.settings import Settings


@pytest.mark.parametrize(("sasl", "mechanism"), [("plain", "PLAIN"), ("scram", "SCRAM-SHA-512")])
def test_a_user_with_a_password(tmp_path, sasl, mechanism):
    (tmp_path / "kafka_password_filing").write_text("secret\n")
    (tmp_path / "ca.crt").touch()
    told = connection(Settings(secrets=tmp_path, kafka_sasl=sasl, kafka_user="filing", kafka_ca=tmp_path / "ca.crt"))  # fmt: skip
    assert (told["sasl_mechanism"], told["security_protocol"]) == (mechanism, "SASL_SSL")
    assert (told["sasl_plain_username"], told["sasl_plain_password"]) == ("filing", "secret")


def test_nobody_where_nobody_asks(tmp_path):
    told = connection(Settings(secrets=tmp_path, kafka_sasl="none"))
    assert told["security_protocol"] == "PLAINTEXT"
    assert "sasl_mechanism" not in told
