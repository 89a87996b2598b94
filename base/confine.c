// SPDX-License-Identifier: Apache-2.0
#include "base/confine.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "base/confine_calls.h"
#include "base/confine_landlock.h"

#define LIMIT_FILTER_BYTES (BPF_MAXINSNS * sizeof(struct sock_filter))

/* The leak sanitizer asks this before it attaches to the process at exit, which a filter forbids.
 */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
    return prctl(PR_GET_SECCOMP) > 0;
}

static bool give_up_privileges(struct error *err)
{
    struct rlimit no_core = {0};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
        setrlimit(RLIMIT_CORE, &no_core) != 0) {
        return error_errno(err, "cannot give up privileges");
    }
    return true;
}

/* Signals to the process itself are how abort works; all others are forbidden. */
static bool apply_filter(const struct seccomp_rules *specific, size_t count, struct error *err)
{
    const struct seccomp_rule own_signals[] = {
        SECCOMP_CALL_IF(tgkill, 0, 0xffffffff, (uint32_t)getpid()),
    };
    struct seccomp_rules lists[8] = {
        confine_common_calls,
        confine_sanitizer_calls,
        {.rules = own_signals, .count = ARRAY_LEN(own_signals)},
    };
    size_t used = 3;
    for (size_t i = 0; i < count; i++) {
        lists[used++] = specific[i];
    }
    lists[used++] = confine_missing_calls;
    AUTO(buffer) struct buffer program;
    buffer_init(&program, LIMIT_FILTER_BYTES);
    return seccomp_assemble(lists, used, &program, err) && seccomp_apply(&program, err);
}

bool confine_parser(struct error *err)
{
    return give_up_privileges(err) && landlock_restrict(NULL, 0, false, err) &&
           apply_filter(&confine_data_mappings, 1, err);
}

bool confine_unpacker(int dir, struct error *err)
{
    const struct landlock_rule keep = {.dir = dir, .kind = LANDLOCK_MAKE};
    const struct seccomp_rules lists[] = {confine_data_mappings, confine_unpacker_calls};
    return give_up_privileges(err) && landlock_restrict(&keep, 1, false, err) &&
           apply_filter(lists, ARRAY_LEN(lists), err);
}

bool confine_fetcher(struct error *err)
{
    static const char *const readable[] = {"/etc", "/usr", "/lib", "/lib64", "/run", "/var/run"};
    struct landlock_rule keep[ARRAY_LEN(readable)];
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(readable); i++) {
        int dir = open(readable[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (dir >= 0) {
            keep[count++] = (struct landlock_rule){.dir = dir, .kind = LANDLOCK_READ};
        }
    }
    bool kept = give_up_privileges(err) && landlock_restrict(keep, count, true, err);
    for (size_t i = 0; i < count; i++) {
        close(keep[i].dir);
    }
    return kept && apply_filter(&confine_fetcher_calls, 1, err);
}

bool confine_build_program(struct buffer *ret, struct error *err)
{
    const struct seccomp_rules lists[] = {confine_common_calls, confine_build_calls,
                                          confine_build_files, confine_missing_calls};
    return seccomp_assemble(lists, ARRAY_LEN(lists), ret, err);
}
