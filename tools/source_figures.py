#!/usr/bin/env python3
"""Measures the source of a checkout of this repository, or of two for a table of before and after.

usage: source_figures.py [--names] [CHECKOUT [CHECKOUT]]

Without a checkout it measures the one that it stands in. It reads the code under `src` of every crate,
without tests: neither the crates in TEST_CRATES nor anything under `#[cfg(test)]`. The layers may be
folders of one crate, or crates of their own. `--names` lists what the figures count, of the last
checkout.

How it counts:
- A type is a struct, an enum, a union, a trait or a `type`, at any visibility; the associated types of
  traits are not. Two definitions of one name in one crate, for two systems for instance, count as two.
- A function or a type is public if it is `pub`: `unreachable_pub` sees to that. The bindings are left
  out, for they have documentation of their own.
- It has an example if its own doc comment has a block of Rust code.
- A record of an entry is a struct or a variant with four of the fields in RECORD.
- A room is a Rust file or a folder directly in the folder of a layer, without the root of a module or
  a crate.

How often an entry is made canonical on its way from a request to a call cannot be counted in the
source, so two rows are filled in by hand: read that way, or let gdb count. Break at the line in `index`
that calls `DialPlan::entry` for an entry, attach to `callbar serve`, and send a POST, or an import into
an empty list.
"""

import collections
import pathlib
import re
import sys

TEST_CRATES = {"fuzz", "models"}
SKIPPED = {"target", "node_modules", ".git"}
LAYERS = ("number", "index", "engine", "http", "cli")
# The crate that a layer may have become
CRATES = {"http": "callbar-server", "cli": "callbar-cli"}
ROOTS = {"mod.rs", "lib.rs", "main.rs"}
RECORD = {"id", "created", "expires", "reason", "source"}
TOLD = re.compile(r"\b(?:tell|tells|told|telling)\b", re.IGNORECASE)
TYPE = re.compile(r"\b(?:struct|enum|trait|type|union)\s+([A-Z]\w*)")
PUBLIC = re.compile(
    r"^[ \t]*pub\s+(?:(?:const|async|unsafe)\s+)*(fn|struct|enum|trait|type|union)\s+(\w+)",
    re.MULTILINE,
)
OF = re.compile(r"\bfn\s+of\s*[(<]")
FIELD = re.compile(r"(?:^|[,{])\s*(?:pub(?:\([^)]*\))?\s+)?(\w+)\s*:(?!:)")
# What stands before the braces whose types belong to a trait
ASSOCIATED = re.compile(r"^(?![^{]*\bfn\b)[^{]*\b(?:impl|trait)\b")
# An info string of a code block that is not a Rust example
OTHER_CODE = re.compile(r"```\s*(?:text|sh|bash|console|json|toml|lua|c|sql|http|ignore|csv)\b")
TOKEN = re.compile(
    r"""
    (?P<comment> //[^\n]* | /\* )
  | (?P<raw> (?:br|cr|r)(?P<hashes>\#*)" )
  | (?P<string> (?:b|c)?"(?:\\.|[^"\\])*" )
  | (?P<char> b?'(?:\\(?:x..|u\{[^}]*\}|.)|[^'\\\n])' )
  | (?P<name> \w+ )
  """,
    re.VERBOSE | re.DOTALL,
)


def blank(text):
    """Spaces for everything but the ends of lines."""
    return re.sub(r"[^\n]", " ", text)


def split(source):
    """The source three times, with only its code, its comments or its strings, all in their places."""
    parts = {"code": [], "comment": [], "string": []}

    def add(kind, text):
        for name, part in parts.items():
            part.append(text if name == kind else blank(text))

    at = 0
    for token in iter(lambda: TOKEN.search(source, at), None):
        add("code", source[at : token.start()])
        end = token.end()
        if token["comment"] == "/*":
            end = end_of_block_comment(source, end)
        elif token["raw"]:
            end = source.index('"' + token["hashes"], end) + 1 + len(token["hashes"])
        kind = "comment" if token["comment"] else "code" if token["name"] else "string"
        add(kind, source[token.start() : end])
        at = end
    add("code", source[at:])
    return ("".join(parts[kind]) for kind in ("code", "comment", "string"))


def end_of_block_comment(source, at):
    depth = 1
    while depth:
        mark = re.compile(r"/\*|\*/").search(source, at)
        depth += 1 if mark[0] == "/*" else -1
        at = mark.end()
    return at


def end_of_item(code, at):
    """The place after the item at `at`: after its braces or its semicolon."""
    depth = 0
    for mark in re.compile(r"[{}()\[\];]").finditer(code, at):
        if mark[0] in "{([":
            depth += 1
        elif mark[0] in "})]":
            depth -= 1
        if depth == 0 and mark[0] in "};":
            return mark.end()
    return len(code)


class File:
    """A source file without its tests."""

    def __init__(self, path):
        self.path = path
        source = path.read_text(encoding="utf-8")
        code, comments, strings = split(source)
        # `mod tests;` under the attribute: the file of that module is not counted
        self.test_modules, self.test_lines = [], 0
        for test in reversed(list(re.finditer(r"#\[cfg\((?:all\()?test\b[^\]]*\]", code))):
            end = end_of_item(code, test.end())
            module = re.search(r"\bmod\s+(\w+)\s*;", code[test.end() : end])
            if module:
                self.test_modules.append(module[1])
            start = test.start()
            self.test_lines += code.count("\n", start, end) + 1
            source, code, comments, strings = (
                text[:start] + blank(text[start:end]) + text[end:]
                for text in (source, code, comments, strings)
            )
        self.source, self.code, self.comments, self.strings = source, code, comments, strings

    def lines(self):
        """How many lines there are without those of tests, and how many of them have code."""
        with_code = [
            bool(code.strip() or string.strip())
            for code, string in zip(self.code.splitlines(), self.strings.splitlines())
        ]
        return len(with_code) - self.test_lines, sum(with_code)

    def blocks(self):
        """Each block in braces: what stands before it, the headers of the blocks around it, its text."""
        stack, start = [], 0
        for mark in re.finditer(r"[{};]", self.code):
            if mark[0] == "{":
                stack.append((self.code[start : mark.start()], mark.end()))
            elif mark[0] == "}" and stack:
                header, opened = stack.pop()
                yield header, [header for header, _ in stack], self.code[opened : mark.start()]
            start = mark.end()

    def types(self):
        """The names of the types that are defined here."""
        around, start = [], 0
        for mark in re.finditer(r"[{};]", self.code):
            inside = around[-1] if around else ""
            header = self.code[start : mark.start()]
            is_associated = ASSOCIATED.search(inside) and re.search(r"\btype\b", header)
            if mark[0] != "}" and not is_associated:
                yield from TYPE.findall(header)
            if mark[0] == "{":
                around.append(header)
            elif mark[0] == "}" and around:
                around.pop()
            start = mark.end()

    def records(self):
        """The names of the structs and variants that hold the fields of an entry."""
        for header, around, text in self.blocks():
            name = re.search(r"\bstruct\s+(\w+)[^=]*$", header)
            if not name and around and re.search(r"\benum\s+\w+[^;]*$", around[-1]):
                name = re.search(r"(\w+)\s*$", header)
            fields = FIELD.findall(outer(text).replace("#", " "))
            if name and len(RECORD & set(fields)) >= 4:
                yield name[1]

    def public_items(self):
        """Each public function and type: `fn` or not, its name, whether it has an example."""
        lines = self.source.splitlines()
        for item in PUBLIC.finditer(self.code):
            line = self.code.count("\n", 0, item.start())
            doc = []
            for above in reversed(lines[:line]):
                above = above.strip()
                if not above or above[-1] in ";{}" and not above.startswith(("//", "#")):
                    break
                doc.append(above)
            if any("doc(hidden)" in above for above in doc):
                continue
            fences = [above[3:].strip() for above in reversed(doc) if above.startswith("///")]
            fences = [fence for fence in fences if fence.startswith("```")][::2]
            has_example = any(not OTHER_CODE.match(fence) for fence in fences)
            yield item[1] == "fn", item[2], has_example


def outer(text):
    """The text of a block without what stands in brackets inside it."""
    kept, depth = [], 0
    for char in text:
        if char in "{([<":
            depth += 1
        if depth == 0:
            kept.append(char)
        if char in "})]>":
            depth -= 1
    return "".join(kept)


class Checkout:
    def __init__(self, path):
        self.path = path
        self.crates = {}
        for manifest in sorted(path.rglob("Cargo.toml")):
            folder = manifest.parent
            name = str(folder.relative_to(path))
            if SKIPPED & set(folder.relative_to(path).parts) or not (folder / "src").is_dir():
                continue
            if name not in TEST_CRATES:
                self.crates[name] = files(folder / "src")
        if not self.crates:
            sys.exit(f"{path}: no crates with sources")

    def files(self):
        return [file for crate in self.crates.values() for file in crate]

    def public_items(self):
        for name, crate in self.crates.items():
            if not name.startswith("bindings"):
                yield from (item for file in crate for item in file.public_items())

    def rooms(self, layer):
        crate = self.path / "crates" / CRATES.get(layer, "") / "src"
        folders = [self.path / "src" / layer, crate / layer, crate]
        folder = next((folder for folder in folders if layer in CRATES and folder.is_dir()), folders[0])
        if not folder.is_dir():
            return 0
        rooms = [entry for entry in folder.iterdir() if entry.name not in ROOTS]
        # A file beside a folder of its name is the root of that module
        folders = {entry.name for entry in rooms if entry.is_dir()}
        files = [entry for entry in rooms if entry.suffix == ".rs" and entry.stem not in folders]
        return len(folders) + len(files)

    def figures(self):
        files = self.files()
        lines = [file.lines() for file in files]
        types = {
            name: collections.Counter(name for file in crate for name in file.types())
            for name, crate in self.crates.items()
        }
        all_types = sum(types.values(), collections.Counter())
        told = {
            "in comments": sum(len(TOLD.findall(file.comments)) for file in files),
            "in strings": sum(len(TOLD.findall(file.strings)) for file in files),
            "in names": sum(len(TOLD.findall(file.code)) for file in files),
        }
        rooms = {layer: self.rooms(layer) for layer in LAYERS}
        functions = [example for is_function, _, example in self.public_items() if is_function]
        public_types = [example for is_function, _, example in self.public_items() if not is_function]
        readme = (self.path / "README.md").read_text(encoding="utf-8")
        yield "Rust files", len(files)
        yield "lines", sum(every for every, _ in lines)
        yield "lines of code, without comments and blank ones", sum(code for _, code in lines)
        yield "lines of the longest file", max(every for every, _ in lines)
        yield "names of types", len(all_types)
        yield "names defined twice or more in a crate", sum(twice(some) for some in types.values())
        yield "names defined twice or more over all crates", twice(all_types)
        yield "`fn of(`", sum(len(OF.findall(file.code)) for file in files)
        yield "tell, tells, told, telling", sum(told.values())
        yield from (("    " + where, count) for where, count in told.items())
        yield "first-level rooms", sum(rooms.values())
        yield from (("    " + layer, count) for layer, count in rooms.items())
        yield "words of README.md", len(readme.split())
        yield "public functions and methods", len(functions)
        yield "    with an example", sum(functions)
        yield "public types", len(public_types)
        yield "    with an example", sum(public_types)
        yield "records of an entry", sum(1 for file in files for _ in file.records())
        yield "forms made canonical by a POST of one entry", "by hand"
        yield "forms made canonical by a line of an import", "by hand"

    def print_names(self):
        places = collections.defaultdict(list)
        for file in self.files():
            for name in file.types():
                places[name].append(str(file.path.relative_to(self.path)))
        print("\n# Names defined twice or more\n")
        for name, paths in sorted(places.items()):
            if len(paths) > 1:
                print(f"{name}: {', '.join(paths)}")
        print("\n# Records of an entry\n")
        for file in self.files():
            for name in file.records():
                print(f"{file.path.relative_to(self.path)}: {name}")
        print("\n# `fn of(`, and tell, tells, told, telling\n")
        for file in self.files():
            for number, line in enumerate(file.source.splitlines(), 1):
                if OF.search(line) or TOLD.search(line):
                    print(f"{file.path.relative_to(self.path)}:{number}: {line.strip()}")
        print("\n# Public functions and types without an example\n")
        for file in self.files():
            names = [name for _, name, example in file.public_items() if not example]
            if names:
                print(f"{file.path.relative_to(self.path)}: {', '.join(names)}")


def files(folder):
    """The files of a crate, without those of test modules."""
    found = {path: File(path) for path in sorted(folder.rglob("*.rs"))}
    tests = set()
    for path, file in found.items():
        inside = path.parent if path.name in ROOTS else path.with_suffix("")
        for module in file.test_modules:
            tests |= {inside / f"{module}.rs", inside / module}
    return [file for path, file in found.items() if not tests & {path, *path.parents}]


def twice(names):
    return sum(count > 1 for count in names.values())


def main(arguments):
    if "--help" in arguments:
        sys.exit(__doc__)
    names = "--names" in arguments
    paths = [pathlib.Path(argument) for argument in arguments if argument != "--names"]
    if len(paths) > 2 or any(not path.is_dir() for path in paths):
        sys.exit(__doc__.split("\n\n")[1])
    checkouts = [Checkout(path.resolve()) for path in paths or [pathlib.Path(__file__).parent.parent]]
    columns = [list(checkout.figures()) for checkout in checkouts]
    titles = ["before", "after"] if len(columns) == 2 else [""]
    print(f"{'':<52}" + " |".join(f"{title:>9}" for title in titles))
    for rows in zip(*columns):
        print(f"{rows[0][0]:<52}" + " |".join(f"{figure:>9}" for _, figure in rows))
    if names:
        checkouts[-1].print_names()


if __name__ == "__main__":
    main(sys.argv[1:])
