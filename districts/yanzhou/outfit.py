"""What a station of each sort has inside, as chance: a demo must look like a town, not like a form."""

# How often a thing is there, and how often somebody has looked and it is not.
# In the remaining cases, and for all things not named, nobody knows.
CHANCES = {
    "always": (1, 0),
    "often": (0.7, 0.15),
    "seldom": (0.25, 0.2),
    "hardly": (0, 0.85),
}

# Thirsty, one can drink; tired, one can sit: at every station.
EVERYWHERE = "WATER SEAT"

OUTFITS = {
    "community": {
        "always": "HOTW WC",
        "often": "AC HEAT CHG MW MED WIFI BOOK UMB BP CABLE PRINT LAW",
        "seldom": "BABY TOOL FRIDGE SHELF AED STUDY PSY HAIR PUMP",
        "hardly": "SHOWER LAUNDRY SWAP TRUCK LIVE",
    },
    "bank": {
        "always": "AC HEAT",
        "often": "HOTW CHG UMB MED WIFI WC BP",
        "seldom": "AED PBANK CABLE PRINT BABY",
        "hardly": "SHOWER LAUNDRY SWAP TRUCK MEAL BED",
    },
    "pharmacy": {
        "always": "MED BP",
        "often": "AC HEAT HOTW CHG UMB",
        "seldom": "AED WIFI PBANK WC",
        "hardly": "SHOWER LAUNDRY SWAP TRUCK BED",
    },
    "market": {
        "always": "AC",
        "often": "HEAT HOTW MW CHG PBANK UMB",
        "seldom": "WC WIFI FRIDGE MEAL SHELF",
        "hardly": "SHOWER LAUNDRY SWAP TRUCK BED",
    },
    "depot": {
        "always": "CHG",
        "often": "HOTW WC MW HEAT TOOL PUMP EV PARK CABLE UMB",
        "seldom": "AC FRIDGE SWAP HELMET MED WIFI BED",
        "hardly": "SHOWER LAUNDRY PSY LIVE BABY",
    },
    "union": {
        "always": "HOTW CHG",
        "often": "AC HEAT MW WC MED UMB WIFI CABLE TOOL",
        "seldom": "FRIDGE PUMP BED SHELF BOOK EV HELMET AED SWAP",
        "hardly": "SHOWER LAUNDRY TRUCK LIVE",
    },
    "fuel": {
        "always": "WC PUMP",
        "often": "HOTW CHG PARK TRUCK AC MW",
        "seldom": "HEAT SWAP EV TOOL MEAL MED WIFI SHOWER",
        "hardly": "LAUNDRY BOOK PSY LIVE BED",
    },
    "drivers": {
        "always": "TRUCK SHOWER LAUNDRY PARK HOTW WC MW",
        "often": "AC HEAT CHG MEAL BED WIFI TOOL PUMP",
        "seldom": "MED BP FRIDGE HAIR BOOK",
        "hardly": "SWAP LIVE BABY PRINT",
    },
    "reading": {
        "always": "BOOK STUDY AC HEAT WIFI",
        "often": "WC CHG HOTW CABLE",
        "seldom": "UMB PRINT BABY AED MED",
        "hardly": "SHOWER LAUNDRY SWAP TRUCK MEAL BED MW",
    },
    "park": {
        "always": "WC",
        "often": "CHG UMB MED PARK",
        "seldom": "HOTW AED PUMP SHELF BABY",
        "hardly": "SHOWER LAUNDRY SWAP TRUCK MEAL BED",
    },
    "academy": {
        "always": "STUDY BOOK WIFI AC HEAT WC HOTW CHG",
        "often": "PRINT LAW PSY MW MED CABLE PARK",
        "seldom": "LIVE SHELF MEAL EV",
        "hardly": "SHOWER LAUNDRY TRUCK SWAP",
    },
    "centre": {
        "always": "HOTW WC CHG MW AC HEAT WIFI MED LAW PSY BOOK STUDY LIVE PRINT HAIR",
        "often": "MEAL BP AED FRIDGE BED BABY SHELF TOOL PUMP EV HELMET UMB",
        "seldom": "PARK",
        "hardly": "TRUCK LAUNDRY",
    },
}
