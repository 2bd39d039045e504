"""The header sets: one for pages, a short one for JSON and fragments, one for assets (security.md §4)."""

from flask import Response, current_app, g

NO_FEATURES = (
    "camera={camera}, microphone=(), payment=(), usb=(), bluetooth=(), serial=(), hid=(), midi=(), accelerometer=(), "
    "gyroscope=(), magnetometer=(), display-capture=(), publickey-credentials-get=(self), "
    "screen-wake-lock=(self), fullscreen=(self), geolocation={position}"
)
"""What a page may ask of the phone. A view that needs the place or the camera says so in `g`."""


def content_policy(style_hash: str, https: bool) -> str:
    """The policy of a page: our own scripts and styles, and the one critical style block by its hash."""
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'sha256-{style_hash}'; img-src 'self' data: blob:; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'; object-src 'none'" + ("; upgrade-insecure-requests" if https else "")
    )


def page_headers(style_hash: str, https: bool) -> dict[str, str]:
    """What every HTML page says."""
    said = {
        "Content-Security-Policy": content_policy(style_hash, https),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",  # no-referrer would make our own forms say Origin: null
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Permitted-Cross-Domain-Policies": "none",
        "Server": "Nuanyi",
    }
    return said | ({"Strict-Transport-Security": "max-age=63072000; includeSubDomains"} if https else {})


SHORT = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Server": "Nuanyi",
}
"""What JSON, fragments and files say."""


def dress(answer: Response) -> Response:
    """Give an answer the headers of its kind."""
    headers = answer.headers
    if answer.mimetype == "text/html" and not g.get("fragment"):
        for name, value in current_app.page_headers.items():
            headers.setdefault(name, value)
        camera, position = ("(self)" if g.get(name) else "()" for name in ("uses_camera", "asks_position"))
        headers["Permissions-Policy"] = NO_FEATURES.format(camera=camera, position=position)
    else:
        for name, value in SHORT.items():
            headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "no-store")
    return answer
