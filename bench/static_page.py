"""The yardstick of `phone`: files and their headers as they were saved, nothing else.

The folder in BENCH_PAGES holds `pages.json`: {path: [file, {header: value}]}.
"""

import json
import os
from pathlib import Path

from flask import Flask, Response, abort


def create_app():
    app, folder = Flask(__name__, static_folder=None), Path(os.environ["BENCH_PAGES"])
    saved = {
        path: ((folder / name).read_bytes(), headers)
        for path, (name, headers) in json.loads((folder / "pages.json").read_text()).items()
    }

    @app.get("/", defaults={"path": ""})
    @app.get("/<path:path>")
    def page(path):
        body, headers = saved.get("/" + path) or abort(404)
        return Response(body, headers=headers)

    return app
