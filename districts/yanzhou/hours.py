"""When the stations of each sort are open, how one gets in, and how big a truck may be; several take turns."""

HOURS = {
    "community": ("一至日 8:00-18:00", "一至日 8:00-18:00", "一至五 8:00-18:00; 六、日 9:00-17:00"),
    "bank": ("一至六 9:00-17:00", "一至五 9:00-17:00; 六 9:30-16:00"),
    "pharmacy": ("一至日 8:00-21:30",),
    "market": ("一至日 7:00-22:00", "一至日 6:30-21:00"),
    "depot": ("一至日 7:00-20:00", "一至日 6:30-12:00, 13:30-21:00"),
    "union": ("一至日 24h", "一至日 8:00-22:00", "一至日 16:00-2:00", "一至日 7:00-22:00"),
    "fuel": ("一至日 24h",),
    "drivers": ("一至日 24h",),
    "reading": ("4-10月：一至日 8:30-21:30; 11-3月：一至日 9:00-21:00",),
    "park": ("4-10月：一至日 6:00-22:00; 11-3月：一至日 7:00-20:00",),
    "academy": ("一至五 9:00-21:00; 六 9:00-17:00",),
    "centre": ("一至五 8:30-18:30; 六 9:00-12:00, 14:00-17:00",),
}

ENTRIES = {"depot": "call", "drivers": "register"}
"""free, where nothing stands here; where a union's station is open all night, a code opens the door."""

TRUCKS = {
    "drivers": (("18.5", "4.5"), ("17.5", "4.2"), ("18.5", "")),
    "fuel": (("9.6", "4.2"), ("13.7", "4.2"), ("6.8", "3.8")),
}
"""Metres of length and of height, where trucks may stand; '' nobody has measured."""
