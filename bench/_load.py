"""The phones: keep-alive connections that send prebuilt requests and time each answer.

One thread waits on all connections (epoll), because the two cores are shared with the server: what the phones
themselves cost is measured and shown (`cost`).
"""

import select
import socket
import time
from collections import Counter
from dataclasses import dataclass, field

HEADERS = (
    "Host: 127.0.0.1:{port}\r\nUser-Agent: Mozilla/5.0 (Linux; Android 9) AppleWebKit/537.36 Chrome/69.0 Mobile\r\n"
    "Accept: text/html,application/xhtml+xml\r\nAccept-Language: zh-CN,zh;q=0.9\r\n"
    "Accept-Encoding: gzip, br\r\nSec-Fetch-Site: same-origin\r\n"
)


@dataclass
class Round:
    """What one round of load showed."""

    rate: float = 0
    latencies: list = field(default_factory=list)
    statuses: Counter = field(default_factory=Counter)
    cost: float = 0  # the share of one core that the phones took
    sample: bytes = b""  # the last answer
    strange: bytes = b""  # the last answer with a status nobody expected

    @property
    def p99(self):
        return sorted(self.latencies)[int(len(self.latencies) * 0.99)] * 1000


def get(port, path, cookie="", more=""):
    cookie = cookie and f"Cookie: {cookie}\r\n"
    return f"GET {path} HTTP/1.1\r\n{HEADERS.format(port=port)}{cookie}{more}\r\n".encode()


def post(port, path, body, cookie="", kind="application/x-www-form-urlencoded"):
    cookie = cookie and f"Cookie: {cookie}\r\n"
    return (
        f"POST {path} HTTP/1.1\r\n{HEADERS.format(port=port)}{cookie}Origin: http://127.0.0.1:{port}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {len(body.encode())}\r\n\r\n{body}"
    ).encode()


def press(port, requests, phones, seconds=None, count=None, expected=(200,)):
    """Send `requests` from `phones` connections for some seconds, or `count` of them; every status is checked."""
    shown, poll, lines = Round(), select.epoll(), {}
    requests = iter(requests)
    for _ in range(phones):
        sock = socket.create_connection(("127.0.0.1", port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        poll.register(sock, select.EPOLLIN)
        lines[sock.fileno()] = [sock, b"", 0.0]
    clock, cpu, begun, left = time.perf_counter, time.process_time(), time.perf_counter(), count or float("inf")
    end = begun + (seconds or 3600)

    def send(line):
        nonlocal left
        if left > 0 and clock() < end:
            left -= 1
            line[2] = clock()
            line[0].sendall(next(requests))
            return True
        poll.unregister(line[0])
        return False

    waiting = sum([send(line) for line in lines.values()])
    while waiting:
        for number, _ in poll.poll(30) or [(None, None)]:
            if number is None:
                raise RuntimeError("no answer within 30 s")
            line = lines[number]
            got = line[0].recv(262144)
            if not got:
                raise RuntimeError("the server hung up: " + repr(line[1][:200]))
            line[1] += got
            if not whole(line[1]):
                continue
            shown.latencies.append(clock() - line[2])
            shown.sample, line[1] = line[1], b""
            status = int(shown.sample[9:12])
            shown.statuses[status] += 1
            if status not in expected:
                shown.strange = shown.sample
            waiting -= not send(line)
    took = clock() - begun
    shown.rate, shown.cost = len(shown.latencies) / took, (time.process_time() - cpu) / took
    for sock, _, _ in lines.values():
        sock.close()
    poll.close()
    if shown.strange:
        raise RuntimeError(f"{dict(shown.statuses)}: {shown.strange[:600]!r}")
    return shown


def whole(answer):
    """Whether all bytes of one answer are there."""
    head = answer.find(b"\r\n\r\n")
    if head < 0:
        return False
    length = answer.lower().find(b"\ncontent-length:", 0, head)
    if length < 0:
        if answer[9:12] in (b"204", b"304"):
            return True
        raise RuntimeError("an answer without a length: " + repr(answer[:head]))
    return len(answer) >= head + 4 + int(answer[length + 16 : answer.index(b"\r", length)])
