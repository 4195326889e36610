"""How outsiders' text and files become commands, and which ways to use them are safe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from releasing import job, repository_of, workflow
from trees import judge

if TYPE_CHECKING:
    from goldenpath.checks import Outcome

AFTER = "{workflow_run: {workflows: [ci], types: [completed]}}"
FETCH = """
- uses: actions/download-artifact@v5
  with: {name: pr, path: pr, run-id: "${{ github.event.workflow_run.id }}", github-token: "${{ github.token }}"}
"""
INTO_THE_TREE = FETCH.replace("path: pr, ", "")
COMMENT = "- run: gh pr comment 1 --body thanks"
BODY = "env: {BODY: '${{ github.event.issue.body }}', TITLE: '${{ github.event.issue.title }}'}"


def outcome(*steps: str, on: str = "issues", permissions: str = "{issues: write}", **others: str) -> Outcome:
    text = workflow(on, build=job(*steps, permissions=permissions))
    return judge("ci-least-privilege", repository_of(text, **others))


def verdict(*steps: str, on: str = "issues", permissions: str = "{issues: write}", **others: str) -> str:
    return outcome(*steps, "- run: gh issue edit 1 --add-label seen", on=on, permissions=permissions, **others).verdict


def after(*steps: str, **others: str) -> str:
    """The verdict on a run that comes after one that anybody can cause."""
    return outcome(*steps, COMMENT, on=AFTER, permissions="{pull-requests: write}", **others).verdict


# --- files that another run has stored


@pytest.mark.parametrize(
    "steps",
    [
        (FETCH, "- run: ./pr/deploy.sh"),
        (FETCH, "- run: bash pr/deploy.sh"),
        (FETCH, "- run: python3 pr/report.py"),
        (FETCH, "- run: . pr/settings"),
        (FETCH, "- run: cd pr && npm ci"),
        (FETCH, "- run: make site\n  working-directory: pr/site"),
        (INTO_THE_TREE, "- run: make deploy"),
        (INTO_THE_TREE, "- run: ./scripts/comment.sh"),
        ("- uses: dawidd6/action-download-artifact@v11\n  with: {run_id: 7, path: pr}", "- run: sh pr/run"),
        ("- run: gh run download ${{ github.event.workflow_run.id }} --dir pr", "- run: node pr/index.js"),
        ("- run: |\n    gh api artifacts/1/zip > pr.zip\n    unzip pr.zip -d pr", "- run: pr/run"),
    ],
)
def test_running_what_outsiders_have_stored_gives_them_the_token(steps: tuple[str, ...]) -> None:
    assert after(*steps) == "fail"


@pytest.mark.parametrize(
    "steps",
    [
        (FETCH, '- run: gh pr comment "$(cat pr/number)" --body-file pr/body.md'),
        (FETCH, "- run: bash hack/report.sh pr/results.json"),
        (FETCH, "- run: make report"),
        (INTO_THE_TREE, "- run: docker load --input image.tar"),
        (INTO_THE_TREE, "- run: npm --version"),
        (FETCH.replace("${{ github.event.workflow_run.id }}", ""), "- run: bash pr/deploy.sh"),
        (
            "- run: curl -sSLo tool.zip https://example.com/tool.zip\n",
            "- run: |\n    curl -O x\n    unzip x.zip -d t\n    t/run",
        ),
    ],
)
def test_reading_it_does_not(steps: tuple[str, ...]) -> None:
    assert after(*steps) != "fail"


def test_without_rights_there_is_nothing_to_get() -> None:
    assert outcome(FETCH, "- run: ./pr/test.sh", on=AFTER, permissions="{contents: read}").verdict == "pass"


@pytest.mark.parametrize(
    ("triggers", "expected"),
    [("push", "pass"), ("{push: null, schedule: [{cron: '0 0 * * *'}]}", "pass"), ("[push, pull_request]", "fail")],
)
def test_who_can_cause_the_run_before(triggers: str, expected: str) -> None:
    before = workflow(triggers, test=job("- run: 'true'", permissions="{}")).replace("name: release", "name: ci")
    steps = (FETCH, "- run: bash pr/deploy.sh", COMMENT)
    text = workflow(AFTER, build=job(*steps, permissions="{pull-requests: write}"))
    others = {".github/workflows/ci.yml": before}
    found = judge("ci-least-privilege", repository_of(text, **others))
    assert ("outsiders" in found.summary) == (expected == "fail")


def test_only_after_a_push_it_is_the_repositorys_own() -> None:
    guarded = "- run: bash pr/deploy.sh\n  if: github.event.workflow_run.event == 'push'"
    assert after(FETCH, guarded) != "fail"


# --- their text


@pytest.mark.parametrize(
    "script",
    [
        'echo "number=$(cat pr/number)" >> "$GITHUB_OUTPUT"',
        'number=$(<pr/number)\n    echo "number=$number" >> "$GITHUB_OUTPUT"',
        'read -r number < pr/number\n    echo "number=$number" >> "$GITHUB_OUTPUT"',
        'echo "number=$(jq -r .number pr/event.json)" >> "$GITHUB_OUTPUT"',
        'echo "number=$(cat pr/number | head -1)" >> "$GITHUB_OUTPUT"',
        'n=$(cat pr/number)\n    [[ $n =~ [0-9]+ ]] && echo "number=$n" >> "$GITHUB_OUTPUT"',
    ],
)
def test_what_is_read_from_their_files_is_no_script(script: str) -> None:
    read = f"- id: pr\n  run: |\n    {script}"
    assert after(FETCH, read, "- run: gh pr edit ${{ steps.pr.outputs.number }}") == "fail"
    quoted = "- run: gh pr edit \"$NUMBER\"\n  env: {NUMBER: '${{ steps.pr.outputs.number }}'}"
    assert after(FETCH, read, quoted) == "pass"


@pytest.mark.parametrize(
    "script",
    [
        "cat pr/outputs >> $GITHUB_OUTPUT",
        'echo "body<<EOF" >> $GITHUB_OUTPUT\n    cat pr/body >> $GITHUB_OUTPUT\n    echo EOF >> $GITHUB_OUTPUT',
        '{\n      echo "body<<EOF"\n      cat pr/body\n      echo EOF\n    } >> "$GITHUB_OUTPUT"',
    ],
)
def test_a_file_of_theirs_is_passed_on_as_outputs(script: str) -> None:
    read = f"- id: pr\n  run: |\n    {script}"
    assert after(FETCH, read, '- run: gh pr comment 1 --body "${{ steps.pr.outputs.body }}"') == "fail"
    quoted = "- run: gh pr comment 1 --body \"$BODY\"\n  env: {BODY: '${{ steps.pr.outputs.body }}'}"
    assert after(FETCH, read, quoted) == "pass"
    assert after(FETCH, read.replace("cat pr/", "cat hack/"), quoted.replace('"$BODY"', "$BODY")) == "pass"


@pytest.mark.parametrize(
    "check",
    [
        "[[ $n =~ ^[0-9]+$ ]] || exit 1\n   ",
        "if [[ ! $n =~ ^[0-9]+$ ]]; then exit 1; fi\n   ",
        "[[ $n =~ ^[0-9]+$ ]] &&",
    ],
)
def test_a_number_that_was_held_against_a_pattern_is_one(check: str) -> None:
    read = f'- id: pr\n  run: |\n    n=$(cat pr/number)\n    {check} echo "number=$n" >> $GITHUB_OUTPUT'
    assert after(FETCH, read, "- run: gh pr edit ${{ steps.pr.outputs.number }}") == "pass"


@pytest.mark.parametrize(
    "script",
    [
        'eval "$TITLE"',
        'bash -c "echo $TITLE"',
        'echo "$BODY" | bash',
        "python -c \"print('$TITLE')\"",
        'ssh deploy@example.com "echo $TITLE"',
        'docker run --rm alpine sh -c "echo $TITLE"',
        "echo \"$TITLE\" | xargs -I{} sh -c 'echo {}'",
        'awk "/$TITLE/ {print}" CHANGELOG.md',
        'sed "s/TITLE/$TITLE/" README.md',
        'sed -i -e "s|a|b|" -e "1e echo $TITLE" README.md',
        "echo \"$BODY\" | sed 's/^/echo /e'",
        "echo \"$BODY\" | sed 's|a\\|b|echo |ge'",
        "sed -n '1e' <<< \"$BODY\"",
        "$TITLE",
        'echo "BODY=$BODY" >> $GITHUB_ENV',
        'echo "BODY<<EOF" >> $GITHUB_ENV\n    echo "$BODY" >> $GITHUB_ENV\n    echo EOF >> $GITHUB_ENV',
        '{ echo "BODY<<EOF"; echo "$BODY"; echo EOF; } >> "$GITHUB_ENV"',
        'echo "$BODY" >> $GITHUB_PATH',
    ],
)
def test_text_that_a_script_runs_or_names_variables_with(script: str) -> None:
    assert verdict(f"- run: |\n    {script}\n  {BODY}") == "fail"


def test_a_program_for_sed_that_does_not_end_is_read_at_once() -> None:
    scripts = ("echo a | sed 's/a/b/'", "echo a | sed 's/" + "\\" * 2_000 + "'")
    simple, endless = (verdict(f"- run: |\n    {script}\n  {BODY}") for script in scripts)
    assert simple == endless


@pytest.mark.parametrize(
    "script",
    [
        'echo "TITLE=$TITLE" >> $GITHUB_ENV',
        'echo "body=$BODY" >> $GITHUB_OUTPUT',
        'echo "BODY=$(head -1 <<< "$BODY")" >> $GITHUB_ENV',
        'D=$(openssl rand -hex 16)\n    { echo "BODY<<$D"; echo "$BODY"; echo "$D"; } >> $GITHUB_ENV',
        'bash -c \'echo "$1"\' _ "$TITLE"',
        'docker run --rm alpine sh -c \'echo "$1"\' _ "$TITLE"',
        'echo "$TITLE" | xargs -I{} echo {}',
        "awk -v title=\"$TITLE\" '{print title}' CHANGELOG.md",
        "echo \"$BODY\" | sed 's/e;/x/;s/a/e/'",
        "echo \"$BODY\" | sed -n '/e/p'",
        'sed --sandbox "s/TITLE/$TITLE/" README.md',
        "TITLE=$(printf '%s' \"$TITLE\" | sed 's/[&/\\]/_/g')\n    sed \"s/TITLE/$TITLE/\" README.md",
        'sed "s/TITLE/${TITLE//[^a-z]/}/" README.md',
        'echo "$BODY" | python3 hack/label.py',
        'grep -c bug <<< "$BODY"',
    ],
)
def test_text_that_stays_text(script: str) -> None:
    assert verdict(f"- run: |\n    {script}\n  {BODY}") != "fail"


@pytest.mark.parametrize("shell", ["python", "pwsh", "node {0}", "bash"])
def test_a_script_in_any_language_is_put_together_the_same(shell: str) -> None:
    assert verdict(f"- shell: {shell}\n  run: print('${{{{ github.event.issue.title }}}}')") == "fail"


@pytest.mark.parametrize("uses", ["appleboy/ssh-action@v1", "azure/powershell@v2", "acme/run@v1"])
def test_an_action_is_handed_a_script_whatever_is_known_of_it(uses: str) -> None:
    name = "inlineScript" if uses.startswith("azure") else "script"
    assert verdict(f"- uses: {uses}\n  with: {{{name}: 'echo ${{{{ github.event.issue.title }}}}'}}") == "fail"
    assert verdict(f"- uses: {uses}\n  with: {{{name}: 'echo ${{{{ github.event.issue.number }}}}'}}") != "fail"


def test_an_action_that_is_handed_a_script_runs_it() -> None:
    uses = "- uses: acme/ssh-action@v1\n  with: {%s: 'echo ${{ github.event.issue.title }}'}"
    assert verdict(uses % "script") == "fail"
    assert verdict(uses % "message") != "fail"


@pytest.mark.parametrize(
    ("uses", "name", "expected"),
    [
        ("cloudflare/wrangler-action@v3", "preCommands", "fail"),
        ("azure/cli@v2", "inlineScript", "fail"),
        ("nick-fields/retry@v3", "command", "fail"),
        ("amondnet/vercel-action@v42", "vercel-args", "pass"),  # it starts its program without a shell
    ],
)
def test_actions_that_deploy_are_handed_commands(uses: str, name: str, expected: str) -> None:
    step = f"- uses: {uses}\n  with: {{{name}: 'echo ${{{{ github.event.issue.title }}}}'}}"
    assert verdict(step) == expected


@pytest.mark.parametrize(
    ("entrypoint", "args", "expected"),
    [
        ("''", "sh -c \"echo '{}'\"", "fail"),
        ("/bin/sh", "-c \"echo '{}'\"", "fail"),
        ("'{}'", "--help", "fail"),
        ("/action", '--title "{}"', "pass"),
        ("/bin/sh", "-c make", "pass"),
    ],
)
def test_an_image_is_told_what_to_run(entrypoint: str, args: str, expected: str) -> None:
    step = f"- uses: docker://alpine:3.22\n  with:\n    entrypoint: {entrypoint}\n    args: {args}"
    assert verdict(step.replace("{}", "${{ github.event.issue.title }}")) == expected
    assert verdict(step.replace("{}", "${{ github.event.issue.number }}")) == "pass"


@pytest.mark.parametrize(
    ("command", "recipe", "expected"),
    [
        ('make deploy TITLE="$TITLE"', 'echo "$(TITLE)"', "fail"),
        ("make deploy", "echo '$(TITLE)'", "fail"),
        ('make deploy OF="$TITLE"', "@./deploy $(OF)", "fail"),
        ('make deploy TITLE="$TITLE"', 'echo "$$TITLE"', "pass"),
        ('make deploy TITLE="$TITLE"', "echo deployed", "pass"),
        ('make deploy TITLE="$TITLE" OF=me', "echo $(OF)", "pass"),
    ],
)
def test_make_puts_variables_into_its_recipes(command: str, recipe: str, expected: str) -> None:
    steps = ("- uses: actions/checkout@v5", f"- run: {command}\n  {BODY}")
    assert verdict(*steps, Makefile=f"deploy:\n\t{recipe}\n") == expected


def test_npm_quotes_what_it_hands_on() -> None:
    steps = ("- uses: actions/checkout@v5", f'- run: npm run label -- "$TITLE"\n  {BODY}')
    assert verdict(*steps, **{"package.json": '{"scripts": {"label": "echo label"}}\n'}) == "pass"


def test_names_of_wiki_pages_are_text_of_outsiders() -> None:
    step = "- run: echo ${{ github.event.pages[0].page_name }}"
    assert outcome(step, on="gollum", permissions="{contents: read}").verdict == "fail"


def test_the_report_names_the_line_and_the_text() -> None:
    found = outcome(f'- run: |\n    true\n    echo "BODY=$BODY" >> $GITHUB_ENV\n  {BODY}')
    assert "writes `github.event.issue.body`, which outsiders write, to $GITHUB_ENV" in found.summary
    assert found.evidence[0].line == 10


EVENT = "$GITHUB_EVENT_PATH"


@pytest.mark.parametrize(
    "command",
    [
        f'jq -r .issue.title "{EVENT}"',
        "jq -r .issue.body ${{ github.event_path }}",
        f"jq -r .comment.body < {EVENT}",
        f"cat {EVENT} | jq -r '.pull_request.head.ref'",
        f"jq --raw-output '.issue | .title' {EVENT}",
        f'jq -r \'.issue["title"] // "none"\' {EVENT}',
        f"jq -r '.commits[].message' {EVENT}",
        f"jq -r '.commits[0].author.name' {EVENT}",
        f"jq -r '.issue.title | ascii_downcase' {EVENT}",
        f"jq -c .issue {EVENT}",
        f"jq -c . {EVENT}",
        f"yq -r .issue.title {EVENT}",
        f"cat {EVENT}",
        f"head -c 500 {EVENT}",
        f"jq -r .issue.title {EVENT} | head -1",
        f"jq -r .issue.title {EVENT} | cut -c1-50 | sed s/x/y/",
        "gh issue view 7 --json title -q .title | head -1",
        "python3 -c \"import json, os; print(json.load(open(os.environ['GITHUB_EVENT_PATH']))['issue']['title'])\"",
        'node -p "require(process.env.GITHUB_EVENT_PATH).issue.title"',
        'ruby -rjson -e \'puts JSON.parse(File.read(ENV["GITHUB_EVENT_PATH"])).dig("issue")["title"]\'',
        "gh pr view $N --json title --jq .title",
        "gh pr view $N --json headRefName -q .headRefName",
        "gh issue view $N --json body -q .body",
        'gh api "repos/$GITHUB_REPOSITORY/pulls/$N" --jq .title',
        "gh api repos/acme/shop/issues/7 -q '.body'",
    ],
)
def test_what_a_script_reads_of_the_event_is_no_script(command: str) -> None:
    read = f'- id: of\n  run: |\n    text=$({command})\n    echo "text=$text" >> $GITHUB_OUTPUT'
    assert verdict(read, "- run: echo ${{ steps.of.outputs.text }}") == "fail"
    assert verdict(read, "- run: echo \"$TEXT\"\n  env: {TEXT: '${{ steps.of.outputs.text }}'}") != "fail"


@pytest.mark.parametrize(
    "command",
    [
        f"jq -r .issue.number {EVENT}",
        f"jq -r .issue.user.id {EVENT}",
        f"jq -r .action {EVENT}",
        f"jq -r .issue.number < {EVENT}",
        f"cat {EVENT} | jq -r .issue.number | head -1",
        f"jq -r '.issue.title | test(\"bug\")' {EVENT}",
        f"jq -r '.issue.body | length' {EVENT}",
        f"jq -r '.issue.title | @sh' {EVENT}",
        f"jq -r .pull_request.head.sha {EVENT}",
        "jq -r .issue.title other.json",
        "python3 -c \"import json, os; print(json.load(open(os.environ['GITHUB_EVENT_PATH']))['number'])\"",
        "gh pr view $N --json number --jq .number",
        "gh pr view $N --json mergeable -q .mergeable",
        "gh api repos/acme/shop/releases/latest --jq .body",
    ],
)
def test_numbers_of_the_event_are_not_written_by_outsiders(command: str) -> None:
    read = f'- id: of\n  run: |\n    echo "text=$({command})" >> $GITHUB_OUTPUT'
    assert verdict(read, "- run: echo ${{ steps.of.outputs.text }}") != "fail"


def test_the_event_in_the_environment() -> None:
    body = '- run: |\n    echo "BODY=$(jq -r .issue.%s $GITHUB_EVENT_PATH)" >> $GITHUB_ENV'
    assert [verdict(body % each) for each in ("body", "number")] == ["fail", "pass"]
    assert verdict(body % "title", "- run: echo ${{ env.BODY }}") == "fail"
    assert verdict(body % "title", '- run: echo "$BODY"') == "pass"
    assert verdict('- run: eval "$(jq -r .comment.body $GITHUB_EVENT_PATH)"') == "fail"
    assert verdict("- run: jq -r .comment.body $GITHUB_EVENT_PATH | bash") == "fail"


@pytest.mark.parametrize(
    ("script", "output", "expected"),
    [
        ("core.setOutput('text', context.payload.issue.title)", "text", "fail"),
        ("core.setOutput(`text`, context.payload.pull_request?.head.ref);", "text", "fail"),
        ("const title = context.payload.issue.title; core.setOutput('text', title)", "text", "fail"),
        ("return context.payload.comment.body", "result", "fail"),
        ("return context.payload.comment.body", "text", "pass"),
        ("return context.payload.comment.body.length", "result", "pass"),
        ("return context.payload.comment.body.includes('bug')", "result", "pass"),
        ("core.setOutput('text', context.payload.issue.number)", "text", "pass"),
        ("core.setOutput('text', context.payload.issue.title === 'x')", "text", "pass"),
    ],
)
def test_what_a_script_of_an_action_says_of_the_event(script: str, output: str, expected: str) -> None:
    read = f'- id: of\n  uses: actions/github-script@v7\n  with: {{script: "{script}"}}'
    assert verdict(read, f"- run: echo ${{{{ steps.of.outputs.{output} }}}}") == expected


# --- recipes of tools that fill in what they are told


JUST = "justfile"
TASK = "Taskfile.yml"


@pytest.mark.parametrize(
    ("line", "path", "text", "expected"),
    [
        ('just note "$TITLE"', JUST, 'note title:\n    echo "{{title}}"\n', "fail"),
        ('just note "$TITLE"', JUST, "note *all:\n    echo {{all}}\n", "fail"),
        ('just title="$TITLE" note', JUST, 'title := "none"\nnote:\n    echo "{{title}}"\n', "fail"),
        ("just note", JUST, 'note:\n    echo "{{env("TITLE")}}"\n', "fail"),
        ("just note", JUST, "title := env_var('TITLE')\nnote:\n    echo {{title}}\n", "fail"),
        ('just note "$TITLE"', JUST, "note title:\n    echo {{quote(title)}}\n", "pass"),
        ('just note "$TITLE"', JUST, 'note $title:\n    echo "$title"\n', "pass"),
        ("just note", JUST, 'note:\n    echo "$TITLE"\n', "pass"),
        ('task note TITLE="$TITLE"', TASK, "tasks: {note: {cmds: ['echo \"{{.TITLE}}\"']}}\n", "fail"),
        ("task note", TASK, "tasks: {note: {cmds: ['echo \"{{.TITLE}}\"']}}\n", "fail"),
        ('task note -- "$TITLE"', TASK, "tasks: {note: {cmds: ['echo {{.CLI_ARGS}}']}}\n", "fail"),
        ('task note TITLE="$TITLE"', TASK, "tasks: {note: {cmds: ['echo {{shellQuote .TITLE}}']}}\n", "pass"),
        ("task note", TASK, "tasks: {note: {cmds: ['echo \"$TITLE\"']}}\n", "pass"),
        ("task note TITLE=none", TASK, "tasks: {note: {cmds: ['echo \"{{.TITLE}}\"']}}\n", "pass"),
        ("mise run note", "mise.toml", "[tasks.note]\nrun = 'echo \"{{env.TITLE}}\"'\n", "fail"),
        ('mise run note "$TITLE"', "mise.toml", "[tasks.note]\nrun = 'echo'\n", "pass"),
    ],
)
def test_text_is_filled_into_recipes(line: str, path: str, text: str, expected: str) -> None:
    assert verdict(f"- {BODY}\n  run: |\n    {line}\n", **{path: text}) == expected
