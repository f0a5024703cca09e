"""Radio-opaque foci in the soft tissue of plain radiographs. Research software, never a diagnosis.

>>> import numpy as np, calxray
>>> row, column = np.mgrid[:400, :300]
>>> pixels = (2000 + 3 * column + 900 * (np.hypot(row - 200, column - 150) < 12)).astype("uint16")
>>> image = calxray.analyse(pixels, spacing=0.2, body_part="thigh")
>>> image.outcome, image.shape, image.body_part
('analysed', (400, 300), 'thigh')
>>> [focus.mask.shape for focus in image.foci] == [(400, 300)] * len(image.foci)
True

Everything that takes time releases the GIL, so threads run side by side.
"""

from __future__ import annotations

import io
import json
import os
from dataclasses import dataclass, field
from typing import Any, Iterable, Iterator, Sequence

import numpy as np

from . import _calxray

__all__ = ["Finding", "Focus", "Image", "Images", "analyse", "read_bytes", "scan"]
__version__ = _calxray.__version__


@dataclass(frozen=True)
class Focus:
    """One focus. Boxes are half-open, places are (row, column) in pixels, lengths are in mm."""

    number: int
    finding: int
    label: str
    score: float
    label_score: float
    runner_up: str | None
    box: tuple[int, int, int, int]
    centroid: tuple[float, float]
    area_px: int
    features: dict[str, float]
    scores: dict[str, float]
    notes: tuple[str, ...]
    evidence: tuple[dict[str, Any], ...] = field(repr=False)
    segmentation: dict[str, Any] = field(repr=False)

    @property
    def mask(self) -> np.ndarray:
        """Its pixels: a read-only boolean array of the image's shape, a view on bytes made once per call."""
        rows, columns = self.segmentation["size"]
        content = _calxray.mask(json.dumps(self.segmentation))
        return np.frombuffer(content, dtype=np.bool_).reshape(rows, columns)


@dataclass(frozen=True)
class Finding:
    """Foci that belong together."""

    number: int
    label: str
    score: float
    pattern: str
    foci: tuple[int, ...]
    statement: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Image:
    """What one image came to, also if it was skipped or failed. ``record`` is its line of ``findings.jsonl``."""

    path: str
    name: str
    frame: int
    outcome: str
    reason: str | None
    body_part: str
    laterality: str
    view: str | None
    shape: tuple[int, int] | None
    spacing: tuple[float, float] | None
    foci: tuple[Focus, ...]
    findings: tuple[Finding, ...]
    warnings: tuple[dict[str, Any], ...]
    record: dict[str, Any] = field(repr=False)

    @property
    def labels(self) -> np.ndarray:
        """An array of the image's shape with the number of the focus of best score at each pixel, else 0."""
        if self.shape is None:
            raise ValueError("the image was not analysed")
        numbers = np.zeros(self.shape, dtype=np.uint16)
        for focus in sorted(self.foci, key=lambda focus: focus.score):
            numbers[focus.mask] = focus.number
        return numbers

    def to_pandas(self):
        """The foci as a table, a row each; see :meth:`Images.to_pandas`."""
        return Images([self]).to_pandas()


class Images(Sequence[Image]):
    """Images in the order of their paths."""

    def __init__(self, images: Iterable[Image]):
        self._images = list(images)

    def __getitem__(self, at):
        found = self._images[at]
        return Images(found) if isinstance(at, slice) else found

    def __len__(self) -> int:
        return len(self._images)

    def __iter__(self) -> Iterator[Image]:
        return iter(self._images)

    def __repr__(self) -> str:
        return f"<{len(self)} images, {sum(len(image.foci) for image in self)} foci>"

    def rows(self) -> list[dict[str, Any]]:
        """One dictionary per focus, as the rows of ``foci.csv``: units are in the names."""
        return [
            {
                "path": image.path,
                "image": image.name,
                "frame": image.frame,
                "body_part": image.body_part,
                "laterality": image.laterality,
                "focus": focus.number,
                "finding": focus.finding,
                "label": focus.label,
                "score": focus.score,
                "label_score": focus.label_score,
                "runner_up": focus.runner_up,
                "box_top": focus.box[0],
                "box_left": focus.box[1],
                "box_bottom": focus.box[2],
                "box_right": focus.box[3],
                "centroid_row": focus.centroid[0],
                "centroid_column": focus.centroid[1],
                **focus.features,
            }
            for image in self
            for focus in image.foci
        ]

    def to_pandas(self):
        """The foci as a pandas DataFrame, a row each."""
        import pandas

        return pandas.DataFrame(self.rows())

    def to_arrow(self):
        """The foci as a pyarrow Table, a row each."""
        import pyarrow

        rows = self.rows()
        names = list(dict.fromkeys(name for row in rows for name in row))
        return pyarrow.table({name: [row.get(name) for row in rows] for name in names})


def _image(line: str) -> Image:
    record = json.loads(line)
    outcome = record["outcome"]
    rows, columns, spacing = record["rows"], record["columns"], record["spacing"]
    return Image(
        path=record["path"],
        name=record["image"],
        frame=record["frame"],
        outcome=outcome["status"],
        reason=outcome.get("reason") or outcome.get("message"),
        body_part=record["body_part"],
        laterality=record["laterality"],
        view=record["view"],
        shape=None if rows is None or columns is None else (rows, columns),
        spacing=spacing and (spacing["between_rows_mm"], spacing["between_columns_mm"]),
        foci=tuple(
            Focus(
                number=focus["number"],
                finding=focus["finding"],
                label=focus["label"],
                score=focus["score"],
                label_score=focus["label_score"],
                runner_up=focus["runner_up"] and focus["runner_up"]["label"],
                box=tuple(focus["box"]),
                centroid=tuple(focus["centroid"]),
                area_px=focus["area_px"],
                features=focus["features"],
                scores={scored["label"]: scored["score"] for scored in focus["scores"]},
                notes=tuple(focus["notes"]),
                evidence=tuple(focus["evidence"]),
                segmentation=focus["segmentation"],
            )
            for focus in record["foci"]
        ),
        findings=tuple(
            Finding(
                number=finding["number"],
                label=finding["label"],
                score=finding["score"],
                pattern=finding["pattern"],
                foci=tuple(finding["foci"]),
                statement=finding,
            )
            for finding in record["findings"]
        ),
        warnings=tuple(record["warnings"]),
        record=record,
    )


def analyse(
    image,
    *,
    spacing: float | tuple[float, float] | None = None,
    body_part: str | None = None,
    laterality: str | None = None,
    view: str | None = None,
    age_years: float | None = None,
    inverted: bool = False,
    min_score: float | None = None,
    model: str | os.PathLike | None = None,
) -> Image:
    """Searches one image for foci.

    ``image`` is a two-dimensional array of numbers, larger more radio-opaque (``inverted=True``: smaller), or a pydicom Dataset with
    pixels. ``spacing`` is in mm, one number or (between rows, between columns); without it no size is known. ``body_part`` is a
    word such as ``"lower_leg"``, ``"hand"``, ``"pelvis"``. A Dataset states all of that itself.

    Arrays of unsigned 16-bit numbers (or 8-bit ones) are taken as they are; others are stretched over 16 bits.

    >>> import numpy as np
    >>> analyse(np.zeros((64, 48), "uint16")).foci
    ()
    >>> analyse(np.zeros(64))
    Traceback (most recent call last):
        ...
    ValueError: an image has two dimensions, not 1
    """
    if hasattr(image, "save_as") and hasattr(image, "file_meta"):
        return read_bytes(_dataset_bytes(image), name="dataset", min_score=min_score, model=model)[0]
    pixels = np.asarray(image)
    if pixels.ndim != 2:
        raise ValueError(f"an image has two dimensions, not {pixels.ndim}")
    if pixels.dtype not in (np.uint16, np.uint8):
        low, high = float(np.min(pixels)), float(np.max(pixels))
        if not np.isfinite([low, high]).all():
            raise ValueError("pixels are finite numbers")
        pixels = ((pixels.astype(np.float64) - low) * (65535 / max(high - low, 1e-300))).round()
    words = np.ascontiguousarray(pixels, dtype="<u2")
    if inverted:
        words = np.ascontiguousarray(words.max() - words)
    if spacing is not None and np.ndim(spacing) == 0:
        spacing = (float(spacing), float(spacing))
    line = _calxray.analyse(
        words.tobytes(), *words.shape, spacing, body_part, laterality, view, age_years, min_score,
        None if model is None else os.fspath(model),
    )  # fmt: skip
    return _image(line)


def _dataset_bytes(dataset) -> bytes:
    """A pydicom Dataset as a file, so that polarity, spacing and tables are settled where they are for files."""
    buffer = io.BytesIO()
    try:
        dataset.save_as(buffer, enforce_file_format=True)
    except TypeError:  # pydicom 2
        dataset.save_as(buffer, write_like_original=False)
    return buffer.getvalue()


def read_bytes(
    content: bytes,
    *,
    name: str = "bytes",
    spacing: float | None = None,
    min_score: float | None = None,
    model: str | os.PathLike | None = None,
) -> Images:
    """Searches every frame of a file that is in memory: DICOM, PNG, TIFF or JPEG."""
    model = None if model is None else os.fspath(model)
    return Images(_image(line) for line in _calxray.analyse_bytes(content, name, spacing, min_score, model))


def scan(
    paths: str | os.PathLike | Iterable[str | os.PathLike],
    *,
    modality: Iterable[str] | None = None,
    spacing: float | None = None,
    min_score: float | None = None,
    model: str | os.PathLike | None = None,
    jobs: int | None = None,
) -> Images:
    """Searches files, folders and archives; one :class:`Image` per image, also for those skipped or failed.

    ``modality`` lists DICOM modalities, ``["any"]`` takes all; the default is CR and DX.
    """
    if isinstance(paths, (str, os.PathLike)):
        paths = [paths]
    listed = [os.fspath(path) for path in paths]
    modality = None if modality is None else [one if one == "any" else one.upper() for one in modality]
    model = None if model is None else os.fspath(model)
    return Images(_image(line) for line in _calxray.scan(listed, modality, spacing, min_score, model, jobs))
