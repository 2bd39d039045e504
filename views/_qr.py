"""QR codes as one SVG path, drawn on the server."""

import qrcode
from qrcode.constants import ERROR_CORRECT_M

BORDER = 4
"""Quiet modules around the code, as ISO/IEC 18004 asks."""


def qr_path(text: str) -> tuple[str, int]:
    """The path of horizontal runs (to be stroked) and the side of the view box in modules, border included.

    Upper-case text of `0-9A-Z $%*+-./:` becomes alphanumeric mode, two characters in 11 bits.
    """
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0, mask_pattern=0)
    code.add_data(text, optimize=0)
    code.make()
    runs = []
    for y, row in enumerate(code.modules):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x] == row[start]:
                x += 1
            if row[start]:
                runs.append(f"M{start + BORDER} {y + BORDER}.5h{x - start}")
    return "".join(runs), len(code.modules) + 2 * BORDER
