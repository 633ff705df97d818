"""Reference values for finding faces: what MediaPipe's own runtime says.

    pip install mediapipe==0.10.21 ai-edge-litert==2.3.0 pillow==13.0.0 numpy==1.26.4
    python tests/golden/make_detection.py MODEL PORTRAIT

MODEL is face_detection_short_range.tflite out of npm's @mediapipe/face_detection@0.4.1657300184.
PORTRAIT is scikit-image's astronaut.png (512 x 512, a photograph by NASA, public domain), which `make weights` fetches into
$MIEN_CACHE/weights/check. Writes detection.json:

    network     what BlazeFace, run by LiteRT, says of an image that a formula gives: the logit of every guess, and all numbers
                of every 64th
    pictures    the faces that MediaPipe finds in the portrait and in copies of it, pixels: box (left, top, width, height), six
                keypoints, score
"""

import json
import math
import sys
from pathlib import Path

import mediapipe
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from PIL import Image


def network(model):
    y, x, channel = np.mgrid[0:128, 0:128, 0:3]
    image = np.sin(0.05 * x * (channel + 1) + 0.08 * y).astype(np.float32)[None]
    interpreter = Interpreter(model)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image)
    interpreter.invoke()
    outputs = {of["name"]: interpreter.get_tensor(of["index"])[0] for of in interpreter.get_output_details()}
    scores, places = outputs["classificators"][:, 0], outputs["regressors"]
    return {"scores": [round(float(v), 5) for v in scores], "places": [[round(float(v), 4) for v in row] for row in places[::64]]}


def turned(picture, degrees):
    """The picture turned clockwise about its middle, the nearest pixel; black beside it."""
    height, width, _ = picture.shape
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    y, x = np.mgrid[0:height, 0:width]
    dx, dy = x + 0.5 - width / 2, y + 0.5 - height / 2
    column = np.floor(dx * cosine + dy * sine + width / 2).astype(int)
    row = np.floor(dy * cosine - dx * sine + height / 2).astype(int)
    inside = (column >= 0) & (row >= 0) & (column < width) & (row < height)
    out = np.zeros_like(picture)
    out[inside] = picture[row[inside], column[inside]]
    return out


def framed(picture, margin):
    return np.pad(picture, ((margin, margin), (margin, margin), (0, 0)))


def pictures(portrait):
    yield "portrait", portrait
    yield "beside", np.tile(portrait, (1, 2, 1))
    yield "four", np.tile(portrait, (2, 2, 1))
    yield "framed 200", framed(portrait, 200)
    yield "upper half", portrait[:256, 96:352]
    for degrees in (-30, -15, 15, 30):
        yield f"turned {degrees}", turned(portrait, degrees)
    yield "dark", (portrait // 4)
    yield "sky", portrait[:100, 380:480]


def found(picture):
    # A new one every time: it follows faces from picture to picture.
    with mediapipe.solutions.face_detection.FaceDetection(model_selection=0, min_detection_confidence=0.5) as detector:
        detections = detector.process(np.ascontiguousarray(picture)).detections or []
    height, width, _ = picture.shape
    faces = []
    for detection in detections:
        place = detection.location_data
        box = place.relative_bounding_box
        faces.append(
            {
                "box": [round(v, 2) for v in (box.xmin * width, box.ymin * height, box.width * width, box.height * height)],
                "keypoints": [[round(point.x * width, 2), round(point.y * height, 2)] for point in place.relative_keypoints],
                "score": round(detection.score[0], 4),
            }
        )
    return faces


def main():
    portrait = np.asarray(Image.open(sys.argv[2]).convert("RGB"))
    found_in = {name: found(picture) for name, picture in pictures(portrait)}
    reference = {"network": network(sys.argv[1]), "pictures": found_in}
    path = Path(__file__).parent / "detection.json"
    path.write_text(json.dumps(reference, separators=(",", ":")) + "\n")
    for name, faces in found_in.items():
        print(name, [(face["box"], face["score"]) for face in faces])


main()
