// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The checks of stage 07; what each is about, exercises/07-camera-offload/stage.toml says.
 */
#pragma once

#include "judge/trial.h"

namespace klass::stages::camera {

void client_sends(judge::Trial &t);
void client_negotiates(judge::Trial &t);
void client_shows(judge::Trial &t);
void client_drops_late(judge::Trial &t);
void client_takes_pieces(judge::Trial &t);
void client_waits_for_server(judge::Trial &t);
void client_survives_server(judge::Trial &t);
void client_refuses_answers(judge::Trial &t);
void client_waits_for_room(judge::Trial &t);
void client_counts(judge::Trial &t);
void client_without_camera(judge::Trial &t);
void client_keeps_up(judge::Trial &t);

void sends_frames(judge::Trial &t);
void brings_results(judge::Trial &t);
void keeps_the_newest(judge::Trial &t);
void one_frame(judge::Trial &t);
void polls(judge::Trial &t);
void in_pieces(judge::Trial &t);
void offload_keeps_up(judge::Trial &t);
void refuses(judge::Trial &t);
void stops(judge::Trial &t);
void killed_client(judge::Trial &t);
void server_gone(judge::Trial &t);
void hostile_answers(judge::Trial &t);
void slow_server(judge::Trial &t);
void camera_gone(judge::Trial &t);
void takes_buffers_away(judge::Trial &t);
void client_offloads(judge::Trial &t);
void failed_init(judge::Trial &t);

void cost(judge::Trial &t);

}  // namespace klass::stages::camera
