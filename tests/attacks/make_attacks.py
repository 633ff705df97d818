"""Files that nobody should have to open, each of which somebody will.

    pip install numpy==2.4.6 pillow==13.0.0
    python tests/attacks/make_attacks.py

Writes its files beside itself. What is large (a bomb, a million entries, a million rows) is made by the test that needs it.
"""

import io
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.lib import format as npy_format
from PIL import Image

HERE = Path(__file__).parent
DATE = (2026, 1, 1, 0, 0, 0)


def write(name, content):
    (HERE / name).write_bytes(content)


def png(shade, size=(6, 4)):
    file = io.BytesIO()
    Image.new("L", size, shade).save(file, "PNG")
    return file.getvalue()


# Arrays.


def npy(array, version=(1, 0)):
    file = io.BytesIO()
    npy_format.write_array(file, np.asarray(array), version, allow_pickle=True)
    return file.getvalue()


def with_shape(shape, descr="|u1", data=b"\0" * 64):
    """An array that says it has this shape, whatever its data."""
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + data


write("header-length.npy", b"\x93NUMPY\2\0\xf0\xff\xff\xff")
write("negative-shape.npy", with_shape("(-2,)"))
write("overflowing-shape.npy", with_shape("(4294967297, 4294967296)"))
write("shape-of-2-to-the-32.npy", with_shape("(65536, 65536)"))
write("shape-of-40-digits.npy", with_shape("(" + "9" * 40 + ",)"))
write("terabyte-of-images.npy", with_shape("(1000000000, 48, 48)"))
write("zero-sized-images.npy", with_shape("(4, 0, 0)", data=b""))
write("texts-of-no-letters.npy", with_shape("(1000000000,)", "<U0", b""))
write("objects.npy", npy(np.array(["happy", None], dtype=object)))
write("records.npy", npy(np.array([(1, 2.0), (3, 4.0)], dtype=[("x", "i4"), ("y", "f4")])))
write("truncated.npy", npy(np.zeros(2, "f8"))[:-3])
write("truncated-images.npy", npy(np.full((4, 6, 4), 9, "u1"))[:-30])
write("trailing-bytes.npy", npy(np.zeros(2, "i8")) + b"and more")
write("unknown-version.npy", b"\x93NUMPY\x09\0" + npy(np.zeros(2))[8:])
write("header-of-brackets.npy", with_shape("(" * 5000))

# Archives.


def archive(entries):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in entries:
            target.writestr(zipfile.ZipInfo(name, DATE), content, zipfile.ZIP_DEFLATED)
    return bytearray(file.getvalue())


def directory(content):
    """Where the entries of the central directory begin."""
    found, at = [], content.find(b"PK\1\2")
    while at >= 0:
        found.append(at)
        at = content.find(b"PK\1\2", at + 4)
    return found


def put(content, at, layout, *values):
    content[at:at + struct.calcsize(layout)] = struct.pack(layout, *values)
    return content


two = [("happy/1.png", png(1)), ("sad/2.png", png(2))]

lying = archive(two)
for at, size in zip(directory(lying), [0xFFFFFFF0, 1]):
    put(lying, at + 24, "<I", size)
write("lying-sizes.zip", lying)

packed = archive(two)
put(packed, directory(packed)[1] + 20, "<I", 0x7FFFFFF0)
write("lying-packed-size.zip", packed)

overlapping = archive([(f"happy/{n}.png", png(1)) for n in range(1, 4)])
for at in directory(overlapping)[1:]:
    put(overlapping, at + 42, "<I", 0)
write("overlapping-entries.zip", overlapping)

# The second entry begins within the first: its header is quoted there.
inner = archive([("sad/inside.png", png(3))])
outer = archive([("happy/quoting.png", bytes(inner[:inner.find(b"PK\1\2")])), ("sad/2.png", png(2))])
with zipfile.ZipFile(io.BytesIO(outer)) as readable:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_STORED) as target:
        for entry in readable.infolist():
            target.writestr(zipfile.ZipInfo(entry.filename, DATE), readable.read(entry))
quoted = bytearray(stored.getvalue())
put(quoted, directory(quoted)[1] + 42, "<I", quoted.find(b"PK\3\4", 4))
write("quoted-entries.zip", quoted)

outside = archive(two)
put(outside, directory(outside)[1] + 42, "<I", 0x7FFFFFF0)
write("entry-outside.zip", outside)

write("climbing-names.zip", archive([("../../happy/1.png", png(1)), ("/etc/sad/2.png", png(2)),
                                     ("C:\\Windows\\happy\\3.png", png(3)), ("..\\..\\sad\\4.png", png(4))]))
encrypted = archive(two)
put(encrypted, 6, "<H", 1)
put(encrypted, directory(encrypted)[0] + 8, "<H", 1)
write("encrypted-entry.zip", encrypted)

macos = two + [("__MACOSX/happy/._1.png", b"\0\5\x16\7"), ("__MACOSX/._happy", b"\0\5\x16\7"), (".DS_Store", b"\0")]
write("macos.zip", archive(macos))

names = archive([("happy/aaaa.png", png(1)), ("sad/bbbb.png", png(2))])
for name in (b"aaaa", b"bbbb"):
    while name in names:
        at = names.find(name)
        names[at:at + 4] = b"\xe9\xff\x80\xfe"
# The first by its letters of long ago, the second as UTF-8, which it is not.
put(names, directory(names)[1] + 8, "<H", 0x800)
write("names-not-utf8.zip", names)

zip64 = io.BytesIO()
with zipfile.ZipFile(zip64, "w", zipfile.ZIP_DEFLATED) as target:
    for name, content in two:
        with target.open(zipfile.ZipInfo(name, DATE), "w", force_zip64=True) as entry:
            entry.write(content)
write("zip64.zip", zip64.getvalue())

cut = archive(two)
write("cut-directory.zip", cut[:directory(cut)[1] + 10] + cut[-22:])
comment = archive(two)
put(comment, len(comment) - 2, "<H", 40)
write("comment-with-an-end.zip", comment + b"PK\5\6" + b"\0" * 36)
write("same-name-twice.zip", archive([("happy/1.png", png(1)), ("happy/1.png", png(2)), ("sad/2.png", png(3))]))

# Tables.

head = "image,expression,valence,arousal\n"
tables = {
    "bom.csv": "\ufeff" + head + "1.png,happy,0.5,0.5\n2.png,sad,-0.5,0\n3.png,fear,0,0\n",
    "crlf.csv": (head + "1.png,happy,0.5,0.5\n2.png,sad,-0.5,0\n3.png,fear,0,0\n").replace("\n", "\r\n"),
    "cr-only.csv": (head + "1.png,happy,0.5,0.5\n2.png,sad,-0.5,0\n3.png,fear,0,0\n").replace("\n", "\r"),
    "semicolon.csv": "image;expression;valence;arousal\n1.png;happy;0,5;0,5\n2.png;sad;-0,5;0\n3.png;fear;0;0\n",
    "tab.csv": "image\texpression\tvalence\tarousal\n1.png\thappy\t0.5\t0.5\n2.png\tsad\t-0,5\t0\n3.png\tfear\t0\t0\n",
    "quoted-newlines.csv": 'image,expression,valence,arousal,"a\nnote"\n1.png,happy,0.5,0.5,"one\r\ntwo"\n2.png,sad,-0.5,0,"\n"\n3.png,fear,0,0,""\n',
    "ragged-rows.csv": head + "1.png,happy\n2.png,sad,-0.5,0,,\n3.png,fear,0,0,5\n",
    "not-a-number.csv": head + "1.png,happy,NaN,nan\n2.png,sad,inf,-inf\n3.png,fear,1e999,0\n",
    "two-rows-for-an-image.csv": head + "1.png,happy,0,0\n1.png,sad,0,0\n2.png,sad,0,0\n3.png,fear,0,0\n",
    "image-without-a-row.csv": head + "1.png,happy,0,0\n2.png,sad,0,0\n",
    "open-quote.csv": head + '1.png,happy,0,0\n2.png,"sad,0,0\n3.png,fear,0,0\n',
}
for name, text in tables.items():
    write(name, text.encode())
write("nul-bytes.csv", head.encode() + b"1.png,happy,0,0\n\0\0\0\n2.png,s\0d,0,0\n3.png,fear,0,0\n")
write("not-utf8.csv", head.encode() + b"1.png,happy,0,0\n2.png,\xff\xfe\xe9,0,0\n3.png,fear,0,0\n")
write("utf16.csv", (head + "1.png,happy,0,0\n").encode("utf-16"))
write("pixels.csv", b"emotion,pixels,Usage\n0,1 2 3 4,Training\n1,1 2 3,Training\n2,1 2 3 256,Training\n9,1 2 3 4,Training\n"
                    b"3,,Training\n4\n5,-1 2 3 4,PublicTest\n6,5 6 7 8,PrivateTest\n")

# Images.


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def raw_png(width, height, data, more=b"", depth=8, colour=0):
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)) + more
            + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


side = 100_000
write("100000-by-100000.png", raw_png(side, side, b""))
write("100000-by-100000.bmp", b"BM" + struct.pack("<IHHI", 54, 0, 0, 54)
      + struct.pack("<IiiHHIIiiII", 40, side, side, 1, 24, 0, 0, 0, 0, 0, 0))
write("100000-by-100000.ppm", b"P6 100000 100000 255\n")
write("65535-by-65535.gif", b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0, 0, 0)
      + b"," + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0) + b"\2\0;")
jpeg = io.BytesIO()
Image.new("L", (8, 8), 7).save(jpeg, "JPEG")
large = bytearray(jpeg.getvalue())
put(large, large.find(b"\xff\xc0") + 5, ">HH", 65535, 65535)
write("65535-by-65535.jpg", large)
canvas = struct.pack("<I", 0) + struct.pack("<I", side - 1)[:3] + struct.pack("<I", side - 1)[:3]
write("100000-by-100000.webp", b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<I", 10) + canvas)
# Within the most pixels that are read, and still far more than the file can hold.
write("8000-by-8000-in-80-bytes.png", raw_png(8000, 8000, b""))
write("8000-by-8000-in-17-bytes.pgm", b"P5 8000 8000 255\n")
write("zero-pixels.png", raw_png(0, 0, b""))
write("zero-pixels.pgm", b"P5 0 4 255\n")
write("zero-pixels.bmp", b"BM" + struct.pack("<IHHI", 54, 0, 0, 54)
      + struct.pack("<IiiHHIIiiII", 40, 0, 0, 1, 24, 0, 0, 0, 0, 0, 0))
write("truncated.png", png(7, (64, 64))[:-30])
write("truncated.jpg", jpeg.getvalue()[:len(jpeg.getvalue()) * 2 // 3])
write("jpeg-called.png", jpeg.getvalue())
write("text-called.png", b"There is no image in here.\n")
write("svg-called.png", b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>")
frames = io.BytesIO()
pictures = [Image.new("L", (6, 4), n) for n in range(20)]
pictures[0].save(frames, "PNG", save_all=True, append_images=pictures[1:])
write("animated.png", frames.getvalue())
frames = io.BytesIO()
pictures[0].save(frames, "GIF", save_all=True, append_images=pictures[1:])
write("animated.gif", frames.getvalue())
rows = b"".join(b"\0" + struct.pack(">6H", *[257 * 9] * 6) for _ in range(4))
write("16-bit.png", raw_png(6, 4, rows, depth=16))
rows = (b"\0" + b"\x09" * 6) * 4
profile = zlib.compress(b"\0" * (16 << 20), 9)
write("icc-bomb.png", raw_png(6, 4, rows, chunk(b"iCCP", b"p\0\0" + profile)))
write("icc-damaged.png", raw_png(6, 4, rows, chunk(b"iCCP", b"profile\0\0not deflated")))
write("text-bomb.png", raw_png(6, 4, rows, chunk(b"zTXt", b"Comment\0\0" + profile)))
exif = Image.Exif()
exif[0x0112] = 9
strange = io.BytesIO()
Image.new("L", (6, 4), 9).save(strange, "JPEG", exif=exif, quality=95)
write("orientation-9.jpg", strange.getvalue())

# Clips.

write("deep.json", b'{"frames": ' + b"[" * 20_000)
write("frames.json", b'{"frames": {"1": {"valence": 11, "arousal": -5.0}, "2": {"valence": 5, "arousal": null}, '
                     b'"9": {"valence": 0, "arousal": 0}}}')
write("no-frames.json", b'{"frames": {"1": {"valence": "high"}}}')
