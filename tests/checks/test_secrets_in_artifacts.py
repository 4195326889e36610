"""Secrets that a script writes into files, and artifacts that have those among them: whoever reads here, reads them."""

from __future__ import annotations

import pytest

from releasing import job, repository_of, script, workflow
from trees import judge

ENV = "  env: {TOKEN: '${{ secrets.TOKEN }}', USER: '${{ secrets.DOCKER_USERNAME }}'}\n"
WRITES = 'echo "$TOKEN" > out/token.txt'


def verdict(*steps: str, path: str = "out") -> str:
    lines = "".join(f"      {each}\n" for each in path.split())
    store = f"- uses: actions/upload-artifact@v7\n  with:\n    path: |\n{lines}"
    text = workflow("push", build=job(*steps, store, permissions="{contents: read}"))
    return judge("ci-least-privilege", repository_of(text)).verdict


@pytest.mark.parametrize(
    "lines",
    [
        (WRITES,),
        ('printf "%s" "$TOKEN" >> out/token.txt',),
        ('echo "$TOKEN" | tee out/token.txt',),
        ("cat > out/config.json <<EOF", '{"token": "$TOKEN"}', "EOF"),
        ("cd out", 'echo "$TOKEN" > token.txt'),
        ('echo "${{ secrets.TOKEN }}" > out/token.txt',),
    ],
)
def test_a_secret_in_a_file_that_is_stored(lines: tuple[str, ...]) -> None:
    assert verdict(script(*lines) + ENV) == "fail"
    assert verdict(script(*lines) + ENV, path="dist") == "pass"


@pytest.mark.parametrize(
    ("then", "path", "expected"),
    [
        ("cp out/token.txt dist/notes.txt", "dist", "fail"),
        ("tar czf out.tgz out", "out.tgz", "fail"),
        ("rm out/token.txt", "out", "pass"),
        ("echo none > out/token.txt", "out", "pass"),
        ("ls", "out !out/token.txt", "pass"),
        ("ls", "out !out/*.json", "fail"),
    ],
)
def test_what_becomes_of_that_file(then: str, path: str, expected: str) -> None:
    assert verdict(script(WRITES) + ENV, script(then), path=path) == expected
    if "rm" in then:
        assert verdict(script(WRITES, then) + ENV, path=path) == expected


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ('echo "K=$TOKEN" > .env', "."),  # hidden files are not stored
        ('echo "$TOKEN" > "$RUNNER_TEMP/token.txt"', "."),
        ('echo "//registry.npmjs.org/:_authToken=$TOKEN" > ~/.npmrc', "."),
        ('curl -H "Authorization: $TOKEN" https://api.acme.example > out/answer.json', "out"),
        ('echo "$TOKEN" | docker login --password-stdin ghcr.io > out/log', "out"),
        ('echo "image: $USER/shop" > out/deployment.yaml', "out"),
    ],
)
def test_a_secret_that_is_only_used(line: str, path: str) -> None:
    assert verdict(script(line) + ENV, path=path) == "pass"
