// SPDX-License-Identifier: Apache-2.0
#include "base/seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_X86_64
/* Numbers from here on are the x32 ABI's, which shares the architecture value. */
#define FOREIGN_CALLS 0x40000000U
#elif defined(__aarch64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

/* So few rules are tried one after the other. */
#define FEW 4
#define ANSWER_ERRNO(number) (SECCOMP_RET_ERRNO | ((uint32_t)(number)&SECCOMP_RET_DATA))

static void emit(struct buffer *out, uint16_t code, uint32_t operand, uint8_t if_true,
                 uint8_t if_false)
{
    struct sock_filter instruction = {.code = code, .jt = if_true, .jf = if_false, .k = operand};
    buffer_append(out, bytes_from(&instruction, sizeof instruction));
}

static void emit_load(struct buffer *out, size_t offset)
{
    emit(out, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void emit_return(struct buffer *out, uint32_t answer)
{
    emit(out, BPF_RET | BPF_K, answer, 0, 0);
}

/* Kills what does not speak the native ABI, and leaves the call's number in the accumulator. */
static bool emit_prologue(struct buffer *out, struct error *err)
{
#ifdef NATIVE_ARCHITECTURE
    emit_load(out, offsetof(struct seccomp_data, arch));
    emit(out, BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCHITECTURE, 1, 0);
    emit_return(out, SECCOMP_RET_KILL_PROCESS);
    emit_load(out, offsetof(struct seccomp_data, nr));
#ifdef FOREIGN_CALLS
    emit(out, BPF_JMP | BPF_JGE | BPF_K, FOREIGN_CALLS, 0, 1);
    emit_return(out, SECCOMP_RET_KILL_PROCESS);
#endif
    (void)err;
    return true;
#else
    (void)out;
    return error_set(err, ERROR_UNSUPPORTED, "no system call filter for this kind of CPU");
#endif
}

static uint32_t answer_of(enum seccomp_action action)
{
    switch (action) {
    case SECCOMP_ALLOWED:
        return SECCOMP_RET_ALLOW;
    case SECCOMP_ENOSYS:
        return ANSWER_ERRNO(ENOSYS);
    case SECCOMP_EPERM:
        break;
    }
    return ANSWER_ERRNO(EPERM);
}

static void emit_rule(struct buffer *out, const struct seccomp_rule *rule)
{
    if (rule->mask == 0) {
        emit(out, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)rule->call, 0, 1);
        emit_return(out, answer_of(rule->action));
        return;
    }
    /* Both CPUs are little-endian: the low half of an argument comes first. */
    size_t argument = offsetof(struct seccomp_data, args) + rule->argument * sizeof(uint64_t);
    emit(out, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)rule->call, 0, 5);
    emit_load(out, argument);
    emit(out, BPF_ALU | BPF_AND | BPF_K, rule->mask, 0, 0);
    emit(out, BPF_JMP | BPF_JEQ | BPF_K, rule->value, 0, 1);
    emit_return(out, answer_of(rule->action));
    emit_load(out, offsetof(struct seccomp_data, nr));
}

/* The rules of all lists by call; those of one call stay in the order in which they are tried.
 * Heap. */
static const struct seccomp_rule **sort_rules(const struct seccomp_rules *lists, size_t count,
                                              size_t *ret_count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        total += lists[i].count;
    }
    const struct seccomp_rule **sorted = calloc(total + 1, sizeof(struct seccomp_rule *));
    if (sorted == NULL) {
        bug("out of memory for %zu rules", total);
    }
    size_t done = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < lists[i].count; j++) {
            size_t place = done++;
            for (; place > 0 && sorted[place - 1]->call > lists[i].rules[j].call; place--) {
                sorted[place] = sorted[place - 1];
            }
            sorted[place] = &lists[i].rules[j];
        }
    }
    *ret_count = total;
    return sorted;
}

/* Where the rules of another call begin, near the middle; 0 if there are few or none. */
static size_t choose_middle(const struct seccomp_rule *const *rules, size_t count)
{
    size_t middle = count / 2;
    while (middle > 0 && middle < count && rules[middle]->call == rules[middle - 1]->call) {
        middle++;
    }
    return count <= FEW || middle == count ? 0 : middle;
}

/* A binary search: the kernel runs the program for every call that it has once when it is applied,
 * to find out which are always allowed. */
static void emit_search(struct buffer *out, const struct seccomp_rule *const *rules, size_t count)
{
    size_t middle = choose_middle(rules, count);
    if (middle == 0) {
        for (size_t i = 0; i < count; i++) {
            emit_rule(out, rules[i]);
        }
        emit_return(out, ANSWER_ERRNO(EPERM));
        return;
    }
    emit(out, BPF_JMP | BPF_JGE | BPF_K, (uint32_t)rules[middle]->call, 0, 1);
    size_t jump = out->len;
    emit(out, BPF_JMP | BPF_JA, 0, 0, 0);
    size_t lower = out->len;
    emit_search(out, rules, middle);
    if (buffer_ok(out)) {
        uint32_t distance = (uint32_t)((out->len - lower) / sizeof(struct sock_filter));
        memcpy(out->data + jump + offsetof(struct sock_filter, k), &distance, sizeof distance);
    }
    emit_search(out, rules + middle, count - middle);
}

bool seccomp_assemble(const struct seccomp_rules *lists, size_t count, struct buffer *ret,
                      struct error *err)
{
    size_t rule_count;
    AUTO_FREE const struct seccomp_rule **rules = sort_rules(lists, count, &rule_count);
    if (!emit_prologue(ret, err)) {
        return false;
    }
    emit_search(ret, rules, rule_count);
    if (!buffer_ok(ret) || ret->len > BPF_MAXINSNS * sizeof(struct sock_filter)) {
        return error_set(err, ERROR_INTERNAL, "the system call filter is too long");
    }
    return true;
}

bool seccomp_apply(const struct buffer *program, struct error *err)
{
    struct sock_fprog filter = {.len = (unsigned short)(program->len / sizeof(struct sock_filter)),
                                .filter = (void *)program->data};
    if (program->len > BPF_MAXINSNS * sizeof(struct sock_filter)) {
        return error_set(err, ERROR_INTERNAL, "the system call filter is too long");
    }
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) != 0) {
        error_errno(err, "cannot filter system calls");
        return error_cure(err, "a kernel with CONFIG_SECCOMP_FILTER is needed");
    }
    return true;
}
