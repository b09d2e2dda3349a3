"""A real headless Chromium for tests of pages, with a new empty profile and no traffic of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, async_playwright

from tests.real import need

WALL = (1920, 1080)
_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The browser of the system; playwright gives it a new user-data folder and removes it afterwards."""
    program = need("chromium", "/usr/bin", "/usr/lib/chromium", "/snap/bin")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def opened(
    browser: Browser, url: str, size: tuple[int, int] = WALL, **options: object
) -> AsyncIterator[Page]:
    """The page; nothing may go wrong in its console, and it may ask nobody but its own server."""
    wrong: list[str] = []
    view = {"width": size[0], "height": size[1]}
    context = await browser.new_context(viewport=view, **options)  # type: ignore[arg-type]
    page = await context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Security" in said.text else None)
    page.on("request", lambda asked: None if asked.url.startswith(url[:16]) else wrong.append(asked.url))
    await page.goto(url)
    yield page
    await context.close()
    assert wrong == []


async def shown(page: Page, selector: str, text: str, within: float = 6.0) -> None:
    """Wait until the text stands there."""
    script = "([selector, text]) => document.querySelector(selector)?.textContent.includes(text)"
    await page.wait_for_function(script, arg=[selector, text], timeout=within * 1000)
