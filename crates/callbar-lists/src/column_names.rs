//! Usual names of columns in several languages: of telephone numbers, expiry times and reasons.

/// Names of columns of numbers, as [`fold`] returns them.
const NAMES: &[&str] = &[
    "phone phonenumber phoneno number msisdn e164 mobile telephone tel telno cell gsm caller",
    "callerid callee destination anumber ani cli did contactno contactnumber",
    // Turkish
    "telefon numara cep ceptel ceptelefonu telefonno telefonnumarasi",
    // German
    "rufnummer handy telefonnummer",
    // Spanish, Portuguese, Italian
    "telefono telefone celular cellulare numero",
    // Russian: telefon, nomer telefona, nomer
    "\u{442}\u{435}\u{43b}\u{435}\u{444}\u{43e}\u{43d}",
    "\u{43d}\u{43e}\u{43c}\u{435}\u{440}\u{442}\u{435}\u{43b}\u{435}\u{444}\u{43e}\u{43d}\u{430}",
    "\u{43d}\u{43e}\u{43c}\u{435}\u{440}",
    // Hebrew: telefon
    "\u{5d8}\u{5dc}\u{5e4}\u{5d5}\u{5df}",
];
/// Words in longer names of columns of numbers.
const PARTS: &[&str] = &[
    "phone msisdn e164 mobile telefon gsm rufnummer",
    "\u{442}\u{435}\u{43b}\u{435}\u{444}\u{43e}\u{43d}",
];
/// Names of columns of expiry times.
pub(crate) const EXPIRES: &[&str] = &[
    "expires expiresat expireson expiry expirydate expiration expirationdate validuntil validto",
    "validthrough until enddate",
    // Turkish
    "bitis bitistarihi sontarih gecerliliktarihi songecerliliktarihi gecerlilikbitistarihi",
    "sonaermetarihi sonkullanmatarihi",
    // German
    "gultigbis gueltigbis gesperrtbis ablauf ablaufdatum enddatum",
    // French
    "datedefin datefin findevalidite datedefindevalidite valablejusquau dateexpiration",
    "datedexpiration expirele echeance datedecheance",
    // Spanish
    "vencimiento fechadevencimiento fechavencimiento caducidad fechadecaducidad fechacaducidad",
    "expiracion fechadeexpiracion fechafin fechadefin validohasta",
    // Italian
    "scadenza datascadenza datadiscadenza validofinoal datafine datadifine",
    // Portuguese
    "validade datadevalidade validoate vencimento datadevencimento expiracao datadeexpiracao",
    "datafim datadefim",
    // Russian: dejstvitelen do, srok dejstvija, data okonchanija
    "\u{434}\u{435}\u{439}\u{441}\u{442}\u{432}\u{438}\u{442}\u{435}\u{43b}\u{435}\u{43d}\u{434}\u{43e}",
    "\u{441}\u{440}\u{43e}\u{43a}\u{434}\u{435}\u{439}\u{441}\u{442}\u{432}\u{438}\u{44f}",
    "\u{434}\u{430}\u{442}\u{430}\u{43e}\u{43a}\u{43e}\u{43d}\u{447}\u{430}\u{43d}\u{438}\u{44f}",
    // Hebrew: tokef, ta'arikh tfuga
    "\u{5ea}\u{5d5}\u{5e7}\u{5e3}",
    "\u{5ea}\u{5d0}\u{5e8}\u{5d9}\u{5da}\u{5ea}\u{5e4}\u{5d5}\u{5d2}\u{5d4}",
];
/// Names of columns of reasons.
pub(crate) const REASON: &[&str] = &[
    "reason",
    // Turkish
    "neden nedeni sebep sebebi gerekce",
    // German
    "grund sperrgrund begrundung begruendung",
    // French
    "motif raison",
    // Spanish, Portuguese, Italian
    "motivo razon razao ragione causale",
    // Russian: prichina
    "\u{43f}\u{440}\u{438}\u{447}\u{438}\u{43d}\u{430}",
    // Hebrew: siba
    "\u{5e1}\u{5d9}\u{5d1}\u{5d4}",
];

/// The words of a table, which stand several on a line.
pub(crate) fn words(table: &'static [&'static str]) -> impl Iterator<Item = &'static str> {
    table.iter().flat_map(|line| line.split(' '))
}

/// Finds the columns that may hold the numbers, from 0. That is the first with one of the [`NAMES`], or
/// else all with one of the [`PARTS`] in their names.
pub(crate) fn guess(names: &[String]) -> Vec<usize> {
    let folded: Vec<String> = names.iter().map(|name| fold(name)).collect();
    if let Some(column) = folded.iter().position(|name| words(NAMES).any(|word| word == name)) {
        return vec![column];
    }
    let partly = |column: &usize| words(PARTS).any(|part| folded[*column].contains(part));
    (0..folded.len()).filter(partly).collect()
}

/// Returns the letters and digits of a name in lower case, Latin ones without their marks. A capital
/// dotted i becomes an i and a combining mark, which is removed like all other characters.
pub(crate) fn fold(name: &str) -> String {
    let lower = name.chars().flat_map(char::to_lowercase).filter(|letter| letter.is_alphanumeric());
    lower.map(unmarked).collect()
}

/// Returns a letter of the languages above without its mark. The Turkish i without a dot becomes i.
fn unmarked(letter: char) -> char {
    match letter {
        '\u{e0}'..='\u{e4}' => 'a',
        '\u{e7}' => 'c',
        '\u{e8}'..='\u{eb}' => 'e',
        '\u{11f}' => 'g',
        '\u{ec}'..='\u{ef}' | '\u{131}' => 'i',
        '\u{f1}' => 'n',
        '\u{f2}'..='\u{f6}' => 'o',
        '\u{15f}' => 's',
        '\u{f9}'..='\u{fc}' => 'u',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess_of(names: &[&str]) -> Vec<usize> {
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
            assert_eq!(guess_of(&["id", name]), [1], "{name}");
        }
    }

    #[test]
    fn folding_leaves_the_names_as_they_are() {
        for name in [NAMES, PARTS, EXPIRES, REASON].into_iter().flat_map(words) {
            assert_eq!(fold(name), name);
        }
        assert_eq!(fold("Biti\u{15f} Tarihi"), "bitistarihi");
        assert_eq!(fold("B\u{130}T\u{130}\u{15e} TAR\u{130}H\u{130}"), "bitistarihi");
        assert_eq!(fold("G\u{fc}ltig bis:"), "gultigbis");
        assert_eq!(fold("Valable jusqu'au"), "valablejusquau");
    }

    #[test]
    fn a_whole_name_beats_parts_and_parts_must_be_alone() {
        assert_eq!(guess_of(&["home_phone_1", "phone type", "MSISDN"]), [2]);
        assert_eq!(guess_of(&["id", "home_phone_1"]), [1]);
        assert_eq!(guess_of(&["home phone", "id", "work phone"]), [0, 2]);
        assert!(guess_of(&["id", "name"]).is_empty());
    }
}
