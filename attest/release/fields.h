/* A JSON object read into a struct by a table of its keys, strictly: a key that is not in the table
 * is refused, and so is a value of another type. */
#pragma once

#include "attest/release/manifest.h"
#include "base/json_read.h"

enum field_type { FIELD_TEXT, FIELD_TEXTS, FIELD_BOOL, FIELD_OTHER };

struct field {
    const char *key;
    enum field_type type;
    size_t offset; /* const char *, struct text_list or bool; FIELD_OTHER is the caller's */
    bool required;
};

/* Texts must not be empty, nor hold control characters. ERROR_FORMAT names the key. */
CHECKED bool fields_read(const struct cJSON *object, const struct field *fields, size_t count,
                         struct arena *arena, void *ret, struct error *err);
CHECKED bool texts_read(const struct cJSON *array, const char *key, struct arena *arena,
                        struct text_list *ret, struct error *err);
CHECKED bool text_read(const struct cJSON *value, const char *key, struct arena *arena,
                       const char **ret, struct error *err);
