// SPDX-License-Identifier: Apache-2.0
/* reproof-unpack: unpacks one archive into one empty directory, both handed over as descriptors,
 * with libarchive, unable to do anything else. Started by verifier/fetch/unpack.c; not for people.
 *
 *     reproof-unpack module|package|programs PREFIX ARCHIVE-FD DIRECTORY-FD ENTRIES BYTES
 *
 * Says on stdout, a line each: "skipped WHAT: PATH", then "done FILES BYTES SKIPPED" or
 * "failed CODE MESSAGE". */
#include <archive.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/confine.h"
#include "base/scanner.h"
#include "cli/helpers/unpack_disk.h"
#include "cli/helpers/unpack_input.h"

struct arguments {
    enum unpack_kind kind;
    const char *prefix;
    int archive, directory;
    struct unpack_limits limits;
};

static bool parse_number(const char *text, uint64_t maximum, uint64_t *ret)
{
    return scan_number(bytes_from_string(text), maximum, ret);
}

static bool parse_kind(const char *text, enum unpack_kind *ret)
{
    static const char *const kinds[] = {
        [UNPACK_MODULE] = "module", [UNPACK_PACKAGE] = "package", [UNPACK_PROGRAMS] = "programs"};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (strcmp(text, kinds[i]) == 0) {
            *ret = (enum unpack_kind)i;
            return true;
        }
    }
    return false;
}

static bool parse_arguments(int argc, char **argv, struct arguments *ret)
{
    uint64_t archive, directory;
    if (argc != 7 || !parse_kind(argv[1], &ret->kind) ||
        !parse_number(argv[3], 1 << 20, &archive) || !parse_number(argv[4], 1 << 20, &directory) ||
        !parse_number(argv[5], UINT64_MAX, &ret->limits.entries) ||
        !parse_number(argv[6], UINT64_MAX, &ret->limits.bytes)) {
        return false;
    }
    ret->prefix = argv[2];
    ret->archive = (int)archive;
    ret->directory = (int)directory;
    return true;
}

/* In the C locale libarchive yields no name at all for what is not ASCII. */
static bool use_utf8(struct error *err)
{
    locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (locale == (locale_t)0) {
        error_set(err, ERROR_TOOL, "the system has no C.UTF-8 locale");
        return error_cure(err, "install the C library's C.UTF-8 locale (Debian: libc-bin)");
    }
    uselocale(locale);
    return true;
}

static bool unpack(const struct arguments *arguments, struct unpack_counts *ret, struct error *err)
{
    umask(0);
    if (!use_utf8(err) || !confine_unpacker(arguments->directory, err)) {
        return false;
    }
    struct source source;
    struct container_kind kind;
    if (!source_from_fd(arguments->archive, &source, err)) {
        return false;
    }
    if (!container_kind_detect(&source, &kind) ||
        (arguments->kind == UNPACK_MODULE && kind.format != CONTAINER_ZIP)) {
        return error_set(err, ERROR_FORMAT, "not an archive of a known format");
    }
    AUTO(unpack_input) struct unpack_input input = {0};
    AUTO(unpack_reader) struct archive *reader = unpack_reader_new(&kind);
    if (!unpack_input_open(&input, &source, &kind, reader, err)) {
        return false;
    }
    struct unpack_disk disk = UNPACK_DISK_INIT(arguments->directory);
    struct unpack_sink sink = unpack_disk_sink(&disk);
    bool ok = unpack_entries(reader, arguments->kind, arguments->prefix, &arguments->limits, &sink,
                             ret, err);
    unpack_disk_free(&disk);
    return ok;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {0};
    struct unpack_counts counts = {0};
    struct error err = {0};
    if (!parse_arguments(argc, argv, &arguments)) {
        fprintf(stderr, "reproof-unpack: started by reproof, not by hand\n");
        return 2;
    }
    if (unpack(&arguments, &counts, &err)) {
        printf("done %llu %llu %llu\n", (unsigned long long)counts.files,
               (unsigned long long)counts.bytes, (unsigned long long)counts.skipped);
    } else {
        printf("failed %s %s\n", error_code_name(err.code), err.message);
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
