//! The ids that the store gives to entries. They follow from an entry's place, so that its row need not
//! hold them and no index need find them.
//!
//! Four bytes hold the time of creation, where users of other systems read it, three the list, five the
//! arrival. A row holds its id only if it is another one: an id that the caller gave, or that of an entry
//! whose time of creation changed later. No id is given twice on a list, because an id that looks like the
//! list's own moves the list's next place behind it.

use super::{ListRow, Place};
use callbar::EntryId;

/// The end of the places that five bytes can hold.
const SEQ_END: u64 = 1 << 40;
/// The end of the places that an id follows from. An id that a caller gives can move the next place no
/// further, so half of the places is always left.
const OWN_END: u64 = SEQ_END / 2;
/// The end of the times that four bytes can hold.
const TIME_END: u64 = u32::MAX as u64;

/// The id that follows from a place on a list; `None` if it does not fit.
pub(super) fn from_place(list: ListRow, place: Place) -> Option<EntryId> {
    let fits = (1..TIME_END).contains(&place.created) && place.seq < OWN_END;
    fits.then(|| generate(list, place, 0))
}

/// The place that an id follows from; `None` if it is not one of this list's own.
pub(super) fn to_place(list: ListRow, id: EntryId) -> Option<Place> {
    let bytes = id.bytes();
    let (time, rest) = bytes.split_first_chunk()?;
    let rest = u64::from_be_bytes(*rest.first_chunk()?);
    let place = Place { created: u32::from_be_bytes(*time).into(), seq: rest % SEQ_END };
    (from_place(list, place) == Some(id)).then_some(place)
}

/// An id for an entry of this place, another one for each attempt. Attempt 0 gives [`from_place`] if that
/// fits.
pub(super) fn generate(list: ListRow, place: Place, attempt: u64) -> EntryId {
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
    fn an_id_has_a_place_on_its_own_list_alone() {
        let (list, other) = (ListRow::new(7), ListRow::new(8));
        for (created, seq) in [(1, 0), (1_790_000_000, 1), (TIME_END - 1, OWN_END - 1)] {
            let at = Place { created, seq };
            let id = from_place(list, at).expect("it fits");
            assert_eq!((to_place(list, id), to_place(other, id)), (Some(at), None));
        }
        for (created, seq) in [(TIME_END, 1), (u64::MAX, 1), (1, OWN_END)] {
            let at = Place { created, seq };
            assert_eq!(from_place(list, at), None);
            let id = generate(list, at, 0);
            assert_ne!(id, generate(list, at, 1));
            assert_ne!(to_place(list, id), Some(at));
        }
        for bytes in [[1; 12], [0xff; 12], [0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 1]] {
            assert_eq!(to_place(list, EntryId::new(bytes).expect("not zero")), None);
        }
    }
}
