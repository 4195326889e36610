"""Digests that a script writes into a file, and that a later one reads from there, in the same job or another."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, job, released_by, repository_of, workflow
from trees import judge

DIGEST = "${{ steps.push.outputs.digest }}"
WRITE = f"echo '{DIGEST}' > digest.txt"
STORE = "- uses: actions/upload-artifact@v4\n  with: {name: digest, path: digest.txt}"
FETCH = "- uses: actions/download-artifact@v4\n  with: {name: digest}"


def run(*lines: str, at: str = "") -> str:
    script = "- run: |\n" + "".join(f"    {line}\n" for line in lines)
    return script + (f"  working-directory: {at}\n" if at else "")


READ = ("read -r D < digest.txt", 'cosign sign --yes "ghcr.io/acme/shop@$D"')
SIGN = 'cosign sign --yes "ghcr.io/acme/shop@$(cat digest.txt)"'


def sign(by: str = "ghcr.io/acme/shop@$(cat digest.txt)") -> str:
    return run(f'cosign sign --yes "{by}"')


def verdict(*steps: str) -> str:
    return judge("build-signed", released_by(PUSH, *steps, SHIP)).verdict


HANDED_ON = {
    "echo": (run(WRITE), sign()),
    "printf": (run(f"printf '%s' '{DIGEST}' > digest.txt"), sign()),
    "tee": (run(f"echo '{DIGEST}' | tee digest.txt"), sign()),
    "read by the shell": (run(WRITE), run("DIGEST=$(<digest.txt)", 'cosign sign --yes "ghcr.io/acme/shop@$DIGEST"')),
    "without the end of its line": (run(WRITE), run(SIGN.replace("cat", "tr -d '\\n' <"))),
    "without the end of its line at once": (run(WRITE, SIGN.replace("digest.txt)", "digest.txt | tr -d '\\n')")),),
    "read as a line": (run(WRITE), run(*READ)),
    "read as a line at once": (run(WRITE, *READ),),
    "in the folder of both steps": (run(WRITE, at="out"), run(SIGN, at="out")),
    "from another folder": (run(WRITE, at="out"), run(SIGN.replace("digest.txt", "../out/digest.txt"), at="in")),
    "in a folder that is gone into": (run("cd out", WRITE), run(SIGN.replace("digest.txt", "./out/digest.txt"))),
    "in a folder that is left again": (run("pushd out", WRITE, "popd", SIGN.replace("digest.txt", "out/digest.txt")),),
    "of a subshell": (run(f"(cd out; {WRITE})", SIGN.replace("digest.txt", "out/digest.txt")),),
    "of a group": (run("{ cd out; echo '" + DIGEST + "'; } > digest.txt", 'cd "$GITHUB_WORKSPACE"'), run(SIGN)),
    "by the path of the workspace": (run(WRITE), run(SIGN.replace("digest", "${{ github.workspace }}/digest"))),
    "an image by its digest": (run(f"echo 'ghcr.io/acme/shop@{DIGEST}' > image.txt"), sign("$(cat image.txt)")),
}
LOST = {
    "another file": (run(f"echo '{DIGEST}' > other.txt"), sign()),
    "looked up again": (run(WRITE), run("crane digest ghcr.io/acme/shop:latest > digest.txt"), sign()),
    "looked up again at once": (run(WRITE, "crane digest ghcr.io/acme/shop:latest > digest.txt"), sign()),
    "edited": (run(WRITE), run("sed -i s/a/b/ digest.txt"), sign()),
    "edited at once": (run(WRITE, "sed -i s/a/b/ digest.txt", SIGN),),
    "replaced at once": (run(WRITE, "mv other.txt digest.txt", SIGN),),
    "replaced in a folder at once": (
        run("mkdir out", WRITE.replace("> ", "> out/"), "cp -r in out", SIGN.replace("digest.", "out/digest.")),
    ),
    "replaced": (run(WRITE, "mv other.txt digest.txt"), sign()),
    "removed": (run(WRITE), run("rm -f *.txt"), sign()),
    "in another folder": (run("cd out", WRITE), sign()),
    "without some of its letters": (run(WRITE), run(SIGN.replace("cat", "tr -d '0n' <"))),
    "read as the rest of a line": (run(WRITE), run(READ[0].replace(" D", " N D"), READ[1])),
    "read as the rest of a line at once": (run(WRITE, READ[0].replace(" D", " N D"), READ[1])),
    "in a folder that nobody knows": (run("cd $A", "cd -", WRITE), run("cd $B", "cd -", SIGN)),
    "in two folders that nobody knows": (run("cd $A", "cd -", WRITE, "cd $B", "cd -", SIGN),),
    "in two folders that a run makes": (run("cd $(mktemp -d)", WRITE), run("cd $(mktemp -d)", SIGN)),
    "in another folder, by tee": (run("cd out", f"echo '{DIGEST}' | tee digest.txt"), sign()),
    "perhaps": (run("if [ -n '${{ vars.X }}' ]; then", f"  {WRITE}", "fi"), sign()),
    "in a step that may not run": (f"- if: vars.X == 'y'\n  run: {WRITE}\n", sign()),
    "beside more": (run(f"echo 'digest {DIGEST}' > digest.txt"), sign()),
    "of another image": (run(f"echo 'ghcr.io/acme/other@{DIGEST}' > image.txt"), sign("$(cat image.txt)")),
}


@pytest.mark.parametrize("steps", HANDED_ON.values(), ids=HANDED_ON)
def test_a_digest_is_followed_through_a_file(steps: tuple[str, ...]) -> None:
    assert verdict(*steps) == "pass"


@pytest.mark.parametrize("steps", LOST.values(), ids=LOST)
def test_a_file_that_may_hold_something_else_is_no_digest(steps: tuple[str, ...]) -> None:
    assert verdict(*steps) != "pass"


def test_a_digest_is_followed_through_a_file_that_another_job_fetches() -> None:
    for write, expected in ((WRITE, "pass"), ("echo latest > digest.txt", "unknown")):
        build, release = job(PUSH, run(write), STORE), job(FETCH, sign(), SHIP, needs="build")
        text = workflow(build=build, release=release)
        assert judge("build-signed", repository_of(text)).verdict == expected


SET = f"echo 'DIGEST={DIGEST}' > build.env"
BY_VARIABLE = 'cosign sign --yes "ghcr.io/acme/shop@$DIGEST"'
INTO_ENVIRONMENT = 'cat build.env >> "$GITHUB_ENV"'
TAKEN_UP = {
    "sourced": ((run(SET),), (run(". ./build.env", BY_VARIABLE),), "pass"),
    "sourced in its folder": ((run(SET, at="out"),), (run("source build.env", BY_VARIABLE, at="out"),), "pass"),
    "sourced at once": ((), (run(SET, "source build.env", BY_VARIABLE),), "pass"),
    "line by line": (
        (run("echo 'A=b' >> build.env"), run(SET.replace(" > ", " >> "))),
        (run(INTO_ENVIRONMENT), run(BY_VARIABLE)),
        "unknown",
    ),
    "lines at once": (
        (run("echo 'A=b' >> build.env", SET.replace(" > ", " >> ")),),
        (run(INTO_ENVIRONMENT), run(BY_VARIABLE)),
        "pass",
    ),
    "as an output": (
        (run(SET),),
        (
            run('cat build.env >> "$GITHUB_OUTPUT"').replace("- run", "- id: all\n  run"),
            run(BY_VARIABLE.replace("$DIGEST", "${{ steps.all.outputs.DIGEST }}")),
        ),
        "pass",
    ),
    "after something has changed it": (
        (run(SET), run("sed -i s/a/b/ build.env")),
        (run("source build.env", BY_VARIABLE),),
        "unknown",
    ),
    "after it was written anew": (
        (run(SET), run("make build.env > build.env")),
        (run("source build.env", BY_VARIABLE),),
        "unknown",
    ),
    "with a command in it": ((run(SET, "date >> build.env"),), (run("source build.env", BY_VARIABLE),), "unknown"),
    "another variable": ((run(SET),), (run("source build.env", BY_VARIABLE.replace("DIGEST", "OTHER")),), "unknown"),
    "set anew": ((run(SET),), (run("source build.env", "DIGEST=latest", BY_VARIABLE),), "fail"),
}


@pytest.mark.parametrize(("write", "read", "expected"), TAKEN_UP.values(), ids=TAKEN_UP)
def test_a_digest_is_followed_through_a_file_of_variables(
    write: tuple[str, ...], read: tuple[str, ...], expected: str
) -> None:
    assert verdict(*write, *read) == expected


def test_a_file_of_variables_is_followed_to_another_job() -> None:
    store, fetch = STORE.replace("digest.txt", "build.env"), FETCH
    for write, expected in ((SET, "pass"), (SET.replace(DIGEST, "$(crane digest x)"), "unknown")):
        for read in (run("source build.env", BY_VARIABLE), run(INTO_ENVIRONMENT) + run(BY_VARIABLE)):
            build, release = job(PUSH, run(write), store), job(fetch, read, SHIP, needs="build")
            assert judge("build-signed", repository_of(workflow(build=build, release=release))).verdict == expected


REF = f"ghcr.io/acme/shop@{DIGEST}"
OTHER = "ghcr.io/acme/other@sha256:" + "1" * 64
ONE, TWO = f"echo '{REF}' > refs.txt", (f"echo '{OTHER}' > refs.txt", f"echo '{REF}' >> refs.txt")
IN_FOLDER = f"mkdir -p refs && echo '{REF}' > refs/a.txt"
BODY = 'do cosign sign --yes "$ref"; done'


@pytest.mark.parametrize(
    ("write", "read", "expected"),
    [
        ((ONE,), (f"while read -r ref; {BODY} < refs.txt",), "pass"),
        (TWO, (f"while IFS= read -r ref; {BODY} < refs.txt",), "pass"),
        (TWO, (f"cat refs.txt | while read -r ref; {BODY}",), "pass"),
        ((ONE,), (f'while read -r ref || [ -n "$ref" ]; {BODY} < refs.txt',), "pass"),
        ((IN_FOLDER,), (f"while read -r ref; {BODY} < <(cat refs/*.txt)",), "pass"),
        ((IN_FOLDER,), (f"cat refs/*.txt | while read -r ref; {BODY}",), "pass"),
        ((IN_FOLDER,), ('cosign sign --yes "$(cat refs/a.txt)"',), "pass"),
        ((ONE,), ('cosign sign --yes "$(head -n1 refs.txt)"',), "pass"),
        ((ONE,), ('cosign sign --yes "$(head -n 1 refs.txt)"',), "pass"),
        (TWO, ('cosign sign --yes "$(head -n1 refs.txt)"',), "fail"),
        (TWO, ("mapfile -t ALL < refs.txt", 'for ref in "${ALL[@]}"; ' + BODY), "pass"),
        (TWO, ("mapfile -t ALL < refs.txt", 'cosign sign --yes "${ALL[1]}"'), "pass"),
        (TWO, ("mapfile -t ALL < refs.txt", 'cosign sign --yes "${ALL[0]}"'), "fail"),
        ((ONE,), (f'while read -r ref; {BODY.replace(";", " || true;", 1)} < refs.txt',), "fail"),
        ((ONE,), ("set +e", f"while read -r ref; {BODY} < refs.txt", "echo done"), "fail"),
        ((f"printf %s '{REF}' > refs.txt",), (f"while read -r ref; {BODY} < refs.txt",), "fail"),
        ((f"printf %s '{REF}' > refs.txt",), (f'while read -r ref || [[ -n $ref ]]; {BODY} < refs.txt',), "pass"),
        ((ONE,), ("while read -r ref; do echo $ref; done < refs.txt", 'cosign sign --yes "$ref"'), "fail"),
    ],
)  # fmt: skip
def test_images_are_read_line_by_line(write: tuple[str, ...], read: tuple[str, ...], expected: str) -> None:
    assert verdict(run(*write), run(*read)) == expected
    assert verdict(run(*write, *read)) == ("unknown" if "refs/*" in read[0] else expected)


def test_lines_of_files_that_another_job_fetches_end() -> None:
    def fetched(write: str) -> str:
        store, fetch = (each.replace("digest.txt", "refs/") + "\n" for each in (STORE, FETCH))
        into = fetch.replace("name: digest", "name: digest, path: refs")
        sign_ = job(into, run(f"cat refs/*.txt | while read -r ref; {BODY}"), SHIP, needs="build")
        files = repository_of(workflow(build=job(PUSH, run("mkdir -p refs", write), store), sign=sign_))
        return judge("build-signed", files).verdict

    assert fetched(f"echo '{REF}' > refs/a.txt") == "pass"
    assert fetched(f"printf %s '{REF}' > refs/a.txt") != "pass"


@pytest.mark.parametrize(
    ("fetch", "file", "expected"),
    [
        ("$GITHUB_RUN_ID -n digest", "digest.txt", "pass"),
        ("${{ github.run_id }} --name digest --dir out", "out/digest.txt", "pass"),
        ("$GITHUB_RUN_ID", "digest/digest.txt", "pass"),
        ("$GITHUB_RUN_ID -n digest -n other", "digest/digest.txt", "pass"),
        ("$GITHUB_RUN_ID -n digest", "digest/digest.txt", "unknown"),
        ("$GITHUB_RUN_ID -n other", "digest.txt", "unknown"),
        ("17 -n digest", "digest.txt", "unknown"),
        ("$GITHUB_RUN_ID -n digest -R acme/other", "digest.txt", "unknown"),
    ],
)
def test_an_artifact_that_gh_fetches(fetch: str, file: str, expected: str) -> None:
    sign_ = job(run(f"gh run download {fetch}"), sign(f"ghcr.io/acme/shop@$(cat {file})"), SHIP, needs="build")
    text = workflow(build=job(PUSH, run(WRITE), STORE), sign=sign_)
    assert judge("build-signed", repository_of(text)).verdict == expected


READ_BY_MAKE = {
    "before the only line": ("cosign sign --yes $(IMAGE)@$(DIGEST)", "pass"),
    "another file": ("cosign sign --yes $(IMAGE)@$(shell jq -r '.digest' meta.json)", "unknown"),
    "after a line that only talks": ("@echo signing $(IMAGE)\n\tcosign sign --yes $(IMAGE)@$(DIGEST)", "pass"),
    "before a line that writes it": (f"{WRITE.replace('$', '$$')}\n\tcosign sign --yes $(IMAGE)@$(DIGEST)", "unknown"),
    "once, before all of them": ("cosign sign --yes $(IMAGE)@$(EARLY)", "unknown"),
}


@pytest.mark.parametrize(("recipe", "expected"), READ_BY_MAKE.values(), ids=READ_BY_MAKE)
def test_make_reads_a_file_before_the_lines_of_a_recipe(recipe: str, expected: str) -> None:
    head = "IMAGE = ghcr.io/acme/shop\nDIGEST = $(shell cat digest.txt)\nEARLY := $(shell cat digest.txt)\n"
    makefile = f"{head}sign: digest\n\t{recipe}\ndigest:\n\techo $(SAID) > digest.txt\n"
    files = released_by("- uses: actions/checkout@v5", PUSH, f"- run: make sign\n  env: {{SAID: '{DIGEST}'}}\n", SHIP)
    assert judge("build-signed", {**files, "Makefile": makefile}).verdict == expected


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        ("docker buildx build --push", "pass"),
        ("docker buildx build --load", "unknown"),
        ("docker buildx build -o type=docker", "unknown"),
        ("docker build", "unknown"),
    ],
)
def test_the_digest_of_an_image_that_stays_here_need_not_be_the_one_in_the_registry(build: str, expected: str) -> None:
    tag = "ghcr.io/acme/shop:1.2"
    lines = run(
        f"{build} --metadata-file m.json -t {tag} .",
        f"docker push {tag}",
        "D=$(jq -r '.\"containerimage.digest\"' m.json)",
        'cosign sign --yes "ghcr.io/acme/shop@$D"',
    )
    lines = lines if "--push" not in build else lines.replace(f"    docker push {tag}\n", "")
    files = released_by(lines, SHIP) | {"Dockerfile": "FROM scratch\n"}
    assert judge("build-signed", files).verdict == expected
