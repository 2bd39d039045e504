"""What a setting can be made of: whether a value can be one, the value of a typed text, and its text again."""

import datetime as dt
import re
from zoneinfo import available_timezones

from models._record import N_


class Malformed(ValueError):
    """A setting that cannot be: its `name`, and a `sentence` (to be translated) with what stands in it."""

    def __init__(self, name: str, sentence: str, **inside):
        super().__init__(f"{name}: {sentence % inside if inside else sentence}")
        self.name, self.sentence, self.inside = name, sentence, inside


class Kind:
    """What a setting is made of: `fits` says whether a value can be, `read` makes one of a text, `show` shows it."""

    sentence = N_("This cannot be read.")

    def __init__(self, **inside):
        self.inside = inside

    def fits(self, value) -> bool:
        raise NotImplementedError

    def read(self, text: str):
        return text

    def show(self, value) -> str:
        return str(value)


class Words(Kind):
    sentence = N_("Please write something, at most %(most)s characters.")

    def __init__(self, most: int, least: int = 1):
        super().__init__(most=most)
        self.least = least
        if not least:
            self.sentence = N_("At most %(most)s characters, please.")

    def fits(self, value) -> bool:
        return isinstance(value, str) and self.least <= len(value) <= self.inside["most"] and value.isprintable()


class Code(Kind):
    sentence = N_("This is not a code of the right form.")

    def __init__(self, form: str):
        super().__init__()
        self.form = form

    def fits(self, value) -> bool:
        return isinstance(value, str) and re.fullmatch(self.form, value) is not None


class Zone(Kind):
    sentence = N_("There is no such time zone.")

    def fits(self, value) -> bool:
        return isinstance(value, str) and value in available_timezones()


class Whole(Kind):
    sentence = N_("A whole number from %(low)s to %(high)s, please.")

    def __init__(self, low: int, high: int):
        super().__init__(low=low, high=high)

    def fits(self, value) -> bool:
        return type(value) is int and self.inside["low"] <= value <= self.inside["high"]

    def read(self, text: str):
        return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else None


class Number(Kind):
    sentence = N_("A number from %(low)s to %(high)s, please.")

    def __init__(self, low: float, high: float):
        super().__init__(low=low, high=high)

    def fits(self, value) -> bool:
        return type(value) in (int, float) and self.inside["low"] <= value <= self.inside["high"]

    def read(self, text: str):
        return float(text) if re.fullmatch(r"-?[0-9]{1,4}(\.[0-9]{1,9})?", text) else None


class Months(Kind):
    sentence = N_("Months as numbers from 1 to 12, each once, please.")

    def fits(self, value) -> bool:
        whole = isinstance(value, list) and all(type(month) is int and 1 <= month <= 12 for month in value)
        return whole and len(set(value)) == len(value)

    def read(self, text: str):
        parts = [part for part in re.split(r"[\s,，、]+", text) if part]
        return [int(part) if re.fullmatch("[0-9]{1,2}", part) else 0 for part in parts]

    def show(self, value) -> str:
        return " ".join(map(str, value))


class Day(Kind):
    """A day as text like 2024-09-19, or '' for none: so it is kept and read again the same."""

    sentence = N_("Please write the day like 2024-12-31.")

    def fits(self, value) -> bool:
        try:
            return value == "" or bool(dt.date.fromisoformat(str(value)))
        except ValueError:
            return False


class Filters(Kind):
    """The list of what the stations can be narrowed to (models/finding.py); it is changed in the folder alone."""

    sentence = N_("Each filter needs key, name, name_en and a list of amenities (any), perhaps a vehicle.")

    def fits(self, value) -> bool:
        return isinstance(value, list) and all(isinstance(one, dict) and self._one(one) for one in value)

    @staticmethod
    def _one(one: dict) -> bool:
        texts = all(isinstance(one.get(key), str) and one[key] for key in ("key", "name", "name_en"))
        some = isinstance(one.get("any"), list) and all(isinstance(code, str) for code in one["any"])
        return texts and some and set(one) <= {"key", "name", "name_en", "any", "vehicle"}

    def show(self, value) -> str:
        return " ".join(one["key"] for one in value)
