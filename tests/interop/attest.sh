#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Evidence from end to end: what `attest` writes, `verify` takes, and so do cosign and slsa-verifier; forged, mixed, contradicted
# and missing evidence gets its own exit code. $1: the program, $2: write_result.
set -eu
reproof=$(realpath "$1")
write_result=$(realpath "$2")
cd "$(dirname "$0")/../.."
schemas=$PWD/tests/interop/schemas.py
. tests/lib/tap.sh
. tests/interop/lib.sh
cd "$scratch"
REPROOF_INTEROP_CACHE=${REPROOF_INTEROP_CACHE:-${XDG_CACHE_HOME:-${HOME:-$scratch}/.cache}/reproof-interop}
# Evidence is a month old, whatever the clock of this machine says.
now=$(date +%s)
export HOME="$scratch" REPROOF_INTEROP_CACHE XDG_STATE_HOME="$scratch/state" SOURCE_DATE_EPOCH=$((now - 2592000))

# told TEXT NAME: the last command said TEXT.
told() {
    if grep -qF -e "$1" out; then
        ok "$2"
    else
        note_file out
        not_ok "$2"
    fi
}

# verify ARGUMENT...: each time without a memory of earlier times.
verify() {
    rm -rf state
    "$reproof" verify "$@"
}

# attest KIND KEY FOLDER
attest() {
    "$reproof" attest "$1.json" tool --key "$2" --out "$3" 2>>talked
}

printf 'artifact\n' >tool
for kind in reproduced different unproven local-source v1.0.1; do
    "$write_result" "$kind" >"$kind.json"
done
for name in a b c; do
    "$reproof" key new -o "$name" --no-passphrase >/dev/null 2>&1
done
check "evidence is written" attest reproduced a ev
attest reproduced b ev-b
attest different b against
attest unproven b unproven
attest local-source a weak
attest v1.0.1 b other-version
"$reproof" key convert a --public --format pem -o a.pem
"$reproof" key convert a --public --format ssh -o a.ssh
"$reproof" key convert b --public --format ssh -o b.ssh

# The file itself, and copies that are not it.
mkdir copy
printf 'artifacT\n' >copy/tool
cp copy/tool copy/renamed
check "the file holds against its evidence" verify tool --evidence ev --trust a.pub
told "VERIFIED tool   rebuilt by a.pub" "and is said to"
check_exit 1 "a copy with a flipped bit is refuted" verify copy/tool --evidence ev --trust a.pub
check_exit 1 "also under another name" verify copy/renamed --evidence ev --trust a.pub
told "the evidence is of another file" "because the evidence is of another file"
check_exit 1 "signatures of the evidence refute it too" verify copy/tool --evidence ev --trust a.pub --require signature
check "signature, attestation" verify tool --evidence ev --trust a.pub --require signature,attestation
check_exit 3 "an SBOM that is not there is missed" verify tool --evidence ev --trust a.pub --require signature,attestation,sbom
check_exit 2 "nobody to trust" verify tool --evidence ev
check_exit 3 "only somebody unknown attests it" verify tool --evidence ev --trust c.pub
cp ev/* copy/ && cp tool copy/tool
check "evidence beside the file is found" verify copy/tool --trust a.pub --require attestation

# Thresholds and contradictions.
check_exit 3 "one of two rebuilders" verify tool --evidence ev --trust a.pub --trust b.pub --threshold 2
told "attestation: 1 of 2" "is told as one of two"
check "two of two rebuilders" verify tool --evidence ev --evidence ev-b --trust a.pub --trust b.pub --threshold 2
check_exit 3 "one key named twice is one" verify tool --evidence ev --trust a.pub --trust a.pub --threshold 2
check_exit 2 "a threshold of none" verify tool --evidence ev --trust a.pub --threshold 0
check_exit 2 "a threshold below that" verify tool --evidence ev --trust a.pub --threshold -1
mkdir -p twice && cat ev/tool.intoto.jsonl ev/tool.intoto.jsonl >twice/tool.intoto.jsonl
check_exit 3 "the same key twice is one" verify tool --evidence twice --trust a.pub --trust b.pub --threshold 2
check_exit 1 "who says different contradicts" verify tool --evidence ev --evidence against --trust a.pub --trust b.pub
told "b.pub says different" "and is named"
check "unless nobody trusts that one" verify tool --evidence ev --evidence against --trust a.pub
check_exit 3 "who says unproven is no vote" verify tool --evidence unproven --trust b.pub
check_exit 1 "two sources of the same bytes" verify tool --evidence ev --evidence other-version --trust a.pub --trust b.pub
told "example.com/tool@v1.0.1" "with both shown"
check_exit 1 "a contradiction beside the file counts unasked" sh -c "rm -rf state; mkdir said; cp tool said/; cp against/tool.intoto.jsonl said/
    cp ev/tool.minisig said/; '$reproof' verify said/tool --trust a.pub --trust b.pub"

# What is expected.
check "the module expected" verify tool --evidence ev --trust a.pub --expect example.com/tool
check "the version expected" verify tool --evidence ev --trust a.pub --expect example.com/tool@v1.0.0
check_exit 3 "another module" verify tool --evidence ev --trust a.pub --expect example.com/other
check_exit 3 "another version" verify tool --evidence ev --trust a.pub --expect example.com/tool@v1.0.1
check_exit 3 "a weak assumption" verify tool --evidence weak --trust a.pub
told "proof: reproduced, local-source" "is named"
check "accepted by name" verify tool --evidence weak --trust a.pub --accept local-source
check_exit 3 "a revoked key" verify tool --evidence ev --trust a.pub --revoked a.pub
printf 'a namespaces="attestation" %s\n' "$(cat a.ssh)" >allowed
check "a key for attestations" verify tool --evidence ev --trust allowed
check_exit 3 "signs no files" verify tool --evidence ev --trust allowed --require signature
printf 'a valid-before="20200101" %s\n' "$(cat a.ssh)" >allowed
check_exit 3 "an expired key" verify tool --evidence ev --trust allowed
told "the clock says" "with the clock's time"

# Files that are named have to be usable.
check "one envelope as a file" verify tool --evidence ev/tool.verdict.sigstore.json --trust a.pub
head -c 100 ev/tool.verdict.sigstore.json >cut.json
check_exit 2 "a cut envelope that is named" verify tool --evidence cut.json --trust a.pub
check_exit 1 "provenance is no verdict" verify tool --evidence ev/tool.provenance.sigstore.json --trust a.pub
check_exit 2 "evidence that is not there" verify tool --evidence nowhere --trust a.pub
mkdir mess && cp ev/tool.intoto.jsonl mess/ && mkfifo mess/pipe.jsonl && echo '{"payload":' >mess/cut.jsonl && ln -s /etc/passwd mess/link.jsonl
check "what is malformed stops nothing that is good" verify tool --evidence mess --trust a.pub

# Evidence that is there to exhaust whoever reads it.
python3 -c 'print("[" * 100000)' >deep.json
python3 -c 'print("{\"payload\":\"YQ==\",\"payloadType\":\"t\",\"signatures\":[" + ",".join(["{\"sig\":\"YQ==\"}"] * 100000) + "]}")' >many.json
truncate -s 1G huge.json
for name in deep many huge; do
    check_exit 2 "evidence that is too $name" verify tool --evidence "$name.json" --trust a.pub
done
mkdir exhaust && cp deep.json exhaust/deep.jsonl && cp many.json exhaust/many.jsonl && cp ev/tool.intoto.jsonl exhaust/
check "stops nothing beside it" verify tool --evidence exhaust --trust a.pub

# A tree by digest.
digest=$(sha256sum tool | cut -c 1-64)
mkdir -p "tree/$digest/a" "tree/$digest/b"
cp ev/tool.intoto.jsonl "tree/$digest/a/"
cp ev-b/tool.intoto.jsonl "tree/$digest/b/"
check "a tree by digest" verify tool --evidence tree --trust a.pub --trust b.pub --threshold 2
printf 'artifacT\n' >copy/tool
rm -f copy/*.jsonl
check_exit 3 "which has nothing on another file" verify copy/tool --evidence tree --trust a.pub
mkdir -p "tree/$(sha256sum copy/tool | cut -c 1-64)/a"
cp ev/tool.intoto.jsonl "tree/$(sha256sum copy/tool | cut -c 1-64)/a/"
check_exit 3 "nor when somebody files it there" verify copy/tool --evidence tree --trust a.pub

# The same tree over the network, which another program does; a loopback server stands for it.
python3 -u -m http.server --bind 127.0.0.1 --directory tree 0 >served 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || :; rm -rf "$scratch"' EXIT
for name in a b; do
    folder=ev
    [ "$name" = a ] || folder=ev-b
    key=$(sed -n 's|.*rebuilder/\([0-9a-f]*\)`.*|\1|p' "$folder/README.md" | head -n 1)
    mkdir -p "tree/$digest/$key"
    cp "tree/$digest/$name/tool.intoto.jsonl" "tree/$digest/$key/all.jsonl"
done
port=
while [ -z "$port" ] && kill -0 "$server"; do
    sleep 0.2
    port=$(sed -n 's/.* port \([0-9]*\).*/\1/p' served)
done
check "a tree at an address" verify tool --evidence "http://127.0.0.1:$port" --trust a.pub --trust b.pub --threshold 2
check_exit 3 "which has nothing on another file" verify copy/tool --evidence "http://127.0.0.1:$port/" --trust a.pub
check_exit 3 "nor of another key" verify tool --evidence "http://127.0.0.1:$port/" --trust c.pub
kill "$server"
wait "$server" 2>/dev/null || :
trap 'rm -rf "$scratch"' EXIT
check_exit 3 "a network that is not there is undecided" verify tool --evidence "http://127.0.0.1:$port" --trust a.pub
check_exit 2 "an address is not offline" verify tool --evidence "http://127.0.0.1:$port" --trust a.pub --offline
check_exit 3 "http is not https" verify tool --evidence "http://127.0.0.2:$port" --trust a.pub
check "file:// is a folder" verify tool --evidence "file://$PWD/tree" --trust a.pub

# Replays.
SOURCE_DATE_EPOCH=$((now - 86400)) attest reproduced a newer
rm -rf state
check "newer evidence" "$reproof" verify tool --evidence newer --trust a.pub
check_exit 3 "older evidence after it" "$reproof" verify tool --evidence ev --trust a.pub
told "a newer statement of that key was accepted before" "is a replay"
check "unless that is allowed" "$reproof" verify tool --evidence ev --trust a.pub --allow-older
check "what does not hold is not remembered" sh -c "rm -rf state; '$reproof' verify tool --evidence newer --trust a.pub --expect x.example/y >/dev/null
    '$reproof' verify tool --evidence ev --trust a.pub"
find state -name 'file-*' -exec sh -c 'echo x >"$1"' - {} \;
check_exit 2 "a memory that was damaged" "$reproof" verify tool --evidence newer --trust a.pub
told "remove that file" "is told, with what to do"
check "a memory that cannot be kept" "$reproof" verify tool --evidence newer --trust a.pub --state /proc/reproof
told "replays will go unnoticed" "is told too"
SOURCE_DATE_EPOCH=$((now + 86400)) attest reproduced a future
check_exit 3 "evidence from the future" verify tool --evidence future --trust a.pub

# A policy.
policy() {
    cat <<END
{"schema": "reproof/policy/v1", "require": ["attestation"], "thresholds": {"rebuilders": ${1:-2}},
 "keys": [{"key": "$(cat a.ssh)", "owner": "Alice", "operator": "one.example", "roles": ["rebuilder"]},
          {"key": "$(cat b.ssh)", "owner": "Bob", "operator": "${2:-two.example}", "roles": ["rebuilder"]}],
 "sources": [{"module": "${3:-example.com/tool}", "minimal_version": "${4:-v1.0.0}"}], "platforms": ["${5:-linux/amd64}"]${6:-}}
END
}
policy >p.json
check "a policy of two rebuilders" verify tool --policy p.json --evidence ev --evidence ev-b
check_exit 3 "one of its two" verify tool --policy p.json --evidence ev
policy 2 one.example >p2.json
check_exit 2 "two keys of one operator are one rebuilder" verify tool --policy p2.json --evidence ev --evidence ev-b
policy 1 two.example example.com/other >p2.json
check_exit 3 "a policy for another module" verify tool --policy p2.json --evidence ev
policy 1 two.example example.com/tool v1.0.1 >p2.json
check_exit 3 "a later version at least" verify tool --policy p2.json --evidence ev
policy 1 two.example example.com/tool v1.0.0 darwin/arm64 >p2.json
check_exit 3 "another platform" verify tool --policy p2.json --evidence ev
policy 1 two.example example.com/tool v1.0.0 linux/amd64 ', "forbid": ["vcs-echoed"]' >p2.json
check_exit 3 "a finding that is forbidden" verify tool --policy p2.json --evidence ev
policy 1 two.example example.com/tool v1.0.0 linux/amd64 ', "maximal_age_days": 1' >p2.json
check_exit 3 "evidence that is too old" verify tool --policy p2.json --evidence ev
policy 0 >p2.json
check_exit 2 "a policy's threshold of none" verify tool --policy p2.json --evidence ev
chmod 666 p.json
check_exit 2 "a policy that others may write" verify tool --policy p.json --evidence ev
chmod 600 p.json
check_exit 2 "a policy and options beside it" verify tool --policy p.json --evidence ev --trust a.pub

# A trust file: two of three roots, rotated.
trust() {
    cat <<END
{"schema": "reproof/trust/v1", "name": "example", "serial": $1, "expires": "${4:-2100-01-01T00:00:00Z}", "threshold": 2,
 "roots": [{"key": "$(cat "$2.ssh")", "owner": "$2", "operator": "$2"}, {"key": "$(cat "$3.ssh")", "owner": "$3", "operator": "$3"}],
 "keys": [{"key": "$(cat a.ssh)", "owner": "Alice", "operator": "one.example", "roles": ["rebuilder", "signer"]}]}
END
}
# signed FILE KEY... : FILE.trust
signed() {
    file=$1
    cp "$1.json" "$1.trust"
    shift
    for root in "$@"; do
        "$reproof" trust sign "$file.trust" --key "$root" --old-root -o "$file.trust"
    done
}
for name in r s t; do
    "$reproof" key new -o "$name" --no-passphrase >/dev/null 2>&1
    "$reproof" key convert "$name" --public --format ssh -o "$name.ssh"
done
trust 1 r s >one.json && signed one r s
trust 2 s t >two.json && signed two r s t
trust 3 s t >three.json && signed three s t
trust 4 s t >few.json && signed few s
trust 4 s t 2020-01-01T00:00:00Z >old.json && signed old s t
rm -rf state
check_exit 2 "a trust file that is new here is not believed" "$reproof" verify tool --evidence ev --trust one.trust
told "is new here" "and says so"
check_exit 2 "nor accepted without its digest" "$reproof" trust accept one.trust
told "$(ssh-keygen -lf r.ssh 2>/dev/null | cut -d' ' -f2)" "but its fingerprints are shown"
check "accepted with it" "$reproof" trust accept one.trust --digest "$(sha256sum <one.json | cut -c 1-64)"
check "and then it counts" "$reproof" verify tool --evidence ev --trust one.trust
check_exit 1 "a file that no old root signed is not accepted" "$reproof" trust accept three.trust
check "one that old and new roots signed is" "$reproof" trust accept two.trust
check_exit 2 "the one before it is rolled back" "$reproof" verify tool --evidence ev --trust one.trust
check "the next counts at once" "$reproof" verify tool --evidence ev --trust three.trust
check_exit 1 "and replaces the one before" "$reproof" trust accept two.trust
check_exit 1 "one of two roots is not enough" "$reproof" trust accept few.trust
check_exit 1 "nor is an expired one" "$reproof" trust accept old.trust
printf '{"schema": "reproof/policy/v1", "require": ["attestation"], "thresholds": {"rebuilders": 1}, "sources": [{"module": "example.com/tool"}]}' >p3.json
check "a policy takes its keys from it" "$reproof" verify tool --evidence ev --policy p3.json --trust three.trust
check_exit 2 "not from bare keys" "$reproof" verify tool --evidence ev --policy p3.json --trust a.pub
check_exit 2 "and a policy without keys has nobody to trust" "$reproof" verify tool --evidence ev --policy p3.json

# An SBOM, in the statement and of another file.
sbom() {
    printf '{"spdxVersion":"SPDX-2.3","packages":[{"checksums":[{"algorithm":"SHA256","checksumValue":"%s"}]}]}' "$1"
}
sbom "$digest" >tool.spdx.json
check "an SBOM is attested" "$reproof" attest reproduced.json tool --key a --out with-sbom --sbom tool.spdx.json
check "and required" verify tool --evidence with-sbom --trust a.pub --require signature,attestation,sbom
printf '{"scanner": {"uri": "pkg:example"}, "metadata": {}}\n' >scan.json
scan=https://in-toto.io/attestation/vulns/v0.1
check "what others state is attested" "$reproof" attest reproduced.json tool --key a --out with-scan --predicate scan.json --type "$scan"
check "beside the verdict" verify tool --evidence with-scan --trust a.pub --require signature,attestation
check "its type and words are theirs" python3 -c 'import base64, json, sys
for line in open("with-scan/tool.intoto.jsonl"):
    statement = json.loads(base64.b64decode(json.loads(line)["payload"]))
    if statement["predicateType"] == sys.argv[1]:
        sys.exit(statement["predicate"] != json.load(open("scan.json")))
sys.exit(1)' "$scan"
for type in https://slsa.dev/verification_summary/v1 https://slsa.dev/provenance/v1 "no uri" ''; do
    check_exit 2 "nobody dictates a statement of type '$type'" "$reproof" attest reproduced.json tool --key a --out refused --predicate scan.json --type "$type"
done
printf '[1]' >list.json
check_exit 2 "a predicate is an object" "$reproof" attest reproduced.json tool --key a --out refused --predicate list.json --type "$scan"
check_exit 2 "a predicate without a type" "$reproof" attest reproduced.json tool --key a --out refused --predicate scan.json
check_exit 1 "a predicate for another file" "$reproof" attest reproduced.json copy/tool --key a --out refused --predicate scan.json --type "$scan"
sbom "$(sha256sum copy/tool | cut -c 1-64)" >other.spdx.json
check_exit 1 "the SBOM of another file is refused" "$reproof" attest reproduced.json tool --key a --out refused --sbom other.spdx.json

# As a document.
verify tool --evidence ev --evidence ev-b --trust a.pub --trust c.pub --json >yes.json
code=0
verify copy/tool --evidence ev --trust a.pub --json >no.json || code=$?
cat >check.py <<'END'
import json
import os
import time

issued = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"])))
yes = json.load(open("yes.json"))["files"][0]
assert yes["result"] == "yes" and len(yes["votes"]) == 1
vote = yes["votes"][0]
assert (vote["operator"], vote["verdict"], vote["time"]) == ("a.pub", "reproduced", issued), vote
assert (vote["module"], vote["version"], vote["platform"]) == ("example.com/tool", "v1.0.0", "linux/amd64"), vote
assert vote["key"].startswith("SHA256:")
assert all({"rule", "target", "actual", "met", "milliseconds"} <= set(rule) and rule["met"] for rule in yes["rules"])
no = json.load(open("no.json"))["files"][0]
assert no["result"] == "no" and not no["votes"] and not no["rules"][0]["met"]
END
check "the document says the same (exit code $code)" python3 check.py

# What was verified is what --output has.
check "--output writes the bytes" verify tool --evidence ev --trust a.pub --output verified
check "the very bytes" cmp tool verified
check_exit 1 "and nothing that is refuted" verify copy/tool --evidence ev --trust a.pub --output refuted
[ ! -e refuted ] || not_ok "refuted bytes were written"

# The program is small: no network and no archives in it, at start or later.
if has ldd && ldd "$reproof" >libraries 2>/dev/null; then
    LD_DEBUG=files "$reproof" verify tool --evidence ev --trust a.pub >/dev/null 2>>libraries || :
    if grep -E 'lib(curl|archive|nghttp|ssl|gnutls|ldap)' libraries; then
        not_ok "verify loads no library of the network or of archives"
    else
        ok "verify loads no library of the network or of archives"
    fi
else
    skip "libraries" "ldd does not tell them"
fi

# What the documents say of themselves.
if python3 -c 'import jsonschema' 2>/dev/null; then
    policy 1 >p4.json
    sed 's/"attestation"/"luck"/' p4.json >bad1.json
    sed 's/"rebuilders": 1//' p4.json >bad2.json
    sed 's/"owner"/"Owner"/' p4.json >bad3.json
    check "policies fit their schema" python3 "$schemas" policy p4.json p3.json ! bad1.json bad2.json bad3.json p2.json
    sed 's/"serial": 1/"serial": 0/' one.json >bad1.json
    check "trust files fit theirs" python3 "$schemas" trust one.json two.json ! bad1.json p4.json
    check "verdicts fit theirs" python3 "$schemas" verdict ev/tool.intoto.jsonl against/tool.intoto.jsonl unproven/tool.intoto.jsonl \
        weak/tool.intoto.jsonl ! p4.json
else
    skip "schemas" "python3 has no jsonschema"
fi

# The same files, in the hands of others.
kind_type=$(sed -n 's/^ *--type \(.*\) --insecure.*/\1/p' ev/README.md | head -n 1)
if built cosign github.com/sigstore/cosign/v3@v3.1.3 cmd/cosign; then
    # blob_attestation KIND TYPE FILE [FOLDER]
    blob_attestation() {
        "$built_path" verify-blob-attestation --key a.pem --bundle "${4:-ev}/tool.$1.sigstore.json" --type "$2" \
            --insecure-ignore-tlog=true "$3"
    }
    check "cosign: verdict" blob_attestation verdict "$kind_type" tool
    check "cosign: provenance" blob_attestation provenance slsaprovenance1 tool
    check "cosign: summary" blob_attestation vsa https://slsa.dev/verification_summary/v1 tool
    check "cosign: summary in SLSA's words" blob_attestation vsa-slsa https://slsa.dev/verification_summary/v1 tool
    check "cosign: SBOM" blob_attestation spdx spdxjson tool with-sbom
    check_fails "cosign refuses it for another file" blob_attestation verdict "$kind_type" copy/tool
    check_fails "cosign refuses it as another type" blob_attestation verdict slsaprovenance1 tool
    check "cosign: verify-blob of the signature" "$built_path" verify-blob --key a.pem --bundle ev/tool.sigstore.json \
        --insecure-ignore-tlog=true tool
    check "cosign: the raw signature" "$built_path" verify-blob --key a.pem --signature ev/tool.sig --insecure-ignore-tlog=true tool
else
    skip "cosign" "$missing"
fi
if built slsa-verifier github.com/slsa-framework/slsa-verifier/v2@v2.7.1 cli/slsa-verifier; then
    purl=$(sed -n "s/^ *--resource-uri '\(.*\)'/\1/p" ev/README.md)
    who=$(sed -n 's/^ *--verifier-id \(.*\) .$/\1/p' ev/README.md)
    # vsa DIGEST FILE ARGUMENT...
    vsa() {
        subject=$1 file=$2
        shift 2
        "$built_path" verify-vsa --subject-digest "sha256:$subject" --attestation-path "$file" --verifier-id "$who" \
            --resource-uri "$purl" --public-key-path a.pem "$@"
    }
    check "slsa-verifier: summary" vsa "$digest" ev/tool.vsa.json
    check "slsa-verifier: its level" vsa "$digest" ev/tool.vsa.json --verified-level REPROOF_REBUILT_BIT_FOR_BIT
    check_fails "slsa-verifier refuses it for another file" vsa "$(sha256sum copy/tool | cut -c 1-64)" ev/tool.vsa.json
    attest different a failed
    check_fails "slsa-verifier refuses a failed one" vsa "$digest" failed/tool.vsa.json
else
    skip "slsa-verifier" "$missing"
fi
cd / && tap_end
