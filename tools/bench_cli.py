#!/usr/bin/env python3
"""Measures three runs of the command, each the median of five.

usage: bench_cli.py [--test] [BINARY]      (cargo build --release)

1. 10 million written lines, from file to published index. At most 2 s on two cores.
2. A 3-million-row CSV with quoted fields, scrubbed against a 1-million-line text list.
   At most 1.2 s on two cores.
3. The 10 million lines into a new list of a store, durable and in force. At most 15 s on two cores.

The files are made in a temporary directory and are the same on every machine. The page cache holds
them. `--test` takes a thousandth of everything.
"""

import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).parent.parent
RUNS = 5
FORMS = (
    lambda a, b: f"+90{a}{b}",
    lambda a, b: f"0{a}{b}",
    lambda a, b: f"0090{a}{b}",
    lambda a, b: f"+90 {a} {b[:3]} {b[3:5]} {b[5:]}",
    lambda a, b: f"0{a} {b[:3]} {b[3:]}",
    lambda a, b: f"(0{a}) {b[:3]}-{b[3:]}",
    lambda a, b: f"90{a}{b}",
    lambda a, b: f"{a}-{b[:3]}-{b[3:]}",
)


def numbers(count, seed):
    """Turkish mobiles, in eight written forms in turn."""
    rng = random.Random(seed)
    for i in range(count):
        digits = str(rng.randrange(5_000_000_000, 6_000_000_000))
        yield FORMS[i % len(FORMS)](digits[:3], digits[3:])


def write_list(path, count, seed):
    with open(path, "w", encoding="ascii", buffering=1 << 20) as out:
        out.writelines(number + "\n" for number in numbers(count, seed))


def write_campaign(path, count, listed, seed):
    """Rows with quoted fields; one number in ten is on the list."""
    rng = random.Random(seed)
    with open(listed, encoding="ascii") as lines:
        known = lines.read().split("\n")[:-1]
    with open(path, "w", encoding="ascii", buffering=1 << 20) as out:
        out.write("id,name,phone,note\n")
        for i, number in enumerate(numbers(count, seed)):
            if i % 10 == 0:
                number = known[rng.randrange(len(known))]
            out.write(f'{i},"Surname, Name {i % 977}","{number}","said ""yes"", then no"\n')


def run(title, most, command, prepare=lambda: None):
    times = []
    for _ in range(RUNS):
        prepare()
        start = time.perf_counter()
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        times.append(time.perf_counter() - start)
        if done.returncode != 0:
            sys.exit(f"{title}: exit status {done.returncode}: {done.stderr.decode()}")
    median = statistics.median(times)
    state = "ok" if median <= most else "SHORT"
    print(f"{title:<58} median {median:6.2f} s  least {min(times):6.2f} s  <= {most} s  {state}")


def main(arguments):
    scale = 1_000 if "--test" in arguments else 1
    given = [argument for argument in arguments if argument != "--test"]
    binary = given[0] if given else str(ROOT / "target" / "release" / "callbar")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        large, small, campaign = folder / "large.txt", folder / "small.txt", folder / "campaign.csv"
        data = folder / "data"
        data.mkdir()
        write_list(large, 10_000_000 // scale, 1)
        write_list(small, 1_000_000 // scale, 2)
        write_campaign(campaign, 3_000_000 // scale, small, 3)
        compile_ = ["compile", "--domain", "bench.example", "--region", "TR", "--data", data]
        run("10M written lines from file to published index", 2.0,
            [binary, *compile_, "--list", f"spam={large}"])
        run("3M-row CSV scrubbed against a 1M-line list", 1.2,
            [binary, "scrub", "--region", "TR", "--list", small, "--column", "phone",
             campaign, "-o", folder / "scrubbed.csv"])
        store = folder / "store"

        def make_store():
            shutil.rmtree(store, ignore_errors=True)
            put = [binary, "domain", "put", "--data", store, "--region", "TR", "bench.example"]
            subprocess.run(put, stdout=subprocess.DEVNULL, check=True)

        run("10M written lines into a new list of a store", 15.0,
            [binary, "import", "--data", store, "--domain", "bench.example", "--list", "spam",
             "--make-list", large], make_store)


if __name__ == "__main__":
    main(sys.argv[1:])
