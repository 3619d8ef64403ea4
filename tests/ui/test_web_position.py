"""A visitor's own page, with and without scripts; the start page."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.web_hall import WebHall
from tests.support.web_pages import visit

pytestmark = pytest.mark.ui


def _look_again(page: Page) -> None:
    """What coming back to the page does: it asks at once."""
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")


def test_from_waiting_to_called_to_done(hall: WebHall, browser: Browser) -> None:
    ahead = hall.issue("pension")["number"]
    ticket = hall.issue("pension")
    path = urlsplit(ticket["position_url"]).path
    hall.command("/windows/1/open")
    with visit(browser, 390, 800) as page:
        page.add_init_script("window.buzzed = 0; navigator.vibrate = () => { window.buzzed += 1; }")
        page.goto(hall.url + path)
        expect(page.locator("#number")).to_have_text(ticket["number"])
        expect(page.locator("#ahead")).to_have_text("1 人")
        expect(page).to_have_title(f"{ticket['number']} · 前面 1 人")
        assert hall.command("/windows/1/call-next")["ticket"]["number"] == ahead
        hall.command("/windows/1/no-show")
        hall.command("/windows/1/call-next")
        _look_again(page)
        expect(page.locator("#state")).to_have_text("轮到您了")
        expect(page.locator("#go-window")).to_have_text("1 号窗口")
        expect(page.locator("#go-name")).to_have_text("社保窗口")
        expect(page).to_have_title(f"★★★ {ticket['number']}")
        assert page.evaluate("window.buzzed") == 1
        hall.command("/windows/1/start")
        hall.command("/windows/1/finish")
        _look_again(page)
        expect(page.locator("#state")).to_have_text("已办结，谢谢")
        expect(page.locator("#go")).to_be_hidden()


def test_a_visitor_is_told_that_no_window_is_open(hall: WebHall, browser: Browser) -> None:
    ticket = hall.issue("pension")
    path = urlsplit(ticket["position_url"]).path
    for scripts in (True, False):
        with visit(browser, 390, 800, scripts=scripts) as page:
            page.goto(hall.url + path)
            expect(page.locator("#help")).to_contain_text("目前没有开放的窗口办理")
            expect(page.locator("#ahead")).not_to_contain_text("您是下一位")
    hall.command("/windows/1/open")
    with visit(browser, 390, 800) as page:
        page.goto(hall.url + path)
        expect(page.locator("#ahead")).to_contain_text("您是下一位")
        expect(page.locator("#help")).to_be_hidden()
        hall.command("/windows/1/call-next")
        hall.command("/windows/1/start")
        hall.command("/windows/1/park")
        _look_again(page)
        expect(page.locator("#help")).to_contain_text("到任何一个能办此事项的窗口")


def test_vibration_is_promised_only_where_there_is_any(hall: WebHall, browser: Browser) -> None:
    path = urlsplit(hall.issue("pension")["position_url"]).path
    with visit(browser, 390, 800) as page:
        page.goto(hall.url + path)
        expect(page.locator("#note")).to_contain_text("手机会振动")
        page.add_init_script("delete Navigator.prototype.vibrate;")
        page.reload()
        expect(page.locator("#note")).to_contain_text("每 10 秒自动更新")
        expect(page.locator("#note")).not_to_contain_text("振动")


def test_an_outage_keeps_what_was_known(hall: WebHall, browser: Browser) -> None:
    ticket = hall.issue("pension")
    with visit(browser, 360, 640) as page:
        page.goto(hall.url + urlsplit(ticket["position_url"]).path)
        expect(page.locator("#number")).to_have_text(ticket["number"])
        hall.stop()
        _look_again(page)
        expect(page.locator("#stale")).to_contain_text("网络中断")
        expect(page.locator("#number")).to_have_text(ticket["number"])
        hall.start()
        expect(page.locator("#stale")).to_be_hidden()


def test_a_phone_without_scripts(hall: WebHall, browser: Browser) -> None:
    ticket = hall.issue("pension")
    with visit(browser, 390, 800, scripts=False) as page:
        page.goto(hall.url + urlsplit(ticket["position_url"]).path + "?lang=en")
        expect(page.locator("#number")).to_have_text(ticket["number"])
        expect(page.locator("#state")).to_have_text("Please wait in the hall")
        assert 'http-equiv="refresh"' in page.content()


def test_an_unknown_ticket_is_told_kindly(hall: WebHall, browser: Browser) -> None:
    with visit(browser, 390, 800, scripts=False, expected=("404 (NOT FOUND)",)) as page:
        answer = page.goto(f"{hall.url}/t/nobody")
        assert answer is not None
        assert answer.status == 404
        expect(page.locator("body")).to_contain_text("没有这个号码")


def test_the_start_page_says_how_the_hall_is(hall: WebHall, browser: Browser) -> None:
    hall.issue("pension")
    hall.command("/windows/1/open")
    with visit(browser, 1366, 768) as page:
        page.goto(hall.url)
        facts = page.locator(".facts")
        expect(facts).to_contain_text("共 2 个")
        for path in ("/clerk", "/manager", "/board", "/devices"):
            expect(page.locator(f"a.place[href='{path}']")).to_be_visible()
        assert page.locator("a[href='/demo']").count() == 0
        page.locator(".language").click()
        expect(page.locator("#go")).to_have_text("Where to go")
