"""What somebody chose for their eyes: the one `prefs` cookie, read the same way on every page."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode

from models.areas import Revision, district
from models.finding import VEHICLES
from models.stations import find_station

LANGUAGES = {"zh_Hans": ("zh-CN", "中文"), "en": ("en", "English")}
LOOKS = ("", "dark", "sharp")
YEAR = 365 * 86400


@dataclass(frozen=True)
class Prefs:
    """Language, look ('' follows the hour), 长辈版, 省电版, the town or the station at whose door one measures from,
    and the vehicle; all with defaults."""

    lang: str = "zh_Hans"
    look: str = ""
    elder: bool = False
    lite: bool = False
    place: str = ""
    vehicle: str = ""

    @classmethod
    def read(cls, cookie: str) -> "Prefs":
        """The prefs in a cookie; whatever it holds that we do not know is left out."""
        return cls._read(cookie, Revision.current())

    @classmethod
    @lru_cache(maxsize=500)
    def _read(cls, cookie: str, revision: int) -> "Prefs":
        said = dict(parse_qsl(cookie[:300]))
        return cls(
            lang=said["lang"] if said.get("lang") in LANGUAGES else "zh_Hans",
            look=said["look"] if said.get("look") in LOOKS else "",
            elder=said.get("elder") == "1",
            lite=said.get("lite") == "1",
            place=_place(said.get("place", "")),
            vehicle=said["vehicle"] if said.get("vehicle") in VEHICLES else "",
        )

    def change(self, form) -> "Prefs":
        """The prefs after a form that names what it changes."""
        said = {name: form[name] for name in ("lang", "look", "elder", "lite", "place", "vehicle") if name in form}
        return Prefs.read(urlencode(dict(parse_qsl(self.cookie())) | said))

    def cookie(self) -> str:
        kept = {"lang": self.lang if self.lang != "zh_Hans" else "", "look": self.look, "place": self.place}
        kept |= {"vehicle": self.vehicle}
        flags = {"elder": "1" if self.elder else "", "lite": "1" if self.lite else ""}
        return urlencode({name: value for name, value in (kept | flags).items() if value})

    def classes(self, noon: bool) -> str:
        """The classes of <html>: which of the looks, and what is added to it."""
        look = {"dark": ["dark"], "sharp": ["sharp", "light"]}.get(self.look, ["noon", "light"] if noon else [])
        return " ".join(look + ["elder"] * self.elder + ["lite"] * self.lite)


def _place(said: str) -> str:
    """A town or a station that there is; '' for anything else."""
    if said in district().town:
        return said
    station = find_station(said) if said else None
    return station.code if station else ""
