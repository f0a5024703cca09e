"""Mineral deposits as density fields in three dimensions, at a tenth of a millimetre where small.

Each maker returns (field [z, y, x] in units of cortical bone, step in mm). Directions: the deposit's own
long axis is turned to `along`, so that the field already lies in world axes."""
import numpy as np

from .solid import fractal, noise, smin


class Grid:
    """Coordinates in mm about the centre, along the deposit's own axes u (long), v, w."""

    def __init__(self, half, step, along, rng):
        e = np.asarray(along, float)
        e = e / np.linalg.norm(e)
        h = np.cross(e, [0.13, 0.21, 0.97])
        h /= np.linalg.norm(h)
        r = np.stack([e, h, np.cross(e, h)])
        ext = np.abs(r).T @ np.asarray(half, float) + 3 * step
        n = np.ceil(2 * ext / step).astype(int) + 1
        ax = [(np.arange(k) - (k - 1) / 2).astype(np.float32) * np.float32(step) for k in n]
        x, y, z = ax[0][None, None, :], ax[1][None, :, None], ax[2][:, None, None]
        self.u, self.v, self.w = [np.float32(r[i, 0]) * x + np.float32(r[i, 1]) * y + np.float32(r[i, 2]) * z for i in range(3)]
        self.shape, self.step, self.rng = self.u.shape, step, rng
        self.ext = np.array(self.shape) * step

    def noise(self, size, octaves=1):
        """Noise whose bumps are about `size` mm wide."""
        c = np.maximum(self.ext / size, 1.0)
        return noise(self.rng, self.shape, c) if octaves == 1 else fractal(self.rng, self.shape, c, octaves)

    def fill(self, sdf, edge):
        """Occupancy of a distance with an edge so wide."""
        return np.clip(0.5 - sdf / max(edge, self.step), 0, 1)

    def ellipsoid(self, a, b, c, centre=(0, 0, 0)):
        p = [(self.u - centre[0]) / a, (self.v - centre[1]) / b, (self.w - centre[2]) / c]
        q = np.sqrt(p[0] ** 2 + p[1] ** 2 + p[2] ** 2)
        return (q - 1) * np.float32(min(a, b, c))


def step_for(size):
    return float(np.clip(size / 110, 0.1, 0.6))


def rice_grain(rng, along, size=None, form=None, strength=None):
    form = form or str(rng.choice(["cigar", "oat", "hollow", "notched", "broken", "bent", "flake"]))
    length = size or float(np.clip(rng.normal(8.0, 2.3), 3.8, 15))
    width = float(np.clip(length * rng.uniform(0.24, 0.42), 1.7, 4.8))
    g = Grid((length / 2 + 1, width / 2 + 1.5, width / 2 + 1.5), step_for(length), along, rng)
    bend = rng.normal(0, 0.010) + (rng.choice([-1, 1]) * 0.03 if form == "bent" else 0)
    v = g.v - bend * (g.u**2 - length**2 / 12)
    t = np.clip(np.abs(g.u) / (length / 2), 0, 1.3)
    power = {"cigar": 1.3, "oat": 0.9, "flake": 0.8}.get(form, 1.0)
    prof = np.sqrt(np.clip(1 - t**2, 0, 1)) ** power
    if form == "notched":
        prof = prof * (1 - 0.45 * np.exp(-(((g.u - rng.normal(0, 0.8)) / (0.14 * length)) ** 2)))
    skew = 1 + rng.uniform(-0.25, 0.25) * g.u / length * 2
    flat = rng.uniform(0.7, 1.3) if form != "flake" else 2.2
    d = np.sqrt(v**2 + (g.w * flat) ** 2) - width / 2 * prof * skew
    d += rng.uniform(0.08, 0.2) * g.noise(rng.uniform(1.2, 2.2))
    rho = g.fill(d, rng.uniform(0.15, 0.5))
    rho *= np.abs(g.u) < length / 2 + 0.2
    if form == "hollow":
        rho *= 1 - rng.uniform(0.5, 0.9) * g.fill(d + width * rng.uniform(0.18, 0.28), 0.4)
    if form == "broken":
        rho *= np.clip((g.noise(1.5) + 0.9) * 1.6, 0.05, 1)
    rho *= np.clip(1 + 0.12 * g.noise(0.9), 0.3, 2)
    return rho * (strength or float(np.clip(rng.lognormal(0.05, 0.45), 0.15, 1.7))), g.step, form


def phlebolith(rng, along, size=None, form=None, strength=None):
    form = form or str(rng.choice(["solid", "lucent", "lucent", "onion", "offset", "moon", "bean", "ringlet"]))
    dia = size or float(np.clip(rng.lognormal(np.log(3.9), 0.33), 1.9, 11))
    r = dia / 2
    g = Grid((r * 1.8 + 0.5,) * 3, step_for(dia), along, rng)
    d = g.ellipsoid(r * rng.uniform(1.0, 1.18), r * rng.uniform(0.9, 1.0), r * rng.uniform(0.9, 1.1)) + 0.035 * dia * g.noise(0.6 * dia)
    if form == "bean":
        d = smin(d + 0.15 * r, g.ellipsoid(0.7 * r, 0.7 * r, 0.7 * r, (0.75 * r, 0.2 * r, 0)), 0.4 * r)
    rho = g.fill(d, rng.uniform(0.15, 0.4))
    if form in ("lucent", "ringlet"):
        depth = r * (rng.uniform(0.3, 0.6) if form == "lucent" else rng.uniform(0.18, 0.28))
        rho *= 1 - (rng.uniform(0.6, 1.0) if form == "lucent" else rng.uniform(0.85, 1)) * g.fill(d + depth, 0.25 * r)
    elif form == "offset":
        c = rng.normal(0, 1, 3)
        c *= 0.3 * r / np.linalg.norm(c)
        rho *= 1 - rng.uniform(0.7, 1) * g.fill(g.ellipsoid(0.5 * r, 0.45 * r, 0.5 * r, c), 0.2 * r)
    elif form == "onion":
        rho *= 0.55 + 0.45 * np.cos(2 * np.pi * (d / r) * rng.uniform(1.6, 2.6))
    elif form == "moon":
        rho *= 1 - 0.9 * g.fill(g.ellipsoid(0.85 * r, 0.85 * r, 0.85 * r, (0.45 * r, 0.2 * r, 0)), 0.3 * r)
    return rho * (strength or float(np.clip(rng.lognormal(-0.1, 0.42), 0.15, 1.6))), g.step, form


def lobes(g, rng, count, half, r0, r1):
    """Centres and radii of lobules packed inside an ellipsoid."""
    out = []
    for _ in range(60 * count):
        p = rng.uniform(-1, 1, 3)
        if p @ p > 1:
            continue
        r = rng.uniform(r0, r1)
        p = p * (np.array(half) - 0.8 * r)
        if all(np.linalg.norm(p - q) > 0.5 * (r + s) for q, s in out):
            out.append((p, r))
        if len(out) == count:
            break
    return out


def tumoral_calcinosis(rng, along, size=None, form=None, strength=None, thin=0.0):
    form = form or str(rng.choice(["septate", "septate", "cauliflower", "cystic", "cloud", "husk"]))
    length = size or float(np.clip(rng.normal(46, 14), 20, 85)) * (0.5 if thin else 1)
    a, b, c = length / 2, length / 2 * rng.uniform(0.55, 0.85), length / 2 * rng.uniform(0.35, 0.6)
    g = Grid((a + 0.09 * length, b + 0.09 * length, c + 0.09 * length), step_for(length), along, rng)
    warp = [g.noise(0.22 * length) * 0.022 * length for _ in range(3)]
    u, v, w = g.u + warp[0], g.v + warp[1], g.w + warp[2]
    n = int(rng.integers(12, 34))
    body = np.full(g.shape, 99.0, np.float32)
    f1, f2 = body.copy(), body.copy()
    which = np.zeros(g.shape, np.int8)
    for i, (p, r) in enumerate(lobes(g, rng, n, (a, b, c), 0.09 * length, 0.17 * length)):
        d = np.sqrt((u - np.float32(p[0])) ** 2 + (v - np.float32(p[1])) ** 2 + (w - np.float32(p[2])) ** 2) - np.float32(r)
        nearer = d < f1
        f2 = np.where(nearer, f1, np.minimum(f2, d))
        f1 = np.where(nearer, d, f1)
        which[nearer] = i
    septum = np.clip((f2 - f1) / rng.uniform(1.0, 2.2), 0, 1)
    edge = {"cloud": 3.0}.get(form, rng.uniform(0.4, 1.0))
    rho = g.fill(f1, edge)
    level = rng.uniform(0.35, 1.0, 40).astype(np.float32)
    if form == "septate":
        rho *= (0.12 + 0.88 * septum) * (0.65 + 0.35 * level[which])
    elif form == "cauliflower":
        rho *= (0.5 + 0.5 * septum) * (1 + 0.2 * g.noise(2.0))
    elif form == "cystic":
        rho *= np.clip(0.25 + np.exp(-(((f1 + 1.2) / 1.4) ** 2)), 0, 1) * (0.5 + 0.5 * level[which])
        y = np.linspace(-1, 1, g.shape[1])[None, :, None]
        rho *= np.where(y > rng.uniform(-0.1, 0.4), 1.35, 0.75) if rng.random() < 0.5 else 1.0
    elif form == "cloud":
        rho *= np.clip(0.55 + 0.5 * g.noise(4.0, 3), 0, 2) * (0.4 + 0.6 * level[which])
    else:
        rho *= np.exp(-(((f1 + 0.9) / 1.0) ** 2)) + 0.15
    rho *= np.clip(1 + 0.15 * g.noise(1.6), 0.2, 2)
    return rho.astype(np.float32) * (strength or float(np.clip(rng.lognormal(-0.15, 0.45), 0.2, 1.6)) * 35 / length), g.step, form


def calcific_tendinitis(rng, along, size=None, form=None, strength=None, thin=0.0):
    form = form or str(rng.choice(["dense", "dense", "segmented", "segmented", "cloudy", "resorbing", "streak", "speckle"]))
    length = size or float(np.clip(rng.lognormal(np.log(12), 0.5), 3, 34)) * (0.55 if thin else 1)
    thick = float(np.clip(length * rng.uniform(0.22, 0.5), 1.4, 9))
    if form == "streak":
        thick = float(np.clip(0.14 * length, 1.0, 2.5))
    deep = thick * rng.uniform(0.9, 1.8)
    g = Grid((0.75 * length + 0.5, 1.35 * thick + 1, 0.85 * deep + 1), step_for(length), along, rng)
    v = g.v - rng.uniform(0.0, 0.35) * (g.u**2) / length + 0.12 * thick * g.noise(0.5 * length)
    q = np.sqrt((2 * g.u / length) ** 2 + (2 * v / thick) ** 2 + (2 * g.w / deep) ** 2)
    d = (q - 1) * np.float32(thick / 2) + 0.13 * thick * np.maximum(g.noise(max(0.25 * length, 1.5), 2), -1.8)
    if form == "dense":
        rho = g.fill(d, 0.3) * np.clip(1 + 0.1 * g.noise(1.2), 0.4, 2)
    elif form == "segmented":
        gate = np.clip((np.abs(g.noise(max(0.28 * length, 2.0))) - 0.12) * 6, 0, 1)
        rho = g.fill(d, 0.4) * gate
    elif form == "cloudy":
        rho = g.fill(d, 0.55 * thick) * np.clip(0.7 + 0.5 * g.noise(1.8, 3), 0, 2)
    elif form == "resorbing":
        tail = np.clip(1 - (g.u / length + 0.5) * rng.uniform(0.8, 1.3), 0.05, 1)
        rho = g.fill(d, 0.5 * thick) * tail * np.clip(0.8 + 0.35 * g.noise(1.5, 2), 0, 2)
    elif form == "streak":
        rho = g.fill(d, 0.5) * np.clip(0.8 + 0.5 * g.noise(2.0), 0, 2)
    else:
        rho = g.fill(d, 0.8) * np.clip((g.noise(1.1) - 0.5) * 2.0, 0, 1.5)
    base = {"cloudy": -0.75, "resorbing": -0.65}.get(form, 0.0)
    return rho * (strength or float(np.clip(rng.lognormal(base, 0.45), 0.1, 1.4))), g.step, form


def ossification(rng, along, size=None, form=None, strength=None, thin=0.0):
    form = form or str(rng.choice(["ovoid", "ovoid", "plate", "spur", "bar", "shell", "island", "coral"]))
    length = size or float(np.clip(rng.lognormal(np.log(26), 0.5), 7, 95)) * (0.5 if thin else 1)
    ratio = {"ovoid": (0.45, 0.8), "island": (0.7, 1.0), "plate": (0.3, 0.5), "bar": (0.16, 0.3), "spur": (0.22, 0.4), "shell": (0.5, 0.8), "coral": (0.4, 0.7)}[form]
    if form == "island":
        length = min(length, rng.uniform(8, 18))
    b = max(length * rng.uniform(*ratio), 4.0)
    c = b * (rng.uniform(0.6, 1.0) if form != "plate" else 0.25)
    c = max(c, 3.0)
    lump = {"coral": 0.3, "ovoid": 0.12, "island": 0.06}.get(form, 0.14)
    bend = float(np.clip(rng.normal(0, 0.12), -0.3, 0.3))
    more = 2.6 * lump * min(b, c)
    wide = 1 + more / min(b, c)  # the bumps grow with the axis they sit on
    g = Grid((length / 2 * wide + 1, b / 2 * wide + 1.5 + abs(bend) * length / 4, c / 2 * wide + 1.5), step_for(1.35 * length), along, rng)
    v = g.v - bend * g.u**2 / length
    p = np.sqrt((2 * v / b) ** 2 + (2 * g.w / c) ** 2)
    t = 2 * g.u / length
    if form == "spur":
        prof = np.clip(0.55 - 0.5 * t, 0.02, 1) * np.clip((1 - np.abs(t)) * 8, 0, 1)
        d = np.maximum((p - prof) * np.float32(min(b, c) / 2), (np.abs(t) - 0.97) * np.float32(length))
    else:
        d = (np.sqrt(p**2 + t**2) - 1) * np.float32(min(b, c) / 2)
    d = d + lump * min(b, c) * np.maximum(g.noise(max(0.24 * length, 3.0), 2), -1.3)
    rim = float(np.clip(rng.normal(1.0, 0.3), 0.5, 1.8))
    inside = g.fill(d, 0.3)
    shell = inside * (1 - g.fill(d + rim * np.clip(1 + 0.4 * g.noise(4.0), 0.2, 2), 0.5))
    strut = np.clip(np.abs(g.noise(1.3)) * -1.4 + 1.25, 0, 1.4)
    if form == "shell":
        core, keep = 0.06, np.clip(1.1 + g.noise(5.0), 0.15, 1.2)
    else:
        core, keep = rng.uniform(0.1, 0.26), np.clip(1.0 + 0.35 * g.noise(6.0), 0.35, 1.3)
    rho = shell * keep * rng.uniform(0.7, 1.0) + (inside - shell) * core * (strut if form != "shell" else 1.0)
    return rho * (strength or float(np.clip(rng.lognormal(0.05, 0.35), 0.3, 1.5))), g.step, form


def calcification(rng, along, size=None, form=None, strength=None, thin=0.0):
    form = form or str(rng.choice(["cloud", "stipple", "plaque", "floccule", "lace", "stone", "sheet"]))
    length = size or float(np.clip(rng.lognormal(np.log(14), 0.55), 3, 60)) * (0.45 if thin else 1)
    if form == "stone":
        length = min(length, rng.uniform(3, 12))
    b = length * rng.uniform(0.4, 0.9) if form != "sheet" else length * rng.uniform(0.12, 0.25)
    c = length * rng.uniform(0.25, 0.6)
    b, c = max(b, 1.6), max(c, 1.6)
    g = Grid((0.75 * length + 0.3, 0.75 * b + 0.3, 0.75 * c + 0.3), step_for(length), along, rng)
    q = np.sqrt((2 * g.u / length) ** 2 + (2 * g.v / b) ** 2 + (2 * g.w / c) ** 2)
    q = q + 0.28 * np.maximum(g.noise(max(0.3 * length, 1.5), 3), -1.6)
    hull = np.clip((1 - q) * 3, 0, 1)
    if form == "cloud":
        rho = hull * np.clip(0.5 + 0.55 * g.noise(2.5, 3), 0, 2) * 0.6
    elif form == "stipple":
        rho = np.clip((1.05 - q) * 2, 0, 1) * np.clip((g.noise(1.0) - 1.0) * 2.5, 0, 1.6)
    elif form == "plaque":
        rho = np.clip((1 - q) * 8, 0, 1) * np.clip(0.8 + 0.3 * g.noise(2.0, 2), 0, 2)
    elif form == "floccule":
        rho = hull * np.clip((g.noise(2.6, 2) - 0.1) * 1.8, 0, 1.5)
    elif form == "lace":
        rho = hull * np.clip(1.0 - np.abs(g.noise(3.0)) * 4.0, 0, 1)
    elif form == "stone":
        rho = np.clip((1 - q) * 9, 0, 1) * np.clip(0.9 + 0.2 * g.noise(1.2), 0, 2)
    else:
        rho = np.clip((1 - q) * 5, 0, 1) * np.clip(0.6 + 0.5 * g.noise(3.0, 2), 0, 2)
    return rho * (strength or float(np.clip(rng.lognormal(-0.25, 0.5), 0.12, 1.5)) * (1.0 if length < 20 else 20 / length)), g.step, form


def eggshell(rng, along, size=None, form=None, strength=None):
    """Injection granuloma: rounded, rim-like or lumpy and dense; labelled calcification."""
    dia = size or float(rng.uniform(4, 20))
    r = dia / 2
    g = Grid((r * 1.45,) * 3, step_for(dia), along, rng)
    d = g.ellipsoid(r, r * rng.uniform(0.7, 0.95), r * rng.uniform(0.6, 0.9)) + 0.07 * dia * g.noise(0.4 * dia, 2)
    rho = g.fill(d, 0.4) * (1 - rng.uniform(0.3, 0.95) * g.fill(d + rng.uniform(0.8, 1.8), 0.8))
    rho *= np.clip(0.9 + 0.45 * g.noise(0.3 * dia), 0.05, 2)
    return rho * (strength or float(np.clip(rng.lognormal(0.0, 0.4), 0.2, 1.4))), g.step, "granuloma"


MAKERS = {"rice_grain": rice_grain, "phlebolith": phlebolith, "tumoral_calcinosis": tumoral_calcinosis,
          "calcific_tendinitis": calcific_tendinitis, "ossification": ossification, "calcification": calcification}
