"""From masses along the rays to a radiograph: spectrum, scatter, blur, noise, detector faults, processing."""
import cv2
import numpy as np

# NIST X-ray mass attenuation coefficients (Hubbell & Seltzer, NISTIR 5632), cm2/g, times density, per mm.
ENERGY = np.array([30, 40, 50, 60, 80, 100.0])
MUSCLE = np.array([0.3783, 0.2685, 0.2262, 0.2048, 0.1823, 0.1693]) * 1.05 / 10
FAT = np.array([0.3063, 0.2396, 0.2123, 0.1974, 0.1800, 0.1688]) * 0.95 / 10
BONE = np.array([1.331, 0.6655, 0.4242, 0.3148, 0.2229, 0.1855]) * 1.92 / 10
WATER = np.array([0.3756, 0.2683, 0.2269, 0.2059, 0.1837, 0.1707]) / 10
IRON = np.array([8.176, 3.629, 1.958, 1.205, 0.5952, 0.3717]) * 7.87 / 10
ALUMINIUM = np.array([1.128, 0.5685, 0.3681, 0.2778, 0.2018, 0.1704]) * 2.70 / 10
MINERAL = BONE - WATER  # bone that displaces soft tissue


def spectrum(kvp, filter_mm, detector=0.45):
    """Share of the signal per energy after the filter, in an energy-integrating detector."""
    w = np.maximum(kvp - ENERGY, 0) * np.exp(-ALUMINIUM * filter_mm) * np.exp(-((ENERGY / 70.0) ** 2) * detector) * np.array([1, 1, 1, 1.5, 2, 2])
    return (w / w.sum()).astype(np.float32)


def primary(maps, weights):
    """Transmission for maps of muscle, fat, mineral and metal (mm)."""
    out = None
    for i, w in enumerate(weights):
        if w <= 1e-4:
            continue
        e = maps["muscle"] * np.float32(-MUSCLE[i])
        e -= maps["fat"] * np.float32(FAT[i])
        e -= maps["mineral"] * np.float32(MINERAL[i])
        if maps.get("metal") is not None:
            e -= maps["metal"] * np.float32(IRON[i])
        cv2.exp(e, e)
        e *= w
        out = e if out is None else out + e
    return out


def smooth(a, sigma, scale=None):
    """Wide Gaussian by way of a smaller image."""
    scale = scale or max(1, int(sigma / 4))
    h, w = a.shape
    s = cv2.resize(a, (max(4, w // scale), max(4, h // scale)), interpolation=cv2.INTER_AREA)
    s = cv2.GaussianBlur(s, (0, 0), sigma / scale, borderType=cv2.BORDER_REPLICATE)
    return cv2.resize(s, (w, h), interpolation=cv2.INTER_LINEAR)


def noisy(rng, signal, photons, blur_px, spacing):
    """Quantum noise at `photons` per pixel of open beam, correlated by the phosphor, plus electronic noise."""
    n = np.maximum(signal, 1e-6) * np.float32(photons)
    g = rng.standard_normal(signal.shape, dtype=np.float32)
    if blur_px > 0.3:
        g = cv2.GaussianBlur(g, (0, 0), blur_px) * np.float32(np.sqrt(4 * np.pi) * blur_px if blur_px > 0.6 else 1.35)
    out = n + np.sqrt(n) * g
    out += np.float32(rng.uniform(1.0, 4.0)) * rng.standard_normal(signal.shape, dtype=np.float32)
    return np.maximum(out, 0.5) / np.float32(photons)


def deviation(signal, photons, blur_px):
    """Deviation of log signal by quantum noise alone (per pixel)."""
    return 1.0 / np.sqrt(np.maximum(signal * photons, 1.0))


# ---- processing as vendors do -------------------------------------------------------------------

def unit(a, mask, lo=1.0, hi=99.5):
    """Scale between two percentiles found inside the exposed field."""
    v = a[::8, ::8][mask[::8, ::8]]
    p, q = np.percentile(v, [lo, hi])
    return (a - np.float32(p)) / np.float32(max(q - p, 1e-3))


def pyramid(a, levels, gains, power):
    """Compresses each band: small details are raised, large ones lowered."""
    stack, cur = [], a
    for _ in range(levels):
        low = cv2.pyrDown(cur)
        up = cv2.pyrUp(low, dstsize=(cur.shape[1], cur.shape[0]))
        stack.append(cur - up)
        cur = low
    cur = cur * np.float32(gains[-1])
    for i in range(levels - 1, -1, -1):
        b = stack[i]
        m = np.float32(0.18)
        b = np.sign(b) * m * np.power(np.minimum(np.abs(b) / m, 1e3), np.float32(power)) if i > 0 else b
        cur = cv2.pyrUp(cur, dstsize=(b.shape[1], b.shape[0])) + b * np.float32(gains[min(i, len(gains) - 2)])
    return cur


LOOKS = ["raw_linear", "log", "sigmoid", "multiscale", "equalised", "unsharp", "soft_film", "tissue"]


def develop(rng, signal, mask, look, spacing):
    """Signal (share of open beam) -> brightness 0..1 with bone bright, or for `raw_linear` the dark-bone exposure."""
    if look == "raw_linear":
        s = signal / np.float32(np.percentile(signal[::8, ::8], 99.5) * rng.uniform(1.0, 1.3))
        return np.clip(s, 0, 1)
    a = -cv2.log(np.maximum(signal, 1e-5))
    body = mask & (a > np.percentile(a[::8, ::8][mask[::8, ::8]], 2) + 0.15)
    if body.mean() < 0.05:
        body = mask
    if look == "log":
        return np.clip(unit(a, mask, 0.5, 99.8), 0, 1)
    u = unit(a, body, 1, 99.7)
    if look == "sigmoid":
        k, c = rng.uniform(3.5, 6.0), rng.uniform(0.4, 0.6)
        return 1 / (1 + np.exp(-k * (u - np.float32(c))))
    if look == "multiscale":
        g = [rng.uniform(1.0, 1.8), rng.uniform(1.0, 1.6), 1.2, 1.0, 0.9, 0.8, rng.uniform(0.45, 0.7)]
        u = pyramid(np.clip(u, -0.6, 1.6), 6, g, rng.uniform(0.75, 0.95))
        return np.clip(unit(u, body, 0.5, 99.7), 0, 1)
    if look == "equalised":
        u8 = np.clip(u * 0.8 + 0.1, 0, 1)
        c = cv2.createCLAHE(float(rng.uniform(1.5, 3.5)), (int(rng.integers(4, 10)),) * 2)
        e = c.apply((u8 * 65535).astype(np.uint16)).astype(np.float32) / 65535
        f = np.float32(rng.uniform(0.5, 0.9))
        return np.clip(f * e + (1 - f) * u8, 0, 1)
    if look == "unsharp":
        out = u
        for s, k in ((rng.uniform(0.3, 0.8), rng.uniform(0.4, 1.2)), (rng.uniform(3, 9), rng.uniform(0.3, 0.9))):
            out = out + np.float32(k) * (out - smooth(out, s / spacing))
        k = rng.uniform(2.5, 4.5)
        return 1 / (1 + np.exp(-k * (out - np.float32(0.5))))
    if look == "soft_film":
        d = 1 / (1 + np.exp(-rng.uniform(4.0, 6) * (u - np.float32(rng.uniform(0.5, 0.68)))))
        return np.clip(0.03 + 0.94 * d, 0, 1)
    wide = smooth(u, 18 / spacing)
    u = u - np.float32(rng.uniform(0.4, 0.65)) * (wide - np.float32(wide.mean()))
    return np.clip(unit(u, body, 0.5, 99.8), 0, 1) ** np.float32(rng.uniform(0.8, 1.3))
