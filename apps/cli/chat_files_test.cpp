// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Files in `cercle chat`: sent, saved, and how far they have come.

#include "apps/cli/chat_stage.h"

namespace {

using namespace cercle::cli::chat;
namespace client = cercle::client;
using Kind = Key::Kind;
using Act = client::FileProgress::Act;

const client::Outcome queued{client::Exit::Queued, "unreachable", "kept"};

client::Message file_message(std::uint64_t seq,
                             const std::string& sender,
                             const std::string& name = "plan.pdf") {
    client::Message carrying = message(group, seq, sender, "");
    if (seq == 0) carrying.id = "77";
    carrying.attachment = client::AttachmentShown{name, 5 << 20, "00"};
    return carrying;
}

void write(Stage& stage, const std::string& line) {
    stage.type(line);
    stage.press(Kind::Enter);
}

std::string path_in(const cercle::Bytes& path) {
    return cercle::to_text(path);
}

}  // namespace

TEST_CASE("a file is sent with the text on the lines below, and seen while it is read") {
    Stage stage;
    furnish(stage);
    write(stage, "/file '~/le plan.pdf'\nvoici\nle plan");
    const auto send = stage.must_ask<client::Send>();
    CHECK(send.to == group);
    CHECK(path_in(send.file) == "/home/moi/le plan.pdf");
    CHECK(send.text == "voici\nle plan");
    const auto asked = *stage.asked<client::Send>();
    asked.on_event(client::FileProgress{Act::Reading, 1, 4});
    CHECK(stage.shows("reading le plan.pdf"));
    CHECK(stage.shows("  25 %"));
    stage.type("un mot");  // others may be written meanwhile
    asked.on_done(queued);
    CHECK_FALSE(stage.shows("reading"));
    CHECK(stage.shows("> un mot"));
}

TEST_CASE("a file's progress stands beside it until it is durable, and texts may pass it") {
    Stage stage;
    furnish(stage);
    auto file = file_message(0, self);
    stage.tell(file);
    stage.tell(client::FileProgress{Act::Sending, 43, 100, "77", {}});
    CHECK(stage.shows("plan.pdf  5.0 MiB  sending 43 %"));
    CHECK(stage.lines().back().find("sending 43 %") != std::string::npos);
    stage.tell(message(group, 2, self, "un texte"));
    CHECK(line_with(stage.lines(), "un texte") < line_with(stage.lines(), "plan.pdf"));
    stage.tell(client::FileProgress{Act::Sending, 43, 100, "77", "the relay has no room left"});
    CHECK(stage.shows("the relay has no room left"));
    client::Status away;
    away.member = away.device = self;
    stage.tell(away);
    CHECK(stage.shows("plan.pdf  5.0 MiB  waits for the relay"));
    file.seq = 3;
    file.state = "durable";
    stage.tell(file);
    const auto line = stage.lines()[line_with(stage.lines(), "plan.pdf")];
    CHECK(line.find("waits") == std::string::npos);
    CHECK(line.ends_with("✓"));
}

TEST_CASE("a path that is no file is told of, and comes back as it was typed") {
    Stage stage;
    furnish(stage);
    write(stage, "/file ~/plam.pdf\nvoici");
    stage.answer<client::Send>({client::Exit::Refused, "not-found", "there is no such file"});
    CHECK(stage.shows("there is no such file"));
    CHECK(stage.shows("> /file ~/plam.pdf"));
    CHECK(stage.shows("  voici"));
    stage.look_away();
    stage.press(Kind::EraseLine);
    stage.press(Kind::Backspace);
    stage.press(Kind::EraseLine);
    write(stage, "/file ");
    CHECK(stage.shows("say which file"));
    CHECK(stage.shows("> /file"));
    CHECK(stage.asked<client::Send>() == nullptr);
}

TEST_CASE("what was being read when one leaves is kept as it was typed") {
    Stage stage;
    furnish(stage);
    write(stage, "/file plan.pdf");
    stage.face.leave([] {});
    CHECK(stage.must_ask<client::KeepDraft>().text == "/file plan.pdf");
}

TEST_CASE("the newest file of others is saved here under its own name, past names that are taken") {
    Stage stage;
    furnish(stage);
    stage.tell(file_message(2, alice, "ancien.pdf"));
    stage.tell(file_message(3, bertrand));
    stage.tell(file_message(4, self, "le mien.pdf"));
    CHECK(stage.shows("plan.pdf  5.0 MiB  /save keeps it"));
    write(stage, "/save");
    CHECK(stage.must_ask<client::Fetch>().message == "3");
    CHECK(path_in(stage.must_ask<client::Fetch>().out) == "/srv/office/plan.pdf");
    stage.answer<client::Fetch>({client::Exit::Refused, "already-exists", "taken"});
    CHECK(path_in(stage.must_ask<client::Fetch>().out) == "/srv/office/plan (2).pdf");
    const auto asked = *stage.asked<client::Fetch>();
    asked.on_event(client::FileProgress{Act::Receiving, 12, 100, "3", {}});
    CHECK(stage.shows("plan.pdf  5.0 MiB  receiving 12 %"));
    stage.look_away();
    write(stage, "/save");
    CHECK(stage.asked<client::Fetch>() == nullptr);
    CHECK(stage.shows("received already"));
    asked.on_done({});
    CHECK(stage.shows("plan.pdf  5.0 MiB  saved"));
    CHECK(stage.shows("as /srv/office/plan (2).pdf"));
}

TEST_CASE("a file is chosen, and saved where one says") {
    Stage stage;
    furnish(stage);
    stage.tell(file_message(2, alice, "ancien.pdf"));
    stage.tell(file_message(3, bertrand));
    stage.press(Kind::Up);
    stage.press(Kind::Up);
    CHECK(stage.shows("/save"));
    write(stage, "/save ~/plans");
    CHECK(stage.must_ask<client::Fetch>().message == "2");
    CHECK(path_in(stage.must_ask<client::Fetch>().out) == "/home/moi/plans/ancien.pdf");
    CHECK_FALSE(stage.shows("answering"));
    stage.answer<client::Fetch>(
        {client::Exit::Refused, "file-gone", "the relay keeps it no longer"});
    CHECK(stage.shows("the relay keeps it no longer"));
    CHECK(stage.shows("> /save ~/plans"));
    CHECK(stage.shows("answering Alice: file: ancien.pdf"));
    CHECK_FALSE(stage.shows("receiving"));
}

TEST_CASE("a name that was typed is not changed, and what carries no file is not saved") {
    Stage stage;
    furnish(stage);
    write(stage, "/save");
    CHECK(stage.shows("there is no file to save here"));
    CHECK(stage.asked<client::Fetch>() == nullptr);
    stage.press(Kind::EraseLine);
    stage.tell(file_message(2, alice));
    write(stage, "/save ici.pdf");
    stage.answer<client::Fetch>({client::Exit::Refused, "already-exists", "that name is taken"});
    CHECK(stage.shows("that name is taken"));
    CHECK(stage.shows("> /save ici.pdf"));
    stage.look_away();
    stage.press(Kind::EraseLine);
    stage.press(Kind::Up);
    stage.press(Kind::Up);
    write(stage, "/save");
    CHECK(stage.shows("carries no file"));
    CHECK(stage.asked<client::Fetch>() == nullptr);
}

TEST_CASE("a long name is shown to its end, at any width") {
    Stage stage;
    furnish(stage);
    const std::string name = std::string(90, 'x') + ".exe";
    stage.tell(file_message(2, alice, name));
    for (const int columns : {24, 33, 50}) {
        std::string picture = stage.picture({columns, 24});
        CHECK(picture.find("5.0 MiB") != std::string::npos);
        std::erase_if(picture, [](char letter) { return letter == ' ' || letter == '\n'; });
        CHECK(picture.find(name) != std::string::npos);
    }
}
