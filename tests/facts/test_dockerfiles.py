"""Dockerfiles: what a build takes from elsewhere, and what it runs."""

from __future__ import annotations

from textwrap import dedent

import pytest

from goldenpath.facts.dockerfiles import Dockerfile, Problem, dockerfiles, parse
from trees import repository

DIGEST = f"sha256:{'0' * 64}"


def read(text: str, **arguments: str | None) -> Dockerfile:
    return parse("Dockerfile", dedent(text).lstrip("\n"), arguments)


def foreign(text: str, target: str = "", **arguments: str | None) -> list[tuple[str | None, int]]:
    return [(each.reference, each.place.line) for each in read(text, **arguments).foreign(target)]


def test_earlier_stages_and_scratch_are_not_foreign() -> None:
    text = """
    FROM golang:1.26 AS Build
    FROM build AS test
    FROM scratch
    COPY --from=build /a /a
    COPY --from=0 /b /b
    """
    assert foreign(text) == [("golang:1.26", 1)]


def test_only_the_stages_that_a_target_needs_count() -> None:
    text = """
    FROM node:24 AS site
    FROM golang:1.26 AS build
    COPY --from=site /a /a
    FROM alpine:3 AS debug
    FROM scratch
    COPY --from=build /b /b
    """
    assert foreign(text) == [("node:24", 1), ("golang:1.26", 2)]
    assert foreign(text, "debug") == [("alpine:3", 4)]
    assert foreign(text, "site") == [("node:24", 1)]
    assert read(text).needed("nowhere") == ()


def test_images_that_are_copied_or_mounted_from_are_foreign_and_so_is_the_frontend() -> None:
    text = """
    # syntax=docker/dockerfile:1
    FROM scratch
    COPY --from=ghcr.io/acme/ca:1 /ca /ca
    RUN --mount=type=bind,from=ghcr.io/acme/tools:2,target=/tools --mount=type=cache,target=/c /tools/run
    """
    assert foreign(text) == [("docker/dockerfile:1", 1), ("ghcr.io/acme/ca:1", 3), ("ghcr.io/acme/tools:2", 4)]


def test_a_stage_cannot_be_taken_from_before_it_is_there() -> None:
    assert foreign("FROM later\nFROM scratch AS later\nFROM 0\n", "0") == [("later", 1)]


@pytest.mark.parametrize(
    ("text", "arguments", "expected"),
    [
        ("ARG V=3.13\nFROM python:${V}-slim\n", {}, "python:3.13-slim"),
        ("ARG V=3.13\nFROM python:$V\n", {"V": "3.14"}, "python:3.14"),
        ("ARG V=3.13\nFROM python:$V\n", {"V": None}, None),
        ("ARG V\nFROM python:${V}\n", {}, None),
        ("ARG V\nFROM python:${V:-3.12}\n", {}, "python:3.12"),
        ('ARG A="3" B=${A}.13\nFROM python:$B\n', {}, "python:3.13"),
        ("FROM --platform=$BUILDPLATFORM golang:1.26\n", {}, "golang:1.26"),
        ("from python:3 as x\n", {}, "python:3"),
        ("FROM python:${V%.*}\n", {}, None),
    ],
)
def test_arguments_before_the_first_stage_are_replaced(
    text: str, arguments: dict[str, str | None], expected: str | None
) -> None:
    assert foreign(text, "", **arguments)[0][0] == expected


def test_lines_continue_over_comments_and_by_the_escape_of_the_directive() -> None:
    text = "# escape=`\n\nFROM a\nRUN one `\n# between\n\n  && two\nUSER x\n"
    (stage,) = read(text).stages
    assert [(each.keyword, each.text, each.place.line) for each in stage.instructions] == [
        ("RUN", "one   && two", 4),
        ("USER", "x", 8),
    ]


def test_a_here_document_is_no_instruction() -> None:
    text = "FROM a\nRUN <<EOF\npip install b\nFROM c\nEOF\nCOPY <<-'X' /d\n\tFROM e\n\tX\nUSER f\n"
    (stage,) = read(text).stages
    assert [each.keyword for each in stage.instructions] == ["RUN", "COPY", "USER"]
    assert stage.instructions[0].documents == ("pip install b\nFROM c",)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it has no FROM"),
        ("ARG A=1\n", "it has no FROM"),
        ("RUN a\nFROM b\n", "RUN stands before FROM"),
        ("FROM\n", "no instruction"),
        ("FROM a AS b c\n", "FROM names no"),
        ("FROM a\n" + "RUN b\n" * 3000, "it is too long"),
        ("[" * 10, "this is no instruction"),
    ],
)
def test_what_cannot_be_built_is_a_problem(text: str, problem: str) -> None:
    with pytest.raises(Problem, match=problem):
        read(text)


def test_dockerfiles_are_known_by_name_and_not_looked_for_among_samples() -> None:
    names = ("Dockerfile", "api/Dockerfile.dev", "worker.Dockerfile", "Containerfile", "examples/Dockerfile",
             "Dockerfile.jinja", "docs/Dockerfile.md", ".dockerignore")  # fmt: skip
    found = dockerfiles(repository(dict.fromkeys(names, ""))).paths
    assert found == ("Containerfile", "Dockerfile", "api/Dockerfile.dev", "worker.Dockerfile")


def test_what_files_take_from_elsewhere_is_found_once_for_all_who_ask() -> None:
    files = dockerfiles(
        repository({"Dockerfile": "FROM a:1\n", "b/Dockerfile": "FROM scratch\n", "c/Dockerfile": b"\xff"})
    )
    found = files.foreign
    assert {path: [each.reference for each in images] for path, images in found.items()} == {
        "Dockerfile": ["a:1"],
        "b/Dockerfile": [],
    }
    assert files.foreign is found
