// SPDX-License-Identifier: Apache-2.0
#include "signer/allowed_signers.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/scanner.h"
#include "signer/key_format.h"
#include "signer/trust_internal.h"

struct entry {
    struct trusted_key key;
    bool authority;
};

static bool is_key_type(struct bytes word)
{
    return key_format_openssh.is_public(word);
}

static bool next_line(struct scanner *scanner, struct bytes *ret)
{
    struct bytes line;
    while (scanner_line(scanner, LIMIT_LINE, &line)) {
        *ret = scan_trimmed(line);
        if (ret->len > 0 && ret->data[0] != '#') {
            return true;
        }
    }
    return false;
}

/* The next word; blanks within double quotes belong to it. */
static bool next_word(struct scanner *scanner, struct bytes *ret)
{
    scanner_blanks(scanner);
    struct bytes rest = scanner_rest(scanner);
    size_t len = 0;
    bool quoted = false;
    for (; len < rest.len && (quoted || (rest.data[len] != ' ' && rest.data[len] != '\t')); len++) {
        quoted ^= rest.data[len] == '"';
    }
    if (len == 0 || quoted) {
        return false;
    }
    *ret = bytes_first(rest, len);
    scanner->position += len;
    return true;
}

bool allowed_signers_is(struct bytes text)
{
    struct scanner scanner = scanner_over(text);
    struct bytes line;
    struct bytes word;
    if (!next_line(&scanner, &line)) {
        return false;
    }
    struct scanner words = scanner_over(line);
    if (!next_word(&words, &word)) {
        return false;
    }
    for (int i = 0; i < 2 && next_word(&words, &word); i++) {
        if (is_key_type(word)) {
            return true;
        }
    }
    return false;
}

static bool two_digits(struct scanner *scanner, int *ret)
{
    struct bytes digits = bytes_first(scanner_rest(scanner), 2);
    if (digits.len != 2 || digits.data[0] < '0' || digits.data[0] > '9' || digits.data[1] < '0' ||
        digits.data[1] > '9') {
        return false;
    }
    scanner->position += 2;
    *ret = (digits.data[0] - '0') * 10 + digits.data[1] - '0';
    return true;
}

/* YYYYMMDD[HHMM[SS]][Z] */
static bool read_time(struct bytes text, time_t *ret)
{
    struct scanner scanner = scanner_over(text);
    struct tm when = {.tm_isdst = -1};
    int century;
    int year;
    if (!two_digits(&scanner, &century) || !two_digits(&scanner, &year) ||
        !two_digits(&scanner, &when.tm_mon) || !two_digits(&scanner, &when.tm_mday)) {
        return false;
    }
    when.tm_year = century * 100 + year - 1900;
    when.tm_mon--;
    if (two_digits(&scanner, &when.tm_hour) && !two_digits(&scanner, &when.tm_min)) {
        return false;
    }
    bool seconds = two_digits(&scanner, &when.tm_sec);
    bool utc = scanner_expect(&scanner, "Z");
    struct tm asked = when;
    time_t moment = utc ? timegm(&when) : mktime(&when);
    /* Only a time that is one: the 31st of February would become another day. */
    if (!scanner_done(&scanner) || moment <= 0 || asked.tm_mon != when.tm_mon ||
        asked.tm_mday != when.tm_mday || asked.tm_hour > 23 || asked.tm_min > 59 ||
        (seconds && asked.tm_sec > 59)) {
        return false;
    }
    *ret = moment;
    return true;
}

/* The text between the quotes of NAME="TEXT". */
static bool option_value(struct bytes option, const char *name, struct bytes *ret)
{
    struct bytes key;
    struct bytes value;
    if (!scan_cut(option, '=', &key, &value) || !bytes_equal_string(key, name) || value.len < 2 ||
        value.data[0] != '"' || value.data[value.len - 1] != '"') {
        return false;
    }
    *ret = bytes_from(value.data + 1, value.len - 2);
    return true;
}

static bool read_option(struct bytes option, struct arena *arena, struct entry *entry)
{
    struct bytes value;
    if (bytes_equal_string(option, "cert-authority")) {
        entry->authority = true;
        return true;
    }
    if (option_value(option, "namespaces", &value)) {
        entry->key.namespaces = arena_text(arena, value);
        return true;
    }
    if (option_value(option, "valid-after", &value)) {
        return read_time(value, &entry->key.from);
    }
    return option_value(option, "valid-before", &value) && read_time(value, &entry->key.until);
}

/* Options are parted by commas outside quotes. An unknown one may narrow what the key is for. */
static bool read_options(struct bytes text, struct arena *arena, struct entry *entry)
{
    bool quoted = false;
    size_t start = 0;
    for (size_t i = 0; i <= text.len; i++) {
        quoted ^= i < text.len && text.data[i] == '"';
        if (i == text.len || (text.data[i] == ',' && !quoted)) {
            if (!read_option(bytes_from(text.data + start, i - start), arena, entry)) {
                return false;
            }
            start = i + 1;
        }
    }
    return true;
}

static bool add_entry(struct entry *entry, struct bytes key_text, const char *place,
                      struct trust *trust, struct error *err)
{
    struct error why;
    if (entry->authority) {
        trust_pass_over(trust,
                        arena_printf(trust->arena, "%s: certificates are not supported", place));
        return true;
    }
    if (public_key_read(key_text, trust->arena, &entry->key.public, &why)) {
        return trust_add_key(trust, &entry->key, err);
    }
    if (why.code == ERROR_UNSUPPORTED) {
        trust_pass_over(trust, arena_printf(trust->arena, "%s: %s", place, why.message));
        return true;
    }
    *err = why;
    return error_prefix(err, "%s", place);
}

static bool read_line(struct bytes line, const char *place, struct trust *trust, struct error *err)
{
    struct scanner scanner = scanner_over(line);
    struct entry entry = {0};
    struct bytes principals;
    struct bytes word;
    if (!next_word(&scanner, &principals)) {
        return error_set(err, ERROR_FORMAT, "%s: no principals", place);
    }
    entry.key.owner = arena_text(trust->arena, principals);
    scanner_blanks(&scanner);
    struct bytes key_text = scanner_rest(&scanner);
    if (next_word(&scanner, &word) && !is_key_type(word)) {
        if (!read_options(word, trust->arena, &entry)) {
            return error_set(err, ERROR_FORMAT, "%s: an option that is malformed or unknown",
                             place);
        }
        scanner_blanks(&scanner);
        key_text = scanner_rest(&scanner);
    }
    if (!is_key_type(key_text)) {
        return error_set(err, ERROR_FORMAT, "%s: no key", place);
    }
    return add_entry(&entry, key_text, place, trust, err);
}

bool allowed_signers_read(struct bytes text, struct trust *trust, struct error *err)
{
    struct scanner scanner = scanner_over(text);
    struct bytes line;
    size_t before = trust->count;
    size_t number = 0;
    while (next_line(&scanner, &line)) {
        char place[32];
        snprintf(place, sizeof(place), "entry %zu", ++number);
        if (!read_line(line, place, trust, err)) {
            return false;
        }
    }
    if (!scanner_done(&scanner)) {
        return error_set(err, ERROR_FORMAT, "a line of more than %d bytes", LIMIT_LINE);
    }
    if (trust->count == before) {
        error_set(err, ERROR_UNSUPPORTED, "no Ed25519 key in this file%s%s",
                  trust->passed_over_count > 0 ? ": " : "",
                  trust->passed_over_count > 0 ? trust->passed_over[0] : "");
        return error_cure(err, "reproof signs and verifies Ed25519 alone");
    }
    return true;
}

bool allowed_signers_namespace(const char *list, const char *namespace)
{
    struct scanner scanner = scanner_over(bytes_from_string(list));
    struct bytes one;
    if (list == NULL) {
        return true;
    }
    while (scanner_field(&scanner, ',', LIMIT_LINE, &one)) {
        if (bytes_equal_string(one, namespace)) {
            return true;
        }
    }
    return false;
}
