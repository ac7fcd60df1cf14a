// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/chat_paths.h"

#include <catch2/catch_test_macros.hpp>

namespace {

using namespace cercle::cli::chat;

const Desk desk{"/srv/office", "/home/alice", [](const std::filesystem::path& path) {
                    return path == "/home/alice/plans" || path == "/home/alice/plans/";
                }};

}  // namespace

TEST_CASE("a path is taken as people type it and as terminals drop it") {
    CHECK(typed_path("plan.pdf", desk) == "/srv/office/plan.pdf");
    CHECK(typed_path("  compte rendu.pdf ", desk) == "/srv/office/compte rendu.pdf");
    CHECK(typed_path("'/tmp/compte rendu.pdf'", desk) == "/tmp/compte rendu.pdf");
    CHECK(typed_path("\"/tmp/l’été.pdf\" ", desk) == "/tmp/l’été.pdf");
    CHECK(typed_path("/tmp/compte\\ rendu.pdf", desk) == "/tmp/compte rendu.pdf");
    CHECK(typed_path("~/plan.pdf", desk) == "/home/alice/plan.pdf");
    CHECK(typed_path("~", desk) == "/home/alice/");
    CHECK(typed_path("../plan.pdf", desk) == "/srv/plan.pdf");
    CHECK(typed_path("   ", desk).empty());
    CHECK(typed_path("'", desk) == "/srv/office/'");
}

TEST_CASE("a file is saved under its own name where one is, or in the directory that was typed") {
    CHECK(path_to_save("", "plan.pdf", 1, desk) == "/srv/office/plan.pdf");
    CHECK(path_to_save("~/plans", "plan.pdf", 1, desk) == "/home/alice/plans/plan.pdf");
    CHECK(path_to_save("~/plans", "plan.pdf", 2, desk) == "/home/alice/plans/plan (2).pdf");
    CHECK(path_to_save("", "notes", 3, desk) == "/srv/office/notes (3)");
    CHECK(path_to_save("other.pdf", "plan.pdf", 2, desk) == "/srv/office/other.pdf");
    CHECK_FALSE(keeps_name("other.pdf", desk));
}

TEST_CASE("attack: no file is hidden by its author's name for it") {
    CHECK(path_to_save("", ".bashrc", 1, desk) == "/srv/office/file.bashrc");
    CHECK(path_to_save("", ".bashrc", 2, desk) == "/srv/office/file (2).bashrc");
}

TEST_CASE("a path is shown from the home, and does nothing to a terminal") {
    CHECK(shown_path("/home/alice/plan.pdf", desk) == "~/plan.pdf");
    CHECK(shown_path("/srv/office/plan.pdf", desk) == "/srv/office/plan.pdf");
    CHECK(shown_path("/tmp/a\x1b[2J", desk) == "/tmp/a\ufffd[2J");
}
