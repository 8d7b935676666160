"""What may go wrong at a command, in a sentence."""

from errno import ENOSPC

import asyncpg
import httpx

from kit.embedded.sentences import StartError
from kit.embedded.sign_in import SignInError
from kit.errors import Refusal


def told(error: Exception) -> str:
    """The sentence for a person; empty for a mistake of the program, which shows where it happened."""
    match error:
        case Refusal():
            return error.detail
        case SignInError():
            return f"登录失败 sign-in failed: {error}"
        case StartError():
            return str(error)
        case OSError(errno=number) if number == ENOSPC:
            return f"磁盘已满 the disk is full: {error.filename or type(error).__name__}"
        case OSError() if error.filename:
            return f"无法读写 cannot read or write: {error.filename} ({type(error).__name__})"
        case OSError() | httpx.HTTPError() | asyncpg.PostgresError():
            kind = type(error).__name__
            return f"无法连接，平台是否已启动？Cannot connect: is the platform up? ({kind})"
    return ""
