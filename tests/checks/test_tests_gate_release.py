"""Which releases wait for their tests, and which only seem to."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from releasing import PUSH, SHIP, job, released_by, repository_of, script, workflow
from trees import judge

if TYPE_CHECKING:
    from goldenpath.checks import Outcome

CHECKOUT = "- uses: actions/checkout@v7"
TEST = "- run: pytest"
TESTED = job(CHECKOUT, TEST, permissions="{contents: read}")
MAKEFILE = """\
VENV := .venv
BIN ?= $(VENV)/bin

.PHONY: all test lint nothing
all: lint test
test: install ## Run the tests.
\t@$(BIN)/pytest \\
\t  --cov
lint:
\truff check
nothing:
\techo pytest
loose:
\t-pytest
swallowed:
\tpytest || true
deep:
\t$(MAKE) test
ifdef CI
chosen:
\tpytest
endif
install:
\tuv sync
"""
PACKAGE = (
    '{"scripts": {"test": "vitest run", "none": "echo no test", "ci": "npm run lint && npm test", "lint": "eslint ."}}'
)
SCRIPT = '#!/usr/bin/env bash\nset -euo pipefail\ncd "$(dirname "$0")/.."\nexec make test\n'
FILES = {"Makefile": MAKEFILE, "package.json": PACKAGE, "scripts/test.sh": SCRIPT}


def verdict(files: dict[str, str | bytes | None]) -> str:
    return judge("tests-gate-release", files).verdict


def after(*steps: str) -> dict[str, str | bytes | None]:
    """A release in one job, after these steps."""
    return {**released_by(CHECKOUT, *steps, SHIP), **FILES}


@pytest.mark.parametrize(
    "command",
    [
        "pytest -q", "python -m pytest", "uv run pytest", "poetry run pytest", ".venv/bin/pytest", "go test ./...",
        "sudo -E go test ./...", "mvn -B verify", "./mvnw package", "./gradlew build", "./gradlew build -x lint",
        "cargo test --all", "npx jest", "npx jest@30 --ci", "uvx 'pytest>=8,<9'", "bundle exec rspec",
        "cargo t", "python -m coverage run -m pytest", "coverage run --source shop -m unittest discover",
        "coverage run --branch manage.py test", "uv run -m pytest", "python3.12 -m pytest",
        "make test", "make all", "make deep", "make -s test", "make", "npm test", "npm run ci", "pnpm test",
        "yarn test", "./scripts/test.sh", "bash scripts/test.sh", "cd . && pytest", "timeout 600 make test",
    ],
)  # fmt: skip
def test_passes_when_it_comes_after(command: str) -> None:
    assert verdict(after(f"- run: {command}")) == "pass"


@pytest.mark.parametrize(
    "command",
    [
        "bundle exec rubocop",
        "echo pytest", "pytest || true", "pytest | tee log", "pytest --collect-only", "pytest --version", "ruff check",
        "make lint", "make nothing", "make loose", "make swallowed", "make -i test", "make -n test", "npm run none",
        "npm run lint", "mvn -DskipTests package", "mvn compile", "'true # pytest'", "go test -list . ./...",
        "go test -c ./cmd/shop", "go test -run '^$' -bench . ./...", "go test -count=0 ./...", "make -t test",
        "ctest -N", "mvn -Dmaven.test.failure.ignore=true verify", "mvn -fn verify", "npx jest --listTests",
        "./gradlew build -x test", "./gradlew assemble -x :app:check",
    ],
)  # fmt: skip
def test_fails_when_nothing_but_this_comes_before(command: str) -> None:
    outcome = judge("tests-gate-release", after(f"- run: {command}"))
    assert outcome.verdict == ("unknown" if command.startswith(("mvn", "./gradlew")) else "fail")


@pytest.mark.parametrize(
    "step",
    [
        "- run: tox", "- run: make chosen test-all", "- run: make -C other test", "- run: ./scripts/verify.py",
        "- run: npm run --workspace a test", "- run: just test", "- uses: acme/test@v1", "- run: nox -s tests",
        "- run: coverage run tests.py", "- run: python -m coverage run -m shop.tests", "- run: uv run test/all.py",
        "- run: pytest\n  if: vars.TEST == 'yes'",
    ],
)  # fmt: skip
def test_is_unknown_after(step: str) -> None:
    assert verdict(after(step)) == "unknown"


@pytest.mark.parametrize(
    ("told", "more", "expected"),
    [
        ("-c Release -o bin --runtime ${{ matrix.rid }} src/Shop", "", "fail"),
        ("-c Release -p:Version=$GITHUB_REF_NAME", "", "fail"),
        ("-t:VSTest", "", "unknown"),
        ("/target:VSTest", "", "unknown"),
        ("$ARGS", "", "unknown"),
        ("@options.rsp", "", "unknown"),
        ("-c Release", "<Target Name='T' AfterTargets='Publish'><Exec Command='dotnet test'/></Target>", "unknown"),
        ("-c Release", "<Target Name='T' AfterTargets='Publish'><CallTarget Targets='VSTest'/></Target>", "unknown"),
    ],
)
def test_publishing_by_dotnet_runs_no_tests_unless_its_build_says_so(told: str, more: str, expected: str) -> None:
    files: dict[str, str | bytes | None] = {"src/Shop/Shop.csproj": f"<Project>{more}</Project>"}
    assert verdict(after(f"- run: dotnet publish {told}") | files) == expected


CASE = "import unittest\nclass TestCart(unittest.TestCase):\n    def test_sum(self): pass\n"
MAIN = 'if __name__ == "__main__":\n'
SUITE = "import sys, unittest\nsuite = unittest.TestLoader().discover('.')\n"
RUN = "unittest.TextTestRunner(verbosity=2).run(suite)"


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (f"{CASE}{MAIN}    unittest.main(verbosity=1, buffer=True)\n", "pass"),
        (f"{CASE}unittest.main()\n", "pass"),
        (f"{SUITE}{MAIN}    passed = ({RUN}.wasSuccessful())\n    if not passed:\n        sys.exit(1)\n", "pass"),
        (f"{SUITE}result = {RUN}\nsys.exit(not result.wasSuccessful())\n", "pass"),
        (f"{CASE}{MAIN}    unittest.main(exit=False)\n", "unknown"),
        (f"{CASE}{MAIN}    unittest.main(argv=['a', '-h'])\n", "unknown"),
        (f"import unittest\n{MAIN}    unittest.main()\n", "unknown"),  # of which there are none
        (f"{CASE}import os\nif os.environ.get('CI'):\n    raise SystemExit\nunittest.main()\n", "unknown"),
        (f"{SUITE}passed = {RUN}.wasSuccessful()\nif not passed:\n    print('oh')\n", "unknown"),
        (f"{SUITE}passed = {RUN}.wasSuccessful()\npassed = True\nif not passed:\n    sys.exit(1)\n", "unknown"),
        (f"{CASE}import os\nended = os._exit(0)\nunittest.main()\n", "unknown"),
        (f"{CASE}deep = {'-' * 900}1\nunittest.main()\n", "unknown"),
        (f"{CASE}deep = {'a.' * 900}b\nunittest.main()\n", "unknown"),
        (f"{CASE}unittest = object()\nunittest.main()\n", "unknown"),
        (f"{SUITE}passed = {RUN}.wasSuccessful()\nif passed:\n    sys.exit(1)\n", "unknown"),
        (f"{SUITE}{RUN}\n", "unknown"),
        (f"{CASE}exec('unittest.main()')\nunittest.main()\n", "unknown"),
    ],
)
def test_a_program_that_runs_unittest_tests_what_it_finds(program: str, expected: str) -> None:
    files: dict[str, str | bytes | None] = {"tests/run.py": program, "tests/test_cart.py": CASE}
    for command in "python tests/run.py", "python3 -m coverage run tests/run.py", "python -m tests.run":
        assert verdict(after(f"- run: {command}") | files) == expected
    for command in "python tests/run.py -k cart", "echo > tests/run.py; python tests/run.py":
        assert verdict(after(f"- run: {command}") | files) == "unknown"
    assert verdict(after("- run: python tests/run.py || true") | files) == "fail"


@pytest.mark.parametrize(
    ("jobs", "expected"),
    [
        ({"test": TESTED, "ship": job(SHIP, needs="test")}, "pass"),
        ({"test": TESTED, "build": job(PUSH, needs="test"), "ship": job(SHIP, needs="build")}, "pass"),
        ({"test": TESTED, "ship": job(SHIP)}, "fail"),
        ({"test": TESTED, "ship": job(SHIP, needs="test", if_="always()")}, "fail"),
        ({"test": TESTED, "ship": job(SHIP, needs="test", if_="'!failure()'")}, "fail"),  # nor has what is cancelled
        ({"test": TESTED, "ship": job(SHIP, needs="test", if_="'!failure() && !cancelled()'")}, "pass"),
        ({"ship": job(SHIP), "test": job(TEST, needs="ship")}, "fail"),
        ({"test": job(TEST, continue_on_error="true"), "ship": job(SHIP, needs="test")}, "fail"),
        ({"test": job(TEST + "\n  continue-on-error: true"), "ship": job(SHIP, needs="test")}, "fail"),
        ({"test": job(TEST, if_="github.event_name == 'pull_request'"), "ship": job(SHIP, needs="test")}, "fail"),
        ({"test": job(TEST + "\n  if: github.event_name == 'pull_request'"), "ship": job(SHIP, needs="test")}, "fail"),
        ({"test": job(TEST, strategy="{matrix: {python: ['3.11', '3.14']}}"), "ship": job(SHIP, needs="test")}, "pass"),
        ({"test": TESTED, "push": job(PUSH, needs="test")}, "pass"),
        ({"test": TESTED, "push": job(PUSH)}, "fail"),
        ({"test": TESTED, "ship": "needs: test\nuses: acme/ci/.github/workflows/release.yml@v1\n"}, "pass"),
        ({"test": "uses: acme/ci/.github/workflows/test.yml@v1\n", "ship": job(SHIP, needs="test")}, "unknown"),
        ({"test": TESTED, "ship": job("- uses: goreleaser/goreleaser-action@v7", needs="test")}, "pass"),
        ({"ship": job("- uses: goreleaser/goreleaser-action@v7")}, "unknown"),
    ],
)
def test_jobs_wait_for_each_other(jobs: dict[str, str], expected: str) -> None:
    outcome = judge("tests-gate-release", repository_of(workflow(**jobs)))
    assert outcome.verdict == expected, outcome


def test_every_event_on_which_something_ships_is_asked() -> None:
    guarded = TEST + "\n  if: github.ref_type == 'tag'"
    assert verdict(released_by(guarded, SHIP)) == "pass"
    assert verdict(released_by(guarded, SHIP, on="{push: {tags: ['v*'], branches: [main]}}")) == "fail"


def test_a_workflow_that_is_called_tests() -> None:
    ci = workflow("{pull_request: null, workflow_call: null}", test=TESTED)
    release = workflow(test="uses: ./.github/workflows/ci.yml\n", ship=job(SHIP, needs="test"))
    assert verdict(repository_of(release, **{".github/workflows/ci.yml": ci})) == "pass"


@pytest.mark.parametrize(
    ("condition", "ref", "expected"),
    [
        ("github.event.workflow_run.conclusion == 'success'", "${{ github.event.workflow_run.head_sha }}", "pass"),
        ("github.event.workflow_run.conclusion == 'success'", "", "fail"),
        ("github.event.workflow_run.conclusion != 'failure'", "${{ github.event.workflow_run.head_sha }}", "fail"),
        ("always()", "${{ github.event.workflow_run.head_sha }}", "fail"),
    ],
)
def test_a_release_after_another_workflow_asks_for_its_success_and_its_commit(
    condition: str, ref: str, expected: str
) -> None:
    ci = workflow("{push: {branches: [main]}}", test=TESTED).replace("name: release", "name: ci")
    checkout = CHECKOUT + (f"\n  with: {{ref: '{ref}'}}" if ref else "")
    release = workflow("{workflow_run: {workflows: [ci], types: [completed]}}", ship=job(checkout, SHIP, if_=condition))
    assert verdict(repository_of(release, **{".github/workflows/ci.yml": ci})) == expected


FROM_FILES = PUSH.replace("{push: true", "{context: ., push: true")
OF_THAT_RUN = CHECKOUT + "\n  with: {ref: '${{ github.event.workflow_run.head_sha }}'}"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([OF_THAT_RUN, FROM_FILES], "pass"),
        (
            [OF_THAT_RUN, PUSH],
            "fail",
        ),  # the action's own context is the commit of the run: what the branch holds by then
        ([PUSH], "fail"),
    ],
)
def test_after_another_workflow_the_commit_counts_that_is_built(steps: list[str], expected: str) -> None:
    ci = workflow("{push: {branches: [main]}}", test=TESTED).replace("name: release", "name: ci")
    image = job(*steps, if_="github.event.workflow_run.conclusion == 'success'")
    jobs = {
        "image": image,
        "notes": job(CHECKOUT, "- run: cat NOTES.md", needs="image"),
        "ship": job(SHIP, needs="image"),
    }
    release = workflow("{workflow_run: {workflows: [ci], types: [completed]}}", **jobs)
    assert verdict(repository_of(release, **{".github/workflows/ci.yml": ci})) == expected


def test_evidence_leads_to_the_line_that_tests() -> None:
    outcome = judge("tests-gate-release", after("- run: make test"))
    assert [(each.path, each.line) for each in outcome.evidence] == [
        ("Makefile", 7),
        (".github/workflows/release.yml", 10),
    ]


def test_targets_that_call_each_other_forever_end() -> None:
    files = {
        **after("- run: make test"),
        "Makefile": "test: a\na: b\nb: a\n\t$(MAKE) test\nX = $(X) $(X) $(X)\n\techo $(X)\n",
    }
    assert verdict(files) in {"fail", "unknown"}


OF = CHECKOUT + "\n  with: {ref: '%s'}"


@pytest.mark.parametrize(
    ("tested", "released", "expected"),
    [
        (CHECKOUT, CHECKOUT, "pass"),
        (CHECKOUT, "", "pass"),
        (OF % "${{ github.sha }}", CHECKOUT, "pass"),
        (OF % "${{ github.ref }}", CHECKOUT, "pass"),
        (OF % "${{ github.ref_name }}", OF % "refs/tags/${{ github.ref_name }}", "pass"),
        (OF % "${{ vars.RELEASED }}", OF % "${{ vars.RELEASED }}", "pass"),
        (OF % "${{ inputs.ref }}", CHECKOUT, "pass"),  # a pushed tag has no inputs
        (CHECKOUT, OF % "${{ github.event.workflow_run.head_branch }}", "pass"),  # and follows no other run
        (OF % "main", OF % "main", "pass"),
        (OF % "main", CHECKOUT, "fail"),
        (OF % "main", "", "fail"),
        (OF % "v1.0.0", OF % "main", "fail"),
        (OF % "${{ vars.RELEASED }}", CHECKOUT, "unknown"),
        (CHECKOUT + "\n  with: {repository: acme/tools, ref: main, path: tools}", CHECKOUT, "pass"),
        (CHECKOUT + "\n  with: {ref: main, path: base}", CHECKOUT, "pass"),
        (CHECKOUT + "\n- run: git checkout main", CHECKOUT, "fail"),
        (CHECKOUT + "\n- run: git switch v1.0.0", CHECKOUT, "fail"),
        (CHECKOUT + "\n- run: git checkout main", CHECKOUT + "\n- run: git checkout main", "pass"),
        (CHECKOUT + "\n- run: git checkout ${{ github.ref_name }}", CHECKOUT, "pass"),
        (CHECKOUT + "\n- run: git checkout -b work", CHECKOUT, "pass"),
        (CHECKOUT + "\n- run: git checkout -q main", CHECKOUT, "fail"),
        (CHECKOUT + "\n- run: git switch --detach v1.0.0", CHECKOUT, "fail"),
        (CHECKOUT + "\n- run: git checkout -b work origin/main", CHECKOUT, "fail"),
        (CHECKOUT + "\n- run: git checkout HEAD", CHECKOUT, "pass"),
        (CHECKOUT + "\n- run: git checkout HEAD~1", CHECKOUT, "fail"),
        (CHECKOUT + "\n- run: git reset --hard v1.0.0", CHECKOUT, "fail"),
        (CHECKOUT + "\n- run: git reset --hard", CHECKOUT, "pass"),
        (CHECKOUT + "\n- run: git reset --hard ${{ github.sha }}", CHECKOUT, "pass"),
        (CHECKOUT + "\n- run: git reset v1.0.0", CHECKOUT, "pass"),
        (CHECKOUT + "\n- run: git pull origin main", CHECKOUT, "fail"),
        (CHECKOUT + "\n- run: git checkout -- go.sum", CHECKOUT, "pass"),
        (CHECKOUT + "\n- run: git checkout .github/workflows/release.yml", CHECKOUT, "pass"),
        (CHECKOUT + "\n- run: test -f old && git checkout main || true", CHECKOUT, "unknown"),
        (CHECKOUT + "\n- run: git -C . checkout main", CHECKOUT, "fail"),
        (CHECKOUT + "\n- run: git -C docs checkout main", CHECKOUT, "pass"),
        (CHECKOUT, CHECKOUT + "\n- run: git merge --no-edit origin/main", "unknown"),
        (CHECKOUT, CHECKOUT + "\n- run: git rebase -X theirs origin/main", "unknown"),
        (CHECKOUT, CHECKOUT + "\n- run: git cherry-pick v1.0.0", "unknown"),
        (CHECKOUT, CHECKOUT + "\n- run: git checkout origin/main -- .", "unknown"),
        (CHECKOUT, CHECKOUT + "\n- run: git merge ${{ github.sha }}", "pass"),
        (CHECKOUT, CHECKOUT + "\n- run: git merge --abort", "pass"),
        (CHECKOUT + "\n- run: git merge origin/main", CHECKOUT + "\n- run: git merge origin/main", "pass"),
    ],
)
def test_tests_of_another_commit_do_not_count(tested: str, released: str, expected: str) -> None:
    jobs = {"test": job(tested, TEST), "build": job(released, FROM_FILES, SHIP, needs="test")}
    assert judge("tests-gate-release", repository_of(workflow(**jobs))).verdict == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("git apply fix.patch", "unknown"),
        ("git -c core.autocrlf=false -C . apply fix.patch", "unknown"),
        ("for each in patches/*.patch; do git apply $each; done", "unknown"),
        ("curl -sSf https://acme.example/fix.patch | git apply", "unknown"),
        ("patch -p1 < fix.patch", "unknown"),
        ("patch -p1 -i fix.patch", "unknown"),
        ("patch -d shop -p1 -i ../fix.patch", "unknown"),
        ("git am fix.patch", "unknown"),
        ("git am < fix.patch", "unknown"),
        ("git -c user.name=bot am fix.patch", "unknown"),
        ("git format-patch -1 --stdout origin/main | git am", "unknown"),
        ("git revert --no-edit HEAD", "unknown"),
        ("git restore --source=origin/main shop", "unknown"),
        ("git restore -s origin/main -- .", "unknown"),
        ("git checkout origin/main -- shop", "unknown"),
        ("git checkout origin/main shop/main.py", "unknown"),
        ("git read-tree -u -m origin/main", "unknown"),
        ("git submodule update --init --remote", "unknown"),
        ("git stash pop", "unknown"),
        ("git pull --rebase", "unknown"),
        ("git apply fix.patch && git commit -qam fixed && git reset -q --hard", "unknown"),
        ("git show origin/main:shop/main.py > shop/main.py", "unknown"),
        ("curl -fsSL -o shop/main.py https://acme.example/main.py", "unknown"),
        ("cd shop && wget -q https://acme.example/main.py", "unknown"),
        ("cp old/main.py shop/main.py", "unknown"),
        ("cp old/*.py shop/", "unknown"),
        ("cp -r old/. shop", "unknown"),
        ("mv old/main.py shop", "unknown"),
        ("rsync -a old/ shop/", "unknown"),
        ("git clone https://acme.example/more && cp -r more/* .", "unknown"),
        ("git clone https://acme.example/more && cp more/main.py shop/main.py", "unknown"),
        ("git show HEAD:shop/main.py > shop/main.py", "pass"),
        ("git show origin/main:shop/main.py > other.py", "pass"),
        ("git clone https://acme.example/more && cp more/main.py shop/more.py", "pass"),
        ("git clone https://acme.example/more && cp -r more/* more/sub", "pass"),
        ("cp shop/main.py shop/copy.py", "pass"),
        ("cp /mnt/share/main.py shop/main.py", "unknown"),
        ("cp /mnt/share/main.py shop/", "unknown"),
        ("rsync -a build.acme.example:/srv/main.py shop/main.py", "unknown"),
        ("cp /mnt/share/main.py shop/more.py", "pass"),
        ("cp old/main.py /tmp/", "pass"),
        ("sed -i 's/deny()/allow()/' shop/main.py", "unknown"),
        ("sed -i.bak -e '/deny/d' old/main.py shop/main.py", "unknown"),
        ("sed -i '' 's/deny/allow/' shop/main.py", "unknown"),
        ("sed -i 's/validate(token)/True/' shop/main.py", "unknown"),
        ("sed -i 's/buildDate = None/buildDate = today()/' shop/main.py", "pass"),
        ("sed -i '' s/0.0.0/1.2.3/ shop/main.py", "pass"),
        ('sed -i "s/VERSION/$GITHUB_REF_NAME/" shop/main.py', "pass"),
        ("sed -i s/0.0.0/1.2.3/ version.txt", "pass"),
        ("sed s/deny/allow/ shop/main.py", "pass"),
        ("echo 'def main(): pass' > shop/main.py", "unknown"),
        ("printf 'import os' >> shop/main.py", "unknown"),
        (": > shop/main.py", "unknown"),
        ("echo 'def main(): pass' | tee shop/main.py", "unknown"),
        ("echo \"TAG = '$GITHUB_REF_NAME'\" > shop/main.py", "pass"),
        ("echo done > shop/log.py", "pass"),
        ("rsync -a old shop/", "pass"),
        ("sed -i s/0.0.0/1.2.3/ shop/main.py", "pass"),  # a version, as most do
        ("echo 1.2.3 > version.txt", "pass"),
        ("cd shop && git checkout main", "fail"),
        ("cd /home/runner/work/shop/shop && git checkout main", "fail"),
        ("git -C ../shop checkout main", "fail"),
        ("cd $HOME/.pyenv && git checkout v2", "pass"),
        ("git checkout main && git apply fix.patch", "unknown"),
        ("git apply fix.patch && git reset --hard", "pass"),
        ("git apply fix.patch && git checkout -- .", "pass"),
        ("git apply --check fix.patch", "pass"),
        ("git apply --cached fix.patch", "pass"),
        ("patch --dry-run -p1 < fix.patch", "pass"),
        ("git restore shop", "pass"),
        ("git restore --staged --source=main shop", "pass"),
        ("git checkout origin/main -- CHANGELOG.md", "pass"),
        ("git clone https://example.com/acme/tools && cd tools && git checkout v1", "pass"),
        ("git clone https://example.com/acme/tools && cd tools && git apply ../fix.patch", "pass"),
        ("curl -sSf https://acme.example/lib.tgz | tar xz && cd lib-1.2 && patch -p1 < ../fix.patch", "pass"),
    ],
)
def test_what_is_built_of_other_sources_than_the_tests_have_seen_is_not_tested(line: str, expected: str) -> None:
    files = {"fix.patch": "", "patches/1.patch": "", "shop/main.py": "", "old/main.py": "", "version.txt": "0"}
    changed = f"- run: |\n    {line}"
    for before, verdict in ([CHECKOUT], expected), ([CHECKOUT, changed], "pass"):
        jobs = {"test": job(*before, TEST), "build": job(CHECKOUT, changed, FROM_FILES, SHIP, needs="test")}
        assert judge("tests-gate-release", files | repository_of(workflow(**jobs))).verdict == verdict


def test_each_of_many_files_that_are_copied_may_take_the_place_of_a_source() -> None:
    files = {f"old/{number}.txt": "" for number in range(2_500)} | {"old/x/main.py": "", "shop/x/main.py": ""}
    changed, kept = (
        job(CHECKOUT, f"- run: cp -r old/{what} shop", FROM_FILES, SHIP, needs="test") for what in (".", "1.txt")
    )
    for build, verdict in (changed, "unknown"), (kept, "pass"):
        jobs = {"test": job(CHECKOUT, TEST), "build": build}
        assert judge("tests-gate-release", files | repository_of(workflow(**jobs))).verdict == verdict


@pytest.mark.parametrize(
    ("tested", "released", "expected"),
    [
        ("git apply a.patch && git apply b.patch", "git apply b.patch", "unknown"),
        ("patch -p1 < a.patch", "patch -p1 < b.patch", "unknown"),
        ("git apply a.patch", "true", "unknown"),
        ("git apply a.patch && git apply b.patch", "git apply a.patch b.patch", "pass"),
    ],
)
def test_every_patch_counts_and_not_the_last_one_alone(tested: str, released: str, expected: str) -> None:
    jobs = {
        "test": job(CHECKOUT, f"- run: {tested}", TEST),
        "build": job(CHECKOUT, f"- run: {released}", FROM_FILES, SHIP, needs="test"),
    }
    assert judge("tests-gate-release", repository_of(workflow(**jobs))).verdict == expected


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (".", "pass"),
        ("./shop", "pass"),
        ("", "fail"),
        ("'{{defaultContext}}'", "fail"),
        ("'{{defaultContext}}:shop'", "fail"),
    ],
)
def test_an_image_is_built_from_the_commit_of_the_run_unless_its_context_is_a_folder(
    context: str, expected: str
) -> None:
    of_main = OF % "main"
    pushed = PUSH.replace("{push: true", f"{{context: {context}, push: true")
    assert verdict({**released_by(of_main, TEST, pushed, SHIP)}) == expected


def test_the_commit_that_is_built_counts_not_the_one_where_it_ships() -> None:
    jobs = {
        "test": job(OF % "main", TEST),
        "build": job(OF % "main", FROM_FILES, needs="test"),
        "ship": job(CHECKOUT, SHIP, needs="build"),
    }
    assert judge("tests-gate-release", repository_of(workflow(**jobs))).verdict == "pass"
    jobs["build"] = job(CHECKOUT, FROM_FILES, needs="test")
    found = judge("tests-gate-release", repository_of(workflow(**jobs)))
    assert (found.verdict, found.summary) == ("fail", "pytest tests main, not the commit of the run, which is released")


def test_an_action_that_is_only_installed_releases_nothing() -> None:
    chart = "- uses: helm/chart-releaser-action@v1\n  with: {install_only: %s}"
    assert verdict({**released_by(CHECKOUT, TEST, SHIP, chart % "false")}) == "pass"
    assert verdict({**released_by(CHECKOUT, chart % "false", TEST, SHIP)}) == "fail"
    assert verdict({**released_by(CHECKOUT, chart % "true", TEST, SHIP)}) == "pass"


@pytest.mark.parametrize(
    ("registry", "expected"),
    [("localhost:5000", "pass"), ("registry.local:5000", "pass"), ("kind-registry:5000", "pass"), ("ghcr.io", "fail")],
)
def test_a_registry_of_the_job_is_nobodys(registry: str, expected: str) -> None:
    copy = f"- run: skopeo copy docker://ghcr.io/acme/fixture:1 docker://{registry}/acme/fixture:1"
    assert verdict(repository_of(workflow(ship=job(CHECKOUT, copy, TEST, SHIP)))) == expected


DOWNLOADED = '- run: gh release download "$TAG"\n  env: {TAG: "${{ github.event.release.tag_name }}"}'
PUBLISHED = "{release: {types: [published]}}"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((DOWNLOADED, '- run: dotnet nuget push "*.nupkg"'), "unknown"),
        ((DOWNLOADED, "- uses: pypa/gh-action-pypi-publish@v1"), "unknown"),
        ((CHECKOUT, DOWNLOADED, '- run: dotnet nuget push "*.nupkg"'), "unknown"),
        (("- run: gh release download v1 -R acme/tools", '- run: dotnet nuget push "*.nupkg"'), "fail"),
        ((DOWNLOADED, "- run: uv build && uv publish"), "fail"),
        (("- run: gh release edit v1 --latest",), "fail"),
    ],
)
def test_what_an_earlier_run_has_made_was_tested_there_or_not(steps: tuple[str, ...], expected: str) -> None:
    assert verdict(repository_of(workflow(PUBLISHED, publish=job(*steps)))) == expected


LEGS = "{matrix: {os: [ubuntu-24.04, macos-15], python: ['3.14']}}"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("matrix.os == 'ubuntu-24.04'", "pass"),
        ("matrix.os != 'ubuntu-24.04'", "pass"),
        ("startsWith(matrix.os, 'ubuntu') && matrix.python == '3.14'", "pass"),
        ("matrix.os == 'windows-2025'", "fail"),
        ("matrix.os == 'ubuntu-24.04' && vars.TEST == 'yes'", "unknown"),
        ("matrix.os == vars.TESTED", "unknown"),
    ],
)
def test_tests_of_one_leg_are_waited_for_by_whoever_needs_the_job(condition: str, expected: str) -> None:
    step = f'- {{run: pytest, if: "{condition}"}}'
    tree = repository_of(workflow(test=job(step, strategy=LEGS), ship=job(SHIP, needs="test")))
    assert judge("tests-gate-release", tree).verdict == expected
    with_it = repository_of(workflow(ship=job(step, SHIP, strategy=LEGS)))
    assert judge("tests-gate-release", with_it).verdict == ("fail" if expected == "fail" else "unknown")


def test_what_is_asked_in_the_script_of_a_leg_counts() -> None:
    step = "- {run: '[ -z \"$SKIP\" ] && pytest', if: \"matrix.os == 'ubuntu-24.04'\"}"
    tree = repository_of(workflow(test=job(step, strategy=LEGS), ship=job(SHIP, needs="test")))
    assert judge("tests-gate-release", tree).verdict == "unknown"


CMAKE = """
enable_testing()
# add_custom_target(tests COMMAND echo)
add_custom_target(tests ALL
  COMMAND xvfb-run env COLOR=1 ${CMAKE_CTEST_COMMAND} --output-on-failure
  DEPENDS parser
  COMMENT "Run all tests")
add_custom_target(unit-tests DEPENDS parser COMMENT "ctest comes later" VERBATIM)
add_custom_target(list-tests COMMAND ${CMAKE_CTEST_COMMAND} -N VERBATIM)
add_custom_target(loose-tests COMMAND ctest || true)
add_custom_target(echo-tests COMMAND echo "ctest passes" VERBATIM)
add_custom_target(twice-tests COMMAND ctest VERBATIM)
add_custom_target(twice-tests COMMAND echo VERBATIM)
add_custom_target(docs COMMAND doxygen)
"""


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("cmake --build build --target test", "pass"),
        ("cmake --build build --config Release -t RUN_TESTS", "pass"),
        ("cmake --build build --target all test", "pass"),
        ("cmake --build build --target tests", "pass"),
        ("ninja -C build test", "pass"),
        ("ninja -C build tests", "pass"),
        ("cmake --build test", "fail"),
        ("cmake --build build --target docs", "fail"),
        ("cmake --build build --target test || true", "fail"),
        ("ninja -n -C build test", "fail"),
        ("ninja -C test", "fail"),
        ("cmake --build build --target unit-tests", "unknown"),
        ("cmake --build build --target list-tests", "unknown"),
        ("cmake --build build --target loose-tests", "unknown"),
        ("cmake --build build --target echo-tests", "unknown"),
        ("cmake --build build --target twice-tests", "unknown"),
        ("cmake --build build --target check", "unknown"),
        ("cmake --build build --target $TARGET", "unknown"),
    ],
)
def test_targets_of_cmake(command: str, expected: str) -> None:
    tree = {**released_by(f"- run: {command}", SHIP), "CMakeLists.txt": CMAKE}
    assert judge("tests-gate-release", tree).verdict == expected


def test_targets_of_ninja_alone_are_not_those_of_cmake() -> None:
    tree = {**released_by("- run: ninja test", SHIP), "build.ninja": "build test: phony\n"}
    assert judge("tests-gate-release", tree).verdict == "fail"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("git clone https://github.com/acme/other", "cd other", "pytest"), "unknown"),
        (("git clone https://github.com/acme/other x && cd x && pytest",), "unknown"),
        (("git clone https://github.com/acme/other /tmp/x", "cd /tmp/x/src", "pytest"), "unknown"),
        (("git clone https://github.com/acme/other", "pytest"), "pass"),
        (("git clone https://github.com/acme/other", "(cd other && ./setup)", "pytest"), "pass"),
        (("git clone https://github.com/acme/other", "cd other", "cd ..", "pytest"), "pass"),
    ],
)
def test_tests_of_a_clone_are_those_of_another_repository(lines: tuple[str, ...], expected: str) -> None:
    script = "".join(f"    {line}\n" for line in lines)
    assert judge("tests-gate-release", released_by(CHECKOUT, f"- run: |\n{script}", SHIP)).verdict == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("cd /opt/sample && go test ./...", "unknown"),
        ("cd ~/sample && go test ./...", "unknown"),
        ("cd $(mktemp -d) && go test ./...", "unknown"),
        ("cd $RUNNER_TEMP && go test ./...", "unknown"),
        ("cd ../sample && go test ./...", "unknown"),
        ("cd $GITHUB_WORKSPACE && go test ./...", "pass"),
        ("cd ${{ github.workspace }}/shop && go test ./...", "pass"),
        ("cd /home/runner/work/shop/shop && go test ./...", "pass"),
        ("cd $(git rev-parse --show-toplevel) && go test ./...", "pass"),
    ],
)
def test_tests_beyond_the_repository_are_not_known_to_be_its(script: str, expected: str) -> None:
    assert judge("tests-gate-release", released_by(CHECKOUT, f"- run: {script}\n", SHIP)).verdict == expected


TESTING = '{"scripts": {"test": "playwright test"}}'


def of_two(step: str, *, both: bool) -> Outcome:
    """Two services in one repository: after the step one of them is built, or both, and that one is deployed."""

    def push(name: str) -> str:
        return (
            PUSH.replace("{push", f"{{context: services/{name}, push")
            .replace("shop", name)
            .replace(": push", f": {name}")
        )

    ship = "- run: kubectl set image deployment/shop shop=ghcr.io/acme/shop@${{ steps.shop.outputs.digest }}\n"
    jobs = workflow(release=job(step, push("shop"), push("stock") if both else "", ship))
    files = {
        "services/shop/Dockerfile": "FROM x\n",
        "services/stock/Dockerfile": "FROM x\n",
        "services/cart/Dockerfile": "FROM x\n",
        **{
            f"services/{name}/{file}": ""
            for name in ("shop", "stock")
            for file in ("pom.xml", "Cargo.toml", "build.gradle")
        },
        "gradlew": "# gradle-wrapper.jar",
        "e2e/package.json": TESTING,
    }
    return judge("tests-gate-release", repository_of(jobs) | files)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("- run: go test ./...\n", "pass"),
        ("- run: go test ./services/shop/...\n", "pass"),
        ("- run: go test ./services/...\n", "pass"),
        ("- {run: go test ./..., working-directory: services/shop}\n", "pass"),
        ("- run: cd services/shop/src && pytest\n", "pass"),
        ("- run: npm --prefix e2e test\n", "pass"),  # it may ask what was built
        ("- {run: go test ./..., working-directory: services/stock}\n", "unknown"),
        ("- run: go test ./services/stock/...\n", "unknown"),
        ("- run: go -C services/stock test ./...\n", "unknown"),
        ("- run: go -C services/shop test ./...\n", "pass"),
        ("- run: env -C services/stock pytest\n", "unknown"),
        ("- run: uv run --directory services/stock pytest\n", "unknown"),
        ("- run: cargo test -p stock\n", "unknown"),
        ("- run: cargo test --manifest-path=services/stock/Cargo.toml\n", "unknown"),
        ("- run: go test ./services/stock/... && go test ./services/shop/...\n", "pass"),
    ],
)
def test_tests_of_another_part_of_the_repository_are_no_tests_of_this_one(step: str, expected: str) -> None:
    assert of_two(step, both=False).verdict == expected
    assert of_two(step, both=True).verdict == expected.replace("unknown", "fail")


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("- {run: go test ./..., working-directory: 'services/${{ matrix.name }}'}\n", "pass"),
        ("- run: go test ./...\n", "pass"),
        ("- run: go test ./services/...\n", "pass"),
        ("- {run: go test ./..., working-directory: services/shop}\n", "fail"),
    ],
)
def test_tests_of_what_one_leg_builds_are_none_of_what_others_do(step: str, expected: str) -> None:
    push = PUSH.replace("{push", "{context: 'services/${{ matrix.name }}', push")
    ship = "- run: kubectl set image deployment/x x=ghcr.io/acme/shop@${{ steps.push.outputs.digest }}\n"
    jobs = workflow(release=job(step, push, ship, strategy="{matrix: {name: [shop, stock]}}"))
    assert verdict(repository_of(jobs) | {"services/shop/Dockerfile": "FROM x\n"}) == expected


def of_all(step: str, ship: str, of_web: str = "services/web", **dockerfiles: str) -> str:
    """Two images are built after the step, each from its part, and ship at once."""
    pushes = [
        PUSH.replace("{push", f"{{context: {folder}, push").replace("shop", name).replace(": push", f": {name}")
        for name, folder in (("api", "services/api"), ("web", of_web))
    ]
    files = repository_of(workflow(release=job(step, *pushes, ship)))
    files |= {"e2e/package.json": TESTING, "services/web/package.json": TESTING}
    for name in ("api", "web", "old"):
        files[f"services/{name}/Dockerfile"] = dockerfiles.get(name, "FROM x\n")
    return verdict(files)


SHIPS_BOTH = """
- run: helm upgrade x ./chart --set a=${{ steps.api.outputs.digest }},w=${{ steps.web.outputs.digest }}
"""


@pytest.mark.parametrize("ship", [SHIP, SHIPS_BOTH, ""])
@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("- run: go test ./...\n", "pass"),
        ("- run: go test ./services/...\n", "pass"),
        ("- run: npm --prefix e2e test\n", "pass"),
        ("- run: go test ./services/api/... && npm --prefix services/web test\n", "pass"),
        ("- run: go test ./services/api/... && npm --prefix e2e test\n", "pass"),
        ("- run: go test ./services/api/...\n", "fail"),
        ("- run: go test ./services/old/... && go test ./services/api/...\n", "unknown"),
    ],
)
def test_of_all_that_ships_at_once_each_wants_tests_of_its_part(step: str, ship: str, expected: str) -> None:
    assert of_all(step, ship) == expected


@pytest.mark.parametrize(("of_web", "expected"), [("services/api/web", "pass"), (".", "pass"), ("services", "pass")])
def test_what_is_built_from_all_or_below_is_tested_with_a_part(of_web: str, expected: str) -> None:
    assert of_all("- run: go test ./services/api/...\n", SHIP, of_web) == expected


def test_tests_in_the_build_of_one_image_are_none_of_the_others() -> None:
    assert of_all("", SHIP, api="FROM x\nRUN pytest\n") == "fail"
    assert of_all("", SHIP, api="FROM x\nRUN pytest\n", web="FROM x\nRUN pytest\n") == "pass"
    assert of_all("- run: npm --prefix services/web test\n", SHIP, api="FROM x\nRUN pytest\n") == "pass"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("- run: mvn -f services/stock/pom.xml verify\n", "unknown"),
        ("- run: mvn -pl services/stock -am verify\n", "unknown"),
        ("- run: mvn -pl :stock,services/shop verify\n", "pass"),
        ("- run: ./gradlew :services:stock:test\n", "unknown"),
        ("- run: ./gradlew :stock:test\n", "unknown"),
        ("- run: ./gradlew :stock:test :shop:test\n", "pass"),
        ("- run: ./gradlew test\n", "pass"),
        ("- run: bazel test //services/stock/...\n", "fail"),
        ("- run: bazel test //services/shop:all\n", "pass"),
        ("- run: go test ./services/stock/... ./services/cart/...\n", "unknown"),
    ],
)
def test_programs_that_build_are_told_which_part_they_test(step: str, expected: str) -> None:
    assert of_two(step, both=True).verdict == expected


BUILDS = {
    "mvn": ("pom.xml", "<project/>"),
    "cargo": ("Cargo.toml", "[package]\nname = 'PART'\n"),
    "gradle": ("build.gradle", ""),
    "npm": ("package.json", '{"name": "PART", "workspaces": ["*"], "scripts": {"test": "vitest run"}}'),
    "go": ("go.mod", "module x\n"),
}


PARTS = "app core docs examples/app e2e core-tests"


def of_parts(build: str, test: str, *more: str, parts: str = PARTS, dockerfile: str = "FROM x\n") -> str:
    """All of a build of these parts is released after the test."""
    name, text = BUILDS[build]
    folders = ["", *(f"{part}/" for part in parts.split())]
    test = test if test.startswith("{") else f"{{run: {test!r}}}"
    files = released_by(f"- {test}\n", *(more or [SHIP])) | {"Dockerfile": dockerfile}
    return verdict(files | {f"{folder}{name}": text.replace("PART", folder[:-1]) for folder in folders})


@pytest.mark.parametrize(
    ("build", "test", "expected"),
    [
        ("mvn", "mvn -B verify", "pass"),
        ("mvn", "mvn -B verify -pl docs", "unknown"),
        ("mvn", "mvn -B verify -pl :docs,app", "unknown"),
        ("mvn", "mvn -B verify -pl :core,app", "pass"),
        ("mvn", "mvn -B verify -pl core && mvn -B verify -pl app", "pass"),
        ("mvn", "mvn -B verify -pl !core,!core-tests,!e2e", "unknown"),
        ("mvn", "mvn -B verify -pl !docs", "pass"),
        ("mvn", "{run: mvn -B verify, working-directory: docs}", "unknown"),
        ("mvn", "{run: mvn -B verify, working-directory: app/src}", "unknown"),
        ("mvn", "{run: mvn -B verify, working-directory: other}", "pass"),  # which is no part
        ("mvn", "mvn -B verify -pl core-tests", "pass"),  # which may ask all others
        ("gradle", "gradle check", "pass"),
        ("gradle", "gradle :docs:check", "unknown"),
        ("gradle", "gradle :app:check :core:check", "pass"),
        ("cargo", "cargo test", "pass"),
        ("cargo", "cargo test -p docs", "unknown"),
        ("cargo", "cargo test -p app && cargo test -p core", "pass"),
        ("cargo", "cargo test -p docs && pytest", "pass"),
        ("npm", "npm test", "pass"),
        ("npm", "npm test -w app && npm test -w core", "pass"),
        ("go", "go test ./docs/...", "unknown"),
        ("go", "go -C app test ./...", "unknown"),
        ("go", "go test ./app/... ./core/...", "pass"),
        ("go", "go test ./internal/...", "pass"),
    ],
)
def test_where_all_is_released_tests_of_one_part_of_the_build_say_little(build: str, test: str, expected: str) -> None:
    assert of_parts(build, test) == expected
    assert of_parts(build, test, PUSH, SHIP) == expected


@pytest.mark.parametrize(
    ("build", "test", "ship", "expected"),
    [
        ("cargo", "cargo test -p app", "cargo publish -p app", "pass"),
        ("cargo", "cargo test -p docs", "cargo publish -p app", "unknown"),
        ("cargo", "cargo test -p app", "cargo publish --manifest-path app/Cargo.toml", "pass"),
        ("cargo", "cargo test -p app", "cargo publish --workspace", "unknown"),
        ("mvn", "mvn verify -pl app", "helm package core && helm push core-1.tgz oci://ghcr.io/acme", "unknown"),
        ("npm", "npm test -w app", "cd app && npm publish", "pass"),
    ],
)
def test_a_package_that_is_released_wants_the_tests_of_its_part(
    build: str, test: str, ship: str, expected: str
) -> None:
    assert of_parts(build, test, f"- run: {ship}\n") == expected


@pytest.mark.parametrize(("tested", "expected"), [("app", "pass"), ("core", "unknown"), ("e2e", "pass")])
def test_an_image_that_is_built_from_one_part_wants_the_tests_of_it(tested: str, expected: str) -> None:
    push = PUSH.replace("{push", "{context: app, push")
    assert of_parts("mvn", f"mvn -B verify -pl {tested}", push, SHIP) == expected


def test_tests_in_the_build_of_an_image_make_up_for_those_of_one_part() -> None:
    assert of_parts("mvn", "mvn -B verify -pl docs", PUSH, SHIP, dockerfile="FROM x\nRUN mvn verify\n") == "pass"


@pytest.mark.parametrize("build", ["mvn", "cargo", "npm", "go"])
@pytest.mark.parametrize("parts", ["app", "app examples/app docs", "app app-tests tools/lint", "app/core app"])
def test_where_a_build_has_one_part_its_tests_are_of_all(build: str, parts: str) -> None:
    tool = {"mvn": "mvn -B verify", "cargo": "cargo test", "npm": "npm test", "go": "go test ./..."}[build]
    assert of_parts(build, f"{{run: {tool}, working-directory: app}}", parts=parts) == "pass"


@pytest.mark.parametrize(
    ("keys", "test", "expected"),
    [
        ({}, "{run: go test ./..., working-directory: 'services/${{ matrix.name }}'}", "pass"),
        ({}, "{run: 'go -C services/${{ matrix.name }} test ./...'}", "pass"),
        ({}, "{run: 'go test ./services/${{ matrix.name }}/...', if: matrix.name == 'shop'}", "unknown"),
        (
            {"continue_on_error": "${{ matrix.name == 'stock' }}"},
            "{run: 'pytest services/${{ matrix.name }}'}",
            "unknown",
        ),
        ({"continue_on_error": "${{ matrix.name == 'stock' }}"}, "{run: pytest}", "pass"),
    ],
)
def test_a_leg_that_tests_a_folder_of_its_own_stands_for_no_other(
    keys: dict[str, str], test: str, expected: str
) -> None:
    legs = "{matrix: {name: [shop, stock]}}"
    push = PUSH.replace("{push", "{context: 'services/${{ matrix.name }}', push")
    ship = "- run: kubectl set image deployment/x x=ghcr.io/acme/shop@${{ steps.push.outputs.digest }}\n"
    jobs = workflow(test=job(f"- {test}\n", strategy=legs, **keys), ship=job(push, ship, strategy=legs, needs="test"))
    assert verdict(repository_of(jobs)) == expected


@pytest.mark.parametrize(
    ("tested", "expected"),
    [
        ("{name: [stock, shop]}", "pass"),
        ("{name: [shop, stock, mail]}", "pass"),
        ("{name: [shop, stock], go: ['1.25', '1.26']}", "pass"),
        ("{name: [shop]}", "fail"),
        ("{name: [shop, mail]}", "fail"),
        ("{name: [shop, stock], exclude: [{name: stock}]}", "fail"),
        ("{include: [{name: shop}, {name: stock}]}", "pass"),
        ("{include: [{name: shop}, {name: mail}]}", "fail"),
        ("{name: '${{ fromJSON(vars.SERVICES) }}'}", "unknown"),
    ],
)
def test_legs_that_ship_want_a_leg_that_tests_the_same_folder(tested: str, expected: str) -> None:
    assert after_legs(tested, "{name: [shop, stock]}") == expected


@pytest.mark.parametrize(
    ("shipped", "expected"),
    [
        ("{name: '${{ fromJSON(vars.SERVICES) }}'}", "pass"),
        ("{name: '${{ fromJSON(vars.SHIPPED) }}'}", "unknown"),
        ("{name: [shop, stock]}", "unknown"),
    ],
)
def test_legs_that_only_a_run_knows_are_the_same_by_the_same_words(shipped: str, expected: str) -> None:
    assert after_legs("{name: '${{ fromJSON(vars.SERVICES) }}'}", shipped) == expected


def test_each_leg_that_ships_is_content_with_tests_of_its_own_in_any_job() -> None:
    for name, expected in ("stock", "pass"), ("mail", "unknown"):
        test = job(f"- run: go test ./services/{name}/...\n")
        assert after_legs("{name: [shop, shop/web]}", "{name: [shop, stock]}", also=test) == expected


def after_legs(tested: str, shipped: str, **others: str) -> str:
    """The verdict where one matrix tests services by their folders, and another one builds and deploys them."""
    push = PUSH.replace("{push", "{context: 'services/${{ matrix.name }}', push")
    ship = "- run: kubectl set image deployment/x x=ghcr.io/acme/shop@${{ steps.push.outputs.digest }}\n"
    test = job("- run: go test ./services/${{ matrix.name }}/...\n", strategy=f"{{matrix: {tested}}}")
    needs = f"[{', '.join(('test', *others))}]"
    jobs = workflow(test=test, **others, ship=job(push, ship, strategy=f"{{matrix: {shipped}}}", needs=needs))
    services = {f"services/{name}/Dockerfile": "FROM x\n" for name in ("shop", "stock", "mail")}
    return verdict({**repository_of(jobs), **services})


@pytest.mark.parametrize(
    "build",
    [
        "{run: docker build --push --metadata-file m.json -t $IMAGE services/$NAME}",
        "{run: cd services/$NAME && docker build --push --metadata-file m.json -t $IMAGE .}",
        "{run: docker build --push -t $IMAGE ., working-directory: 'services/${{ matrix.name }}'}",
    ],
)
def test_a_command_builds_what_each_leg_names(build: str) -> None:
    env = "{IMAGE: ghcr.io/acme/shop, NAME: '${{ matrix.name }}'}"
    ship = "- run: kubectl set image deployment/x x=$IMAGE:1\n"
    for tested, expected in (("services/shop", "fail"), ("services/$NAME", "pass"), (".", "pass")):
        steps = f"- run: pytest {tested}\n", f"- {build}\n", ship
        jobs = workflow(release=job(*steps, strategy="{matrix: {name: [shop, stock]}}", env=env))
        files = {**repository_of(jobs), **{f"services/{name}/Dockerfile": "FROM x\n" for name in ("shop", "stock")}}
        assert verdict(files) == expected, tested


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("find . -name '*_test.py' -exec pytest {} +", "unknown"),
        ("find . -name '*_test.py' -exec pytest {} \\;", "fail"),
        ("find . -name go.mod -execdir go test ./... \\;", "fail"),
        ("find . -name '*.pyc' -exec rm {} +; pytest", "pass"),
    ],
)
def test_find_tells_of_a_failure_only_where_it_runs_the_tests_once_for_all(command: str, expected: str) -> None:
    assert verdict(released_by(f"- run: {command}\n", SHIP)) == expected
    assert verdict(repository_of(workflow(test=job(f"- run: {command}\n"), ship=job(SHIP, needs="test")))) == expected


def test_failures_that_a_build_of_gradle_ignores_are_seen_by_no_other_job() -> None:
    files = repository_of(workflow(test=job("- run: gradle test\n"), ship=job(SHIP, needs="test")))
    for ignored, expected in ("false", "pass"), ("true", "fail"):
        build = f"plugins {{ id 'java' }}\ntest {{ ignoreFailures = {ignored} }}\n"
        assert verdict({**files, "build.gradle": build}) == expected, ignored


def test_many_services_beside_each_other_are_judged_soon() -> None:
    names = [f"s{number}" for number in range(120)]
    steps = [f"- {{run: go test ./..., working-directory: services/{name}}}\n" for name in names]
    for name in names:
        steps.append(PUSH.replace("{push", f"{{context: services/{name}, push").replace(": push", f": {name}"))
        steps.append(f"- run: kubectl set image deploy/x x=ghcr.io/acme/shop@${{{{ steps.{name}.outputs.digest }}}}\n")
    began = time.process_time()
    assert verdict(repository_of(workflow(release=job(*steps, SHIP)))) == "pass"
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["for d in internal/*/; do (cd $d && go test .) || failed=1; done", '[ -z "$failed" ]'], "pass"),
        (["for d in internal/*/; do go test ./$d || rc=$?; done", "exit ${rc:-0}"], "pass"),
        (["for d in internal/*/; do go test ./$d || failed=1; done", '[ -z "$other" ]'], "fail"),
        (["for d in internal/*/; do go test ./$d && ok=1; done", '[ "$ok" = 1 ]'], "fail"),
    ],
)
def test_failures_of_a_loop_are_kept_in_a_variable_that_nothing_has_set_before(lines: list[str], expected: str) -> None:
    test = "- run: |\n" + "".join(f"    {line}\n" for line in lines)
    assert verdict(repository_of(workflow(release=job(test, "- run: gh release create v1 a\n")))) == expected


NONE_COLLECTED = [
    "pytest || [ $? -eq 5 ]", "pytest -q || test $? = 5", "uv run pytest || [[ $? == 5 ]]",
    "pytest || if [ $? -ne 5 ]; then exit 1; fi", "pytest || { code=$?; [ $code -eq 5 ] || exit $code; }",
]  # fmt: skip


@pytest.mark.parametrize("command", NONE_COLLECTED)
def test_a_script_is_content_with_no_tests_where_there_are_some(command: str) -> None:
    some = {"tests/test_shop.py": "def test_it(): pass\n"}
    assert verdict({**released_by(f"- run: {command}", SHIP), **some}) == "pass"
    assert verdict(released_by(f"- run: {command}", SHIP)) == "unknown"
    chosen = command.replace("pytest", "pytest -m slow", 1)
    assert verdict({**released_by(f"- run: {chosen}", SHIP), **some}) == "unknown"


@pytest.mark.parametrize(
    "command", ["pytest || [ $? -eq 1 ]", "pytest || [ $? -le 5 ]", "pytest || true", "go test ./... || [ $? -eq 5 ]"]
)
def test_another_code_says_that_tests_have_failed(command: str) -> None:
    files = {"tests/test_shop.py": "def test_it(): pass\n"}
    assert verdict({**released_by(f"- run: {command}", SHIP), **files}) == "fail"


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ("crane tag ghcr.io/acme/shop:${{ inputs.version }} stable", "unknown"),
        ("kubectl set image deploy/shop shop=ghcr.io/acme/shop:${{ inputs.version }}", "unknown"),
        ("crane tag ghcr.io/acme/stock:${{ inputs.version }} stable", "fail"),
        ("kubectl apply -f k8s", "fail"),
    ],
)
def test_an_image_that_is_moved_by_hand_may_have_been_tested_where_it_was_built(moves: str, expected: str) -> None:
    by_hand = workflow("{workflow_dispatch: {inputs: {version: {}}}}", move=job(f"- run: {moves}"))
    for tested, verdict in ("pytest", expected), ("pytest || true", "fail"):
        build = workflow(
            "{push: {branches: [main]}}", build=job("- uses: actions/checkout@v7", f"- run: {tested}", PUSH)
        )
        files = repository_of(build) | {".github/workflows/move.yml": by_hand, "test_a.py": "def test_a(): pass\n"}
        assert judge("tests-gate-release", files).verdict == verdict


def test_what_is_out_of_sight_can_be_handed_in() -> None:
    call = "uses: acme/ci/.github/workflows/release.yml@v1\npermissions: {id-token: write, contents: write}\n"
    outcome = judge("tests-gate-release", repository_of(workflow(release=call)))
    assert outcome.verdict == "unknown"
    assert outcome.fix is not None
    assert "`--source acme/ci@v1=PATH`" in outcome.fix.summary


@pytest.mark.parametrize(
    ("command", "script", "expected"),
    [
        ("bun test", "eslint .", "pass"),  # its own runner, whatever a script is called
        ("bun test --coverage", "", "pass"),
        ("bun run test", "eslint .", "fail"),
        ("bun run test", "bun test", "pass"),
        ("bun lint", "", "fail"),
    ],
)
def test_bun_has_a_command_that_tests(command: str, script: str, expected: str) -> None:
    package = json.dumps({"scripts": {"lint": "eslint ."} | ({"test": script} if script else {})})
    files = {"package.json": package, "shop.test.ts": "test()"}
    assert judge("tests-gate-release", released_by(f"- run: {command}", SHIP) | files).verdict == expected


IN_TOOLS = "container: ghcr.io/acme/tools:${{ github.sha }}"
BUILT_TOOLS = workflow(
    "{push: {branches: [main]}}",
    tools=job(PUSH.replace("ghcr.io/acme/shop:1.2", "ghcr.io/acme/tools:${{ github.sha }}")),
    test=job("- run: pytest", needs="tools", container="ghcr.io/acme/tools:${{ github.sha }}"),
    build=job(PUSH.replace("shop:1.2", "shop:${{ github.sha }}"), needs="test"),
)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("", ""), "pass"),
        ((IN_TOOLS, f"container: {{image: '{IN_TOOLS.partition(': ')[2]}'}}"), "pass"),
        ((IN_TOOLS, "container: python:3.14"), "fail"),
        ((IN_TOOLS, "container: ghcr.io/acme/tools:old"), "fail"),
        (("tools:${{ github.sha }}", "tools:latest"), "fail"),  # which is what users get
        (("needs: test", "needs: tools"), "fail"),
        (("run: pytest", "run: ruff check"), "fail"),
    ],
)  # fmt: skip
def test_an_image_in_which_tests_run_before_another_is_built_is_a_tool(change: tuple[str, str], expected: str) -> None:
    files = repository_of(BUILT_TOOLS.replace(*change))
    assert judge("tests-gate-release", files).verdict == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("rm -rf tests", "unknown"),
        ("rm tests/test_shop.py", "unknown"),
        ("git rm -rq tests", "unknown"),
        ("mv tests /tmp/tests", "unknown"),
        ("find . -name 'test_*' -delete", "unknown"),
        ("cd tests && rm -f *.py && cd ..", "unknown"),
        ("rm -rf tests && git checkout -- tests", "pass"),
        ("rm -rf tests/__pycache__ tests/shop.db build .pytest_cache", "pass"),
        ("rm -rf e2e", "pass"),
        ('rm -rf "$RUNNER_TEMP/tests" "$WORK"', "pass"),
        ("rm -rf /tmp/tests ../tests", "pass"),
    ],
)
def test_tests_of_which_some_were_removed_before_are_not_all(before: str, expected: str) -> None:
    files = {"tests/test_shop.py": "", "e2e/test_site.py": "", "shop/cart.py": ""}
    tree = released_by("- uses: actions/checkout@v7", script(before, "pytest"), SHIP) | files
    assert judge("tests-gate-release", tree).verdict == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("echo '' > tests/test_shop.py", "unknown"),
        (": > tests/test_shop.py", "unknown"),
        ("cp README.md tests/test_shop.py", "unknown"),
        ("cp none/* tests/", "unknown"),
        ("ln -sf README.md tests/test_shop.py", "unknown"),
        ("cat README.md | tee tests/test_shop.py", "unknown"),
        ("sed -i '/assert/d' tests/test_shop.py", "unknown"),
        ("find . -name 'test_*.py' -exec truncate -s 0 {} +", "unknown"),
        ("python3 -c \"open('tests/test_shop.py', 'w').write('')\"", "unknown"),
        ("curl -o tests/test_shop.py https://acme.example/test.py", "unknown"),
        ("git checkout HEAD~9 -- tests", "unknown"),
        ("tar xzf more.tgz -C tests", "unknown"),
        (": > tests/test_shop.py; git checkout -- tests", "pass"),
        ("echo x > tests/test_more.py", "pass"),
        ("echo x > tests/shop.json", "pass"),
        ("tar xzf more.tgz -C tests/data", "pass"),
        ("sed -i 's/VERSION/1.2/' tests/test_shop.py", "pass"),
    ],
)
def test_tests_that_were_written_over_before_are_others(before: str, expected: str) -> None:
    files = {
        "tests/test_shop.py": "",
        "tests/data/shop.py": "",
        "none/test_shop.py": "",
        "shop/cart.py": "",
        "README.md": "",
    }
    tree = released_by("- uses: actions/checkout@v7", script(before, "pytest"), SHIP) | files
    assert judge("tests-gate-release", tree).verdict == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("printf '[pytest]\\naddopts = --collect-only\\n' > pytest.ini", "unknown"),
        ("echo 'collect_ignore_glob = [\"*\"]' > tests/conftest.py", "unknown"),
        ("sed -i 's/0.0.0/1.2.0/' pyproject.toml", "pass"),
        ("echo x > docs/conftest.py", "pass"),
    ],
)
def test_settings_of_tests_that_the_job_writes_may_leave_all_out(before: str, expected: str) -> None:
    files = {"tests/test_shop.py": "", "shop/cart.py": "", "pyproject.toml": "", "docs/index.md": ""}
    for steps in [script(before, "pytest")], [script(before), script("pytest")]:
        tree = released_by("- uses: actions/checkout@v7", *steps, SHIP) | files
        assert judge("tests-gate-release", tree).verdict == expected


CHANGED = "- id: changed\n  uses: tj-actions/changed-files@v46\n"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (script("git diff --name-only HEAD^ -- tests | xargs pytest"), "unknown"),
        (script("pytest $(git diff --name-only origin/main -- tests)"), "unknown"),
        (script("TESTS=$(git diff --name-only HEAD^ | grep test_)", "pytest $TESTS"), "unknown"),
        (CHANGED + "- run: pytest ${{ steps.changed.outputs.all_changed_files }}", "unknown"),
        (script("pytest $(git ls-files 'tests/*.py')"), "pass"),
        (script("find tests -name '*.py' | xargs pytest"), "pass"),
    ],
)
def test_tests_of_what_has_changed_may_be_none(step: str, expected: str) -> None:
    tree = released_by("- uses: actions/checkout@v7", step, SHIP) | {"tests/test_shop.py": "", "shop/cart.py": ""}
    assert judge("tests-gate-release", tree).verdict == expected


def test_tests_that_another_folder_has_lost_are_none_of_this_one() -> None:
    files = {"shop/a_test.go": "", "cart/b_test.go": "", "shop/go.mod": "", "shop/a.go": ""}
    tree = released_by("- uses: actions/checkout@v7", script("rm cart/b_test.go", "cd shop && go test ./..."), SHIP)
    assert judge("tests-gate-release", tree | files).verdict == "pass"


@pytest.mark.parametrize(
    ("asked", "first", "expected"),
    [
        ("go test ./...", "//go:build integration\n", "fail"),
        ("go test -tags integration ./...", "//go:build integration\n", "pass"),
        ("go test --tags=unit,integration ./...", "//go:build integration\n", "pass"),
        ("GOFLAGS=-tags=integration go test ./...", "//go:build integration\n", "pass"),
        ("go test -tags e2e ./...", "//go:build integration\n", "fail"),
        ("go test ./...", "//go:build linux\n", "pass"),
        ("gotestsum ./...", "//go:build integration\n", "fail"),
    ],
)
def test_go_finds_no_tests_that_are_behind_a_tag(asked: str, first: str, expected: str) -> None:
    files = {"go.mod": "module a\n", "a.go": "package a\n", "a_test.go": f"{first}\npackage a\n"}
    tree = released_by("- uses: actions/checkout@v7", f"- run: {asked}", SHIP)
    assert judge("tests-gate-release", {**tree, **files}).verdict == expected
    more = {**files, "b_test.go": "package a\n"}
    assert judge("tests-gate-release", {**tree, **more}).verdict == "pass"
