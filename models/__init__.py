"""The district: nouns, rules, history. From the ground floor up; a module imports only from those before it."""

FLOORS = (
    "_database",
    "_record",
    "_keys",
    "_trail",
    "_schema",
    "_work",
    "passwords",
    "roles",
    "people",
    "sessions",
    "consents",
    "areas",
    "stations",
    "visits",
    "farewells",
    "demo",
)
