// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/sbom_names.h"

#include <string.h>
#include <time.h>

#include "base/digest.h"
#include "base/encode.h"
#include "base/scanner.h"
#include "verifier/fetch/module_path.h"
#include "verifier/recipe/goversion.h"
#include "verifier/recipe/timestamp.h"

/* Hosts that give each account a name of its own as the first element. */
static const char *const account_hosts[] = {
    "github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "gitea.com", "git.sr.ht",
};

static bool has_accounts(const char *host)
{
    for (size_t i = 0; i < ARRAY_LEN(account_hosts); i++) {
        if (strcmp(host, account_hosts[i]) == 0) {
            return true;
        }
    }
    return false;
}

struct sbom_supplier sbom_supplier_of(const char *path, struct arena *arena)
{
    struct bytes host, rest;
    struct bytes owner = {0};
    if (!module_path_check(path, NULL)) {
        return (struct sbom_supplier){"", ""};
    }
    if (!scan_cut(bytes_from_string(path), '/', &host, &rest)) {
        host = bytes_from_string(path);
        rest = owner;
    }
    const char *name = arena_text(arena, host);
    if (!has_accounts(name) || rest.len == 0) {
        return (struct sbom_supplier){name, arena_printf(arena, "https://%s", name)};
    }
    owner = rest;
    bool nested = scan_cut(rest, '/', &owner, &rest);
    (void)nested;
    const char *account = arena_text(arena, owner);
    return (struct sbom_supplier){account, arena_printf(arena, "https://%s/%s", name, account)};
}

const char *sbom_home_of(const char *path, struct arena *arena)
{
    const char *prefix = path;
    const char *major;
    if (!module_path_check(path, NULL)) {
        return "";
    }
    if (strncmp(path, "gopkg.in/", 9) != 0 && !module_path_split(path, arena, &prefix, &major)) {
        prefix = path;
    }
    return arena_printf(arena, "https://%s", prefix);
}

#define ID_NAME_MAXIMUM 60

const char *sbom_id(const char *prefix, size_t number, const char *name, struct arena *arena)
{
    char plain[ID_NAME_MAXIMUM + 1];
    size_t len = 0;
    for (const char *at = name; *at != '\0' && len < ID_NAME_MAXIMUM; at++) {
        bool kept = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                    (*at >= '0' && *at <= '9') || *at == '.';
        plain[len++] = kept ? *at : '-';
    }
    plain[len] = '\0';
    return arena_printf(arena, "%s-%zu%s%s", prefix, number, len == 0 ? "" : "-", plain);
}

const char *sbom_go_release(const char *text, struct arena *arena)
{
    struct bytes word = bytes_from_string(text);
    struct bytes rest;
    struct go_version version;
    bool cut = scan_cut(word, ' ', &word, &rest);
    (void)cut;
    if (!go_version_parse(word, &version)) {
        return text;
    }
    return arena_text(arena, bytes_behind(word, 2));
}

const char *sbom_go_cpe(const char *release, struct arena *arena)
{
    struct go_version version;
    const char *full = arena_printf(arena, "go%s", release);
    if (!go_version_parse(bytes_from_string(full), &version) || version.pre_kind != 0) {
        return "";
    }
    return arena_printf(arena, "cpe:2.3:a:golang:go:%s:*:*:*:*:*:*:*", release);
}

static bool is_revision(const char *text)
{
    size_t len = strlen(text);
    return len >= 12 && strspn(text, "0123456789abcdef") == len;
}

const char *sbom_pseudo_version(const char *module, const char *revision, const char *time,
                                struct arena *arena)
{
    uint64_t unix_time;
    char compact[15];
    const char *prefix;
    const char *major = "";
    if (!is_revision(revision) || !timestamp_parse(bytes_from_string(time), &unix_time) ||
        !module_path_split(module, arena, &prefix, &major)) {
        return "";
    }
    timestamp_compact(unix_time, compact);
    /* "/v2" and gopkg.in's ".v2". */
    return arena_printf(arena, "%s.0.0-%s-%.12s", major[0] == '\0' ? "v0" : major + 1, compact,
                        revision);
}

const char *sbom_time_text(uint64_t unix_time, struct arena *arena)
{
    const uint64_t last = 253402300799; /* 9999-12-31T23:59:59Z */
    time_t when = (time_t)(unix_time < last ? unix_time : last);
    char text[32] = "";
    struct tm parts;
    if (gmtime_r(&when, &parts) == NULL ||
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        bug("no calendar date for a time before the year 10000");
    }
    return arena_string(arena, text);
}

const char *sbom_uri(const char *kind, const char *name, struct arena *arena)
{
    /* RFC 9562, 6.6: the name space of URLs. */
    static const uint8_t url_space[] = {0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1,
                                        0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};
    AUTO(digest) struct digest *digest = digest_new(DIGEST_SHA1);
    uint8_t raw[DIGEST_MAX_LEN];
    char hex[33];
    const char *base = arena_printf(arena, "%s%s/", URI_BASE, kind);
    digest_update(digest, bytes_from(url_space, sizeof(url_space)));
    digest_update(digest, bytes_from_string(base));
    digest_update(digest, bytes_from_string(name));
    digest_finish(digest, raw);
    raw[6] = (uint8_t)((raw[6] & 0x0f) | 0x50);
    raw[8] = (uint8_t)((raw[8] & 0x3f) | 0x80);
    encode_hex(bytes_from(raw, 16), hex);
    return arena_printf(arena, "%s%.8s-%.4s-%.4s-%.4s-%.12s", base, hex, hex + 8, hex + 12,
                        hex + 16, hex + 20);
}
