"""Every page against the programs it talks of: commands, modules, options and links that there are."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from candela_server.cli.app import program_for

ROOT = Path(__file__).parents[2]
ROOTS = [ROOT / name for name in ("ocio_configs", "engines", "server", "ofx_bridge", "bench", "tests")]
PAGES = sorted(
    str(page.relative_to(ROOT))
    for page in [ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *(p for r in ROOTS for p in r.rglob("*.md"))]
)
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
# Options named in the text that are those of other programs.
OTHERS = {"docs/decisions/2026-11-27-the-bundle-on-old-systems.md": {"--wrap"}}  # the linker's
PROGRAM = re.compile(
    r"(?:^|[$&|;] *)(?:cmake|openjd|nuke|torchrun|tritonserver|vllm|apt-get|git|make|npx|docker|curl)\b"
)


@functools.cache
def commands() -> dict[str, set[str]]:
    """Options of every command of `candela`; under the empty name those before a command."""
    root = program_for([])

    def of(command: object) -> set[str]:
        names = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}  # type: ignore[attr-defined]
        return {name for name in names if name.startswith("--")} | {"--help"}

    return {"": of(root), **{name: of(each) for name, each in root.commands.items()}}


@functools.cache
def own_options() -> set[str]:
    """Of what measures, trains, or runs inside a host."""
    found: set[str] = set()
    argument = re.compile(r'add_argument\((?:\s*"-\w",)?\s*"(--[a-z][a-z-]+)"')
    for source in (path for root in ROOTS for path in root.rglob("*.py")):
        found |= set(argument.findall(source.read_text("utf-8")))
    return found


def source_of(module: str) -> str | None:
    """The text of a module and of those beside it, one of which may read the options; None for none."""
    path = Path(*module.split("."))
    for root in (ROOT, *ROOTS):
        for file in (root / path.with_suffix(".py"), root / path / "__main__.py"):
            if file.is_file():
                near = [file, *file.parent.glob("*.py")]
                return "\n".join(each.read_text("utf-8") for each in near)
    return None


def code(text: str) -> Iterator[str]:
    """Lines of code blocks, and what stands in backticks."""
    for block in re.findall(r"```.*?```", text, flags=re.DOTALL):
        yield from block.replace("\\\n", " ").splitlines()
    rest = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    for line in re.findall(r"(?m)^    .+(?:\\\n.+)*$", rest):
        yield line.replace("\\\n", " ").strip()
    for span in re.findall(r"`([^`]+)`", rest):
        yield " ".join(span.split())


def wrong(line: str) -> Iterator[str]:
    """What a line of code names that is not there."""
    known = commands()
    line = line.split(" # ")[0].split("  # ")[0]
    if found := re.search(r"(?:^|[\s$(|])python3? -m ([\w.]+)(.*)", line):
        module, rest = found.groups()
        if module.partition(".")[0] not in ("bench", "candela_engines", "candela_server", "candela_bridge"):
            return
        text = source_of(module)
        if text is None:
            yield f"python -m {module}"
            return
        yield from (f"{option} of {module}" for option in OPTION.findall(rest) if f'"{option}"' not in text)
        return
    if PROGRAM.search(line):
        return
    everywhere = set().union(*known.values())
    calls = list(re.finditer(r"(?:^|[\s$(|\"])candela ([a-z][a-z-]*)\b([^|]*)", line))
    for call in calls:
        name, rest = call.groups()
        if name not in known:
            yield f"candela {name}"
            continue
        # What stands behind `--` is handed on to `qc`.
        ours, _, passed = rest.partition(" -- ")
        own = known[name] | known[""]
        yield from (f"{o} of candela {name}" for o in OPTION.findall(ours) if o not in own)
        yield from (f"{o} of candela qc" for o in OPTION.findall(passed) if o not in known["qc"])
    if not calls:
        yield from (o for o in OPTION.findall(line) if o not in everywhere | own_options())


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_names_is_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    found = [each for line in code(text) for each in wrong(line)]
    assert not [each for each in found if each not in OTHERS.get(page, ())]


@pytest.mark.parametrize("page", PAGES)
def test_where_a_page_leads_to_is_there(page: str) -> None:
    text = re.sub(r"```.*?```", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if "://" not in target and not target.startswith("mailto:"):
            assert ((ROOT / page).parent / target).exists(), target


def test_every_command_has_its_place_in_a_page() -> None:
    text = "\n".join((ROOT / page).read_text(encoding="utf-8") for page in PAGES)
    assert [name for name in commands() if name and f"candela {name}" not in text] == []


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("candela embde a.png", ["candela embde"]),
        ("$ candela embed a.png --reference b.exr", ["--reference of candela embed"]),
        ("candela export-openjd farm -- --colour pq --gone 1", ["--gone of candela qc"]),
        ("python -m bench.nothing DATA", ["python -m bench.nothing"]),
        ("python -m bench.stills DATA --nothing", ["--nothing of bench.stills"]),
        ("--no-such-thing", ["--no-such-thing"]),
        ("cmake --build build", []),
        ("candela qc a.mov --profile web | less --chop", []),
    ],
)
def test_what_is_not_there_is_seen(line: str, what: list[str]) -> None:
    assert list(wrong(line)) == what
