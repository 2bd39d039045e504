"""A bad mobile network between a browser and a server: a proxy that delays, trickles and counts.

400 ms there and back, 400 kbit/s shared by all connections, a TCP handshake before the first byte, and slow start:
each connection may have 14,600 bytes on their way at first and more with each that has arrived. Unlike the browser's
own emulation it also slows what a service worker fetches.
"""

import asyncio
import threading

ROUND_TRIP, RATE, FIRST_FLIGHT, SEGMENT = 0.4, 400_000 / 8, 14_600, 1_460


class SlowNetwork:
    """`with SlowNetwork(port) as network:` … browsers talk to `network.port`; `.slow` and `.cut` may be changed."""

    def __init__(self, upstream):
        self.upstream = upstream
        self.slow, self.cut = True, False
        self.down = self.up = 0
        self.free = 0.0  # when the link will have sent what is queued on it

    def __enter__(self):
        self.loop, ready = asyncio.new_event_loop(), threading.Event()
        self.thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self.thread.start()
        ready.wait()
        return self

    def __exit__(self, *error):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def _run(self, ready):
        server = self.loop.run_until_complete(asyncio.start_server(self._connected, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self.loop.run_forever()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0.05))
        self.loop.close()

    async def _connected(self, phone_in, phone_out):
        if self.cut:
            phone_out.transport.abort()
            return
        opened = self.loop.time()
        try:
            server_in, server_out = await asyncio.open_connection("127.0.0.1", self.upstream)
            await asyncio.gather(self._upwards(phone_in, server_out, opened), self._downwards(server_in, phone_out))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            phone_out.close()

    async def _upwards(self, phone, server, opened):
        while data := await phone.read(65536):
            if self.cut:
                break
            self.up += len(data)
            if self.slow:
                heard = max(self.loop.time(), opened + ROUND_TRIP) + ROUND_TRIP / 2 + len(data) / RATE
                await asyncio.sleep(heard - self.loop.time())
            server.write(data)
        server.close()

    async def _downwards(self, server, phone):
        flight, window, arrived = 0, FIRST_FLIGHT, asyncio.Event()

        def acknowledged(size):
            nonlocal flight, window
            flight, window = flight - size, window + size
            arrived.set()

        def delivered(data):
            if not self.cut:
                self.down += len(data)
                phone.write(data)

        while data := await server.read(SEGMENT):
            if not self.slow:
                delivered(data)
                continue
            while flight + len(data) > window:
                arrived.clear()
                await arrived.wait()
            flight += len(data)
            self.free = max(self.loop.time(), self.free) + len(data) / RATE
            self.loop.call_at(self.free + ROUND_TRIP / 2, delivered, data)
            self.loop.call_at(self.free + ROUND_TRIP, acknowledged, len(data))
        await asyncio.sleep(max(0, self.free + ROUND_TRIP - self.loop.time()) if self.slow else 0)
        phone.close()
