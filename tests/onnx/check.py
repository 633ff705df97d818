"""What ONNX's own checker and ONNX Runtime for Python say of the files that `cargo test` left: run by hand.

    pip install onnx onnxruntime numpy
    python tests/onnx/check.py [folder]      # $CARGO_TARGET_DIR/tmp/onnx
"""

import json
import os
import sys
from pathlib import Path

import numpy
import onnx
import onnxruntime

folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(os.environ.get("CARGO_TARGET_DIR", "target")) / "tmp/onnx")
files = sorted(folder.glob("*.onnx"))
assert files, f"there is no file in {folder}: run cargo test --test models_graph"
for file in files:
    model = onnx.load(file)
    onnx.checker.check_model(model, full_check=True)
    told = json.loads(file.with_suffix(".json").read_text())
    images = numpy.array(told["images"], numpy.float32).reshape(told["shape"])
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    given = dict(zip([output.name for output in session.get_outputs()], session.run(None, {"images": images})))
    expected = {name: numpy.array(values) for name, values in told["expected"].items()}
    apart = {
        name: float(abs(given[name].ravel() - values).max() / max(1, abs(values).max())) for name, values in expected.items()
    }
    assert max(apart.values()) <= 1e-4, (file.name, apart)
    assert "preprocessing" in {entry.key for entry in model.metadata_props}
    print(file.name, apart)
