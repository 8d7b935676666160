"""Addresses that nobody gave follow the ports."""

import pytest

from kit.settings import Settings


def test_a_port_that_was_moved_takes_the_address_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINZHENG_HTTP_PORT", "8090")
    monkeypatch.setenv("MINZHENG_ISSUER_PORT", "8091")
    found = Settings()
    assert found.public_url == "http://127.0.0.1:8090"
    assert found.issuer == "http://127.0.0.1:8091/realms/minzheng"


def test_an_address_that_was_given_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINZHENG_HTTP_PORT", "8090")
    monkeypatch.setenv("MINZHENG_PUBLIC_URL", "https://mz.example.cn")
    monkeypatch.setenv("MINZHENG_ISSUER", "https://id.example.cn/realms/minzheng")
    found = Settings()
    assert found.public_url == "https://mz.example.cn"
    assert found.issuer == "https://id.example.cn/realms/minzheng"
