/* Prevents decisions through C that differ from those of the library, with the cases of
 * tests/cases/calls.jsonl. Argument: the file that bindings/cases.py writes of them. */
#include "expect.h"

enum { MOST = 16, LONGEST = 4096 };

/* A case, as far as it was read. */
static struct {
    char line[16], data[LONGEST], want[64], why[256];
    callbar_call call;
    callbar_text asserted[MOST], remote_party[MOST];
} now;

/* A text written in hexadecimal. */
static callbar_text decoded(const char *hex) {
    callbar_text text = {NULL, strlen(hex) / 2};
    char *bytes = malloc(text.len + 1);
    for (size_t i = 0; i < text.len; i++) {
        unsigned byte;
        EXPECT(sscanf(hex + 2 * i, "%2x", &byte) == 1);
        bytes[i] = (char)byte;
    }
    text.at = bytes;
    return text;
}

static void begin(void) {
    memset(&now, 0, sizeof now);
    now.call.size = sizeof now.call;
    now.call.asserted = now.asserted;
    now.call.remote_party = now.remote_party;
}

static void end(void) {
    callbar_call *call = &now.call;
    for (size_t i = 0; i < call->asserted_count; i++) free((char *)now.asserted[i].at);
    for (size_t i = 0; i < call->remote_party_count; i++) free((char *)now.remote_party[i].at);
    free((char *)call->callee.at);
    free((char *)call->from.at);
    free((char *)call->privacy.at);
}

static void read_field(const char *name, const char *value) {
    callbar_call *call = &now.call;
    if (!strcmp(name, "line")) snprintf(now.line, sizeof now.line, "%s", value);
    else if (!strcmp(name, "data")) snprintf(now.data, sizeof now.data, "%s", value);
    else if (!strcmp(name, "want")) snprintf(now.want, sizeof now.want, "%s", value);
    else if (!strcmp(name, "why")) snprintf(now.why, sizeof now.why, "%s", value);
    else if (!strcmp(name, "callee")) call->callee = decoded(value);
    else if (!strcmp(name, "from")) call->from = decoded(value);
    else if (!strcmp(name, "privacy")) call->privacy = decoded(value);
    else if (!strcmp(name, "asserted") && call->asserted_count < MOST)
        now.asserted[call->asserted_count++] = decoded(value);
    else if (!strcmp(name, "remote_party") && call->remote_party_count < MOST)
        now.remote_party[call->remote_party_count++] = decoded(value);
    else {
        fprintf(stderr, "line %s: what is %s?\n", now.line, name);
        exit(1);
    }
}

static int is_met(const callbar_decision *by) {
    static const char *actions[] = {"pass", "allow", "deny"}, *parties[] = {"", " caller", " callee"};
    char decided[64], code[16] = "";
    if (!strcmp(now.want, "exempt")) return by->exempt && by->action == CALLBAR_ACTION_PASS;
    if (by->sip_code && strcmp(now.want, "deny caller")) snprintf(code, sizeof code, " %u", by->sip_code);
    snprintf(decided, sizeof decided, "%s%s%s", actions[by->action], code, parties[by->party]);
    return !by->exempt && !strcmp(decided, now.want);
}

static void decide(void) {
    callbar_decision decision = {.size = sizeof decision};
    callbar_engine *engine = open_engine(now.data, NULL);
    callbar_reader *reader = open_reader(engine);
    char *json;
    EXPECT(callbar_decide(reader, T(DOMAIN), &now.call, &decision) == CALLBAR_STATUS_OK);
    if (!is_met(&decision)) {
        fprintf(stderr, "line %s (%s): %s expected, not %d %u of party %d, exempt %u\n", now.line, now.why,
                now.want, decision.action, decision.sip_code, decision.party, decision.exempt);
        exit(1);
    }
    EXPECT(!decision.list.at == !decision.party && !decision.entry.at == !decision.party);
    EXPECT(callbar_explain_call(reader, T(DOMAIN), &now.call, &json) == CALLBAR_STATUS_OK);
    EXPECT(strstr(json, decision.exempt ? "\"exempt\":true" : "\"exempt\":false"));
    callbar_free(json);
    EXPECT(callbar_reader_close(reader) == CALLBAR_STATUS_OK);
    EXPECT(callbar_engine_close(engine) == CALLBAR_STATUS_OK);
}

int main(int argc, char **argv) {
    static char line[LONGEST];
    int count = 0;
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
    EXPECT(file);
    begin();
    while (fgets(line, sizeof line, file)) {
        char *value = line + strcspn(line, " \n");
        EXPECT(strchr(line, '\n'));
        line[strcspn(line, "\n")] = 0;
        if (!strcmp(line, "end")) {
            decide();
            end();
            begin();
            count++;
            continue;
        }
        EXPECT(*value == ' ');
        *value = 0;
        read_field(line, value + 1);
    }
    fclose(file);
    EXPECT(count > 40);
    return 0;
}
