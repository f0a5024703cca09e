#!/usr/bin/env python3
"""Opens report.html in headless Chromium without a network: filters, decides by keyboard, saves, reloads, loads again.

usage: browser.py REPORT SCREENSHOTS [SECONDS_TO_OPEN MILLISECONDS_TO_FILTER]
"""

import json
import shutil
import sys
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

report, pictures = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
limits = [float(number) for number in sys.argv[3:5]] or [5.0, 300.0]
pictures.mkdir(parents=True, exist_ok=True)
size = report.stat().st_size
assert size < 60e6, f"{size} bytes"


def count(page):
    shown, of = page.inner_text("#count").split(" of ")
    return int(shown), int(of.split()[0])


def until(page, expression):
    """Waits for an expression; the page's own policy forbids evaluating one within it."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(expression)


def opened(context):
    page = context.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type in ("error", "warning") else None)
    page.on("request", lambda request: None if request.url.startswith(("file:", "data:", "blob:")) else problems.append(request.url))
    begun = time.monotonic()
    page.goto(report.as_uri())
    page.wait_for_selector("html[data-ready]")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page, time.monotonic() - begun, problems


with sync_playwright() as browsers:
    browser = browsers.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme, viewport={"width": 1400, "height": 1000}, offline=True)
        page, seconds, problems = opened(context)
        assert not problems, problems
        page.screenshot(path=pictures / f"{scheme}-top.png")
        page.locator("#review").scroll_into_view_if_needed()
        page.evaluate("document.getElementById('review').scrollIntoView()")
        page.screenshot(path=pictures / f"{scheme}-review.png")
        context.close()

    context = browser.new_context(viewport={"width": 1400, "height": 1000}, offline=True, accept_downloads=True)
    page, seconds, problems = opened(context)
    _, total = count(page)
    in_document = page.locator(".card").count()
    assert 0 < in_document < 150, in_document
    assert seconds < limits[0], f"opened in {seconds:.2f} s"

    # Filters: each by script time until the next frame is drawn.
    slowest = 0.0
    for change in (
        "find('score-from').value = '0.6'", "find('score-from').value = '0'", "find('label-1').checked = false",
        "find('label-1').checked = true", "find('size-from').value = '4'", "find('size-from').value = ''",
        "find('order').value = 'size'", "find('order').value = 'image'", "find('filter-path').value = 'phantom'",
        "find('filter-path').value = ''",
    ):
        took = page.evaluate(
            "(async () => { const begun = performance.now(); " + change + "; filter(); "
            "find('gallery').getBoundingClientRect(); return performance.now() - begun; })()"
        )
        slowest = max(slowest, took)
    assert slowest < limits[1], f"filtered in {slowest:.0f} ms"
    assert count(page) == (total, total)
    page.fill("#score-from", "0.5")
    kept, _ = count(page)
    assert kept == page.evaluate("foci.filter((focus) => focus.score >= 0.5).length") and kept > 0
    page.click("#filters button[type=reset]")
    until(page, f"order.length === {total}")

    # By keyboard alone: accept, relabel, reject, a note, take back.
    page.focus("#gallery")
    page.keyboard.press("Home")
    page.keyboard.press("a")
    page.keyboard.press("2" if page.evaluate("foci[1].label") != 1 else "3")
    page.keyboard.press("r")
    page.keyboard.press("n")
    page.keyboard.type("behind the skin fold")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "gallery"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("a")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("u")
    decisions = page.evaluate("foci.map((focus) => focus.decision)")
    assert decisions[:3] == ["accept", "relabel", "reject"], decisions[:5]
    active = page.get_attribute("#gallery", "aria-activedescendant")
    assert page.get_attribute(f"#{active}", "aria-selected") == "true"
    assert page.inner_text("#said")
    with page.expect_download() as download:
        page.keyboard.press("s")
    saved = json.loads(Path(download.value.path()).read_text())
    file = pictures / "corrections.json"
    download.value.save_as(file)
    rows = [focus for image in saved["images"] for focus in image["foci"]]
    assert saved["calxray_corrections"] == 1
    assert [row["decision"] for row in rows][:3] == ["accept", "relabel", "reject"]
    assert any(row["note"] == "behind the skin fold" for row in rows)
    relabelled = page.evaluate("LABELS[foci[1].relabel].name")
    assert rows[1]["label"] == relabelled and rows[2]["label"] is None
    page.evaluate("document.getElementById('review').scrollIntoView()")
    page.screenshot(path=pictures / "reviewed.png")
    assert not problems, problems
    context.close()

    # A page opened anew knows nothing until the file is loaded; one of the same browser remembers.
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, offline=True)
    page, _, problems = opened(context)
    assert page.evaluate("foci.every((focus) => focus.decision === 'none')")
    page.set_input_files("#load", file)
    until(page, "find('message').textContent.includes('loaded')")
    assert page.evaluate("foci.map((focus) => focus.decision)") == decisions
    page.wait_for_timeout(600)
    page.close()
    page, _, problems = opened(context)
    assert page.evaluate("foci.map((focus) => focus.decision)") == decisions
    page.set_input_files("#load", report)
    until(page, "find('message').textContent.startsWith('Not loaded')")

    # What a screen reader is told.
    unnamed = page.evaluate(
        "[...document.querySelectorAll('button, input, select, textarea')].filter((control) => "
        "!(control.labels?.length || control.textContent.trim() || control.getAttribute('aria-label'))).length"
    )
    assert unnamed == 0, unnamed
    page.set_viewport_size({"width": 480, "height": 900})
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=pictures / "narrow.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= 480
    assert not problems, problems
    browser.close()

print(f"report.html: {total} foci, {size / 1e6:.1f} MB, opened in {seconds:.2f} s, slowest filter {slowest:.0f} ms")
