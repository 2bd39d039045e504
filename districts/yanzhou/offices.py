"""Who answers for what in the demo district, and who employs whom.

The seed names a few of the units, and of the enterprises four brands; the rest is an illustration (演示), to be
replaced. No duty is taken from a document.
"""

# Responsible units: code, name, name_en, and their duties, Chinese | English, in turn.
OFFICES = (
    ("organisation", "区委组织部", "Organisation Department",
     "牵头抓总，定计划、看进度 | Leads, plans and follows up"),
    ("social-work", "区委社会工作部", "Social Work Department",
     "新就业群体的台账和摸排 | Keeps the register of new employment groups; "
     "服务点的布局和命名 | Where stations stand and what they are called"),
    ("publicity", "区委宣传部", "Publicity Department", "榜样选树和宣传 | Finds and tells of good examples"),
    ("legal-affairs", "区委政法委（社会治理服务中心）", "Political and Legal Affairs Committee",
     "随手拍线索的分派 | Hands on what people report; 矛盾纠纷调处 | Settles disputes"),
    ("cyberspace", "区委网信办", "Cyberspace Office", "平台企业网络生态指导 | Advises platform companies"),
    ("trade-union", "区总工会", "Federation of Trade Unions",
     "红帆驿站的建设和维护 | Builds and keeps the Red Sail stations; 入会和帮扶 | Membership and help in need"),
    ("youth-league", "团区委", "Youth League Committee", "青年志愿服务 | Young volunteers"),
    ("women", "区妇联", "Women's Federation", "女性伙伴关爱 | Care for women on the road"),
    ("market", "市场监管局", "Market Regulation Bureau",
     "外卖行业指导 | Guides food delivery; 爱心商户资质核对 | Checks the papers of caring merchants"),
    ("transport", "交通运输局", "Transport Bureau",
     "道路运输行业指导 | Guides road transport; "
     "司机之家建设 | Builds drivers' homes; "
     "货车临时停车点 | Places where trucks may stop"),
    ("post", "邮政管理机构", "Postal Administration",
     "快递行业指导 | Guides express delivery; 网点从业人员参保督促 | Sees to insurance at outlets"),
    ("commerce", "商务和投资促进局", "Commerce and Investment Bureau",
     "直播电商行业指导 | Guides livestream commerce"),
    ("labour", "人力资源社会保障局", "Human Resources and Social Security Bureau",
     "劳动权益维护 | Labour rights; 技能培训 | Training; 职业伤害保障 | Cover for injuries at work"),
    ("civil-affairs", "民政局", "Civil Affairs Bureau", "困难家庭救助 | Relief for families in need"),
    ("justice", "司法局", "Justice Bureau", "法律咨询和援助 | Legal advice and aid"),
    ("police", "公安分局", "Public Security Branch", "交通安全教育 | Teaches road safety"),
    ("urban-management", "综合行政执法局", "Urban Management Bureau",
     "车辆停放秩序引导 | Shows where to park; 市容类线索办理 | Handles reports about the street"),
    ("housing", "住房城乡建设局", "Housing and Construction Bureau",
     "小区通行便利 | Easier ways into estates; 保障性租赁住房 | Affordable flats to rent"),
    ("health", "卫生健康局", "Health Bureau",
     "免费体检 | Free health checks; 服务点药箱和急救培训 | First-aid boxes and training"),
    ("emergency", "应急管理局", "Emergency Management Bureau",
     "充电和消防安全 | Safety of charging and against fire"),
    ("insurance", "医疗保障局", "Medical Insurance Bureau", "医保参保登记 | Enrols people in medical insurance"),
    ("environment", "生态环境分局", "Environment Branch", "环境类线索办理 | Handles reports about the environment"),
    ("education", "教育和体育局", "Education and Sports Bureau",
     "子女入学咨询 | Advice on schools for children; 暑期托管 | Summer care"),
    ("data", "大数据和行政审批服务局", "Data and Approvals Bureau",
     "一窗办理和数据共享 | One counter for papers, shared data"),
)  # fmt: skip

COMMITTEES = (
    ("committee-courier", "快递行业党委", "Express Delivery Industry Party Committee"),
    ("committee-food", "外卖行业党委", "Food Delivery Industry Party Committee"),
    ("committee-driver", "道路运输行业党委", "Road Transport Industry Party Committee"),
    ("committee-live", "直播电商行业党委", "Livestream Commerce Industry Party Committee"),
)

ASSOCIATIONS = (
    ("assoc-courier", "快递行业协会", "Express Delivery Association"),
    ("assoc-transport", "道路运输协会", "Road Transport Association"),
    ("assoc-logistics", "物流协会", "Logistics Association"),
    ("assoc-commerce", "电子商务协会", "E-Commerce Association"),
    ("assoc-catering", "餐饮行业协会", "Catering Association"),
    ("assoc-private", "个体私营企业协会", "Association of Private Enterprises"),
    ("assoc-lawyers", "律师协会", "Lawyers' Association"),
)

# Whose house a station of each kind stands in, and who keeps it together with them. "street" is the town's own office.
HOSTS = {
    "community": ("street", "social-work"),
    "bank": ("street", "trade-union"),
    "shop": ("street", "assoc-private"),
    "depot": ("post", "assoc-courier committee-courier"),
    "union": ("trade-union", "street"),
    "fuel": ("commerce", "transport"),
    "drivers": ("transport", "assoc-transport committee-driver"),
    "park": ("publicity", "education"),
    "academy": ("social-work", "labour justice"),
    "centre": ("organisation", "social-work data labour"),
}

# Code, short name, name, short English, English, industry, platform, how it works, town, partners, of whom temporary,
# the towns of its outlets. The partners are whom the demo employs there.
ENTERPRISES = (
    ("E01", "京东快递", "京东快递兖州营业部", "JD Express", "JD Express Yanzhou",
     "courier", "京东快递", "own", "新兖镇", 142, 0, "鼓楼街道 龙桥街道 新兖镇 大安镇 颜店镇"),
    ("E02", "顺丰", "顺丰速运兖州营业部", "SF", "SF Express Yanzhou",
     "courier", "顺丰", "own", "龙桥街道", 108, 0, "鼓楼街道 龙桥街道 酒仙桥街道 兴隆庄街道"),
    ("E03", "捷风快递", "捷风快递（演示）", "Jiefeng", "Jiefeng Express (demo)",
     "courier", "", "franchise", "新兖镇", 168, 9, "鼓楼街道 龙桥街道 酒仙桥街道 新兖镇 新驿镇 漕河镇"),
    ("E04", "云雁快递", "云雁快递（演示）", "Yunyan", "Yunyan Express (demo)",
     "courier", "", "franchise", "酒仙桥街道", 152, 8, "鼓楼街道 酒仙桥街道 兴隆庄街道 大安镇 颜店镇"),
    ("E05", "青骥快递", "青骥快递（演示）", "Qingji", "Qingji Express (demo)",
     "courier", "", "franchise", "龙桥街道", 140, 7, "龙桥街道 酒仙桥街道 新兖镇 新驿镇 小孟镇"),
    ("E06", "百川速递", "百川速递（演示）", "Baichuan", "Baichuan Express (demo)",
     "courier", "", "franchise", "鼓楼街道", 128, 6, "鼓楼街道 龙桥街道 颜店镇 漕河镇"),
    ("E07", "远帆快运", "远帆快运（演示）", "Yuanfan", "Yuanfan Express (demo)",
     "courier", "", "franchise", "新兖镇", 118, 6, "鼓楼街道 酒仙桥街道 新兖镇 小孟镇"),
    ("E08", "金穗速运", "金穗速运（演示）", "Jinsui", "Jinsui Express (demo)",
     "courier", "", "franchise", "大安镇", 104, 5, "龙桥街道 大安镇 颜店镇 新驿镇"),
    ("E09", "同路快递", "同路快递（演示）", "Tonglu", "Tonglu Express (demo)",
     "courier", "", "franchise", "酒仙桥街道", 92, 4, "鼓楼街道 酒仙桥街道 兴隆庄街道"),
    ("E10", "晨星速递", "晨星速递（演示）", "Chenxing", "Chenxing Express (demo)",
     "courier", "", "franchise", "颜店镇", 76, 4, "龙桥街道 颜店镇 小孟镇"),
    ("E11", "白鹭快递", "白鹭快递（演示）", "Bailu", "Bailu Express (demo)",
     "courier", "", "franchise", "新驿镇", 58, 3, "酒仙桥街道 新驿镇"),
    ("E12", "美团", "美团兖州配送", "Meituan", "Meituan Yanzhou Delivery",
     "food", "美团", "partner", "鼓楼街道", 486, 146, "鼓楼街道 龙桥街道 酒仙桥街道 新兖镇"),
    ("E13", "饿了么", "饿了么兖州配送", "Ele.me", "Ele.me Yanzhou Delivery",
     "food", "饿了么", "partner", "龙桥街道", 352, 106, "鼓楼街道 龙桥街道 酒仙桥街道"),
    ("E14", "快味到家", "快味到家（演示）", "Kuaiwei", "Kuaiwei Home Delivery (demo)",
     "food", "", "crowd", "酒仙桥街道", 121, 36, "龙桥街道 酒仙桥街道"),
    ("E15", "邻里送", "邻里送（演示）", "Linlisong", "Linlisong Delivery (demo)",
     "food", "", "crowd", "鼓楼街道", 84, 25, "鼓楼街道"),
    ("E16", "顺达货运", "顺达货运（演示）", "Shunda", "Shunda Freight (demo)",
     "driver", "", "own", "新兖镇", 96, 6, "新兖镇 兴隆庄街道"),
    ("E17", "恒通物流", "恒通物流（演示）", "Hengtong", "Hengtong Logistics (demo)",
     "driver", "", "own", "兴隆庄街道", 84, 5, "兴隆庄街道 颜店镇"),
    ("E18", "安程出行", "安程出行（演示）", "Ancheng", "Ancheng Ride-Hailing (demo)",
     "driver", "", "partner", "龙桥街道", 76, 4, "龙桥街道"),
    ("E19", "北辰运输", "北辰运输（演示）", "Beichen", "Beichen Transport (demo)",
     "driver", "", "own", "颜店镇", 68, 4, "颜店镇"),
    ("E20", "长河物流", "长河物流（演示）", "Changhe", "Changhe Logistics (demo)",
     "driver", "", "own", "大安镇", 58, 3, "大安镇"),
    ("E21", "金桥出租", "金桥出租（演示）", "Jinqiao", "Jinqiao Taxi (demo)",
     "driver", "", "own", "鼓楼街道", 48, 0, "鼓楼街道"),
    ("E22", "平安冷链", "平安冷链（演示）", "Ping'an", "Ping'an Cold Chain (demo)",
     "driver", "", "own", "新兖镇", 40, 2, "新兖镇"),
    ("E23", "速达同城", "速达同城（演示）", "Suda", "Suda City Delivery (demo)",
     "driver", "", "crowd", "酒仙桥街道", 30, 2, "酒仙桥街道"),
    ("E24", "鸿运车队", "鸿运车队（演示）", "Hongyun", "Hongyun Fleet (demo)",
     "driver", "", "own", "新驿镇", 22, 1, "新驿镇"),
    ("E25", "兴农直播", "兴农直播（演示）", "Xingnong", "Xingnong Livestream (demo)",
     "live", "", "own", "鼓楼街道", 112, 8, "鼓楼街道 颜店镇"),
    ("E26", "好物云仓", "好物云仓（演示）", "Haowu", "Haowu Cloud Store (demo)",
     "live", "", "own", "龙桥街道", 88, 6, "龙桥街道 新兖镇"),
    ("E27", "乡味电商", "乡味电商（演示）", "Xiangwei", "Xiangwei E-Commerce (demo)",
     "live", "", "partner", "酒仙桥街道", 66, 4, "酒仙桥街道"),
    ("E28", "星光基地", "星光基地（演示）", "Xingguang", "Xingguang Studio (demo)",
     "live", "", "partner", "新兖镇", 48, 3, "新兖镇"),
)  # fmt: skip

# Who guides an industry, and what its outlets are called.
REGULATORS = {"courier": "post", "food": "market", "driver": "transport", "live": "commerce"}
OUTLETS = {
    "courier": ("网点", "Outlet"),
    "food": ("配送站", "Hub"),
    "driver": ("车场", "Yard"),
    "live": ("直播间", "Studio"),
}
