"""Reference images for the imaging room: Pillow's decoding, orientation and resizing.

    pip install pillow==13.0.0 numpy==2.4.6
    python tests/golden/make_imaging.py

Writes small image files of every format, and what Pillow makes of them (`decode.json`, `resize.json`), into
tests/golden/imaging. The pictures are smooth, so that two correct JPEG decoders differ by a few levels at most.
"""

import json
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps

HERE = Path(__file__).parent / "imaging"
HERE.mkdir(exist_ok=True)


def picture(width, height, phase=0.0):
    """A smooth RGB picture without symmetry, so that no wrong turn or flip looks right."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [
        127 + 120 * np.sin(0.9 + phase + 3.1 * x / width + 1.3 * y / height),
        40 + 190 * x / width * (1 - 0.5 * y / height),
        230 - 200 * y / height + 20 * np.cos(phase + 5 * x / width),
    ]
    return np.clip(np.stack(planes, -1), 0, 255).round().astype(np.uint8)


def entry(name, image, tolerance):
    pixels = np.asarray(image)
    channels = 1 if pixels.ndim == 2 else 3
    return {"file": name, "width": image.width, "height": image.height, "channels": channels,
            "tolerance": tolerance, "data": pixels.reshape(-1).tolist()}


def on_white(image):
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image.convert("RGBA"))


decoded = []


def save(name, image, expected=None, tolerance=0, **options):
    image.save(HERE / name, **options)
    if expected is None:
        expected = ImageOps.exif_transpose(Image.open(HERE / name))
    decoded.append(entry(name, expected, tolerance))


rgb = Image.fromarray(picture(13, 9))
gray = rgb.convert("L")
alpha = Image.fromarray((np.mgrid[0:9, 0:13][1] * 21).astype(np.uint8))

save("rgb.png", rgb)
save("gray.png", gray)
save("one-bit.png", gray.point(lambda v: 255 * (v > 120)).convert("1"), gray.point(lambda v: 255 * (v > 120)))
palette = rgb.quantize(16)
save("palette.png", palette, palette.convert("RGB"))
rgba = rgb.copy()
rgba.putalpha(alpha)
save("rgb-alpha.png", rgba, on_white(rgba).convert("RGB"), tolerance=1)
gray_alpha = Image.merge("LA", (gray, alpha))
save("gray-alpha.png", gray_alpha, on_white(gray_alpha).getchannel(0), tolerance=1)
deep = (np.asarray(gray).astype(np.uint32) * 257 - 100).clip(0, 65535).astype(np.uint16)
save("gray-16.png", Image.fromarray(deep), Image.fromarray(np.rint(deep / 257.0).astype(np.uint8)))
save("rgb.bmp", rgb)
save("rgb.ppm", rgb)
save("gray.pgm", gray)
save("rgb.webp", rgb, lossless=True)
save("lossy.webp", Image.fromarray(picture(32, 24)), quality=95, tolerance=8)
frames = [rgb.quantize(32), Image.fromarray(picture(13, 9, 2.0)).quantize(32)]
save("two-frames.gif", frames[0], frames[0].convert("RGB"), save_all=True, append_images=frames[1:])
large = Image.fromarray(picture(24, 16))
save("gray.jpg", large.convert("L"), quality=95, tolerance=2)
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    save(f"exif-{orientation}.jpg", large, quality=95, subsampling=0, exif=exif, tolerance=4)

# Kinds that cameras and older programs write.
flat = Image.new("RGB", (16, 16), (200, 60, 120))
save("cmyk.jpg", large.convert("CMYK"), large.convert("CMYK").convert("RGB"), tolerance=6, quality=95)
save("progressive.jpg", large, tolerance=4, quality=95, progressive=True, subsampling=0)
save("subsampled.jpg", flat, tolerance=3, quality=90, subsampling=2)
transparent = palette.copy()
transparent.info["transparency"] = 3
save("palette-transparent.png", transparent, on_white(transparent).convert("RGB"), tolerance=1, transparency=3)
profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
# Without the hour at which it was made.
profile[24:36] = bytes(12)
save("icc.png", rgb, icc_profile=bytes(profile))
save("palette.bmp", palette, palette.convert("RGB"))
# A palette of grays is a palette to our decoder: three channels, all the same.
save("gray.bmp", gray, gray.convert("RGB"))
save("one-bit.bmp", gray.point(lambda v: 255 * (v > 120)).convert("1"), gray.point(lambda v: 255 * (v > 120)).convert("RGB"))
# The fourth byte of this header's pixels means nothing.
save("alpha.bmp", rgba, rgb)
save("one-bit.pbm", gray.point(lambda v: 255 * (v > 120)).convert("1"), gray.point(lambda v: 255 * (v > 120)))
save("gray-16.pgm", Image.fromarray(deep), Image.fromarray(np.rint(deep / 257.0).astype(np.uint8)))
save("alpha.webp", rgba, on_white(rgba).convert("RGB"), tolerance=1, lossless=True)
save("animated.webp", rgb, tolerance=0, save_all=True, append_images=[Image.fromarray(picture(13, 9, 2.0))], lossless=True)
rgb.quantize(16).save(HERE / "transparent.gif", transparency=3)
decoded.append(entry("transparent.gif", on_white(Image.open(HERE / "transparent.gif")).convert("RGB"), 1))
for name, magic, pixels in [("ascii.pgm", "P2", np.asarray(gray)), ("ascii.ppm", "P3", np.asarray(rgb))]:
    numbers = " ".join(map(str, pixels.reshape(-1)))
    (HERE / name).write_text(f"{magic}\n# a remark\n13 9\n255\n{numbers}\n")
    decoded.append(entry(name, Image.open(HERE / name), 0))

save("gray.tif", gray)
save("rgb.tif", rgb)
save("palette.tif", palette, palette.convert("RGB"))
save("packed.tif", gray, compression="packbits")
save("alpha.tif", rgba, rgb)
save("gray-16.tif", Image.fromarray(deep), Image.fromarray(np.rint(deep / 257.0).astype(np.uint8)))
rgb.save(HERE / "lzw.tif", compression="tiff_lzw")


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


# Pillow writes no RGB of 16 bits, and reads the high byte of it: we round.
wide = np.asarray(rgb).astype(np.uint16) * 257
rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in wide)
(HERE / "rgb-16.png").write_bytes(
    b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 13, 9, 16, 2, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
decoded.append(entry("rgb-16.png", Image.open(HERE / "rgb-16.png").convert("RGB"), 0))

(HERE / "decode.json").write_text(json.dumps(decoded, separators=(",", ":")))

# Headers that promise 20,000 x 20,000 pixels (16,000 for WebP, whose sides end at 16,384) and hold none.


huge = 20_000
(HERE / "huge.png").write_bytes(
    b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", huge, huge, 8, 2, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b""))
(HERE / "huge.bmp").write_bytes(
    b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, huge, huge, 1, 24, 0, 0, 0, 0, 0, 0))
(HERE / "huge.ppm").write_bytes(b"P6 20000 20000 255\n")
(HERE / "huge.gif").write_bytes(b"GIF89a" + struct.pack("<HHBBB", huge, huge, 0, 0, 0)
    + b"," + struct.pack("<HHHHB", 0, 0, huge, huge, 0) + b"\2\0;")
bits = (16_000 - 1) | (16_000 - 1) << 14
lossless = b"\x2f" + struct.pack("<I", bits) + b"\0" * 3
(HERE / "huge.webp").write_bytes(
    b"RIFF" + struct.pack("<I", 12 + len(lossless)) + b"WEBPVP8L" + struct.pack("<I", len(lossless)) + lossless)

# Resizing: noise over a picture, so that every tap of a filter counts.

noise = np.random.default_rng(7).integers(-60, 60, (47, 61, 3))
source = Image.fromarray(np.clip(picture(61, 47).astype(int) + noise, 0, 255).astype(np.uint8))
FILTERS = {"bilinear": "BILINEAR", "bicubic": "BICUBIC", "lanczos": "LANCZOS"}
resized = []
for mode in ("L", "RGB"):
    image = source.convert(mode)
    name = f"source-{mode.lower()}.png"
    image.save(HERE / name)
    for crop in ("none", "centre", "pad"):
        for filter, pillows in FILTERS.items():
            resample = getattr(Image.Resampling, pillows)
            for size in (24, 56) if mode == "L" else (24,):
                if crop == "pad":
                    result = ImageOps.pad(image, (size, size), resample)
                else:
                    box = (0, 0, 61, 47) if crop == "none" else (7, 0, 54, 47)
                    result = image.resize((size, size), resample, box=box)
                resized.append(entry(name, result, 1) | {"crop": crop, "colour": "rgb", "filter": filter})
gray = source.convert("L")
resized.append(entry("source-rgb.png", ImageOps.pad(gray, (61, 61)), 0) | {"crop": "pad", "colour": "gray", "filter": "bicubic"})
resized.append(entry("source-rgb.png", gray.resize((24, 24), Image.Resampling.BILINEAR), 1)
               | {"crop": "none", "colour": "gray", "filter": "bilinear"})
(HERE / "resize.json").write_text(json.dumps(resized, separators=(",", ":")))
