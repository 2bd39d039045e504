"""Lists as offices send them: three hundred stations with twelve defects, as .csv and as .xlsx with titles above."""

import csv
import io

from openpyxl import Workbook

HEADER = [
    "序号",
    "服务点名称",
    "类型",
    "所属镇街",
    "详细地址",
    "经度",
    "纬度",
    "坐标系",
    "联系电话",
    "开放时间",
    "服务设施",
]
NAME, KIND, TOWN, ADDRESS, LNG, LAT, SOURCE, PHONE, HOURS, THINGS = range(1, 11)


def line(n: int) -> list[str]:
    """A station of the model district without a mistake."""
    lat, lng = f"{30.45 + n / 10000:.6f}", f"{110.45 + n / 10000:.6f}"
    return [
        str(n), f"春风服务点 {n}", "社区服务站", "甲街道", f"春风路 {n} 号", lng, lat, "GPS", f"1381234{n:04}",
        "一至五 8:00-18:00; 六 9:00-12:00", "热水、厕所",
    ]  # fmt: skip


DEFECTS = {
    17: (PHONE, "1.38E+10", "phone"),
    34: (PHONE, "12345678901", "phone"),
    51: (HOURS, "一至五 25:00-26:00", "hours"),
    68: (HOURS, "一至五 18:00-8:30", "hours"),
    85: (LNG, "30.46", "position"),  # swapped, see below
    102: (LAT, "35.55", "position"),
    119: (SOURCE, "", "source"),
    136: (TOWN, "没有这个镇", "town"),
    153: (KIND, "没有这一类", "kind"),
    170: (NAME, "", "name"),
    187: (NAME, "春风服务点 5", "name"),  # the same as row 5, with its address
    204: (THINGS, "热水、游泳池", "yes"),
}
"""Number of the line: the cell, what stands there, and which column the mistake is told at."""


def three_hundred() -> list[list[str]]:
    lines = [line(n) for n in range(1, 301)]
    for n, (cell, text, _column) in DEFECTS.items():
        lines[n - 1][cell] = text
    lines[84][LAT] = "110.46"
    lines[186][ADDRESS] = "春风路 5 号"
    return lines


def as_csv(lines, encoding="utf-8", sign=",", header=HEADER) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=sign).writerows([header, *lines])
    return out.getvalue().encode(encoding)


def as_xlsx(lines, header=HEADER, titles=("示范区新增服务点登记表", "填表人：某某")) -> bytes:
    """With titles over merged cells, numbers as numbers where they are, and empty lines at the end."""
    book = Workbook()
    sheet = book.active
    for title in titles:
        sheet.append([title])
        sheet.merge_cells(start_row=sheet.max_row, start_column=1, end_row=sheet.max_row, end_column=len(header))
    sheet.append(header)
    for cells in lines:
        sheet.append([_number(cell) for cell in cells])
    for _ in range(3):
        sheet.append([" ", "", None])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _number(text):
    return float(text) if text.replace(".", "", 1).isdigit() and not text.startswith("0") else text
