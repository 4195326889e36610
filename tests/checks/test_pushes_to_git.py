"""What is pushed to git before a signature: sources, tags and pages, and what others may deploy from."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, job, released_by, workflow
from trees import judge

BUMP = "- run: |\n    git commit -am bump\n    {}\n"
HOME = "git push origin HEAD:main"
COMPOSE = "services:\n  test:\n    build: .\n    volumes: [.:/repo:ro]\n"
ENTITY = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: shop}\n"
PLAIN = {"pyproject.toml": "[project]\nname = 'shop'\n", "compose.yaml": COMPOSE, "catalog-info.yaml": ENTITY}
BESIDE = "- uses: actions/checkout@v6\n  with: {{repository: acme/{}, path: site, token: '${{{{ secrets.PAGES }}}}'}}\n"


def verdict(*steps: str, **files: str) -> str:
    others = {path.replace("__", "/"): text for path, text in files.items()}
    return judge("build-signed", {**released_by(PUSH, *steps, SIGN, SHIP), **PLAIN, **others}).verdict


@pytest.mark.parametrize(
    "push",
    [
        HOME,
        "git push",
        "git push -u origin main",
        "git push origin HEAD:${{ github.ref }}",
        "git push origin HEAD:$GITHUB_REF_NAME",
        'git tag -m release "$NEXT"\n    git push origin HEAD:main\n    git push origin "$NEXT"',
        "git remote set-url origin https://bot:x@github.com/$GITHUB_REPOSITORY\n    git push origin main",
    ],
)
def test_sources_that_go_to_the_repository_itself_hand_nothing_to_users(push: str) -> None:
    assert verdict(BUMP.format(push)) == "pass"


@pytest.mark.parametrize("remote", ["heroku", "https://heroku:$KEY@git.heroku.com/shop.git", "dokku@acme.example:shop"])
def test_a_platform_builds_what_it_is_sent(remote: str) -> None:
    tree = released_by(PUSH, SIGN, f"- run: git push {remote} HEAD:main")
    assert judge("build-signed", tree).verdict == "unknown"


@pytest.mark.parametrize(
    "push",
    [
        "git push origin HEAD:production",
        "git push heroku main",
        "git push https://git.acme.example/deploy HEAD:main",
        "git push --repo=https://git.acme.example/deploy",
        "git -C ../deploy push origin main",
        "cd deploy && git push origin main",
        'git push origin "$BRANCH"',
        'git tag -m "$NEXT" v1\n    git push origin "$NEXT"',
        "git remote set-url origin https://git.acme.example/deploy\n    git push origin main",
        "git config --global url.https://git.acme.example/.insteadOf https://github.com/\n    git push origin main",
        "yq -i '.image.tag = env(TAG)' values.yaml\n    git push origin main",
        "git push origin main another",
        "git checkout production\n    git push",
    ],
)
def test_what_goes_elsewhere_or_nobody_knows_where_may_be_deployed(push: str) -> None:
    assert verdict(BUMP.format(push)) == "unknown"


@pytest.mark.parametrize(
    "files",
    [
        {"k8s__shop.txt": "shop\n"},
        {"Chart.yaml": "name: shop\n"},
        {"infra__main.tf": "resource {}\n"},
        {"live.yaml": "apiVersion: apps/v1\nkind: Deployment\n"},
        {"live.json": '{\n  "apiVersion": "apps/v1"\n}\n'},
        {"stack.yaml": "services:\n  shop:\n    image: ghcr.io/acme/shop:1\n"},
        {"list.yaml": "deployed:\n- image: ghcr.io/acme/shop:1\n"},
        {"fly.toml": "app = 'shop'\n"},
        {"Procfile": "web: shop\n"},
        {"action.yml": "name: shop\n"},
        {"setup__action.yml": "name: shop\n"},
        {"Formula__shop.rb": "class Shop\nend\n"},
    ],
    ids=lambda files: next(iter(files)),
)
def test_a_push_may_be_a_deployment_where_something_is_deployed_from_the_repository(files: dict[str, str]) -> None:
    assert verdict(BUMP.format(HOME), **files) == "unknown"


def test_a_push_to_a_site_beside_the_repository_is_a_page() -> None:
    site, push = BESIDE.format("acme.github.io"), "- run: cd site && git commit -am pages && git push origin main\n"
    assert verdict(site, push) == "pass"
    assert verdict(BESIDE.format("deployments"), push) == "unknown"
    assert verdict(site, push.replace("origin", "https://git.acme.example/deploy")) == "unknown"
    pointed_elsewhere = "- run: git -C site remote set-url origin https://git.acme.example/deploy\n"
    assert verdict(site, pointed_elsewhere, push) == "unknown"


def test_a_run_that_only_pushes_sources_releases_nothing() -> None:
    bump = workflow("workflow_dispatch", bump=job("- uses: actions/checkout@v6", BUMP.format(HOME)))
    others = {".github__workflows__bump.yml": bump}
    assert verdict(**others) == "pass"
    assert verdict(**others, **{"live.yaml": "image: ghcr.io/acme/shop:1\n"}) == "unknown"


KEEPS = "- uses: actions/checkout@v6\n  with: {{repository: acme/deployments, path: live, {}}}\n"
DIGEST = "${{ needs.build.outputs.digest }}"
PUSHED = {"outputs": "{digest: '${{ steps.push.outputs.digest }}'}"}
SIGNED = SIGN.replace("steps.push", "needs.build")


def pushed_beside(*steps: str, needs: str = "build", check: str = "build-signed") -> str:
    """What is said of a build whose digest another job hands to git, which may write nothing with its own token."""
    bump = job(*steps, needs=needs, permissions="{contents: read}")
    jobs = {"build": job(PUSH, **PUSHED), "sign": job(SIGNED, needs="build"), "bump": bump}
    return judge(check, {".github/workflows/release.yml": workflow("{push: {branches: [main]}}", **jobs)}).verdict


@pytest.mark.parametrize("key", ["token", "ssh-key"])
def test_a_secret_that_a_checkout_leaves_for_git_lets_a_job_push_that_may_write_nothing_else(key: str) -> None:
    kept = f"{key}: '${{{{ secrets.BOT }}}}'"
    push = "- run: git push\n  working-directory: live\n"
    assert pushed_beside(KEEPS.format(kept), push) == "unknown"
    assert pushed_beside(KEEPS.format(kept), push, needs="[build, sign]") == "pass"
    assert pushed_beside(KEEPS.format(f"{kept}, persist-credentials: false"), push) == "pass"
    assert pushed_beside(KEEPS.format("token: '${{ github.token }}'"), push) == "pass"


@pytest.mark.parametrize(
    "change",
    [
        "yq -i '.image.digest = strenv(D)' values.yaml",
        'yq -i ".image.digest = \\"$D\\"" values.yaml',
        'sed -i "s|digest:.*|digest: $D|" values.yaml',
        'echo "digest: $D" > values.yaml',
        "cat > values.yaml <<EOF\n    digest: $D\n    EOF",
    ],
)
def test_a_manifest_that_names_the_digest_is_shipped_when_it_is_pushed_elsewhere(change: str) -> None:
    kept = KEEPS.format("token: '${{ secrets.BOT }}'")
    bump = f"- env: {{D: '{DIGEST}'}}\n  working-directory: live\n  run: |\n    {change}\n    git commit -am bump\n"
    assert pushed_beside(kept, f"{bump}    git push\n") == "fail"
    assert pushed_beside(kept, f"{bump}    git -C . push origin HEAD\n") == "fail"
    assert pushed_beside(kept, f"{bump}    git push\n", needs="[build, sign]") == "pass"
    asked = f"{bump}    git push origin HEAD:bump\n"  # a branch of which a pull request may be made
    assert pushed_beside(kept, asked) == "unknown"
    aside = bump.replace("run: |", "run: |\n    git switch -c bump") + "    git push -u origin HEAD\n"
    assert pushed_beside(kept, aside) == "unknown"
