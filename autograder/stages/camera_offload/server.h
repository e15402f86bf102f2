// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What the host does as a pose server: it answers, wrongly too, and goes away.
 */
#pragma once

#include <array>
#include <string>
#include <vector>

#include "judge/pose_host.h"
#include "judge/trial.h"

namespace klass::stages::camera {

/** As a line of the client says it. */
std::string text_of(const pose::Keypoint &joint);

/** The server answers a frame; what it says is shown, by the device or the program. */
template <class Shower>
void expect_shown(Shower &shower, judge::PoseHost &host, judge::PoseConnection &connection,
                  const pose::Frame &frame) {
    const pose::Keypoints keypoints = host.random_keypoints();
    connection.answer(frame, keypoints);
    shower.expect_result(frame, keypoints);
}

/** Frames with numbers that go once round, each newer than the one before: they wrap. */
std::array<pose::Frame, 2> once_round(const pose::Frame &frame);

/** In how many ways a server goes away. */
enum class ServerEnd { close, reset, half_an_answer, half_a_frame };

inline constexpr std::array all_ends{ServerEnd::close, ServerEnd::reset, ServerEnd::half_an_answer,
                                     ServerEnd::half_a_frame};

/** @param frame  the last that came */
void end_connection(judge::Trial &t, judge::PoseConnection &connection, ServerEnd end,
                    const pose::Frame &frame);

/** An answer that a client must not believe. */
struct WrongAnswer {
    std::string what;  ///< for the reader: which number is wrong
    Bytes bytes;
};

/**
 * Answers with one number in the header that cannot be, next to what can or far from it. All else
 * in them is right: who does not look at this number finds nothing wrong.
 */
std::vector<WrongAnswer> wrong_answers(judge::Trial &t);

/** The guest gets it, and closes the connection soon. */
void send_wrong(judge::Trial &t, judge::PoseConnection &connection, const WrongAnswer &wrong);

/** An answer as a later version may send it, with a longer header, and in pieces. */
void send_in_pieces(judge::Trial &t, judge::PoseConnection &connection, const pose::Frame &frame,
                    const pose::Keypoints &keypoints);

}  // namespace klass::stages::camera
