"""Writes tests/golden/dataset/: small datasets as the usual tools write them, and what pandas reads from them.

Needs pandas and Pillow. Run from anywhere: python make_dataset_fixtures.py
"""

import io
import json
import random
import zipfile
from pathlib import Path

import pandas
from PIL import Image

HERE = Path(__file__).parent / "dataset"
EXPRESSIONS = ["Happiness", "sad", "Neutral", "Angry"]


def png(value, mode="L"):
    """A small image of one shade; `value` names it, so that a test can tell images apart."""
    image = Image.new(mode, (6, 4), value)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def jpeg(value):
    file = io.BytesIO()
    Image.new("RGB", (16, 8), value).save(file, "JPEG")
    return file.getvalue()


def write_zip(name, files, **options):
    with zipfile.ZipFile(HERE / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            # A fixed date keeps the file the same from run to run.
            info = zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w", **options) as entry:
                entry.write(content)


def folders():
    """Folder per class with splits, and what macOS and Windows leave lying about."""
    files = {"faces/README.txt": b"Faces.", "faces/.DS_Store": b"\0", "__MACOSX/faces/._1.png": b"\0"}
    shade = 0
    for split, count in [("Training", 4), ("validation", 2), ("TEST", 2)]:
        for expression in ["Happy", "sadness", "neutral"]:
            for number in range(count):
                files[f"faces/{split}/{expression}/{number}.png"] = png(shade)
                shade += 1
    files["faces/Training/Happy/Thumbs.db"] = b"\0"
    files["faces/Training/Happy/colour.jpg"] = jpeg((200, 100, 50))
    write_zip("folders.zip", files)
    # The same through zip64 headers.
    write_zip("folders_zip64.zip", files, force_zip64=True)


def tables():
    """One table of 24 rows, written by pandas in four ways."""
    draw = random.Random(7)
    rows = []
    for number in range(24):
        rows.append({
            "image": f"images/face {number:02}.png",
            "expression": EXPRESSIONS[number % 4] if number != 5 else None,
            "valence": round(draw.uniform(-1, 1), 4) if number != 6 else None,
            "arousal": round(draw.uniform(-1, 1), 4) if number != 7 else -2.0,
            "split": ["train", "train", "val", "test"][number // 6],
        })
    frame = pandas.DataFrame(rows)
    images = {row["image"]: png(number) for number, row in enumerate(rows)}

    def csv(frame, encoding="utf-8", **options):
        return frame.to_csv(index=False, **options).encode(encoding)

    renamed = frame.rename(columns={"image": "File Name", "expression": "Emotion", "valence": "V", "arousal": "A", "split": "Usage"})
    numbered = frame.copy()
    # pandas writes whole numbers with a gap among them as 1.0, 2.0, ...
    numbered["expression"] = frame["expression"].map({"Happiness": 1, "sad": 2, "Neutral": 0, "Angry": 6})
    write_zip("table_comma.zip", {"set/labels.csv": csv(frame), **{f"set/{k}": v for k, v in images.items()}})
    write_zip("table_semicolon.zip", {
        "labels.csv": csv(renamed, "utf-8-sig", sep=";", decimal=",", lineterminator="\r\n", quoting=1), **images})
    write_zip("table_tab.zip", {"labels.tsv": csv(frame.drop(columns="split"), sep="\t"), **images})
    write_zip("table_numbers.zip", {"labels.csv": csv(numbered), **images})

    # What pandas itself reads from the first of them.
    with zipfile.ZipFile(HERE / "table_comma.zip") as archive:
        read = pandas.read_csv(archive.open("set/labels.csv"))
    read.loc[read["arousal"] == -2, "arousal"] = None
    (HERE / "table.json").write_text(json.dumps(json.loads(read.to_json(orient="records")), indent=1) + "\n")


def odd_archives():
    """An archive with a password's mark, with a method other than deflate, with names that climb, inside another."""
    write_zip("climbing.zip", {"../../happy/1.png": png(1), "/sad/2.png": png(2), "C:\\fear\\3.png": png(3)})
    with zipfile.ZipFile(HERE / "methods.zip", "w") as archive:
        for path, method in [("happy/stored.png", zipfile.ZIP_STORED), ("happy/deflated.png", zipfile.ZIP_DEFLATED),
                             ("sad/bzip2.png", zipfile.ZIP_BZIP2), ("sad/lzma.png", zipfile.ZIP_LZMA)]:
            info = zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0))
            archive.writestr(info, png(9), compress_type=method)
    write_zip("nested.zip", {"happy/1.png": png(1), "more.zip": (HERE / "climbing.zip").read_bytes()})


HERE.mkdir(exist_ok=True)
folders()
tables()
odd_archives()
