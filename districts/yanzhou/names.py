"""Names of the demo district. All are invented: communities, streets, doors."""

# One line a town: its communities, each with its spelling in Latin letters.
COMMUNITIES = {
    "鼓楼街道": "荷风 Hefeng, 槐荫 Huaiyin, 书香里 Shuxiangli, 东升 Dongsheng, 青藤 Qingteng, 和煦 Hexu, "
    "朝晖 Zhaohui, 文星 Wenxing, 杏林 Xinglin, 锦绣 Jinxiu, 丹桂 Dangui",
    "龙桥街道": "祥云 Xiangyun, 听泉 Tingquan, 长虹 Changhong, 映月 Yingyue, 望湖 Wanghu, 翠竹 Cuizhu, "
    "新禾 Xinhe, 安澜 Anlan, 白鹭 Bailu, 春晓 Chunxiao",
    "酒仙桥街道": "桃李 Taoli, 梧桐 Wutong, 桂香 Guixiang, 金穗 Jinsui, 明德 Mingde, 清波 Qingbo, "
    "同心 Tongxin, 银杏 Yinxing, 福泽 Fuze",
    "兴隆庄街道": "兴和 Xinghe, 向阳 Xiangyang, 永乐 Yongle, 嘉禾 Jiahe, 石榴园 Shiliuyuan, 平安 Ping'an",
    "新兖镇": "新枫 Xinfeng, 北苑 Beiyuan, 紫薇 Ziwei, 宏图 Hongtu, 玉兰 Yulan, 康宁 Kangning, "
    "瑞景 Ruijing, 双槐 Shuanghuai",
    "大安镇": "安和 Anhe, 柳溪 Liuxi, 丰泽 Fengze, 枣林 Zaolin, 西河湾 Xihewan",
    "颜店镇": "麦香 Maixiang, 青禾 Qinghe, 柳荫 Liuyin, 孝和 Xiaohe, 杨树湾 Yangshuwan, 前坡 Qianpo",
    "新驿镇": "驿南 Yinan, 驿丰 Yifeng, 榆树 Yushu, 田园 Tianyuan, 晨光 Chenguang",
    "漕河镇": "漕湾 Caowan, 芦荻 Ludi, 水杉 Shuishan, 渔歌 Yuge",
    "小孟镇": "孟和 Menghe, 白杨 Baiyang, 梨花 Lihua, 北坡 Beipo, 谷雨 Guyu",
}

STREETS = {
    "鼓楼东街": "Gulou East Street",
    "鼓楼西街": "Gulou West Street",
    "建设路": "Jianshe Road",
    "文化路": "Wenhua Road",
    "北关街": "Beiguan Street",
    "东湖路": "Donghu Road",
    "书院巷": "Shuyuan Lane",
    "中和路": "Zhonghe Road",
    "朝阳街": "Chaoyang Street",
    "龙桥路": "Longqiao Road",
    "迎宾路": "Yingbin Road",
    "府前街": "Fuqian Street",
    "望湖路": "Wanghu Road",
    "科技路": "Keji Road",
    "长虹路": "Changhong Road",
    "体育路": "Tiyu Road",
    "桥北街": "Qiaobei Street",
    "酒仙路": "Jiuxian Road",
    "桃李路": "Taoli Road",
    "南环路": "South Ring Road",
    "和平街": "Heping Street",
    "工业路": "Gongye Road",
    "清波路": "Qingbo Road",
    "站前路": "Zhanqian Road",
    "兴隆大街": "Xinglong Main Street",
    "兴业路": "Xingye Road",
    "向阳街": "Xiangyang Street",
    "东外环": "East Outer Ring",
    "新枫路": "Xinfeng Road",
    "宏图路": "Hongtu Road",
    "北环路": "North Ring Road",
    "物流大道": "Wuliu Avenue",
    "西外环": "West Outer Ring",
    "大安大街": "Da'an Main Street",
    "安和路": "Anhe Road",
    "柳溪路": "Liuxi Road",
    "颜店大街": "Yandian Main Street",
    "麦香路": "Maixiang Road",
    "产业路": "Chanye Road",
    "新驿大街": "Xinyi Main Street",
    "驿前街": "Yiqian Street",
    "晨光路": "Chenguang Road",
    "漕河大街": "Caohe Main Street",
    "水杉路": "Shuishan Road",
    "小孟大街": "Xiaomeng Main Street",
    "白杨路": "Baiyang Road",
    "谷雨路": "Guyu Road",
}

# Where the stations stand: for each town its stations of each kind, one street a station.
# A community's station is named after the community: there the streets only give the address.
STATIONS = {
    "鼓楼街道": {
        "community": "书院巷 文化路 中和路 东湖路 朝阳街 建设路 鼓楼西街 北关街 中和路",
        "bank": "北关街 文化路 中和路 朝阳街 鼓楼西街 东湖路",
        "shop": "鼓楼东街 文化路 建设路 东湖路",
        "depot": "建设路 中和路 朝阳街",
        "union": "鼓楼东街 北关街 文化路 东湖路",
        "fuel": "建设路",
        "park": "东湖路 书院巷",
        "academy": "中和路",
    },
    "龙桥街道": {
        "community": "府前街 龙桥路 长虹路 望湖路 望湖路 体育路 科技路 桥北街 迎宾路",
        "bank": "龙桥路 迎宾路 府前街 科技路 桥北街",
        "shop": "龙桥路 长虹路 望湖路 迎宾路",
        "depot": "科技路 桥北街 长虹路",
        "union": "府前街 迎宾路 体育路",
        "fuel": "迎宾路",
        "park": "体育路 望湖路",
    },
    "酒仙桥街道": {
        "community": "桃李路 酒仙路 和平街 南环路 清波路 清波路 站前路",
        "bank": "酒仙路 和平街 站前路 桃李路",
        "shop": "站前路 酒仙路 清波路",
        "depot": "工业路 南环路 站前路",
        "union": "站前路 和平街 工业路",
        "fuel": "南环路",
        "park": "清波路",
    },
    "兴隆庄街道": {
        "community": "兴隆大街 向阳街 兴业路",
        "bank": "兴隆大街 兴业路",
        "shop": "兴隆大街",
        "depot": "兴业路",
        "union": "向阳街",
        "fuel": "东外环",
        "drivers": "东外环",
    },
    "新兖镇": {
        "community": "新枫路 北环路 宏图路 新枫路",
        "bank": "新枫路 宏图路",
        "shop": "新枫路",
        "depot": "物流大道 北环路 宏图路",
        "union": "物流大道",
        "fuel": "北环路 物流大道",
        "drivers": "西外环",
    },
    "大安镇": {
        "community": "安和路 柳溪路",
        "bank": "大安大街",
        "shop": "大安大街",
        "depot": "安和路",
        "fuel": "大安大街",
        "drivers": "大安大街",
    },
    "颜店镇": {
        "community": "麦香路 颜店大街",
        "bank": "颜店大街",
        "shop": "麦香路",
        "depot": "产业路",
        "union": "产业路",
        "fuel": "颜店大街 产业路",
        "drivers": "产业路",
    },
    "新驿镇": {
        "community": "驿前街 新驿大街 晨光路",
        "bank": "新驿大街",
        "shop": "驿前街",
        "depot": "晨光路",
        "fuel": "新驿大街",
        "drivers": "晨光路",
    },
    "漕河镇": {
        "community": "漕河大街 水杉路",
        "bank": "漕河大街",
        "depot": "水杉路",
        "union": "漕河大街",
        "fuel": "水杉路",
    },
    "小孟镇": {
        "community": "小孟大街 白杨路",
        "bank": "小孟大街",
        "depot": "谷雨路",
        "fuel": "小孟大街",
        "drivers": "白杨路",
    },
}

# What stations are called, by kind, in turn: sort (what it has inside), brand, name, name_en.
# {} is the street, for a community's station the community.
CALLED = {
    "community": (("community", "", "{}社区党群服务站", "{} Community Service Station"),),
    "bank": (("bank", "", "{}银行网点", "{} Bank Branch"),),
    "shop": (
        ("pharmacy", "", "{}平价药房", "{} Pharmacy"),
        ("market", "", "{}便民超市", "{} Supermarket"),
        ("market", "yanxinyuan", "兖新苑{}便利店", "Yanxinyuan {} Convenience Store"),
    ),
    "depot": (
        ("depot", "", "{}快递网点", "{} Courier Depot"),
        ("depot", "yanxinyuan", "兖新苑{}配送站", "Yanxinyuan {} Delivery Hub"),
    ),
    "union": (("union", "hongfan", "红帆驿站{}", "Red Sail Station {}"),),
    "fuel": (
        ("fuel", "yanxinyuan", "兖新苑{}加油站", "Yanxinyuan {} Petrol Station"),
        ("fuel", "", "{}加油站", "{} Petrol Station"),
    ),
    "drivers": (("drivers", "sijizhijia", "司机之家{}", "Drivers' Home {}"),),
    "park": (
        ("reading", "shufang", "城市书房{}店", "City Reading Room {}"),
        ("park", "", "{}口袋公园歇脚亭", "{} Pocket Park Shelter"),
    ),
    "academy": (("academy", "", "小哥学院", "Xiaoge Academy"),),
    "centre": (("centre", "", "智慧化一站式党群服务中心", "One-Stop Smart Service Centre"),),
}

# How to find the door: where it is, and what one sees.
DOORS = {
    "community": (
        ("社区服务大厅一楼", "Ground floor of the community hall"),
        ("小区东门旁", "By the east gate of the estate"),
        ("文化广场北侧", "North side of the culture square"),
        ("幼儿园对面", "Opposite the kindergarten"),
        ("卫生室隔壁", "Next to the clinic"),
    ),
    "bank": (
        ("营业厅进门右手", "In the banking hall, on the right"),
        ("自助取款机旁的小门", "Small door beside the cash machines"),
        ("路口东南角", "South-east corner of the crossing"),
    ),
    "pharmacy": (
        ("收银台后面一间", "The room behind the till"),
        ("菜市场南口往西", "West of the market's south gate"),
    ),
    "market": (
        ("超市入口左手", "On the left at the shop entrance"),
        ("停车棚对面", "Opposite the bike shed"),
    ),
    "depot": (
        ("进大院左手第一间", "First room on the left in the yard"),
        ("卸货口旁", "Beside the loading bay"),
        ("院里二层小楼", "Two-storey house in the yard"),
    ),
    "union": (
        ("沿街门面第三间", "Third shop front along the street"),
        ("公交站牌后面", "Behind the bus stop"),
        ("路口往北五十步", "Fifty steps north of the crossing"),
    ),
    "fuel": (
        ("加油站便利店里", "Inside the petrol station shop"),
        ("洗车房旁", "Beside the car wash"),
        ("出口右手的小屋", "Small house to the right of the exit"),
    ),
    "drivers": (
        ("停车场入口左手", "On the left at the parking entrance"),
        ("修理厂旁的二层小楼", "Two-storey house by the repair shop"),
        ("地磅对面", "Opposite the weighbridge"),
    ),
    "reading": (("一楼临街", "Ground floor, facing the street"),),
    "park": (("南门进去右手", "On the right inside the south gate"),),
    "academy": (("教学楼一楼大厅", "In the hall on the ground floor"),),
    "centre": (("一楼大厅，南门进", "In the hall on the ground floor, south door"),),
}

SIGHTS = (
    ("蓝招牌", "blue sign"),
    ("木头门", "wooden door"),
    ("门口有长椅", "bench at the door"),
    ("亮着黄灯", "yellow lamp"),
    ("窗上贴着小房子", "little house on the window"),
    ("墙上挂着灯箱", "light box on the wall"),
    ("门边一排绿植", "row of plants by the door"),
)
