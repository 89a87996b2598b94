/* Makes files and directories beneath one directory, which is all that the unpacker may touch. */
#pragma once

#include "cli/helpers/unpack_entries.h"

struct unpack_disk {
    int root;   /* borrowed */
    int parent; /* the directory of the last file, opened; -1: none */
    char parent_path[4096];
    int file; /* being written; -1: none */
};

/* A sink over DISK, which has root set and the rest as UNPACK_DISK_INIT says. */
#define UNPACK_DISK_INIT(dir)                                                                      \
    {                                                                                              \
        .root = (dir), .parent = -1, .file = -1                                                    \
    }
struct unpack_sink unpack_disk_sink(struct unpack_disk *disk);
void unpack_disk_free(struct unpack_disk *disk);
