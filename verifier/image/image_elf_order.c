// SPDX-License-Identifier: Apache-2.0
#include "verifier/image/image_elf_order.h"

#include <endian.h>
#include <pthread.h>

#include "base/library.h"

#define OWN_ENCODING (__BYTE_ORDER == __LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB)

static struct {
    __typeof__(elf32_xlatetom) *narrow;
    __typeof__(elf64_xlatetom) *wide;
} translators;
static pthread_once_t load_once = PTHREAD_ONCE_INIT;

static void load(void)
{
    void *library = library_open("libelf.so.1");
    library_look_up(library, "elf32_xlatetom", &translators.narrow);
    library_look_up(library, "elf64_xlatetom", &translators.wide);
}

void image_elf_load(void)
{
    if (pthread_once(&load_once, load) != 0) {
        bug("cannot load libelf");
    }
}

bool image_elf_is_foreign(const struct source *source)
{
    uint8_t ident[EI_DATA + 1];
    return source_read(source, 0, ident, sizeof(ident), NULL) &&
           memcmp(ident, ELFMAG, SELFMAG) == 0 && ident[EI_DATA] != OWN_ENCODING;
}

bool image_elf_translate(unsigned encoding, bool wide, Elf_Type type, void *records, size_t size,
                         struct error *err)
{
    Elf_Data data = {.d_buf = records, .d_type = type, .d_version = EV_CURRENT, .d_size = size};
    if (encoding == OWN_ENCODING) {
        return true;
    }
    image_elf_load();
    const Elf_Data *done = (wide ? translators.wide : translators.narrow)(&data, &data, encoding);
    return done != NULL || error_set(err, ERROR_FORMAT, "libelf cannot decode the header");
}
