"""What Chromium's fake camera shows: a film of grey pictures with codes in them."""

import qrcode
from PIL import Image

SIZE = 640, 480

FAKE = "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"
"""The flags that go with `--use-file-for-fake-video-capture=` and a film: one a browser."""


def code(text: str, box: int = 8) -> Image.Image:
    """A camera's picture of a QR code, `box` pixels a module."""
    made = qrcode.QRCode(box_size=box, border=4)
    made.add_data(text, optimize=0)
    picture = blank()
    drawn = made.make_image().get_image().convert("L")
    picture.paste(drawn, ((SIZE[0] - drawn.width) // 2, (SIZE[1] - drawn.height) // 2))
    return picture


def blank() -> Image.Image:
    return Image.new("L", SIZE, 200)


def film(path, pictures, repeat: int = 10) -> str:
    """Write it (.y4m, ten pictures a second, each `repeat` times, again and again); the flag that shows it."""
    with open(path, "wb") as file:
        file.write(b"YUV4MPEG2 W%d H%d F10:1 Ip A1:1 C420jpeg\n" % SIZE)
        for picture in pictures:
            file.write((b"FRAME\n" + picture.tobytes() + bytes([128]) * (SIZE[0] * SIZE[1] // 2)) * repeat)
    return f"--use-file-for-fake-video-capture={path}"
