/* Every maximum that reproof puts on what others can make grow, with its reason. */
#pragma once

#define KIB 1024ULL
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

/* Build information: Go itself writes a few hundred KiB at the very most; go version reads any. */
#define LIMIT_BUILDINFO_BYTES (64 * MIB)
/* A million dependency lines must still be read in linear time (no real program has 10,000). */
#define LIMIT_DEPENDENCIES 1000000
/* Lines of build settings; Go writes some thirty. */
#define LIMIT_SETTINGS 100000
/* Section, segment and load command tables: 65,535 is what the formats count with 16 bits. */
#define LIMIT_SECTIONS 65535
/* All load commands of a Mach-O image together: some KiB in any program that a linker wrote. */
#define LIMIT_LOAD_COMMANDS (8 * MIB)
/* All section names of an image together: some KiB in any program that a linker wrote. */
#define LIMIT_SECTION_NAMES (8 * MIB)
/* Shared libraries that one image names, and the length of such a name (PATH_MAX). */
#define LIMIT_LIBRARIES 1024
#define LIMIT_LIBRARY_NAME 4096
/* Slices of a fat Mach-O: there are not that many kinds of CPU. */
#define LIMIT_FAT_SLICES 64
/* One table read out of an image as a whole (pclntab names, symbol strings). */
#define LIMIT_IMAGE_TABLE (256 * MIB)

/* Notes looked at in one segment, in search of the Go build ID, and the length of that. Go itself
 * writes one note of 83 bytes; -buildid= takes any text. */
#define LIMIT_BUILD_ID_NOTES 1024
#define LIMIT_BUILD_ID (64 * KIB)
/* Functions of one program: the largest known have some 500,000. */
#define LIMIT_FUNCTIONS (16 * 1024 * 1024)
/* Source file names in pclntab, and the length of one name there (of functions: generic ones
 * repeat the types that they are made of). */
#define LIMIT_SOURCE_FILES (4 * 1024 * 1024)
#define LIMIT_SOURCE_NAME 4096
#define LIMIT_FUNCTION_NAME 16384
/* Texts in .comment: one for each compiler that had a part in the file. */
#define LIMIT_COMPILERS 64

/* Files that a program embeds, and how many parts of the image they are in (wasm leaves out zeros):
 * module zips, where they come from, have not as many. The compiler takes files of less than 2 GB.
 * The same content may be in several tables; so much may be hashed besides four times the image. */
#define LIMIT_EMBEDDED_FILES 400000
#define LIMIT_EMBEDDED_PIECES 1000000
#define LIMIT_EMBEDDED_FILE (2000 * 1000 * 1000ULL)
#define LIMIT_EMBEDDED_FREE (64 * MIB)
/* The list of them, at some 150 bytes a file; and all that is put into one source. */
#define LIMIT_EMBEDDED_RECORD (160 * MIB)
#define LIMIT_EMBEDDED_TOTAL (4 * GIB)

/* What the parser process may answer about one file: build information at its limit, once more. */
#define LIMIT_INSPECT_RECORD (160 * MIB)
/* Its address space: such build information, taken apart, in its text and in the answer. */
#define LIMIT_INSPECT_MEMORY (1 * GIB)
/* The time it may take: this long, and so many bytes of file a second on a slow disk. */
#define LIMIT_INSPECT_SECONDS 20
#define LIMIT_INSPECT_RATE (16 * MIB)

/* A diff: parts of a file (programs have some thirty sections), functions compared one by one (the
 * largest programs known have 500,000; 40 bytes each), items that a list of the report keeps,
 * ranges of one part, and strings. */
#define LIMIT_DIFF_PARTS 1024
#define LIMIT_DIFF_FUNCTIONS (1024 * 1024)
#define LIMIT_DIFF_ITEMS 2000
#define LIMIT_DIFF_RANGES 64
#define LIMIT_DIFF_STRINGS 400
/* One text of a report, and the longest function whose addresses are looked at. */
#define LIMIT_DIFF_TEXT 4096
#define LIMIT_DIFF_CODE (1 * MIB)
/* The whole answer of the process that compares: its lists at their limits. */
#define LIMIT_DIFF_RECORD (64 * MIB)
/* Two files that are together no longer than this are read once, into memory. */
#define LIMIT_DIFF_HELD (32 * MIB)
/* So many slices, each as long, at a slow disk's speed. */
#define LIMIT_DIFF_SECONDS 60

/* Packages of the standard library: Go 1.27 has some 360. */
#define LIMIT_STANDARD_PACKAGES 2000
/* Kept compiled ones in a store, in bytes (one has 20 to 100 MB) and in seconds since last used. */
#define LIMIT_STANDARD_BYTES (4 * GIB)
#define LIMIT_STANDARD_AGE (30 * 86400)

/* JSON documents, as cJSON recurses. */
#define LIMIT_JSON_BYTES (64 * MIB)
#define LIMIT_JSON_DEPTH 64

/* One SBOM document: a million modules of a kilobyte each. */
#define LIMIT_SBOM_BYTES (1 * GIB)

/* Module zips: Go's own caps (golang.org/x/mod/zip). */
#define LIMIT_ZIP_BYTES (500 * MIB)
#define LIMIT_ZIP_UNPACKED (500 * MIB)
#define LIMIT_ZIP_GO_MOD (16 * MIB)
#define LIMIT_ZIP_ENTRIES 200000
/* The central directory is held in memory: 200,000 entries of 335 bytes each. */
#define LIMIT_ZIP_DIRECTORY (64 * MIB)
/* What Linux takes: PATH_MAX without its NUL, NAME_MAX. */
#define LIMIT_FILE_PATH 4095
#define LIMIT_FILE_NAME 255
/* go.mod files, .info, version lists, signed notes, tiles. */
#define LIMIT_SMALL_DOWNLOAD (16 * MIB)
#define LIMIT_NOTE_BYTES 1000000
#define LIMIT_NOTE_SIGNATURES 100

/* Transfers. HTTP/2 servers commonly take 100 streams of one connection; 48 pipes are still few
 * descriptors. A small get that takes a minute, or a line that is next to silent for half of one,
 * is as good as dead; 500 MiB at 1 Mbit/s take 70 minutes. */
#define LIMIT_FETCH_PARALLEL 48
#define LIMIT_FETCH_TRIES 3
#define LIMIT_FETCH_CONNECT_MS 20000
#define LIMIT_FETCH_STALL_MS 30000
#define LIMIT_FETCH_SMALL_MS 60000
#define LIMIT_FETCH_LARGE_MS 4500000
/* Go's env file, and what `go env` prints: some lines. */
#define LIMIT_ENV_FILE_BYTES (1 * MIB)
/* Entries of a GOPROXY list: people have two or three. */
#define LIMIT_PROXIES 64

/* Packages as targets (wheel, npm tgz). */
#define LIMIT_PACKAGE_BYTES (4 * GIB)
#define LIMIT_PACKAGE_UNPACKED (8 * GIB)
#define LIMIT_PACKAGE_ENTRIES 70000
/* What stands before the archive of an RPM package: a list of its files, 200 bytes each. */
#define LIMIT_PACKAGE_HEADERS (32 * MIB)
/* Unpacked bytes for each packed one, beyond some that are free: deflate reaches 1,032 and other
 * compressions far more, with zeros; releases that pack one program many times reach 30. */
#define LIMIT_PACKAGE_RATIO 200
#define LIMIT_PACKAGE_RATIO_FREE (64 * MIB)
/* Archives within archives: an image file holds layers, a layer packages, and those (deb) tars. */
#define LIMIT_TARGET_NESTING 5
/* Archives in one target, each unpacked by a process of its own (5 ms). */
#define LIMIT_TARGET_ARCHIVES 4000
/* Smaller archives in a directory are not looked into by inspect: the smallest program that Go's
 * own linker makes has 1.2 MB, of which xz leaves 450 KB. */
#define LIMIT_INSPECT_ARCHIVE_LEAST (64 * KIB)
/* What a reader of archives hands over at once; libarchive's largest is 1 MiB (cpio). */
#define LIMIT_INSPECT_PIECE (16 * MIB)
/* Artifacts that GoReleaser lists: a release of hundreds of platforms has some thousand. */
#define LIMIT_TARGET_ARTIFACTS 100000
/* Files of a target that are refused, or noted, by name: nobody reads more. */
#define LIMIT_TARGET_REFUSED 1000

/* A release's manifest, and the lists in it. */
#define LIMIT_MANIFEST_BYTES (1 * MIB)
#define LIMIT_MANIFEST_LIST 10000
#define LIMIT_SHARDS 1000

/* Directories as targets: a whole disk is no release. */
#define LIMIT_TARGET_FILES 1000000
#define LIMIT_TARGET_DEPTH 128

/* Text lines of any protocol or log that we scan. */
#define LIMIT_LINE 65536
/* Paths of the file system, as the kernel has it (PATH_MAX). */
#define LIMIT_PATH 4096
/* Module paths and versions as they reach files and argv. */
#define LIMIT_MODULE_PATH 1024

/* The build in the sandbox. */
/* go tells what it hashes there, some 7 KB a package; the largest programs have 3,000. */
#define LIMIT_BUILD_LOG (64 * MIB)
/* Bytes of it in a report: --keep keeps all. */
#define LIMIT_REPORT_LOG (64 * KIB)
#define LIMIT_BUILD_SECONDS 3600
#define LIMIT_BUILD_PROCESSES 512
/* Go's linker and the largest packages stay below; a smaller machine's memory is less anyway. */
#define LIMIT_BUILD_MEMORY (16 * GIB)
/* Build cache and output; a build of the largest Go programs leaves some 4 GiB. */
#define LIMIT_BUILD_DISK (16 * GIB)
/* Files and nesting in the writable directories of a build: Go's cache has some 20,000 and 2. */
#define LIMIT_BUILD_FILES 1000000
#define LIMIT_BUILD_DEPTH 64
/* The tmpfs for work directories; pages count as memory only once they are written. */
#define LIMIT_BUILD_TEMPORARY (8 * GIB)
/* The largest Go programs have half a GiB. */
#define LIMIT_BUILD_OUTPUT (4 * GIB)
/* What bubblewrap takes as arguments (9,000) less those of our own, three for each mount. */
#define LIMIT_BOX_MOUNTS 2500

/* Keys and signatures. Key files have some hundred bytes, with four digits of RSA some KiB. */
#define LIMIT_KEY_FILE (64 * KIB)
/* Keys that one run trusts: an organisation's allowed signers. */
#define LIMIT_TRUSTED_KEYS 10000
#define LIMIT_TRUST_FILE (16 * MIB)
/* A signature beside a file: some hundred bytes; bundles with log entries and certificates, KiB. */
#define LIMIT_SIGNATURE_FILE (4 * MIB)
/* minisign's own limits for its two comment lines. */
#define LIMIT_MINISIGN_COMMENT 1024
#define LIMIT_MINISIGN_TRUSTED_COMMENT 8192
/* Signed lists of checksums: a release of 100,000 files. */
#define LIMIT_CHECKSUM_LIST (16 * MIB)
#define LIMIT_CHECKSUMS 200000
/* What a key file may ask to derive the key of its passphrase: minisign's default is 1 GiB and some
 * seconds; OpenSSL's PBKDF2 has 2048 rounds, careful people take a million. */
#define LIMIT_KDF_MEMORY (1 * GIB)
#define LIMIT_KDF_OPERATIONS 134217728
#define LIMIT_KDF_ROUNDS 10000000
#define LIMIT_PASSPHRASE 1024
/* Files that pure Ed25519 signs are held in memory: it reads its message twice, and the bytes must
 * be the same. */
#define LIMIT_PURE_MESSAGE (4 * GIB)
/* What ssh-agent takes and gives in one message (OpenSSH: 256 KiB). */
#define LIMIT_AGENT_MESSAGE (256 * KIB)
#define LIMIT_AGENT_KEYS 2048

/* Attestations. Real envelopes have a handful of signatures; checking each against every trusted
 * key has to stay quick. Subjects and digests: sigstore's own caps. */
#define LIMIT_ENVELOPE_SIGNATURES 64
#define LIMIT_STATEMENT_SUBJECTS 1024
#define LIMIT_SUBJECT_DIGESTS 32
/* Envelopes (one a line) in one file, files in one folder of evidence, and bytes of one such file:
 * SPDX documents of the largest programs have some MiB. */
#define LIMIT_EVIDENCE_ENVELOPES 1000
#define LIMIT_EVIDENCE_FILES 1000
#define LIMIT_EVIDENCE_BYTES (64 * MIB)
/* Signatures tried in one run, each with each trusted key: some seconds. */
#define LIMIT_EVIDENCE_CHECKS 100000
/* Votes on one file: a few statements of each rebuilder, compared with one another. */
#define LIMIT_VOTES 10000
/* Subjects in one rebuild's result: the files of a release. */
#define LIMIT_RESULT_SUBJECTS 10000
/* Who may change a trust file: each is tried with each signature, over all of the file. */
#define LIMIT_TRUST_ROOTS 32
/* A policy or trust file. */
#define LIMIT_POLICY_FILE (1 * MIB)
