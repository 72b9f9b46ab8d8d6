"""What tests of several rooms share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.unhurried import unhurried

unhurried()


# While it lives, Playwright's own event loop runs in this thread and no other can: tests that come
# after it need that to have ended.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, which reaches nothing but what a test opens."""
    chromium = shutil.which("chromium")
    if chromium is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is not installed: apt-get install chromium")
        pytest.skip("chromium is not installed: apt-get install chromium")
    quiet = ("background-networking", "component-update", "sync", "gpu", "default-apps")
    with sync_playwright() as playwright:
        args = ["--no-sandbox", *(f"--disable-{name}" for name in quiet)]
        chrome = playwright.chromium.launch(executable_path=chromium, args=args)
        # A page that another process keeps waiting is not wrong.
        expect.set_options(timeout=30_000)
        yield chrome
        chrome.close()
