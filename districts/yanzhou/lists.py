"""The short lists of the demo district: towns, kinds, brands, amenities."""

# The order of the towns is the order of every table in the district.
# Positions are rough, good enough for a demo (WGS-84: latitude, longitude).
TOWNS = (
    # code, name, name_en, lat, lng, grids
    ("370812001", "鼓楼街道", "Gulou Subdistrict", 35.556, 116.830, 58),
    ("370812003", "龙桥街道", "Longqiao Subdistrict", 35.548, 116.812, 52),
    ("370812006", "酒仙桥街道", "Jiuxianqiao Subdistrict", 35.566, 116.842, 46),
    ("370812007", "兴隆庄街道", "Xinglongzhuang Subdistrict", 35.497, 116.862, 28),
    ("370812105", "新兖镇", "Xinyan Town", 35.560, 116.798, 38),
    ("370812101", "大安镇", "Da'an Town", 35.585, 116.768, 26),
    ("370812103", "颜店镇", "Yandian Town", 35.560, 116.690, 28),
    ("370812102", "新驿镇", "Xinyi Town", 35.645, 116.665, 26),
    ("370812107", "漕河镇", "Caohe Town", 35.645, 116.800, 20),
    ("370812111", "小孟镇", "Xiaomeng Town", 35.680, 116.730, 22),
)

KINDS = (
    # code, name, name_en
    ("community", "社区党群服务站", "Community service station"),
    ("bank", "银行网点", "Bank branch"),
    ("shop", "商超药店", "Shop or pharmacy"),
    ("depot", "快递网点/配送站", "Courier depot or delivery hub"),
    ("fuel", "加油站", "Petrol station"),
    ("union", "红帆驿站（工会）", "Red Sail station (trade union)"),
    ("drivers", "司机之家", "Drivers' home"),
    ("park", "公园/城市书房", "Park or city reading room"),
    ("academy", "小哥学院", "Xiaoge Academy"),
    ("centre", "中心", "Centre"),
)

BRANDS = (
    ("yanxinyuan", "兖新苑", "Yanxinyuan"),
    ("hongfan", "红帆驿站", "Red Sail Station"),
    ("sijizhijia", "司机之家", "Drivers' Home"),
    ("shufang", "城市书房", "City Reading Room"),
)

GROUPS = (
    ("heal", "医", "Health"),
    ("eat", "食", "Food"),
    ("stay", "驻", "Rest"),
    ("go", "行", "Road"),
)

# In the order in which a page shows them; lead = named already in lists.
AMENITIES = (
    # code, name, name_en, icon, group, lead
    ("CHG", "快充", "Fast charging", "i-bolt", "go", 1),
    ("HOTW", "热水", "Hot water", "i-hot", "eat", 1),
    ("WC", "厕所", "Toilet", "i-wc", "stay", 1),
    ("MW", "微波炉", "Microwave", "i-meal", "eat", 1),
    ("HEAT", "暖气", "Heating", "i-heat", "stay", 0),
    ("SEAT", "座椅", "Seats", "i-seat", "stay", 0),
    ("MED", "药箱", "First-aid box", "i-med", "heal", 0),
    ("UMB", "雨伞", "Umbrellas and raincoats", "i-umb", "go", 0),
    ("SWAP", "换电", "Battery swap", "i-swap", "go", 1),
    ("SHOWER", "淋浴", "Shower", "", "stay", 0),
    ("TRUCK", "停货车", "Truck parking", "i-truck", "go", 1),
    ("WATER", "饮水", "Drinking water", "", "eat", 0),
    ("AC", "空调", "Air conditioning", "i-ice", "stay", 0),
    ("WIFI", "无线网", "Wi-Fi", "i-wifi", "stay", 0),
    ("MEAL", "平价餐", "Low-price meals", "i-meal", "eat", 0),
    ("FRIDGE", "冰箱", "Fridge", "", "eat", 0),
    ("BED", "躺椅", "Reclining chairs", "", "stay", 0),
    ("LAUNDRY", "洗衣", "Laundry", "", "stay", 0),
    ("CABLE", "数据线", "Charging cables", "", "", 0),
    ("PBANK", "充电宝", "Power banks", "", "", 0),
    ("EV", "电动车充电", "E-bike charging", "i-scoot", "go", 0),
    ("TOOL", "维修工具", "Repair tools", "i-tool", "go", 0),
    ("PUMP", "打气筒", "Tyre pump", "i-tool", "go", 0),
    ("PARK", "停车", "Parking", "i-parked", "go", 0),
    ("HELMET", "头盔", "Helmets", "", "go", 0),
    ("BP", "血压计", "Blood pressure monitor", "", "heal", 0),
    ("AED", "除颤仪", "Defibrillator (AED)", "i-heart", "heal", 0),
    ("PSY", "心理疏导", "Counselling", "i-talk", "heal", 0),
    ("LAW", "法律咨询", "Legal advice", "i-fair", "", 0),
    ("HAIR", "理发", "Haircuts", "", "", 0),
    ("BOOK", "图书", "Books", "i-book", "", 0),
    ("STUDY", "学习区", "Study corner", "i-book", "", 0),
    ("PRINT", "打印", "Printing", "i-print", "", 0),
    ("LIVE", "共享直播间", "Shared livestream room", "i-camera", "", 0),
    ("BABY", "母婴台", "Baby-care table", "", "", 0),
    ("SHELF", "互献架", "Give-and-take shelf", "i-gift", "", 0),
)
