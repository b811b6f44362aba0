//! What an answer of libphonenumber is in canonical form.

/// The calling code and mobile mark of the two countries whose numbers lose the mark: Argentina's 9, and
/// the 1 that Mexico gave up in 2019. Ten digits follow it.
const MARKS: [(&str, &str); 2] = [("+54", "9"), ("+52", "1")];

/// The number in canonical form: `+5491155550147`, which libphonenumber keeps apart from
/// `+541155550147`, is that number.
pub(crate) fn canonical_of_oracle(theirs: &str) -> String {
    let unmarked = |&(code, mark): &(&str, &str)| {
        let rest = theirs.strip_prefix(code)?.strip_prefix(mark)?;
        (rest.len() == 10).then(|| format!("{code}{rest}"))
    };
    MARKS.iter().find_map(unmarked).unwrap_or_else(|| theirs.to_owned())
}
