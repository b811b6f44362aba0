#!/usr/bin/env python3
"""Checks the links between the Markdown files of this repository.

usage: check_links.py

Reads the Markdown files that git tracks or would add. A link must name a file that exists, and an
anchor must name a heading of that file. Links to the web are not followed. Prints the wrong links, and
ends with status 1 if there is one.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINK = re.compile(r"!?\[[^\]]*\]\(([^()\s]+)\)")
FENCE = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]+`")


def text_of(path):
    """Returns the text of a file without its code blocks."""
    return FENCE.sub("", path.read_text(encoding="utf-8"))


def anchors(path):
    """Returns the anchors that GitHub makes of the headings of a file. No two may be alike."""
    headings = re.findall(r"^#+ +(.*?) *$", text_of(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def wrong_links(path):
    """Yields each wrong link of a file, and what is wrong with it."""
    for target in LINK.findall(CODE.sub("", text_of(path))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        to = (path.parent / name).resolve() if name else path
        if not to.exists():
            yield f"{target}: no such file"
        elif not to.is_relative_to(ROOT):
            yield f"{target}: outside the repository"
        elif anchor and (to.suffix != ".md" or anchor not in anchors(to)):
            yield f"{target}: no such heading"


def main():
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = [ROOT / name for name in names.split("\0") if name and (ROOT / name).exists()]
    wrong = [f"{path.relative_to(ROOT)}: {what}" for path in paths for what in wrong_links(path)]
    print("\n".join(wrong) or f"the links of {len(paths)} files resolve")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
