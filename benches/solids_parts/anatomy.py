"""Skeletons, bodies and landmarks of the scenes, all as implicit solids (mm, see `solid`)."""
import numpy as np

from .solid import Pose, Solid, turn


class Scene:
    """What a scene is made of: bones, soft body, gas, places where foci of each label may lie."""

    def __init__(self, name, body_part):
        self.name, self.part = name, body_part
        self.bones, self.body, self.gas, self.sites, self.vessels = [], None, [], {}, []
        self.fibres = [((0, 1, 0), 18.0)]
        self.muscle = None       # ((lo), (hi)) box of world points where muscle foci may lie
        self.thin = 0.0          # 1 for hands
        self.child = False

    def site(self, label, at, spread, along=(0, 1, 0), form=None):
        self.sites.setdefault(label, []).append((np.asarray(at, float), np.asarray(spread, float), np.asarray(along, float), form))


def cortex(rng, t):
    return t * rng.uniform(0.65, 1.25)


def growth_plate(b, c, normal, radius):
    """Cuts the lucent band of an open growth plate."""
    n = np.asarray(normal, float) / np.linalg.norm(normal)
    h = np.cross(n, [0.3, 0.2, 0.9])
    h /= np.linalg.norm(h)
    r = np.column_stack([h, n, np.cross(h, n)])
    for i in (-1, 0, 1):
        tip = turn("z", 9.0 * i) if abs(n[1]) > 0.7 else np.eye(3)
        b.box(np.asarray(c, float) + h * i * 0.62 * radius + n * 0.05 * radius * abs(i), (0.36 * radius, 0.95, radius), 0.7, rot=tip @ r, cut=True)


# ---- pelvis -------------------------------------------------------------------------------------

def innominate(rng, pose, age_k, tb):
    b = Solid("bone", 1.5, pose, 0.5)
    c = lambda t: cortex(rng, t)
    b.ball((80, -6, 90), (30, 34, 28), c(1.0), tb)
    j = rng.normal(0, 2.5, (20, 2))
    outline = np.array([[44, -46], [36, -66], [33, -98], [46, -126], [70, -141], [98, -139], [123, -124], [135, -100],
                        [131, -82], [119, -64], [113, -44], [112, -18], [84, -4], [62, -22], [56, -38]], float)
    outline += j[: len(outline)]
    bend = rng.uniform(0.6, 0.95)
    depth = lambda x, y: 58 + bend * (x - 36) - 0.0035 * (x - 85) ** 2 + 0.0016 * (y + 90) ** 2 - 0.12 * (y + 90)
    b.plate(outline, depth, rng.uniform(2.6, 4.2), c(1.3), tb * 0.7, 5.0, rng.uniform(4.5, 7))
    crest = [(x, y, depth(x, y)) for x, y in ((40, -118), (52, -131), (72, -138), (98, -135), (120, -120), (131, -99))]
    b.chain(crest, (5, 6, 6, 6.5, 7, 7), c(1.0), tb * 1.2, 5)
    b.chain([(114, -62, 122), (108, -42, 118), (104, -28, 110)], (7, 8, 9), c(1.0), tb)
    b.chain([(40, -66, 60), (58, -42, 72), (69, -20, 98), (52, 2, 124), (30, 18, 139)], (9, 10, 10, 8, 8), c(2.2), tb, 5)
    b.chain([(72, -8, 78), (67, 22, 68), (64, 44, 60), (66, 64, 58)], (15, 13, 14, 14.5), c(1.3), tb, 5)
    b.chain([(66, 8, 68), (47, 14, 58)], (8, 2.2), c(1.0), tb)
    b.chain([(72, -2, 112), (46, 10, 134), (22, 24, 141), (11, 36, 140)], (11, 8, 9.5, 9), c(1.4), tb, 5)
    b.chain([(10, 28, 140), (11, 56, 132)], (8.5, 7.5), c(1.3), tb, 5)
    b.chain([(12, 54, 132), (28, 73, 106), (50, 82, 77), (63, 68, 60)], (7.5, 6.5, 7.5, 12), c(1.3), tb, 5)
    b.ball((103, -10, 92), (10, 16, 22), c(1.6), tb * 1.4)
    b.chain([(90, 1, 97), (128, 16, 116)], (26.0, 31), cut=True)
    b.ball((92, 1, 98), 26.5, cut=True)
    return b


def sacrum(rng, pose, tb):
    b = Solid("bone", 1.6, pose, 0.6)
    c = lambda t: cortex(rng, t)
    for y, z, w, h, lw in ((-95, 70, 27, 14, 30), (-71, 55, 23, 12, 27), (-49, 47, 18, 11, 21), (-31, 45, 14, 9, 15), (-15, 49, 10, 8, 9)):
        b.ball((0, y, z), (w, h, 0.62 * w + 4), c(0.8), tb * 0.8)
        for s in (-1, 1):
            b.ball((s * lw, y + 2, z - 4), (0.62 * lw, h + 2, 12), c(0.7), tb * 0.8, 6)
    b.chain([(0, -95, 45), (0, -60, 28), (0, -30, 30)], (4, 4, 3), c(0.8), tb)
    b.chain([(0, -6, 56), (0, 8, 64), (rng.normal(0, 4), 24, 76)], (7, 5.5, 3), c(0.7), tb)
    for y, x, r in ((-82, 18, 5), (-61, 16.5, 4.5), (-41, 14, 3.8), (-24, 11.5, 3)):
        for s in (-1, 1):
            b.chain([(s * (x + 1), y - 4, 5), (s * x, y, 42 + 0.3 * (y < -50) * 20), (s * (x - 3), y + 5, 52 + (y < -70) * 14)], np.array((r + 1, r, 0.6 * r)) + rng.normal(0, 0.3), cut=True)
    return b


def vertebra(rng, pose, y, z, tb):
    b = Solid("bone", 1.6, pose, 0.5)
    c = lambda t: cortex(rng, t)
    b.box((0, y, z), (25, 13.5, 17), 7, c(1.0), tb * 0.7)
    b.ball((0, y - 12, z), (26, 3.5, 17), c(1.3), tb)
    b.ball((0, y + 12, z), (26, 3.5, 17), c(1.3), tb)
    for s in (-1, 1):
        b.chain([(s * 15, y - 3, z - 14), (s * 17, y - 3, z - 26)], 5.5, c(1.8), tb)
        b.chain([(s * 18, y - 3, z - 24), (s * 46, y - 8 + rng.normal(0, 3), z - 26)], (5.5, 3.5), c(0.9), tb)
        b.chain([(s * 14, y - 14, z - 32), (s * 18, y + 16, z - 32)], (6, 7), c(1.0), tb)
        b.chain([(s * 14, y + 2, z - 32), (0, y + 8, z - 44)], 4, c(1.0), tb)
    b.chain([(0, y + 4, z - 42), (0, y + 13, z - 62)], (4, 4.5), c(1.0), tb)
    return b


def femur(rng, pose, tb, low=300.0, prosthesis=False, distal=False, child=False):
    """Proximal femur: hip centre at (90, 0, 97), shaft down to y = low."""
    b = Solid("bone", 1.5, pose, 0.4)
    c = lambda t: cortex(rng, t)
    k = rng.uniform(0.75, 1.2)
    if not prosthesis:
        b.ball((90, 0, 97), 24.3, c(0.8), tb * 1.7)
        b.chain([(90, 0, 97), (107, 13, 93), (122, 28, 90)], (15.5, 15, 16.5), c(1.5), tb * 1.1, 6)
    b.ball((138, 20, 80), (12, 17, 16), c(0.7), tb * 0.7, 6)
    b.chain([(118, 30, 88), (126, 48, 86), (128, 74, 86)], (18, 17.5, 17), c(2.0), tb * 0.7, 8)
    b.ball((111, 66, 73), (9, 12, 9), c(1.0), tb, 6)
    pts = [(128, 70, 86), (127, 110, 90), (123, 180, 96), (118, max(low, 240), 96)]
    b.chain(pts, (17, 15.5, 14.2, 14), 5.6 * k, 0.03, 6)
    if child:
        growth_plate(b, (100, 8, 95), (0.82, 0.5, -0.2), 24)
    return b


def hip_implant(rng, pose):
    m = Solid("metal", 1.0, pose, 0.0)
    m.ball((91, 0, 97), rng.choice([14.0, 16.0, 18.0]))
    m.chain([(91, 0, 97), (112, 20, 92)], (6.5, 7.0), smooth=False)
    m.chain([(110, 20, 92), (122, 40, 88), (127, 85, 88), (126, 150, 93)], (9, 10.5, 8, 5), k=5)
    cup = Solid("metal", 1.0, pose, 0.0)
    cup.ball((91, 0, 97), 26.0)
    cup.ball((91, 0, 97), 22.5, cut=True)
    cup.chain([(96, 6, 101), (122, 40, 118)], (27, 45), cut=True)
    out = [m, cup]
    for _ in range(rng.integers(0, 3)):
        a = rng.uniform(-0.4, 0.5)
        s = Solid("metal", 0.7, pose, 0.0)
        s.chain([(82 + 6 * a, -20, 90), (74 + 24 * a, -20 - rng.uniform(18, 35), 84)], 2.4, smooth=False)
        out.append(s)
    return out


def torso(rng, pose, fat, top=-320, low=330, legs=True):
    b = Solid("soft", 3.0, pose, 1.5)
    w = rng.uniform(-8, 10) + fat * 0.9
    f = ((0, 0, 1), rng.uniform(1.35, 1.6))
    b.chain([(0, top, 100), (0, -150, 103), (0, -60, 100), (0, 30, 98)], (150 + w, 152 + w, 162 + w, 160 + w), flat=f, k=30)
    gap = rng.uniform(0, 8)
    for s in (-1, 1):
        b.chain([(s * 92, 20, 97), (s * (94 + gap), 90, 96), (s * (97 + gap), 190, 97), (s * (95 + gap), low, 97)],
                np.array((96, 88, 80, 72)) + 0.45 * w, flat=((0, 0, 1), 1.12), k=22)
    return b


def bowel(rng, scene, pose, gaseous=1.0):
    """Loops with gas, faeces in the colon and rectum, all above or inside the true pelvis."""
    for _ in range(rng.poisson(7 * gaseous)):
        s = Solid("gas", 2.0, pose, 0.8, weight=1.0)
        p = np.array([rng.uniform(-120, 120), rng.uniform(-230, -60), rng.uniform(95, 150)])
        if abs(p[0]) < 35 and rng.random() < 0.4:
            p[1] = rng.uniform(-60, 10)
        d = rng.normal(0, 1, 3) * (1, 0.6, 0.4)
        pts, rr = [p], [rng.uniform(4, 13)]
        for _ in range(rng.integers(1, 6)):
            d = 0.75 * d + rng.normal(0, 0.6, 3) * (1, 1, 0.4)
            pts.append(pts[-1] + d / np.linalg.norm(d) * rng.uniform(9, 17))
            rr.append(rng.uniform(4, 14))
        s.chain(pts, rr, k=4)
        scene.gas.append(s)
    for _ in range(rng.poisson(1.6)):
        side = rng.choice([-1, 1])
        p = np.array([side * rng.uniform(85, 125), rng.uniform(-210, -120), 130.0])
        pts = [p + (0, 24 * i, -3 * i) + rng.normal(0, 4, 3) for i in range(rng.integers(3, 6))]
        s = Solid("faeces", 2.0, pose, 1.5, weight=rng.uniform(0.5, 1.0))
        s.chain(pts, rng.uniform(17, 25, len(pts)), k=5)
        scene.gas.append(s)
    if rng.random() < 0.6:
        p = np.array([rng.normal(0, 8), rng.uniform(-50, -5), 75])
        s = Solid(rng.choice(["gas", "faeces"]), 2.0, pose, 1.5, weight=rng.uniform(0.5, 0.9))
        s.chain([p, p + (rng.normal(0, 9), 20, -5), p + (rng.normal(0, 12), 38, -12)], rng.uniform(9, 20, 3), k=5)
        scene.gas.append(s)


def pelvic(rng, name, side=0):
    """`side` = 0 whole pelvis, 1 one hip."""
    sc = Scene(name, "PELVIS" if name == "pelvis" else "HIP")
    size = rng.uniform(0.9, 1.08)
    whole = Pose(turn("z", rng.normal(0, 2)) @ turn("x", rng.normal(0, 7)) @ turn("y", rng.normal(0, 4)), (0, 0, rng.uniform(108, 122)), (0, 0, 97), size)
    sc.tb = tb = rng.uniform(0.15, 0.34)
    sc.child = rng.random() < 0.07
    implant = [rng.random() < 0.08, rng.random() < 0.08]
    mirror = Pose(mirror=True)
    for s in (1, -1):
        own = whole if s > 0 else mirror.then(whole)
        sc.bones.append(innominate(rng, own, 1, tb))
        legrot = turn("z", rng.normal(0, 4)) @ turn("y", rng.normal(0, 9))
        leg = Pose(legrot, (90, 0, 97), (90, 0, 97)).then(own)
        metal = implant[0 if s > 0 else 1]
        sc.bones.append(femur(rng, leg, tb, prosthesis=metal, child=sc.child))
        if metal:
            sc.bones += hip_implant(rng, leg)
        if s > 0:
            sc.leg = leg
        q = lambda *p: leg(p)
        o = lambda *p: own(p)
        sc.site("phlebolith", o(rng.uniform(30, 50), 20, 80), (9, 15, 14), (1, 0, 0))
        sc.site("phlebolith", o(30, 34, 90), (12, 12, 14), (1, 0, 0))
        sc.site("phlebolith", o(46, -4, 75), (8, 12, 12), (1, 0, 0))
        sc.site("ossification", q(132, -14, 92), (12, 14, 14), (-0.5, 0.8, 0))
        sc.site("ossification", q(112, -36, 104), (14, 12, 12), (0.6, 0.7, 0))
        sc.site("ossification", q(92, 62, 100), (10, 14, 12), (0.3, 0.9, 0))
        sc.site("calcific_tendinitis", q(149, -4, 82), (5, 8, 7), (0.3, 0.9, 0.2), "hip")
        sc.site("calcific_tendinitis", q(140, 76, 62), (6, 14, 5), (0, 1, 0), "aspera")
        sc.site("tumoral_calcinosis", q(162, 14, 76), (10, 20, 10), (0, 1, 0))
        sc.site("tumoral_calcinosis", q(92, 30, 128), (12, 14, 8), (0, 1, 0))
        sc.site("calcification", o(112, -70, 34), (22, 25, 10), (0.5, 0.8, 0), "granuloma")
        sc.site("calcification", q(150, 90, 90), (22, 40, 20), (0, 1, 0))
        sc.site("calcification", q(120, -40, 60), (25, 25, 14), (0.5, 0.8, 0))
        sc.vessels.append([o(30, -60, 110), o(58, -30, 122), o(76, 10, 138), o(88, 70, 132), q(84, 160, 118), q(80, 300, 105)])
    sc.bones.append(sacrum(rng, whole, tb))
    for i in range(3):
        sc.bones.append(vertebra(rng, whole, -126 - 38 * i, 84 - 4 * i, tb))
    fat = rng.gamma(2.2, 9.0)
    sc.fat = 8 + fat
    sc.body = torso(rng, whole, fat)
    bowel(rng, sc, whole, rng.uniform(0.3, 1.6))
    sc.fibres = [((0.55, 0.83, 0), 22.0), ((-0.55, 0.83, 0), 22.0), ((0.1, 1, 0), 15.0)]
    sc.seeds = [(s * x, z) for s in (1, -1) for x, z in ((60, 55), (110, 60), (135, 100), (85, 140), (60, 120), (30, 70), (20, 140), (100, 100))]
    if name == "pelvis":
        sc.field = (rng.uniform(370, 420) * size, rng.uniform(310, 350) * size)
        sc.centre = (rng.normal(0, 8), -35 + rng.normal(0, 12))
        sc.muscle = ((-170, -120, 30), (170, 140, 190))
    else:
        sc.field = (rng.uniform(210, 260), rng.uniform(260, 310))
        sc.centre = (98 + rng.normal(0, 10), 38 + rng.normal(0, 14))
        sc.muscle = ((40, -100, 30), (190, 180, 190))
    sc.depth = 200
    return sc


# ---- knee and leg -------------------------------------------------------------------------------

def distal_femur(rng, pose, tb, up=330, child=False, step=1.4):
    b = Solid("bone", step, pose, 0.4)
    c = lambda t: cortex(rng, t)
    k = rng.uniform(0.75, 1.2)
    b.chain([(4, -up, 8), (2, -up * 0.5, 8), (0, -95, 4), (0, -70, 2)], (13.5, 14, 16, 18), 5.2 * k, 0.03, 6)
    for s in (-1, 1):
        b.chain([(0, -75, 2), (s * 8, -52, 0), (s * 17, -24, -2)], (17, 18, 19), c(1.4), tb * 0.8, 6)
        b.ball((s * 22.5, -16, -9), (18, 19, 29), c(0.9), tb * 1.4, 6)
        b.ball((s * 33, -27, -4), (7, 10, 10), c(0.8), tb, 5)
    b.ball((0, -22, 8), (24, 20, 20), c(0.9), tb * 1.2, 6)
    b.ball((0, 6, -20), (9.5, 19, 24), cut=True)
    if child:
        growth_plate(b, (0, -40, 0), (0.02, 1, 0.1), 46)
    return b


def tibia(rng, pose, tb, length=355, child=False, step=1.4):
    b = Solid("bone", step, pose, 0.4)
    c = lambda t: cortex(rng, t)
    k = rng.uniform(0.75, 1.2)
    for s in (-1, 1):
        b.ball((s * 20, 20, -6), (20, 14, 24), c(1.0), tb * 1.3, 7)
        b.chain([(s * 6, 8, -6), (s * 4.5, 1.0, -6)], (4.5, 1.6), c(1.0), tb)
        b.chain([(s * 16, 24, -6), (s * 7, 55, -2)], (17, 15), c(1.5), tb * 0.8, 8)
    b.box((0, 12.5, -6), (37, 4.6, 23), 4, c(1.4), tb * 1.4, 5)
    b.chain([(0, 45, -2), (0, 75, 2), (0, 150, 3), (1, 250, 2), (1, length - 25, 0)], (20, 16.5, 13.5, 12, 14), 4.8 * k, 0.03, 7)
    b.ball((2, 46, 17), (8, 16, 8), c(1.5), tb, 6)
    b.chain([(1, length - 45, 0), (0, length - 10, 0)], (13, 20), c(1.3), tb, 7)
    b.box((1, length - 6, 0), (22, 7, 18), 6, c(1.2), tb * 1.3, 5)
    b.chain([(-21, length - 6, 0), (-23, length + 9, 2)], (8, 4.5), c(1.2), tb)
    if child:
        growth_plate(b, (0, 29, -4), (0.02, 1, 0.0), 45)
        growth_plate(b, (0, length - 16, -4), (0.02, 1, 0.0), 30)
    return b


def fibula(rng, pose, tb, length=355, child=False, step=1.2):
    b = Solid("bone", step, pose, 0.35)
    b.ball((39, 29, -20), (10, 12, 10), cortex(rng, 0.9), tb)
    b.chain([(38, 38, -20), (36, 60, -19), (35, 160, -15), (30, 280, -10), (27, length - 20, -8)], (7.5, 6, 6.6, 6, 7), 2.6 * rng.uniform(0.7, 1.2), 0.05, 5)
    b.chain([(27, length - 25, -8), (27, length + 5, -8), (25, length + 20, -8)], (8, 9, 5), cortex(rng, 1.0), tb)
    if child:
        growth_plate(b, (38, 40, -20), (0, 1, 0), 14)
    return b


def foot(rng, pose, tb, length=355):
    out = []
    b = Solid("bone", 1.3, pose, 0.4)
    b.box((1, length + 13, 2), (18, 10, 22), 7, cortex(rng, 1.0), tb)
    b.ball((2, length + 20, 26), (15, 12, 13), 0.9, tb)
    out.append(b)
    b = Solid("bone", 1.4, pose, 0.4)
    b.chain([(6, length + 38, -38), (5, length + 38, -5), (12, length + 34, 28)], (17, 15, 14), cortex(rng, 1.0), tb)
    out.append(b)
    for x, z in ((-10, 52), (6, 52), (18, 48)):
        b = Solid("bone", 1.2, pose, 0.5)
        b.box((x, length + 26, z), (8, 9, 9), 4, 0.9, tb)
        out.append(b)
    for i, x in enumerate((-18, -7, 4, 14, 24)):
        b = Solid("bone", 1.2, pose, 0.3)
        b.chain([(x * 0.8, length + 30, 66), (x, length + 40, 118)], (7 - 0.5 * i, 5.5), 2.0, tb, 4)
        out.append(b)
    return out


def patella(rng, pose, tb):
    b = Solid("bone", 1.2, pose, 0.5)
    b.ball((rng.normal(2, 2), -30, 39), (21, 20, 9), cortex(rng, 1.0), tb * 1.3)
    b.chain([(2, -22, 39), (2, -9, 38)], (9, 3), 1.0, tb)
    return b


def limb(rng, pose, stations, fat, flat=1.1, step=2.2):
    b = Solid("soft", step, pose, 1.0)
    pts = [(x, y, z) for x, y, z, _ in stations]
    b.chain(pts, [r + fat for *_, r in stations], k=12, flat=((0, 0, 1), flat))
    return b


def leg(rng, name):
    """knee, lower_leg or thigh; pose of the knee at the origin, z = 0 in the leg's middle."""
    part = {"knee": "KNEE", "lower_leg": "LEG", "thigh": "THIGH"}[name]
    sc = Scene(name, str(rng.choice([part] * 3 + ["EXTREMITY"])))
    size = rng.uniform(0.9, 1.1)
    lateral = rng.random() < 0.4
    fat = rng.gamma(2.0, 4.0)
    sc.fat = 4 + fat
    sc.tb = tb = rng.uniform(0.14, 0.34)
    sc.child = rng.random() < 0.12
    spin = turn("y", (rng.choice([-90, 90]) if lateral else 0) + rng.normal(0, 9))
    tilt = turn("z", rng.normal(0, 5))
    height = 75 + fat if not lateral else 70 + fat
    whole = Pose(tilt @ spin, (0, 0, height), (0, 0, 0), size)
    flex = turn("x", -rng.uniform(15, 45) if (lateral and name == "knee") else rng.normal(0, 3))
    shank = Pose(flex, (0, -14, -6), (0, -14, -6)).then(whole)
    length = rng.uniform(335, 375)
    if name == "thigh":
        hip = Pose(turn("z", rng.normal(-4.2, 0.4)) @ turn("y", rng.normal(0, 8)), (3.5, -200, 8), (121, 210, 96)).then(whole)
        whole_femur = femur(rng, hip, tb, low=245, child=False)
        lower = distal_femur(rng, whole, tb, up=165, child=sc.child)
        whole_femur.ops += [op[:10] + (op[10] + 100,) if op[0] == "seg" else op for op in lower.ops]
        sc.bones.append(whole_femur)
        sc.bones.append(innominate(rng, hip, 1, tb))
        sc.bones[-1].step = 2.2
    else:
        sc.bones.append(distal_femur(rng, whole, tb, child=sc.child))
    sc.bones += [patella(rng, whole, tb), tibia(rng, shank, tb, length, sc.child), fibula(rng, shank, tb, length, sc.child)]
    if name == "lower_leg":
        sc.bones += foot(rng, shank, tb, length)
    body = Solid("soft", 2.6, whole, 1.2)
    g = 0.8 * fat
    body.chain([(10, -520, 0), (8, -380, -4), (4, -240, -2), (0, -110, -2), (0, -40, 0)],
               (100 + g, 92 + g, 80 + g, 66 + g, 58 + g), k=14, flat=((0, 0, 1), 1.02))
    body.ball((0, -25, 12), (56 + 0.6 * g, 52, 46 + 0.5 * g), k=14)
    body.pose = shank
    body.chain([(0, -15, -2), (2, 50, -8), (4, 110, -16), (4, 190, -10), (2, 270, -2), (1, length - 15, 0), (0, length + 30, 8)],
               np.array((57, 54, 59, 50, 39, 35, 34)) + 0.6 * g, k=14)
    body.chain([(2, length + 25, -40), (3, length + 32, 10), (4, length + 38, 70), (4, length + 44, 150)], (26, 32, 34, 30), k=10)
    sc.body = body
    w, s = (lambda *p: whole(p)), (lambda *p: shank(p))
    sc.seeds = [(-35, 20), (0, 45), (35, 20), (40, -20), (10, -45), (-30, -40), (0, -12)]
    sc.fibres = [((0, 1, 0), 14.0), ((0.3, 0.95, 0), 10.0)]
    for x, y, z in ((-22, -110, 30), (20, -130, 34), (34, -170, 10), (-36, -190, -10), (0, -250, 42), (-30, -280, 30)):
        sc.site("ossification", w(x, y, z), (8, 30, 8), (0, 1, 0.0))
        sc.site("calcification", w(x, y, z), (14, 40, 14), (0, 1, 0.0))
    if name == "knee":
        sc.site("ossification", w(-42, -34, -4), (4, 7, 5), (0.15, 1, 0), "spur")
        sc.site("calcification", w(0, 10, -50), (24, 30, 10), (0, 1, 0))
        sc.site("calcification", w(44, -10, 10), (8, 30, 14), (0, 1, 0))
        sc.site("tumoral_calcinosis", w(10, -50, 54), (15, 18, 5), (0, 1, 0))
        sc.site("tumoral_calcinosis", w(-40, -10, -30), (8, 18, 8), (0, 1, 0))
        sc.site("calcific_tendinitis", w(3, -62, 40), (8, 10, 3), (0, 1, 0), "quadriceps")
        sc.site("calcification", s(10, 110, -45), (24, 40, 10), (0, 1, 0))
    if name == "thigh":
        sc.site("calcific_tendinitis", hip((142, 88, 64)), (4, 14, 4), (0, 1, 0), "aspera")
        sc.site("phlebolith", w(-34, -200, -30), (14, 90, 14), (0, 1, 0))
    if name == "lower_leg":
        sc.sites = {}
        for x, y in ((-40, 250), (40, 260), (-30, 300), (30, 310), (0, 120), (-35, 180)):
            sc.site("calcification", s(x, y, -8), (10, 40, 22), (0, 1, 0), "skin" if y > 200 else None)
            sc.site("phlebolith", s(x * 1.05, y - 60, -20), (14, 60, 20), (0, 1, 0))
        sc.site("ossification", s(14, 180, -34), (10, 50, 8), (0, 1, 0))
        sc.site("ossification", s(16, 320, -8), (3, 10, 4), (0, 1, 0))
        sc.site("tumoral_calcinosis", s(30, 345, -10), (6, 14, 10), (0, 1, 0))
    sc.vessels.append([w(-26, -330, -10), w(-22, -200, -20), w(-6, -80, -36), s(0, 10, -38), s(4, 70, -24), s(14, 200, -20), s(16, length, -26)])
    if name == "knee":
        sc.field = (rng.uniform(165, 215), rng.uniform(200, 255))
        mid = 0.5 * (whole((0, -10, 0)) + shank((0, 0, 0)))
        sc.centre = tuple(mid[:2] + rng.normal(0, 7, 2))
        sc.muscle = ((-80, -130, 10), (80, 130, 150))
    elif name == "thigh":
        sc.field = (rng.uniform(215, 275), rng.uniform(330, 400))
        sc.centre = tuple(whole((8, rng.uniform(-270, -170), 0))[:2])
        sc.muscle = ((-100, -380, 10), (120, -60, 170))
    else:
        sc.field = (rng.uniform(170, 230), rng.uniform(330, 400))
        sc.centre = tuple(shank((5, rng.uniform(170, 225), 0))[:2])
        sc.muscle = ((-80, 30, 10), (90, 300, 150))
    if rng.random() < 0.4 and name == "knee":
        f = Solid("bone", 0.8, whole, 0.3)
        f.ball((rng.normal(20, 3), -22, -44), (4.5, 5.5, 3.5), 0.7, tb)
        sc.bones.append(f)
        sc.fabella = True
    sc.depth = 110
    return sc


# ---- arm ----------------------------------------------------------------------------------------

def humerus(rng, pose, tb, low=230, child=False):
    b = Solid("bone", 1.3, pose, 0.4)
    c = lambda t: cortex(rng, t)
    b.ball((0, 0, 0), (23, 23, 23), c(0.8), tb * 1.5)
    b.ball((17, -4, 4), (10, 13, 13), c(0.8), tb * 0.8, 6)
    b.ball((6, 4, 17), (7, 11, 7), c(0.8), tb, 5)
    b.chain([(4, 6, 2), (6, 30, 0), (8, 62, 0)], (21, 16, 13), c(1.5), tb * 0.6, 8)
    b.chain([(7, 48, 0), (8, 90, 0), (8, 160, 0), (8, low, 0)], (13.5, 12, 11.5, 11), 4.0 * rng.uniform(0.75, 1.2), 0.03, 7)
    if child:
        growth_plate(b, (4, 14, 2), (0.15, 1, 0), 30)
    return b


def shoulder(rng):
    sc = Scene("shoulder", "SHOULDER")
    size = rng.uniform(0.9, 1.1)
    fat = rng.gamma(2.0, 4.0)
    sc.fat = 5 + fat
    sc.tb = tb = rng.uniform(0.14, 0.32)
    sc.child = rng.random() < 0.08
    whole = Pose(turn("z", rng.normal(0, 3)) @ turn("y", rng.normal(0, 10)), (0, 0, 95), (0, 0, 0), size)
    arm = Pose(turn("z", rng.uniform(-22, 4)) @ turn("y", rng.uniform(-50, 45)), (0, 0, 0), (0, 0, 0)).then(whole)
    c = lambda t: cortex(rng, t)
    sc.bones.append(humerus(rng, arm, tb, 250, sc.child))
    b = Solid("bone", 1.4, whole, 0.4)
    b.ball((-29, 4, -4), (6, 19, 14), c(1.2), tb)
    b.chain([(-33, 6, -5), (-46, 12, -12), (-58, 14, -18)], (12, 10, 9), c(1.2), tb, 6)
    outline = np.array([[-48, -6], [-70, -30], [-96, -52], [-106, -30], [-104, 20], [-100, 70], [-92, 104], [-84, 96], [-66, 62], [-48, 26]], float) + rng.normal(0, 2, (10, 2))
    b.plate(outline, lambda x, y: -18 + 0.35 * (x + 50) + 0.05 * y, 1.6, 0.8, 0.1, 5, 2.0)
    b.chain([(-40, 20, -9), (-62, 60, -22), (-90, 100, -34)], (6.5, 5.5, 5), c(1.8), tb)
    b.chain([(-104, -18, -40), (-60, -30, -42), (-20, -36, -34), (4, -38, -18)], (3, 5, 6, 7), c(1.0), tb, 5)
    b.chain([(-2, -37, -20), (18, -36, -8), (20, -36, 6), (10, -37, 14)], (10, 12, 11, 7), c(0.9), tb, 5, flat=((0.1, 1, 0), 2.1))
    b.ball((-24, 4, 0), (2.0, 17, 13), cut=True)
    sc.bones.append(b)
    b = Solid("bone", 1.3, whole, 0.4)
    b.chain([(-38, -12, 4), (-44, -22, 16), (-38, -22, 30), (-24, -12, 38)], (8, 7.5, 7, 6), c(1.0), tb)
    sc.bones.append(b)
    b = Solid("bone", 1.3, whole, 0.4)
    b.chain([(4, -42, 16), (-20, -50, 14), (-60, -54, 22), (-105, -44, 40), (-150, -30, 52)], (7.5, 6.2, 6, 6.5, 9), c(1.8), tb * 0.7, 4)
    sc.bones.append(b)
    for i in range(9):
        b = Solid("bone", 1.5, whole, 0.5, rc=0.7)
        w = 70 + min(i, 5) * 9
        y0 = -50 + 27 * i + rng.normal(0, 2)
        a = np.linspace(-2.2, 1.35, 9)
        pts = [(-168 + w * np.cos(q), y0 + 24 * (q + 2.2) / 1.2 - 6 * np.sin(q + 1), -4 + 82 * np.sin(q) * (0.75 + 0.04 * i)) for q in a]
        b.chain(pts, 4.4 + 0.3 * rng.normal(), c(0.5), tb * 0.5, 3)
        sc.bones.append(b)
    lung = Solid("gas", 3.0, whole, 1.5, weight=rng.uniform(0.68, 0.8))
    lung.ball((-170, 95, -4), (86, 165, 72))
    sc.gas.append(lung)
    for _ in range(22):
        v = Solid("soft_extra", 1.2, whole, 0.2, weight=0.7)
        p = np.array([-245.0, rng.uniform(30, 130), rng.uniform(-30, 30)])
        q = np.array([-150 + rng.normal(0, 22), p[1] + rng.normal(0, 50), rng.uniform(-50, 50)])
        v.chain([p, 0.5 * (p + q) + rng.normal(0, 8, 3), q], (3.4, 2.0, 0.7))
        sc.gas.append(v)
    body = Solid("soft", 2.8, whole, 1.2)
    g = 0.7 * fat
    body.chain([(-178, -14, -4), (-172, 60, -4), (-172, 180, -4), (-172, 300, -4)], (108 + g, 126 + g, 128 + g, 128 + g), k=30, flat=((0, 0, 1), 1.25))
    body.chain([(-150, -50, -10), (-80, -42, -10), (-20, -16, -6)], (48 + g, 42 + g, 42 + g), k=25)
    body.chain([(-215, -190, -8), (-212, -60, -8)], (58 + g, 66 + g), k=30)
    body.pose = arm
    body.chain([(0, -4, 0), (10, 50, 0), (10, 130, 0), (8, 260, 0)], (48 + g, 50 + g, 45 + g, 40 + g), k=22)
    sc.body = body
    w, q = (lambda *p: whole(p)), (lambda *p: arm(p))
    for a in (-4, 4, 10, 16, 22):
        sc.site("calcific_tendinitis", w(a, -27.5 + 0.012 * a * a, rng.uniform(-6, 10)), (5, 2.5, 5), (0.95, 0.15 + 0.02 * a, 0), "cuff")
    sc.site("calcific_tendinitis", q(30, -2, 4), (3, 5, 5), (0.4, 0.9, 0), "cuff")
    sc.site("ossification", q(26, 28, 6), (8, 20, 8), (0, 1, 0))
    sc.site("ossification", w(-16, 34, 8), (6, 10, 8), (0.4, 0.9, 0))
    sc.site("ossification", q(-14, 110, 8), (7, 30, 8), (0, 1, 0))
    sc.site("tumoral_calcinosis", w(34, 4, -8), (10, 16, 8), (0, 1, 0))
    sc.site("tumoral_calcinosis", w(-8, -46, -10), (14, 6, 8), (1, 0, 0))
    sc.site("tumoral_calcinosis", w(-34, 56, -10), (10, 14, 8), (1, 1, 0))
    sc.site("calcification", q(34, 60, 6), (12, 40, 14), (0, 1, 0))
    sc.site("calcification", w(-60, -30, 30), (20, 10, 10), (1, 0, 0))
    sc.site("calcification", w(-40, 50, -20), (20, 20, 12), (0.3, 1, 0))
    sc.vessels.append([w(-130, -30, 20), w(-60, 10, 20), w(-30, 60, 12), q(-20, 110, 4), q(-16, 240, 4)])
    sc.fibres = [((0, 1, 0), 18.0), ((0.8, 0.6, 0), 18.0)]
    sc.seeds = [(-40, 10), (0, 30), (30, 0), (10, -35), (-60, -30), (-110, 60), (-140, -60), (-200, 70), (-200, -75)]
    sc.muscle = ((-110, -60, 50), (60, 180, 150))
    sc.field = (rng.uniform(215, 265), rng.uniform(200, 250))
    sc.centre = (-42 + rng.normal(0, 12), 35 + rng.normal(0, 10))
    sc.depth = 180
    return sc


def distal_humerus(rng, pose, tb, up=260, child=False):
    b = Solid("bone", 1.0, pose, 0.3)
    c = lambda t: cortex(rng, t)
    b.chain([(0, -up, 2), (0, -140, 2), (0, -62, 0)], (11, 10.5, 10.5), 3.8 * rng.uniform(0.75, 1.2), 0.04, 6)
    b.chain([(0, -66, 0), (-9, -42, -1), (-22, -18, -3), (-29, -13, -5)], (9, 7.5, 7, 4), c(1.8), tb * 0.8, 5)
    b.chain([(0, -66, 0), (9, -42, -1), (19, -18, 0), (24, -12, 0)], (9, 7.5, 7, 4.5), c(1.8), tb * 0.8, 5)
    b.ball((-1, -32, -1), (19, 26, 6.5), c(1.0), tb, 6)
    b.chain([(-20, -4, 4), (-10, -6, 4), (-2, -5, 4)], (10.5, 8.5, 9.5), c(1.0), tb * 1.2, 4)
    b.ball((13, -5, 6), (10, 9.5, 10), c(0.9), tb * 1.2, 5)
    b.ball((-5, -24, -9), (11, 9, 8), cut=True)
    b.ball((-5, -24, 10), (9, 7, 7), cut=True)
    if child:
        growth_plate(b, (0, -13, 2), (0.0, 1, 0), 34)
    return b


def ulna(rng, pose, tb, length=245, child=False):
    b = Solid("bone", 1.0, pose, 0.3)
    c = lambda t: cortex(rng, t)
    b.chain([(-8, -20, -9), (-8, -6, -13), (-8, 10, -9), (-7, 30, -3)], (8.5, 9, 9.5, 9), c(1.4), tb, 5)
    b.ball((-9, 10, 3), (11, 6, 9), c(1.2), tb, 4)
    b.chain([(-7, 26, -4), (-8, 80, -2), (-12, 150, 0), (-13, length - 25, 0)], (8.5, 7.2, 6, 5.4), 2.7 * rng.uniform(0.7, 1.2), 0.05, 5)
    b.chain([(-13, length - 30, 0), (-14, length - 9, 0)], (5.5, 8.5), c(0.9), tb, 4)
    b.chain([(-19, length - 8, -2), (-20, length - 1, -2)], (3, 1.8), c(0.8), tb)
    b.chain([(-22, -4.5, 4), (8, -4.5, 4)], 11.2, cut=True)
    if child:
        growth_plate(b, (-13, length - 17, 0), (0.0, 1, 0), 14)
    return b


def radius(rng, pose, tb, length=245, child=False):
    b = Solid("bone", 1.0, pose, 0.3)
    c = lambda t: cortex(rng, t)
    b.box((13, 11, 5), (11, 5.2, 11), 4, c(1.0), tb, 3)
    b.chain([(13, 16, 5), (13, 26, 4), (11, 38, 3)], (7, 6.5, 8), c(1.5), tb, 5)
    b.ball((6, 34, 5), (5.5, 9, 6), c(1.2), tb, 4)
    b.chain([(11, 38, 3), (17, 100, 4), (15, 170, 2), (9, length - 35, 0)], (7.5, 7.4, 7, 8.5), 2.8 * rng.uniform(0.7, 1.2), 0.05, 5)
    b.chain([(9, length - 40, 0), (6, length - 14, 0)], (9, 14.5), c(1.2), tb, 6, flat=((0, 0, 1), 1.35))
    b.box((6, length - 8, 0), (15.5, 6, 10), 5, c(1.1), tb * 1.2, 4, rot=turn("z", 14))
    b.chain([(18, length - 6, 0), (19, length + 5, 0)], (5.5, 2.5), c(0.9), tb)
    if child:
        growth_plate(b, (7, length - 17, 0), (0.0, 1, 0), 24)
        growth_plate(b, (13, 17, 5), (0.0, 1, 0), 14)
    return b


PALM = {  # metacarpal base and head, then phalanx lengths (mm); the wrist joint is at y = 0, fingers towards -y
    "I": ((25, -17), (44, -55), (31, 22)), "II": ((13, -30), (20, -95), (40, 24, 18)), "III": ((3, -31), (4, -94), (44, 28, 18)),
    "IV": ((-6, -29), (-12, -86), (41, 26, 18)), "V": ((-14, -26), (-26, -78), (33, 19, 16))}


def long_bone(rng, pose, a, b, r, tb, step=0.7, ct=1.7):
    a, b = np.asarray(a, float), np.asarray(b, float)
    e = (b - a) / np.linalg.norm(b - a)
    n = np.array([-e[1], e[0], 0.0])
    s = Solid("bone", step, pose, 0.2)
    s.chain([a + 2 * e, 0.35 * b + 0.65 * a, 0.65 * b + 0.35 * a, b - 2 * e], (1.25 * r, 0.88 * r, 0.86 * r, 1.1 * r), ct * rng.uniform(0.7, 1.2), tb * 0.4, 2)
    s.chain([a + 1.05 * r * e - 0.35 * r * n, a + 1.05 * r * e + 0.35 * r * n], 1.1 * r, 0.4, tb * 1.3, 3)
    s.chain([b - 1.0 * r * e - 0.3 * r * n, b - 1.0 * r * e + 0.3 * r * n], 1.0 * r, 0.4, tb * 1.3, 3)
    return s


def hand_bones(rng, sc, pose, tb, body, child=False, step=0.7):
    carpals = [((13, -11), (9, 6, 7), 35), ((2, -9), (7.5, 7.5, 8), 0), ((-10, -10), (7, 6.5, 6.5), -20), ((19, -22), (7.5, 6.5, 7), 20),
               ((11, -25), (5.5, 6, 6.5), 10), ((2, -22), (6.5, 11, 8), 0), ((-9, -22), (8, 7.5, 7.5), -10)]
    for (x, y), r, a in carpals:
        s = Solid("bone", step, pose, 0.45)
        s.ball((x, y, 0), np.array(r) * rng.uniform(0.95, 1.05, 3), 0.45, tb * 1.5, rot=turn("z", a))
        sc.bones.append(s)
    s = Solid("bone", step, pose, 0.3)
    s.ball((-14, -11, 10), (5, 5.5, 4.5), 0.7, tb)
    sc.bones.append(s)
    spread = rng.uniform(-0.04, 0.14)
    tips = {}
    for i, (name, (base, head, ph)) in enumerate(PALM.items()):
        r = {"I": 5.2, "II": 4.9, "III": 4.9, "IV": 4.3, "V": 4.2}[name]
        a, b = np.array([*base, 0.0]), np.array([*head, 2.0])
        sc.bones.append(long_bone(rng, pose, a, b, r, tb, step))
        d = (b - a) / np.linalg.norm(b - a)
        turnz = turn("z", np.rad2deg({"I": rng.uniform(-0.3, 0.0), "II": spread, "III": 0.3 * spread, "IV": -0.5 * spread, "V": -1.6 * spread}[name] + rng.normal(0, 0.03)))
        if child:
            growth_plate(sc.bones[-1], b - 9 * d if name != "I" else a + 8 * d, d, 9)
        d = turnz @ d
        p, joints = b + 2.0 * d, [a, b]
        for j, n in enumerate(ph):
            q = p + n * d
            rr = r * (0.9, 0.78, 0.62)[j + (name == "I") * (j > 0)]
            last = j == len(ph) - 1
            s = long_bone(rng, pose, p, q, rr, tb, step, 1.3)
            if last:
                s.ops = []
                s.chain([p + 2.5 * d, p + 0.5 * (q - p), q - 2 * d], (1.35 * rr, 0.8 * rr, 1.05 * rr), 0.8, tb, 2)
            if child:
                growth_plate(s, p + 4.5 * d, d, 8)
            sc.bones.append(s)
            if name == "IV" and j == 0:
                sc.ring = s
            joints.append(q)
            p = q + 1.7 * d
            d = turn("z", rng.normal(0, 1.5)) @ d
        tips[name] = (joints, d)
        thick = {"I": 10.5, "II": 9.2, "III": 9.4, "IV": 8.9, "V": 7.9}[name] * rng.uniform(0.95, 1.12) + 0.15 * sc.fat
        body.chain([joints[1], *joints[2:], joints[-1] + 4.5 * d], [thick * 1.2, *np.linspace(thick * 1.05, thick * 0.82, len(joints) - 2), thick * 0.66], k=2.5, smooth=False)
        body.chain([joints[0], joints[1]], (13 if name != "I" else 14, 12.5), k=8)
    for x in (-1, 1):
        if rng.random() < 0.8:
            s = Solid("bone", 0.5, pose, 0.1)
            j = tips["I"][0][1]
            s.ball((j[0] - 4 + x * 3.4, j[1] + 1 + x * 1.6, 8), (2.0, 2.5, 1.8), 0.4, tb)
            sc.bones.append(s)
    return tips


def forelimb(rng, name):
    """elbow, forearm or hand."""
    part = {"elbow": "ELBOW", "forearm": "FOREARM", "hand": "HAND"}[name]
    sc = Scene(name, part if rng.random() < 0.8 else "EXTREMITY")
    size = rng.uniform(0.9, 1.1)
    fat = rng.gamma(2.0, 1.6)
    sc.fat = 2.5 + 0.8 * fat
    sc.tb = tb = rng.uniform(0.16, 0.36)
    sc.child = rng.random() < 0.12
    length = rng.uniform(230, 258)
    lateral = name != "hand" and rng.random() < 0.45
    spin = turn("y", (90 if lateral else 0) + rng.normal(0, 8))
    whole = Pose(turn("z", rng.normal(0, 6) + (180 if name == "hand" else 0)) @ spin, (0, 0, 45 if name != "hand" else 22), (0, 0, 0), size)
    bend = turn("x", rng.uniform(70, 100) if (lateral and name == "elbow") else rng.normal(0, 4))
    fore = Pose(bend, (0, -4, 4), (0, -4, 4)).then(whole)
    body = Solid("soft", 1.6 if name != "hand" else 1.2, fore, 0.6 if name != "hand" else 0.25)
    g = 0.8 * fat
    hand = Pose(turn("z", rng.normal(0, 5)), (-1, length + 1, 0), (0, 0, 0)).then(fore)
    flip = Pose(np.diag([1.0, -1, 1]), (0, 0, 0))
    hand = flip.then(hand)
    sc.bones += [ulna(rng, fore, tb, length, sc.child), radius(rng, fore, tb, length, sc.child)]
    if name == "hand":
        for b in sc.bones:
            b.step = 0.8
    body.chain([(0, -12, 0), (2, 40, 0), (2, 100, 0), (0, 170, 0), (-1, length - 20, 0), (0, length, 0)], np.array((38, 43, 38, 30, 24, 24)) + g, k=12, flat=((0, 0, 1), 1.08))
    f, w = (lambda *p: fore(p)), (lambda *p: whole(p))
    if name != "hand":
        sc.bones.append(distal_humerus(rng, whole, tb, child=sc.child))
        body.pose = whole
        body.chain([(0, -280, 0), (0, -150, 0), (0, -60, 0), (0, -10, 0)], np.array((48, 44, 38, 37)) + g, k=14, flat=((0, 0, 1), 1.02))
    if name != "elbow":
        body.pose = hand
        body.chain([(-2, 10, 0), (1, -15, 0), (2, -40, 0)], (25 + g, 27 + g, 30), k=8, flat=((0, 0, 1), 1.6))
        tips = hand_bones(rng, sc, hand, tb, body, sc.child, 0.7 if name == "hand" else 0.9)
    sc.body = body
    sc.seeds = [(-20, 12), (0, 24), (20, 10), (18, -14), (-4, -24), (-24, -10), (2, 2)]
    sc.fibres = [((0, 1, 0), 12.0)]
    if name == "elbow":
        sc.site("ossification", w(2, -30, 26), (8, 20, 5), (0, 1, 0))
        sc.site("ossification", f(14, 18, 22), (7, 14, 5), (0, 1, 0))
        sc.site("ossification", w(-4, -34, -22), (8, 12, 4), (0, 1, 0))
        sc.site("ossification", w(-30, -4, 0), (3, 5, 4), (0.3, 1, 0))
        sc.site("tumoral_calcinosis", f(-8, -16, -36), (8, 14, 5), (0, 1, 0))
        sc.site("tumoral_calcinosis", w(0, -40, -32), (10, 14, 4), (0, 1, 0))
        sc.site("calcific_tendinitis", w(29, -6, 1), (2.5, 5, 4), (0.2, 1, 0), "epicondyle")
        sc.site("calcific_tendinitis", w(-33, -8, -5), (2.5, 4, 4), (0.2, 1, 0), "epicondyle")
        sc.site("calcification", f(-8, 20, -26), (10, 25, 4), (0, 1, 0))
        sc.site("calcification", w(20, -60, 14), (12, 30, 10), (0, 1, 0))
        sc.field, sc.centre = (rng.uniform(150, 195), rng.uniform(170, 220)), tuple(0.5 * (fore((0, 35, 0)) + whole((0, -35, 0)))[:2] + rng.normal(0, 5, 2))
        sc.muscle = ((-50, -110, 5), (50, 120, 90))
    elif name == "forearm":
        for y in (60, 110, 160):
            sc.site("calcification", f(rng.normal(0, 10), y, 18), (16, 30, 6), (0, 1, 0))
            sc.site("ossification", f(0, y, 12), (7, 30, 5), (0, 1, 0))
            sc.site("phlebolith", f(-10, y, 18), (14, 30, 6), (0, 1, 0))
        sc.site("tumoral_calcinosis", f(-8, -12, -34), (7, 12, 4), (0, 1, 0))
        sc.site("tumoral_calcinosis", f(-24, length - 10, -8), (5, 10, 4), (0, 1, 0))
        sc.field, sc.centre = (rng.uniform(150, 190), rng.uniform(290, 335)), tuple(fore((0, 122, 0))[:2] + rng.normal(0, 5, 2))
        sc.muscle = ((-50, 0, 5), (50, 250, 90))
    else:
        for i, (jn, d) in tips.items():
            side = np.array([-d[1], d[0], 0])
            sc.site("calcification", hand(jn[-1] + 1.0 * d), (4, 4, 3), (0, 1, 0), "tip")
            sc.site("calcification", hand(jn[-2] + 5 * side * rng.choice([-1, 1])), (3, 5, 3), (0, 1, 0), "tip")
            sc.site("calcification", hand(0.5 * (jn[2] + jn[1]) + 6 * side * rng.choice([-1, 1])), (3, 8, 3), (0, 1, 0), "tip")
        sc.site("calcific_tendinitis", hand((-22, -8, 9)), (2, 4, 2), (0, 1, 0), "wrist")
        sc.site("calcific_tendinitis", hand((24, -93, 5)), (4, 4, 3), (0, 1, 0), "wrist")
        sc.site("calcific_tendinitis", hand((4, 4, 12)), (8, 5, 2), (0, 1, 0), "wrist")
        sc.site("tumoral_calcinosis", hand((-26, 2, -6)), (4, 8, 4), (0, 1, 0))
        sc.site("tumoral_calcinosis", hand((34, -70, -4)), (5, 6, 3), (0, 1, 0))
        sc.site("tumoral_calcinosis", hand((0, -60, -8)), (10, 12, 3), (0, 1, 0))
        sc.site("ossification", hand((30, -50, 4)), (4, 6, 3), (0.3, 1, 0))
        sc.site("phlebolith", hand((0, -55, 8)), (16, 20, 3), (0, 1, 0))
        sc.field, sc.centre = (rng.uniform(165, 200), rng.uniform(215, 255)), tuple(hand((6, -78, 0))[:2] + rng.normal(0, 4, 2))
        sc.muscle = None
        sc.thin = 1.0
    sc.vessels.append([f(14, 30, 16), f(18, 120, 12), f(18, length, 10)])
    sc.depth = 70
    return sc


def make(rng, name):
    """The scene of that name."""
    if name in ("pelvis", "hip"):
        return pelvic(rng, name)
    if name in ("knee", "lower_leg", "thigh"):
        return leg(rng, name)
    if name == "shoulder":
        return shoulder(rng)
    return forelimb(rng, name)
