// SPDX-License-Identifier: Apache-2.0
#include "gradebook/take_in.h"

#include <fmt/format.h>

#include <algorithm>

#include "gradebook/records.h"
#include "intake/archive.h"
#include "kernel/submission.h"
#include "util/error.h"

namespace klass::gradebook {

namespace {

bool is_known(Database &database, const std::string &submission) {
    return database.read([&](SQLite::Database &db) {
        SQLite::Statement query(db, "SELECT 1 FROM submission WHERE sha256 = ?");
        query.bind(1, submission);
        return query.executeStep();
    });
}

/** The folder is a temporary one, or nobody's business: people know the origin. */
std::string in_words_of(const intake::HandIn &hand_in, std::string text) {
    const std::string folder = hand_in.folder.string();
    for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder, at + 1)) {
        const std::size_t slash =
            at + folder.size() < text.size() && text[at + folder.size()] == '/';
        text.replace(at, folder.size() + slash, slash != 0 ? "" : "it");
    }
    return text;
}

bool put(Database &database, const std::string &stage, const intake::HandIn &hand_in) {
    HandInRecord record{.student = hand_in.student,
                        .origin = hand_in.origin,
                        .handed_in_at = hand_in.time.time_since_epoch().count(),
                        .finding = hand_in.finding};
    std::string source;
    if (record.finding.empty()) {
        try {
            const auto submission = kernel::Submission::from_folder(hand_in.folder);
            if (!is_known(database, submission.sha256))
                source = intake::pack(submission);
            record.submission = submission.sha256;
        } catch (const UsageError &error) {
            record.finding = in_words_of(hand_in, error.what());
        }
    }
    return put_hand_in(database, stage, record, source);
}

}  // namespace

TakenIn take_in(Database &database, const std::string &stage,
                const std::vector<std::filesystem::path> &inputs, const intake::Search &search,
                Progress &progress) {
    TakenIn taken;
    progress.begin("Taking in what was handed in", 0);
    for (const auto &input : inputs)
        intake::for_each_hand_in(input, search, [&](const intake::HandIn &hand_in) {
            taken.fresh += put(database, stage, hand_in) ? 1 : 0;
            progress.update(++taken.seen, hand_in.student);
            if (!hand_in.on_roster)
                taken.strangers.push_back(hand_in.student);
        });
    progress.end();
    std::sort(taken.strangers.begin(), taken.strangers.end());
    taken.strangers.erase(std::unique(taken.strangers.begin(), taken.strangers.end()),
                          taken.strangers.end());
    return taken;
}

}  // namespace klass::gradebook
