#!/usr/bin/env python3
"""What tests/pacs/e2e.sh asks of Orthanc and of the files.

e2e.py objects IMAGE FOLDER COUNT   COUNT objects made of IMAGE, in four folders, each with an instance UID of its own
e2e.py study URL IMAGE OUT          the SR and SEG in OUT are in the study of IMAGE, once each, found and fetched by DICOMweb
e2e.py same IMAGE FOLDER            the one file in FOLDER is IMAGE
e2e.py all URL OBJECTS OUT          each of OBJECTS has one report in OUT and in Orthanc
e2e.py once OBJECTS OUT             each of OBJECTS, renamed .done when acknowledged, has one report in OUT; says when it came
"""

import io
import json
import sys
import urllib.request
from email.parser import BytesParser
from pathlib import Path

import highdicom
import pydicom


def expect(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")


def get(url, accept):
    request = urllib.request.Request(url, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.headers, answer.read()


def qido(url):
    return json.loads(get(url, "application/dicom+json")[1])


def value(found, tag):
    return found[tag]["Value"][0]


def wado(url):
    """The instances a WADO-RS request gives."""
    headers, body = get(url, 'multipart/related; type="application/dicom"')
    message = BytesParser().parsebytes(b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n" + body)
    return [pydicom.dcmread(io.BytesIO(part.get_payload(decode=True))) for part in message.get_payload()]


def objects(image, folder, count):
    source = pydicom.dcmread(image)
    for number in range(count):
        source.SOPInstanceUID = source.file_meta.MediaStorageSOPInstanceUID = f"2.25.{10**20 + number}"
        path = folder / str(number % 4) / f"{number:06}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        source.save_as(path)


def study(base, image, out):
    source = pydicom.dcmread(image, stop_before_pixels=True)
    web = f"{base}/dicom-web"
    found = qido(f"{web}/studies?StudyInstanceUID={source.StudyInstanceUID}")
    expect(len(found) == 1, "one study")
    series = qido(f"{web}/studies/{source.StudyInstanceUID}/series")
    modalities = sorted(value(one, "00080060") for one in series)
    expect(modalities == ["CR", "SEG", "SR"], f"three series: {modalities}")
    for kind, read in (("sr", highdicom.sr.srread), ("seg", highdicom.seg.segread)):
        (path,) = (out / kind).glob("*.dcm")
        made = pydicom.dcmread(path)
        instances = qido(f"{web}/studies/{source.StudyInstanceUID}/instances?SOPInstanceUID={made.SOPInstanceUID}")
        expect(len(instances) == 1, f"the {kind} is there once")
        series = value(instances[0], "0020000E")
        here = f"{web}/studies/{source.StudyInstanceUID}/series/{series}"
        expect(len(qido(f"{here}/instances")) == 1, f"the series of the {kind} holds nothing else")
        (fetched,) = wado(f"{here}/instances/{made.SOPInstanceUID}")
        expect(fetched == made, f"the {kind} comes back as it was written")
        bytes_ = io.BytesIO()
        fetched.save_as(bytes_)
        bytes_.seek(0)
        again = read(bytes_)
        if kind == "sr":
            expect(again.content.get_planar_roi_measurement_groups(), "highdicom finds measurement groups")
        else:
            expect(again.number_of_segments > 0 and again.pixel_array.any(), "highdicom finds segments")
            expect(again.get_source_image_uids()[0][2] == source.SOPInstanceUID, "the segmentation is of this image")


def reported(report):
    """The instance that a report is about."""
    series = report.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0]
    return series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID


def one_report_each(wanted, out):
    """The reports in OUT, by path: one for each of the instances, and one record."""
    tags = ["StudyInstanceUID", "CurrentRequestedProcedureEvidenceSequence"]
    reports = {path: pydicom.dcmread(path, specific_tags=tags) for path in sorted((out / "sr").glob("*.dcm"))}
    seen = [reported(report) for report in reports.values()]
    expect(len(seen) == len(set(seen)) == len(wanted) and set(seen) == wanted, f"{len(wanted)} objects, {len(seen)} reports")
    records = [json.loads(line) for path in (out / "findings").glob("*.jsonl") for line in path.read_text().splitlines()]
    expect(sorted(record["source"]["sop_instance"] for record in records) == sorted(wanted), "one record per object")
    return reports


def instance(path):
    return pydicom.dcmread(path, specific_tags=["SOPInstanceUID"]).SOPInstanceUID


def everything(base, sent, out):
    reports = one_report_each({instance(path) for path in sent.rglob("*.dcm")}, out)
    study = next(iter(reports.values())).StudyInstanceUID
    for kind, modality in (("sr", "SR"), ("seg", "SEG")):
        mine = {instance(path) for path in (out / kind).glob("*.dcm")}
        request = urllib.request.Request(
            f"{base}/tools/find",
            data=json.dumps({"Level": "Instance", "Query": {"StudyInstanceUID": study, "Modality": modality}, "Expand": True}).encode(),
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            there = [one["MainDicomTags"]["SOPInstanceUID"] for one in json.load(answer)]
        expect(len(there) == len(set(there)) and set(there) == mine, f"{modality}: {len(mine)} here, {len(there)} in Orthanc")


def once(sent, out):
    # storescu renames a file when its object is acknowledged, which changes its status and not its content.
    acknowledged = {instance(path): path.stat().st_ctime for path in sent.rglob("*.dcm.done")}
    reports = one_report_each(set(acknowledged), out)
    waits = sorted(path.stat().st_mtime - acknowledged[reported(report)] for path, report in reports.items())
    part = lambda share: max(0.0, waits[min(int(share * len(waits)), len(waits) - 1)])
    print(f"{len(waits)} objects, one result each; from acknowledgement to report: "
          f"median {part(0.5):.2f} s, 95 % {part(0.95):.2f} s, longest {part(1):.2f} s")


def same(image, folder):
    (path,) = folder.rglob("*.dcm")
    one, other = pydicom.dcmread(image), pydicom.dcmread(path)
    expect(one == other and one.file_meta.TransferSyntaxUID == other.file_meta.TransferSyntaxUID, "the image as it was sent")


def main():
    if sys.argv[1] == "objects":
        objects(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
    elif sys.argv[1] in ("same", "once"):
        {"same": same, "once": once}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        check = {"study": study, "all": everything}[sys.argv[1]]
        check(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))


main()
