"""The catalog's entities: where they are found, and why Backstage would refuse one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldenpath.facts.catalog import MAX_ENTITIES, MAX_FILES, Catalog, catalog
from trees import InMemory, repository

COMPONENT = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: shop
spec:
  type: service
  lifecycle: production
  owner: group:default/retail
"""


def read(text: str | bytes | None, **files: str) -> Catalog:
    return catalog(
        repository({"catalog-info.yaml": text} | {path.replace("__", "/"): text for path, text in files.items()})
    )


def with_metadata(*lines: str) -> str:
    return COMPONENT.replace("  name: shop\n", "".join(f"  {line}\n" for line in ("name: shop", *lines)))


def with_spec(*lines: str) -> str:
    return COMPONENT + "".join(f"  {line}\n" for line in lines)


def problems(text: str) -> list[str]:
    """What is wrong with a file, each with its line and column."""
    found = read(text)
    own = [problem for component in found.components for problem in component.problems]
    return [f"{each.place.line}:{each.place.column} {each.text}" for each in (*found.problems, *own)]


def locations(*targets: str) -> str:
    lines = "".join(f"\n    - {target!r}" for target in targets)
    return f"apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata:\n  name: all\nspec:\n  targets:{lines}\n"


def named(name: str) -> str:
    return COMPONENT.replace("name: shop", f"name: {name}")


def names(found: Catalog) -> list[str]:
    return [component.ref.name for component in found.components]


# ---- a component


def test_a_component_is_what_backstage_sees() -> None:
    (component,) = read(COMPONENT).components
    assert (str(component.ref), component.type, component.lifecycle, component.problems) == (
        "component:default/shop", "service", "production", (),
    )  # fmt: skip


def test_type_and_lifecycle_are_compared_in_lower_case() -> None:
    (component,) = read(COMPONENT.replace("service", "Service").replace("production", "Production")).components
    assert (component.type, component.lifecycle) == ("service", "production")


@pytest.mark.parametrize("kind", ["", "'${{ values.type }}'", "{$text: ./type.txt}", "[service]"])
def test_a_component_without_a_readable_type_is_asked_as_much_as_a_service(kind: str) -> None:
    (component,) = read(COMPONENT.replace("type: service", f"type: {kind}")).components
    assert component.type == "service"


def test_a_component_that_backstage_refuses_is_still_reported() -> None:
    (component,) = read(COMPONENT.replace("shop", "The Shop!")).components
    assert component.ref.name == "The-Shop"
    assert component.problems


def test_links_and_annotations_carry_where_they_stand() -> None:
    (component,) = read(
        with_metadata("annotations: {a.io/b: c}", "links:", "- {title: Docs, url: 'https://a.io', type: docs}")
    ).components
    assert component.annotations["a.io/b"].place.line == 5
    assert [(link.url, link.title, link.type, link.place.line) for link in component.links] == [
        ("https://a.io", "Docs", "docs", 7)
    ]


def test_values_that_backstage_fetches_are_valid_and_hidden() -> None:
    text = with_metadata("links: {$yaml: ./links.yaml}").replace("group:default/retail", "{$text: ./owner.txt}")
    (component,) = read(text).components
    assert component.problems == ()
    assert component.hidden("spec", "owner") == component.entity.get("spec", "owner").place  # type: ignore[union-attr]
    assert component.hidden("metadata", "links")
    assert component.hidden("spec", "type") is None


# ---- the files


def test_a_file_may_hold_several_entities() -> None:
    group = "---\napiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: retail}\nspec: {type: team}\n"
    found = read(COMPONENT + "---\n" + named("cart") + group)
    assert (names(found), len(found.entities), found.problems) == (["shop", "cart"], 3, ())


def test_a_location_is_followed_into_this_repository() -> None:
    found = read(locations("./cart/catalog-info.yaml"), **{"cart__catalog-info.yaml": named("cart")})
    assert names(found) == ["cart"]
    assert found.components[0].entity.place.path == "cart/catalog-info.yaml"


def test_targets_are_relative_to_the_location_or_to_the_root() -> None:
    found = read(
        locations("./a/all.yaml"),
        **{"a__all.yaml": locations("cart.yaml", "/b.yaml"), "a__cart.yaml": named("cart"), "b.yaml": named("till")},
    )
    assert names(found) == ["cart", "till"]


def test_wildcards_stay_in_a_folder_unless_doubled() -> None:
    files = {"a__x.yaml": named("x"), "a__b__y.yaml": named("y"), "c__z.yaml": named("z")}
    assert names(read(locations("./a/*.yaml"), **files)) == ["x"]
    assert names(read(locations("./a/**/*.yaml"), **files)) == ["y", "x"]


def test_a_circle_of_locations_ends() -> None:
    found = read(locations("./a.yaml"), **{"a.yaml": locations("./catalog-info.yaml", "./a.yaml").replace("all", "a")})
    assert (names(found), found.problems) == ([], ())


def test_skeletons_and_fixtures_are_no_components() -> None:
    found = read(COMPONENT, **{"templates__skeleton__catalog-info.yaml": named("skeleton")})
    assert names(found) == ["shop"]


def test_a_target_that_is_missing_is_a_problem_unless_it_is_optional() -> None:
    assert [each.text for each in read(locations("./gone.yaml")).problems] == ["there is no file `gone.yaml`"]
    assert read(locations("./gone.yaml") + "  presence: optional\n").problems == ()


@pytest.mark.parametrize("target", ["https://github.com/acme/all/blob/main/all.yaml", "../other/catalog-info.yaml"])
def test_a_target_elsewhere_is_out_of_sight(target: str) -> None:
    found = read(locations(target))
    assert (len(found.unseen), found.problems) == (1, ())


def test_the_other_ending_is_read_where_the_first_is_missing() -> None:
    assert catalog(repository({"catalog-info.yml": COMPONENT})).path == "catalog-info.yml"
    both = catalog(repository({"catalog-info.yml": named("other"), "catalog-info.yaml": COMPONENT}))
    assert names(both) == ["shop"]


def test_a_file_that_git_does_not_track_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(InMemory, "stray", lambda _, path: path == "catalog-info.yaml")
    found = catalog(repository({"README.md": ""}))
    assert (found.found, found.stray) == (False, True)


# ---- what Backstage refuses


def test_a_complete_entity_has_no_problem() -> None:
    text = with_metadata(
        "namespace: retail", "title: The shop", "description: sells {{ things }}", "labels: {tier: '1', empty: ''}",
        "annotations: {backstage.io/techdocs-ref: 'dir:.', a/b: ''}", "tags: [java, c++, c#, 'team:x', on-call]",
        "links: [{url: 'https://a.io', title: A, icon: dashboard, type: x}, {url: 'mailto:a@b.io'}]",
    ).replace("production\n", "production\n  system: retail/web\n  subcomponentOf: mall\n  providesApis: [shop]\n"
              "  consumesApis: [api:cart]\n  dependsOn: [resource:db, component:cart]\n")  # fmt: skip
    assert problems(text) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (COMPONENT.replace("v1alpha1", "v1"), "1:13 `backstage.io/v1` is no API version of a Component"),
        (COMPONENT.replace("kind: Component", "kind: component"), "2:7 `component` is no kind of entity"),
        (COMPONENT + "labels: {}\n", "9:1 `labels` is no field of an entity"),
        (COMPONENT.replace("name: shop", "name: The Shop"), "4:9 `metadata.name`: `The Shop` is no name"),
        (COMPONENT.replace("name: shop", "name: 123"), "4:9 `metadata.name` is a number"),
        (COMPONENT.replace("name: shop", "name: ${{ values.name }}"), "4:9 `metadata.name` is not filled in: `${{"),
        (COMPONENT.replace("name: shop", "name: {= name =}"), "4:9 `metadata.name` is not filled in"),
        (COMPONENT.replace("name: shop", "title: x"), "4:3 `metadata.name` is missing"),
        (with_metadata("namespace: Retail"), "5:14 `metadata.namespace`: `Retail` is no namespace"),
        (with_metadata("description:"), "5:15 `metadata.description` is empty"),
        (with_metadata("annotations: {a/b: true}"), "5:22 `metadata.annotations.a/b` is true or false"),
        (with_metadata("annotations: {a/b/c: x}"), "5:17 `metadata.annotations`: `a/b/c` is no key"),
        (with_metadata("annotations:"), "5:15 `metadata.annotations` should be a mapping"),
        (with_metadata("labels: {a: b c}"), "5:15 `metadata.labels.a`: `b c` is no value of a label"),
        (with_metadata("tags: java"), "5:9 `metadata.tags` should be a list"),
        (with_metadata("tags: [Java]"), "5:10 `metadata.tags[0]`: `Java` is no tag"),
        (with_metadata("links: [{title: Docs}]"), "5:11 `metadata.links[0].url` is missing"),
        (with_metadata("links: [{url: ./docs}]"), "5:17 `metadata.links[0].url`: `./docs` is no full address"),
        (with_metadata("links: [{url: 'https://a.io', icon: a b}]"), "5:39 `metadata.links[0].icon`: `a b` is no name"),
        (COMPONENT.replace("  lifecycle: production\n", ""), "6:3 `spec.lifecycle` is missing"),
        (COMPONENT.replace("group:default/retail", "~"), "8:10 `spec.owner` is empty"),
        (COMPONENT.replace("group:default/retail", "[retail]"), "8:10 `spec.owner` is a list"),
        (COMPONENT.replace("group:default/retail", "Team Retail"), "8:10 `spec.owner`: 'Team Retail' is no"),
        (with_spec("system: '{{ cookiecutter.system }}'"), "9:11 `spec.system` is not filled in: `{{"),
        (with_spec("dependsOn: [db]"), "9:15 `spec.dependsOn[0]`: `db` does not say its kind, as in `component:name`"),
        (with_spec("providesApis: shop"), "9:17 `spec.providesApis` should be a list"),
        (COMPONENT + "---\n" + COMPONENT, "10:1 `component:default/shop` is declared twice, first at"),
        ("- a\n", "1:1 it is no entity, which would be a mapping"),
        ("# nothing\n", "0:0 it holds no entity"),
        ("kind: Component\nmetadata:\n  name: {{ values.name }}\n", "3:10 a template's expression is not"),
        ("a: 1\na: 2\n", "2:1 the key 'a' is there twice (first in line 1)"),
        ("a: [\n", "2:1 it is not valid YAML: did not find expected node content"),
    ],
)  # fmt: skip
def test_what_backstage_refuses_is_named_with_its_place(text: str, problem: str) -> None:
    assert any(each.startswith(problem) for each in problems(text))


def test_a_kind_that_nobody_processes_is_a_problem_of_the_repository_not_of_the_component() -> None:
    found = read(COMPONENT + "---\napiVersion: acme.io/v1\nkind: Squad\nmetadata: {name: x}\n")
    assert [each.text for each in found.problems] == [
        "`Squad` is no kind of entity: Backstage refuses it unless a processor for it is installed"
    ]
    assert found.components[0].problems == ()


def test_what_is_wrong_with_one_component_is_its_own() -> None:
    found = read(COMPONENT + "---\n" + named("cart").replace("  lifecycle: production\n", ""))
    assert ([len(each.problems) for each in found.components], found.problems) == ([0, 1], ())


def test_the_expressions_of_a_scaffolder_template_are_its_nature() -> None:
    found = read(
        "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {name: t, title: '${{ x }}'}\n"
        "spec: {type: service, owner: retail, steps: [{id: a, input: {url: '${{ parameters.url }}'}}]}\n"
    )
    assert found.problems == ()


# ---- hostile


def test_a_file_that_cannot_be_read_is_out_of_sight() -> None:
    assert [str(each.place) for each in read(None).unseen] == ["catalog-info.yaml"]
    assert read(b"\xff\xfe\x00").unseen[0].text.startswith("it is not UTF-8")


def test_locations_are_followed_to_a_stated_number_of_files() -> None:
    files = {f"{number}.yaml": named(f"c{number}") for number in range(MAX_FILES + 50)}
    found = read(locations("./*.yaml"), **files)
    assert len(found.components) <= MAX_FILES
    assert "reads no further" in found.unseen[-1].text


def test_entities_are_read_up_to_a_stated_number() -> None:
    found = read("---\n".join(named(f"c{number}") for number in range(MAX_ENTITIES + 1)))
    assert (len(found.components), len(found.unseen)) == (MAX_ENTITIES, 1)


def test_wildcards_that_would_take_forever_are_not_followed() -> None:
    found = read(locations("./" + "*a" * 20 + ".yaml"), **{"a" * 200 + "b": ""})
    assert "more wildcards" in found.unseen[0].text


@pytest.mark.timeout(120)
def test_more_wildcards_than_anybody_writes_are_not_followed() -> None:
    found = read(
        locations(*(f"./**/{number}.yaml" for number in range(5_000))), **{f"{n}__x.yaml": "" for n in range(2_000)}
    )
    assert "more wildcards" in found.unseen[0].text


def test_an_alias_bomb_is_out_of_sight() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
    )
    assert "nodes once its aliases are expanded" in read(bomb).unseen[0].text


@given(st.text(alphabet="abkindmetadataspec:{}[]-\n $'\"*&!|>#/1.", max_size=200))
def test_any_text_is_read(text: str) -> None:
    read(text)
    read(COMPONENT + text)


def test_each_of_two_declarations_of_one_component_stands_in_its_own_folder() -> None:
    files = {"a/catalog-info.yaml": COMPONENT, "a/docs/catalog-info.yaml": COMPONENT}
    components = catalog(repository(files)).components
    assert [each.home for each in components] == ["a", "a/docs"]
    assert [each.instead_of for each in components] == [None, None]
