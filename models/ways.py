"""Links that open a map app at a station or a shop: each map gets the coordinates it counts in (domain.md §2.5)."""

from urllib.parse import quote

from models import coordinates
from models.merchants import Merchant
from models.stations import Station

LONGEST = 12
"""Characters of a name in a link."""


def links(station: Station | Merchant, app: str) -> dict[str, str]:
    """The https links by map: `amap`, `tencent`, `baidu`. `app`: our name, in Latin letters.

    Amap says that calling its app fails inside WeChat and QQ: its link stays in the browser, and a script changes
    that elsewhere. Tencent's works inside WeChat.
    """
    lat, lng = coordinates.to_gcj(station.lat, station.lng)
    name, address = quote(station.name[:LONGEST]), quote(station.address)
    return {
        "tencent": "https://apis.map.qq.com/uri/v1/marker"
        f"?marker=coord:{lat:.6f},{lng:.6f};title:{name};addr:{address}&coord_type=2&referer={app}",
        "amap": f"https://uri.amap.com/marker?position={lng:.6f},{lat:.6f}&name={name}&src={app}"
        "&coordinate=gaode&callnative=0",
        "baidu": f"https://api.map.baidu.com/marker?location={station.lat:.6f},{station.lng:.6f}&title={name}"
        f"&content={address}&output=html&coord_type=wgs84&src=webapp.{app}.{app}",
    }
