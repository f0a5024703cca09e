#!/usr/bin/env python3
"""Opens the study in FOLDER/images with OHIF, over the DICOMweb server behind it, expects words and no complaint, takes pictures.

usage: viewer.py FOLDER PORT ARCHIVE

OHIF refuses a segmentation that does not say how its frames lie in the patient, which of a projection image nobody can say
(PS3.3 A.51.5 allows Pixel Measures and Plane Orientation in a patient's frame of reference only). For images without
an orientation OHIF itself presumes rows along x and columns along y; the server below, which stands between OHIF and the archive,
gives a segmentation on its way what OHIF presumes of its image. The archive keeps the object as it was written.
"""

import http.client
import io
import json
import mimetypes
import shutil
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pydicom
from PIL import Image, ImageFilter
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
EXPECTED = {"image": ["DX", "SR", "SEG", "PR"], "SR": ["Area: ", "mm2", "Major Axis: "], "SEG": ["SEG"],
            "OT": ["calxray overlay (research only)\n", "\n256\n"]}


# What OHIF presumes of an image that states neither orientation nor spacing.
PRESUMED = pydicom.Dataset.from_json({
    "00209116": {"vr": "SQ", "Value": [{"00200037": {"vr": "DS", "Value": [1, 0, 0, 0, 1, 0]}}]},
    "00289110": {"vr": "SQ", "Value": [{"00180050": {"vr": "DS", "Value": [1]}, "00280030": {"vr": "DS", "Value": [1, 1]}}]},
})
SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"


def placed_metadata(body):
    """DICOM JSON, in which each segmentation has a place."""
    found = json.loads(body)
    for one in found:
        if one.get("00080016", {}).get("Value") == [SEGMENTATION]:
            one["52009229"] = {"vr": "SQ", "Value": [PRESUMED.to_json_dict()]}
    return json.dumps(found).encode()


def placed_instance(kind, body):
    """A multipart body of one DICOM file, which has a place if it is a segmentation."""
    boundary = kind.split("boundary=")[1].split(";")[0].strip('"').encode()
    head, rest = body.split(b"\r\n\r\n", 1)
    end = rest.rindex(b"\r\n--" + boundary)
    data = pydicom.dcmread(io.BytesIO(rest[:end]))
    if data.SOPClassUID != SEGMENTATION:
        return body
    data.SharedFunctionalGroupsSequence = [PRESUMED]
    file = io.BytesIO()
    data.save_as(file)
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
    return b"\r\n".join(lines) + b"\r\n\r\n" + file.getvalue() + rest[end:]


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
            kind, body = response.headers.get("Content-Type", "text/plain"), response.read()
            if response.status == 200 and self.path.endswith("/metadata"):
                body = placed_metadata(body)
            elif response.status == 200 and kind.startswith("multipart/related") and "application/dicom" in kind:
                body = placed_instance(kind, body)
            return self.answer(response.status, kind, body)
        if self.path.startswith("/app-config.js"):
            return self.answer(200, "text/javascript", f"window.config={json.dumps(CONFIG)}".encode())
        path = pages / urlsplit(self.path).path.lstrip("/")
        path = path if path.is_file() else pages / "index.html"
        return self.answer(200, mimetypes.guess_type(path)[0] or "application/octet-stream", path.read_bytes())


def coloured_where_segmented(page, screenshot):
    """Whether the canvas is coloured on the masks, fitted and centred as OHIF shows the image, and nowhere else but at its rim."""
    (file,) = (folder / "out" / "seg").glob("*.dcm")
    masks = pydicom.dcmread(file)
    # One frame a segment; of one segment pydicom gives the frame itself.
    mask = masks.pixel_array.reshape(-1, masks.Rows, masks.Columns).max(axis=0)
    box = max((one.bounding_box() for one in page.locator("canvas").all()), key=lambda box: box["width"] * box["height"])
    canvas = Image.open(screenshot).convert("RGB").crop((box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]))
    scale = min(canvas.width / mask.shape[1], canvas.height / mask.shape[0])
    size = round(mask.shape[1] * scale), round(mask.shape[0] * scale)
    shown = Image.new("L", canvas.size)
    shown.paste(Image.fromarray(mask * 255).resize(size, Image.Resampling.BOX), ((canvas.width - size[0]) // 2, (canvas.height - size[1]) // 2))
    inside = np.asarray(shown) > 200
    near = np.asarray(shown.filter(ImageFilter.MaxFilter(13))) > 0
    colours = np.asarray(canvas).astype(int)
    coloured = colours.max(2) - colours.min(2) > 60
    rim = np.ones(coloured.shape, bool)
    rim[60:-60, 60:-60] = False
    on, off = coloured[inside].mean(), (coloured & ~near & ~rim).sum()
    print(f"SEG: {on:.0%} of the masks are coloured, {off} pixels elsewhere")
    return inside.sum() > 50 and on > 0.85 and off < 20


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
        # OHIF's tour for newcomers complains when it comes before the image.
        tour = ("Shepherd", "advanceOn")
        complains = lambda said: said.type == "error" and not any(word in said.text for word in tour)
        page.on("console", lambda said: problems.append(said.text[:300]) if complains(said) else None)
        for kind in sys.argv[4:] or ["image", "SR", "SEG", "OT"]:
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
            # No word tells when masks are drawn.
            page.wait_for_timeout(12_000 if kind == "SEG" else 2000)
            page.screenshot(path=pictures / f"{kind}.png", timeout=120_000)
            if kind == "SEG" and not coloured_where_segmented(page, pictures / "SEG.png"):
                problems.append("the masks are not where they should be")
            if problems or not all(words in said for words in EXPECTED[kind]):
                sys.exit(f"FAILED: {kind}: {problems}, {said!r}")
            print(f"OHIF shows {kind}: {pictures / kind}.png")
        browser.close()


main()
