"""Robots: the seed is what the package says, finds all robots it knows, and no people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from shoptrack import bots
from shoptrack.cli import app
from tests.python.conftest import NewWarehouse
from tests.python.warehouse import Project

PEOPLE = (Path(__file__).parent / "people.txt").read_text(encoding="utf-8").splitlines()
ROBOTS = (  # no example of the package
    "Mozilla/5.0 (compatible; SomeNewBot/1.0)",
    "WhatsApp/2.23.20.0 A",
    "python-requests/2.31.0",
    "Java/17.0.2",
    "curl/8.4.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/120.0.0.0 Safari/537.36",
    "Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)",
)
NIGHT = datetime(2025, 3, 3)


def examples() -> list[str]:
    """All user agents that the package gives for patterns that are in use."""
    people = {choice.pattern for choice in bots.own_choices() if not choice.is_robot}
    found = bots.published().examples.items()
    return sorted({each for pattern, given in found if pattern not in people for each in given})


@pytest.fixture(scope="module")
def flagged(new_warehouse: NewWarehouse) -> Iterator[dict[str, str | None]]:
    """Why sessions are a robot's, by user agent: the warehouse's own answer."""
    agents = sorted({*PEOPLE, *ROBOTS, *examples()})
    rows = [
        {
            "event_id": f"e{number}",
            "event_at": NIGHT.isoformat(),
            "event_name": "page_view",
            "visitor_id": f"v{number}",
            "user_agent": agent,
        }
        for number, agent in enumerate(agents)
    ]
    with new_warehouse() as warehouse:
        warehouse.land("web.events", rows, "events.csv", NIGHT + timedelta(days=1))
        warehouse.build(["+int_sessions_summarized"])
        yield dict(
            warehouse.query(
                "select user_agent, bot_reason from intermediate.int_sessions_summarized"
            )
        )


def test_the_seed_is_what_the_command_writes_from_the_locked_package(tmp_path: Path) -> None:
    rows, notes = bots.robots(bots.published(), bots.own_choices())
    assert bots.read_seed() == rows
    assert notes == []
    bots.write_seed(rows, tmp_path / "seed.csv")
    assert (tmp_path / "seed.csv").read_bytes() == bots.SEED.read_bytes()


def test_people_are_no_robots(flagged: dict[str, str | None]) -> None:
    assert len(PEOPLE) == len(set(PEOPLE)) >= 40
    assert {agent: flagged[agent] for agent in PEOPLE if flagged[agent]} == {}


def test_every_robot_that_the_package_knows_is_found(flagged: dict[str, str | None]) -> None:
    known = examples()
    assert len(known) > 2000
    assert [agent for agent in [*known, *ROBOTS] if flagged[agent] != "user agent"] == []


def test_a_fragment_is_in_all_that_its_pattern_finds() -> None:
    """DuckDB searches, as the warehouse does: three million searches take Python a minute."""
    agents = pa.table({"agent": examples()})
    query = (
        "select count(*), count(*) filter (not contains(lower(agent), $fragment)) from agents"
        " where regexp_matches(agent, $pattern)"
    )
    found = 0
    with duckdb.connect() as connection:
        connection.register("agents", agents)
        for row in bots.read_seed():
            given = {"fragment": row.fragment, "pattern": row.pattern}
            [(agent_count, without_fragment)] = connection.execute(query, given).fetchall()
            assert without_fragment == 0, row
            found += agent_count
    assert found >= len(agents)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("Googlebot\\/", "googlebot/"),
        ("[cC]laude[bB]ot", "laude"),
        ("AdsBot-Google([^-]|$)", "adsbot-google"),
        ("(?i)(^|[^u])bot/", "bot/"),
        ("colou?r", "colo"),
        ("abc{2}defg", "defg"),
        ("a.bcd\\d+efghi", "efghi"),
        ("^curl", "curl"),
        ("((a)|b)curl", "curl"),
        ("(a[)]b)curl", "curl"),
        (r"curl\(bot", "curl(bot"),
        ("[]a]curl[^]b]", "curl"),
        ("curl(?:x|yyyyyy)?", "curl"),
    ],
)
def test_the_fragment_is_the_longest_plain_text(pattern: str, expected: str) -> None:
    assert bots.fragment(pattern) == expected


def test_a_pattern_that_engines_read_differently_is_left_out_with_a_note() -> None:
    found = bots.Published({"Good": (), "Bad(?!x)": (), "a.": (), "One|Other": ()})
    choices = [bots.Choice("Gone", False), bots.Choice("Mine", True)]
    rows, notes = bots.robots(found, choices)
    assert [row.pattern for row in rows] == ["Good", "One", "Other", "Mine"]
    assert len(notes) == 3
    assert "Gone" in notes[0]
    assert "(?!" in notes[1]
    assert "plain text" in notes[2]


def test_alternatives_of_the_whole_pattern_are_robots_of_their_own() -> None:
    found = bots.Published({"One[xy]|Other(a|b)": ()})
    rows, notes = bots.robots(found, [])
    assert [(row.pattern, row.fragment) for row in rows] == [
        ("One[xy]", "one"),
        ("Other(a|b)", "other"),
    ]
    assert notes == []


def test_alternatives_keep_the_flags_of_their_pattern() -> None:
    rows, notes = bots.robots(bots.Published({}), [bots.Choice("(?i)foobot|barbot", True)])
    assert [row.pattern for row in rows] == ["(?i)barbot", "(?i)foobot"]
    assert notes == []


@pytest.mark.parametrize("pattern", ["robot|", "robot|a", "robot|x(?!y)zz", r"\x41bcdef"])
def test_a_pattern_of_which_a_part_cannot_be_used_is_left_out_whole(pattern: str) -> None:
    rows, [note] = bots.robots(bots.Published({}), [bots.Choice(pattern, True)])
    assert rows == []
    assert note.startswith(f"left out {pattern!r}: ")


@pytest.mark.parametrize("pattern", ["Robot[a|Other", "Robot(", "Robot[a", "Robot\\", "*Robot"])
def test_what_is_no_regular_expression_is_left_out_with_a_note(pattern: str) -> None:
    rows, [note] = bots.robots(bots.Published({}), [bots.Choice(pattern, True)])
    assert rows == []
    assert note.startswith(f"left out {pattern!r}: it is no regular expression: ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("patern,who\na,robot\n", "own.csv has no column pattern"),
        ("", "own.csv has no column pattern, who"),
        ("pattern,who\na,robot\n,robot\n", "own.csv, row 2: the pattern is missing"),
        ("pattern,who\na\n", "own.csv, row 1: who is None"),
    ],
)
def test_a_list_of_choices_that_cannot_be_read_is_told(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "own.csv"
    path.write_text(text)
    with pytest.raises(bots.RobotListError, match=said):
        bots.own_choices(path)


def test_a_choice_for_neither_robots_nor_people_is_refused_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text('pattern,who,reason\n"a","robot","b"\n"c","cat","d"\n')
    with pytest.raises(bots.RobotListError, match=r"row 2.*cat"):
        bots.own_choices(path)


def test_the_command_writes_the_seed_and_says_what_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = tmp_path / "bot_user_agents.csv"
    bots.write_seed([*bots.read_seed()[1:], bots.Robot("Gone", "gone", "own")], seed)
    monkeypatch.setattr(bots, "SEED", seed)
    result = CliRunner().invoke(app, ["refresh-bots"])
    assert result.exit_code == 0, result.output
    assert "1 new, 1 gone" in result.output
    assert bots.read_seed(seed) == bots.read_seed()


def test_robots_are_kept_and_out_of_every_report_that_counts_sessions(
    parsed_project: Project, new_warehouse: NewWarehouse
) -> None:
    """The same reports come of people's events alone and of people's and robots' events."""
    reports = session_reports(parsed_project)
    assert len(reports) >= 5
    people = visits("person", PEOPLE[0])
    robots = visits("robot", "Googlebot/2.1 (+http://www.google.com/bot.html)")
    with new_warehouse() as alone, new_warehouse() as together:
        for warehouse, rows in ((alone, people), (together, [*people, *robots])):
            warehouse.land("web.events", rows, "events.csv", NIGHT + timedelta(days=1))
            warehouse.build([f"+{name}" for name in (*reports, "rpt_data_quality_daily")])
        assert alone.difference(together, [f"marts.{name}" for name in reports]) == ""
        kept = "select count(*), count(*) filter (is_bot) from marts.fct_sessions"
        assert together.query(kept) == [(8, 4)]
        counted = "select sum(bot_sessions) from marts.rpt_data_quality_daily"
        assert together.query(counted) == [(4,)]


def session_reports(project: Project) -> list[str]:
    """Reports with a count of sessions, visitors or entrants, but for that which counts robots."""
    counts = {"sessions", "visitors", "entrants"}
    return sorted(
        {
            node.name
            for node in project.manifest.nodes.values()
            if node.name.startswith("rpt_")
            and counts & set(node.columns)
            and "bot_sessions" not in node.columns
        }
    )


def visits(visitor: str, user_agent: str) -> list[dict[str, str]]:
    """Events of four sessions, with a product, a cart and a purchase."""
    names = ("page_view", "view_item", "add_to_cart", "begin_checkout", "purchase")
    return [
        {
            "event_id": f"{visitor} {session} {name}",
            "event_at": (NIGHT + timedelta(hours=session, minutes=number)).isoformat(),
            "event_name": name,
            "visitor_id": visitor,
            "page_url": f"https://shop.example/{name}",
            "user_agent": user_agent,
            "items": '[{"item_id": "p", "price": "10", "quantity": "1"}]',
            "value": "10",
            "currency": "EUR",
            "transaction_id": f"{visitor} {session}" if name == "purchase" else "",
        }
        for session in range(4)
        for number, name in enumerate(names)
    ]
