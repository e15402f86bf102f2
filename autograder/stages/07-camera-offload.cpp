// SPDX-License-Identifier: Apache-2.0
// Stage 07: the camera offload. What it must do: exercises/07-camera-offload/README.md.
#include "stages/all_stages.h"
#include "stages/camera_offload/checks.h"

namespace klass::stages {

using namespace camera;

judge::Stage camera_offload() {
    judge::Stage stage("07-camera-offload");
    stage.check("client-sends", client_sends)
        .check("client-negotiates", client_negotiates)
        .check("client-shows", client_shows)
        .check("client-late", client_drops_late)
        .check("client-pieces", client_takes_pieces)
        .check("client-waits", client_waits_for_server)
        .check("client-survives", client_survives_server)
        .check("client-hostile", client_refuses_answers)
        .check("client-blocked", client_waits_for_room)
        .check("client-counts", client_counts)
        .check("client-camera", client_without_camera)
        .check("client-keeps-up", client_keeps_up)
        .check("sends-frames", sends_frames)
        .check("brings-results", brings_results)
        .check("newest", keeps_the_newest)
        .check("one-frame", one_frame)
        .check("polls", polls)
        .check("in-pieces", in_pieces)
        .check("keeps-up", offload_keeps_up)
        .check("refuses", refuses)
        .check("stops", stops)
        .check("killed", killed_client)
        .check("server-gone", server_gone)
        .check("hostile-answers", hostile_answers)
        .check("slow-server", slow_server)
        .check("camera-gone", camera_gone)
        .check("camera-stopped", takes_buffers_away)
        .check("client-offloads", client_offloads)
        .check("failed-init", failed_init)
        .check("cost", cost);
    return stage;
}

}  // namespace klass::stages
