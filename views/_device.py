"""The device that asks: its secret in the readable cookie, and what it is in words."""

import ipaddress
import re
import secrets

from flask import current_app, g, make_response, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.codes import Caller

DEVICE = re.compile(r"[0-9a-f]{32}")
HALF_A_YEAR = 180 * 86400

APPS = (("micromessenger", "wechat"), ("alipayclient", "alipay"), ("dingtalk", "dingtalk"))
SYSTEMS = (
    ("openharmony", "harmony"),
    ("harmonyos", "harmony"),
    ("android", "android"),
    ("iphone", "iphone"),
    ("ipad", "ipad"),
    ("windows", "windows"),
    ("mac os", "mac"),
    ("linux", "linux"),
)
"""What stands in a user agent, and what we keep of it: no version, no model."""

WORDS = {
    "wechat": _l("WeChat"),
    "alipay": _l("Alipay"),
    "dingtalk": _l("DingTalk"),
    "browser": _l("Browser"),
    "harmony": _l("HarmonyOS"),
    "android": _l("Android"),
    "iphone": _l("iPhone"),
    "ipad": _l("iPad"),
    "windows": _l("Windows"),
    "mac": _l("Mac"),
    "linux": _l("Linux"),
}


def own_device() -> str | None:
    """The device's secret from its cookie, if it is one of ours."""
    said = request.cookies.get("device", "")
    return said if DEVICE.fullmatch(said) else None


def caller() -> Caller:
    """Who asks. A device that has no secret yet gets one, which `remember` gives it with the answer."""
    if "device" not in g:
        g.device = own_device() or secrets.token_hex(16)
    return Caller(g.device, _network(request.remote_addr or ""))


def _network(address: str) -> str:
    """An address as limits count it: of IPv6 the first half, for every phone has the whole of the second to itself."""
    try:
        v6 = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    return str(v6.ipv4_mapped or ipaddress.IPv6Network((int(v6) >> 64 << 64, 64)))


def remember(answer, secret: str | None, renew: bool = False):
    """Give a device without a cookie this one; `renew`: and one that has it another half year."""
    answer = make_response(answer)
    if secret and (renew or not own_device()):
        answer.set_cookie("device", secret, max_age=HALF_A_YEAR, path="/", secure=current_app.https, samesite="Lax")
    return answer


def kind_of_device() -> str:
    """What asks, as two words to keep: `wechat android`, `browser windows`, `browser`."""
    agent = (request.headers.get("User-Agent") or "").casefold()
    app = next((kept for told, kept in APPS if told in agent), "browser")
    return " ".join([app, *[kept for told, kept in SYSTEMS if told in agent][:1]])


def device_words(kind: str) -> str:
    """微信 · 安卓"""
    return " · ".join(str(WORDS[word]) for word in kind.split() if word in WORDS) or _("Browser")
