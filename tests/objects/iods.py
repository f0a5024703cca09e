#!/usr/bin/env python3
"""Holds DICOM objects against the tables of PS3.3 with dicom-validator, without a network.

usage: iods.py FILE...      prints what dicom-validator says of each, a line an error

dicom-validator takes its tables from the standard's DocBook, which it fetches from dicom.nema.org. Here they are made of the JSON of
PS3.3 (of April 2020) that the package dicom-standard holds, conditions by dicom-validator's own parser. Enumerated values are not in it.
"""

import html
import importlib.metadata
import json
import re
import sys
from pathlib import Path

import pydicom
from dicom_validator.spec_reader.condition import ConditionType
from dicom_validator.spec_reader.condition_parser import ConditionParser
from dicom_validator.validator.dicom_info import DicomInfo
from dicom_validator.validator.error_handler import NullValidationResultHandler
from dicom_validator.validator.iod_validator import IODValidator
from dicom_validator.validator.validation_result import Status

FUNCTIONAL_GROUPS = ("(5200,9229)", "(5200,9230)")
CONTENT, VALUE_TYPE = "(0040,A730)", "(0040,A040)"
# Macros that a content item includes if and only if it has this value type (PS3.3 table C.17-5).
OF_VALUE_TYPE = {
    "numeric-measurement": "NUM", "code": "CODE", "composite-object-reference": "COMPOSITE", "image-reference": "IMAGE",
    "waveform-reference": "WAVEFORM", "spatial-coordinates": "SCOORD", "3d-spatial-coordinates": "SCOORD3D",
    "temporal-coordinates": "TCOORD", "container": "CONTAINER",
}


def table(name):
    for file in importlib.metadata.files("dicom-standard"):
        if file.name == f"{name}.json":
            return json.loads(Path(file.locate()).read_text())
    sys.exit(f"dicom-standard has no {name}.json")


def words(markup):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def condition(parser, text):
    parsed = parser.parse(text)
    return None if parsed.type == ConditionType.UserDefined else json.loads(json.dumps(parsed.result_dict()))


def attributes(parser, names, rows):
    """By module or macro: attribute by tag, with those of the items of a sequence below it."""
    found = {}
    for row in rows:
        owner, *path = row["path"].split(":")
        if "X" in row["tag"].upper():
            continue  # Repeating groups, which dicom-validator does not take.
        level = found.setdefault(owner, {})
        for tag in path[:-1]:
            level = level.setdefault(f"({tag[:4]},{tag[4:]})".upper(), {}).setdefault("items", {})
        one = level.setdefault(row["tag"].upper(), {})
        one.update(name=names.get(row["tag"].upper(), row["tag"]), type=row["type"])
        if row["type"] in ("1C", "2C", "3"):
            parsed = condition(parser, words(row["description"]))
            if parsed:
                one["cond"] = parsed
    return found


def by_value_type(level, macros):
    """Content items, which the tables give what items of all value types have, include what those of their own have."""
    if VALUE_TYPE in level and "(0040,A300)" in level:
        for macro in OF_VALUE_TYPE:
            for tag in macros[macro]:
                level.pop(tag, None)
        level["include"] = [
            {"ref": macro, "cond": {"type": "MN", "op": "=", "tag": VALUE_TYPE, "index": 0, "values": [kind]}}
            for macro, kind in OF_VALUE_TYPE.items()
        ]
    for tag, one in level.items():
        if tag != "include" and "items" in one:
            by_value_type(one["items"], macros)


def contain_themselves(level):
    """Content items hold content items, which the tables say in words."""
    for tag, one in level.items():
        if tag != "include" and "items" in one:
            if tag == CONTENT:
                one["items"].setdefault(CONTENT, {"name": one["name"], "type": "3", "items": one["items"]})
            else:
                contain_themselves(one["items"])


def usage(parser, row):
    text = row["usage"] + (f" - {row['conditionalStatement']}" if row["conditionalStatement"] else "")
    found = {"use": text}
    parsed = condition(parser, text) if row["usage"] == "C" else None
    if parsed:
        found["cond"] = parsed
    return found


def information():
    dictionary = {
        one["tag"].upper(): {"name": one["name"], "vr": one["valueRepresentation"], "vm": one["valueMultiplicity"], "prop": ""}
        for one in table("attributes")
    }
    parser = ConditionParser(dictionary)
    names = {tag: one["name"] for tag, one in dictionary.items()}
    modules = attributes(parser, names, table("module_to_attributes"))
    macros = attributes(parser, names, table("macro_to_attributes"))
    for one in modules.values():
        by_value_type(one, macros)
        contain_themselves(one)
        for tag in FUNCTIONAL_GROUPS:
            if tag in one:
                one[tag].setdefault("items", {})["include"] = [{"ref": "FuncGroup"}]
    titles = {one["id"]: one["name"] for one in table("modules") + table("macros")}
    iods = {}
    for sop in table("sops"):
        (ciod,) = [one for one in table("ciods") if one["name"] == sop["ciod"]] or [None]
        if ciod is None:
            continue
        used = {titles[row["moduleId"]]: usage(parser, row) | {"ref": row["moduleId"]} for row in table("ciod_to_modules") if row["ciodId"] == ciod["id"]}
        groups = {titles[row["macroId"]]: usage(parser, row) | {"ref": row["macroId"]} for row in table("ciod_to_fg_macros") if row["ciodId"] == ciod["id"]}
        iods[sop["id"]] = {"title": ciod["name"], "modules": used, "group_macros": groups}
    # Modules of repeating groups are left without attributes.
    return DicomInfo(dictionary, iods, dict.fromkeys(titles, {}) | macros | modules)


def complaints(info, file):
    """What dicom-validator says of a file or a data set, a line an error."""
    data = file if isinstance(file, pydicom.Dataset) else pydicom.dcmread(file)
    said = IODValidator(data, info, error_handler=NullValidationResultHandler()).validate()
    if said.status not in (Status.Passed, Status.Failed):
        return [said.status.name]
    lines = []
    for module, errors in said.module_errors.items():
        for tag, error in errors.items():
            place = " > ".join(pydicom.datadict.keyword_for_tag(one) or str(one) for one in (tag.parents or []) + [tag.tag])
            lines.append(f"{module}: {place}: {error.code.name} (type {error.type}) {error.context or ''}".rstrip(" {}"))
    return sorted(lines)


def main():
    info = information()
    for path in sys.argv[1:]:
        print(path)
        for line in complaints(info, path):
            print("   ", line)


if __name__ == "__main__":
    main()
