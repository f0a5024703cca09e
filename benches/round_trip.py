#!/usr/bin/env python3
"""The round trip on synthetic radiographs: scan, correct, retrain, scan others. Does the lab's own name for a form come back?

    python3 benches/round_trip.py CALXRAY FOLDER [IMAGES]

A lab calls one form of a deposit otherwise than calxray does: grains with a lucent middle are its `injection_granuloma`. The
corrections are those that a reviewer of report.html would save: every reported focus is accepted, relabelled or rejected. Figures
are of images, and so patients, that neither model has seen.
"""
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from compare import decoded, wilson

FORM, NAME = ("rice_grain", "hollow"), "injection_granuloma"


def run(*arguments):
    return subprocess.run([str(one) for one in arguments], check=True, capture_output=True, text=True).stdout


def matched(folder, results):
    """Per image: its record, and for each found focus the true one it shares most with (at least a third of either)."""
    truth = {image["file"]: image for image in json.loads((folder / "truth.json").read_text())["images"]}
    for line in (results / "findings.jsonl").read_text().splitlines():
        record = json.loads(line)
        image = truth.get(Path(record["path"]).name)
        if image is None or record["outcome"]["status"] == "skipped":
            continue
        real = [(focus, set(decoded(focus["segmentation"]))) for focus in image["foci"]]
        pairs = {}
        for focus in record["foci"]:
            own = set(decoded(focus["segmentation"]))
            shares = [(len(own & pixels) / min(len(own), len(pixels)), nth) for nth, (_, pixels) in enumerate(real)]
            best = max(shares, default=(0, None))
            pairs[focus["focus"] if "focus" in focus else focus["number"]] = real[best[1]][0] if best[0] >= 0.33 else None
        yield record, image, pairs


def wanted(focus):
    return NAME if (focus["label"], focus["form"]) == FORM else focus["label"]


def corrections(folder, results, path):
    images, relabelled = [], 0
    for record, _, pairs in matched(folder, results):
        foci = []
        for focus in record["foci"]:
            real = pairs[focus["number"]]
            if real is not None and real["visibility"] == "ignore":
                decision = {"decision": "none"}
            elif real is None:
                decision = {"decision": "reject"}
            elif wanted(real) == focus["label"]:
                decision = {"decision": "accept"}
            else:
                decision = {"decision": "relabel", "label": wanted(real)}
            relabelled += wanted(real) == NAME if real else 0
            foci.append({"focus": focus["number"], "predicted": focus["label"], "segmentation": focus["segmentation"], **decision})
        images.append({"path": record["path"], "image": record["image"], "frame": 1, "rows": record["rows"], "columns": record["columns"], "foci": foci})
    path.write_text(json.dumps({"calxray_corrections": 1, "images": images}))
    return relabelled


def figures(folder, results):
    count = Counter()
    for record, image, pairs in matched(folder, results):
        found = {}
        for focus in record["foci"]:
            real = pairs[focus["number"]]
            if real is None:
                count["false"] += 1
            elif focus["score"] > found.get(real["focus"], {"score": -1})["score"]:
                found[real["focus"]] = focus
        count["images"] += 1
        for real in image["foci"]:
            if real["visibility"] == "ignore":
                continue
            which = "form" if wanted(real) == NAME else "rest"
            count[which] += 1
            if real["focus"] in found:
                count[which + " found"] += 1
                count[which + " named"] += found[real["focus"]]["label"] == wanted(real)
    return count


def share(right, of):
    low, high = wilson(right, of)
    return f"{right} of {of}, {100 * right / max(of, 1):.0f} % ({abs(100 * low):.0f} to {100 * high:.0f})"


def main(calxray, folder, images):
    draw = ["--normal", "0.1", "--spacing", "0.2", "--density", "0.6,2", "--distractors", "0.1",
            "--label", "rice_grain,phlebolith", "--scene", "thigh,lower_leg,forearm"]
    for name, seed, count in [("learn", 41, images), ("held-out", 42, images * 2 // 3)]:
        run(calxray, "phantom", "--out", folder / name, "--count", count, "--seed", seed, *draw)
    scan = ["--format", "jsonl", "--min-score", "0.3", "--fresh"]
    run(calxray, "scan", folder / "learn", "--out", folder / "learn-results", *scan)
    relabelled = corrections(folder / "learn", folder / "learn-results", folder / "corrections.json")
    print(f"{relabelled} foci of the form called {NAME} in the corrections of {images} images")
    told = run(calxray, "train", "--labels", folder / "corrections.json", "--images", folder / "learn", "--out", folder / "model.json")
    print(told)
    run(calxray, "scan", folder / "held-out", "--out", folder / "before", *scan)
    run(calxray, "scan", folder / "held-out", "--out", folder / "after", "--model", folder / "model.json", *scan)
    print("| on images not learned from | before | after |\n|---|---|---|")
    before, after = (figures(folder / "held-out", folder / name) for name in ("before", "after"))
    for what, key in [("the form", "form"), ("other deposits", "rest")]:
        print(f"| {what}: found | {share(before[key + ' found'], before[key])} | {share(after[key + ' found'], after[key])} |")
        print(f"| {what}: of those, named as the lab does | {share(before[key + ' named'], before[key + ' found'])} "
              f"| {share(after[key + ' named'], after[key + ' found'])} |")
    print(f"| false foci an image | {before['false'] / before['images']:.2f} | {after['false'] / after['images']:.2f} |")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 60)
