// SPDX-License-Identifier: Apache-2.0
#include "verifier/image/image_macho.h"

#include "base/limits.h"
#include "verifier/image/image_internal.h"
#include "verifier/image/image_macho_internal.h"

#define MAGIC_32 0xfeedfaceU
#define MAGIC_64 0xfeedfacfU
#define HEADER_LEN 28
#define HEADER_LEN_64 32

#define MH_PIE 0x200000U
#define PLATFORM_IOS 2
#define PLATFORM_IOS_SIMULATOR 7

struct cpu {
    uint32_t type;
    const char *name, *goarch;
};

static const struct cpu cpus[] = {
    {7, "CPU_TYPE_I386", "386"},           {0x01000007, "CPU_TYPE_X86_64", "amd64"},
    {12, "CPU_TYPE_ARM", "arm"},           {0x0100000c, "CPU_TYPE_ARM64", "arm64"},
    {18, "CPU_TYPE_POWERPC", ""},          {0x01000012, "CPU_TYPE_POWERPC64", ""},
    {0x0200000c, "CPU_TYPE_ARM64_32", ""},
};

static const struct cpu *cpu_find(uint32_t cpu_type)
{
    for (size_t i = 0; i < ARRAY_LEN(cpus); i++) {
        if (cpus[i].type == cpu_type) {
            return &cpus[i];
        }
    }
    return NULL;
}

const char *macho_goarch(uint32_t cpu_type)
{
    const struct cpu *cpu = cpu_find(cpu_type);
    return cpu == NULL ? "" : cpu->goarch;
}

const char *macho_cpu_name(uint32_t cpu_type)
{
    const struct cpu *cpu = cpu_find(cpu_type);
    return cpu == NULL ? NULL : cpu->name;
}

/* Both magic numbers in both byte orders. */
static bool read_magic(struct image *image, struct reader *header, struct error *err)
{
    uint32_t magic;
    for (int order = 0; order < 2; order++) {
        struct reader start = *header;
        start.order = order == 0 ? LITTLE_ENDIAN_ORDER : BIG_ENDIAN_ORDER;
        if (reader_u32(&start, &magic) && (magic == MAGIC_32 || magic == MAGIC_64)) {
            image->order = start.order;
            image->pointer_size = magic == MAGIC_64 ? 8 : 4;
            *header = start;
            return true;
        }
    }
    return error_set(err, ERROR_FORMAT, "unknown magic number at offset 0");
}

static bool read_header(struct image *image, struct macho_detail *detail, uint32_t *ret_count,
                        struct arena *arena, struct error *err)
{
    struct reader header;
    if (!image_load(image, 0, HEADER_LEN, HEADER_LEN, arena, &header, err) ||
        !read_magic(image, &header, err)) {
        return false;
    }
    uint32_t size = 0;
    if (!(reader_u32(&header, &detail->cpu_type) && reader_u32(&header, &detail->cpu_subtype) &&
          reader_u32(&header, &detail->file_type) && reader_u32(&header, ret_count) &&
          reader_u32(&header, &size) && reader_u32(&header, &detail->flags))) {
        return error_set(err, ERROR_FORMAT, "the header is cut short");
    }
    detail->header_size = image->pointer_size == 8 ? HEADER_LEN_64 : HEADER_LEN;
    detail->commands_size = size;
    return true;
}

static bool read_commands(struct macho_reader *state, uint32_t count, struct error *err)
{
    struct reader *commands = &state->commands;
    if (count > LIMIT_SECTIONS) {
        return error_set(err, ERROR_LIMIT, "%u load commands, at most %u", count, LIMIT_SECTIONS);
    }
    state->detail->commands = ARENA_ARRAY(state->arena, count, struct macho_command);
    for (uint32_t i = 0; i < count; i++) {
        struct macho_command command = {.offset =
                                            state->detail->header_size + reader_offset(commands)};
        struct reader head = *commands;
        struct reader body;
        if (!reader_u32(&head, &command.command) || !reader_u32(&head, &command.size) ||
            command.size < 8 || !reader_sub(commands, command.size, &body)) {
            return error_set(err, ERROR_FORMAT, "load command %u at offset %llu is cut short", i,
                             (unsigned long long)command.offset);
        }
        state->detail->commands[state->detail->command_count++] = command;
        if (!image_macho_command(state, &command, &body, err)) {
            return error_prefix(err, "load command %u (0x%x) at offset %llu", i, command.command,
                                (unsigned long long)command.offset);
        }
    }
    return true;
}

static void set_platform(struct image *image, const struct macho_detail *detail,
                         struct arena *arena)
{
    const char *name = macho_cpu_name(detail->cpu_type);
    image->machine = name != NULL ? name : arena_printf(arena, "CPU_TYPE_%u", detail->cpu_type);
    image->goarch = macho_goarch(detail->cpu_type);
    bool ios = detail->platform == PLATFORM_IOS || detail->platform == PLATFORM_IOS_SIMULATOR;
    image->goos = ios ? "ios" : "darwin";
    image->pie = detail->file_type == MACHO_FILE_EXECUTE && (detail->flags & MH_PIE) != 0;
    image->shared = detail->file_type == MACHO_FILE_DYLIB || detail->file_type == MACHO_FILE_BUNDLE;
}

bool image_macho_open(struct arena *arena, struct image *image, struct error *err)
{
    struct macho_detail *detail = ARENA_NEW(arena, struct macho_detail);
    struct macho_reader state = {.arena = arena, .image = image, .detail = detail};
    uint32_t count;
    image->detail = detail;
    if (!read_header(image, detail, &count, arena, err)) {
        return false;
    }
    if (!image_load(image, detail->header_size, detail->commands_size, LIMIT_LOAD_COMMANDS, arena,
                    &state.commands, err)) {
        return error_prefix(err, "load commands");
    }
    if (!read_commands(&state, count, err)) {
        return false;
    }
    set_platform(image, detail, arena);
    return true;
}
