"""Today's two digits, which a keeper writes on the board: whoever knows them has stood there (evidence E2)."""

import datetime as dt
import unicodedata

from models._keys import ring


def digits(station: int, day: dt.date) -> str:
    """The two digits of a station's local day, `00` to `99`: derived from the day and a key, so nothing is stored."""
    return f"{int.from_bytes(ring().blind(f'board|{station}|{day:%Y%m%d}', 'actor', 8), 'big') % 100:02}"


def fits(typed: str, station: int, day: dt.date) -> bool:
    """Are these the digits of the day? Full-width ones are fine."""
    return unicodedata.normalize("NFKC", typed).strip() == digits(station, day)
