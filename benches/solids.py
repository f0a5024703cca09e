#!/usr/bin/env python3
"""Draws synthetic radiographs by a third construction, written without sight of the other two.

    benches/solids.py OUT --seed S --count N [--normal 0.3] [--first 0]

Anatomy is made of implicit solids in three dimensions (`solids_parts/anatomy.py`), projected through a
cone beam (`solid.py`), with foci as density fields (`deposits.py`), then exposed and developed
(`exposure.py`). OUT receives solids-S-000000.dcm ... and truth.json. Nothing here was tuned on the
output of a detector. Same seed, same bytes; image i depends on (seed, i) alone.

Truth. The mask of a focus holds the pixels where its noise-free contribution to the log signal (scatter
and blur included) is at least 18 % of its own 95th percentile and at least 0.002; parts of fewer than
4 pixels are dropped. `cnr` = mean contribution in the mask over the deviation of the noisy log image in
the ring 1-6 mm around it (other foci left out) after removing a plane; `cnr_noise` = the same over
quantum noise alone. clear: cnr >= 1 and cnr_noise >= 3; ignore: cnr < 0.4 or cnr_noise < 1 or more than
40 % outside the field; else visible. `over_bone` = share of the mask over at least 0.4 mm of mineral."""
import argparse
import json
import os
import sys

import cv2
import numpy as np
import pydicom
from pycocotools import mask as rle
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from scipy import ndimage

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from solids_parts import anatomy, deposits, exposure  # noqa: E402
from solids_parts.solid import Beam, Grain, Pose, Solid, noise, project  # noqa: E402

SCENES = ["pelvis", "hip", "shoulder", "elbow", "forearm", "hand", "thigh", "knee", "lower_leg"]
SHARE = [0.18, 0.12, 0.17, 0.1, 0.07, 0.1, 0.1, 0.08, 0.08]
LABELS = {
    "pelvis": dict(phlebolith=45, ossification=12, calcific_tendinitis=8, tumoral_calcinosis=8, calcification=15, rice_grain=12),
    "hip": dict(ossification=30, tumoral_calcinosis=20, calcific_tendinitis=20, calcification=10, rice_grain=10, phlebolith=10),
    "shoulder": dict(calcific_tendinitis=50, tumoral_calcinosis=15, ossification=12, calcification=13, rice_grain=10),
    "elbow": dict(tumoral_calcinosis=30, ossification=30, calcific_tendinitis=15, calcification=15, rice_grain=10),
    "forearm": dict(rice_grain=30, calcification=25, ossification=20, tumoral_calcinosis=12, phlebolith=13),
    "hand": dict(calcification=48, tumoral_calcinosis=22, calcific_tendinitis=22, ossification=5, phlebolith=3),
    "thigh": dict(rice_grain=40, ossification=32, calcification=14, calcific_tendinitis=8, phlebolith=6),
    "knee": dict(calcification=30, ossification=25, tumoral_calcinosis=20, calcific_tendinitis=10, rice_grain=15),
    "lower_leg": dict(rice_grain=30, calcification=32, phlebolith=18, ossification=12, tumoral_calcinosis=8),
}
SPACINGS = [0.1, 0.1, 0.11, 0.125, 0.139, 0.1434, 0.148, 0.15, 0.16, 0.168, 0.175, 0.1875, 0.194, 0.2]
KVP = dict(pelvis=(70, 85), hip=(68, 82), shoulder=(62, 75), thigh=(62, 75), knee=(56, 68), lower_leg=(54, 64), elbow=(52, 60), forearm=(50, 58), hand=(46, 55))
SPR = dict(pelvis=(0.25, 0.8), hip=(0.2, 0.6), shoulder=(0.15, 0.5), thigh=(0.15, 0.45), knee=(0.08, 0.3), lower_leg=(0.06, 0.22), elbow=(0.05, 0.2), forearm=(0.05, 0.18), hand=(0.03, 0.12))


class Soft:
    """Collects muscle and fat along the rays."""

    sdf, outside = False, 0.0

    def __init__(self, muscle, fat):
        self.muscle, self.fat = muscle, fat

    def __call__(self, y0, y1, x0, x1, maps, z, dz):
        self.muscle[y0:y1, x0:x1] += dz * maps[1]
        self.fat[y0:y1, x0:x1] += dz * maps[2]


def tissue(rng, sc):
    """Volumes of occupancy, muscle and fat from the body's distance."""
    b = sc.body
    d = -b.sdf
    nz, ny, nx = d.shape
    h = b.step
    ext = np.array(d.shape) * h
    occ = np.clip(d / (2 * h) + 0.5, 0, 1)
    depth = np.float32(sc.fat) * np.clip(1 + 0.3 * noise(rng, d.shape, ext / 70), 0.35, 2)
    x = (b.origin[0] + h * np.arange(nx) - sc.centre[0]).astype(np.float32)[None, None, :]
    z = (b.origin[2] + h * np.arange(nz)).astype(np.float32)[:, None, None]
    z = z - np.float32(b.origin[2] + 0.5 * h * nz)
    wx, wz = noise(rng, d.shape, ext / 60) * 6 + x, noise(rng, d.shape, ext / 60) * 6 + z
    y = np.linspace(-1, 1, ny, dtype=np.float32)[None, :, None]
    f1 = np.full(d.shape, 1e6, np.float32)
    f2 = f1.copy()
    for sx, sz in sc.seeds:
        lx, lz = rng.normal(0, 14, 2)
        q = (wx - np.float32(sx + rng.normal(0, 5)) - np.float32(lx) * y) ** 2 + (wz - np.float32(sz + rng.normal(0, 5)) - np.float32(lz) * y) ** 2
        nearer = q < f1
        f2 = np.where(nearer, f1, np.minimum(f2, q))
        f1 = np.where(nearer, q, f1)
    gap = np.sqrt(f2) - np.sqrt(f1)
    plane = np.clip(1.3 - gap / np.float32(rng.uniform(2.0, 5.0) * (0.6 if sc.thin else 1)), 0, 0.9)
    streak = np.clip(noise(rng, d.shape, ext / (7, 60, 7)) - 1.2, 0, 1) * np.float32(rng.uniform(0.1, 0.7) * (0.35 if sc.depth > 150 else 1))
    under = np.clip((depth - d) / h + 0.5, 0, 1) * np.clip((d - 1.6) / h + 0.5, 0, 1)
    septa = np.clip(1 - np.abs(noise(rng, d.shape, ext / 9)) * 6, 0, 1) * np.float32(0.12)
    lean = 1 - np.clip(np.maximum(plane, streak), 0, 1)
    fat = occ * np.maximum(under * (1 - septa), (1 - lean))
    return occ, (occ - fat), fat


def hardware(rng, sc, beam_lo, beam_hi):
    """Implants, wires and worn things: list of (kind, solid)."""
    out = []
    z_top = sc.depth
    mid = np.array([*sc.centre, 0.0])
    rnd = lambda s=0.4: mid + np.array([rng.uniform(-s, s) * sc.field[0], rng.uniform(-s, s) * sc.field[1], rng.uniform(25, 0.7 * z_top)])
    shafts = [b for b in sc.bones if b.kind == "bone" and sum(op[0] == "seg" and op[4] <= 0.05 for op in b.ops) > 3]
    if shafts and rng.random() < 0.08:
        b = shafts[rng.integers(len(shafts))]
        seg = [op for op in b.ops if op[0] == "seg" and op[4] <= 0.05]
        pts = np.array([seg[0][5]] + [op[6] for op in seg])
        r = np.mean([op[7] for op in seg])
        what = rng.choice(["nail", "plate", "plate"])
        if what == "nail":
            m = Solid("metal", 1.0, None, 0.0)
            m.chain(pts[::3], 0.33 * r, smooth=True)
            out.append(("nail", m))
        else:
            a = rng.uniform(0, 2 * np.pi)
            off = np.array([np.cos(a), 0.0, np.sin(a)]) * (r + 1.5)
            i = rng.integers(0, max(1, len(pts) // 3))
            use = pts[i: i + max(4, len(pts) // 2)]
            m = Solid("metal", 0.9, None, 0.0)
            m.chain(use + off, 5.5, flat=(off, 2.6))
            out.append(("plate", m))
            for t in np.linspace(0.05, 0.95, rng.integers(4, 9)):
                p = use[0] + (use[-1] - use[0]) * t
                near = use[np.argmin(np.linalg.norm(use - p, axis=1))]
                q = near + off
                s = Solid("metal", 0.5, None, 0.0)
                e = -off / np.linalg.norm(off)
                n = rng.uniform(1.6, 2.3) * r
                tt = np.linspace(0, 1, int(n / 0.8))
                s.chain(q + np.outer(tt * n, e), 1.6 + 0.45 * np.cos(np.arange(len(tt)) * np.pi), smooth=False, k=0.2)
                s.chain([q - 1.5 * e, q + 0.5 * e], 3.2, smooth=False)
                out.append(("screw", s))
    if rng.random() < 0.1:
        for _ in range(rng.integers(1, 7)):
            p = rnd(0.3)
            d = rng.normal(0, 1, 3)
            d *= rng.uniform(2, 4) / np.linalg.norm(d)
            m = Solid("metal", 0.3, None, 0.0)
            m.chain([p - d, p, p + d + (0.6, 0, 0)], 0.55, smooth=False)
            out.append(("clip", m))
    if rng.random() < 0.06 and sc.name in ("pelvis", "shoulder", "hip", "thigh"):
        p = rnd(0.4)
        p[2] = z_top
        far = p + np.array([rng.choice([-1, 1]) * 250, rng.normal(0, 90), 0])
        m = Solid("metal", 0.9, None, 0.0, weight=0.5)
        m.chain([p, 0.6 * p + 0.4 * far + (0, 22, 0), far], 1.1)
        m.ball(p, (5, 5, 1.5))
        out.append(("lead", m))
    if rng.random() < 0.08:
        p = rnd(0.42)
        p[2] = z_top
        r = rng.uniform(4, 9)
        m = Solid("metal", 0.5, None, 0.0, weight=float(rng.choice([0.06, 0.3, 1.0])))
        m.ball(p, (r, r, 1.2))
        for a in range(rng.choice([2, 4])):
            q = p + 0.35 * r * np.array([np.cos(a * np.pi / 2 + 0.5), np.sin(a * np.pi / 2 + 0.5), 0])
            m.chain([q - (0, 0, 5), q + (0, 0, 5)], 0.9, cut=True, smooth=False)
        out.append(("button", m))
    if sc.name == "shoulder" and rng.random() < 0.15:
        t = np.linspace(0, 1, 26)
        for q in t:
            p = np.array([sc.centre[0] - 100 + 70 * q, sc.centre[1] - 60 - 50 * q**2 + rng.normal(0, 0.3), 160.0])
            m = Solid("metal", 0.5, None, 0.0)
            m.ball(p, (1.6, 0.9, 0.8))
            out.append(("necklace", m))
    if sc.name == "hand" and rng.random() < 0.15:
        b = sc.ring
        c = np.mean([op[5] for op in b.ops if op[0] == "seg"], 0)
        a = np.linspace(0, 2 * np.pi, 20)
        m = Solid("metal", 0.4, None, 0.0)
        m.chain(c + np.column_stack([9.5 * np.cos(a), 0.7 * np.sin(a), 9.5 * np.sin(a)]), 1.0, smooth=False)
        out.append(("ring", m))
    if rng.random() < 0.05:
        p = rnd(0.45)
        m = Solid("metal", 0.3, None, 0.0)
        m.ball(p, rng.uniform(0.8, 1.4))
        out.append(("bead", m))
    return out


def letters(rng, shape, spacing):
    """Lead side marker as thickness of metal, with its box; a few extra characters at times."""
    h, w = shape
    out, boxes = [], []
    side = str(rng.choice(["L", "R"]))
    n = int(rng.integers(1, 3))
    for i in range(n):
        text = side if i == 0 else str(rng.choice(["AP", "07", "JK", "STAND", "3", "TABLE", "14:20", "MS"]))
        size = rng.uniform(9, 20) / spacing if i == 0 else rng.uniform(5, 9) / spacing
        font = int(rng.choice([cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX]))
        thick = max(2, int(size * rng.uniform(0.12, 0.22)))
        scale = size / 21.0
        (tw, th), _ = cv2.getTextSize(text, font, scale, thick)
        pad = thick + int(0.5 * size)
        tile = np.zeros((th + 2 * pad, tw + 2 * pad), np.uint8)
        cv2.putText(tile, text, (pad, th + pad), font, scale, 1, thick, cv2.LINE_8)
        if i == 0 and rng.random() < 0.35:
            cv2.ellipse(tile, (tile.shape[1] // 2, tile.shape[0] // 2), (tile.shape[1] // 2 - thick, tile.shape[0] // 2 - thick), 0, 0, 360, 1, max(2, thick // 2), cv2.LINE_8)
        tile = tile.astype(np.float32)
        a = rng.normal(0, 7) + rng.choice([0, 0, 0, 90, -90])
        m = cv2.getRotationMatrix2D((tile.shape[1] / 2, tile.shape[0] / 2), a, 1)
        s = int(np.hypot(*tile.shape)) + 2
        m[:, 2] += (s - tile.shape[1]) / 2, (s - tile.shape[0]) / 2
        tile = cv2.warpAffine(tile, m, (s, s))
        if rng.random() < 0.12:
            tile = tile[:, ::-1]
        if s > 0.5 * min(h, w):
            continue
        edge = rng.uniform(0.03, 0.12)
        x = int(rng.choice([edge, 1 - edge]) * w - s / 2)
        y = int(rng.uniform(0.08, 0.92) * h - s / 2)
        x, y = int(np.clip(x, 2, w - s - 2)), int(np.clip(y, 2, h - s - 2))
        out.append((y, x, tile))
        ys, xs = np.nonzero(tile > 0.3)
        if len(ys):
            boxes.append(dict(top=int(y + ys.min()), left=int(x + xs.min()), bottom=int(y + ys.max() + 1), right=int(x + xs.max() + 1)))
    return side, out, boxes


def collimation(rng, shape, spacing):
    """Share of the beam let through by the diaphragm."""
    h, w = shape
    kind = rng.choice(["none", "square", "skew", "round"], p=[0.3, 0.4, 0.24, 0.06])
    field = np.full((h, w), 1.0, np.float32)
    if kind == "none":
        return "none", field, np.ones((h, w), bool)
    field[:] = 0
    if kind == "round":
        cv2.circle(field, (int(w * rng.uniform(0.46, 0.54)), int(h * rng.uniform(0.46, 0.54))), int(0.5 * min(h, w) * rng.uniform(0.98, 1.12)), 1.0, -1)
    else:
        m = rng.uniform(0.0, 0.09, 4) * (rng.random(4) < 0.75)
        box = np.array([[m[0] * w, m[1] * h], [w * (1 - m[2]), m[1] * h], [w * (1 - m[2]), h * (1 - m[3])], [m[0] * w, h * (1 - m[3])]])
        a = np.deg2rad(rng.normal(0, 0.3) if kind == "square" else rng.uniform(-9, 9))
        c = box.mean(0)
        box = (box - c) @ np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]]) + c
        cv2.fillPoly(field, [np.round(box).astype(np.int32)], 1.0)
    inside = field > 0.5
    return str(kind), cv2.GaussianBlur(field, (0, 0), max(0.8, rng.uniform(0.2, 0.8) / spacing)), inside


def place(rng, sc, label, beam, bones, foci, tries=40):
    """World point, direction and form hint for one more focus, or None."""
    sites = sc.sites.get(label, [])
    for t in range(tries):
        hint = None
        if label == "rice_grain":
            if sc.muscle is None:
                return None
            p = rng.uniform(*[np.array(v, float) for v in sc.muscle]) if rng.random() < 0.9 else None
            if p is None:
                continue
            along, spread = sc.fibres[rng.integers(len(sc.fibres))]
            if len(sc.fibres) == 3:
                along, spread = sc.fibres[0 if p[0] > 30 else 1 if p[0] < -30 else 2] if p[1] < 40 else sc.fibres[2]
            along = np.array(along) + rng.normal(0, np.tan(np.deg2rad(spread)) * 0.6, 3)
            if -sc.body.at(p) < 0.6 * sc.fat + 4:
                continue
        else:
            if not sites:
                return None
            at, sp, along, hint = sites[rng.integers(len(sites))]
            p = at + rng.normal(0, 0.5, 3) * sp * (1 + 0.04 * t)
            along = along + rng.normal(0, 0.22, 3)
            if sc.body.at(p) > -2.0:
                continue
        gap = min((b.at(p) for b in bones), default=99)
        if gap < (0.5 if label in ("calcific_tendinitis", "ossification") or hint == "tip" else 2.5):
            continue
        uv, m = beam.to_detector(p)
        if not (0.03 < uv[0] / beam.size[0] < 0.97 and 0.03 < uv[1] / beam.size[1] < 0.97):
            continue
        if any(np.hypot(*(uv - f["uv"])) < 0.5 * (f["reach"] + 3) for f in foci):
            continue
        return p, along, hint, uv, m
    return None


def choose(rng, sc):
    """Labels and numbers of foci of an image that has some."""
    table = LABELS[sc.name]
    names, weights = list(table), np.array(list(table.values()), float)
    first = str(rng.choice(names, p=weights / weights.sum()))
    plan = [first]
    if rng.random() < 0.22:
        plan.append(str(rng.choice(names, p=weights / weights.sum())))
    out = []
    for name in dict.fromkeys(plan):
        n = {"rice_grain": int(rng.integers(4, 22)) if rng.random() < 0.85 else 1, "phlebolith": 1 + int(rng.poisson(2.6)),
             "tumoral_calcinosis": int(rng.choice([1, 1, 1, 2])), "calcific_tendinitis": int(rng.choice([1, 1, 1, 2, 3])),
             "ossification": int(rng.choice([1, 1, 2, 3])), "calcification": 1 + int(rng.poisson(1.2))}[name]
        if name == "calcification" and sc.name == "hand":
            n = int(rng.integers(2, 10))
        out += [name] * n
    return out


def make_focus(rng, sc, label, along, hint, faint):
    """Field and step of one deposit."""
    kw = {}
    if label in ("calcific_tendinitis", "ossification", "calcification"):
        kw["thin"] = sc.thin
    if label == "tumoral_calcinosis":
        kw["size"] = float(np.clip(rng.normal(46, 14) * dict(hand=0.5, elbow=0.8, forearm=0.7).get(sc.name, 1.0), 14, 85))
    if hint == "tip":
        kw.update(size=float(np.clip(rng.lognormal(np.log(4), 0.5), 1.5, 12)), thin=0, form=str(rng.choice(["stone", "stipple", "plaque", "cloud"])))
    if hint == "skin":
        kw["form"] = str(rng.choice(["lace", "stipple", "stone", "sheet"]))
    if hint in ("hip", "aspera", "epicondyle", "wrist", "quadriceps"):
        kw["size"] = float(np.clip(rng.lognormal(np.log(8), 0.5), 3, 24))
    if hint == "spur":
        kw.update(size=float(rng.uniform(8, 28)), form="bar")
    if hint == "granuloma":
        f, step, form = deposits.eggshell(rng, along)
    else:
        f, step, form = deposits.MAKERS[label](rng, along, **kw)
    return f * np.float32(faint), step, form


def shadow(field, step, uv, m, spacing, shape):
    """Mass of the field on the detector (mm of mineral): box origin (y, x) and map."""
    flat = field.sum(0, dtype=np.float32) * np.float32(step)
    s = step * m / spacing
    if s < 0.9:
        flat = cv2.GaussianBlur(flat, (0, 0), 0.45 / s)
    h, w = int(np.ceil(flat.shape[0] * s)) + 4, int(np.ceil(flat.shape[1] * s)) + 4
    cx, cy = uv / spacing
    x0, y0 = int(np.round(cx - w / 2)), int(np.round(cy - h / 2))
    mat = np.array([[1 / s, 0, (x0 + 0.5 - cx) / s + (flat.shape[1] - 1) / 2], [0, 1 / s, (y0 + 0.5 - cy) / s + (flat.shape[0] - 1) / 2]], np.float32)
    out = cv2.warpAffine(flat, mat, (w, h), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderValue=0)
    full = (h, w, float(out.sum()))
    a, b = max(0, -y0), max(0, -x0)
    c, d = min(h, shape[0] - y0), min(w, shape[1] - x0)
    if c <= a or d <= b:
        return None
    out = out[a:c, b:d]
    return y0 + a, x0 + b, out, 1 - float(out.sum()) / max(full[2], 1e-9)


def draw(seed, index, normal, scene=None):
    """One image: pixels, metadata and truth."""
    rng = np.random.default_rng([seed, index, 20261])
    name = str(rng.choice(SCENES, p=SHARE))
    name = scene or name
    look = exposure.LOOKS[int(rng.integers(len(exposure.LOOKS)))]
    empty = rng.random() < normal
    sc = anatomy.make(rng, name)
    wide, tall = sc.field
    scale = 1.1
    det = np.array([wide, tall]) * scale
    fit = [s for s in SPACINGS if 1600 <= det.max() / s <= 2600]
    spacing = float(rng.choice(fit)) if fit else float(np.round(det.max() / 2300, 4))
    shape = tuple(int(v) for v in np.ceil(det[::-1] / spacing))
    sid = float(rng.choice([1000, 1050, 1100, 1150]))
    centre = np.array(sc.centre)
    focus = centre + rng.normal(0, 18, 2)
    m = sid / (sid - 0.5 * sc.depth)
    beam = Beam(np.array(shape[::-1]) * spacing, focus + (centre - focus) * m - 0.5 * np.array(shape[::-1]) * spacing, sid, focus)
    lo, hi = beam.window(0.9 * sc.depth)
    lo2, hi2 = beam.window(0)
    lo, hi = np.minimum(lo, lo2) - 10, np.maximum(hi, hi2) + 10
    lo3, hi3 = np.array([*lo, -50.0]), np.array([*hi, 500.0])

    g = max(0.17, float(max(beam.size)) / 1150)
    gshape = tuple(int(np.ceil(v / g)) for v in beam.size[::-1])
    grain = Grain(rng)
    mineral = np.zeros(gshape, np.float32)
    metal = np.zeros(gshape, np.float32)
    gas = np.zeros(gshape, np.float32)
    vessel_map = np.zeros(gshape, np.float32)
    distractors, bones = [], []
    has_metal = []

    def box_of(a, cell, level):
        ys, xs = np.nonzero(a > level)
        if not len(ys):
            return None
        f = cell / spacing
        return dict(top=int(ys.min() * f), left=int(xs.min() * f), bottom=int(min(shape[0], (ys.max() + 1) * f)), right=int(min(shape[1], (xs.max() + 1) * f)))

    for b in sc.bones:
        if not b.build(rng, lo3, hi3):
            continue
        if b.kind == "metal":
            tmp = np.zeros(gshape, np.float32)
            project(b, beam, tmp, g, grain)
            metal += tmp
            box = box_of(tmp, g, 0.3)
            if box:
                distractors.append(dict(kind="implant", box=box, segmentation=None))
                has_metal.append("implant")
            continue
        bones.append(b)
        project(b, beam, mineral, g, grain)
    if not sc.body.build(rng, lo3, hi3):
        raise RuntimeError("no body in the field")
    for s in sc.gas:
        if s.build(rng, lo3, hi3):
            if s.kind == "soft_extra":
                tmp = np.zeros(gshape, np.float32)
                project(s, beam, tmp, g, grain)
                gas -= tmp
            else:
                project(s, beam, gas, g, grain)
    for kind, s in hardware(rng, sc, lo, hi):
        if s.build(rng, lo3, hi3):
            tmp = np.zeros(gshape, np.float32)
            project(s, beam, tmp, g, grain)
            box = box_of(tmp, g, 0.05)
            if box:
                metal += tmp
                distractors.append(dict(kind=kind, box=box, segmentation=None))
                has_metal.append(kind)
    vessel = sc.vessels and not sc.child and rng.random() < 0.16
    if vessel:
        path = np.array(sc.vessels[rng.integers(len(sc.vessels))])
        s = Solid("wall", 0.9, Pose(), 0.15, wall=0.7, weight=float(rng.uniform(0.12, 0.4)))
        s.chain(path + rng.normal(0, 2, path.shape), np.linspace(3.6, 2.2, len(path)) * rng.uniform(0.7, 1.15))
        if s.build(rng, lo3, hi3):
            ext = np.array(s.sdf.shape) * s.step
            s.tb = np.clip(0.4 + 0.9 * noise(rng, s.sdf.shape, ext / (4, 5, 4)), 0, 1.5) * np.clip(0.6 + noise(rng, s.sdf.shape, ext / 45), 0, 1)
            project(s, beam, vessel_map, g, grain)

    occ, lean, fatty = tissue(rng, sc)
    gs = 1.0 if sc.thin else 1.5
    sshape = tuple(int(np.ceil(v / gs)) for v in beam.size[::-1])
    mus, fat = np.zeros(sshape, np.float32), np.zeros(sshape, np.float32)
    beam.slices(sc.body.origin, sc.body.step, [occ, lean, fatty], sc.body.step * 0.55, gs, sshape, Soft(mus, fat))

    def up(a, cell):
        n = (a.shape[1] * cell / spacing, a.shape[0] * cell / spacing)
        m = np.array([[spacing / cell, 0, 0.5 * spacing / cell - 0.5], [0, spacing / cell, 0.5 * spacing / cell - 0.5]], np.float32)
        return cv2.warpAffine(a, m, (shape[1], shape[0]), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)

    maps = dict(muscle=np.maximum(up(mus, gs), 0), fat=np.maximum(up(fat, gs), 0), mineral=np.maximum(up(mineral, g), 0))
    maps["muscle"] -= np.minimum(up(gas, g), 0.85 * maps["muscle"])
    tex = noise(rng, (shape[0] // 2, shape[1] // 2), (shape[0] * spacing / 9, shape[1] * spacing / 2.2))
    maps["muscle"] *= 1 + np.float32(rng.uniform(0.003, 0.009)) * cv2.resize(tex, shape[::-1])
    if has_metal:
        maps["metal"] = np.maximum(up(metal, g), 0)
    bone_only = maps["mineral"].copy()
    if vessel:
        vm = np.maximum(up(vessel_map, g), 0)
        maps["mineral"] += vm
        vmask = (vm > 0.1).astype(np.uint8)
        if vmask.sum() > 50:
            ys, xs = np.nonzero(vmask)
            distractors.append(dict(kind="vessel", box=dict(top=int(ys.min()), left=int(xs.min()), bottom=int(ys.max() + 1), right=int(xs.max() + 1)), segmentation=run_length(vmask)))
        else:
            vessel = False

    # ---- foci
    foci = []
    if not empty:
        faint = float(np.clip(rng.lognormal(0.0, 0.35), 0.35, 2.2))
        for label in choose(rng, sc):
            spot = place(rng, sc, label, beam, bones, foci)
            if spot is None:
                continue
            p, along, hint, uv, mag = spot
            field, step, form = make_focus(rng, sc, label, along, hint, faint)
            sh = shadow(field, step, uv, mag, spacing, shape)
            if sh is None:
                continue
            y0, x0, thick, lost = sh
            foci.append(dict(label=label, form=form, uv=uv, y0=y0, x0=x0, thick=thick, lost=lost, reach=0.5 * spacing * max(thick.shape)))
    for f in foci:
        h, w = f["thick"].shape
        maps["mineral"][f["y0"]: f["y0"] + h, f["x0"]: f["x0"] + w] += f["thick"]

    # ---- the other side of the body as often
    if rng.random() < 0.5:
        flip = lambda v: np.ascontiguousarray(v[:, ::-1])
        maps = {k: flip(v) for k, v in maps.items()}
        bone_only = flip(bone_only)
        for f in foci:
            f["x0"], f["thick"] = shape[1] - f["x0"] - f["thick"].shape[1], flip(f["thick"])
        for d in distractors:
            b = d["box"]
            b["left"], b["right"] = shape[1] - b["right"], shape[1] - b["left"]
            if d["segmentation"]:
                d["segmentation"] = run_length(rle.decode(d["segmentation"])[:, ::-1])

    # ---- exposure
    side, tiles, boxes = letters(rng, shape, spacing)
    marker = rng.random() < 0.85
    if marker:
        if maps.get("metal") is None:
            maps["metal"] = np.zeros(shape, np.float32)
        lead = np.float32(rng.uniform(2, 8))
        for y, x, t in tiles:
            maps["metal"][y: y + t.shape[0], x: x + t.shape[1]] += lead * t
        distractors += [dict(kind="marker", box=b, segmentation=None) for b in boxes]
    kvp = rng.uniform(*KVP[name])
    weights = exposure.spectrum(kvp, rng.uniform(2.5, 4.0))
    prim = exposure.primary(maps, weights)
    heel = rng.normal(0, 0.06, 2)
    yy, xx = np.linspace(-1, 1, shape[0], dtype=np.float32)[:, None], np.linspace(-1, 1, shape[1], dtype=np.float32)[None, :]
    gain = (1 + np.float32(heel[0]) * yy) * (1 + np.float32(heel[1]) * xx)
    coll_kind, coll, inside = collimation(rng, shape, spacing)
    weight = gain * coll
    prim *= weight
    spr = rng.uniform(*SPR[name])
    inbody = (maps["muscle"] + maps["fat"]) > 8
    scat = exposure.smooth(prim * inbody, rng.uniform(18, 45) / spacing) * np.float32(spr)
    signal = prim + scat + np.float32(2e-4)
    blur = rng.uniform(0.06, 0.17) / spacing
    clean = cv2.GaussianBlur(signal, (0, 0), blur) if blur > 0.3 else signal
    ref = float(np.median(clean[::8, ::8][(inbody & inside)[::8, ::8]])) if (inbody & inside)[::8, ::8].any() else 0.1
    per_mm2 = float(np.clip(rng.lognormal(np.log(80000), 0.6), 15000, 300000))
    photons = per_mm2 * spacing**2 / ref
    image = exposure.noisy(rng, clean, photons, float(rng.choice([0.0, 0.4, 0.6, 0.8])), spacing)
    grid = name in ("pelvis", "hip", "shoulder", "thigh") and rng.random() < 0.2
    if grid:
        f = rng.uniform(0.12, 0.45)
        line = np.cos(2 * np.pi * f * np.arange(shape[1]) + rng.uniform(0, 6)).astype(np.float32) * np.float32(rng.uniform(0.002, 0.009))
        image *= 1 + line[None, :]
    image *= 1 + np.float32(rng.uniform(0, 0.0015)) * rng.standard_normal((1, shape[1]), dtype=np.float32)
    for _ in range(rng.poisson(1.0)):
        y, x = rng.integers(4, shape[0] - 4), rng.integers(4, shape[1] - 4)
        cv2.ellipse(image, (int(x), int(y)), (int(rng.integers(1, 3)), 1), float(rng.uniform(0, 180)), 0, 360, float(image[y, x]) * float(rng.choice([0.55, 1.6])), -1)
    log = -cv2.log(np.maximum(image, 1e-6))

    truth = judge(foci, maps, weights, weight, scat, blur, log, clean, photons, inside, bone_only, spacing)

    # ---- processing
    level = exposure.develop(rng, image, inside, look, spacing)
    shutter = coll_kind != "none" and rng.random() < 0.45
    inverse = look == "raw_linear" or rng.random() < 0.25
    bits = int(rng.choice([10, 12, 12, 12, 14]))
    if look == "raw_linear":
        bits = min(max(bits + 2, 14), 16)
    if look == "raw_linear":
        stored = level
        if shutter:
            stored[~inside] = 1.0
    else:
        stored = level
        if shutter:
            stored[~inside] = 0.0
        if inverse:
            stored = 1 - stored
    pixels = np.round(np.clip(stored, 0, 1) * (2**bits - 1)).astype(np.uint16)
    burned = rng.random() < 0.1
    if burned:
        text = str(rng.choice(["SYNTHETIC AP", "X-TABLE", "L LAT", "PORTABLE", "ERECT 110cm"]))
        y, x = int(shape[0] * rng.choice([0.04, 0.97])), int(shape[1] * rng.uniform(0.03, 0.6))
        written = np.zeros(pixels.shape, np.uint8)
        cv2.putText(written, text, (x, y), cv2.FONT_HERSHEY_PLAIN, shape[0] / 900, 1, 3)
        pixels[written > 0] = 0 if inverse else 2**bits - 1
        distractors.append(dict(kind="text", box=dict(top=max(0, y - shape[0] // 60), left=x, bottom=min(shape[0], y + 4), right=min(shape[1], x + int(len(text) * shape[0] / 90))), segmentation=None))
    info = dict(rows=shape[0], columns=shape[1], spacing_mm=round(spacing, 5), scene=name, split="test", synthetic=True, look=look,
                foci=truth, distractors=distractors, metal=has_metal[0] if has_metal else None, vessel=bool(vessel),
                marker=side if marker else None, grid=bool(grid), burned_in=bool(burned), age_years=float(rng.uniform(7, 15) if sc.child else rng.uniform(22, 90)),
                exposure=dict(kvp=float(kvp), blur_mm=float(blur * spacing), photons=float(photons), scatter=float(spr), heel=[float(v) for v in heel], sid_mm=sid),
                processing=dict(look=look, collimation=coll_kind, shutter=bool(shutter), bits=bits, monochrome1=bool(inverse)))
    return pixels, info, dict(sc=sc, bits=bits, inverse=inverse, kvp=kvp, sid=sid, rng=rng)


def run_length(mask):
    r = rle.encode(np.asfortranarray(mask.astype(np.uint8)))
    return dict(counts=r["counts"].decode("ascii"), size=[int(v) for v in r["size"]])


def judge(foci, maps, weights, weight, scat, blur, log, clean, photons, inside, bone_only, spacing):
    """Mask and contrasts of every focus (see the head of this file)."""
    h, w = log.shape
    every = np.zeros((h, w), bool)
    for f in foci:
        fh, fw = f["thick"].shape
        pad = int(np.ceil(3 * blur)) + 2
        y0, x0, y1, x1 = max(0, f["y0"] - pad), max(0, f["x0"] - pad), min(h, f["y0"] + fh + pad), min(w, f["x0"] + fw + pad)
        sl = (slice(y0, y1), slice(x0, x1))
        local = {k: (v[sl].copy() if v is not None else None) for k, v in maps.items()}
        local["mineral"][f["y0"] - y0: f["y0"] - y0 + fh, f["x0"] - x0: f["x0"] - x0 + fw] -= f["thick"]
        bare = exposure.primary(local, weights) * weight[sl] + scat[sl] + np.float32(2e-4)
        full = exposure.primary({k: (v[sl] if v is not None else None) for k, v in maps.items()}, weights) * weight[sl] + scat[sl] + np.float32(2e-4)
        d = np.log(bare / full)
        if blur > 0.3:
            d = cv2.GaussianBlur(d, (0, 0), blur)
        pos = d[d > 0.1 * max(float(d.max()), 1e-6)]
        top = float(np.percentile(pos, 95)) if len(pos) else 0.0
        mask = d >= max(0.18 * top, 0.002)
        lab, n = ndimage.label(mask, np.ones((3, 3)))
        if n:
            mask = np.isin(lab, 1 + np.flatnonzero(np.bincount(lab.ravel(), minlength=n + 1)[1:] >= 4))
        f.update(sl=sl, delta=d, mask=mask)
        every[sl] |= mask
    out = []
    for i, f in enumerate(foci):
        mask, sl, d = f["mask"], f["sl"], f["delta"]
        if mask.sum() < 4:
            continue
        pad = int(np.ceil(6.5 / spacing))
        y0, x0, y1, x1 = max(0, sl[0].start - pad), max(0, sl[1].start - pad), min(h, sl[0].stop + pad), min(w, sl[1].stop + pad)
        big = np.zeros((y1 - y0, x1 - x0), np.uint8)
        big[sl[0].start - y0: sl[0].stop - y0, sl[1].start - x0: sl[1].stop - x0] = mask
        far = cv2.distanceTransform(1 - big, cv2.DIST_L2, 5) * spacing
        ring = (far >= 1) & (far <= 6) & ~every[y0:y1, x0:x1] & inside[y0:y1, x0:x1]
        contrast = float(d[mask].mean())
        spread = None
        if ring.sum() > 50:
            ys, xs = np.nonzero(ring)
            v = log[y0:y1, x0:x1][ys, xs].astype(float)
            a = np.column_stack([ys * spacing, xs * spacing, np.ones(len(ys))])
            n = a.T @ a
            v = v - a @ np.linalg.solve(n + 1e-9 * np.eye(3), a.T @ v)
            spread = float(v.std())
        noise_sd = float(exposure.deviation(clean[sl][mask], photons, blur).mean())
        cnr = contrast / spread if spread else 0.0
        cnr_noise = contrast / noise_sd
        ys, xs = np.nonzero(mask)
        ys, xs = ys + sl[0].start, xs + sl[1].start
        seen = float(inside[ys, xs].mean()) * (1 - f["lost"])
        state = "ignore" if cnr < 0.4 or cnr_noise < 1 or seen < 0.6 else "clear" if cnr >= 1 and cnr_noise >= 3 else "visible"
        whole = np.zeros((h, w), np.uint8)
        whole[ys, xs] = 1
        out.append(dict(focus=len(out) + 1, label=f["label"], form=f["form"], area_px=int(mask.sum()), area_mm2=float(mask.sum() * spacing**2),
                        box=dict(top=int(ys.min()), left=int(xs.min()), bottom=int(ys.max() + 1), right=int(xs.max() + 1)),
                        cnr=cnr, cnr_noise=cnr_noise, over_bone=float((bone_only[ys, xs] > 0.4).mean()), visibility=state, segmentation=run_length(whole)))
    return out


def write(path, pixels, info, extra, seed, index):
    """DICOM file of one image."""
    rng = extra["rng"]
    ds = Dataset()
    dx = bool(rng.random() < 0.6)
    uid = lambda k: generate_uid(prefix="1.2.826.0.1.3680043.10.1561.", entropy_srcs=["calxray solids", str(seed), str(index), k])
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1" if dx else "1.2.840.10008.5.1.4.1.1.1"
    if dx and extra["inverse"] and info["look"] == "raw_linear":
        ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1.1"
    ds.SOPInstanceUID, ds.StudyInstanceUID, ds.SeriesInstanceUID = uid("i"), uid("s"), uid("e")
    ds.PatientName, ds.PatientID, ds.PatientBirthDate, ds.PatientSex = "SYNTHETIC", f"SOLIDS-{seed}-{index}", "", "O"
    ds.StudyDate, ds.StudyTime, ds.AccessionNumber, ds.StudyID = "20000101", "000000", "", "1"
    ds.SeriesNumber, ds.InstanceNumber, ds.ReferringPhysicianName = 1, index + 1, ""
    ds.Modality = "DX" if dx else "CR"
    ds.Manufacturer = "synthetic"
    ds.ImageType = ["DERIVED", "PRIMARY"]
    if rng.random() < 0.75:
        ds.BodyPartExamined = extra["sc"].part
    if rng.random() < 0.6:
        ds.ViewPosition = "AP"
    if info["marker"] and rng.random() < 0.6 and info["scene"] != "pelvis":
        ds.ImageLaterality = info["marker"]
    sp = [f"{info['spacing_mm']:.5g}"] * 2
    if dx or rng.random() < 0.6:
        ds.ImagerPixelSpacing = sp
    else:
        ds.PixelSpacing = sp
    if dx and rng.random() < 0.3:
        ds.PixelSpacing = sp
    if rng.random() < 0.7:
        ds.KVP = f"{info['exposure']['kvp']:.0f}"
        ds.DistanceSourceToDetector = f"{extra['sid']:.0f}"
    if dx:
        ds.PresentationIntentType = "FOR PROCESSING" if info["look"] == "raw_linear" else "FOR PRESENTATION"
        ds.PixelIntensityRelationship = "LIN" if info["look"] == "raw_linear" else "LOG"
        ds.PixelIntensityRelationshipSign = 1 if info["look"] == "raw_linear" else -1
        ds.BurnedInAnnotation = "YES" if info["burned_in"] else "NO"
    ds.SamplesPerPixel, ds.Rows, ds.Columns = 1, info["rows"], info["columns"]
    ds.PhotometricInterpretation = "MONOCHROME1" if extra["inverse"] else "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, extra["bits"], extra["bits"] - 1, 0
    ds.PixelData = pixels.astype("<u2").tobytes()
    ds["PixelData"].VR = "OW"
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = "1.2.826.0.1.3680043.10.1561.1"
    ds.file_meta = meta
    pydicom.dcmwrite(path, ds, enforce_file_format=True)


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("out")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--count", type=int, default=20)
    ap.add_argument("--normal", type=float, default=0.3, help="share of images without foci")
    ap.add_argument("--scene", choices=SCENES, help="this scene only, to look at it")
    ap.add_argument("--split", default="test", choices=["train", "validation", "test"],
                    help="what the truth says the images are for; calxray train refuses those of the test split")
    ap.add_argument("--first", type=int, default=0, help="index of the first image")
    a = ap.parse_args()
    cv2.setNumThreads(1)
    os.makedirs(a.out, exist_ok=True)
    images = []
    for i in range(a.first, a.first + a.count):
        pixels, info, extra = draw(a.seed, i, a.normal, a.scene)
        name = f"solids-{a.seed}-{i:06d}.dcm"
        write(os.path.join(a.out, name), pixels, info, extra, a.seed, i)
        images.append(dict(file=name, **info) | dict(split=a.split))
        with open(os.path.join(a.out, "truth.json.part"), "w") as f:
            json.dump(dict(images=images, seed=a.seed, synthetic=True), f)
        os.replace(os.path.join(a.out, "truth.json.part"), os.path.join(a.out, "truth.json"))


if __name__ == "__main__":
    main()
