// SPDX-License-Identifier: Apache-2.0
#include "verifier/sandbox/usage.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/scanner.h"

#define SMALLEST_FILE 4096

struct walk {
    uint64_t maximum, total, entries;
};

static bool walk_directory(int dir, unsigned depth, struct walk *walk);

static bool walk_entry(int dir, const char *name, unsigned depth, struct walk *walk)
{
    struct stat info;
    if (fstatat(dir, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        return errno == ENOENT;
    }
    uint64_t bytes = (uint64_t)info.st_blocks * 512;
    walk->total += bytes < SMALLEST_FILE ? SMALLEST_FILE : bytes;
    walk->entries++;
    if (walk->total > walk->maximum || walk->entries > LIMIT_BUILD_FILES) {
        return false;
    }
    if (!S_ISDIR(info.st_mode)) {
        return true;
    }
    int inside = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (inside < 0) {
        return errno == ENOENT;
    }
    return walk_directory(inside, depth + 1, walk);
}

/* Takes over DIR. */
static bool walk_directory(int dir, unsigned depth, struct walk *walk)
{
    DIR *stream = depth > LIMIT_BUILD_DEPTH ? NULL : fdopendir(dir);
    if (stream == NULL) {
        close(dir);
        return false;
    }
    bool within = true;
    struct dirent *entry;
    while (within && (entry = readdir(stream)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            within = walk_entry(dirfd(stream), entry->d_name, depth, walk);
        }
    }
    closedir(stream);
    return within;
}

bool usage_of_directory(int dir, uint64_t maximum, uint64_t *total)
{
    int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (copy < 0) {
        return false;
    }
    struct walk walk = {.maximum = maximum, .total = *total};
    bool within = walk_directory(copy, 0, &walk);
    *total = walk.total;
    return within;
}

struct seen_process {
    pid_t pid, parent;
    uint64_t threads, pages;
    bool inside;
};

/* Reads /proc/PID/stat: "PID (NAME) STATE PARENT ..."; a name may hold blanks and parentheses.
 * Behind it stand as fields 4, 20 and 24 the parent, the threads and the resident pages. */
static bool read_process(int proc, const char *pid, struct seen_process *ret)
{
    char path[64];
    char text[1024];
    snprintf(path, sizeof(path), "%.20s/stat", pid);
    AUTO_FD int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text));
    struct bytes name;
    struct bytes rest;
    if (len <= 0 || !scan_cut_last(bytes_from(text, (size_t)len), ')', &name, &rest)) {
        return false;
    }
    struct scanner scanner = scanner_over(scan_trimmed(rest));
    uint64_t fields[25] = {0};
    for (size_t i = 3; i < ARRAY_LEN(fields); i++) {
        struct bytes field;
        if (!scanner_field(&scanner, ' ', 64, &field)) {
            return false;
        }
        /* Some fields are negative or letters; those that are wanted never are. */
        if (!scan_number(field, UINT64_MAX, &fields[i])) {
            fields[i] = 0;
        }
    }
    uint64_t number;
    if (!scan_number(bytes_from_string(pid), INT32_MAX, &number)) {
        return false;
    }
    *ret = (struct seen_process){.pid = (pid_t)number,
                                 .parent = (pid_t)fields[4],
                                 .threads = fields[20],
                                 .pages = fields[24]};
    return true;
}

static struct seen_process *list_processes(struct arena *arena, size_t *ret_count)
{
    struct seen_process *list = NULL;
    size_t count = 0;
    size_t capacity = 0;
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    while (proc != NULL && (entry = readdir(proc)) != NULL) {
        struct seen_process process;
        if (isdigit((unsigned char)entry->d_name[0]) &&
            read_process(dirfd(proc), entry->d_name, &process)) {
            arena_grow(arena, &list, count, &capacity, sizeof(*list));
            list[count++] = process;
        }
    }
    if (proc != NULL) {
        closedir(proc);
    }
    *ret_count = count;
    return list;
}

static int by_pid(const void *a, const void *b)
{
    const struct seen_process *left = a;
    const struct seen_process *right = b;
    return (left->pid > right->pid) - (left->pid < right->pid);
}

/* Marks the processes whose chain of parents leads to TOP; false if nothing new was found. */
static bool mark_children(struct seen_process *list, size_t count, pid_t top)
{
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        struct seen_process key = {.pid = list[i].parent};
        const struct seen_process *parent = bsearch(&key, list, count, sizeof(*list), by_pid);
        if (!list[i].inside && (list[i].pid == top || (parent != NULL && parent->inside))) {
            list[i].inside = true;
            found = true;
        }
    }
    return found;
}

struct process_usage usage_of_processes(pid_t top, struct arena *scratch)
{
    struct process_usage usage = {0};
    size_t count;
    struct seen_process *list = list_processes(scratch, &count);
    if (count == 0) {
        return usage;
    }
    qsort(list, count, sizeof(*list), by_pid);
    /* Each round reaches one generation at least; a chain longer than this is cut off. */
    for (unsigned round = 0; round < LIMIT_BUILD_DEPTH && mark_children(list, count, top);
         round++) {
    }
    for (size_t i = 0; i < count; i++) {
        usage.threads += list[i].inside ? list[i].threads : 0;
        usage.memory += list[i].inside ? list[i].pages * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
    }
    return usage;
}
