"""The town in which the tests play, on SQLite and on PostgreSQL, and the count of what ran where."""

from collections import Counter
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings

from app import create_app
from bench import _postgres
from models._database import writing
from models._keys import KeyRing, use_ring
from models.passwords import PASSWORDS
from models.people import Person, RoleGrant
from models.stations import Station
from tests._crowd import Crowd
from tests._engines import CAST, NOON, PostgreSQL, SQLite, let_go, opened
from tests._phone import Phone
from views import _keep
from views._prefs import Prefs

PASSWORDS.use(time_cost=1, memory_cost=8, parallelism=1)  # 0.1 ms, not 30

settings.register_profile(  # other work on the machine is no mistake; a test's database is emptied by the test itself
    "town", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("town")

ENGINES = ("sqlite", "postgresql")

MARKS = (
    "no_database: needs no database at all",
    "only(engine, why): is about one engine's own means, which the other does not have",
    "runs_on(*engines): brings these engines itself",
)


def pytest_configure(config):
    for mark in MARKS:
        config.addinivalue_line("markers", mark)


# The databases.


def pytest_generate_tests(metafunc):
    if "engine" in metafunc.fixturenames:
        only = metafunc.definition.get_closest_marker("only")
        metafunc.parametrize("engine", only.args[:1] if only else ENGINES, indirect=True)


@pytest.fixture(scope="session", autouse=True)
def keys(tmp_path_factory):
    """The file of a key ring, in use for the whole run."""
    path = tmp_path_factory.mktemp("keys") / "ring.json"
    KeyRing.make(path)
    use_ring(KeyRing.read(path))
    return path


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory):
    return SQLite(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql():
    if not _postgres.installed():
        pytest.fail("The tests run on PostgreSQL too. Please install it: apt-get install postgresql-15", pytrace=False)
    with _postgres.postgres(quick=True) as url:
        yield PostgreSQL(url)


@pytest.fixture
def engine(request):
    return request.getfixturevalue(request.param)


def copy_of(template):
    """A fixture: the URL of a database of one's own, open, made from this template."""

    @pytest.fixture
    def database(engine):
        url = engine.fresh(template)
        with opened(url):
            yield url
        engine.drop(url)

    return database


bare, migrated, small, yanzhou, lively = map(copy_of, ("bare", "migrated", "small", "yanzhou", "lively"))


# The town.


@pytest.fixture
def town(small):
    """The small district: its cast and its three stations, of which Kim keeps `spring` and Lee keeps `street`."""
    cast = {key: Person.by_phone(phone) for key, (_, phone, *_) in CAST.items()}
    codes = {"spring": "SF001", "street": "SF002", "fuel": "SF003"}
    return SimpleNamespace(**cast, **{name: Station.get(code=code) for name, code in codes.items()}, url=small)


@pytest.fixture
def ada(town, noon):
    """An administrator of the small district."""
    with writing():
        person = Person.register(name="艾达", phone="13800000006", at=noon, password="warm-ada")
        RoleGrant.create(person=person, role="administrator")
    return person


@pytest.fixture
def admin(ada, new_phone):
    return new_phone().sign_in(ada)


@pytest.fixture
def noon():
    return NOON


@pytest.fixture(scope="session")
def crowd(keys):
    crowd = Crowd(keys)
    yield crowd
    crowd.pool.terminate()


# The pages.


@pytest.fixture(scope="session")
def demo_app(keys, tmp_path_factory):
    """The app in demo mode, made once: each test puts its own database under it."""
    app = create_app(
        DEMO=1, KEY_RING=str(keys), DATABASE_URL=f"sqlite:///{tmp_path_factory.mktemp('app')}/none.db", BASE_URL=""
    )
    let_go()
    return app


@pytest.fixture(scope="session")
def https_app(keys, tmp_path_factory):
    app = create_app(
        DEMO=0,
        KEY_RING=str(keys),
        DATABASE_URL=f"sqlite:///{tmp_path_factory.mktemp('app')}/none.db",
        BASE_URL="https://nuanyi.example",
        SMS="https://sms.example/send",
        SMS_KEY="nuanyi:a-secret-of-a-test",
    )
    let_go()
    return app


@pytest.fixture
def app(demo_app):
    return _forgetful(demo_app)


@pytest.fixture
def real_app(https_app):
    """The app as a district runs it: behind https, without a demo."""
    return _forgetful(https_app)


def _forgetful(app):
    """The pages that another test's app kept are not this one's."""
    _keep.forget()
    Prefs._read.cache_clear()
    return app


@pytest.fixture
def new_phone(app):
    """Phones, as many as the test asks for."""
    return lambda: Phone(app)


@pytest.fixture
def phone(new_phone):
    """A phone of somebody who never was here."""
    return new_phone()


# What ran where: a test that did not run on PostgreSQL must say why (design.md §7).


def pytest_collection_modifyitems(items):
    for item in items:
        item.user_properties.append(("where", _where(item)))


def _where(item):
    for mark in ("no_database", "only"):
        if item.get_closest_marker(mark):
            return mark
    own = item.get_closest_marker("runs_on")
    if "engine" in item.fixturenames or (own and "postgresql" in own.args):
        return "both"
    return "browser" if item.path.parent.name == "browser" else "nowhere else"


_ran: dict[str, str] = {}


def pytest_runtest_logreport(report):
    if report.when == "call" or report.skipped:
        _ran[report.nodeid.partition("[")[0]] = dict(report.user_properties).get("where", "")


def pytest_sessionfinish(session):
    if "nowhere else" in _ran.values() and not session.exitstatus:
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter):
    count = Counter(_ran.values())
    terminalreporter.section("not run on PostgreSQL")
    terminalreporter.line(
        f"{count['both']} tests ran on both engines; {count['no_database']} need no database, "
        f"{count['only']} are about one engine's own means. Not run on PostgreSQL: {count['browser']} in the browser"
    )
    for test in sorted(test for test, where in _ran.items() if where in ("browser", "nowhere else")):
        terminalreporter.line(f"  {test}")
    if count["nowhere else"]:
        terminalreporter.line(
            f"{count['nowhere else']} of them are no browser tests: let them use `engine` (or a database fixture),"
            " or mark them `no_database`.",
            red=True,
        )
