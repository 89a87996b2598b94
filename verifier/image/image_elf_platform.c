// SPDX-License-Identifier: Apache-2.0
#include <elf.h>

#include "base/limits.h"
#include "verifier/image/image_internal.h"

#ifndef EM_LOONGARCH
#define EM_LOONGARCH 258
#endif

/* Notes of an operating system are a few bytes; the cap is for what pretends to be notes. */
#define LIMIT_NOTES (64 * KIB)
#define NOTE_NAME_MAX 64

struct machine {
    unsigned number;
    const char *name;
    const char *little32, *big32, *little64, *big64; /* GOARCH by class and byte order */
};

static const struct machine machines[] = {
    {EM_386, "EM_386", "386", "", "", ""},
    {EM_X86_64, "EM_X86_64", "", "", "amd64", ""},
    {EM_ARM, "EM_ARM", "arm", "", "", ""},
    {EM_AARCH64, "EM_AARCH64", "", "", "arm64", ""},
    {EM_MIPS, "EM_MIPS", "mipsle", "mips", "mips64le", "mips64"},
    {EM_PPC, "EM_PPC", "", "", "", ""},
    {EM_PPC64, "EM_PPC64", "", "", "ppc64le", "ppc64"},
    {EM_S390, "EM_S390", "", "", "", "s390x"},
    {EM_RISCV, "EM_RISCV", "", "", "riscv64", ""},
    {EM_LOONGARCH, "EM_LOONGARCH", "", "", "loong64", ""},
    {EM_SPARC, "EM_SPARC", "", "", "", ""},
    {EM_SPARCV9, "EM_SPARCV9", "", "", "", ""},
    {EM_IA_64, "EM_IA_64", "", "", "", ""},
};

struct word {
    const char *text, *goos;
};

/* Names of notes with which kernels recognise their own programs. */
static const struct word note_names[] = {
    {"Android", "android"}, {"DragonFly", "dragonfly"}, {"FreeBSD", "freebsd"},
    {"NetBSD", "netbsd"},   {"OpenBSD", "openbsd"},
};

/* Dynamic loaders, by the longest start that is theirs alone. */
static const struct word loaders[] = {
    {"/system/bin/linker", "android"},
    {"/libexec/ld-elf.so", "freebsd"},
    {"/usr/libexec/ld-elf.so.2", "dragonfly"},
    {"/usr/libexec/ld.elf_so", "netbsd"},
    {"/libexec/ld.elf_so", "netbsd"},
    {"/usr/libexec/ld.so", "openbsd"},
    {"/lib/ld-linux", "linux"},
    {"/lib64/ld", "linux"},
    {"/lib/ld64", "linux"},
    {"/lib/ld-musl", "linux"},
    {"/lib/64/ld.so.1", "solaris"},
    {"/lib/amd64/ld.so.1", "solaris"},
    {"/usr/lib/ld.so.1", "solaris"},
    {"/usr/lib/amd64/ld.so.1", "solaris"},
};

static const char *goos_by_start(const struct word *words, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes_start_with(bytes_from_string(text), words[i].text)) {
            return words[i].goos;
        }
    }
    return "";
}

static void set_machine(struct image *image, const struct elf_detail *detail, struct arena *arena)
{
    for (size_t i = 0; i < ARRAY_LEN(machines); i++) {
        if (machines[i].number == detail->machine) {
            bool little = image->order == LITTLE_ENDIAN_ORDER;
            image->machine = machines[i].name;
            image->goarch = image->pointer_size == 8
                                ? (little ? machines[i].little64 : machines[i].big64)
                                : (little ? machines[i].little32 : machines[i].big32);
            return;
        }
    }
    image->machine = arena_printf(arena, "EM_%u", detail->machine);
}

static uint64_t padding(uint64_t len)
{
    return (4 - len % 4) % 4;
}

/* The operating system that the first note of a known name stands for. */
static const char *goos_of_notes(struct reader *notes)
{
    uint32_t name_len;
    uint32_t value_len;
    uint32_t type;
    struct bytes name;
    while (reader_u32(notes, &name_len) && reader_u32(notes, &value_len) &&
           reader_u32(notes, &type) && name_len <= NOTE_NAME_MAX &&
           reader_bytes(notes, name_len, &name) && reader_skip(notes, padding(name_len)) &&
           reader_skip(notes, value_len)) {
        for (size_t i = 0; i < ARRAY_LEN(note_names); i++) {
            if (bytes_start_with(name, note_names[i].text)) {
                return note_names[i].goos;
            }
        }
        if (!reader_skip(notes, padding(value_len))) {
            break;
        }
    }
    return "";
}

static const char *goos_by_notes(const struct image *image, const struct elf_detail *detail,
                                 struct arena *arena)
{
    const char *goos = "";
    size_t seen = 0;
    for (size_t i = 0; i < detail->program_count && goos[0] == '\0' && seen < 16; i++) {
        const struct elf_program *program = &detail->programs[i];
        struct reader notes;
        if (program->type == PT_NOTE && ++seen > 0 &&
            image_load(image, program->offset, program->size, LIMIT_NOTES, arena, &notes, NULL)) {
            goos = goos_of_notes(&notes);
        }
    }
    return goos;
}

static const char *goos_by_abi(uint8_t os_abi)
{
    switch (os_abi) {
    case ELFOSABI_NETBSD:
        return "netbsd";
    case ELFOSABI_LINUX:
        return "linux";
    case ELFOSABI_SOLARIS:
        return "solaris";
    case ELFOSABI_FREEBSD:
        return "freebsd";
    case ELFOSABI_OPENBSD:
        return "openbsd";
    default:
        return "";
    }
}

void image_elf_platform(struct image *image, const struct elf_detail *detail, struct arena *arena)
{
    set_machine(image, detail, arena);
    image->goos = goos_by_notes(image, detail, arena);
    if (image->goos[0] == '\0') {
        image->goos = goos_by_abi(detail->os_abi);
    }
    if (image->goos[0] == '\0' || strcmp(image->goos, "linux") == 0) {
        const char *goos = goos_by_start(loaders, ARRAY_LEN(loaders), image->interpreter);
        image->goos = goos[0] != '\0' ? goos : image->goos;
    }
    bool program = detail->type == ET_EXEC || detail->type == ET_DYN;
    /* Go marks its programs for every other ELF system but DragonFly, whose static ones look like
     * Linux's. */
    if (image->goos[0] == '\0' && image->interpreter[0] == '\0' && program &&
        detail->os_abi == ELFOSABI_NONE) {
        image->goos = "linux";
    }
}
