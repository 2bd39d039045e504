"""The yardstick of `pages`: the least that Flask can answer."""

from flask import Flask


def create_app():
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "hello")
    return app
