// SPDX-License-Identifier: Apache-2.0
#include "cli/pose_server_options.h"

namespace klass::cli {

void describe_pose_server(CLI::App &verb, PoseServerOptions &options) {
    verb.add_option("--model", options.model,
                    "ONNX file with MoveNet's input and heads (default: the course's own network, "
                    "which knows the virtual camera's figure)")
        ->option_text("FILE");
    CLI::Option *listen =
        verb.add_option("--listen", options.listen,
                        "Where to listen: address and port as numbers, IPv6 in brackets; port 0 "
                        "takes any (default: 127.0.0.1:7707)")
            ->option_text("ADDRESS:PORT");
    verb.add_option("--unix", options.unix_path, "Listen at this UNIX socket instead")
        ->option_text("PATH")
        ->excludes(listen);
    verb.add_option("--threads", options.threads,
                    "Networks that look at frames at the same time (default: 1)")
        ->option_text("N")
        ->check(CLI::Range(1, 64));
    verb.add_option("--queue", options.queue,
                    "Frames of a client that may wait; beyond, its oldest is dropped (default: 4)")
        ->option_text("N")
        ->check(CLI::Range(1, 1000));
    verb.add_option("--metrics", options.metrics,
                    "Append figures to this file, a line of JSON each time")
        ->option_text("FILE");
    verb.add_option("--show", options.show,
                    "Serve nobody: draw what the network finds in one picture. A frame of the "
                    "virtual camera, by its seed and number, or a PNG")
        ->option_text("SEED:SEQUENCE or FILE.png");
    verb.add_option("--size", options.size,
                    "With --show SEED:SEQUENCE: the frame's size (default: 320x180)")
        ->option_text("WIDTHxHEIGHT");
    verb.add_option("--output", options.output,
                    "With --show: the picture to write (default: pose.png)")
        ->option_text("FILE.png");
    verb.footer(
        "A client sends frames and reads key points, as\n"
        "kmod/include/uapi/camera_offload_wire.h says. Several may do so at once. Whoever\n"
        "sends faster than the network looks loses the oldest frames that wait, and the log\n"
        "says so. Whoever sends nonsense or does not read is closed; the others go on.\n\n"
        "Signals: SIGUSR1 shows the figures of each client so far: frames, drops, latency;\n"
        "SIGINT and SIGTERM end the server, with the figures of all.\n\n"
        "Examples:\n"
        "  klass pose-server\n"
        "  klass pose-server --model movenet_lightning.onnx --listen 0.0.0.0:7707 --threads 2\n"
        "  klass pose-server --show 7:100 --output pose.png");
}

}  // namespace klass::cli
