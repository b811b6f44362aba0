//! Every statement of the store that reads or writes rows, in one place: a test checks the query plan
//! of each, and finds none that walks the entries.
//!
//! A text's upper bound may be bound as an empty blob, which sorts after every text.

/// Declares the statements, each with its parameters' meaning in its text, and the list of them.
macro_rules! statements {
    ($($name:ident = $sql:literal;)*) => {
        $(pub(super) const $name: &str = $sql;)*
        /// All of them, with their names.
        pub(super) const ALL: &[(&str, &str)] = &[$((stringify!($name), $sql)),*];
    };
}

statements! {
    DOMAINS = "SELECT id, name, plan, emergency_exempt, description, created, revision \
        FROM domains ORDER BY name";
    DOMAIN_OF_NAME = "SELECT id, name, plan, emergency_exempt, description, created, revision \
        FROM domains WHERE name = ?1";
    DOMAIN_PLAN = "SELECT id, plan FROM domains WHERE name = ?1";
    DOMAIN_AT = "SELECT id, name, plan, emergency_exempt, description, created, revision \
        FROM domains WHERE id = ?1";
    DOMAIN_ADD = "INSERT INTO domains \
        (name, plan, emergency_exempt, description, created, revision) \
        VALUES (?1, ?2, ?3, ?4, ?5, 0)";
    DOMAIN_SET = "UPDATE domains SET plan = ?2, emergency_exempt = ?3, description = ?4 \
        WHERE id = ?1";
    DOMAIN_DROP = "DELETE FROM domains WHERE id = ?1";
    REVISION = "SELECT revision FROM sequence WHERE id = 1";
    REVISION_NEXT = "UPDATE sequence SET revision = revision + 1 WHERE id = 1 RETURNING revision";
    REVISION_SET = "UPDATE domains SET revision = ?2 WHERE id = ?1";
    SUBSCRIPTIONS = "SELECT name FROM subscriptions WHERE domain = ?1 ORDER BY place";
    SUBSCRIPTION_ADD = "INSERT INTO subscriptions (domain, place, name) VALUES (?1, ?2, ?3)";
    SUBSCRIPTIONS_DROP = "DELETE FROM subscriptions WHERE domain = ?1";

    LISTS = "SELECT id, domain, name, allows, response, description, created, entries \
        FROM lists WHERE domain = ?1 ORDER BY name";
    LIST_OF_NAME = "SELECT id, domain, name, allows, response, description, created, entries \
        FROM lists WHERE domain = ?1 AND name = ?2";
    LIST_ROWS = "SELECT id FROM lists WHERE domain = ?1";
    LISTS_COUNT = "SELECT COUNT(*) FROM lists WHERE domain = ?1";
    LIST_AT = "SELECT id, domain, name, allows, response, description, created, entries \
        FROM lists WHERE id = ?1";
    LIST_ADD = "INSERT INTO lists \
        (domain, name, allows, response, description, created, entries, next_seq) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 1)";
    LIST_SET = "UPDATE lists SET allows = ?2, response = ?3, description = ?4 WHERE id = ?1";
    LIST_TALLY = "SELECT domain, next_seq FROM lists WHERE id = ?1";
    LIST_COUNT = "UPDATE lists SET entries = entries + ?2, next_seq = ?3 WHERE id = ?1";
    LIST_LESS = "UPDATE lists SET entries = entries - ?2 WHERE id = ?1";
    LIST_DROP = "DELETE FROM lists WHERE id = ?1";
    REMOVED_ADD = "INSERT INTO removed_lists (id) VALUES (?1)";
    REMOVED_NEXT = "SELECT id FROM removed_lists ORDER BY id LIMIT 1";
    REMOVED_DROP = "DELETE FROM removed_lists WHERE id = ?1";

    ENTRY = "SELECT key, number, id, created, seq, expires, reason, source, list \
        FROM entries WHERE list = ?1 AND key = ?2";
    ENTRY_OF_GIVEN_ID = "SELECT entries.key, number, entries.id, entries.created, seq, expires, \
        reason, source, list FROM lists CROSS JOIN entries INDEXED BY entries_by_id \
        WHERE lists.domain = ?1 AND entries.list = lists.id AND entries.id = ?2 LIMIT 1";
    ENTRY_WITH_GIVEN_ID = "SELECT key, number, id, created, seq, expires, reason, source, list \
        FROM entries INDEXED BY entries_by_id WHERE list = ?1 AND id = ?2";
    ENTRY_AT = "SELECT key, number, id, created, seq, expires, reason, source, list \
        FROM entries INDEXED BY entries_by_place \
        WHERE list = ?1 AND created = ?2 AND seq = ?3 AND id IS NULL";
    ENTRY_ADD = "INSERT INTO entries \
        (list, key, number, id, created, seq, expires, reason, source) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING";
    ENTRY_SET = "UPDATE entries SET id = ?3, created = ?4, expires = ?5, reason = ?6, \
        source = ?7 WHERE list = ?1 AND key = ?2";
    ENTRY_REWRITE = "UPDATE entries SET number = ?3 WHERE list = ?1 AND key = ?2";
    ENTRY_DROP = "DELETE FROM entries WHERE list = ?1 AND key = ?2";
    EXPIRED = "SELECT list, key, created, seq FROM entries INDEXED BY entries_by_expiry \
        WHERE expires <= ?1 ORDER BY expires LIMIT ?2";
    EXPIRED_LISTS = "SELECT list FROM entries INDEXED BY entries_by_expiry WHERE expires <= ?1";
    EXPIRED_PLACES = "SELECT entries.created, entries.seq \
        FROM entries AS gone INDEXED BY entries_by_expiry CROSS JOIN entries \
        WHERE gone.expires <= ?2 AND gone.list = ?1 AND entries.list = ?1 \
        AND entries.key = gone.key AND entries.created >= ?3 AND entries.created < ?4";
    PURGE_UNTIL = "SELECT key FROM entries WHERE list = ?1 ORDER BY key LIMIT 1 OFFSET ?2";
    PURGE = "DELETE FROM entries WHERE list = ?1 AND key < ?2";

    PAGE_UP = "SELECT key, number, id, created, seq, expires, reason, source, list \
        FROM entries INDEXED BY entries_by_place \
        WHERE list = ?1 AND (created, seq) >= (?2, ?3) AND created < ?4 \
        ORDER BY created, seq LIMIT ?5";
    PAGE_DOWN = "SELECT key, number, id, created, seq, expires, reason, source, list \
        FROM entries INDEXED BY entries_by_place \
        WHERE list = ?1 AND (created, seq) <= (?2, ?3) AND created >= ?4 \
        ORDER BY created DESC, seq DESC LIMIT ?5";
    KEYS_UP = "SELECT key, number, id, created, seq, expires, reason, source, list \
        FROM entries WHERE list = ?1 AND key >= ?2 AND key < ?3 ORDER BY key LIMIT ?4";
    KEYS_DOWN = "SELECT key, number, id, created, seq, expires, reason, source, list \
        FROM entries WHERE list = ?1 AND key >= ?2 AND key < ?3 ORDER BY key DESC LIMIT ?4";
    NUMBERS_UP = "SELECT key, number, id, created, seq, expires, reason, source, list \
        FROM entries INDEXED BY entries_by_number \
        WHERE list = ?1 AND (number, key) >= (?2, ?3) AND number < ?4 \
        ORDER BY number, key LIMIT ?5";
    NUMBERS_DOWN = "SELECT key, number, id, created, seq, expires, reason, source, list \
        FROM entries INDEXED BY entries_by_number \
        WHERE list = ?1 AND (number, key) < (?2, ?3) AND number >= ?4 \
        ORDER BY number DESC, key DESC LIMIT ?5";
    ALL_BY_KEY = "SELECT key, number, id, created, seq, expires, reason, source, list \
        FROM entries WHERE list = ?1 ORDER BY key";
    ALL_BY_PLACE = "SELECT key, number, id, created, seq, expires, reason, source, list \
        FROM entries INDEXED BY entries_by_place WHERE list = ?1 ORDER BY created, seq";

    CHUNK_OF = "SELECT first_created, first_seq, count FROM chunks \
        WHERE list = ?1 AND (first_created, first_seq) <= (?2, ?3) \
        ORDER BY first_created DESC, first_seq DESC LIMIT 1";
    CHUNK_BEFORE = "SELECT first_created, first_seq, count FROM chunks \
        WHERE list = ?1 AND (first_created, first_seq) < (?2, ?3) \
        ORDER BY first_created DESC, first_seq DESC LIMIT 1";
    CHUNK_AFTER = "SELECT first_created, first_seq, count FROM chunks \
        WHERE list = ?1 AND (first_created, first_seq) > (?2, ?3) \
        ORDER BY first_created, first_seq LIMIT 1";
    CHUNKS = "SELECT first_created, first_seq, count FROM chunks \
        WHERE list = ?1 ORDER BY first_created, first_seq";
    CHUNKS_BEFORE = "SELECT COALESCE(SUM(count), 0) FROM chunks \
        WHERE list = ?1 AND (first_created, first_seq) < (?2, ?3)";
    CHUNK_SET = "INSERT OR REPLACE INTO chunks (list, first_created, first_seq, count) \
        VALUES (?1, ?2, ?3, ?4)";
    CHUNK_DROP = "DELETE FROM chunks WHERE list = ?1 AND first_created = ?2 AND first_seq = ?3";
    CHUNKS_DROP = "DELETE FROM chunks WHERE list = ?1";
    PLACE_AT = "SELECT created, seq FROM entries INDEXED BY entries_by_place \
        WHERE list = ?1 AND (created, seq) >= (?2, ?3) ORDER BY created, seq LIMIT 1 OFFSET ?4";
    PLACES_IN = "SELECT COUNT(*) FROM entries INDEXED BY entries_by_place \
        WHERE list = ?1 AND (created, seq) >= (?2, ?3) AND created < ?4";

    CREDENTIALS = "SELECT id, kind, key, secret, salt, domain, list, role, label, created, revoked \
        FROM credentials ORDER BY id";
    CREDENTIAL_OF_KEY = "SELECT id, kind, key, secret, salt, domain, list, role, label, created, \
        revoked FROM credentials WHERE key = ?1";
    CREDENTIAL_AT = "SELECT id, kind, key, secret, salt, domain, list, role, label, created, \
        revoked FROM credentials WHERE id = ?1";
    CREDENTIAL_ADD = "INSERT INTO credentials \
        (kind, key, secret, salt, domain, list, role, label, created) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    CREDENTIAL_REVOKE = "UPDATE credentials SET revoked = ?2 WHERE id = ?1";

    AUDIT_ADD = "INSERT INTO audit (at, who, what, domain, list, subject, detail, domain_id) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, (SELECT id FROM domains WHERE name = ?4))";
    AUDIT = "SELECT id, at, who, what, domain, list, subject, detail FROM audit \
        WHERE id < ?1 ORDER BY id DESC LIMIT ?2";
    AUDIT_OF_DOMAIN = "SELECT id, at, who, what, domain, list, subject, detail \
        FROM audit INDEXED BY audit_by_domain \
        WHERE domain = ?3 AND id < ?1 ORDER BY id DESC LIMIT ?2";
    AUDIT_OF_ROW = "SELECT id, at, who, what, domain, list, subject, detail \
        FROM audit INDEXED BY audit_by_domain \
        WHERE domain = (SELECT name FROM domains WHERE id = ?3) AND domain_id = ?3 \
        AND id < ?1 ORDER BY id DESC LIMIT ?2";
    AUDIT_PRUNE = "DELETE FROM audit WHERE id IN \
        (SELECT id FROM audit INDEXED BY audit_by_time WHERE at < ?1 ORDER BY at LIMIT ?2)";
}

/// Rows that [`entries_add`] adds at once: enough that a row costs a third less than alone.
pub(super) const ROWS: usize = 64;

/// As [`ENTRY_ADD`], [`ROWS`] at once: the list is `?1`, the other columns of each row follow.
pub(super) fn entries_add() -> String {
    let (insert, end) = ENTRY_ADD
        .split_once("(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")
        .expect("the statement has one row of values");
    let rows = vec!["(?1, ?, ?, ?, ?, ?, ?, ?, ?)"; ROWS].join(", ");
    format!("{insert}{rows}{end}")
}
