"""What the Python module says is what the command says. Usage: check.py FOLDER (with results/ of a scan in it)."""

import sys
import threading
import time
from pathlib import Path

import numpy as np
import pandas
import pydicom

import calxray

folder = Path(sys.argv[1])
files = sorted(folder.glob("*.dcm"))
images = calxray.scan(files, min_score=0.2)
assert len(images) == len(files) and all(image.outcome == "analysed" for image in images)

told = pandas.read_csv(folder / "results/foci.csv").sort_values(["image", "focus"]).reset_index(drop=True)
table = images.to_pandas().sort_values(["image", "focus"]).reset_index(drop=True)
assert len(table) == len(told) > 5
for name in ["image", "focus", "label", "box_top", "box_right"]:
    assert (table[name] == told[name]).all(), name
for name in ["score", "area_mm2", "contrast_to_noise", "centroid_row"]:
    np.testing.assert_allclose(table[name].astype(float), told[name], rtol=1e-5)
arrow = images.to_arrow()
assert arrow.num_rows == len(table) and arrow.column("label").to_pylist() == images.to_pandas()["label"].tolist()

for path, image in zip(files, images):
    dataset = pydicom.dcmread(path)
    again = calxray.analyse(dataset, min_score=0.2)
    assert [focus.box for focus in again.foci] == [focus.box for focus in image.foci]
    array = calxray.analyse(
        dataset.pixel_array,
        spacing=float(dataset.ImagerPixelSpacing[0]),
        body_part=image.body_part,
        inverted=dataset.PhotometricInterpretation == "MONOCHROME1",
        age_years=float(dataset.PatientAge[:3]),
        min_score=0.2,
    )
    # Inverted arrays start at another zero; what is found does not hang on it much.
    assert abs(len(array.foci) - len(image.foci)) <= max(2, len(image.foci) // 5)
    for focus in image.foci:
        mask = focus.mask
        top, left, bottom, right = focus.box
        assert mask.dtype == bool and mask.shape == image.shape and not mask.flags.writeable
        assert mask.sum() == focus.area_px == mask[top:bottom, left:right].sum()
    assert image.labels.max() <= len(image.foci)

# Other threads run meanwhile.
ticks, done = 0, threading.Event()


def tick():
    global ticks
    while not done.is_set():
        ticks += 1
        time.sleep(0.005)


ticker = threading.Thread(target=tick)
ticker.start()
calxray.read_bytes(files[0].read_bytes())
done.set()
ticker.join()
assert ticks > 5, ticks

for wrong in [
    lambda: calxray.analyse(np.zeros((4, 4)), spacing=-1),
    lambda: calxray.analyse(np.zeros((4, 4)), body_part="tail"),
    lambda: calxray.analyse(np.zeros((0, 4), "uint16")),
    lambda: calxray.analyse(np.full((4, 4), np.nan)),
    lambda: calxray.read_bytes(b"nothing"),
    lambda: calxray.scan([folder / "not there"]),
]:
    try:
        wrong()
    except (ValueError, OSError):
        continue
    raise AssertionError("a wrong call was taken")
print(f"{len(images)} images, {len(table)} foci: the same as by the command")
