"""The cases of tests/cases/calls.jsonl as domains and as calls: cases.py CALLBAR DATA compiles a domain
for each set of lists that they name.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

CASES = pathlib.Path(__file__).resolve().parent.parent / "tests/cases/calls.jsonl"


def load():
    """Each case with the domain that holds its lists."""
    cases = [json.loads(line) for line in CASES.read_text().splitlines()]
    sets = []
    for case in cases:
        lists = (case["region"], case["lists"], case.get("technical_prefix"))
        if lists not in sets:
            sets.append(lists)
        case["domain"] = f"case{sets.index(lists)}.example"
    return cases


def compile_domains(callbar, data):
    done = set()
    for case in load():
        if case["domain"] in done:
            continue
        done.add(case["domain"])
        with tempfile.TemporaryDirectory() as folder:
            command = [callbar, "compile", "--domain", case["domain"], "--region", case["region"], "--data", data]
            for name, entries in case["lists"].items():
                file = pathlib.Path(folder) / name.replace(":", "-")
                file.write_text("\n".join(entries) + "\n")
                command += ["--list", f"{name}={file}"]
            if "technical_prefix" in case:
                command += ["--technical-prefix", case["technical_prefix"]]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def headers(call):
    """The headers of a case besides From."""
    lines = ["P-Asserted-Identity: " + value for value in call.get("asserted", [])]
    lines += ["Remote-Party-ID: " + value for value in call.get("remote_party", [])]
    lines += ["Privacy: " + call["privacy"]] if "privacy" in call else []
    return lines


def wanted(case):
    """Action, code and party of a case; None where it does not matter."""
    action, *rest = case["want"].split()
    code = next((int(word) for word in rest if word.isdigit()), None)
    party = next((word for word in rest if not word.isdigit()), None)
    return action, code, party


if __name__ == "__main__":
    compile_domains(*sys.argv[1:])
