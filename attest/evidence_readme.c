// SPDX-License-Identifier: Apache-2.0
#include "attest/evidence_internal.h"

static const char head[] =
    "# Evidence\n"
    "\n"
    "Somebody rebuilt the files below from their source, and says here what came of it. Nothing\n"
    "in this folder needs a network to be checked. Who signed is known by the key alone: get the\n"
    "public key another way than this folder, and compare its fingerprint.\n"
    "\n"
    "| file | what it is |\n"
    "|---|---|\n"
    "| `F.intoto.jsonl` | all statements about F, signed (DSSE), one a line |\n"
    "| `F.verdict.sigstore.json` | the verdict with all its assumptions, as a bundle for cosign |\n"
    "| `F.provenance.sigstore.json` | SLSA provenance of the rebuild |\n"
    "| `F.vsa.sigstore.json`, `F.vsa.json` | the summary, PASSED or FAILED; as bundle and bare |\n"
    "| `F.vsa-slsa.sigstore.json` | the same in SLSA 1.2's own words |\n"
    "| `F.spdx.json`, `F.spdx.sigstore.json` | the SBOM, and the signed statement of it |\n"
    "| `F.recipe.json` | how to rebuild F: `reproof rebuild F --recipe F.recipe.json` |\n"
    "| `F.minisig`, `F.signify`, `F.sshsig`, `F.sig`, `F.sigstore.json` | signatures of F |\n"
    "| `index.json` | which files here belong to which SHA-256 |\n"
    "\n";

void evidence_readme_add(const struct evidence_run *run, const struct record_subject *subject,
                         struct buffer *out)
{
    char hex[SHA256_HEX_LEN + 1];
    const char *file = subject->file;
    sha256_hex(&subject->sha256, hex);
    buffer_printf(out, "## %s\n\n", file);
    buffer_printf(out, "%s, SHA-256 `%s`: **%s**", subject->platform, hex,
                  verdict_name(subject->verdict));
    buffer_printf(out, "%s\n\n", subject->accepted ? "" : ", not accepted");
    buffer_printf(out, "    reproof verify %s --evidence . --trust KEY.pub\n", file);
    buffer_printf(out,
                  "    cosign verify-blob-attestation --key KEY.pem --bundle "
                  "%s.verdict.sigstore.json \\\n        --type %s --insecure-ignore-tlog=true %s\n",
                  file, PREDICATE_VERDICT, file);
    if (vsa_applies(subject)) {
        buffer_printf(out,
                      "    slsa-verifier verify-vsa --subject-digest sha256:%s \\\n"
                      "        --attestation-path %s.vsa.json --public-key-path KEY.pem \\\n"
                      "        --verifier-id %s \\\n        --resource-uri '%s'\n",
                      hex, file, run->rebuilder, subject->purl);
    }
    buffer_string(out, "\n");
}

void evidence_readme_begin(const struct evidence_run *run, struct buffer *out)
{
    char fingerprint[KEY_FINGERPRINT_LEN + 1];
    key_fingerprint(&signing_key_public(run->request->attest_key)->point, fingerprint);
    buffer_string(out, head);
    buffer_printf(out, "Statements are signed by the key `%s`", fingerprint);
    key_fingerprint(&signing_key_public(run->request->key)->point, fingerprint);
    buffer_printf(out, ", files by `%s`.\nLast written %s by `%s`.\n\n", fingerprint, run->time,
                  run->rebuilder);
}
