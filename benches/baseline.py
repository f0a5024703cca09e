"""The naive baseline of the comparison table: Otsu, connected components, shape rules. Writes COCO for `calxray evaluate`.

usage: python benches/baseline.py FOLDER OUT.json
  FOLDER  DICOM radiographs with a pixel spacing, such as those of `calxray phantom`

Needs numpy, scikit-image, pydicom and pycocotools. What a first afternoon gives: one threshold for the body, one inside it,
components of plausible size, a name by size and shape, a score by contrast. No scene, no local noise, no bone.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pydicom
from pycocotools import mask
from skimage.filters import gaussian, threshold_otsu
from skimage.measure import label, regionprops

LABELS = ["rice_grain", "phlebolith", "tumoral_calcinosis", "calcific_tendinitis", "ossification", "calcification"]


def read(path):
    """Pixels, larger is more radio-opaque, and mm per pixel."""
    instance = pydicom.dcmread(path)
    pixels = instance.pixel_array.astype(np.float32)
    if instance.PhotometricInterpretation == "MONOCHROME1":
        pixels = pixels.max() - pixels
    spacing = instance.get("PixelSpacing") or instance.get("ImagerPixelSpacing")
    return pixels, float(spacing[0])


def name(long_mm, short_mm, solidity, place):
    if long_mm > 20:
        return "tumoral_calcinosis" if solidity < 0.9 else "ossification"
    if long_mm > 2 * short_mm:
        return "rice_grain"
    if long_mm < 6 and solidity > 0.9:
        return "phlebolith"
    return "calcific_tendinitis" if "SHOULDER" in place else "calcification"


def detect(path):
    pixels, mm = read(path)
    place = str(pydicom.dcmread(path, stop_before_pixels=True).get("BodyPartExamined", "")).upper()
    smooth = gaussian(pixels, 1.0)
    body = smooth > threshold_otsu(smooth)
    inside = smooth[body]
    bright = body & (smooth > threshold_otsu(inside))
    spread = inside.std() + 1e-6
    found = []
    for region in regionprops(label(bright, connectivity=2), intensity_image=smooth):
        long_mm, short_mm = region.axis_major_length * mm, region.axis_minor_length * mm
        if not (1.0 <= long_mm <= 80.0 and short_mm >= 0.5):
            continue
        contrast = (region.intensity_mean - np.median(inside)) / spread
        top, left, bottom, right = region.bbox
        whole = np.zeros(pixels.shape, np.uint8, order="F")
        whole[top:bottom, left:right] = region.image
        runs = mask.encode(whole)
        found.append(
            {
                "category_id": 1 + LABELS.index(name(long_mm, short_mm, region.solidity, place)),
                "bbox": [left, top, right - left, bottom - top],
                "area": int(region.area),
                "score": round(float(1 / (1 + np.exp(2 - contrast * region.solidity))), 6),
                "segmentation": {"size": list(pixels.shape), "counts": runs["counts"].decode()},
            }
        )
    return pixels.shape, found


def main(folder, out):
    images, annotations = [], []
    for number, path in enumerate(sorted(Path(folder).glob("*.dcm")), 1):
        (rows, columns), found = detect(path)
        images.append({"id": number, "file_name": path.name, "height": rows, "width": columns})
        for focus in found:
            annotations.append({"id": len(annotations) + 1, "image_id": number, "iscrowd": 0, **focus})
    categories = [{"id": number, "name": name} for number, name in enumerate(LABELS, 1)]
    coco = {"images": images, "categories": categories, "annotations": annotations}
    Path(out).write_text(json.dumps(coco))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
