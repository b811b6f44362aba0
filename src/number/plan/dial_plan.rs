//! The dial plan: how a domain writes and dials numbers.
//!
//! Holds and checks the options, and finds the prefixes that digits begin with. The modules `text` and
//! `pattern` read texts under a plan.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::automaton;
use super::facts::Region;
use super::shortcut::Shortcuts;
use crate::error::PrefixError;
use crate::number::characters::{CharacterKind, Characters, character_kind};
use crate::{Error, Result};

/// The longest prefix of a dial plan.
const LONGEST_PREFIX: usize = 15;
/// The most prefixes of a kind. A call that takes the long way may try all of them.
const MOST_PREFIXES: usize = 64;

/// How a domain dials: its region, its own prefixes, and what plain digits mean.
///
/// Reads numbers as libphonenumber does in the region, but for these departures. Each of them makes sure that
/// a canonical form means one thing:
/// - Short codes come first. At most six bare digits are an E.164 number only if it is valid, otherwise a local
///   number: libphonenumber would make +1911 of 911.
/// - A plus or international prefix before a calling code that is not assigned gives an unassigned number. It
///   is no error, and is not read again as a national number.
/// - After a calling code, what matches the general pattern of national numbers keeps its first
///   digits though they look like a trunk prefix (Belarus: +375 8102469989). Trunk prefix is what
///   libphonenumber calls national prefix.
/// - A number whose E.164 form would read as another number is left local.
/// - Argentina's 9 and Mexico's former 1 before ten digits only mark a number as mobile, and are dropped:
///   `+54 9 11 5555 0147` and `011 15 5555 0147` are `+541155550147`,
///   `+52 1 55 1234 5678` is `+525512345678`.
/// - A short code of the region behind a plus or an international prefix and its own calling code,
///   `+90 1001`, is that short code.
/// - A zero between brackets behind a calling code, `+48 (0) 22 ...`, is dropped where national numbers
///   begin with no zero.
///
/// A plus before an international prefix or a trunk prefix is a mistake, because no calling code begins with 0:
/// `+0090505...` and `+0505...` are read without it, as libphonenumber does. If that gives no possible number,
/// the number is unassigned.
///
/// A number longer or shorter than the possible lengths of its country is a local number, as
/// libphonenumber finds it impossible: no E.164 number or prefix on a list holds it, but the class
/// [`invalid`](crate::Class::Invalid) if it is too long or of a length between, [`short`](crate::Class::Short)
/// if it is too short or only local.
///
/// Cheap to use, immutable, and shared between threads freely; the facts of the regions are static.
///
/// A region alone is a plan: `"TR".parse()`. In JSON a plan is an object; `region` is needed, the prefixes and
/// `plain_e164` may be left out.
///
/// # Examples
/// ```
/// use callbar::DialPlan;
///
/// let plan = DialPlan::new("TR")?.with_technical_prefix("99#")?;
/// for written in ["0505 004 78 24", "+90 (505) 004-7824", "sip:00905050047824@gw.example"] {
///     assert_eq!(plan.number(written.as_bytes()).to_string(), "+905050047824");
/// }
/// assert_eq!(plan.number(b"112").to_string(), "112", "a short code is local");
/// assert_eq!((plan.region(), plan.plain_e164()), ("TR", false));
/// assert_eq!(plan.technical_prefixes().collect::<Vec<_>>(), ["99#"]);
/// assert_eq!(plan.international_prefixes().count(), 0, "none but those of the region");
///
/// let json = r#"{"region":"TR","technical_prefixes":["99#"]}"#;
/// assert_eq!(serde_json::from_str::<DialPlan>(json)?, plan);
/// assert_eq!("TR".parse::<DialPlan>()?, DialPlan::new("tr")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct DialPlan {
    home: &'static Region,
    /// The short ways of the region; none if an option may lead elsewhere.
    shortcuts: Option<&'static Shortcuts>,
    /// Both sorted by falling length, so that the first that fits is the longest.
    international: Vec<Box<str>>,
    technical: Vec<Box<str>>,
    plain_e164: bool,
}

impl DialPlan {
    /// The plan of a region, by its ISO 3166-1 alpha-2 code in either case: `TR`. The first of a
    /// region takes about 0.1 ms, and 16 KB that all later ones share.
    ///
    /// # Errors
    /// [`Error::UnknownRegion`] if libphonenumber knows no such region.
    ///
    /// # Examples
    /// ```
    /// use callbar::{DialPlan, Error};
    ///
    /// assert_eq!(DialPlan::new("tr")?.region(), "TR");
    /// assert!(matches!(DialPlan::new("XX"), Err(Error::UnknownRegion { .. })));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new(region: &str) -> Result<Self> {
        let name: Option<[u8; 2]> = region.to_ascii_uppercase().as_bytes().try_into().ok();
        let home = name
            .and_then(Region::named)
            .ok_or_else(|| Error::UnknownRegion { region: region.into() })?;
        Ok(Self {
            home,
            shortcuts: Some(Shortcuts::for_region(home)),
            international: Vec::new(),
            technical: Vec::new(),
            plain_e164: false,
        })
    }

    /// Adds an international prefix beside the region's own: `00`, `011`. Where several fit, the
    /// longest is taken, and any of these before the region's own. A `~`, which asks to wait for
    /// the tone (`8~10`), is dropped.
    ///
    /// # Errors
    /// [`Error::InvalidPrefix`] unless it is 1 to 15 digits, and the plan has no more than 64.
    ///
    /// # Examples
    /// ```
    /// use callbar::DialPlan;
    ///
    /// let plan = DialPlan::new("TR")?.with_international_prefix("8~10")?;
    /// assert_eq!(plan.number(b"810 49 30 901820").to_string(), "+4930901820");
    /// # Ok::<(), callbar::Error>(())
    /// ```
    pub fn with_international_prefix(mut self, prefix: &str) -> Result<Self> {
        let prefix = &prefix.replace('~', "");
        if !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(invalid(prefix, PrefixError::NotDigits));
        }
        add(&mut self.international, prefix)?;
        self.shortcuts = None;
        Ok(self)
    }

    /// Adds a technical prefix: `99#`, `*67`, `L0#`. It is dialled, so it is stripped from callees alone,
    /// never from callers and list entries; once, and only where a number is left; never from an emergency
    /// number. Where several fit, the longest is taken. The case of a letter counts.
    ///
    /// # Errors
    /// [`Error::InvalidPrefix`] unless it is 1 to 15 digits, ASCII letters, `*` and `#`, and the plan has
    /// no more than 64.
    ///
    /// # Examples
    /// ```
    /// use callbar::{Call, Compiler, DialPlan, Engine};
    /// use callbar::Action::Deny;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # let data = directory.path();
    /// let plan = DialPlan::new("TR")?.with_technical_prefix("99#")?;
    /// let mut compiler = Compiler::new("my.example", plan)?;
    /// assert!(compiler.list("spam", Deny)?.extend(["0505 004 78 24"]).is_empty());
    /// let engine = Engine::open(data)?;
    /// engine.publish("my.example", &compiler.finish()?.bytes)?;
    /// let call = Call { callee: Some(b"99#05050047824"), ..Call::default() };
    /// assert!(engine.reader().decide("my.example", &call)?.is_deny());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_technical_prefix(mut self, prefix: &str) -> Result<Self> {
        if !prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'#')) {
            return Err(invalid(prefix, PrefixError::NotDialled));
        }
        add(&mut self.technical, prefix)?;
        Ok(self)
    }

    /// Takes plain digits as E.164 digits without their plus wherever that gives a possible
    /// number. For trunks that send them so; the default is no.
    ///
    /// # Examples
    /// ```
    /// use callbar::DialPlan;
    ///
    /// let plan = DialPlan::new("TR")?;
    /// let trunk = plan.clone().with_plain_e164(true);
    /// assert_eq!(trunk.number(b"12125550147").to_string(), "+12125550147");
    /// assert_ne!(plan.number(b"12125550147").to_string(), "+12125550147");
    /// # Ok::<(), callbar::Error>(())
    /// ```
    #[must_use]
    pub fn with_plain_e164(mut self, yes: bool) -> Self {
        self.plain_e164 = yes;
        let optionless = !yes && self.international.is_empty();
        self.shortcuts = optionless.then(|| Shortcuts::for_region(self.home));
        self
    }

    /// The region, `TR`.
    #[must_use]
    pub fn region(&self) -> &str {
        self.home.name()
    }

    /// The added international prefixes, longest first.
    pub fn international_prefixes(&self) -> impl Iterator<Item = &str> {
        self.international.iter().map(AsRef::as_ref)
    }

    /// The technical prefixes, longest first.
    pub fn technical_prefixes(&self) -> impl Iterator<Item = &str> {
        self.technical.iter().map(AsRef::as_ref)
    }

    /// Reports whether plain digits are E.164 digits.
    #[must_use]
    pub fn plain_e164(&self) -> bool {
        self.plain_e164
    }

    /// The short ways of the region; none if an option of the plan may lead elsewhere.
    #[inline]
    pub(crate) fn shortcuts(&self) -> Option<&'static Shortcuts> {
        self.shortcuts
    }

    /// Reports whether texts without a plus may begin with a technical prefix.
    #[inline]
    pub(crate) fn has_technical_prefix(&self) -> bool {
        !self.technical.is_empty()
    }

    /// What stands behind a technical prefix, if a callee's user begins with one. Separators among its
    /// digits do not matter.
    pub(crate) fn behind_technical_prefix<'a>(&self, user: &'a [u8]) -> Option<&'a [u8]> {
        self.technical.iter().find_map(|prefix| behind_prefix(prefix.as_bytes(), user))
    }

    /// The digits after an international prefix. No calling code begins with 0, so neither does
    /// what follows one.
    #[inline]
    pub(crate) fn after_international_prefix<'a>(&self, digits: &'a [u8]) -> Option<&'a [u8]> {
        let begins_with_code = |rest: &&[u8]| rest.first() != Some(&b'0');
        if !self.international.is_empty() {
            let longest =
                self.international.iter().find_map(|prefix| digits.strip_prefix(prefix.as_bytes()));
            if let Some(rest) = longest.filter(begins_with_code) {
                return Some(rest);
            }
        }
        if !self.home.may_be_international(digits) {
            return None;
        }
        let prefix = automaton::prefix(self.home.international, digits)?;
        Some(&digits[usize::from(prefix.skip)..]).filter(begins_with_code)
    }

    #[inline]
    pub(crate) fn home(&self) -> &'static Region {
        self.home
    }
}

/// Two plans are equal if they read every text alike: the order in which prefixes were added does not matter.
impl PartialEq for DialPlan {
    fn eq(&self, other: &Self) -> bool {
        let same = |one: &[Box<str>], other: &[Box<str>]| {
            one.len() == other.len() && one.iter().all(|prefix| other.contains(prefix))
        };
        self.region() == other.region()
            && self.plain_e164 == other.plain_e164
            && same(&self.international, &other.international)
            && same(&self.technical, &other.technical)
    }
}

impl Eq for DialPlan {}

impl FromStr for DialPlan {
    type Err = Error;

    /// As [`DialPlan::new`].
    fn from_str(region: &str) -> Result<Self> {
        Self::new(region)
    }
}

/// The options of a dial plan as people give them, and the JSON of a [`DialPlan`]. They are not checked before
/// [`dial_plan`](Self::dial_plan) makes a plan of them.
///
/// # Examples
/// ```
/// use callbar::PlanSpec;
///
/// let spec = PlanSpec { technical_prefixes: vec!["99#".into()], ..PlanSpec::new("TR") };
/// let plan = spec.dial_plan()?;
/// assert_eq!(plan.region(), "TR");
/// assert_eq!(PlanSpec::from(&plan), spec);
/// assert!(PlanSpec::new("XX").dial_plan().is_err());
/// # Ok::<(), callbar::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanSpec {
    /// The region of numbers that are dialled without a calling code: an ISO 3166-1 code such as `TR`.
    pub region: String,
    /// International prefixes besides those of the region, see [`DialPlan::with_international_prefix`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub international_prefixes: Vec<String>,
    /// Prefixes that gateways put before a number, see [`DialPlan::with_technical_prefix`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub technical_prefixes: Vec<String>,
    /// Whether digits without a plus sign begin with a calling code.
    #[serde(default)]
    pub plain_e164: bool,
}

impl PlanSpec {
    /// The options of a region's plan, without further prefixes.
    ///
    /// # Examples
    /// ```
    /// use callbar::PlanSpec;
    ///
    /// let plan = PlanSpec::new("TR").dial_plan()?;
    /// assert_eq!(plan.number(b"0505 004 78 24").to_string(), "+905050047824");
    /// # Ok::<(), callbar::Error>(())
    /// ```
    #[must_use]
    pub fn new(region: impl Into<String>) -> Self {
        Self { region: region.into(), ..Self::default() }
    }

    /// The dial plan with these options.
    ///
    /// # Errors
    /// Those of [`DialPlan::new`], [`DialPlan::with_international_prefix`] and
    /// [`DialPlan::with_technical_prefix`].
    ///
    /// # Examples
    /// ```
    /// use callbar::PlanSpec;
    ///
    /// let spec = PlanSpec { plain_e164: true, ..PlanSpec::new("TR") };
    /// assert_eq!(spec.dial_plan()?.number(b"4930901820").to_string(), "+4930901820");
    /// assert!(PlanSpec::new("XX").dial_plan().is_err(), "no such region");
    /// # Ok::<(), callbar::Error>(())
    /// ```
    pub fn dial_plan(&self) -> Result<DialPlan> {
        let mut plan = DialPlan::new(&self.region)?;
        for prefix in &self.international_prefixes {
            plan = plan.with_international_prefix(prefix)?;
        }
        for prefix in &self.technical_prefixes {
            plan = plan.with_technical_prefix(prefix)?;
        }
        Ok(plan.with_plain_e164(self.plain_e164))
    }
}

impl From<&DialPlan> for PlanSpec {
    /// The options of a plan. Prefixes come longest first.
    fn from(plan: &DialPlan) -> Self {
        Self {
            region: plan.region().to_owned(),
            international_prefixes: plan.international_prefixes().map(str::to_owned).collect(),
            technical_prefixes: plan.technical_prefixes().map(str::to_owned).collect(),
            plain_e164: plan.plain_e164(),
        }
    }
}

impl Serialize for DialPlan {
    /// As its [`PlanSpec`]: `{"region": "TR", "technical_prefixes": ["99#"], "plain_e164": false}`
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        PlanSpec::from(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for DialPlan {
    /// From a [`PlanSpec`].
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        PlanSpec::deserialize(deserializer)?.dial_plan().map_err(de::Error::custom)
    }
}

fn behind_prefix<'a>(prefix: &[u8], user: &'a [u8]) -> Option<&'a [u8]> {
    let mut characters = Characters(user);
    let mut is_begun = false;
    for &wanted in prefix {
        loop {
            let character = characters.next()??;
            match character_kind(character) {
                CharacterKind::Separator => {}
                CharacterKind::Dialled(byte) if byte == wanted => break,
                CharacterKind::Other if character == char::from(wanted) => break,
                // Servers drop controls anywhere, and quotes and a plus in front.
                CharacterKind::Other if character.is_control() => {}
                CharacterKind::Other if !is_begun && matches!(character, '"' | '\'') => {}
                CharacterKind::Plus if !is_begun => {}
                _ => return None,
            }
        }
        is_begun = true;
    }
    // A telephone may wait for the tone of the line.
    while let [b'p' | b'P' | b'w' | b'W' | b',', rest @ ..] = characters.0 {
        characters.0 = rest;
    }
    (!characters.0.is_empty()).then_some(characters.0)
}

fn add(prefixes: &mut Vec<Box<str>>, prefix: &str) -> Result<()> {
    if prefix.is_empty() || prefix.len() > LONGEST_PREFIX {
        return Err(invalid(prefix, PrefixError::Length));
    }
    if !prefixes.iter().any(|known| **known == *prefix) {
        if prefixes.len() >= MOST_PREFIXES {
            return Err(invalid(prefix, PrefixError::TooMany));
        }
        let at = prefixes.partition_point(|known| known.len() >= prefix.len());
        prefixes.insert(at, prefix.into());
    }
    Ok(())
}

fn invalid(prefix: &str, reason: PrefixError) -> Error {
    Error::InvalidPrefix { prefix: prefix.into(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_comes_back_from_json() {
        let plan = DialPlan::new("DE").unwrap();
        assert_eq!(serde_json::to_string(&plan).unwrap(), r#"{"region":"DE","plain_e164":false}"#);
        let full = plan.clone().with_technical_prefix("99#").unwrap().with_plain_e164(true);
        let full = full.with_international_prefix("8~10").unwrap();
        let json = serde_json::to_string(&full).unwrap();
        assert_eq!(serde_json::from_str::<DialPlan>(&json).unwrap(), full);
        assert_ne!(full, plan);
        for wrong in
            ["{}", r#"{"region":"XX"}"#, r#"{"region":"DE","technical_prefixes":["+"]}"#, "\"DE\""]
        {
            assert!(serde_json::from_str::<DialPlan>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn messages_name_the_bounds() {
        let (length, count) = (PrefixError::Length.as_str(), PrefixError::TooMany.as_str());
        assert!(length.contains(&format!(" {LONGEST_PREFIX} characters")), "{length}");
        assert!(count.contains(&format!(" {MOST_PREFIXES} of its kind")), "{count}");
    }

    #[test]
    fn the_order_of_prefixes_is_no_difference() {
        let with = |prefixes: [&str; 2]| {
            let plan = DialPlan::new("TR").unwrap();
            prefixes.iter().fold(plan, |plan, prefix| plan.with_technical_prefix(prefix).unwrap())
        };
        assert_eq!(with(["99#", "98#"]), with(["98#", "99#"]));
        assert_ne!(with(["99#", "98#"]), with(["97#", "99#"]));
    }
}
