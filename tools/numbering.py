#!/usr/bin/env python3
"""Writes the numbering facts of callbar, `src/number/plan/tables.bin`, from PyPI `phonenumbers`.

usage: numbering.py [--check]

Without an option, writes the file. With `--check`, compares it with what would be written, and ends
with status 1 if they differ. The result depends only on the pinned version of `phonenumbers`, which
requirements.txt names. `src/number/plan/facts.rs` decodes the file, and documents its layout.

Every pattern of the metadata is finite, so each becomes an acyclic automaton over ten digits. All of
them are minimised together into one array of rows. Before anything is written, every automaton is
compared with its pattern on random digits.
"""

import pathlib
import random
import re
import re._parser as sre
import struct
import sys

import phonenumbers
from phonenumbers.phonemetadata import PhoneMetadata

PINNED = "9.0.43"
OUTPUT = pathlib.Path(__file__).parent.parent / "src" / "number" / "plan" / "tables.bin"

MAGIC = b"\x89DIAL\r\n\x1a"
FORMAT = 1
DIGITS = range(10)
TAIL = 0x8000  # a reference with this bit names a tail, not a row
DEAD = TAIL  # tail 0 accepts nothing

SHORT_CODE, EMERGENCY = 1, 2
# Fewer bare digits than this make an E.164 number only if a full validity check passes.
VALIDITY_DIGITS = 6

TYPES = (
    "fixed_line mobile toll_free premium_rate shared_cost personal_number voip pager uan voicemail"
).split()


# ---- patterns: a sequence is a tuple of items; an item is one of
#      ("set", digits)  ("alt", sequences)  ("rep", least, most, sequence)
#      ("open", group)  ("close", group)    ("end",)


def items_of(parsed, groups):
    """Returns the items of a parsed pattern. Captures are kept only if `groups` is true."""
    items = []
    for op, value in parsed:
        name = str(op)
        if name == "LITERAL":
            items.append(("set", frozenset([int(chr(value))])))
        elif name == "IN":
            items.append(("set", frozenset(digits_in(value))))
        elif name == "CATEGORY":
            items.append(("set", frozenset(DIGITS)))
        elif name == "BRANCH":
            items.append(("alt", tuple(items_of(branch, groups) for branch in value[1])))
        elif name == "MAX_REPEAT":
            least, most, body = value
            items.append(("rep", least, int(most), items_of(body, groups)))
        elif name == "SUBPATTERN":
            group, _, _, body = value
            inner = items_of(body, groups)
            if group is not None and groups:
                inner = (("open", group),) + inner + (("close", group),)
            items.extend(inner)
        elif name == "AT" and str(value) == "AT_END":
            items.append(("end",))
        else:
            raise ValueError(f"unexpected {name} in a pattern")
    return tuple(items)


def digits_in(parts):
    for op, value in parts:
        name = str(op)
        if name == "LITERAL":
            yield int(chr(value))
        elif name == "RANGE":
            yield from range(int(chr(value[0])), int(chr(value[1])) + 1)
        elif name == "CATEGORY":
            yield from DIGITS
        else:
            raise ValueError(f"unexpected {name} in a set")


def threads_of(items, captures, depth):
    """Yields what a backtracking matcher would try next, in its order of preference.

    These are ("step", digits, rest, captures), ("match", captures) and ("at end", rest, captures).
    """
    if not items:
        yield ("match", captures)
        return
    head, rest = items[0], items[1:]
    kind = head[0]
    if kind == "set":
        yield ("step", head[1], rest, captures)
    elif kind == "alt":
        for branch in head[1]:
            yield from threads_of(branch + rest, captures, depth)
    elif kind == "rep":
        _, least, most, body = head
        if most > 0:
            again = (("rep", max(least - 1, 0), most - 1, body),)
            yield from threads_of(body + again + rest, captures, depth)
        if least == 0:
            yield from threads_of(rest, captures, depth)
    elif kind == "open":
        yield from threads_of(rest, captures + ((head[1], depth, None),), depth)
    elif kind == "close":
        closed = tuple(
            (group, start, depth) if group == head[1] and end is None else (group, start, end)
            for group, start, end in captures
        )
        yield from threads_of(rest, closed, depth)
    elif kind == "end":
        yield ("at end", rest, captures)


# ---- automata: nodes are built depth first, and equal ones are shared


class Rows:
    """All rows, minimised: two states with the same future are the same row."""

    def __init__(self):
        self.rows, self.row_ids = [], {}
        self.tails, self.tail_ids = [0], {0: 0}

    def row(self, targets, anywhere, at_end):
        row = tuple(targets) + (anywhere, at_end)
        if row[:10] == (DEAD,) * 10 and not anywhere and not at_end:
            return DEAD
        if row not in self.row_ids:
            self.row_ids[row] = len(self.rows)
            self.rows.append(row)
        return self.row_ids[row]

    def row_or_tail(self, targets, accepts):
        """Adds a row of an automaton that accepts whole strings. A tail replaces it where only the
        number of digits that follow decides; bit n of a tail accepts n more digits."""
        first = targets[0]
        if first & TAIL and all(target == first for target in targets):
            mask = self.tails[first & ~TAIL] << 1 | bool(accepts)
            assert mask < 1 << 32
            if mask not in self.tail_ids:
                self.tail_ids[mask] = len(self.tails)
                self.tails.append(mask)
            return TAIL | self.tail_ids[mask]
        return self.row(targets, 0, accepts)


def whole(rows, patterns, verdict, longest, tails):
    """Returns the automaton over whole strings of at most `longest` digits.

    `patterns` is a list of (tag, pattern, lengths or None for any); `verdict` maps the set of
    tags that match a string to the number stored where it ends, 0 for none.
    """
    parsed = [(tag, items_of(sre.parse(p), False), lengths) for tag, p, lengths in patterns if p]
    memo = {}

    def node(depth, states):
        key = (depth, states)
        if key in memo:
            return memo[key]
        matched, steps = set(), []
        for tag, items, lengths in states:
            for thread in threads_of(items, (), depth):
                if thread[0] == "step":
                    steps.append((tag, thread[1], thread[2], lengths))
                elif lengths is None or depth in lengths:
                    matched.add(tag)
        targets = []
        for digit in DIGITS:
            after = frozenset((t, rest, ls) for t, digits, rest, ls in steps if digit in digits)
            targets.append(node(depth + 1, after) if after and depth < longest else DEAD)
        make = rows.row_or_tail if tails else lambda ts, accepts: rows.row(ts, 0, accepts)
        memo[key] = make(targets, verdict(matched))
        return memo[key]

    return node(0, frozenset(parsed))


class Outcomes:
    """What becomes of the digits once a prefix has matched. Outcome 0 is `no match`."""

    def __init__(self):
        self.list, self.ids = [(0, 0, 0, "")], {}

    def id(self, skip, captures, last_group, rule):
        start = length = 0
        insert = ""
        spans = {group: (start, end) for group, start, end in captures}
        if rule and last_group in spans:
            insert, group = re.fullmatch(r"(\d*)\\(\d)", rule).groups()
            start, end = spans[int(group)]
            length = end - start
        outcome = (skip, start, length, insert)
        if outcome == (0, 0, 0, ""):
            return 0
        if outcome not in self.ids:
            self.ids[outcome] = len(self.list)
            self.list.append(outcome)
        return self.ids[outcome]


def prefix(rows, outcomes, pattern, rule=None):
    """Returns the automaton of a prefix. The leftmost alternative wins, as in a backtracking matcher."""
    if not pattern:
        return DEAD
    last_group = re.compile(pattern).groups
    memo = {}

    def node(depth, states):
        key = (depth, states)
        if key in memo:
            return memo[key]
        anywhere = at_end = 0
        steps, seen = [], set()
        for items, captures in states:
            for thread in threads_of(items, captures, depth):
                if thread[0] == "step":
                    if thread[1:] not in seen:
                        seen.add(thread[1:])
                        steps.append(thread[1:])
                elif thread[0] == "at end":
                    (done,) = threads_of(thread[1], thread[2], depth)
                    at_end = at_end or outcomes.id(depth, done[1], last_group, rule)
                else:
                    anywhere = outcomes.id(depth, thread[1], last_group, rule)
                    break
            else:
                continue
            break  # no later thread of the matcher can win
        targets = []
        for digit in DIGITS:
            after = tuple((rest, caps) for digits, rest, caps in steps if digit in digits)
            targets.append(node(depth + 1, after) if after else DEAD)
        memo[key] = rows.row(targets, anywhere, at_end or anywhere)
        return memo[key]

    return node(0, ((items_of(sre.parse(pattern), bool(rule)), ()),))


# ---- walking, as the code in Rust does


def accepts(rows, root, digits):
    at = root
    for position, digit in enumerate(digits):
        if at & TAIL:
            return rows.tails[at & ~TAIL] >> (len(digits) - position) & 1
        at = rows.rows[at][int(digit)]
    return rows.tails[at & ~TAIL] & 1 if at & TAIL else rows.rows[at][11]


def outcome_of(rows, root, digits):
    at, found = root, 0
    for digit in list(digits) + [None]:
        if at & TAIL:
            return found
        row = rows.rows[at]
        found = row[10] or found
        if digit is None:
            return row[11] or found
        at = row[int(digit)]


def first_digits(rows, root):
    """Returns the digits that an accepted string can begin with, as bits."""
    return sum(1 << d for d in DIGITS if not root & TAIL and rows.rows[root][d] != DEAD)


def first_digits_whole(rows, root):
    if root & TAIL:
        return 0x3FF if rows.tails[root & ~TAIL] > 1 else 0
    return first_digits(rows, root)


def lengths_of(rows, root, memo):
    if root & TAIL:
        return rows.tails[root & ~TAIL]
    if root not in memo:
        memo[root] = bool(rows.rows[root][11])
        for target in set(rows.rows[root][:10]):
            memo[root] |= lengths_of(rows, target, memo) << 1
    return memo[root]


# ---- regions


def mask_of(lengths):
    return sum(1 << length for length in lengths or () if length > 0)


def short_verdict(tags):
    code = SHORT_CODE if {"general", "short_code"} <= tags else 0
    return code | (EMERGENCY if "emergency" in tags else 0)


def valid_verdict(tags):
    """Returns 1 if some region of the calling code has the general pattern and a type among the tags."""
    regions = {region for region, kind in tags if kind == "general"}
    return int(any(region in regions for region, kind in tags if kind != "general"))


def few_lengths(code):
    """Returns the lengths at which a national number must be valid to count. These are few digits, and
    the lengths of local numbers of the main region: 310-1234 is a Canadian number, 555-1234 is local."""
    main = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code][0]
    desc = PhoneMetadata.metadata_for_region_or_calling_code(code, main).general_desc
    return set(range(1, VALIDITY_DIGITS + 1)) | set(desc.possible_length_local_only)


class Region:
    """The facts of one region, or of a calling code that belongs to no region."""

    def __init__(self, rows, outcomes, name, meta):
        self.name, self.meta = name, meta
        general = meta.general_desc
        self.general = whole(
            rows, [("g", general.national_number_pattern, None)], lambda tags: int(bool(tags)), 31, True
        )
        self.national = prefix(
            rows, outcomes, meta.national_prefix_for_parsing, meta.national_prefix_transform_rule
        )
        self.international = prefix(rows, outcomes, meta.international_prefix)
        self.short = self.short_codes(rows)
        self.valid = self.few_digits(rows)

    def short_codes(self, rows):
        meta = PhoneMetadata.short_metadata_for_region(self.name)
        if meta is None:
            return DEAD
        patterns = [
            ("general", meta.general_desc.national_number_pattern, meta.general_desc.possible_length),
            ("short_code", meta.short_code.national_number_pattern, meta.short_code.possible_length),
            ("emergency", meta.emergency and meta.emergency.national_number_pattern, None),
        ]
        return whole(rows, patterns, short_verdict, 31, False)

    def few_digits(self, rows):
        """Returns the automaton of valid numbers of this calling code, at the lengths of `few_lengths`."""
        patterns = []
        few = few_lengths(self.meta.country_code)
        for name in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[self.meta.country_code]:
            meta = PhoneMetadata.metadata_for_region_or_calling_code(self.meta.country_code, name)
            for kind in ["general"] + TYPES:
                desc = meta.general_desc if kind == "general" else getattr(meta, kind)
                if desc is not None and desc.national_number_pattern:
                    lengths = set(desc.possible_length or meta.general_desc.possible_length)
                    patterns.append(((name, kind), desc.national_number_pattern, frozenset(lengths & few)))
        return whole(rows, patterns, valid_verdict, max(few), True)

    def record(self, rows, main):
        meta = self.meta
        code = str(meta.country_code)
        return struct.pack(
            "<3sBHBBIIIIHHHHHHHH",
            self.name.encode(),
            0,
            meta.country_code,
            len(code),
            main,
            mask_of(meta.general_desc.possible_length),
            mask_of(meta.general_desc.possible_length_local_only),
            lengths_of(rows, self.general, {}),
            lengths_of(rows, self.short, {}),
            self.general,
            first_digits_whole(rows, self.general),
            self.national,
            first_digits(rows, self.national),
            self.international,
            first_digits(rows, self.international),
            self.short,
            self.valid,
        )

    # ---- the patterns and functions that the automata must agree with

    def verify(self, rows, outcomes, rng):
        meta = self.meta
        general = re.compile(meta.general_desc.national_number_pattern)
        for _ in range(400):
            digits = "".join(rng.choices("0123456789", k=rng.randint(1, 18)))
            if rng.random() < 0.5:
                example = meta.fixed_line and meta.fixed_line.example_number or "0"
                digits = (rng.choice(["", meta.national_prefix or "0"]) + example)[: rng.randint(2, 16)] + digits
            assert bool(accepts(rows, self.general, digits)) == bool(general.fullmatch(digits))
            self.verify_prefix(rows, outcomes, digits)
            self.verify_few(rows, digits[: rng.choice(sorted(few_lengths(meta.country_code)))])

    def verify_prefix(self, rows, outcomes, digits):
        meta = self.meta
        outcome = outcome_of(rows, self.international, digits)
        match = meta.international_prefix and re.match(meta.international_prefix, digits)
        assert outcomes.list[outcome][0] == (match.end() if match else 0)
        pattern, rule = meta.national_prefix_for_parsing, meta.national_prefix_transform_rule
        expected = digits
        match = pattern and re.match(pattern, digits)
        if match and rule and match.groups()[-1] is not None:
            expected = re.sub(pattern, rule, digits, count=1)
        elif match:
            expected = digits[match.end() :]
        skip, start, length, insert = outcomes.list[outcome_of(rows, self.national, digits)]
        assert insert + digits[start : start + length] + digits[skip:] == expected, (self.name, digits)

    def verify_few(self, rows, digits):
        meta = self.meta
        number = phonenumbers.PhoneNumber(country_code=meta.country_code)
        zeros = len(digits) - len(digits.lstrip("0"))
        if zeros == len(digits):
            return
        if zeros:
            number.italian_leading_zero, number.number_of_leading_zeros = True, zeros
        number.national_number = int(digits)
        asked = len(digits) in few_lengths(meta.country_code)
        expected = asked and phonenumbers.is_valid_number(number)
        assert bool(accepts(rows, self.valid, digits)) == expected, (self.name, digits)
        if self.name not in phonenumbers.SUPPORTED_REGIONS:
            return
        verdict = accepts(rows, self.short, digits)
        assert bool(verdict & EMERGENCY) == phonenumbers.is_emergency_number(digits, self.name)
        short = phonenumbers.is_valid_short_number_for_region(number, self.name)
        assert bool(verdict & SHORT_CODE) == short, (self.name, digits)


def facts():
    """Returns the whole file."""
    rows, outcomes = Rows(), Outcomes()
    regions = [
        Region(rows, outcomes, name, PhoneMetadata.metadata_for_region(name))
        for name in sorted(phonenumbers.SUPPORTED_REGIONS)
    ]
    codes = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    for code in sorted(code for code, names in codes.items() if names == ("001",)):
        regions.append(Region(rows, outcomes, "001", PhoneMetadata.metadata_for_nongeo_region(code)))
    main = {
        code: next(
            index
            for index, region in enumerate(regions)
            if region.name == names[0] and region.meta.country_code == code
        )
        for code, names in codes.items()
    }
    rng = random.Random(PINNED)
    for region in regions:
        region.verify(rows, outcomes, rng)
    assert len(rows.rows) < TAIL and len(regions) < 256

    parts = [
        MAGIC,
        struct.pack(
            "<HHHHHH12s",
            FORMAT,
            len(rows.rows),
            len(rows.tails),
            len(outcomes.list),
            len(regions),
            len(main),
            phonenumbers.__version__.encode(),
        ),
    ]
    parts += [struct.pack("<12H", *row) for row in rows.rows]
    parts += [struct.pack("<I", tail) for tail in rows.tails]
    for skip, start, length, insert in outcomes.list:
        parts.append(struct.pack("<BBBB4s", skip, start, length, len(insert), insert.encode()))
    parts += [region.record(rows, main[region.meta.country_code]) for region in regions]
    parts += [struct.pack("<HH", code, index) for code, index in sorted(main.items())]
    return b"".join(parts)


def main(arguments):
    if phonenumbers.__version__ != PINNED:
        sys.exit(f"phonenumbers {phonenumbers.__version__} found: install tools/requirements.txt")
    if arguments not in ([], ["--check"]):
        sys.exit(__doc__.split("\n\n")[1])
    made = facts()
    if not arguments:
        OUTPUT.write_bytes(made)
        print(f"{OUTPUT.name}: {len(made)} bytes")
    elif not OUTPUT.exists() or OUTPUT.read_bytes() != made:
        sys.exit(f"{OUTPUT} differs from the metadata: run tools/numbering.py and commit the result")


if __name__ == "__main__":
    main(sys.argv[1:])
