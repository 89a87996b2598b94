# SPDX-License-Identifier: Apache-2.0
"""A release of many pairs, and the shard that judged them, made of one pair that was judged.

    python3 tests/bench/many_pairs.py REPROOF TREE SHARD NAME COUNT FOLDER

TREE: a working copy with its manifest; SHARD: what `gate --shard 0/1` left of it; NAME: a pair of it. FOLDER gets a copy of the
tree in which that artifact lies COUNT times, each a pair, and beside it (FOLDER.shard) the records that judging each would leave.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys

reproof, tree, shard, name, count, folder = sys.argv[1:]
shutil.copytree(tree, folder, ignore=shutil.ignore_patterns("dist", "reproof.pairs"))
os.makedirs(folder + "/reproof.pairs")
os.makedirs(folder + "/dist")
os.makedirs(folder + ".shard")
pair = json.load(open("%s/reproof.pairs/%s.json" % (tree, name)))
names = ["%s-%05d" % (name, number) for number in range(int(count))]
for one in names:
    json.dump(dict(pair, artifact=one, program=one), open("%s/reproof.pairs/%s.json" % (folder, one), "w"))
# Without artifacts a gate says nothing but which manifest it is.
told = subprocess.run([reproof, "gate", "--json", "--quiet", "--store", folder + ".none", "--state", folder + ".none"], cwd=folder,
                      stdout=subprocess.PIPE, check=False).stdout
manifest = json.loads(told)["release"]["manifest"]
shutil.rmtree(folder + ".none", ignore_errors=True)
record = open("%s/%s.json" % (shard, name)).read()
document = json.loads(record)
files = {}


def put(file, text):
    files[file] = hashlib.sha256(text.encode()).hexdigest()
    with open("%s.shard/%s" % (folder, file), "w") as out:
        out.write(text)


sbom = open("%s/%s.0.spdx.json" % (shard, name)).read()
for one in names:
    shutil.copyfile("%s/dist/%s" % (tree, pair["artifact"]), "%s/dist/%s" % (folder, one))
    put(one + ".json", record.replace(document["manifest"], manifest).replace(json.dumps(name), json.dumps(one))
        .replace(json.dumps(pair["artifact"]), json.dumps(one)))
    put(one + ".0.spdx.json", sbom)
json.dump({"schema": "reproof/shard/v1", "index": 0, "count": 1, "manifest": manifest, "files": files},
          open(folder + ".shard/shard.json", "w"))
