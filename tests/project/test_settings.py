"""Every text of dryland.yml may come from the environment."""

from __future__ import annotations

import pytest

from dryland.errors import ConfigError, MissingSettingError
from dryland.project.load import load_project

SETTINGS = """
    state: "sqlite:///{{ env_var('PLACE') }}.db"
    store_schema: "{{ env_var('PLACE') }}_store"
    default_environment: "{{ target.name }}"
    exports:
      - name: "{{ env_var('PLACE') }} out"
        model: "big_{{ env_var('WHAT') }}"
        to: "sqlite:///{{ env_var('PLACE') }}-out.db"
        table: "{{ env_var('PLACE') }}_big"
    notifications:
      - name: "{{ env_var('PLACE') }} hook"
        webhook: "https://example.org/{{ env_var('PLACE') }}"
        file: "{{ env_var('PLACE') }}.jsonl"
    """


def test_texts_are_rendered(shop) -> None:
    shop.write("dryland.yml", SETTINGS)
    settings = load_project(shop.root, environment={"PLACE": "north", "WHAT": "spenders"}).settings
    assert (settings.state_url, settings.store_schema, settings.default_environment) == (
        "sqlite:///north.db", "north_store", "dev"
    )  # fmt: skip
    export, notification = settings.exports[0], settings.notifications[0]
    assert (export.name, export.model) == ("north out", "model.shop.big_spenders")
    assert (export.to, export.table) == ("sqlite:///north-out.db", "north_big")
    assert (notification.name, notification.webhook) == ("north hook", "https://example.org/north")
    assert notification.file == "north.jsonl"


@pytest.mark.parametrize(
    ("environment", "kind", "line"),
    [({"PLACE": "north"}, MissingSettingError, 6), ({"PLACE": "north", "WHAT": "x"}, ConfigError, 6)],
)
def test_what_is_wrong_in_one_has_its_line(shop, environment: dict[str, str], kind: type[Exception], line: int) -> None:
    shop.write("dryland.yml", SETTINGS)
    with pytest.raises(kind) as caught:
        load_project(shop.root, environment=environment)
    assert (caught.value.path, caught.value.line) == ("dryland.yml", line)
