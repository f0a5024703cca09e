"""Writes pycocotools.json: polygons and the masks that pycocotools makes of them.

usage: python baseline.py > pycocotools.json   (needs numpy and pycocotools 2.0.11)
"""
import json
import math

import numpy as np
from pycocotools import mask

rng = np.random.default_rng(7)


def star(centre, radii):
    turns = np.linspace(0, 2 * math.pi, len(radii), endpoint=False)
    points = [(centre[0] + r * math.cos(t), centre[1] + r * math.sin(t)) for r, t in zip(radii, turns)]
    return [round(float(v), 3) for point in points for v in point]


shapes = [
    [[2, 1, 5, 1, 5, 3, 2, 3]],
    [[0, 0, 19, 0, 19, 11, 0, 11]],
    [[1.5, 1.5, 8.5, 1.5, 8.5, 6.5, 1.5, 6.5]],
    [[0.2, 0.2, 30.7, 9.1, 4.4, 22.9]],
    [[-5, -5, 40, -5, 40, 40, -5, 40]],
    [[-3.3, 4, 12, -6.2, 14.5, 30.1]],
    [[3, 3, 9, 9, 9, 3, 3, 9]],
    [[1, 1, 6, 1, 6, 6, 1, 6], [4, 4, 10, 4, 10, 10, 4, 10]],
    [[1, 1, 6, 1, 6, 6, 1, 6], [12.5, 2.25, 17.75, 3, 14, 8]],
    [[5, 0, 5, 9, 6, 9, 6, 0]],
    [[0, 5, 18, 5.4, 18, 5.6, 0, 6.2]],
    [[3, 3, 3, 3, 3, 3]],
    [[2.49, 2.49, 2.51, 8.1, 7.49, 8.4, 7.51, 2.4]],
]
for corners in range(3, 33):
    centre = rng.uniform(2, 22, 2)
    shapes.append([star(centre, rng.uniform(0.8, 14, corners))])

out = []
for index, polygons in enumerate(shapes):
    rows, columns = [(20, 24), (12, 20), (31, 17)][index % 3]
    rle = mask.merge(mask.frPyObjects(polygons, rows, columns))
    out.append(
        {
            "polygons": [[float(v) for v in polygon] for polygon in polygons],
            "size": [rows, columns],
            "counts": rle["counts"].decode(),
            "area": int(mask.area(rle)),
        }
    )
print("[\n" + ",\n".join(json.dumps(entry) for entry in out) + "\n]")
