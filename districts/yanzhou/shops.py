"""The caring merchants of the demo: how many where, what they are called, when they are open, what they give.

Names are put together and stand for nobody; what is before the stroke in a name comes in turns.
"""

TOWNS_SHOPS = (52, 46, 34, 9, 16, 6, 8, 6, 3, 4)
"""How many in each town, in the order of TOWNS: 184."""

CATEGORIES = [
    ("food", "餐饮", "Food", "i-meal", 96),
    ("market", "超市便利", "Groceries", "i-gift", 24),
    ("pharmacy", "药店", "Pharmacy", "i-med", 18),
    ("repair", "修车换电", "Repairs and batteries", "i-tool", 14),
    ("hair", "理发", "Hairdresser", "i-me", 12),
    ("phone", "通信数码", "Phones", "i-tel", 10),
    ("stay", "住宿洗浴", "Beds and baths", "i-rest", 6),
    ("other", "其他", "Other", "i-star", 4),
]
"""Code, name, name_en, icon, how many."""

CALLED = {
    "food": (
        "巷口 Lane Corner, 东门 East Gate, 小院 Courtyard, 河边 Riverside, 槐树下 Under the Locust, 一碗 One Bowl, "
        "灶边 Stoveside, 清早 Early Morning, 晚灯 Evening Lamp, 家常 Homely, 南坡 South Slope, 热乎 Piping Hot, "
        "路边 Wayside",
        "羊汤 Mutton Soup, 牛肉面 Beef Noodles, 水饺馆 Dumplings, 包子铺 Steamed Buns, 地锅鸡 Pot Chicken, "
        "煎饼摊 Pancakes, 米线店 Rice Noodles, 盖饭 Rice Bowls, 大碗菜 Big Bowl Dishes, 粥铺 Porridge, "
        "馄饨店 Wonton, 烧饼铺 Sesame Bread",
    ),
    "market": (
        "街坊 Neighbours', 拐角 Corner, 满筐 Full Basket, 邻家 Next Door, 早安 Good Morning, 日用 Daily",
        "便利店 Convenience Store, 超市 Supermarket, 粮油店 Grain and Oil, 果蔬店 Greengrocer, 百货 General Store",
    ),
    "pharmacy": (
        "巷口 Lane Corner, 街坊 Neighbours', 平安里 Ping'anli, 暖心 Warm Heart, 对门 Across the Street",
        "药房 Pharmacy, 大药店 Drugstore, 药铺 Dispensary, 医药超市 Medicine Store",
    ),
    "repair": (
        "快手 Quick Hands, 老师傅 Old Master, 路口 Crossroads",
        "修车铺 Bike Repair, 电动车行 E-bike Shop, 换电站 Battery Swap, 轮胎店 Tyres, 摩配店 Motorbike Parts",
    ),
    "hair": (
        "清爽 Fresh, 街角 Corner, 三把剪 Three Scissors, 小镜子 Little Mirror",
        "理发店 Barber, 发屋 Hair Room, 剪发坊 Haircuts",
    ),
    "phone": (
        "响铃 Ring Ring, 满格 Full Signal, 街角 Corner",
        "手机店 Phone Shop, 手机维修 Phone Repair, 数码铺 Digital Shop, 通信部 Mobile Services",
    ),
    "stay": ("歇脚 Rest Your Feet, 热水 Hot Water, 长途 Long Haul", "旅馆 Inn, 浴池 Bathhouse"),
    "other": ("方寸 Square Inch, 巧手 Clever Hands", "洗衣店 Laundry, 照相馆 Photo Studio, 缝补铺 Mending"),
}
"""What names of a category are put together from: two lists that have no number in common, so each pair comes once."""

FIRST = "老街羊汤", "Old Street Mutton Soup"
"""SH001 is called as in the pages that were drawn first."""

HOURS = {
    "food": (
        "一至日 6:00-14:00",
        "一至日 10:00-21:30",
        "一至日 10:30-14:00, 17:00-21:00",
        "一至日 17:00-2:00",
        "一至六 6:30-20:30",
        "一至日 5:30-13:30",
    ),
    "market": ("一至日 7:00-22:00", "一至日 24h", "一至日 6:30-21:00"),
    "pharmacy": ("一至日 8:00-21:30", "一至日 8:30-21:00", "一至日 24h"),
    "repair": ("一至日 8:00-19:00", "一至日 7:30-20:00"),
    "hair": ("一至日 9:00-20:30", "二至日 9:30-21:00"),
    "phone": ("一至日 9:00-20:00", "一至日 9:30-19:30"),
    "stay": ("一至日 24h", "一至日 10:00-2:00"),
    "other": ("一至日 8:30-19:00",),
}

OFFERS = {
    "food": (
        ("percent", 880, "全单", "everything", 0, "", "", 1, 0),
        ("minus", 500, "", "", 3000, "11:00-14:00", "", 1, 0),
        ("set", 1200, "司机套餐", "Driver's meal", 0, "", 20, 0, 0),
        ("free", 0, "加汤", "more soup", 0, "", "", 0, 0),
        ("percent", 900, "全单", "everything", 0, "", "", 0, 0),
        ("set", 1500, "伙伴套餐", "Partners' meal", 0, "10:30-14:00, 17:00-20:00", 30, 0, 0),
        ("free", 0, "加面", "more noodles", 0, "", 40, 0, 0),
        ("percent", 850, "全单", "everything", 2000, "", "", 1, 0),
        ("free", 0, "热水续杯", "hot water refills", 0, "", "", 0, 0),
        ("percent", 700, "全单", "everything", 0, "", 50, 1, 1),
    ),
    "market": (
        ("percent", 950, "全单", "everything", 0, "", "", 1, 0),
        ("free", 0, "热水", "hot water", 0, "", "", 0, 0),
        ("minus", 300, "", "", 3000, "", "", 1, 0),
        ("free", 0, "手机充电", "phone charging", 0, "", "", 0, 0),
    ),
    "pharmacy": (
        ("percent", 900, "防护用品", "protective goods", 0, "", "", 0, 0),
        ("free", 0, "量血压", "blood pressure check", 0, "", "", 0, 0),
        ("minus", 500, "", "", 5000, "", "", 1, 0),
        ("free", 0, "创可贴", "plasters", 0, "", 10, 0, 0),
    ),
    "repair": (
        ("percent", 800, "工时费", "labour", 0, "", "", 0, 0),
        ("free", 0, "打气", "air for tyres", 0, "", "", 0, 0),
        ("minus", 1000, "", "", 8000, "", "", 1, 0),
        ("free", 0, "刹车检查", "brake check", 0, "", "", 0, 1),
    ),
    "hair": (
        ("set", 1500, "剪发", "Haircut", 0, "", "", 0, 0),
        ("percent", 800, "全单", "everything", 0, "9:30-17:00", "", 0, 0),
        ("free", 0, "剪发", "haircut", 0, "", 15, 0, 1),
    ),
    "phone": (
        ("percent", 850, "配件", "accessories", 0, "", "", 0, 0),
        ("free", 0, "手机清灰", "phone cleaning", 0, "", "", 0, 0),
        ("percent", 800, "维修费", "repairs", 0, "", "", 0, 1),
    ),
    "stay": (
        ("set", 800, "淋浴", "Shower", 0, "", "", 0, 0),
        ("percent", 850, "钟点房", "rooms by the hour", 0, "", "", 0, 0),
    ),
    "other": (
        ("percent", 900, "全单", "everything", 0, "", "", 0, 0),
        ("free", 0, "缝扣子", "sewing on a button", 0, "", "", 0, 0),
    ),
}
"""kind, value, what, what_en, least, times, daily, alone, service_day: as in offers.csv; several take turns."""
