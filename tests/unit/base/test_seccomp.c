// SPDX-License-Identifier: Apache-2.0
/* Filters of system calls: what is assembled answers what its rules say. */
#include <errno.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#include "base/confine_calls.h"
#include "base/seccomp.h"
#include "tests/unit/unit.h"

static void first_fitting_rule_decides(void **state)
{
    (void)state;
    const struct seccomp_rule rules[] = {
        SECCOMP_CALL_IF(getppid, 0, 0xff, 7),
        SECCOMP_CALL_MISSING(getppid),
    };
    const struct seccomp_rules list = {.rules = rules, .count = ARRAY_LEN(rules)};
    AUTO(buffer) struct buffer program;
    buffer_init(&program, 1 << 20);
    struct error err;
    assert_true(seccomp_assemble(&list, 1, &program, &err));
    /* Prologue, a rule of six instructions, one of two, and the answer for all others. */
    size_t instructions = program.len / sizeof(struct sock_filter);
    assert_in_range(instructions, 4 + 6 + 2 + 1, 6 + 6 + 2 + 1);
}

/* What PROGRAM answers, as the kernel runs it; only the instructions that the assembler emits. */
static uint32_t run_filter(const struct buffer *program, const struct seccomp_data *data)
{
    const struct sock_filter *code = (const void *)program->data;
    size_t count = program->len / sizeof(*code);
    uint32_t accumulator = 0;
    for (size_t at = 0; at < count; at++) {
        const struct sock_filter *one = &code[at];
        switch (one->code) {
        case BPF_LD | BPF_W | BPF_ABS:
            assert_in_range(one->k, 0, sizeof(*data) - sizeof(accumulator));
            memcpy(&accumulator, (const uint8_t *)data + one->k, sizeof(accumulator));
            break;
        case BPF_ALU | BPF_AND | BPF_K:
            accumulator &= one->k;
            break;
        case BPF_JMP | BPF_JEQ | BPF_K:
            at += accumulator == one->k ? one->jt : one->jf;
            break;
        case BPF_JMP | BPF_JGE | BPF_K:
            at += accumulator >= one->k ? one->jt : one->jf;
            break;
        case BPF_JMP | BPF_JA:
            at += one->k;
            break;
        case BPF_RET | BPF_K:
            return one->k;
        default:
            fail_msg("instruction %zu is none of ours", at);
        }
    }
    fail_msg("no answer");
    return 0;
}

/* What the rules say, tried one after the other. */
static uint32_t run_rules(const struct seccomp_rules *lists, size_t count,
                          const struct seccomp_data *data)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < lists[i].count; j++) {
            const struct seccomp_rule *rule = &lists[i].rules[j];
            if (rule->call == data->nr &&
                ((uint32_t)data->args[rule->argument] & rule->mask) == rule->value) {
                return rule->action == SECCOMP_ALLOWED  ? SECCOMP_RET_ALLOW
                       : rule->action == SECCOMP_ENOSYS ? SECCOMP_RET_ERRNO | ENOSYS
                                                        : SECCOMP_RET_ERRNO | EPERM;
            }
        }
    }
    return SECCOMP_RET_ERRNO | EPERM;
}

/* The architecture's number stands in the program itself: the second instruction compares it. */
static void answers_what_its_rules_say(void **state)
{
    (void)state;
    const struct seccomp_rules lists[] = {
        confine_fetcher_calls,  confine_build_files,   confine_build_calls,  confine_common_calls,
        confine_unpacker_calls, confine_data_mappings, confine_missing_calls};
    for (size_t used = 0; used <= ARRAY_LEN(lists); used++) {
        AUTO(buffer) struct buffer program;
        struct error err;
        buffer_init(&program, 1 << 20);
        assert_true(seccomp_assemble(lists, used, &program, &err));
        struct seccomp_data data = {
            .arch = ((const struct sock_filter *)(const void *)program.data)[1].k};
        for (data.nr = 0; data.nr < 1000; data.nr++) {
            for (uint64_t i = 0; i < 64; i++) {
                for (size_t k = 0; k < ARRAY_LEN(data.args); k++) {
                    data.args[k] = i < 24 ? 1ULL << i : (i - 24) * (k + 1);
                }
                assert_int_equal(run_filter(&program, &data), run_rules(lists, used, &data));
            }
        }
        data.arch ^= 1;
        assert_int_equal(run_filter(&program, &data), SECCOMP_RET_KILL_PROCESS);
    }
}

static void refuses_a_program_that_is_too_long(void **state)
{
    (void)state;
    struct seccomp_rule *rules = calloc(BPF_MAXINSNS, sizeof(*rules));
    const struct seccomp_rules list = {.rules = rules, .count = BPF_MAXINSNS};
    AUTO(buffer) struct buffer program;
    buffer_init(&program, 1 << 20);
    struct error err;
    assert_false(seccomp_assemble(&list, 1, &program, &err));
    assert_int_equal(err.code, ERROR_INTERNAL);
    free(rules);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(first_fitting_rule_decides),
    cmocka_unit_test(answers_what_its_rules_say),
    cmocka_unit_test(refuses_a_program_that_is_too_long),
};

UNIT_MAIN(tests)
