/* A clock that only goes forward (CLOCK_MONOTONIC), for durations and deadlines; never a date. */
#pragma once

#include <stdint.h>

double clock_seconds(void);
int64_t clock_ms(void);
