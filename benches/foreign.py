#!/usr/bin/env python3
"""foreign.py OUT --seed S --count N [--normal 0.3]

A second, independent generator of synthetic radiographs with exact truth.  Written without sight of the
project's own generator (only its truth.json and the reference texts were read).

Construction
  * One hand-drawn "atlas" in millimetres (lower body, upper limb with chest wall, hand).  A film is a window on
    the atlas: rotation, size, mirror image, shift and a smooth random warp of the plane (so no bone is analytic).
  * Primitives give chord lengths along the beam: swept tubes with two free PCHIP contours, ellipsoids, plates
    (spline outline, thickness grows from the rim by the distance map), and curves (ribs, vessels).  Parts of a bone
    are joined by the maximum of their outer and of their inner chords: cortex = outer - inner, medulla = inner,
    filled with marrow fat and 1/f trabeculae of random orientation.
  * Soft tissue: the same primitives with a fat layer, fat planes between muscles, 1/f mottling, gas.
Physics
  thickness maps -> Beer-Lambert at 40/60/80 keV, weights by tube voltage -> scatter (wide Gaussian, ratio by
  thickness) -> focal/detector blur -> quantum noise (Gaussian limit of Poisson, slightly correlated) + electronic
  noise -> logarithm -> one of six display chains -> 12..14 bits, MONOCHROME2 or 1.
  mu/rho: NISTIR 5632 (Hubbell and Seltzer), ICRU-44 soft tissue, adipose, cortical bone; hydroxyapatite by the
  mixture rule from Ca, P, O, H; Fe.
Foci
  thickness of hydroxyapatite (mm of pure mineral = chord x volume fraction); never grey values.
Truth
  contrast = (log signal with the focus - without it), both noise-free and blurred, before display processing.
  mask: contrast > half of its local maximum (grey maximum in a disc of 0.4 x the focus's radius, 0.5-3 mm), and
  > 0.15 of its global 98th percentile, and > 0.25 of the local noise sd; holes filled; scattered forms (sand, popcorn, cloud) closed by 1 mm.
  cnr: mean contrast in the mask / sd in the ring 1-6 mm after removing a plane (noisy log image, other foci excluded).
  cnr_noise: mean contrast / sd of the simulated noise per pixel there.
  clear: cnr >= 1 and cnr_noise >= 3; ignore: cnr < 0.4 or cnr_noise < 1 or cut by the field; else visible.
"""
import argparse, json, os, sys, time, datetime
if __name__ == "__main__" and "MALLOC_TRIM_THRESHOLD_" not in os.environ:   # keep freed pages: halves the system time
    os.environ.update(MALLOC_TRIM_THRESHOLD_="4000000000", MALLOC_MMAP_THRESHOLD_="33554432", MALLOC_TOP_PAD_="100000000"); os.execv(sys.executable, [sys.executable] + sys.argv)
os.environ.setdefault("OMP_NUM_THREADS", "1"); os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np
from scipy import ndimage as ndi
from scipy.interpolate import PchipInterpolator, splprep, splev
from skimage.draw import polygon as draw_polygon
from PIL import Image, ImageDraw, ImageFont
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from pycocotools import mask as coco

F = np.float32
LABELS = ["rice_grain", "phlebolith", "tumoral_calcinosis", "calcific_tendinitis", "ossification", "calcification"]
SPLIT = "test"   # written into the truth; `calxray train` refuses images of the test split
SCENES = {  # label -> scenes
    "rice_grain": ["thigh", "lower_leg", "forearm", "shoulder", "hip", "thigh", "pelvis", "knee", "elbow"],
    "phlebolith": ["pelvis", "pelvis", "pelvis", "hip", "pelvis", "lower_leg", "thigh", "forearm"],
    "tumoral_calcinosis": ["hip", "elbow", "shoulder", "hand", "knee", "pelvis"],
    "calcific_tendinitis": ["shoulder", "shoulder", "shoulder", "shoulder", "hip", "elbow", "pelvis"],
    "ossification": ["thigh", "hip", "elbow", "knee", "pelvis", "shoulder", "forearm"],
    "calcification": ["hand", "lower_leg", "forearm", "thigh", "knee", "elbow", "pelvis", "shoulder", "hip"],
}
ALL = ["thigh", "lower_leg", "forearm", "pelvis", "shoulder", "hip", "knee", "elbow", "hand"]
FIELD = {  # mm: width range, height range, spacing range
    "thigh": ((230, 300), (330, 420), (.14, .19)), "lower_leg": ((200, 270), (330, 420), (.14, .19)),
    "forearm": ((170, 230), (270, 330), (.12, .16)), "pelvis": ((360, 425), (310, 370), (.15, .19)),
    "shoulder": ((220, 280), (210, 270), (.11, .15)), "hip": ((220, 270), (250, 330), (.13, .17)),
    "knee": ((190, 240), (230, 300), (.11, .15)), "elbow": ((165, 210), (190, 250), (.10, .13)),
    "hand": ((170, 220), (220, 270), (.10, .13)),
}
PART = {"thigh": "FEMUR", "lower_leg": "TIBIA FIBULA", "forearm": "FOREARM", "pelvis": "PELVIS", "shoulder": "SHOULDER",
        "hip": "HIP", "knee": "KNEE", "elbow": "ELBOW", "hand": "HAND"}
# mu/rho cm2/g at 40, 60, 80 keV; density g/cm3
MU = {"lean": (np.array([.2688, .2048, .1823]), 1.06), "fat": (np.array([.2396, .1974, .1800]), .95),
      "bone": (np.array([.6655, .3148, .2229]), 1.92), "ha": (np.array([.9875, .4067, .2589]), 3.16),
      "metal": (np.array([3.629, 1.205, .5952]), 7.87)}
LIN = {k: [F(v) for v in m * d / 10] for k, (m, d) in MU.items()}  # per mm


# ------------------------------------------------------------------------------------------------ noise
def fractal(rng, shape, px, beta=1.0, lo=0.4, hi=8.0, aniso=1.0, angle=0.0):
    """Unit-variance noise with amplitude spectrum f^-beta between wavelengths lo..hi mm, stretched by aniso along angle."""
    h, w = (int(2 ** np.ceil(np.log2(max(n, 16)))) for n in shape)
    h, w = min(h, 1024), min(w, 1024)
    fy = np.fft.fftfreq(h, px)[:, None]; fx = np.fft.rfftfreq(w, px)[None]
    a = fx * np.cos(angle) + fy * np.sin(angle); b = -fx * np.sin(angle) + fy * np.cos(angle)
    f = np.sqrt((a * aniso) ** 2 + (b / 1.0) ** 2) + 1e-9
    amp = f ** -beta * np.exp(-(f * lo / 2) ** 2) * (1 - np.exp(-(f * hi) ** 2))
    z = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((h, w), dtype=F)) * amp, (h, w))
    z = (z / (z.std() + 1e-12)).astype(F)
    ry, rx = -(-shape[0] // h), -(-shape[1] // w)
    if ry > 1 or rx > 1:
        z = np.tile(z, (ry, rx))
    return z[:shape[0], :shape[1]]


def coarse(rng, shape, px, mm):
    """Smooth unit noise of wavelength about mm, for the whole image."""
    n = [max(4, int(s * px / mm * 2) + 3) for s in shape]
    k = int(np.clip(mm / px / 12, 1, 16)); m = [-(-v // k) + 2 for v in shape]
    z = ndi.zoom(rng.standard_normal(n).astype(F), [v / q for v, q in zip(m, n)], order=3, mode="reflect", grid_mode=True)
    z = (z / z.std()).astype(F)
    return np.ascontiguousarray(ndi.zoom(z, k, order=1, mode="reflect", grid_mode=True)[:shape[0], :shape[1]]) if k > 1 else z[:shape[0], :shape[1]]


# ------------------------------------------------------------------------------------------------ canvas
class Canvas:
    def __init__(self, rng, scene, centre, field, px, angle, size, mirror):
        self.rng, self.scene, self.px, self.angle, self.size, self.mirror = rng, scene, px, angle, size, mirror
        self.cols, self.rows = int(field[0] / px), int(field[1] / px)
        self.centre = np.array(centre, float)
        r, c = np.mgrid[0:self.rows, 0:self.cols].astype(F)
        x = (c - self.cols / 2) * px / size * mirror; y = (r - self.rows / 2) * px / size
        ca, sa = np.cos(angle), np.sin(angle)
        self.X = (ca * x + sa * y + centre[0]).astype(F); self.Y = (-sa * x + ca * y + centre[1]).astype(F)
        s = (self.rows, self.cols)
        k = rng.uniform(.5, 1.6)
        self.X += k * 2.2 * coarse(rng, s, px, 140) + .35 * k * coarse(rng, s, px, 35)
        self.Y += k * 2.2 * coarse(rng, s, px, 140) + .35 * k * coarse(rng, s, px, 35)
        for n in ("lean", "fat", "cort", "trab", "metal", "out"):
            setattr(self, n, np.zeros(s, F))
        self.sg = 1
        self.texture = fractal(rng, s, px, rng.uniform(.6, 1.1), rng.uniform(.5, .9), 7, rng.uniform(1.3, 2.8), np.pi / 2 + rng.normal(0, .3) + angle)
        self.tex2 = fractal(rng, s, px, .9, .5, 5, 1.6, rng.uniform(0, np.pi))
        self.age = rng.uniform(.55, 1.25)    # mineral content
        self.cross = 0

    def pix(self, p):
        """atlas mm -> pixel (row, col), without the warp."""
        d = np.asarray(p, float) - self.centre
        ca, sa = np.cos(self.angle), np.sin(self.angle)
        x = ca * d[0] - sa * d[1]; y = sa * d[0] + ca * d[1]
        return y * self.size / self.px + self.rows / 2, self.mirror * x * self.size / self.px + self.cols / 2

    def box(self, x0, x1, y0, y1, pad=9):
        q = [self.pix((self.sg * x, y)) for x in (x0 - pad, x1 + pad) for y in (y0 - pad, y1 + pad)]
        r = [a for a, _ in q]; c = [b for _, b in q]
        s = np.s_[max(0, int(min(r))):max(0, min(self.rows, int(max(r)) + 1)), max(0, int(min(c))):max(0, min(self.cols, int(max(c)) + 1))]
        return s

    def xy(self, s):
        return self.sg * self.X[s], self.Y[s]

    # parts return (slice, outer, inner)
    def tube(self, p0, p1, prof, depth=1.0, e0=0, e1=0, bow=0, taper=(0, 0)):
        """prof rows: (s mm, left, right, wall).  Contours are offsets across the axis p0->p1."""
        p0, p1 = np.array(p0, float), np.array(p1, float)
        n = np.hypot(*(p1 - p0)); d = (p1 - p0) / n
        m = max(max(abs(q[1]), abs(q[2])) for q in prof) + abs(bow)
        a0, a1 = p0 + d * min(prof[0][0], 0), p0 + d * max(prof[-1][0], n)
        mx, my = m * abs(d[1]) + 1, m * abs(d[0]) + 1
        s = self.box(min(a0[0], a1[0]) - mx, max(a0[0], a1[0]) + mx, min(a0[1], a1[1]) - my, max(a0[1], a1[1]) + my)
        X, Y = self.xy(s)
        if X.size == 0:
            return None
        a = (X - p0[0]) * d[0] + (Y - p0[1]) * d[1]
        u = (X - p0[0]) * d[1] - (Y - p0[1]) * d[0]
        k = np.array(prof, float); g = np.linspace(k[0, 0], k[-1, 0], 600)
        t = [PchipInterpolator(k[:, 0], k[:, j])(g) for j in (1, 2, 3)]
        S0, S1 = k[0, 0], k[-1, 0]
        L, R, W = (np.interp(a, g, v).astype(F) for v in t)
        if bow:
            u = u - bow * np.sin(np.pi * np.clip((a - S0) / (S1 - S0), 0, 1))
        u = u - (L + R) / 2; h = (R - L) / 2
        def end(shift):
            f = np.ones_like(a)
            if e0: f = f * np.sqrt(np.clip(1 - np.clip((e0 - (a - S0 - shift)) / e0, 0, 9) ** 2, 0, 1))
            if e1: f = f * np.sqrt(np.clip(1 - np.clip((e1 - (S1 - shift - a)) / e1, 0, 9) ** 2, 0, 1))
            return np.where((a >= S0 + shift) & (a <= S1 - shift), f, 0)
        def chord(hh, ee):
            hh = hh * ee
            return np.where(hh > 0, 2 * depth * np.sqrt(np.clip(hh * hh - u * u, 0, None)), 0).astype(F)
        o = chord(h, end(0)); i = chord(np.clip(h - W, 0, None), end(np.minimum(W, 2.0) if (e0 or e1) else 0))
        if taper[0] or taper[1]:   # flesh: the thickness fades at the ends, so that joined tubes leave no step
            k = np.ones_like(a)
            if taper[0]: k = k * np.clip((a - S0) / taper[0], 0, 1)
            if taper[1]: k = k * np.clip((S1 - a) / taper[1], 0, 1)
            k = np.sqrt(k * k * (3 - 2 * k)); o = o * k; i = i * k
        return s, o, np.minimum(i, o)

    def ball(self, c, a, b, wall=1.0, angle=0, depth=None):
        m = max(a, b); s = self.box(c[0] - m, c[0] + m, c[1] - m, c[1] + m)
        X, Y = self.xy(s)
        if X.size == 0:
            return None
        ca, sa = np.cos(angle), np.sin(angle)
        x = (X - c[0]) * ca + (Y - c[1]) * sa; y = -(X - c[0]) * sa + (Y - c[1]) * ca
        z = depth or (a + b) / 2
        f = lambda w: 2 * max(z - w, 0) * np.sqrt(np.clip(1 - (x / max(a - w, .1)) ** 2 - (y / max(b - w, .1)) ** 2, 0, None))
        return s, f(0).astype(F), f(wall).astype(F)

    def outline(self, pts, smooth=True):
        p = np.array(pts, float)
        if smooth:
            p = np.vstack([p, p[:1]]); tck, _ = splprep(p.T, s=0, per=1); p = np.array(splev(np.linspace(0, 1, 300), tck)).T
        return p

    def plate(self, pts, thick, width, wall=1.2, holes=(), face=.5, smooth=True, g=.4):
        """Flat bone: outline, thickness rising over `width` mm from the rim to `thick`."""
        p = self.outline(pts, smooth); lo = p.min(0) - 4; hi = p.max(0) + 4
        s = self.box(lo[0], hi[0], lo[1], hi[1], 5); X, Y = self.xy(s)
        if X.size == 0:
            return None
        g = max(g, (hi - lo).max() / 900)
        n = ((hi - lo)[::-1] / g).astype(int) + 1
        M = np.zeros(n, bool); rr, cc = draw_polygon((p[:, 1] - lo[1]) / g, (p[:, 0] - lo[0]) / g, n); M[rr, cc] = True
        for q in holes:
            q = self.outline(q); rr, cc = draw_polygon((q[:, 1] - lo[1]) / g, (q[:, 0] - lo[0]) / g, n); M[rr, cc] = False
        D = ndi.gaussian_filter((ndi.distance_transform_edt(M) * g - np.where(M, 0, ndi.distance_transform_edt(~M) * g)).astype(F), .7)
        d = ndi.map_coordinates(D, [(Y - lo[1]) / g, (X - lo[0]) / g], order=1, mode="constant", cval=-9)
        f = lambda e, T, w: T * np.sqrt(np.clip(1 - (1 - np.clip(e / w, 0, 1)) ** 2, 0, 1))
        return s, f(d, thick, width).astype(F), f(d - wall, max(thick - 2 * face, 0), width).astype(F)

    def curve(self, pts, r, wall=.8, flat=1.0, g=.5, soft=False):
        p = np.array(pts, float); tck, _ = splprep(p.T, s=0, k=min(3, len(p) - 1)); q = np.array(splev(np.linspace(0, 1, 1500), tck)).T
        R = np.max(r) if np.ndim(r) else r
        lo, hi = q.min(0) - R - 3, q.max(0) + R + 3
        s = self.box(lo[0], hi[0], lo[1], hi[1], 4); X, Y = self.xy(s)
        if X.size == 0:
            return None
        n = ((hi - lo)[::-1] / g).astype(int) + 1
        M = np.ones(n, bool); M[((q[:, 1] - lo[1]) / g).astype(int), ((q[:, 0] - lo[0]) / g).astype(int)] = False
        D = ndi.gaussian_filter((ndi.distance_transform_edt(M) * g).astype(F), 1.0)
        d = ndi.map_coordinates(D, [(Y - lo[1]) / g, (X - lo[0]) / g], order=1, mode="constant", cval=99)
        if soft:
            return s, np.exp(-(d / r) ** 2).astype(F), None
        f = lambda w: 2 * flat * np.sqrt(np.clip((r - w) ** 2 - d * d, 0, None))
        return s, f(0).astype(F), f(wall).astype(F)

    def union(self, parts):
        parts = [p for p in parts if p is not None]
        if not parts:
            return None
        r0 = min(p[0][0].start for p in parts); r1 = max(p[0][0].stop for p in parts)
        c0 = min(p[0][1].start for p in parts); c1 = max(p[0][1].stop for p in parts)
        if r1 <= r0 or c1 <= c0:
            return None
        o = np.zeros((r1 - r0, c1 - c0), F); i = np.zeros_like(o)
        for s, a, b in parts:
            t = np.s_[s[0].start - r0:s[0].stop - r0, s[1].start - c0:s[1].stop - c0]
            o[t] = np.maximum(o[t], a); i[t] = np.maximum(i[t], b)
        return np.s_[r0:r1, c0:c1], o, np.minimum(i, o)

    def bone(self, *parts, trab=.17, rough=.17, solid=False):
        u = self.union(parts)
        if u is None:
            return
        s, o, i = u
        k = self.age
        c = (o - i) * (1 + .06 * self.tex2[s])
        t = trab * self.rng.uniform(.8, 1.2)
        m = i * np.clip(t * (1 + rough * self.texture[s] + .5 * rough * self.tex2[s]), .02, .8) * k
        self.cort[s] += c * (.72 + .28 * k) * .93; self.trab[s] += m
        self.lean[s] -= .8 * o; self.fat[s] += .75 * (i - m)  # marrow
        self.out[s] = np.maximum(self.out[s], o)

    def flesh(self, *parts, planes=0, spread=.6):
        """Body parts that touch: joined by the maximum; inner = lean, rest = fat."""
        u = self.union(parts)
        if u is None:
            return
        s, o, i = u
        if not hasattr(self, "body"):
            self.body = np.zeros_like(self.lean); self.muscle = np.zeros_like(self.lean)
        q = np.minimum(self.body[s], o); bo = np.maximum(self.body[s], o); bo = bo + .1 * q * np.exp(-((bo - q) / (.15 * bo + 1)) ** 2); bi = np.minimum(np.maximum(self.muscle[s], i) + .1 * q * np.exp(-((np.maximum(self.body[s], o) - q) / (.15 * bo + 1)) ** 2), bo)
        self.body[s] = bo; self.muscle[s] = bi

    def settle(self):
        """Turn body/muscle into lean and fat, with mottling."""
        rng = self.rng; s = self.lean.shape
        m = self.muscle; f = self.body - m
        mot = .012 * fractal(rng, s, self.px, 1.2, 1.5, 30) + .02 * coarse(rng, s, self.px, 45) + .010 * fractal(rng, s, self.px, .9, .9, 12, rng.uniform(2, 4), np.pi / 2 + self.angle * self.mirror)
        fatty = np.clip(rng.uniform(.0, .25) + mot * 2.0, 0, .6)
        self.lean += m * (1 - fatty) + f * .10; self.fat += m * fatty + f * (.9 + mot * .5)

    def plane(self, pts, width, thick):
        """Fat plane between muscles: fat for lean along a curve."""
        c = self.curve(pts, width, soft=True, g=.7)
        if c is None:
            return
        s, e, _ = c
        v = np.minimum(e * thick, np.maximum(self.muscle[s] * .3, 0))
        self.lean[s] -= v; self.fat[s] += v

    def gas(self, pts, thick, width, soft=1.2):
        q = self.plate(pts, thick, width, 0, g=.6)
        if q is None:
            return
        s, o, _ = q
        o = ndi.gaussian_filter(o, soft / self.px)
        o = np.minimum(o, np.clip(self.lean[s] * .8, 0, None))
        self.lean[s] -= o


J = lambda rng, v, k=.04: v * (1 + rng.normal(0, k))


# ------------------------------------------------------------------------------------------------ atlas: lower body
def leg(c, sg, body, rotation, knee_flex=0):
    """sg=+1 draws at x>0 (lateral = +x).  Hip centre (90,0), knee joint about (82,430), ankle about (78,800)."""
    rng = c.rng; c.sg = sg
    K = body
    fat = K["fat"]
    hx = 90
    # soft tissue: thigh and lower leg
    tw = K["thigh"]; cw = K["calf"]
    th = c.tube((hx + 12, -20), (84, 430), [(-110, -20, 30, fat * 1.4), (-60, -40, 62, fat * 1.5), (0, -60 * tw, 80 * tw, fat * 1.5), (60, -74 * tw, 86 * tw, fat * 1.4), (120, -76 * tw, 80 * tw, fat * 1.2), (220, -68 * tw, 68 * tw, fat),
                (330, -56 * tw, 56 * tw, fat * .8), (400, -55 * tw, 55 * tw, fat * .6), (455, -56 * tw, 54 * tw, fat * .5), (500, -50 * tw, 50 * tw, fat * .5)], .92, taper=(70, 70))
    lg = c.tube((84, 425), (78, 800), [(-70, -48 * tw, 48 * tw, fat * .5), (-30, -54 * tw, 53 * tw, fat * .5), (15, -54 * tw ** .5, 53 * tw ** .5, fat * .5), (60, -58 * cw, 57 * cw, fat * .5), (120, -62 * cw, 63 * cw, fat * .55), (200, -52 * cw, 54 * cw, fat * .5), (290, -37 * cw, 37 * cw, fat * .4),
                (350, -35, 34, 3), (400, -40, 38, 3), (440, -40, 40, 3)], .97, 0, 20, taper=(70, 0))
    c.flesh(th, lg)
    def bones():
        c.sg = sg
        w = K["bone"]
        rot = rotation  # lesser trochanter size
        neck = rng.normal(0, 3)
        hr = J(rng, 24)
        fem = [c.ball((hx, 0), hr, hr, 1.1), c.tube((hx + 2, 2), (hx + 48, 38 + neck), [(0, -18, 18, 1.3), (18, -16, 15.5, 1.8), (35, -19, 20, 2.2), (60, -24, 24, 2)], .8, 0, 12),
               c.tube((hx + 52, -14), (84, 424), [(0, -7, 8, 1.2), (10, -12, 16, 1.2), (30, -24, 20, 1.6), (52, -28, 19, 2.5), (78, -21 - 8 * rot, 17, 3.5), (95, -17 - 2 * rot, 16, 4.8 * w), (140, -14.5, 14.5, 6 * w),
                   (240, -13.8, 13.8, 6.3 * w), (320, -15, 15, 4.6 * w), (365, -21, 20, 2.4 * w), (395, -32, 30, 1.3), (415, -40, 37, 1.1), (430, -42, 39, 1.1), (440, -40, 38, 1.1)], 1.0, 8, 14, bow=rng.normal(2, 2)),
               c.ball((84 - 20, 415), 21, 22, 1.2, 0, 30), c.ball((84 + 19, 415), 20, 20, 1.2, 0, 28)]
        c.bone(*fem, trab=.2)
        # dense trabecular arcs of the femoral neck
        c.bone(c.ball((84 + rng.normal(0, 4), 395 + rng.normal(0, 5) - 40 * knee_flex * 0), 21, 23, 1.4, 0, 10), trab=.2)
        gap = rng.uniform(3.5, 6)
        ty = 437 + gap
        c.bone(c.tube((83, ty), (76, 800), [(0, -37, 37, 1.6), (8, -39, 39, 1.2), (20, -37, 35, 1.1), (40, -27, 26, 1.6), (70, -18, 19, 3), (110, -14.5, 15, 5.2 * w), (200, -12.5, 12.5, 5.8 * w), (280, -12, 12, 4.6 * w),
               (320, -15, 15, 2.5), (342, -22, 20, 1.2), (352, -24, 20, 1.2)], .95, 6, 3, bow=rng.normal(-1.5, 1.5)),
               c.ball((75, ty - 1), 3.5, 8, 1, .2, 8), c.ball((91, ty - 1), 3.5, 7, 1, -.2, 8),
               c.tube((60, 775), (56, 812), [(0, -6, 10, 1), (20, -6, 7, 1), (34, -4, 4, 1)], 1.1, 2, 8), trab=.18)
        c.bone(c.tube((83 + 34, ty + 12), (76 + 30, 815), [(0, -8, 8, 1), (12, -11, 10, 1), (28, -8, 8, 1.4), (60, -6, 6, 2.6), (180, -6, 6, 3.2), (290, -6, 6, 2.6), (325, -8, 8, 1.4), (350, -10, 10, 1), (368, -6, 6, 1)], 1, 5, 8, bow=rng.normal(3, 2)), trab=.13)
        c.bone(c.tube((78, 800), (78, 835), [(0, -20, 20, 1.2), (12, -19, 21, 1), (34, -16, 17, 1)], 1.1, 5, 3), trab=.2)
        c.bone(c.ball((80, 850), 24, 30, 1, 0, 38), trab=.15)
        if rng.random() < .2:
            c.bone(c.ball((84 + 26, 404), 4.2, 5, .9), trab=.35)  # fabella
    return bones


def lower(c):
    rng = c.rng
    stout = rng.uniform(.82, 1.28)
    K = dict(fat=rng.uniform(6, 20) * stout, thigh=rng.uniform(.86, 1.14) * stout ** .8, calf=rng.uniform(.85, 1.1) * stout ** .5, bone=rng.uniform(.65, 1.05))
    rot = rng.uniform(0, 1)
    pelvic = c.scene in ("pelvis", "hip", "thigh")
    sides = (1, -1) if c.scene in ("pelvis", "hip", "thigh", "knee") else (1,)
    spread = {"pelvis": 0, "hip": 0}.get(c.scene, 0)
    todo = []
    for sg in sides:
        if c.scene == "knee" and sg < 0:
            continue
        todo.append(leg(c, sg, K, rot))
    c.sg = 1
    if pelvic:
        w = 158 * stout ** .9
        c.flesh(c.tube((0, -330), (0, 60), [(0, -w * .92, w * .92, K["fat"] * 1.3), (120, -w, w, K["fat"] * 1.4), (230, -w * 1.06, w * 1.06, K["fat"] * 1.6), (310, -w * 1.1, w * 1.1, K["fat"] * 1.8), (350, -w * 1.02, w * 1.02, K["fat"] * 1.8),
                (395, -w * .8, w * .8, K["fat"]), (420, -w * .6, w * .6, K["fat"])], .60, taper=(0, 95)))
    c.settle()
    # fat planes
    for sg in sides[:1] if not pelvic else sides:
        c.sg = sg
        for _ in range(rng.integers(4, 8)):
            x = rng.uniform(40, 140); d = rng.normal(0, 18)
            c.plane([(x, 20 + rng.normal(0, 20)), (x + d * .4 - 4, 150), (x + d - (x - 84) * .3, 280), (x + d - (x - 84) * .5, 400)], rng.uniform(.7, 1.8), rng.uniform(3, 10))
        for _ in range(rng.integers(3, 6)):
            x = rng.uniform(38, 128); d = rng.normal(0, 8)
            c.plane([(x, 450), (x + d, 540), (84 + (x - 84) * .6 + d, 650), (84 + (x - 84) * .3, 780)], rng.uniform(.6, 1.5), rng.uniform(2, 7))
    if pelvic:
        for sg in (1, -1):
            c.sg = sg   # gluteal / obturator / iliopsoas fat lines, bladder wall
            for a in ([(128, -95), (140, -50), (146, -20)], [(100, -60), (112, -30), (128, -20)], [(50, -35), (54, 0), (50, 25)], [(70, -110), (82, -60), (98, 0), (112, 50)], [(40, 62), (70, 84), (120, 92), (168, 78)]):
                a = np.array(a, float) + rng.normal(0, 4, (len(a), 2))
                c.plane(a if len(a) > 3 else np.vstack([a, a[-1:] + [[4, 14]]]), rng.uniform(1, 2.5), rng.uniform(4, 14))
        c.sg = 1
        pelvis(c)
    for b in todo:
        b()
    c.sg = 1
    if pelvic:
        bowel(c)
    c.meta = dict(K=K, stout=stout)


def pelvis(c):
    rng = c.rng
    jit = lambda p, k=1.6: [(x + rng.normal(0, k), y + rng.normal(0, k)) for x, y in p]
    female = rng.random() < .5; fx = 6 if female else 0
    c.female = female
    # sacrum and L5 first (behind)
    c.sg = 1
    sac = jit([(-52, -98), (-25, -107), (0, -104), (25, -107), (52, -98), (50, -72), (36, -48), (22, -22), (10, -5), (0, 0), (-10, -5), (-22, -22), (-36, -48), (-50, -72)], 1)
    c.bone(c.plate(sac, 40, 26, 1.2, face=.9), trab=.15)
    for k in range(4):
        y = -86 + k * 21
        for sx in (-1, 1):   # foramina: lucent holes with a thin bright roof
            x = sx * (24 - 3.2 * k)
            cv = c.curve([(x - 7, y + 3), (x - 3, y - 3), (x + 3, y - 3), (x + 7, y + 3)], .9, 0, 1.5)
            if cv: c.cort[cv[0]] += cv[1] * .8
            b = c.ball((x, y + 3), 5.5, 4.5, 0, 0, 5)
            if b: c.trab[b[0]] *= 1 - .55 * np.clip(b[1] / 10, 0, 1)
    for k, y in enumerate((-128, -166, -204)):
        w = 27 - k * 1.5
        body = [(-w, y - 14), (-w + 5, y), (-w, y + 14), (0, y + 12.5), (w, y + 14), (w - 5, y), (w, y - 14), (0, y - 13)]
        c.bone(c.plate(jit(body, .8), 34, 8, 1.2, smooth=True), trab=.16)
        for sx in (-1, 1):
            c.bone(c.curve([(sx * 20, y - 4), (sx * 36, y - 7), (sx * 50, y - 10 + rng.normal(0, 3))], 4.5, 1, .7), trab=.12)
            c.bone(c.ball((sx * 14, y - 4), 4.5, 6.5, 1.6, 0, 8), trab=.2)
        c.bone(c.ball((0, y + 6), 3.2, 9, 1.2, 0, 12), trab=.2)
    for sg in (1, -1):
        c.sg = sg
        j = lambda p: [(x + fx * .5 + a, y + b) for (x, y), (a, b) in zip(p, rng.normal(0, 1.3, (len(p), 2)))]
        ilium = j([(50, -72), (56, -100), (64, -124), (88, -140), (116, -137), (138, -120), (146, -98), (140, -76), (126, -52), (119, -32), (122, -12), (116, 8), (104, 22), (88, 26), (72, 20), (64, 4), (66, -16), (62, -36)])
        # pubic and ischial rami as a ring about the obturator foramen
        fo = rng.uniform(-2, 2)
        ring = j([(74, -2), (58, 4), (40, 12), (22, 16), (7, 18), (5, 32), (6, 50), (16, 60), (26, 72), (40, 84), (56, 90), (70, 84), (76, 66), (80, 44), (90, 24), (92, 8)])
        hole = j([(58, 24), (42, 27), (28, 34), (24, 44), (32, 58), (44, 68), (56, 68), (64, 54), (68, 38)])
        c.bone(c.plate(ilium, 16, 10, 1.8, face=1.4), c.ball((89, -3), 27, 27, 1.3, 0, 20), c.plate(ring, 22, 10, 2.0, holes=[hole], face=1.0), trab=.17)
        # lines: acetabular roof, teardrop, iliopectineal, ilioischial
        for p, r in (([(66, -18), (76, -27), (90, -30), (106, -26), (114, -16)], 1.9), ([(50, -66), (56, -40), (60, -18), (48, 6), (24, 15)], 1.5), ([(62, -30), (61, 0), (62, 30), (64, 60)], 1.0),
                     ([(62, 0), (63, 16), (67, 22), (71, 14), (70, 2)], .9), ([(64, -124), (88, -139), (116, -136), (138, -119)], 1.8)):
            q = c.curve(np.array(p) + rng.normal(0, 1, (len(p), 2)) + [fx * .5, 0], r, 0, 1.6)
            if q: c.cort[q[0]] += q[1] * .9
        c.bone(c.ball((61 + fx * .5, 18), 7, 4, 1, .5, 6), trab=.2)   # ischial spine
    c.sg = 1
    c.bone(c.ball((rng.normal(0, 1.5), 6), 5, 4, .8), c.ball((rng.normal(0, 1.5), 14 - 2), 4, 4, .8), trab=.15)  # coccyx


def bowel(c):
    rng = c.rng
    for _ in range(rng.integers(1, 9)):
        x, y = rng.uniform(-120, 120), rng.uniform(-230, -45)
        if rng.random() < .4: x, y = rng.normal(0, 14), rng.uniform(-70, -30)
        n = 9; r = rng.uniform(6, 22)
        a = np.sort(rng.uniform(0, 2 * np.pi, n) * .2 + np.arange(n) * 2 * np.pi / n)
        e = rng.uniform(.5, 1.6)
        p = [(x + r * e * rng.uniform(.75, 1.2) * np.cos(t), y + r / e * rng.uniform(.75, 1.2) * np.sin(t)) for t in a]
        c.gas(p, r * rng.uniform(.5, 1.5), r * .8, rng.uniform(.6, 1.5))
    if rng.random() < .6:   # faeces: mottled gas in a blob
        x, y, r = rng.choice([-100, 95, 0]), rng.uniform(-190, -60), rng.uniform(18, 35)
        b = c.ball((x, y), r, r * 1.4, 0, 0, r)
        if b is not None and b[1].size:
            s, o, _ = b
            t = np.clip(fractal(rng, o.shape, c.px, 1.3, 2, 12) - .1, 0, 2) * np.minimum(o, 14) * .5
            c.lean[s] -= np.minimum(t, np.clip(c.lean[s] * .5, 0, None))
    b = c.ball((rng.normal(0, 6), -20 + rng.normal(0, 8)), rng.uniform(32, 52), rng.uniform(24, 38), 0, 0, rng.uniform(8, 24))
    if b is not None:
        c.fat[b[0]] -= np.minimum(b[1] * .5, np.clip(c.fat[b[0]], 0, None)); c.lean[b[0]] += b[1] * .5


# ------------------------------------------------------------------------------------------------ atlas: upper limb
def upper(c):
    """Head of humerus at (0,0), lateral = +x; elbow joint at (22,312); wrist at (30,560); hand below."""
    rng = c.rng; c.sg = 1
    st = rng.uniform(.85, 1.22); fat = rng.uniform(3, 11) * st; w = rng.uniform(.65, 1.05)
    J0 = lambda p, k=1.2: [(x + rng.normal(0, k), y + rng.normal(0, k)) for x, y in p]
    chest = c.scene == "shoulder"
    arm = c.tube((2, -20), (22, 312), [(-46, -14, 26, fat), (-32, -26, 38 * st, fat), (0, -40, 50 * st, fat * 1.2), (40, -42 * st, 50 * st, fat * 1.4), (110, -42 * st, 42 * st, fat * 1.4), (220, -38 * st, 38 * st, fat * 1.1), (290, -40, 40, fat), (335, -42, 42, fat), (380, -40, 40, fat)], .95, 22, 0, taper=(18, 70))
    fore = c.tube((22, 312), (30, 560), [(-70, -38, 38, fat), (-40, -40, 40, fat), (0, -42, 42, fat), (35, -45 * st, 44 * st, fat), (80, -42 * st, 42 * st, fat), (150, -34 * st ** .7, 34 * st ** .7, fat * .7), (215, -27, 27, 2.5), (250, -29, 30, 2), (285, -33, 33, 2), (305, -33, 33, 2)], .8, taper=(70, 50))
    c.flesh(arm, fore)
    if chest:
        trunk = [(-330, -160), (-150, -160), (-118, -112), (-80, -82), (-30, -66), (20, -56), (40, -30), (42, 10), (20, 40), (-10, 70), (-32, 110), (-40, 200), (-45, 360), (-330, 360)]
        c.flesh(c.plate(trunk, 165 * st ** .5, 120, 6 + fat * .6, g=.8))
    c.flesh(*hand_flesh(c, fat))
    c.settle()
    for _ in range(rng.integers(4, 8)):
        x = rng.uniform(-22, 38); d = rng.normal(0, 8)
        c.plane([(x, 30), (x + d, 120), (x + d * .5, 210), (x - d * .5 + 6, 300)], rng.uniform(.6, 1.6), rng.uniform(2, 7))
        x = rng.uniform(-14, 56)
        c.plane([(x, 325), (x + d * .5, 400), (24 + (x - 24) * .7, 470), (26 + (x - 26) * .5, 550)], rng.uniform(.5, 1.4), rng.uniform(1.5, 5))
    if chest:
        for _ in range(4):
            y = rng.uniform(-50, 60); c.plane([(-150, y - 30), (-90, y - 20), (-40, y), (10, y + 14)], rng.uniform(.8, 2), rng.uniform(2, 9))
        thorax(c, J0)
        scapula(c, J0)
    er = rng.uniform(-1, 1)  # rotation
    c.bone(c.ball((-2, 0), J(rng, 24), J(rng, 24.5), 1.0), c.ball((14 + 3 * er, -4), 11, 15, 1.2, .2, 15),
           c.ball((34, 301), 11, 11, 1.1), c.ball((13, 302), 12, 10.5, 1.1), c.tube((8, 0), (22, 306), [(-16, -14, 9, 1.1), (0, -22, 16, 1.1), (18, -23, 18, 1.2), (38, -15, 14, 1.8), (65, -11.5, 11.5, 3.4 * w), (120, -11, 11.5, 4.4 * w), (200, -10.5, 10.5, 4.5 * w), (240, -12, 12, 3.2 * w), (265, -19, 18, 2), (282, -31, 25, 1.4), (292, -32, 26, 1.2), (300, -26, 24, 1.1), (306, -18, 18, 1.1)], .9, 10, 8, bow=rng.normal(0, 2)),
           trab=.19)
    # elbow: olecranon over the humerus, radial head
    f = c.ball((20, 287), 10, 8, 0, 0, 5)
    if f is not None and f[1].size:   # olecranon fossa: thin bone
        k = 1 - .5 * np.clip(f[1] / 10, 0, 1); c.trab[f[0]] *= k; c.cort[f[0]] *= k
    flip = rng.normal(0, 2)
    c.bone(c.tube((12, 284), (2, 556), [(0, -9, 10, 1.2), (14, -12, 12, 1.5), (30, -13, 15, 1.5), (45, -11, 12, 2), (70, -8.5, 8.5, 2.8 * w), (130, -7.5, 7.5, 3.2 * w), (200, -6.5, 6.5, 2.6 * w), (245, -6, 6, 1.6), (262, -8.5, 8.5, 1), (270, -8.5, 8, 1)], 1, 8, 4, bow=rng.normal(-3, 1.5)),
           c.ball((4, 556), 2.2, 5, .8), trab=.17)
    c.bone(c.tube((36, 315), (36, 560), [(0, -11, 11, 1.2), (9, -11.5, 11.5, 1.1), (16, -8, 8, 1.6), (32, -10.5, 7.5, 2), (50, -8, 7.5, 2.6 * w), (110, -7.5, 8, 3.2 * w), (180, -8, 8.5, 2.6 * w), (215, -12, 11, 1.3), (236, -18, 14, 1), (247, -16, 12, 1)], .95, 3, 6, bow=rng.normal(5, 2)),
           c.ball((46, 560), 5, 7, 1, -.3), trab=.18)
    hand(c)
    c.meta = dict(stout=st)


def thorax(c, J0):
    rng = c.rng
    lung = J0([(-88, -6), (-104, -36), (-128, -60), (-158, -74), (-200, -76), (-260, -70), (-300, 100), (-300, 340), (-70, 340), (-62, 220), (-64, 120), (-72, 50)], 2)
    c.gas(lung, 118, 55, 1.0)
    # vessels in the lung
    for _ in range(30):
        x, y = rng.uniform(-240, -80), rng.uniform(-40, 300); a = rng.normal(.6, .5)
        n = rng.uniform(15, 50); p = [(x + n * t * np.cos(a + t), y + n * t * np.sin(a + t)) for t in (0, .35, .7, 1)]
        q = c.curve(p, rng.uniform(.8, 2.2), 0)
        if q is not None: c.lean[q[0]] += q[1] * .8
    for k in range(9):
        y = -96 + k * 27 + rng.normal(0, 2); xl = min(-78 + k * 4.5, -58) - (26 if k == 0 else 0) - (10 if k == 1 else 0)
        c.bone(c.curve([(-280, y + 5), (-230, y - 8), (-170, y + 2), (xl - 22, y + 26), (xl - 1, y + 54), (xl + 1, y + 70)], 5.6, 1.0, .55), trab=.14)
        c.bone(c.curve([(xl + 1, y + 68), (xl - 6, y + 88), (xl - 40, y + 118), (xl - 90, y + 150)], 5.2, .7, .4), trab=.1)


def scapula(c, J0):
    rng = c.rng
    d = np.array([rng.normal(0, 3), rng.normal(0, 3)])
    T = lambda p: [tuple(np.array(q) + d) for q in J0(p)]
    body = T([(-27, 18), (-34, 40), (-44, 62), (-58, 92), (-72, 128), (-80, 142), (-88, 136), (-94, 100), (-102, 60), (-110, 20), (-112, -18), (-104, -44), (-86, -42), (-62, -32), (-42, -28), (-28, -20), (-22, 0)])
    c.bone(c.plate(body, 5.5, 5, 1.5), c.plate(T([(-22, -22), (-27, 0), (-23, 22), (-30, 26), (-42, 16), (-44, -10), (-34, -24)]), 22, 9, 1.3), trab=.13)
    q = c.curve(T([(-27, 20), (-38, 46), (-56, 88), (-76, 134)]), 3.2, 0, 1)
    if q: c.cort[q[0]] += q[1] * .7
    # spine and acromion
    c.bone(c.plate(T([(-112, -8), (-80, -22), (-50, -38), (-20, -48), (2, -50), (20, -46), (30, -38), (27, -32), (10, -34), (-14, -36), (-40, -26), (-72, -12), (-108, 2)]), 8, 5, 1.5), trab=.16)
    # coracoid
    c.bone(c.curve(T([(-42, -22), (-36, -34), (-22, -30), (-14, -20)]), 7, 1.4, .9), trab=.18)
    # clavicle
    ac = rng.uniform(4, 6)
    c.bone(c.curve(T([(8 - ac, -53), (-20, -58), (-58, -60), (-100, -50), (-140, -46), (-180, -56)]), 6.4, 1.9, .95), trab=.16)


HB = (31, 566)  # wrist centre


def rays(c):
    if hasattr(c, "_rays"): return c._rays
    rng = c.rng
    s = rng.uniform(.92, 1.08); out = []
    fan = rng.uniform(.6, 1.3)
    spec = [  # base offset, angle from +y toward +x (thumb side lateral), lengths, half-widths
        ((17, 14), .72, (44, 32, 24), (6.6, 6, 5.6)), ((15, 28), .12 * fan, (66, 40, 24, 18), (6.6, 6, 5, 4.4)), ((4, 31), .02 * fan, (63, 44, 28, 19), (6.4, 6, 5, 4.4)),
        ((-6, 30), -.10 * fan, (57, 41, 27, 19), (5.8, 5.6, 4.7, 4.2)), ((-15, 27), -.24 * fan, (53, 33, 20, 17), (5.6, 5.2, 4.2, 3.8))]
    for (bx, by), a, ls, ws in spec:
        p = np.array(HB) + [bx, by]; a += rng.normal(0, .03); seg = []
        for k, (l, wd) in enumerate(zip(ls, ws)):
            dd = np.array([np.sin(a), np.cos(a)]); q = p + dd * l * s; seg.append((p.copy(), q, wd, k, len(ls))); p = q + dd * rng.uniform(1.4, 2.2); a += rng.normal(0, .035) - (.06 if len(ls) == 3 and k == 0 else 0)
        out.append(seg)
    c._rays = out
    return out


def hand_flesh(c, fat):
    R = rays(c); parts = []
    for k, seg in enumerate(R):
        for i, (p, q, wd, j, n) in enumerate(seg):
            if j == 0 and k > 0: continue
            l = np.hypot(*(q - p)); ext = 7 if i == n - 1 else 15
            h = wd * 1.55 + (1.5 if j < 2 else .5) + (4 if k == 0 and j == 0 else 0)
            parts.append(c.tube(p, q, [(-16, -h, h, 1.2), (l * .5, -h * .97, h * .97, 1.2), (l + ext, -h * .95, h * .95, 1.2)], .92, 0, 9 if i == n - 1 else 0, taper=(16, 0 if i == n - 1 else 14)))
    kn = [s[0][1] for s in R]; wv = np.array(HB)
    pal = [wv + [-26, -30], wv + [-30, 12], kn[4] + [-14, -16], kn[4] + [-12, 8], kn[3] + [-3, 14], kn[2] + [0, 16], kn[1] + [11, 12], kn[1] + [15, -10], wv + [34, 40], wv + [30, 10], wv + [26, -30]]
    parts.append(c.plate([tuple(p) for p in pal], 29, 17, 1.6))
    return parts


def hand(c):
    rng = c.rng; B = np.array(HB); R = rays(c)
    for x, y, a, b, an in ((13, 4, 8, 6.5, .5), (1, 4, 7, 7.5, 0), (-10, 5, 6.5, 6.5, .3), (17, 14.5, 6, 5.5, 0), (11, 17, 5.2, 6, 0), (3, 19, 6.5, 9, 0), (-7.5, 18, 6.5, 8, .3), (-12, 7, 4, 4.5, 0)):
        c.bone(c.ball(B + [x, y], a, b, .9, an + rng.normal(0, .15), 8), trab=.24)
    for k, seg in enumerate(R):
        for p, q, wd, j, n in seg:
            l = np.hypot(*(q - p)); w = wd
            if j == n - 1:   # distal phalanx with tuft
                c.bone(c.tube(p, q, [(0, -w * 1.15, w * 1.15, .8), (l * .2, -w * .9, w * .9, .9), (l * .55, -w * .5, w * .5, 1.2), (l * .85, -w * .75, w * .75, .6), (l, -w * .6, w * .6, .5)], .75, 2, 3), trab=.25)
            else:
                g = 1.28 if j == 0 else 1.2
                c.bone(c.tube(p, q, [(0, -w * g, w * g, .9), (l * .12, -w * 1.1, w * 1.1, 1), (l * .3, -w * .68, w * .68, 1.9), (l * .55, -w * .6, w * .6, 2.1), (l * .78, -w * .8, w * .8, 1.3), (l * .92, -w * 1.1, w * 1.1, .8), (l, -w * .95, w * .95, .8)], .85, 2.5, 4), trab=.22)
    for sx in (-4, 4):   # sesamoids of the thumb
        q = R[0][0][1]
        c.bone(c.ball(q + [sx, -3], 2.2, 2.8, .6), trab=.5)
    if rng.random() < .4:
        c.bone(c.ball(R[1][0][1] + [5, -4], 1.8, 2.2, .6), trab=.5)


# ------------------------------------------------------------------------------------------------ shapes of foci (mm grids)
def grid(half, px):
    n = int(np.ceil(half / px)); g = (np.arange(-n, n + 1) * px).astype(F)
    return np.meshgrid(g, g)


def turn(x, y, a):
    return x * np.cos(a) + y * np.sin(a), -x * np.sin(a) + y * np.cos(a)


def g_rice(rng, px, angle, form=None, size=None):
    L = size or np.clip(rng.lognormal(np.log(8), .3), 4, 15); W = np.clip(L / rng.uniform(2.1, 4.2), 1.3, 4.2)
    form = form or rng.choice(["spindle", "cored", "crumbly", "waisted", "sliver"])
    if form == "sliver": W *= .6
    x, y = grid(L * .62, px); u, v = turn(x, y, angle)
    v = v - rng.normal(0, .035) * u * u / L * 4; t = np.abs(u) / (L / 2)
    w = W / 2 * np.clip(1 - t ** rng.uniform(1.8, 3), 0, None) ** rng.uniform(.5, .9)
    if form == "waisted": w *= 1 - .45 * np.exp(-((u - rng.normal(0, .1) * L) / (L * .1)) ** 2)
    h = 2 * np.sqrt(np.clip(w * w - v * v, 0, None))
    if form == "cored": k = .62; h = h - .8 * 2 * np.sqrt(np.clip((w * k) ** 2 - v * v, 0, None)) * (t < .75)
    if form == "crumbly": h = h * np.clip(.75 + .55 * fractal(rng, h.shape, px, 1.2, .5, 4), .05, 2)
    return h, form, L


def g_phleb(rng, px, form=None):
    D = np.clip(rng.lognormal(np.log(3.7), .28), 2, 6.5); form = form or rng.choice(["bead", "doughnut", "target", "crescent", "pair"], p=[.32, .32, .12, .14, .1])
    x, y = grid(D * 1.1 + .5, px); a = rng.uniform(0, np.pi); u, v = turn(x, y, a); e = rng.uniform(1, 1.22)
    th = np.arctan2(v, u); R = D / 2 * (1 + sum(rng.normal(0, .025) * np.cos(k * th + rng.uniform(0, 6)) for k in (2, 3, 4)))
    ch = lambda r, ox=0, oy=0: 2 * np.sqrt(np.clip(r * r - ((u - ox) * e) ** 2 - ((v - oy) / e) ** 2, 0, None))
    h = ch(R)
    if form == "doughnut": h = h - rng.uniform(.7, 1) * ch(R * rng.uniform(.5, .75))
    if form == "target": h = h - .9 * ch(R * .78) + .9 * ch(R * .38)
    if form == "crescent": h = h - .9 * ch(R * .6, R * .3, R * .1)
    if form == "pair": h = np.maximum(ch(R * .8, -R * .4), ch(R * .62, R * .75))
    return h, form, D


def g_tumoral(rng, px, form=None, top=60):
    D = np.exp(rng.uniform(np.log(15), np.log(top))); form = form or rng.choice(["grapes", "cauliflower", "sediment", "bubbles", "haze"])
    x, y = grid(D * .75, px); a = rng.uniform(0, np.pi); el = rng.uniform(1, 1.8)
    n = int(rng.uniform(7, 20) if form != "cauliflower" else rng.uniform(25, 55))
    h = np.zeros_like(x); hi = np.zeros_like(x); near = np.full(x.shape, 1e9, F); sec = near.copy()
    rr = D * (.17 if n < 25 else .12)
    for _ in range(n):
        t = rng.uniform(0, 2 * np.pi); q = np.sqrt(rng.uniform(0, 1)) * (D / 2 - rr * .8)
        cx, cy = turn(q * np.cos(t), q * np.sin(t) / el, a); r = rr * rng.uniform(.55, 1.4); cz = rng.uniform(-.5, .5) * D * .35
        d2 = (x - cx) ** 2 + (y - cy) ** 2
        c = 2 * np.sqrt(np.clip(r * r - d2, 0, None))
        h = np.maximum(h, c) + .25 * np.minimum(h, c)
        if form == "bubbles": hi = np.maximum(hi, 2 * np.sqrt(np.clip((r * .82) ** 2 - d2, 0, None)))
        if form == "sediment":
            lv = np.clip((y - cy - r * rng.uniform(-.4, .4)) / .5, -1, 1); hi = np.maximum(hi, c * (.42 - .42 * lv))
        e = np.sqrt(d2) - r; sec = np.where(e < near, near, np.minimum(sec, e)); near = np.minimum(near, e)
    if form in ("bubbles", "sediment"): h = np.clip(h - .9 * hi, 0, None)
    if form in ("grapes", "cauliflower"): h *= 1 - rng.uniform(.35, .7) * np.exp(-((sec - near) / rng.uniform(.6, 1.2)) ** 2)  # chicken-wire septa
    if form == "haze": h = ndi.gaussian_filter(h, D * .03 / px) * np.clip(.7 + .35 * fractal(rng, h.shape, px, 1.8, 2.5, D * .5), .15, 2)
    else: h = ndi.gaussian_filter(h, rng.uniform(.15, .5) / px)
    return np.minimum(h, D * .5), form, D


def g_tend(rng, px, angle, form=None):
    L = np.clip(rng.lognormal(np.log(12), .4), 5, 25); W = np.clip(L * rng.uniform(.22, .5), 2, 9); form = form or rng.choice(["crescent", "nugget", "broken", "vapour", "streak"])
    if form == "nugget": W = L * rng.uniform(.5, .75)
    if form == "streak": W = rng.uniform(1.4, 2.4)
    x, y = grid(L * .75, px); u, v = turn(x, y, angle)
    v = v + rng.uniform(.1, .5) * (u * u / L - L / 12) * (form in ("crescent", "streak", "broken"))
    nz = fractal(rng, x.shape, px, 1.6, 1.2, 10); q = (2 * u / L) ** 2 + (2 * v / W) ** 2 + .18 * nz
    h = W * np.sqrt(np.clip(1 - q, 0, None))
    if form == "broken":
        k = rng.uniform(0, 6); h = h * (np.sin(u / L * rng.uniform(11, 18) + k + .6 * nz) > -.45)
        h = ndi.gaussian_filter(h, .25 / px)
    if form == "vapour": h = ndi.gaussian_filter(W * np.exp(-1.5 * q), .4 / px) * np.clip(.6 + .5 * fractal(rng, x.shape, px, 1.4, .8, 8), 0, 2) * (q < 2.2)
    return h, form, L


def g_oss(rng, px, angle, form=None):
    form = form or rng.choice(["egg", "bar", "islet", "eggshell", "antler"])
    L = np.exp(rng.uniform(np.log(14), np.log(50))); W = L * rng.uniform(.45, .8)
    if form == "bar": W = max(5, L * rng.uniform(.18, .32))
    if form == "islet": L = rng.uniform(10, 16); W = L * rng.uniform(.55, .9)
    x, y = grid(L * .72, px); u, v = turn(x, y, angle)
    nz = fractal(rng, x.shape, px, 1.8, L * .12, L * .7)
    if form == "antler":
        d = np.full(x.shape, 1e9, F); p = np.array([-L * .45, 0.]); a = 0.
        for k in range(rng.integers(3, 6)):
            a = rng.normal(0, .6); q = p + L * rng.uniform(.25, .4) * np.array([np.cos(a), np.sin(a)])
            w = u - p[0], v - p[1]; e = q - p; t = np.clip((w[0] * e[0] + w[1] * e[1]) / (e @ e), 0, 1)
            d = np.minimum(d, np.hypot(w[0] - t * e[0], w[1] - t * e[1]) - L * rng.uniform(.05, .1) * (1 - .3 * t))
            p = q if rng.random() < .65 else p + .6 * e
            p = np.clip(p, -L * .42, L * .42)
        sd = -d - .02 * L * nz + .01 * L; H = L * .1
    else:
        rho = np.sqrt((2 * u / L) ** 2 + (2 * v / W) ** 2) + .09 * nz
        sd = (1 - rho) * W / 2; H = W / 2
    wall = rng.uniform(.8, 2.2); wall = min(wall, H * .35)
    f = lambda s, T: 2 * T * np.sqrt(np.clip(1 - (1 - np.clip(s / H, 0, 1)) ** 2, 0, 1))
    o = f(sd, H); i = f(sd - wall, H - wall); i = np.minimum(i, o)
    tr = fractal(rng, x.shape, px, .9, .5, 5, rng.uniform(1, 2.5), angle)
    m = rng.uniform(.10, .22) * (0.15 if form == "eggshell" else 1)
    h = (o - i) * np.clip(1 + .18 * nz, .2, 2) + i * np.clip(m * (1 + .55 * tr), 0, 1)
    if form == "eggshell": h = ndi.gaussian_filter(h * np.clip(.8 + .6 * fractal(rng, x.shape, px, 1.5, 1.5, 12), 0.05, 2), .4 / px)
    return h, form, L


def g_calc(rng, px, angle, form=None):
    form = form or rng.choice(["cloud", "sand", "lump", "sheet", "popcorn"])
    L = np.exp(rng.uniform(np.log(3 if form == "lump" else 6), np.log(12 if form == "lump" else 25)))
    if form == "lump": L = max(2.5, L)
    W = L * rng.uniform(.4, 1)
    x, y = grid(L * .75, px); u, v = turn(x, y, angle + rng.normal(0, .4))
    q = (2 * u / L) ** 2 + (2 * v / W) ** 2
    if form == "cloud":
        h = np.clip(np.exp(-1.2 * q) * 1.2 + .35 * fractal(rng, x.shape, px, 1.6, 1, L) * np.exp(-.8 * q) - .2, 0, None) * W * .5
    elif form == "sand":
        h = np.zeros_like(x)
        for _ in range(rng.integers(8, 40)):
            t, r = rng.uniform(0, 2 * np.pi), np.sqrt(rng.uniform(0, 1)) * .48; cu, cv = L * r * np.cos(t), W * r * np.sin(t); s = rng.uniform(.25, .8)
            h += 2 * np.sqrt(np.clip(s * s * rng.uniform(.7, 1.4) - (u - cu) ** 2 - (v - cv) ** 2, 0, None))
    elif form == "lump":
        nz = fractal(rng, x.shape, px, 1.5, L * .12, L * .6); h = W * np.sqrt(np.clip(1 - q - .28 * nz, 0, None)) * np.clip(1 + .25 * fractal(rng, x.shape, px, 1, .5, 4), .3, 2)
    elif form == "sheet":
        W = rng.uniform(1, 2.6); b = rng.normal(0, .25); vv = v - b * u * u / L - .8 * np.sin(u * rng.uniform(.2, .5) + rng.uniform(0, 6))
        w = W / 2 * (.6 + .5 * np.abs(np.sin(u * rng.uniform(.3, .9) + rng.uniform(0, 6)))) * np.clip(1 - (2 * u / L) ** 4, 0, 1)
        h = rng.uniform(2, 4) * 2 * np.sqrt(np.clip(w * w - vv * vv, 0, None)) * np.clip(.8 + .5 * fractal(rng, x.shape, px, 1.2, .6, 4), .03, 2)
    else:
        h = np.zeros_like(x)
        for _ in range(rng.integers(5, 16)):
            t, r = rng.uniform(0, 2 * np.pi), np.sqrt(rng.uniform(0, 1)) * .42; cu, cv = L * r * np.cos(t), W * r * np.sin(t); s = L * rng.uniform(.06, .15)
            h = np.maximum(h, 2 * np.sqrt(np.clip(s * s - (u - cu) ** 2 - (v - cv) ** 2, 0, None)))
        h = ndi.gaussian_filter(h * np.clip(.8 + .45 * fractal(rng, x.shape, px, 1.2, .5, 3), .1, 2), .2 / px)
    return np.maximum(h, 0), form, L


# ------------------------------------------------------------------------------------------------ sites
JOINTS = {"pelvis": [(132, 10), (-132, 10), (150, -25), (-150, -25), (120, 75), (-120, 75)], "hip": [(145, 0), (150, -25), (118, 75), (60, 40)], "knee": [(36, 425), (128, 430), (84, 370), (60, 470)],
          "shoulder": [(20, -30), (40, 10), (-15, 35), (28, 30)], "elbow": [(-14, 300), (58, 310), (14, 265), (54, 345)], "hand": [(60, 640), (10, 620), (40, 570), (0, 690), (5, 560)], "thigh": [(36, 425)]}
TENDON = {"shoulder": [((16, -24), .5), ((22, -16), .9), ((8, -29), .2), ((26, -6), 1.2)], "hip": [((152, -22), 1.2), ((158, 5), 1.5), ((128, 92), 1.4)], "pelvis": [((152, -22), 1.2), ((-152, -22), -1.2), ((128, 92), 1.4), ((-128, 92), -1.4)],
          "elbow": [((56, 296), 1.4), ((-14, 292), 1.7), ((18, 268), 1.5)]}


def muscle_site(c):
    rng = c.rng; s = c.scene
    if s == "thigh" or s == "knee": p = (84 + rng.normal(0, 38), rng.uniform(40, 425) if s == "thigh" else rng.uniform(300, 560))
    elif s == "lower_leg": p = (80 + rng.normal(0, 32), rng.uniform(450, 770))
    elif s in ("pelvis", "hip"): p = (rng.choice([1, -1] if s == "pelvis" else [1]) * rng.uniform(85, 185), rng.uniform(-110, 190))
    elif s == "shoulder": p = (rng.uniform(-20, 48), rng.uniform(0, 150)) if rng.random() < .7 else (rng.uniform(-110, 0), rng.uniform(-70, 60))
    elif s == "elbow": p = (22 + rng.normal(0, 22), rng.uniform(215, 400))
    elif s == "forearm": p = (24 + rng.normal(0, 22), rng.uniform(335, 520))
    else:
        R = rays(c); k = rng.integers(0, 5); seg = R[k][rng.integers(0, len(R[k]))]; t = rng.uniform(0, 1.1); q = seg[0] * (1 - t) + seg[1] * t
        p = (q[0] + rng.normal(0, 7), q[1] + rng.normal(0, 4))
    return p


def site(c, label):
    rng = c.rng; s = c.scene
    if label == "phlebolith" and s in ("pelvis", "hip") and rng.random() < .88:
        sx = rng.choice([1, -1]) if s == "pelvis" else 1
        return (sx * abs(rng.normal(42, 13)), rng.normal(12, 17)), 0
    if label == "tumoral_calcinosis" and s in JOINTS:
        p = JOINTS[s][rng.integers(len(JOINTS[s]))]; return (p[0] + rng.normal(0, 7), p[1] + rng.normal(0, 9)), 0
    if label == "calcific_tendinitis" and s in TENDON:
        p, a = TENDON[s][rng.integers(len(TENDON[s]))]; return (p[0] + rng.normal(0, 2.5), p[1] + rng.normal(0, 2.5)), a + rng.normal(0, .2)
    return muscle_site(c), np.pi / 2 + rng.normal(0, .3)


def place(c, label, n_want, rng):
    """Return a list of (row0, col0, thickness patch mm of pure HA, form, label)."""
    out = []
    def ok(p, off_bone=.8):
        r, q = c.pix(p); r, q = int(r), int(q); m = int(4 / c.px)
        if not (m < r < c.rows - m and m < q < c.cols - m) or not c.openfield[r, q]: return False
        if c.body[r, q] < (7 if c.scene == "hand" else 14): return False
        if c.out[r, q] > 1 and rng.random() < off_bone: return False
        return True
    dens = lambda lo, hi: np.exp(rng.uniform(np.log(lo), np.log(hi)))
    boost = 1.45 if c.scene in ('pelvis', 'hip', 'shoulder') else .8 if c.scene == 'hand' else 1.0   # older, denser deposits where the body is thick
    def put(p, h, form):
        r, q = c.pix(p); n = h.shape[0] // 2
        if c.mirror < 0: h = h[:, ::-1]
        out.append((int(r) - n, int(q) - n, h.astype(F), str(form), label))
    ang = lambda a: a - c.angle * -1  # atlas angle -> patch angle (mirror handled by flipping)
    if label == "rice_grain":
        n = int(np.exp(rng.uniform(np.log(5), np.log(40)))); tilt = rng.normal(0, .12) + (rng.choice([.5, -.5, 0]) if c.scene in ("pelvis", "hip", "shoulder") else 0)
        base = min(dens(.18, .9) * boost, .95); fm = rng.choice(["spindle", "cored", "crumbly", "waisted", "sliver", None], p=[.2, .15, .1, .1, .1, .35]); spread = rng.uniform(.06, .25); L0 = rng.uniform(6, 11)
        cen = None
        if rng.random() < .35:
            for _ in range(50):
                cen = muscle_site(c)
                if ok(cen, .9): break
        tries = 0
        while len(out) < n and tries < 60 * n:
            tries += 1
            p = muscle_site(c) if cen is None else (cen[0] + rng.normal(0, 18), cen[1] + rng.normal(0, 42))
            if not ok(p, .75): continue
            h, f, L = g_rice(rng, c.px / c.size, ang(np.pi / 2 + tilt + rng.normal(0, spread)), fm, np.clip(L0 * np.exp(rng.normal(0, .22)), 4, 15))
            put(p, h * base * np.exp(rng.normal(0, .3)), f)
        return out
    k = {"phlebolith": rng.integers(1, 7), "tumoral_calcinosis": rng.choice([1, 1, 1, 2]), "calcific_tendinitis": rng.choice([1, 1, 1, 2]), "ossification": rng.choice([1, 1, 2, 3]), "calcification": rng.choice([1, 2, 3, 5])}[label]
    base = {"phlebolith": lambda: dens(.22, .95), "tumoral_calcinosis": lambda: dens(.035, .4), "calcific_tendinitis": lambda: dens(.12, .8), "ossification": lambda: dens(.18, .7), "calcification": lambda: dens(.12, .85)}[label]()
    base = min(base * boost, .95)
    tries = 0
    while len(out) < k and tries < 200:
        tries += 1
        p, a = site(c, label)
        if not ok(p, {"calcific_tendinitis": .3, "tumoral_calcinosis": .2, "phlebolith": .3}.get(label, .9)): continue
        a = ang(a); px = c.px / c.size
        h, f, L = {"phlebolith": lambda: g_phleb(rng, px), "tumoral_calcinosis": lambda: g_tumoral(rng, px, top=28 if c.scene == "hand" else 60), "calcific_tendinitis": lambda: g_tend(rng, px, a), "ossification": lambda: g_oss(rng, px, a), "calcification": lambda: g_calc(rng, px, a)}[label]()
        r, q = c.pix(p)
        if any(abs(r - (o[0] + o[2].shape[0] / 2)) < (h.shape[0] + o[2].shape[0]) * .42 and abs(q - (o[1] + o[2].shape[1] / 2)) < (h.shape[1] + o[2].shape[1]) * .42 for o in out): continue
        put(p, h * base * np.exp(rng.normal(0, .35)), f)
    return out


# ------------------------------------------------------------------------------------------------ distractors
def stamp_text(c, text, mm, thick, where, angle=0):
    try: f = ImageFont.truetype("/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf", max(8, int(mm / c.px)))
    except OSError:
        f = ImageFont.load_default(size=max(8, int(mm / c.px)))
    w = int(f.getlength(text)) + 8; h = int(mm / c.px * 1.4) + 8
    im = Image.new("L", (w, h)); ImageDraw.Draw(im).text((4, 2), text, fill=255, font=f)
    a = np.asarray(im.rotate(angle, expand=True, resample=Image.BILINEAR), F) / 255 * thick
    r, q = where; r1, q1 = min(c.rows, r + a.shape[0]), min(c.cols, q + a.shape[1])
    if r < 0 or q < 0 or r1 <= r or q1 <= q: return
    c.metal[r:r1, q:q1] += a[:r1 - r, :q1 - q]
    c.distract.append(("marker", r, q, r1, q1))


def distractors(c, rng):
    side = "L" if c.left else "R"
    c.marker = None
    if rng.random() < .85:
        t = side + rng.choice(["", "", "", " 3", " AP", "\u2022"]); m = int(rng.uniform(8, 22) / c.px); mm = rng.uniform(8, 16)
        r = rng.choice([m, c.rows - m - int(mm * 1.5 / c.px)]); q = rng.choice([m, c.cols - m - int(mm * 2 / c.px)])
        stamp_text(c, t, mm, rng.uniform(.4, 2), (int(r), int(q)), rng.choice([0, 0, rng.uniform(-20, 20)])); c.marker = side
    if rng.random() < .25:
        stamp_text(c, rng.choice(["14:32", "AP 66", "SUPINE", "KM", "ERECT"]), rng.uniform(4, 6), .5, (int(rng.uniform(.02, .9) * c.rows), int(rng.choice([.03, .8]) * c.cols)))
    def rod(p, q, r, thread=0, kind="screw"):
        s = c.tube(p, q, [(0, -r, r, 0), (np.hypot(*(np.subtract(q, p))), -r, r, 0)], 1, r * .6, r * .6)
        if s is None or s[1].size == 0: return
        v = s[1]
        if thread:
            X, Y = c.xy(s[0]); d = np.subtract(q, p) / np.hypot(*np.subtract(q, p)); a = (X - p[0]) * d[0] + (Y - p[1]) * d[1]; v = v * (.8 + .2 * np.sign(np.sin(a * 2 * np.pi / thread)))
        c.metal[s[0]] = np.maximum(c.metal[s[0]], v); yy, xx = np.nonzero(v > .1)
        if len(yy): c.distract.append((kind, s[0][0].start + yy.min(), s[0][1].start + xx.min(), s[0][0].start + yy.max() + 1, s[0][1].start + xx.max() + 1))
    c.sg = 1; kind = None
    u = rng.random()
    if u < .24:
        ax = {"thigh": ((128, 100), (96, 380)), "lower_leg": ((82, 500), (77, 740)), "forearm": ((41, 370), (40, 520)), "shoulder": ((14, 40), (18, 190)), "elbow": ((16, 200), (20, 270)), "knee": ((82, 455), (80, 540)), "hip": ((132, 60), (120, 170)), "pelvis": ((132, 60), (120, 170))}.get(c.scene)
        kind = rng.choice(["plate", "nail", "wires", "screws", "prosthesis"])
        if ax:
            p, q = np.array(ax[0], float), np.array(ax[1], float); d = (q - p) / np.hypot(*(q - p)); nrm = np.array([d[1], -d[0]])
            if kind == "plate":
                o = nrm * rng.uniform(8, 13); rod(p + o, q + o, rng.uniform(1.5, 3), 0, "plate")
                for t in np.linspace(.08, .92, rng.integers(3, 8)): b = p + (q - p) * t + o; rod(b, b - nrm * rng.uniform(20, 28), 1.6, 1.3)
            elif kind == "nail": rod(p - d * 30, q, rng.uniform(3.5, 5), 0, "nail")
            elif kind == "screws":
                for t in rng.uniform(0, 1, 2): b = p + (q - p) * t; a = rng.normal(0, .4); v = nrm * np.cos(a) + d * np.sin(a); rod(b - v * 18, b + v * 18, rng.uniform(1.2, 2.8), 1.6)
            elif kind == "prosthesis" and c.scene in ("hip", "pelvis"):
                b = c.ball((90, 0), 16, 16, 0); 
                if b: c.metal[b[0]] = np.maximum(c.metal[b[0]], b[1] * .7)
                rod((94, 4), (130, 30), 6, 0, "prosthesis"); rod((132, 20), (121, 150), 6.5, 0, "prosthesis")
            else:
                for t in np.linspace(.3, .6, 2):
                    b = p + (q - p) * t; rod(b - nrm * 16 - d * 2, b + nrm * 16 + d * 2, .6, 0, "wire")
    if rng.random() < .12:   # surgical clips
        for _ in range(rng.integers(2, 7)):
            p = np.array(muscle_site(c)); a = rng.uniform(0, np.pi); v = np.array([np.cos(a), np.sin(a)]) * rng.uniform(2, 3.5); rod(p - v, p + v, .55, 0, "clip")
    if rng.random() < .08:
        p = np.array(muscle_site(c)); b = c.ball(p, 6, 6, 0, 0, .8)
        if b is not None and b[1].size:
            c.metal[b[0]] = np.maximum(c.metal[b[0]], b[1]); c.distract.append(("button", b[0][0].start, b[0][1].start, b[0][0].stop, b[0][1].stop))
    c.vessel = False
    if rng.random() < .15 and c.scene not in ("hand",):   # calcified artery: two thin broken walls
        x = {"thigh": 62, "lower_leg": 92, "knee": 80, "forearm": 44, "elbow": 10, "shoulder": -20, "hip": 78, "pelvis": 78}[c.scene]
        y0, y1 = {"thigh": (60, 400), "lower_leg": (460, 780), "knee": (330, 540), "forearm": (340, 540), "elbow": (230, 380), "shoulder": (30, 180), "hip": (-40, 200), "pelvis": (-60, 150)}[c.scene]
        ys = np.linspace(y0, y1, 6); xs = x + np.cumsum(rng.normal(0, 5, 6)); w = rng.uniform(1.5, 3.5); k = dens = np.exp(rng.uniform(np.log(.03), np.log(.25)))
        for sx in (-1, 1):
            q = c.curve(np.c_[xs + sx * w, ys], .5, soft=True, g=.3)
            if q is not None and q[1].size:
                br = np.clip(.4 + .9 * fractal(rng, q[1].shape, c.px, 1.3, 1.5, 15), 0, 2); c.vasc[q[0]] += q[1] * br * k * 6
        c.vessel = True
    return kind


# ------------------------------------------------------------------------------------------------ physics
def primary(c, wts, ha):
    """Beer-Lambert over three energies."""
    lean = np.clip(c.lean, 0, None); fat = np.clip(c.fat, 0, None); bone = np.clip(c.cort + c.trab, 0, None)
    P = np.zeros_like(lean)
    for k, w in enumerate(wts.astype(F)):
        P += w * np.exp(-(lean * LIN["lean"][k] + fat * LIN["fat"][k] + bone * LIN["bone"][k] + (ha + c.vasc) * (LIN["ha"][k] - LIN["lean"][k]) + c.metal * LIN["metal"][k]))
    return P


def display(log, c, rng, body):
    """-log signal -> 0..1 (bright = dense).  Six chains."""
    px = c.px; look = str(rng.choice(["plain_log", "s_curve", "edge_boost", "pyramid", "equalised", "gamma"]))
    z = log.copy()
    lo, hi = np.percentile(z[::6, ::6][body[::6, ::6]], [rng.uniform(4, 18) if c.scene in ('pelvis', 'hip', 'shoulder') else rng.uniform(1, 8), rng.uniform(99, 99.8)]) if body.any() else np.percentile(z, [5, 95])
    air = np.percentile(z, 1); lo = max(air, lo - rng.uniform(.05, .35) * (hi - lo)); span = hi - lo
    info = {"look": look}
    if look == "edge_boost":
        for s in (rng.uniform(.4, 1), rng.uniform(2, 5)):
            k = rng.uniform(.3, 1.2); z = z + k * (z - ndi.gaussian_filter(z, s / px)) ; info["unsharp"] = k
    if look == "pyramid":   # compress the coarse band, boost the fine ones
        g = z; bands = []
        for s in (.35, 1.4, 6): b = ndi.gaussian_filter(g, s / px) if s < 3 else ndi.zoom(ndi.gaussian_filter(g[::8, ::8], s / px / 8), 8, order=1)[:g.shape[0], :g.shape[1]]; b = b if b.shape == g.shape else np.pad(b, [(0, g.shape[0] - b.shape[0]), (0, g.shape[1] - b.shape[1])], mode="edge"); bands.append(g - b); g = b
        a = rng.uniform(.5, .85); m = np.median(g[::8, ::8][body[::8, ::8]]) if body.any() else g.mean()
        z = m + a * (g - m)
        for b, k in zip(bands, (rng.uniform(.9, 1.4), rng.uniform(1.1, 1.7), rng.uniform(1, 1.5))):
            lim = .25 * span; z = z + k * lim * np.tanh(b / lim)
        lo, hi = np.percentile(z[::6, ::6][body[::6, ::6]], [1, 99.3]) if body.any() else (lo, hi); lo -= .15 * (hi - lo); span = hi - lo
    if look == "equalised":
        s = rng.uniform(25, 45); q = z[::16, ::16]; mu = ndi.gaussian_filter(q, s / px / 16)
        mu = ndi.zoom(mu, 16, order=1)[:z.shape[0], :z.shape[1]]; mu = np.pad(mu, [(0, z.shape[0] - mu.shape[0]), (0, z.shape[1] - mu.shape[1])], mode="edge")
        z = z - rng.uniform(.25, .5) * (mu - mu.mean()); lo, hi = np.percentile(z[::6, ::6][body[::6, ::6]], [1, 99.2]) if body.any() else (lo, hi); lo -= .2 * (hi - lo); span = hi - lo
    t = (z - lo) / span
    if look in ("s_curve", "edge_boost", "pyramid"):
        k = rng.uniform(2.5, 5.5); m = rng.uniform(.4, .6); t = 1 / (1 + np.exp(-k * (t - m))); a, b = 1 / (1 + np.exp(k * m)), 1 / (1 + np.exp(-k * (1.1 - m))); t = (t - a * .9) / (b - a * .9) * .95
    elif look == "gamma":
        t = np.clip(t, 0, None) ** rng.uniform(.65, 1.5) * .9
    else: t = t * .85 + .03
    return np.clip(t, 0, 1.2), info


def rle(mask):
    r = coco.encode(np.asfortranarray(mask.astype(np.uint8))); return {"counts": r["counts"].decode(), "size": [int(v) for v in r["size"]]}


# ------------------------------------------------------------------------------------------------ one film
def window(rng, scene):
    j = lambda a: rng.uniform(-a, a)
    return {"thigh": (88 + j(20), rng.choice([140, 215, 260]) + j(30)), "lower_leg": (84 + j(12), rng.choice([590, 640, 560]) + j(30)), "forearm": (28 + j(8), 425 + j(25)), "pelvis": (j(10), -25 + j(20)), "shoulder": (-38 + j(18), 32 + j(18)),
            "hip": (112 + j(14), 40 + j(25)), "knee": (84 + j(10), 432 + j(20)), "elbow": (22 + j(8), 308 + j(12)), "hand": (36 + j(6), 640 + j(10))}[scene]


def film(rng, scene, labels, name, out, index):
    fw, fh, fs = FIELD[scene]; px = round(float(rng.uniform(*fs)), 4); field = [rng.uniform(*fw), rng.uniform(*fh)]
    for k in (0, 1):
        field[k] = np.clip(field[k], 1500 * px if k else 1400 * px, 2800 * px)
    size = rng.uniform(.9, 1.12); size *= {"hand": .98}.get(scene, 1)
    left = rng.random() < .5; mirror = 1 if left or scene == "pelvis" else -1
    angle = rng.normal(0, .05 if scene in ("pelvis", "shoulder", "hip") else .12)
    c = Canvas(rng, scene, window(rng, scene), field, px, angle, size, mirror); c.left = left
    c.vasc = np.zeros_like(c.lean); c.distract = []
    (lower if scene in ("thigh", "lower_leg", "pelvis", "hip", "knee") else upper)(c)
    c.sg = 1
    np.clip(c.lean, 0, None, out=c.lean); np.clip(c.fat, 0, None, out=c.fat)
    # collimation
    c.openfield = np.ones(c.lean.shape, bool); shutter = None
    if rng.random() < .5:
        r, q = np.mgrid[0:c.rows:1, 0:c.cols:1].astype(F); a = rng.normal(0, .02); 
        u = (q - c.cols / 2) * np.cos(a) + (r - c.rows / 2) * np.sin(a); v = -(q - c.cols / 2) * np.sin(a) + (r - c.rows / 2) * np.cos(a)
        m = [rng.uniform(.0, .09) for _ in range(4)]
        c.openfield = (u > -(.5 - m[0]) * c.cols) & (u < (.5 - m[1]) * c.cols) & (v > -(.5 - m[2]) * c.rows) & (v < (.5 - m[3]) * c.rows); shutter = rng.choice(["white", "black", "white"])
    metal = distractors(c, rng)
    foci = []
    for lb in labels: foci += place(c, lb, 0, rng)
    full = np.zeros_like(c.lean); kept = []
    for r, q, h, f, lb in foci:
        r1, q1 = r + h.shape[0], q + h.shape[1]; a, b = max(0, r), max(0, q); e, g = min(c.rows, r1), min(c.cols, q1)
        if e <= a or g <= b: continue
        hh = h[a - r:e - r, b - q:g - q] * np.clip((c.body[a:e, b:g] - 2) / 4, 0, 1); full[a:e, b:g] += hh; kept.append((np.s_[a:e, b:g], hh, f, lb, (a > r or b > q or e < r1 or g < q1)))
    kv = rng.uniform(0, 1) if scene in ("pelvis", "hip", "shoulder", "thigh") else rng.uniform(0, .5)
    wts = np.array([.42 - .25 * kv, .42 + .03 * kv, .16 + .22 * kv])
    P = primary(c, wts, full); P0 = primary(c, wts, np.zeros_like(full))
    openb = ndi.gaussian_filter(c.openfield.astype(F), rng.uniform(.4, 1.2) / px) * .998 + .002 if shutter else np.ones_like(P)
    heel = 1 + rng.normal(0, .05) * np.linspace(-1, 1, c.rows, dtype=F)[:, None] + rng.normal(0, .03) * np.linspace(-1, 1, c.cols, dtype=F)[None]
    P *= openb * heel; P0 *= openb * heel
    # scatter: a wide blur of the primary, scaled by body thickness
    k = 16; th = ndi.gaussian_filter(c.body[::k, ::k], 20 / px / k); grid_used = scene in ("pelvis", "hip", "shoulder") and rng.random() < .85
    spr = np.clip(th / 200, 0, 1.2) * rng.uniform(.6, 1.5) * (.35 if grid_used else 1.0)
    S = ndi.gaussian_filter(P0[::k, ::k] * spr, rng.uniform(15, 30) / px / k) + .15 * ndi.gaussian_filter(P0[::k, ::k] * spr * .5, 60 / px / k)
    S = ndi.zoom(S, k, order=1); S = np.pad(S, [(0, max(0, c.rows - S.shape[0])), (0, max(0, c.cols - S.shape[1]))], mode="edge")[:c.rows, :c.cols]
    bl = rng.uniform(.07, .22); sig = bl / px
    I = ndi.gaussian_filter(P + S, sig); I0 = ndi.gaussian_filter(P0 + S, sig)
    bodyfree = (c.body > 10) & c.openfield & (c.metal < .05)
    med = np.median(I0[::5, ::5][bodyfree[::5, ::5]]) if bodyfree.any() else I0.mean()
    N = np.exp(rng.uniform(np.log(700), np.log(9000))) * (px / .15) ** 2 / med   # photons per pixel in the open beam
    ns = rng.uniform(.35, .75); kern = ndi.gaussian_filter(np.pad(np.ones((1, 1)), 6), ns); fac = np.sqrt((kern ** 2).sum())
    el = rng.uniform(2, 6)
    sd = np.sqrt(I * N + el * el) / N * fac
    noise = ndi.gaussian_filter(rng.standard_normal(I.shape, dtype=F), ns) / fac
    In = np.maximum(I + noise * sd, .3 / N)
    log = -np.log(In); clean = -np.log(np.maximum(I, .3 / N)); sdlog = sd / np.maximum(I, .3 / N)
    # truth
    truths = []; allmask = np.zeros(I.shape, bool)
    G = {}
    total = clean + np.log(np.maximum(I0, .3 / N))   # contrast of all foci together
    pend = []
    for s, hh, f, lb, cut in kept:
        pad = int(8 / px); a, b, e, g = max(0, s[0].start - pad), max(0, s[1].start - pad), min(c.rows, s[0].stop + pad), min(c.cols, s[1].stop + pad)
        t = np.s_[a:e, b:g]; alone = np.zeros((e - a, g - b), F); alone[s[0].start - a:s[0].stop - a, s[1].start - b:s[1].stop - b] = hh
        # own contrast: share of the local primary
        Pr = np.zeros_like(alone)
        base = [w * np.exp(-(c.lean[t] * LIN["lean"][k] + c.fat[t] * LIN["fat"][k] + (c.cort[t] + c.trab[t]) * LIN["bone"][k] + c.metal[t] * LIN["metal"][k] + c.vasc[t] * (LIN["ha"][k] - LIN["lean"][k]))) for k, w in enumerate(wts)]
        for k, bs in enumerate(base): Pr += bs * (1 - np.exp(-alone * (LIN["ha"][k] - LIN["lean"][k])))
        con = -np.log(np.clip(1 - ndi.gaussian_filter(Pr * (openb * heel)[t], sig) / np.maximum(I0[t], 1e-9), .02, None))
        nz = float(np.median(sdlog[t])); top = np.percentile(con[con > .02 * con.max()], 98) if con.max() > 1e-5 else 0
        if top <= 0: continue
        rad = float(np.clip(.4 * np.sqrt((alone > .05 * alone.max()).sum() / np.pi) * px, .5, 3)); st = max(1, int(.25 / px)); small = con[::st, ::st]
        n = max(1, int(rad / px / st)); yy, xx = np.mgrid[-n:n + 1, -n:n + 1]
        loc = ndi.grey_dilation(small, footprint=xx * xx + yy * yy <= n * n); loc = ndi.zoom(loc, st, order=1); loc = np.pad(loc, [(0, max(0, con.shape[0] - loc.shape[0])), (0, max(0, con.shape[1] - loc.shape[1]))], mode="edge")[:con.shape[0], :con.shape[1]]
        m = (con > .5 * loc) & (con > .15 * top) & (con > .25 * nz)
        if f in ("sand", "popcorn", "cloud", "broken", "haze", "vapour"):
            q = max(1, int(1.0 / px)); m = ndi.binary_closing(np.pad(m, q), iterations=1, structure=np.hypot(*np.mgrid[-q:q + 1, -q:q + 1]) <= q)[q:-q, q:-q]
        if f in ("bubbles", "eggshell", "grapes", "sediment", "cauliflower", "egg"):
            q = max(1, int(.6 / px)); m = ndi.binary_closing(np.pad(m, q), structure=np.hypot(*np.mgrid[-q:q + 1, -q:q + 1]) <= q)[q:-q, q:-q]
        m = ndi.binary_fill_holes(m)
        if m.sum() < 6: continue
        pend.append((t, m, con, nz, f, lb, cut)); allmask[t] |= m
    for t, m, con, nz, f, lb, cut in pend:
        d = ndi.distance_transform_edt(~m) * px; ring = (d > 1) & (d <= 6) & ~allmask[t] & c.openfield[t]
        if ring.sum() < 30: ring = (d > 1) & (d <= 8) & ~m
        y, x = np.nonzero(ring); z = log[t][ring]; A = np.c_[x, y, np.ones(len(x))]; rs = float((z - A @ np.linalg.lstsq(A, z, rcond=None)[0]).std()) if len(x) > 10 else 1e9
        mean = float(con[m].mean()); nz = float(sdlog[t][m | ring].mean()); cnr, cn = mean / max(rs, 1e-9), mean / nz
        yy, xx = np.nonzero(m); M = np.zeros(I.shape, np.uint8, order="F"); M[t][m] = 1
        inside = c.openfield[t][m].mean(); r0, q0 = t[0].start + yy.min(), t[1].start + xx.min(); r1, q1 = t[0].start + yy.max() + 1, t[1].start + xx.max() + 1
        edge = cut or inside < .9 or r0 <= 0 or q0 <= 0 or r1 >= c.rows or q1 >= c.cols
        vis = "ignore" if cnr < .4 or cn < 1 or edge else "clear" if cnr >= 1 and cn >= 3 else "visible"
        truths.append({"focus": len(truths) + 1, "label": lb, "form": f, "area_px": int(m.sum()), "area_mm2": float(m.sum() * px * px), "box": {"top": int(r0), "left": int(q0), "bottom": int(r1), "right": int(q1)},
                       "cnr": float(cnr), "cnr_noise": float(cn), "over_bone": float((c.out[t][m] > .5).mean()), "visibility": vis, "segmentation": rle(M)})
    # display
    body = bodyfree
    dsp, info = display(log, c, rng, body)
    if shutter == "black": dsp = np.where(openb > .985, dsp, 0)
    bits = int(rng.choice([12, 12, 14, 13])); top = 2 ** bits - 1
    img = np.clip(dsp * top * .93 + top * rng.uniform(0, .03), 0, top)
    mono1 = rng.random() < .15
    if mono1: img = top - img
    img = img.astype(np.uint16)
    save(os.path.join(out, name), img, c, scene, bits, mono1, rng, index)
    return {"file": name, "rows": c.rows, "columns": c.cols, "spacing_mm": px, "scene": scene, "split": SPLIT, "synthetic": True, "look": info["look"], "foci": truths,
            "distractors": [{"kind": k, "box": {"top": int(a), "left": int(b), "bottom": int(e), "right": int(g)}, "segmentation": None} for k, a, b, e, g in c.distract], "metal": None if metal is None else str(metal), "vessel": bool(c.vessel), "marker": c.marker, "grid": bool(grid_used), "burned_in": False,
            "age_years": float(np.clip(30 + (1.25 - c.age) * 80, 18, 92)), "exposure": {"blur_mm": float(bl), "photons": float(N), "scatter": float(spr.mean()), "heel": [0.0, 0.0]}, "processing": {**info}}, img, mono1


def save(path, img, c, scene, bits, mono1, rng, index):
    m = FileMetaDataset(); m.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1"; m.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[path, str(index), "sop"]); m.TransferSyntaxUID = ExplicitVRLittleEndian
    m.ImplementationClassUID = "1.2.826.0.1.3680043.8.498.1"
    d = FileDataset(path, {}, file_meta=m, preamble=b"\0" * 128)
    d.SOPClassUID = m.MediaStorageSOPClassUID; d.SOPInstanceUID = m.MediaStorageSOPInstanceUID; d.StudyInstanceUID = generate_uid(entropy_srcs=[path, "st"]); d.SeriesInstanceUID = generate_uid(entropy_srcs=[path, "se"])
    d.ImageType = ["ORIGINAL", "PRIMARY", ""]; d.Modality = "DX"; d.Manufacturer = "FOREIGN-SYNTHETIC"; d.PatientName = "FOREIGN^SYNTHETIC %d" % index; d.PatientID = "FOREIGN-%d" % index; d.PatientBirthDate = ""; d.PatientSex = str(rng.choice(["M", "F"]))
    d.StudyDate = d.ContentDate = "20240101"; d.StudyTime = d.ContentTime = "120000"; d.AccessionNumber = ""; d.ReferringPhysicianName = ""; d.StudyID = "1"; d.SeriesNumber = 1; d.InstanceNumber = 1
    d.BodyPartExamined = PART[scene]; d.ViewPosition = "PA" if scene == "hand" else "AP"; d.ImageLaterality = "U" if scene == "pelvis" else ("L" if c.left else "R"); d.PatientOrientation = ["L", "F"]
    d.PresentationIntentType = "FOR PRESENTATION"; d.BurnedInAnnotation = "NO"; d.KVP = str(int(rng.uniform(50, 81))); d.DetectorType = "SCINTILLATOR"; d.StudyDescription = "Synthetic phantom, second generator"
    d.ImagerPixelSpacing = [c.px, c.px]; d.Rows, d.Columns = img.shape; d.SamplesPerPixel = 1; d.PhotometricInterpretation = "MONOCHROME1" if mono1 else "MONOCHROME2"
    d.BitsAllocated = 16; d.BitsStored = bits; d.HighBit = bits - 1; d.PixelRepresentation = 0; d.PixelIntensityRelationship = "LOG"; d.PixelIntensityRelationshipSign = 1 if mono1 else -1
    d.RescaleIntercept = "0"; d.RescaleSlope = "1"; d.RescaleType = "US"; d.PresentationLUTShape = "INVERSE" if mono1 else "IDENTITY"; d.LossyImageCompression = "00"
    top = 2 ** bits; d.WindowCenter = str(top // 2); d.WindowWidth = str(top)
    d.PixelData = img.tobytes(); d["PixelData"].VR = "OW"
    d.save_as(path, enforce_file_format=True)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("out"); ap.add_argument("--seed", type=int, default=1); ap.add_argument("--count", type=int, default=20); ap.add_argument("--normal", type=float, default=.3)
    ap.add_argument("--split", default="test", choices=["train", "validation", "test"], help="what the truth says the images are for")
    ap.add_argument("--scene"); ap.add_argument("--label"); ap.add_argument("--sheet", action="store_true", help="write small PNGs too")
    a = ap.parse_args(); global SPLIT; SPLIT = a.split; os.makedirs(a.out, exist_ok=True)
    plan = np.random.default_rng([a.seed, 99]); kinds = []
    normals = int(round(a.normal * a.count)); n = a.count - normals
    order = [LABELS[k % 6] for k in range(n)] + [None] * normals; plan.shuffle(order)
    used = {l: list(plan.permutation(SCENES[l])) for l in LABELS}; cnt = {l: 0 for l in LABELS}; nk = 0
    norm = list(plan.permutation(ALL)); images = []; t0 = time.time()
    for i, lb in enumerate(order):
        rng = np.random.default_rng([a.seed, i])
        if lb is None: scene = norm[nk % 9]; nk += 1; lbs = []
        else:
            scene = used[lb][cnt[lb] % len(used[lb])]; cnt[lb] += 1; lbs = [lb]
        if a.label: lb = a.label; lbs = [lb]; scene = SCENES[lb][i % len(SCENES[lb])]
        if a.scene: scene = a.scene
        name = "foreign-%d-%06d.dcm" % (a.seed, i)
        rec, img, m1 = film(rng, str(scene), lbs, name, a.out, i); images.append(rec)
        with open(os.path.join(a.out, "truth.json.new"), "w") as f: json.dump({"images": images, "seed": a.seed, "synthetic": True}, f)
        os.replace(os.path.join(a.out, "truth.json.new"), os.path.join(a.out, "truth.json"))   # complete after every image: a stopped run is usable
        if a.sheet:
            im = Image.fromarray(((img if not m1 else img.max() - img).astype(float) / img.max() * 255).astype(np.uint8)); im.thumbnail((700, 700)); im.save(os.path.join(a.out, name[:-4] + ".png"))
    print("%d images, %.2f s per image" % (len(images), (time.time() - t0) / max(1, len(images))))


if __name__ == "__main__":
    main()
