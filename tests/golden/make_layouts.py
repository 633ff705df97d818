"""Small datasets in every layout that is read, written by NumPy, pandas, Pillow and zipfile.

    pip install numpy==2.4.6 pandas==3.1.1 pillow==13.0.0
    python tests/golden/make_layouts.py

Writes tests/golden/layouts/*.zip. An image of one shade says which it is: shade 10 * i for the i-th, from 0. What the
tests expect of each stands in tests/dataset_import/more_layouts.rs.
"""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pandas
from PIL import Image

HERE = Path(__file__).parent / "layouts"
HERE.mkdir(exist_ok=True)
VALENCE = [-1.0, -0.5, 0.0, 0.25, 0.5, 1.0]
AROUSAL = [0.5, -0.25, 0.125, 1.0, -1.0, 0.0]


def image(shade, kind="PNG", size=(6, 4)):
    file = io.BytesIO()
    Image.new("L", size, shade).save(file, kind)
    return file.getvalue()


def npy(array, **options):
    file = io.BytesIO()
    np.save(file, np.asarray(array, **options))
    return file.getvalue()


def csv(frame, **options):
    return frame.to_csv(index=False, **options).encode()


def write(name, files):
    with zipfile.ZipFile(HERE / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)


def seed_project():
    """Images 1, 2, 9, 10, 11, 100: natural order is not the order of letters, nor that of the archive."""
    images = {f"data/images/image{n}.png": image(10 * i) for i, n in enumerate([1, 2, 9, 10, 11, 100])}
    images = dict(sorted(images.items()))
    numbers = [0, 1, 2, 3, 6, 7]
    affect = {"data/valence.npy": npy(VALENCE, dtype="f4"), "data/arousal.npy": npy(AROUSAL, dtype=">f8")}
    write("seed", {**images, "data/expressions.npy": npy(numbers), **affect})
    names = npy(["neutral", "Happiness", "sad", "surprise", "angry", "contempt"])
    write("seed_names", {**images, "data/expressions.npy": names, **affect})
    write("seed_one_hot", {**images, "data/expressions.npy": npy(np.eye(8, dtype="u1")[numbers]), **affect})
    soft = np.asfortranarray(0.75 * np.eye(8)[numbers] + 0.25 * np.eye(8)[4])
    write("seed_soft", {**images, "data/expressions.npy": npy(soft.astype("f2")), **affect})
    splits = {}
    for split, count in [("train", 4), ("val", 2)]:
        for i in range(count):
            splits[f"{split}/images/{i}.png"] = image(10 * i)
        splits[f"{split}/expressions.npy"] = npy(np.arange(count, dtype="i2"))
        splits[f"{split}/valence.npy"] = npy([[v] for v in VALENCE[:count]])
    write("seed_splits", splits)


def arrays():
    """Images whose every pixel is another: height 4, width 5, or 3 by 5 where channels could be taken for rows."""
    draw = np.random.default_rng(3)
    gray = draw.integers(0, 256, (6, 4, 5), dtype="u1")
    rgb = draw.integers(0, 256, (6, 4, 5, 3), dtype="u1")
    planes = np.ascontiguousarray(rgb.transpose(0, 3, 1, 2))
    forms = {
        "gray_u8": gray,
        "gray_u8_fortran": np.asfortranarray(gray),
        "gray_f32": (gray / np.float32(255)).astype("<f4"),
        "gray_f32_big_endian": gray.astype(">f4"),
        "gray_f32_signed": (gray / np.float32(127.5) - 1).astype("<f4"),
        "gray_last": gray[..., None],
        "gray_first": gray[:, None],
        "rgb_last": rgb,
        "rgb_last_fortran": np.asfortranarray(rgb),
        "rgb_first": planes,
        "rgb_first_f32_fortran": np.asfortranarray(planes.astype("f4") / 255),
        "gray_u16": gray.astype("<u2") * 257,
        "gray_i64": gray.astype("i8"),
    }
    for name, form in forms.items():
        write(f"arrays_{name}", {"d/images.npy": npy(form), "d/valence.npy": npy(VALENCE), "d/labels.npy": npy(range(6))})
    pixels = {"gray": gray.reshape(6, -1).tolist(), "rgb": rgb.reshape(6, -1).tolist()}
    (HERE / "arrays.json").write_text(json.dumps(pixels, separators=(",", ":")) + "\n")
    file = io.BytesIO()
    np.savez_compressed(file, x_train=gray[:4], y_train=np.array([3, 0, 1, 2]), x_test=gray[4:], y_test=np.array([1, 0]))
    (HERE / "arrays_savez.npz").write_bytes(file.getvalue())


def affectnet():
    files = {}
    # expression, valence, arousal; 8 is none, -2 is missing
    rows = [(0, 0.1, -0.2), (1, 0.9, 0.3), (7, -0.5, 0.25), (8, -2, -2), (6, -2, -2), (10, -2, -2)]
    for i, (expression, valence, arousal) in enumerate(rows):
        folder = "val_set" if i == 1 else "train_set"
        files[f"AffectNet/{folder}/images/{i + 8}.jpg"] = image(10 * i, "JPEG")
        stem = f"AffectNet/{folder}/annotations/{i + 8}"
        # As the published files have it, and as others saved them again: texts, 0-d numbers, one-element arrays.
        files[f"{stem}_exp.npy"] = npy([str(expression), expression, [expression]][i % 3])
        files[f"{stem}_val.npy"] = npy([str(valence), valence, [valence]][i % 3])
        files[f"{stem}_aro.npy"] = npy([str(arousal), arousal, [arousal]][i % 3])
        files[f"{stem}_lnd.npy"] = npy(np.zeros(136))
    write("affectnet_arrays", files)

    # A face of shade 200 at (8, 4), 10 wide and 12 high, on black.
    picture = Image.new("L", (40, 30), 0)
    picture.paste(200, (8, 4, 18, 16))
    file = io.BytesIO()
    picture.save(file, "PNG")
    frame = pandas.DataFrame({
        "subDirectory_filePath": ["1/a.png", "1/b.png", "2/c.png", "2/d.png", "2/e.png", "2/cut.png"],
        "face_x": [8] * 6, "face_y": [4] * 6, "face_width": [10] * 6, "face_height": [12] * 6,
        "facial_landmarks": ["1;2;3;4"] * 6,
        "expression": [1, 6, 8, 9, 10, 0],
        "valence": [0.5, -0.5, -2, -2, -2, 0.0], "arousal": [0.25, 0.75, -2, -2, -2, -2],
    })
    images = {f"Manually_Annotated/{path}": file.getvalue() for path in frame["subDirectory_filePath"][:5]}
    images["Manually_Annotated/2/cut.png"] = image(200, size=(10, 12))
    write("affectnet_table", {"training.csv": csv(frame), **images})


def fer2013():
    emotions = [0, 3, 6, 5, 4, 2]
    usage = ["Training", "Training", "Training", "PublicTest", "PrivateTest", "PrivateTest"]
    pixels = [" ".join([str(10 * i)] * 2304) for i in range(6)]
    frame = pandas.DataFrame({"emotion": emotions, "pixels": pixels, "Usage": usage})
    write("fer2013", {"fer2013.csv": csv(frame)})
    other = frame[["emotion", "Usage", "pixels"]].rename(columns=lambda name: name if name == "emotion" else f" {name}")
    train = frame[["emotion", "pixels"]][:3]
    write("fer2013_icml", {"challenge/icml_face_data.csv": csv(other), "challenge/train.csv": csv(train)})
    votes = [[0, 0, 0, 0, 10, 0, 0, 0, 0, 0], [0, 6, 2, 0, 0, 0, 0, 2, 0, 0], [4, 0, 0, 4, 0, 0, 0, 0, 2, 0],
             [0, 0, 9, 0, 0, 0, 1, 0, 0, 0], [0, 0, 0, 1, 0, 0, 0, 0, 9, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0, 10]]
    names = ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF"]
    plus = pandas.DataFrame(votes, columns=names)
    plus.insert(0, "Image name", [f"fer{i:07}.png" for i in range(5)] + [None])
    plus.insert(0, "Usage", usage)
    write("fer2013_plus", {"fer2013.csv": csv(frame), "fer2013new.csv": csv(plus)})


def rafdb():
    rows = [("train_00001", 5), ("train_00002", 4), ("train_00003", 7), ("test_0001", 1), ("test_0002", 6)]
    listed = "".join(f"{name}.jpg {number}\n" for name, number in rows).encode()
    files = {"basic/EmoLabel/list_patition_label.txt": listed}
    for i, (name, _) in enumerate(rows):
        files[f"basic/Image/aligned/{name}_aligned.jpg"] = image(10 * i, "JPEG")
        files[f"basic/Image/original/{name}.jpg"] = image(255, "JPEG")
    write("rafdb", files)
    folders = {f"DATASET/{name.split('_')[0]}/{number}/{name}_aligned.jpg": image(10 * i, "JPEG")
               for i, (name, number) in enumerate(rows)}
    labels = pandas.DataFrame([(f"{name}_aligned.jpg", number) for name, number in rows], columns=["image", "label"])
    write("rafdb_folders", {**folders, "train_labels.csv": csv(labels[:3]), "test_labels.csv": csv(labels[3:])})
    flat = {f"images/{name}_aligned.jpg": image(10 * i, "JPEG") for i, (name, _) in enumerate(rows)}
    write("rafdb_table", {**flat, "labels.csv": csv(labels)})


def class_names():
    ck = [("anger", "S010_004_00000017"), ("contempt", "S138_008_00000007"), ("disgust", "S005_001_00000009"),
          ("fear", "S011_003_00000012"), ("happy", "S010_006_00000013"), ("sadness", "S011_002_00000020"),
          ("surprise", "S010_002_00000012")]
    write("ckplus48", {f"CK+48/{folder}/{name}.png": image(10 * i) for i, (folder, name) in enumerate(ck)})
    jaffe = ["KA.AN1.39", "KA.DI1.42", "KL.FE1.174", "KM.HA1.4", "NM.NE2.93", "TM.SA3.192", "YM.SU1.58"]
    write("jaffe", {f"jaffe/{name}.tiff": image(10 * i, "TIFF") for i, name in enumerate(jaffe)})
    named = ["001_happy_f.png", "002_SAD_m.png", "003-Neutral.png", "004 surprised.png"]
    write("file_names", {f"studio/{i % 2}/{name}": image(10 * i) for i, name in enumerate(named)})


def afew_va():
    files = {}
    shade = 0
    for clip, actor in [("001", "Bruce"), ("002", "Anne")]:
        frames = {}
        for number in range(3):
            frames[f"{number:05}"] = {"landmarks": [[1.5, 2.5]] * 68, "arousal": float(number), "valence": -10.0 + 5 * number}
            files[f"AFEW-VA/{clip}/{number:05}.png"] = image(shade)
            shade += 10
        files[f"AFEW-VA/{clip}/{clip}.json"] = json.dumps({"actor": actor, "frames": frames, "video_id": clip}).encode()
    write("afew_va", files)


def tables():
    """One table in six ways; the values are the same."""
    frame = pandas.DataFrame({
        "Bild": [f"bilder/{i}.png" for i in range(6)],
        "image": [f"bilder/{i}.png" for i in range(6)],
        "emotion": ["happy", "sad", "fear", "happy", "neutral", "anger"],
        "valence": VALENCE, "arousal": AROUSAL,
    })
    images = {f"bilder/{i}.png": image(10 * i) for i in range(6)}
    ways = {
        "semicolon_comma": csv(frame, sep=";", decimal=","),
        "tab_comma": csv(frame, sep="\t", decimal=","),
        "quoted_comma": csv(frame, decimal=","),
        "crlf": csv(frame, lineterminator="\r\n"),
        "bom": frame.to_csv(index=False).encode("utf-8-sig"),
        "all_quoted": csv(frame, quoting=1, sep=";"),
    }
    for name, table in ways.items():
        write(f"table_{name}", {"tabelle.csv": table, **images})


def explained():
    """Tables that say nothing of themselves, and what NumPy and pandas make of them."""
    images = {f"bilder/{i}.png": image(10 * i) for i in range(6)}
    odd = pandas.DataFrame({
        "Nr": range(6),
        "Datei": [f"bilder/{i}.png" for i in range(6)],
        "Stimmung": ["happy", "sad", "fear", "happy", "neutral", "anger"],
        # Pleasure and arousal as the Self-Assessment Manikin asks for them, 1 to 9; and in percent.
        "Lust": [1.0, 2.5, 5.0, 6.25, 9.0, None],
        "Erregung": [0, 12.5, 50, 99, 100, 25],
        "Vp": ["anna", "anna", "ben", "ben", "chris", None],
        "Teil": ["train", "train", "train", "test", "test", "val"],
    })
    write("explained_odd", {"tabelle.csv": csv(odd, sep=";", decimal=","), **images})
    write("explained_headless", {"tabelle.csv": csv(odd[["Datei", "Stimmung"]], header=False), **images})
    votes = pandas.DataFrame({
        "Datei": odd["Datei"],
        "votes_happiness": [10, 0, 3, 1, 0, 2], "votes_sad": [0, 4, 3, 1, 0, 1], "votes_Bored": [0, 1, 4, 2, 0, 0],
    })
    write("explained_votes", {"stimmen.tsv": csv(votes, sep="\t"), **images})
    numbers = odd[["Datei", "Vp"]].rename(columns={"Datei": "file", "Vp": "subject_id"}).assign(label=[1, 8, 3, 3, 8, 1])
    write("numbers_unknown", {"labels.csv": csv(numbers), **images})

    counts = votes[["votes_sad", "votes_happiness", "votes_Bored"]].to_numpy(dtype="f8")
    sums = counts.sum(axis=1, keepdims=True)
    expected = odd.assign(
        valence=np.interp(odd["Lust"], [1, 9], [-1, 1]), arousal=np.interp(odd["Erregung"], [0, 100], [-1, 1]),
        shares=list(np.divide(counts, sums, out=np.zeros_like(counts), where=sums > 0).tolist()))
    expected = expected[["Datei", "Stimmung", "valence", "arousal", "Vp", "Teil", "shares"]]
    (HERE / "explained.json").write_text(json.dumps(json.loads(expected.to_json(orient="records")), indent=1) + "\n")


for make in [seed_project, arrays, affectnet, fer2013, rafdb, class_names, afew_va, tables, explained]:
    make()
