// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/exit.h"

static void gives_each_outcome_its_code(void **state)
{
    (void)state;
    assert_int_equal(exit_code(OUTCOME_HOLDS), 0);
    assert_int_equal(exit_code(OUTCOME_REFUTED), 1);
    assert_int_equal(exit_code(OUTCOME_UNUSABLE), 2);
    assert_int_equal(exit_code(OUTCOME_UNDECIDED), 3);
    assert_int_equal(exit_code(OUTCOME_TAMPERED), 4);
    assert_int_equal(exit_code(OUTCOME_INTERNAL), 70);
}

static void never_holds_by_default_or_by_an_error(void **state)
{
    (void)state;
    enum outcome zero = 0;
    assert_int_not_equal(exit_code(zero), 0);
    for (int code = ERROR_NONE; code <= ERROR_INTERNAL; code++) {
        struct error err = {.code = (enum error_code)code};
        assert_int_not_equal(outcome_of_error(&err), OUTCOME_HOLDS);
        assert_int_not_equal(outcome_of_input_error(&err), OUTCOME_HOLDS);
    }
}

static void lets_the_worst_of_several_decide(void **state)
{
    (void)state;
    /* The order of the exit codes: 4, 1, 2, 3, 0. */
    static const enum outcome order[] = {OUTCOME_TAMPERED, OUTCOME_REFUTED, OUTCOME_UNUSABLE,
                                         OUTCOME_UNDECIDED, OUTCOME_HOLDS};
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        for (size_t k = i; k < ARRAY_LEN(order); k++) {
            assert_int_equal(outcome_worse(order[i], order[k]), order[i]);
            assert_int_equal(outcome_worse(order[k], order[i]), order[i]);
        }
    }
}

static void tells_tampering_network_and_usage_apart(void **state)
{
    (void)state;
    struct error err = {.code = ERROR_UNTRUSTED};
    assert_int_equal(outcome_of_error(&err), OUTCOME_TAMPERED);
    err.code = ERROR_NETWORK;
    assert_int_equal(outcome_of_error(&err), OUTCOME_UNDECIDED);
    /* An input that has to be got first. */
    assert_int_equal(outcome_of_input_error(&err), OUTCOME_UNDECIDED);
    err.code = ERROR_USAGE;
    assert_int_equal(outcome_of_error(&err), OUTCOME_UNUSABLE);
    err.code = ERROR_IO;
    assert_int_equal(outcome_of_error(&err), OUTCOME_UNDECIDED);
    assert_int_equal(outcome_of_input_error(&err), OUTCOME_UNUSABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_each_outcome_its_code),
        cmocka_unit_test(never_holds_by_default_or_by_an_error),
        cmocka_unit_test(lets_the_worst_of_several_decide),
        cmocka_unit_test(tells_tampering_network_and_usage_apart),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
