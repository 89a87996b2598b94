#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A release gated by a job array of a real Slurm: one node, started here, gone afterwards. Wants slurm-wlm and munge, and root.
set -eu
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/lib/online.sh
. tests/lib/gate.sh
has_box || absent_all "$no_box"

PATH=$PATH:/usr/sbin
for program in slurmctld slurmd munged sbatch; do
    if ! command -v "$program" >/dev/null; then
        skip "Slurm job array" "$program is not installed (Debian: slurm-wlm, munge)"
        tap_end
        exit
    fi
done
if [ "$(id -u)" != 0 ]; then
    skip "Slurm job array" "Slurm's daemons want root"
    tap_end
    exit
fi
tree=$scratch/tree
need_release "Slurm job array" "$tree"

# -- the engine --
engine=$scratch/engine
mkdir -p "$engine/spool" "$engine/state"
chmod 755 "$scratch" "$engine"
dd if=/dev/urandom of="$engine/munge.key" bs=128 count=1 2>/dev/null
chmod 400 "$engine/munge.key"
host=$(hostname -s)
cat >"$engine/slurm.conf" <<END
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
AuthInfo=socket=$engine/munge.socket
CryptoType=crypto/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$engine/state
SlurmdSpoolDir=$engine/spool
SlurmctldPidFile=$engine/slurmctld.pid
SlurmdPidFile=$engine/slurmd.pid
SlurmctldLogFile=$engine/slurmctld.log
SlurmdLogFile=$engine/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
MpiDefault=none
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF="$engine/slurm.conf"
munged --force --foreground --key-file="$engine/munge.key" --socket="$engine/munge.socket" --pid-file="$engine/munge.pid" \
    --log-file="$engine/munge.log" --seed-file="$engine/munge.seed" >"$engine/munged.out" 2>&1 &
munge=$!
sleep 1
slurmctld -D >"$engine/slurmctld.out" 2>&1 &
controller=$!
slurmd -D -N "$host" >"$engine/slurmd.out" 2>&1 &
node=$!
stop() {
    kill $node $controller $munge 2>/dev/null || :
    wait 2>/dev/null || :
    chmod -R u+w "$scratch" 2>/dev/null || :
    rm -rf "$scratch"
}
trap stop EXIT
tries=0
until sinfo -h -o %T 2>/dev/null | grep -q '^idle'; do
    tries=$((tries + 1))
    if [ $tries -gt 60 ]; then
        skip "Slurm job array" "the node does not come up: $(tail -n 1 "$engine/slurmctld.log")"
        tap_end
        exit
    fi
    sleep 1
done

# -- the array; it counts from 1, shards from 0 --
cat >"$scratch/job.sh" <<END
#!/bin/sh
cd "$tree" && exec "$reproof" gate --store "$store" --state "$scratch/state-\$SLURM_ARRAY_TASK_ID" --shard auto \\
    --out "$scratch/shard-\$SLURM_ARRAY_TASK_ID"
END
if timeout 300 sbatch --wait --array=1-3 --output="$scratch/job-%a.log" "$scratch/job.sh" >"$scratch/out" 2>&1; then
    ok "an array of three jobs"
else
    not_ok "an array of three jobs"
    note_file "$scratch/out"
    cat "$scratch"/job-*.log | sed 's/^/#   /'
fi
gated 0 "merged: yes" "$tree" --merge --out "$scratch/merged" --key "$scratch/key" "$scratch/shard-2" "$scratch/shard-3" \
    "$scratch/shard-1"
gated 0 "on one machine: yes" "$tree" --out "$scratch/single" --key "$scratch/key"
holds "the merged summary is that of one machine" cmp "$scratch/single/summary.json" "$scratch/merged/summary.json"
diff "$scratch/single/summary.json" "$scratch/merged/summary.json" | sed 's/^/#   /'

# -- a lost shard is run again alone --
rm -r "$scratch/shard-2"
gated 3 "a lost shard: undecided" "$tree" --merge "$scratch/shard-1" "$scratch/shard-3"
gated 0 "run again by its number" "$tree" --shard 1/3 --out "$scratch/shard-2"
gated 0 "merged again: yes" "$tree" --merge --out "$scratch/again" --key "$scratch/key" "$scratch/shard-1" "$scratch/shard-2" \
    "$scratch/shard-3"
holds "the same summary" cmp "$scratch/again/summary.json" "$scratch/merged/summary.json"
tap_end
