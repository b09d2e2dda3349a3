"""The pages of promises in a real browser: three languages, two sizes, keyboard, live rows, the token."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from acd.core.errors import RefusalCode, Refused
from acd.core.facts import Fact
from acd.core.work_orders import Order
from acd.storage import SqlJournal, open_journal
from acd.web import WebServer
from tests.browser import chromium, opened, shown
from tests.promise_facts import START, a_few, made, records, taken
from tests.web_center import FakeCenter, busy_center

TOKEN = "a-token-that-nobody-guesses"
_SCREEN, _PHONE = (1600, 1000), (390, 844)
_TITLES = {"uk": "Обіцянки", "ru": "Обещания", "en": "Promises"}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as found:
        yield found


@dataclass
class Site:
    """A server on a real ledger; orders are kept in `given` and answered by `refusal`."""

    center: FakeCenter
    journal: SqlJournal
    url: str = ""
    refusal: Refused | None = None
    seq: int = 0

    def __post_init__(self) -> None:
        self.promises = self.journal.promises
        self.given: list[object] = []

    async def give(self, order: Order) -> Refused | None:
        self.given.append(order(START))
        return self.refusal

    def happen(self, *facts: Fact) -> None:
        """In the journal first, then told, as the service does it."""
        new = records(facts, self.seq + 1)
        self.seq += len(new)
        self.journal.append(new)
        self.center.happen(*facts)


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Site]:
    journal = await open_journal(f"sqlite:///{folder}/journal.db", folder / "spool")
    await journal.load()
    site = Site(busy_center(), journal)
    site.happen(*a_few())
    server = WebServer(
        *("127.0.0.1", 0, site.center),
        promises=site,
        api_token=TOKEN,
        time_zone="Europe/Kyiv",
        beat_for=10.0,  # what a page shows sooner was told by a fact
    )
    await server.start()
    site.url = "http://{}:{}".format(*server.address)
    yield site
    await server.stop()
    await journal.close()


async def numbers(page: Page) -> list[str]:
    return await page.locator("tbody tr .number").all_inner_texts()


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
@pytest.mark.parametrize("size", [_SCREEN, _PHONE])
async def test_both_pages_fit_each_screen_in_each_language(
    browser: Browser, tmp_path: Path, language: str, size: tuple[int, int]
) -> None:
    async with serving(tmp_path) as site:
        for path, title in (("/promises", _TITLES[language]), ("/promises/2", "2")):
            async with opened(browser, f"{site.url}{path}?lang={language}", size) as page:
                await page.wait_for_selector('[data-link="live"]')
                assert title in await page.title()
                assert await page.evaluate("document.documentElement.scrollWidth") <= size[0]
                assert await page.get_attribute("html", "lang") == language
                text = await page.inner_text("main")
                assert "{" not in text
                assert "0937654321" not in text


async def test_the_list_is_what_runs_out_first_and_filters_are_links(
    browser: Browser, tmp_path: Path
) -> None:
    async with serving(tmp_path) as site, opened(browser, f"{site.url}/promises?lang=en") as page:
        assert await numbers(page) == ["2", "4", "6"]
        assert await page.get_attribute('tr[data-id="2"]', "data-row") == "late"
        await page.click('.filters >> text="Kept"')
        await page.wait_for_url("**state=kept**")
        assert await numbers(page) == ["1"]
        assert await page.locator(".filters [aria-current]").all_inner_texts() == ["Kept", "Any", "Any"]
        await page.click(".filters >> text=message")
        await page.wait_for_url("**kind=voicemail**")
        assert await numbers(page) == []
        assert "There is nothing here." in await page.inner_text("main")


async def test_rows_follow_the_facts_without_a_reload_and_the_focus_stays(
    browser: Browser, tmp_path: Path
) -> None:
    async with serving(tmp_path) as site, opened(browser, f"{site.url}/promises?lang=en") as page:
        await page.wait_for_selector('[data-link="live"]')
        await page.focus('tr[data-id="4"] a')
        site.happen(made(7, START + 100, due_in=60), taken(6, START + 101))
        await shown(page, 'tr[data-id="7"] .stands', "waits for its turn")
        assert await numbers(page) == ["7", "2", "4", "6"]
        assert "claimed: olena" in await page.inner_text('tr[data-id="6"] .stands')
        assert await page.evaluate("document.activeElement.textContent") == "4"


async def test_everything_is_reached_by_keyboard(browser: Browser, tmp_path: Path) -> None:
    async with serving(tmp_path) as site, opened(browser, f"{site.url}/promises?lang=uk") as page:
        await page.keyboard.press("Tab")
        focus = "document.activeElement.getAttribute('href')"
        assert await page.evaluate(focus) == "#list"
        await page.keyboard.press("Enter")
        seen = []
        for _ in range(14):
            await page.keyboard.press("Tab")
            seen.append(await page.evaluate(focus))
        assert "/promises?state=broken&lang=uk" in seen
        assert "/promises/2?lang=uk" in seen
        await page.focus('tr[data-id="2"] a')
        assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        await page.keyboard.press("Enter")
        await shown(page, "h1", "Обіцянка 2")


async def test_screen_readers_get_a_table_with_names(browser: Browser, tmp_path: Path) -> None:
    async with serving(tmp_path) as site, opened(browser, f"{site.url}/promises?lang=en") as page:
        assert await page.inner_text("caption") == "Open promises, those that run out first"
        assert await page.locator("thead th[scope=col]").count() == 8
        assert await page.get_by_role("rowheader").count() == 3
        assert await page.get_by_role("link", name="Promise 2").count() == 1
        assert await page.get_by_role("navigation").count() >= 4
        assert await page.get_attribute("#said", "role") == "status"


async def test_a_spoken_note_stands_there_with_its_speaker(browser: Browser, tmp_path: Path) -> None:
    async with serving(tmp_path) as site, opened(browser, f"{site.url}/promises/4?lang=en") as page:
        await page.wait_for_selector('[data-link="live"]')
        assert "Note by taras" in await page.inner_text("dl.facts")
        assert "taras added a spoken note" in await page.inner_text(".history")
        assert "кабель на розі" not in await page.inner_text("main")
        await page.fill("#token", TOKEN)
        await page.click("#use-token")
        await page.wait_for_selector(".orders")
        assert "0:04: “кабель на розі”" in await page.inner_text("dl.facts")


async def test_the_token_shows_all_and_gives_orders(browser: Browser, tmp_path: Path) -> None:
    async with serving(tmp_path) as site, opened(browser, f"{site.url}/promises/2?lang=en") as page:
        await page.wait_for_selector('[data-link="live"]')
        assert await page.locator(".orders").count() == 0
        await page.fill("#token", "a guess")
        await page.press("#token", "Enter")
        await shown(page, "#key-why", "This is not the server's token.")
        await page.fill("#token", TOKEN)
        await page.click("#use-token")
        await page.wait_for_selector(".orders")
        assert "0937654321" in await page.inner_text("main")
        assert "немає світла на Садовій" in await page.inner_text("main")
        forward = page.locator('[data-order="forward"]')
        await forward.locator("select").select_option("o1")
        await forward.locator("button").click()
        assert site.given == [], "a field that must be filled in is empty"
        await forward.locator('[name="department"]').fill("networks")
        await forward.locator("button").click()
        await shown(page, "#answer", "Done.")
        assert type(site.given[0]).__name__ == "WorkPassedOn"
        site.refusal = Refused(RefusalCode.WORK_TAKEN, "o1", "")
        await page.wait_for_selector(".orders")
        await page.locator('[data-order="claim"] button').click()
        await shown(page, "#answer", "Somebody else has promise 2 now.")
        await page.click("#forget-token")
        await page.wait_for_selector(".orders", state="detached")
        assert "0937654321" not in await page.inner_text("main")


async def test_a_lost_line_is_said(browser: Browser, tmp_path: Path) -> None:
    journal = await open_journal(f"sqlite:///{tmp_path}/journal.db", tmp_path / "spool")
    await journal.load()
    site = Site(busy_center(), journal)
    server = WebServer("127.0.0.1", 0, site.center, promises=site)
    await server.start()
    host, port = server.address
    async with opened(browser, f"http://{host}:{port}/promises?lang=en") as page:
        await page.wait_for_selector('[data-link="live"]')
        await server.stop()
        await shown(page, "#banner", "No connection to the server")
        assert "No connection" in await page.inner_text("#said")
    await journal.close()


async def test_without_javascript_the_pages_are_whole(browser: Browser, tmp_path: Path) -> None:
    url = ""
    async with serving(tmp_path) as site:
        url = f"{site.url}/promises?lang=en"
        async with opened(browser, url, java_script_enabled=False) as page:
            assert await page.locator("tbody tr").count() == 3
            assert await page.locator('meta[http-equiv="refresh"]').get_attribute("content") == "30"


async def test_hostile_text_stays_text(browser: Browser, tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)>"
    async with serving(tmp_path) as site:
        site.happen(made(9, START + 200, caller=evil, due_in=60))
        async with opened(browser, f"{site.url}/promises?lang=en") as page:
            assert await page.locator("tbody img").count() == 0
            settings = json.loads(await page.get_attribute("body", "data-said") or "{}")
            assert "lost" in settings
        for path in ("/promises/%3Cscript%3E", "/promises?queue=%22%3E%3Cscript%3E&state=%27&offset=-1"):
            async with opened(browser, site.url + path) as page:
                assert await page.locator("script:not([src])").count() == 0


async def test_the_board_leads_to_the_promises_and_says_how_they_stand(
    browser: Browser, tmp_path: Path
) -> None:
    async with serving(tmp_path) as site, opened(browser, f"{site.url}/?lang=en") as page:
        await page.wait_for_selector('[data-link="live"]')
        told = (await page.inner_text('[data-id="tracking"] .work')).split("\n")
        assert [word for word in told if word] == ["Promises", "5", "running out", "2", "kept today", "92%"]
        assert await page.locator('[data-id="business"] .work').is_hidden()
        site.center.set_queue(work_open=0, work_due=0, kept_share=None)
        site.happen(taken(6, START + 300))
        await page.wait_for_selector('[data-id="tracking"] .work', state="hidden", timeout=8000)
        await page.click("nav.pages a")
        await shown(page, "h1", "Promises")
