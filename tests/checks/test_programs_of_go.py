"""`go run`: programs of the repository are read for what they speak of, those of other modules are known by name."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, released_by
from trees import judge

MODULE = "module acme.example/shop\n\ngo 1.26\n"
NOTES = 'package main\n\nimport "fmt"\n\nfunc main() { all := make([]string, 1); fmt.Println(all) }\n'


def run(command: str, files: dict[str, str] | None = None, *, signed: bool = False) -> str:
    """The verdict on a signature, where a command runs between the build and the release."""
    step = f"- run: {command}\n  env: {{TOKEN: '${{{{ secrets.TOKEN }}}}'}}\n"
    tree = released_by(PUSH, *([SIGN] if signed else []), step, SHIP)
    return judge("build-signed", tree | (files or {})).verdict


PROGRAMS = {
    "it speaks of nothing": ({"cmd/notes/main.go": NOTES}, "fail"),
    "it reads what another program is made of": (
        {"cmd/notes/main.go": NOTES.replace("string, 1", 'string, len("site/config.ts")')},
        "fail",
    ),
    "a part of it signs": (
        {
            "cmd/notes/main.go": NOTES.replace('"fmt"', '"acme.example/shop/internal/tell"'),
            "internal/tell/tell.go": 'package tell\n\nimport "crypto/ecdsa"\n\n// Tell signs what it is told.\n',
        },
        "unknown",
    ),
    "it imports what signs": (
        {"cmd/notes/main.go": NOTES.replace('"fmt"', '"github.com/sigstore/cosign/v3/cmd"')},
        "unknown",
    ),
    "a part of it is not here": (
        {"cmd/notes/main.go": NOTES.replace('"fmt"', '"acme.example/shop/gen"')},
        "unknown",
    ),
    "it asks git": (
        {"cmd/notes/main.go": f'{NOTES}import "os/exec"\n\nvar c = exec.Command("git", "log")\n'},
        "fail",
    ),
    "it pushes to git": (
        {"cmd/notes/main.go": f'{NOTES}import "os/exec"\n\nvar c = exec.Command("git", "push")\n'},
        "unknown",
    ),
    "it asks git for who knows what": (
        {"cmd/notes/main.go": f'{NOTES}import "os/exec"\n\nvar c = exec.Command("git", os.Args[1])\n'},
        "unknown",
    ),
    "it runs who knows what": (
        {"cmd/notes/main.go": f'{NOTES}import "os/exec"\n\nvar c = exec.Command(os.Args[1])\n'},
        "unknown",
    ),
    "it runs a program by another name": (
        {"cmd/notes/main.go": f'{NOTES}import "os/exec"\n\nvar start = exec.Command\n'},
        "unknown",
    ),
    "its tests speak of signing": ({"cmd/notes/main.go": NOTES, "cmd/notes/main_test.go": "// sign"}, "fail"),
    "it is not there": ({}, "unknown"),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_does_not_do_what_neither_it_nor_its_parts_speak_of(name: str) -> None:
    files, expected = PROGRAMS[name]
    assert run("go run ./cmd/notes --brief > notes.md", {"go.mod": MODULE, **files}) == expected


def test_a_program_that_the_job_has_rewritten_is_not_the_repositorys() -> None:
    files = {"go.mod": MODULE, "cmd/notes/main.go": NOTES}
    assert run('"echo x > cmd/notes/more.go; go run ./cmd/notes"', files) == "unknown"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("go run sigs.k8s.io/controller-tools/cmd/controller-gen@v0.17.0 crd paths=./...", "pass"),
        ("go run golang.org/x/tools/cmd/stringer -type=Kind", "pass"),
        ("go run acme.example/everything@latest", "unknown"),
        ("go run acme.example/cosign@latest sign x", "unknown"),
    ],
)
def test_a_program_of_another_module_is_known_by_its_name(command: str, expected: str) -> None:
    assert run(command, signed=True) == expected


def test_what_signs_is_known_by_where_it_is_released() -> None:
    """Which the go.mod of the repository may fix the version of."""
    image = "ghcr.io/acme/shop@${{ steps.push.outputs.digest }}"
    assert run(f"go run github.com/sigstore/cosign/v3/cmd/cosign@v3.0.4 sign --yes {image}") == "pass"
    assert run(f"go run acme.example/cosign@v3.0.4 sign --yes {image}") == "unknown"


WRITES = (
    'package main\n\nimport (\n\t"os"\n\t{0}\n)\n\n// It verifies, attests, signs and tests.\nfunc main() {{ {1} }}\n'
)


@pytest.mark.parametrize(
    ("imported", "body", "expected"),
    [
        ("", "", "fail"),
        ('"gopkg.in/yaml.v3"', "yaml.Unmarshal(nil, nil)", "fail"),
        ('"acme.example/shop/internal/tell"', "tell.Tell()", "fail"),
        ('"net/http"', 'http.Get("https://acme.example")', "fail"),
        ('"net/http"', 'http.NewRequest(http.MethodGet, "https://acme.example", nil)', "fail"),
        ('"net/http"', 'http.NewRequest(method, "https://acme.example", nil)', "unknown"),
        ('h "net/http"', "h.DefaultClient.Do(&h.Request{Method: method})", "unknown"),
        ("", 'os.OpenFile(os.Getenv("GITHUB_PATH"), 1, 0)', "unknown"),
        ('"net/http"', 'http.Post("https://acme.example", "", nil)', "unknown"),
        ('"net/http"', 'client.Do(&http.Request{Method: "PUT"})', "unknown"),
        ('"net"', 'net.Dial("tcp", "acme.example:80")', "unknown"),
        ('"acme.example/sign"', "sign.Sign()", "unknown"),
        ('"os/exec"', 'exec.Command("git", "describe", "--tags")', "fail"),
        ('"os/exec"', 'exec.CommandContext(ctx, "git", "log")', "fail"),
        ('"os/exec"', 'exec.Command("git", "push")', "unknown"),
        ('"os/exec"', 'exec.Command("bash", "-c", all)', "unknown"),
        ('"os/exec"', 'c := exec.Command; exec.Command("git", "log")', "unknown"),
        ('e "os/exec"', 'e.Command("cosign", "sign")', "unknown"),
        ('. "os/exec"', 'Command("cosign", "sign")', "unknown"),
        ('"syscall"', "syscall.Exec()", "unknown"),
        ("", 'os.StartProcess("cosign", nil, nil)', "unknown"),
    ],
)
def test_a_program_that_can_but_write_files_signs_nothing_whatever_it_speaks_of(
    imported: str, body: str, expected: str
) -> None:
    tell = "package tell\n\n// Tell is signed.\nfunc Tell() {}\n"
    files = {"go.mod": MODULE, "cmd/notes/main.go": WRITES.format(imported, body), "internal/tell/tell.go": tell}
    assert run("go run ./cmd/notes sign", files) == expected
    files["go.mod"] = f"{MODULE}\nreplace gopkg.in/yaml.v3 => ./yaml\n"
    assert run("go run ./cmd/notes sign", files) == ("unknown" if "yaml" in imported else expected)
