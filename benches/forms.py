"""Whether names stand when the same radiograph comes in another form. Two steps around `calxray scan`.

usage: python benches/forms.py make FOLDER OUT [COUNT]
       python benches/forms.py compare RESULTS
  make     writes the first COUNT (40) DICOM files of FOLDER to OUT/plain, and changed copies to OUT/FORM: run-length
           encoded, mirrored, turned by 90 degrees, resampled by 0.8 and 1.25, shown through another monotone curve
  compare  reads RESULTS/FORM/foci.csv of `calxray scan OUT/FORM --out RESULTS/FORM` and prints, per form, the share of
           the plain foci found again within 2 mm, and of these the share with the same name

Needs numpy, scikit-image and pydicom.
"""

import csv
import sys
from pathlib import Path

import numpy as np
import pydicom
from pydicom.uid import RLELossless
from skimage.transform import rescale


def resampled(factor):
    def change(instance, pixels):
        smaller = rescale(pixels.astype(np.float64), factor, order=1, anti_aliasing=factor < 1, preserve_range=True)
        for name in ("PixelSpacing", "ImagerPixelSpacing"):
            if name in instance:
                setattr(instance, name, [float(side) / factor for side in getattr(instance, name)])
        return np.rint(smaller).astype(pixels.dtype)

    return change


def rewindowed(instance, pixels):
    top = 2 ** int(instance.BitsStored) - 1
    share = pixels.astype(np.float64) / top
    return np.rint(top * share**1.3).astype(pixels.dtype)


# What is done to the pixels, and where a place [row, column] of the plain picture of `shape` goes, both in pixels.
FORMS = {
    "plain": (lambda instance, pixels: pixels, lambda row, column, shape: (row, column)),
    "encoded": (lambda instance, pixels: pixels, lambda row, column, shape: (row, column)),
    "mirrored": (lambda instance, pixels: np.fliplr(pixels), lambda row, column, shape: (row, shape[1] - 1 - column)),
    "turned": (lambda instance, pixels: np.rot90(pixels), lambda row, column, shape: (shape[1] - 1 - column, row)),
    "resampled_0.8": (resampled(0.8), lambda row, column, shape: (0.8 * row, 0.8 * column)),
    "resampled_1.25": (resampled(1.25), lambda row, column, shape: (1.25 * row, 1.25 * column)),
    "rewindowed": (rewindowed, lambda row, column, shape: (row, column)),
}


def make(folder, out, count):
    for path in sorted(Path(folder).glob("*.dcm"))[:count]:
        for form, (change, _) in FORMS.items():
            instance = pydicom.dcmread(path)
            pixels = np.ascontiguousarray(change(instance, instance.pixel_array))
            instance.Rows, instance.Columns = pixels.shape
            instance.PixelData = pixels.tobytes()
            if form == "encoded":
                instance.compress(RLELossless, generate_instance_uid=False)
            target = Path(out) / form / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            instance.save_as(target)


def table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def compare(results):
    results = Path(results)
    name = lambda row: Path(row["path"]).name
    shapes = {name(row): (int(row["rows"]), int(row["columns"])) for row in table(results / "plain/images.csv")}
    sides = {name(row): float(row["spacing_between_rows_mm"]) for row in table(results / "plain/images.csv")}
    plain = table(results / "plain/foci.csv")
    print(f"{'form':16}{'foci':>6}{'found again':>13}{'same name':>11}")
    for form, (_, place) in FORMS.items():
        found = same = 0
        others = {}
        for row in table(results / form / "foci.csv"):
            others.setdefault(name(row), []).append(row)
        factor = float(form.split("_")[1]) if "_" in form else 1.0
        for row in plain:
            file = name(row)
            at = place(float(row["centroid_row"]), float(row["centroid_column"]), shapes[file])
            near = [
                (np.hypot(float(o["centroid_row"]) - at[0], float(o["centroid_column"]) - at[1]), o)
                for o in others.get(file, [])
            ]
            away, nearest = min(near, key=lambda pair: pair[0], default=(np.inf, None))
            if away * sides[file] / factor <= 2.0:
                found += 1
                same += nearest["label"] == row["label"]
        print(f"{form:16}{len(plain):6}{found / max(len(plain), 1):13.3f}{same / max(found, 1):11.3f}")


if __name__ == "__main__":
    if len(sys.argv) >= 4 and sys.argv[1] == "make":
        make(sys.argv[2], sys.argv[3], int(sys.argv[4]) if len(sys.argv) > 4 else 40)
    elif len(sys.argv) == 3 and sys.argv[1] == "compare":
        compare(sys.argv[2])
    else:
        sys.exit(__doc__)
