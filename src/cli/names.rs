//! The names by which people head a column of telephone numbers, in several languages.

/// What the names in a header say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Guess {
    /// This column, from 0: the first with a name that says so by itself, or else the only one with
    /// a name that holds such a word.
    Column(usize),
    /// No name says so by itself, and several hold such a word.
    Several(Vec<usize>),
    /// None.
    Nothing,
}

/// Names that say all by themselves, as [`fold`] leaves them.
const NAMES: [&str; 43] = [
    "phone",
    "phonenumber",
    "phoneno",
    "number",
    "msisdn",
    "e164",
    "mobile",
    "telephone",
    "tel",
    "telno",
    "cell",
    "gsm",
    "caller",
    "callerid",
    "callee",
    "destination",
    "anumber",
    "ani",
    "cli",
    "did",
    "contactno",
    "contactnumber",
    // Turkish
    "telefon",
    "numara",
    "cep",
    "ceptel",
    "ceptelefonu",
    "telefonno",
    "telefonnumarasi",
    // German
    "rufnummer",
    "handy",
    "telefonnummer",
    // Spanish, Portuguese, Italian
    "telefono",
    "tel\u{e9}fono",
    "telefone",
    "celular",
    "cellulare",
    "numero",
    "n\u{fa}mero",
    // Russian: telefon, nomer telefona, nomer
    "\u{442}\u{435}\u{43b}\u{435}\u{444}\u{43e}\u{43d}",
    "\u{43d}\u{43e}\u{43c}\u{435}\u{440}\u{442}\u{435}\u{43b}\u{435}\u{444}\u{43e}\u{43d}\u{430}",
    "\u{43d}\u{43e}\u{43c}\u{435}\u{440}",
    // Hebrew: telefon
    "\u{5d8}\u{5dc}\u{5e4}\u{5d5}\u{5df}",
];
/// Words that give a longer name away.
const PARTS: [&str; 9] = [
    "phone",
    "msisdn",
    "e164",
    "mobile",
    "telefon",
    "tel\u{e9}fon",
    "gsm",
    "rufnummer",
    "\u{442}\u{435}\u{43b}\u{435}\u{444}\u{43e}\u{43d}",
];

/// Which column the names speak for.
pub(crate) fn guess(names: &[String]) -> Guess {
    let folded: Vec<String> = names.iter().map(|name| fold(name)).collect();
    if let Some(column) = folded.iter().position(|name| NAMES.contains(&name.as_str())) {
        return Guess::Column(column);
    }
    let partly = |column: &usize| PARTS.iter().any(|part| folded[*column].contains(part));
    let columns: Vec<usize> = (0..folded.len()).filter(partly).collect();
    match columns[..] {
        [] => Guess::Nothing,
        [only] => Guess::Column(only),
        _ => Guess::Several(columns),
    }
}

/// Letters and digits in lower case. The Turkish i without a dot becomes one with a dot, for that
/// is what the capital of either becomes: its dot is a combining mark, and goes with the others.
pub(super) fn fold(name: &str) -> String {
    let lower = name.chars().flat_map(char::to_lowercase).filter(|letter| letter.is_alphanumeric());
    lower.map(|letter| if letter == '\u{131}' { 'i' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str]) -> Guess {
        guess(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn known_names_are_known_in_any_case_and_spelling() {
        for name in [
            "Numara",
            "CEP TELEFONU",
            "Cep-Tel",
            "tel_no",
            "TEL NO",
            "Rufnummer",
            "N\u{da}MERO",
            "Nu\u{301}mero",
            "Tel\u{e9}fono",
            "\u{422}\u{415}\u{41b}\u{415}\u{424}\u{41e}\u{41d}",
            "\u{41d}\u{43e}\u{43c}\u{435}\u{440} \u{442}\u{435}\u{43b}\u{435}\u{444}\u{43e}\u{43d}\u{430}",
            "\u{5d8}\u{5dc}\u{5e4}\u{5d5}\u{5df}",
            "AN\u{130}",
            "cl\u{131}",
            "DID",
            "Contact No.",
        ] {
            assert_eq!(of(&["id", name]), Guess::Column(1), "{name}");
        }
    }

    #[test]
    fn a_whole_name_beats_parts_and_parts_must_be_alone() {
        assert_eq!(of(&["home_phone_1", "phone type", "MSISDN"]), Guess::Column(2));
        assert_eq!(of(&["id", "home_phone_1"]), Guess::Column(1));
        assert_eq!(of(&["home phone", "id", "work phone"]), Guess::Several(vec![0, 2]));
        assert_eq!(of(&["id", "name"]), Guess::Nothing);
    }
}
