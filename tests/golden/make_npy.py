"""Arrays as NumPy saves them, for the npy reader.

    pip install numpy==2.4.6
    python tests/golden/make_npy.py

Writes tests/golden/npy/arrays.zip (an array of every type, order, byte order and format version) and values.json: what
NumPy reads from each, flat and in C order.
"""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
from numpy.lib import format as npy_format

HERE = Path(__file__).parent / "npy"
HERE.mkdir(exist_ok=True)
draw = np.random.default_rng(5)
arrays = {}

for order in "<>":
    for kind in ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]:
        limits = np.iinfo(kind)
        # Within 2^53, where a double is exact.
        low, high = max(limits.min, -2**53), min(limits.max, 2**53)
        values = draw.integers(low, high, (2, 3), dtype="i8", endpoint=True)
        values[0, 0], values[1, 2] = low, high
        arrays[f"{order}{kind}"] = (values.astype(order + kind), (1, 0))
    for kind in ["f2", "f4", "f8"]:
        values = draw.normal(0, 100, (3, 2)).astype(order + kind)
        values[0, 0] = {"f2": 6e-8, "f4": 1e-42, "f8": 5e-324}[kind]
        arrays[f"{order}{kind}"] = (values, (1, 0))
    arrays[f"{order}U"] = (np.array([["happy", "sad"], ["Überraschung 😮", ""]], order + "U14"), (3, 0))
arrays["bool"] = (np.array([True, False, True]), (1, 0))
arrays["S"] = (np.array([b"neutral", b"", b"fear"]), (2, 0))
arrays["fortran"] = (np.asfortranarray(draw.integers(0, 255, (2, 3, 4), dtype="u1")), (1, 0))
arrays["fortran-U"] = (np.asfortranarray(np.array([["a", "bc"], ["def", "g"], ["h", "ij"]])), (1, 0))
arrays["scalar"] = (np.array(-2.0), (1, 0))
arrays["scalar-U"] = (np.array("3"), (1, 0))
arrays["empty"] = (np.zeros((0, 4), "f4"), (2, 0))
arrays["one-axis"] = (np.arange(5), (3, 0))
arrays["no-letters"] = (np.array(["", ""]), (1, 0))

values = {}
with zipfile.ZipFile(HERE / "arrays.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    for name, (array, version) in arrays.items():
        file = io.BytesIO()
        npy_format.write_array(file, array, version)
        archive.writestr(zipfile.ZipInfo(f"{name}.npy", (2026, 1, 1, 0, 0, 0)), file.getvalue(), zipfile.ZIP_DEFLATED)
        read = np.load(io.BytesIO(file.getvalue()))
        flat = [v.decode() if isinstance(v, bytes) else v for v in read.ravel().tolist()]
        # As text, which every reader of JSON keeps to the last digit.
        flat = [repr(float(v)) if isinstance(v, (bool, int, float)) else v for v in flat]
        values[name] = {"shape": list(read.shape), "fortran": bool(read.flags.fnc), "values": flat}
(HERE / "values.json").write_text(json.dumps(values, ensure_ascii=False, indent=0) + "\n")
