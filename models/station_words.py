"""What is asked about a station, in words: the fields, what they can be, and the sentences for what is wrong."""

from models._record import N_

FIELDS = (
    "code", "name", "name_en", "kind", "brand", "host", "units", "town", "grid", "address", "address_en", "landmark",
    "landmark_en", "position", "source", "phone", "entry", "truck_length", "truck_height", "yes", "no", "hours",
)  # fmt: skip
"""What is asked about a station. Instead of `position` a list may have `lat` and `lng`.

A form adds what answers a question about the position: `swap`, read it the other way round; `sure`, it lies outside
the district all the same.
"""

TEXTS = {"name": 60, "name_en": 90, "address": 120, "address_en": 160, "landmark": 120, "landmark_en": 160}
"""The most characters of each."""

NEEDED = ("name", "kind", "town", "address", "position", "source")

LENGTH, HEIGHT = (3.0, 25.0), (1.5, 5.0)
"""Metres: the shortest and the longest truck (18.1 m with a trailer by law, 22 m for carriers), and how high."""

SOURCES = {
    "gps": N_("GPS (WGS-84)"),
    "amap_pick": N_("Amap"),
    "tencent": N_("Tencent maps"),
    "baidu_pick": N_("Baidu maps"),
    "address": N_("found by its address (WGS-84)"),
}
"""The maps that a position can be taken from, in words."""

CALLED = {
    "gps": "gps", "wgs84": "gps", "wgs-84": "gps", "高德": "amap_pick", "高德地图": "amap_pick", "gcj02": "amap_pick",
    "gcj-02": "amap_pick", "腾讯": "tencent", "腾讯地图": "tencent", "百度": "baidu_pick",
    "百度地图": "baidu_pick", "bd09": "baidu_pick", "bd-09": "baidu_pick", "地址": "address", "amap": "amap_pick",
    "tencent": "tencent", "baidu": "baidu_pick",
}  # fmt: skip
"""What lists call these maps."""

ENTRIES_CALLED = {
    "随便进": "free",
    "直接进": "free",
    "登记": "register",
    "打电话": "call",
    "按铃": "call",
    "密码": "code",
}


class Mistake(str):
    """What is wrong with a field: an English sentence of the catalogue; `inside`: what stands in it, by name
    (`part`: what part of the text it is about, to be shown behind it); `code`: for a program that answers it."""

    code: str
    inside: dict

    def __new__(cls, sentence: str, code: str = "", /, **inside):
        made = super().__new__(cls, sentence)
        made.code, made.inside = code, inside
        return made


WORDS = {
    "needed": N_("Please fill this in."),
    "long": N_("At most %(most)s characters, please."),
    "code": N_("A code is %(prefix)s and three to six figures, like %(prefix)s023."),
    "choice": N_("There is no such thing here: %(text)s."),
    "town": N_("This grid belongs to another town."),
    "position": N_("Please write two numbers, like 35.555745, 116.835505."),
    "source": N_("Please say which map this position is from: they differ by half a kilometre."),
    "swapped": N_("The two numbers seem to be the wrong way round. Is it %(lat)s north, %(lng)s east?"),
    "outside": N_("This place is far outside the district (%(lat)s north, %(lng)s east). Please look once more."),
    "phone": N_("This is no phone number. Write it like 13812345678 or 0537-3412345."),
    "sheet": N_("A spreadsheet has turned this number into 1.38E+10. Make the column “text” and type it again."),
    "metres": N_("Metres from %(least)s to %(most)s, please, or nothing."),
    "both": N_("%(text)s is said to be there and not to be there."),
}

NAMES = {
    "code": N_("Number of the station"),
    "name": N_("Name of the station"),
    "name_en": N_("Name in English"),
    "kind": N_("Kind of station"),
    "brand": N_("Brand"),
    "host": N_("Host unit"),
    "units": N_("Units that keep it together"),
    "town": N_("Town"),
    "grid": N_("Grid"),
    "address": N_("Address"),
    "address_en": N_("Address in English"),
    "landmark": N_("How to find it"),
    "landmark_en": N_("How to find it, in English"),
    "position": N_("Position"),
    "source": N_("From which map?"),
    "phone": N_("Phone"),
    "entry": N_("How one gets in"),
    "truck_length": N_("Longest truck, in metres"),
    "truck_height": N_("Highest truck, in metres"),
    "yes": N_("What is here"),
    "no": N_("What is not here"),
    "hours": N_("Opening hours"),
}
"""What the fields are called."""
