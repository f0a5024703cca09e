#!/usr/bin/env python3
"""Holds DICOM SR, SEG, SC and presentation states that calxray wrote against other people's software.

usage: check.py CALXRAY SOURCES OUT     scans SOURCES into OUT twice (segments by label, by focus) and checks every object:

- dciodvfy (dicom3tools) finds no error, and no warning but those explained in docs/dicom.md
- dicom-validator finds nothing but what is explained there, and finds what is taken out of an object
- dsrdump (dcmtk) prints the tree without a complaint
- highdicom reads report and segmentation
- numbers in a report are those of foci.csv; a report without foci says so
- pixels of a segmentation are exactly the masks of coco.json
- a Secondary Capture shows exactly the overlay
- a presentation state passes dcmpschk (dcmtk), draws the outlines of the report, and dcmp2pgm (dcmtk) shows the image through
  it as the overlay does
- objects belong to the study and the patient of their image, and are the same bytes when written again
"""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import highdicom
import iods
import numpy as np
import pydicom
from PIL import Image
from pycocotools import mask as coco_mask

# Each is explained in docs/dicom.md. The last four are about values that the source image has, or has not.
EXPLAINED = [
    r"Unrecognized defined term <99CALXRAY> for value 1 of attribute <Coding Scheme Designator>",
    r"Missing attribute or value that would be needed to build DICOMDIR - (Study Date|Study Time|Patient ID|Study ID)",
    r"Value dubious for this VR - \(0x0010,0x0010\) PN Patient's Name .*Retired Person Name form",
    r"Value dubious for this VR - \(0x0008,0x0090\) PN Referring Physician's Name .*Retired Person Name form",
    r"is only permitted to be empty when actually unknown.* - attribute <Laterality>",
]

# What dicom-validator may say: see docs/dicom.md.
EXPLAINED_IODS = []
STANDARD = iods.information()

# Concept in the report: columns of foci.csv, the second where there is no spacing, and the units of both.
NUMBERS = {
    "42798000": (("area_mm2", "mm2"), ("area_px", "{pixels}")),
    "131187009": (("major_axis_mm", "mm"), ("major_axis_px", "{pixels}")),
    "131188004": (("minor_axis_mm", "mm"), ("minor_axis_px", "{pixels}")),
    "131191004": (("perimeter_mm", "mm"), ("perimeter_px", "{pixels}")),
    "EQUIV-DIAMETER": (("equivalent_diameter_mm", "mm"), ("equivalent_diameter_px", "{pixels}")),
    "FERET-MAX": (("feret_max_mm", "mm"), ("feret_max_px", "{pixels}")),
    "FERET-MIN": (("feret_min_mm", "mm"),),
    "ASPECT-RATIO": (("aspect_ratio", "1"),),
    "CIRCULARITY": (("circularity", "1"),),
    "SOLIDITY": (("solidity", "1"),),
    "ORIENTATION": (("orientation_deg", "deg"),),
    "CONTRAST-NOISE": (("contrast_to_noise", "1"),),
    "LUCENT-CENTRE": (("lucent_centre", "1"),),
    "RIM-CLOSURE": (("rim_closure", "1"),),
    "BONE-DISTANCE": (("distance_to_bone_mm", "mm"),),
    "LIMB-ANGLE": (("angle_to_limb_axis_deg", "deg"),),
    "LABEL-SCORE": (("label_score", "1"),),
}

counts = {"valid": 0, "missed": 0, "reports": 0, "reports without foci": 0, "groups": 0, "numbers": 0, "segmentations": 0, "segments": 0, "pictures": 0,
          "presentations": 0, "presentations shown": 0}


def expect(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")


def validate(path):
    said = subprocess.run(["dciodvfy", path], capture_output=True, text=True, timeout=60).stderr
    for line in said.splitlines():
        if line.startswith("Error"):
            sys.exit(f"FAILED: dciodvfy on {path}: {line}")
        if line.startswith("Warning"):
            expect(any(re.search(known, line) for known in EXPLAINED), f"dciodvfy on {path}: unexplained: {line}")


    for line in iods.complaints(STANDARD, path):
        expect(any(re.search(known, line) for known in EXPLAINED_IODS), f"dicom-validator on {path}: unexplained: {line}")
    counts["valid"] += 1


def miss(path, *places):
    """dicom-validator misses each of `places`, a path of keywords and items, when it is taken out."""
    for place in places:
        spoilt = pydicom.dcmread(path)
        *steps, last = place.split(".")
        level = spoilt
        for step in steps:
            level = level[int(step)] if step.isdigit() else level[step].value
        del level[last]
        said = iods.complaints(STANDARD, spoilt)
        expect(any(last in line and "Missing" in line for line in said), f"dicom-validator misses {place}: {said}")
        counts["missed"] += 1


def same_study(path, made, source):
    for name in ("StudyInstanceUID", "PatientID", "StudyDate", "AccessionNumber", "PatientSex"):
        expect(str(made.get(name, "") or "") == str(source.get(name, "") or ""), f"{path}: {name} is that of the image")
    expect(str(made.get("PatientName", "")) == str(source.get("PatientName", "")), f"{path}: name of the patient")
    expect(made.SeriesInstanceUID != source.SeriesInstanceUID, f"{path}: a series of its own")
    expect(re.fullmatch(r"2\.25\.[1-9]\d{0,38}", made.SOPInstanceUID), f"{path}: a UID from its content")


def numbers_of(group):
    found = {}
    for item in group:
        if item.ValueType == "NUM":
            value = item.MeasuredValueSequence[0]
            name = item.ConceptNameCodeSequence[0].CodeValue
            expect(name not in found, f"{name} is measured once")
            found[name] = (float(value.NumericValue), value.MeasurementUnitsCodeSequence[0].CodeValue)
    return found


def check_report(path, source, rows):
    validate(path)
    dump = subprocess.run(["dsrdump", path], capture_output=True, text=True, timeout=60)
    expect(dump.returncode == 0 and not re.search(r"^[EW]:", dump.stdout + dump.stderr, re.M), f"dsrdump on {path}: {dump}")
    report = highdicom.sr.srread(path)
    same_study(path, report, source)
    counts["reports"] += 1
    if not rows:
        counts["reports without foci"] += 1
        expect("All algorithms succeeded; without findings" in dump.stdout, f"{path}: says that nothing was found")
        expect("Measurement Group" not in dump.stdout, f"{path}: no groups")
        expect(report.content.get_planar_roi_measurement_groups() == [], f"{path}: no groups for highdicom")
        return {}, []
    miss(path, "SOPInstanceUID", "ContentSequence.0.RelationshipType", "ContentSequence.0.ConceptCodeSequence.0.CodeMeaning")
    groups = report.content.get_planar_roi_measurement_groups()
    expect(len(groups) == len(rows), f"{path}: {len(groups)} groups for {len(rows)} foci")
    tracked, outlines = {}, []
    for group, row in zip(groups, rows):
        counts["groups"] += 1
        expect(group.tracking_identifier.endswith(f"focus {row['focus']}"), f"{path}: foci in order")
        tracked[group.tracking_identifier] = group.tracking_uid
        expect(group.finding_type.scheme_designator == "99CALXRAY", f"{path}: label in our scheme")
        region = group.roi
        expect(region.graphic_type.value == "POLYLINE", f"{path}: a line that viewers draw")
        points = region.value
        outlines.append(points)
        expect((points[0] == points[-1]).all() and len(points) >= 4, f"{path}: a closed line")
        box = [float(row[f"box_{edge}"]) for edge in ("left", "top", "right", "bottom")]
        expect((points.min(0) >= box[:2]).all() and (points.max(0) <= box[2:]).all(), f"{path}: the line is in its box")
        found = numbers_of(group[0].ContentSequence)
        expect(abs(found.pop("111012")[0] - 100 * float(row["score"])) < 1e-4, f"{path}: certainty is the score")
        for name, columns in NUMBERS.items():
            stated = [(float(row[column]), unit) for column, unit in columns if row[column] != ""]
            expect(found.pop(name, None) == (stated[0] if stated else None), f"{path}: {name} of focus {row['focus']}")
            counts["numbers"] += bool(stated)
        expect(not found, f"{path}: numbers that foci.csv has not: {found}")
    return tracked, outlines


def check_segmentation(path, source, annotations, labels, by, tracked):
    validate(path)
    seg = highdicom.seg.segread(path)
    same_study(path, seg, source)
    counts["segmentations"] += 1
    groups = "PerFrameFunctionalGroupsSequence.0."
    miss(path, "SegmentationType", "SegmentSequence.0.SegmentAlgorithmType", groups + "SegmentIdentificationSequence")
    frames = seg.pixel_array
    frames = frames[np.newaxis] if frames.ndim == 2 else frames
    expect("FrameOfReferenceUID" not in seg or "FrameOfReferenceUID" in source, f"{path}: no invented frame of reference")
    if by == "focus":
        wanted = [[annotation] for annotation in annotations]
    else:
        wanted = [[one for one in annotations if one["category_id"] == label] for label in labels]
        wanted = [group for group in wanted if group]
    expect(len(frames) == len(wanted) == seg.number_of_segments, f"{path}: {len(frames)} frames for {len(wanted)} segments")
    for number, (frame, group) in enumerate(zip(frames, wanted), 1):
        counts["segments"] += 1
        masks = [coco_mask.decode({**one["segmentation"], "counts": one["segmentation"]["counts"].encode()}) for one in group]
        expect(np.array_equal(frame, np.maximum.reduce(masks)), f"{path}: pixels of segment {number}")
        description = seg.get_segment_description(number)
        expect(description.algorithm_type.value == "AUTOMATIC", f"{path}: made by a program")
        if by == "focus":
            expect(tracked[description.tracking_id] == description.tracking_uid, f"{path}: tracked as in the report")
        read = seg.get_pixels_by_source_instance([source.SOPInstanceUID], segment_numbers=[number])
        expect(np.array_equal(read[0, ..., 0], frame), f"{path}: highdicom finds segment {number} by its image")


def check_picture(path, source, overlay):
    validate(path)
    picture = pydicom.dcmread(path)
    same_study(path, picture, source)
    counts["pictures"] += 1
    expect(np.array_equal(picture.pixel_array, np.asarray(Image.open(overlay))), f"{path}: the pixels of the overlay")


def check_presentation(path, source, original, overlay, outlines, rows):
    validate(path)
    checked = subprocess.run(["dcmpschk", path], capture_output=True, text=True, timeout=60)
    expect("Test passed" in checked.stdout + checked.stderr, f"dcmpschk on {path}: {checked}")
    state = pydicom.dcmread(path)
    same_study(path, state, source)
    counts["presentations"] += 1
    (annotation,) = state.GraphicAnnotationSequence
    drawn = [np.reshape(graphic.GraphicData, (-1, 2)) for graphic in annotation.GraphicObjectSequence]
    expect(len(drawn) == len(outlines) and all(map(np.array_equal, drawn, outlines)), f"{path}: the outlines of the report")
    for text, row in zip(annotation.TextObjectSequence, rows, strict=True):
        expect(text.UnformattedTextValue.split()[0] == row["focus"], f"{path}: numbers of foci")
    if source.file_meta.TransferSyntaxUID.is_compressed:
        return
    shown = path.with_suffix(".pgm")
    subprocess.run(["dcmp2pgm", "-q", "-p", path, original, shown], check=True, timeout=60)
    # The overlay is scaled and has a footer; outlines and names cover little of it.
    wanted = np.asarray(Image.open(overlay).convert("L"), dtype=float)
    rows_shown = round(source.Rows * wanted.shape[1] / source.Columns)
    found = np.asarray(Image.open(shown).resize((wanted.shape[1], rows_shown), Image.Resampling.BOX), dtype=float)
    shown.unlink()
    off = np.abs(found - wanted[:rows_shown])
    expect(np.median(off) <= 3 and np.mean(off) <= 12, f"{path}: shown as in the overlay: {np.median(off)}, {np.mean(off)}")
    counts["presentations shown"] += 1


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*.dcm"))}


def main():
    calxray, sources, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    for by in ("label", "focus"):
        folder = out / by
        command = [calxray, "scan", sources, "--out", folder, "--format", "csv,coco,overlay,sr,seg,sc,gsps", "--segments", by, "--min-score", "0.1"]
        command += ["--progress", "none", "--quiet"]
        subprocess.run(command, check=True)
        first = files(folder)
        images = list(csv.DictReader((folder / "images.csv").open()))
        foci = list(csv.DictReader((folder / "foci.csv").open()))
        coco = json.loads((folder / "coco.json").read_text())
        names = {image["id"]: image["image"] for image in coco["images"]}
        labels = [category["id"] for category in coco["categories"]]
        for image in images:
            name, rows = image["image"], [row for row in foci if row["path"] == image["path"]]
            report, segmentation = folder / "sr" / f"{name}.dcm", folder / "seg" / f"{name}.dcm"
            is_dicom = image["outcome"] == "analysed" and image["study_instance_uid"] != ""
            expect(report.exists() == is_dicom, f"{image['path']}: a report for a DICOM image, and for no other")
            expect(segmentation.exists() == (is_dicom and bool(rows)), f"{image['path']}: a segmentation where there are foci")
            if not is_dicom:
                continue
            source = pydicom.dcmread(sources / image["path"], stop_before_pixels=True, force=True)
            tracked, outlines = check_report(report, source, rows)
            check_picture(folder / "sc" / f"{name}.dcm", source, folder / "overlays" / f"{name}.png")
            if rows:
                annotations = [one for one in coco["annotations"] if names[one["image_id"]] == name]
                check_segmentation(segmentation, source, annotations, labels, by, tracked)
            presentation = folder / "gsps" / f"{name}.dcm"
            grey = source.PhotometricInterpretation.startswith("MONOCHROME") and "ModalityLUTSequence" not in source
            expect(presentation.exists() == bool(grey and rows), f"{image['path']}: a presentation state of foci in a grey image")
            if presentation.exists():
                overlay = folder / "overlays" / f"{name}.png"
                check_presentation(presentation, source, sources / image["path"], overlay, outlines, rows)
        subprocess.run(command + ["--fresh", "--jobs", "1"], check=True)
        expect(files(folder) == first, "the same bytes when written again")
    print("SR, SEG, SC and GSPS agree with dciodvfy, dcmtk, highdicom, foci.csv and coco.json:", counts)
    expect(all(counts.values()), "something of every kind was checked")


main()
