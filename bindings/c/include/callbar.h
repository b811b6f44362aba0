/*
 * callbar: may this call go on, or which list bars it? The question of a call is callbar_decide.
 *
 * Made from the sources in bindings/c by cbindgen: change them, not this file.
 *
 * Every pointer must be valid for what it is said to point to. What can be noticed (NULL, lengths
 * that cannot be, a handle of another kind, one that was closed) is answered by a status. Texts that
 * go in need no NUL behind them; each closed handle leaves some 24 bytes behind, so keep handles.
 */

#ifndef CALLBAR_H
#define CALLBAR_H

#include <stddef.h>
#include <stdint.h>

/**
 * The version of this interface. It moves when a program that was compiled with an older header
 * would no longer work.
 */
#define CALLBAR_ABI_VERSION 1

/**
 * Long files are mapped, and shared by all processes of the machine.
 */
#define CALLBAR_LOAD_MAP 0

/**
 * All files are read into memory of this process: for those who cannot be sure that nobody
 * shortens a file in place.
 */
#define CALLBAR_LOAD_HEAP 1

/**
 * How a call of a function ended.
 */
enum callbar_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * All is well.
     */
    CALLBAR_STATUS_OK = 0,
    /**
     * A pointer is NULL, or not aligned for what it is to point to.
     */
    CALLBAR_STATUS_BAD_POINTER = 1,
    /**
     * This is no handle of the kind asked for: it is another kind, or it was closed.
     */
    CALLBAR_STATUS_BAD_HANDLE = 2,
    /**
     * A length is more than 1,048,576 bytes, which no text has: it was never set, or is -1. Or a
     * count is more than memory holds, or than the 64 values that a header of a call may have.
     */
    CALLBAR_STATUS_BAD_LENGTH = 3,
    /**
     * A domain's name is not UTF-8.
     */
    CALLBAR_STATUS_BAD_UTF8 = 4,
    /**
     * An option has a value that does not exist, or the `size` in a struct is not its sizeof.
     */
    CALLBAR_STATUS_BAD_OPTION = 5,
    /**
     * The directory has no such domain, or its files could not be loaded: see
     * callbar_engine_health.
     */
    CALLBAR_STATUS_UNKNOWN_DOMAIN = 6,
    /**
     * The data directory cannot be opened.
     */
    CALLBAR_STATUS_CANNOT_OPEN = 7,
    /**
     * A defect of callbar. The handle can be used further.
     */
    CALLBAR_STATUS_INTERNAL = 8,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum callbar_status callbar_status;
#else
typedef int32_t callbar_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What to do with a call, or with calls from and to a number.
 */
enum callbar_action
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * No list says anything.
     */
    CALLBAR_ACTION_PASS = 0,
    /**
     * A list says to let the call through.
     */
    CALLBAR_ACTION_ALLOW = 1,
    /**
     * A list says to bar the call.
     */
    CALLBAR_ACTION_DENY = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum callbar_action callbar_action;
#else
typedef int32_t callbar_action;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * A party of a call.
 */
enum callbar_party
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Neither.
     */
    CALLBAR_PARTY_NONE = 0,
    /**
     * Who calls.
     */
    CALLBAR_PARTY_CALLER = 1,
    /**
     * Who is called.
     */
    CALLBAR_PARTY_CALLEE = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum callbar_party callbar_party;
#else
typedef int32_t callbar_party;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * A data directory that is open. Any number of threads may use it at the same time.
 *
 * A process that forks opens it in the child, for each worker its own. Opened before the fork it
 * serves the child as well, if no other thread of the parent was inside the library at that moment.
 */
typedef struct callbar_engine callbar_engine;

/**
 * A thread's handle on an engine: one for each routing thread or forked worker, and used by one
 * thread at a time. It outlives its engine.
 *
 * In a forked worker open engine and reader after the fork. A reader that was open before serves
 * parent and child, each its own copy.
 *
 * A reader keeps the lists of its last check in memory, also after they were replaced.
 */
typedef struct callbar_reader callbar_reader;

/**
 * A text: `len` bytes from `at` on, and no NUL behind them. Print it by "%.*s".
 */
typedef struct callbar_text {
    /**
     * Its first byte; NULL if there is no text.
     */
    const char *at;
    /**
     * How many bytes it has.
     */
    size_t len;
} callbar_text;

/**
 * What lists say of a number. Its texts stay until the next call of any function with the same
 * reader; `reason` stays for ever.
 */
typedef struct callbar_verdict {
    /**
     * What to do.
     */
    callbar_action action;
    /**
     * The SIP response to recommend for a barred call: 433, 603, 607 or 608; else 0.
     */
    uint32_t sip_code;
    /**
     * The reason phrase of that response; else nothing.
     */
    struct callbar_text reason;
    /**
     * The list that decided; nothing if none did.
     */
    struct callbar_text list;
    /**
     * The canonical form of the number, if a list decided; else nothing, and nothing in a batch.
     */
    struct callbar_text number;
} callbar_verdict;

/**
 * What a call says of its parties. Set `size`, and what the call does not have to 0. Each text is a
 * whole header value as it stands, in any bytes; its `at` is NULL if the call has no such header.
 */
typedef struct callbar_call {
    /**
     * sizeof(callbar_call)
     */
    uint32_t size;
    /**
     * The request URI or the value of To, as the call will be routed by it.
     */
    struct callbar_text callee;
    /**
     * The value of From.
     */
    struct callbar_text from;
    /**
     * The values of P-Asserted-Identity, then of P-Preferred-Identity, of peers that may assert.
     */
    const struct callbar_text *asserted;
    /**
     * How many these are: 64 at most. One value may hold several addresses, with commas between
     * them.
     */
    size_t asserted_count;
    /**
     * The values of Remote-Party-ID, with their parameters.
     */
    const struct callbar_text *remote_party;
    /**
     * How many these are: 64 at most.
     */
    size_t remote_party_count;
    /**
     * The value of Privacy; several may be joined by `;` or `,`.
     */
    struct callbar_text privacy;
} callbar_call;

/**
 * What follows for a call. Set `size` before the question. Its texts stay until the next call of any
 * function with the same reader; `reason` stays for ever.
 */
typedef struct callbar_decision {
    /**
     * sizeof(callbar_decision)
     */
    uint32_t size;
    /**
     * What to do.
     */
    callbar_action action;
    /**
     * Whose number is on the list that decided; CALLBAR_PARTY_NONE if none did.
     */
    callbar_party party;
    /**
     * 1 for an emergency call, which goes on even if a list denies a party; else 0.
     */
    uint32_t exempt;
    /**
     * 1 if the callee holds digits and is not plainly one number; else 0, and 0 for an emergency call.
     * A strict server refuses such calls with 484 (Address Incomplete).
     */
    uint32_t ambiguous;
    /**
     * The SIP response to recommend for a barred call: 400, 433, 603, 607 or 608; else 0.
     */
    uint32_t sip_code;
    /**
     * The reason phrase of that response; else nothing.
     */
    struct callbar_text reason;
    /**
     * The list that decided; nothing if none did.
     */
    struct callbar_text list;
    /**
     * The entry on it, in canonical form; nothing if none decided.
     */
    struct callbar_text entry;
} callbar_decision;

/**
 * How a data directory is opened. Set `size`, and the rest to 0 for the defaults.
 */
typedef struct callbar_options {
    /**
     * sizeof(callbar_options)
     */
    uint32_t size;
    /**
     * CALLBAR_LOAD_MAP or CALLBAR_LOAD_HEAP.
     */
    uint32_t load_mode;
    /**
     * The answer to a call that cannot be judged: CALLBAR_ACTION_PASS or CALLBAR_ACTION_DENY.
     */
    int32_t on_error;
    /**
     * Not 0: domains whose files are damaged are left out, and told by callbar_engine_health.
     * 0: they keep the directory from being opened.
     */
    uint32_t sound_only;
} callbar_options;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * CALLBAR_ABI_VERSION as the library was built with: compare it with that of the header.
 */
uint32_t callbar_abi_version(void);

/**
 * The release, "0.1.0". Never NULL, never freed.
 */
const char *callbar_version(void);

/**
 * Checks `count` numbers against the same lists: `verdicts[i]` answers `numbers[i]`, and there is
 * room for `count` of them. Faster than one at a time where the lists exceed the caches, from 64 on
 * as fast as it gets. Allocates nothing. For numbers of which nobody says whether they call or are
 * called, as callbar_check; of a call ask callbar_decide.
 *
 * On an error all verdicts are the answer that `on_error` of callbar_options asks for.
 */
callbar_status callbar_check_batch(struct callbar_reader *reader,
                                   const char *domain,
                                   size_t domain_len,
                                   const struct callbar_text *numbers,
                                   size_t count,
                                   struct callbar_verdict *verdicts);

/**
 * What the lists of a domain say of a number of which nobody says whether it calls or is called, one
 * of a campaign for instance: a user part, a whole SIP, SIPS or tel URI or a name-addr header, any
 * bytes. Of a call ask callbar_decide.
 *
 * Allocates nothing, takes no lock and makes no system call, but for the first check after a
 * change, which picks up the new lists.
 *
 * On an error the verdict is the answer that `on_error` of callbar_options asks for; without a
 * reader nobody knows it, and it is CALLBAR_ACTION_PASS.
 */
callbar_status callbar_check(struct callbar_reader *reader,
                             const char *domain,
                             size_t domain_len,
                             const char *number,
                             size_t number_len,
                             struct callbar_verdict *verdict);

/**
 * As callbar_check, of a domain by its id from callbar_domain.
 */
callbar_status callbar_check_id(struct callbar_reader *reader,
                                uint32_t id,
                                const char *number,
                                size_t number_len,
                                struct callbar_verdict *verdict);

/**
 * What follows for a call: asks the lists of a domain about both of its parties. This is the one
 * question of a routing process.
 *
 * In this order; the first that a list denies decides:
 *
 * 1. An emergency call goes on, whoever makes it, unless the domain says that it exempts none.
 * 2. All asserted identities, then all of Remote-Party-ID, then From. A list that allows one and
 *    denies none of a kind decides for the kinds after it.
 * 3. Unless a list has spoken so: a caller whose identity is withheld, by Privacy or by
 *    Remote-Party-ID, is in the class `anonymous`.
 * 4. The callee. A call that a list allowed for its caller may still be barred by whom it is for.
 *
 * Allocates nothing, takes no lock and makes no system call, but for the first question after a
 * change, which picks up the new lists.
 *
 * On an error the decision is the one that `on_error` of callbar_options asks for, and nobody is
 * its party; without a reader nobody knows it, and it is CALLBAR_ACTION_PASS. A decision whose
 * `size` is wrong stays as it is. A call with more than 64 values of a header is
 * CALLBAR_STATUS_BAD_LENGTH and denied by 400 (Bad Request) in any case: the caller chose that.
 */
callbar_status callbar_decide(struct callbar_reader *reader,
                              const char *domain,
                              size_t domain_len,
                              const struct callbar_call *call,
                              struct callbar_decision *decision);

/**
 * As callbar_decide, of a domain by its id from callbar_domain.
 */
callbar_status callbar_decide_id(struct callbar_reader *reader,
                                 uint32_t id,
                                 const struct callbar_call *call,
                                 struct callbar_decision *decision);

/**
 * Opens a data directory, which must exist.
 *
 * `options` may be NULL. Why it could not be opened goes to `why`, `why_size` bytes with the NUL,
 * unless that is NULL. On any error `*engine` is NULL.
 *
 * Reads and verifies every byte of every file: a second or so for 5 GB in the page cache.
 */
callbar_status callbar_engine_open(const char *dir,
                                   size_t dir_len,
                                   const struct callbar_options *options,
                                   struct callbar_engine **engine,
                                   char *why,
                                   size_t why_size);

/**
 * Closes an engine; NULL is no error. Its readers go on, and see changes as before.
 */
callbar_status callbar_engine_close(struct callbar_engine *engine);

/**
 * What an operator would want to know, as JSON: files that cannot be used, subscriptions to domains
 * that are not there, whether changes of other processes are seen. Takes locks; not for every call.
 *
 * `*json` ends with a NUL, and goes back by callbar_free. On any error it is NULL.
 */
callbar_status callbar_engine_health(const struct callbar_engine *engine, char **json);

/**
 * Looks at the whole directory again: at files that could not be used or that were replaced, by a
 * restored backup for instance. Takes some 50 ms with 10,000 domains; checks go on meanwhile.
 */
callbar_status callbar_engine_refresh(const struct callbar_engine *engine);

/**
 * How the verdict on a number comes about, as JSON: what it was read as, all that matched, what won
 * and why, and the SIP response to recommend. Allocates; for people and tests, not for every call.
 *
 * `*json` ends with a NUL, and goes back by callbar_free. On any error it is NULL.
 */
callbar_status callbar_explain(struct callbar_reader *reader,
                               const char *domain,
                               size_t domain_len,
                               const char *number,
                               size_t number_len,
                               char **json);

/**
 * How the decision on a call comes about, as JSON: every question that was asked, in order, and the
 * answers. Allocates; for people and tests, not for every call.
 *
 * `*json` ends with a NUL, and goes back by callbar_free. On any error it is NULL.
 */
callbar_status callbar_explain_call(struct callbar_reader *reader,
                                    const char *domain,
                                    size_t domain_len,
                                    const struct callbar_call *call,
                                    char **json);

/**
 * What a reader's process would want to know: as callbar_engine_health, for those who have closed
 * the engine. Takes locks; not for every call.
 *
 * `*json` ends with a NUL, and goes back by callbar_free. On any error it is NULL.
 */
callbar_status callbar_reader_health(struct callbar_reader *reader, char **json);

/**
 * Takes back a text that a function of this library gave as `*json`; NULL is no error.
 */
void callbar_free(char *json);

/**
 * Opens a reader. On any error `*reader` is NULL.
 */
callbar_status callbar_reader_open(const struct callbar_engine *engine,
                                   struct callbar_reader **reader);

/**
 * Closes a reader; NULL is no error. The texts of its last answer are gone.
 */
callbar_status callbar_reader_close(struct callbar_reader *reader);

/**
 * The id of a domain, for callbar_decide_id and callbar_check_id: saves its look-up at each call, 10
 * to 20 ns.
 *
 * It is good for all readers of the engine as long as there is one, also after new lists were
 * published, and means nothing to another engine. On any error `*id` stays as it is.
 */
callbar_status callbar_domain(struct callbar_reader *reader,
                              const char *domain,
                              size_t domain_len,
                              uint32_t *id);

/**
 * What a status means, in a few words. Never NULL, never freed; of any number.
 */
const char *callbar_status_message(int32_t status);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* CALLBAR_H */
