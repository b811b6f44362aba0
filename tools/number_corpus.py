#!/usr/bin/env python3
"""Writes a corpus of numbers in many forms, with the results of PyPI `phonenumbers`.

usage: number_corpus.py OUT.tsv [PER_REGION=1000] [SEED=1] [--rows N]

The corpus has:
- PER_REGION random valid numbers of each of the 245 regions and 9 codes without a region, each in one
  of 20 forms at random;
- every example number of the metadata in every form;
- digit strings that resemble numbers: cut, lengthened, random, and after prefixes;
- a list of special texts.
`--rows` keeps only so many rows, at random. The same arguments give the same file.

Columns, tab separated, after a line with their names:
  default_region  input
  expected_e164   the number if it is valid, NOTVALID if it is not, INVALID if it cannot be parsed
  form_name       which form the input is
  parsed_e164     what parsing and formatting gives, valid or not; empty if it cannot be parsed
  status          VALID, POSSIBLE, IMPOSSIBLE:<reason> or ERR:<reason>
  source_e164     the number that was written in this form; empty if there was none
"""

import argparse
import functools
import random
import re
import re._parser as sre

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat as Format
from phonenumbers.phonemetadata import PhoneMetadata

HEADER = "default_region input expected_e164 form_name parsed_e164 status source_e164".split()
TYPES = (
    "fixed_line mobile toll_free premium_rate shared_cost personal_number voip pager uan voicemail"
).split()
REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
# The forms of most traffic are drawn more often.
USUAL = "e164 international national national_digits nsn_digits e164_no_plus idd_home_digits".split()
ERRORS = [
    "INVALID_COUNTRY_CODE",
    "NOT_A_NUMBER",
    "TOO_SHORT_AFTER_IDD",
    "TOO_SHORT_NSN",
    "TOO_LONG",
]
SPECIAL = """
911|112|0000|000|0|00|1|12|123|110|999|100|1001|5551234|555-1234|2/x3
*67|#31#|*31#|*21*5550100#|99#05050047824|99#905050047824|*009005050047824
anonymous|unknown|restricted|alice|bob.smith
1-800-FLOWERS|1800FLOWERS|+1800FLOWERS|0800 FLOWERS
+|++905050047824|+ 90 505 004 78 24|+90 (0)505 004 78 24|+000905050047824|+0905050047824
+999123456789|+800 1234 5678|+883510000000000|+12345678901234567890|+9005050047824
0505 004 78 24 ext 3|0505 004 78 24x3|(530) 583-6985 x302/x2303|Tel: 0505 004 78 24
+905050047824;isub=12|tel:+905050047824;isub=12|+905050047824;npdi;rn=+905320000000
+905050047824;rn=+905320000000;npdi|5550100;rn=5550000;npdi
tel:911;phone-context=+1|tel:911;phone-context=example.com
tel:5050047824;phone-context=example.com|tel:5050047824;phone-context=+90
tel:5050047824;phone-context=|sip:+905050047824@gw;user=phone|+905050047824@gw
+90%35050047824|%2B905050047824
0090905050047824|09005050047824|905050047824|810 90 505 004 78 24|8~10905050047824
8~10 90 505 004 78 24|0011905050047824|010905050047824|011905050047824
+00905050047824|+0011 90 505 004 78 24|+011905050047824|+05050047824|+0 (212) 5550123
+54 9 11 5555 0147|+52 1 55 1234 5678|+52 55 1234 5678
15551234567|5551234567|+15551234567|111111111111111111|11111111111111111
"""


def digits_of(text):
    return re.sub(r"\D", "", text)


@functools.cache
def parsed(pattern):
    return sre.parse(pattern)


def e164(number):
    return phonenumbers.format_number(number, Format.E164)


def in_script(text, zero, plus="+"):
    return "".join(chr(ord(c) - 48 + zero) if c.isdigit() else plus if c == "+" else c for c in text)


class Corpus:
    """The rows so far, and the only source of random numbers."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.rows = {}
        self.international = {region: self.prefix_of(region) for region in REGIONS}

    def prefix_of(self, region):
        meta = PhoneMetadata.metadata_for_region(region)
        if meta.preferred_international_prefix:
            return meta.preferred_international_prefix.replace("~", "")
        return self.match(meta.international_prefix or "00")

    def match(self, pattern):
        """Returns a random text that the pattern matches."""
        return self.text_of(parsed(pattern))

    def text_of(self, parsed):
        return "".join(self.piece_of(str(op), value) for op, value in parsed)

    def piece_of(self, op, value):
        if op == "LITERAL":
            return chr(value)
        if op == "IN":
            return self.piece_of(*self.one_of(value))
        if op == "RANGE":
            return chr(self.rng.randint(*value))
        if op == "CATEGORY":
            return self.rng.choice("0123456789")
        if op == "BRANCH":
            return self.text_of(self.rng.choice(value[1]))
        if op == "MAX_REPEAT":
            least, most, body = value
            return "".join(self.text_of(body) for _ in range(self.rng.randint(least, min(most, 17))))
        if op == "SUBPATTERN":
            return self.text_of(value[-1])
        assert op == "AT", op
        return ""

    def one_of(self, parts):
        op, value = self.rng.choice(list(parts))
        return str(op), value

    def add(self, region, text, form, source=""):
        key = (region, text)
        if key not in self.rows and "\t" not in text and "\n" not in text:
            self.rows[key] = verdict(region, text, form, source)

    def random_digits(self, least, most):
        return "".join(self.rng.choices("0123456789", k=self.rng.randint(least, most)))

    def forms(self, region, number):
        """Returns the forms of a number, as written in its own region or in another one. Each has the
        region and a function that writes it."""
        abroad = self.rng.choice(REGIONS)
        home = abroad if region == "001" else region
        extension = self.rng.randint(1, 9999)
        nsn = phonenumbers.national_significant_number(number)
        whole = e164(number)
        code = str(number.country_code)

        def national():
            return phonenumbers.format_number(number, Format.NATIONAL)

        def rfc3966():
            return phonenumbers.format_number(number, Format.RFC3966)

        def in_parens(plain):
            return f"({plain[:3]}) {plain[3:6]}-{plain[6:]}"

        return {
            "e164": (home, lambda: whole),
            "e164_foreign_default": (abroad, lambda: whole),
            "international": (
                home,
                lambda: phonenumbers.format_number(number, Format.INTERNATIONAL),
            ),
            "national": (home, national),
            "national_digits": (home, lambda: digits_of(national())),
            "nsn_digits": (home, lambda: nsn),
            "e164_no_plus": (home, lambda: whole[1:]),
            "idd_home_digits": (home, lambda: self.international[home] + code + nsn),
            "idd_foreign_digits": (abroad, lambda: self.international[abroad] + code + nsn),
            "zerozero": (home, lambda: "00" + code + nsn),
            "out_of_country": (
                abroad,
                lambda: phonenumbers.format_out_of_country_calling_number(number, abroad),
            ),
            "parens": (home, lambda: in_parens(digits_of(national()))),
            "dots": (home, lambda: f"+{code}." + ".".join(re.findall(".{1,3}", nsn))),
            "invisible": (home, lambda: "\u202a" + whole[:4] + "\u00ad" + whole[4:] + "\u202c"),
            "rfc3966": (home, rfc3966),
            "rfc3966_ext": (home, lambda: f"{rfc3966()};ext={extension}"),
            "phone_context": (home, lambda: f"tel:{nsn};phone-context=+{code}"),
            "mobile_dialing": (
                home,
                lambda: phonenumbers.format_number_for_mobile_dialing(number, home, False) or whole,
            ),
            "fullwidth": (home, lambda: in_script(whole, 0xFF10, "\uff0b")),
            "arabic_indic": (home, lambda: in_script(whole, 0x660)),
        }


def verdict(region, text, form, source):
    """Returns the columns after the input."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        return ("INVALID", form, "", "ERR:" + ERRORS[error.error_type], source)
    parsed = e164(number)
    if phonenumbers.is_possible_number(number) and phonenumbers.is_valid_number(number):
        return (parsed, form, parsed, "VALID", source)
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason == phonenumbers.ValidationResult.IS_POSSIBLE:
        return ("NOTVALID", form, parsed, "POSSIBLE", source)
    name = phonenumbers.ValidationResult.to_string(reason)
    return ("NOTVALID", form, parsed, "IMPOSSIBLE:" + name, source)


def entities():
    """Yields every region, and every code without one, with its metadata."""
    for region in REGIONS:
        yield region, PhoneMetadata.metadata_for_region(region)
    for code, regions in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()):
        if regions == ("001",):
            yield "001", PhoneMetadata.metadata_for_nongeo_region(code)


def examples(meta):
    for kind in TYPES:
        desc = getattr(meta, kind)
        if desc is not None and desc.example_number:
            yield desc.example_number


def add_examples(corpus):
    for region, meta in entities():
        for example in examples(meta):
            number = phonenumbers.parse(f"+{meta.country_code}{example}")
            for form, (default, write) in corpus.forms(region, number).items():
                corpus.add(default, write(), form, e164(number))


def add_valid(corpus, per_region):
    names = list(corpus.forms("TR", phonenumbers.parse("+905050047824")))
    weights = [6 if name in USUAL else 2 for name in names]
    for region, meta in entities():
        kinds = [getattr(meta, kind) for kind in TYPES]
        patterns = [kind.national_number_pattern for kind in kinds if kind is not None]
        patterns = [pattern for pattern in patterns if pattern]
        seen = set()
        for _ in range(per_region * 6 if patterns else 0):
            if len(seen) == per_region:
                break
            nsn = corpus.match(corpus.rng.choice(patterns))
            number = number_of(meta.country_code, nsn)
            if nsn not in seen and phonenumbers.is_valid_number(number):
                seen.add(nsn)
                form = corpus.rng.choices(names, weights)[0]
                default, write = corpus.forms(region, number)[form]
                corpus.add(default, write(), form, e164(number))


def number_of(code, nsn):
    zeros = len(nsn) - len(nsn.lstrip("0"))
    return PhoneNumber(
        country_code=code,
        national_number=int(nsn),
        italian_leading_zero=True if zeros else None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )


def add_neighbours(corpus, per_region):
    """Adds texts that resemble numbers. More random digits come with more numbers a region; the rest
    stays the same."""
    special = SPECIAL.strip().replace("\n", "|").split("|") + ["", "9" * 251]
    for region in REGIONS:
        meta = PhoneMetadata.metadata_for_region(region)
        code, trunk = str(meta.country_code), meta.national_prefix or "0"
        abroad = corpus.international[region]
        for text in special:
            corpus.add(region, text, "special")
        for _ in range(per_region // 16):
            corpus.add(region, corpus.random_digits(2, 19), "random_digits")
        prefixes = [trunk, code, "+" + code, abroad, abroad + code, trunk * 2, code + trunk, "+" + code + trunk]
        for _ in range(per_region // 25):
            text = corpus.rng.choice(prefixes) + corpus.random_digits(3, 15)
            corpus.add(region, text, "random_prefixed")
        for nsn in examples(meta):
            for text in (nsn[:-1], trunk + nsn[:-2], f"+{code}{nsn[:-1]}"):
                corpus.add(region, text, "truncated")
            for text in (nsn + "0", trunk + nsn + "12", f"+{code}{nsn}5"):
                corpus.add(region, text, "extended")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("out")
    arguments.add_argument("per_region", nargs="?", type=int, default=1000)
    arguments.add_argument("seed", nargs="?", type=int, default=1)
    arguments.add_argument("--rows", type=int)
    arguments = arguments.parse_args()
    corpus = Corpus(arguments.seed)
    add_examples(corpus)
    add_valid(corpus, arguments.per_region)
    add_neighbours(corpus, arguments.per_region)
    keys = sorted(corpus.rows)
    if arguments.rows and arguments.rows < len(keys):
        keys = sorted(corpus.rng.sample(keys, arguments.rows))
    with open(arguments.out, "w", encoding="utf-8") as out:
        out.write("\t".join(HEADER) + "\n")
        for region, text in keys:
            out.write("\t".join((region, text) + corpus.rows[region, text]) + "\n")
    print(f"phonenumbers {phonenumbers.__version__}, seed {arguments.seed}: {len(keys)} rows")


if __name__ == "__main__":
    main()
