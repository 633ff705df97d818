"""What zipfile, pandas and Pillow read from an exported dataset.

    pip install numpy==2.4.6 pandas==3.1.1 pillow==13.0.0
    python tests/golden/read_export.py

Reads tests/golden/export/faces.zip, which tests/dataset_export.rs wrote, and writes faces.json beside it.
"""

import json
import zipfile
from pathlib import Path

import numpy
import pandas
from PIL import Image

HERE = Path(__file__).parent / "export"

with zipfile.ZipFile(HERE / "faces.zip") as archive:
    damaged = archive.testzip()
    with archive.open("labels.csv") as file:
        table = pandas.read_csv(file)
    rows = []
    for row in table.to_dict("records"):
        row = {column: None if pandas.isna(value) else value for column, value in row.items()}
        with archive.open(row["image"]) as file:
            image = Image.open(file)
            image.load()
        pixels = numpy.asarray(image).ravel().tolist()
        rows.append({**row, "mode": image.mode, "size": list(image.size), "pixels": pixels})

read = {"columns": list(table.columns), "damaged": damaged, "rows": rows}
(HERE / "faces.json").write_text(json.dumps(read, ensure_ascii=False) + "\n")
