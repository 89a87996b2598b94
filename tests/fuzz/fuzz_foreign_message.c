// SPDX-License-Identifier: Apache-2.0
/* What is a message of another protocol: answered for any bytes. */
#include "signer/foreign.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    (void)foreign_message(bytes_from(data, len));
    return 0;
}
