// SPDX-License-Identifier: Apache-2.0
#include "verifier/sandbox/launcher_bytes.h"
#include "verifier/sandbox/box.h"

struct bytes box_launcher(void)
{
    return bytes_from(embedded_bytes, sizeof(embedded_bytes));
}
