#!/usr/bin/env python3
"""Prepares the cases of tests/cases/calls.jsonl for the tests of the bindings.

    cases.py CALLBAR DIR

Compiles the lists of all cases by the command CALLBAR, each set of lists as domain my.example in a data
directory of its own, and writes the cases as DIR/cases.lua and DIR/cases.txt. In the latter each line is
a name and a value; values of a call are in hexadecimal, as they may hold any byte, and `end` ends a case.
"""
import json
import subprocess
import sys
from pathlib import Path

CALLS = Path(__file__).resolve().parent.parent / "tests/cases/calls.jsonl"
CASE = {"region", "lists", "technical_prefix", "call", "want", "why"}
TEXTS, ARRAYS = ["callee", "from", "privacy"], ["asserted", "remote_party"]


def compile_lists(callbar, case, data):
    data.mkdir()
    command = [callbar, "compile", "--domain", "my.example", "--region", case["region"], "--data", data]
    if "technical_prefix" in case:
        command += ["--technical-prefix", case["technical_prefix"]]
    for at, (option, entries) in enumerate(case["lists"].items()):
        file = data.with_name(f"{data.name}-list-{at}")
        file.write_text("".join(entry + "\n" for entry in entries), "utf-8")
        command += ["--list", f"{option}={file}"]
    done = subprocess.run([*command, "--strict"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command}: {done.stderr}")


def lua(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {lua(value)}" for name, value in value.items()) + "}"
    if isinstance(value, list):
        return "{" + ", ".join(map(lua, value)) + "}"
    if isinstance(value, int):
        return str(value)
    return '"' + "".join(f"\\{byte:03}" for byte in value.encode()) + '"'


def lines(case):
    for name in ["line", "data", "want", "why"]:
        yield f"{name} {case[name]}"
    for name in TEXTS:
        if name in case["call"]:
            yield f"{name} {case['call'][name].encode().hex()}"
    for name in ARRAYS:
        for value in case["call"].get(name, []):
            yield f"{name} {value.encode().hex()}"
    yield "end"


def main(callbar, work):
    work = Path(work)
    cases, compiled = [], {}
    for line, text in enumerate(CALLS.read_text("utf-8").strip().split("\n"), 1):
        case = json.loads(text)
        unknown = set(case) - CASE | set(case["call"]) - {*TEXTS, *ARRAYS}
        if unknown:
            sys.exit(f"{CALLS}:{line}: no binding knows {unknown}")
        lists = json.dumps([case["region"], case["lists"], case.get("technical_prefix")])
        if lists not in compiled:
            compiled[lists] = work / f"case-{len(compiled)}"
            compile_lists(callbar, case, compiled[lists])
        case = {name: case[name] for name in ["call", "want", "why"]}
        cases.append({"line": line, "data": str(compiled[lists]), **case})
    (work / "cases.lua").write_text("return " + lua(cases).replace("}, {line", "},\n{line") + "\n", "utf-8")
    (work / "cases.txt").write_text("".join(f"{line}\n" for case in cases for line in lines(case)), "utf-8")


main(*sys.argv[1:])
