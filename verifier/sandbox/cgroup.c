// SPDX-License-Identifier: Apache-2.0
#include "verifier/sandbox/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/scanner.h"

#define ROOT "/sys/fs/cgroup"
#define PREFIX "reproof-"
#define SMALL_FILE 65536

static struct bytes read_small(const char *path, char *room, size_t size)
{
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, room, size);
    return bytes_from(room, len < 0 ? 0 : (size_t)len);
}

static bool write_small(const char *dir, const char *name, const char *text)
{
    char path[LIMIT_PATH];
    int len = snprintf(path, sizeof(path), "%s/%s", dir, name);
    if (len < 0 || (size_t)len >= sizeof(path)) {
        return false;
    }
    AUTO_FD int fd = open(path, O_WRONLY | O_CLOEXEC);
    return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

static bool write_number(const char *dir, const char *name, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRIu64, number);
    return write_small(dir, name, text);
}

/* True if LIST ("cpu,memory") has NAME. */
static bool has_controller(struct bytes list, const char *name)
{
    struct scanner scanner = scanner_over(list);
    struct bytes entry;
    while (scanner_field(&scanner, ',', LIMIT_PATH, &entry)) {
        if (bytes_equal_string(entry, name)) {
            return true;
        }
    }
    return false;
}

/* The path of this process's group for CONTROLLER ("" for version 2), or NULL.
 * A line of /proc/self/cgroup is "7:cpu,memory:/path". */
static const char *own_group(const char *controller, struct arena *arena)
{
    char *room = arena_alloc(arena, SMALL_FILE);
    struct scanner scanner = scanner_over(read_small("/proc/self/cgroup", room, SMALL_FILE));
    struct bytes line;
    while (scanner_line(&scanner, SMALL_FILE, &line)) {
        struct bytes number;
        struct bytes rest;
        struct bytes list;
        struct bytes path;
        if (!scan_cut(line, ':', &number, &rest) || !scan_cut(rest, ':', &list, &path)) {
            continue;
        }
        bool wanted = *controller == '\0' ? list.len == 0 : has_controller(list, controller);
        /* "/.." is what a process in another cgroup namespace than its own sees. */
        if (wanted && !bytes_start_with(path, "/..")) {
            return bytes_equal_string(path, "/") ? "" : arena_text(arena, path);
        }
    }
    return NULL;
}

/* Removes empty groups that a killed run has left beneath PARENT: "reproof-PID-...". */
static void sweep(const char *parent)
{
    DIR *dir = opendir(parent);
    struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        struct scanner scanner = scanner_over(bytes_from_string(entry->d_name));
        uint64_t pid;
        if (scanner_expect(&scanner, PREFIX) && scanner_number(&scanner, INT32_MAX, &pid) &&
            kill((pid_t)pid, 0) != 0 && errno == ESRCH) {
            unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
}

/* Makes a group beneath PARENT; NULL if that is not allowed. */
static const char *make_beneath(const char *parent, struct arena *arena)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    sweep(parent);
    const char *path = arena_printf(arena, "%s/" PREFIX "%d-%llx%lx", parent, (int)getpid(),
                                    (unsigned long long)now.tv_sec, (unsigned long)now.tv_nsec);
    return mkdir(path, 0755) == 0 ? path : NULL;
}

static bool limit_old_memory(const char *dir, uint64_t memory)
{
    if (!write_number(dir, "memory.limit_in_bytes", memory)) {
        return false;
    }
    /* With swap accounting, swap counts too; without it there is no such file. */
    (void)write_number(dir, "memory.memsw.limit_in_bytes", memory);
    return true;
}

/* A group of version 1 for CONTROLLER, beneath our own or, in a container that shows another tree
 * than the kernel names, at the top. */
static const char *make_old(const char *controller, struct arena *arena)
{
    const char *own = own_group(controller, arena);
    if (own == NULL) {
        return NULL;
    }
    const char *made = make_beneath(arena_printf(arena, ROOT "/%s%s", controller, own), arena);
    return made != NULL ? made : make_beneath(arena_printf(arena, ROOT "/%s", controller), arena);
}

static bool make_unified(uint64_t memory, unsigned processes, struct arena *arena,
                         struct cgroup *ret)
{
    const char *own = own_group("", arena);
    struct bytes parent;
    struct bytes name;
    /* Beside our own group: one that holds processes can hand no controllers down. */
    if (own == NULL ||
        (*own != '\0' && !scan_cut_last(bytes_from_string(own), '/', &parent, &name))) {
        return false;
    }
    const char *above = *own == '\0' ? "" : arena_text(arena, parent);
    const char *dir = make_beneath(arena_printf(arena, ROOT "%s", above), arena);
    if (dir == NULL) {
        return false;
    }
    if (!write_number(dir, "memory.max", memory) || !write_number(dir, "pids.max", processes)) {
        rmdir(dir);
        return false;
    }
    (void)write_number(dir, "memory.swap.max", 0);
    *ret = (struct cgroup){.memory = dir, .pids = dir, .unified = true};
    return true;
}

void cgroup_make(uint64_t memory, unsigned processes, struct arena *arena, struct cgroup *ret)
{
    *ret = (struct cgroup){0};
    if (make_unified(memory, processes, arena, ret)) {
        return;
    }
    ret->memory = make_old("memory", arena);
    if (ret->memory != NULL && !limit_old_memory(ret->memory, memory)) {
        rmdir(ret->memory);
        ret->memory = NULL;
    }
    ret->pids = make_old("pids", arena);
    if (ret->pids != NULL && !write_number(ret->pids, "pids.max", processes)) {
        rmdir(ret->pids);
        ret->pids = NULL;
    }
}

bool cgroup_add(const struct cgroup *group, pid_t pid)
{
    uint64_t number = (uint64_t)pid;
    return (group->memory == NULL || write_number(group->memory, "cgroup.procs", number)) &&
           (group->pids == NULL || group->unified ||
            write_number(group->pids, "cgroup.procs", number));
}

/* The number behind "KEY " at the start of a line of the file NAME, 0 if there is none. */
static uint64_t counter(const char *dir, const char *name, const char *key)
{
    char path[LIMIT_PATH];
    char room[4096];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    struct scanner scanner = scanner_over(read_small(path, room, sizeof(room)));
    struct bytes line;
    struct bytes word;
    struct bytes value;
    uint64_t number = 0;
    while (scanner_line(&scanner, sizeof(room), &line)) {
        if (scan_cut(line, ' ', &word, &value) && bytes_equal_string(word, key) &&
            scan_number(value, UINT64_MAX, &number)) {
            return number;
        }
    }
    return 0;
}

const char *cgroup_limit_hit(const struct cgroup *group)
{
    const char *events = group->unified ? "memory.events" : "memory.oom_control";
    if (group->memory != NULL && counter(group->memory, events, "oom_kill") > 0) {
        return "memory";
    }
    if (group->pids != NULL && counter(group->pids, "pids.events", "max") > 0) {
        return "processes";
    }
    return NULL;
}

uint64_t cgroup_peak_memory(const struct cgroup *group)
{
    if (group->memory == NULL) {
        return 0;
    }
    char path[LIMIT_PATH];
    char room[64];
    snprintf(path, sizeof(path), "%s/%s", group->memory,
             group->unified ? "memory.peak" : "memory.max_usage_in_bytes");
    uint64_t bytes = 0;
    struct bytes text = scan_trimmed(read_small(path, room, sizeof(room)));
    return scan_number(text, UINT64_MAX, &bytes) ? bytes : 0;
}

/* The kernel may need a moment until the last dead process has left the group. */
static void remove_group(const char *dir)
{
    const struct timespec moment = {.tv_nsec = 10000000};
    for (int i = 0; dir != NULL && i < 200 && rmdir(dir) != 0 && errno == EBUSY; i++) {
        nanosleep(&moment, NULL);
    }
}

void cgroup_remove(struct cgroup *group)
{
    remove_group(group->memory);
    if (!group->unified) {
        remove_group(group->pids);
    }
    *group = (struct cgroup){0};
}
