"""The wallboard in a real browser: three languages, two sizes, keyboard, live figures, a lost line."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from playwright.async_api import Browser

from acd.core.facts import OperatorFreed
from acd.core.words import OperatorId
from acd.web import WebServer
from tests.browser import WALL, chromium, opened, shown
from tests.real import free_port
from tests.web_center import START, FakeCenter, busy_center, health, operator, queue

_FREED = OperatorFreed(at=START, operator=OperatorId("o1"))
_PHONE = (390, 844)
SLOW_BEAT, SOON = 10.0, 8.0
"""Seconds: what is shown so soon was told by the fact, not by the next beat; the page takes a line that is
silent for 12 s as lost."""
_TITLES = {"uk": "Табло контакт-центру", "ru": "Табло контакт-центра", "en": "Contact centre board"}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as found:
        yield found


@asynccontextmanager
async def _serving(center: FakeCenter, port: int = 0, beat_for: float = 1.0) -> AsyncIterator[str]:
    server = WebServer("127.0.0.1", port, center, beat_for=beat_for)
    await server.start()
    try:
        yield "http://{}:{}/".format(*server.address)
    finally:
        await server.stop()


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
@pytest.mark.parametrize("size", [WALL, _PHONE])
async def test_the_board_fits_its_screen_in_each_language(
    browser: Browser, language: str, size: tuple[int, int]
) -> None:
    async with _serving(busy_center()) as url, opened(browser, f"{url}?lang={language}", size) as page:
        await page.wait_for_selector('[data-link="live"]')
        assert await page.title() == _TITLES[language]
        width, height = await page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        )
        assert width <= size[0], "nothing sticks out sideways"
        assert size is _PHONE or height <= size[1], "four queues fit a wall screen without scrolling"
        cut = "e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0"
        cut_off = await page.evaluate(f"[...document.querySelectorAll('dd,dt,h3,.who')].filter({cut}).length")
        assert cut_off == 0
        big = await page.evaluate("parseFloat(getComputedStyle(document.querySelector('.big dd')).fontSize)")
        assert big >= (96 if size is WALL else 56)


async def test_the_browser_s_language_is_taken_without_asking(browser: Browser) -> None:
    async with _serving(busy_center()) as url, opened(browser, url, locale="ru-RU") as page:
        assert await page.title() == _TITLES["ru"]


async def test_the_language_is_switched_by_keyboard_alone(browser: Browser) -> None:
    async with _serving(busy_center()) as url, opened(browser, f"{url}?lang=uk") as page:
        await page.keyboard.press("Tab")
        focus = "document.activeElement.getAttribute('href')"
        assert await page.evaluate(focus) == "#queues"
        for _ in range(3):
            await page.keyboard.press("Tab")
        assert await page.evaluate(focus) == "?lang=en"
        assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        await page.keyboard.press("Enter")
        await shown(page, "h1", _TITLES["en"])
        assert await page.evaluate("document.querySelector('[aria-current]').textContent.includes('English')")


async def test_figures_follow_a_fact_without_a_reload(browser: Browser) -> None:
    center = FakeCenter(queue(waiting=3), operators=[operator("o1", "Anna")])
    async with _serving(center, beat_for=SLOW_BEAT) as url, opened(browser, f"{url}?lang=en") as page:
        await page.wait_for_selector('[data-link="live"]')
        center.set_queue(waiting=27, longest_wait_for=95.0, service_level=0.5)
        center.operators = (operator("o1", "Anna", activity="talking"), operator("o2", "Boris"))
        center.happen(_FREED)
        await shown(page, '[data-f="waiting"]', "27", within=SOON)
        await shown(page, '[data-f="level"]', "Waiting over 20 sec")
        assert await page.inner_text('[data-f="service_level"]') == "50%"
        assert await page.locator(".operator").all_inner_texts() != []
        assert await page.get_attribute('[data-id="o1"]', "data-state") == "talking"
        assert await page.inner_text('[data-id="o2"] .who') == "Boris"
        center.queues = (replace(queue(), id="new", name="New queue"), *center.queues)  # type: ignore[arg-type]
        center.operators = center.operators[1:]
        center.happen(_FREED)
        await shown(page, ".queue:first-child h3", "New queue", within=SOON)
        assert await page.locator(".operator").count() == 1


async def test_the_longest_wait_ticks_between_snapshots(browser: Browser) -> None:
    changed = "first => document.querySelector('[data-f=longest]').textContent !== first"
    center = FakeCenter(queue(longest_wait_for=14.0))
    async with _serving(center, beat_for=60.0) as url, opened(browser, url) as page:
        await page.wait_for_selector('[data-link="live"]')
        asked = center.views
        first = await page.inner_text('[data-f="longest"]')
        await page.wait_for_function(changed, arg=first, timeout=10_000)
        assert center.views == asked


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("uk", "Немає зв'язку із сервером"),
        ("ru", "Нет связи с сервером"),
        ("en", "No connection to the server"),
    ],
)
async def test_a_lost_line_is_said_with_the_age_of_the_figures_and_found_again(
    browser: Browser, language: str, words: str
) -> None:
    center = busy_center()
    server = WebServer("127.0.0.1", free_port(), center, beat_for=1.0)
    await server.start()
    host, port = server.address
    async with opened(browser, f"http://{host}:{port}/?lang={language}") as page:
        await page.wait_for_selector('[data-link="live"]')
        await server.stop()
        await shown(page, "#banner", words)
        assert words in await page.inner_text("#said")
        assert float(await page.evaluate("getComputedStyle(document.querySelector('main')).opacity")) < 1
        first = await page.inner_text("#banner")
        changed = "first => document.querySelector('#banner').textContent !== first"
        await page.wait_for_function(changed, arg=first, timeout=20_000)
        center.set_queue(waiting=55)
        async with _serving(center, port):
            await shown(page, '[data-f="waiting"]', "55", within=20)
            assert await page.is_hidden("#banner")
            assert not await page.evaluate("document.body.classList.contains('lost')")


async def test_a_silent_line_counts_as_lost(browser: Browser) -> None:

    async with _serving(busy_center()) as url:
        context = await browser.new_context()
        page = await context.new_page()
        await page.clock.install()
        await page.route_web_socket("**/ws", lambda _socket: None)
        await page.goto(f"{url}?lang=en")
        await page.clock.run_for(13_000)
        await shown(page, "#link", "Connecting")
        assert await page.evaluate("document.body.classList.contains('lost')")
        await context.close()


async def test_a_lost_switch_is_said(browser: Browser) -> None:
    center = busy_center()
    async with _serving(center) as url, opened(browser, f"{url}?lang=en") as page:
        await page.wait_for_selector('[data-link="live"]')
        center.state = health(switch_up=False)
        await shown(page, "#banner", "no link to the telephone switch")


async def test_names_with_markup_stay_text_live_as_well(browser: Browser) -> None:
    evil = "<img src=x onerror=window.bad=1><script>window.bad=1</script>"
    center = FakeCenter(queue(evil), operators=[operator("o1", evil, status="on break", reason=evil)])
    async with _serving(center) as url, opened(browser, url) as page:
        await page.wait_for_selector('[data-link="live"]')
        center.queues = (queue(evil), replace(queue(evil), id='"><b id=evil>'))  # type: ignore[arg-type]
        center.happen(_FREED)
        await page.wait_for_selector(".queue:nth-of-type(2)")
        assert await page.evaluate("window.bad === undefined && !document.querySelector('main img, #evil')")
        assert await page.inner_text(".queue h3 >> nth=1") == evil


async def test_without_javascript_the_page_shows_the_figures_and_reloads(browser: Browser) -> None:
    plain = {"java_script_enabled": False}
    async with _serving(busy_center()) as url, opened(browser, f"{url}?lang=en", **plain) as page:
        assert await page.inner_text('[data-id="branches"] [data-f="longest"]') == "2:27"
        assert "reloads every 10 seconds" in await page.inner_text("body")
        assert await page.is_hidden("#link")
        assert 'http-equiv="refresh"' in await page.content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_all_text_has_enough_contrast(browser: Browser, scheme: str) -> None:
    """WCAG 2.2, 1.4.3: 4.5 : 1; computed from the colours that the browser really uses."""
    async with _serving(busy_center()) as url, opened(browser, url, color_scheme=scheme) as page:
        await page.wait_for_selector('[data-link="live"]')
        ratios = json.loads(await page.evaluate(_CONTRAST))
        assert len(ratios) > 100
        assert {text: ratio for text, ratio in ratios if ratio < 4.5} == {}


async def test_nothing_moves_for_those_who_asked_for_it(browser: Browser) -> None:
    alarm = "getComputedStyle(document.querySelector('[data-level=nobody] .level .sign')).animationName"
    async with _serving(busy_center()) as url:
        async with opened(browser, url) as page:
            assert await page.evaluate(alarm) == "pulse"
        async with opened(browser, url, reduced_motion="reduce") as page:
            assert await page.evaluate(alarm) == "none"


_CONTRAST = r"""(() => {
  const rgb = (text) => text.match(/[\d.]+/g).map(Number);
  const light = (c) => {
    const [r, g, b] = c.slice(0, 3).map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim();
    const e = walk.currentNode.parentElement;
    if (!text || !e.checkVisibility() || e.closest("noscript, .said, .skip")) continue;
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    found.push([text, (a + 0.05) / (b + 0.05)]);
  }
  return JSON.stringify(found);
})()"""
