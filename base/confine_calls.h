/* The allow-lists behind confine.h: which system calls each kind of process needs.
 *
 * Made from traces of real runs; a call that is not listed answers EPERM. Calls that only older
 * CPUs have (open beside openat) are listed where the CPU has them. */
#pragma once

#include "base/seccomp.h"

extern const struct seccomp_rules confine_common_calls;  /* what every confined process may do */
extern const struct seccomp_rules confine_data_mappings; /* memory, but none that is executable */
extern const struct seccomp_rules confine_unpacker_calls;
extern const struct seccomp_rules confine_fetcher_calls;
extern const struct seccomp_rules confine_build_calls;
extern const struct seccomp_rules confine_build_files; /* the second half of the build's list */
/* New calls whose arguments a filter cannot see: programs fall back to the older ones. */
extern const struct seccomp_rules confine_missing_calls;
/* What the sanitizers' run-time library does in the process that it watches; empty elsewhere. */
extern const struct seccomp_rules confine_sanitizer_calls;
