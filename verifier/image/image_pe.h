/* What PE headers say beyond `struct image` (Microsoft PE/COFF). Addresses in `struct image` are
 * absolute: image base plus relative virtual address. */
#pragma once

#include "verifier/image/image.h"

#define PE_DIRECTORIES 16
#define PE_DIRECTORY_IMPORT 1
#define PE_DIRECTORY_CERTIFICATE 4

#define PE_DYNAMIC_BASE 0x0040 /* of dll_characteristics */

struct pe_directory {
    uint32_t address, size; /* relative virtual address; of the certificates: file offset */
};

/* The rest of a section header; same index as in image->sections. */
struct pe_section {
    uint32_t characteristics;
    uint32_t virtual_address, virtual_size, raw_offset, raw_size; /* as they stand there */
};

struct pe_detail {
    uint16_t machine, characteristics, dll_characteristics, subsystem;
    uint32_t symbol_offset, symbol_count; /* COFF symbols of 18 bytes; 0 with -s */
    uint64_t string_offset, string_size;  /* behind them; without the four bytes of the length */
    uint64_t header_offset;               /* of the COFF header, behind "PE\0\0" */
    uint64_t checksum_offset;             /* of the field CheckSum; 0: no optional header */
    uint64_t certificate_field_offset;    /* of the directory entry; 0: there is none */
    uint64_t image_base;
    size_t directory_count;
    struct pe_directory directories[PE_DIRECTORIES]; /* zero beyond directory_count */
    struct pe_section *sections;                     /* image->section_count of them */
};

/* NULL unless IMAGE is PE. */
static inline const struct pe_detail *image_pe(const struct image *image)
{
    return image->format == IMAGE_PE ? image->detail : NULL;
}
