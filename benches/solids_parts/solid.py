"""Implicit solids in three dimensions and their cone-beam projection.

World axes in mm: x to the right of the image, y down the image, z from the detector to the source.
A solid is a smooth union of primitives sampled as a signed distance (negative inside) on a coarse
grid; the surface is found again between the samples, so that edges stay sharp at the detector."""
import cv2
import numpy as np

FAR = 30.0


def spline_matrix(n, m):
    """Quadratic B-spline weights that blow m control values up to n samples."""
    t = np.linspace(1.0, m - 2.001, n)
    i = np.floor(t + 0.5).astype(int)
    f = t - i
    w = np.zeros((n, m), np.float32)
    r = np.arange(n)
    w[r, np.clip(i - 1, 0, m - 1)] += 0.5 * (0.5 - f) ** 2
    w[r, np.clip(i, 0, m - 1)] += 0.75 - f**2
    w[r, np.clip(i + 1, 0, m - 1)] += 0.5 * (0.5 + f) ** 2
    return w


def noise(rng, shape, cells):
    """Smooth Gaussian noise of unit deviation, any number of axes; `cells` per axis over the whole extent."""
    cells = [max(1.0, float(c)) for c in np.broadcast_to(cells, len(shape))]
    a = rng.standard_normal([int(np.ceil(c)) + 3 for c in cells], dtype=np.float32)
    for axis, n in enumerate(shape):
        w = spline_matrix(n, a.shape[axis])
        a = np.moveaxis(np.tensordot(w, a, axes=(1, axis)), 0, axis)
    a -= a.mean()
    return a / (a.std() + 1e-6)


def fractal(rng, shape, cells, octaves=3, gain=0.55):
    """Sum of octaves of `noise`, unit deviation."""
    out, g = np.zeros(shape, np.float32), 1.0
    for k in range(octaves):
        c = [min(x * 2**k, s) for x, s in zip(np.broadcast_to(cells, len(shape)), shape)]
        out += g * noise(rng, shape, c)
        g *= gain
    return out / (out.std() + 1e-6)


def turn(axis, degrees):
    """Rotation matrix about x, y or z."""
    a = np.deg2rad(degrees)
    c, s = np.cos(a), np.sin(a)
    return np.array({"x": [[1, 0, 0], [0, c, -s], [0, s, c]],
                     "y": [[c, 0, s], [0, 1, 0], [-s, 0, c]],
                     "z": [[c, -s, 0], [s, c, 0], [0, 0, 1]]}[axis], float)


class Pose:
    """Similarity that carries a bone's own axes into the world: q = at + scale * R (p - pivot)."""

    def __init__(self, rot=None, at=(0, 0, 0), pivot=(0, 0, 0), scale=1.0, mirror=False):
        self.r = np.eye(3) if rot is None else np.asarray(rot, float)
        if mirror:
            self.r = self.r @ np.diag([-1.0, 1, 1])
        self.at, self.pivot, self.s = np.asarray(at, float), np.asarray(pivot, float), scale

    def __call__(self, p):
        return self.at + self.s * (np.asarray(p, float) - self.pivot) @ self.r.T

    def then(self, other):
        """First this pose, then the other."""
        p = Pose(other.r @ self.r, other(self.at), self.pivot, self.s * other.s)
        return p


class Solid:
    """A smooth union (and difference) of primitives with a kind that says how it attenuates."""

    def __init__(self, kind="bone", step=1.4, pose=None, rough=0.35, **how):
        self.blend = 5.0 * step
        self.kind, self.step, self.pose, self.rough, self.how = kind, step, pose or Pose(), rough, how
        self.ops, self.chains = [], 0
        self.sdf = None

    def chain(self, pts, radii, ct=1.0, tb=0.2, k=4.0, flat=None, cut=False, smooth=True):
        """Tube along points with a radius at each; `flat` = (direction, factor) thins it along that direction."""
        pts = self.pose(np.asarray(pts, float))
        radii = np.broadcast_to(np.asarray(radii, float), len(pts)) * self.pose.s
        if smooth and len(pts) > 2:
            pts, radii = curve(pts, radii, 4 if len(pts) < 5 else 3)
        if flat is not None:
            n = self.pose.r @ np.asarray(flat[0], float)
            flat = (n / np.linalg.norm(n), flat[1])
        self.chains += 1
        for a, b, ra, rb in zip(pts[:-1], pts[1:], radii[:-1], radii[1:]):
            self.ops.append(("seg", cut, k, ct, tb, a, b, ra, rb, flat, self.chains))
        return self

    def ball(self, c, radii, ct=0.9, tb=0.3, k=4.0, rot=None, cut=False):
        """Ellipsoid."""
        r = self.pose.r @ (np.eye(3) if rot is None else rot)
        radii = np.broadcast_to(np.asarray(radii, float), 3) * self.pose.s
        self.ops.append(("ell", cut, k, ct, tb, self.pose(c), r, radii))
        return self

    def box(self, c, half, corner=4.0, ct=0.9, tb=0.3, k=4.0, rot=None, cut=False):
        """Box with rounded edges."""
        r = self.pose.r @ (np.eye(3) if rot is None else rot)
        self.ops.append(("box", cut, k, ct, tb, self.pose(c), r, np.asarray(half, float) * self.pose.s, corner * self.pose.s))
        return self

    def plate(self, outline, depth, half, ct=0.8, tb=0.12, k=4.0, rim=5.0):
        """Bent plate: outline in (x, y), depth(x, y) its middle in z, half thickness in z, thicker at the rim."""
        self.ops.append(("plate", False, k, ct, tb, np.asarray(outline, float), depth, half, rim))
        return self

    def reach(self, op):
        if op[0] == "seg":
            r = max(op[7], op[8])
            return np.minimum(op[5], op[6]) - r, np.maximum(op[5], op[6]) + r
        if op[0] == "plate":
            o = op[5]
            z = [op[6](x, y) for x, y in o] + [op[6](*o.mean(0))]
            loc = np.array([[x, y, zz + d] for (x, y), zz in zip(o, z) for d in (-12, 12)])
            w = self.pose(loc)
            return w.min(0), w.max(0)
        e = np.abs(op[6]) @ op[7]
        return op[5] - e, op[5] + e

    def build(self, rng, lo=None, hi=None):
        """Samples the distance within [lo, hi]; False if nothing of the solid lies there."""
        spans = [self.reach(op) for op in self.ops if not op[1]]
        a = np.min([s[0] for s in spans], 0) - 2 * self.step - 2
        b = np.max([s[1] for s in spans], 0) + 2 * self.step + 2
        if lo is not None:
            a, b = np.maximum(a, lo), np.minimum(b, hi)
        h = self.step
        n = np.ceil((b - a) / h).astype(int) + 1
        if np.any(n < 4):
            return False
        self.origin = a
        nx, ny, nz = n
        d = np.full((nz, ny, nx), FAR, np.float32)
        ct = np.full_like(d, self.ops[0][3])
        tb = np.full_like(d, self.ops[0][4])
        margin = 9.0 + h
        parts, chain = [], None
        for op in self.ops:
            if op[0] == "seg" and op[10] == chain:
                parts[-1].append(op)
            else:
                parts.append([op])
            chain = op[10] if op[0] == "seg" else None
        for part in parts:
            op = part[0]
            spans = [self.reach(o) for o in part]
            p, q = np.min([s[0] for s in spans], 0), np.max([s[1] for s in spans], 0)
            i0 = np.clip(np.floor((p - margin - a) / h).astype(int), 0, n)
            i1 = np.clip(np.ceil((q + margin - a) / h).astype(int) + 1, 0, n)
            if np.any(i1 <= i0):
                continue
            sl = (slice(i0[2], i1[2]), slice(i0[1], i1[1]), slice(i0[0], i1[0]))
            x = (a[0] + h * np.arange(i0[0], i1[0])).astype(np.float32)[None, None, :]
            y = (a[1] + h * np.arange(i0[1], i1[1])).astype(np.float32)[None, :, None]
            z = (a[2] + h * np.arange(i0[2], i1[2])).astype(np.float32)[:, None, None]
            if len(part) == 1:
                v = self.distance(op, x, y, z)
            else:
                v = np.full(d[sl].shape, FAR, np.float32)
                for o, (p, q) in zip(part, spans):
                    j0 = np.clip(np.floor((p - margin - a) / h).astype(int) - i0, 0, i1 - i0)
                    j1 = np.clip(np.ceil((q + margin - a) / h).astype(int) + 1 - i0, 0, i1 - i0)
                    if np.all(j1 > j0):
                        t = (slice(j0[2], j1[2]), slice(j0[1], j1[1]), slice(j0[0], j1[0]))
                        np.minimum(v[t], self.distance(o, x[:, :, t[2]], y[:, t[1]], z[t[0]]), out=v[t])
            cur, k = d[sl], op[2]
            if op[1]:
                d[sl] = -smin(-cur, v, 1.5)
            else:
                near = v < cur
                ct[sl][near] = op[3]
                tb[sl][near] = op[4]
                d[sl] = smin(cur, v, k)
        if self.rough > 0:
            ext = n * h
            big = 45.0 if self.kind == "soft" else 22.0
            for size, amp in ((big, self.rough), (big / 3, 0.3 * self.rough)):
                d += amp * noise(rng, d.shape, [ext[2] / size, ext[1] / size, ext[0] / size])
        if self.kind == "bone":
            weight = np.clip(0.7 - d / (2 * h), 0.001, 1)
            reach = 2 * int(round(self.blend / h)) + 1
            for v in (ct, tb):
                v *= weight
            weights = weight.copy()
            for i in range(nz):
                for v in (ct, tb, weights):
                    cv2.blur(v[i], (reach, reach), v[i])
                    cv2.blur(v[i], (reach, reach), v[i])
            ct /= weights
            tb /= weights
        self.sdf, self.ct, self.tb = d, ct, tb
        return bool(d.min() < 0)

    def distance(self, op, x, y, z):
        if op[0] == "seg":
            a, b, ra, rb, flat = op[5:10]
            e = b - a
            px, py, pz = x - np.float32(a[0]), y - np.float32(a[1]), z - np.float32(a[2])
            t = (px * np.float32(e[0]) + py * np.float32(e[1])) + pz * np.float32(e[2])
            t *= np.float32(1 / max(e @ e, 1e-6))
            np.clip(t, 0, 1, out=t)
            qx, qy, qz = px - t * np.float32(e[0]), py - t * np.float32(e[1]), pz - t * np.float32(e[2])
            s = qx * qx + qy * qy + qz * qz
            if flat is not None:
                w, f = flat
                c = qx * np.float32(w[0]) + qy * np.float32(w[1]) + qz * np.float32(w[2])
                s += np.float32(f * f - 1) * c * c
            return np.sqrt(s) - (np.float32(ra) + np.float32(rb - ra) * t)
        if op[0] == "plate":
            return self.plate_distance(op, x, y, z)
        c, r = op[5], op[6].astype(np.float32)
        p = [x - np.float32(c[0]), y - np.float32(c[1]), z - np.float32(c[2])]
        u = [p[0] * r[0, i] + p[1] * r[1, i] + p[2] * r[2, i] for i in range(3)]
        if op[0] == "ell":
            f = op[7].astype(np.float32)
            k0 = np.sqrt(sum((u[i] / f[i]) ** 2 for i in range(3)))
            k1 = np.sqrt(sum((u[i] / f[i] ** 2) ** 2 for i in range(3))) + 1e-4
            return k0 * (k0 - 1) / k1
        half, corner = op[7], op[8]
        q = [np.abs(u[i]) - np.float32(half[i] - corner) for i in range(3)]
        out = np.sqrt(sum(np.maximum(v, 0) ** 2 for v in q))
        return out + np.minimum(np.maximum(np.maximum(q[0], q[1]), q[2]), 0) - np.float32(corner)

    def plate_distance(self, op, x, y, z):
        outline, depth, half, rim = op[5:]
        back = (np.linalg.inv(self.pose.r) / self.pose.s).astype(np.float32)
        p = [x - np.float32(self.pose.at[0]), y - np.float32(self.pose.at[1]), z - np.float32(self.pose.at[2])]
        u = [back[i, 0] * p[0] + back[i, 1] * p[1] + back[i, 2] * p[2] + np.float32(self.pose.pivot[i]) for i in range(3)]
        lo, hi = outline.min(0) - 30, outline.max(0) + 30
        g = 1.0
        w, hgt = (np.ceil((hi - lo) / g)).astype(int)
        mask = np.zeros((hgt, w), np.uint8)
        pts, _ = curve(np.vstack([outline, outline[:1]]), np.zeros(len(outline) + 1), 4)
        cv2.fillPoly(mask, [np.round((pts - lo) / g).astype(np.int32)], 1)
        flat = cv2.distanceTransform(1 - mask, cv2.DIST_L2, 5) - cv2.distanceTransform(mask, cv2.DIST_L2, 5)
        mx = np.broadcast_to((u[0] - lo[0]) / g, np.broadcast_shapes(u[0].shape, u[1].shape, u[2].shape)).astype(np.float32)
        my = np.broadcast_to((u[1] - lo[1]) / g, mx.shape).astype(np.float32)
        shape = mx.shape
        e = cv2.remap(flat.astype(np.float32), mx.reshape(shape[0] * shape[1], -1), my.reshape(shape[0] * shape[1], -1),
                      cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).reshape(shape)
        mid = depth(u[0], u[1])
        thick = half + rim * np.exp(-((np.minimum(e, 0) / 8.0) ** 2))
        v = (np.abs(u[2] - mid) - thick) * np.float32(0.75)
        return -smin(-e, -v, 4.0) * np.float32(self.pose.s)

    def at(self, p):
        """Distance at a world point (FAR outside the samples)."""
        if self.sdf is None:
            return FAR
        i = (np.asarray(p) - self.origin) / self.step
        j = np.round(i).astype(int)[::-1]
        if np.any(j < 0) or np.any(j >= self.sdf.shape):
            return FAR
        return float(self.sdf[tuple(j)])


def smin(a, b, k):
    """Polynomial smooth minimum."""
    h = np.clip(0.5 + (0.5 / k) * (b - a), 0, 1)
    return b + (a - b) * h - k * h * (1 - h)


def curve(pts, radii, per):
    """Catmull-Rom through points and radii, `per` pieces per span."""
    p = np.column_stack([pts, radii])
    q = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    out = []
    for i in range(1, len(q) - 2):
        for t in np.arange(per) / per:
            out.append(0.5 * ((2 * q[i]) + (q[i + 1] - q[i - 1]) * t + (2 * q[i - 1] - 5 * q[i] + 4 * q[i + 1] - q[i + 2]) * t**2
                              + (3 * q[i] - q[i - 1] - 3 * q[i + 1] + q[i + 2]) * t**3))
    out.append(p[-1])
    out = np.array(out)
    return out[:, :-1], np.maximum(out[:, -1], 0)


class Beam:
    """Cone beam from (sx, sy, sid) on a detector at z = 0 whose corner (0, 0) is the world point `corner`."""

    def __init__(self, size_mm, corner, sid, focus_xy):
        self.size, self.corner, self.sid, self.focus = np.asarray(size_mm, float), np.asarray(corner, float), sid, np.asarray(focus_xy, float)

    def to_detector(self, p):
        """World point -> mm on the detector from its corner, and the magnification."""
        m = self.sid / (self.sid - p[2])
        return self.focus + (np.asarray(p[:2]) - self.focus) * m - self.corner, m

    def window(self, z=0.0):
        """World rectangle seen at height z."""
        m = self.sid / (self.sid - z)
        lo = self.focus + (self.corner - self.focus) / m
        return lo, lo + self.size / m

    def slices(self, origin, step, volumes, dz, g, shape, use):
        """Calls use(y0, x0, [maps], z) for each depth with the volumes resampled on the detector grid of step g."""
        nz, ny, nx = volumes[0].shape
        z = origin[2]
        top = origin[2] + (nz - 1) * step
        steps = max(2, int(round((top - z) / dz)))
        for zi in z + (np.arange(steps) + 0.5) * (top - z) / steps:
            f = (zi - z) / step
            i = min(int(f), nz - 2)
            f = np.float32(f - i)
            cut = volumes[0][i] * (1 - f) + volumes[0][i + 1] * f
            inside = cut < 0.6 * step if use.sdf else cut > 0
            cols, rows = np.flatnonzero(inside.any(0)), np.flatnonzero(inside.any(1))
            if not len(cols):
                continue
            m = self.sid / (self.sid - zi)
            span = []
            for axis, idx in ((0, cols), (1, rows)):
                w = origin[axis] + step * np.array([idx[0] - 1.5, idx[-1] + 1.5])
                u = (self.focus[axis] + (w - self.focus[axis]) * m - self.corner[axis]) / g
                span.append((max(0, int(np.floor(u[0]))), min(shape[1 - axis], int(np.ceil(u[1])) + 1)))
            (x0, x1), (y0, y1) = span
            if x1 <= x0 or y1 <= y0:
                continue
            a = g / (m * step)
            off = [((self.focus[k] + ((s + 0.5) * g + self.corner[k] - self.focus[k]) / m) - origin[k]) / step for k, s in ((0, x0), (1, y0))]
            mat = np.array([[a, 0, off[0]], [0, a, off[1]]], np.float32)
            layers = [cut] + [v[i] * (1 - f) + v[i + 1] * f for v in volumes[1:]]
            stack = cv2.merge(layers) if len(layers) > 1 else cut
            maps = cv2.split(cv2.warpAffine(stack, mat, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                                            borderMode=cv2.BORDER_CONSTANT, borderValue=(float(use.outside),) * 4))
            use(y0, y1, x0, x1, maps, zi, (top - z) / steps)


class Grain:
    """Periodic three-dimensional texture of trabeculae: oriented struts, mean 1."""

    def __init__(self, rng, n=160):
        k = np.stack(np.meshgrid(*[np.fft.fftfreq(n)] * 2, indexing="ij"))
        r = np.hypot(k[0], k[1]) + 1e-6
        ang = rng.uniform(0, np.pi)
        c2 = ((k[0] * np.cos(ang) + k[1] * np.sin(ang)) / r) ** 2
        band = np.exp(-((np.log(r / 0.11)) ** 2) / 0.5) * (0.35 + 0.65 * c2**2 + 0.45 * (1 - c2) ** 3)
        self.n = n
        self.tiles = []
        for _ in range(8):
            t = np.fft.ifft2(np.fft.fft2(rng.standard_normal((n, n))) * band).real
            t /= t.std()
            t = np.clip(1 + 1.0 * t, 0, 4)
            self.tiles.append(np.tile((t / t.mean()).astype(np.float32), (9, 9)))

    def slice(self, i, y0, y1, x0, x1):
        y, x = y0 % self.n, x0 % self.n
        return self.tiles[i % len(self.tiles)][y: y + y1 - y0, x: x + x1 - x0]


class Absorb:
    """Turns slices of a solid into mass along the rays."""

    sdf, outside = True, FAR

    def __init__(self, out, solid, g, grain):
        self.out, self.s, self.g, self.grain, self.i = out, solid, g, grain, 0

    def __call__(self, y0, y1, x0, x1, maps, z, dz):
        d = -maps[0]
        w = 1.0 / max(self.g, 0.32)
        occ = np.clip(d * w + 0.5, 0, 1)
        kind, how = self.s.kind, self.s.how
        self.i += 1
        if kind == "bone":
            ct, tb = maps[1], maps[2]
            core = np.clip((d - ct) / (0.45 + 0.25 * ct), 0, 1)
            grain = self.grain.slice(self.i // 2, y0 + 7 * self.i, y1 + 7 * self.i, x0 + 3 * self.i, x1 + 3 * self.i)
            rho = how.get("rc", 0.9) * (1 - core) + core * tb * grain
            rho *= occ
        elif kind == "faeces":
            t = self.grain.slice(self.i // 4, y0, y1, x0, x1)
            rho = occ * np.clip(t - 0.9, 0, 1)
        elif kind == "wall":
            ct = how["wall"]
            rho = occ * (1 - np.clip((d - ct) * w + 0.5, 0, 1)) * maps[2]
        else:
            rho = occ
        self.out[y0:y1, x0:x1] += (dz * how.get("weight", 1.0)) * rho


def project(solid, beam, out, g, grain, dz=None):
    """Adds the solid's mass along the rays (mm of its material) to `out`, a detector map of step g."""
    vols = [solid.sdf] if solid.kind not in ("bone", "wall") else [solid.sdf, solid.ct, solid.tb]
    beam.slices(solid.origin, solid.step, vols, dz or min(0.75, solid.step * 0.55), g, out.shape, Absorb(out, solid, g, grain))
