// SPDX-License-Identifier: Apache-2.0
#include "cli/helpers/fetch.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>

/* Parsed once for all connections: libcurl would read the bundle anew for each. */
struct trust {
    X509_STORE *store;
};

/* Where the distributions keep the bundle; the order is that of Go's crypto/x509. */
static const char *const bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
};

static bool load(X509_STORE *store, const char *path)
{
    BIO *file = BIO_new_file(path, "r");
    bool any = false;
    X509 *certificate;
    while (file != NULL && (certificate = PEM_read_bio_X509_AUX(file, NULL, NULL, NULL)) != NULL) {
        any = X509_STORE_add_cert(store, certificate) == 1 || any;
        X509_free(certificate);
    }
    BIO_free(file);
    return any;
}

static bool load_any(X509_STORE *store)
{
    const char *named = getenv("SSL_CERT_FILE");
    if (named != NULL && named[0] != '\0') {
        return load(store, named);
    }
    for (size_t i = 0; i < ARRAY_LEN(bundles); i++) {
        if (load(store, bundles[i])) {
            return true;
        }
    }
    return false;
}

/* Without any certificate https fails later, for each server and with its name; a proxy on plain
 * http or a file:// one must not suffer from it now. */
bool trust_open(struct trust **ret, struct error *err)
{
    struct trust *trust = calloc(1, sizeof(*trust));
    if (trust == NULL || (trust->store = X509_STORE_new()) == NULL) {
        trust_free(&trust);
        return error_set(err, ERROR_INTERNAL, "cannot make a certificate store");
    }
    (void)load_any(trust->store);
    *ret = trust;
    return true;
}

void trust_free(struct trust **trust)
{
    if (*trust != NULL) {
        X509_STORE_free((*trust)->store);
        free(*trust);
        *trust = NULL;
    }
}

static CURLcode use_store(CURL *easy, void *context, void *user)
{
    (void)easy;
    const struct trust *trust = user;
    SSL_CTX_set1_cert_store(context, trust->store);
    return CURLE_OK;
}

bool trust_apply(struct trust *trust, CURL *easy)
{
    return curl_easy_setopt(easy, CURLOPT_CAINFO, NULL) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, use_store) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, trust) == CURLE_OK;
}
