"""The officer takes a list in: the file, the preview, in, and back; with scripts and without."""

import pytest

from tests._lists import DEFECTS, HEADER, as_xlsx, line

DISTRICT = {"类型": "社区党群服务站", "镇街": "鼓楼街道"}


def a_list():
    """Forty stations of the demo district, three of them with a mistake."""
    lines = []
    for n in range(1, 41):
        cells = line(n)
        cells[2:4] = DISTRICT.values()
        cells[5:7] = f"{116.8 + n / 1000:.6f}", f"{35.5 + n / 1000:.6f}"
        lines.append(cells)
    for n, (cell, text, _column) in list(DEFECTS.items())[:3]:
        lines[n // 17][cell] = text
    return as_xlsx(lines, HEADER)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
@pytest.mark.parametrize("width", [1280, 360])
def test_a_list_is_looked_at_taken_in_and_taken_back(scripts, width, quick, server, tmp_path):
    file = tmp_path / "新增名单.xlsx"
    file.write_bytes(a_list())
    context = quick.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=scripts, service_workers="block"
    )
    page = context.new_page()
    server.sign_in(page, "officer")
    page.goto(server.url + "/dashboard/")

    def press(selector):
        with page.expect_navigation():
            page.click(selector)
        if scripts:
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        return " ".join(page.inner_text("main").split())

    press("text=名单进出")
    press("main a[href='/imports/stations']")
    page.set_input_files("#file", file)
    seen = press("text=先看看")
    assert "37 新增" in seen and "3 有问题" in seen and "科学计数法" in seen
    assert server.stations() == 140
    seen = press("text=导入 37 行")
    assert "新增 37 条" in seen and server.stations() == 177
    page.reload()
    assert server.stations() == 177
    with page.expect_download() as waiting:
        page.click("text=有问题的行存成文件")
    assert waiting.value.suggested_filename.endswith(".xlsx")
    seen = press("text=整批撤回")
    assert "都和导入前一样" in seen and server.stations() == 140
    context.close()
