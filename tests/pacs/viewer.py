#!/usr/bin/env python3
"""Opens the study in FOLDER/images with OHIF, over the DICOMweb server behind it, expects words and no complaint, takes pictures.

usage: viewer.py FOLDER PORT ARCHIVE
"""

import http.client
import json
import mimetypes
import shutil
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pydicom
from playwright.sync_api import sync_playwright

folder, port, archive = Path(sys.argv[1]), int(sys.argv[2]), urlsplit(sys.argv[3])
pages = folder / "package" / "dist"
CONFIG = {
    "routerBasename": None, "extensions": [], "modes": [], "customizationService": {}, "showStudyList": True,
    "maxNumberOfWebWorkers": 2, "showLoadingIndicator": True, "investigationalUseDialog": {"option": "never"},
    "disableConfirmationPrompts": True, "defaultDataSourceName": "dicomweb",
    "dataSources": [{
        "namespace": "@ohif/extension-default.dataSourcesModule.dicomweb", "sourceName": "dicomweb",
        "configuration": {
            "friendlyName": "Orthanc", "name": "orthanc", "wadoUriRoot": "/dicom-web", "qidoRoot": "/dicom-web",
            "wadoRoot": "/dicom-web", "imageRendering": "wadors", "thumbnailRendering": "wadors", "staticWado": True,
            "bulkDataURI": {"enabled": True}, "omitQuotationForMultipartRequest": True, "singlepart": "bulkdata,pdf,video",
        },
    }],
}


# What the page must say when something is shown: sizes beside the regions of a report, the description of a series.
EXPECTED = {"image": ["DX", "SR", "SEG", "PR"], "SR": ["Area: ", "mm2", "Major Axis: "], "OT": ["calxray overlay (research only)\n", "\n256\n"]}


class Server(BaseHTTPRequestHandler):
    """OHIF and the archive as one origin."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        # Shared memory asks for isolation.
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path.startswith("/dicom-web"):
            connection = http.client.HTTPConnection(archive.hostname, archive.port, timeout=60)
            connection.request("GET", self.path, headers={"Accept": self.headers.get("Accept", "*/*"), "Host": archive.netloc})
            response = connection.getresponse()
            return self.answer(response.status, response.headers.get("Content-Type", "text/plain"), response.read())
        if self.path.startswith("/app-config.js"):
            return self.answer(200, "text/javascript", f"window.config={json.dumps(CONFIG)}".encode())
        path = pages / urlsplit(self.path).path.lstrip("/")
        path = path if path.is_file() else pages / "index.html"
        return self.answer(200, mimetypes.guess_type(path)[0] or "application/octet-stream", path.read_bytes())


def main():
    (image,) = (folder / "images").rglob("*.dcm")
    study = pydicom.dcmread(image, stop_before_pixels=True).StudyInstanceUID
    pictures = folder / "screenshots"
    pictures.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", port), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"],
        )
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        problems = []
        page.on("pageerror", lambda error: problems.append(str(error)[:300]))
        page.on("console", lambda said: problems.append(said.text[:300]) if said.type == "error" else None)
        for kind in sys.argv[4:] or ["image", "SR", "OT"]:
            problems.clear()
            # Each on a fresh page: what one leaves drawn does not help the next.
            page.goto(f"http://127.0.0.1:{port}/viewer?StudyInstanceUIDs={study}", timeout=120_000)
            page.wait_for_selector("canvas", timeout=120_000)
            page.wait_for_timeout(6000)
            skip = page.get_by_text("Skip all")
            if skip.count():
                skip.first.click()
            if kind != "image":
                entry = page.locator('[data-cy^="study-browser-thumbnail"]').filter(has_text=kind).first
                entry.dblclick(timeout=20_000)
            for attempt in range(30):
                said = page.inner_text("body")
                if all(words in said for words in EXPECTED[kind]):
                    break
                page.wait_for_timeout(2000)
                # OHIF draws the image before it knows the regions, and these with the next change of anything.
                page.set_viewport_size({"width": 1400 - attempt % 2, "height": 900})
            page.wait_for_timeout(2000)
            page.screenshot(path=pictures / f"{kind}.png")
            if problems or not all(words in said for words in EXPECTED[kind]):
                sys.exit(f"FAILED: {kind}: {problems}, {said!r}")
            print(f"OHIF shows {kind}: {pictures / kind}.png")
        browser.close()


main()
