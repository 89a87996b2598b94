// SPDX-License-Identifier: Apache-2.0
#include "verifier/recipe/platform.h"

#include "base/json_read.h"
#include "base/scanner.h"

/* One variable: which architectures it is for, since when, and its plain values. */
struct variant {
    const char *goarch[2];
    const char *name;
    unsigned since;
    const char *standard;
    struct {
        const char *value;
        unsigned since;
    } values[5];
};

static const struct variant variants[] = {
    {{"386"}, "GO386", 16, "sse2", {{"sse2", 16}, {"softfloat", 16}}},
    {{"amd64"}, "GOAMD64", 18, "v1", {{"v1", 18}, {"v2", 18}, {"v3", 18}, {"v4", 18}}},
    {{"arm"}, "GOARM", 16, "7", {{"5", 16}, {"6", 16}, {"7", 16}}},
    {{"arm64"}, "GOARM64", 23, "v8.0", {{NULL, 0}}},
    {{"mips", "mipsle"}, "GOMIPS", 16, "hardfloat", {{"hardfloat", 16}, {"softfloat", 16}}},
    {{"mips64", "mips64le"}, "GOMIPS64", 16, "hardfloat", {{"hardfloat", 16}, {"softfloat", 16}}},
    {{"ppc64", "ppc64le"},
     "GOPPC64",
     16,
     "power8",
     {{"power8", 16}, {"power9", 16}, {"power10", 20}}},
    {{"riscv64"},
     "GORISCV64",
     23,
     "rva20u64",
     {{"rva20u64", 23}, {"rva22u64", 23}, {"rva23u64", 25}}},
    {{"wasm"}, "GOWASM", 16, "", {{NULL, 0}}},
};

static const struct variant *find_by_arch(const char *goarch)
{
    for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
        for (size_t j = 0; j < 2 && variants[i].goarch[j] != NULL; j++) {
            if (strcmp(variants[i].goarch[j], goarch) == 0) {
                return &variants[i];
            }
        }
    }
    return NULL;
}

static const struct variant *find_by_name(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
        if (strcmp(variants[i].name, name) == 0) {
            return &variants[i];
        }
    }
    return NULL;
}

const char *platform_variant_name(const char *goarch, const struct go_version *go)
{
    const struct variant *variant = find_by_arch(goarch);
    return variant != NULL && go->minor >= variant->since ? variant->name : NULL;
}

const char *platform_variant_default(const char *goos, const char *goarch,
                                     const struct go_version *go)
{
    const struct variant *variant = find_by_arch(goarch);
    if (variant == NULL || go->minor < variant->since) {
        return NULL;
    }
    /* cmd/dist bakes in 5 for a cross compiler up to 1.20, and 7 since; android always has 7. */
    if (strcmp(goarch, "arm") == 0 && go->minor <= 20 && strcmp(goos, "android") != 0) {
        return "5";
    }
    return variant->standard;
}

/* VALUE without the option SUFFIX at its end. */
static bool cut_suffix(struct bytes *value, const char *suffix)
{
    size_t len = strlen(suffix);
    if (value->len < len || memcmp(value->data + value->len - len, suffix, len) != 0) {
        return false;
    }
    value->len -= len;
    return true;
}

/* v8.0 to v8.9, v9.0 to v9.5; ",lse" and ",crypto" in any order and number. */
static bool arm64_is_valid(struct bytes value)
{
    while (cut_suffix(&value, ",lse") || cut_suffix(&value, ",crypto")) {
    }
    if (value.len != 4 || value.data[0] != 'v' || value.data[2] != '.') {
        return false;
    }
    uint8_t last = value.data[1] == '8' ? '9' : value.data[1] == '9' ? '5' : 0;
    return value.data[3] >= '0' && value.data[3] <= last;
}

static bool wasm_is_valid(struct bytes value)
{
    struct scanner scanner = scanner_over(value);
    struct bytes option;
    while (scanner_field(&scanner, ',', 64, &option)) {
        if (option.len > 0 && !bytes_equal_string(option, "satconv") &&
            !bytes_equal_string(option, "signext")) {
            return false;
        }
    }
    return scanner_done(&scanner);
}

bool platform_variant_is_valid(const char *name, struct bytes value, const struct go_version *go)
{
    const struct variant *variant = find_by_name(name);
    if (variant == NULL || go->minor < variant->since) {
        return false;
    }
    if (strcmp(name, "GOARM64") == 0) {
        return arm64_is_valid(value);
    }
    if (strcmp(name, "GOWASM") == 0) {
        return wasm_is_valid(value);
    }
    if (strcmp(name, "GOARM") == 0 && go->minor >= 22 && !cut_suffix(&value, ",softfloat")) {
        (void)!cut_suffix(&value, ",hardfloat");
    }
    for (size_t i = 0; i < ARRAY_LEN(variant->values) && variant->values[i].value != NULL; i++) {
        if (bytes_equal_string(value, variant->values[i].value)) {
            return go->minor >= variant->values[i].since;
        }
    }
    return false;
}

bool platform_fips_is_valid(struct bytes value, const struct go_version *go)
{
    static const char *const words[] = {"off", "latest", "inprocess", "certified"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (bytes_equal_string(value, words[i])) {
            return go->minor >= 24;
        }
    }
    if (go->minor < 24 || value.len > 32 || !bytes_start_with(value, "v1.")) {
        return false;
    }
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.data[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && c != '.' && c != '-') {
            return false;
        }
    }
    return true;
}

bool platform_name_is_valid(struct bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.data[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9')) {
            return false;
        }
    }
    return name.len > 0 && name.len <= 16;
}

bool platform_is_listed(struct bytes dist_list, const char *goos, const char *goarch, bool *ret,
                        struct error *err)
{
    AUTO(json_document) struct json_document *document = NULL;
    if (!json_parse(dist_list, &document, err)) {
        return error_prefix(err, "go tool dist list");
    }
    if (!json_is_array(json_root(document))) {
        return error_set(err, ERROR_FORMAT, "go tool dist list: not a list of platforms");
    }
    bool listed = false;
    for (const struct cJSON *pair = json_first(json_root(document)); pair != NULL;
         pair = json_next(pair)) {
        const char *os = json_member_string(pair, "GOOS");
        const char *arch = json_member_string(pair, "GOARCH");
        if (os == NULL || arch == NULL) {
            return error_set(err, ERROR_FORMAT, "go tool dist list: a platform without name");
        }
        listed = listed || (strcmp(os, goos) == 0 && strcmp(arch, goarch) == 0);
    }
    *ret = listed;
    return true;
}
