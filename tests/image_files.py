"""Writes tests/golden/images/: pictures that tests of mx.image decode, drawn by formulas, encoded by OpenCV, PIL.

Run from the repository's root, once: other versions of the encoders write other bytes.
    PYTHON -m tests.image_files
"""

import os

import cv2
import numpy as np
from PIL import Image

FOLDER = os.path.join(os.path.dirname(__file__), "golden", "images")


def picture(height, width, seed=0):
    """(height, width, 3), uint8, red first: waves of colour, a disc, a bar and some noise."""
    random = np.random.RandomState(seed)
    y, x = np.mgrid[:height, :width].astype("float64")
    waves = [128 + 90 * np.sin(x / (5 + 2 * c + seed) + y / (9 - 2 * c)) for c in range(3)]
    image = np.stack(waves, -1) + random.normal(0, 6, (height, width, 3))
    image[(y - height / 2) ** 2 + (x - width / 3) ** 2 < (height / 4) ** 2] = (230, 60, 20 + 10 * seed)
    image[height // 5 : height // 4, width // 2 :] = (15, 40, 220)
    return image.clip(0, 255).astype("uint8")


def write(name, data):
    with open(os.path.join(FOLDER, name), "wb") as file:
        file.write(data)


def encoded(kind, image, *options):
    done, data = cv2.imencode(kind, image, list(options))
    assert done
    return data.tobytes()


def main():
    os.makedirs(FOLDER, exist_ok=True)
    for seed, (height, width) in enumerate([(40, 56), (52, 36), (31, 45), (64, 64)]):
        bgr = picture(height, width, seed)[..., ::-1]
        write(f"photo{seed}.jpg", encoded(".jpg", bgr, cv2.IMWRITE_JPEG_QUALITY, 90))
    bgr = picture(24, 33, 5)[..., ::-1]
    write("color.png", encoded(".png", bgr))
    write("alpha.png", encoded(".png", np.concatenate([bgr, picture(24, 33, 6)[..., :1]], -1)))
    write("deep.png", encoded(".png", bgr.astype("uint16") * 257 - 100))
    write("gray.png", encoded(".png", bgr[..., 1]))
    write("gray.jpg", encoded(".jpg", bgr[..., 1]))
    write("small.bmp", encoded(".bmp", bgr[:7, :6]))
    write("progressive.jpg", encoded(".jpg", bgr, cv2.IMWRITE_JPEG_PROGRESSIVE, 1))
    image = Image.fromarray(picture(24, 33, 7))
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    image.save(os.path.join(FOLDER, "turned.jpg"), exif=exif, quality=90)
    image.convert("CMYK").save(os.path.join(FOLDER, "cmyk.jpg"), quality=90)
    image.convert("P", palette=Image.Palette.ADAPTIVE, colors=16).save(os.path.join(FOLDER, "palette.png"))
    image.save(os.path.join(FOLDER, "full.jpg"), quality=95, subsampling=0)


if __name__ == "__main__":
    main()
