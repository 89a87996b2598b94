// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/sbom_read.h"
#include "attest/sbom/sbom_result.h"
#include "base/encode.h"
#include "base/json_read.h"
#include "base/limits.h"
#include "tests/unit/unit.h"

#include <dirent.h>

#define PART_OF(document_namespace)                                                                \
    BYTES("{\"spdxVersion\": \"SPDX-2.3\", \"documentNamespace\": \"" document_namespace "\"}")

static struct buffer release_of(const struct sbom_release_part *parts, size_t count)
{
    struct error err = {0};
    struct buffer out;
    buffer_init(&out, MIB);
    if (!sbom_write_release("tool", "v1.2.3", "2025-01-01T00:00:00Z", parts, count, &out, &err)) {
        fail_msg("%s", err.message);
    }
    if (!json_check(buffer_view(&out), &err)) {
        fail_msg("%s", err.message);
    }
    return out;
}

static bool holds(const struct buffer *text, const char *part)
{
    return bytes_find(buffer_view(text), 0, bytes_from_string(part)) != SIZE_MAX;
}

static void a_release_refers_to_each_document_by_its_digest(void **state)
{
    (void)state;
    const struct sbom_release_part parts[] = {
        {.name = "tool-linux",
         .platform = "linux/amd64 v1",
         .document = PART_OF("https://example.com/a")},
        {.name = "tool-mac",
         .platform = "darwin/arm64",
         .document = PART_OF("https://example.com/b")},
    };
    struct buffer out = release_of(parts, 2);
    uint8_t raw[DIGEST_MAX_LEN];
    char hex[41];
    struct digest *digest = digest_new(DIGEST_SHA1);
    digest_update(digest, parts[1].document);
    digest_finish(digest, raw);
    digest_free(&digest);
    encode_hex(bytes_from(raw, 20), hex);
    assert_true(holds(&out, "\"https://example.com/a\"") &&
                holds(&out, "\"https://example.com/b\""));
    assert_true(holds(&out, hex));
    assert_true(holds(&out, "\"DocumentRef-2:SPDXRef-Binary\""));
    assert_true(holds(&out, "\"tool-mac darwin/arm64\""));
    buffer_free(&out);
}

static void a_release_has_a_name_of_its_content_alone(void **state)
{
    (void)state;
    struct sbom_release_part part = {
        .name = "tool", .platform = "linux/amd64", .document = PART_OF("https://example.com/a")};
    struct buffer once = release_of(&part, 1);
    struct buffer again = release_of(&part, 1);
    part.document = PART_OF("https://example.com/other");
    struct buffer other = release_of(&part, 1);
    assert_int_equal(once.len, again.len);
    assert_memory_equal(once.data, again.data, once.len);
    size_t at = bytes_find(buffer_view(&once), 0, bytes_from_string("\"documentNamespace\""));
    assert_true(at != SIZE_MAX && memcmp(once.data + at, other.data + at, 80) != 0);
    buffer_free(&once);
    buffer_free(&again);
    buffer_free(&other);
}

static void what_is_no_document_is_in_no_release(void **state)
{
    (void)state;
    const struct bytes documents[] = {BYTES(""), BYTES("[]"), BYTES("{}"),
                                      BYTES("{\"documentNamespace\": 1}")};
    for (size_t i = 0; i < ARRAY_LEN(documents); i++) {
        struct sbom_release_part part = {
            .name = "tool-linux", .platform = "linux/amd64", .document = documents[i]};
        struct error err = {0};
        struct buffer out;
        buffer_init(&out, MIB);
        assert_fails(sbom_write_release("tool", "", "2025-01-01T00:00:00Z", &part, 1, &out, &err),
                     &err, ERROR_FORMAT, "tool-linux");
        buffer_free(&out);
    }
}

static void the_sbom_of_a_result_is_of_that_file_alone(void **state)
{
    (void)state;
    struct inspection file = {0};
    struct subject_result result = {.name = "dir/tool", .file = &file};
    const struct sbom_result_settings settings = {.store = "/nonexistent", .state = "/nonexistent"};
    struct source source = source_from_bytes(BYTES("another file"));
    struct error err = {0};
    struct buffer out;
    buffer_init(&out, MIB);
    assert_fails(sbom_write_result(&result, &source, &settings, SBOM_SPDX_23, &out, &err), &err,
                 ERROR_MISMATCH, "dir/tool was changed");
    assert_int_equal(out.len, 0);
    buffer_free(&out);
}

/* Reads each SPDX document beneath FOLDER; returns how many there were. */
static size_t read_examples(const char *folder)
{
    size_t count = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char path[2048];
        size_t len = strlen(entry->d_name);
        assert_true(snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) <
                    (int)sizeof(path));
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
            count += read_examples(path);
        } else if (len > 5 && strcmp(entry->d_name + len - 5, ".json") == 0) {
            struct arena arena = {0};
            struct error err = {0};
            struct sbom_document document;
            struct bytes text = file_load(path);
            if (!sbom_read(text, &arena, &document, &err)) {
                fail_msg("%s: %s", path, err.message);
            }
            assert_true(document.count > 0 && document.version[0] != '\0');
            assert_false(sbom_read(bytes_first(text, text.len / 2), &arena, &document, &err));
            free((void *)(uintptr_t)text.data);
            arena_free(&arena);
            count++;
        }
    }
    closedir(dir);
    return count;
}

static void reads_the_examples_of_spdx(void **state)
{
    char folder[1024];
    (void)state;
    if (!corpus_find("spdx-examples", folder, sizeof(folder))) {
        skip();
    }
    assert_int_equal(read_examples(folder), 31);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_release_refers_to_each_document_by_its_digest),
    cmocka_unit_test(a_release_has_a_name_of_its_content_alone),
    cmocka_unit_test(what_is_no_document_is_in_no_release),
    cmocka_unit_test(the_sbom_of_a_result_is_of_that_file_alone),
    cmocka_unit_test(reads_the_examples_of_spdx),
};
UNIT_MAIN(tests)
