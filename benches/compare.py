#!/usr/bin/env python3
"""How often `calxray compare` tells right what became of known deposits of synthetic bodies.

    calxray phantom --series --out SERIES --count 60 --seed 1
    calxray compare SERIES/prior SERIES/current --out RESULT
    python3 benches/compare.py SERIES RESULT

A true deposit is looked for among the changes by place: the nearest whose centre lies on it, or within 2 mm, in the prior or the
current picture. Only deposits whose place is in both fields and which can be seen are asked for.
"""
import json
import math
import random
import sys
from collections import Counter, defaultdict
from pathlib import Path


def decoded(rle):
    """Pixels (row, column) of a COCO run length, compressed or not."""
    counts = rle["counts"]
    if isinstance(counts, str):
        numbers, at = [], 0
        while at < len(counts):
            value, shift, more = 0, 0, True
            while more:
                code = ord(counts[at]) - 48
                value |= (code & 31) << shift
                more = bool(code & 32)
                at += 1
                shift += 5
                if not more and code & 16:
                    value |= -1 << shift
            if len(numbers) > 2:
                value += numbers[-2]
            numbers.append(value)
        counts = numbers
    height = rle["size"][0]
    pixels, start, on = [], 0, False
    for count in counts:
        if on:
            pixels.extend(((start + k) % height, (start + k) // height) for k in range(count))
        start += count
        on = not on
    return pixels


def wilson(right, count):
    if count == 0:
        return (0.0, 1.0)
    z, share = 1.96, right / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return (middle - half, middle + half)


def by_pairs(counts):
    """95 % interval of the share of right ones by resampling pairs: grains of one body are right or wrong together."""
    chance, shares = random.Random(1), []
    for _ in range(2000):
        drawn = chance.choices(counts, k=len(counts))
        shares.append(sum(right for right, _ in drawn) / max(sum(of for _, of in drawn), 1))
    shares.sort()
    return shares[49], shares[1949]


def truth(folder):
    images = json.loads((folder / "truth.json").read_text())["images"]
    return {image["file"]: image for image in images}


def distance(pixels, place, spacing):
    row, column = place
    return min(math.hypot(r - row, c - column) for r, c in pixels) * spacing


def seen(deposit, sides, file):
    """Whether the deposit is clear wherever it is (contrast at least the structure around it and three times the noise)."""
    return all(
        {focus["focus"]: focus for focus in sides[side][file]["foci"]}[number]["visibility"] == "clear"
        for side in sides
        for number in deposit[side]
    )


def main(series, result, verbose):
    pairs = json.loads((series / "series.json").read_text())["pairs"]
    sides = {"prior": truth(series / "prior"), "current": truth(series / "current")}
    told = {Path(pair["prior"]["path"]).name: pair for pair in json.loads((result / "comparison.json").read_text())["pairs"]}
    confusion, by_label, areas, pulls = defaultdict(Counter), defaultdict(Counter), [], []
    turns, scales, refused, spurious, clear = [], [], [], Counter(), Counter()
    pair_counts, stated = [], {True: Counter(), False: Counter()}
    for pair in pairs:
        one = told.get(pair["file"])
        if one is None or one["comparison"]["refusal"]:
            refused.append((pair["file"], one and one["comparison"]["refusal"]))
            if one is None:
                continue
        found = one["comparison"]
        placed = found["registration"]
        if placed and verbose:
            print(pair["file"], "turn", round(placed["turn_deg"] - pair["motion"]["turn_deg"], 2), "scale", round(placed["scale"] / pair["motion"]["scale"] - 1, 3),
                  "correlation", round(placed["correlation"], 2), "agreement", round(placed["agreement"], 2), sides["prior"][pair["file"]]["scene"])
        if placed:
            turns.append(abs(placed["turn_deg"] - pair["motion"]["turn_deg"]))
            scales.append(abs(placed["scale"] / pair["motion"]["scale"] - 1))
        if found["refusal"]:
            changes = []
        else:
            changes = found["changes"]
        used, own = set(), Counter()
        for deposit in pair["deposits"]:
            pixels = {}
            for side in sides:
                image = sides[side][pair["file"]]
                foci = {focus["focus"]: focus for focus in image["foci"]}
                pixels[side] = [p for number in deposit[side] for p in decoded(foci[number]["segmentation"])]
            best = None
            for nth, change in enumerate(changes):
                for side in sides:
                    if pixels[side] and change[side]["found"] != "not":
                        away = distance(pixels[side], change[side]["centroid"], sides[side][pair["file"]]["spacing_mm"])
                        if away <= 2 and (best is None or away < best[0]):
                            best = (away, nth)
            if best:
                used.add(best[1])
            if not deposit["counts"]:
                continue
            told_event = changes[best[1]]["event"] if best else ("refused" if found["refusal"] else "missed")
            right = told_event == deposit["fate"]
            confusion[deposit["fate"]][told_event] += 1
            if best:
                own["of"] += 1
                own["right"] += right
                stated[changes[best[1]]["certain"]]["of"] += 1
                stated[changes[best[1]]["certain"]]["right"] += right
            if seen(deposit, sides, pair["file"]):
                clear["right" if right else told_event if told_event in ("missed", "refused") else "wrong"] += 1
            by_label[deposit["label"]][right if told_event != "missed" else "missed"] += 1
            if best and changes[best[1]]["change"] is not None and deposit["prior_area_mm2"] > 0 and deposit["current_area_mm2"] > 0:
                change = changes[best[1]]
                ratio = deposit["current_area_mm2"] / deposit["prior_area_mm2"]
                error = (1 + change["change"]) / ratio - 1
                areas.append((error, deposit["prior_area_mm2"], deposit["label"]))
                pulls.append((1 + change["change"] - ratio) / max(change["change_uncertainty"], 1e-6))
            if verbose and not right:
                change = changes[best[1]] if best else None
                print("WRONG", "clear" if seen(deposit, sides, pair["file"]) else "faint", pair["file"], deposit["label"], deposit["fate"], "->", told_event,
                      f"{deposit['prior_area_mm2']:.1f} -> {deposit['current_area_mm2']:.1f} mm2",
                      change and (change["number"], change["change"], change["prior"]["found"], change["current"]["found"],
                                  change["prior"]["area_mm2"], change["current"]["area_mm2"]))
        pair_counts.append((own["right"], own["of"]))
        for nth, change in enumerate(changes):
            if nth not in used:
                spurious[change["event"]] += 1

    events = sorted(confusion)
    columns = ["stable", "grown", "shrunk", "new", "gone", "merged", "split", "not_shown", "missed", "refused"]
    print(f"{len(pairs)} pairs, {len(refused)} refused {refused if verbose else ''}")
    print("true \\ told".ljust(12) + "".join(column.rjust(10) for column in columns))
    for event in events:
        print(event.ljust(12) + "".join(str(confusion[event][column]).rjust(10) for column in columns))
    count = sum(sum(row.values()) for row in confusion.values())
    right = sum(confusion[event][event] for event in events)
    unseen = sum(row["missed"] + row["refused"] for row in confusion.values())
    for what, of in [("of all true deposits", count), ("of those found in either picture", count - unseen)]:
        low, high = wilson(right, of)
        print(f"events right {what}: {right} of {of}, {100 * right / max(of, 1):.1f} % (95 % interval {100 * low:.1f} to {100 * high:.1f})")
    low, high = by_pairs(pair_counts)
    print(f"  the same by resampling pairs: {100 * low:.1f} to {100 * high:.1f}; deposits of refused pairs count in the figure above it only")
    for certain, what in [(True, "stated as certain"), (False, "stated as uncertain")]:
        right_ones, of = stated[certain]["right"], stated[certain]["of"]
        low, high = wilson(right_ones, of)
        print(f"  of those, {what}: {right_ones} of {of}, {100 * right_ones / max(of, 1):.1f} % ({100 * low:.1f} to {100 * high:.1f})")
    of = sum(clear.values())
    low, high = wilson(clear["right"], of)
    print(f"events right of clear deposits: {clear['right']} of {of}, {100 * clear['right'] / max(of, 1):.1f} % "
          f"({100 * low:.1f} to {100 * high:.1f}); missed {clear['missed']}, refused {clear['refused']}, wrong {clear['wrong']}")
    for label in sorted(by_label):
        row = by_label[label]
        print(f"  {label}: right {row[True]}, wrong {row[False]}, missed {row['missed']}")
    sizes = sorted(abs(error) for error, *_ in areas)
    if sizes:
        within = sum(size <= 0.1 for size in sizes) / len(sizes)
        print(f"change of area, error: median {100 * sizes[len(sizes) // 2]:.1f} %, within 10 %: {100 * within:.0f} % of {len(sizes)}")
        big = sorted(abs(error) for error, area, _ in areas if area >= 20)
        if big:
            print(f"  of 20 mm2 and more: median {100 * big[len(big) // 2]:.1f} %, within 10 %: "
                  f"{100 * sum(size <= 0.1 for size in big) / len(big):.0f} % of {len(big)}")
        print(f"  within two stated standard deviations: {100 * sum(abs(p) <= 2 for p in pulls) / len(pulls):.0f} %")
    if turns:
        turns.sort(), scales.sort()
        print(f"registration: turn off by {turns[len(turns) // 2]:.2f} deg in the median, {turns[-1]:.2f} at most; "
              f"scale by {100 * scales[len(scales) // 2]:.2f} %, {100 * scales[-1]:.2f} % at most")
    print("changes told that are no true deposit:", dict(spurious))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), "--verbose" in sys.argv)
