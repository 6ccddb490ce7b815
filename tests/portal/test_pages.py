"""Every page says what is true, and shows words of others as words."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from portal_shop import EVIL, HOSTILE, TEMPLATE, Portal

from dryland.portal import texts
from dryland.portal.facts.changes import Change
from dryland.portal.texts import TEXTS
from dryland.state.records import Verdict

pytestmark = pytest.mark.medium

PAGES = (
    "/", "/datasets", "/datasets?q=revenue", "/datasets?state=failing&kind=model", "/datasets/big_spenders",
    "/datasets/hostile", "/datasets/raw_orders", "/datasets/model.shop.customer_orders",
    "/datasets/customer_orders/columns/revenue",
    "/datasets/hostile/columns/email", "/lineage", "/lineage?focus=hostile&up=all&down=1", "/releases", "/releases/1",
    "/releases/2", "/releases/1/rollback", "/runs", "/runs/1", "/runs/2", "/environments", "/owners",
    "/incidents", "/incidents?status=resolved&severity=error&owner=nobody&where=*", "/incidents/1", "/monitors",
    "/monitors?q=big", "/monitors/big_spenders", "/monitors/hostile?backtest=1",
    "/incidents/alerts", "/incidents/alerts?status=failed",
    "/query", "/query?sql=select+1", "/datasets/hostile/sample", "/datasets/hostile/export",
    "/datasets/customer_orders/sample",
)  # fmt: skip
REMEMBERS = {"script": {"src"}, "link": {"href"}, "img": {"src"}}


class Elements(HTMLParser):
    """Everything that a browser would make of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_answers_and_runs_nothing_of_others(looked_at: Portal, path: str) -> None:
    """No element, no attribute and no address of a page is anything that somebody wrote into a project."""
    text = looked_at.page(path)
    for tag, attributes in Elements(text).found:
        assert tag not in ("style", "iframe", "object", "embed", "base"), tag
        assert not any(name.startswith("on") or name == "style" for name in attributes), (tag, attributes)
        for name in ("src", "href"):
            address = attributes.get(name) or ""
            assert address.startswith(("/", "#")) or not address, (tag, address)
        if tag in ("script", "img"):
            assert (attributes.get("src") or "").startswith("/assets/"), attributes
    assert EVIL not in text


def test_hostile_words_are_told_as_they_are(looked_at: Portal) -> None:
    """Escaping loses nothing: who looks sees what was written."""
    text = looked_at.page("/datasets/hostile")
    shown = (
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&")
    )
    assert shown.count(HOSTILE) >= 4
    assert "javascript:" not in text
    assert TEMPLATE in looked_at.page("/releases/2")


def test_home_tells_what_is_wrong_and_what_to_do(looked_at: Portal) -> None:
    text = looked_at.page("/")
    assert "accepted_values_big_spenders" in text
    assert "<strong>1</strong> failing" in text
    assert re.search(r"Readers see release 2, [^<]+", text)
    assert "dryland check suggest" in text


def test_a_dataset_tells_whether_it_can_be_trusted(looked_at: Portal) -> None:
    text = looked_at.page("/datasets/customer_orders")
    assert "One row per customer." in text
    assert "3 of 3 checks say yes" in text
    assert "Every check that looked at what readers see said yes." in text
    assert 'href="/datasets/model.shop.big_spenders"' in text
    assert "main.customer_orders" in text


def test_a_failing_dataset_says_which_check_and_how_many_rows(looked_at: Portal) -> None:
    text = looked_at.page("/datasets/big_spenders")
    assert TEXTS["state_about_failing"] in text
    assert re.search(r"2 \w+ ", text.partition('id="checks"')[2])
    assert "spenders_dashboard" in text
    assert [each["unique_id"] for each in looked_at.get("/api/v1/datasets?state=failing").json()["datasets"]] == [
        "model.shop.big_spenders"
    ]


def test_values_of_personal_columns_are_not_shown(looked_at: Portal) -> None:
    for path in ("/datasets/hostile", "/datasets/hostile/columns/email"):
        text = looked_at.page(path)
        assert "personal" in text
        assert "a@example.org" not in text.partition('id="code"')[0]


def test_columns_are_followed_to_where_they_come_from(looked_at: Portal) -> None:
    text = looked_at.page("/datasets/customer_orders/columns/revenue")
    for name in ("/datasets/seed.shop.raw_orders/columns/amount", "/datasets/model.shop.big_spenders/columns/revenue"):
        assert f'href="{name}"' in text


def test_a_release_tells_what_it_changed(looked_at: Portal) -> None:
    text = looked_at.page("/releases/2")
    assert "Code of big_spenders" in text
    assert '<span class="removed">-' in text
    changes = {each["node"]: each["kinds"] for each in looked_at.get("/api/v1/releases/2").json()["changes"]}
    assert changes == {"model.shop.hostile": ["added"], "model.shop.big_spenders": ["code", "data"]}


def test_search_finds_by_name_column_and_owner(looked_at: Portal) -> None:
    def names(words: str) -> list[str]:
        found = (
            looked_at.get("/api/v1/datasets", 200)
            if not words
            else looked_at.client.get("/api/v1/datasets", params={"q": words})
        )
        return [each["name"] for each in found.json()["datasets"]]

    assert names("customer_orders") == ["customer_orders"]
    assert names("revenue")[:2] == ["customer_orders", "big_spenders"]
    assert names("orders customer_id")[0] in ("stg_orders", "customer_orders", "raw_orders")
    assert names("nothing like that") == []
    assert len(names("")) == 7


def test_while_somebody_types_only_the_list_is_sent(looked_at: Portal) -> None:
    part = looked_at.get("/datasets?q=spend", **{"hx-request": "true"}).text
    assert "big_spenders" in part
    assert "<html" not in part
    assert (
        "<html"
        in looked_at.get("/datasets?q=spend", **{"hx-request": "true", "hx-history-restore-request": "true"}).text
    )


@pytest.mark.parametrize(
    ("path", "code", "says"),
    [
        ("/nothing", 404, "There is no such page."),
        ("/datasets/nothing", 404, "There is no dataset `nothing`"),
        ("/datasets/hostile/columns/nothing", 404, "has no column `nothing`"),
        ("/releases/99", 404, "There is no release 99."),
        ("/releases/x", 422, "This address cannot be understood: number."),
        ("/releases/2/rollback", 409, "Release 2 is live"),
        ("/runs/99", 404, "There is no run 99."),
        ("/actions/99", 404, "Nothing like that"),
        ("/?env=nowhere", 404, "There is no environment `nowhere`."),
        ("/assets/0/portal.css", 404, "There is no such page."),
        ("/assets/0/../texts.toml", 404, "There is no such page."),
        ("/datasets/%3Cscript%3Ealert(1)", 404, "&lt;script&gt;"),
    ],
)
def test_what_is_not_there_is_a_page(looked_at: Portal, path: str, code: int, says: str) -> None:
    text = looked_at.page(path, code)
    assert says in text
    assert EVIL not in text
    assert "<h1>That did not work</h1>" in text


def test_programs_are_told_errors_as_data(looked_at: Portal) -> None:
    assert looked_at.get("/api/v1/datasets/nothing", 404).json()["error"].startswith("There is no dataset")


def test_pages_stay_in_the_environment_that_is_looked_at(own: Portal) -> None:
    from dryland.platform import Platform

    with Platform.open(own.root) as platform:
        platform.create_environment("dev_ana")
    text = own.page("/datasets?env=dev_ana")
    assert 'href="/datasets/model.shop.big_spenders?env=dev_ana"' in text
    assert "main__dev_ana.big_spenders" in own.page("/datasets/big_spenders?env=dev_ana")
    listed = {each["name"]: each["different"] for each in own.get("/api/v1/environments").json()["items"]}
    assert listed == {"prod": 0, "dev_ana": 0}


def test_what_is_written_is_seen_without_a_restart(own: Portal) -> None:
    """A new file, a broken one, and one that is whole again."""
    file = own.root / "models" / "fresh.sql"
    assert "fresh" not in own.page("/datasets")
    file.write_text("select 1 as one")
    assert "not released" in own.page("/datasets/fresh")
    file.write_text("select {{ one")
    broken = own.page("/datasets/fresh")
    assert "models/fresh.sql" in broken
    assert "cannot be read" in broken
    file.write_text("select 2 as two")
    assert "cannot be read" not in own.page("/datasets/fresh")


def test_every_text_that_a_page_names_is_there_and_every_text_is_named() -> None:
    """Texts stand in one file; what is in it is used."""
    folder = Path(texts.__file__).parent
    templates = "\n".join(each.read_text() for each in (folder / "templates").iterdir())
    code = "\n".join(each.read_text() for each in folder.rglob("*.py"))
    named = set(re.findall(r"\bt\.(\w+)", templates)) - {"get", "format"} | set(re.findall(r"t\['(\w+)'\]", templates))
    assert named <= TEXTS.keys()
    families = (
        "state_", "status_", "fact_", "kind_", "change_", "what_", "usage_", "incident_state_", "moment_", "event_",
        "column_", "plan_kind_", "plan_category_", "plan_columns_", "monitor_state_", "format_", "mask_",
        "dialect_", "may_", "refusal_", "standing_", "measure_", "lost_",
    )  # fmt: skip
    others = {name for name in TEXTS if name not in named and f'"{name}"' not in code and f"'{name}'" not in templates}
    assert {name for name in others if not name.startswith(families)} == set()


def test_examples_of_use_are_queries_that_answer(looked_at: Portal) -> None:
    from html import unescape

    from dryland.platform import Platform

    asked = 0
    with Platform.open(looked_at.root) as platform:
        for name in ("hostile", "customer_orders", "big_spenders", "stg_orders", "raw_customers"):
            text = looked_at.page(f"/datasets/{name}").partition('id="usage"')[2].partition("</section>")[0]
            for block in re.findall(r'<pre class="code" tabindex="0"><code>(.*?)</code></pre>', text, re.DOTALL):
                sql = unescape(re.sub(r"<[^>]+>", "", block))
                if "ref(" not in sql:
                    assert platform.query(sql).rows, sql
                    asked += 1
    assert asked >= 9


def test_of_many_changes_and_verdicts_the_weightiest_are_shown(own: Portal) -> None:
    """The first release of a large project: thousands of lines that say the same help nobody."""
    catalogue = own.desk.library.current("prod")
    (node, *_) = catalogue.datasets
    many = [Change(node, ("added",)) for _ in range(999)]
    catalogue.once(("changes", 2), lambda: (*many, Change(node, ("removed",)), Change(node, ("code", "data"))))
    said = [Verdict(f"test.shop.t{number}", "h", (), "pass", 0) for number in range(5_000)]
    catalogue.once(("verdicts", 2), lambda: (Verdict("test.shop.worst", "h", (), "fail", 3), *said))
    page = own.page("/releases/2")
    assert page.count('<span class="chip">new</span>') == 198
    assert page.index('<span class="chip">gone</span>') < page.index('<span class="chip">new</span>')
    assert "and 801 more, which are new or have other data" in page
    assert "worst" in page and "and 4,800 more that passed" in page
    assert page.count("<tr>") < 600
