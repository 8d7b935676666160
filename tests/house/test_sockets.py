"""A unit test cannot reach the network, not even this machine's."""

import socket

import pytest
from pytest_socket import SocketBlockedError

from tests.conftest import SOCKET


def test_sockets_are_refused() -> None:
    with pytest.warns(UserWarning, match="socket"), pytest.raises(SocketBlockedError):
        socket.socket(socket.AF_INET, socket.SOCK_STREAM)


def test_who_listens_already_takes_what_comes() -> None:
    with SOCKET() as listening, SOCKET() as coming:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        coming.connect(listening.getsockname())
        taken, address = listening.accept()
        with taken:
            assert address == coming.getsockname()
            coming.sendall(b"come")
            assert taken.recv(4) == b"come"
