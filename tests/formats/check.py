#!/usr/bin/env python3
"""Reads what `calxray scan` wrote with other people's readers; counts, names, boxes, areas and scores must be those of foci.csv.

usage: check.py OUT

coco.json: pycocotools. label_studio.json: the converter of label-studio-sdk, predictions taken over as annotations, as the
tool does on a click. cvat.xml: FiftyOne's reader, and the elements CVAT documents. yolo, yolo-segment: FiftyOne's reader, and
the rules by which Ultralytics refuses a label. masks, images: OpenCV. images.parquet, foci.parquet: pandas, pyarrow, polars, duckdb.
"""

import csv
import json
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import yaml
from pycocotools.coco import COCO

out = Path(sys.argv[1])
images = {row["image"]: row for row in csv.DictReader(open(out / "images.csv")) if row["outcome"] == "analysed"}
expected = defaultdict(list)
for row in csv.DictReader(open(out / "foci.csv")):
    top, left, bottom, right = (int(row[f"box_{side}"]) for side in ("top", "left", "bottom", "right"))
    expected[row["image"]].append((row["label"], float(row["score"]), (left, top, right - left, bottom - top), int(row["area_px"])))
labels = [category["name"] for category in json.load(open(out / "coco.json"))["categories"]]
total = sum(map(len, expected.values()))
assert total >= 10, "too few foci to say anything"


def same(what, told, box=0.02, area=0.01, of=None):
    """Holds `told` (image: list of label, score or None, x y w h, area or None) against foci.csv."""
    of = expected if of is None else of
    assert set(told) == set(of), f"{what}: other images"
    for image, foci in of.items():
        assert len(told[image]) == len(foci), f"{what}: {image}"
        for own, other in zip(foci, told[image]):
            assert own[0] == other[0], f"{what}: {own} {other}"
            assert other[1] is None or abs(own[1] - other[1]) < 1e-6, f"{what}: {own} {other}"
            assert np.allclose(own[2], other[2], atol=box), f"{what}: {own} {other}"
            assert other[3] is None or abs(own[3] - other[3]) <= max(0.6, area * own[3]), f"{what}: {own} {other}"
    print(f"{what}: {sum(map(len, of.values()))} foci in {len(of)} images are those of foci.csv")


def area(points):
    x, y = np.array(points, dtype=float).T
    return abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def box(points):
    (left, top), (right, bottom) = np.min(points, axis=0), np.max(points, axis=0)
    return (left, top, right - left, bottom - top)


def coco():
    file = COCO(out / "coco.json")
    told = defaultdict(list)
    for image in file.loadImgs(file.getImgIds()):
        for annotation in file.loadAnns(file.getAnnIds([image["id"]])):
            mask = file.annToMask(annotation)
            rows, columns = np.nonzero(mask)
            bounds = (columns.min(), rows.min(), columns.max() - columns.min() + 1, rows.max() - rows.min() + 1)
            assert tuple(annotation["bbox"]) == bounds
            name = file.loadCats([annotation["category_id"]])[0]["name"]
            told[image["image"]].append((name, annotation["score"], bounds, int(mask.sum())))
    same("coco.json, pycocotools", told, box=0, area=0)


def label_studio():
    from label_studio_sdk.converter import Converter

    tasks = json.load(open(out / "label_studio.json"))
    assert len(tasks) == len(images)
    for task in tasks:
        task["annotations"] = task.pop("predictions")
        for number, annotation in enumerate(task["annotations"]):
            annotation["id"] = 1000 * task["id"] + number
            annotation["was_cancelled"] = False
    with tempfile.TemporaryDirectory() as place:
        Path(place, "tasks.json").write_text(json.dumps(tasks))
        converter = Converter((out / "label_studio.xml").read_text(), place, download_resources=False)
        converter.convert_to_coco(str(Path(place, "tasks.json")), str(Path(place, "coco")), is_dir=False, output_image_dir=str(place))
        converted = json.load(open(Path(place, "coco", "result.json")))
    names = {category["id"]: category["name"] for category in converted["categories"]}
    of = {image["id"]: Path(image["file_name"]).stem for image in converted["images"]}
    seen = {annotation["image_id"] for annotation in converted["annotations"]}
    for image in converted["images"]:
        row = images[of[image["id"]]]
        if image["id"] not in seen:
            # The converter takes the size from the annotations.
            continue
        assert (image["height"], image["width"]) == (int(row["rows"]), int(row["columns"])), "size"
    scores = {}
    for task in tasks:
        scores[task["data"]["calxray_image"]] = [region["score"] for region in task["annotations"][0]["result"]]
    told = defaultdict(list)
    for annotation in converted["annotations"]:
        image = of[annotation["image_id"]]
        score = scores[image][len(told[image])]
        points = np.array(annotation["segmentation"][0]).reshape(-1, 2)
        told[image].append((names[annotation["category_id"]], score, box(points), area(points)))
    same("label_studio.json, label-studio-sdk", told, box=0.05)


def cvat():
    import fiftyone.utils.cvat as reader

    root = ElementTree.parse(out / "cvat.xml").getroot()
    assert root.tag == "annotations" and root.findtext("version") == "1.1"
    assert [label.findtext("name") for label in root.iterfind("meta/task/labels/label")] == labels
    known = {"focus", "finding", "score", "label_score", "runner_up"}
    for polygon in root.iter("polygon"):
        assert set(polygon.attrib) == {"label", "source", "occluded", "points", "z_order"}
        assert {attribute.get("name") for attribute in polygon} == known
    _, _, read = reader.load_cvat_image_annotations(str(out / "cvat.xml"))
    assert len(read) == len(images)
    told = defaultdict(list)
    for image in read:
        for polygon in image.polygons:
            values = {attribute.name: attribute.value for attribute in polygon.attributes}
            told[Path(image.name).stem].append((polygon.label, float(values["score"]), box(polygon.points), area(polygon.points)))
    same("cvat.xml, FiftyOne", told, box=0)


def yolo(folder):
    import fiftyone.utils.yolo as reader

    place = out / folder
    data = yaml.safe_load((place / "data.yaml").read_text())
    assert list(data["names"].values()) == labels and list(data["names"]) == list(range(len(labels)))
    listed = [line for name in ("train", "val") for line in (place / data[name]).read_text().split()]
    assert len(listed) == len(set(listed)) == len(images) and all((place / line).is_file() for line in listed)
    told = defaultdict(list)
    for image, row in images.items():
        width, height = int(row["columns"]), int(row["rows"])
        lines = [line.split() for line in (place / "labels" / f"{image}.txt").read_text().splitlines()]
        for line in lines:
            # ultralytics.data.utils.verify_image_label: five columns or a polygon; all in 0..1; classes known.
            numbers = np.array(line[1:], dtype=np.float32)
            assert (len(line) == 5) if folder == "yolo" else (len(line) > 6 and len(line) % 2 == 1)
            assert numbers.min() >= 0 and numbers.max() <= 1.01 and int(line[0]) < len(labels)
        scores = [float(line.split()[-1]) for line in (place / "predictions" / f"{image}.txt").read_text().splitlines()]
        if folder == "yolo":
            found = reader.load_yolo_annotations(str(place / "labels" / f"{image}.txt"), labels).detections
            for one, score in zip(found, scores, strict=True):
                x, y, w, h = one.bounding_box
                told[image].append((one.label, score, (x * width, y * height, w * width, h * height), None))
        else:
            found = reader.load_yolo_annotations(str(place / "labels" / f"{image}.txt"), labels, label_type="polylines").polylines
            for one, score in zip(found, scores, strict=True):
                points = np.array(one.points[0]) * (width, height)
                told[image].append((one.label, score, box(points), area(points)))
    same(f"{folder}, FiftyOne", told)


def pictures():
    # Foci that share pixels cannot all be whole in one picture.
    shared = set()
    file = COCO(out / "coco.json")
    for image in file.loadImgs(file.getImgIds()):
        masks = [file.annToMask(annotation) for annotation in file.loadAnns(file.getAnnIds([image["id"]]))]
        if masks and np.sum(masks, axis=0).max() > 1:
            shared.add(image["image"])
    told = defaultdict(list)
    for image, row in images.items():
        foci, kinds = (cv2.imread(str(out / "masks" / name / f"{image}.png"), cv2.IMREAD_UNCHANGED) for name in ("foci", "labels"))
        assert foci.dtype == np.uint16 and foci.shape == kinds.shape == (int(row["rows"]), int(row["columns"]))
        for number in range(1, foci.max() + 1):
            if image in shared:
                break
            rows, columns = np.nonzero(foci == number)
            kind = np.unique(kinds[rows, columns])
            assert len(kind) == 1
            bounds = (columns.min(), rows.min(), columns.max() - columns.min() + 1, rows.max() - rows.min() + 1)
            told[image].append((labels[kind[0] - 1], None, bounds, len(rows)))
        assert not kinds[foci == 0].any()
        pixels = cv2.imread(str(out / "images" / f"{image}.png"), cv2.IMREAD_UNCHANGED)
        assert pixels.dtype == np.uint16 and pixels.shape == foci.shape and pixels.max() > 32767
    alone = {image: foci for image, foci in expected.items() if image not in shared}
    same("masks, OpenCV", told, box=0, area=0, of=alone)



def parquet():
    import duckdb
    import pandas
    import polars
    import pyarrow.parquet

    for name in ("images", "foci"):
        path = out / f"{name}.parquet"
        text = pandas.read_csv(out / f"{name}.csv", keep_default_na=False, na_values=[""])
        typed = pandas.read_parquet(path)
        assert list(typed.columns) == list(text.columns) and len(typed) == len(text)
        for column in text.columns:
            left, right = text[column], typed[column]
            assert (left.isna() == right.isna()).all(), column
            own, other = left.dropna(), right.dropna()
            numeric = right.dtype != object and str(right.dtype) not in ("str", "string")
            equal = (own.astype(float) == other.astype(float)) if numeric else (own.astype(str) == other.astype(str))
            assert equal.all(), column
        assert polars.read_parquet(path).shape == typed.shape
        assert duckdb.sql(f"select count(*) from '{path}'").fetchall()[0][0] == len(text)
    schema = pyarrow.parquet.read_schema(out / "foci.parquet")
    units = {field.name: (field.metadata or {}).get(b"unit") for field in schema}
    assert units["area_mm2"] == b"mm2" and units["area_px"] == b"[px]" and units["feret_max_mm"] == b"mm" and units["label"] is None
    told = defaultdict(list)
    query = "select image, label, score, box_left, box_top, box_right - box_left, box_bottom - box_top, area_px from '{}'"
    for image, label, score, x, y, w, h, area_px in duckdb.sql(query.format(out / "foci.parquet")).fetchall():
        told[image].append((label, score, (x, y, w, h), area_px))
    same("foci.parquet, duckdb (pandas, polars and pyarrow read it too)", told, box=0, area=0)


coco()
parquet()
label_studio()
cvat()
yolo("yolo")
yolo("yolo-segment")
pictures()
