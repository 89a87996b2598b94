// SPDX-License-Identifier: Apache-2.0
#include "signer/foreign.h"

#include "base/encode.h"
#include "base/limits.h"
#include "base/reader.h"
#include "base/scanner.h"
#include "signer/signature_minisign.h"

static bool is_dsse(struct bytes content)
{
    return bytes_start_with(content, "DSSEv1 ");
}

static bool is_sshsig(struct bytes content)
{
    return bytes_start_with(content, "SSHSIG");
}

/* RFC 4252, section 7: string session id (a digest), byte 50. */
static bool is_ssh_login(struct bytes content)
{
    struct reader reader = reader_over(content, BIG_ENDIAN_ORDER);
    uint32_t len;
    uint8_t kind;
    return reader_u32(&reader, &len) && len >= 16 && len <= 64 && reader_skip(&reader, len) &&
           reader_u8(&reader, &kind) && kind == 50;
}

static bool is_cosignature(struct bytes content)
{
    return bytes_start_with(content, "cosignature/");
}

/* A name, a decimal size, the base64 of a SHA-256: c2sp.org/tlog-checkpoint, and Go's database. */
static bool is_tree_head(struct bytes content)
{
    struct scanner scanner = scanner_over(content);
    struct bytes line;
    uint64_t size;
    uint8_t root[32];
    size_t len;
    return scanner_line(&scanner, LIMIT_LINE, &line) && line.len > 0 &&
           scanner_line(&scanner, 20, &line) && scan_number(line, UINT64_MAX, &size) &&
           scanner_line(&scanner, BASE64_LEN(sizeof(root)), &line) &&
           decode_base64(line, BASE64_STANDARD, root, sizeof(root), &len) && len == sizeof(root);
}

/* RFC 8446, section 4.4.3: 64 spaces, then "TLS 1.3, ". */
static bool is_tls(struct bytes content)
{
    for (size_t i = 0; i < 64 && i < content.len; i++) {
        if (content.data[i] != ' ') {
            return false;
        }
    }
    return bytes_start_with(bytes_behind(content, 64), "TLS 1.3,");
}

static bool is_minisign_digest(struct bytes content)
{
    return content.len == 64;
}

/* 64 bytes that may be a signature (the last of its number's bytes is below 16: it is below the
 * group's order), and one line of printable text. */
static bool is_minisign_comment(struct bytes content)
{
    return content.len > 64 && content.data[63] < 0x11 &&
           content.len - 64 <= LIMIT_MINISIGN_TRUSTED_COMMENT &&
           minisign_comment_is_printable(bytes_behind(content, 64));
}

static const struct {
    bool (*is)(struct bytes content);
    const char *name;
} protocols[] = {
    {is_dsse, "a DSSE envelope"},
    {is_sshsig, "an SSH signature"},
    {is_ssh_login, "an SSH login"},
    {is_cosignature, "a witness's cosignature"},
    {is_tree_head, "a signed tree head"},
    {is_tls, "a TLS handshake"},
    {is_minisign_digest, "a minisign signature (64 bytes may be the digest of another file)"},
    {is_minisign_comment, "a minisign trusted comment"},
};

const char *foreign_message(struct bytes content)
{
    for (size_t i = 0; i < ARRAY_LEN(protocols); i++) {
        if (protocols[i].is(content)) {
            return protocols[i].name;
        }
    }
    return NULL;
}
