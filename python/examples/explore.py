# %% [markdown]
# # A folder of radiographs as a table
# Run as a script, or cell by cell in an editor that knows `# %%`. Usage: `python explore.py FOLDER`.

# %%
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pydicom

import calxray

folder = Path(sys.argv[1])

# %% [markdown]
# ## Everything below a folder, archives included

# %%
images = calxray.scan(folder, min_score=0.2)
print(images)
table = images.to_pandas()
print(table.groupby("label")[["score", "equivalent_diameter_mm"]].describe().T.to_string())

# %% [markdown]
# ## One image, as pydicom reads it
# Polarity, spacing and lookup tables are settled by calxray, as for files.

# %%
path = sorted(folder.rglob("*.dcm"))[0]
dataset = pydicom.dcmread(path)
image = calxray.analyse(dataset, min_score=0.2)
print(image.shape, image.spacing, image.body_part, len(image.foci), "foci")
for focus in image.foci[:5]:
    print(focus.number, focus.label, round(focus.score, 2), focus.mask.sum(), "pixels")
labels = image.labels
assert labels.shape == image.shape and set(np.unique(labels)) <= {0, *(focus.number for focus in image.foci)}

# %% [markdown]
# ## Own arrays, in threads: the GIL is released

# %%
pixels = dataset.pixel_array
inverted = dataset.PhotometricInterpretation == "MONOCHROME1"
spacing = float(dataset.ImagerPixelSpacing[0])


def analyse(array):
    return calxray.analyse(array, spacing=spacing, body_part=image.body_part, inverted=inverted, min_score=0.2)


with ThreadPoolExecutor(2) as pool:
    whole, mirrored = pool.map(analyse, [pixels, pixels[:, ::-1]])
print(len(whole.foci), "foci, mirrored", len(mirrored.foci))

# %% [markdown]
# ## Burden of an image in mm2, by label

# %%
print(table.groupby(["path", "label"])["area_mm2"].agg(["count", "sum"]).to_string())
