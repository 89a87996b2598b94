// SPDX-License-Identifier: Apache-2.0
#include "verifier/inspect.h"

#include "base/encode.h"
#include "verifier/buildinfo/build_id.h"
#include "verifier/buildinfo/linker_hash.h"
#include "verifier/image/packed.h"
#include "verifier/inspect_internal.h"

/* The setting that names the variant of an architecture (Go source, internal/buildcfg). */
static const struct {
    const char *goarch, *setting;
} variants[] = {
    {"386", "GO386"},       {"amd64", "GOAMD64"},     {"arm", "GOARM"},
    {"arm64", "GOARM64"},   {"mips", "GOMIPS"},       {"mipsle", "GOMIPS"},
    {"mips64", "GOMIPS64"}, {"mips64le", "GOMIPS64"}, {"ppc64", "GOPPC64"},
    {"ppc64le", "GOPPC64"}, {"riscv64", "GORISCV64"}, {"wasm", "GOWASM"},
};

static const char *read_variant(const struct inspection *file, struct arena *arena)
{
    for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
        const char *value = buildinfo_setting(&file->info, variants[i].setting);
        if (strcmp(variants[i].goarch, file->goarch) == 0 && value != NULL) {
            return arena_printf(arena, "%s=%s", variants[i].setting, value);
        }
    }
    return "";
}

/* Headers tell the machine for certain; of systems the file's own word is the more exact: headers
 * do not tell illumos from solaris, or plain ELF from anything. */
static void read_platform(const struct image *image, struct arena *arena, struct inspection *file)
{
    const char *goos = buildinfo_setting(&file->info, "GOOS");
    const char *goarch = buildinfo_setting(&file->info, "GOARCH");
    file->goos = goos != NULL ? goos : image->goos;
    file->goarch = image->goarch[0] != '\0' || goarch == NULL ? image->goarch : goarch;
    file->variant = read_variant(file, arena);
}

static bool read_buildinfo(const struct image *image, struct arena *arena, struct inspection *file,
                           struct error *err)
{
    struct error why;
    file->has_buildinfo = buildinfo_read(image, arena, &file->info, &why);
    if (!file->has_buildinfo && why.code != ERROR_ABSENT) {
        return error_pass(err, &why);
    }
    return true;
}

/* cmd/link takes up to 32 bytes for -B. */
#define GNU_BUILD_ID_MAXIMUM 32
/* Sizes, kind, and "GNU" with its NUL. */
#define GNU_NOTE_HEADER 16

static bool read_gnu_build_id(const struct image *image, struct arena *arena, struct traits *traits,
                              struct error *err)
{
    uint64_t offset, size;
    uint32_t len;
    struct bytes note, value;
    if (image->format != IMAGE_ELF || !host_build_id_place(image, &offset, &size) ||
        size > GNU_BUILD_ID_MAXIMUM) {
        return true;
    }
    size += GNU_NOTE_HEADER;
    if (!source_load(&image->source, offset - GNU_NOTE_HEADER, size, size, arena, &note, err)) {
        return error_prefix(err, "section .note.gnu.build-id");
    }
    /* The section is filled up to a multiple of four bytes; the header knows the value's own. */
    struct reader reader = reader_over(note, image->order);
    if (!reader_skip(&reader, 4) || !reader_u32(&reader, &len) || !reader_skip(&reader, 8) ||
        !reader_bytes(&reader, len, &value)) {
        return true;
    }
    char *text = arena_alloc(arena, 2 * value.len + 1);
    encode_hex(value, text);
    traits->gnu_build_id = text;
    traits->gnu_build_id_offset = offset;
    return true;
}

static bool read_build_id(const struct image *image, struct arena *arena, struct traits *traits,
                          struct error *err)
{
    struct bytes parts[BUILD_ID_PARTS];
    if (!build_id_read(image, arena, &traits->build_id, err)) {
        return false;
    }
    bool usable = build_id_split(traits->build_id, parts);
    for (size_t i = 0; i < BUILD_ID_PARTS; i++) {
        traits->parts[i] = usable ? arena_text(arena, parts[i]) : "";
    }
    traits->host_build_id = host_build_id_present(image);
    return read_gnu_build_id(image, arena, traits, err);
}

/* A file without any sign of Go is not searched for a table that it will not have: most files of a
 * directory are such. Other formats than ELF have no section for it. */
static bool worth_a_search(const struct image *image, const struct inspection *file)
{
    return file->has_buildinfo || file->traits.build_id[0] != '\0' || image->format != IMAGE_ELF ||
           pclntab_has_section(image);
}

static bool read_pclntab(const struct image *image, struct arena *arena, struct inspection *file,
                         struct error *err)
{
    struct error why;
    struct pclntab table;
    if (!worth_a_search(image, file)) {
        return true;
    }
    if (!pclntab_open(image, arena, &table, &why)) {
        if (why.code == ERROR_IO) {
            return error_pass(err, &why);
        }
        return true;
    }
    return inspect_paths(&table, &file->info, arena, &file->traits, err);
}

static bool is_go(const struct inspection *file)
{
    return file->has_buildinfo || file->traits.build_id[0] != '\0' ||
           file->traits.pclntab_go[0] != '\0' || file->traits.packer[0] != '\0';
}

static void list_sections(const struct image *image, struct arena *arena, struct inspection *file)
{
    size_t most = image->section_count < INSPECT_SECTIONS ? image->section_count : INSPECT_SECTIONS;
    file->sections = ARENA_ARRAY(arena, most, struct section_place);
    for (size_t i = 0; i < image->section_count && file->section_count < most; i++) {
        const struct image_section *section = &image->sections[i];
        bool nested = section->segment != NULL && section->segment[0] != '\0';
        if (section->size > 0) {
            file->sections[file->section_count++] = (struct section_place){
                .name = nested ? arena_printf(arena, "%s,%s", section->segment, section->name)
                               : section->name,
                .offset = section->offset,
                .size = section->size,
            };
        }
    }
}

/* A packed program hides its build information: one that shows it is not packed. */
static bool read_packer(const struct image *image, struct arena *arena, struct inspection *file,
                        struct error *err)
{
    return file->has_buildinfo || packed_read(image, arena, &file->traits.packer, err);
}

/* What a linker patched not to write build information still leaves. */
static bool read_version(const struct image *image, struct arena *arena, struct inspection *file,
                         struct error *err)
{
    const char *version;
    struct buildinfo info;
    struct error why;
    if (file->has_buildinfo || file->traits.pclntab_go[0] == '\0') {
        return true;
    }
    if (!inspect_version(image, arena, &version, err)) {
        return false;
    }
    if (buildinfo_read_headerless(image, arena, &info, &why)) {
        file->headerless = true;
        file->info = info;
    } else if (why.code == ERROR_IO) {
        return error_pass(err, &why);
    }
    file->info.go_version = version;
    return true;
}

static bool read_hashes(const struct image *image, unsigned what, struct inspection *file,
                        struct error *err)
{
    file->has_digest = (what & INSPECT_DIGEST) != 0;
    return (what & (INSPECT_DIGEST | INSPECT_LINKER_HASH)) == 0 ||
           linker_hash_compute(image, file->traits.build_id, file->info.go_version,
                               &file->traits.linker_hash, file->has_digest ? &file->sha256 : NULL,
                               err);
}

bool inspect_source(const struct source *source, unsigned what, struct arena *arena,
                    struct inspection *ret, struct error *err)
{
    struct image image;
    struct inspection file = {
        .name = "",
        .size = source->size,
        .info = {.go_version = "", .path = "", .main = {.path = "", .version = "", .sum = ""}},
        .traits = {.build_id = "",
                   .parts = {"", "", "", ""},
                   .interpreter = "",
                   .code_signature = "none",
                   .gnu_build_id = "",
                   .packer = "",
                   .goroot = "",
                   .gopath = "",
                   .source_root = "",
                   .pclntab_go = ""},
    };
    if (!image_open(source, arena, &image, err)) {
        return false;
    }
    file.format = image.format;
    if (!read_buildinfo(&image, arena, &file, err) ||
        !read_build_id(&image, arena, &file.traits, err) ||
        !read_pclntab(&image, arena, &file, err) ||
        !inspect_sections(&image, arena, &file.traits, err) ||
        !read_packer(&image, arena, &file, err) || !read_version(&image, arena, &file, err)) {
        return false;
    }
    if (!is_go(&file) && !inspect_compiler(&image, arena, &file.traits)) {
        return error_set(err, ERROR_UNSUPPORTED, "not a Go binary: %s without build information",
                         image_format_name(image.format));
    }
    read_platform(&image, arena, &file);
    list_sections(&image, arena, &file);
    if (!read_hashes(&image, what, &file, err) ||
        ((what & INSPECT_VALUES) != 0 && !inspect_values(&image, arena, &file, err))) {
        return false;
    }
    *ret = file;
    return true;
}
