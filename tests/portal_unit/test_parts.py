"""The parts of the portal without a server: addresses, display, what is kept, forms, places, menus, files."""

import gzip

import pytest
from starlette.responses import Response

from gateway.portal import address, kept, language
from gateway.portal.display import Display, switch
from gateway.portal.filters import day, word, yuan
from gateway.portal.form import read_form
from gateway.portal.menu import home_of, own_menu, public_menu
from gateway.portal.page import Page, pages
from gateway.portal.places import chosen_of, counties, levels
from gateway.portal.served import files, static_route
from gateway.problems import HttpError
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.posts.v1.posts_pb import ListPostsRequest
from proto.gen.minzheng.supervision.v1.register_pb import OrganizationStatus
from tests.portal_unit.requests import request


def cookie(response: Response, name: str) -> str:
    """Value of a cookie that an answer sets."""
    line = next(v for k, v in response.raw_headers if k == b"set-cookie" and v.startswith(name.encode()))  # fmt: skip
    return line.decode().split(";")[0].partition("=")[2]


def test_a_page_is_where_it_was_sent_from() -> None:
    assert address.place(request("/register", "search=%E6%A4%B0")) == "/register?search=%E6%A4%B0"
    sent = request("/x", headers={"referer": "http://127.0.0.1/form?a=1"}, method="POST")
    assert address.place(sent) == "/form?a=1"
    assert address.place(request("/x", method="POST")) == "/"
    foreign = request("/x", headers={"referer": "http://a.example//evil.example"}, method="POST")
    assert address.place(foreign) == "/"


async def test_a_switch_of_display_keeps_the_page_and_no_other_site() -> None:
    response = await switch(request("/display", "switch=elder&next=/register?a=1"))
    assert response.headers["location"] == "/register?a=1"
    assert cookie(response, "display") == "elder"
    chosen = Display.of(request("/", headers={"cookie": "display=elder.en"}))
    assert (chosen.language, chosen.classes, chosen.switched("elder")) == ("en", "elder", "en")
    elsewhere = await switch(request("/display", "switch=x&next=https://evil.example"))
    assert elsewhere.headers["location"] == "/"
    assert "set-cookie" not in elsewhere.headers


def test_a_sentence_is_said_once_and_never_as_sent_by_others() -> None:
    response = Response()
    kept.say(response, "已保存。")
    told = request("/", headers={"cookie": f"{kept.SAID}={cookie(response, kept.SAID)}"})
    assert kept.said(told) == "已保存。"
    assert kept.said(request("/", headers={"cookie": f"{kept.SAID}=%%%"})) == ""


async def test_a_form_is_cleaned_and_nothing_else_is_one() -> None:
    body = b"a=+x%00%0D%0Ay+&b=1&b=2"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    sent = request("/x", headers=headers, method="POST")
    sent._receive = _once(body)
    form = await read_form(sent)
    assert (form["a"], form.all("b"), form["c"], form.file("a")) == ("x\ny", ["1", "2"], "", None)
    with pytest.raises(HttpError):
        await read_form(request("/x", headers={"content-type": "text/plain"}, method="POST"))


def _once(body: bytes):
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def test_places_follow_each_other_and_leave_placeholders_out() -> None:
    assert len(counties()) == 28
    county, township, community = levels("community", "460106004002")
    assert (county[3], township[3], community[3]) == (
        "460106000000",
        "460106004000",
        "460106004002",
    )
    flat = levels("community", "460204000000")
    assert [name for name, *_ in flat] == ["community_county", "community"], "no townships there"
    every = [label for one in levels("community", "460400000000") for _, label in one[2]]
    assert "直辖村级区划" not in "".join(every)
    assert [len(one[2]) for one in levels("community", "")] == [28, 0, 0]
    sent = {"community_county": "460107000000", "community_township": "460106004000", "community": "460106004002"}  # fmt: skip
    assert chosen_of("community", sent) == "460107000000", "what lies elsewhere does not count"


def test_menus_show_only_what_the_role_may_open(monkeypatch: pytest.MonkeyPatch) -> None:
    assert next(iter(public_menu("/"))).path == "/"
    clerk = [one.path for one in own_menu(Role.TOWN_CLERK, "/me")]
    assert "/me" in clerk
    assert own_menu(Role.ANONYMOUS, "/me") == []
    assert home_of(Role.ANONYMOUS) == "/"
    posts = Page("/ops/users", "GET", (ListPostsRequest,), "岗位", 1, False, None, "ops")  # type: ignore[arg-type]
    assert posts.open_to(Role.SEC_ADMIN)
    assert not posts.open_to(Role.RESIDENT)


def test_words_and_values_in_both_languages() -> None:
    assert word(OrganizationStatus.ACTIVE) == "正常"
    assert (day("2026-11-22"), day(""), yuan(123456789)) == ("2026年11月22日", "", "1,234,567.89")
    token = language.current.set(language.ENGLISH)
    try:
        assert language.gettext("查询") == "Search"
        assert (
            language.ngettext("有 %(num)d 处需要修改", "有 %(num)d 处需要修改", 2)
            == "%(num)d things need correction"
        )
        assert word(OrganizationStatus.EXPIRED) == "Expired"
        assert day("2026-11-22") == "22 Nov 2026"
    finally:
        language.current.reset(token)


async def test_files_are_served_for_a_year_by_their_content() -> None:
    known = files()["css/tokens.css"]
    serve = static_route().endpoint
    answer = await serve(request(known.url, headers={"accept-encoding": "gzip"}))
    assert gzip.decompress(bytes(answer.body)) == known.content
    assert "immutable" in answer.headers["cache-control"]
    assert (await serve(request("/static/0000/css/tokens.css"))).status_code == 404
    assert (await serve(request("/static/../../settings.py"))).status_code == 404


def test_addresses_are_declared_once() -> None:
    every = [(one.path, one.method) for one in pages()]
    assert len(every) == len(set(every))
