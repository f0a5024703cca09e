import os
from typing import Optional

__version__: str

def analyse(
    pixels: bytes,
    rows: int,
    columns: int,
    spacing: Optional[tuple[float, float]] = None,
    body_part: Optional[str] = None,
    laterality: Optional[str] = None,
    view: Optional[str] = None,
    age_years: Optional[float] = None,
    min_score: Optional[float] = None,
    model: Optional[str | os.PathLike[str]] = None,
) -> str: ...
def analyse_bytes(
    content: bytes,
    name: str = "bytes",
    spacing: Optional[float] = None,
    min_score: Optional[float] = None,
    model: Optional[str | os.PathLike[str]] = None,
) -> list[str]: ...
def scan(
    paths: list[str],
    modality: Optional[list[str]] = None,
    spacing: Optional[float] = None,
    min_score: Optional[float] = None,
    model: Optional[str | os.PathLike[str]] = None,
    jobs: Optional[int] = None,
) -> list[str]: ...
def mask(segmentation: str) -> bytes: ...
