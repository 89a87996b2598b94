// SPDX-License-Identifier: Apache-2.0
#include "cli/helpers/fetch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

struct range4 {
    uint32_t network;
    unsigned bits;
};

static bool is_private4(uint32_t address)
{
    static const struct range4 ranges[] = {
        {0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},
        {0xa9fe0000, 16}, {0xac100000, 12}, {0xc0000000, 24}, {0xc0a80000, 16},
        {0xc6120000, 15}, {0xe0000000, 4},  {0xf0000000, 4},
    };
    for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
        if ((address ^ ranges[i].network) >> (32 - ranges[i].bits) == 0) {
            return true;
        }
    }
    return false;
}

static uint32_t embedded4(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool is_private6(const uint8_t *bytes)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b};
    static const uint8_t zero[12] = {0};
    if (memcmp(bytes, mapped, 12) == 0 || memcmp(bytes, nat64, 12) == 0 ||
        memcmp(bytes, zero, 12) == 0) {
        return is_private4(embedded4(bytes + 12));
    }
    if (bytes[0] == 0x20 && bytes[1] == 0x02) {
        return is_private4(embedded4(bytes + 2));
    }
    return (bytes[0] & 0xfe) == 0xfc || (bytes[0] == 0xfe && (bytes[1] & 0x80) != 0) ||
           bytes[0] == 0xff;
}

bool address_is_private(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof(in));
        return is_private4(ntohl(in.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, address, sizeof(in));
        return is_private6(in.sin6_addr.s6_addr);
    }
    return true;
}

bool address_text_is_private(const char *text)
{
    struct in_addr in;
    struct in6_addr in6;
    if (text != NULL && inet_pton(AF_INET, text, &in) == 1) {
        return is_private4(ntohl(in.s_addr));
    }
    if (text != NULL && inet_pton(AF_INET6, text, &in6) == 1) {
        return is_private6(in6.s6_addr);
    }
    return true;
}
