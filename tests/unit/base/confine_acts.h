/* What a confined process may try to do: acts for the tests of confine.h. */
#pragma once

/* What the children look at: made before they are confined. */
struct surroundings {
    char path[64]; /* of a directory of the test's own */
    int dir, file, pipe[2];
};

/* An act answers 0 or an errno; it runs in a child of the test. */
typedef int act_function(const struct surroundings *here);

act_function read_open_file, use_memory, write_pipe, open_root, open_beneath, make_socket,
    make_unix_socket, make_netlink, make_packet_socket, make_pair, run_program, fork_child,
    signal_parent, signal_thread_of_parent, abort_itself, map_executable, trace_parent,
    new_thread_call, new_mount_call, make_beneath, make_outside, make_link, make_fifo,
    write_beneath, open_own_directory, bind_port, start_thread, new_user_namespace,
    clone_user_namespace, join_namespace, mount_something, use_bpf, use_io_uring, use_keys,
    type_into_terminal, type_with_high_bits, linux_console, make_set_user_id, change_mode,
    run_and_wait;
#ifdef __x86_64__
act_function foreign_call, call_of_32_bits;
#endif
