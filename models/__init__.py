"""The district: nouns, rules, history. From the ground floor up; a module imports only from those before it."""

FLOORS = ("_database", "_record", "_keys", "_trail", "_schema", "people", "areas", "stations", "visits", "demo")
