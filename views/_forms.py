"""What all forms share: how fields are read, WTForms in the person's language, the path that they may lead back to."""

import wtforms
from flask_babel import get_locale
from htmx_flask.requests import HtmxAwareRequest
from werkzeug.datastructures import ImmutableMultiDict


class Fields(ImmutableMultiDict):
    """The fields of a form or of an address. A NUL, which PostgreSQL takes in no text, is a space in all of them."""

    def __init__(self, fields=()):
        super().__init__([(name, text.replace("\0", " ") if isinstance(text, str) else text) for name, text in fields])


class OurRequest(HtmxAwareRequest):
    parameter_storage_class = Fields


class OurForm(wtforms.Form):
    class Meta:
        def get_translations(self, form):
            self.locales = [str(get_locale())]
            return super().get_translations(form)  # type: ignore[misc]


def own_path(text: str) -> str:
    """The text if it is a path on this site, else the home page: nobody is sent to another host."""
    own = text.startswith("/") and not text.startswith("//") and text.isprintable() and "\\" not in text
    return text if own else "/"
