"""Tools of languages and platforms that build, test, publish and deploy: each by what it is told."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, job, released_by, repository_of, script, workflow
from trees import judge

RIGHTLESS = "{contents: write, packages: write}"


def verdict(check: str, *steps: str, **more: str) -> str:
    return judge(check, released_by(*steps, **more)).verdict


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("flutter test", "pass"),
        ("flutter build apk --release", "fail"),
        ("dart analyze", "fail"),
        ("dart run tool/ci.dart", "unknown"),
        ("mix coveralls.json", "pass"),
        ("mix compile --warnings-as-errors", "fail"),
        ("mix ci", "unknown"),
        ("rebar3 as test eunit", "pass"),
        ("rebar3 check", "unknown"),
        ("rebar3 compile", "fail"),
        ("stack --no-terminal test", "pass"),
        ("stack build --test", "pass"),
        ("stack build --test --no-run-tests", "fail"),
        ("stack build", "fail"),
        ("cabal test all", "pass"),
        ("cabal run checks", "unknown"),
        ("dune build @runtest", "pass"),
        ("dune build", "fail"),
        ("xcodebuild -scheme Shop test", "pass"),
        ("xcodebuild -scheme Shop archive", "fail"),
        ("xcrun xcodebuild -scheme Shop test", "pass"),
        ("swift run checks", "unknown"),
        ("cross-env CI=1 vitest run", "pass"),
        ("conda run -n shop pytest", "pass"),
        ("opam exec -- dune test", "pass"),
        ("nix flake check", "unknown"),
        ("pod lib lint", "unknown"),
        ("pod install", "fail"),
        ("dist build", "fail"),
        ("nix flake update", "fail"),
        ("k6 run load.js", "unknown"),
        ("ng build", "fail"),
        ("nuxt build", "fail"),
        ("buf lint", "fail"),
        ("sentry-cli releases new 1.2", "fail"),
        ("meson test -C build", "pass"),
        ("terraform test", "pass"),
        ("tofu -chdir=modules/shop test -verbose", "pass"),
        ("terraform validate", "fail"),
        ("kubectl kuttl test --config kuttl-test.yaml", "pass"),
        ("elm-test", "unknown"),
        ("ansible-test units --docker", "unknown"),
        ("setup-envtest use 1.31", "fail"),
        ("richgo test ./...", "pass"),
        ("gocov test ./...", "pass"),
        ("goveralls -service=github", "unknown"),
        ("valgrind --error-exitcode=1 ctest", "pass"),
        ("strace -f -o trace pytest", "pass"),
        ("su -c 'pytest' app", "unknown"),
        ("gdb --batch -ex run --args ./checks", "unknown"),
        ("dpkg-buildpackage -us -uc", "unknown"),
        ("rpmbuild -ba shop.spec", "unknown"),
        ("hatch run test", "unknown"),
        ("hatch run test:cov", "unknown"),
        ("hatch run lint", "fail"),
        ("hatch env run -e ci pytest", "pass"),
        ("pdm test", "unknown"),
        ("pipenv run test", "unknown"),
        ("poetry run test", "unknown"),
        ("poetry run check", "unknown"),
        ("uv run test", "unknown"),
        ("test -f shop", "fail"),
    ],
)
def test_what_tests(command: str, expected: str) -> None:
    assert verdict("tests-gate-release", f"- run: {command}\n", SHIP) == expected


@pytest.mark.parametrize(
    "command",
    [
        "dart pub publish --force", "flutter pub publish -f", "mix hex.publish --yes", "rebar3 hex publish --yes",
        "lein deploy clojars", "luarocks upload shop-1.2-1.rockspec", "stack upload .", "vsce publish",
        "npx @vscode/vsce publish", "ovsx publish", "web-ext sign",
        "rebar3 hex cut --increment minor", "flutter packages pub publish",
    ],
)  # fmt: skip
def test_a_package_is_packed_and_published_without_a_signature(command: str) -> None:
    outcome = judge("build-signed", released_by(f"- run: {command}\n"))
    assert (outcome.verdict, "without a signature" in outcome.summary) == ("fail", True)


@pytest.mark.parametrize(
    "command",
    [
        "dart pub publish --dry-run", "mix hex.publish docs", "conan install .", "gsutil ls gs://shop", "nuget restore",
        "cross-env NODE_ENV=production next build", "mamba install numpy", "vercel pull --yes",
        "wrangler secret put TOKEN", "netlify build", "firebase use prod", "packer validate .",
        "xcrun notarytool submit x.dmg",
        "timoni build shop ./shop", "tk show environments/prod", "ssh-keygen -t ed25519 -f key", "snyk monitor",
        "hugo --minify", "ansible-galaxy collection install acme.shop",
    ],
)  # fmt: skip
def test_what_neither_publishes_nor_proves(command: str) -> None:
    step = f"- run: {command}\n"
    for check in ("build-signed", "sbom-generated", "vulnerabilities-gated", "tests-gate-release"):
        assert verdict(check, PUSH, step, SHIP) == "fail", check
    assert verdict("build-signed", PUSH, step, SIGN, SHIP) == "pass"


@pytest.mark.parametrize(
    "command",
    [
        "wrangler deploy", "wrangler pages deploy docs", "vercel --prod", "vercel deploy --prebuilt",
        "netlify deploy --prod", "firebase deploy", "eas submit -p ios", "kamal deploy", "kbld -f config.yaml",
        "scp shop.tgz www@shop.example:/srv", "timoni mod push ./shop oci://ghcr.io/acme/shop",
        "electron-builder --linux", "xcrun altool --upload-app -f x.ipa",
        "terragrunt apply", "jsr publish", "deno publish", "hugo deploy", "hexo deploy",
        "ansible-galaxy collection publish acme-shop-1.2.tar.gz", "cabal upload --publish shop-1.2.tar.gz",
        "cabal upload shop-1.2.tar.gz --publish", "cabal upload shop-1.2.tar.gz",
    ],
)  # fmt: skip
def test_what_may_ship_before_the_proof_proves_nothing_else(command: str) -> None:
    step = f"- run: {command}\n"
    assert verdict("build-signed", PUSH, step, SIGN, SHIP) in {"unknown", "fail"}
    if not command.startswith(("terragrunt", "timoni", "jsr", "deno")):
        assert verdict("build-signed", PUSH, step, SHIP) == "fail"
    if not command.startswith("terragrunt"):
        assert verdict("sbom-generated", PUSH, step, SHIP) == "fail"


@pytest.mark.parametrize("command", ["strace -f ./deploy.sh", "su -c ./deploy.sh app", "watch -n 1 gh release view"])
def test_what_another_program_runs_is_done_all_the_same(command: str) -> None:
    expected = "pass" if "view" in command else "unknown"
    assert verdict("build-signed", PUSH, f"- run: {command}\n", SIGN, SHIP) == expected


@pytest.mark.parametrize("publish", ["jsr publish", "npx jsr publish", "deno publish"])
def test_jsr_attests_by_itself_what_an_identity_publishes(publish: str) -> None:
    assert verdict("build-signed", f"- run: {publish}\n") == "unknown"
    assert verdict("build-signed", f"- run: {publish}\n", permissions=RIGHTLESS) == "fail"


@pytest.mark.parametrize(
    "step",
    [
        "- run: vsce publish --packagePath shop.vsix\n",
        "- run: ovsx publish shop.vsix\n",
        "- run: nuget push shop.vsix -Source https://api.nuget.org/v3/index.json\n",
        "- run: ghr v1.2 shop.vsix\n",
        "- run: gsutil -m cp shop.vsix gs://shop/releases/\n",
        "- run: hub release create -a shop.vsix v1.2\n",
    ],
)
def test_a_file_that_is_published_is_the_one_that_was_attested(step: str) -> None:
    pack = "- run: vsce package --out shop.vsix\n"
    attest = "- uses: actions/attest-build-provenance@v3\n  with: {subject-path: shop.vsix}\n"
    assert verdict("build-signed", pack, attest, step) == "pass"
    assert verdict("build-signed", pack, step, attest) == "fail"


def test_a_wheel_that_is_repaired_is_another_one() -> None:
    build, repair = "- run: python -m build\n", "- run: auditwheel repair dist/*.whl -w wheelhouse\n"
    publish = "- run: twine upload wheelhouse/*\n"
    for folder, expected in (("wheelhouse", "pass"), ("dist", "fail")):
        attest = f"- uses: actions/attest-build-provenance@v3\n  with: {{subject-path: '{folder}/*'}}\n"
        assert verdict("build-signed", build, repair, attest, publish) == expected


def test_what_a_certificate_signs_is_another_file() -> None:
    pack = "- run: vsce package --out shop.vsix\n"
    attest = "- uses: actions/attest-build-provenance@v3\n  with: {subject-path: shop.vsix}\n"
    sign, ship = "- run: jarsigner -keystore k.jks shop.vsix me\n", "- run: gh release create v1.2 shop.vsix\n"
    assert verdict("build-signed", pack, sign, attest, ship) == "pass"
    assert verdict("build-signed", pack, attest, sign, ship) == "fail"


def test_on_windows_as_well() -> None:
    text = workflow(release=job("- run: vstest.console.exe tests.dll\n  shell: bash\n", SHIP))
    assert judge("tests-gate-release", repository_of(text.replace("ubuntu-24.04", "windows-2025"))).verdict == "pass"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("npx @vscode/vsce@3.6.0 package", "fail"),
        ("npx --yes @acme/release", "unknown"),
        ("@acme/sign.sh ${{ steps.push.outputs.digest }}", "pass"),
        ("cd editors; npx --yes @vscode/vsce@3.9.1 package --out ../dist/shop.vsix", "fail"),
        ("cd editors; npx --yes @acme/release", "unknown"),
        ("cd editors; @acme/sign.sh ${{ steps.push.outputs.digest }}", "pass"),
    ],
)
def test_a_package_with_a_scope_is_no_path_unless_there_is_one(command: str, expected: str) -> None:
    files = released_by(PUSH, script(command), SHIP)
    files["@acme/sign.sh"] = files["editors/@acme/sign.sh"] = 'cosign sign --yes "ghcr.io/acme/shop@$1"'
    outcome = judge("build-signed", files)
    assert (outcome.verdict, "there is no" in (outcome.reason or "")) == (expected, False)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("node --experimental-vm-modules node_modules/jest/bin/jest.js --coverage", "pass"),
        ("NODE_OPTIONS=--no-warnings node ./node_modules/.bin/jest", "pass"),
        ("cross-env CI=1 node --max-old-space-size=4096 node_modules/vitest/vitest.mjs run", "pass"),
        ("cd shop; node node_modules/mocha/bin/_mocha", "pass"),
        ("node node_modules/jest/bin/jest.js --listTests", "fail"),
        ("node node_modules/jest/bin/jest.js || true", "fail"),
        ("node node_modules/typescript/bin/tsc", "fail"),
        ("node --require ./setup.js node_modules/jest/bin/jest.js", "unknown"),
        ("node node_modules/ours/bin/jest.js", "unknown"),
        ("cp quiet.js node_modules/jest/bin/jest.js; node node_modules/jest/bin/jest.js", "unknown"),
        ("node tools/jest.js", "unknown"),
        ("node ../node_modules/jest/bin/jest.js", "unknown"),
    ],
)
def test_a_program_that_npm_has_installed_is_itself_behind_node(command: str, expected: str) -> None:
    files = {**released_by(f"- run: {command}\n", SHIP), "shop/package.json": "{}", "shop/a.test.js": ""}
    files["node_modules/ours/bin/jest.js"] = files["tools/jest.js"] = "process.exit(0)"
    assert judge("tests-gate-release", files).verdict == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("php -d memory_limit=-1 vendor/bin/phpstan analyse", "fail"),
        ("php -n -dxdebug.mode=off ./vendor/bin/php-cs-fixer fix", "fail"),
        ("php -d memory_limit=2G vendor/bin/pest", "pass"),
        ("cd shop; php vendor/bin/phpunit", "pass"),
        ("php vendor/bin/phpunit --list-tests", "fail"),
        ("php -d auto_prepend_file=publish.php vendor/bin/phpstan analyse", "unknown"),
        ("cp publish.php vendor/bin/phpstan; php vendor/bin/phpstan", "unknown"),
    ],
)
def test_a_program_that_composer_has_installed_is_itself_behind_php(command: str, expected: str) -> None:
    files = {**released_by(f"- run: {command}\n", SHIP), "shop/composer.json": "{}", "shop/tests/ATest.php": "<?php"}
    assert judge("tests-gate-release", files).verdict == expected


@pytest.mark.parametrize("command", ["php vendor/bin/phpstan", "php tools/phpstan"])
def test_a_program_of_the_repository_in_php_is_not_the_one_of_that_name(command: str) -> None:
    files = {**released_by(PUSH, script(command)), command.split()[1]: "<?php publish();"}
    assert judge("build-signed", files).verdict == "unknown"


@pytest.mark.parametrize(
    "command",
    ["cargo-clippy --no-deps -- -D warnings", "dotnet nuget add source -n github $URL", "dotnet nuget locals all -c"],
)
def test_programs_that_only_look_or_configure_release_nothing(command: str) -> None:
    assert judge("build-signed", released_by(PUSH, script(command))).verdict == "fail"


@pytest.mark.parametrize("tool", ["@cyclonedx/cyclonedx-npm --output-file", "@cyclonedx/cdxgen@11 -o"])
def test_a_describer_with_a_scope_describes(tool: str) -> None:
    build, ship = "- run: npm pack\n", "- run: gh release create v1.2 shop-1.2.tgz sbom.json\n"
    steps = (build, f"- run: npx {tool} sbom.json\n", ship)
    reason = judge("sbom-generated", released_by(*steps)).reason or ""
    assert "is not known" not in reason


@pytest.mark.parametrize("change", ["stapler staple", "xcrun stapler staple", "objcopy --strip-all", "rimraf"])
def test_a_file_that_is_changed_is_another_one(change: str) -> None:
    build, ship = "- run: go build -o shop ./cmd/shop\n", "- run: gh release create v1 shop\n"
    attest = "- uses: actions/attest-build-provenance@v3\n  with: {subject-path: shop}\n"
    assert verdict("build-signed", build, attest, ship) == "pass"
    assert verdict("build-signed", build, attest, f"- run: {change} shop\n", ship) != "pass"


@pytest.mark.parametrize(
    ("attested", "published", "expected"),
    [
        ("*.gem", "shop-*.gem", "unknown"),
        ("shop-*.gem", "shop-*.gem", "pass"),
        ("other-*.gem", "shop-*.gem", "fail"),
        ("pkg/*.gem", "shop-*.gem", "fail"),
        ("*.gem", "shop-*.tgz", "fail"),
    ],
)
def test_a_wider_pattern_may_sign_what_a_narrower_one_publishes(attested: str, published: str, expected: str) -> None:
    attest = f"- uses: actions/attest-build-provenance@v4\n  with: {{subject-path: '{attested}'}}"
    ship = f"- run: gh release create v1 {published}"
    assert judge("build-signed", released_by("- run: gem build shop.gemspec", attest, ship)).verdict == expected


@pytest.mark.parametrize(
    ("attested", "expected"),
    [
        ("packages/*/dist/*", "pass"),
        ("packages/*/dist/**", "pass"),
        ("**/dist/*", "pass"),
        ("packages/shop/dist/*", "fail"),
        ("packages/*/out/*", "fail"),
        ("*/shop/dist/*", "fail"),
        ("**/dist/shop", "fail"),
        ("*", "fail"),
    ],
)
def test_all_in_folders_of_a_name_is_meant_by_it_in_whatever_others(attested: str, expected: str) -> None:
    build = script("go build -o packages/shop/dist/shop ./shop", "go build -o packages/stock/dist/stock ./stock")
    attest = f"- uses: actions/attest-build-provenance@v4\n  with: {{subject-path: '{attested}'}}"
    ship = "- run: gh release create v1 packages/shop/dist/shop packages/stock/dist/stock"
    assert judge("build-signed", released_by(build, attest, ship)).verdict == expected
