"""The lists that can be taken in, each with its columns and all that these are called in one table."""

from typing import NamedTuple

from models._record import N_
from models.sheets import Known, keys_of
from models.station_words import NAMES


class Column(NamedTuple):
    """Our name of a column, its words in our own tables, what others call it besides, and an example of a line."""

    name: str
    words: str
    called: str
    example: str = ""
    needed: bool = False


CODES = "编号 编码 代码 站点编号 服务点编号 网格编码 网格编号 单位代码 区划代码 统计用区划代码 镇街代码"
CODE = ("code", N_("Its code"), CODES)
NAME = ("name", NAMES["name"], "名称 名字 站名 服务点 服务点名称 站点名称 网格名称 单位名称")
ENGLISH = ("name_en", NAMES["name_en"], "英文名 英文名称 englishname")
TOWN = ("town", NAMES["town"], "镇街 乡镇 街道 镇街道 所属镇街 所属街道 所在镇街 镇街名称")
PLACE = (
    Column("position", NAMES["position"], "坐标 经纬度 坐标位置 地图坐标"),
    Column("lat", N_("Latitude"), "纬度 北纬 latitude", "35.555744"),
    Column("lng", N_("Longitude"), "经度 东经 lon longitude", "116.835505"),
    Column("source", N_("Map of the position"), "坐标系 坐标来源 来源 地图 取自 coordsrc coord_src", "高德"),
)
SORT = Column("sort", N_("Order"), "排序 顺序 序号", "1")

PHONE_CALLED = "电话 手机 手机号 手机号码 联系电话 联系方式 电话号码 phonenumber"

COLUMNS = {
    "stations": (
        Column("code", NAMES["code"], CODES, "示例"),
        Column(*NAME, example="荷风社区服务站", needed=True),
        Column(*ENGLISH, example="Hefeng Community Station"),
        Column("kind", NAMES["kind"], "类型 类别 种类 站点类型 服务点类型", "社区党群服务站", True),
        Column("brand", NAMES["brand"], "品牌 所属品牌"),
        Column("host", NAMES["host"], "主办单位 承办单位 建设单位 责任单位 主责单位"),
        Column("units", NAMES["units"], "共建单位 联建单位 联合单位"),
        Column(*TOWN, example="鼓楼街道", needed=True),
        Column("grid", NAMES["grid"], "网格 所属网格 所在网格"),
        Column("address", NAMES["address"], "地址 详细地址 门牌", "书院巷 108 号", True),
        Column("address_en", NAMES["address_en"], "英文地址"),
        Column("landmark", NAMES["landmark"], "怎么找 地标 标志 参照物", "社区服务大厅一楼，木头门"),
        Column("landmark_en", NAMES["landmark_en"], "怎么找英文 英文地标"),
        *PLACE,
        Column("phone", NAMES["phone"], PHONE_CALLED, "0537-3412345"),
        Column("entry", NAMES["entry"], "怎么进 进门方式 进入方式", "直接进"),
        Column("truck_length", NAMES["truck_length"], "能停多长的货车 能停多长的货车米 限长 货车限长 限长米", "13.7"),
        Column("truck_height", NAMES["truck_height"], "能停多高的货车 能停多高的货车米 限高 货车限高 限高米", "4.2"),
        Column("yes", NAMES["yes"], "这儿有什么 有 设施 服务设施 设施有 服务内容", "快充、热水、厕所"),
        Column("no", NAMES["no"], "这儿没有什么 没有 无 设施没有", "淋浴"),
        Column("hours", NAMES["hours"], "开门时间 开放时间 营业时间 服务时间", "一至五 8:00-18:00；六 9:00-12:00"),
    ),
    "towns": (
        Column(*CODE, example="示例", needed=True),
        Column(NAME[0], NAME[1], NAME[2] + " 镇街名称", "鼓楼街道", True),
        Column(*ENGLISH, example="Gulou Subdistrict"),
        *PLACE,
        SORT,
    ),
    "grids": (
        Column(*CODE, example="示例", needed=True),
        Column(*TOWN, example="鼓楼街道", needed=True),
        Column(*NAME, example="荷风社区第 1 网格", needed=True),
        Column(*ENGLISH, example="Hefeng Community Grid 1"),
    ),
    "units": (
        Column(*CODE, example="示例", needed=True),
        Column(*NAME, example="区委社会工作部", needed=True),
        Column(*ENGLISH, example="Social Work Department"),
        Column("kind", N_("Kind"), "类型 类别 种类 单位类型", "责任单位", True),
        Column(*TOWN, example="鼓楼街道"),
        SORT,
    ),
}  # fmt: skip
"""Each kind of list. A column that a list does not have stays as it is; an empty cell empties."""

KINDS = {
    "stations": N_("Stations"),
    "towns": N_("Towns"),
    "grids": N_("Grids"),
    "units": N_("Units"),
}


def known_of(kind: str) -> Known:
    """What the columns of such a list are called. The first column that claims a name has it."""
    names: dict[str, str] = {}
    for column in COLUMNS[kind]:
        for called in (column.name, column.words, *column.called.split()):
            names.setdefault(keys_of(called)[0], column.name)
    return Known(names, frozenset(column.name for column in COLUMNS[kind] if column.needed))
