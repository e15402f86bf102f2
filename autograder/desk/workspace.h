// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A folder to work in: a stage's skeleton under version control, ready for an editor.
 */
#pragma once

#include <filesystem>
#include <string>

#include "judge/manifest.h"

namespace klass::desk {

/** What became of the version control of a new workspace. */
enum class VersionControl {
    made,    ///< a repository with a first commit
    around,  ///< the folder lies in somebody's work tree already
    no_git,  ///< git is not installed
    failed   ///< git did not do it; the folder is there all the same
};

/**
 * Makes a stage's workspace: its skeleton, README.md and stage.toml, a .gitignore, .clangd where
 * there is C to edit, and a git repository.
 * @param folder  is made; must not exist, or be empty
 * @throws UsageError when it is there and not empty
 */
VersionControl make_workspace(const std::filesystem::path &course, const judge::Manifest &manifest,
                              const std::filesystem::path &folder);

}  // namespace klass::desk
