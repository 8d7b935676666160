"""What a command says where a file, a disk or a server is not to be had."""

import errno

import pytest

from kit.cli import app as module


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "no space"), "the disk is full: OSError"),
        (OSError(errno.ENOSPC, "no space", "base.tar.gz"), "the disk is full: base.tar.gz"),
        (PermissionError(errno.EACCES, "no", "key"), "cannot read or write: key"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "no"), "is the platform up?"),
    ],
)
def test_trouble_is_told_in_a_sentence(
    error: OSError, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def command() -> None:
        raise error

    monkeypatch.setattr(module, "app", command)
    with pytest.raises(SystemExit):
        module.main()
    assert said in capsys.readouterr().err
