// SPDX-License-Identifier: Apache-2.0
#include "verifier/sandbox/sandbox.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/scanner.h"
#include "verifier/sandbox/box.h"

#define PROBE_SECONDS 60
#define PROBE_LOG 65536

/* What a build may use of this machine's memory; a limit above what there is limits nothing. */
static uint64_t default_memory(void)
{
    uint64_t pages = (uint64_t)sysconf(_SC_PHYS_PAGES);
    uint64_t physical = pages * (uint64_t)sysconf(_SC_PAGESIZE);
    return physical < LIMIT_BUILD_MEMORY ? physical : LIMIT_BUILD_MEMORY;
}

static struct sandbox_limits with_defaults(struct sandbox_limits limits)
{
    limits.seconds = limits.seconds == 0 ? LIMIT_BUILD_SECONDS : limits.seconds;
    limits.processes = limits.processes == 0 ? LIMIT_BUILD_PROCESSES : limits.processes;
    limits.memory = limits.memory == 0 ? default_memory() : limits.memory;
    limits.log_bytes = limits.log_bytes == 0 ? LIMIT_BUILD_LOG : limits.log_bytes;
    limits.disk_bytes = limits.disk_bytes == 0 ? LIMIT_BUILD_DISK : limits.disk_bytes;
    return limits;
}

bool sandbox_give(int dir, struct error *err)
{
    uid_t user = geteuid() == 0 ? SANDBOX_USER : (uid_t)-1;
    if (fchown(dir, user, user) != 0 || fchmod(dir, 0700) != 0) {
        return error_errno(err, "cannot give a directory to the sandbox");
    }
    return true;
}

bool sandbox_run(const struct sandbox_job *job, struct arena *arena, struct sandbox_result *ret,
                 struct error *err)
{
    struct sandbox_job complete = *job;
    complete.limits = with_defaults(job->limits);
    struct box box = {.process = {.pidfd = -1}, .log = -1, .status = -1, .inner = -1};
    bool started = job->kind == SANDBOX_NONE ? unboxed_start(&complete, &box, err)
                                             : bubblewrap_start(&complete, &box, err);
    bool ran = started && box_watch(&complete, &box, arena, ret, err);
    box_free(&box);
    return ran;
}

/* "bubblewrap 0.8.0\n". */
static bool read_version(struct arena *arena, const char **ret, struct error *err)
{
    const char *program;
    struct sandbox_result result;
    if (!process_find("bwrap", "bubblewrap", arena, &program, err)) {
        err->code = ERROR_TOOL;
        return false;
    }
    const char *const argv[] = {program, "--version", NULL};
    const struct sandbox_job job = {
        .kind = SANDBOX_NONE,
        .argv = argv,
        .limits = {.seconds = PROBE_SECONDS, .log_bytes = PROBE_LOG},
    };
    struct bytes name;
    struct bytes version;
    if (!sandbox_run(&job, arena, &result, err)) {
        return false;
    }
    if (result.status != 0 || !scan_cut(scan_trimmed(result.log), ' ', &name, &version)) {
        return error_set(err, ERROR_TOOL, "%s does not say its version", program);
    }
    *ret = arena_text(arena, version);
    return true;
}

bool sandbox_probe(struct arena *arena, const char **ret_version, struct error *err)
{
    const char *version;
    struct error ignored;
    if (!read_version(arena, &version, err == NULL ? &ignored : err)) {
        return false;
    }
    /* The launcher itself is the only program that an empty box has. Run without arguments it
     * complains and ends with 126, which shows that it ran. */
    const char *const argv[] = {"/.box/launch", NULL};
    const struct sandbox_job job = {
        .argv = argv,
        .limits = {.seconds = PROBE_SECONDS, .log_bytes = PROBE_LOG},
    };
    struct sandbox_result result;
    if (!sandbox_run(&job, arena, &result, err)) {
        return false;
    }
    if (result.status != 126) {
        return error_set(err, ERROR_TOOL, "a program in the sandbox ends with %d", result.status);
    }
    *ret_version = version;
    return true;
}
