#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# One key, every format, both directions: what we sign, each tool's own verify command takes; what each tool signs, we take;
# forged is 1, malformed and named is 2. $1: the program.
set -eu
reproof=$(realpath "$1")
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/interop/lib.sh
cd "$scratch"
# Peers must not find the user's own keys.
REPROOF_INTEROP_CACHE=${REPROOF_INTEROP_CACHE:-${XDG_CACHE_HOME:-${HOME:-$scratch}/.cache}/reproof-interop}
export HOME="$scratch" REPROOF_INTEROP_CACHE

head -c 300000 /dev/urandom >F
printf 'what nobody signed' >forged
check "a key is made" "$reproof" key new -o k --no-passphrase
for form in minisign signify ssh pem; do
    "$reproof" key convert k --public --format "$form" -o "pub.$form"
done
printf 'alice namespaces="file" %s\n' "$(cat pub.ssh)" >allowed
check "one run signs in every format" "$reproof" sign F --key k --format minisign,signify,ssh,raw,sigstore
for form in minisign signify ssh pem; do
    check "our signatures hold under the key in the form $form" "$reproof" verify F --trust "pub.$form"
done
mkdir forgery
cp F.* forgery/
cp forged forgery/F
check_exit 1 "a forged file is refuted" "$reproof" verify forgery/F --trust k.pub
check_exit 2 "nobody to trust is 2" "$reproof" verify F
for suffix in minisig signify sshsig sigstore.json sig; do
    check_exit 1 "$suffix alone refutes a forged file" "$reproof" verify forgery/F --trust k.pub --signature "F.$suffix"
    { cat "F.$suffix"; echo more; } >malformed
    check_exit 2 "$suffix with something behind it is malformed" "$reproof" verify F --trust k.pub --signature malformed
done

# At full strength, once: minisign itself asks on a terminal only. One of theirs is opened in the unit tests.
printf 'secret\nsecret\n' >passphrases
check "an encrypted minisign key is written and read" "$reproof" key convert k --format minisign -o k.sealed --passphrase-fd 3 3<passphrases
cp F sealed.signed
check "and signs" "$reproof" sign sealed.signed --key k.sealed --passphrase-fd 3 3<passphrases
mv sealed.signed.minisig sealed.minisig

# Many at once, side by side: all of them or none.
mkdir many && (cd many && seq 300 | split -l 1 -a 3 -)
check_exit 2 "one that is not there among many is told" "$reproof" sign --jobs 4 --key k many/xaaa many/nope many/xaa?
check_fails "and nothing was written" sh -c "ls many | grep -qF ."
check "three hundred in one run" sh -c "'$reproof' sign --jobs 4 --key k --format minisign,raw many/x*"
check "each has its own signature" sh -c "'$reproof' verify --trust k.pub many/x??? && ls many/*.sig | wc -l | grep -qx 300"

# Minisign and signify have their own names on each system.
signify=$(command -v signify-openbsd || command -v signify || :)

if has minisign; then
    check "minisign verifies ours" minisign -Vm F -p pub.minisign
    check_fails "minisign refuses the forged" minisign -Vm forged -x F.minisig -p pub.minisign
    "$reproof" key convert k --format minisign --no-passphrase -o k.minisign
    check "minisign reads our secret key" minisign -R -W -s k.minisign -p again.pub
    cp F G
    check "minisign signs with it" minisign -S -W -s k.minisign -m G
    check "and we verify that" "$reproof" verify G --trust k.pub
    minisign -G -W -f -p their.pub -s their.key >/dev/null
    minisign -S -W -s their.key -m F -x F.theirs >/dev/null
    check "theirs, with their key" "$reproof" verify F --trust their.pub --signature F.theirs
    check_exit 1 "theirs refutes the forged" "$reproof" verify forgery/F --trust their.pub --signature F.theirs
    check_exit 3 "theirs does not count under our key" "$reproof" verify F --trust pub.minisign --signature F.theirs
    check "their key file signs here" "$reproof" sign G --key their.key --format minisign
    check "and minisign verifies that" minisign -Vm G -p their.pub
    minisign -S -l -W -s their.key -m F -x F.legacy >/dev/null
    check_exit 2 "their legacy form is refused" "$reproof" verify F --trust their.pub --signature F.legacy
    check "unless it is asked for" "$reproof" verify F --legacy --trust their.pub --signature F.legacy
    sed 's/^untrusted comment.*/untrusted comment: x/; 2s/^RWQ/RUQ/; 2s/^RWR/RUR/; 2s/^RWS/RUS/; 2s/^RWT/RUT/' F.legacy >F.turned
    check_exit 1 "nor does it pass for the new form" "$reproof" verify F --trust their.pub --signature F.turned
    check "what the sealed key signed, minisign verifies" minisign -Vm sealed.signed -x sealed.minisig -p pub.minisign
else
    skip "minisign" "minisign is not installed"
fi

if [ -n "$signify" ]; then
    check "signify verifies ours" "$signify" -V -p pub.signify -x F.signify -m F
    check_fails "signify refuses the forged" "$signify" -V -p pub.signify -x F.signify -m forged
    "$reproof" key convert k --format signify --no-passphrase -o k.sec
    check "signify signs with our secret key" "$signify" -S -s k.sec -m F -x F.theirs
    check "and we verify that" "$reproof" verify F --trust k.pub --signature F.theirs
    "$signify" -G -n -p sig.pub -s sig.sec
    "$signify" -S -s sig.sec -m F -x F.theirs
    check "theirs, with their key" "$reproof" verify F --trust sig.pub --signature F.theirs
    check_exit 1 "theirs refutes the forged" "$reproof" verify forgery/F --trust sig.pub --signature F.theirs
    check "their key signs here" "$reproof" sign F --key sig.sec --format signify
    check "and signify verifies that" "$signify" -V -p sig.pub -x F.signify -m F
    mkdir release
    cp F release/one
    cp forged release/two
    check "a whole release in one list" "$reproof" sign --key k --format signify,minisign --checksums release/SHA256SUMS release/one release/two
    check "signify -C checks that list" sh -c "cd release && '$signify' -C -p ../pub.signify -x SHA256.sig"
    check "sha256sum checks the other" sh -c "cd release && sha256sum --quiet -c SHA256SUMS"
    check "each file holds by the list" "$reproof" verify release/one release/two --trust k.pub
    echo changed >>release/two
    check_exit 1 "a file that the list contradicts is refuted" "$reproof" verify release/one release/two --trust k.pub
    rm release/SHA256SUMS* && cp forged release/two
    check "signify's list alone is enough" "$reproof" verify release/two --trust k.pub
    (cd release && sha256sum --tag one two >SHA256 && "$signify" -S -e -s ../sig.sec -m SHA256 -x SHA256.sig)
    check "theirs, signed by signify -S -e" "$reproof" verify release/one release/two --trust sig.pub
    "$reproof" sign --key k --format signify F >/dev/null
else
    skip "signify" "signify-openbsd is not installed"
fi

if has openssl; then
    pkeyutl() {
        openssl pkeyutl -rawin "$@"
    }
    check "openssl verifies ours" pkeyutl -verify -pubin -inkey pub.pem -in F -sigfile F.sig
    check_fails "openssl refuses the forged" pkeyutl -verify -pubin -inkey pub.pem -in forged -sigfile F.sig
    openssl pkeyutl -sign -rawin -inkey k -in F -out F.theirs
    check "the 64 bytes are the same" cmp F.sig F.theirs
    openssl genpkey -algorithm ed25519 -out o.key
    chmod 600 o.key
    openssl pkey -in o.key -pubout -out o.pub
    openssl pkeyutl -sign -rawin -inkey o.key -in F -out F.theirs
    check "theirs, with their key" "$reproof" verify F --trust o.pub --signature F.theirs
    check_exit 1 "theirs refutes the forged" "$reproof" verify forgery/F --trust o.pub --signature F.theirs
    for how in '-scrypt' '-v2 aes-256-cbc' '-v2 aes-128-cbc -iter 5000'; do
        # A list of options.
        # shellcheck disable=SC2086
        openssl pkcs8 -topk8 $how -in o.key -out o.sealed -passout pass:secret
        chmod 600 o.sealed
        check "their encrypted key opens (pkcs8 $how)" "$reproof" sign F --key o.sealed --format raw --passphrase-fd 3 3<<END
secret
END
        check "and signs as they do" cmp F.sig F.theirs
    done
    check_exit 2 "a wrong passphrase is told" "$reproof" sign F --key o.sealed --format raw --passphrase-fd 3 3<<END
secreT
END
    "$reproof" key convert k -o k.sealed.pem --passphrase-fd 3 3<<END
secret
END
    check "openssl opens our encrypted key" openssl pkeyutl -sign -rawin -inkey k.sealed.pem -passin pass:secret -in F -out F.theirs
    "$reproof" sign F --key k --format raw >/dev/null
    check "and signs as we do" cmp F.sig F.theirs
    openssl genpkey -algorithm ed448 -out e448.key && chmod 600 e448.key
    check_exit 2 "an Ed448 key is refused by name" "$reproof" sign F --key e448.key
    grep -q Ed448 out || not_ok "Ed448 is not named"
else
    skip "openssl" "openssl is not installed"
fi

if has ssh-keygen; then
    check "ssh-keygen verifies ours" sh -c "ssh-keygen -Y verify -f allowed -I alice -n file -s F.sshsig <F"
    check "ssh-keygen finds the principal" ssh-keygen -Y find-principals -f allowed -s F.sshsig
    check "ssh-keygen takes it without a list" sh -c "ssh-keygen -Y check-novalidate -n file -s F.sshsig <F"
    check_fails "ssh-keygen refuses the forged" sh -c "ssh-keygen -Y verify -f allowed -I alice -n file -s F.sshsig <forged"
    "$reproof" key convert k --format ssh --no-passphrase -o k.ssh
    check "ssh-keygen reads our secret key" sh -c 'ssh-keygen -y -f k.ssh | cut -d" " -f1,2 >derived; cut -d" " -f1,2 pub.ssh | cmp - derived'
    ssh-keygen -q -t ed25519 -N '' -C bob@example.org -f id
    cp F S
    ssh-keygen -q -Y sign -f id -n file S
    check "theirs, with their key, as S.sig" "$reproof" verify S --trust id.pub
    check "their key file signs here" "$reproof" sign S --key id --format ssh
    printf 'bob@example.org %s\n' "$(cut -d' ' -f1,2 id.pub)" >bobs
    check "and ssh-keygen verifies that" sh -c "ssh-keygen -Y verify -f bobs -I bob@example.org -n file -s S.sshsig <S"
    mv S.sig S.theirs
    ssh-keygen -q -Y sign -f id -n git S && mv S.sig S.git
    mv S.theirs S.sig
    check_exit 1 "another namespace is refused" "$reproof" verify S --trust id.pub --signature S.git
    check_exit 3 "a key that is not trusted does not count" "$reproof" verify S --trust k.pub --signature S.sshsig
    printf 'bob valid-before="20200101Z" %s\n' "$(cut -d' ' -f1,2 id.pub)" >expired
    check_exit 3 "an expired key does not count" "$reproof" verify S --trust expired --signature S.sshsig
    check_exit 3 "a revoked key does not count" "$reproof" verify S --trust id.pub --revoked bobs --signature S.sshsig
    ssh-keygen -q -t ed25519 -N secret -f sealed
    check_exit 2 "an encrypted OpenSSH key is refused with the way out" "$reproof" sign S --key sealed --format ssh
    grep -q ssh-add out || not_ok "the way out is not told"
    for kind in rsa ecdsa; do
        ssh-keygen -q -t "$kind" -N '' -f "id.$kind"
        check_exit 2 "an $kind key is refused" "$reproof" sign S --key "id.$kind" --format ssh
        cp S "T.$kind"
        ssh-keygen -q -Y sign -f "id.$kind" -n file "T.$kind"
        check_exit 2 "an $kind signature is refused" "$reproof" verify S --trust id.pub --signature "T.$kind.sig"
    done
    check "two of two keys meet a threshold" sh -c "'$reproof' sign S --key k --format minisign &&
        '$reproof' verify S --threshold 2 --trust k.pub --trust id.pub"
    check_exit 3 "one key under two names counts once" "$reproof" verify F --threshold 2 --trust allowed --trust bobs
else
    skip "ssh-keygen" "openssh-client is not installed"
fi

if has ssh-agent && has ssh-add; then
    eval "$(ssh-agent -s)" >/dev/null
    trap 'kill "$SSH_AGENT_PID"; rm -rf "$scratch"' EXIT
    ssh-add -q k.ssh
    cp F A
    head -c 100000 F >small
    check "the agent signs digests of any file" "$reproof" sign A --key pub.ssh --format ssh,minisign
    check "and that holds" "$reproof" verify A --trust k.pub
    check "the agent signs small files bare" "$reproof" sign small --key pub.pem --format raw,signify,sigstore
    check "and that holds" "$reproof" verify small --trust k.pub
    check_exit 2 "it cannot sign large ones bare" "$reproof" sign A --key pub.ssh --format raw
    check_exit 2 "a key that it does not hold is told" "$reproof" sign A --key id.pub --format ssh
else
    skip "ssh-agent" "openssh-client is not installed"
fi

if built cosign github.com/sigstore/cosign/v3@v3.1.3 cmd/cosign; then
    verify_blob() {
        "$built_path" verify-blob --insecure-ignore-tlog=true "$@"
    }
    "$reproof" sign F --key k --format raw,sigstore >/dev/null
    check "cosign verifies our bundle" verify_blob --key pub.pem --bundle F.sigstore.json F
    check_fails "cosign refuses the forged" verify_blob --key pub.pem --bundle F.sigstore.json forged
    check "cosign verifies our raw signature" verify_blob --key pub.pem --signature F.sig F
    COSIGN_PASSWORD=secret "$built_path" import-key-pair --key k --output-key-prefix imported >out 2>&1 || note_file out
    chmod 600 imported.key
    sign_blob() {
        COSIGN_PASSWORD=secret "$built_path" sign-blob --yes --tlog-upload=false --use-signing-config=false \
            --new-bundle-format=false "$@"
    }
    check "cosign signs with our key" sign_blob --key imported.key --output-signature F.theirs F
    check "the same 64 bytes, in base64" sh -c "base64 -w0 F.sig | cmp - F.theirs"
    check "and we verify that" "$reproof" verify F --trust k.pub --signature F.theirs
    check "we read cosign's encrypted key" sh -c "echo secret | '$reproof' sign F --key imported.key --format raw --passphrase-fd 0"
    echo secret | "$reproof" key convert k --format cosign -o ours.key --passphrase-fd 0
    check "cosign reads ours" sign_blob --key ours.key --output-signature F.theirs F
    check "and signs the same" sh -c "base64 -w0 F.sig | cmp - F.theirs"
    COSIGN_PASSWORD=secret "$built_path" sign-blob --yes --tlog-upload=false --use-signing-config=false --key imported.key \
        --bundle F.theirs F >out 2>&1 || note_file out
    check "we verify cosign's own bundle" "$reproof" verify F --trust k.pub --signature F.theirs
else
    skip "cosign" "$missing"
fi

cd / && tap_end
