/*
 * callbar decides whether a list bars a call. The question of a call is callbar_decide.
 *
 * Made from the sources in bindings/c by cbindgen: change them, not this file.
 *
 * Every pointer must be valid for its type. Mistakes that the library can notice (NULL, impossible
 * lengths, a handle of another kind, a closed handle) are answered with a status. Texts that you pass
 * need no NUL behind them. Each closed handle leaves some 24 bytes behind, so keep handles open.
 */

#ifndef CALLBAR_H
#define CALLBAR_H

#include <stddef.h>
#include <stdint.h>

/**
 * The version of this interface. It grows when a program that was compiled with an older header would no
 * longer work.
 */
#define CALLBAR_ABI_VERSION 1

/**
 * Long files are mapped, and all processes of the machine share them.
 */
#define CALLBAR_LOAD_MAP 0

/**
 * All files are read into the memory of this process. Use it if somebody might shorten a file in place.
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
     * Success.
     */
    CALLBAR_STATUS_OK = 0,
    /**
     * A pointer is NULL or not aligned for its type.
     */
    CALLBAR_STATUS_BAD_POINTER = 1,
    /**
     * A handle is of another kind, or it was closed.
     */
    CALLBAR_STATUS_BAD_HANDLE = 2,
    /**
     * A length is more than 1,048,576 bytes, which no text has: it was never set, or is -1. Or a count is
     * more than memory holds, or more than the 64 values that a header of a call may have.
     */
    CALLBAR_STATUS_BAD_LENGTH = 3,
    /**
     * The name of a domain is not UTF-8.
     */
    CALLBAR_STATUS_BAD_UTF8 = 4,
    /**
     * An option has a value that does not exist, or the `size` of a struct is not its sizeof.
     */
    CALLBAR_STATUS_BAD_OPTION = 5,
    /**
     * The directory has no such domain, or its files could not be loaded: see callbar_engine_health.
     */
    CALLBAR_STATUS_UNKNOWN_DOMAIN = 6,
    /**
     * The data directory cannot be opened.
     */
    CALLBAR_STATUS_CANNOT_OPEN = 7,
    /**
     * A defect of callbar. The handle can still be used.
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
     * No list decides: the call goes on.
     */
    CALLBAR_ACTION_PASS = 0,
    /**
     * A list lets the call through.
     */
    CALLBAR_ACTION_ALLOW = 1,
    /**
     * A list bars the call.
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
 * A process that forks opens it in each child. An engine that was opened before the fork serves the child as
 * well, if no other thread of the parent was inside the library at that moment.
 */
typedef struct callbar_engine callbar_engine;

/**
 * A thread's handle on an engine. Open one for each routing thread or forked worker, and use it on one thread
 * at a time. It may outlive its engine.
 *
 * In a forked worker open engine and reader after the fork. A reader that was open before serves parent and
 * child, each with its own copy.
 *
 * A reader keeps the lists of its last check in memory, also after they were replaced.
 */
typedef struct callbar_reader callbar_reader;

/**
 * A text: `len` bytes from `at` on, without a NUL behind them. Print it with "%.*s".
 */
typedef struct callbar_text {
    /**
     * Its first byte; NULL if there is no text.
     */
    const char *at;
    /**
     * Its length in bytes.
     */
    size_t len;
} callbar_text;

/**
 * The verdict of lists on a number. The texts are valid until the next call of any function with the same
 * reader; `reason` is valid for ever.
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
     * The reason phrase of that response; else empty.
     */
    struct callbar_text reason;
    /**
     * The list that decided; empty if no list did.
     */
    struct callbar_text list;
    /**
     * The canonical form of the number if a list decided; else empty, and empty in a batch.
     */
    struct callbar_text number;
} callbar_verdict;

/**
 * The headers of a call that name its parties. Set `size`, and the fields of missing headers to 0. Each text
 * is a whole header value as it was received, in any bytes; `at` is NULL if the call has no such header.
 */
typedef struct callbar_call {
    /**
     * sizeof(callbar_call)
     */
    uint32_t size;
    /**
     * The request URI or the value of To, whichever the server routes the call by.
     */
    struct callbar_text callee;
    /**
     * The value of From.
     */
    struct callbar_text from;
    /**
     * The values of P-Asserted-Identity, then of P-Preferred-Identity, if the peer is trusted to assert.
     */
    const struct callbar_text *asserted;
    /**
     * The number of these values: 64 at most. One value may hold several addresses, with commas between
     * them.
     */
    size_t asserted_count;
    /**
     * The values of Remote-Party-ID, with their parameters.
     */
    const struct callbar_text *remote_party;
    /**
     * The number of these values: 64 at most.
     */
    size_t remote_party_count;
    /**
     * The value of Privacy; several may be joined by `;` or `,`.
     */
    struct callbar_text privacy;
} callbar_call;

/**
 * Whether a call is barred, and how to answer it. Set `size` before the question. The texts are valid until
 * the next call of any function with the same reader; `reason` is valid for ever.
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
     * The party whose number is on the list that decided; CALLBAR_PARTY_NONE if no list decided.
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
     * The reason phrase of that response; else empty.
     */
    struct callbar_text reason;
    /**
     * The list that decided; empty if no list did.
     */
    struct callbar_text list;
    /**
     * The entry on it, in canonical form; empty if no list decided.
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
     * The answer to a question that has failed: CALLBAR_ACTION_PASS or CALLBAR_ACTION_DENY.
     */
    int32_t on_error;
    /**
     * Not 0: domains whose files are damaged are left out, and callbar_engine_health lists them.
     * 0: such a domain stops the directory from being opened.
     */
    uint32_t sound_only;
} callbar_options;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The CALLBAR_ABI_VERSION of the library. Compare it with that of the header.
 */
uint32_t callbar_abi_version(void);

/**
 * The release, "0.1.0". Never NULL, never freed.
 */
const char *callbar_version(void);

/**
 * Checks `count` numbers against the same lists: `verdicts[i]` answers `numbers[i]`, and `verdicts` has room
 * for `count` of them. Faster than one at a time where the lists exceed the caches; 64 numbers are enough
 * for that. Allocates nothing. For numbers outside a call, as callbar_check; for a call use callbar_decide.
 *
 * On an error, every verdict is the answer that `on_error` of callbar_options asks for.
 */
callbar_status callbar_check_batch(struct callbar_reader *reader,
                                   const char *domain,
                                   size_t domain_len,
                                   const struct callbar_text *numbers,
                                   size_t count,
                                   struct callbar_verdict *verdicts);

/**
 * Gives the verdict of a domain's lists on a number outside a call, for instance one of a campaign: a user
 * part, a whole SIP, SIPS or tel URI or a name-addr header, in any bytes. For a call use callbar_decide.
 *
 * Allocates nothing, takes no lock and makes no system call. Only the first check after a change does, to
 * take up the new lists.
 *
 * On an error, the verdict is the answer that `on_error` of callbar_options asks for. Without a valid reader
 * it is CALLBAR_ACTION_PASS.
 */
callbar_status callbar_check(struct callbar_reader *reader,
                             const char *domain,
                             size_t domain_len,
                             const char *number,
                             size_t number_len,
                             struct callbar_verdict *verdict);

/**
 * As callbar_check, with the id of a domain from callbar_domain.
 */
callbar_status callbar_check_id(struct callbar_reader *reader,
                                uint32_t id,
                                const char *number,
                                size_t number_len,
                                struct callbar_verdict *verdict);

/**
 * Decides whether a call is barred, and how to answer it. Asks the lists of a domain about both parties.
 * This is the question of a routing process.
 *
 * The order of the questions is fixed, and the first deny decides:
 *
 * 1. Is it an emergency call? Such a call goes on, whoever makes it. The settings of the domain can switch
 *    this off.
 * 2. All asserted identities, then all of Remote-Party-ID, then From. If lists allow one identity of a kind
 *    and deny none of it, the kinds after it are not asked.
 * 3. If no list has allowed the caller: is the identity withheld, by Privacy or by Remote-Party-ID? Then the
 *    caller is in the class `anonymous`.
 * 4. The callee. It is asked also if a list allowed the caller.
 *
 * Allocates nothing, takes no lock and makes no system call. Only the first question after a change does,
 * to take up the new lists.
 *
 * On an error, the decision is the one that `on_error` of callbar_options asks for, with
 * CALLBAR_PARTY_NONE. Without a valid reader it is CALLBAR_ACTION_PASS. A decision whose `size` is wrong
 * stays as it is. A call with more than 64 values of a header is CALLBAR_STATUS_BAD_LENGTH and always denied
 * with 400 (Bad Request), because the caller chose their number.
 */
callbar_status callbar_decide(struct callbar_reader *reader,
                              const char *domain,
                              size_t domain_len,
                              const struct callbar_call *call,
                              struct callbar_decision *decision);

/**
 * As callbar_decide, with the id of a domain from callbar_domain.
 */
callbar_status callbar_decide_id(struct callbar_reader *reader,
                                 uint32_t id,
                                 const struct callbar_call *call,
                                 struct callbar_decision *decision);

/**
 * Opens a data directory, which must exist.
 *
 * `options` may be NULL. If it fails, the reason is written to `why`, which has `why_size` bytes with the NUL,
 * unless `why` is NULL. On any error `*engine` is NULL.
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
 * Reports what an operator should know as JSON: files that cannot be used, subscriptions to domains that are
 * not loaded, whether changes of other processes are seen. Takes locks; not for every call.
 *
 * `*json` ends with a NUL; free it with callbar_free. On any error it is NULL.
 */
callbar_status callbar_engine_health(const struct callbar_engine *engine,
                                     char **json);

/**
 * Looks at the whole directory again: at files that could not be used or that were replaced, for instance by
 * a restored backup. Takes some 50 ms with 10,000 domains. Checks go on meanwhile.
 */
callbar_status callbar_engine_refresh(const struct callbar_engine *engine);

/**
 * Explains the verdict on a number as JSON: how it was read, all entries that matched, which one decided and
 * why, and the SIP response to recommend. Allocates; for people and tests, not for every call.
 *
 * `*json` ends with a NUL; free it with callbar_free. On any error it is NULL.
 */
callbar_status callbar_explain(struct callbar_reader *reader,
                               const char *domain,
                               size_t domain_len,
                               const char *number,
                               size_t number_len,
                               char **json);

/**
 * Explains the decision on a call as JSON: the questions that were asked, in order, with their answers.
 * The question whether the call is exempt is listed only if it is. Allocates; for people and tests, not
 * for every call.
 *
 * `*json` ends with a NUL; free it with callbar_free. On any error it is NULL.
 */
callbar_status callbar_explain_call(struct callbar_reader *reader,
                                    const char *domain,
                                    size_t domain_len,
                                    const struct callbar_call *call,
                                    char **json);

/**
 * As callbar_engine_health, for programs that have closed the engine. Takes locks; not for every call.
 *
 * `*json` ends with a NUL; free it with callbar_free. On any error it is NULL.
 */
callbar_status callbar_reader_health(struct callbar_reader *reader,
                                     char **json);

/**
 * Frees a text that a function of this library gave as `*json`; NULL is no error.
 */
void callbar_free(char *json);

/**
 * Opens a reader. On any error `*reader` is NULL.
 */
callbar_status callbar_reader_open(const struct callbar_engine *engine,
                                   struct callbar_reader **reader);

/**
 * Closes a reader; NULL is no error. The texts of its last answer are no longer valid.
 */
callbar_status callbar_reader_close(struct callbar_reader *reader);

/**
 * Looks up the id of a domain, for callbar_decide_id and callbar_check_id. That saves the look-up of its name
 * at each call, 10 to 20 ns.
 *
 * The id is valid for all readers of the engine as long as there is one, also after new lists were published.
 * In another engine it means another domain or none. On any error `*id` stays as it is.
 */
callbar_status callbar_domain(struct callbar_reader *reader,
                              const char *domain,
                              size_t domain_len,
                              uint32_t *id);

/**
 * Describes a status in a few words, also an unknown one. Never NULL, never freed.
 */
const char *callbar_status_message(int32_t status);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* CALLBAR_H */
