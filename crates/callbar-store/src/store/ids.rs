//! The ids that the store gives: they follow from where an entry is, so that its row need not hold
//! them and no index need find them.
//!
//! Four bytes of the time it was made, where other systems' users read it; three of its list; five
//! of its place in the order of arrival. A row holds its id only where it is another one: given from
//! outside, or of an entry whose time was changed since. That no id is given twice on a list rests on
//! this: who brings one that looks like the list's own moves the list's next place behind it.

use super::{ListRow, Place};
use callbar::EntryId;

/// The end of the places that five bytes can tell.
const SEQ_END: u64 = 1 << 40;
/// The end of those that an id follows from: one that is brought can move the next place no further,
/// and the other half of the places is left.
const OWN_END: u64 = SEQ_END / 2;
/// The end of the times that four bytes can tell.
const TIME_END: u64 = u32::MAX as u64;

/// The id that follows from a place on a list; `None` if it does not fit.
pub(super) fn own(list: ListRow, place: Place) -> Option<EntryId> {
    let fits = (1..TIME_END).contains(&place.created) && place.seq < OWN_END;
    fits.then(|| made(list, place, 0))
}

/// The place that an id of this list's own would follow from.
pub(super) fn place(list: ListRow, id: EntryId) -> Option<Place> {
    let bytes = id.bytes();
    let (time, rest) = bytes.split_first_chunk()?;
    let rest = u64::from_be_bytes(*rest.first_chunk()?);
    let place = Place { created: u32::from_be_bytes(*time).into(), seq: rest % SEQ_END };
    (own(list, place) == Some(id)).then_some(place)
}

/// An id for an entry made there, and another one for each attempt: the first is its own, if one fits.
pub(super) fn made(list: ListRow, place: Place, attempt: u64) -> EntryId {
    let time = u32::try_from(place.created).unwrap_or(u32::MAX).to_be_bytes();
    let list = list.get().cast_unsigned().wrapping_add(attempt);
    let mut bytes = [0; 12];
    bytes[..4].copy_from_slice(&time);
    bytes[4..].copy_from_slice(&((list << 40) | (place.seq % SEQ_END)).to_be_bytes());
    EntryId::new(bytes).expect("the time is not 0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_its_place_to_its_own_list_alone() {
        let (list, other) = (ListRow::new(7), ListRow::new(8));
        for (created, seq) in [(1, 0), (1_790_000_000, 1), (TIME_END - 1, OWN_END - 1)] {
            let at = Place { created, seq };
            let id = own(list, at).expect("it fits");
            assert_eq!((place(list, id), place(other, id)), (Some(at), None));
        }
        for (created, seq) in [(TIME_END, 1), (u64::MAX, 1), (1, OWN_END)] {
            let at = Place { created, seq };
            assert_eq!(own(list, at), None);
            let id = made(list, at, 0);
            assert_ne!(id, made(list, at, 1));
            assert_ne!(place(list, id), Some(at));
        }
        for bytes in [[1; 12], [0xff; 12], [0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 1]] {
            assert_eq!(place(list, EntryId::new(bytes).expect("not zero")), None);
        }
    }
}
