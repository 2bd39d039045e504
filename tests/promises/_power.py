"""A disk whose power may fail: it remembers each write and each sync, and can show what would have been left."""

import random
from pathlib import Path

import apsw


class Disk:
    """The order of writes and syncs of all files, by name: ("write", file, offset, bytes), ("cut", …), ("sync", …)."""

    def __init__(self):
        self.before: dict[str, bytes] = {}  # what lay on it at first
        self.events: list[tuple] = []

    def after(self, power_until: int, chance: random.Random) -> dict[str, bytes]:
        """The files after a power cut behind that many events.

        What was synced is there. Of what was not: nothing, a beginning, or any part, each file by itself, as a
        disk with a cache of its own may leave it.
        """
        kept = {name: bytearray(content) for name, content in self.before.items()}
        loose: dict[str, list] = {}
        for event in self.events[:power_until]:
            what, name = event[0], event[1]
            if what == "sync":
                for old in loose.pop(name, ()):
                    _apply(kept, old)
            elif what == "gone":
                kept.pop(name, None)
                loose.pop(name, None)
            else:
                loose.setdefault(name, []).append(event)
        for _name, events in loose.items():
            how = chance.choice(("none", "first", "some"))
            if how == "first":
                events = events[: chance.randrange(len(events) + 1)]
            elif how == "some":
                events = [event for event in events if chance.random() < 0.5]
            for event in events if how != "none" else ():
                _apply(kept, event)
        return {name: bytes(content) for name, content in kept.items()}


def _apply(kept, event):
    what, name, *more = event
    content = kept.setdefault(name, bytearray())
    if what == "cut":
        del content[more[0] :]
        return
    offset, data = more
    if len(content) < offset + len(data):
        content.extend(bytes(offset + len(data) - len(content)))
    content[offset : offset + len(data)] = data


class RecordingVFS(apsw.VFS):
    """SQLite's own way to the disk, with each step written down."""

    def __init__(self, disk: Disk, name: str):
        self.disk = disk
        super().__init__(name, "")

    def xOpen(self, name, flags):
        return RecordingFile(self.disk, name, flags)

    def xDelete(self, name, sync):
        super().xDelete(name, sync)
        self.disk.events.append(("gone", Path(name).name))


class RecordingFile(apsw.VFSFile):
    def __init__(self, disk, name, flags):
        self.disk = disk
        self.name = Path(name.filename() if isinstance(name, apsw.URIFilename) else name or "temporary").name
        super().__init__("", name, flags)

    def xWrite(self, data, offset):
        super().xWrite(data, offset)
        self.disk.events.append(("write", self.name, offset, bytes(data)))

    def xTruncate(self, size):
        super().xTruncate(size)
        self.disk.events.append(("cut", self.name, size))

    def xSync(self, flags):
        super().xSync(flags)
        self.disk.events.append(("sync", self.name))
