"""A unit test cannot reach the network, not even this machine's."""

import socket

import pytest
from pytest_socket import SocketBlockedError


def test_sockets_are_refused() -> None:
    with pytest.warns(UserWarning, match="socket"), pytest.raises(SocketBlockedError):
        socket.socket(socket.AF_INET, socket.SOCK_STREAM)
