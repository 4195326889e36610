"""Sources that change between the tests and what is built of them: unpacked over, fetched, moved, removed."""

from __future__ import annotations

import pytest

from pipelines import changed as pipeline
from pipelines import job as job_of_gitlab
from pipelines import on_gitlab
from releasing import PUSH, SHIP, job, released_by, repository_of, workflow
from trees import judge

CHECKOUT = "- uses: actions/checkout@v7"
TEST = "- run: go test ./..."
BUILD = PUSH.replace("{push: true", "{context: ., push: true")
FILES = {
    "main.go": "package main\n",
    "main_test.go": "package main\n",
    "src/auth.go": "package src\n",
    "src/generated/a.go": "package generated\n",
    "api/v1/shop.pb.go": "package v1\n",
    "lib/shop.rb": "",
    "docs/conf.py": "",
    "tools/tools.go": "package tools\n",
    "dist/index.js": "",
    "vendor/x/x.go": "package x\n",
    "testdata/a.go": "package a\n",
    "x.tgz": "",
    "README.md": "",
    "web/index.html": "",
}


def verdict(*between: str, **others: str) -> str:
    """Of a release whose one job does this between its tests and its build."""
    files = released_by(CHECKOUT, TEST, *between, BUILD, SHIP)
    return judge("tests-gate-release", files | FILES | others).verdict


def run(*lines: str) -> str:
    return "- run: |\n" + "".join(f"    {line}\n" for line in lines)


ARCHIVES = [
    ("tar xzf x.tgz", "unknown"),
    ("tar -xzf x.tgz -C .", "unknown"),
    ("tar xzf x.tgz -C src", "unknown"),
    ("tar --extract --file=x.tgz --directory src", "unknown"),
    ("tar xf x.tgz --strip-components=1", "unknown"),
    ("cd src && tar xzf ../x.tgz", "unknown"),
    ("curl -sSL https://acme.example/x.tgz | tar xz", "unknown"),
    ("curl -sSL https://acme.example/x.tgz | tar xz main.go", "unknown"),
    ("curl -sSL https://acme.example/x.tgz | tar xz --strip-components=1 x-1.2/src", "unknown"),
    ("unzip -o x.zip", "unknown"),
    ("unzip -oq x.zip -d src", "unknown"),
    ("unzip -o x.zip src/auth.go", "unknown"),
    ("7z x -y x.7z", "unknown"),
    ("7z x -y x.7z -osrc", "unknown"),
    ("bsdtar -xf x.zip -C src", "unknown"),
    ("python3 -m zipfile -e x.zip src", "unknown"),
    ("python -m tarfile --extract x.tgz", "unknown"),
    ("gunzip -kf main.go.gz", "unknown"),
    ("curl -sSL https://acme.example/main.go > main.go", "unknown"),
    ("curl -sSL https://acme.example/main.go | tee main.go", "unknown"),
    ("gh api repos/acme/x/contents/main.go -q .content | base64 -d > main.go", "unknown"),
    ("gzip -d main.go.gz", "unknown"),
    ("xz -dkf main.go.xz", "unknown"),
    ("zstd -d x.zst -o main.go", "unknown"),
    ("gzip -dc x.gz > report.txt; gzip -9 README.md; xz -d dist/x.js.xz", "pass"),
    ("sed -Ei s/deny/allow/ main.go", "unknown"),
    ("gsed -i s/deny/allow/ main.go", "unknown"),
    ("sed -E s/deny/allow/ main.go", "pass"),
    ("jar xf x.jar", "unknown"),
    ("jar -xf x.jar main.go", "unknown"),
    ("cd src && jar --extract --file=../x.jar", "unknown"),
    ("cpio -idmu < x.cpio", "unknown"),
    ("curl -sSL https://acme.example/x | gunzip | cpio -i -D src", "unknown"),
    ("cpio -i -F x.cpio main.go", "unknown"),
    ("jar xf x.jar META-INF/MANIFEST.MF", "pass"),
    ("jar tf x.jar", "pass"),
    ("jar --extract --file x.jar --dir dist", "pass"),
    ("cpio -t < x.cpio", "pass"),
    ("cpio -id -D dist < x.cpio", "pass"),
    ("python3 -m zipfile -e x.zip dist", "pass"),
    ("python3 -m zipfile -l x.zip", "pass"),
    ("gunzip -k dist/data.json.gz", "pass"),
    ("git archive --remote=https://acme.example/more HEAD | tar x", "unknown"),
    ("tar xzf x.tgz -C dist", "pass"),
    ("mkdir -p out && tar xzf x.tgz -C out", "pass"),
    ("mkdir -p bin && cd bin && tar xzf ../x.tgz", "pass"),
    ("tar xzf x.tgz -C /tmp", "pass"),
    ("tar xzf x.tgz -C vendor", "pass"),
    ("tar xzf x.tgz -C tools", "pass"),
    ("tar xzf x.tgz -C docs", "pass"),
    ("tar tzf x.tgz", "pass"),
    ("unzip -l x.zip", "pass"),
    ("unzip -oq x.zip -d node_modules", "pass"),
    ("curl -sSL https://acme.example/t.tgz | sudo tar xz -C /usr/local/bin", "pass"),
    ("curl -sSL https://acme.example/t.tgz | tar xz tool", "pass"),
    ("curl -sSL https://acme.example/t.tgz | tar xz --strip-components=1 t-1.2/tool", "pass"),
    ("curl -sSL https://github.com/acme/tool/releases/download/v1/tool_1.2_linux.tar.gz | tar xz", "pass"),
    ("curl -sSLO https://get.helm.sh/helm-v3-linux.tar.gz && tar xzf helm-v3-linux.tar.gz", "pass"),
    ("curl -sSL https://acme.example/lib.tgz | tar xz && cd lib-1.2 && ls", "pass"),
    ("curl -sSL https://acme.example/lib.tgz | tar xz --strip-components=1 && mkdir lib-1.2 && cd lib-1.2", "unknown"),
    ("curl -sSL https://acme.example/lib.tgz | tar xz && mkdir -p out && cd out && ls", "unknown"),
    ("curl -sSL https://github.com/acme/x/archive/v1.tar.gz | tar xz", "pass"),
    ("curl -sSL https://github.com/acme/x/archive/v1.tar.gz | tar xz --strip-components=1", "unknown"),
    ("tar czf src.tgz src && tar xzf src.tgz", "pass"),
]
REMOVALS = [
    ("rm src/auth.go", "unknown"),
    ("rm -rf src", "unknown"),
    ("rm -f src/*.go", "unknown"),
    ("cd src && rm auth.go", "unknown"),
    ("git rm -q src/auth.go", "unknown"),
    ("git mv main.go other.go", "unknown"),
    ("git mv -f src/auth.go main.go", "unknown"),
    ("mv src/auth.go src/login.go", "unknown"),
    ("mv src /tmp/src", "unknown"),
    ("mv -t /tmp src/auth.go", "unknown"),
    ("truncate -s 0 src/auth.go", "unknown"),
    ("find . -name auth.go -delete", "unknown"),
    ("find src -type f -name '*.go' -exec rm {} +", "unknown"),
    ("find . -name '*.go' | xargs rm", "unknown"),
    ('rm "$F"', "unknown"),
    ('rm -rf "${{ vars.FOLDER }}"', "unknown"),
    ('rm -rf "$F/shop.rb"', "unknown"),
    ('rm -rf "src/$F"', "unknown"),
    ("cat list.txt | xargs rm", "unknown"),
    ("git sparse-checkout set web", "unknown"),
    ("git sparse-checkout set src lib api", "pass"),
    ("git sparse-checkout list", "pass"),
    ("git sparse-checkout disable", "pass"),
    ('rm -f "dist/$F" "$F.tgz" "shop-$V.zip"', "pass"),
    ('T=$(mktemp -d); rm -rf "$T"', "pass"),
    ('rm -rf "$RUNNER_TEMP/x" "$HOME/.cache" ~/.m2', "pass"),
    ('for f in dist/*; do rm "$f"; done', "pass"),
    ('for f in src/*; do rm "$f"; done', "unknown"),
    ("rm -rf dist node_modules coverage.out .cache", "pass"),
    ("rm lib/shop.rb", "unknown"),
    ("rm -rf src/generated api/v1/shop.pb.go", "pass"),
    ("rm -rf docs tools testdata vendor", "pass"),
    ("rm main_test.go README.md", "pass"),
    ("rm -f web/index.html.bak x.tgz", "pass"),
    ("rm -rf /tmp/src ../src", "pass"),
    ("git rm -q --cached src/auth.go", "pass"),
    ("git rm -n src/auth.go", "pass"),
    ("git rm -q README.md", "pass"),
    ("git mv README.md docs/README.md", "pass"),
    ("mv dist/index.js dist/index.mjs", "pass"),
    ("find . -name '*.pyc' -delete", "pass"),
    ("find . -name '*_test.go' -delete", "pass"),
    ("find . -name node_modules -exec rm -rf {} +", "pass"),
    ("find dist -name '*.map' -delete", "pass"),
    ("rm src/auth.go && git checkout -- .", "pass"),
]
LAID_OVER = [
    ("dd if=/mnt/x of=main.go", "unknown"),
    ("install -m 644 /mnt/main.go main.go", "unknown"),
    ("ln -sf src/auth.go main.go", "unknown"),
    ("rsync -a /mnt/share/ ./", "unknown"),
    ("rsync -a build.acme.example:/srv/src/ src/", "unknown"),
    ('cp -r "$RUNNER_TEMP/gen/." src', "unknown"),
    ("cp -r /mnt/src .", "unknown"),
    ("scp build.acme.example:/srv/main.go main.go", "unknown"),
    ("aws s3 cp s3://acme/main.go main.go", "unknown"),
    ("aws s3 cp s3://acme/main.go .", "unknown"),
    ("aws s3 sync s3://acme/src src", "unknown"),
    ("gsutil cp gs://acme/main.go main.go", "unknown"),
    ("gh release download v1 -p main.go --clobber", "unknown"),
    ("docker cp app:/out/main.go .", "unknown"),
    ("docker cp app:/out/. src", "unknown"),
    ("perl -pi -e 's/deny/allow/' main.go", "unknown"),
    ("perl -pi -e 's/0.0.0/1.2.3/' main.go", "pass"),
    ("dd if=/dev/zero of=/tmp/x bs=1M count=1", "pass"),
    ("rsync -a /mnt/share/ dist/", "pass"),
    ("cp -r /mnt/share/. dist", "pass"),
    ("cp -r /mnt/src src", "pass"),
    ("aws s3 cp s3://acme/model.bin model.bin", "pass"),
    ("aws s3 sync s3://acme/dist dist", "pass"),
    ("gh release download v1 -p shop.tgz", "pass"),
    ("gh release download v1 -p main.go", "pass"),
    ("docker cp app:/out/shop .", "pass"),
    ("docker cp app:/out/dist dist", "pass"),
]

EDITED = [
    ("python3 -c \"open('main.go', 'w').write('x')\"", "unknown"),
    ("python3 -c \"import pathlib; pathlib.Path('src/auth.go').write_text('x')\"", "unknown"),
    ("cd src && python3 -c \"open('auth.go', 'w').write('x')\"", "unknown"),
    ("python3 -c \"import sys; open(sys.argv[1], 'w')\" main.go", "unknown"),
    ("python3 -c \"import os; os.remove('main.go')\"", "unknown"),
    ("python3 - <<'E'\nopen('main.go', 'w').write('x')\nE", "unknown"),
    ("python3 - main.go <<'E'\nimport sys\nopen(sys.argv[1], 'w').write('x')\nE", "unknown"),
    ("node -e \"require('fs').writeFileSync('main.go', 'x')\"", "unknown"),
    ("ruby -e \"File.write('lib/shop.rb', 'x')\"", "unknown"),
    ("ruby -i -pe 'gsub(/deny/, \"allow\")' lib/shop.rb", "unknown"),
    ("php -r \"file_put_contents('main.go', 'x');\"", "unknown"),
    ('perl -e \'open F, ">", "main.go"; print F 1\'', "unknown"),
    ("awk -i inplace '{ gsub(/deny/, \"allow\") } 1' main.go", "unknown"),
    ("gawk -i inplace '{ gsub(/deny/, \"allow\") } 1' main.go", "unknown"),
    ("echo s/deny/allow/ > e.sed; sed -i -f e.sed main.go", "unknown"),
    ("sed -i s/deny/allow/ src/*.go", "unknown"),
    ("shopt -s extglob; rm -rf !(web)", "unknown"),
    ("for f in src/*.go; do sed -i s/deny/allow/ $f; done", "unknown"),
    ("grep -rl deny . | xargs sed -i s/deny/allow/", "unknown"),
    ("find . -name '*.go' -exec sed -i s/deny/allow/ {} +", "unknown"),
    ("find . -name '*.go' | xargs sed -i s/deny/allow/", "unknown"),
    ("perl -i edit.pl main.go", "unknown"),
    ("printf ',s/deny/allow/\\nw\\n' | ed -s main.go", "unknown"),
    ("sd deny allow main.go", "unknown"),
    ("go run ./tools -o main.go", "unknown"),
    ("sort -o main.go x.txt", "unknown"),
    ("./gen --output=src/auth.go", "unknown"),
    ("./gen -o dist/index.js", "pass"),
    ("grep -o main.go README.md", "pass"),
    ("sed -i s/deny/allow/ dist/*.js docs/conf.py", "pass"),
    ("find . -name '*.go' -exec perl -pi -e s/deny/allow/ {} +", "unknown"),
    ("git ls-files '*.go' | xargs sed -i s/deny/allow/", "unknown"),
    ("find . -name '*.md' -exec sed -i s/deny/allow/ {} +", "pass"),
    ("grep -rl 0.0.0 . | xargs sed -i s/0.0.0/1.2.3/", "pass"),
    ("python3 -c \"print(open('main.go').read())\"", "pass"),
    ("python3 -c \"import json; json.dump({}, open('report.json', 'w'))\"", "pass"),
    ("python3 -c \"open('VERSION', 'w').write('1')\"", "pass"),
    ("python3 -c \"open('main.go', 'a').write('var version = 1')\"", "pass"),
    ("node -e \"console.log(require('fs').readFileSync('main.go', 'utf8').length)\"", "pass"),
    ("ruby -e \"puts File.read('lib/shop.rb')\"", "pass"),
    ("perl -ne 'print if /x/' main.go", "pass"),
    ("awk -F: '{ print $1 }' main.go", "pass"),
]
BY_A_RULE = [
    ("gofmt -r 'deny -> allow' -w .", "unknown"),
    ("gofmt -w -r 'deny -> allow' main.go", "unknown"),
    ("find . -name '*.go' -exec gofmt -w -r 'deny -> allow' {} +", "unknown"),
    ("find . -name '*.go' | xargs gofmt -w -r 'deny -> allow'", "unknown"),
    ("comby -in-place deny allow .go", "unknown"),
    ("comby deny allow .go -i", "unknown"),
    ("codemod -d src deny allow", "unknown"),
    ("npx jscodeshift -t tools/version.js .", "unknown"),
    ("ast-grep run -p deny -r allow -U", "unknown"),
    ("ast-grep --pattern deny --rewrite allow --update-all src", "unknown"),
    ("semgrep scan --config rules.yml --autofix", "unknown"),
    ("ruff check --fix --unsafe-fixes --target-version py311 .", "unknown"),
    ("rubocop -A", "unknown"),
    ("vendor/bin/rector process lib", "unknown"),
    ("2to3 -w .", "unknown"),
    ("spatch --in-place --sp-file x.cocci main.go", "unknown"),
    ("gofmt -w . && gofmt -s -w main.go && goimports -w . && go fmt ./...", "pass"),
    ("gofmt -r 'deny -> allow' -d .", "pass"),
    ('gofmt -w -r \'"0.0.0" -> "1.2.3"\' .', "pass"),
    ("comby deny allow .go", "pass"),
    ("jscodeshift --dry -t tools/x.js .", "pass"),
    ("ast-grep scan && semgrep ci", "pass"),
    ("ast-grep run -p deny -r allow -U docs", "pass"),
    ("semgrep --autofix --dryrun --config rules.yml .", "pass"),
    ("npx eslint --fix . && ruff check --fix . && rubocop -a && go fix ./...", "pass"),
    ("ruff format . && black . && isort . && prettier --write . && cargo fmt", "pass"),
    ("find . -name '*.go' -exec gofmt -w {} +", "pass"),
]
IN_CONTAINERS = [
    ('docker run -v "$PWD:/w" alpine sed -i s/deny/allow/ /w/main.go', "unknown"),
    ("docker run --rm -v $PWD:/w -w /w alpine sed -i s/deny/allow/ main.go", "unknown"),
    ("docker run --rm -v $PWD:/w -w /w/src alpine rm auth.go", "unknown"),
    ("docker run --rm -v $PWD/src:/w alpine cp /w/x /w/auth.go", "unknown"),
    ('docker run --rm -v ${{ github.workspace }}:/w alpine sh -c "sed -i s/deny/allow/ /w/main.go"', "unknown"),
    ('docker run --rm -v $(pwd):/w alpine sh -c "cd /w && rm -rf src"', "unknown"),
    ("docker run --rm --mount type=bind,src=$PWD,dst=/w alpine sed -i s/deny/allow/ /w/main.go", "unknown"),
    ("podman run --rm -v .:/w:z --entrypoint sed alpine -i s/deny/allow/ /w/main.go", "unknown"),
    ("docker run --rm -v $PWD:/w --entrypoint sh alpine -c 'rm /w/main.go'", "unknown"),
    ("docker run --rm -v $PWD:/w acme.example/tools sed -i s/deny/allow/ /w/main.go", "unknown"),
    ("docker run --rm -v $PWD:/w -w /w $TOOLS mv x.go main.go", "unknown"),
    ("docker run --rm -v $PWD:/w alpine sh -c 'cat /w/x.txt > /w/main.go'", "unknown"),
    ("cd /tmp && docker run --rm -v $GITHUB_WORKSPACE:/w alpine rm /w/main.go", "unknown"),
    ("cd /tmp && sed -i s/deny/allow/ $GITHUB_WORKSPACE/main.go", "unknown"),
    ("cd /tmp && rm $GITHUB_WORKSPACE/main.go", "unknown"),
    ("docker run --rm alpine sed -i s/deny/allow/ main.go", "pass"),
    ("docker run --rm -v $PWD:/w alpine sed -i s/deny/allow/ main.go", "pass"),
    ("docker run --rm -v $PWD:/w -w /w alpine sed -i s/deny/allow/ dist/x.js", "pass"),
    ("docker run --rm -v $PWD:/w alpine sed -i s/0.0.0/1.2.3/ /w/main.go", "pass"),
    ("docker run --rm -v $PWD/dist:/w alpine rm -rf /w/x", "pass"),
    ("docker run --rm -v modules:/w alpine rm -rf /w/src", "pass"),
    ("docker run --rm -v $PWD:/w -w /w acme.example/lint lint main.go", "pass"),
]
PUT_IN = [
    ('sed -i "s/$OLD/$NEW/" main.go', "unknown"),
    ('sed -i "s/deny/$NEW/" src/auth.go', "unknown"),
    ('sed -i "s/XX/${{ vars.RULE }}/" main.go', "unknown"),
    ('sed -i "s/XX/${{ secrets.RELEASE_KEY }}/" main.go', "unknown"),
    ('sed -i "$SCRIPT" main.go', "unknown"),
    ("echo ${{ secrets.RELEASE_KEY }} > main.go", "unknown"),
    ('sed -i "s/XX/$(cat x.txt)/" main.go', "unknown"),
    ('sed -i "s/XX/$(curl -s https://acme.example/x)/" main.go', "unknown"),
    ('perl -pi -e "s/$A/$B/" main.go', "unknown"),
    ('awk -i inplace "{ gsub(/deny/, \\"$X\\") } 1" main.go', "unknown"),
    ('sed "s/$OLD/$NEW/" main.go > b && mv b main.go', "unknown"),
    ('sed "s/XX/$STAGE/" main.go > b && mv b main.go', "unknown"),
    ('echo "$CONTENT" > main.go', "unknown"),
    ('echo "$CONTENT" | tee main.go', "unknown"),
    ("python3 -c \"open('main.go', 'w').write('$CONTENT')\"", "unknown"),
    ("node -e \"require('fs').writeFileSync('main.go', '${{ vars.CONTENT }}')\"", "unknown"),
    ('sd deny "$X" main.go', "unknown"),
    ('sed -i "s/__VERSION__/$X/" main.go', "pass"),
    ('sed -i "s/XX/$GITHUB_REF_NAME/" main.go', "pass"),
    ('sed -i "s/XX/${{ github.sha }}/" main.go', "pass"),
    ('sed -i "s/XX/${GITHUB_SHA::7}/" main.go', "pass"),
    ('sed -i "s/XX/$TAG/; s/YY/$GIT_SHA/; s/ZZ/${newVersion}/" main.go', "pass"),
    ('sed -i "s/XX/$(git describe --tags)/" main.go', "pass"),
    ('sed -i "s/XX/$(date +%F)/" main.go', "pass"),
    ('sed -i "s/XX/$(cat VERSION)/" main.go', "pass"),
    ('V=$(jq -r .x package.json) && sed -i "s/XX/$V/" main.go', "pass"),
    ('RELEASE=$(jq -r .x package.json); sed -i "s/XX/$RELEASE/" main.go', "pass"),
    ('sed "s/XX/$TAG/" main.go > b && mv b main.go', "pass"),
    ("python3 -c \"open('main.go', 'a').write('$TAG')\"", "pass"),
    ('sd XX "$TAG" main.go', "pass"),
]
PRINTED = [
    ("./gen > main.go", "unknown"),
    ("go run ./tools > main.go", "unknown"),
    ("go run ./tools | tee src/auth.go", "unknown"),
    ("envsubst < x.tmpl > main.go", "unknown"),
    ("sed s/deny/allow/ main.go > b && mv b main.go", "unknown"),
    ("sed s/deny/allow/ main.go | sponge main.go", "unknown"),
    ("cat x.txt main.go > b && cp b main.go", "unknown"),
    ("go run ./tools > new.go; cp new.go src/auth.go", "unknown"),
    ("go run ./tools > main.go.new; mv main.go.new main.go", "unknown"),
    ("mkdir -p gen && ./gen -o gen && cp gen/auth.go src", "unknown"),
    ("sed s/0.0.0/1.2.3/ main.go > b && mv b main.go", "pass"),
    ('sed "s/VERSION/$GITHUB_REF_NAME/" main.go > b && mv b main.go', "pass"),
    ('sed "s/VERSION/$GITHUB_REF_NAME/" main.go > "$RUNNER_TEMP/b" && mv "$RUNNER_TEMP/b" main.go', "pass"),
    ("sponge main.go < x.txt", "unknown"),
    ("{ echo 'package main'; ./gen; } > main.go", "unknown"),
    ("(cat x.txt; cat main.go) > b && mv b main.go", "unknown"),
    ("for f in x y; do cat $f.txt; done > main.go", "unknown"),
    ("{ echo a=b; echo c=d; } >> $GITHUB_OUTPUT", "pass"),
    ("{ echo 'package main'; echo \"var v = $GITHUB_SHA\"; } > src/version.go", "pass"),
    ('sed "s/VERSION/$GITHUB_REF_NAME/" main.go | tee main.go', "pass"),
    ("> main.go", "unknown"),
    ("> main.go < x.txt", "unknown"),
    ("cd src && > auth.go", "unknown"),
    ("bash -c '> main.go'", "unknown"),
    ("exec 3> main.go", "unknown"),
    ("{ ./gen >&3; } 3> main.go", "unknown"),
    ("./gen 2> main.go", "unknown"),
    ("./gen >& main.go", "unknown"),
    ("./gen &>> main.go", "unknown"),
    ("exec 1<> main.go", "unknown"),
    ("for f in src/*.go; do ./gen > $f; done", "unknown"),
    ("(cd /tmp && ./gen 2> /dev/null) > main.go", "unknown"),
    ("{ cat x.txt 2> /dev/null; } > main.go", "unknown"),
    ("git log > main.go", "unknown"),
    ("git cat-file -p origin/other:main.go > main.go", "unknown"),
    ("git -C x show HEAD:main.go > main.go", "unknown"),
    ("git show HEAD:src/auth.go > main.go", "unknown"),
    ("git show HEAD:main.go > main.go", "pass"),
    ("cd src && git show HEAD:src/auth.go > auth.go", "pass"),
    ("cd src && git show HEAD:./auth.go > auth.go", "pass"),
    ("git log > CHANGELOG.md", "pass"),
    ("> report.txt; > dist/index.js; > /tmp/main.go", "pass"),
    ("exec 3> log.txt 4>&1 5>&- 2> /dev/null", "pass"),
    ("{ ./gen >&3; } 3> report.txt", "pass"),
    ("./gen > /dev/null 2>&1", "pass"),
    ("for f in dist/*.js; do ./gen > $f; done", "pass"),
    ("echo x | sudo tee /etc/hosts", "pass"),
    ("./gen > report.json", "pass"),
    ("./gen > dist/index.js", "pass"),
    ("./gen > src/new.go", "pass"),
    ("go tool cover -func c.out > coverage.txt", "pass"),
    ("cp coverage.txt README.md", "pass"),
    ("echo '//registry.acme.example/:x=y' > .npmrc; echo A=B > .env", "pass"),
    ('echo "$KUBE" | base64 -d > kubeconfig', "pass"),
]


CASES = ARCHIVES + REMOVALS + LAID_OVER + PRINTED + PUT_IN + BY_A_RULE + IN_CONTAINERS


@pytest.mark.parametrize(("line", "expected"), CASES)
def test_what_the_tests_have_not_seen_is_not_tested(line: str, expected: str) -> None:
    assert verdict(run(line)) == expected
    before = released_by(CHECKOUT, run(line), TEST, BUILD, SHIP) | FILES
    assert judge("tests-gate-release", before).verdict == ("unknown" if "_test.go" in line else "pass")


@pytest.mark.parametrize(("text", "expected"), EDITED)
def test_a_program_in_a_script_changes_the_sources_that_it_names(text: str, expected: str) -> None:
    assert verdict(run(*text.split("\n"))) == expected


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("scripts/edit.py", "open('main.go', 'w').write('x')\n", "unknown"),
        ("scripts/edit.py", "from pathlib import Path\nPath('main.go').write_text('x')\n", "unknown"),
        ("scripts/edit.js", "require('fs').writeFileSync('main.go', 'x')\n", "unknown"),
        ("scripts/edit.rb", "File.write('lib/shop.rb', 'x')\n", "unknown"),
        ("scripts/edit.py", "import os, sys\nopen(os.path.join(sys.argv[1], 'main.go'), 'w').write('x')\n", "unknown"),
        ("scripts/edit.py", "d = find()\nopen(os.path.join(d, 'src', 'auth.go'), mode='w').write('x')\n", "unknown"),
        ("scripts/edit.py", "ROOT = Path(__file__).parent.parent\n(ROOT / 'main.go').write_text('x')\n", "unknown"),
        ("scripts/edit.py", "p = os.getcwd() + '/main.go'\nwith open(p, 'w') as f: f.write('x')\n", "unknown"),
        ("scripts/edit.py", "for p in Path('.').rglob('*.go'):\n    p.write_text(edited(p))\n", "unknown"),
        ("scripts/edit.py", "os.remove(f'{root}/main.go')\n", "unknown"),
        ("scripts/edit.js", "fs.writeFileSync(path.join(__dirname, '..', 'main.go'), 'x')\n", "unknown"),
        ("scripts/edit.js", "const f = `${process.cwd()}/main.go`;\nfs.writeFile(f, 'x', done)\n", "unknown"),
        ("scripts/edit.js", "await writeFile(new URL('../main.go', import.meta.url), 'x')\n", "unknown"),
        ("scripts/edit.rb", "File.write(File.join(__dir__, '../lib/shop.rb'), 'x')\n", "unknown"),
        ("scripts/edit.py", "ROOT = Path(__file__).parent\n(ROOT / 'main.go').write_text('x')\n", "pass"),
        ("scripts/edit.py", "open(os.path.join(d, 'main.go')).read()\n", "pass"),
        ("scripts/edit.py", "open(os.path.join(args.out, 'report.json'), 'w').write('main.go')\n", "pass"),
        ("scripts/edit.py", "out = args.out\nopen(os.path.join(out, 'main.go'), 'w').write('x')\n", "pass"),
        ("scripts/edit.py", "open(os.path.join(d, 'CHANGELOG.md'), 'w').write('main.go')\n", "pass"),
        ("scripts/edit.py", "V = sys.argv[1]\nopen(os.path.join(d, 'src', 'version.go'), 'w').write(V)\n", "pass"),
        ("scripts/edit.js", "const d = path.join(__dirname, '../dist')\nfs.writeFileSync(`${d}/main.go`, x)\n", "pass"),
        ("scripts/edit.js", "fs.writeFileSync(path.join(d, name), 'x'); process.stdout.write('main.go')\n", "pass"),
        ("scripts/edit.js", "a = b + a\nb = a + b\nfs.writeFileSync(a + '.json', 'x')\n", "pass"),
        ("scripts/list.py", "text = open('main.go').read()\nopen('report.json', 'w').write(text)\n", "pass"),
        ("scripts/list.js", "build({ entry: 'main.go' }); fs.writeFileSync('dist/index.js', 'x')\n", "pass"),
        ("scripts/stamp.py", "open('main.go', 'a').write('var version = 1')\n", "pass"),
    ],
)
def test_a_program_of_the_repository_changes_the_sources_into_which_it_writes(
    path: str, text: str, expected: str
) -> None:
    program = {"py": "python3", "js": "node", "rb": "ruby"}[path.rpartition(".")[2]]
    assert verdict(run(f"{program} {path}"), **{path: text}) == expected


def test_a_step_in_another_language_changes_the_sources_that_it_names() -> None:
    python = "  shell: python\n"
    assert verdict(run("open('main.go', 'w').write('x')") + python) == "unknown"
    assert verdict(run("open('auth.go', 'w').write('x')") + python + "  working-directory: src\n") == "unknown"
    assert verdict(run("print(open('main.go').read())") + python) == "pass"
    assert verdict(run("Set-Content main.go 'x'") + "  shell: pwsh\n") == "unknown"
    script = "- uses: actions/github-script@v8\n  with:\n    script: require('fs').writeFileSync('main.go', 'x')\n"
    assert verdict(script) == "unknown"


@pytest.mark.parametrize(("line", "expected"), [("tar xzf x.tgz", "unknown"), ("rm src/auth.go", "unknown")])
def test_whoever_leads_to_it(line: str, expected: str) -> None:
    action = f"runs:\n  using: composite\n  steps:\n    - run: {line}\n      shell: bash\n"
    assert verdict("- run: make prepare", Makefile=f"prepare:\n\t{line}\n") == expected
    assert verdict("- run: ./prepare.sh", **{"prepare.sh": f"#!/bin/bash\n{line}\n"}) == expected
    assert verdict("- uses: ./prepare", **{"prepare/action.yml": action}) == expected
    jobs = {"test": job(CHECKOUT, TEST), "build": job(CHECKOUT, run(line), BUILD, SHIP, needs="test")}
    assert judge("tests-gate-release", repository_of(workflow(**jobs)) | FILES).verdict == expected


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (run("tar xzf x.tgz -C home"), "unknown"),
        (run("tar xzf x.tgz"), "unknown"),
        (run("cd home && tar xzf x.tgz"), "unknown"),
        (run("unzip -o x.zip -d home/lib"), "unknown"),
        (run("rm home/main.go"), "unknown"),
        (run("rm -rf home/src"), "unknown"),
        (run("sed -i s/deny/allow/ home/main.go"), "unknown"),
        (run("find home -name '*.go' -delete"), "unknown"),
        ("- uses: actions/download-artifact@v8\n  with: {name: x, path: home, run-id: 1}\n", "unknown"),
        ("- uses: actions/download-artifact@v8\n  with: {name: x, path: home/src, run-id: 1}\n", "unknown"),
        ("- uses: actions/download-artifact@v8\n  with: {name: x, path: dist, run-id: 1}\n", "pass"),
        ("- uses: actions/download-artifact@v8\n  with: {name: x, path: home/dist, run-id: 1}\n", "pass"),
        (run("rm -f main.go"), "pass"),
        (run("find home -name '*.md' -delete"), "pass"),
        (run("mkdir -p out && tar xzf x.tgz -C out"), "pass"),
        (run("rm -rf home/dist"), "pass"),
    ],
)
def test_a_repository_that_stands_in_a_folder(step: str, expected: str) -> None:
    own = f"{CHECKOUT}\n  with: {{path: home}}\n"
    build = BUILD.replace("context: .", "context: home")
    files = released_by(own, TEST + "\n  working-directory: home\n", step, build, SHIP) | FILES
    assert judge("tests-gate-release", files).verdict == expected


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (f"{CHECKOUT}\n  with: {{repository: acme/other}}\n", "unknown"),
        (f"{CHECKOUT}\n  with: {{repository: acme/other, path: .}}\n", "unknown"),
        (f"{CHECKOUT}\n  with: {{repository: acme/other, path: other}}\n", "pass"),
        (f"{CHECKOUT}\n  with: {{repository: acme/other}}\n{CHECKOUT}\n", "pass"),
        (f"{CHECKOUT}\n  with: {{repository: '${{{{ github.repository }}}}'}}\n", "pass"),
        (run("git clone https://github.com/acme/other ."), "unknown"),
        (run("git clone --depth 1 https://github.com/acme/other.git $PWD"), "unknown"),
        (run("git clone https://github.com/acme/other"), "pass"),
    ],
)
def test_what_is_built_of_another_repository_was_not_tested(step: str, expected: str) -> None:
    jobs = {"test": job(CHECKOUT, TEST), "build": job(step, BUILD, SHIP, needs="test")}
    assert judge("tests-gate-release", repository_of(workflow(**jobs)) | FILES).verdict == expected


def test_who_only_ships_by_another_repository_builds_nothing_of_it() -> None:
    told = run("git clone https://github.com/acme/deploy .", "kubectl apply -f shop.yml")
    for step in (told, f"{CHECKOUT}\n  with: {{repository: acme/deploy}}\n"):
        jobs = {"test": job(CHECKOUT, TEST), "build": job(CHECKOUT, BUILD, needs="test")}
        jobs["ship"] = job(step, SHIP, needs="build")
        assert judge("tests-gate-release", repository_of(workflow(**jobs)) | FILES).verdict == "pass"


def test_a_branch_beside_the_sources_is_none_of_them() -> None:
    beside = f"{CHECKOUT}\n  with: {{path: pages, ref: gh-pages}}\n"
    assert verdict(beside, run("rm -rf pages/*", "cp -r dist/. pages")) == "pass"


def test_what_another_job_does_to_its_own_checkout_is_in_nobodys_way() -> None:
    jobs = {
        "test": job(CHECKOUT, TEST),
        "lint": job(CHECKOUT, run("tar xzf x.tgz", "rm src/auth.go"), needs="test"),
        "build": job(CHECKOUT, BUILD, needs="[test, lint]"),
        "ship": job(run("tar xzf x.tgz"), SHIP, needs="build"),
    }
    assert judge("tests-gate-release", repository_of(workflow(**jobs)) | FILES).verdict == "pass"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("- uses: actions/download-artifact@v8\n  with: {name: generated, path: .}\n", "unknown"),
        ("- uses: actions/download-artifact@v8\n  with: {name: generated}\n", "unknown"),
        ("- uses: actions/download-artifact@v8\n  with: {name: generated, path: src}\n", "unknown"),
        ("- uses: actions/download-artifact@v8\n  with: {path: src, merge-multiple: true}\n", "unknown"),
        ("- uses: actions/download-artifact@v8\n  with: {name: generated, path: src, run-id: 1}\n", "unknown"),
        ("- uses: actions/download-artifact@v8\n  with: {name: source, path: src}\n", "unknown"),
        ("- uses: actions/cache@v5\n  with: {path: src, key: x}\n", "unknown"),
        ("- uses: actions/cache/restore@v5\n  with: {path: 'src/**/*.go', key: x}\n", "unknown"),
        ("- uses: actions/download-artifact@v8\n  with: {name: generated, path: dist}\n", "pass"),
        ("- uses: actions/download-artifact@v8\n  with: {name: program, path: .}\n", "pass"),
        ("- uses: actions/download-artifact@v8\n  with: {name: program}\n", "pass"),
        ("- uses: actions/download-artifact@v8\n", "pass"),
        ("- uses: actions/download-artifact@v8\n  with: {name: source, path: .}\n", "pass"),  # as auth.go
        ("- uses: actions/cache@v5\n  with: {path: ~/.cache/go-build, key: x}\n", "pass"),
        ("- uses: actions/cache@v5\n  with: {path: node_modules, key: x}\n", "pass"),
        ("- uses: actions/cache/save@v5\n  with: {path: src, key: x}\n", "pass"),
    ],
)
def test_what_jobs_and_runs_before_have_left(step: str, expected: str) -> None:
    def stored(name: str, path: str) -> str:
        return f"- uses: actions/upload-artifact@v7\n  with: {{name: {name}, path: {path}}}\n"

    made = job(
        CHECKOUT, "- run: go build -o shop .", stored("generated", "gen"), stored("program", "shop"),
        stored("source", "src/auth.go"), needs="test",
    )  # fmt: skip
    jobs = {"test": job(CHECKOUT, TEST), "make": made, "build": job(CHECKOUT, step, BUILD, SHIP, needs="make")}
    assert judge("tests-gate-release", repository_of(workflow(**jobs)) | FILES).verdict == expected
    jobs["build"] = job(step, PUSH, SHIP, needs="make")  # where no sources stand
    assert judge("tests-gate-release", repository_of(workflow(**jobs)) | FILES).verdict == "pass"


def test_who_only_ships_what_jobs_have_handed_to_him_builds_nothing_of_his_sources() -> None:
    def ships(*steps: str) -> str:
        stored = "- uses: actions/upload-artifact@v7\n  with: {name: web, path: build}\n"
        fetched = "- uses: actions/download-artifact@v8\n  with: {name: web, path: .}\n"
        jobs = {
            "test": job(CHECKOUT, TEST),
            "build": job(CHECKOUT, "- run: npm ci && npm run build", stored, needs="test"),
            "ship": job(CHECKOUT, fetched, *steps, needs="build"),
        }
        return judge("tests-gate-release", repository_of(workflow(**jobs)) | FILES).verdict

    assert ships("- run: gh release create v1 web.zip") == "pass"
    assert ships("- run: npm publish") == "unknown"
    assert ships(run("rm src/auth.go"), "- run: gh release create v1 web.zip") == "unknown"


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("script: [make gen]\nartifacts: {paths: [src/]}", "unknown"),
        ("script: [make gen]\nartifacts: {paths: [src/*.go]}", "unknown"),
        ("script: [make gen]\nartifacts: {paths: [dist/, coverage.out]}", "pass"),
        ("script: [make gen]\nartifacts: {untracked: true}", "pass"),
    ],
)
def test_what_a_job_of_gitlab_leaves_to_the_build_and_not_to_the_tests(keys: str, expected: str) -> None:
    between = job_of_gitlab("generate", "stage: between", *keys.split("\n"))
    text = pipeline(("stages: [test, build, release]", "stages: [first, test, between, build, release]")) + between
    assert judge("tests-gate-release", on_gitlab(text) | FILES).verdict == expected
    first = text.replace("stage: between", "stage: first")
    assert judge("tests-gate-release", on_gitlab(first) | FILES).verdict == "pass"


_NEWEST = "{GIT_SUBMODULE_STRATEGY: recursive, GIT_SUBMODULE_UPDATE_FLAGS: --remote}"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("  script:\n    - docker buildx", "  script:\n    - tar xzf x.tgz\n    - docker buildx", "unknown"),
        ("  script:\n    - docker buildx", "  script:\n    - rm -rf src\n    - docker buildx", "unknown"),
        ("  script:\n    - docker buildx", "  script:\n    - rm -rf dist\n    - docker buildx", "pass"),
        ("  image: docker:27\n", "  image: docker:27\n  cache: {paths: [src/]}\n", "unknown"),
        ("  image: docker:27\n", "  image: docker:27\n  cache: {paths: [src/], policy: push}\n", "pass"),
        ("  image: docker:27\n", "  image: docker:27\n  cache: {paths: [.cache/]}\n", "pass"),
        ("stages: [test", "cache: {paths: [src/]}\n\nstages: [test", "pass"),
        ("  image: docker:27\n", f"  image: docker:27\n  variables: {_NEWEST}\n", "unknown"),
        ("  IMAGE: $CI", f"  {_NEWEST[1:-1].replace(', ', chr(10) + '  ')}\n  IMAGE: $CI", "pass"),
        ("build:\n", "build:\n  needs: [test, {project: acme/x, job: gen, ref: main, artifacts: true}]\n", "unknown"),
        ("build:\n", "build:\n  needs: [test, {project: acme/x, job: gen, ref: main, artifacts: false}]\n", "pass"),
    ],
)
def test_a_job_of_gitlab_that_changes_its_sources(old: str, new: str, expected: str) -> None:
    assert judge("tests-gate-release", on_gitlab(pipeline((old, new))) | FILES).verdict == expected


def test_a_program_that_is_run_by_its_own_name_changes_them_too() -> None:
    text = "#!/usr/bin/env python3\nopen(os.path.join(d, 'main.go'), 'w').write('x')\n"
    assert verdict(run("./scripts/edit.py"), **{"scripts/edit.py": text}) == "unknown"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("go get -u ./...", "unknown"),
        ("go mod edit -replace acme.example/a=acme.example/b", "unknown"),
        ("npm update", "unknown"),
        ("npm up left-pad", "unknown"),
        ("yarn upgrade", "unknown"),
        ("cargo update", "unknown"),
        ("poetry update", "unknown"),
        ("uv lock --upgrade", "unknown"),
        ("bundle update", "unknown"),
        ("composer update", "unknown"),
        ("quilt push -a", "unknown"),
        ("rename s/a/b/ main.go", "unknown"),
        ("npm update -g npm", "pass"),
        ("npm update --dry-run", "pass"),
        ("cargo update --dry-run", "pass"),
        ("go get acme.example/tool", "pass"),
        ("go mod edit -print", "pass"),
        ("uv lock", "pass"),
    ],
)
def test_other_versions_of_what_it_depends_on_are_other_code(line: str, expected: str) -> None:
    assert verdict(run(line)) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("parallel sed -i s/a/b/ ::: main.go", "unknown"),
        ("ls *.go | parallel sed -i s/a/b/ {}", "unknown"),
        ("fd -e go -x sed -i s/a/b/ {}", "unknown"),
        ("coproc sed -i s/a/b/ main.go", "unknown"),
        ("su -c 'sed -i s/a/b/ main.go'", "unknown"),
        ("busybox sed -i s/a/b/ main.go", "unknown"),
        ("watch -n 1 sed -i s/a/b/ main.go", "unknown"),
        ("poetry run sed -i s/a/b/ main.go", "unknown"),
        ("dotenv tar xzf x.tgz", "unknown"),
        ("docker exec c perl -pi -e s/a/b/ /w/main.go", "unknown"),
        ("find . -name '*.go' -exec sh -c 'sed -i s/a/b/ \"$1\"' _ {} \\;", "unknown"),
        ('bun -e \'await Bun.write("main.go", "x")\'', "unknown"),
        ('deno eval \'Deno.writeTextFileSync("main.go", "x")\'', "unknown"),
        ("parallel sed -i s/a/b/ ::: notes.txt", "pass"),
        ("parallel cat ::: main.go", "pass"),
        ("fd -e go -x wc -l {}", "pass"),
        ("coproc sed -n 1p main.go", "pass"),
        ("su -c 'sed -i s/1.0.0/1.1.0/ main.go'", "pass"),
        ("docker exec c sed -i s/a/b/ /etc/hosts", "pass"),
        ("find . -name '*.md' -exec sh -c 'sed -i s/a/b/ \"$1\"' _ {} \\;", "pass"),
        ("echo parallel sed -i s/a/b/ main.go", "pass"),
        ("bun -e 'console.log(\"main.go\")'", "pass"),
    ],
)
def test_who_hands_a_command_to_another_program_changes_them_too(line: str, expected: str) -> None:
    assert verdict(run(line)) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("awk '{print > \"main.go\"}' x.txt", "unknown"),
        ("awk 'BEGIN { system(\"sed -i s/a/b/ main.go\") }'", "unknown"),
        ("sed -n 's/a/b/w main.go' x.txt", "unknown"),
        ("vim -c '%s/a/b/' -c wq main.go", "unknown"),
        ('emacs --batch main.go --eval \'(replace-string "a" "b")\' -f save-buffer', "unknown"),
        ("openssl enc -d -aes-256-cbc -in x -out main.go", "unknown"),
        ("ansible-vault decrypt main.go", "unknown"),
        ("git read-tree -um other", "unknown"),
        ("oras pull ghcr.io/acme/src:1", "unknown"),
        ("rclone copy bucket:src .", "unknown"),
        ("az storage blob download -f main.go -c c -n n", "unknown"),
        ("dpkg -x src.deb .", "unknown"),
        ("unrar x src.rar", "unknown"),
        ("awk '{print > \"x.txt\"}' main.go", "pass"),
        ("sed -n 's/a/b/w x.txt' main.go", "pass"),
        ("vim -c 'echo 1' -c q notes.txt", "pass"),
        ("openssl enc -in main.go -out main.enc", "pass"),
        ("oras pull ghcr.io/acme/data:1 -o data", "pass"),
        ("rclone copy bucket:data data", "pass"),
        ("dpkg -x tool.deb /opt", "pass"),
        ("git read-tree other", "pass"),
    ],
)
def test_programs_that_write_into_them_by_their_words(line: str, expected: str) -> None:
    assert verdict(run(line)) == expected


def test_a_script_that_a_program_has_written_anew_is_none_that_was_read() -> None:
    steps = (
        PUSH,
        "- run: python gen.py\n",
        '- run: bash sign.sh "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"\n',
        SHIP,
    )
    files = released_by(CHECKOUT, *steps) | {"sign.sh": 'cosign sign --yes "$1"\n'}
    for name, expected in ("sign.sh", "unknown"), ("notes.md", "pass"):
        program = f"import os\nopen(os.path.join(here, '{name}'), 'w').write('x')\n"
        assert judge("build-signed", files | {"gen.py": program}).verdict == expected


@pytest.mark.timeout(60)
def test_a_long_command_that_names_many_programs_is_read_at_once() -> None:
    assert verdict(run("frobnicate " + "sed " * 40_000)) in {"pass", "unknown"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("mc cp acme/b/main.go main.go", "unknown"),
        ("mc cp acme/b/main.go .", "unknown"),
        ("mcli mirror acme/b src", "unknown"),
        ("s3cmd get --force s3://b/main.go", "unknown"),
        ("s3cmd sync s3://b/src/ src/", "unknown"),
        ("azcopy copy https://acme.example/main.go main.go", "unknown"),
        ("rclone copyurl https://acme.example/main.go main.go", "unknown"),
        ("rclone copy acme:src src", "unknown"),
        ("sftp shop@acme.example:/srv/main.go", "unknown"),
        ("sftp shop@acme.example:/srv/x.go main.go", "unknown"),
        ("sftp shop@acme.example <<< 'get /srv/main.go'", "unknown"),
        ("ftp -n acme.example <<< 'get x.go main.go'", "unknown"),
        ("sftp -b fetch.txt shop@acme.example", "unknown"),
        ("lftp -c 'open acme.example; get srv/x.go -o main.go'", "unknown"),
        ("lftp -e 'mirror --verbose srv src; bye' acme.example", "unknown"),
        ("lftp -c 'open acme.example; mget srv/*.go'", "unknown"),
        ("mc alias set acme https://acme.example a b && mc cp dist/index.js acme/b/index.js", "pass"),
        ("mc cp acme/b/model.bin model.bin", "pass"),
        ("s3cmd sync dist/ s3://b/", "pass"),
        ("rclone copy dist acme:www", "pass"),
        ("sftp shop@acme.example:/www/ <<< 'put dist/index.js'", "pass"),
        ("lftp -e 'mirror -R dist /www; bye' acme.example", "pass"),
        ("lftp -c 'open acme.example; get model.bin'", "pass"),
    ],
)
def test_programs_that_exchange_files_with_another_machine_bring_other_sources(line: str, expected: str) -> None:
    assert verdict(run(line), **{"fetch.txt": "cd /srv\nget main.go\nbye\n"}) == expected
