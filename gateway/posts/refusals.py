"""Refusals of posts that several rules give."""

from kit.errors import Refusal, conflict, forbidden


def own_grant() -> Refusal:
    """Nobody grants or confirms what is to be theirs."""
    return forbidden("posts.own_grant", "不得为本人授予岗位，请由其他安全管理员办理。")


def already_revoked() -> Refusal:
    """It has ended before."""
    return conflict("posts.already_revoked", "该岗位已撤销。")


def one_administrator() -> Refusal:
    """The three administrators are three persons (multi-level protection practice)."""
    return conflict(
        "posts.one_administrator",
        "系统、安全、审计管理员须由不同人员担任；该账号已有管理员岗位，请先撤销原岗位。",
    )


def id_used() -> Refusal:
    """The id made by the caller belongs to another post."""
    return conflict("posts.id_used", "该岗位编号已被使用，请换一个编号。")
