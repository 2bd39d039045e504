"""What all forms share: WTForms in the person's language, and the path that a form may send people back to."""

import wtforms
from flask_babel import get_locale


class OurForm(wtforms.Form):
    class Meta:
        def get_translations(self, form):
            self.locales = [str(get_locale())]
            return super().get_translations(form)  # type: ignore[misc]


def own_path(text: str) -> str:
    """The text if it is a path on this site, else the home page: nobody is sent to another host."""
    own = text.startswith("/") and not text.startswith("//") and text.isprintable() and "\\" not in text
    return text if own else "/"
