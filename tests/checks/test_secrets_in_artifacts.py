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


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (('echo "$TOKEN" | base64 -d > out/key',), "fail"),
        (('base64 --decode <<< "$TOKEN" | tee out/key',), "fail"),
        (('KEY=$(echo "$TOKEN" | base64 -d)', 'echo "$KEY" > out/key'), "fail"),
        (('echo "${{ secrets.TOKEN }}" | tr -d x > out/key',), "fail"),
        (('sed "s/TOKEN/$TOKEN/" template > out/config',), "fail"),
        (('sed -i "s/TOKEN/$TOKEN/" out/config',), "fail"),
        (("printenv TOKEN > out/key",), "fail"),
        (("env > out/variables",), "fail"),
        (('jq -n "{token: env.TOKEN}" > out/config.json',), "fail"),
        (("envsubst < config.in > out/config",), "fail"),
        (("envsubst < none.in > out/config",), "pass"),
        (('envsubst < "$FILE" > out/config',), "unknown"),
        (('echo "${{ toJSON(secrets) }}" > out/all',), "fail"),
        (('echo "$TOKEN" | jq -r .project > out/project',), "unknown"),
        (('echo "${TOKEN%%.*}" > out/start',), "unknown"),
        (('echo "$TOKEN" | sha256sum > out/sum',), "pass"),
        (('echo "$TOKEN" | openssl enc -aes-256-cbc -kfile key > out/sealed',), "pass"),
        (("printenv HOME > out/home",), "pass"),
        (('echo "$USER" | base64 > out/user',), "pass"),
    ],
)
def test_a_secret_in_another_form(lines: tuple[str, ...], expected: str) -> None:
    store = "- uses: actions/upload-artifact@v7\n  with: {path: out}\n"
    text = workflow("push", build=job(script(*lines) + ENV, store, permissions="{contents: read}"))
    files = {"config.in": "token: $TOKEN\n", "none.in": "user: $LOGIN\n"}
    assert judge("ci-least-privilege", repository_of(text) | files).verdict == expected


@pytest.mark.parametrize(
    "page",
    [
        "actions/upload-pages-artifact@v4\n  with: {path: out}",
        "JamesIves/github-pages-deploy-action@v4\n  with: {folder: out}",
        "peaceiris/actions-gh-pages@v4\n  with: {publish_dir: ./out}",
    ],
)
def test_a_secret_in_a_page(page: str) -> None:
    for line, expected in (WRITES, "fail"), ("ls", "pass"):
        rights = "{contents: write}" if "pages-artifact" not in page else "{contents: read}"
        steps = job(script(line) + ENV, f"- uses: {page}", permissions=rights)
        assert judge("ci-least-privilege", repository_of(workflow("push", build=steps))).verdict == expected
